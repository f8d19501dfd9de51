"""Membership: who holds which role on what; changing it, leaving, removal, and the end of a limited time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import Event, MemberEnded, MemberJoined, MemberLeft, MemberRemoved, MemberRoleChanged
from collab.invitations import revoke_unupheld, revoked
from collab.kinds import Role
from collab.people import Account, Address, Caller, recognise
from collab.resources import Resource, check_controlled, everything_inside, find

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
    """Give up one's own role on a resource, and on all inside it."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class Remove:
    """End somebody else's role on a resource, and on all inside it; `who` is an account, an address or an id."""

    by: Caller
    who: Account | Address | str
    what: str


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Give somebody who is in another role; one who goes down to an implied role may keep some of what is inside."""

    by: Caller
    who: Account | Address | str
    role: str
    what: str
    keep: tuple[str, ...] = ()


def leave(act: Leave, case: Case) -> list[Event]:
    """Anyone may leave anything at any time, except the last who must stay (MEM-04, MEM-06)."""
    resource = find(case, act.what)
    ending = _endings(case, resource, case.actor.id)
    top = MemberLeft(resource.id, case.actor.id, _role_here(case, resource, case.actor.id))
    inner = [MemberLeft(m.resource, m.person, m.role, resource.id) for m in ending if m.resource != resource.id]
    return [top, *inner, *revoke_unupheld(case, case.actor.id, frozenset(m.resource for m in ending))]


def remove(act: Remove, case: Case) -> list[Event]:
    """Whoever the table lets remove that role may remove its holder, never themselves (MEM-01, MEM-05, MEM-06)."""
    resource, person = find(case, act.what), _person(case, act.who)
    if person == case.actor.id:
        raise refusals.ToYourself("remove")
    ending = _endings(case, resource, person)
    role = _role_here(case, resource, person)
    if role not in access.removable(case, case.actor.id, resource):
        raise refusals.MayNotRemove(person, role, resource.title)
    inner = [MemberRemoved(m.resource, person, m.role, resource.id) for m in ending if m.resource != resource.id]
    unupheld = revoke_unupheld(case, person, frozenset(m.resource for m in ending))
    places = (resource, *everything_inside(case, resource))
    waiting = [revoked(i, "removed") for r in places if (i := case.facts.pending(r.id, person))]
    return [MemberRemoved(resource.id, person, role), *inner, *unupheld, *waiting]


def change_role(act: ChangeRole, case: Case) -> list[Event]:
    """Up to a role that one may grant; down from a role that one may remove; never one's own (MEM-01, MEM-02)."""
    resource, person = find(case, act.what), _person(case, act.who)
    if person == case.actor.id:
        raise refusals.ToYourself("change")
    kind = case.kinds[resource.kind]
    role = kind.role(act.role)
    if role is None:
        raise refusals.UnknownRole(act.role, kind.name, tuple(r.name for r in kind.roles))
    now = _role_here(case, resource, person)
    if now == role.name:
        raise refusals.AlreadyHolds(person, now, resource.title)
    _check_change(case, resource, person, now, role)
    direct = access.held(case, person, resource)
    if direct is None:
        return [MemberJoined(resource.id, person, role.name, None, None)]
    _check_not_last(case, resource, direct)
    kept = _kept(case, act, resource, person)
    if role.only_implied and not kept:
        _check_follows(case, resource, person, role)
    until = None if role.only_implied else direct.until
    before = (direct.role, direct.until)
    changed = MemberRoleChanged(resource.id, person, role.name, until, *before, ends=role.only_implied)
    lost = frozenset({resource.id})
    return [*kept, changed, *revoke_unupheld(case, person, lost, now_holds=(resource, role.name))]


def end_due(case: Case, membership: Membership) -> list[Event]:
    """A membership for a limited time ends, and with it the invitations that only it upheld."""
    ended = MemberEnded(membership.resource, membership.person, membership.role)
    return [ended, *revoke_unupheld(case, membership.person, frozenset({membership.resource}))]


def _endings(case: Case, resource: Resource, person: str) -> list[Membership]:
    """Every membership of the person on the resource and on all inside it, each of which may end."""
    places = {r.id: r for r in (resource, *everything_inside(case, resource))}
    found = list(case.facts.held(person, list(places), case.at).values())
    if not found:
        raise refusals.NotAMember(person, resource.title)
    for membership in found:
        _check_not_last(case, places[membership.resource], membership)
    return found


def _role_here(case: Case, resource: Resource, person: str) -> str:
    """The role given here; else the highest that follows from others."""
    direct = access.held(case, person, resource)
    if direct:
        return direct.role
    kind = case.kinds[resource.kind]
    implied = sorted((h.role for h in access.roles(case, person, resource)), key=kind.rank)
    if not implied:
        raise refusals.NotAMember(person, resource.title)
    return implied[0]


def _check_change(case: Case, resource: Resource, person: str, now: str, role: Role) -> None:
    kind = case.kinds[resource.kind]
    grants = access.grantable(case, case.actor.id, resource)
    if kind.rank(role.name) < kind.rank(now):
        if role.only_implied or role.name not in grants:
            raise refusals.MayNotGrant(role.name, resource.title, grants)
        return
    if now not in access.removable(case, case.actor.id, resource):
        raise refusals.MayNotRemove(person, now, resource.title)
    if not role.only_implied and role.name not in grants:
        raise refusals.MayNotGrant(role.name, resource.title, grants)


def _check_follows(case: Case, resource: Resource, person: str, role: Role) -> None:
    """Going down to an implied role ends the membership; something else must still give that role."""
    left = access.roles(case, person, resource, frozenset({resource.id}))
    if all(held.role != role.name for held in left):
        raise refusals.NothingFollows(person, role.name, resource.title)


def _kept(case: Case, act: ChangeRole, resource: Resource, person: str) -> list[Event]:
    """What goes on by a role of its own when the role that gave it ends."""
    inside = {r.id: r for r in everything_inside(case, resource)}
    kept = [inside[r.id] for what in act.keep if (r := find(case, what)).id in inside]
    events: list[Event] = []
    for inner in kept:
        if access.held(case, person, inner) is None:
            role = _role_here(case, inner, person)
            if role not in access.grantable(case, case.actor.id, inner):
                raise refusals.MayNotGrant(role, inner.title, access.grantable(case, case.actor.id, inner))
            events.append(MemberJoined(inner.id, person, role, None, None))
    return events


def _person(case: Case, who: Account | Address | str) -> str:
    return who if isinstance(who, str) else recognise(case, who)[0].id


def _check_not_last(case: Case, resource: Resource, membership: Membership) -> None:
    """As many as the table asks for must go on holding the role; a limited membership upholds nothing (MEM-08)."""
    kind = case.kinds[resource.kind]
    role = kind.role(membership.role)
    others = [m for m in case.facts.members(resource.id, case.at) if m.person != membership.person and m.until is None]
    if role and sum(m.role == role.name for m in others) < role.at_least:
        raise refusals.LastHolder(role.name, resource.title, resource.slug, role.at_most is not None)
    if membership.role == kind.highest and not any(m.role == kind.highest for m in others):
        check_controlled(case, resource, members=())
