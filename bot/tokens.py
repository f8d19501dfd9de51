"""The pieces of a typed line: mentions, addresses, quoted names, words, lengths of time, dates."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal
from urllib.parse import unquote

from collab.lengths import read_day as day
from collab.lengths import read_length as duration
from collab.text import clean, is_address

__all__ = ["Token", "addresses", "day", "duration", "hour", "is_person", "tokens", "unmarked"]

Shape = Literal["user", "mail", "group", "channel", "quoted", "word"]

# For each mark that opens a quotation, the marks that close it, the right one first: keyboards and editors mix them.
CLOSERS = {
    '"': '"”“',
    "“": '”"“',
    "„": '“”"',
    "”": '”"',
    "«": "»",
    "»": "«»",
    "'": "'",
    "‘": "’",
    "‚": "‘’",
    "‹": "›",
    "›": "‹›",
}
SINGLE = frozenset("'‘‚‹›")  # within a word they are apostrophes; without an end they are no quotation
NESTED = (("“", "”"), ("„", "“"), ("«", "»"), ("‹", "›"))
MAILTO = "mailto:"
MARKS = "*_~`"  # Slack's bold, italic, strike and code
STOPS = ",;:.!?)]}"  # what may follow a word without belonging to it
BETWEEN = frozenset("&;+/,:.()[]{}<>|-–—•·!?*_~`")  # what may stand between people
_DOUBLE = "".join(mark for mark in CLOSERS if mark not in SINGLE)
_ANGLED = re.compile(r"<([^<>]*)>")
_ANGLED_IN_QUOTES = re.compile(r"<((?:[@#!]|mailto:|https?://)[^<>]*)>")
_WORD = re.compile(rf"[^\s<{_DOUBLE}]+|[<{_DOUBLE}]")
_USER = re.compile(r"@([UW][A-Z0-9]{1,30})")
_SPLITS = (re.compile(r"[,;|]"), re.compile(r"[,;|/]"), re.compile(r"[,;|/&]"), re.compile(r"[,;|/&+]"))
_HOUR = re.compile(r"(\d{1,2})(?:[:.]?00|h)?\s?(am|pm)?", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """One piece as a person reads it; `value` is the account's id or the address behind it.

    An address is `bracketed` when it stands in angle brackets, behind its owner's name.
    """

    shape: Shape
    text: str
    value: str = ""
    bracketed: bool = False

    @cached_property
    def plain(self) -> str:
        """Return a word in the form in which words of the command are compared; "" for any other piece."""
        return self.text.casefold().lstrip("([{" + MARKS).rstrip(STOPS + MARKS) if self.shape == "word" else ""


def is_person(token: Token) -> bool:
    """Tell whether a piece means somebody."""
    return token.shape in {"user", "mail"}


def tokens(text: str) -> list[Token]:
    """Return the pieces of a line in their order, without marks that only surround people."""
    return _without_separators(list(_tokens(unmarked(clean(text).strip()))))


def addresses(text: str) -> list[Token]:
    """Return the pieces of a list of recipients as mail programs write them, without the recipients' names."""
    read = [t for t in _without_separators(list(_tokens(clean(text)))) if not _is_between(t)]
    named = {id(name) for place, t in enumerate(read) if t.bracketed for name in owner_names(read, place)}
    found = [t for t in read if id(t) not in named]
    comments = _comments(found)
    return [t for place, t in enumerate(found) if place not in comments]


def unmarked(text: str) -> str:
    """Return a text without Slack's marks of bold, italic, strike and code around the whole of it."""
    bare = text.rstrip(STOPS + " ")
    if not bare or bare[0] not in MARKS or bare[-1] != bare[0]:
        return text
    inner = bare.strip(bare[0]).strip()
    return unmarked(inner) if inner and bare[0] not in inner else text


def owner_names(read: Sequence[Token], place: int) -> list[Token]:
    """Return the words before an address in angle brackets that are its owner's name, as mail programs write it."""
    names: list[Token] = []
    for token in reversed(read[:place]):
        if token.shape not in {"word", "quoted"} or "@" in token.text or token.text.endswith(";"):
            break
        names.append(token)
    return names


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
    quotations = _Quotations(text)
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
        elif angled := _ANGLED.match(text, place):
            yield from _angled(angled[1])
            place = angled.end()
        elif end := quotations.end(place):
            yield from _quoted(text[place + 1 : end])
            place = end + 1
        elif end := quotations.end_of_mark(place):
            yield Token("word", unescape(text[place + 1 : end]))
            place = end + 1
        else:
            word = _word(text, place)
            yield from _bare(unescape(word))
            place += len(word)


def _quoted(inner: str) -> Iterator[Token]:
    mention = _ANGLED.fullmatch(inner.strip())
    if mention and _USER.fullmatch(mention[1].partition("|")[0]):
        yield from _angled(mention[1])
        return
    read = unescape(_ANGLED_IN_QUOTES.sub(_as_read, inner)).strip()
    if is_address(read):
        yield Token("mail", read, read)
    elif read:
        yield Token("quoted", read)


def _word(text: str, place: int) -> str:
    found = _WORD.match(text, place)
    return found[0] if found else text[place]


class _Quotations:
    """Where the quotations of a text end: found once for each mark, so that a hostile text takes linear time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: dict[str, list[int]] = {}
        self._pairs: dict[int, int] = {}
        if any(opener in text for opener, _ in NESTED):
            for opener, closer in NESTED:
                self._pairs |= _pairs(text, opener, closer)

    def end(self, start: int) -> int | None:
        """Return where the quotation ends that begins here; None when none begins."""
        opener = self._text[start]
        if opener not in CLOSERS or (opener in SINGLE and not self._begins_word(start)):
            return None
        if start in self._pairs:
            return self._pairs[start]
        ends = (self._next(mark, start, ends_word=True) for mark in CLOSERS[opener])
        found = next((end for end in ends if end is not None), None)
        if found is not None or opener in SINGLE:
            return found
        ends = (self._next(mark, start, ends_word=False) for mark in CLOSERS[opener])
        return next((end for end in ends if end is not None), len(self._text))

    def end_of_mark(self, start: int) -> int | None:
        """Return where several words end that stand between two marks of bold, italic, strike or code."""
        mark, after = self._text[start], self._text[start + 1 : start + 2]
        if mark not in MARKS or not self._begins_word(start) or not after.strip(mark + " "):
            return None
        end = self._next(mark, start, ends_word=True)
        inner = self._text[start + 1 : end]
        is_phrase = end is not None and " " in inner and "<" not in inner and not inner[-1].isspace()
        return end if is_phrase else None

    def _begins_word(self, start: int) -> bool:
        return start == 0 or self._text[start - 1].isspace() or self._text[start - 1] in "([{<>," + MARKS

    def _next(self, mark: str, start: int, *, ends_word: bool) -> int | None:
        key = mark + str(ends_word)
        if key not in self._places:
            places = (place for place, char in enumerate(self._text) if char == mark)
            self._places[key] = [p for p in places if not ends_word or not self._text[p + 1 : p + 2].isalnum()]
        found = bisect_left(self._places[key], start + 1)
        return self._places[key][found] if found < len(self._places[key]) else None


def _pairs(text: str, opener: str, closer: str) -> dict[int, int]:
    """Return where each quotation of one kind ends, those within others too."""
    opened: list[int] = []
    pairs = {}
    for place, char in enumerate(text):
        after = text[place + 1 : place + 2]
        if char == opener and after.strip():
            opened.append(place)
        elif char == closer and opened and not after.isalnum():
            pairs[opened.pop()] = place
    return pairs


def _angled(inner: str) -> Iterator[Token]:
    target, _, label = (part.strip() for part in inner.partition("|"))
    user = _USER.fullmatch(target)
    if user:
        yield Token("user", "@" + (unescape(label).removeprefix("@") or user[1]), user[1])
    elif target[:1] == "#":
        yield Token("channel", "#" + (unescape(label).removeprefix("#") or "private-channel"))
    elif target[:1] == "!" and not target.startswith("!date"):
        called = label or target[1:].partition("^")[0].replace("subteam", "user-group")
        yield Token("group", "@" + unescape(called).removeprefix("@"))
    elif target.lower().startswith(MAILTO):
        yield from _bare(unescape(target))
    elif "@" in target and not label and "://" not in target:
        yield from (replace(token, bracketed=True) for token in _bare(unescape(target)))
    elif label or target:
        yield Token("word", unescape(label or target))


def _as_read(angled: re.Match[str]) -> str:
    """A mention, a link or an address within quotes, as a person reads it."""
    return " ".join(token.text for token in _angled(angled[1]))


def _bare(word: str) -> Iterator[Token]:
    """Return a word, or the address that it is once its edges are off, or the several that it holds."""
    if "@" not in word and word[:7].lower() != MAILTO:
        yield Token("word", unmarked(word))
        return
    read = _address(word)
    if read:
        yield read
        return
    for split in _SPLITS:
        parts = [part for part in split.split(word) if part]
        found = [each for part in parts if (each := _address(part))]
        if len(parts) > 1 and len(found) == len(parts):
            yield from found
            return
    yield Token("word", word)


def _address(word: str) -> Token | None:
    bracketed = word.lstrip("(" + MARKS).startswith("<")
    bare = word.strip("'\"‘’“”„«»‹›").lstrip("<([{").rstrip(STOPS + ">'\"’”»›" + MARKS)
    if bare[:7].lower() == MAILTO:
        bare = unquote(bare[7:].partition("?")[0])
    bare = bare.lstrip("'\"<*").rstrip(STOPS + ">'\"")
    if word[:1] in MARKS and word.rstrip(STOPS)[-1:] == word[:1]:
        bare = bare.lstrip(MARKS)
    return Token("mail", bare, bare, bracketed) if is_address(bare) else None


def _is_between(token: Token) -> bool:
    """Tell whether a piece is nothing but marks that may stand between people."""
    return token.shape == "word" and BETWEEN.issuperset(token.text)


def _without_separators(read: list[Token]) -> list[Token]:
    """Return the pieces without those marks that stand beside somebody; an address in angle brackets knows of them."""
    beside = set[int]()
    for place, token in enumerate(read):
        if is_person(token) or token.shape == "group":
            beside |= _marks_around(read, place)
    kept = [t for place, t in enumerate(read) if place not in beside]
    bracketed = {id(after) for before, after in pairwise(read) if before.text.endswith("<") and after.shape == "mail"}
    return [replace(t, bracketed=True) if id(t) in bracketed else t for t in kept]


def _marks_around(read: Sequence[Token], place: int) -> set[int]:
    around = set[int]()
    for step in (-1, 1):
        here = place + step
        while 0 <= here < len(read) and _is_between(read[here]):
            around.add(here)
            here += step
    return around


def _comments(read: Sequence[Token]) -> set[int]:
    """Return the places of what stands in round brackets behind an address: its owner's name."""
    places = set[int]()
    within = False
    for place, token in enumerate(read):
        within = within or (not is_person(token) and token.text.startswith("(") and place > 0)
        if within and is_person(token):
            within = False
        elif within:
            places.add(place)
            within = not token.text.rstrip(",;").endswith(")")
    return places


def unescape(text: str) -> str:
    """Return a text without Slack's escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
