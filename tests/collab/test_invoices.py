"""Invoices: an archive for each payment method, filled by the operator, read by whoever has `invoices`."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from collab import refusals
from collab.events import InvitationSent, InvoiceAdded, ResourceDeleted, ResourceRetired
from collab.invoices import PAGE, AddInvoices, InvoiceList, ListInvoices, NewInvoice, ShowInvoice
from collab.offers import Term
from collab.resources import Delete, Move, Rename
from tests.support.billing_oracle import attach, can, given, make, payer, thing
from tests.support.builders import World

FILE = "0f" * 32


@pytest.fixture
def card(world: World) -> World:
    """A company with a payment method, Ada its owner, Bo its accountant; Carl's own card."""
    world.knows("ada", "bo", "carl", "devi")
    make(world, "company", "Acme")
    make(world, "payment", "Card", within="acme")
    world.member("bo", "accountant")
    make(world, "payment", "Purse", by="carl")
    world.told()
    return world


def bill(method: str = "card", number: str = "1", **said: Any) -> NewInvoice:
    """An invoice as the operator gives it."""
    usual: dict[str, Any] = {
        "day": date(2026, 11, 2),
        "amount": Decimal("119.00"),
        "currency": "EUR",
        "file": FILE,
        "size": 1000,
    }
    return NewInvoice(method, number, **(usual | said))


def add(world: World, *bills: NewInvoice) -> list[str]:
    """The operator adds them; answers their ids."""
    outcome = world.do(AddInvoices(world.nobody("cli"), bills))
    return [r.event.invoice for r in outcome.recorded if isinstance(r.event, InvoiceAdded)]


def archive(world: World, what: str = "card", by: str = "ada", page: int = 0) -> InvoiceList:
    found: InvoiceList = world.collab.ask(ListInvoices(world.by(by), what, page), world.at)
    return found


@pytest.mark.rule("BIL-07")
def test_each_payment_method_has_an_archive_of_its_own(card: World) -> None:
    add(card, bill(), bill("purse"), bill(number="2", currency="JPY", amount=Decimal(1000)))
    found = archive(card).invoices
    assert [(i.number, i.amount, i.currency, i.day, i.file, i.size) for i in reversed(found)] == [
        ("1", Decimal("119.00"), "EUR", date(2026, 11, 2), FILE, 1000),
        ("2", Decimal(1000), "JPY", date(2026, 11, 2), FILE, 1000),
    ]
    assert [i.number for i in archive(card, "purse", "carl").invoices] == ["1"]


@pytest.mark.rule("BIL-07")
def test_whoever_has_invoices_lists_them_and_has_the_file_and_nobody_else(card: World) -> None:
    (invoice,) = add(card, bill())
    make(card, "app", "Shop", within="acme")
    attach(card, "shop", "card")
    card.member("devi", "admin", "shop")
    card.member("carl", "admin")
    for who in ("ada", "bo"):
        assert len(archive(card, by=who).invoices) == 1
        assert card.collab.ask(ShowInvoice(card.by(who), invoice), card.at).file == FILE
    for who in ("carl", "devi"):
        with pytest.raises(refusals.UnknownResource):
            archive(card, by=who)
        with pytest.raises(refusals.Refused):
            card.collab.ask(ShowInvoice(card.by(who), invoice), card.at)
    with pytest.raises(refusals.UnknownInvoice):
        card.collab.ask(ShowInvoice(card.by("ada"), "V-none"), card.at)
    with pytest.raises(refusals.DoesNotPay):
        archive(card, "acme")
    with pytest.raises(refusals.MayNot):
        archive(card, "shop")


@pytest.mark.rule("BIL-07")
def test_an_accountant_of_one_method_reads_no_other(card: World) -> None:
    (invoice,) = add(card, bill("purse"))
    card.member("devi", "accountant", "purse", by="carl")
    assert len(archive(card, "purse", "devi").invoices) == 1
    with pytest.raises(refusals.UnknownResource):
        archive(card, by="devi")
    with pytest.raises(refusals.UnknownResource):
        card.collab.ask(ShowInvoice(card.by("ada"), invoice), card.at)


@pytest.mark.rule("BIL-07")
def test_totals_are_exact_by_year_and_currency(card: World) -> None:
    for number, (day, amount, currency) in enumerate(
        [
            (date(2025, 12, 31), "0.10", "EUR"),
            (date(2026, 1, 1), "0.10", "EUR"),
            (date(2026, 5, 1), "0.20", "EUR"),
            (date(2026, 6, 1), "-0.05", "EUR"),
            (date(2026, 6, 2), "7.125", "KWD"),
            (date(2025, 6, 2), "100", "JPY"),
        ]
    ):
        add(card, bill(number=str(number), day=day, amount=Decimal(amount), currency=currency))
    assert archive(card).totals == [
        (2026, "EUR", Decimal("0.25")),
        (2026, "KWD", Decimal("7.125")),
        (2025, "EUR", Decimal("0.10")),
        (2025, "JPY", Decimal(100)),
    ]


@pytest.mark.rule("BIL-07")
def test_the_newest_come_first_a_page_at_a_time_and_totals_count_all(card: World) -> None:
    add(card, *(bill(number=str(n), day=date(2026, 1 + n % 12, 1), amount=Decimal(1)) for n in range(PAGE + 5)))
    first, second = archive(card), archive(card, page=1)
    assert (len(first.invoices), first.next_page, len(second.invoices), second.next_page) == (PAGE, 1, 5, None)
    days = [i.day for i in (*first.invoices, *second.invoices)]
    assert days == sorted(days, reverse=True)
    assert first.totals == second.totals == [(2026, "EUR", Decimal(PAGE + 5))]


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("again", ["1", " 1 ", "1\n"])
def test_a_number_stands_once_in_an_archive(card: World, again: str) -> None:
    add(card, bill())
    with pytest.raises(refusals.KnownInvoice):
        add(card, bill(number=again))
    with pytest.raises(refusals.KnownInvoice):
        add(card, bill(number="2"), bill(thing(card, "card").id, number=again.replace("1", "2")))
    assert [i.number for i in archive(card).invoices] == ["1"]


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    ("spoiled", "refusal"),
    [
        (bill("nobody", "9"), refusals.UnknownResource),
        (bill("acme", "9"), refusals.DoesNotPay),
        (bill(number=" "), refusals.TooLong),
        (bill(number="n" * 41), refusals.TooLong),
        (bill(number="4111 1111 1111 1111"), refusals.CardNumber),
    ],
)
def test_a_file_is_taken_whole_or_not_at_all(card: World, spoiled: NewInvoice, refusal: type) -> None:
    with pytest.raises(refusal):
        add(card, bill(), bill("purse", "8"), spoiled)
    assert card.happened(InvoiceAdded) == []


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("who", ["ada", "bo", "carl"])
def test_nobody_but_the_operator_adds_invoices(card: World, who: str) -> None:
    with pytest.raises(refusals.NotAllowed):
        card.do(AddInvoices(card.by(who), (bill(),)))


@pytest.mark.rule("BIL-07")
@pytest.mark.rule("EVT-05")
def test_those_who_were_given_the_books_hear_once_and_no_channel_does(card: World) -> None:
    card.member("devi", "accountant", "card")
    card.link("CACME", "acme")
    card.told()
    add(card, bill())
    assert sorted(card.told()) == [("ada", "invoice_added"), ("devi", "invoice_added")]


# Retired, not deleted (RES-04)


@pytest.mark.rule("RES-04")
@pytest.mark.rule("BIL-07")
def test_a_method_with_invoices_is_retired_and_its_invoices_stay_readable(card: World) -> None:
    (invoice,) = add(card, bill())
    make(card, "app", "Shop", within="acme")
    attach(card, "shop", "card")
    card.do(Delete(card.by("ada"), "card"))
    assert (thing(card, "card").retired, thing(card, "card").gone, payer(card, "shop")) == (True, False, None)
    for who in ("ada", "bo"):
        assert len(archive(card, by=who).invoices) == 1
        assert card.collab.ask(ShowInvoice(card.by(who), invoice), card.at).number == "1"
    with pytest.raises(refusals.Retired):
        attach(card, "shop", "card")
    with pytest.raises(refusals.Retired):
        card.do(Delete(card.by("ada"), "card"))
    add(card, bill(number="last"))
    card.member("devi", "accountant", "card")
    assert len(archive(card, by="devi").invoices) == 2


@pytest.mark.rule("RES-04")
def test_a_method_without_invoices_is_deleted(card: World) -> None:
    card.do(Delete(card.by("ada"), "card"))
    assert (card.happened(ResourceRetired), len(card.happened(ResourceDeleted))) == ([], 1)
    with pytest.raises(refusals.UnknownResource):
        archive(card)
    with pytest.raises(refusals.UnknownResource):
        add(card, bill())


@pytest.mark.rule("RES-04")
@pytest.mark.rule("BIL-07")
def test_what_ends_with_the_company_but_its_invoices_which_their_readers_still_read(card: World) -> None:
    (invoice,) = add(card, bill())
    make(card, "payment", "Spare", within="acme")
    card.do(Delete(card.by("ada"), "acme", "Acme"))
    assert (thing(card, "card").retired, thing(card, "spare").gone) == (True, True)
    assert given(card, "card") == {"ada": "holder", "bo": "accountant"}
    for who in ("ada", "bo"):
        assert len(archive(card, by=who).invoices) == 1
        assert card.collab.ask(ShowInvoice(card.by(who), invoice), card.at).number == "1"
    assert can(card, "bo", "card") == {"view", "invoices"}


@pytest.mark.rule("RES-04")
@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("earlier", [True, False], ids=["retired before", "retired with the company"])
def test_whoever_could_read_the_invoices_reads_them_after_the_company_is_gone(card: World, *, earlier: bool) -> None:
    """Owners, accountants, holders, accountants of the method alone, and a team; nobody else, and none for longer."""
    card.knows("lena", "fay", "gil", "hal", "ivy")
    card.member("lena", "owner")
    card.member("fay", "admin")
    card.member("gil", "accountant", "card")
    card.member("hal", "accountant", term=Term(timedelta(days=3)))
    make(card, "team", "Crew", by="devi")
    card.member("ada", "limited", "crew", by="devi")
    card.accept("devi", card.shares("card", "crew", "accountant").first(InvitationSent).invitation)
    add(card, bill())
    everybody = ("ada", "bo", "carl", "devi", "lena", "fay", "gil", "hal", "ivy")
    before = {who for who in everybody if "invoices" in can(card, who, "card")}
    if earlier:
        card.do(Delete(card.by("ada"), "card"))
    card.told()
    card.do(Delete(card.by("ada"), "acme", "Acme"))
    assert before == {who for who in everybody if "invoices" in can(card, who, "card")}
    assert before == {"ada", "bo", "devi", "lena", "gil", "hal"}
    assert {message for _, message in card.told()} <= {"resource_deleted", "resource_retired", "home", "refresh"}
    card.passes(days=3)
    assert "invoices" not in can(card, "hal", "card")
    assert can(card, "bo", "card") == {"view", "invoices"}


@pytest.mark.rule("RES-04")
def test_a_company_whose_method_was_retired_before_is_deleted_without_retiring_it_again(card: World) -> None:
    add(card, bill())
    card.do(Delete(card.by("ada"), "card"))
    card.do(Delete(card.by("ada"), "acme"))
    assert len(card.happened(ResourceRetired)) == 1
    assert len(archive(card).invoices) == 1


@pytest.mark.rule("RES-04")
def test_what_waits_on_a_retired_method_ends_and_its_holders_hear(card: World) -> None:
    card.member("devi", "holder", "card")
    add(card, bill())
    waits = card.invite("carl", "holder", "card")
    card.told()
    card.do(Delete(card.by("ada"), "card"))
    assert card.invitation(waits).state == "revoked"
    assert card.told().count(("devi", "resource_retired")) == 1


@pytest.mark.rule("BIL-07")
def test_an_archive_follows_its_method_wherever_it_moves_and_whatever_its_name(card: World) -> None:
    add(card, bill())
    card.do(Rename(card.by("ada"), "card", "Old card"))
    card.do(Move(card.by("ada"), "card", None))
    assert len(archive(card).invoices) == 1
    with pytest.raises(refusals.UnknownResource):
        archive(card, by="bo")
