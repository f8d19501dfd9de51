"""Calendar days as messages write them."""

from __future__ import annotations

from datetime import date

from bot.rendering import format_day, load_labels


def write_day(day: date, language: str = "en") -> str:
    """Return a day as a message in a language has it."""
    return format_day(day, load_labels(language))
