"""Text in blocks."""

from __future__ import annotations

from bot.rendering import RenderedText
from bot.slack.views import blocks


def test_long_text_is_split_between_words_without_loss() -> None:
    text = "one <!date^1^{date} at {time}|now> &amp; two " * 300

    parts = blocks.section_blocks(text)

    assert len(parts) > 1
    assert " ".join(p["text"]["text"] for p in parts).split() == text.split()
    assert all(
        p["text"]["text"].count("<") == p["text"]["text"].count(">") for p in parts
    )


def test_prepended_text_keeps_the_text_of_the_message() -> None:
    below = {"text": "1 invitation waits for your answer.", "blocks": []}
    assert blocks.prepend_text(
        RenderedText("You declined.", ("You declined.",)), below
    )["text"].splitlines() == [
        "You declined.",
        "1 invitation waits for your answer.",
    ]
