"""Projections of events about invitations: what each event writes.

Of two racing answers the one whose update changes the row wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Update, and_, update

from collab import events
from collab.events import RecordedEvent
from collab.invitations.rules import PENDING
from storage.key_rotation import DELETE_STALE_KEY, mark_keys_stale
from storage.sql import Write, of_workspace, param
from storage.tables import IS_PENDING, invitation_resources, invitations

_COLUMNS = invitations.c


def _update_pending(**values: str) -> Update:
    return (
        update(invitations)
        .where(and_(of_workspace(invitations), _COLUMNS.id == param("i"), IS_PENDING))
        .values({column: param(name) for column, name in values.items()})
    )


INSERT_INVITATION = invitations.insert()
_UPDATE_RESENT = _update_pending(
    sent="new_sent",
    expires="new_expires",
    due="new_due",
    marks="new_marks",
    snoozed="new_snoozed",
    asked="new_asked",
    undelivered="new_undelivered",
)
_INSERT_RESOURCE = invitation_resources.insert()
_CLOSE_RESOURCES = (
    update(invitation_resources)
    .where(
        of_workspace(invitation_resources),
        invitation_resources.c.invitation == param("i"),
    )
    .values(pending=False)
)
_REOPEN_RESOURCES = (
    update(invitation_resources)
    .where(
        of_workspace(invitation_resources),
        invitation_resources.c.invitation == param("i"),
    )
    .values(pending=True)
)
_REOPEN_INVITATION = (
    update(invitations)
    .where(
        and_(
            of_workspace(invitations),
            _COLUMNS.id == param("i"),
            _COLUMNS.state == "revoked",
        )
    )
    .values(state="pending", answered=None, answered_by=None, due=param("new_due"))
)
_UPDATE_OFFER = _update_pending(
    role="new_role",
    lasts="new_lasts",
    until="new_until",
    expires="new_expires",
    due="new_due",
)
_UPDATE_REMINDERS = _update_pending(marks="new_marks", due="new_due")
_UPDATE_DUE = _update_pending(due="new_due")
_UPDATE_SNOOZE = _update_pending(snoozed="new_snoozed", due="new_due")
_UPDATE_UNDELIVERED = _update_pending(undelivered="new_undelivered")
_UPDATE_MUTE = _update_pending(muted="new_muted", due="new_due")
_CLOSE_INVITATION = _update_pending(
    state="new_state", answered="new_answered", answered_by="new_by"
)
_UPDATE_AGREED = _update_pending(
    agreed="new_agreed", payer="new_payer", due="new_due", expires="new_expires"
).where(_COLUMNS.agreed.is_(None))
_MARK_TAKEN_BACK = (
    update(invitations)
    .where(
        and_(
            of_workspace(invitations),
            _COLUMNS.id == param("i"),
            _COLUMNS.state == "accepted",
        )
    )
    .values(state="taken_back")
)
SINGLE_USE_STATEMENTS = frozenset(
    {
        _UPDATE_RESENT,
        _UPDATE_OFFER,
        _UPDATE_REMINDERS,
        _CLOSE_INVITATION,
        _REOPEN_INVITATION,
        _UPDATE_AGREED,
        _MARK_TAKEN_BACK,
    }
)


def insert_invitation(
    recorded: RecordedEvent, event: events.InvitationSent
) -> Iterator[Write]:
    """Insert a pending invitation and the resources that it offers."""
    yield (
        INSERT_INVITATION,
        {
            "workspace": recorded.workspace,
            "id": event.invitation,
            "resource": event.resource,
            "also": event.also,
            "person": event.person,
            "team": event.team,
            "asked": event.asked,
            "purpose": event.purpose,
            "inviter": event.inviter,
            "role": event.role,
            "lasts": event.lasts,
            "until": event.until,
            "note": event.note,
            "state": PENDING,
            "sent": recorded.at,
            "expires": event.expires,
            "due": event.due,
            "marks": 0,
            "snoozed": None,
            "muted": False,
            "answered": None,
            "answered_by": None,
            "starts": event.starts,
            "pays": event.pays,
            "agreed": None,
            "payer": None,
            "undelivered": None,
        },
    )
    offered = {
        "workspace": recorded.workspace,
        "invitation": event.invitation,
        "purpose": event.purpose,
    }
    for resource in (event.resource, *event.also):
        yield (
            _INSERT_RESOURCE,
            offered
            | {
                "resource": resource,
                "invitee": event.person or event.team,
                "pending": True,
            },
        )


def restart_invitation(
    recorded: RecordedEvent, event: events.InvitationResent
) -> Iterator[Write]:
    """Restart the reminders and the expiry of an invitation that was sent again."""
    anew = {
        "new_sent": recorded.at,
        "new_marks": 0,
        "new_snoozed": None,
        "new_asked": event.asked,
        "new_undelivered": None,
    }
    yield (
        _UPDATE_RESENT,
        _invitation_parameters(recorded, event)
        | anew
        | {"new_expires": event.expires, "new_due": event.due},
    )


def update_offer(
    recorded: RecordedEvent, event: events.InvitationEdited
) -> Iterator[Write]:
    """Update the role, the end and the expiry of an invitation."""
    yield (
        _UPDATE_OFFER,
        _invitation_parameters(recorded, event)
        | {
            "new_role": event.role,
            "new_lasts": event.lasts,
            "new_until": event.until,
            "new_expires": event.expires,
            "new_due": event.due,
        },
    )


def save_reminders(
    recorded: RecordedEvent, event: events.InvitationReminded
) -> Iterator[Write]:
    """Save which reminders are done, and when the next one is due."""
    yield (
        _UPDATE_REMINDERS,
        _invitation_parameters(recorded, event)
        | {"new_marks": event.mark, "new_due": event.due},
    )


def postpone_reminder(
    recorded: RecordedEvent, event: events.InvitationDeferred
) -> Iterator[Write]:
    """Update when the next reminder is due, and which ones are done."""
    parameters = _invitation_parameters(recorded, event) | {"new_due": event.due}
    if event.mark is None:
        yield _UPDATE_DUE, parameters
    else:
        yield _UPDATE_REMINDERS, parameters | {"new_marks": event.mark}


def save_undelivered(
    recorded: RecordedEvent, event: events.InvitationUndelivered
) -> Iterator[Write]:
    """Save why the mail about an invitation did not arrive."""
    yield (
        _UPDATE_UNDELIVERED,
        _invitation_parameters(recorded, event) | {"new_undelivered": event.problem},
    )


def snooze_invitation(
    recorded: RecordedEvent, event: events.InvitationSnoozed
) -> Iterator[Write]:
    """Save until when reminders are snoozed."""
    yield (
        _UPDATE_SNOOZE,
        _invitation_parameters(recorded, event)
        | {"new_snoozed": event.until, "new_due": event.due},
    )


def mute_invitation(
    recorded: RecordedEvent, event: events.InvitationMuted
) -> Iterator[Write]:
    """Save that reminders are muted."""
    yield (
        _UPDATE_MUTE,
        _invitation_parameters(recorded, event)
        | {"new_muted": True, "new_due": event.due},
    )


def build_closing_projection(
    state: str,
) -> Callable[[RecordedEvent, Any], Iterator[Write]]:
    """Return a projection that closes an invitation in a state."""

    def settle(recorded: RecordedEvent, event: Any) -> Iterator[Write]:
        yield (
            _CLOSE_INVITATION,
            _invitation_parameters(recorded, event)
            | {
                "new_state": state,
                "new_answered": recorded.at,
                "new_by": recorded.actor,
            },
        )
        yield _CLOSE_RESOURCES, _invitation_parameters(recorded, event)

    return settle


def reopen_invitation(
    recorded: RecordedEvent, event: events.InvitationReopened
) -> Iterator[Write]:
    """Set a revoked invitation to pending again."""
    yield (
        _REOPEN_INVITATION,
        _invitation_parameters(recorded, event) | {"new_due": event.due},
    )
    yield _REOPEN_RESOURCES, _invitation_parameters(recorded, event)


def save_agreement(
    recorded: RecordedEvent, event: events.HandoverAgreed
) -> Iterator[Write]:
    """Save the yes to a handover on a later day; nothing is due before."""
    yield (
        _UPDATE_AGREED,
        _invitation_parameters(recorded, event)
        | {
            "new_agreed": recorded.at,
            "new_payer": event.payer,
            "new_due": event.starts,
            "new_expires": event.starts,
        },
    )


def complete_handover(
    recorded: RecordedEvent, event: events.HandoverDone
) -> Iterator[Write]:
    """Close an agreed handover on its day; the yes to another one has closed it, and
    mark the keys that the former owner knows.
    """
    if event.is_scheduled:
        yield (
            _CLOSE_INVITATION,
            _invitation_parameters(recorded, event)
            | {
                "new_state": "accepted",
                "new_answered": recorded.at,
                "new_by": event.person,
            },
        )
        yield _CLOSE_RESOURCES, _invitation_parameters(recorded, event)
    for resource_id in event.rotate:
        yield from mark_keys_stale(recorded, resource_id, event.inviter)


def mark_taken_back(
    recorded: RecordedEvent, event: events.HandoverTakenBack
) -> Iterator[Write]:
    """Mark a handover as taken back, and whose keys are to be rotated after it."""
    yield (
        _MARK_TAKEN_BACK,
        {"w": recorded.workspace, "i": event.handover},
    )
    for resource_id in event.known:
        yield (
            DELETE_STALE_KEY,
            {"w": recorded.workspace, "of": resource_id, "whose": event.former_owner},
        )
    for resource_id in event.rotate:
        yield from mark_keys_stale(recorded, resource_id, event.new_owner)


def _invitation_parameters(recorded: RecordedEvent, event: Any) -> dict[str, Any]:
    return {"w": recorded.workspace, "i": event.invitation}
