"""Amounts by their currency's digits, for currencies of today and of old invoices (BIL-07)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from bot.currencies import decimal_places, parse_amount
from collab.errors import BadAmount


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    ("typed", "currency", "exact"),
    [
        ("119.00", "EUR", "119.00"),
        (" 119 ", "EUR", "119.00"),
        ("119.5", "usd", "119.50"),
        ("-12.30", " CHF ", "-12.30"),
        ("1000", "JPY", "1000"),
        ("1000.00", "JPY", "1000"),
        ("1.234", "KWD", "1.234"),
        ("1.2", "BHD", "1.200"),
        ("1.2345", "CLF", "1.2345"),
        ("0", "EUR", "0.00"),
        ("-0.00", "EUR", "0.00"),
        ("-0", "JPY", "0"),
        ("5.00", "XCG", "5.00"),
        ("5.00", "VED", "5.00"),
        ("5.00", "DEM", "5.00"),
        ("5000", "ITL", "5000"),
        ("999999999999.99", "EUR", "999999999999.99"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(
    typed: str, currency: str, exact: str
) -> None:
    assert str(parse_amount(typed, currency)) == exact


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("119.001", "EUR"),
        ("1.5", "JPY"),
        ("1.2345", "KWD"),
        ("1.00", "XXX"),
        ("1.00", "XTS"),
        ("1.00", "XYZ"),
        ("1.00", "EURO"),
        ("1.00", ""),
        ("", "EUR"),
        ("much", "EUR"),
        ("1,00", "EUR"),
        ("1_000", "EUR"),
        ("1e3", "EUR"),
        ("1e-2", "EUR"),
        ("\uff11", "EUR"),
        ("NaN", "EUR"),
        ("sNaN", "EUR"),
        ("Infinity", "EUR"),
        ("1000000000000", "EUR"),
        ("+1", "EUR"),
        ("1e999999999", "EUR"),
    ],
)
def test_anything_else_is_no_amount(typed: str, currency: str) -> None:
    with pytest.raises(BadAmount):
        parse_amount(typed, currency)


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_amounts_are_exact(amount: Decimal) -> None:
    assert parse_amount(f"{amount:f}", "EUR") == amount


def test_every_currency_has_its_digits() -> None:
    assert {decimal_places(code) for code in list_currencies() - {"XXX", "XTS"}} == {
        0,
        2,
        3,
        4,
    }
    assert [decimal_places(code) for code in ("EUR", "JPY", "KWD", "BTC", "eur")] == [
        2,
        0,
        3,
        None,
        None,
    ]
