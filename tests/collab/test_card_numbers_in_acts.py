"""No card number is stored, whatever act brings it, by whatever way (BIL-01)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from collab import refusals
from collab.billing import Details
from collab.card_numbers import holds_card_number
from collab.invoices import NewInvoice
from collab.offers import Term
from collab.people import Account, Address, Caller, Person, ReadProfile
from collab.resources import Create
from collab.service import ACTIONS, QUESTIONS, SAID_BY_THE_PLATFORM
from collab.transfers import NewMethod
from storage.tables import metadata
from tests.support.billing_oracle import make, offer
from tests.support.builders import World

CARD = "4111 1111 1111 1111"

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
        return (NewInvoice("card", "1", world.at.date(), Decimal("1.00"), "EUR", "0" * 64, 1),)
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
@pytest.mark.parametrize("spoil", [CARD, "4111-1111-1111-1111", "no 4111\u200b1111\u00ad11111111!"])
def test_a_card_number_is_refused_in_every_text_of_every_act_and_stands_in_no_row(full: World, spoil: str) -> None:
    before, tried = rows(full), 0
    for act in ACTIONS.keys() - SAID_BY_THE_PLATFORM:
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


@pytest.mark.rule("BIL-01")
@pytest.mark.rule("PER-01")
@pytest.mark.parametrize("spoil", [CARD, "4111-1111-1111-1111", "no 4111\u200b1111\u00ad11111111!"])
def test_card_numbers_in_what_the_platform_says_are_masked_and_the_rest_of_it_counts(full: World, spoil: str) -> None:
    for act in SAID_BY_THE_PLATFORM:
        for said in every_text(full, act, full.nobody("slack"), spoil):
            ids = [getattr(said, name, None) for name in ("bot", "organisation", "channel")]
            if spoil not in (*ids, *getattr(said, "teams", ())):  # ids have a reader of their own
                full.do(replace(said, account=full.account("zed")) if isinstance(said, ReadProfile) else said)
    assert not any(holds_card_number(row) or "4111" in row for row in rows(full))


def person_named(world: World, name: str) -> Person:
    """The person behind a name as stored now."""
    with world.collab.look(world.workspace) as facts:
        person = facts.person_by_account(world.account(name))
    assert person
    return person


@pytest.mark.rule("PER-01")
@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize(
    "change", [{"active": False}, {"guest": True}, {"admin": False}, {"bot": True}, {"tz": "Asia/Tokyo"}]
)
def test_an_account_named_like_a_card_number_is_still_read(world: World, change: dict[str, Any]) -> None:
    world.knows("ada", "carl")
    person = person_named(world, "carl")
    usual = ReadProfile(
        by=world.nobody("slack"),
        account=Account(person.team or "", person.user or ""),
        title=f"Carl {CARD}",
        email=person.email,
        tz=person.tz,
        locale=None,
        bot=False,
        guest=False,
        active=True,
        admin=True,
    )
    world.do(usual)
    world.do(replace(usual, **change))
    now = person_named(world, "carl")
    assert now.title == "Carl •••• •••• •••• ••••"
    assert {name: getattr(now, name) for name in change} == change
