"""Taking back that two records of a person were joined (OUT-04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collab import errors
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    InvitationReopened,
    InvitationRevoked,
    PersonMerged,
    PersonSeparated,
    RecordedEvent,
)
from collab.invitations.rules import PENDING, revoke_invitations_losing_authorization
from collab.memberships.reopening import reopen_invitation
from collab.model import Invitation, Membership, PersonId, ResourceId
from collab.moved_records import MovedRecords
from collab.what_if import hypothetical_context

SEPARATION_PERIOD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SeparateRecords(Command):
    """Take back that the record of an address was joined; `other` is its id."""

    other: PersonId

    def decide(self, context: Context) -> list[Event]:
        """Give back what came with it, as far as it is unchanged, within a day (OUT-04).

        What was joined before this was possible cannot be taken back.
        """
        recorded = _find_merge(context, self.other)
        merged = recorded.event if recorded else None
        if recorded is None or not isinstance(merged, PersonMerged):
            raise errors.NoMatch
        if merged.moved is None:
            raise errors.NoMatch
        moved = MovedRecords.decode(merged.moved)
        moved = _keep_unchanged(context, moved, merged.keeps)
        moved = _leave_out_answered(context, moved, recorded.at)
        lost = [each.resource for each in moved.memberships]
        revoked = revoke_invitations_losing_authorization(
            context, context.actor.id, lost, moved.own
        )
        # Those of the other record are its own again.
        revoked = [each for each in revoked if each.invitation not in moved.sent]
        separated = PersonSeparated(self.other, context.actor.id, moved.encode())
        reopened = _reopen_twins(context, self.other, recorded, moved)
        return [separated, *reopened, *revoked]


def _find_merge(context: Context, other_id: PersonId) -> RecordedEvent | None:
    """Return the last merge of a record into the actor's, unless it is too long ago."""
    recorded = context.events.list_events_about(
        other_id, [PersonMerged], context.at - SEPARATION_PERIOD
    )
    current = context.people.get_person(other_id)
    is_merged = current is not None and current.id == context.actor.id != other_id
    is_mine = recorded and getattr(recorded[-1].event, "into", "") == context.actor.id
    return recorded[-1] if is_merged and is_mine else None


def _keep_unchanged(
    context: Context, moved: MovedRecords, keeps: Sequence[ResourceId]
) -> MovedRecords:
    """Return what can be given back: roles that are as they were when records were
    joined.
    """
    present = {
        each.resource: each
        for each in context.memberships.list_memberships_of(
            context.actor.id, context.at
        )
    }
    own = {each.resource: each for each in moved.own}
    unchanged = {
        each.resource
        for each in moved.memberships
        if _is_unchanged(
            present, each if each.resource in keeps else own.get(each.resource, each)
        )
    }
    return replace(
        moved,
        memberships=_select(moved.memberships, unchanged),
        own=_select(moved.own, unchanged),
        assigned=tuple(pair for pair in moved.assigned if pair[0] in unchanged),
        own_assigned=tuple(pair for pair in moved.own_assigned if pair[0] in unchanged),
    )


def _leave_out_answered(
    context: Context, moved: MovedRecords, merged_at: datetime
) -> MovedRecords:
    """Return what can be given back without the questions that were answered since."""
    received = [context.invitations.get_invitation(each) for each in moved.received]
    requests = [
        context.access_requests.get_access_request(each) for each in moved.requests
    ]
    return replace(
        moved,
        received=tuple(
            each.id
            for each in received
            if each and not _was_answered_since(each, merged_at)
        ),
        requests=tuple(each.id for each in requests if each and each.state == PENDING),
    )


def _was_answered_since(invitation: Invitation, merged_at: datetime) -> bool:
    """Return whether an invitation was answered, or a handover agreed on, after
    records were joined.
    """
    answers = (invitation.answered, invitation.agreed)
    return any(at is not None and at > merged_at for at in answers)


def _reopen_twins(
    context: Context, other_id: PersonId, merge: RecordedEvent, moved: MovedRecords
) -> list[InvitationReopened]:
    """Return that the invitations of the other record are open again which the join
    revoked, because the account had the same ones.
    """
    later = hypothetical_context(
        context,
        ended_memberships=[(context.actor.id, m.resource) for m in moved.memberships],
        added_memberships=[*moved.memberships, *moved.own],
    )
    reopened: list[InvitationReopened] = []
    for recorded in context.events.list_events_about(
        other_id, [InvitationRevoked], merge.at
    ):
        event = recorded.event
        if not isinstance(event, InvitationRevoked) or event.why != "twin":
            continue
        invitation = context.invitations.get_invitation(event.invitation)
        if invitation is None or invitation.id not in moved.received:
            continue
        own = replace(invitation, person=other_id)
        again = reopen_invitation(context, later, own)
        if again:
            reopened.append(again)
    return reopened


def _is_unchanged(
    present: Mapping[ResourceId, Membership], expected: Membership
) -> bool:
    membership = present.get(expected.resource)
    return membership is not None and (membership.role, membership.until) == (
        expected.role,
        expected.until,
    )


def _select(
    memberships: Iterable[Membership], resource_ids: set[ResourceId]
) -> tuple[Membership, ...]:
    return tuple(each for each in memberships if each.resource in resource_ids)
