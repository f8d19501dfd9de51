"""Home's newest events: one line for what one person did at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.rendering import renderer_for_language
from collab.events import MemberEnded
from collab.home import ShowHome
from collab.model import Term
from tests.support.builders import Scenario

pytestmark = pytest.mark.rule("EVT-03")
APPS = ("shop", "blog", "orders")


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with three apps, on all of which Carl works for ten days."""
    acme.register_people("carl")
    for name in APPS:
        acme.create_resource("app", name.title(), "acme")
    term = Term(timedelta(days=10))
    invitation = acme.send_invitation("carl", "developer", APPS, term=term)
    acme.advance_time(days=3)  # a reminder
    acme.accept_invitation("carl", invitation)
    return acme


def list_facts(world: Scenario) -> list[tuple[str, list[str]]]:
    """Return the names of the newest events at Ada's Home, with their resources."""
    home = world.bus.query(ShowHome(world.caller_for("ada")), world.at)
    return [
        (
            line.recorded.event.name,
            [each.slug for each in (*line.others, line.resource) if each],
        )
        for line in home.lines
    ]


def test_one_acceptance_is_one_line_and_a_reminder_none(agency: Scenario) -> None:
    assert list_facts(agency) == [
        ("member.joined", [*APPS]),
        ("invitation.sent", ["shop"]),
        ("*.created", ["orders"]),
    ]


def test_what_ends_together_is_one_line_and_other_moments_stay_apart(
    agency: Scenario,
) -> None:
    agency.advance_time(days=10)
    assert len(agency.events_of_type(MemberEnded)) == 3
    assert list_facts(agency)[:2] == [
        ("member.ended", [*APPS]),
        ("member.joined", [*APPS]),
    ]


def test_home_names_all_resources_of_a_line(agency: Scenario) -> None:
    home = agency.bus.query(ShowHome(agency.caller_for("ada")), agency.at)
    text = renderer_for_language("en").render("home/recent", lines=home.lines).text
    assert "*Shop*, *Blog* and *Orders*: <@UCARL> joined as a developer" in text
