"""Linked channels get one message about what is created (EVT-04)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collab.billing.payment_method_choice import NewPaymentMethod
from collab.billing.transfers import TransferOwnership
from collab.bus import Bus
from collab.events import InvitationSent, MemberJoined
from collab.invitations.answers import AcceptInvitation
from collab.limits import Policy
from collab.role_model import build_role_model
from tests.collab.test_custom_resource_type import BOAT, CABIN
from tests.support.builders import Scenario

pytestmark = pytest.mark.rule("EVT-04")


def told(world: Scenario, channel: str = "CACME") -> list[str]:
    return [m for target, m in world.take_outbox() if target == f"channel:{channel}"]


@pytest.mark.parametrize("kind", ["project", "app", "database", "payment"])
def test_what_is_created_in_a_linked_resource_is_told_once(
    acme: Scenario, kind: str
) -> None:
    acme.link_channel()
    acme.take_outbox()
    acme.create_resource(kind, "Card", "acme")
    assert told(acme) == ["resource_created"]


def test_what_is_created_further_inside_is_told(acme: Scenario) -> None:
    acme.create_resource("project", "Website", "acme")
    acme.link_channel()
    acme.link_channel("CWEB", "website")
    acme.take_outbox()
    acme.create_resource("app", "Shop", "website")
    heard = acme.take_outbox()
    assert heard.count(("channel:CACME", "resource_created")) == 1
    assert heard.count(("channel:CWEB", "resource_created")) == 1


def test_a_channel_without_joins_is_not_told(acme: Scenario) -> None:
    acme.link_channel(groups=["leaves"])
    acme.take_outbox()
    acme.create_resource("app", "Shop", "acme")
    assert told(acme) == []


def test_what_stands_in_nothing_is_told_nowhere(acme: Scenario) -> None:
    acme.link_channel()
    acme.take_outbox()
    acme.create_resource("app", "Shop")
    assert told(acme) == []


def test_a_founder_who_joins_by_creating_is_told_as_creating(
    world: Scenario,
) -> None:
    """A kind whose founder has a role of their own, inside a container."""
    steward = replace(CABIN.roles[0], min_holders=1)
    fleet = build_role_model(BOAT, replace(CABIN, roles=(steward, *CABIN.roles[1:])))
    world.bus = Bus(world.database.unit_of_work_factory, world.new_id, Policy(), fleet)
    world.register_people("ada")
    world.create_resource("boat", "Ark")
    world.link_channel(what="ark")
    world.take_outbox()
    world.create_resource("cabin", "Bridge", "ark")
    assert [e.resource for e in world.events_of_type(MemberJoined)][-1] == (
        world.newest_resource_id
    )
    assert told(world) == ["resource_created"]


def accept_company_with_new_method(world: Scenario) -> Any:
    offer = world.execute(
        TransferOwnership(world.caller_for("ada"), world.account_of("carl"), "acme")
    ).get_event(InvitationSent)
    world.take_outbox()
    return world.execute(
        AcceptInvitation(
            world.caller_for("carl", "button"),
            offer.invitation,
            NewPaymentMethod("Card"),
        )
    )


def test_a_payment_method_of_an_accepted_offer_is_no_notice_of_its_own(
    acme: Scenario,
) -> None:
    acme.register_people("carl")
    acme.link_channel()
    accept_company_with_new_method(acme)
    assert told(acme) == ["ownership_transferred"]
