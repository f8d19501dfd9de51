"""What messages about an accepted invitation say of the present."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab.memberships.commands import ChangeRole
from collab.model import InvitationId, Term
from collab.open_items import InvitationView, get_open_item
from collab.resource_deletion import DeleteResource
from tests.support.builders import Scenario


def read_current(scenario: Scenario, invitation: InvitationId) -> tuple[str, list[str]]:
    """Return the invited person's role now, and on what they have it."""
    with scenario.database.unit_of_work_factory.read(scenario.workspace) as facts:
        context = scenario.bus.context(facts, scenario.at)
        view = get_open_item(context, invitation)
    assert isinstance(view, InvitationView)
    return view.current_role, [each.title for each in view.current_resources]


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Return Acme with the apps Shop and Blog."""
    acme.register_people("carl")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("app", "Blog", "acme")
    return acme


@pytest.mark.rule("INV-11")
def test_an_accepted_invitation_names_the_role_of_today(agency: Scenario) -> None:
    invitation = agency.send_invitation("carl", "developer", ("shop", "blog"))
    assert read_current(agency, invitation) == ("", [])

    agency.accept_invitation("carl", invitation)
    assert read_current(agency, invitation) == ("developer", ["Shop", "Blog"])

    ada, carl = agency.caller_for("ada"), agency.account_of("carl")
    agency.execute(ChangeRole(ada, carl, "manager", "shop"))
    assert read_current(agency, invitation) == ("manager", ["Shop"])

    agency.remove_member("carl", what="shop")
    assert read_current(agency, invitation) == ("developer", ["Blog"])

    agency.execute(DeleteResource(ada, "blog"))
    assert read_current(agency, invitation) == ("", [])


@pytest.mark.rule("INV-11")
@pytest.mark.parametrize("how", ["removed", "left", "expired"])
def test_who_has_lost_the_role_has_nothing_by_the_card(
    agency: Scenario, how: str
) -> None:
    week = Term(timedelta(days=7))
    invitation = agency.send_invitation("carl", "manager", "shop", term=week)
    agency.accept_invitation("carl", invitation)
    if how == "removed":
        agency.remove_member("carl", what="shop")
    elif how == "left":
        agency.leave_resource("carl", "shop")
    else:
        agency.advance_time(days=8)
    assert read_current(agency, invitation) == ("", [])


@pytest.mark.rule("INV-01")
@pytest.mark.parametrize(
    ("role", "what", "expected"),
    [
        ("admin", "acme", [("admin", "app", 2)]),
        ("accountant", "acme", []),
        ("developer", "shop", []),
    ],
)
def test_a_pending_one_names_the_roles_that_follow_inside(
    agency: Scenario, role: str, what: str, expected: list[tuple[str, str, int]]
) -> None:
    invitation = agency.send_invitation("carl", role, what)
    with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
        context = agency.bus.context(facts, agency.at)
        view = get_open_item(context, invitation)
    assert isinstance(view, InvitationView)
    found = [(each.role, each.kind, each.count) for each in view.roles_inside]
    assert found == expected
