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

from collab.durations import parse_date as day
from collab.durations import parse_duration as duration
from collab.text import clean_text, is_email_address

__all__ = [
    "Token",
    "day",
    "duration",
    "is_person",
    "parse_hour",
    "split_recipients",
    "split_tokens",
    "strip_formatting",
]

TokenShape = Literal["user", "mail", "group", "channel", "quoted", "word"]

# For each mark that opens a quotation, the marks that close it, the right one first: keyboards and editors mix them.
CLOSING_QUOTES = {
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
SINGLE_QUOTES = frozenset(
    "'‘‚‹›"
)  # within a word they are apostrophes; without an end they are no quotation
NESTED_QUOTES = (("“", "”"), ("„", "“"), ("«", "»"), ("‹", "›"))
MAILTO_PREFIX = "mailto:"
FORMATTING_MARKS = "*_~`"  # Slack's bold, italic, strike and code
PUNCTUATION = ",;:.!?)]}"  # what may follow a word without belonging to it
SEPARATOR_CHARACTERS = frozenset(
    "&;+/,:.()[]{}<>|-–—•·!?*_~`"
)  # what may stand between people
_DOUBLE_QUOTES = "".join(mark for mark in CLOSING_QUOTES if mark not in SINGLE_QUOTES)
_ANGLE_BRACKETS = re.compile(r"<([^<>]*)>")
_SLACK_LINK_IN_QUOTES = re.compile(r"<((?:[@#!]|mailto:|https?://)[^<>]*)>")
_WORD = re.compile(rf"[^\s<{_DOUBLE_QUOTES}]+|[<{_DOUBLE_QUOTES}]")
_USER_MENTION = re.compile(r"@([UW][A-Z0-9]{1,30})")
_SEPARATOR_PATTERNS = (
    re.compile(r"[,;|]"),
    re.compile(r"[,;|/]"),
    re.compile(r"[,;|/&]"),
    re.compile(r"[,;|/&+]"),
)
_HOUR_PATTERN = re.compile(r"(\d{1,2})(?:[:.]?00|h)?\s?(am|pm)?", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """One piece as a person reads it; `value` is the account's id or the address behind it.

    An address is `bracketed` when it stands in angle brackets, behind its owner's name.
    """

    shape: TokenShape
    text: str
    value: str = ""
    is_bracketed: bool = False

    @cached_property
    def plain(self) -> str:
        """Return a word in the form in which words of the command are compared; "" for any other piece."""
        return (
            self.text.casefold()
            .lstrip("([{" + FORMATTING_MARKS)
            .rstrip(PUNCTUATION + FORMATTING_MARKS)
            if self.shape == "word"
            else ""
        )


def is_person(token: Token) -> bool:
    """Tell whether a piece means somebody."""
    return token.shape in {"user", "mail"}


def split_tokens(text: str) -> list[Token]:
    """Return the pieces of a line in their order, without marks that only surround people."""
    return _without_separators(
        list(_split_line(strip_formatting(clean_text(text).strip())))
    )


def split_recipients(text: str) -> list[Token]:
    """Return the pieces of a list of recipients as mail programs write them, without the recipients' names."""
    read = [
        t
        for t in _without_separators(list(_split_line(clean_text(text))))
        if not _is_separator(t)
    ]
    named = {
        id(name)
        for place, t in enumerate(read)
        if t.is_bracketed
        for name in owner_names(read, place)
    }
    found = [t for t in read if id(t) not in named]
    comments = _owner_comment_positions(found)
    return [t for place, t in enumerate(found) if place not in comments]


def strip_formatting(text: str) -> str:
    """Return a text without Slack's marks of bold, italic, strike and code around the whole of it."""
    bare = text.rstrip(PUNCTUATION + " ")
    if not bare or bare[0] not in FORMATTING_MARKS or bare[-1] != bare[0]:
        return text
    inner = bare.strip(bare[0]).strip()
    return strip_formatting(inner) if inner and bare[0] not in inner else text


def owner_names(read: Sequence[Token], place: int) -> list[Token]:
    """Return the words before an address in angle brackets that are its owner's name, as mail programs write it."""
    names: list[Token] = []
    for token in reversed(read[:place]):
        if (
            token.shape not in {"word", "quoted"}
            or "@" in token.text
            or token.text.endswith(";")
        ):
            break
        names.append(token)
    return names


def parse_hour(typed: str) -> int | None:
    """An hour of the day such as 9, 17:00 or 5pm; nothing when it is none."""
    found = _HOUR_PATTERN.fullmatch(typed.strip())
    if found is None:
        return None
    said, half = int(found[1]), (found[2] or "").lower()
    if half and not 0 < said <= 12:  # noqa: PLR2004 - the hours of a half of the day
        return None
    read = said % 12 + (12 if half == "pm" else 0) if half else said
    return read if read < 24 else None  # noqa: PLR2004 - the hours of a day


def _split_line(text: str) -> Iterator[Token]:
    quotations = _QuotationIndex(text)
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
        elif angled := _ANGLE_BRACKETS.match(text, place):
            yield from _token_from_angle_brackets(angled[1])
            place = angled.end()
        elif end := quotations.end_of_quotation(place):
            yield from _quoted_token(text[place + 1 : end])
            place = end + 1
        elif end := quotations.end_of_mark(place):
            yield Token("word", unescape(text[place + 1 : end]))
            place = end + 1
        else:
            word = _word_token(text, place)
            yield from _tokens_from_word(unescape(word))
            place += len(word)


def _quoted_token(inner: str) -> Iterator[Token]:
    mention = _ANGLE_BRACKETS.fullmatch(inner.strip())
    if mention and _USER_MENTION.fullmatch(mention[1].partition("|")[0]):
        yield from _token_from_angle_brackets(mention[1])
        return
    read = unescape(_SLACK_LINK_IN_QUOTES.sub(_as_displayed, inner)).strip()
    if is_email_address(read):
        yield Token("mail", read, read)
    elif read:
        yield Token("quoted", read)


def _word_token(text: str, place: int) -> str:
    found = _WORD.match(text, place)
    return found[0] if found else text[place]


class _QuotationIndex:
    """Where the quotations of a text end: found once for each mark, so that a hostile text takes linear time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: dict[str, list[int]] = {}
        self._pairs: dict[int, int] = {}
        if any(opener in text for opener, _ in NESTED_QUOTES):
            for opener, closer in NESTED_QUOTES:
                self._pairs |= _find_quotation_ends(text, opener, closer)

    def end_of_quotation(self, start: int) -> int | None:
        """Return where the quotation ends that begins here; None when none begins."""
        opener = self._text[start]
        if opener not in CLOSING_QUOTES or (
            opener in SINGLE_QUOTES and not self._begins_word(start)
        ):
            return None
        if start in self._pairs:
            return self._pairs[start]
        ends = (
            self._find_next(mark, start, ends_word=True)
            for mark in CLOSING_QUOTES[opener]
        )
        found = next((end for end in ends if end is not None), None)
        if found is not None or opener in SINGLE_QUOTES:
            return found
        ends = (
            self._find_next(mark, start, ends_word=False)
            for mark in CLOSING_QUOTES[opener]
        )
        return next((end for end in ends if end is not None), len(self._text))

    def end_of_mark(self, start: int) -> int | None:
        """Return where several words end that stand between two marks of bold, italic, strike or code."""
        mark, after = self._text[start], self._text[start + 1 : start + 2]
        if (
            mark not in FORMATTING_MARKS
            or not self._begins_word(start)
            or not after.strip(mark + " ")
        ):
            return None
        end = self._find_next(mark, start, ends_word=True)
        inner = self._text[start + 1 : end]
        is_phrase = (
            end is not None
            and " " in inner
            and "<" not in inner
            and not inner[-1].isspace()
        )
        return end if is_phrase else None

    def _begins_word(self, start: int) -> bool:
        return (
            start == 0
            or self._text[start - 1].isspace()
            or self._text[start - 1] in "([{<>," + FORMATTING_MARKS
        )

    def _find_next(self, mark: str, start: int, *, ends_word: bool) -> int | None:
        key = mark + str(ends_word)
        if key not in self._places:
            places = (place for place, char in enumerate(self._text) if char == mark)
            self._places[key] = [
                p
                for p in places
                if not ends_word or not self._text[p + 1 : p + 2].isalnum()
            ]
        found = bisect_left(self._places[key], start + 1)
        return self._places[key][found] if found < len(self._places[key]) else None


def _find_quotation_ends(text: str, opener: str, closer: str) -> dict[int, int]:
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


def _token_from_angle_brackets(inner: str) -> Iterator[Token]:
    target, _, label = (part.strip() for part in inner.partition("|"))
    user = _USER_MENTION.fullmatch(target)
    if user:
        yield Token(
            "user", "@" + (unescape(label).removeprefix("@") or user[1]), user[1]
        )
    elif target[:1] == "#":
        yield Token(
            "channel", "#" + (unescape(label).removeprefix("#") or "private-channel")
        )
    elif target[:1] == "!" and not target.startswith("!date"):
        called = label or target[1:].partition("^")[0].replace("subteam", "user-group")
        yield Token("group", "@" + unescape(called).removeprefix("@"))
    elif target.lower().startswith(MAILTO_PREFIX):
        yield from _tokens_from_word(unescape(target))
    elif "@" in target and not label and "://" not in target:
        yield from (
            replace(token, is_bracketed=True)
            for token in _tokens_from_word(unescape(target))
        )
    elif label or target:
        yield Token("word", unescape(label or target))


def _as_displayed(angled: re.Match[str]) -> str:
    """A mention, a link or an address within quotes, as a person reads it."""
    return " ".join(token.text for token in _token_from_angle_brackets(angled[1]))


def _tokens_from_word(word: str) -> Iterator[Token]:
    """Return a word, or the address that it is once its edges are off, or the several that it holds."""
    if "@" not in word and word[:7].lower() != MAILTO_PREFIX:
        yield Token("word", strip_formatting(word))
        return
    read = _address_token(word)
    if read:
        yield read
        return
    for split in _SEPARATOR_PATTERNS:
        parts = [part for part in split.split(word) if part]
        found = [each for part in parts if (each := _address_token(part))]
        if len(parts) > 1 and len(found) == len(parts):
            yield from found
            return
    yield Token("word", word)


def _address_token(word: str) -> Token | None:
    bracketed = word.lstrip("(" + FORMATTING_MARKS).startswith("<")
    bare = (
        word.strip("'\"‘’“”„«»‹›")
        .lstrip("<([{")
        .rstrip(PUNCTUATION + ">'\"’”»›" + FORMATTING_MARKS)
    )
    if bare[:7].lower() == MAILTO_PREFIX:
        bare = unquote(bare[7:].partition("?")[0])
    bare = bare.lstrip("'\"<*").rstrip(PUNCTUATION + ">'\"")
    if word[:1] in FORMATTING_MARKS and word.rstrip(PUNCTUATION)[-1:] == word[:1]:
        bare = bare.lstrip(FORMATTING_MARKS)
    return Token("mail", bare, bare, bracketed) if is_email_address(bare) else None


def _is_separator(token: Token) -> bool:
    """Tell whether a piece is nothing but marks that may stand between people."""
    return token.shape == "word" and SEPARATOR_CHARACTERS.issuperset(token.text)


def _without_separators(read: list[Token]) -> list[Token]:
    """Return the pieces without those marks that stand beside somebody; an address in angle brackets knows of them."""
    beside = set[int]()
    for place, token in enumerate(read):
        if is_person(token) or token.shape == "group":
            beside |= _has_separators_around(read, place)
    kept = [t for place, t in enumerate(read) if place not in beside]
    bracketed = {
        id(after)
        for before, after in pairwise(read)
        if before.text.endswith("<") and after.shape == "mail"
    }
    return [replace(t, is_bracketed=True) if id(t) in bracketed else t for t in kept]


def _has_separators_around(read: Sequence[Token], place: int) -> set[int]:
    around = set[int]()
    for step in (-1, 1):
        here = place + step
        while 0 <= here < len(read) and _is_separator(read[here]):
            around.add(here)
            here += step
    return around


def _owner_comment_positions(read: Sequence[Token]) -> set[int]:
    """Return the places of what stands in round brackets behind an address: its owner's name."""
    places = set[int]()
    within = False
    for place, token in enumerate(read):
        within = within or (
            not is_person(token) and token.text.startswith("(") and place > 0
        )
        if within and is_person(token):
            within = False
        elif within:
            places.add(place)
            within = not token.text.rstrip(",;").endswith(")")
    return places


def unescape(text: str) -> str:
    """Return a text without Slack's escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
