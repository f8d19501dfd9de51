"""Transfers: billing and ownership change hands by an offer and its acceptance (BIL-03 to BIL-06, BIL-10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.access import NOTHING
from collab.billing import NO_DETAILS, Details, checked, detailed, paying
from collab.events import (
    BillingTransferred,
    Event,
    InvitationRevoked,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    OwnershipTransferred,
    PayerChanged,
    ResourceCreated,
)
from collab.invitations import Offer, ask, check_person, check_rest
from collab.membership import Membership, demoted_holders, demotion
from collab.offers import (
    OWN,
    PAY,
    Invitation,
    checked_words,
    may_hand_billing,
    may_hand_over,
    refuse_held,
    revoke_unupheld,
    unupheld,
)
from collab.people import Account, Address, Caller, Person, recognise
from collab.policy import speaks_up
from collab.resources import Resource, checked_name, find_all, free_slug, needs_founder
from collab.supposing import enabled, supposing

if TYPE_CHECKING:
    from collab.case import Case


@dataclass(frozen=True, slots=True)
class NewMethod:
    """A payment method that is made as an offer is accepted."""

    title: str
    details: Details = NO_DETAILS


Choice = str | NewMethod | None


@dataclass(frozen=True, slots=True)
class TransferBilling:
    """Offer somebody to pay for some apps and databases from now on; who offers keeps working on them, or goes."""

    by: Caller
    who: Account | Address | str
    what: str | tuple[str, ...]
    note: str | None = None
    goes: bool = False


@dataclass(frozen=True, slots=True)
class ShowLoss:
    """What a transfer of the billing of some things would change."""

    by: Caller
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """The things, what pays for them, who would lose what only paying gives, and what the one who offers stays as."""

    resources: Sequence[Resource]
    methods: Sequence[Resource]
    losing: Sequence[tuple[Person, Sequence[Resource]]]
    stays_as: str


@dataclass(frozen=True, slots=True)
class TransferOwnership:
    """Offer somebody to own a thing from now on."""

    by: Caller
    who: Account | Address | str
    what: str
    note: str | None = None


def transfer_billing(act: TransferBilling, case: Case) -> list[Event]:
    """Whoever has the billing of apps, or of trial apps, may offer it (BIL-03)."""
    resources = find_all(case, act.what)
    _check_billing(case, resources)
    stays_as = case.kinds[resources[0].kind].stays_as
    return _offer(case, act.who, resources, PAY, "" if act.goes else stays_as or "", act.note)


def transfer_ownership(act: TransferOwnership, case: Case) -> list[Event]:
    """The owner of a project or a company, or of an app that stands in nothing, may offer it (BIL-06, BIL-10)."""
    resource = find_all(case, act.what)[0]
    _check_hands_over(case, resource)
    kind = case.kinds[resource.kind]
    return _offer(case, act.who, [resource], OWN, kind.highest, act.note)


def _check_hands_over(case: Case, resource: Resource) -> None:
    """Refuse whoever is not its owner, and what is not handed over or only with what it stands in (BIL-10)."""
    kind = case.kinds[resource.kind]
    if kind.stays_as is None:
        may_invite = kind.highest in access.grantable(case, case.actor.id, resource)
        raise refusals.NotHandedOver(resource.title, kind.name, kind.highest, resource.slug if may_invite else "")
    parent = case.facts.resource(resource.parent) if resource.parent else None
    later, open_again = enabled(case, resource)
    if parent and kind.stays_controlled:
        if all(held.role != kind.highest for held in access.roles(later, case.actor.id, open_again)):
            raise refusals.NotOwner(kind.highest, resource.title)
        hands_over = may_hand_over(case, case.actor.id, parent, case.kinds[parent.kind].highest)
        raise refusals.StandsInSomething(resource.title, access.as_known(case, parent).title, hands_over)
    if not may_hand_over(later, case.actor.id, open_again, kind.highest):
        supplied = parent is not None and access.supplied(case, resource, kind.highest)
        raise refusals.NotOwner(kind.highest, resource.title, parent.kind if parent and supplied else "")
    if access.disabled(case, resource):
        raise refusals.IsDisabled(resource.title, access.enabling(case, resource))


def take_billing(case: Case, invitation: Invitation, found: Sequence[Resource], choice: Choice) -> list[Event]:
    """The payer changes, and with it who can what; developers keep their access (BIL-04)."""
    made, method = _method(case, choice, found[0])
    before = tuple(dict.fromkeys(r.payer for r in found if r.payer))
    ids = (case.actor.id, invitation.inviter, invitation.id)
    told = BillingTransferred(found[0].id, tuple(r.id for r in found[1:]), *ids, method, before)
    changed = [PayerChanged(r.id, method, r.payer, invitation.id) for r in found if r.payer != method]
    sides = [event for r in found for event in _developers_side(case, invitation, r)]
    return [*made, told, *changed, *sides, *_without_billing(case, invitation, found, method)]


def _without_billing(
    case: Case, invitation: Invitation, found: Sequence[Resource], method: str
) -> list[InvitationRevoked]:
    """What waits that only the old payer and the role that the inviter gives up, together or alone, upheld (INV-09)."""
    person, stays_as = invitation.inviter, invitation.role
    later = supposing(
        case,
        resources=[replace(r, payer=method) for r in found],
        ended=[(person, r.id) for r in found],
        held=[Membership(r.id, person, stays_as, case.at, None) for r in found] if stays_as else (),
    )
    waiting = [*case.facts.pending_by(person), *(i for r in found for i in case.facts.pending_on(r.id))]
    return unupheld(later, {i.id: i for i in waiting if i.id != invitation.id}.values())


def take_ownership(case: Case, invitation: Invitation, resource: Resource, choice: Choice) -> list[Event]:
    """One is the owner, the other stays in the role that the table names (BIL-06, BIL-10)."""
    stays_as = case.kinds[resource.kind].stays_as or invitation.role
    role, by = invitation.role, invitation.id
    refuse_held(case, resource, case.actor, role)
    now = access.held(case, case.actor.id, resource)
    taken: Event = MemberJoined(resource.id, case.actor.id, role, None, by)
    if now:
        taken = MemberRoleChanged(resource.id, case.actor.id, role, None, now.role, now.until, invitation=by)
    demoted = _demoted(case, invitation, resource)
    return [
        OwnershipTransferred(resource.id, case.actor.id, invitation.inviter, by, role, stays_as),
        *demoted,
        taken,
        *(_made(case, choice, resource)[0] if isinstance(choice, NewMethod) else ()),
        *_but(invitation, [lost for old in demoted for lost in _unupheld_after(case, old)]),
    ]


def _demoted(case: Case, invitation: Invitation, resource: Resource) -> list[MemberRoleChanged]:
    """Demote the inviter, and whoever holds a role that only so many may hold.

    An inviter who owns the thing by what it stands in keeps that and has nothing to give up.
    """
    role, by = invitation.role, invitation.id
    demoted = demoted_holders(case, resource, role, but=case.actor.id, invitation=by)
    old = access.held(case, invitation.inviter, resource)
    if old is None or old.role != role or any(e.person == old.person for e in demoted):
        return demoted
    return [*demoted, demotion(case, old, invitation=by)]


def _unupheld_after(case: Case, demoted: MemberRoleChanged) -> list[InvitationRevoked]:
    """Revoke what waits that only the role of somebody upheld who is demoted (INV-09)."""
    held = Membership(demoted.resource, demoted.person, demoted.role, case.at, demoted.until)
    return revoke_unupheld(case, demoted.person, NOTHING, [held])


def show_loss(ask: ShowLoss, case: Case) -> Loss:
    """For who has the billing: who can change things only since they pay, and so no more once somebody else does."""
    resources = find_all(case, ask.what)
    losing: dict[str, list[Resource]] = {}
    _check_billing(case, resources)
    for resource in resources:
        unpaid = replace(resource, payer=None)
        for person in dict.fromkeys(h.person for h in access.everybody(case, resource)):
            may = access.may(case, person, "edit", resource)
            if may and not access.may(supposing(case, resources=[unpaid]), person, "edit", unpaid):
                losing.setdefault(person, []).append(resource)
    people = case.facts.people(list(losing))
    methods = [m for place in dict.fromkeys(r.payer for r in resources if r.payer) if (m := case.facts.resource(place))]
    stays_as = case.kinds[resources[0].kind].stays_as
    return Loss(resources, methods, [(people[p], places) for p, places in losing.items()], stays_as or "")


def _check_billing(case: Case, resources: Sequence[Resource]) -> None:
    """Refuse what is not paid for, and things of which the actor has not the billing."""
    for resource in resources:
        later, open_again = enabled(case, resource)
        if not may_hand_billing(later, case.actor.id, open_again):
            raise refusals.NoBilling(resource.title)
        if not case.kinds[resource.kind].is_paid:
            raise refusals.NotPaidFor(resource.title, resource.kind)
        if access.disabled(case, resource):
            raise refusals.IsDisabled(resource.title, access.enabling(case, resource))


def _offer(
    case: Case,
    who: Account | Address | str,
    resources: Sequence[Resource],
    purpose: str,
    role: str,
    note: str | None,
) -> list[Event]:
    """Ask somebody to take something over; for billing, `role` is what the one who offers stays as."""
    known = case.facts.person(who) if isinstance(who, str) else None
    person, events = (known, []) if known else _recognised(case, who)
    if purpose == OWN and person.id == case.actor.id:
        raise refusals.AlreadyHolds(person.id, role, resources[0].title)
    check_person(case, person)
    for resource in resources:
        check_rest(case, resource, person.id, purpose=purpose)
        if purpose == OWN:
            refuse_held(case, resource, person, role)
    words = checked_words("note", note)
    return events + ask(case, Offer(tuple(resources), role, note=words, person=person, tz=person.tz, purpose=purpose))


def _recognised(case: Case, who: Account | Address | str) -> tuple[Person, list[Event]]:
    if isinstance(who, str):
        raise refusals.NotAPerson(who, "unknown")
    return recognise(case, who)


def _method(case: Case, choice: Choice, about: Resource) -> tuple[list[Event], str]:
    """One of the actor's payment methods, or a new one."""
    if choice is None:
        raise refusals.ChooseMethod(about.title)
    if isinstance(choice, NewMethod):
        return _made(case, choice, None)
    return [], paying(case, choice).id


def _made(case: Case, new: NewMethod, within: Resource | None) -> tuple[list[Event], str]:
    """Make a payment method that the actor holds, directly or by what it stands in (BIL-01)."""
    kind, title, details = case.kinds.paying, checked_name(new.title), checked(new.details)
    if within and within.kind not in kind.stands_in:
        raise refusals.DoesNotStandIn(kind.name, within.kind, within.title, kind.stands_in)
    method, inside = case.new_id("R"), within.id if within else None
    made: list[Event] = [ResourceCreated(kind.name, method, free_slug(case, title, kind.name), title, inside)]
    if within is None or needs_founder(case, kind, within):
        made.append(MemberJoined(method, case.actor.id, kind.founder, None, None))
    return [*made, *([detailed(method, details)] if details != NO_DETAILS else [])], method


def _developers_side(case: Case, invitation: Invitation, resource: Resource) -> Iterator[Event]:
    """Who offered stays as the table says, and no more; or goes, where they chose to."""
    person, stays_as = invitation.inviter, invitation.role
    kind, now = case.kinds[resource.kind], access.held(case, person, resource)
    if not stays_as:
        if now:
            rotate = access.losing(case, person, "code", frozenset({resource.id}))
            yield MemberLeft(resource.id, person, now.role, rotate=rotate)
        return
    if now is None:
        yield MemberJoined(resource.id, person, stays_as, None, invitation.id)
    elif kind.rank(now.role) < kind.rank(stays_as):
        before, due = (now.role, now.until), speaks_up(now.until, case.at)
        yield MemberRoleChanged(resource.id, person, stays_as, now.until, *before, due=due, invitation=invitation.id)


def _but(invitation: Invitation, ended: Sequence[InvitationRevoked]) -> list[Event]:
    """These, each once, but the invitation that was just accepted."""
    return [*{e.invitation: e for e in ended if e.invitation != invitation.id}.values()]
