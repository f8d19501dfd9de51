"""Billing for tests: what is made, paid for, offered and taken over, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collab import access
from collab.answers import Accept
from collab.billing import Pay
from collab.events import InvitationSent, ResourceCreated
from collab.kinds import CAPABILITIES
from collab.people import Address
from collab.resources import Create, Resource
from collab.service import Collab, Outcome
from collab.transfers import TransferBilling, TransferOwnership
from tests.support.builders import World


def make(world: World, kind: str, title: str, by: str = "ada", within: str | None = None) -> str:
    """Something new; answers its slug."""
    made: ResourceCreated = world.do(Create(world.by(by), kind, title, within)).first(ResourceCreated)
    return made.slug


def attach(world: World, what: str, method: str | None, by: str = "ada") -> Outcome:
    """A method pays, or nothing does."""
    return world.do(Pay(world.by(by), what, method))


def offer(world: World, who: str, *what: str, by: str = "ada", **more: Any) -> str:
    """The billing of some things is offered; answers the invitation."""
    to = Address(who) if "@" in who and "." in who else world.account(who)
    sent: InvitationSent = world.do(TransferBilling(world.by(by), to, what, **more)).first(InvitationSent)
    return sent.invitation


def hand_over(world: World, who: str, what: str, by: str = "ada", note: str | None = None) -> str:
    """The ownership of a thing is offered; answers the invitation."""
    sent: InvitationSent = world.do(TransferOwnership(world.by(by), world.account(who), what, note)).first(
        InvitationSent
    )
    return sent.invitation


def take(world: World, who: str, invitation: str, choice: Any = None) -> Outcome:
    """Somebody says yes, with what pays from now on."""
    return world.do(Accept(world.by(who, "button"), invitation, choice))


def thing(world: World, what: str) -> Resource:
    """A thing as it is."""
    with world.database.units.look(world.workspace) as facts:
        found = facts.resource_called(what)
    assert found is not None
    return found


def payer(world: World, what: str) -> str | None:
    """What pays for a thing, by its slug."""
    method = thing(world, what).payer
    return thing(world, method).slug if method else None


def given(world: World, what: str) -> dict[str, str]:
    """Who was given which role on a thing, by first name."""
    with world.database.units.look(world.workspace) as facts:
        members = facts.members(thing(world, what).id, world.at)
        people = facts.people({m.person for m in members})
    return {(people[m.person].user or "?").removeprefix("U").lower(): m.role for m in members}


def can(world: World, who: str, what: str) -> set[str]:
    """What somebody may do with a thing."""
    resource = thing(world, what)
    with world.database.units.look(world.workspace) as facts:
        person = facts.person_by_account(world.account(who))
        case = world.collab.case(facts, world.at)
        return {c for c in CAPABILITIES if person and access.may(case, person.id, c, resource)}


def state(world: World, invitation: str) -> str:
    """How an invitation stands."""
    return world.invitation(invitation).state


def on_plans(world: World, plans: Mapping[str, Mapping[str, int]]) -> None:
    """The operator offers these plans."""
    world.collab = Collab(world.units or world.database.units, world.new_id, world.policy, plans=plans)
