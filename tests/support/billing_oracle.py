"""Billing for tests: what is made, paid for, offered and taken over, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collab import authorization
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.bus import Bus, Outcome
from collab.events import InvitationSent, ResourceCreated
from collab.invitations.answers import AcceptInvitation
from collab.model import Address, InvitationId, Resource
from collab.resources import CreateResource
from collab.roles import CAPABILITIES
from tests.support.builders import Scenario


def create_resource(
    world: Scenario, kind: str, title: str, by: str = "ada", within: str | None = None
) -> str:
    """Something new; answers its slug."""
    made: ResourceCreated = world.execute(
        CreateResource(world.caller_for(by), kind, title, within)
    ).get_event(ResourceCreated)
    return made.slug


def attach_payment_method(
    world: Scenario, what: str, method: str | None, by: str = "ada"
) -> Outcome[Any]:
    """A method pays, or nothing does."""
    return world.execute(SetPaymentMethod(world.caller_for(by), what, method))


def offer_billing_transfer(
    world: Scenario, who: str, *what: str, by: str = "ada", **more: Any
) -> InvitationId:
    """The billing of some things is offered; answers the invitation."""
    to = Address(who) if "@" in who and "." in who else world.account_of(who)
    sent: InvitationSent = world.execute(
        TransferBilling(world.caller_for(by), to, what, **more)
    ).get_event(InvitationSent)
    return sent.invitation


def offer_ownership(
    world: Scenario, who: str, what: str, by: str = "ada", note: str | None = None
) -> InvitationId:
    """The ownership of a thing is offered; answers the invitation."""
    sent: InvitationSent = world.execute(
        TransferOwnership(world.caller_for(by), world.account_of(who), what, note)
    ).get_event(InvitationSent)
    return sent.invitation


def accept_offer(
    world: Scenario, who: str, invitation: InvitationId, choice: Any = None
) -> Outcome[Any]:
    """A person says yes, with what pays from now on."""
    return world.execute(
        AcceptInvitation(world.caller_for(who, "button"), invitation, choice)
    )


def get_resource(world: Scenario, what: str) -> Resource:
    """A thing as it is."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        found = facts.resources.find_resource_by_id_or_slug(what)
    assert found is not None
    return found


def payment_method_slug(world: Scenario, what: str) -> str | None:
    """What pays for a thing, by its slug."""
    method = get_resource(world, what).payer
    return get_resource(world, method).slug if method else None


def direct_roles_by_name(world: Scenario, what: str) -> dict[str, str]:
    """Who was given which role on a thing, by first name."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        members = facts.memberships.list_members(get_resource(world, what).id, world.at)
        people = facts.people.get_people({m.person for m in members})
    return {
        (people[m.person].user or "?").removeprefix("U").lower(): m.role
        for m in members
    }


def capabilities_of(world: Scenario, who: str, what: str) -> set[str]:
    """What a person may do with a thing."""
    resource = get_resource(world, what)
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        person = facts.people.find_person_by_account(world.account_of(who))
        case = world.bus.context(facts, world.at)
        return {
            c
            for c in CAPABILITIES
            if person and authorization.check(case, person.id, c, resource)
        }


def invitation_state(world: Scenario, invitation: InvitationId) -> str:
    """How an invitation stands."""
    return world.get_invitation(invitation).state


def set_plans(world: Scenario, plans: Mapping[str, Mapping[str, int]]) -> None:
    """The operator offers these plans."""
    world.bus = Bus(
        world.unit_of_work_factory or world.database.unit_of_work_factory,
        world.new_id,
        world.policy,
        plans=plans,
    )
