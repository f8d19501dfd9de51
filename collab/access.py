"""Who may do what, and why: one walk over memberships and the table of kinds.

A role is held directly, or follows from a role on what the thing stands in, on what pays for it, on a group that it
is shared with, or on what stands in it (the table's implied rows). Roles that follow are computed at each question and
never stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from collab.case import Case, Facts
    from collab.membership import Membership
    from collab.resources import Resource
    from collab.teams import Share

STILL_WHEN_DISABLED = frozenset({"view", "disable", "delete"})
NOTHING: frozenset[str] = frozenset()


# Made by the hundred at each question: a tuple takes half the time of a data class.
class Step(NamedTuple):
    """One step of a path: a role on a resource."""

    role: str
    resource: str


class Held(NamedTuple):
    """A role that a person holds on a resource, by a path that starts at a membership and ends here."""

    person: str
    path: tuple[Step, ...]

    @classmethod
    def given(cls, person: str, role: str, resource: str) -> Held:
        """A role where it was given, from which others follow."""
        return cls(person, (Step(role, resource),))

    @property
    def role(self) -> str:
        """The role held."""
        return self.path[-1].role

    @property
    def direct(self) -> bool:
        """Whether it is a membership, and not one that follows from another."""
        return len(self.path) == 1

    def so(self, role: str, resource: str) -> Held:
        """The role that follows from this one."""
        return Held(self.person, (*self.path, Step(role, resource)))


Holdings = Mapping[str, Sequence[Held]]
Found = dict[str, list[Held]]
Starts = Mapping[str, Sequence[Held]]  # memberships, by where they were given
Given = Mapping[str, Sequence[tuple[Step, Sequence[str]]]]  # the same: each role, with all whose it is


@dataclass(frozen=True, slots=True)
class Reach:
    """All that a person's roles can have to do with: their memberships, the resources, and what groups share of them.

    It answers what the walk asks of the facts.
    """

    given: Sequence[Membership]
    resources: Mapping[str, Resource]
    shared: Mapping[str, Sequence[Share]] = field(default_factory=dict)

    def resource(self, resource: str) -> Resource | None:
        """A resource by id."""
        return self.resources.get(resource)

    def shares(self, resource: str) -> Sequence[Share]:
        """The groups that hold a role on a resource."""
        return self.shared.get(resource, ())


def held(case: Case, person: str, resource: Resource) -> Membership | None:
    """The role that the person was given on the resource itself, while it holds."""
    return case.facts.held(person, [resource.id], case.at).get(resource.id)


def roles(case: Case, person: str, resource: Resource, without: frozenset[str] = NOTHING) -> list[Held]:
    """Every role of the person on the resource, with its path; memberships on resources in `without` do not count."""
    return [*_downward(case, person, resource, without), *_upward(case, person, resource, without)]


def may(case: Case, person: str, capability: str, resource: Resource, without: frozenset[str] = NOTHING) -> bool:
    """Whether any of the person's roles gives the capability (ROL-01)."""
    return any(True for _ in ways(case, person, capability, resource, without))


def may_create(case: Case, person: str, kind: str, parent: Resource) -> bool:
    """Return whether the person may create something of that kind inside the parent (RES-01)."""
    creating = {role.name for role in case.kinds[parent.kind].roles if role.may_create(kind)}
    return any(held.role in creating for held in ways(case, person, "create", parent))


def enabling(case: Case, resource: Resource) -> str:
    """Return the slug of what the actor may enable so that a resource is enabled; empty when they may not."""
    off = [r for r in (resource, *containers(case, resource)) if r.disabled]
    may_enable = all(may(case, case.actor.id, "disable", r) for r in off)
    return off[0].slug if len(off) == 1 and may_enable else ""


def supplied(case: Case, resource: Resource, role: str) -> bool:
    """Return whether what the resource stands in always has somebody with that role on it."""
    parent = case.facts.resource(resource.parent) if resource.parent else None
    return bool(parent and not parent.gone and case.kinds.supplies(parent.kind, resource.kind, role))


def holds_by_parent(case: Case, person: str, resource: Resource, role: str) -> bool:
    """Return whether the person is one of those whom `supplied` counts on for that role."""
    if not supplied(case, resource, role):
        return False
    held = _downward(case, person, resource, NOTHING)
    return any(h.role == role and len(h.path) > 1 and h.path[-2].resource == resource.parent for h in held)


def as_known(case: Case, resource: Resource) -> Resource:
    """A resource as the asker may know it: without its names when they may not view it."""
    shown = may(case, case.actor.id, "view", resource)
    return resource if shown else replace(resource, title="", slug="", about=None)


def abilities(case: Case, person: str, resource: Resource, without: frozenset[str] = NOTHING) -> frozenset[str]:
    """Everything that the person may do with the resource: `may` for all capabilities at once."""
    return NOTHING if resource.gone else abilities_by(case, resource, roles(case, person, resource, without))


def abilities_by(case: Case, resource: Resource, holding: Iterable[Held]) -> frozenset[str]:
    """What roles on a resource let one do there."""
    mine = {held.role for held in holding}
    can = frozenset(c for role in case.kinds[resource.kind].roles if role.name in mine for c in role.can)
    return can & STILL_WHEN_DISABLED if disabled(case, resource) else can


def ways(
    case: Case, person: str, capability: str, resource: Resource, without: frozenset[str] = NOTHING
) -> Iterator[Held]:
    """Every path by which the person has the capability (ROL-02); none on what is gone or disabled (ROL-04)."""
    if resource.gone or (capability not in STILL_WHEN_DISABLED and disabled(case, resource)):
        return
    kind = case.kinds[resource.kind]
    for walk in (_downward, _upward):
        for found in walk(case, person, resource, without):
            role = kind.role(found.role)
            if role and capability in role.can:
                yield found


def disabled(case: Case, resource: Resource) -> bool:
    """Whether the resource, or anything that it stands in, is disabled."""
    return any(r.disabled for r in (resource, *containers(case, resource)))


def containers(case: Case, resource: Resource) -> Iterator[Resource]:
    """What a resource stands in, the nearest first."""
    parent = case.facts.resource(resource.parent) if resource.parent else None
    while parent:
        yield parent
        parent = case.facts.resource(parent.parent) if parent.parent else None


def grantable(case: Case, person: str, resource: Resource) -> tuple[str, ...]:
    """The roles that the person may bring others into: what the table says for the roles held now (ROL-05)."""
    return _allowed(case, person, resource, "grants")


def removable(case: Case, person: str, resource: Resource) -> tuple[str, ...]:
    """The roles whose holders the person may remove (MEM-05)."""
    return _allowed(case, person, resource, "removes")


def reach_of(case: Case, person: str) -> Reach:
    """All that a person's roles can have to do with now."""
    return case.facts.reach(person, case.at, case.kinds)


def granting(case: Case, person: str) -> dict[str, tuple[str, ...]]:
    """What `grantable` says of everything that the person reaches and may bring others into; in a few queries."""
    reach = reach_of(case, person)
    near = replace(case, facts=cast("Facts", reach))
    starts = {m.resource: [Held.given(person, m.role, m.resource)] for m in reach.given}
    open_ = [r for r in reach.resources.values() if not r.gone and not disabled(near, r)]
    held: Found = {}
    found = {r.id: _lets(near, r, _flows(near, r, starts, held), "grants") for r in open_}
    return {place: roles for place, roles in found.items() if roles}


def everybody(case: Case, resource: Resource) -> list[Held]:
    """Everybody's roles on the resource, with their paths, the highest role first."""
    ranks = {role.name: n for n, role in enumerate(case.kinds[resource.kind].roles)}
    found = dict.fromkeys([*_all_downward(case, resource), *_all_upward(case, resource)])
    return sorted(found, key=lambda h: (ranks[h.path[-1].role], len(h.path) > 1))


def count_people(case: Case, resource: Resource) -> int:
    """How many hold a role on the resource, one way or another."""
    within = case.facts.places_within(resource.id) if case.kinds.has_tie("within", resource.kind) else ()
    sources = _sources(case, resource)
    given = case.facts.given_at({*(s.id for s in sources), *(place for _, place in within)}, case.at)
    found = {held.person for held in _flow(case, resource, _starts(case, sources[1:], given))}
    found.update(*(people for _, people in given.get(resource.id, ())))
    for inner, place in within:
        for step, people in given.get(place, ()):
            if place == inner.id and case.kinds.follows(step.role, inner.kind, "within", resource.kind):
                found.update(people)
            else:
                starts = [Held(person, (step,)) for person in set(people) - found]
                found.update(s.person for s in starts if any(_outward(case, resource, inner, s)))
    return len(found)


def everybody_within(case: Case, resource: Resource, inside: Collection[str]) -> list[str]:
    """Everybody who holds a role on the resource, the highest first, or else on some of what stands in it."""
    within = _all_within(case, resource)
    inner = (start.person for thing, start in within if thing.id in inside and any(_onward(case, thing, start)))
    return list(dict.fromkeys([*(held.person for held in everybody(case, resource)), *inner]))


def holders(case: Case, role: str, resource: Resource) -> tuple[str, ...]:
    """Everybody who holds that role on the resource, directly or not."""
    return tuple(dict.fromkeys(h.person for h in _all_downward(case, resource) if h.role == role))


def granters(case: Case, role: str, resource: Resource) -> tuple[str, ...]:
    """Everybody who may grant that role on the resource."""
    kind = case.kinds[resource.kind]
    able = {r.name for r in kind.roles if role in r.grants}
    return tuple(dict.fromkeys(h.person for h in _all_downward(case, resource) if h.role in able))


def holdings(
    case: Case, person: str, without: frozenset[str] = NOTHING, *, given: Iterable[Step] = ()
) -> dict[str, list[Held]]:
    """Every role of a person on everything that they reach, by resource; what is gone has those that follow.

    It takes a few queries, however much they reach; `roles` answers for one resource alone. Memberships on resources
    in `without` do not count, and those in `given` do, as if they were there.
    """
    reach = reach_of(case, person)
    near = replace(case, facts=cast("Facts", reach))
    starts = {m.resource: [Held.given(person, m.role, m.resource)] for m in reach.given if m.resource not in without}
    starts |= {step.resource: [Held(person, (step,))] for step in given}
    found: Found = {}
    for resource in reach.resources.values():
        _flows(near, resource, starts, found)
    for resource in [r for r in reach.resources.values() if not r.gone]:
        outward = list(found[resource.id])
        for container in containers(near, resource):
            for held in outward:
                follows = case.kinds.follows(held.role, resource.kind, "within", container.kind)
                found[container.id] += (held.so(role, container.id) for role in follows)
    return {place: roles for place, roles in found.items() if roles}


def visible(case: Case, person: str, holding: Holdings | None = None) -> list[Resource]:
    """Every resource that the person may view, what stands in others after them; `holding` when it is known already."""
    reached = reach_of(case, person).resources
    living = [r for place in viewable(case, person, holding) if not (r := reached[place]).gone]
    return sorted(living, key=lambda r: [(c.title.casefold(), c.id) for c in _line(reached, r)])


def viewable(case: Case, person: str, holding: Holdings | None = None) -> frozenset[str]:
    """What the person may view, and what of it is gone; `holding` when it is known already."""
    reached = reach_of(case, person).resources
    shown = {kind: {r.name for r in case.kinds[kind].roles if "view" in r.can} for kind in case.kinds}
    found = holdings(case, person) if holding is None else holding
    return frozenset(place for place, held in found.items() if any(h.role in shown[reached[place].kind] for h in held))


def able(case: Case, person: str, capability: str) -> frozenset[str]:
    """On what of everything that the person reaches `may` says yes to the capability; in a few queries."""
    reach = reach_of(case, person)
    near = replace(case, facts=cast("Facts", reach))
    having = _having(near, capability, holdings(case, person))
    closes = capability not in STILL_WHEN_DISABLED
    return frozenset(p for p in having if not (closes and disabled(near, reach.resources[p])))


def losing(
    case: Case, person: str, capability: str, lost: frozenset[str], before: Case | None = None
) -> tuple[str, ...]:
    """On which resources a person has a capability only by these memberships; `before` they ended, where that was."""
    had = _having(case, capability, holdings(before or case, person))
    has = _having(case, capability, holdings(case, person, lost)) if had else {}
    return tuple(place for place in had if place not in has)


def _having(case: Case, capability: str, found: dict[str, list[Held]]) -> dict[str, None]:
    having: dict[str, None] = {}
    for place, roles_there in found.items():
        resource = case.facts.resource(place)
        kind = case.kinds[resource.kind] if resource and not resource.gone else None
        can = {role.name for role in kind.roles if capability in role.can} if kind else set()
        if any(held.role in can for held in roles_there):
            having[place] = None
    return having


def _line(reached: Mapping[str, Resource], resource: Resource) -> list[Resource]:
    """What a resource stands in, the outermost first, and the resource itself."""
    line = [resource]
    while (outer := line[0].parent) and outer in reached:
        line.insert(0, reached[outer])
    return line


def _allowed(case: Case, person: str, resource: Resource, what: str) -> tuple[str, ...]:
    if resource.gone or disabled(case, resource):
        return ()
    return _lets(case, resource, _downward(case, person, resource, NOTHING), what)


def _lets(case: Case, resource: Resource, holding: Iterable[Held], what: str) -> tuple[str, ...]:
    """What the table says that these roles on a resource let one do with the roles of others."""
    kind = case.kinds[resource.kind]
    mine = {h.role for h in holding}
    allowed = {name for role in kind.roles if role.name in mine for name in getattr(role, what)}
    return tuple(role.name for role in kind.roles if role.name in allowed)


def _downward(case: Case, person: str, resource: Resource, without: frozenset[str]) -> Iterator[Held]:
    """Roles that are held here, and those that come from what it stands in and from what pays for it."""
    chain = _sources(case, resource)
    given = case.facts.held(person, [r.id for r in chain if r.id not in without], case.at)
    starts = {m.resource: [Held.given(person, m.role, m.resource)] for m in given.values()}
    yield from _flow(case, resource, starts)


def _all_downward(case: Case, resource: Resource) -> Iterator[Held]:
    sources = _sources(case, resource)
    given = case.facts.given_at({s.id for s in sources}, case.at)
    here = [Held(person, (step,)) for step, people in given.get(resource.id, ()) for person in people]
    yield from _flow(case, resource, {**_starts(case, sources[1:], given), resource.id: here})


def _starts(case: Case, sources: Iterable[Resource], given: Given) -> dict[str, list[Held]]:
    """The roles given on sources from which others can follow."""
    return {
        s.id: [
            Held(person, (step,)) for step, people in given.get(s.id, ()) if step.role in leading for person in people
        ]
        for s in sources
        for leading in (case.kinds.leading(s.kind),)
    }


def _flows(case: Case, resource: Resource, starts: Starts, found: Found | None) -> Iterable[Held]:
    """The same as `_flow`; what was found is remembered where many things that come from the same are asked about."""
    if found is None:
        return _flow(case, resource, starts)
    if resource.id not in found:
        found[resource.id] = list(_flow(case, resource, starts, found))
    return found[resource.id]


def _flow(case: Case, resource: Resource, starts: Starts, found: Found | None = None) -> Iterator[Held]:
    yield from starts.get(resource.id, ())
    for source, tie in _ties(case, resource):
        for above in _flows(case, source, starts, found):
            for role in case.kinds.follows(above.role, source.kind, tie, resource.kind):
                yield above.so(role, resource.id)
    for group, share in _groups(case, resource):
        for above in _flows(case, group, starts, found):
            yield from (above.so(role, resource.id) for role in _through(case, above, group, share, resource))


def _through(case: Case, above: Held, group: Resource, share: Share, resource: Resource) -> Iterator[str]:
    """The roles that follow from a role in a group: the group's own, or that for what is assigned to the person."""
    if case.kinds.follows(above.role, group.kind, "shares", resource.kind):
        yield share.role
    if above.person in share.assigned:
        yield from case.kinds.follows(above.role, group.kind, "assigned", resource.kind)


def _sources(case: Case, resource: Resource) -> list[Resource]:
    """The resource itself and all from which roles on it can come."""
    sources = [*(s for s, _ in _ties(case, resource)), *(g for g, _ in _groups(case, resource))]
    return [resource, *(found for source in sources for found in _sources(case, source))]


def _ties(case: Case, resource: Resource) -> Iterator[tuple[Resource, str]]:
    for there, tie in ((resource.parent, "holds"), (resource.payer, "pays")):
        source = case.facts.resource(there) if there else None
        if source and (resource.gone or not source.gone):  # what is gone keeps its place in the record
            yield source, tie


def _groups(case: Case, resource: Resource) -> Iterator[tuple[Resource, Share]]:
    if case.kinds.takes_groups(resource.kind):
        for share in case.facts.shares(resource.id):
            group = case.facts.resource(share.team)
            if group and not group.gone:
                yield group, share


def _upward(case: Case, person: str, resource: Resource, without: frozenset[str]) -> Iterator[Held]:
    """Roles that follow from a role on something that stands in the resource."""
    if not case.kinds.has_tie("within", resource.kind):
        return
    for inner, start in case.facts.held_within(person, resource.id, case.at):
        if start.path[0].resource not in without:
            yield from _outward(case, resource, inner, start)


def _all_upward(case: Case, resource: Resource) -> Iterator[Held]:
    if not case.kinds.has_tie("within", resource.kind):
        return
    for inner, step, people in _given_within(case, resource):
        if step.resource == inner.id:
            follows = case.kinds.follows(step.role, inner.kind, "within", resource.kind)
            paths = [(step, Step(role, resource.id)) for role in follows]
            yield from (Held(person, path) for person in people for path in paths)
        else:
            for person in people:
                yield from _outward(case, resource, inner, Held(person, (step,)))


def _all_within(case: Case, resource: Resource) -> Iterator[tuple[Resource, Held]]:
    """What stands in the resource, each with a role from which one on it can follow."""
    for inner, step, people in _given_within(case, resource):
        yield from ((inner, Held(person, (step,))) for person in people)


def _given_within(case: Case, resource: Resource) -> Iterator[tuple[Resource, Step, Sequence[str]]]:
    """What stands in the resource, each with a role from which one on it can follow, and all whose it is."""
    within = case.facts.places_within(resource.id)
    given = case.facts.given_at({place for _, place in within}, case.at)
    for inner, place in within:
        yield from ((inner, step, people) for step, people in given.get(place, ()))


def _onward(case: Case, resource: Resource, start: Held) -> Iterator[Held]:
    """The roles on the resource that follow from one that was given, or that one itself."""
    return _flow(case, resource, {start.path[0].resource: [start]})


def _outward(case: Case, resource: Resource, inner: Resource, start: Held) -> Iterator[Held]:
    for found in _onward(case, inner, start):
        for role in case.kinds.follows(found.role, inner.kind, "within", resource.kind):
            yield found.so(role, resource.id)
