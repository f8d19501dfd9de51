"""What a removal, a leave or a deletion would end, read from what the rules say would happen, for words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard

from bot.cards.membership import Ending, Remaining
from bot.cards.resources import Deleting, Loss
from bot.listeners.road import Click, Command, Desk, of_kind
from collab import access, events
from collab.access import Held
from collab.case import Case
from collab.events import Event
from collab.kinds import CAPABILITIES
from collab.people import NOBODY, Person
from collab.resources import Resource, everything_inside
from collab.subjects import OpenInvitation, open_invitation

ROLES = 3
ENDS = events.ResourceDeleted | events.ResourceRetired


def ending(desk: Desk, asked: Command | Click, happens: Sequence[Event]) -> Ending:
    """What goes with a membership, and what the person still reaches without it (MEM-06)."""
    gone = [e for e in happens if isinstance(e, events.MemberLeft | events.MemberRemoved)]
    top, lost = gone[0], frozenset(e.resource for e in gone)
    with desk.facts(asked.by) as facts:
        case = desk.collab.case(facts, asked.at)
        resource = facts.resource(top.resource) or Resource(top.resource, "", "", "")
        places = [place for place in _touched(case, resource) if desk.seen(asked.by, case, place) is place]
        before = [(place, _best(case, top.person, place)) for place in places]
        after = [(place, _best(case, top.person, place, lost)) for place in places]
        return Ending(
            facts.person(top.person) or NOBODY,
            resource,
            top.role,
            [c for c in CAPABILITIES if _loses(case, top.person, c, resource, lost)],
            [(place, had.role) for (place, had), (_, has) in zip(before, after, strict=True) if _ends(had, has)],
            [_remaining(desk, asked, case, place, has) for place, has in after if has],
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
        return Deleting(doomed[0], doomed[1:], _losses(case, lost), unpaid, revoked, retires)


def _losses(case: Case, doomed: Sequence[Resource]) -> list[Loss]:
    """Everybody with what they hold there, the outermost first."""
    found: dict[str, dict[str, tuple[Resource, str]]] = {}
    for resource in doomed:
        for held in access.everybody(case, resource):
            found.setdefault(held.person, {}).setdefault(resource.id, (resource, held.role))
    people = case.facts.people(list(found))
    return [_loss(people.get(person) or NOBODY, list(roles.values())) for person, roles in found.items()]


def _loss(person: Person, roles: Sequence[tuple[Resource, str]]) -> Loss:
    return Loss(person, roles[:ROLES], max(0, len(roles) - ROLES))


def _touched(case: Case, resource: Resource) -> list[Resource]:
    """Where a role can end with one on the resource: there, inside, at what it pays for, and at what it stands in."""
    places = (resource, *everything_inside(case, resource), *case.facts.paid_by(resource.id))
    return list({place.id: place for place in (*places, *access.containers(case, resource))}.values())


def _best(case: Case, person: str, place: Resource, lost: frozenset[str] = access.NOTHING) -> Held | None:
    rank = case.kinds[place.kind].rank
    return min(access.roles(case, person, place, lost), key=lambda h: (rank(h.role), not h.direct), default=None)


def _ends(had: Held | None, has: Held | None) -> TypeGuard[Held]:
    return had is not None and (has is None or has.role != had.role)


def _remaining(desk: Desk, asked: Command | Click, case: Case, place: Resource, has: Held) -> Remaining:
    start = None if has.direct else case.facts.resource(has.path[0].resource)
    return Remaining(place, has.role, desk.seen(asked.by, case, start))


def _loses(case: Case, person: str, capability: str, resource: Resource, lost: frozenset[str]) -> bool:
    had = access.may(case, person, capability, resource)
    return had and not access.may(case, person, capability, resource, lost)


def _revoked(case: Case, happens: Iterable[Event]) -> list[OpenInvitation]:
    found = (case.facts.invitation(e.invitation) for e in of_kind(happens, events.InvitationRevoked))
    return [open_invitation(case.facts, invitation, case) for invitation in found if invitation]
