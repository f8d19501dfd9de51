"""Invoices: an archive for each payment method, filled by the operator, read by anyone who has `invoices`."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from collab import errors
from collab.billing.invoices import (
    PAGE_SIZE,
    AddInvoices,
    InvoiceList,
    ListInvoices,
    NewInvoice,
    ShowInvoice,
)
from collab.events import InvitationSent, InvoiceAdded, ResourceDeleted, ResourceRetired
from collab.model import InvoiceId, Term
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import RenameResource
from tests.support.billing_oracle import (
    attach_payment_method,
    capabilities_of,
    create_resource,
    direct_roles_by_name,
    get_resource,
    payment_method_slug,
)
from tests.support.builders import Scenario

FILE = "0f" * 32


@pytest.fixture
def card(world: Scenario) -> Scenario:
    """A company with a payment method, Ada its owner, Bo its accountant; Carl's own card."""
    world.register_people("ada", "bo", "carl", "devi")
    create_resource(world, "company", "Acme")
    create_resource(world, "payment", "Card", within="acme")
    world.add_member("bo", "accountant")
    create_resource(world, "payment", "Purse", by="carl")
    world.take_outbox()
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


def add(world: Scenario, *bills: NewInvoice) -> list[str]:
    """The operator adds them; answers their ids."""
    outcome = world.execute(AddInvoices(world.system_caller("cli"), bills))
    return [
        r.event.invoice for r in outcome.recorded if isinstance(r.event, InvoiceAdded)
    ]


def archive(
    world: Scenario, what: str = "card", by: str = "ada", page: int = 0
) -> InvoiceList:
    found: InvoiceList = world.bus.query(
        ListInvoices(world.caller_for(by), what, page), world.at
    )
    return found


@pytest.mark.rule("BIL-07")
def test_each_payment_method_has_an_archive_of_its_own(card: Scenario) -> None:
    add(
        card,
        bill(),
        bill("purse"),
        bill(number="2", currency="JPY", amount=Decimal(1000)),
    )
    found = archive(card).invoices
    assert [
        (i.number, i.amount, i.currency, i.day, i.file, i.size) for i in reversed(found)
    ] == [
        ("1", Decimal("119.00"), "EUR", date(2026, 11, 2), FILE, 1000),
        ("2", Decimal(1000), "JPY", date(2026, 11, 2), FILE, 1000),
    ]
    assert [i.number for i in archive(card, "purse", "carl").invoices] == ["1"]


@pytest.mark.rule("BIL-07")
def test_anyone_who_has_invoices_lists_them_and_has_the_file_and_nobody_else(
    card: Scenario,
) -> None:
    (invoice,) = add(card, bill())
    create_resource(card, "app", "Shop", within="acme")
    attach_payment_method(card, "shop", "card")
    card.add_member("devi", "admin", "shop")
    card.add_member("carl", "admin")
    for who in ("ada", "bo"):
        assert len(archive(card, by=who).invoices) == 1
        assert (
            card.bus.query(
                ShowInvoice(card.caller_for(who), InvoiceId(invoice)), card.at
            ).file
            == FILE
        )
    for who in ("carl", "devi"):
        with pytest.raises(errors.UnknownResource):
            archive(card, by=who)
        with pytest.raises(errors.Rejected):
            card.bus.query(
                ShowInvoice(card.caller_for(who), InvoiceId(invoice)), card.at
            )
    with pytest.raises(errors.UnknownInvoice):
        card.bus.query(
            ShowInvoice(card.caller_for("ada"), InvoiceId("V-none")), card.at
        )
    with pytest.raises(errors.DoesNotPay):
        archive(card, "acme")
    with pytest.raises(errors.MayNot):
        archive(card, "shop")


@pytest.mark.rule("BIL-07")
def test_an_accountant_of_one_method_reads_no_other(card: Scenario) -> None:
    (invoice,) = add(card, bill("purse"))
    card.add_member("devi", "accountant", "purse", by="carl")
    assert len(archive(card, "purse", "devi").invoices) == 1
    with pytest.raises(errors.UnknownResource):
        archive(card, by="devi")
    with pytest.raises(errors.UnknownResource):
        card.bus.query(ShowInvoice(card.caller_for("ada"), InvoiceId(invoice)), card.at)


@pytest.mark.rule("BIL-07")
def test_totals_are_exact_by_year_and_currency(card: Scenario) -> None:
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
        add(
            card,
            bill(
                number=str(number), day=day, amount=Decimal(amount), currency=currency
            ),
        )
    assert archive(card).totals == [
        (2026, "EUR", Decimal("0.25")),
        (2026, "KWD", Decimal("7.125")),
        (2025, "EUR", Decimal("0.10")),
        (2025, "JPY", Decimal(100)),
    ]


@pytest.mark.rule("BIL-07")
def test_the_newest_come_first_a_page_at_a_time_and_totals_count_all(
    card: Scenario,
) -> None:
    add(
        card,
        *(
            bill(number=str(n), day=date(2026, 1 + n % 12, 1), amount=Decimal(1))
            for n in range(PAGE_SIZE + 5)
        ),
    )
    first, second = archive(card), archive(card, page=1)
    assert (
        len(first.invoices),
        first.next_page,
        len(second.invoices),
        second.next_page,
    ) == (PAGE_SIZE, 1, 5, None)
    days = [i.day for i in (*first.invoices, *second.invoices)]
    assert days == sorted(days, reverse=True)
    assert first.totals == second.totals == [(2026, "EUR", Decimal(PAGE_SIZE + 5))]


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("again", ["1", " 1 ", "1\n"])
def test_a_number_stands_once_in_an_archive(card: Scenario, again: str) -> None:
    add(card, bill())
    with pytest.raises(errors.KnownInvoice):
        add(card, bill(number=again))
    with pytest.raises(errors.KnownInvoice):
        add(
            card,
            bill(number="2"),
            bill(get_resource(card, "card").id, number=again.replace("1", "2")),
        )
    assert [i.number for i in archive(card).invoices] == ["1"]


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    ("spoiled", "refusal"),
    [
        (bill("nobody", "9"), errors.UnknownResource),
        (bill("acme", "9"), errors.DoesNotPay),
        (bill(number=" "), errors.TooLong),
        (bill(number="n" * 41), errors.TooLong),
        (bill(number="4111 1111 1111 1111"), errors.CardNumber),
    ],
)
def test_a_file_is_taken_whole_or_not_at_all(
    card: Scenario, spoiled: NewInvoice, refusal: type
) -> None:
    with pytest.raises(refusal):
        add(card, bill(), bill("purse", "8"), spoiled)
    assert card.events_of_type(InvoiceAdded) == []


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("who", ["ada", "bo", "carl"])
def test_nobody_but_the_operator_adds_invoices(card: Scenario, who: str) -> None:
    with pytest.raises(errors.NotAllowed):
        card.execute(AddInvoices(card.caller_for(who), (bill(),)))


@pytest.mark.rule("BIL-07")
@pytest.mark.rule("EVT-05")
def test_those_who_were_given_the_books_hear_once_and_no_channel_does(
    card: Scenario,
) -> None:
    card.add_member("devi", "accountant", "card")
    card.link_channel("CACME", "acme")
    card.take_outbox()
    add(card, bill())
    assert sorted(card.take_outbox()) == [
        ("ada", "invoice_added"),
        ("devi", "invoice_added"),
    ]


# Retired, not deleted (RES-04)


@pytest.mark.rule("RES-04")
@pytest.mark.rule("BIL-07")
def test_a_method_with_invoices_is_retired_and_its_invoices_stay_readable(
    card: Scenario,
) -> None:
    (invoice,) = add(card, bill())
    create_resource(card, "app", "Shop", within="acme")
    attach_payment_method(card, "shop", "card")
    card.execute(DeleteResource(card.caller_for("ada"), "card"))
    assert (
        get_resource(card, "card").retired,
        get_resource(card, "card").gone,
        payment_method_slug(card, "shop"),
    ) == (True, False, None)
    for who in ("ada", "bo"):
        assert len(archive(card, by=who).invoices) == 1
        assert (
            card.bus.query(
                ShowInvoice(card.caller_for(who), InvoiceId(invoice)), card.at
            ).number
            == "1"
        )
    with pytest.raises(errors.Retired):
        attach_payment_method(card, "shop", "card")
    with pytest.raises(errors.Retired):
        card.execute(DeleteResource(card.caller_for("ada"), "card"))
    add(card, bill(number="last"))
    card.add_member("devi", "accountant", "card")
    assert len(archive(card, by="devi").invoices) == 2


@pytest.mark.rule("RES-04")
def test_a_method_without_invoices_is_deleted(card: Scenario) -> None:
    card.execute(DeleteResource(card.caller_for("ada"), "card"))
    assert (
        card.events_of_type(ResourceRetired),
        len(card.events_of_type(ResourceDeleted)),
    ) == ([], 1)
    with pytest.raises(errors.UnknownResource):
        archive(card)
    with pytest.raises(errors.UnknownResource):
        add(card, bill())


@pytest.mark.rule("RES-04")
@pytest.mark.rule("BIL-07")
def test_what_ends_with_the_company_but_its_invoices_which_their_readers_still_read(
    card: Scenario,
) -> None:
    (invoice,) = add(card, bill())
    create_resource(card, "payment", "Spare", within="acme")
    card.execute(DeleteResource(card.caller_for("ada"), "acme", "Acme"))
    assert (get_resource(card, "card").retired, get_resource(card, "spare").gone) == (
        True,
        True,
    )
    assert direct_roles_by_name(card, "card") == {"ada": "holder", "bo": "accountant"}
    for who in ("ada", "bo"):
        assert len(archive(card, by=who).invoices) == 1
        assert (
            card.bus.query(
                ShowInvoice(card.caller_for(who), InvoiceId(invoice)), card.at
            ).number
            == "1"
        )
    assert capabilities_of(card, "bo", "card") == {"view", "invoices"}


@pytest.mark.rule("RES-04")
@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    "earlier", [True, False], ids=["retired before", "retired with the company"]
)
def test_anyone_who_could_read_the_invoices_reads_them_after_the_company_is_gone(
    card: Scenario, *, earlier: bool
) -> None:
    """Owners, accountants, holders, accountants of the method alone, and a team; nobody else, and none for longer."""
    card.register_people("lena", "fay", "gil", "hal", "ivy")
    card.add_member("lena", "owner")
    card.add_member("fay", "admin")
    card.add_member("gil", "accountant", "card")
    card.add_member("hal", "accountant", term=Term(timedelta(days=3)))
    create_resource(card, "team", "Crew", by="devi")
    card.add_member("ada", "limited", "crew", by="devi")
    card.accept_invitation(
        "devi",
        card.share_with_team("card", "crew", "accountant")
        .get_event(InvitationSent)
        .invitation,
    )
    add(card, bill())
    everybody = ("ada", "bo", "carl", "devi", "lena", "fay", "gil", "hal", "ivy")
    before = {
        who for who in everybody if "invoices" in capabilities_of(card, who, "card")
    }
    if earlier:
        card.execute(DeleteResource(card.caller_for("ada"), "card"))
    card.take_outbox()
    card.execute(DeleteResource(card.caller_for("ada"), "acme", "Acme"))
    assert before == {
        who for who in everybody if "invoices" in capabilities_of(card, who, "card")
    }
    assert before == {"ada", "bo", "devi", "lena", "gil", "hal"}
    assert {message for _, message in card.take_outbox()} <= {
        "resource_deleted",
        "resource_retired",
        "home",
        "refresh",
    }
    card.advance_time(days=3)
    assert "invoices" not in capabilities_of(card, "hal", "card")
    assert capabilities_of(card, "bo", "card") == {"view", "invoices"}


@pytest.mark.rule("RES-04")
def test_a_company_whose_method_was_retired_before_is_deleted_without_retiring_it_again(
    card: Scenario,
) -> None:
    add(card, bill())
    card.execute(DeleteResource(card.caller_for("ada"), "card"))
    card.execute(DeleteResource(card.caller_for("ada"), "acme"))
    assert len(card.events_of_type(ResourceRetired)) == 1
    assert len(archive(card).invoices) == 1


@pytest.mark.rule("RES-04")
def test_what_waits_on_a_retired_method_ends_and_its_holders_hear(
    card: Scenario,
) -> None:
    card.add_member("devi", "holder", "card")
    add(card, bill())
    waits = card.send_invitation("carl", "holder", "card")
    card.take_outbox()
    card.execute(DeleteResource(card.caller_for("ada"), "card"))
    assert card.get_invitation(waits).state == "revoked"
    assert card.take_outbox().count(("devi", "resource_retired")) == 1


@pytest.mark.rule("BIL-07")
def test_an_archive_follows_its_method_wherever_it_moves_and_whatever_its_name(
    card: Scenario,
) -> None:
    add(card, bill())
    card.execute(RenameResource(card.caller_for("ada"), "card", "Old card"))
    card.execute(MoveResource(card.caller_for("ada"), "card", None))
    assert len(archive(card).invoices) == 1
    with pytest.raises(errors.UnknownResource):
        archive(card, by="bo")
