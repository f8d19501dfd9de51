"""Offers: what is about to be sent as an invitation, and sending it.

Every kind of invitation is sent here: to join, to pay, to own, to a person or a team.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collab import errors
from collab.billing.plans import check_seats_available
from collab.context import Context
from collab.events import (
    Event,
    InvitationExpired,
    InvitationResent,
    InvitationSent,
    InvitationSuperseded,
)
from collab.invitations import reminders
from collab.invitations.mail_limit import check_may_mail
from collab.invitations.reminders import ReminderState
from collab.invitations.rules import (
    JOIN,
    NO_END,
    TAKE_BACK,
    get_event_fields,
    may_offer,
)
from collab.model import (
    NOBODY,
    Invitation,
    InvitationId,
    InviteeId,
    Person,
    PersonId,
    Resource,
    ResourceId,
    Term,
)
from collab.people import check_can_be_invited, check_is_reached

DAY = timedelta(days=1)
SENDING_EVENT_NAMES = (InvitationSent.name, InvitationResent.name)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to a person or a team that was validated but not sent.

    `asked` are the ids of those in a team who get the message. `tz` is the time zone
    of reminders. `is_first_contact`: the person was registered just now, so nothing
    can be pending for them. To pay or to hand over, `role` is what the inviter stays as,
    if anything. `starts` and `pays` are those of a handover.
    """

    resources: tuple[Resource, ...]
    role: str
    term: Term = NO_END
    note: str | None = None
    person: Person | None = None
    team: Resource | None = None
    asked: tuple[PersonId, ...] = ()
    tz: str = "UTC"
    purpose: str = JOIN
    is_first_contact: bool = False
    starts: datetime | None = None
    pays: tuple[ResourceId, ...] = ()

    @property
    def invitee_id(self) -> InviteeId:
        """The id of the person or the team that is invited."""
        if self.person:
            return self.person.id
        return self.team.id if self.team else NOBODY.id

    @property
    def resource_ids(self) -> tuple[ResourceId, ...]:
        """The ids of the resources."""
        return tuple(resource.id for resource in self.resources)


def send_or_resend(context: Context, offer: Offer) -> list[Event]:
    """Resend a pending invitation that makes the same offer; otherwise send the offer
    and end the pending ones. Reject it if nothing reaches the person (OUT-01).
    """
    if offer.person:
        check_is_reached(context, offer.person)
    existing = [] if offer.is_first_contact else _list_pending_of_offer(context, offer)
    pending = [i for i in existing if context.at < i.expires]
    if len(existing) == len(pending) == 1 and _is_same_offer(
        context, offer, pending[0]
    ):
        return resend_pending(context, pending[0], offer.tz, offer.asked)
    for invitation in pending:
        check_may_manage(context, invitation)
    is_limited = offer.purpose != TAKE_BACK and not offer.is_first_contact
    if is_limited:
        check_may_mail(context, offer.person)
    _check_seats(context, offer)
    _check_daily_limit(context)
    sent = _build_sent_event(context, offer)
    ended = [_end_replaced(context, old, sent.invitation) for old in existing]
    return [*ended, sent]


def resend_pending(
    context: Context, invitation: Invitation, tz: str, recipients: tuple[PersonId, ...]
) -> list[Event]:
    """Send a pending invitation again, with a new expiry and new reminders (INV-08)."""
    _check_daily_limit(context)
    person = context.people.get_person(invitation.person) if invitation.person else None
    if person:
        check_is_reached(context, person)
    check_may_mail(context, person)
    latest = invitation.starts or invitation.until
    expires, due = _get_schedule(context, latest, tz, is_muted=invitation.muted)
    return [
        InvitationResent(
            **get_event_fields(invitation), expires=expires, due=due, asked=recipients
        )
    ]


def check_may_manage(context: Context, invitation: Invitation) -> None:
    """Reject an actor who neither sent an invitation nor may make its offer (INV-07)."""
    if invitation.inviter == context.actor.id:
        return
    if not may_offer(context, context.actor.id, invitation):
        raise errors.MayNotManage


def check_may_invite_person(context: Context, person: Person) -> None:
    """Reject an invitation to oneself, a bot, or a deactivated account (INV-05)."""
    if person.id == context.actor.id:
        raise errors.ToYourself("invite")
    check_can_be_invited(person, context)


def check_not_recently_declined(
    context: Context,
    resource: Resource,
    invitee_id: InviteeId,
    team_title: str | None = None,
    *,
    purpose: str = JOIN,
) -> None:
    """Reject an invitation to a person or a team that declined the same a short time
    ago (INV-06).
    """
    declined_at = context.invitations.get_last_decline_time(
        resource.id, invitee_id, purpose
    )
    if declined_at is None:
        return
    allowed_at = declined_at + context.policy.rest_after_decline
    if context.at < allowed_at:
        raise errors.DeclinedRecently(
            invitee_id, resource.title, allowed_at, team_title
        )


def _list_pending_of_offer(context: Context, offer: Offer) -> list[Invitation]:
    """Return the unanswered invitations of the invitee to any of the resources, for the
    same purpose.
    """
    by_id: dict[InvitationId, Invitation] = {}
    for resource_id in offer.resource_ids:
        invitation = context.invitations.find_pending_invitation(
            resource_id, offer.invitee_id, offer.purpose
        )
        if invitation:
            by_id[invitation.id] = invitation
    return list(by_id.values())


def _is_same_offer(context: Context, offer: Offer, pending: Invitation) -> bool:
    """Return whether a pending invitation makes the same offer, and can still be
    accepted.
    """
    if (pending.role, pending.term) != (offer.role, offer.term):
        return False
    if (pending.starts, set(pending.pays)) != (offer.starts, set(offer.pays)):
        return False
    if offer.note not in {None, pending.note}:
        return False
    if set(pending.resources) != set(offer.resource_ids):
        return False
    return may_offer(context, pending.inviter, pending)


def _check_seats(context: Context, offer: Offer) -> None:
    """Reject an offer to a person for which the company's plan has no seat (BIL-09)."""
    if offer.person is None:
        return
    for resource in offer.resources:
        if offer.purpose == JOIN or resource.parent:
            role = offer.role or context.roles[resource.kind].stays_as or ""
            check_seats_available(context, resource, role, [offer.person.id])


def _check_daily_limit(context: Context) -> None:
    """Reject one invitation more than the actor may send in a day; one sent again
    counts, too (INV-13).
    """
    limit = context.policy.daily_invitations
    reached_at = context.events.get_time_of_nth_last_event(
        context.actor.id, SENDING_EVENT_NAMES, limit, context.at - DAY
    )
    if reached_at:
        raise errors.TooManyToday(limit, reached_at + DAY)


def _build_sent_event(context: Context, offer: Offer) -> InvitationSent:
    first, *others = offer.resource_ids
    latest = offer.starts or offer.term.until
    expires, due = _get_schedule(context, latest, offer.tz)
    return InvitationSent(
        invitation=InvitationId(context.new_id("I")),
        resource=first,
        also=tuple(others),
        person=offer.person.id if offer.person else None,
        team=offer.team.id if offer.team else None,
        asked=offer.asked,
        inviter=context.actor.id,
        purpose=offer.purpose,
        role=offer.role,
        lasts=offer.term.lasts,
        until=offer.term.until,
        note=offer.note,
        expires=expires,
        due=due,
        starts=offer.starts,
        pays=offer.pays,
    )


def _get_schedule(
    context: Context,
    latest: datetime | None,
    tz: str,
    *,
    is_muted: bool = False,
) -> tuple[datetime, datetime]:
    """Return when an invitation that is sent now expires, and when its first reminder
    is due; it expires at `latest` if not before.
    """
    expires = reminders.get_expiry_time(context.policy, context.at, latest)
    state = ReminderState(context.at, expires, muted=is_muted)
    return expires, reminders.get_next_reminder_time(context.policy, state, tz)


def _end_replaced(context: Context, old: Invitation, new_id: InvitationId) -> Event:
    fields = get_event_fields(old)
    if context.at >= old.expires:
        return InvitationExpired(**fields)
    return InvitationSuperseded(**fields, by=new_id)
