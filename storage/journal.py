"""The journal: every event, in order, and what a delivery recorded. Replaying it gives the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select, update

from collab import events as facts
from collab.events import Event, Recorded, decode, encode, event_name
from collab.refusals import AlreadyAnswered
from storage import invitations, members, people, resources, teams
from storage.connections import Connections
from storage.statements import Reader, Write, given, in_workspace
from storage.tables import events, receipts, workspaces

PROJECTIONS: dict[type[Event], Callable[[Recorded, Any], Iterator[Write]]] = {
    facts.WorkspaceInstalled: people.installed,
    facts.PersonRecognised: people.recognised,
    facts.PersonProfiled: people.profiled,
    facts.PersonMerged: people.merged,
    facts.ResourceCreated: resources.created,
    facts.ResourceRenamed: resources.changed("title", "title"),
    facts.ResourceDescribed: resources.changed("about", "about"),
    facts.ResourceMoved: resources.changed("parent", "parent"),
    facts.PayerChanged: resources.changed("payer", "payer"),
    facts.ResourceDisabled: resources.switched(disabled=True),
    facts.ResourceEnabled: resources.switched(disabled=False),
    facts.ResourceDeleted: resources.deleted,
    facts.InvitationSent: invitations.sent,
    facts.InvitationResent: invitations.resent,
    facts.InvitationEdited: invitations.edited,
    facts.InvitationReminded: invitations.reminded,
    facts.InvitationDeferred: invitations.deferred,
    facts.InvitationSnoozed: invitations.snoozed,
    facts.InvitationMuted: invitations.muted,
    facts.InvitationAccepted: invitations.settled("accepted"),
    facts.InvitationDeclined: invitations.settled("declined"),
    facts.InvitationRevoked: invitations.settled("revoked"),
    facts.InvitationExpired: invitations.settled("expired"),
    facts.InvitationSuperseded: invitations.settled("superseded"),
    facts.MemberJoined: members.joined,
    facts.MemberRoleChanged: members.role_changed,
    facts.MemberLeft: members.ended,
    facts.MemberRemoved: members.ended,
    facts.MemberEnded: members.ended,
    facts.TeamShared: teams.shared,
    facts.TeamUnshared: teams.unshared,
    facts.TeamAssigned: teams.assigned,
    facts.TeamUnassigned: teams.unassigned,
    facts.ChannelLinked: resources.linked,
    facts.ChannelUnlinked: resources.unlinked,
}

_E = events.c
_EVENT = select(_E.workspace, _E.seq, _E.at, _E.actor, _E.door, _E.name, _E.data).where(in_workspace(events))
_ONE = _EVENT.where(_E.seq == given("seq"))
_NEWEST = (
    _EVENT.where(_E.resource == given("resource"), _E.seq < given("before"))
    .order_by(_E.seq.desc())
    .limit(given("most"))
)
_FROM = _EVENT.where(_E.seq >= given("first")).order_by(_E.seq).limit(given("most"))
_BETWEEN = _EVENT.where(_E.seq >= given("first"), _E.seq <= given("last")).order_by(_E.seq)
_RECEIPT = select(receipts.c.first, receipts.c.last).where(
    in_workspace(receipts), receipts.c.delivery == given("delivery")
)
_APPEND = events.insert()
_RECEIVE = receipts.insert()
_COUNT = update(workspaces).where(workspaces.c.id == given("w")).values(seq=given("last"))
_WORKSPACES = select(workspaces.c.id).order_by(workspaces.c.id)
_END = 2**62
_PAGE = 1000


class EventFacts(Reader):
    """Answers about what happened."""

    def event(self, seq: int) -> Recorded | None:
        """One event by its sequence number."""
        row = self._row(_ONE, seq=seq)
        return _recorded(row) if row else None

    def events(
        self, resource: str, *, actor: str | None, since: datetime | None, before: int | None, most: int
    ) -> Sequence[Recorded]:
        """The events of a resource, newest first; `before` is the sequence number to go on from."""
        statement, values = _NEWEST, {"resource": resource, "before": before or _END, "most": most}
        if actor is not None:
            statement, values = statement.where(_E.actor == given("actor")), values | {"actor": actor}
        if since is not None:
            statement, values = statement.where(_E.at >= given("since")), values | {"since": since}
        return [_recorded(row) for row in self._rows(statement, **values)]

    def repeated(self, delivery: str) -> Sequence[Recorded] | None:
        """What the same delivery recorded before, if it did."""
        row = self._row(_RECEIPT, delivery=delivery)
        return [_recorded(r) for r in self._rows(_BETWEEN, first=row.first, last=row.last)] if row else None

    def history(self, first: int, most: int) -> Sequence[Recorded]:
        """The events from a sequence number on, oldest first."""
        return [_recorded(row) for row in self._rows(_FROM, first=first, most=most)]


class Journal:
    """The record as a whole, for export and replay."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def workspaces(self) -> Sequence[str]:
        """Every workspace."""
        with self._connections.read() as connection:
            return list(connection.execute(_WORKSPACES).scalars())

    def export(self, workspace: str) -> Iterator[Recorded]:
        """Every event of a workspace, oldest first, read in pages."""
        first, page = 1, self._page(workspace, 1)
        while page:
            yield from page
            first = page[-1].seq + 1
            page = self._page(workspace, first)

    def _page(self, workspace: str, first: int) -> Sequence[Recorded]:
        with self._connections.read() as connection:
            return EventFacts(connection, workspace).history(first, _PAGE)


def append(connection: Connection, recorded: Sequence[Recorded], delivery: str | None) -> None:
    """Journal events and bring the state up to date; an answer that came too late is refused."""
    workspace, last = recorded[-1].workspace, recorded[-1].seq
    connection.execute(_APPEND, [_row(r) for r in recorded])
    connection.execute(_COUNT, {"w": workspace, "last": last})
    if delivery:
        receipt = {"first": recorded[0].seq, "last": last, "at": recorded[0].at}
        connection.execute(_RECEIVE, {"workspace": workspace, "delivery": delivery, **receipt})
    project(connection, recorded)


def project(connection: Connection, recorded: Iterable[Recorded]) -> None:
    """Bring the state up to date with events, in their order."""
    writes = (write for r in recorded for write in PROJECTIONS[type(r.event)](r, r.event))
    for statement, group in groupby(writes, key=lambda write: write[0]):
        rows = [values for _, values in group]
        result = connection.execute(statement, rows if len(rows) > 1 else rows[0])
        if statement in invitations.CONSUMING and result.rowcount != len(rows):
            raise AlreadyAnswered(rows[0]["i"], "answered")


def _row(recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    return {
        "workspace": recorded.workspace,
        "seq": recorded.seq,
        "at": recorded.at,
        "actor": recorded.actor,
        "door": recorded.door,
        "name": event_name(event),
        "resource": getattr(event, "resource", None),
        "person": getattr(event, "person", None),
        "data": encode(event),
    }


def _recorded(row: Row[Any]) -> Recorded:
    return Recorded(row.workspace, row.seq, row.at, row.actor, row.door, decode(row.name, row.data))
