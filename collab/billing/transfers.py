"""Transfers: billing and ownership change hands by an offer and its acceptance (BIL-03 to BIL-06, BIL-10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.authorization import EMPTY_SET
from collab.billing.payment_methods import (
    NO_DETAILS,
    BillingDetails,
    build_details_event,
    resolve_payment_method,
    validate_details,
)
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
from collab.invitations.commands import (
    Offer,
    check_may_invite_person,
    check_not_recently_declined,
    send_or_resend,
)
from collab.invitations.rules import (
    OWN,
    PAY,
    Invitation,
    check_role_not_held,
    may_transfer_billing,
    may_transfer_ownership,
    revoke_invitations_losing_authorization,
    revoke_unauthorized,
    validate_note,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.commands import Membership, build_demotion_event, demote_holders
from collab.people import Account, Address, Caller, Person, get_or_register_person
from collab.resources import (
    Resource,
    find_free_slug,
    needs_founder,
    resolve_resources,
    validate_name,
)
from collab.what_if import build_enabled_context, hypothetical_context

if TYPE_CHECKING:
    from collab.context import Context


@dataclass(frozen=True, slots=True)
class NewPaymentMethod:
    """A payment method that is made as an offer is accepted."""

    title: str
    details: BillingDetails = NO_DETAILS


PaymentMethodChoice = str | NewPaymentMethod | None


@dataclass(frozen=True, slots=True)
class TransferBilling:
    """Offer somebody to pay for some apps and databases from now on; who offers keeps working on them, or goes."""

    by: Caller
    who: Account | Address | str
    what: str | tuple[str, ...]
    note: str | None = None
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class PreviewBillingTransfer:
    """What a transfer of the billing of some things would change."""

    by: Caller
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BillingTransferImpact:
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


def transfer_billing(act: TransferBilling, case: Context) -> list[Event]:
    """Whoever has the billing of apps, or of trial apps, may offer it (BIL-03)."""
    resources = resolve_resources(case, act.what)
    _check_may_transfer_billing(case, resources)
    stays_as = case.roles[resources[0].kind].stays_as
    return _offer_transfer(
        case, act.who, resources, PAY, "" if act.leaves else stays_as or "", act.note
    )


def transfer_ownership(act: TransferOwnership, case: Context) -> list[Event]:
    """The owner of a project or a company, or of an app that stands in nothing, may offer it (BIL-06, BIL-10)."""
    resource = resolve_resources(case, act.what)[0]
    _check_may_transfer_ownership(case, resource)
    kind = case.roles[resource.kind]
    return _offer_transfer(case, act.who, [resource], OWN, kind.highest_role, act.note)


def _check_may_transfer_ownership(case: Context, resource: Resource) -> None:
    """Refuse whoever is not its owner, and what is not handed over or only with what it stands in (BIL-10)."""
    kind = case.roles[resource.kind]
    if kind.stays_as is None:
        may_invite = kind.highest_role in authorization.list_assignable_roles(
            case, case.actor.id, resource
        )
        raise errors.NotHandedOver(
            resource.title,
            kind.name,
            kind.highest_role,
            resource.slug if may_invite else "",
        )
    parent = (
        case.repositories.get_resource(resource.parent) if resource.parent else None
    )
    later, open_again = build_enabled_context(case, resource)
    if parent and kind.must_stay_controlled:
        if all(
            held.role != kind.highest_role
            for held in authorization.list_effective_roles(
                later, case.actor.id, open_again
            )
        ):
            raise errors.NotOwner(kind.highest_role, resource.title)
        hands_over = may_transfer_ownership(
            case, case.actor.id, parent, case.roles[parent.kind].highest_role
        )
        raise errors.StandsInSomething(
            resource.title,
            authorization.redact_resource(case, parent).title,
            hands_over,
        )
    if not may_transfer_ownership(later, case.actor.id, open_again, kind.highest_role):
        supplied = parent is not None and authorization.is_role_supplied_by_parent(
            case, resource, kind.highest_role
        )
        raise errors.NotOwner(
            kind.highest_role,
            resource.title,
            parent.kind if parent and supplied else "",
        )
    if authorization.is_disabled(case, resource):
        raise errors.IsDisabled(
            resource.title, authorization.find_slug_to_enable(case, resource)
        )


def accept_billing(
    case: Context,
    invitation: Invitation,
    found: Sequence[Resource],
    choice: PaymentMethodChoice,
) -> list[Event]:
    """The payer changes, and with it who can what; developers keep their access (BIL-04)."""
    made, method = _choose_payment_method(case, choice, found[0])
    before = tuple(dict.fromkeys(r.payer for r in found if r.payer))
    ids = (case.actor.id, invitation.inviter, invitation.id)
    told = BillingTransferred(
        found[0].id, tuple(r.id for r in found[1:]), *ids, method, before
    )
    changed = [
        PayerChanged(r.id, method, r.payer, invitation.id)
        for r in found
        if r.payer != method
    ]
    sides = [
        event for r in found for event in _change_role_of_inviter(case, invitation, r)
    ]
    return [
        *made,
        told,
        *changed,
        *sides,
        *_revoke_unauthorized_by_billing(case, invitation, found, method),
    ]


def _revoke_unauthorized_by_billing(
    case: Context, invitation: Invitation, found: Sequence[Resource], method: str
) -> list[InvitationRevoked]:
    """What waits that only the old payer and the role that the inviter gives up, together or alone, upheld (INV-09)."""
    person, stays_as = invitation.inviter, invitation.role
    later = hypothetical_context(
        case,
        resources=[replace(r, payer=method) for r in found],
        ended_memberships=[(person, r.id) for r in found],
        added_memberships=[
            Membership(r.id, person, stays_as, case.at, None) for r in found
        ]
        if stays_as
        else (),
    )
    waiting = [
        *case.repositories.list_pending_invitations_by(person),
        *(
            i
            for r in found
            for i in case.repositories.list_pending_invitations_on(r.id)
        ),
    ]
    return revoke_unauthorized(
        later, {i.id: i for i in waiting if i.id != invitation.id}.values()
    )


def accept_ownership(
    case: Context,
    invitation: Invitation,
    resource: Resource,
    choice: PaymentMethodChoice,
) -> list[Event]:
    """One is the owner, the other stays in the role that the table names (BIL-06, BIL-10)."""
    stays_as = case.roles[resource.kind].stays_as or invitation.role
    role, by = invitation.role, invitation.id
    check_role_not_held(case, resource, case.actor, role)
    now = authorization.direct_membership(case, case.actor.id, resource)
    taken: Event = MemberJoined(resource.id, case.actor.id, role, None, by)
    if now:
        taken = MemberRoleChanged(
            resource.id, case.actor.id, role, None, now.role, now.until, invitation=by
        )
    demoted = _demote_inviter(case, invitation, resource)
    return [
        OwnershipTransferred(
            resource.id, case.actor.id, invitation.inviter, by, role, stays_as
        ),
        *demoted,
        taken,
        *(
            _create_payment_method(case, choice, resource)[0]
            if isinstance(choice, NewPaymentMethod)
            else ()
        ),
        *_exclude_accepted(
            invitation,
            [
                lost
                for old in demoted
                for lost in _revoke_unauthorized_by_demotion(case, old)
            ],
        ),
    ]


def _demote_inviter(
    case: Context, invitation: Invitation, resource: Resource
) -> list[MemberRoleChanged]:
    """Demote the inviter, and whoever holds a role that only so many may hold.

    An inviter who owns the thing by what it stands in keeps that and has nothing to give up.
    """
    role, by = invitation.role, invitation.id
    demoted = demote_holders(
        case, resource, role, except_person_id=case.actor.id, invitation=by
    )
    old = authorization.direct_membership(case, invitation.inviter, resource)
    if old is None or old.role != role or any(e.person == old.person for e in demoted):
        return demoted
    return [*demoted, build_demotion_event(case, old, invitation=by)]


def _revoke_unauthorized_by_demotion(
    case: Context, demoted: MemberRoleChanged
) -> list[InvitationRevoked]:
    """Revoke what waits that only the role of somebody upheld who is demoted (INV-09)."""
    held = Membership(
        demoted.resource, demoted.person, demoted.role, case.at, demoted.until
    )
    return revoke_invitations_losing_authorization(
        case, demoted.person, EMPTY_SET, [held]
    )


def preview_billing_transfer(
    ask: PreviewBillingTransfer, case: Context
) -> BillingTransferImpact:
    """For who has the billing: who can change things only since they pay, and so no more once somebody else does."""
    resources = resolve_resources(case, ask.what)
    losing: dict[str, list[Resource]] = {}
    _check_may_transfer_billing(case, resources)
    for resource in resources:
        unpaid = replace(resource, payer=None)
        for person in dict.fromkeys(
            h.person for h in authorization.list_users_with(case, resource)
        ):
            may = authorization.check(case, person, "edit", resource)
            if may and not authorization.check(
                hypothetical_context(case, resources=[unpaid]), person, "edit", unpaid
            ):
                losing.setdefault(person, []).append(resource)
    people = case.repositories.get_people(list(losing))
    methods = [
        m
        for place in dict.fromkeys(r.payer for r in resources if r.payer)
        if (m := case.repositories.get_resource(place))
    ]
    stays_as = case.roles[resources[0].kind].stays_as
    return BillingTransferImpact(
        resources,
        methods,
        [(people[p], places) for p, places in losing.items()],
        stays_as or "",
    )


def _check_may_transfer_billing(case: Context, resources: Sequence[Resource]) -> None:
    """Refuse what is not paid for, and things of which the actor has not the billing."""
    for resource in resources:
        later, open_again = build_enabled_context(case, resource)
        if not may_transfer_billing(later, case.actor.id, open_again):
            raise errors.NoBilling(resource.title)
        if not case.roles[resource.kind].is_paid:
            raise errors.NotPaidFor(resource.title, resource.kind)
        if authorization.is_disabled(case, resource):
            raise errors.IsDisabled(
                resource.title, authorization.find_slug_to_enable(case, resource)
            )


def _offer_transfer(
    case: Context,
    who: Account | Address | str,
    resources: Sequence[Resource],
    purpose: str,
    role: str,
    note: str | None,
) -> list[Event]:
    """Ask somebody to take something over; for billing, `role` is what the one who offers stays as."""
    known = case.repositories.get_person(who) if isinstance(who, str) else None
    person, events = (known, []) if known else _register_recipient(case, who)
    if purpose == OWN and person.id == case.actor.id:
        raise errors.AlreadyHolds(person.id, role, resources[0].title)
    check_may_invite_person(case, person)
    for resource in resources:
        check_not_recently_declined(case, resource, person.id, purpose=purpose)
        if purpose == OWN:
            check_role_not_held(case, resource, person, role)
    words = validate_note("note", note)
    return events + send_or_resend(
        case,
        Offer(
            tuple(resources),
            role,
            note=words,
            person=person,
            tz=person.tz,
            purpose=purpose,
        ),
    )


def _register_recipient(
    case: Context, who: Account | Address | str
) -> tuple[Person, list[Event]]:
    if isinstance(who, str):
        raise errors.NotAPerson(who, "unknown")
    return get_or_register_person(case, who)


def _choose_payment_method(
    case: Context, choice: PaymentMethodChoice, about: Resource
) -> tuple[list[Event], str]:
    """One of the actor's payment methods, or a new one."""
    if choice is None:
        raise errors.ChooseMethod(about.title)
    if isinstance(choice, NewPaymentMethod):
        return _create_payment_method(case, choice, None)
    return [], resolve_payment_method(case, choice).id


def _create_payment_method(
    case: Context, new: NewPaymentMethod, within: Resource | None
) -> tuple[list[Event], str]:
    """Make a payment method that the actor holds, directly or by what it stands in (BIL-01)."""
    kind, title, details = (
        case.roles.payment_method_type,
        validate_name(new.title),
        validate_details(new.details),
    )
    if within and within.kind not in kind.container_types:
        raise errors.DoesNotStandIn(
            kind.name, within.kind, within.title, kind.container_types
        )
    method, inside = case.new_id("R"), within.id if within else None
    made: list[Event] = [
        ResourceCreated(
            kind.name, method, find_free_slug(case, title, kind.name), title, inside
        )
    ]
    if within is None or needs_founder(case, kind, within):
        made.append(MemberJoined(method, case.actor.id, kind.founder_role, None, None))
    return [
        *made,
        *([build_details_event(method, details)] if details != NO_DETAILS else []),
    ], method


def _change_role_of_inviter(
    case: Context, invitation: Invitation, resource: Resource
) -> Iterator[Event]:
    """Who offered stays as the table says, and no more; or goes, where they chose to."""
    person, stays_as = invitation.inviter, invitation.role
    kind, now = (
        case.roles[resource.kind],
        authorization.direct_membership(case, person, resource),
    )
    if not stays_as:
        if now:
            rotate = authorization.list_capability_losses(
                case, person, "code", frozenset({resource.id})
            )
            yield MemberLeft(resource.id, person, now.role, rotate=rotate)
        return
    if now is None:
        yield MemberJoined(resource.id, person, stays_as, None, invitation.id)
    elif kind.get_rank(now.role) < kind.get_rank(stays_as):
        before, due = (now.role, now.until), get_next_expiry_notice(now.until, case.at)
        yield MemberRoleChanged(
            resource.id,
            person,
            stays_as,
            now.until,
            *before,
            due=due,
            invitation=invitation.id,
        )


def _exclude_accepted(
    invitation: Invitation, ended: Sequence[InvitationRevoked]
) -> list[Event]:
    """These, each once, but the invitation that was just accepted."""
    return [*{e.invitation: e for e in ended if e.invitation != invitation.id}.values()]
