"""Money: amounts with their currency's own digits, and card numbers, which are kept nowhere."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

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
_DIGITS = re.compile(r"\d(?:[ \-\u00a0\u2010-\u2015]*\d)*")
_IN_A_FIELD = re.compile(rf"(?<![0-9A-Za-z]){_DIGITS.pattern}(?![0-9A-Za-z])")


def holds_card_number(text: str) -> bool:
    """Whether 13 to 19 digits in a text pass Luhn's check, spaces and dashes ignored."""
    return _holds(_DIGITS, text)


def holds_bare_card_number(text: str) -> bool:
    """The same, of digits that no letter stands beside: ids of this program are made of both."""
    return _holds(_IN_A_FIELD, text)


def digits_of(currency: str) -> int | None:
    """How many digits a currency has behind the point; nothing for what is no currency."""
    for digits, codes in ((0, WITHOUT), (2, WITH_TWO), (3, WITH_THREE)):
        if currency in codes:
            return digits
    return None


def amount(typed: str, currency: str) -> Decimal | None:
    """An amount with its currency's own digits; nothing for what is none, or has more digits than there are."""
    digits = digits_of(currency)
    try:
        given = Decimal(typed.strip())
    except InvalidOperation:
        return None
    if digits is None or not given.is_finite() or abs(given) >= Decimal(10) ** 12:
        return None
    exact = given.quantize(Decimal(1).scaleb(-digits))
    return exact if exact == given else None


def _holds(pattern: re.Pattern[str], text: str) -> bool:
    return any(_is_card(re.sub(r"\D", "", found[0])) for found in pattern.finditer(text))


def _is_card(digits: str) -> bool:
    """Whether a run of digits is, or holds, as many as a card has and passes Luhn's check as a whole."""
    return SHORTEST_CARD <= len(digits) <= LONGEST_CARD and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its digits
    return total % 10 == 0
