"""What the page of a resource offers: acts that apply now and would not be refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.slack.commands.catalog import offered_page_verbs
from collab.billing.payment_methods import SetPaymentMethod
from collab.handovers.offers import HandOver
from collab.model import Term
from collab.pages import ResourcePage, ShowResourcePage
from collab.teams import AssignToMember
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Return Acme with a project, an app in it, and an app outside of it."""
    acme.create_resource("project", "Website", "acme")
    acme.create_resource("app", "Shop", "website")
    return acme


def page_of(scenario: Scenario, what: str, by: str = "ada") -> ResourcePage:
    query = ShowResourcePage(scenario.caller_for(by), what)
    return scenario.bus.query(query, scenario.at)


def offered(scenario: Scenario, what: str, by: str = "ada") -> set[str]:
    return set(offered_page_verbs(page_of(scenario, what, by), scenario.bus.roles))


@pytest.mark.rule("BIL-02")
def test_paying_is_offered_to_whoever_has_a_payment_method_for_it(
    agency: Scenario,
) -> None:
    assert "pay" not in offered(agency, "shop")
    agency.create_resource("payment", "Card", "acme")
    assert "pay" in offered(agency, "shop")
    assert "pay" in offered(agency, "card")

    agency.add_member("devi", "admin", "shop")
    assert "pay" not in offered(agency, "shop", by="devi")
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "shop", "card"))
    assert "pay" not in offered(agency, "shop", by="devi")


@pytest.mark.rule("BIL-03")
def test_a_transfer_is_offered_to_whoever_controls_billing_or_ownership(
    agency: Scenario,
) -> None:
    agency.create_resource("payment", "Card", "acme")
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "shop", "card"))
    agency.add_member("devi", "admin", "shop")
    assert "transfer" in offered(agency, "shop")
    assert "transfer" not in offered(agency, "shop", by="devi")


@pytest.mark.rule("HND-05")
def test_nothing_that_is_being_handed_over_is_offered_again(agency: Scenario) -> None:
    agency.create_resource("app", "Blog")
    assert {"transfer", "handover"} <= offered(agency, "blog")
    agency.register_people("carl")
    by_ada, carl = agency.caller_for("ada"), agency.account_of("carl")
    agency.execute(HandOver(by_ada, carl, "blog"))
    assert not {"transfer", "handover"} & offered(agency, "blog")


@pytest.mark.rule("RES-03")
def test_a_move_is_offered_where_there_is_a_place(agency: Scenario) -> None:
    agency.create_resource("app", "Blog")
    assert "move" in offered(agency, "blog")
    assert "move" in offered(agency, "website")
    assert "migrate" not in offered(agency, "website")
    assert "move" not in offered(agency, "acme")

    agency.register_people("bo")
    agency.create_resource("app", "Notes", by="bo")
    assert "move" not in offered(agency, "notes", by="bo")
    agency.add_member("devi", "admin", "shop")
    assert "move" not in offered(agency, "shop", by="devi")


@pytest.mark.rule("RES-05")
def test_sharing_is_offered_once_there_is_a_team(agency: Scenario) -> None:
    assert not {"share", "unshare", "assign"} & offered(agency, "shop")
    agency.create_resource("team", "Crew")
    assert not {"unshare", "assign", "unassign"} & offered(agency, "crew")
    assert "share" in offered(agency, "shop")
    agency.share_with_team("shop", "crew", "manager")
    assert {"unshare", "assign"} <= offered(agency, "shop")
    assert {"unshare", "assign"} <= offered(agency, "crew")
    assert "unassign" not in offered(agency, "crew")

    agency.add_member("devi", "limited", "crew")
    command = AssignToMember(
        agency.caller_for("ada"), agency.account_of("devi"), "shop", "crew"
    )
    agency.execute(command)
    assert "unassign" in offered(agency, "crew")
    assert "unassign" in offered(agency, "shop")
    assert not {"unshare", "assign", "unassign"} & offered(agency, "crew", by="devi")


@pytest.mark.rule("MEM-12")
def test_a_request_is_offered_for_a_role_that_somebody_may_assign(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "administrator", "website")
    assert "request" not in offered(agency, "website", by="devi")
    agency.add_member("bo", "member", "website")
    assert "request" in offered(agency, "website", by="bo")
    agency.request_access("bo", "administrator", "website")
    assert "request" not in offered(agency, "website", by="bo")


@pytest.mark.rule("INV-07")
def test_invitations_are_offered_to_whoever_may_change_them(agency: Scenario) -> None:
    agency.add_member("devi", "manager", "shop")
    agency.send_invitation("bo", "manager", "shop")
    assert {"resend", "revoke"} <= offered(agency, "shop")
    assert not {"resend", "revoke"} & offered(agency, "shop", by="devi")
    agency.send_invitation("carl", "developer", "shop", by="devi")
    assert {"resend", "revoke"} <= offered(agency, "shop", by="devi")


@pytest.mark.rule("MEM-05")
def test_a_removal_is_offered_where_the_access_can_end(agency: Scenario) -> None:
    agency.add_member("devi", "administrator", "website")
    # At the app everybody is an admin through the project or the company.
    rows = page_of(agency, "shop").members.members.members
    assert [row.is_removable for row in rows] == [False, False]
    assert not {"remove", "role"} & offered(agency, "shop")
    # Who has a role inside the company can be removed from it with all of them.
    rows = page_of(agency, "acme").members.members.members
    assert [(row.role, row.is_removable) for row in rows] == [
        ("owner", False),
        ("collaborator", True),
    ]
    agency.add_member("bo", "developer", "shop")
    assert {"remove", "role"} <= offered(agency, "shop")


@pytest.mark.rule("MEM-10")
def test_an_extension_is_offered_for_a_role_that_ends_and_may_be_assigned(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    assert "extend" not in offered(agency, "shop")
    agency.add_member("bo", "manager", "shop", term=Term(timedelta(days=9)))
    assert "extend" in offered(agency, "shop")
    agency.add_member("carl", "manager", "shop")
    assert "extend" not in offered(agency, "shop", by="carl")
