"""The pieces of a typed line: mentions, addresses, quoted names, words, lengths of time, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Shape = Literal["user", "mail", "quoted", "word"]

LONGEST_ADDRESS = 254  # RFC 5321
_QUOTES = '"“”„«»'
_PIECE = re.compile(rf"<([^<>]*)>|[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|([^\s<{_QUOTES}]+|<)")
_ANGLED = re.compile(r"<((?:[@#!]|mailto:|https?://)[^<>]*)>")
_USER = re.compile(r"@([UW][A-Z0-9]{1,30})")
_ADDRESS = re.compile(r"[^\s@<>|]+@[^\s@<>|]+\.[^\s@<>|]+")
_LENGTH = re.compile(r"(\d{1,4})\s?(h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_HOUR = re.compile(r"(\d{1,2})(?:[:.]?00|h)?\s?(am|pm)?", re.IGNORECASE)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Token:
    """One piece as a person reads it; `value` is the account's id or the address behind it."""

    shape: Shape
    text: str
    value: str = ""

    @property
    def plain(self) -> str:
        """A word in the form in which words are compared."""
        return self.text.casefold() if self.shape == "word" else ""


def tokens(text: str) -> list[Token]:
    """The pieces of a line, in their order."""
    return list(_tokens(text))


def addresses(text: str) -> list[Token]:
    """The pieces of a list of addresses, with commas, semicolons or nothing but space between them."""
    return tokens(re.sub("[,;]", " ", text))


def duration(typed: str) -> timedelta | None:
    """A length of time such as 12h, 30d, 4w or “30 days”; nothing when it is none."""
    found = _LENGTH.fullmatch(typed.strip())
    return int(found[1]) * _UNITS[found[2][0].lower()] if found else None


def day(typed: str) -> date | None:
    """A date such as 2027-01-31; nothing when it is none."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def hour(typed: str) -> int | None:
    """An hour of the day such as 9, 17:00 or 5pm; nothing when it is none."""
    found = _HOUR.fullmatch(typed.strip())
    if found is None:
        return None
    said, half = int(found[1]), (found[2] or "").lower()
    if half and not 0 < said <= 12:  # noqa: PLR2004 - the hours of a half of the day
        return None
    read = said % 12 + (12 if half == "pm" else 0) if half else said
    return read if read < 24 else None  # noqa: PLR2004 - the hours of a day


def _tokens(text: str) -> Iterator[Token]:
    for angled, quoted, word in _PIECE.findall(text):
        if angled:
            yield _angled(angled)
        elif quoted.strip():
            yield Token("quoted", _unescaped(_ANGLED.sub(_as_read, quoted)).strip())
        elif word:
            yield _bare(_unescaped(word))


def _angled(inner: str) -> Token:
    target, _, label = inner.partition("|")
    user = _USER.fullmatch(target)
    if user:
        return Token("user", "@" + _unescaped(label or user[1]), user[1])
    if target.startswith("mailto:"):
        return _bare(_unescaped(target.removeprefix("mailto:")))
    shown = _unescaped(label) if label else target
    return Token("word", shown if target[:1] not in {"#", "!"} else target[0] + shown.lstrip("#!@"))


def _as_read(angled: re.Match[str]) -> str:
    """A mention, a link or an address within quotes, as a person reads it."""
    return _angled(angled[1]).text


def _bare(word: str) -> Token:
    address = word.rstrip(",;")
    is_address = len(address) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(address)
    return Token("mail", address, address) if is_address else Token("word", word)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
