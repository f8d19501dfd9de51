"""Opening again what ended with a membership or a handover that is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from collab import access_requests, authorization
from collab.context import Context
from collab.events import (
    Event,
    InvitationReopened,
    InvitationRevoked,
    RecordedEvent,
    RequestEnded,
    RequestReopened,
)
from collab.invitations.reminders import get_next_reminder_time
from collab.invitations.rules import (
    BILLING_PURPOSES,
    HANDOVER,
    find_membership_at_least,
    find_open_handover,
    get_event_fields,
    get_reminder_time_zone,
    list_resources_of_invitation,
    may_offer,
)
from collab.model import AccessRequest, AccessRequestId, Invitation

REOPENED_STATES = frozenset({"left", "unseen", "held"})  # see RequestEnded


def reopen_ended(
    context: Context, later: Context, ended: Sequence[RecordedEvent]
) -> list[Event]:
    """Return the invitations and access requests that are open again, of those that
    some events ended.

    Decided in the hypothetical context `later`.
    """
    reopened: list[Event] = []
    for recorded in ended:
        event = recorded.event
        again: Event | None = None
        if isinstance(event, InvitationRevoked):
            invitation = context.invitations.get_invitation(event.invitation)
            if invitation:
                again = reopen_invitation(context, later, invitation)
        elif isinstance(event, RequestEnded):
            again = _reopen_request(context, later, event.request)
        if again:
            reopened.append(again)
    return reopened


def reopen_invitation(
    context: Context, later: Context, invitation: Invitation
) -> InvitationReopened | None:
    """Return that an invitation is pending again, if it could be sent and accepted in
    the context `later`; an agreed handover for its day.
    """
    if not _can_be_reopened(context, later, invitation):
        return None
    due = invitation.starts if invitation.agreed else None
    if due is None:
        tz = get_reminder_time_zone(context, invitation)
        due = get_next_reminder_time(context.policy, invitation, tz)
    return InvitationReopened(**get_event_fields(invitation), due=due)


def _can_be_reopened(context: Context, later: Context, invitation: Invitation) -> bool:
    """Return whether an invitation is still revoked, and could be sent and accepted in
    the context `later`.
    """
    if invitation.state != "revoked" or context.at >= invitation.expires:
        return False
    for resource in list_resources_of_invitation(context, invitation):
        if context.invitations.find_pending_invitation(
            resource.id, invitation.invitee, invitation.purpose
        ):
            return False
        is_handover = invitation.purpose == HANDOVER
        if is_handover and find_open_handover(context, resource):
            return False
    if not _can_be_accepted(later, invitation):
        return False
    return may_offer(later, invitation.inviter, invitation)


def _can_be_accepted(later: Context, invitation: Invitation) -> bool:
    """Return whether the invited person is active and lacks the role on any of the
    resources.
    """
    if invitation.person is None:
        return True
    person = later.people.get_person(invitation.person)
    if person is None or not person.active:
        return False
    if invitation.purpose in BILLING_PURPOSES:
        return True
    return not all(
        find_membership_at_least(later, invitation.person, resource, invitation.role)
        for resource in list_resources_of_invitation(later, invitation)
    )


def _reopen_request(
    context: Context, later: Context, request_id: AccessRequestId
) -> RequestReopened | None:
    """Return that an access request is open again."""
    request = context.access_requests.get_access_request(request_id)
    if request is None or not _can_be_answered(context, later, request):
        return None
    return RequestReopened(**access_requests.get_event_fields(request))


def _can_be_answered(context: Context, later: Context, request: AccessRequest) -> bool:
    """Return whether a request ended because of roles that are otherwise again in the
    context `later`, and nothing has taken its place.
    """
    if request.state not in REOPENED_STATES or context.at >= request.expires:
        return False
    person = later.people.get_person(request.person)
    resource = later.graph.get_resource(request.resource)
    if person is None or not person.active or resource is None or resource.gone:
        return False
    if context.access_requests.find_open_request(person.id, resource.id):
        return False
    if find_membership_at_least(later, person.id, resource, request.role):
        return False
    return authorization.check(later, person.id, "view", resource)
