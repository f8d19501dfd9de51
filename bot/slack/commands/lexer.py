"""The lexer: a line becomes mentions, addresses, quotations and words."""

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

# For each opening quotation mark, the closing ones, the right one first: keyboards and
# editors mix them.
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
# Within a word they are apostrophes; without a closing mark they are no quotation.
SINGLE_QUOTES = frozenset("'‘‚‹›")
NESTED_QUOTES = (("“", "”"), ("„", "“"), ("«", "»"), ("‹", "›"))
MAILTO_PREFIX = "mailto:"
FORMATTING_MARKS = "*_~`"  # Slack's bold, italic, strike and code
PUNCTUATION = ",;:.!?)]}"  # may follow a word without belonging to it
SEPARATOR_CHARACTERS = frozenset("&;+/,:.()[]{}<>|-–—•·!?*_~`")  # between people
MAX_HALF_DAY_HOUR, HOURS_PER_DAY = 12, 24
_DOUBLE_QUOTES = "".join(mark for mark in CLOSING_QUOTES if mark not in SINGLE_QUOTES)
_ANGLE_BRACKETS = re.compile(r"<([^<>]*)>")
_SLACK_LINK_IN_QUOTES = re.compile(r"<((?:[@#!]|mailto:|https?://)[^<>]*)>")
# Several `<` in a row are one word, but for the last, which may begin a mention.
_WORD = re.compile(rf"[^\s<{_DOUBLE_QUOTES}]+|<+(?=<)|[<{_DOUBLE_QUOTES}]")
# Slack may begin the link of an address after an apostrophe: o'<mailto:brien@…|brien@…>
_CUT_ADDRESS = re.compile(r"([^\s<>]{0,62}\w')<mailto:([^\s<>|]+)(?:\|[^<>]*)?>")
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
    """One piece of a line.

    `text` is what a person reads, `value` the user id or the address. An address may be
    in angle brackets, after the name of its `owner`.
    """

    shape: TokenShape
    text: str
    value: str = ""
    is_bracketed: bool = False
    owner: str = ""

    @cached_property
    def plain(self) -> str:
        """Return a word without case and punctuation, to compare it.

        It is empty for another shape.
        """
        if self.shape != "word":
            return ""
        text = self.text.casefold().lstrip("([{" + FORMATTING_MARKS)
        return text.rstrip(PUNCTUATION + FORMATTING_MARKS)


def is_person(token: Token) -> bool:
    """Return whether a token is a mention or an address."""
    return token.shape in {"user", "mail"}


def split_tokens(text: str) -> list[Token]:
    """Return the tokens of a line, without marks that only separate people."""
    line = strip_formatting(clean_text(text).strip())
    return _without_separators(list(_split_line(line)))


def split_recipients(text: str) -> list[Token]:
    """Return the tokens of a list of mail recipients, each with its owner's name."""
    tokens = _without_separators(list(_split_line(clean_text(text))))
    tokens = [token for token in tokens if not _is_separator(token)]
    names_by_id = {
        id(token): owner_names(tokens, position)
        for position, token in enumerate(tokens)
        if token.is_bracketed
    }
    name_ids = {id(name) for names in names_by_id.values() for name in names}
    tokens = [
        replace(token, owner=join_owner_names(names_by_id.get(id(token), ())))
        for token in tokens
        if id(token) not in name_ids
    ]
    comments = _owner_comment_positions(tokens)
    return [token for p, token in enumerate(tokens) if p not in comments]


def strip_formatting(text: str) -> str:
    """Return a text without marks of bold, italic, strike or code around it."""
    bare = text.rstrip(PUNCTUATION + " ")
    if not bare or bare[0] not in FORMATTING_MARKS or bare[-1] != bare[0]:
        return text
    inner = bare.strip(bare[0]).strip()
    return strip_formatting(inner) if inner and bare[0] not in inner else text


def owner_names(tokens: Sequence[Token], position: int) -> list[Token]:
    """Return the owner's name before an address in angle brackets, as tokens."""
    names: list[Token] = []
    for token in reversed(tokens[:position]):
        if token.shape not in {"word", "quoted"}:
            break
        if "@" in token.text or token.text.endswith(";"):
            break
        names.append(token)
    return names


def join_owner_names(names: Sequence[Token]) -> str:
    """Return the tokens of an owner's name as text; they are in reverse order."""
    return " ".join(token.text for token in reversed(names)).strip(" ,;")


def format_recipient(email: str, name: str) -> str:
    """Return an address with its owner's name, as `split_recipients` reads it."""
    marks = str.maketrans("", "", '"“”„«»<>')
    return f'"{name.translate(marks)}" <{email}>' if name else email


def parse_hour(typed: str) -> int | None:
    """Return an hour of the day, such as 9, 17:00 or 5pm; None for any other text."""
    match = _HOUR_PATTERN.fullmatch(typed.strip())
    if match is None:
        return None
    hour, half = int(match[1]), (match[2] or "").lower()
    if half:
        if not 0 < hour <= MAX_HALF_DAY_HOUR:
            return None
        hour = hour % MAX_HALF_DAY_HOUR
        if half == "pm":
            hour += MAX_HALF_DAY_HOUR
    return hour if hour < HOURS_PER_DAY else None


def _split_line(text: str) -> Iterator[Token]:
    quotations = _QuotationIndex(text)
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
        elif angled := _ANGLE_BRACKETS.match(text, position):
            yield from _token_from_angle_brackets(angled[1])
            position = angled.end()
        elif cut := _match_cut_address(text, position):
            address = cut[1] + cut[2]
            yield Token("mail", address, address)
            position = cut.end()
        elif end := quotations.end_of_quotation(position):
            yield from _quoted_token(text[position + 1 : end])
            position = end + 1
        elif end := quotations.end_of_mark(position):
            yield Token("word", unescape(text[position + 1 : end]))
            position = end + 1
        else:
            word = _word_at(text, position)
            yield from _tokens_from_word(unescape(word))
            position += len(word)


def _match_cut_address(text: str, position: int) -> re.Match[str] | None:
    """Return the match of an address whose link begins after an apostrophe in it."""
    cut = _CUT_ADDRESS.match(text, position)
    return cut if cut and is_email_address(cut[1] + cut[2]) else None


def _quoted_token(inner: str) -> Iterator[Token]:
    mention = _ANGLE_BRACKETS.fullmatch(inner.strip())
    if mention and _USER_MENTION.fullmatch(mention[1].partition("|")[0]):
        yield from _token_from_angle_brackets(mention[1])
        return
    text = unescape(_SLACK_LINK_IN_QUOTES.sub(_as_displayed, inner)).strip()
    if is_email_address(text):
        yield Token("mail", text, text)
    elif text:
        yield Token("quoted", text)


def _word_at(text: str, position: int) -> str:
    match = _WORD.match(text, position)
    return match[0] if match else text[position]


class _QuotationIndex:
    """Find where the quotations of a text end.

    The positions of each mark are found once, so that a hostile text takes linear time.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._positions: dict[str, list[int]] = {}
        self._nested_ends: dict[int, int] = {}
        if any(opener in text for opener, _ in NESTED_QUOTES):
            for opener, closer in NESTED_QUOTES:
                self._nested_ends |= _find_quotation_ends(text, opener, closer)

    def end_of_quotation(self, start: int) -> int | None:
        """Return where the quotation ends that begins at `start`.

        None if none begins.
        """
        opener = self._text[start]
        if opener not in CLOSING_QUOTES:
            return None
        is_single = opener in SINGLE_QUOTES
        if is_single and not self._begins_word(start):
            return None
        if start in self._nested_ends:
            return self._nested_ends[start]
        end = self._find_closing(opener, start, ends_word=True)
        if end is not None or is_single:
            return end
        end = self._find_closing(opener, start, ends_word=False)
        return len(self._text) if end is None else end

    def end_of_mark(self, start: int) -> int | None:
        """Return where several words end that are bold, italic, struck or code.

        Else None.
        """
        mark, after = self._text[start], self._text[start + 1 : start + 2]
        if mark not in FORMATTING_MARKS or not self._begins_word(start):
            return None
        if not after.strip(mark + " "):
            return None
        end = self._find_next(mark, start, ends_word=True)
        if end is None:
            return None
        inner = self._text[start + 1 : end]
        has_words = " " in inner and not inner[-1].isspace()
        return end if has_words and "<" not in inner else None

    def _begins_word(self, start: int) -> bool:
        if start == 0:
            return True
        before = self._text[start - 1]
        return before.isspace() or before in "([{<>," + FORMATTING_MARKS

    def _find_closing(self, opener: str, start: int, *, ends_word: bool) -> int | None:
        for mark in CLOSING_QUOTES[opener]:
            end = self._find_next(mark, start, ends_word=ends_word)
            if end is not None:
                return end
        return None

    def _find_next(self, mark: str, start: int, *, ends_word: bool) -> int | None:
        key = mark + str(ends_word)
        if key not in self._positions:
            self._positions[key] = [
                position
                for position, char in enumerate(self._text)
                if char == mark and not (ends_word and self._is_inside_word(position))
            ]
        positions = self._positions[key]
        index = bisect_left(positions, start + 1)
        return positions[index] if index < len(positions) else None

    def _is_inside_word(self, position: int) -> bool:
        return self._text[position + 1 : position + 2].isalnum()


def _find_quotation_ends(text: str, opener: str, closer: str) -> dict[int, int]:
    """Return where each quotation of one kind ends, nested ones too, by its start."""
    starts: list[int] = []
    ends = {}
    for position, char in enumerate(text):
        after = text[position + 1 : position + 2]
        if char == opener and after.strip():
            starts.append(position)
        elif char == closer and starts and not after.isalnum():
            ends[starts.pop()] = position
    return ends


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
    """Return a mention, a link or an address within quotes as a person reads it."""
    return " ".join(token.text for token in _token_from_angle_brackets(angled[1]))


def _tokens_from_word(word: str) -> Iterator[Token]:
    """Return the address in a word, the several that it joins, or the word itself."""
    if "@" not in word and word[:7].lower() != MAILTO_PREFIX:
        yield Token("word", strip_formatting(word))
        return
    address = _address_token(word)
    if address:
        yield address
        return
    for pattern in _SEPARATOR_PATTERNS:
        parts = [part for part in pattern.split(word) if part]
        addresses = [token for part in parts if (token := _address_token(part))]
        if len(parts) > 1 and len(addresses) == len(parts):
            yield from addresses
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
    """Return whether a token is nothing but marks that may be between people."""
    return token.shape == "word" and SEPARATOR_CHARACTERS.issuperset(token.text)


def _without_separators(tokens: list[Token]) -> list[Token]:
    """Return the tokens without the marks beside people.

    An address after a lost `<` becomes one in angle brackets.
    """
    separators = set[int]()
    for position, token in enumerate(tokens):
        if is_person(token) or token.shape == "group":
            separators |= _separator_positions_around(tokens, position)
    bracketed_ids = {
        id(after)
        for before, after in pairwise(tokens)
        if before.text.endswith("<") and after.shape == "mail"
    }
    return [
        replace(token, is_bracketed=True) if id(token) in bracketed_ids else token
        for position, token in enumerate(tokens)
        if position not in separators
    ]


def _separator_positions_around(tokens: Sequence[Token], position: int) -> set[int]:
    positions = set[int]()
    for step in (-1, 1):
        neighbour = position + step
        while 0 <= neighbour < len(tokens) and _is_separator(tokens[neighbour]):
            positions.add(neighbour)
            neighbour += step
    return positions


def _owner_comment_positions(tokens: Sequence[Token]) -> set[int]:
    """Return the positions of the owners' names in round brackets after an address."""
    positions = set[int]()
    is_inside = False
    for position, token in enumerate(tokens):
        if is_person(token):
            is_inside = False
            continue
        if position > 0 and token.text.startswith("("):
            is_inside = True
        if is_inside:
            positions.add(position)
            is_inside = not token.text.rstrip(",;").endswith(")")
    return positions


def unescape(text: str) -> str:
    """Return a text without Slack's escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
