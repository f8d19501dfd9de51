"""Parse amounts with the decimal places of their currency (CLDR, by Babel)."""

from __future__ import annotations

import re
from decimal import Decimal

from collab.errors import BadAmount

# ISO 4217's codes for tests and for no currency.
_NOT_MONEY = re.compile(r"XTS|X{3}")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,4})?")


def decimal_places(currency: str) -> int | None:
    """Return how many decimal places a currency has; None for no currency.

    Former currencies count, too.
    """
    from babel.numbers import (  # noqa: PLC0415 - slow to import
        get_currency_precision,
        is_currency,
    )

    if _NOT_MONEY.fullmatch(currency) or not is_currency(currency):
        return None
    return get_currency_precision(currency)


def parse_amount(typed: str, currency: str) -> Decimal:
    """Return a typed amount, such as 119.00, with all decimal places of its currency.

    Raise BadAmount for anything else.
    """
    amount_text, code = typed.strip(), currency.strip().upper()
    places = decimal_places(code)
    if places is None or not _AMOUNT.fullmatch(amount_text):
        raise BadAmount(amount_text, code, places)
    amount = Decimal(amount_text)
    exact = amount.quantize(Decimal(1).scaleb(-places))
    if exact != amount:
        raise BadAmount(amount_text, code, places)
    return exact + 0  # -0.00 becomes 0.00
