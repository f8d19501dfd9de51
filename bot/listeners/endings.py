"""What a removal, a leave or a deletion would end, read from what the rules say would happen, for words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from bot.cards.membership import Ending, Remaining
from bot.cards.resources import LOSING, Deleting, Disabling, Loss, Moving, Shift
from bot.listeners.road import Click, Command, Desk, of_kind
from collab import access, events
from collab.access import Held
from collab.case import Case
from collab.events import Event
from collab.kinds import CAPABILITIES
from collab.move_effects import access_changes, is_loss
from collab.people import NOBODY, Person
from collab.resources import Resource, everything_inside
from collab.subjects import OpenInvitation, open_invitations

ROLES = 3
ENDS = events.ResourceDeleted | events.ResourceRetired


def ending(desk: Desk, asked: Command | Click, happens: Sequence[Event]) -> Ending:
    """What goes with a membership, and what the person still reaches without it (MEM-06)."""
    gone = [e for e in happens if isinstance(e, events.MemberLeft | events.MemberRemoved)]
    top, lost = gone[0], frozenset(e.resource for e in gone)
    with desk.facts(asked.by) as facts:
        case = desk.collab.case(facts, asked.at)
        resource = facts.resource(top.resource) or Resource(top.resource, "", "", "")
        me = facts.person_by_account(asked.by.account) if asked.by.account else None
        seen = access.viewable(case, me.id) if me else access.NOTHING
        places = [place for place in _touched(case, resource) if place.id in seen]
        before = _best(case, access.holdings(case, top.person), places)
        after = _best(case, access.holdings(case, top.person, lost), places)
        had = access.abilities(case, top.person, resource)
        has = access.abilities(case, top.person, resource, lost)
        return Ending(
            facts.person(top.person) or NOBODY,
            resource,
            top.role,
            [c for c in CAPABILITIES if c in had - has],
            [(place, was.role) for (place, was), (_, now) in zip(before, after, strict=True) if _ends(was, now)],
            [_remaining(case, seen, place, now) for place, now in after if now],
            _revoked(case, happens),
            case.kinds[resource.kind].highest,
        )


def deleting(desk: Desk, asked: Command | Click, happens: Sequence[Event]) -> Deleting:
    """What goes with a resource, who loses what, and what nothing pays for any more (RES-04)."""
    with desk.facts(asked.by) as facts:
        case = desk.collab.case(facts, asked.at)
        ends = [event for event in reversed(happens) if isinstance(event, ENDS)]
        doomed = [resource for end in ends if (resource := facts.resource(end.resource))]
        kept = {end.resource for end in ends if isinstance(end, events.ResourceRetired)}
        lost = [resource for resource in doomed if resource.id not in kept]
        gone = {resource.id for resource in doomed}
        unpaid = [paid for resource in doomed for paid in facts.paid_by(resource.id) if paid.id not in gone]
        revoked, retires = _revoked(case, happens), doomed[0].id in kept
        inside = [resource for resource in doomed[1:] if resource.id not in kept]
        kept_inside = [resource for resource in doomed[1:] if resource.id in kept]
        return Deleting(doomed[0], inside, _losses(case, lost), unpaid, revoked, retires, kept_inside)


def disabling(desk: Desk, asked: Command, what: str) -> Disabling:
    """What is disabled with a resource, and how many hold a role there."""
    with desk.facts(asked.by) as facts:
        case = desk.collab.case(facts, asked.at)
        resource = facts.resource(what) or Resource(what, "", "", "")
        inside = everything_inside(case, resource)
        people = access.everybody_within(case, resource, {resource.id, *(inner.id for inner in inside)})
        return Disabling(resource, inside, len(people))


def moving(desk: Desk, asked: Command | Click, happens: Sequence[Event]) -> Moving:
    """What a move would change: who gains and loses access, and what is no longer paid for (RES-03)."""
    move: events.ResourceMoved = of_kind(happens, events.ResourceMoved)[0]
    unpaid = [event.resource for event in of_kind(happens, events.PayerChanged)]
    with desk.facts(asked.by) as facts:
        case = desk.collab.case(facts, asked.at)
        resource = facts.resource(move.resource) or Resource(move.resource, "", "", "")
        before, parent = (facts.resource(place) if place else None for place in (move.before, move.parent))
        stopped = [r for place in unpaid if (r := facts.resource(place))]
        changes = access_changes(case, replace(resource, parent=move.parent), stopped)
        people = case.facts.people({change.person for change in changes})
        shifts = [(Shift(people[c.person], c.resource, c.before, c.after), is_loss(case, c)) for c in changes]
        gaining = [shift for shift, lost in shifts if not lost]
        losing = [shift for shift, lost in shifts if lost]
        return Moving(resource, before, parent, gaining, losing, stopped, _revoked(case, happens))


def _losses(case: Case, doomed: Sequence[Resource]) -> list[Loss]:
    """Everybody with what they hold there, the outermost first; what is not shown of it is not looked for."""
    if not doomed:
        return []
    found = access.everybody_within(case, doomed[0], {resource.id for resource in doomed})
    people = case.facts.people(found[:LOSING])
    named = [_loss(case, people.get(person) or NOBODY, doomed) for person in found[:LOSING]]
    return [*named, *(Loss(NOBODY, (), 0) for _ in found[LOSING:])]


def _loss(case: Case, person: Person, doomed: Sequence[Resource]) -> Loss:
    held = _best(case, access.holdings(case, person.id), doomed)
    roles = [(place, best.role) for place, best in held if best]
    return Loss(person, roles[:ROLES], max(0, len(roles) - ROLES))


def _touched(case: Case, resource: Resource) -> list[Resource]:
    """Where a role can end with one on the resource: there, inside, at what it pays for, and at what it stands in."""
    places = (resource, *everything_inside(case, resource), *case.facts.paid_by(resource.id))
    return list({place.id: place for place in (*places, *access.containers(case, resource))}.values())


def _best(
    case: Case, held: Mapping[str, Sequence[Held]], places: Sequence[Resource]
) -> list[tuple[Resource, Held | None]]:
    """With each place the highest of the roles held there."""
    return [(place, _highest(case, held.get(place.id, ()), place)) for place in places]


def _highest(case: Case, held: Sequence[Held], place: Resource) -> Held | None:
    rank = case.kinds[place.kind].rank
    return min(held, key=lambda h: (rank(h.role), not h.direct), default=None)


def _ends(had: Held | None, has: Held | None) -> TypeGuard[Held]:
    return had is not None and (has is None or has.role != had.role)


def _remaining(case: Case, seen: frozenset[str], place: Resource, has: Held) -> Remaining:
    start = None if has.direct else case.facts.resource(has.path[0].resource)
    hidden = start and start.id not in seen
    return Remaining(place, has.role, replace(start, title="", slug="", about=None) if start and hidden else start)


def _revoked(case: Case, happens: Iterable[Event]) -> list[OpenInvitation]:
    found = (case.facts.invitation(e.invitation) for e in of_kind(happens, events.InvitationRevoked))
    return open_invitations([invitation for invitation in found if invitation], case)
