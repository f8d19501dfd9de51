"""Who is told of a handover: both sides by their cards, others and channels once."""

from __future__ import annotations

from datetime import date

import pytest

from collab.memberships.commands import LeaveResource
from tests.support.billing_oracle import accept_offer, create_resource
from tests.support.builders import Scenario
from tests.support.handovers import build_agency, hand_over, offer_take_back

DAY = date(2026, 11, 26)


@pytest.fixture
def agency(world: Scenario) -> Scenario:
    """Ada's project, whose card Devi also holds, and a channel linked to it."""
    build_agency(world)
    world.add_member("devi", "holder", "card")
    world.link_channel("CSITE", "site")
    world.take_outbox()
    return world


def take_new_messages(agency: Scenario) -> list[tuple[str, str]]:
    """Take what is posted anew, without updates of cards and Homes."""
    return [
        (target, message)
        for target, message in agency.take_outbox()
        if message not in {"*", "refresh", "home"}
    ]


@pytest.mark.rule("HND-01")
def test_a_yes_tells_the_sender_others_concerned_and_channels_once(
    agency: Scenario,
) -> None:
    offer = hand_over(agency, "site", keeps="")
    assert sorted(take_new_messages(agency)) == [
        ("ada", "invitation_sent"),
        ("carl", "invitation"),
    ]
    accept_offer(agency, "carl", offer, "purse")
    told = take_new_messages(agency)
    assert sorted(told) == [
        ("ada", "invitation_accepted"),
        ("channel:CSITE", "handed_over"),
        ("devi", "handed_over"),
    ]


@pytest.mark.rule("HND-03")
def test_a_later_day_tells_the_sender_of_the_yes_and_both_on_the_day(
    agency: Scenario,
) -> None:
    offer = hand_over(agency, "site", day=DAY)
    agency.take_outbox()
    accept_offer(agency, "carl", offer, "purse")
    assert take_new_messages(agency) == [("ada", "handover_agreed")]
    agency.advance_time(days=3)
    assert sorted(take_new_messages(agency)) == [
        ("ada", "handover_done"),
        ("carl", "handover_done"),
        ("channel:CSITE", "handed_over"),
        ("devi", "handed_over"),
    ]


@pytest.mark.rule("HND-04")
def test_taking_it_back_tells_who_was_told_of_it(agency: Scenario) -> None:
    handover = hand_over(agency, "site")
    accept_offer(agency, "carl", handover, "purse")
    offer = offer_take_back(agency, handover, "carl")
    agency.take_outbox()
    accept_offer(agency, "ada", offer)
    assert sorted(take_new_messages(agency)) == [
        ("carl", "invitation_accepted"),
        ("channel:CSITE", "taken_back"),
        ("devi", "taken_back"),
    ]


@pytest.mark.rule("HND-05")
@pytest.mark.rule("EVT-06")
def test_who_could_have_taken_over_reads_once_that_it_will_not_happen(
    acme: Scenario,
) -> None:
    acme.register_people("bo", "carl")
    acme.add_member("bo", "owner")
    acme.add_member("carl", "owner")
    create_resource(acme, "project", "Site", within="acme")
    hand_over(acme, "site")
    acme.take_outbox()
    acme.execute(LeaveResource(acme.caller_for("ada"), "acme"))
    told = [each for each in take_new_messages(acme) if each[0] == "carl"]
    assert ("carl", "transfer_offer_revoked") in told
    assert ("carl", "invitation_lost") not in told
