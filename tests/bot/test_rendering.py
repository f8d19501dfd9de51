"""Each message has one template, and typed text is shown as text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

import templates
from bot.rendering import (
    AUDIENCES,
    STAND_IN,
    RenderedText,
    Renderer,
    escape_markup,
    ids_with_duplicate_names,
    parse_rendered,
    place_stand_ins,
    renderer_for_language,
    strip_command_sentences,
)
from bot.slack.commands.errors import ParseError
from bot.slack.handlers.billing import INVOICE_MESSAGE
from bot.slack.handlers.event_log import EXPORT_MESSAGE
from collab.errors import Rejected
from collab.events import EVENTS
from collab.model import NOBODY, Address, PersonId, ResourceId
from collab.notifications.messages import (
    DELIVERY_FAILED,
    MEMBERS,
    PROFILE,
    REFRESH,
    REFRESH_OLDER,
    SIGN_IN,
)
from collab.notifications.routing import NOTIFICATION_ROUTES
from tests.support.view_builders import ACME

FOLDER = Path(templates.__file__).parent
BOT = FOLDER.parent / "bot"
OWN_REFUSALS = {"unavailable", "unsure", "not_shown", "broken", "window_failed"}
CARL = dataclasses.replace(
    NOBODY,
    id=PersonId("P1"),
    team="T1",
    user="UCARL",
    title="Carl",
    email="carl@example.com",
)
MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return renderer_for_language("en")


def list_leaf_classes(kind: type[Any]) -> Iterator[type[Any]]:
    below = kind.__subclasses__()
    for each in below:
        yield from list_leaf_classes(each)
    if not below:
        yield kind


def list_templates(folder: str) -> set[str]:
    return {path.stem for path in (FOLDER / folder).glob("*.j2")}


def test_every_rejection_has_a_template_and_every_template_a_rejection() -> None:
    refusals = {
        kind.name
        for root in (Rejected, ParseError)
        for kind in list_leaf_classes(root)
        if kind.__module__ != __name__
    }
    assert list_templates("refusals") == refusals | OWN_REFUSALS


def test_every_notification_has_a_template_and_every_template_a_notification() -> None:
    messages = {
        message for rows in NOTIFICATION_ROUTES.values() for _, message in rows
    } - {PROFILE, MEMBERS, REFRESH, REFRESH_OLDER, SIGN_IN}
    assert list_templates("notices") == messages | {
        DELIVERY_FAILED,
        EXPORT_MESSAGE,
        INVOICE_MESSAGE,
        "invitation_sent",  # a row of a list that only its reader sees
    }


def test_every_template_of_replies_and_modals_is_used() -> None:
    code = "\n".join(
        path.read_text() for path in BOT.rglob("*.py") if "playground" not in path.parts
    )
    for name in (
        list_templates("replies") | list_templates("modals") | list_templates("home")
    ):
        named = name.removesuffix("_preview")
        assert re.search(rf'["/]{named}["\']', code), name


def test_every_shared_macro_is_used() -> None:
    texts = {path: path.read_text() for path in FOLDER.rglob("*.j2")}
    for path, text in texts.items():
        for macro in re.findall(r"macro (\w+)", text):
            assert any(
                re.search(rf"\b{macro}\b", t.replace(f"macro {macro}(", ""))
                for t in texts.values()
            ), macro
        for imported in re.findall(r"import ([\w, ]+) %}", text):
            for name in imported.split(", "):
                assert len(re.findall(rf"\b{name}\b", text)) > 1, (path.name, name)


def test_every_event_has_a_text(renderer: Renderer) -> None:
    shared = (FOLDER / "shared" / "events.j2").read_text()
    assert set(re.findall(r'"([*a-z]+\.[a-z_]+)":', shared)) == set(EVENTS)


def test_no_template_bypasses_escaping() -> None:
    for path in FOLDER.rglob("*.j2"):
        inside = "".join(re.findall(r"{[{%].*?[}%]}", path.read_text()))
        assert not re.search(
            r"~|\|\s*(safe|e|escape|join|format|replace|string)\b", inside
        ), path.name


def test_texts_for_people_are_in_templates_only() -> None:
    sentence = re.compile(r"[A-Z][a-z]+ [a-z]+ [a-z]+.*\.$")
    for path in [
        *(BOT / "slack").rglob("*.py"),
    ]:
        code = re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL)
        for text in re.findall(r'"([^"\n]+)"', code):
            assert not sentence.match(text), (path.name, text)


@pytest.mark.rule("EVT-07")
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a & b", "a &amp; b"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@UADA>", "&lt;@UADA&gt;"),
        ("*bold* `code` ~gone~", "∗bold∗ ˋcodeˋ ∼gone∼"),
        ("_slanted_ my_file_name", "ˍslantedˍ my_file_name"),
        (":smile: 10:30", ":\u2060smile: 10:\u206030"),
        ("one\ntwo\r\n\u2028three", "one two three"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("> quoted", "\u2060&gt; quoted"),
        ("“it's”", "“it's”"),
        ("日本 👩‍💻", "日本 👩‍💻"),
    ],
)
def test_typed_text_is_shown_as_text(typed: str, shown: str) -> None:
    assert escape_markup(typed) == shown


@pytest.mark.rule("EVT-07")
@given(st.text())
def test_typed_text_cannot_format_mention_link_or_break(typed: str) -> None:
    shown = escape_markup(typed)

    assert not re.search(r"[<>*~`\n\r]", shown)
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert not re.search(r":[\w+'-]", shown)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])", shown)
    assert not re.search("[\ud800-\udfff\u202a-\u202e]", shown)


@pytest.mark.rule("EVT-05")
def test_channel_messages_contain_no_address(renderer: Renderer) -> None:
    by_mail = dataclasses.replace(CARL, user=None, title="")
    facts = {"person": by_mail, "title": "Acme", "me": "", "role": "admin"}

    texts = {
        audience: renderer.render("refusals/already_holds", audience, **facts).text
        for audience in AUDIENCES
    }

    assert "carl@example.com" in texts["person"]
    assert "carl@example.com" not in texts["channel"]
    assert texts["channel"].startswith("Someone outside Slack is")
    assert (
        "omeone outside Slack"
        in renderer.render(
            "refusals/nothing_pending", "channel", title=None, person=Address("x@y.z")
        ).text
    )


def test_person_is_a_mention_and_time_is_in_the_readers_zone(
    renderer: Renderer,
) -> None:
    facts: dict[str, Any] = {
        "person": CARL,
        "title": "Acme",
        "again": MOMENT,
        "team": None,
    }

    text = renderer.render("refusals/declined_recently", **facts).text
    plain = renderer.render("refusals/declined_recently", "plain", **facts).text

    assert "<@UCARL>" in text
    assert (
        "<!date^1795424400^{date_short_pretty} at {time}|Nov 23, 2026, 09:00 UTC>"
        in text
    )
    assert plain.startswith("Carl recently declined")
    assert "Nov 23, 2026, 09:00 UTC" in plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{}someone joined Acme.", "Someone joined Acme."),
        ("-# {}someone joined.", "-# Someone joined."),
        (
            "• {}someone left.\n• Ada invited {}someone.",
            "• Someone left.\n• Ada invited someone.",
        ),
        ("It's done. {}someone left.", "It's done. Someone left."),
        ("*Shop*: {}someone joined.", "*Shop*: someone joined."),
        ("someone's app was deleted.", "someone's app was deleted."),
    ],
)
def test_a_word_for_an_unnamed_person_begins_a_sentence_with_a_capital(
    text: str, shown: str
) -> None:
    assert place_stand_ins(text.format(*[STAND_IN] * 2)) == shown


def test_in_a_channel_a_person_without_a_name_begins_the_message_with_a_capital(
    renderer: Renderer,
) -> None:
    nina = Address("nina@client.example")
    filler = renderer.render(
        "replies/outside", "channel", mailed=[nina], unreached=[], stopped=[]
    )
    assert filler.paragraphs[0].startswith("-# Someone outside Slack isn't")


def test_missing_value_is_an_error(renderer: Renderer) -> None:
    with pytest.raises(UndefinedError):
        renderer.render("refusals/already_linked")
    with pytest.raises(TypeError):
        renderer.render("refusals/already_linked", title=None)


def test_durations_are_words(renderer: Renderer) -> None:
    facts: dict[str, Any] = {
        "given": timedelta(0),
        "least": timedelta(hours=25),
        "most": timedelta(days=1),
    }
    assert (
        "from 25 hours to 1 day."
        in renderer.render("refusals/bad_duration", **facts).text
    )


def test_line_of_dashes_separates_text_and_paragraphs() -> None:
    assert parse_rendered("short\n---\nlong  \n\n\n-# small").paragraphs == (
        "long",
        "-# small",
    )
    assert parse_rendered("short\n---\nlong").text == "short"
    assert parse_rendered("one\n\n-# two").text == "one\ntwo"


def test_small_print_is_a_separate_paragraph() -> None:
    assert parse_rendered("One sentence.\n-# And its small print.").paragraphs == (
        "One sentence.",
        "-# And its small print.",
    )


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (
            RenderedText(
                "It is gone. Type `/collab` to see more.",
                ("It is gone. Type `/collab` to see more.",),
            ),
            "It is gone.",
        ),
        (
            RenderedText(
                "One.\nSee `/collab mine`.\nTwo.",
                ("One.", "See `/collab mine`.", "Two."),
            ),
            "One.\nTwo.",
        ),
        (RenderedText("Type `/collab`.", ("Type `/collab`.",)), "Type `/collab`."),
        (
            RenderedText(
                "`acme` is 3.5 old. No command.", ("`acme` is 3.5 old. No command.",)
            ),
            "`acme` is 3.5 old. No command.",
        ),
    ],
)
def test_sentences_with_commands_are_omitted_where_others_remain(
    message: RenderedText, kept: str
) -> None:
    shown = strip_command_sentences(message)
    assert (shown.text, "\n".join(shown.paragraphs)) == (kept, kept)


def test_right_to_left_name_keeps_the_order_of_its_sentence() -> None:
    for name in ("شركة", "חברה", "Acme שלום"):
        assert escape_markup(name) == f"\u2068{name}\u2069"
        assert escape_markup(f"\u202e{name}\u2069\u2069") == f"\u2068{name}\u2069"
        refusal = renderer_for_language("en").render(
            "refusals/retired", "plain", title=name
        )
        assert f"\u2068{name}\u2069" in refusal.text
    assert escape_markup("Müller & Söhne 株式会社") == "Müller &amp; Söhne 株式会社"


@pytest.mark.rule("EVT-07")
def test_name_at_the_start_of_a_line_does_not_make_it_small_print() -> None:
    assert parse_rendered(
        f"a heading\n{escape_markup('-# small print')}"
    ).paragraphs == ("a heading\n\u2060-# small print",)


@given(st.lists(st.sampled_from(["Shop", "shop", "Blog", ""]), max_size=4))
@settings(max_examples=20)
def test_resources_with_equal_names_are_found(titles: list[str]) -> None:
    things = [
        dataclasses.replace(ACME, id=ResourceId(f"R{n}"), title=title)
        for n, title in enumerate(titles)
    ]
    folded = [title.lower() for title in titles]
    expected = {
        f"R{n}" for n, title in enumerate(folded) if title and folded.count(title) > 1
    }
    assert ids_with_duplicate_names([None, *things, *things]) == expected
