"""The names and addresses of one person within texts that people typed (OUT-07)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from collab.text import encode_domain_label, normalize_address

ERASED = "[…]"  # in place of a name or an address within a text
MIN_NAME_WORDS = 2  # a single word may be anything
_DOT = "[.。．｡]"
_WORD_JOINER = "\u2060"  # which rendering puts into addresses
# Not within a longer address; a mark of formatting may be before and after it.
_ADDRESS_START = r"(?<![^\W_])(?<![!#$%&+/=?^{}-])(?<!\w[.'*~`_])"
_ADDRESS_END = rf"(?![^\W_]|[-_]+\w|{_DOT}\w)"


class PersonalTexts:
    """Finds a person's addresses in all their spellings, and their full names."""

    def __init__(self, addresses: Iterable[str], names: Iterable[str]) -> None:
        self._addresses = set(addresses)
        self._address_pattern = _compile(map(_match_address, self._addresses))
        words = [name.split() for name in names]
        full_names = {" ".join(each) for each in words if len(each) >= MIN_NAME_WORDS}
        longest_first = sorted(full_names, key=len, reverse=True)
        self._name_pattern = _compile(map(_match_name, longest_first))

    def erase_from(self, text: str) -> str:
        """Return a text without the addresses and the full names."""
        for pattern in (self._address_pattern, self._name_pattern):
            if pattern:
                text = pattern.sub(ERASED, text)
        return text

    def has_address(self, address: str | None) -> bool:
        """Return whether an address is one of the person's."""
        return bool(address) and normalize_address(address or "") in self._addresses

    def names_address_in(self, text: str) -> bool:
        """Return whether a text has one of the addresses."""
        return bool(self._address_pattern and self._address_pattern.search(text))


def _compile(patterns: Iterable[str]) -> re.Pattern[str] | None:
    alternatives = "|".join(patterns)
    return re.compile(alternatives, re.IGNORECASE) if alternatives else None


def _match_address(address: str) -> str:
    """Return the pattern of an address, with its domain in Unicode and in ASCII."""
    local, _, domain = address.rpartition("@")
    labels = [
        f"(?:{re.escape(label)}|{re.escape(encode_domain_label(label))})"
        for label in domain.split(".")
    ]
    written = f"{re.escape(local)}@{_WORD_JOINER}?{_DOT.join(labels)}"
    return f"{_ADDRESS_START}{written}{_ADDRESS_END}"


def _match_name(name: str) -> str:
    """Return the pattern of a name as whole words."""
    written = r"\s+".join(map(re.escape, name.split()))
    return rf"(?<!\w){written}(?!\w)"
