"""Invitations: open questions to somebody. Sent, taken back, sent again, edited; never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from collab import authorization, errors
from collab.billing.plans import check_seats_available
from collab.command import Command
from collab.context import Context
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
from collab.model import Account, Address, Invitation, Person, Resource, Term
from collab.people import check_can_be_invited, get_or_register_person
from collab.resources import resolve_resources

DAY = timedelta(days=1)
SENDING_EVENT_NAMES = (InvitationSent.name, InvitationResent.name)


@dataclass(frozen=True, slots=True)
class InviteToResource(Command):
    """Ask somebody to take a role on a resource, or on several at once; `what` is a name, or names."""

    who: Account | Address
    role: str
    what: str | tuple[str, ...]
    term: Term = NO_END
    note: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Whoever may grant the role now may ask somebody to take it (INV-01, INV-03, INV-05, ROL-05)."""
        resources = resolve_resources(context, self.what)
        for resource in resources:
            check_may_assign_roles(context, resource, self.role)
        _check_may_offer_together(context, resources)
        for resource in resources:
            check_offer(context, context.actor.id, resource, self.role, self.term)
        person, met = get_or_register_person(context, self.who)
        check_may_invite_person(context, person)
        for resource in resources:
            if (
                not met
            ):  # whom nobody has heard of has declined nothing and holds nothing
                check_not_recently_declined(context, resource, person.id)
                check_role_not_held(context, resource, person, self.role)
        offer = Offer(
            tuple(resources),
            self.role,
            self.term,
            validate_note("note", self.note),
            person,
            tz=person.tz,
        )
        return met + send_or_resend(context, replace(offer, is_first_contact=bool(met)))


@dataclass(frozen=True, slots=True)
class RevokeInvitation(Command):
    """Take a pending invitation back."""

    invitation: str

    def decide(self, context: Context) -> list[Event]:
        """The inviter, or whoever may grant that role, may take a pending invitation back (INV-07)."""
        invitation, _ = _get_manageable_invitation(context, self.invitation)
        check_invitation_pending(context, invitation)
        return [build_revoked_event(invitation, "asked")]


@dataclass(frozen=True, slots=True)
class ResendInvitation(Command):
    """Send an invitation again: a pending one starts anew, one that expired or was revoked becomes a new one."""

    invitation: str

    def decide(self, context: Context) -> list[Event]:
        """Sending again starts the expiry anew; after the end of an invitation it makes a new one (INV-07, INV-08)."""
        invitation, resources = _get_manageable_invitation(context, self.invitation)
        if invitation.state == "accepted":
            raise errors.AlreadyAnswered(invitation.id, invitation.state)
        waits = invitation.state == PENDING and context.at < invitation.expires
        granter = invitation.inviter if waits else context.actor.id
        if invitation.purpose == JOIN:
            for resource in resources:
                check_offer(
                    context, granter, resource, invitation.role, invitation.term
                )
        elif not may_offer(context, granter, invitation):
            raise errors.InviterLostRight(granter, resources[0].title)
        if waits:
            return _resend_pending(
                context,
                invitation,
                get_reminder_time_zone(context, invitation),
                list_team_approvers(context, invitation.team),
            )
        return _send_anew(context, invitation, resources)


@dataclass(frozen=True, slots=True)
class EditInvitation(Command):
    """Change what a pending invitation offers."""

    invitation: str
    role: str
    term: Term = NO_END

    def decide(self, context: Context) -> list[Event]:
        """The offer of a pending invitation may change within what its editor and its inviter may grant (INV-07)."""
        invitation, resources = _get_manageable_invitation(context, self.invitation)
        check_invitation_pending(context, invitation)
        if invitation.purpose != JOIN:
            raise errors.NothingToEdit
        for resource in resources:
            check_offer(context, context.actor.id, resource, self.role, self.term)
            check_offer(context, invitation.inviter, resource, self.role, self.term)
            if invitation.person:
                check_role_not_held(
                    context,
                    resource,
                    get_invitee(context, invitation.person),
                    self.role,
                )
        before, now = invitation.term, self.term
        if (invitation.role, before) == (self.role, now):
            return []
        offered = (invitation.role, before.lasts, before.until)
        expires = min(invitation.expires, now.until or invitation.expires)
        due = reminders.get_next_reminder_time(
            context.policy,
            replace(invitation, expires=expires),
            get_reminder_time_zone(context, invitation),
        )
        ids = (
            invitation.id,
            invitation.resource,
            invitation.person,
            invitation.inviter,
        )
        changed = InvitationEdited(
            *ids,
            self.role,
            now.lasts,
            now.until,
            *offered,
            expires,
            due,
            also=invitation.also,
        )
        return [changed]


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


def send_or_resend(context: Context, offer: Offer) -> list[Event]:
    """Send an offer that was found in order: the same once more, or a new one in the place of those that wait."""
    waiting = [] if offer.is_first_contact else _list_pending_of_offer(context, offer)
    if (
        len(waiting) == 1
        and context.at < waiting[0].expires
        and _is_same_offer(context, offer, waiting[0])
    ):
        return _resend_pending(context, waiting[0], offer.tz, offer.asked)
    for pending in waiting:
        if context.at < pending.expires:
            _check_may_manage(context, pending)
    for resource in offer.resources if offer.person else ():
        if offer.purpose == JOIN or resource.parent:
            role = offer.role or context.roles[resource.kind].stays_as or ""
            check_seats_available(context, resource, role, [offer.invitee])
    _check_daily_limit(context)
    return _send_new(context, offer, waiting)


def _list_pending_of_offer(context: Context, offer: Offer) -> list[Invitation]:
    """What waits for the same person or team on some of the same, for the same purpose."""
    found = (
        context.invitations.find_pending_invitation(
            resource, offer.invitee, offer.purpose
        )
        for resource in offer.resource_ids
    )
    return list({i.id: i for i in found if i}.values())


def _send_anew(
    context: Context, invitation: Invitation, resources: Sequence[Resource]
) -> list[Event]:
    """An invitation that ended, as a new one by the actor, checked like any other."""
    if invitation.team:
        return _invite_team_anew(context, invitation, resources)
    person = get_invitee(context, invitation.person)
    check_may_invite_person(context, person)
    for resource in resources:
        check_not_recently_declined(
            context, resource, person.id, purpose=invitation.purpose
        )
        if invitation.purpose != PAY:
            check_role_not_held(context, resource, person, invitation.role)
    offer = Offer(
        tuple(resources),
        invitation.role,
        invitation.term,
        invitation.note,
        person,
        tz=person.tz,
    )
    return send_or_resend(context, replace(offer, purpose=invitation.purpose))


def check_may_invite_person(context: Context, person: Person) -> None:
    """Refuse to invite oneself, a bot, or a deactivated account (INV-05)."""
    if person.id == context.actor.id:
        raise errors.ToYourself("invite")
    check_can_be_invited(person, context)


def _invite_team_anew(
    context: Context, invitation: Invitation, resources: Sequence[Resource]
) -> list[Event]:
    """A team is asked anew, as long as there is one and a no of it is a day old."""
    team = context.resources.get_resource(invitation.team or "")
    if team is None or team.gone:
        raise errors.UnknownInvitation
    for resource in resources:
        check_not_recently_declined(context, resource, team.id, team.title)
    asked = list_team_approvers(context, team.id)
    tz = get_time_zone_of_first(context, asked)
    return send_or_resend(
        context,
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


def _send_new(
    context: Context, offer: Offer, replaces: Sequence[Invitation]
) -> list[Event]:
    new, term = context.new_id("I"), offer.term
    expires = min(
        context.at + context.policy.lifetime,
        term.until or datetime.max.replace(tzinfo=UTC),
    )
    submission = InvitationSent(
        new,
        offer.resource_ids[0],
        offer.person.id if offer.person else None,
        context.actor.id,
        offer.role,
        term.lasts,
        term.until,
        offer.note,
        expires,
        reminders.get_next_reminder_time(
            context.policy, ReminderState(context.at, expires), offer.tz
        ),
        also=offer.resource_ids[1:],
        team=offer.team.id if offer.team else None,
        asked=offer.asked,
        purpose=offer.purpose,
    )
    return [*(_end_replaced(context, old, new) for old in replaces), submission]


def _is_same_offer(context: Context, offer: Offer, pending: Invitation) -> bool:
    """Whether inviting again offers just what waits already, and what waits can still be accepted."""
    same = (pending.role, pending.term) == (offer.role, offer.term) and offer.note in {
        None,
        pending.note,
    }
    return (
        same
        and set(pending.resources) == set(offer.resource_ids)
        and is_inviter_still_authorized(context, pending)
    )


def _end_replaced(context: Context, old: Invitation, new: str) -> Event:
    return (
        InvitationExpired(**get_event_fields(old))
        if context.at >= old.expires
        else InvitationSuperseded(**get_event_fields(old), by=new)
    )


def _resend_pending(
    context: Context, invitation: Invitation, tz: str, asked: tuple[str, ...]
) -> list[Event]:
    _check_daily_limit(context)
    expires = min(
        context.at + context.policy.lifetime,
        invitation.until or datetime.max.replace(tzinfo=UTC),
    )
    due = reminders.get_next_reminder_time(
        context.policy, ReminderState(context.at, expires, muted=invitation.muted), tz
    )
    return [
        InvitationResent(
            **get_event_fields(invitation), expires=expires, due=due, asked=asked
        )
    ]


def _check_may_offer_together(context: Context, resources: Sequence[Resource]) -> None:
    """Several things at once: only of kinds that the table lets be offered together (INV-01)."""
    if len(resources) > 1:
        for resource in resources:
            if not context.roles[resource.kind].may_be_offered_together:
                raise errors.NotTogether(resource.title, resource.kind)


def check_not_recently_declined(
    context: Context,
    resource: Resource,
    invitee: str,
    team: str | None = None,
    *,
    purpose: str = JOIN,
) -> None:
    """Refuse to ask a person, or the team of that name, the same again too soon after a no (INV-06)."""
    declined = context.invitations.get_last_decline_time(resource.id, invitee, purpose)
    again = declined and declined + context.policy.rest_after_decline
    if again and context.at < again:
        raise errors.DeclinedRecently(
            "" if team else invitee, resource.title, again, team
        )


def _check_daily_limit(context: Context) -> None:
    """So many invitations a person a day, those sent again too, and no more (INV-13)."""
    limit = context.policy.daily_invitations
    reached = context.events.get_time_of_nth_last_event(
        context.actor.id, SENDING_EVENT_NAMES, limit, context.at - DAY
    )
    if reached:
        raise errors.TooManyToday(limit, reached + DAY)


def _get_manageable_invitation(
    context: Context, invitation: str
) -> tuple[Invitation, list[Resource]]:
    found = context.invitations.get_invitation(invitation)
    resources = list_resources_of_invitation(context, found) if found else []
    if found is None or not all(
        _may_see_invitation(context, found, resource) for resource in resources
    ):
        raise errors.UnknownInvitation
    _check_may_manage(context, found)
    return found, resources


def _check_may_manage(context: Context, invitation: Invitation) -> None:
    if invitation.inviter != context.actor.id and not may_offer(
        context, context.actor.id, invitation
    ):
        raise errors.MayNotManage


def _may_see_invitation(
    context: Context, invitation: Invitation, resource: Resource
) -> bool:
    return context.actor.id in {
        invitation.inviter,
        invitation.person,
    } or authorization.check(context, context.actor.id, "view", resource)
