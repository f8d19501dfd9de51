"""Billing in the running app: offers, their acceptance, and transfers of ownership."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest

from collab.billing.invoices import AddInvoices, NewInvoice
from collab.model import Caller
from tests.support.app_harness import AppHarness
from tests.support.written_days import write_day


@pytest.fixture
def billing_harness(harness: AppHarness) -> AppHarness:
    """Return the app with Devi's trial app Shop, which Carl is offered to pay for."""
    harness.run_command("devi", "/collab create app Shop")
    preview = harness.run_command("devi", "/collab transfer billing shop @carl")
    assert "Invite <@UCARL> to take over billing for *Shop*?" in preview["text"]
    assert "You stay on as a developer" in preview["text"]
    harness.press_button("devi", harness.latest_message("devi", "general"), "transfer")
    return harness


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-04")
def test_billing_is_transferred_by_consent(billing_harness: AppHarness) -> None:
    assert (
        "You invited <@UCARL> to take over billing for *Shop*"
        in billing_harness.latest_message("devi", "general")["text"]
    )
    invitation = billing_harness.latest_message("carl")
    assert "invited you to take over billing for *Shop*" in invitation["text"]

    billing_harness.press_button("carl", invitation, "accept")
    assert "Collab doesn't store card numbers" in str(
        billing_harness.wait_for_view("carl")["blocks"]
    )
    assert "Choose a payment method" in str(
        billing_harness.carl.submit_view({})["errors"]
    )
    billing_harness.carl.submit_view(
        {
            "name": "Office",
            "address": "Street 1",
            "email": "bills@client.example",
            "reference": "PO-7",
        }
    )
    billing_harness.drain_outbox()

    assert billing_harness.carl.top_view is not None
    result = str(billing_harness.carl.top_view["blocks"])
    assert "You'll pay for *Shop* from " in result
    assert "tomorrow" not in result
    assert billing_harness.list_acting_buttons() == []
    assert any(
        "and will pay for *Shop* from " in message["text"]
        for message in billing_harness.devi.list_direct_messages()
    )
    shown = billing_harness.run_command("carl", "/collab show shop")["text"]
    tomorrow = (
        billing_harness.playground.state.clock.now().astimezone(UTC) + timedelta(days=1)
    ).date()
    assert f"*Paid by* · *Office*, from {write_day(tomorrow)} (UTC)" in shown
    assert (
        f"*Shop* (`shop`), from {write_day(tomorrow)} (UTC)"
        in billing_harness.run_command("carl", "/collab billing office")["text"]
    )
    assert (
        "code"
        not in billing_harness.run_command("devi", "/collab why @devi shop delete")[
            "text"
        ]
    )
    assert (
        "You can deploy *Shop*"
        in billing_harness.run_command("devi", "/collab why @devi shop code")["text"]
    )
    assert (
        "You can't"
        in billing_harness.run_command("devi", "/collab why @devi shop delete")["text"]
    )
    assert (
        "PO-7" in billing_harness.run_command("carl", "/collab billing office")["text"]
    )


@pytest.mark.rule("BIL-05")
def test_a_billing_offer_ends_when_the_payer_changes_and_both_are_notified(
    billing_harness: AppHarness,
) -> None:
    billing_harness.run_command("devi", "/collab create payment Purse")
    billing_harness.run_command("devi", "/collab pay shop purse")

    assert billing_harness.list_acting_buttons() == []
    assert "was withdrawn" in billing_harness.latest_message("carl")["text"]
    assert (
        "was withdrawn, because the payment method has changed"
        in billing_harness.latest_message("devi")["text"]
    )


@pytest.mark.rule("BIL-01")
def test_a_card_number_is_rejected_in_commands_and_forms(
    billing_harness: AppHarness,
) -> None:
    answer = billing_harness.run_command(
        "carl", "/collab create payment 4111 1111 1111 1111"
    )
    assert "card number" in answer["text"]
    assert "4111" not in answer["text"]

    billing_harness.press_button(
        "carl", billing_harness.latest_message("carl"), "accept"
    )
    billing_harness.wait_for_view("carl")
    errors = billing_harness.carl.submit_view(
        {"name": "Office", "reference": "4111-1111-1111-1111"}
    )["errors"]
    assert list(errors) == ["reference"]


@pytest.mark.rule("BIL-10")
def test_the_ownership_of_a_project_is_transferred(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab create project Website in acme")
    preview = harness.run_command("ada", "/collab transfer ownership website @carl")
    assert "You keep your access through the company" in preview["text"]
    harness.press_button("ada", harness.latest_message("ada", "general"), "transfer")
    harness.press_button("carl", harness.latest_message("carl"), "accept")

    assert (
        "owner of *Website*"
        in harness.run_command("carl", "/collab why @carl website delete")["text"]
    )
    assert (
        "owner (via *Acme*)"
        in harness.run_command("carl", "/collab members website")["text"]
    )


@pytest.mark.rule("BIL-06")
def test_a_client_takes_over_a_company_with_their_own_payment_method(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab transfer ownership acme @carl")
    harness.press_button("ada", harness.latest_message("ada", "general"), "transfer")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    harness.wait_for_view("carl")
    harness.carl.submit_view(
        {"name": "Client Ltd", "address": "Street 1", "email": "bills@client.example"}
    )
    harness.drain_outbox()

    members = harness.run_command("carl", "/collab members acme")["text"]
    assert "<@UCARL> (you) · owner" in members
    assert "<@UADA> · admin" in members
    assert "Acme" in harness.run_command("carl", "/collab show client-ltd")["text"]


@pytest.mark.rule("BIL-03")
def test_a_billing_offer_preview_lists_people_who_lose_rights(
    billing_harness: AppHarness,
) -> None:
    billing_harness.press_button(
        "carl", billing_harness.latest_message("carl"), "accept"
    )
    billing_harness.wait_for_view("carl")
    billing_harness.carl.submit_view({"name": "Office"})
    preview = billing_harness.run_command("carl", "/collab transfer billing shop @ada")
    assert (
        "These people will no longer be able to change or delete it:\n• <@UCARL> (you)"
        in preview["text"]
    )


@pytest.mark.rule("RES-04")
def test_deleting_a_payment_method_with_invoices_retires_it(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create payment Card")
    invoice = NewInvoice(
        "card", "2026-1", date(2026, 10, 31), Decimal("119.00"), "EUR", "f" * 64, 1
    )
    operator = Caller(harness.workspace, None, "cli")
    harness.app.bus.execute(
        AddInvoices(operator, (invoice,)), harness.playground.clock.now()
    )

    preview = harness.run_command("ada", "/collab delete card")
    assert "it's retired instead of deleted" in preview["text"]
    assert "lose" not in preview["text"]
    harness.press_button("ada", harness.latest_message("ada", "general"), "delete")
    assert "*Card* is retired" in harness.latest_message("ada", "general")["text"]
    assert "2026-1" in harness.run_command("ada", "/collab invoices card")["text"]


@pytest.mark.rule("BIL-11")
def test_a_payment_method_is_created_from_the_companys_card(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create company Pixel")
    page = harness.run_command("ada", "/collab show pixel")
    assert "*Payment method* · None yet" in page["text"]
    harness.press_button(
        "ada", harness.latest_message("ada", "general"), "payment_open"
    )
    harness.wait_for_view("ada")
    harness.ada.submit_view({"name": "Card"})
    harness.drain_outbox()
    with harness.app.bus.read(harness.workspace) as repositories:
        payment_method, company = (
            repositories.resources.find_resource_by_id_or_slug("card"),
            repositories.resources.find_resource_by_id_or_slug("pixel"),
        )
    assert payment_method
    assert company
    assert (payment_method.kind, payment_method.parent) == ("payment", company.id)
    assert (
        "*Payment method*"
        not in harness.run_command("ada", "/collab show pixel")["text"]
    )


def test_an_owner_of_a_payment_method_is_its_holder(harness: AppHarness) -> None:
    """One German word is both roles, and a payment method has one of them."""
    harness.run_command("ada", "/collab anlegen Zahlungsart Card")
    harness.run_command("ada", "/collab create team Crew")
    invited = harness.run_command("ada", "/collab einladen @carl inhaber card")
    assert invited["text"].startswith("You invited <@UCARL> to *Card* as a *holder*")
    shared = harness.run_command("ada", "/collab share card crew inhaberin")
    assert "*Crew* is now a holder of *Card*" in shared["text"]
