"""Membership: who holds which role on what; changing it, leaving and removal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collab import access, refusals
from collab.events import Event, MemberJoined, MemberLeft, MemberRemoved, MemberRoleChanged
from collab.kinds import Role
from collab.offers import check_grants, may_hand_over, refuse_grant, revoke_unupheld, revoked
from collab.people import Account, Address, Caller, recognise
from collab.plans import check_room
from collab.policy import speaks_up
from collab.resources import Resource, everything_inside, find, is_controlled, last_holder
from collab.supposing import enabled

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
    return _end(case, MemberLeft, resource, case.actor.id)


def remove(act: Remove, case: Case) -> list[Event]:
    """Whoever the table lets remove that role may remove its holder, never themselves (MEM-01, MEM-05, MEM-06)."""
    resource, person = find(case, act.what), person_of(case, act.who)
    if person == case.actor.id:
        raise refusals.ToYourself("remove")
    _check_may_remove(case, resource, person)
    ended = _end(case, MemberRemoved, resource, person)
    places = {resource.id, *(r.id for r in everything_inside(case, resource))}
    return [*ended, *(revoked(i, "removed") for i in case.facts.pending_for(person) if places & {*i.resources})]


def change_role(act: ChangeRole, case: Case) -> list[Event]:
    """Up to a role that one may grant; down from a role that one may remove; never one's own (MEM-01, MEM-02)."""
    resource, person = find(case, act.what), person_of(case, act.who)
    if person == case.actor.id:
        raise refusals.ToYourself("change")
    kind = case.kinds[resource.kind]
    role = kind.role(act.role)
    if role is None:
        raise refusals.UnknownRole(act.role, kind.name, tuple(r.name for r in kind.roles))
    check_grants(case, resource, role.name)
    now = role_here(case, resource, person)
    _check_change(case, resource, person, now, role)
    if now == role.name:
        raise refusals.AlreadyHolds(person, now, resource.title)
    check_room(case, resource, role.name, [person], answering=True)
    direct = access.held(case, person, resource)
    if direct is None and kind.rank(role.name) > kind.rank(now):
        raise _held_through(case, resource, person)
    if direct is None:
        return [MemberJoined(resource.id, person, role.name, None, None)]
    check_not_last(case, resource, direct)
    kept = _kept(case, act, resource, person)
    if role.only_implied and not kept:
        _check_follows(case, resource, person, role)
    until = None if role.only_implied else direct.until
    before = (direct.role, direct.until)
    due = speaks_up(until, case.at)
    changed = MemberRoleChanged(resource.id, person, role.name, until, *before, ends=role.only_implied, due=due)
    lost = frozenset({resource.id})
    held = [Membership(e.resource, person, e.role, case.at, e.until) for e in kept]
    if not role.only_implied:
        held.append(Membership(resource.id, person, role.name, case.at, until))
    return [*kept, changed, *revoke_unupheld(case, person, lost, held)]


def _end(case: Case, fact: type[MemberLeft | MemberRemoved], resource: Resource, person: str) -> list[Event]:
    """A person's end on a resource and on all inside it, with all that goes with it (MEM-06, MEM-07)."""
    ending = _endings(case, resource, person)
    lost = frozenset(m.resource for m in ending)
    own = next((m for m in ending if m.resource == resource.id), None)
    top = _lost(case, own) if own else {"role": _role_ending(case, resource, person)}
    inner = [fact(m.resource, person, within=resource.id, **_lost(case, m)) for m in ending if m is not own]
    rotate = access.losing(case, person, "code", lost)
    return [fact(resource.id, person, **top, rotate=rotate), *inner, *revoke_unupheld(case, person, lost)]


def _role_ending(case: Case, resource: Resource, person: str) -> str:
    """The role that ends here; of a deactivated account the one that rests, or else the lowest: none follows for it."""
    resting = case.facts.suspended(person)
    if not resting:
        return role_here(case, resource, person)
    return next((m.role for m in resting if m.resource == resource.id), case.kinds[resource.kind].roles[-1].name)


def _lost(case: Case, membership: Membership) -> dict[str, Any]:
    """What an undo needs to know of a membership that ends (MEM-11)."""
    assigned = case.facts.assigned(membership.resource, membership.person)
    return {"role": membership.role, "since": membership.since, "until": membership.until, "assigned": assigned}


def _endings(case: Case, resource: Resource, person: str) -> list[Membership]:
    """Every membership of the person on the resource and on all inside it, each of which may end."""
    places = {r.id: r for r in (resource, *everything_inside(case, resource))}
    found = list(case.facts.held(person, list(places), case.at).values())
    for membership in found:
        check_not_last(case, places[membership.resource], membership)
    found = found or [m for m in case.facts.suspended(person) if m.resource in places]
    if not found:
        raise _held_through(case, resource, person)
    return found


def _check_may_remove(case: Case, resource: Resource, person: str) -> None:
    """Refuse whoever may not remove that person, before anything else is looked at (MEM-05)."""
    removes = access.removable(case, case.actor.id, resource)
    if not removes:
        raise _refuse_removal(case, resource, person, "")
    role = _role_ending(case, resource, person)
    if role in removes:
        return
    if access.held(case, person, resource) is None and not case.facts.suspended(person):
        raise _held_through(case, resource, person)
    raise _refuse_removal(case, resource, person, role)


def _refuse_removal(case: Case, resource: Resource, person: str, role: str) -> refusals.Refused:
    """Return why somebody may not be removed or given a lower role by the actor."""
    later, open_again = enabled(case, resource)
    if access.disabled(case, resource) and access.removable(later, case.actor.id, open_again):
        return refusals.IsDisabled(resource.title, access.enabling(case, resource))
    is_final = bool(role) and all(role not in each.removes for each in case.kinds[resource.kind].roles)
    kind = case.kinds[resource.kind]
    is_single = any(each.name == role and each.at_most == 1 for each in kind.roles)
    hands_over = is_final and is_single and kind.stays_as is not None
    may = hands_over and may_hand_over(case, case.actor.id, resource, role)
    slug = resource.slug if may or (is_final and not is_single) else ""
    return refusals.MayNotRemove(person, role, resource.title, slug, is_final, may)


def _held_through(case: Case, resource: Resource, person: str) -> refusals.Refused:
    """Return why there is nothing to end for somebody: they hold no role, or one that follows from another (MEM-05)."""
    rank = case.kinds[resource.kind].rank
    held = min(access.roles(case, person, resource), key=lambda h: rank(h.role), default=None)
    source = case.facts.resource(held.path[0].resource) if held else None
    if held is None or source is None:
        return refusals.NotAMember(person, resource.title)
    known, role = access.as_known(case, source), held.path[0].role
    is_group = case.kinds[source.kind].is_group
    unshares = is_group and held.role in access.removable(case, case.actor.id, resource)
    return refusals.HeldThrough(
        person,
        held.role,
        resource.title,
        resource.slug,
        role,
        source.kind,
        known.title,
        known.slug,
        can_end=bool(known.title) and _can_end(case, source, person, role),
        can_unshare=bool(known.title) and unshares and len(held.path) == 2,  # noqa: PLR2004 - the team and the thing
    )


def _can_end(case: Case, resource: Resource, person: str, role: str) -> bool:
    """Return whether the actor can end a role that was given to somebody: their own, or one that they may remove."""
    if person != case.actor.id and role not in access.removable(case, case.actor.id, resource):
        return False
    try:
        _endings(case, resource, person)
    except refusals.LastHolder:
        return False
    return True


def role_here(case: Case, resource: Resource, person: str) -> str:
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
    is_promotion = kind.rank(role.name) < kind.rank(now)
    keeps_present = is_promotion and access.held(case, person, resource) is None
    if not keeps_present and now not in access.removable(case, case.actor.id, resource):
        raise _refuse_removal(case, resource, person, now)
    if (is_promotion or not role.only_implied) and (role.only_implied or role.name not in grants):
        raise refuse_grant(case, resource, role.name, case.actor.id)


def _check_follows(case: Case, resource: Resource, person: str, role: Role) -> None:
    """Going down to an implied role ends the membership; something else must still give that role."""
    left = access.roles(case, person, resource, frozenset({resource.id}))
    if all(held.role != role.name for held in left):
        raise refusals.NothingFollows(person, role.name, resource.title)


def _kept(case: Case, act: ChangeRole, resource: Resource, person: str) -> list[MemberJoined]:
    """What goes on by a role of its own when the role that gave it ends."""
    inside = {r.id: r for r in everything_inside(case, resource)}
    kept = [inside[r.id] for what in act.keep if (r := find(case, what)).id in inside]
    events: list[MemberJoined] = []
    for inner in kept:
        if access.held(case, person, inner) is None:
            role = role_here(case, inner, person)
            if role not in access.grantable(case, case.actor.id, inner):
                raise refusals.MayNotGrant(role, inner.title, access.grantable(case, case.actor.id, inner))
            events.append(MemberJoined(inner.id, person, role, None, None))
    return events


def person_of(case: Case, who: Account | Address | str) -> str:
    """The id of whom an act is about."""
    return who if isinstance(who, str) else recognise(case, who)[0].id


def check_not_last(case: Case, resource: Resource, membership: Membership) -> None:
    """Refuse the end of a membership without which somebody who must be there would be missing (MEM-08)."""
    if is_last(case, resource, membership):
        raise last_holder(case, resource, membership.role)


def is_last(case: Case, resource: Resource, membership: Membership) -> bool:
    """Whether too few would go on holding the role; a limited membership upholds nothing, nor does a suspended one."""
    kind = case.kinds[resource.kind]
    role = kind.role(membership.role)
    others = [m for m in case.facts.members(resource.id, case.at) if m.person != membership.person and m.until is None]
    if role and sum(m.role == role.name for m in others) < role.at_least:
        return not access.supplied(case, resource, role.name)
    return membership.role == kind.highest and not is_controlled(case, resource, members=others)


def demoted_holders(
    case: Case, resource: Resource, role: str, *, but: str, invitation: str | None = None
) -> list[MemberRoleChanged]:
    """Demote who holds a role that only so many may hold, deactivated people included, so that somebody else can."""
    kind = case.kinds[resource.kind]
    limited = kind.role(role)
    if limited is None or limited.at_most is None or kind.stays_as is None:
        return []
    holding = [*case.facts.members(resource.id, case.at), *case.facts.suspended_on(resource.id)]
    return [demotion(case, m, invitation=invitation) for m in holding if m.role == role and m.person != but]


def demotion(case: Case, membership: Membership, *, invitation: str | None = None) -> MemberRoleChanged:
    """Return the change to the role in which somebody stays who handed a resource over."""
    resource = case.facts.resource(membership.resource)
    stays_as = (case.kinds[resource.kind].stays_as if resource else None) or membership.role
    due, before = speaks_up(membership.until, case.at), (membership.role, membership.until)
    return MemberRoleChanged(
        membership.resource, membership.person, stays_as, membership.until, *before, due=due, invitation=invitation
    )
