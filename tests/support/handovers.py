"""Handovers for tests: a freelancer's site and a client, and what is offered and done."""

from __future__ import annotations

from datetime import date
from typing import Any

from collab.bus import Outcome
from collab.events import InvitationResent, InvitationSent
from collab.handovers.offers import HandOver
from collab.handovers.taking_back import OfferTakeBack
from collab.model import InvitationId
from tests.support.billing_oracle import (
    attach_payment_method,
    create_resource,
    direct_roles_by_name,
    payment_method_slug,
)
from tests.support.builders import Scenario


def build_agency(world: Scenario) -> Scenario:
    """Ada's project with a paid app and a trial, two apps that are in nothing, and her
    card; Carl, a client with a purse; Bo, who works on the project.
    """
    world.register_people("ada", "bo", "carl", "devi")
    create_resource(world, "payment", "Card")
    create_resource(world, "payment", "Purse", by="carl")
    create_resource(world, "project", "Site")
    for title in ("Shop", "Trial"):
        create_resource(world, "app", title, within="site")
    for title in ("Blog", "Wiki"):
        create_resource(world, "app", title)
    attach_payment_method(world, "shop", "card")
    attach_payment_method(world, "blog", "card")
    world.add_member("bo", "administrator", "site")
    world.add_member("ada", "admin", "shop", by="bo")
    world.take_outbox()
    return world


def hand_over(
    world: Scenario,
    *what: str,
    who: str = "carl",
    by: str = "ada",
    keeps: str | None = None,
    day: date | None = None,
) -> InvitationId:
    """Offer a handover; return its id."""
    command = HandOver(world.caller_for(by), world.account_of(who), what, keeps, day)
    return get_offer_id(world.execute(command))


def offer_take_back(
    world: Scenario, handover: InvitationId, by: str = "ada"
) -> InvitationId:
    """Ask the other side to undo a handover; return the id of the offer."""
    return get_offer_id(world.execute(OfferTakeBack(world.caller_for(by), handover)))


def get_offer_id(outcome: Outcome[Any]) -> InvitationId:
    for recorded in outcome.recorded:
        if isinstance(recorded.event, InvitationSent | InvitationResent):
            return recorded.event.invitation
    raise LookupError("no offer was sent")


def read_ownership(
    world: Scenario, *what: str
) -> dict[str, tuple[dict[str, str], str | None]]:
    """Return the direct roles and the payment method of each resource."""
    return {
        each: (direct_roles_by_name(world, each), payment_method_slug(world, each))
        for each in what
    }
