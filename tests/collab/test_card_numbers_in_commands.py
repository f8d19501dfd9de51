"""No command stores a card number, whatever its origin (BIL-01)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from collab import errors
from collab.billing.invoices import NewInvoice
from collab.billing.payment_method_choice import NewPaymentMethod
from collab.card_numbers import holds_card_number
from collab.model import Account, Address, BillingDetails, Caller, Person, Term
from collab.people import UpdateProfile
from collab.resources import CreateResource
from storage.tables import metadata
from tests.support.billing_oracle import create_resource, offer_billing_transfer
from tests.support.builders import Scenario
from tests.support.requests import COMMANDS, QUERIES

pytestmark = pytest.mark.slow  # tries every command with many inputs

CARD = "4111 1111 1111 1111"

SAMPLES: dict[str, Any] = {
    "int": 0,
    "bool": False,
    "Account": Account("T1", "UZED"),
    "Address": Address("zed@example.com"),
    "Term": Term(timedelta(days=2)),
    "date": "2026-11-23",
    "BillingDetails": BillingDetails(),
}


def plain(world: Scenario, field: Field[Any], by: Caller) -> Any:
    """Something harmless for a field."""
    kind = str(field.type).split(" | ")[0].strip()
    if field.name == "by":
        return by
    if kind.startswith("tuple[NewInvoice"):
        return (
            NewInvoice(
                "card", "1", world.at.date(), Decimal("1.00"), "EUR", "0" * 64, 1
            ),
        )
    if kind.startswith("tuple"):
        return ("shop",)
    if field.name == "what":
        return "shop"
    return SAMPLES.get(
        kind, {"kind": "app", "role": "developer", "title": "Zed"}.get(field.name, "x")
    )


def samples(world: Scenario, act: type, by: Caller) -> Any:
    """An act in which every field says something."""
    return act(**{f.name: plain(world, f, by) for f in fields(act)})


def spoiled(value: Any, spoil: str) -> Iterator[Any]:
    """The value with the words in place of each text in it, one at a time."""
    if isinstance(value, str):
        yield spoil
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from (
                (*value[:place], bad, *value[place + 1 :])
                for bad in spoiled(each, spoil)
            )
        yield (*value, spoil)
    elif is_dataclass(value) and not isinstance(value, Caller):
        for field in fields(value):
            now = getattr(value, field.name)
            now = spoil if now is None and "str" in str(field.type) else now
            yield from (
                replace(value, **{field.name: bad})  # type: ignore[type-var]
                for bad in spoiled(now, spoil)
            )


def every_text(world: Scenario, act: type, by: Caller, spoil: str) -> Iterator[Any]:
    """An act with the words in each of its texts, one at a time, at any depth."""
    usual = samples(world, act, by)
    yield from spoiled(usual, spoil)
    for field in fields(act):
        if "PaymentMethodChoice" in str(field.type):
            new = NewPaymentMethod("Card", BillingDetails("a", "b@c.example", "d"))
            yield from (
                replace(usual, **{field.name: bad}) for bad in spoiled(new, spoil)
            )
        if "Address" in str(field.type):
            yield replace(
                usual, **{field.name: Address(f"{spoil}@example.com".replace(" ", ""))}
            )
        if "Account" in str(field.type):
            yield from (
                replace(usual, **{field.name: bad})
                for bad in spoiled(Account("T1", "UZED"), spoil)
            )


@pytest.fixture
def full(world: Scenario) -> Scenario:
    """A world with something of everything."""
    world.register_people("ada", "carl")
    for kind, title in (
        ("company", "Acme"),
        ("app", "Shop"),
        ("payment", "Card"),
        ("team", "Crew"),
    ):
        create_resource(world, kind, title)
    world.send_invitation("carl", "developer", "shop")
    offer_billing_transfer(world, "carl", "shop")
    return world


def rows(world: Scenario) -> list[str]:
    """Everything that is stored, as text."""
    with world.database.engine.begin() as connection:
        return [
            repr(row)
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
        ]


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize(
    "spoil", [CARD, "4111-1111-1111-1111", "no 4111\u200b1111\u00ad11111111!"]
)
def test_a_card_number_is_refused_in_every_text_of_every_act_and_stands_in_no_row(
    full: Scenario, spoil: str
) -> None:
    before, tried = rows(full), 0
    for act in {c for c in COMMANDS if not c.masks_card_numbers}:
        for origin in ("command", "slack"):
            by = (
                full.caller_for("ada", origin)
                if origin == "command"
                else full.system_caller(origin)
            )
            for typed in every_text(full, act, by, spoil):
                with pytest.raises(errors.CardNumber):
                    full.execute(typed)
                with pytest.raises(errors.CardNumber):
                    full.bus.dry_run(typed, full.at)
                tried += 1
    for question in QUERIES:
        for typed in every_text(full, question, full.caller_for("ada"), spoil):
            with pytest.raises(errors.CardNumber):
                full.bus.query(typed, full.at)
            tried += 1
    assert tried > 150
    assert rows(full) == before
    assert not any(holds_card_number(row) and "4111" in row for row in rows(full))


@pytest.mark.rule("BIL-01")
def test_a_refusal_of_a_card_number_says_nothing_of_it(full: Scenario) -> None:
    with pytest.raises(errors.CardNumber) as refused:
        full.execute(CreateResource(full.caller_for("ada"), "payment", CARD))
    assert "4111" not in repr(refused.value)


def test_every_text_of_an_act_is_walked(full: Scenario) -> None:
    acts = {
        type(a).__name__
        for act in COMMANDS
        for a in every_text(full, act, full.caller_for("ada"), CARD)
    }
    silent = {act.__name__ for act in COMMANDS} - acts
    assert silent == {
        "UninstallWorkspace",
        "SwitchWorkspace",
        "UndoDeparture",
        "SignIn",
        "SignOut",
    }


@pytest.mark.rule("BIL-01")
@pytest.mark.rule("PER-01")
@pytest.mark.parametrize(
    "spoil", [CARD, "4111-1111-1111-1111", "no 4111\u200b1111\u00ad11111111!"]
)
def test_card_numbers_in_what_the_platform_says_are_masked_and_the_rest_of_it_counts(
    full: Scenario, spoil: str
) -> None:
    for act in (c for c in COMMANDS if c.masks_card_numbers):
        for said in every_text(full, act, full.system_caller("slack"), spoil):
            ids = [
                getattr(said, name, None) for name in ("bot", "organisation", "channel")
            ]
            if spoil not in (
                *ids,
                *getattr(said, "teams", ()),
            ):  # ids have a reader of their own
                full.execute(
                    replace(said, account=full.account_of("zed"))
                    if isinstance(said, UpdateProfile)
                    else said
                )
    assert [r for r in rows(full) if holds_card_number(r) or "4111" in r] == []


def person_named(world: Scenario, name: str) -> Person:
    """The person behind a name as stored now."""
    with world.bus.read(world.workspace) as facts:
        person = facts.people.find_person_by_account(world.account_of(name))
    assert person
    return person


@pytest.mark.rule("PER-01")
@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"guest": True},
        {"admin": False},
        {"bot": True},
        {"tz": "Asia/Tokyo"},
    ],
)
def test_an_account_named_like_a_card_number_is_still_read(
    world: Scenario, change: dict[str, Any]
) -> None:
    world.register_people("ada", "carl")
    person = person_named(world, "carl")
    usual = UpdateProfile(
        by=world.system_caller("slack"),
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
    world.execute(usual)
    world.execute(replace(usual, **change))
    now = person_named(world, "carl")
    assert now.title == "Carl •••• •••• •••• ••••"
    assert {name: getattr(now, name) for name in change} == change
