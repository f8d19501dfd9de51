"""Plans: named limits on how many hold the roles of a company (BIL-09)."""

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
from collab.invitations.rules import OWN, list_team_approvers
from collab.model import Invitation, Resource
from collab.resource_lookup import resolve_resource, resolve_with_capability
from collab.roles import ResourceType

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
    """Put a company on a plan, or, without one, on none."""

    what: str
    plan: str | None

    def decide(self, context: Context) -> list[Event]:
        """Whoever has the company's billing changes its plan, as far as the new one has room (BIL-09)."""
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
    """A company's plan: how many hold each role, with those who are asked, and how many may."""

    resource: Resource
    plan: str | None
    roles: Sequence[tuple[str, int, int | None]]
    plans: tuple[str, ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class ShowPlan(Query[PlanUsage]):
    """How a company stands in its plan."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def answer(self, context: Context) -> PlanUsage:
        """Whoever may view a company sees how it stands."""
        company = resolve_resource(context, self.what)
        kind = _check_has_plans(context, company)
        limits = context.plans.get(company.plan or "", {})
        seats = _list_seats_by_role(
            context, company, tuple(role.name for role in kind.roles)
        )
        roles = [(role, len(there), limits.get(role)) for role, there in seats.items()]
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
    people: Collection[str],
    *,
    answering: bool = False,
) -> None:
    """Refuse more than a company's plan has room for; those who are asked have a seat, until they answer."""
    for company in (resource, *authorization.iterate_containers(context, resource)):
        limits = context.plans.get(company.plan or "")
        if not limits:
            continue
        there = (
            role
            if company.id == resource.id
            else _get_derived_role(context, resource, role, company)
        )
        limit = limits.get(there or "")
        if there is None or limit is None:
            continue
        best, rank = (
            _get_highest_roles(context, company),
            context.roles[company.kind].get_rank,
        )
        coming = {p for p in people if p not in best or rank(there) < rank(best[p])}
        seats = _select_people_in_role(
            there, best, _list_pending_seats(context, company) if not answering else ()
        )
        if coming - seats and len(seats | coming) > limit:
            raise errors.BeyondPlan(
                company.title, company.plan or "", there, limit, len(seats)
            )


def list_seats_before(
    context: Context, happened: Sequence[Event]
) -> Mapping[tuple[str, str], frozenset[str]]:
    """Who holds the limited roles of the companies that are on a plan, before something that may give some."""
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
    context: Context, before: Mapping[tuple[str, str], frozenset[str]]
) -> None:
    """Refuse what gave somebody a role beyond a company's plan, whatever the way (BIL-09)."""
    for (place, role), seats in before.items():
        company = context.resources.get_resource(place)
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


def list_seat_holders(context: Context, company: Resource, role: str) -> frozenset[str]:
    """Who holds a role in a company as their highest there."""
    return _select_people_in_role(role, _get_highest_roles(context, company), ())


def _list_seats_by_role(
    context: Context, company: Resource, roles: tuple[str, ...]
) -> dict[str, frozenset[str]]:
    """For each of some roles who holds it in a company as their highest there, and who is asked to."""
    best, asked = (
        _get_highest_roles(context, company),
        _list_pending_seats(context, company),
    )
    return {role: _select_people_in_role(role, best, asked) for role in roles}


def _select_people_in_role(
    role: str, best: Mapping[str, str], asked: Sequence[tuple[str, str]]
) -> frozenset[str]:
    return frozenset(
        [
            *(p for p, held in best.items() if held == role),
            *(p for p, asked_as in asked if asked_as == role),
        ]
    )


def _get_highest_roles(context: Context, company: Resource) -> dict[str, str]:
    """The highest role that each holds in a company."""
    best: dict[str, str] = {}
    for held in authorization.list_users_with(context, company):
        best.setdefault(held.person, held.role)
    return best


def _list_pending_seats(context: Context, company: Resource) -> list[tuple[str, str]]:
    """Everybody who is asked into a company or something in it, and what they would be there."""
    asked: list[tuple[str, str]] = []
    for place in (company, *context.resources.list_descendants(company.id)):
        for invitation in context.invitations.list_pending_invitations_on(place.id):
            there = _get_role_if_accepted(context, place, invitation, company)
            if there and context.at < invitation.expires:
                asked += [
                    (who, there) for who in _list_invited_people(context, invitation)
                ]
    return asked


def _get_role_if_accepted(
    context: Context, place: Resource, invitation: Invitation, company: Resource
) -> str | None:
    """What an invitation would make somebody in a company; who takes it over takes the seat of who hands it over."""
    if place.id == company.id:
        return None if invitation.purpose == OWN else invitation.role
    return _get_derived_role(
        context,
        place,
        invitation.role or context.roles[place.kind].stays_as or "",
        company,
    )


def _list_invited_people(context: Context, invitation: Invitation) -> Sequence[str]:
    """The invited person, or those of the invited team who would hold its role."""
    return (
        list_team_approvers(context, invitation.team)
        if invitation.team
        else (invitation.invitee,)
    )


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
