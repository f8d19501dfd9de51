"""Say in an answer whom it concerns who is not in Slack, and how they hear of it (OUT-01)."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from bot.rendering import RenderedText
from bot.slack.requests import Services
from bot.slack.views import blocks

Answer = TypeVar("Answer", bound=RenderedText | dict[str, Any] | None)


def add_reach_note(services: Services, answer: Answer) -> Answer:
    """Return an answer with a line about those without an account, if there are any."""
    note = services.render_reach()
    if note is None or answer is None:
        return answer
    if isinstance(answer, RenderedText):
        text = f"{answer.text}\n{note.text}"
        noted = RenderedText(text, (*answer.paragraphs, *note.paragraphs))
        return cast("Answer", noted)
    return cast("Answer", _insert_note(answer, note))


def _insert_note(surface: dict[str, Any], note: RenderedText) -> dict[str, Any]:
    """Return a message or a view with the note above its first row of controls."""
    shown = list(surface["blocks"])
    position = next(
        (n for n, block in enumerate(shown) if block["type"] == "actions"), len(shown)
    )
    shown[position:position] = blocks.paragraph_blocks(note.paragraphs)
    noted = {**surface, "blocks": shown[: blocks.MAX_MESSAGE_BLOCKS]}
    if "text" in surface:
        text = f"{surface['text']}\n{note.text}"
        noted["text"] = blocks.truncate(text, blocks.MAX_MESSAGE_TEXT)
    return noted
