"""Plans: limits on how many people may have the roles of a company (BIL-09)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import authorization, errors
from collab.command import Command, Query
from collab.context import Context
from collab.events import (
    Event,
    MemberJoined,
    MemberRestored,
    MemberRoleChanged,
    PayerChanged,
    PlanChanged,
    ResourceMoved,
    TeamAssigned,
    TeamShared,
)
from collab.invitations.rules import OWNERSHIP_PURPOSES, list_team_approvers
from collab.model import Invitation, PersonId, Resource, ResourceId
from collab.resource_lookup import resolve_resource, resolve_with_capability
from collab.role_model import ResourceType

SEAT_EVENTS = (
    MemberJoined,
    MemberRoleChanged,
    MemberRestored,
    PayerChanged,
    ResourceMoved,
    TeamShared,
    TeamAssigned,
)


@dataclass(frozen=True, slots=True)
class ChangePlan(Command):
    """Give a company a plan, or none."""

    what: str
    plan: str | None

    def decide(self, context: Context) -> list[Event]:
        """Reject an actor without its billing, or a plan that it exceeds (BIL-09)."""
        company = resolve_with_capability(context, self.what, "pay")
        _check_has_plans(context, company)
        if self.plan is not None and self.plan not in context.plans:
            raise errors.UnknownPlan(self.plan, tuple(context.plans))
        limits = context.plans[self.plan] if self.plan else {}
        used = {
            role: len(seats)
            for role, seats in _list_seats_by_role(
                context, company, tuple(limits)
            ).items()
        }
        exceeds = tuple(
            (role, used[role], limit)
            for role, limit in limits.items()
            if used[role] > limit
        )
        if exceeds:
            raise errors.PlanExceeded(company.title, self.plan or "", exceeds)
        return (
            []
            if self.plan == company.plan
            else [PlanChanged(company.id, self.plan, company.plan)]
        )


@dataclass(frozen=True, slots=True)
class PlanUsage:
    """How many people have each role in a company, and the limits.

    Invitees count too.
    """

    resource: Resource
    plan: str | None
    roles: Sequence[tuple[str, int, int | None]]
    plans: tuple[str, ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class ShowPlan(Query[PlanUsage]):
    """Show the plan of a company and how much of it is used."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def answer(self, context: Context) -> PlanUsage:
        """Reject an actor who may not view the company."""
        company = resolve_resource(context, self.what, with_contents=True)
        kind = _check_has_plans(context, company)
        limits = context.plans.get(company.plan or "", {})
        seats = _list_seats_by_role(
            context, company, tuple(role.name for role in kind.roles)
        )
        roles = [
            (role, len(people), limits.get(role)) for role, people in seats.items()
        ]
        return PlanUsage(
            company,
            company.plan,
            roles,
            tuple(context.plans),
            authorization.check(context, context.actor.id, "pay", company),
        )


def check_seats_available(
    context: Context,
    resource: Resource,
    role: str,
    people: Collection[PersonId],
    *,
    answering: bool = False,
) -> None:
    """Reject more people than a company's plan allows.

    Invitees have a seat until they answer.
    """
    for company in (resource, *authorization.iterate_containers(context, resource)):
        limits = context.plans.get(company.plan or "")
        if not limits:
            continue
        own_role = (
            role
            if company.id == resource.id
            else _get_derived_role(context, resource, role, company)
        )
        limit = limits.get(own_role or "")
        if own_role is None or limit is None:
            continue
        best, rank = (
            _get_highest_roles(context, company),
            context.roles[company.kind].get_rank,
        )
        coming = {p for p in people if p not in best or rank(own_role) < rank(best[p])}
        seats = _select_people_in_role(
            own_role,
            best,
            _list_pending_seats(context, company) if not answering else (),
        )
        if coming - seats and len(seats | coming) > limit:
            raise errors.BeyondPlan(
                company.title, company.plan or "", own_role, limit, len(seats)
            )


def check_seats_after_handover(
    context: Context,
    resource: Resource,
    new_owner_id: PersonId,
    former_owner_id: PersonId,
    kept_role: str,
) -> None:
    """Reject a handover after which a plan would be exceeded (BIL-09)."""
    kind = context.roles[resource.kind]
    highest_role = kind.highest_role
    if not kind.has_plans:
        check_seats_available(
            context, resource, highest_role, [new_owner_id], answering=True
        )
        return
    limits = context.plans.get(resource.plan or "", {})
    best = _get_highest_roles(context, resource)
    later = {**best, new_owner_id: highest_role, former_owner_id: kept_role}
    for role, limit in limits.items():
        before = _select_people_in_role(role, best, ())
        after = _select_people_in_role(role, later, ())
        if after - before and len(after) > limit:
            raise errors.BeyondPlan(
                resource.title, resource.plan or "", role, limit, len(before)
            )


def list_seats_before(
    context: Context, happened: Sequence[Event]
) -> Mapping[tuple[ResourceId, str], frozenset[PersonId]]:
    """Return who has the limited roles before events that may assign some."""
    if not context.plans or not any(
        isinstance(event, SEAT_EVENTS) for event in happened
    ):
        return {}
    planned = [
        (c, role)
        for c in context.resources.list_resources_with_plan()
        for role in context.plans.get(c.plan or "", ())
    ]
    return {
        (company.id, role): list_seat_holders(context, company, role)
        for company, role in planned
    }


def check_seat_limits(
    context: Context, before: Mapping[tuple[ResourceId, str], frozenset[PersonId]]
) -> None:
    """Reject events that gave more people a role than the plan allows (BIL-09)."""
    for (company_id, role), seats in before.items():
        company = context.resources.get_resource(company_id)
        limit = (
            context.plans.get(company.plan or "", {}).get(role)
            if company and not company.gone
            else None
        )
        now = (
            list_seat_holders(context, company, role)
            if company and limit is not None
            else frozenset()
        )
        if company and limit is not None and now - seats and len(now) > limit:
            raise errors.BeyondPlan(
                company.title, company.plan or "", role, limit, len(seats)
            )


def list_seat_holders(
    context: Context, company: Resource, role: str
) -> frozenset[PersonId]:
    """Return who has a role as their highest one in a company."""
    return _select_people_in_role(role, _get_highest_roles(context, company), ())


def _list_seats_by_role(
    context: Context, company: Resource, roles: tuple[str, ...]
) -> dict[str, frozenset[PersonId]]:
    """Return for each role who has it as their highest one, and who is invited to it."""
    best = _get_highest_roles(context, company)
    pending = _list_pending_seats(context, company)
    return {role: _select_people_in_role(role, best, pending) for role in roles}


def _select_people_in_role(
    role: str, best: Mapping[PersonId, str], pending: Sequence[tuple[PersonId, str]]
) -> frozenset[PersonId]:
    return frozenset(
        [
            *(person for person, highest in best.items() if highest == role),
            *(person for person, later in pending if later == role),
        ]
    )


def _get_highest_roles(context: Context, company: Resource) -> dict[PersonId, str]:
    """Return the highest role of each person in a company."""
    best: dict[PersonId, str] = {}
    for user in authorization.list_users_with(context, company):
        best.setdefault(user.person, user.role)
    return best


def _list_pending_seats(
    context: Context, company: Resource
) -> list[tuple[PersonId, str]]:
    """Return everybody invited into a company or its contents, with their later role."""
    seats: list[tuple[PersonId, str]] = []
    resources = (company, *context.resources.list_descendants(company.id))
    context.invitations.load_pending_invitations_on([each.id for each in resources])
    for resource in resources:
        for invitation in context.invitations.list_pending_invitations_on(resource.id):
            role = _get_role_if_accepted(context, resource, invitation, company)
            if role and context.at < invitation.expires:
                seats += [
                    (who, role) for who in _list_invited_people(context, invitation)
                ]
    return seats


def _get_role_if_accepted(
    context: Context, place: Resource, invitation: Invitation, company: Resource
) -> str | None:
    """Return the role that an invitation would give in a company.

    Who takes ownership over takes the seat of who transfers it.
    """
    if place.id == company.id:
        is_transfer = invitation.purpose in OWNERSHIP_PURPOSES
        return None if is_transfer else invitation.role
    return _get_derived_role(
        context,
        place,
        invitation.role or context.roles[place.kind].stays_as or "",
        company,
    )


def _list_invited_people(
    context: Context, invitation: Invitation
) -> Sequence[PersonId]:
    """Return the invitee, or the members of an invited team who would have its role."""
    if invitation.team:
        return list_team_approvers(context, invitation.team)
    return (invitation.person,) if invitation.person else ()


def _get_derived_role(
    context: Context, resource: Resource, role: str, company: Resource
) -> str | None:
    return next(
        iter(
            context.roles.list_derived_roles(
                role, resource.kind, "within", company.kind
            )
        ),
        None,
    )


def _check_has_plans(context: Context, company: Resource) -> ResourceType:
    kind = context.roles[company.kind]
    if not kind.has_plans:
        raise errors.HasNoPlans(company.title, company.kind)
    return kind
