"""Billing through the real app: offered with a preview, accepted in a window, told to both sides and the channel."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest

from collab.billing.invoices import AddInvoices, NewInvoice
from collab.model import Caller
from tests.support.app_harness import AppHarness


@pytest.fixture
def offered(stage: AppHarness) -> AppHarness:
    """Devi, a freelancer, has built the trial app Shop and offers Carl to pay for it."""
    stage.run_command("devi", "/collab create app Shop")
    preview = stage.run_command("devi", "/collab transfer billing shop @carl")
    assert "Offer <@UCARL> to pay for *Shop*?" in preview["text"]
    assert "You stay as developer" in preview["text"]
    stage.press_button("devi", stage.latest_message("devi", "general"), "transfer")
    return stage


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-04")
def test_billing_changes_hands_by_consent(offered: AppHarness) -> None:
    assert (
        "You invited <@UCARL> to pay for *Shop*"
        in offered.latest_message("devi", "general")["text"]
    )
    asked = offered.latest_message("carl")
    assert "invites you to pay for *Shop*" in asked["text"]

    offered.press_button("carl", asked, "accept")
    assert "Collab keeps no card numbers" in str(
        offered.wait_for_view("carl")["blocks"]
    )
    assert "Choose a payment method" in str(offered.carl.submit_view({})["errors"])
    offered.carl.submit_view(
        {
            "title": "Office",
            "address": "Street 1",
            "email": "bills@client.example",
            "reference": "PO-7",
        }
    )
    offered.drain_outbox()

    assert offered.carl.top_view is not None
    assert "You pay for *Shop* from tomorrow" in str(offered.carl.top_view["blocks"])
    assert offered.list_visible_buttons() == []
    assert any(
        "they pay for *Shop* from tomorrow" in m["text"]
        for m in offered.devi.list_direct_messages()
    )
    shown = offered.run_command("carl", "/collab show shop")["text"]
    tomorrow = (
        offered.playground.state.clock.now().astimezone(UTC) + timedelta(days=1)
    ).date()
    assert f"*Office* pays for it from {tomorrow} (UTC) on." in shown
    assert (
        f"*Shop* (`shop`), from {tomorrow} (UTC) on"
        in offered.run_command("carl", "/collab billing office")["text"]
    )
    assert (
        "code"
        not in offered.run_command("devi", "/collab why @devi shop delete")["text"]
    )
    assert (
        "You can deploy *Shop*"
        in offered.run_command("devi", "/collab why @devi shop code")["text"]
    )
    assert (
        "You cannot"
        in offered.run_command("devi", "/collab why @devi shop delete")["text"]
    )
    assert "PO-7" in offered.run_command("carl", "/collab billing office")["text"]


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_the_payer_changes_and_both_hear_of_it(
    offered: AppHarness,
) -> None:
    offered.run_command("devi", "/collab create payment Purse")
    offered.run_command("devi", "/collab pay shop purse")

    assert offered.list_visible_buttons() == []
    assert "no longer open" in offered.latest_message("carl")["text"]
    assert "was taken back by <@UDEVI>" in offered.latest_message("devi")["text"]


@pytest.mark.rule("BIL-01")
def test_a_card_number_is_refused_wherever_it_is_typed(offered: AppHarness) -> None:
    answer = offered.run_command("carl", "/collab create payment 4111 1111 1111 1111")
    assert "card number" in answer["text"]
    assert "4111" not in answer["text"]

    offered.press_button("carl", offered.latest_message("carl"), "accept")
    offered.wait_for_view("carl")
    errors = offered.carl.submit_view(
        {"title": "Office", "reference": "4111-1111-1111-1111"}
    )["errors"]
    assert list(errors) == ["reference"]


@pytest.mark.rule("BIL-10")
def test_a_project_changes_hands(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab create project Website in acme")
    preview = stage.run_command("ada", "/collab transfer ownership website @carl")
    assert "You keep your access through the company" in preview["text"]
    stage.press_button("ada", stage.latest_message("ada", "general"), "transfer")
    stage.press_button("carl", stage.latest_message("carl"), "accept")

    assert (
        "owner of *Website*"
        in stage.run_command("carl", "/collab why @carl website delete")["text"]
    )
    assert (
        "owner, through *Acme*"
        in stage.run_command("carl", "/collab members website")["text"]
    )


@pytest.mark.rule("BIL-06")
def test_a_client_takes_over_a_company_with_a_payment_method_of_their_own(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab transfer ownership acme @carl")
    stage.press_button("ada", stage.latest_message("ada", "general"), "transfer")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    stage.wait_for_view("carl")
    stage.carl.submit_view(
        {"title": "Client Ltd", "address": "Street 1", "email": "bills@client.example"}
    )
    stage.drain_outbox()

    members = stage.run_command("carl", "/collab members acme")["text"]
    assert "<@UCARL>, owner" in members
    assert "<@UADA>, admin" in members
    assert "in *Acme*" in stage.run_command("carl", "/collab show client-ltd")["text"]


@pytest.mark.rule("BIL-03")
def test_a_preview_names_those_who_could_no_longer_change_what_is_offered(
    offered: AppHarness,
) -> None:
    offered.press_button("carl", offered.latest_message("carl"), "accept")
    offered.wait_for_view("carl")
    offered.carl.submit_view({"title": "Office"})
    preview = offered.run_command("carl", "/collab transfer billing shop @ada")
    assert "No longer able to change or delete it:\n• <@UCARL> (you)" in preview["text"]


@pytest.mark.rule("RES-04")
def test_a_payment_method_with_invoices_is_shown_to_be_retired_and_then_is(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab create payment Card")
    new = NewInvoice(
        "card", "2026-1", date(2026, 10, 31), Decimal("119.00"), "EUR", "f" * 64, 1
    )
    operator = Caller(stage.workspace, None, "cli")
    stage.app.bus.execute(AddInvoices(operator, (new,)), stage.playground.clock.now())

    preview = stage.run_command("ada", "/collab delete card")
    assert "it is retired and not deleted" in preview["text"]
    assert "lose" not in preview["text"]
    stage.press_button("ada", stage.latest_message("ada", "general"), "delete")
    assert "*Card* is retired" in stage.latest_message("ada", "general")["text"]
    assert "2026-1" in stage.run_command("ada", "/collab invoices card")["text"]


@pytest.mark.rule("BIL-11")
def test_a_company_without_a_payment_method_gets_one_from_its_page(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab create company Pixel")
    page = stage.run_command("ada", "/collab show pixel")
    assert "*Pixel* has no payment method yet" in page["text"]
    stage.press_button("ada", stage.latest_message("ada", "general"), "payment_open")
    stage.wait_for_view("ada")
    stage.ada.submit_view({"name": "Card"})
    stage.drain_outbox()
    with stage.app.bus.read(stage.workspace) as facts:
        made, company = (
            facts.resources.find_resource_by_id_or_slug("card"),
            facts.resources.find_resource_by_id_or_slug("pixel"),
        )
    assert made
    assert company
    assert (made.kind, made.parent) == ("payment", company.id)
    assert (
        "no payment method"
        not in stage.run_command("ada", "/collab show pixel")["text"]
    )
