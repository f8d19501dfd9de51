"""Every message, modal and home, rendered with plain and with hostile texts.

Whatever was typed, each keeps Slack's limits, has the same structure as with plain
texts, and loses none of them.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import bot.slack.views
import templates
from bot.playground.blockkit import (
    all_options,
    block_errors,
    interactive_elements,
    is_too_large,
    option_errors,
    view_errors,
)
from bot.rendering import Audience, RenderedText, Renderer, renderer_for_language
from bot.slack.routes import ACTION_HANDLERS, OPTIONS_HANDLERS
from bot.slack.views import blocks
from collab import errors
from collab.resource_names import validate_name
from tests.support.generators import (
    HOSTILE_PHRASES,
    MARKER_PATTERN,
    PLAIN_PHRASES,
    SampleGenerator,
)
from tests.support.modal_generators import SurfaceGenerator, SurfacePayload
from tests.support.surface_generators import (
    SHARED_BUILDERS,
    SURFACE_GENERATORS,
)
from tests.support.surfaces.templates import (
    generate_rejections,
    generate_templates_without_surface,
)

pytestmark = pytest.mark.slow  # every view with texts of every length

FOLDER = Path(templates.__file__).parent
OUTSIDE_SLACK = ("mail", "web")
LIVE = re.compile(
    r"<@U[A-Z]+>|<#C1>|<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[A-Z][a-z]+ [0-9:, ]+UTC>"
)
QUOTE = re.compile(r"^> ", re.MULTILINE)
MARKS = "*`~"
LONG = bool(os.environ.get("COLLAB_SOAK"))
SIZES = (0, 1, 20, 100) if LONG else (0, 1, 100)
BRIEFLY = settings(
    deadline=None,
    max_examples=200 if LONG else 3,
    phases=[phase for phase in Phase if LONG or phase is not Phase.shrink],
)
PAIRED = re.compile(r"(?<![^\W_])_|_(?![^\W_])|:[\w+'-]+:")


class RecordingRenderer(Renderer):
    """Words that remember which templates were used."""

    def __init__(self) -> None:
        super().__init__("en")
        self.said: set[str] = set()

    def render(
        self, name: str, audience: Audience = "person", **facts: Any
    ) -> RenderedText:
        """The message of that name."""
        self.said.add(name)
        return super().render(name, audience, **facts)


WORDS = RecordingRenderer()


def is_kept(phrase: str) -> bool:
    """Whether something can be called so."""
    try:
        return bool(validate_name(phrase[:80]))
    except errors.BadName:
        return False


phrases = st.one_of(
    st.sampled_from(HOSTILE_PHRASES), st.text(min_size=1, max_size=80)
).filter(is_kept)
phrase_lists = st.lists(phrases, min_size=1, max_size=3)


def list_texts(surface: SurfacePayload) -> Iterator[str]:
    """All that is written in Slack's markup, and what notifications and screen readers read."""
    yield surface.get("text") or ""
    yield from (
        text["text"] for text in iterate_parts(surface) if text.get("type") == "mrkdwn"
    )


def iterate_parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in it."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from iterate_parts(each)


def joined_text(surface: SurfacePayload) -> str:
    """All text of its blocks."""
    return " ".join(
        text["text"]
        for text in iterate_parts(surface.get("blocks", []))
        if text.get("type") == "mrkdwn"
    )


def check_surface(surface: SurfacePayload) -> None:
    """What is so of each by itself."""
    assert slack_errors(surface) == []
    assert not is_too_large(surface)
    assert all(
        text["verbatim"]
        for text in iterate_parts(surface)
        if text.get("type") == "mrkdwn"
    )
    assert not any(
        text["emoji"]
        for text in iterate_parts(surface)
        if text.get("type") == "plain_text"
    )
    styles = [str(part.get("style")) for part in iterate_parts(surface)]
    assert styles.count("primary") <= 1
    for text in list_texts(surface):
        check_text(text)
    for block in surface.get("blocks", []):
        check_block(block)
    assert not MARKER_PATTERN.search(str(surface.get("private_metadata", "")))


def slack_errors(surface: SurfacePayload) -> list[str]:
    """What Slack would say against it."""
    if "blocks" not in surface:
        return option_errors(surface)
    if "type" in surface:
        return view_errors(surface)
    assert 0 < len(surface["text"].strip()) <= blocks.MAX_MESSAGE_TEXT
    return block_errors(surface["blocks"], min_count=1)


def check_text(text: str) -> None:
    """It mentions, links and quotes what the code says, and nothing else."""
    rest = QUOTE.sub("", LIVE.sub("", text))
    assert not re.search("[<>]", rest), text
    assert not re.search(r"&(?!amp;|lt;|gt;)", rest), text


def check_block(block: dict[str, Any]) -> None:
    """Its controls lead somewhere, have a name, and carry ids alone."""
    assert not MARKER_PATTERN.search(str(block.get("block_id", "")))
    for element in interactive_elements(block):
        options = all_options(element)
        carried = [
            element.get("value", ""),
            element.get("action_id", ""),
            *(o["value"] for o in options),
        ]
        assert not MARKER_PATTERN.search(" ".join(carried)), carried
        if element["type"] == "button":
            assert element["action_id"].partition(":")[0] in ACTION_HANDLERS
            assert element["accessibility_label"].strip()
        if element["type"] == "overflow":
            assert {o["value"].partition(" ")[0] for o in options} <= set(
                ACTION_HANDLERS
            )
        if element["type"].endswith("external_select"):
            assert element["action_id"].partition(":")[0] in OPTIONS_HANDLERS


def check_same(plain: SurfacePayload, worst: SurfacePayload) -> None:
    """Whatever was typed, the one says what the other says, in the same form."""
    lost = set(MARKER_PATTERN.findall(joined_text(plain))) - set(
        MARKER_PATTERN.findall(joined_text(worst))
    )
    assert not lost, (lost, joined_text(worst)[-500:])
    shape, texts = surface_shape(plain), surface_shape(worst)
    assert texts <= shape, texts - shape


def surface_shape(surface: SurfacePayload) -> Counter[str]:
    """The marks that give its text form, and its lines."""
    text = LIVE.sub("", joined_text(surface))
    return Counter(
        [c for c in text if c in MARKS]
        + PAIRED.findall(text)
        + [c for c in text if c == "\n"]
    )


def replies(
    words: Renderer, samples: SampleGenerator, many: int
) -> Iterator[SurfacePayload]:
    """What templates say that no card uses."""
    return generate_templates_without_surface(
        words, list_templates_without_surface(), samples, many
    )


@cache
def list_templates_without_surface() -> list[str]:
    """The templates that no card uses."""
    words = RecordingRenderer()
    for making in SURFACE_GENERATORS.values():
        for many in (0, 1):
            list(making(words, SampleGenerator(), many))
    list(generate_rejections(words, SampleGenerator(), 1))
    names = {
        f"{path.parent.name}/{path.stem}"
        for path in FOLDER.glob("*/*.j2")
        if path.parent.name not in OUTSIDE_SLACK
    }
    return sorted(name for name in names - words.said if not name.startswith("shared/"))


def compare(making: SurfaceGenerator, phrases: list[str], many: int) -> None:
    """What is made of plain words and of others."""
    worst = list(making(WORDS, SampleGenerator(*phrases), many))
    for one, other in zip(make_plain(making, many), worst, strict=True):
        check_surface(other)
        check_same(one, other)


@cache
def make_plain(making: SurfaceGenerator, many: int) -> list[SurfacePayload]:
    """What is made of plain words, checked once."""
    made = list(making(WORDS, SampleGenerator(*PLAIN_PHRASES), many))
    for surface in made:
        check_surface(surface)
    return made


@pytest.mark.rule("EVT-07")
@pytest.mark.parametrize("many", SIZES)
@pytest.mark.parametrize("name", SURFACE_GENERATORS)
def test_view_keeps_slacks_limits_for_hostile_texts_of_any_number(
    name: str, many: int
) -> None:
    compare(SURFACE_GENERATORS[name], list(HOSTILE_PHRASES), many)


@pytest.mark.rule("EVT-07")
@pytest.mark.parametrize("name", SURFACE_GENERATORS)
@given(said=phrase_lists, many=st.sampled_from((0, 2)))
@BRIEFLY
def test_view_keeps_slacks_limits_for_random_texts(
    name: str, said: list[str], many: int
) -> None:
    compare(SURFACE_GENERATORS[name], said, many)


@pytest.mark.rule("EVT-07")
@pytest.mark.parametrize("many", SIZES)
def test_reply_keeps_slacks_limits_for_hostile_texts_of_any_number(many: int) -> None:
    compare(replies, list(HOSTILE_PHRASES), many)


@pytest.mark.rule("EVT-07")
@pytest.mark.parametrize("phrase", HOSTILE_PHRASES)
def test_rejection_keeps_slacks_limits_for_hostile_texts(phrase: str) -> None:
    compare(generate_rejections, [phrase], 1)


@pytest.mark.rule("EVT-07")
@pytest.mark.parametrize("making", [generate_rejections, replies])
@given(said=phrase_lists)
@BRIEFLY
def test_replies_and_rejections_keep_slacks_limits_for_random_texts(
    making: SurfaceGenerator, said: list[str]
) -> None:
    compare(making, said, 2)


def test_every_view_function_is_covered() -> None:
    names = set()
    for module in pkgutil.iter_modules(bot.slack.views.__path__):
        members = vars(importlib.import_module(f"bot.slack.views.{module.name}"))
        own = {
            n: f
            for n, f in members.items()
            if inspect.isfunction(f)
            and f.__module__ == f"bot.slack.views.{module.name}"
        }
        names |= {
            f"{module.name}.{n}"
            for n, f in own.items()
            if is_surface(f) and not n.startswith("_")
        }
    assert names == set(SURFACE_GENERATORS) | SHARED_BUILDERS


def is_surface(function: Any) -> bool:
    """Whether a function makes something that a person sees as a whole."""
    return function.__annotations__.get("return") in {
        "Message",
        "View",
        "OptionsResponse",
    }


# What only people of this workspace are shown.
FOR_MEMBERS = frozenset({"help.help_message"})


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("language", ["en", "de"])
def test_people_without_commands_read_no_commands(language: str) -> None:
    words = renderer_for_language(language).without_commands()
    made = [
        each
        for name, making in SURFACE_GENERATORS.items()
        if name not in FOR_MEMBERS
        for each in making(words, SampleGenerator(), 1)
    ]
    for surface in (
        *made,
        *generate_rejections(words, SampleGenerator(), 1),
        *replies(words, SampleGenerator(), 1),
    ):
        assert slack_errors(surface) == []
        for text in list_texts(surface):
            assert "`/collab" not in text or not re.search(r"[.?] \S", text), text
