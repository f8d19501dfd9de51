"""Invitations: sent, revoked, sent again and edited; never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from collab import authorization, errors
from collab.command import Command
from collab.context import Context
from collab.events import Event, InvitationEdited
from collab.invitations import reminders
from collab.invitations.offers import (
    Offer,
    check_may_invite_person,
    check_may_manage,
    check_not_recently_declined,
    resend_pending,
    send_or_resend,
)
from collab.invitations.rules import (
    HANDOVER,
    JOIN,
    NO_END,
    PAY,
    PENDING,
    TAKE_BACK,
    build_revoked_event,
    check_invitation_open,
    check_invitation_pending,
    check_may_assign_roles,
    check_offer,
    check_role_not_held,
    get_event_fields,
    get_invitee,
    get_reminder_time_zone,
    get_time_zone_of_first,
    list_resources_of_invitation,
    list_team_approvers,
    may_offer,
    validate_note,
)
from collab.model import (
    Account,
    Address,
    Invitation,
    InvitationId,
    PersonId,
    Resource,
    Term,
)
from collab.outsiders import check_gives_outsider_no_power
from collab.people import get_or_register_person
from collab.resource_lookup import resolve_resources


@dataclass(frozen=True, slots=True)
class InviteToResource(Command):
    """Invite a person to a role on one resource or several; `what` is a name, or names.

    With `asks_first` an invitation that gives power to somebody from outside is
    rejected, so that it can be confirmed.
    """

    who: Account | Address
    role: str
    what: str | tuple[str, ...]
    term: Term = NO_END
    note: str | None = None
    asks_first: bool = False

    def list_named_accounts(self) -> Sequence[Account]:
        """Return the account that is invited, if it is not an address."""
        return (self.who,) if isinstance(self.who, Account) else ()

    def decide(self, context: Context) -> list[Event]:
        """Send the invitation if the actor may assign the role on each resource
        (INV-01, INV-03, INV-05, ROL-05).
        """
        resources = resolve_resources(context, self.what)
        role = context.roles[resources[0].kind].resolve_role_name(self.role)
        for resource in resources:
            check_may_assign_roles(context, resource, role)
        _check_may_offer_together(context, resources)
        for resource in resources:
            check_offer(context, context.actor.id, resource, role, self.term)
        person, registered = get_or_register_person(context, self.who)
        check_may_invite_person(context, person)
        # A person who was registered just now has declined nothing and has no role.
        if not registered:
            for resource in resources:
                check_not_recently_declined(context, resource, person.id)
                check_role_not_held(context, resource, person, role)
        offer = Offer(
            resources=tuple(resources),
            role=role,
            term=self.term,
            note=validate_note("note", self.note),
            person=person,
            tz=person.tz,
            is_first_contact=bool(registered),
        )
        sent = send_or_resend(context, offer)
        if self.asks_first:
            check_gives_outsider_no_power(context, person, resources[0], role)
        return [*registered, *sent]


@dataclass(frozen=True, slots=True)
class RevokeInvitation(Command):
    """Revoke a pending invitation."""

    invitation: InvitationId

    def decide(self, context: Context) -> list[Event]:
        """Revoke it for its inviter, or for who may make the same offer (INV-07)."""
        invitation, _ = get_manageable_invitation(context, self.invitation)
        check_invitation_open(context, invitation)
        return [build_revoked_event(invitation, "asked")]


@dataclass(frozen=True, slots=True)
class ResendInvitation(Command):
    """Send an invitation again: a pending one, or one that ended without a yes as a new
    one.
    """

    invitation: InvitationId

    def decide(self, context: Context) -> list[Event]:
        """Start the expiry of a pending invitation again, or send a new one by the
        actor (INV-07, INV-08).
        """
        invitation, resources = get_manageable_invitation(context, self.invitation)
        is_over = invitation.state != PENDING
        if invitation.state == "accepted" or (is_over and _is_handover(invitation)):
            raise errors.AlreadyAnswered(invitation.id, invitation.state)
        if invitation.agreed:
            check_invitation_pending(context, invitation)
        is_pending = invitation.state == PENDING and context.at < invitation.expires
        inviter_id = invitation.inviter if is_pending else context.actor.id
        _check_may_offer_again(context, invitation, inviter_id, resources)
        if is_pending:
            return resend_pending(
                context,
                invitation,
                get_reminder_time_zone(context, invitation),
                list_team_approvers(context, invitation.team),
            )
        if invitation.team:
            return _invite_team_again(context, invitation, resources)
        return _invite_person_again(context, invitation, resources)


@dataclass(frozen=True, slots=True)
class EditInvitation(Command):
    """Change the role and the term that a pending invitation offers.

    With `asks_first` a role that gives power to somebody from outside is rejected, so
    that it can be confirmed.
    """

    invitation: InvitationId
    role: str
    term: Term = NO_END
    asks_first: bool = False

    def decide(self, context: Context) -> list[Event]:
        """Change the offer to one that both the actor and the inviter may make
        (INV-07).
        """
        invitation, resources = get_manageable_invitation(context, self.invitation)
        check_invitation_pending(context, invitation)
        if invitation.purpose != JOIN:
            raise errors.NothingToEdit
        for resource in resources:
            check_offer(context, context.actor.id, resource, self.role, self.term)
            check_offer(context, invitation.inviter, resource, self.role, self.term)
            if invitation.person:
                person = get_invitee(context, invitation.person)
                check_role_not_held(context, resource, person, self.role)
        if self.asks_first and self.role != invitation.role and invitation.person:
            person = get_invitee(context, invitation.person)
            check_gives_outsider_no_power(context, person, resources[0], self.role)
        if (invitation.role, invitation.term) == (self.role, self.term):
            return []
        expires = min(invitation.expires, self.term.until or invitation.expires)
        due = reminders.get_next_reminder_time(
            context.policy,
            replace(invitation, expires=expires),
            get_reminder_time_zone(context, invitation),
        )
        edited = InvitationEdited(
            **get_event_fields(invitation),
            role=self.role,
            lasts=self.term.lasts,
            until=self.term.until,
            before_role=invitation.role,
            before_lasts=invitation.lasts,
            before_until=invitation.until,
            expires=expires,
            due=due,
        )
        return [edited]


def _check_may_offer_together(context: Context, resources: Sequence[Resource]) -> None:
    """Reject several resources unless the role model allows it for all their types
    (INV-01).
    """
    if len(resources) == 1:
        return
    for resource in resources:
        if not context.roles[resource.kind].may_be_offered_together:
            raise errors.NotTogether(resource.title, resource.kind)


def _check_may_offer_again(
    context: Context,
    invitation: Invitation,
    inviter_id: PersonId,
    resources: Sequence[Resource],
) -> None:
    """Reject an offer that the person it comes from may not make now."""
    if invitation.purpose == JOIN:
        for resource in resources:
            check_offer(context, inviter_id, resource, invitation.role, invitation.term)
    elif not may_offer(context, inviter_id, invitation):
        raise errors.InviterLostRight(inviter_id, resources[0].title)


def _invite_person_again(
    context: Context, invitation: Invitation, resources: Sequence[Resource]
) -> list[Event]:
    """Send the offer of an ended invitation as a new one by the actor, after the same
    checks.
    """
    person = get_invitee(context, invitation.person)
    purpose = invitation.purpose
    check_may_invite_person(context, person)
    for resource in resources:
        check_not_recently_declined(context, resource, person.id, purpose=purpose)
        if purpose != PAY:
            check_role_not_held(context, resource, person, invitation.role)
    offer = Offer(
        resources=tuple(resources),
        role=invitation.role,
        term=invitation.term,
        note=invitation.note,
        person=person,
        tz=person.tz,
        purpose=purpose,
    )
    return send_or_resend(context, offer)


def _invite_team_again(
    context: Context, invitation: Invitation, resources: Sequence[Resource]
) -> list[Event]:
    """Send the offer of an ended invitation to a team as a new one by the actor."""
    team_id = invitation.team
    team = context.resources.get_resource(team_id) if team_id else None
    if team is None or team.gone:
        raise errors.UnknownInvitation
    for resource in resources:
        check_not_recently_declined(context, resource, team.id, team.title)
    approvers = list_team_approvers(context, team.id)
    offer = Offer(
        resources=tuple(resources),
        role=invitation.role,
        term=invitation.term,
        note=invitation.note,
        team=team,
        asked=approvers,
        tz=get_time_zone_of_first(context, approvers),
    )
    return send_or_resend(context, offer)


def get_manageable_invitation(
    context: Context, invitation_id: InvitationId
) -> tuple[Invitation, list[Resource]]:
    """Return an invitation that the actor may see and manage, with its resources."""
    invitation = context.invitations.get_invitation(invitation_id)
    if invitation is None:
        raise errors.UnknownInvitation
    resources = list_resources_of_invitation(context, invitation)
    if not _may_see_invitation(context, invitation, resources):
        raise errors.UnknownInvitation
    check_may_manage(context, invitation)
    return invitation, resources


def _is_handover(invitation: Invitation) -> bool:
    """Return whether an offer is made anew by its own verb, with a day of its own."""
    return invitation.purpose in {HANDOVER, TAKE_BACK}


def _may_see_invitation(
    context: Context, invitation: Invitation, resources: Sequence[Resource]
) -> bool:
    actor_id = context.actor.id
    if actor_id in {invitation.inviter, invitation.person}:
        return True
    return all(
        authorization.check(context, actor_id, "view", resource)
        for resource in resources
    )
