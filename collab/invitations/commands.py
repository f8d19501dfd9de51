"""Invitations: open questions to somebody. Sent, taken back, sent again, edited; never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.billing.plans import check_seats_available
from collab.events import (
    Event,
    InvitationEdited,
    InvitationExpired,
    InvitationResent,
    InvitationSent,
    InvitationSuperseded,
)
from collab.invitations import reminders
from collab.invitations.reminders import ReminderState
from collab.invitations.rules import (
    JOIN,
    NO_END,
    PAY,
    PENDING,
    Invitation,
    Term,
    build_revoked_event,
    check_invitation_pending,
    check_may_assign_roles,
    check_offer,
    check_role_not_held,
    get_event_fields,
    get_invitee,
    get_reminder_time_zone,
    get_time_zone_of_first,
    is_inviter_still_authorized,
    list_resources_of_invitation,
    list_team_approvers,
    may_offer,
    validate_note,
)
from collab.people import (
    Account,
    Address,
    Caller,
    Person,
    check_can_be_invited,
    get_or_register_person,
)
from collab.resources import Resource, resolve_resources

if TYPE_CHECKING:
    from collab.context import Context

DAY = timedelta(days=1)
SENDING_EVENT_NAMES = (InvitationSent.name, InvitationResent.name)


@dataclass(frozen=True, slots=True)
class InviteToResource:
    """Ask somebody to take a role on a resource, or on several at once; `what` is a name, or names."""

    by: Caller
    who: Account | Address
    role: str
    what: str | tuple[str, ...]
    term: Term = NO_END
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    """Take a pending invitation back."""

    by: Caller
    invitation: str


@dataclass(frozen=True, slots=True)
class ResendInvitation:
    """Send an invitation again: a pending one starts anew, one that expired or was revoked becomes a new one."""

    by: Caller
    invitation: str


@dataclass(frozen=True, slots=True)
class EditInvitation:
    """Change what a pending invitation offers."""

    by: Caller
    invitation: str
    role: str
    term: Term = NO_END


@dataclass(frozen=True, slots=True)
class Offer:
    """What is about to be offered: to whom, on what, as what, for how long, with which words.

    The `first` offer to somebody is made when nobody has heard of them before: nothing else waits for them.
    """

    resources: tuple[Resource, ...]
    role: str
    term: Term = NO_END
    note: str | None = None
    person: Person | None = None
    team: Resource | None = None
    asked: tuple[str, ...] = ()
    tz: str = "UTC"
    purpose: str = JOIN
    is_first_contact: bool = False

    @property
    def invitee(self) -> str:
        """The person, or the team, that it is addressed to."""
        return self.person.id if self.person else self.team.id if self.team else ""

    @property
    def resource_ids(self) -> tuple[str, ...]:
        """Everything that it is about."""
        return tuple(resource.id for resource in self.resources)


def invite_to_resource(act: InviteToResource, case: Context) -> list[Event]:
    """Whoever may grant the role now may ask somebody to take it (INV-01, INV-03, INV-05, ROL-05)."""
    resources = resolve_resources(case, act.what)
    for resource in resources:
        check_may_assign_roles(case, resource, act.role)
    _check_may_offer_together(case, resources)
    for resource in resources:
        check_offer(case, case.actor.id, resource, act.role, act.term)
    person, met = get_or_register_person(case, act.who)
    check_may_invite_person(case, person)
    for resource in resources:
        if not met:  # whom nobody has heard of has declined nothing and holds nothing
            check_not_recently_declined(case, resource, person.id)
            check_role_not_held(case, resource, person, act.role)
    offer = Offer(
        tuple(resources),
        act.role,
        act.term,
        validate_note("note", act.note),
        person,
        tz=person.tz,
    )
    return met + send_or_resend(case, replace(offer, is_first_contact=bool(met)))


def send_or_resend(case: Context, offer: Offer) -> list[Event]:
    """Send an offer that was found in order: the same once more, or a new one in the place of those that wait."""
    waiting = [] if offer.is_first_contact else _list_pending_of_offer(case, offer)
    if (
        len(waiting) == 1
        and case.at < waiting[0].expires
        and _is_same_offer(case, offer, waiting[0])
    ):
        return _resend_pending(case, waiting[0], offer.tz, offer.asked)
    for pending in waiting:
        if case.at < pending.expires:
            _check_may_manage(case, pending)
    for resource in offer.resources if offer.person else ():
        if offer.purpose == JOIN or resource.parent:
            role = offer.role or case.roles[resource.kind].stays_as or ""
            check_seats_available(case, resource, role, [offer.invitee])
    _check_daily_limit(case)
    return _send_new(case, offer, waiting)


def _list_pending_of_offer(case: Context, offer: Offer) -> list[Invitation]:
    """What waits for the same person or team on some of the same, for the same purpose."""
    found = (
        case.repositories.find_pending_invitation(
            resource, offer.invitee, offer.purpose
        )
        for resource in offer.resource_ids
    )
    return list({i.id: i for i in found if i}.values())


def revoke_invitation(act: RevokeInvitation, case: Context) -> list[Event]:
    """The inviter, or whoever may grant that role, may take a pending invitation back (INV-07)."""
    invitation, _ = _get_manageable_invitation(case, act.invitation)
    check_invitation_pending(case, invitation)
    return [build_revoked_event(invitation, "asked")]


def resend_invitation(act: ResendInvitation, case: Context) -> list[Event]:
    """Sending again starts the expiry anew; after the end of an invitation it makes a new one (INV-07, INV-08)."""
    invitation, resources = _get_manageable_invitation(case, act.invitation)
    if invitation.state == "accepted":
        raise errors.AlreadyAnswered(invitation.id, invitation.state)
    waits = invitation.state == PENDING and case.at < invitation.expires
    granter = invitation.inviter if waits else case.actor.id
    if invitation.purpose == JOIN:
        for resource in resources:
            check_offer(case, granter, resource, invitation.role, invitation.term)
    elif not may_offer(case, granter, invitation):
        raise errors.InviterLostRight(granter, resources[0].title)
    if waits:
        return _resend_pending(
            case,
            invitation,
            get_reminder_time_zone(case, invitation),
            list_team_approvers(case, invitation.team),
        )
    return _send_anew(case, invitation, resources)


def _send_anew(
    case: Context, invitation: Invitation, resources: Sequence[Resource]
) -> list[Event]:
    """An invitation that ended, as a new one by the actor, checked like any other."""
    if invitation.team:
        return _invite_team_anew(case, invitation, resources)
    person = get_invitee(case, invitation.person)
    check_may_invite_person(case, person)
    for resource in resources:
        check_not_recently_declined(
            case, resource, person.id, purpose=invitation.purpose
        )
        if invitation.purpose != PAY:
            check_role_not_held(case, resource, person, invitation.role)
    offer = Offer(
        tuple(resources),
        invitation.role,
        invitation.term,
        invitation.note,
        person,
        tz=person.tz,
    )
    return send_or_resend(case, replace(offer, purpose=invitation.purpose))


def check_may_invite_person(case: Context, person: Person) -> None:
    """Refuse to invite oneself, a bot, or a deactivated account (INV-05)."""
    if person.id == case.actor.id:
        raise errors.ToYourself("invite")
    check_can_be_invited(person, case)


def _invite_team_anew(
    case: Context, invitation: Invitation, resources: Sequence[Resource]
) -> list[Event]:
    """A team is asked anew, as long as there is one and a no of it is a day old."""
    team = case.repositories.get_resource(invitation.team or "")
    if team is None or team.gone:
        raise errors.UnknownInvitation
    for resource in resources:
        check_not_recently_declined(case, resource, team.id, team.title)
    asked = list_team_approvers(case, team.id)
    tz = get_time_zone_of_first(case, asked)
    return send_or_resend(
        case,
        Offer(
            tuple(resources),
            invitation.role,
            invitation.term,
            invitation.note,
            None,
            team,
            asked,
            tz,
        ),
    )


def edit_invitation(act: EditInvitation, case: Context) -> list[Event]:
    """The offer of a pending invitation may change within what its editor and its inviter may grant (INV-07)."""
    invitation, resources = _get_manageable_invitation(case, act.invitation)
    check_invitation_pending(case, invitation)
    if invitation.purpose != JOIN:
        raise errors.NothingToEdit
    for resource in resources:
        check_offer(case, case.actor.id, resource, act.role, act.term)
        check_offer(case, invitation.inviter, resource, act.role, act.term)
        if invitation.person:
            check_role_not_held(
                case, resource, get_invitee(case, invitation.person), act.role
            )
    before, now = invitation.term, act.term
    if (invitation.role, before) == (act.role, now):
        return []
    offered = (invitation.role, before.lasts, before.until)
    expires = min(invitation.expires, now.until or invitation.expires)
    due = reminders.get_next_reminder_time(
        case.policy,
        replace(invitation, expires=expires),
        get_reminder_time_zone(case, invitation),
    )
    ids = (invitation.id, invitation.resource, invitation.person, invitation.inviter)
    changed = InvitationEdited(
        *ids,
        act.role,
        now.lasts,
        now.until,
        *offered,
        expires,
        due,
        also=invitation.also,
    )
    return [changed]


def _send_new(
    case: Context, offer: Offer, replaces: Sequence[Invitation]
) -> list[Event]:
    new, term = case.new_id("I"), offer.term
    expires = min(
        case.at + case.policy.lifetime, term.until or datetime.max.replace(tzinfo=UTC)
    )
    sent = InvitationSent(
        new,
        offer.resource_ids[0],
        offer.person.id if offer.person else None,
        case.actor.id,
        offer.role,
        term.lasts,
        term.until,
        offer.note,
        expires,
        reminders.get_next_reminder_time(
            case.policy, ReminderState(case.at, expires), offer.tz
        ),
        also=offer.resource_ids[1:],
        team=offer.team.id if offer.team else None,
        asked=offer.asked,
        purpose=offer.purpose,
    )
    return [*(_end_replaced(case, old, new) for old in replaces), sent]


def _is_same_offer(case: Context, offer: Offer, pending: Invitation) -> bool:
    """Whether inviting again offers just what waits already, and what waits can still be accepted."""
    same = (pending.role, pending.term) == (offer.role, offer.term) and offer.note in {
        None,
        pending.note,
    }
    return (
        same
        and set(pending.resources) == set(offer.resource_ids)
        and is_inviter_still_authorized(case, pending)
    )


def _end_replaced(case: Context, old: Invitation, new: str) -> Event:
    return (
        InvitationExpired(**get_event_fields(old))
        if case.at >= old.expires
        else InvitationSuperseded(**get_event_fields(old), by=new)
    )


def _resend_pending(
    case: Context, invitation: Invitation, tz: str, asked: tuple[str, ...]
) -> list[Event]:
    _check_daily_limit(case)
    expires = min(
        case.at + case.policy.lifetime,
        invitation.until or datetime.max.replace(tzinfo=UTC),
    )
    due = reminders.get_next_reminder_time(
        case.policy, ReminderState(case.at, expires, muted=invitation.muted), tz
    )
    return [
        InvitationResent(
            **get_event_fields(invitation), expires=expires, due=due, asked=asked
        )
    ]


def _check_may_offer_together(case: Context, resources: Sequence[Resource]) -> None:
    """Several things at once: only of kinds that the table lets be offered together (INV-01)."""
    if len(resources) > 1:
        for resource in resources:
            if not case.roles[resource.kind].may_be_offered_together:
                raise errors.NotTogether(resource.title, resource.kind)


def check_not_recently_declined(
    case: Context,
    resource: Resource,
    invitee: str,
    team: str | None = None,
    *,
    purpose: str = JOIN,
) -> None:
    """Refuse to ask a person, or the team of that name, the same again too soon after a no (INV-06)."""
    declined = case.repositories.get_last_decline_time(resource.id, invitee, purpose)
    again = declined and declined + case.policy.rest_after_decline
    if again and case.at < again:
        raise errors.DeclinedRecently(
            "" if team else invitee, resource.title, again, team
        )


def _check_daily_limit(case: Context) -> None:
    """So many invitations a person a day, those sent again too, and no more (INV-13)."""
    limit = case.policy.daily_invitations
    reached = case.repositories.get_time_of_nth_last_event(
        case.actor.id, SENDING_EVENT_NAMES, limit, case.at - DAY
    )
    if reached:
        raise errors.TooManyToday(limit, reached + DAY)


def _get_manageable_invitation(
    case: Context, invitation: str
) -> tuple[Invitation, list[Resource]]:
    found = case.repositories.get_invitation(invitation)
    resources = list_resources_of_invitation(case, found) if found else []
    if found is None or not all(
        _may_see_invitation(case, found, resource) for resource in resources
    ):
        raise errors.UnknownInvitation
    _check_may_manage(case, found)
    return found, resources


def _check_may_manage(case: Context, invitation: Invitation) -> None:
    if invitation.inviter != case.actor.id and not may_offer(
        case, case.actor.id, invitation
    ):
        raise errors.MayNotManage


def _may_see_invitation(
    case: Context, invitation: Invitation, resource: Resource
) -> bool:
    return case.actor.id in {
        invitation.inviter,
        invitation.person,
    } or authorization.check(case, case.actor.id, "view", resource)
