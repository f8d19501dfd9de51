"""Money: amounts by their currency's digits, and card numbers, which are kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import World
from hypothesis import example, given
from hypothesis import strategies as st
from ledger import make, offer
from sqlalchemy import select

from bot.compose import new_id
from collab import refusals
from collab.billing import Details
from collab.invoices import NewInvoice
from collab.money import LONGEST_CARD, SHORTEST_CARD, amount, digits_of, holds_card_number
from collab.offers import Term
from collab.people import Account, Address, Caller
from collab.resources import Create
from collab.service import ACTIONS, QUESTIONS
from collab.transfers import NewMethod
from storage.tables import metadata

CARD = "4111 1111 1111 1111"
SEPARATORS = [" ", "-", "", "\u00a0", "\u2009", "\u2013", "\u2212", "\u200b", "\u00ad", "\t", "\n", "  ", " - "]


def check_digit(digits: str) -> str:
    """The digit that makes a number pass: each second one from the right is doubled, all digits add up to tens."""
    doubled = [str(int(d) * 2) if place % 2 == 0 else d for place, d in enumerate(reversed(digits))]
    return str(-sum(int(d) for number in doubled for d in number) % 10)


def numbers(least: int, most: int) -> st.SearchStrategy[str]:
    """Digits of some length that pass."""
    body = st.text("0123456789", min_size=least - 1, max_size=most - 1)
    return body.map(lambda digits: digits + check_digit(digits))


@pytest.mark.rule("BIL-01")
@given(numbers(SHORTEST_CARD, LONGEST_CARD), st.lists(st.sampled_from(SEPARATORS), min_size=19, max_size=19))
@example("4111111111111111", [""] * 19)
def test_what_passes_is_a_card_number_whatever_stands_between_its_digits(card: str, between: list[str]) -> None:
    typed = "".join(digit + gap for digit, gap in zip(card, between, strict=False))
    assert holds_card_number(typed)
    assert holds_card_number(f"my Visa:{typed}, thanks")
    assert holds_card_number(f"Visa{card}x")
    assert holds_card_number(f"{card} 12/27 123")


@pytest.mark.rule("BIL-01")
@given(numbers(SHORTEST_CARD, LONGEST_CARD), st.integers(1, 9))
def test_one_wrong_digit_makes_it_no_card_number(card: str, wrong: int) -> None:
    assert not holds_card_number(card[:-1] + str((int(card[-1]) + wrong) % 10))


@pytest.mark.rule("BIL-01")
@given(st.one_of(numbers(2, SHORTEST_CARD - 1), numbers(LONGEST_CARD + 1, 40)))
def test_fewer_and_more_digits_are_none(number: str) -> None:
    assert not holds_card_number(number)


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize(
    "typed",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111 1111 1111 1111 12/27 123",
        "1234 4111 1111 1111 1111",
        "4111111111111111 1227",
        "3782 822463 10005",
        "\uff14\uff11\uff11\uff11 1111 1111 1111",
        "\u0664\u0661\u0661\u0661111111111111",
        "<4111111111111111>",
        "a\n4111\n1111\n1111\n1111",
    ],
)
def test_card_numbers_as_people_type_them(typed: str) -> None:
    assert holds_card_number(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "4111 1111 1111 1112",
        "411111111111",
        "2026-11-23",
        "+49 30 901820",
        "Invoice 2026-0001 of 2026-11-23 over 119.00 EUR",
        "4111/1111/1111/1111",
        "4111,1111,1111,1111",
        "R0193F4111111111111111AB12CD4",
        "f" * 24 + "4111111111111111" + "a" * 24,
    ],
)
def test_what_is_none(typed: str) -> None:
    assert not holds_card_number(typed)


def test_ids_are_no_card_numbers() -> None:
    assert not any(holds_card_number(f"{new_id(prefix)} {new_id(prefix)}") for prefix in "RIPSQV" for _ in range(3000))


# Amounts


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    ("typed", "currency", "exact"),
    [
        ("119.00", "EUR", "119.00"),
        (" 119 ", "EUR", "119.00"),
        ("119.5", "USD", "119.50"),
        ("-12.30", "CHF", "-12.30"),
        ("1000", "JPY", "1000"),
        ("1.234", "KWD", "1.234"),
        ("1.2", "BHD", "1.200"),
        ("0", "EUR", "0.00"),
        ("999999999999.99", "EUR", "999999999999.99"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(typed: str, currency: str, exact: str) -> None:
    assert str(amount(typed, currency)) == exact


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("119.001", "EUR"),
        ("1.5", "JPY"),
        ("1.2345", "KWD"),
        ("1.00", "XXX"),
        ("1.00", "eur"),
        ("1.00", ""),
        ("", "EUR"),
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
def test_what_is_no_amount(typed: str, currency: str) -> None:
    assert amount(typed, currency) is None


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_amounts_are_exact(money: Decimal) -> None:
    assert amount(f"{money:f}", "EUR") == money


def test_currencies_know_their_digits() -> None:
    assert [digits_of(c) for c in ("EUR", "JPY", "KWD", "BTC", "eur")] == [2, 0, 3, None, None]


# No card number in the database (BIL-01)


SAMPLES: dict[str, Any] = {
    "int": 0,
    "bool": False,
    "Account": Account("T1", "UZED"),
    "Address": Address("zed@example.com"),
    "Term": Term(timedelta(days=2)),
    "date": "2026-11-23",
    "Details": Details(),
}


def plain(world: World, field: Field[Any], by: Caller) -> Any:
    """Something harmless for a field."""
    kind = str(field.type).split(" | ")[0].strip()
    if field.name == "by":
        return by
    if kind.startswith("tuple[NewInvoice"):
        return (NewInvoice("card", "1", world.at.date(), "1.00", "EUR", "0" * 64, 1),)
    if kind.startswith("tuple"):
        return ("shop",)
    if field.name == "what":
        return "shop"
    return SAMPLES.get(kind, {"kind": "app", "role": "developer", "title": "Zed"}.get(field.name, "x"))


def samples(world: World, act: type, by: Caller) -> Any:
    """An act in which every field says something."""
    return act(**{f.name: plain(world, f, by) for f in fields(act)})


def spoiled(value: Any, spoil: str) -> Iterator[Any]:
    """The value with the words in place of each text in it, one at a time."""
    if isinstance(value, str):
        yield spoil
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from ((*value[:place], bad, *value[place + 1 :]) for bad in spoiled(each, spoil))
        yield (*value, spoil)
    elif is_dataclass(value) and not isinstance(value, Caller):
        for field in fields(value):
            now = getattr(value, field.name)
            now = spoil if now is None and "str" in str(field.type) else now
            yield from (replace(value, **{field.name: bad}) for bad in spoiled(now, spoil))  # type: ignore[type-var]


def every_text(world: World, act: type, by: Caller, spoil: str) -> Iterator[Any]:
    """An act with the words in each of its texts, one at a time, at any depth."""
    usual = samples(world, act, by)
    yield from spoiled(usual, spoil)
    for field in fields(act):
        if "Choice" in str(field.type):
            new = NewMethod("Card", Details("a", "b@c.example", "d"))
            yield from (replace(usual, **{field.name: bad}) for bad in spoiled(new, spoil))
        if "Address" in str(field.type):
            yield replace(usual, **{field.name: Address(f"{spoil}@example.com".replace(" ", ""))})
        if "Account" in str(field.type):
            yield from (replace(usual, **{field.name: bad}) for bad in spoiled(Account("T1", "UZED"), spoil))


@pytest.fixture
def full(world: World) -> World:
    """A world with something of everything."""
    world.knows("ada", "carl")
    for kind, title in (("company", "Acme"), ("app", "Shop"), ("payment", "Card"), ("team", "Crew")):
        make(world, kind, title)
    world.invite("carl", "developer", "shop")
    offer(world, "carl", "shop")
    return world


def rows(world: World) -> list[str]:
    """Everything that is stored, as text."""
    with world.database.engine.begin() as connection:
        return [repr(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize("spoil", [CARD, "4111-1111-1111-1111", "no 4111\u200b1111\u00a011111111!"])
def test_a_card_number_is_refused_in_every_text_of_every_act_and_stands_in_no_row(full: World, spoil: str) -> None:
    before, tried = rows(full), 0
    for act in ACTIONS:
        for door in ("command", "slack"):
            by = full.by("ada", door) if door == "command" else full.nobody(door)
            for typed in every_text(full, act, by, spoil):
                with pytest.raises(refusals.CardNumber):
                    full.do(typed)
                with pytest.raises(refusals.CardNumber):
                    full.collab.preview(typed, full.at)
                tried += 1
    for question in QUESTIONS:
        for typed in every_text(full, question, full.by("ada"), spoil):
            with pytest.raises(refusals.CardNumber):
                full.collab.ask(typed, full.at)
            tried += 1
    assert tried > 150
    assert rows(full) == before
    assert not any(holds_card_number(row) and "4111" in row for row in rows(full))


@pytest.mark.rule("BIL-01")
def test_a_refusal_of_a_card_number_says_nothing_of_it(full: World) -> None:
    with pytest.raises(refusals.CardNumber) as refused:
        full.do(Create(full.by("ada"), "payment", CARD))
    assert "4111" not in repr(refused.value)


def test_every_text_of_an_act_is_walked(full: World) -> None:
    acts = {type(a).__name__ for act in ACTIONS for a in every_text(full, act, full.by("ada"), CARD)}
    silent = {act.__name__ for act in ACTIONS} - acts
    assert silent == {"Uninstall", "Undo", "SendAgain"}
