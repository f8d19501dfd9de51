"""Money: amounts with their currency's own digits, and card numbers, which are kept nowhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

SHORTEST_CARD, LONGEST_CARD = 13, 19


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Active codes of ISO 4217 by their number of digits behind the point; all others have two.
WITHOUT = _codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
WITH_THREE = _codes("BHD IQD JOD KWD LYD OMR TND")
WITH_TWO = _codes(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
    CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
    KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
    TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG
    """
)
_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,3})?")
_DIGIT = re.compile(r"\d")
_RUN = re.compile(r"\d(?: *\d)*")
# Ids of this program, and hashes: they are made of digits and letters, and nobody types them.
_MADE = re.compile(r"\b(?:[A-Z][0-9A-F]{28}|[0-9a-f]{64})\b")
_MINUS = "\u2212"
LONG_GROUP = 4


def holds_card_number(text: str) -> bool:
    """Whether 13 to 19 digits in a text pass Luhn's check; spaces, dashes and what nobody sees between them is ignored.

    Of digits in groups, as they stand on a card, it may be some: behind the number people type when it ends.
    """
    if len(_DIGIT.findall(text)) < SHORTEST_CARD:
        return False
    plain = "".join(map(_plain, _MADE.sub("/", text)))
    return any(_is_card(number) for run in _RUN.findall(plain) for number in _numbers(run.split()))


def _plain(char: str) -> str:
    """A digit, a space for all that may stand between digits, nothing for what nobody sees, or a mark."""
    category = unicodedata.category(char)
    if category == "Nd":
        return str(int(char))
    if char.isspace() or char == _MINUS or category == "Pd":
        return " "
    return "" if category in {"Cf", "Cc", "Mn"} else "/"


def _numbers(groups: list[str]) -> Iterator[str]:
    """All digits as one number, and those of groups that stand together, all but the last of them long ones."""
    yield "".join(groups)
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            yield "".join(groups[first : last + 1])
            if len(groups[last]) < LONG_GROUP:
                break


def digits_of(currency: str) -> int | None:
    """How many digits a currency has behind the point; nothing for what is no currency."""
    for digits, codes in ((0, WITHOUT), (2, WITH_TWO), (3, WITH_THREE)):
        if currency in codes:
            return digits
    return None


def amount(typed: str, currency: str) -> Decimal | None:
    """An amount with its currency's own digits; nothing for what is none, or has more digits than there are."""
    digits = digits_of(currency)
    if digits is None or not _AMOUNT.fullmatch(typed.strip()):
        return None
    given = Decimal(typed.strip())
    exact = given.quantize(Decimal(1).scaleb(-digits))
    return exact if exact == given else None


def _is_card(digits: str) -> bool:
    return SHORTEST_CARD <= len(digits) <= LONGEST_CARD and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its digits
    return total % 10 == 0
