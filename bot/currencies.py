"""Amounts of money with the digits of their currency, those of yesterday included (CLDR, by Babel)."""

from __future__ import annotations

import re
from decimal import Decimal

from collab.errors import BadAmount

_NOT_MONEY = re.compile(r"XTS|X{3}")  # ISO 4217: for tests, and for no currency at all
_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,4})?")


def decimal_places(currency: str) -> int | None:
    """Return how many digits a currency has behind the point, or None when there is no such currency."""
    from babel.numbers import get_currency_precision, is_currency  # noqa: PLC0415 - slow to import

    if _NOT_MONEY.fullmatch(currency) or not is_currency(currency):
        return None
    return get_currency_precision(currency)


def parse_amount(typed: str, currency: str) -> Decimal:
    """Return a typed amount such as 119.00 with all digits of its currency; raise BadAmount for anything else."""
    typed, code = typed.strip(), currency.strip().upper()
    places = decimal_places(code)
    if places is None or not _AMOUNT.fullmatch(typed):
        raise BadAmount(typed, code, places)
    amount = Decimal(typed)
    exact = amount.quantize(Decimal(1).scaleb(-places))
    if exact != amount:
        raise BadAmount(typed, code, places)
    return exact + 0  # -0.00 becomes 0.00
