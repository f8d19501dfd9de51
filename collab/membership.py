"""Membership: who holds which role on what; leaving, removal, and the end of a limited time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import Event, MemberEnded, MemberLeft, MemberRemoved
from collab.invitations import revoke_unupheld
from collab.people import Account, Address, Caller, recognise
from collab.resources import Resource, find

if TYPE_CHECKING:
    from collab.case import Case


@dataclass(frozen=True, slots=True)
class Membership:
    """A person holds a role on a resource, for ever or until a moment."""

    resource: str
    person: str
    role: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Leave:
    """Give up one's own role on a resource."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class Remove:
    """End somebody else's role on a resource; `who` is an account, an address or a person's id."""

    by: Caller
    who: Account | Address | str
    what: str


def leave(act: Leave, case: Case) -> list[Event]:
    """Anyone may leave anything at any time, except the last who must stay (MEM-04)."""
    resource = find(case, act.what)
    membership = access.held(case, case.actor.id, resource)
    if membership is None:
        raise refusals.NotAMember(case.actor.id, resource.title)
    _check_not_last(case, resource, membership)
    return [
        MemberLeft(resource.id, membership.person, membership.role),
        *revoke_unupheld(case, resource, membership.person),
    ]


def remove(act: Remove, case: Case) -> list[Event]:
    """Whoever the table lets remove that role may remove its holder, never themselves (MEM-01, MEM-05)."""
    resource = find(case, act.what)
    person = act.who if isinstance(act.who, str) else recognise(case, act.who)[0].id
    if person == case.actor.id:
        raise refusals.ToYourself("remove")
    membership = next((m for m in case.facts.members(resource.id, case.at) if m.person == person), None)
    if membership is None:
        raise refusals.NotAMember(person, resource.title)
    if membership.role not in _removes(case, resource):
        raise refusals.MayNotRemove(person, membership.role, resource.title)
    _check_not_last(case, resource, membership)
    return [
        MemberRemoved(resource.id, person, membership.role),
        *revoke_unupheld(case, resource, person),
    ]


def end_due(case: Case, membership: Membership) -> list[Event]:
    """A membership for a limited time ends, and with it the invitations that it upheld."""
    resource = case.facts.resource(membership.resource)
    ended = MemberEnded(membership.resource, membership.person, membership.role)
    return [ended, *(revoke_unupheld(case, resource, membership.person) if resource else [])]


def _removes(case: Case, resource: Resource) -> tuple[str, ...]:
    mine = access.held(case, case.actor.id, resource)
    role = mine and case.kinds[resource.kind].role(mine.role)
    return role.removes if role else ()


def _check_not_last(case: Case, resource: Resource, membership: Membership) -> None:
    """As many as the table asks for must go on holding the role; a limited membership upholds nothing (MEM-08)."""
    role = case.kinds[resource.kind].role(membership.role)
    staying = [
        m
        for m in case.facts.members(resource.id, case.at)
        if m.role == membership.role and m.person != membership.person and m.until is None
    ]
    if role and len(staying) < role.at_least:
        raise refusals.LastHolder(role.name, resource.title, resource.slug)
