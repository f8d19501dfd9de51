"""Find card numbers in typed text, so that none is ever stored (BIL-01).

A card number has the first digits and a length of its scheme, is written in groups as
on a card, and passes Luhn's check. Digits inside a link, an IBAN, a time stamp, a phone
number or one of Collab's own ids are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from collab.model import Caller

SHORTEST_CARD, LONGEST_CARD = 13, 19
MASK = "•"

# First digits, as inclusive ranges, and the lengths in use (ISO/IEC 7812 and the
# schemes' published ranges).
_USUAL_LENGTHS = frozenset(range(16, 20))
SCHEMES: tuple[tuple[str, tuple[tuple[int, int], ...], frozenset[int]], ...] = (
    ("Visa", ((4, 4),), frozenset({16, 19})),
    ("Mastercard", ((51, 55), (2221, 2720)), frozenset({16})),
    ("American Express", ((34, 34), (37, 37)), frozenset({15})),
    (
        "Diners Club",
        ((300, 305), (309, 309), (36, 36), (38, 39)),
        frozenset({14, 16, 17, 18, 19}),
    ),
    ("JCB", ((3528, 3589),), _USUAL_LENGTHS),
    ("JCB, older", ((1800, 1800), (2131, 2131)), frozenset({15})),
    (
        "Maestro, Discover, UnionPay, RuPay and others",
        ((50, 50), (56, 69), (81, 82)),
        _USUAL_LENGTHS,
    ),
    ("Mir", ((2200, 2205),), _USUAL_LENGTHS),
    ("Troy, Humo, Uzcard", ((9792, 9792), (9860, 9860), (8600, 8600)), frozenset({16})),
    ("UATP", ((1, 1),), frozenset({15})),
)
# Visa no longer issues numbers of 13 digits, and phone numbers look like them; this one
# is still used in tests.
_TEST_NUMBERS = frozenset({"4222222222222"})
_GROUPINGS = frozenset(
    {(length,) for length in range(SHORTEST_CARD, LONGEST_CARD + 1)}
    | {(4, 4, 4, last) for last in range(1, 5)}
    | {(4, 4, 4, 4, last) for last in range(1, 4)}
    | {(4, 6, 5), (4, 6, 4), (4, 5, 6), (4, 3, 3, 3), (6, 13)}
)
_MOST_GROUPS = max(map(len, _GROUPINGS))

_OWN_ID = re.compile(r"\b(?:[A-Z][0-9A-F]{28}|[0-9a-f]{64})\b")
_PIECE = re.compile(r"[^\s<>|]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}\Z")
_HOST_AND_PATH = re.compile(r"(?:[\w-]{1,63}\.){1,10}[A-Za-z]{2,24}(?::\d{1,5})?[/?#]")
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \u00a0-]?[A-Za-z0-9])")
_IBAN_REST = re.compile(r"[ \u00a0-]?[A-Za-z0-9]{1,4}")
SHORTEST_IBAN, LONGEST_IBAN = 15, 34
_RUN = re.compile(r"\d(?: *\d)*")
_GROUP = re.compile(r"\d+")
_MINUS = "\u2212"
_LONGEST_CODE = 128


def holds_card_number(text: str) -> bool:
    """Return whether a text contains what looks like a card number."""
    return next(_find_card_numbers(text), None) is not None


def contains_card_number(value: Any) -> bool:
    """Return whether any text in a command or query looks like a card number."""
    if isinstance(value, str):
        return holds_card_number(value)
    if isinstance(value, tuple):
        return any(contains_card_number(item) for item in value)
    if isinstance(value, Mapping):
        return contains_card_number((*value, *value.values()))
    if is_dataclass(value) and not isinstance(value, Caller):
        return any(contains_card_number(getattr(value, f.name)) for f in fields(value))
    return False


def mask_card_numbers(text: str) -> str:
    """Replace the digits of each card number in a text."""
    chars = list(text)
    for positions in _find_card_numbers(text):
        for position in positions:
            chars[position] = MASK
    return "".join(chars)


def _find_card_numbers(text: str) -> Iterator[list[int]]:
    """Yield the positions of the digits of each card number."""
    if sum(char.isdigit() for char in text) < SHORTEST_CARD:
        return
    symbols, positions = _reduce_to_symbols(text)
    for run in _RUN.finditer(symbols):
        groups = [match.span() for match in _GROUP.finditer(symbols, *run.span())]
        if symbols[run.start() - 1 : run.start()] == "+":
            groups = groups[1:]  # a phone number with its country code
        for start, end in _find_cards_among(symbols, groups):
            yield [positions[at] for at in range(start, end) if symbols[at] != " "]


def _reduce_to_symbols(text: str) -> tuple[str, list[int]]:
    """Reduce a text to one symbol a character; return them with their positions.

    Invisible characters are left out, so that they hide nothing. Another kind of number
    becomes "/".
    """
    hidden = bytearray(len(text))
    for start, end in _find_other_numbers(text):
        hidden[start:end] = b"\x01" * (end - start)
    symbols, positions = [], []
    for position, char in enumerate(text):
        symbol = "/" if hidden[position] else _reduce_character(char)
        if symbol:
            symbols.append(symbol)
            positions.append(position)
    return "".join(symbols), positions


def _reduce_character(char: str) -> str:
    digit = unicodedata.digit(char, None)  # of every script, and also as ⁴ or ④
    if digit is not None:
        return str(digit)
    category = unicodedata.category(char)
    if char.isspace() or char == _MINUS or category == "Pd":
        return " "
    if category in {"Cf", "Cc", "Mn", "Me"}:
        return ""
    if category.startswith("L"):
        return "a"
    return "+" if char == "+" else "/"


def _find_cards_among(
    symbols: str, groups: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield the starts and ends of card numbers among groups of digits.

    Only spaces and dashes separate the groups.
    """
    first = 0
    while first < len(groups):
        used = _count_groups_used(symbols, groups, first)
        if used:
            yield groups[first][0], groups[first + used - 1][1]
        first += max(used, 1)


def _count_groups_used(
    symbols: str, groups: Sequence[tuple[int, int]], first: int
) -> int:
    """Count the groups from `first` on that are one card number; 0 if none begins."""
    singles = _count_single_digits(groups[first : first + LONGEST_CARD + 1])
    if singles > 1:
        starts = [start for start, _ in groups[first : first + singles]]
        number = "".join(symbols[start] for start in starts)
        return singles if _is_card(number) else 0
    lengths: tuple[int, ...] = ()
    number = ""
    for start, end in groups[first : first + _MOST_GROUPS]:
        lengths += (end - start,)
        number += symbols[start:end] if end - start <= LONGEST_CARD else ""
        is_one_word = len(lengths) == 1
        if (
            lengths in _GROUPINGS
            and _is_card(number)
            and not (is_one_word and _is_within_code(symbols, start, end))
        ):
            return len(lengths)
    return 0


def _count_single_digits(groups: Sequence[tuple[int, int]]) -> int:
    """Count the groups at the start that are one digit each."""
    singles = takewhile(lambda group: group[1] - group[0] == 1, groups)
    return sum(1 for _ in singles)


def _is_card(number: str) -> bool:
    if not SHORTEST_CARD <= len(number) <= LONGEST_CARD or not _passes_luhn(number):
        return False
    return number in _TEST_NUMBERS or (
        _has_scheme(number) and not _is_timestamp(number)
    )


def _has_scheme(number: str) -> bool:
    return any(
        low <= int(number[: len(str(low))]) <= high
        for _, ranges, lengths in SCHEMES
        if len(number) in lengths
        for low, high in ranges
    )


def _passes_luhn(number: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its digits
    return total % 10 == 0


def _is_timestamp(number: str) -> bool:
    """Return whether digits are a date and a time, or two dates.

    Examples are 30112026103000 and 2512202631122026.
    """
    return _is_day(number[:8]) and (_is_day(number[8:]) or _is_time(number[8:14]))


def _is_day(digits: str) -> bool:
    return any(_is_valid_date(digits, form) for form in ("%d%m%Y", "%m%d%Y", "%Y%m%d"))


def _is_time(digits: str) -> bool:
    return len(digits) == len("103000") and _is_valid_date(digits, "%H%M%S")


def _is_valid_date(digits: str, form: str) -> bool:
    if len(digits) not in {len("103000"), len("30112026")}:
        return False
    try:
        year = datetime.strptime(digits, form).year  # noqa: DTZ007 - only whether it is one
    except ValueError:
        return False
    return 1900 <= year < 2100  # noqa: PLR2004 - years that people write


def _is_within_code(symbols: str, start: int, end: int) -> bool:
    """Return whether digits are part of a code of letters and digits, such as a hash.

    "Visa4111…" is none.
    """
    before = symbols[max(start - _LONGEST_CODE, 0) : start]
    after = symbols[end : end + _LONGEST_CODE]
    has_digit_before = before.endswith("a") and before.rstrip("a")[-1:].isdigit()
    has_digit_after = after.startswith("a") and after.lstrip("a")[:1].isdigit()
    return has_digit_before or has_digit_after


def _find_other_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the starts and ends of links, IBANs and Collab's own ids."""
    for piece in _PIECE.finditer(text):
        start = _find_link_start(piece[0])
        if start is not None:
            yield piece.start() + start, piece.end()
    for match in _OWN_ID.finditer(text):
        yield match.span()
    for match in _IBAN_START.finditer(text):
        end = _find_iban_end(text, match.start(), match.end())
        if end:
            yield match.start(), end


def _find_link_start(piece: str) -> int | None:
    """Return the start of a link in a text without spaces; None if there is none."""
    separator = piece.find("://")
    if separator > 0:
        scheme = _SCHEME.search(piece, max(separator - 21, 0), separator)
        return scheme.start() if scheme else None
    host = _HOST_AND_PATH.match(piece)
    return host.start() if host else None


def _find_iban_end(text: str, start: int, end: int) -> int | None:
    """Return the end of an IBAN or creditor reference; None if there is none.

    See ISO 13616 and ISO 11649.
    """
    iban_end: int | None = None
    iban = text[start:end]
    while len(iban) < LONGEST_IBAN and (more := _IBAN_REST.match(text, end)):
        end, group = more.end(), more[0].lstrip(" \u00a0-")
        iban += group
        ends_here = not text[end : end + 1].isalnum()
        if ends_here and _passes_mod_97(iban):
            iban_end = end
        if len(group) < 4:  # noqa: PLR2004 - only the last group of an IBAN is a shorter one
            break
    return iban_end


def _passes_mod_97(iban: str) -> bool:
    if not SHORTEST_IBAN <= len(iban) <= LONGEST_IBAN or not iban.isascii():
        return False
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1
