"""The gallery shows every template, and its pictures are accessible."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gallery.pictures import Picture, PictureCollection, controls, template_names
from tests.gallery.playing import ACCOUNTS, LOCALES, play, select_scenes

# The scenes are played once, for all of these.
pytestmark = [pytest.mark.xdist_group("gallery"), pytest.mark.timeout(300)]

STUB = 20  # characters; no sentence that names who and what is shorter
NAMED = re.compile(r"<[@#][^>]+>|\*[^*]+\*|`[^`]+`|“[^”]+”|\S+@\S+")
BOLD_OR_MENTIONED = re.compile(r"<[@#][^>]+>|\*[^*\n]+\*")
# Pictures in the text; arrows, bullets, check marks and typographic marks are read aloud, or not at all.
EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u2712\u2714-\u27bf\u2b00-\u2bff]|:[a-z][a-z0-9_+-]+:"
)
ENDS = re.compile(r"[.?:…]$|`$")

# What people outside Slack hear most; all of it is in one layout.
MAILED_NOTICES = frozenset(
    {
        "billing_transferred",
        "handover_done",
        "member_ended",
        "member_removed",
        "member_restored",
        "member_role_changed",
        "member_warned",
        "resource_deleted",
        "resource_moved",
        "transfer_offer_revoked",
    }
)


@pytest.fixture(scope="module")
def pictures(
    sqlite_template: bytes, tmp_path_factory: pytest.TempPathFactory
) -> PictureCollection:
    """Return the pictures of all scenes, without a browser."""
    played = PictureCollection()
    play(played, tmp_path_factory.mktemp("gallery"), start=sqlite_template)
    return played


def messages(pictures: PictureCollection) -> list[Picture]:
    return [picture for picture in pictures.all_pictures if picture.sort == "message"]


def describe(picture: Picture) -> str:
    """Return a description of a picture, for failures."""
    return f"{picture.scene}: {', '.join(picture.templates)}: {picture.text[:120]!r}"


def sections(face: dict[str, Any]) -> Iterator[str]:
    """Yield the texts of all sections."""
    for block in face["blocks"] or []:
        if block["type"] == "section":
            texts = [block.get("text"), *block.get("fields", ())]
            yield from (text["text"] for text in texts if text)


def test_every_template_is_shown_by_a_scene(pictures: PictureCollection) -> None:
    missing = sorted(template_names() - pictures.shown_templates)
    assert not missing, (
        f"no scene shows {', '.join(missing)}: let one in tests/gallery/scenes lead there"
    )


def test_every_mail_and_page_has_a_picture(pictures: PictureCollection) -> None:
    mailed = _list_templates(pictures, "mail")
    shown_on_pages = _list_templates(pictures, "page")
    names = template_names()

    assert {n for n in names if n.startswith("mail/")} <= mailed
    assert {n for n in names if n.startswith("web/")} <= shown_on_pages
    assert {n for n in mailed if n.startswith("notices/")} >= {
        f"notices/{name}" for name in MAILED_NOTICES
    }


def test_every_rendered_template_is_shown(pictures: PictureCollection) -> None:
    assert pictures.rendered_templates <= pictures.shown_templates


def test_every_locale_of_the_gallery_is_one_of_an_account() -> None:
    assert LOCALES[0] == "en"
    assert set(LOCALES) <= set(ACCOUNTS)


def test_every_message_has_a_meaningful_text(pictures: PictureCollection) -> None:
    stubs = [
        describe(picture) for picture in messages(pictures) if len(picture.text) < STUB
    ]
    assert stubs == []


def test_a_messages_text_has_every_name_of_its_blocks(
    pictures: PictureCollection,
) -> None:
    """A screen reader, a notification and a watch get the text alone."""
    silent = []
    for picture in messages(pictures):
        shown = {
            name
            for part in sections(picture.face)
            for name in BOLD_OR_MENTIONED.findall(part)
        }
        unsaid = [name for name in shown if name not in picture.text]
        if unsaid and not picture.text.endswith("…"):
            silent.append((describe(picture), unsaid))
    assert silent == []


def test_every_notification_names_a_person_or_a_resource(
    pictures: PictureCollection,
) -> None:
    vague = [
        describe(picture)
        for picture in messages(pictures)
        if picture.templates[0].startswith("notices/")
        and not NAMED.search(picture.text)
        and not picture.face["files"]
    ]
    assert vague == []


def test_every_button_has_a_label_of_its_own_for_screen_readers(
    pictures: PictureCollection,
) -> None:
    buttons = [
        (describe(p), c)
        for p in pictures.all_pictures
        for c in controls(p.face["blocks"])
        if c["type"] == "button"
    ]
    assert buttons
    assert [
        where for where, button in buttons if not button.get("accessibility_label")
    ] == []
    assert [
        where
        for where, button in buttons
        if not re.search(r"\w", button["text"]["text"])
    ] == []


def test_buttons_of_one_message_have_different_accessibility_labels(
    pictures: PictureCollection,
) -> None:
    for picture in pictures.all_pictures:
        buttons = {
            (c["action_id"], c["value"], c["accessibility_label"])
            for c in _buttons(picture)
        }
        duplicates = [
            label
            for label, count in Counter(label for *_, label in buttons).items()
            if count > 1
        ]
        assert duplicates == [], describe(picture)


def test_every_field_has_a_label_and_every_choice_a_placeholder(
    pictures: PictureCollection,
) -> None:
    for picture in pictures.all_pictures:
        for block in picture.face["blocks"] or []:
            if block["type"] == "input":
                assert re.search(r"\w", block["label"]["text"]), describe(picture)
        for control in controls(picture.face["blocks"]):
            if "select" in control["type"]:
                assert re.search(r"\w", control["placeholder"]["text"]), describe(
                    picture
                )


def test_every_overflow_menu_is_beside_a_text_and_has_labels(
    pictures: PictureCollection,
) -> None:
    menus = 0
    for picture in pictures.all_pictures:
        for block in picture.face["blocks"] or []:
            for menu in (c for c in controls(block) if c["type"] == "overflow"):
                menus += 1
                assert all(
                    re.search(r"\w", option["text"]["text"])
                    for option in menu["options"]
                ), describe(picture)
                beside = block["type"] == "section" or len(block["elements"]) > 1
                assert beside, describe(picture)
    assert menus


def test_nothing_is_expressed_by_emoji_or_colour_alone(
    pictures: PictureCollection,
) -> None:
    assert [
        describe(picture)
        for picture in pictures.all_pictures
        if EMOJI.search(picture.text)
    ] == []
    for picture in pictures.all_pictures:
        for button in _buttons(picture):
            if "style" in button:
                assert re.search(r"[^\W\d]{3}", button["text"]["text"]), describe(
                    picture
                )


def test_sentences_end_with_punctuation_without_a_space_before_it(
    pictures: PictureCollection,
) -> None:
    for picture in pictures.all_pictures:
        if (
            picture.templates[0].split("/")[0] in {"notices", "refusals"}
            and picture.sort == "message"
        ):
            assert all(
                ENDS.search(part) or _is_row(part) for part in sections(picture.face)
            ), describe(picture)
        assert not re.search(r" [.,;:?]|\.\.|,\.|\(\)|  ", picture.text), describe(
            picture
        )


def test_scenes_in_german_are_answered_in_german_from_the_start(
    sqlite_template: bytes, tmp_path: Path
) -> None:
    played = PictureCollection()
    play(
        played, tmp_path, "de", select_scenes(["members.ended"]), start=sqlite_template
    )
    first = next(
        picture
        for picture in messages(played)
        if "replies/created" in picture.templates
    )
    assert first.text.startswith("*Pixel* ist"), describe(first)


def test_the_gallery_is_ignored_by_git() -> None:
    ignored = (
        (Path(__file__).parents[2] / ".gitignore").read_text(encoding="utf-8").split()
    )
    assert "gallery/" in ignored or "/gallery/" in ignored


def _list_templates(pictures: PictureCollection, sort: str) -> set[str]:
    return {
        name
        for picture in pictures.all_pictures
        if picture.sort == sort
        for name in picture.templates
    }


def _buttons(picture: Picture) -> list[dict[str, Any]]:
    return [
        control
        for control in controls(picture.face["blocks"])
        if control["type"] == "button"
    ]


def _is_row(part: str) -> bool:
    """Return whether the text ends with a list item or a quote."""
    return part.splitlines()[-1].startswith(("•", ">"))
