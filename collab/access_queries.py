"""Questions about access: why somebody can, who can, what I hold, and what a thing is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import accessible_resources, authorization, errors
from collab.audit_log import EventLine, list_recent_events
from collab.command import Query
from collab.context import Context
from collab.model import NOBODY, Account, Address, EffectiveRole, Person, Resource
from collab.people import get_or_register_person
from collab.resource_lookup import resolve_resource
from collab.roles import CAPABILITIES

PAGE_SIZE = 20
RECENT_EVENT_COUNT = 5


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of a path: a role on a resource."""

    role: str
    resource: Resource


@dataclass(frozen=True, slots=True)
class RolePath:
    """How a person holds a role: from a membership, step by step, to the resource in question."""

    person: Person
    steps: tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class AccessExplanation:
    """Why a person has a capability on a resource: every path; none when they have it not."""

    person: Person
    resource: Resource
    capability: str
    paths: Sequence[RolePath]
    disabled: bool

    @property
    def is_suspended(self) -> bool:
        """Whether nobody has the capability because the resource is disabled (ROL-04)."""
        allowed = authorization.CAPABILITIES_WHEN_DISABLED
        return self.disabled and self.capability not in allowed


@dataclass(frozen=True, slots=True)
class UsersWithCapability:
    """Everybody who has a capability on a resource, each with their first path; a page of them."""

    resource: Resource
    capability: str
    paths: Sequence[RolePath]
    total: int
    next_page: int | None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class ResourceRole:
    """A resource with the highest role that the asker holds on it."""

    resource: Resource
    role: str
    direct: bool


@dataclass(frozen=True, slots=True)
class ResourceRoleList:
    """What the asker holds, a page of it."""

    belongings: Sequence[ResourceRole]
    total: int
    next_page: int | None


@dataclass(frozen=True, slots=True)
class ResourceDetail:
    """One resource: where it stands, what pays for it, how many are in, what stands in it, and its last events.

    `role` is the asker's highest, `direct` when it was given there; `disabled` too when what it stands in is.
    `shared` is what a team has a role on, as far as the asker may view it, with that role.
    It `lacks_payment` where the asker could create a payment method in it and there is none (BIL-11).
    """

    resource: Resource
    parent: Resource | None
    payer: Resource | None
    members: int
    inside: Sequence[Resource]
    role: str
    can: tuple[str, ...]
    lines: Sequence[EventLine]
    direct: bool = True
    disabled: bool = False
    lacks_payment: bool = False
    shared: Sequence[tuple[Resource, str]] = ()


@dataclass(frozen=True, slots=True)
class ExplainAccess(Query[AccessExplanation]):
    """Why can somebody do that, or why not?"""

    is_allowed_from_outside: ClassVar[bool] = True

    who: Account | Address
    what: str
    capability: str

    def answer(self, context: Context) -> AccessExplanation:
        """Every path by which somebody can, for whoever may view the resource (ROL-02)."""
        resource, capability = (
            resolve_resource(context, self.what),
            _check_capability_name(self.capability),
        )
        person, _ = get_or_register_person(context, self.who)
        paths = _build_paths(
            context,
            list(authorization.expand(context, person.id, capability, resource)),
        )
        return AccessExplanation(
            person,
            resource,
            capability,
            paths,
            authorization.is_disabled(context, resource),
        )


@dataclass(frozen=True, slots=True)
class ListUsersWithCapability(Query[UsersWithCapability]):
    """Who can do that?"""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str
    capability: str
    page: int = 0

    def answer(self, context: Context) -> UsersWithCapability:
        """Everybody who can, each with a path, for whoever may view the resource (ROL-02)."""
        resource, capability = (
            resolve_resource(context, self.what),
            _check_capability_name(self.capability),
        )
        kind = context.roles[resource.kind]
        disabled = authorization.is_disabled(context, resource)
        closed = disabled and capability not in authorization.CAPABILITIES_WHEN_DISABLED
        able = {
            role.name
            for role in kind.roles
            if capability in role.capabilities and not closed
        }
        first: dict[str, EffectiveRole] = {}
        for held in authorization.list_users_with(context, resource):
            if held.role in able:
                first.setdefault(held.person, held)
        start = self.page * PAGE_SIZE
        shown = _build_paths(context, list(first.values())[start : start + PAGE_SIZE])
        more = self.page + 1 if len(first) > start + PAGE_SIZE else None
        return UsersWithCapability(
            resource, capability, shown, len(first), more, disabled
        )


@dataclass(frozen=True, slots=True)
class ListMyResources(Query[ResourceRoleList]):
    """What do I hold?"""

    is_allowed_from_outside: ClassVar[bool] = True

    page: int = 0

    def answer(self, context: Context) -> ResourceRoleList:
        """What the asker holds, what stands in others after them."""
        held = accessible_resources.list_effective_roles_by_resource(
            context, context.actor.id
        )
        seen = accessible_resources.list_visible_resources(
            context, context.actor.id, held
        )
        start = self.page * PAGE_SIZE
        shown = [
            _get_highest_role(context, resource, held[resource.id])
            for resource in seen[start : start + PAGE_SIZE]
        ]
        return ResourceRoleList(
            shown, len(seen), self.page + 1 if len(seen) > start + PAGE_SIZE else None
        )


@dataclass(frozen=True, slots=True)
class ShowResource(Query[ResourceDetail]):
    """What is it?"""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def answer(self, context: Context) -> ResourceDetail:
        """One resource, for whoever may view it."""
        # Asked first, what they reach also says what the name means to them.
        repositories, holding = (
            context.repositories,
            accessible_resources.list_effective_roles_by_resource(
                context, context.actor.id
            ),
        )
        resource = resolve_resource(context, self.what)
        seen, held = (
            accessible_resources.list_viewable_resource_ids(
                context, context.actor.id, holding
            ),
            holding[resource.id],
        )
        can = authorization.list_capabilities_of_roles(context, resource, held)
        parent = (
            repositories.resources.get_resource(resource.parent)
            if resource.parent
            else None
        )
        payer = (
            repositories.resources.get_resource(resource.payer)
            if resource.payer
            else None
        )
        reached = accessible_resources.load_reachable_graph(
            context, context.actor.id
        ).resources
        inside = [
            r
            for place in seen
            if (r := reached[place]).parent == resource.id and not r.gone
        ]
        mine = _get_highest_role(context, resource, held)
        return ResourceDetail(
            resource,
            parent if parent and parent.id in seen else None,
            authorization.redact_resource(context, payer) if payer else None,
            authorization.count_users(context, resource),
            sorted(inside, key=lambda r: (r.title.casefold(), r.id)),
            mine.role,
            tuple(c for c in CAPABILITIES if c in can),
            list_recent_events(context, resource, seen, RECENT_EVENT_COUNT),
            mine.direct,
            authorization.is_disabled(context, resource),
            _lacks_payment(context, resource, can),
            _list_resources_of_team(context, resource, seen),
        )


def _list_resources_of_team(
    context: Context, team: Resource, seen: Collection[str]
) -> list[tuple[Resource, str]]:
    """Return what is shared with a team and the asker may view, by name, with the team's role."""
    reach = accessible_resources.load_reachable_graph(context, context.actor.id)
    living = [r for place in seen if not (r := reach.resources[place]).gone]
    found = [
        (r, share.role)
        for r in living
        for share in reach.list_shares(r.id)
        if share.team == team.id
    ]
    return sorted(found, key=lambda one: (one[0].title.casefold(), one[0].id))


def _lacks_payment(context: Context, resource: Resource, can: Collection[str]) -> bool:
    """Whether the asker takes care of the billing of something in which a payment method could stand, and none does."""
    paying = {
        name
        for name in context.roles
        if context.roles[name].is_payment_method
        and resource.kind in context.roles[name].container_types
    }
    if "pay" not in can or not paying:
        return False
    return not any(
        r.kind in paying and not r.retired
        for r in context.resources.list_descendants(resource.id)
    )


def _get_highest_role(
    context: Context, resource: Resource, held: Sequence[EffectiveRole]
) -> ResourceRole:
    rank = context.roles[resource.kind].get_rank
    best = min(held, key=lambda h: (rank(h.role), not h.is_direct))
    return ResourceRole(resource, best.role, best.is_direct)


def _check_capability_name(capability: str) -> str:
    if capability not in CAPABILITIES:
        raise errors.UnknownCapability(capability, CAPABILITIES)
    return capability


def _build_paths(context: Context, found: Sequence[EffectiveRole]) -> list[RolePath]:
    """How each holds their role, without the names of what the asker may not view."""
    met = context.resources.get_resources(
        {step.resource for held in found for step in held.path}
    )
    known = {
        place: authorization.redact_resource(context, resource)
        for place, resource in met.items()
    }
    people = context.people.get_people({held.person for held in found})
    return [
        RolePath(
            people.get(held.person, NOBODY),
            tuple(
                PathStep(step.role, known[step.resource])
                for step in held.path
                if step.resource in known
            ),
        )
        for held in found
    ]
