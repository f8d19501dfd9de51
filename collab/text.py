"""Cleaning of typed text, and the forms in which names and addresses are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

SORT_NAME_LIMIT = 500  # characters; an index of the database takes no more
LINE_BREAKS = frozenset("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
# Format characters (category Cf) that are drawn: signs over the digits after them.
DRAWN_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
# Drawn as nothing although their category is another: fillers, the blank braille
# pattern, and Default_Ignorable_Code_Point (DerivedCoreProperties.txt) outside of Cf.
BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\uffa0\ufffc\U00016fe4\U0001d159"
)
BLANK_RANGES = (
    (0xFDD0, 0xFDEF),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE00FF),
    (0xE01F0, 0xE0FFF),
)
# Joiners and variation selectors change how some neighbours are drawn; next to others
# they are removed.
_DEPENDENT = re.compile(
    "[\u200c\u200d\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
_JOINERS = "\u200c\u200d"
_KEYCAP = "\u20e3"
# Hebrew: no script before it needs a joiner or a variation selector.
FIRST_COMPLEX_SCRIPT = "\u0590"
# On one character, as in Unicode's Stream-Safe Text Format.
MAX_COMBINING_MARKS = 30
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u02bb\u02b9\u2032\uff07`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2026": "...",
    }
)
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_PUNYCODE = "xn--"
MAX_ADDRESS_LENGTH = 254  # RFC 5321
MAX_OWNER_NAME_LENGTH = 80
_NAME_MARKS = " \"“”„«»'‘’‚,;()<>"
_LOCAL_PART = re.compile(r"[\w!#$%&'*+/=?^`{}~-]+(?:\.[\w!#$%&'*+/=?^`{}~-]+)*")


def replace_half_characters(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate, which UTF-8 cannot hold."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_text(typed: str) -> str:
    r"""Return the text in NFC without invisible characters.

    Line breaks become `\n`, lone surrogates U+FFFD.
    """
    if typed.isascii() and typed.isprintable():
        return typed
    whole = replace_half_characters(typed).replace("\r\n", "\n")
    visible = "".join(map(_clean_character, whole))
    visible = _DEPENDENT.sub(_select_needed_joiners, visible)
    return unicodedata.normalize("NFC", _limit_marks(visible))


def clean_text_line(typed: str) -> str:
    """Return the cleaned text on one line, with single spaces between its words."""
    return " ".join(clean_text(typed).split())


def clean_json_texts(value: Any, most: int) -> Any:
    """Return JSON-like data with each text cleaned and cut to `most` characters."""
    if isinstance(value, str):
        return clean_text(value[:most])
    if isinstance(value, dict):
        return {
            clean_json_texts(key, most): clean_json_texts(each, most)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [clean_json_texts(each, most) for each in value]
    return value


def normalize_for_comparison(typed: str) -> str:
    """Return the form in which names are compared.

    Case, spaces and the kinds of apostrophes, quotes and dashes make no difference.
    """
    if typed.isascii() and typed.isprintable():
        return " ".join(typed.casefold().replace("`", "'").split())
    alike = _DEPENDENT.sub("", clean_text_line(typed)).translate(_LOOKALIKES)
    return " ".join(unicodedata.normalize("NFC", alike.casefold()).split())


def make_sort_name(name: str, address: str | None) -> str:
    """Return the text by which a person is ordered among others."""
    return normalize_for_comparison(name or address or "")[:SORT_NAME_LIMIT]


def normalize_address(typed: str) -> str:
    """Return the form in which e-mail addresses are stored and compared.

    It is in lower case, with the domain in Unicode. Nothing else is changed, so that
    similar addresses differ (INV-14).
    """
    address = unicodedata.normalize("NFC", clean_text_line(typed)).lower()
    local, at_sign, domain = address.rpartition("@")
    labels = domain.translate(_DOTS).split(".")
    return f"{local}{at_sign}{'.'.join(map(_decode_domain_label, labels))}"


def clean_owner_name(typed: str) -> str:
    """Return the name that was typed before an address, as one line without quotes.

    It is empty for one that could be taken for another address or for a link.
    """
    name = clean_text_line(typed).strip(_NAME_MARKS)
    if "@" in name or "://" in name or not is_visible(name):
        return ""
    return name[:MAX_OWNER_NAME_LENGTH].rstrip()


def is_email_address(text: str) -> bool:
    """Return whether a text has the form of an e-mail address.

    That is words with single dots, @, and a domain of two labels or more.
    """
    local, at_sign, domain = text.rpartition("@")
    if not at_sign or len(text) > MAX_ADDRESS_LENGTH:
        return False
    if _LOCAL_PART.fullmatch(local) is None:
        return False
    labels = domain.translate(_DOTS).split(".")
    return len(labels) > 1 and all(map(_is_label, labels))


def is_visible(text: str) -> bool:
    """Return whether a text has more than spaces, marks and control characters."""
    return any(
        not (char.isspace() or unicodedata.category(char)[0] in "MZC") for char in text
    )


@lru_cache(4096)
def _clean_character(char: str) -> str:
    """Return what replaces a character: itself, a line break, a space, or nothing."""
    if char in LINE_BREAKS:
        return "\n"
    if char == "\t":
        return " "
    if _DEPENDENT.fullmatch(char) or char in DRAWN_FORMATS:
        return char
    code = ord(char)
    is_blank = char in BLANK or any(
        first <= code <= last for first, last in BLANK_RANGES
    )
    is_noncharacter = code & 0xFFFE == 0xFFFE  # noqa: PLR2004 - the last two code points of every plane
    if is_blank or is_noncharacter or unicodedata.category(char) in {"Cc", "Cf"}:
        return ""
    return char


def _select_needed_joiners(match: re.Match[str]) -> str:
    """Return those joiners and variation selectors that their neighbours need."""
    start, end = match.span()
    before = match.string[start - 1 : start] if start else ""
    after = match.string[end : end + 1]
    needed = ""
    if _can_have_variants(before, after):
        needed += next((char for char in match[0] if char not in _JOINERS), "")
    if _is_complex(before) and _is_complex(after):
        needed += next((char for char in match[0] if char in _JOINERS), "")
    return needed


def _can_have_variants(char: str, after: str) -> bool:
    if _is_complex(char) or _is_symbol(char):
        return True
    return after == _KEYCAP and char in {*"0123456789#*"}


def _is_complex(char: str) -> bool:
    """Return whether what follows can change how a letter, mark or emoji is drawn."""
    return char >= FIRST_COMPLEX_SCRIPT and unicodedata.category(char)[0] in "LMS"


def _is_symbol(char: str) -> bool:
    return bool(char) and (
        char in "\u203c\u2049\u3030"
        or (char >= "\u00a9" and unicodedata.category(char)[0] == "S")
    )


def _is_label(label: str) -> bool:
    if not label or label.startswith("-") or label.endswith("-"):
        return False
    return all(char == "-" or unicodedata.category(char)[0] in "LMN" for char in label)


def _limit_marks(text: str) -> str:
    """Return the text with at most 30 combining marks in a row.

    To normalize more takes quadratic time.
    """
    chars: list[str] = []
    row = 0
    for char in text:
        row = row + 1 if unicodedata.combining(char) else 0
        if row <= MAX_COMBINING_MARKS:
            chars.append(char)
    return "".join(chars)


def encode_domain_label(label: str) -> str:
    """Return a label of a domain in its ASCII form."""
    if label.isascii():
        return label
    return f"{_PUNYCODE}{label.encode('punycode').decode('ascii')}"


def _decode_domain_label(label: str) -> str:
    """Return a label of a domain in Unicode; an invalid ASCII form stays unchanged."""
    if not label.startswith(_PUNYCODE):
        return label
    encoded = label.removeprefix(_PUNYCODE)
    try:
        decoded = encoded.encode("ascii").decode("punycode")
        is_same = (
            clean_text_line(decoded).lower() == decoded
            and decoded.encode("punycode").decode("ascii") == encoded
        )
    except UnicodeError:
        return label
    return decoded if is_same and not decoded.isascii() else label
