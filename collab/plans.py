"""Plans: named limits on how many hold the roles of a company (BIL-09)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import access, refusals
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
from collab.kinds import Kind
from collab.offers import OWN, Invitation, askable
from collab.people import Caller
from collab.resources import Resource, able, find

if TYPE_CHECKING:
    from collab.case import Case

Limits = Mapping[str, int]
GIVING = (MemberJoined, MemberRoleChanged, MemberRestored, PayerChanged, ResourceMoved, TeamShared, TeamAssigned)


@dataclass(frozen=True, slots=True)
class Plan:
    """Put a company on a plan, or, without one, on none."""

    by: Caller
    what: str
    plan: str | None


@dataclass(frozen=True, slots=True)
class ShowPlan:
    """How a company stands in its plan."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A company's plan: how many hold each role, with those who are asked, and how many may."""

    resource: Resource
    plan: str | None
    roles: Sequence[tuple[str, int, int | None]]
    plans: tuple[str, ...]
    may_change: bool


def change_plan(act: Plan, case: Case) -> list[Event]:
    """Whoever has the company's billing changes its plan, as far as the new one has room (BIL-09)."""
    company = able(case, act.what, "pay")
    _check_kind(case, company)
    if act.plan is not None and act.plan not in case.plans:
        raise refusals.UnknownPlan(act.plan, tuple(case.plans))
    limits = case.plans[act.plan] if act.plan else {}
    used = {role: len(seats) for role, seats in _seats(case, company, tuple(limits)).items()}
    exceeds = tuple((role, used[role], limit) for role, limit in limits.items() if used[role] > limit)
    if exceeds:
        raise refusals.PlanExceeded(company.title, act.plan or "", exceeds)
    return [] if act.plan == company.plan else [PlanChanged(company.id, act.plan, company.plan)]


def show_plan(ask: ShowPlan, case: Case) -> Standing:
    """Whoever may view a company sees how it stands."""
    company = find(case, ask.what)
    kind = _check_kind(case, company)
    limits = case.plans.get(company.plan or "", {})
    seats = _seats(case, company, tuple(role.name for role in kind.roles))
    roles = [(role, len(there), limits.get(role)) for role, there in seats.items()]
    return Standing(company, company.plan, roles, tuple(case.plans), access.may(case, case.actor.id, "pay", company))


def check_room(case: Case, resource: Resource, role: str, people: Collection[str], *, answering: bool = False) -> None:
    """Refuse more than a company's plan has room for; those who are asked have a seat, until they answer."""
    for company in (resource, *access.containers(case, resource)):
        limits = case.plans.get(company.plan or "")
        if not limits:
            continue
        there = role if company.id == resource.id else _implied_in(case, resource, role, company)
        limit = limits.get(there or "")
        if there is None or limit is None:
            continue
        best, rank = _highest(case, company), case.kinds[company.kind].rank
        coming = {p for p in people if p not in best or rank(there) < rank(best[p])}
        seats = _in_role(there, best, _asked(case, company) if not answering else ())
        if coming - seats and len(seats | coming) > limit:
            raise refusals.BeyondPlan(company.title, company.plan or "", there, limit, len(seats))


def standing(case: Case, happened: Sequence[Event]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Who holds the limited roles of the companies that are on a plan, before something that may give some."""
    if not case.plans or not any(isinstance(event, GIVING) for event in happened):
        return {}
    planned = [(c, role) for c in case.facts.planned() for role in case.plans.get(c.plan or "", ())]
    return {(company.id, role): taken(case, company, role) for company, role in planned}


def check_standing(case: Case, before: Mapping[tuple[str, str], frozenset[str]]) -> None:
    """Refuse what gave somebody a role beyond a company's plan, whatever the way (BIL-09)."""
    for (place, role), seats in before.items():
        company = case.facts.resource(place)
        limit = case.plans.get(company.plan or "", {}).get(role) if company and not company.gone else None
        now = taken(case, company, role) if company and limit is not None else frozenset()
        if company and limit is not None and now - seats and len(now) > limit:
            raise refusals.BeyondPlan(company.title, company.plan or "", role, limit, len(seats))


def taken(case: Case, company: Resource, role: str) -> frozenset[str]:
    """Who holds a role in a company as their highest there."""
    return _in_role(role, _highest(case, company), ())


def _seats(case: Case, company: Resource, roles: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """For each of some roles who holds it in a company as their highest there, and who is asked to."""
    best, asked = _highest(case, company), _asked(case, company)
    return {role: _in_role(role, best, asked) for role in roles}


def _in_role(role: str, best: Mapping[str, str], asked: Sequence[tuple[str, str]]) -> frozenset[str]:
    return frozenset(
        [*(p for p, held in best.items() if held == role), *(p for p, asked_as in asked if asked_as == role)]
    )


def _highest(case: Case, company: Resource) -> dict[str, str]:
    """The highest role that each holds in a company."""
    best: dict[str, str] = {}
    for held in access.everybody(case, company):
        best.setdefault(held.person, held.role)
    return best


def _asked(case: Case, company: Resource) -> list[tuple[str, str]]:
    """Everybody who is asked into a company or something in it, and what they would be there."""
    asked: list[tuple[str, str]] = []
    for place in (company, *case.facts.everything_inside(company.id)):
        for invitation in case.facts.pending_on(place.id):
            there = _asked_as(case, place, invitation, company)
            if there and case.at < invitation.expires:
                asked += [(who, there) for who in _invited(case, invitation)]
    return asked


def _asked_as(case: Case, place: Resource, invitation: Invitation, company: Resource) -> str | None:
    """What an invitation would make somebody in a company; who takes it over takes the seat of who hands it over."""
    if place.id == company.id:
        return None if invitation.purpose == OWN else invitation.role
    return _implied_in(case, place, invitation.role or case.kinds[place.kind].stays_as or "", company)


def _invited(case: Case, invitation: Invitation) -> Sequence[str]:
    """The invited person, or those of the invited team who would hold its role."""
    return askable(case, invitation.team) if invitation.team else (invitation.invitee,)


def _implied_in(case: Case, resource: Resource, role: str, company: Resource) -> str | None:
    return next(iter(case.kinds.follows(role, resource.kind, "within", company.kind)), None)


def _check_kind(case: Case, company: Resource) -> Kind:
    kind = case.kinds[company.kind]
    if not kind.has_plans:
        raise refusals.HasNoPlans(company.title, company.kind)
    return kind
