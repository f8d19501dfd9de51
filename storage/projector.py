"""Projector: which writes an event makes to the tables of current state.

Replaying all events in their order gives the same tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from collab import events
from collab.errors import AlreadyAnswered
from collab.events import Event, RecordedEvent
from storage import (
    access_requests,
    billing,
    channels,
    digests,
    failed_deliveries,
    invitation_projections,
    key_rotation,
    memberships,
    people_projections,
    resources,
    successions,
    teams,
)
from storage.sql import Write

PROJECTION_BY_EVENT: dict[
    type[Event], Callable[[RecordedEvent, Any], Iterator[Write]]
] = {
    events.WorkspaceInstalled: people_projections.save_installation,
    events.WorkspaceUninstalled: people_projections.mark_uninstalled,
    events.WorkspaceDisabled: people_projections.disable_workspace,
    events.WorkspaceEnabled: people_projections.enable_workspace,
    events.WorkspaceSet: people_projections.update_settings,
    events.PersonRecognised: people_projections.insert_person,
    events.PersonProfiled: people_projections.update_profile,
    events.MailStopped: people_projections.stop_mail,
    events.MailAllowed: people_projections.allow_mail,
    events.PersonMerged: people_projections.merge_people,
    events.PersonMatched: resources.ignore_event,
    events.PersonMatchRejected: resources.ignore_event,
    events.PersonSeparated: people_projections.separate_people,
    events.PersonReturned: resources.ignore_event,
    events.PersonOffboarded: resources.ignore_event,
    events.PersonReinstated: resources.ignore_event,
    events.PersonErased: people_projections.erase_person,
    events.PersonSet: people_projections.update_preferences,
    events.SignInRequested: resources.ignore_event,
    events.PersonVerified: resources.ignore_event,
    events.PersonSignedOut: resources.ignore_event,
    events.NoticeRetried: failed_deliveries.retry_delivery,
    events.ResourceCreated: resources.insert_resource,
    events.ResourceRenamed: resources.build_column_projection("title", "title"),
    events.ResourceDescribed: resources.build_column_projection("about", "about"),
    events.ResourceMoved: resources.move_resource,
    events.PayerChanged: resources.update_payer,
    events.BillingTransferred: resources.ignore_event,
    events.OwnershipTransferred: resources.ignore_event,
    events.BillingDetailed: billing.replace_billing_details,
    events.InvoiceAdded: billing.insert_invoice,
    events.PlanChanged: resources.build_column_projection("plan", "plan"),
    events.ResourceRetired: resources.mark_retired,
    events.ResourceDisabled: resources.build_switch_projection(disabled=True),
    events.ResourceEnabled: resources.build_switch_projection(disabled=False),
    events.ResourceDeleted: resources.mark_deleted,
    events.InvitationSent: invitation_projections.insert_invitation,
    events.InvitationResent: invitation_projections.restart_invitation,
    events.InvitationEdited: invitation_projections.update_offer,
    events.InvitationReminded: invitation_projections.save_reminders,
    events.InvitationDeferred: invitation_projections.postpone_reminder,
    events.InvitationSnoozed: invitation_projections.snooze_invitation,
    events.InvitationMuted: invitation_projections.mute_invitation,
    events.InvitationAccepted: invitation_projections.build_closing_projection(
        "accepted"
    ),
    events.InvitationDeclined: invitation_projections.build_closing_projection(
        "declined"
    ),
    events.InvitationRevoked: invitation_projections.build_closing_projection(
        "revoked"
    ),
    events.InvitationExpired: invitation_projections.build_closing_projection(
        "expired"
    ),
    events.InvitationUndelivered: invitation_projections.save_undelivered,
    events.InvitationAskedAgain: resources.ignore_event,
    events.InvitationClaimed: resources.ignore_event,
    events.InvitationSuperseded: invitation_projections.build_closing_projection(
        "superseded"
    ),
    events.InvitationReopened: invitation_projections.reopen_invitation,
    events.HandoverAgreed: invitation_projections.save_agreement,
    events.HandoverDone: invitation_projections.complete_handover,
    events.HandoverFailed: invitation_projections.build_closing_projection("failed"),
    events.HandoverTakenBack: invitation_projections.mark_taken_back,
    events.RequestSent: access_requests.insert_request,
    events.RequestGranted: access_requests.build_closing_projection("granted"),
    events.RequestDeclined: access_requests.build_closing_projection("declined"),
    events.RequestReopened: access_requests.reopen_request,
    events.RequestEnded: access_requests.build_closing_projection("ended"),
    events.SuccessionOpened: successions.insert_succession,
    events.SuccessionSupported: successions.replace_support,
    events.SuccessionSettled: successions.close_succession,
    events.SuccessionClosed: successions.close_succession,
    events.MemberJoined: memberships.insert_membership,
    events.MemberRoleChanged: memberships.update_membership_role,
    events.MemberLeft: memberships.delete_membership,
    events.MemberRemoved: memberships.delete_membership,
    events.MemberEnded: memberships.delete_membership,
    events.MemberRestored: memberships.restore_membership,
    events.MemberWarned: memberships.update_membership_end,
    events.MemberExtended: memberships.update_membership_end,
    events.TeamShared: teams.replace_share,
    events.TeamUnshared: teams.delete_share,
    events.TeamAssigned: teams.insert_assignment,
    events.TeamUnassigned: teams.delete_assignment,
    events.ChannelLinked: channels.replace_channel_link,
    events.ChannelUnlinked: channels.delete_channel_link,
    events.ChannelRenamed: resources.ignore_event,
    events.DigestSent: digests.assign_items_to_digest,
    events.KeysAssigned: key_rotation.update_key_owner,
    events.KeysRotated: key_rotation.delete_stale_keys,
}


SINGLE_USE_STATEMENTS = (
    invitation_projections.SINGLE_USE_STATEMENTS
    | access_requests.SINGLE_USE_STATEMENTS
    | successions.SINGLE_USE_STATEMENTS
)


def project_events(
    connection: Connection, recorded: Iterable[RecordedEvent]
) -> Sequence[Write]:
    """Update the tables of current state with events in order; return the writes.

    Raises AlreadyAnswered when another answer was first.
    """
    writes = list(_list_writes(recorded))
    for statement, group in groupby(writes, key=lambda write: write[0]):
        rows = [values for _, values in group]
        result = connection.execute(statement, rows if len(rows) > 1 else rows[0])
        if statement in SINGLE_USE_STATEMENTS and result.rowcount != len(rows):
            raise AlreadyAnswered(rows[0].get("i", ""), "answered")
    return writes


def _list_writes(recorded: Iterable[RecordedEvent]) -> Iterator[Write]:
    return (
        write
        for r in recorded
        for write in PROJECTION_BY_EVENT[type(r.event)](r, r.event)
    )
