"""Billing through the real app: offered with a preview, accepted in a window, told to both sides and the channel."""

from __future__ import annotations

import time
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from collab.invoices import AddInvoices, NewInvoice
from collab.people import Caller
from tests.support.app_harness import Stage


def window(stage: Stage, who: str) -> dict[str, Any]:
    """The window that opens beside the answer."""
    person = stage.playground.person(who)
    for _ in range(1_500):
        if person.view is not None:
            return person.view
        time.sleep(0.01)
    raise AssertionError("no window opened")


@pytest.fixture
def offered(stage: Stage) -> Stage:
    """Devi, a freelancer, has built the trial app Shop and offers Carl to pay for it."""
    stage.says("devi", "/collab create app Shop")
    preview = stage.says("devi", "/collab transfer billing shop @carl")
    assert "Offer <@UCARL> to pay for *Shop*?" in preview["text"]
    assert "You stay as developer" in preview["text"]
    stage.presses("devi", stage.last("devi", "general"), "transfer")
    return stage


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-04")
def test_billing_changes_hands_by_consent(offered: Stage) -> None:
    assert "You invited <@UCARL> to pay for *Shop*" in offered.last("devi", "general")["text"]
    asked = offered.last("carl")
    assert "invites you to pay for *Shop*" in asked["text"]

    offered.presses("carl", asked, "accept")
    assert "Collab keeps no card numbers" in str(window(offered, "carl")["blocks"])
    assert "Choose a payment method" in str(offered.carl.submits({})["errors"])
    offered.carl.submits(
        {"title": "Office", "address": "Street 1", "email": "bills@client.example", "reference": "PO-7"}
    )
    offered.settle()

    assert "You pay for *Shop* from tomorrow" in str(offered.carl.view["blocks"])
    assert offered.live_buttons() == []
    assert any("they pay for *Shop* from tomorrow" in m["text"] for m in offered.devi.direct_messages())
    shown = offered.says("carl", "/collab show shop")["text"]
    tomorrow = (offered.playground.site.clock.now().astimezone(UTC) + timedelta(days=1)).date()
    assert f"*Office* pays for it from {tomorrow} (UTC) on." in shown
    assert f"*Shop* (`shop`), from {tomorrow} (UTC) on" in offered.says("carl", "/collab billing office")["text"]
    assert "code" not in offered.says("devi", "/collab why @devi shop delete")["text"]
    assert "You can deploy *Shop*" in offered.says("devi", "/collab why @devi shop code")["text"]
    assert "You cannot" in offered.says("devi", "/collab why @devi shop delete")["text"]
    assert "PO-7" in offered.says("carl", "/collab billing office")["text"]


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_the_payer_changes_and_both_hear_of_it(offered: Stage) -> None:
    offered.says("devi", "/collab create payment Purse")
    offered.says("devi", "/collab pay shop purse")

    assert offered.live_buttons() == []
    assert "no longer open" in offered.last("carl")["text"]
    assert "was taken back by <@UDEVI>" in offered.last("devi")["text"]


@pytest.mark.rule("BIL-01")
def test_a_card_number_is_refused_wherever_it_is_typed(offered: Stage) -> None:
    answer = offered.says("carl", "/collab create payment 4111 1111 1111 1111")
    assert "card number" in answer["text"]
    assert "4111" not in answer["text"]

    offered.presses("carl", offered.last("carl"), "accept")
    window(offered, "carl")
    errors = offered.carl.submits({"title": "Office", "reference": "4111-1111-1111-1111"})["errors"]
    assert list(errors) == ["reference"]


@pytest.mark.rule("BIL-10")
def test_a_project_changes_hands(stage: Stage) -> None:
    stage.says("ada", "/collab create project Website in acme")
    preview = stage.says("ada", "/collab transfer ownership website @carl")
    assert "You keep your access through the company" in preview["text"]
    stage.presses("ada", stage.last("ada", "general"), "transfer")
    stage.presses("carl", stage.last("carl"), "accept")

    assert "owner of *Website*" in stage.says("carl", "/collab why @carl website delete")["text"]
    assert "owner, through *Acme*" in stage.says("carl", "/collab members website")["text"]


@pytest.mark.rule("BIL-06")
def test_a_client_takes_over_a_company_with_a_payment_method_of_their_own(stage: Stage) -> None:
    stage.says("ada", "/collab transfer ownership acme @carl")
    stage.presses("ada", stage.last("ada", "general"), "transfer")
    stage.presses("carl", stage.last("carl"), "accept")
    window(stage, "carl")
    stage.carl.submits({"title": "Client Ltd", "address": "Street 1", "email": "bills@client.example"})
    stage.settle()

    members = stage.says("carl", "/collab members acme")["text"]
    assert "<@UCARL>, owner" in members
    assert "<@UADA>, admin" in members
    assert "in *Acme*" in stage.says("carl", "/collab show client-ltd")["text"]


@pytest.mark.rule("BIL-03")
def test_a_preview_names_those_who_could_no_longer_change_what_is_offered(offered: Stage) -> None:
    offered.presses("carl", offered.last("carl"), "accept")
    window(offered, "carl")
    offered.carl.submits({"title": "Office"})
    preview = offered.says("carl", "/collab transfer billing shop @ada")
    assert "No longer able to change or delete it:\n• <@UCARL> (you)" in preview["text"]


@pytest.mark.rule("RES-04")
def test_a_payment_method_with_invoices_is_shown_to_be_retired_and_then_is(stage: Stage) -> None:
    stage.says("ada", "/collab create payment Card")
    new = NewInvoice("card", "2026-1", date(2026, 10, 31), Decimal("119.00"), "EUR", "f" * 64, 1)
    operator = Caller(stage.workspace, None, "cli")
    stage.house.collab.perform(AddInvoices(operator, (new,)), stage.playground.clock.now())

    preview = stage.says("ada", "/collab delete card")
    assert "it is retired and not deleted" in preview["text"]
    assert "lose" not in preview["text"]
    stage.presses("ada", stage.last("ada", "general"), "delete")
    assert "*Card* is retired" in stage.last("ada", "general")["text"]
    assert "2026-1" in stage.says("ada", "/collab invoices card")["text"]


@pytest.mark.rule("BIL-11")
def test_a_company_without_a_payment_method_gets_one_from_its_page(stage: Stage) -> None:
    stage.says("ada", "/collab create company Pixel")
    page = stage.says("ada", "/collab show pixel")
    assert "*Pixel* has no payment method yet" in page["text"]
    stage.presses("ada", stage.last("ada", "general"), "payment_open")
    window(stage, "ada")
    stage.ada.submits({"name": "Card"})
    stage.settle()
    with stage.house.collab.look(stage.workspace) as facts:
        made, company = facts.resource_called("card"), facts.resource_called("pixel")
    assert made
    assert company
    assert (made.kind, made.parent) == ("payment", company.id)
    assert "no payment method" not in stage.says("ada", "/collab show pixel")["text"]
