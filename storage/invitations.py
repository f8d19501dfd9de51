"""Invitations in the database: queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, text

from collab.model import (
    Invitation,
    InvitationId,
    InviteeId,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from storage.people import PERSON, list_person_columns
from storage.resources import RESOURCE_COLUMNS
from storage.sql import WorkspaceReader, in_array, of_workspace, param
from storage.tables import (
    invitation_resources,
    invitations,
    people,
    resources,
    workspaces,
)

_COLUMNS = invitations.c
_PENDING = text(
    "invitations.state = 'pending'"
)  # spelled out, so that the partial indexes serve


INVITATION_COLUMNS = (
    _COLUMNS.id,
    _COLUMNS.resource,
    _COLUMNS.also,
    _COLUMNS.person,
    _COLUMNS.team,
    _COLUMNS.asked,
    _COLUMNS.purpose,
    _COLUMNS.inviter,
    _COLUMNS.role,
    _COLUMNS.lasts,
    _COLUMNS.until,
    _COLUMNS.note,
    _COLUMNS.state,
    _COLUMNS.sent,
    _COLUMNS.expires,
    _COLUMNS.due,
    _COLUMNS.marks,
    _COLUMNS.snoozed,
    _COLUMNS.muted,
    _COLUMNS.answered,
    _COLUMNS.answered_by,
    _COLUMNS.starts,
    _COLUMNS.pays,
    _COLUMNS.agreed,
    _COLUMNS.payer,
    _COLUMNS.undelivered,
)
_SELECT_INVITATION = select(*INVITATION_COLUMNS).where(of_workspace(invitations))
# With what is almost always needed next: the first resource, the invitee and the
# inviter.
_INVITEE, _INVITER = people.alias("invitee"), people.alias("sender")
_INVITATION_BY_ID = (
    _SELECT_INVITATION.add_columns(
        *RESOURCE_COLUMNS,
        *list_person_columns(_INVITEE),
        *list_person_columns(_INVITER),
    )
    .join_from(
        invitations,
        resources,
        and_(
            resources.c.workspace == _COLUMNS.workspace,
            resources.c.id == _COLUMNS.resource,
        ),
        isouter=True,
    )
    .outerjoin(
        _INVITEE,
        and_(
            _INVITEE.c.workspace == _COLUMNS.workspace, _INVITEE.c.id == _COLUMNS.person
        ),
    )
    .outerjoin(
        _INVITER,
        and_(
            _INVITER.c.workspace == _COLUMNS.workspace,
            _INVITER.c.id == _COLUMNS.inviter,
        ),
    )
    .where(_COLUMNS.id == param("id"))
)
_PENDING_FOR_INVITEE = _SELECT_INVITATION.where(
    _PENDING,
    or_(_COLUMNS.person == param("invitee"), _COLUMNS.team == param("invitee")),
).order_by(_COLUMNS.sent, _COLUMNS.id)
# Spelled out like _PENDING.
IS_PENDING_TAKE_BACK = text(
    "invitations.state = 'pending' AND invitations.purpose = 'takeback'"
)
_HAS_PENDING_TAKE_BACKS = select(
    exists(text("1"))
    .select_from(invitations)
    .where(of_workspace(invitations), IS_PENDING_TAKE_BACK)
)
_ALL_PENDING = _SELECT_INVITATION.where(_PENDING).order_by(_COLUMNS.sent, _COLUMNS.id)
_PENDING_BY_INVITER = _SELECT_INVITATION.where(
    _PENDING, _COLUMNS.inviter == param("person")
).order_by(_COLUMNS.sent, _COLUMNS.id)
_COUNT_PENDING_BY_INVITER = select(func.count().label("number")).where(
    of_workspace(invitations),
    _PENDING,
    _COLUMNS.inviter == param("person"),
    _COLUMNS.expires > param("at"),
)
_OFFERED = _SELECT_INVITATION.join(
    invitation_resources,
    and_(
        invitation_resources.c.workspace == _COLUMNS.workspace,
        invitation_resources.c.invitation == _COLUMNS.id,
    ),
)
_INVITATIONS_TO_RESOURCE = _OFFERED.where(
    invitation_resources.c.resource == param("resource")
)
_IS_RESOURCE_PENDING = text("invitation_resources.pending")
_PENDING_ON_RESOURCE = _INVITATIONS_TO_RESOURCE.where(_IS_RESOURCE_PENDING).order_by(
    _COLUMNS.sent, _COLUMNS.id
)
_PENDING_ON_RESOURCES = (
    _OFFERED.add_columns(invitation_resources.c.resource.label("offered"))
    .where(_IS_RESOURCE_PENDING, in_array(invitation_resources.c.resource, "ids"))
    .order_by(_COLUMNS.sent, _COLUMNS.id)
)
# First a page of ids by their own index: with a join SQLite would sort all pending
# ones.
_PENDING_PAGE_IDS = (
    select(invitation_resources.c.invitation)
    .where(
        of_workspace(invitation_resources),
        _IS_RESOURCE_PENDING,
        invitation_resources.c.resource == param("resource"),
    )
    .order_by(invitation_resources.c.invitation)
    .limit(param("most"))
    .offset(param("skip"))
)
_PENDING_PAGE = _SELECT_INVITATION.where(
    _COLUMNS.id.in_(_PENDING_PAGE_IDS), _COLUMNS.expires > param("at")
).order_by(_COLUMNS.id)
# First the resource, by its own unique index: in a join PostgreSQL without statistics
# tries every invitation.
_IS_THE_PENDING_ONE = (
    _COLUMNS.id
    == select(invitation_resources.c.invitation)
    .where(
        of_workspace(invitation_resources),
        _IS_RESOURCE_PENDING,
        invitation_resources.c.resource == param("resource"),
        invitation_resources.c.invitee == param("invitee"),
        invitation_resources.c.purpose == param("purpose"),
    )
    .scalar_subquery()
)
_PENDING_INVITATION = _SELECT_INVITATION.where(_IS_THE_PENDING_ONE)
_SENT_BY_PERSON = (
    _SELECT_INVITATION.where(_COLUMNS.inviter == param("person"))
    .order_by(_COLUMNS.sent.desc(), _COLUMNS.id.desc())
    .limit(param("most"))
    .offset(param("skip"))
)
_SENT_TO_PERSON = (
    _SELECT_INVITATION.where(_COLUMNS.person == param("person"))
    .order_by(_COLUMNS.sent.desc(), _COLUMNS.id.desc())
    .limit(param("most"))
)
# An offer, and a later one to the same person or team on the same resource.
_OFFER, _LATER_OFFER = (
    invitation_resources.alias("offer"),
    invitation_resources.alias("later_offer"),
)
_LATER = invitations.alias("later")
_IS_OFFERED_LATER = (
    of_workspace(_OFFER),
    of_workspace(_LATER_OFFER),
    of_workspace(_LATER),
    of_workspace(invitations),
    _OFFER.c.invitation == _COLUMNS.id,
    _LATER_OFFER.c.invitee == _OFFER.c.invitee,
    _LATER_OFFER.c.resource == _OFFER.c.resource,
    _LATER_OFFER.c.purpose == _OFFER.c.purpose,
    _LATER.c.id == _LATER_OFFER.c.invitation,
    _LATER.c.sent > _COLUMNS.sent,
)
_RENEWED_IDS = (
    select(_COLUMNS.id)
    .where(*_IS_OFFERED_LATER, in_array(_COLUMNS.id, "ids"))
    .distinct()
)
_EXPIRED_BEFORE = (
    select(*INVITATION_COLUMNS)
    .where(
        *_IS_OFFERED_LATER,
        _LATER_OFFER.c.invitation == param("later"),
        _COLUMNS.state == "expired",
    )
    .order_by(_COLUMNS.sent.desc(), _COLUMNS.id.desc())
    .limit(param("most"))
)
_DUE_INVITATIONS = (
    _SELECT_INVITATION.where(
        _PENDING, _COLUMNS.agreed.is_(None), _COLUMNS.due <= param("at")
    )
    .order_by(_COLUMNS.due)
    .limit(param("most"))
)
_DUE_HANDOVERS = (
    _SELECT_INVITATION.where(
        _PENDING, _COLUMNS.agreed.is_not(None), _COLUMNS.due <= param("at")
    )
    .order_by(_COLUMNS.due, _COLUMNS.agreed)
    .limit(param("most"))
)
_LAST_DECLINE = (
    select(func.max(_COLUMNS.answered))
    .join_from(
        invitations,
        invitation_resources,
        and_(
            invitation_resources.c.workspace == _COLUMNS.workspace,
            invitation_resources.c.invitation == _COLUMNS.id,
        ),
    )
    .where(
        of_workspace(invitations),
        invitation_resources.c.resource == param("resource"),
        invitation_resources.c.invitee == param("invitee"),
        invitation_resources.c.purpose == param("purpose"),
        _COLUMNS.state == "declined",
    )
)
_DECLINED_AND_PENDING = (
    select(_LAST_DECLINE.correlate(None).scalar_subquery(), *INVITATION_COLUMNS)
    .select_from(workspaces)
    .outerjoin(
        invitations, and_(_COLUMNS.workspace == workspaces.c.id, _IS_THE_PENDING_ONE)
    )
    .where(workspaces.c.id == param("w"))
)


class InvitationRepository(WorkspaceReader):
    """Reads invitations."""

    def get_invitation(self, invitation: InvitationId) -> Invitation | None:
        """Return an invitation by id, in any state."""
        return self._read_once(
            "invitation", invitation, lambda: self._with_subject(invitation)
        )

    def find_pending_invitation(
        self, resource: ResourceId, invitee: InviteeId, purpose: str
    ) -> Invitation | None:
        """Return an invitee's pending invitation to a resource for a purpose."""
        if self.recall("was_invited", invitee) is False:
            return None
        key = resource, invitee, purpose
        values = {"resource": resource, "invitee": invitee, "purpose": purpose}
        return self._read_once(
            "pending", key, lambda: self._read_one(_PENDING_INVITATION, **values)
        )

    def list_pending_invitations_for(self, invitee: InviteeId) -> Sequence[Invitation]:
        """Return the pending invitations of a person or a team, oldest first."""
        return self._read_all(_PENDING_FOR_INVITEE, invitee=invitee)

    def list_pending_invitations(self) -> Sequence[Invitation]:
        """Return all pending invitations of the workspace, oldest first."""
        return self._read_all(_ALL_PENDING)

    def has_pending_take_backs(self) -> bool:
        """Return whether a request to take back was pending before this transaction."""
        return self._read_once(
            "had_take_backs",
            "",
            lambda: bool(self._read_rows(_HAS_PENDING_TAKE_BACKS)[0][0]),
        )

    def list_pending_invitations_by(self, person: PersonId) -> Sequence[Invitation]:
        """Return the pending invitations that a person sent, oldest first."""
        return self._read_all(_PENDING_BY_INVITER, person=person)

    def count_pending_invitations_by(self, person: PersonId, at: datetime) -> int:
        """Return how many unexpired pending invitations a person sent."""
        rows = self._read_rows(_COUNT_PENDING_BY_INVITER, person=person, at=at)
        return sum(row.number for row in rows)

    def list_pending_invitations_page(
        self, resource: ResourceId, at: datetime, start: int, most: int
    ) -> Sequence[Invitation]:
        """Return a page of a resource's unexpired pending invitations, oldest first."""
        return self._read_all(
            _PENDING_PAGE, resource=resource, at=at, skip=start, most=most
        )

    def load_pending_invitations_on(self, resources: Collection[ResourceId]) -> None:
        """Read and remember the pending invitations to each of some resources."""
        pending: dict[str, list[Invitation]] = {each: [] for each in resources}
        for row in self._read_rows_for_ids(_PENDING_ON_RESOURCES, "ids", resources):
            pending[row[-1]].append(Invitation(*row[:-1]))
        for resource, invitations_to in pending.items():
            self.remember("pending_on", resource, invitations_to)

    def list_pending_invitations_on(self, resource: ResourceId) -> Sequence[Invitation]:
        """Return the pending invitations to a resource, oldest first."""
        pending: Sequence[Invitation] = self._read_once(
            "pending_on",
            resource,
            lambda: self._read_all(_PENDING_ON_RESOURCE, resource=resource),
        )
        return pending

    def list_invitations_sent_by(
        self, person: PersonId, most: int, skip: int = 0
    ) -> Sequence[Invitation]:
        """Return a person's sent invitations, newest first, after `skip` of them."""
        return self._read_all(_SENT_BY_PERSON, person=person, most=most, skip=skip)

    def list_invitations_to(self, person: PersonId, most: int) -> Sequence[Invitation]:
        """Return invitations of a person in any state, newest first."""
        return self._read_all(_SENT_TO_PERSON, person=person, most=most)

    def list_renewed_ids(
        self, invitation_ids: Collection[InvitationId]
    ) -> frozenset[InvitationId]:
        """Return which of these were followed by an invitation to the same resource."""
        rows = self._read_rows(_RENEWED_IDS, ids=list(invitation_ids))
        return frozenset(row.id for row in rows)

    def list_expired_invitations_before(
        self, invitation: InvitationId, most: int
    ) -> Sequence[Invitation]:
        """Return the expired ones that an invitation follows, newest first."""
        later: Invitation | None = self.recall("invitation", invitation)
        if later and self.recall("was_invited_before", later.person) is False:
            return []
        return self._read_all(_EXPIRED_BEFORE, later=invitation, most=most)

    def get_last_decline_time(
        self, resource: ResourceId, invitee: InviteeId, purpose: str
    ) -> datetime | None:
        """Return when the invitee last declined an invitation for this purpose."""
        if self.recall("was_invited", invitee) is False:
            return None
        row = self._read_row(
            _DECLINED_AND_PENDING, resource=resource, invitee=invitee, purpose=purpose
        )
        if row is None:
            return None
        declined: datetime | None = row[0]
        pending = row[1:]
        # Whether an invitation is pending is the next question almost always.
        self.remember(
            "pending",
            (resource, invitee, purpose),
            Invitation(*pending) if pending[0] else None,
        )
        return declined

    def list_due_invitations(self, at: datetime, most: int) -> Sequence[Invitation]:
        """Return pending invitations with a due reminder or expiry, earliest first."""
        return self._read_all(_DUE_INVITATIONS, at=at, most=most)

    def list_due_handovers(self, at: datetime, most: int) -> Sequence[Invitation]:
        """Return agreed handovers whose day has come, earliest first."""
        return self._read_all(_DUE_HANDOVERS, at=at, most=most)

    def _with_subject(self, invitation: InvitationId) -> Invitation | None:
        """Read an invitation and remember the resource and the people that it names."""
        row = self._read_row(_INVITATION_BY_ID, id=invitation)
        if row is None:
            return None
        values = iter(row)
        read = Invitation(*islice(values, len(INVITATION_COLUMNS)))
        resource = Resource(*islice(values, len(RESOURCE_COLUMNS)))
        if resource.id:
            self.remember("resource", resource.id, resource)
        for _ in (_INVITEE, _INVITER):
            person = Person(*islice(values, len(PERSON)))
            if person.id and not person.merged_into:
                self.remember("person", person.id, person)
        return read

    def _read_one(self, statement: Any, **values: Any) -> Invitation | None:
        row = self._read_row(statement, **values)
        return Invitation(*row) if row else None

    def _read_all(self, statement: Any, **values: Any) -> list[Invitation]:
        return [Invitation(*row) for row in self._read_rows(statement, **values)]
