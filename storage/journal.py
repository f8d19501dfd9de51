"""The journal: every event, in order, and what a delivery recorded. Replaying it gives the tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Text,
    and_,
    desc,
    func,
    or_,
    select,
    true,
    union,
    update,
)

from collab import events as facts
from collab.events import Event, Recorded, decode, encode, event_name, places_of
from collab.record import Choice
from collab.refusals import AlreadyAnswered
from storage import billing, digests, invitations, members, people, questions, resources, teams, told
from storage.connections import Connections
from storage.statements import Reader, Write, given, in_workspace, one_found, one_of, several
from storage.tables import events, mentions, receipts, workspaces
from storage.tables import resources as things

PROJECTIONS: dict[type[Event], Callable[[Recorded, Any], Iterator[Write]]] = {
    facts.WorkspaceInstalled: people.installed,
    facts.WorkspaceUninstalled: people.uninstalled,
    facts.WorkspaceSet: people.settings_changed,
    facts.PersonRecognised: people.recognised,
    facts.PersonProfiled: people.profiled,
    facts.PersonMerged: people.merged,
    facts.PersonSet: people.chose,
    facts.PersonDigested: told.digested,
    facts.NoticeRetried: told.retried,
    facts.ResourceCreated: resources.created,
    facts.ResourceRenamed: resources.changed("title", "title"),
    facts.ResourceDescribed: resources.changed("about", "about"),
    facts.ResourceMoved: resources.moved,
    facts.PayerChanged: resources.payer_changed,
    facts.BillingTransferred: resources.nothing,
    facts.OwnershipTransferred: resources.nothing,
    facts.BillingDetailed: billing.detailed,
    facts.InvoiceAdded: billing.invoice_added,
    facts.PlanChanged: resources.changed("plan", "plan"),
    facts.ResourceRetired: resources.retired,
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
    facts.InvitationReopened: invitations.reopened,
    facts.RequestSent: questions.sent,
    facts.RequestGranted: questions.settled("granted"),
    facts.RequestDeclined: questions.settled("declined"),
    facts.RequestEnded: questions.settled("ended"),
    facts.SuccessionOpened: questions.opened,
    facts.SuccessionSupported: questions.supported,
    facts.SuccessionSettled: questions.closed,
    facts.SuccessionClosed: questions.closed,
    facts.MemberJoined: members.joined,
    facts.MemberRoleChanged: members.role_changed,
    facts.MemberLeft: members.ended,
    facts.MemberRemoved: members.ended,
    facts.MemberEnded: members.ended,
    facts.MemberRestored: members.restored,
    facts.MemberWarned: members.prolonged,
    facts.MemberExtended: members.prolonged,
    facts.TeamShared: teams.shared,
    facts.TeamUnshared: teams.unshared,
    facts.TeamAssigned: teams.assigned,
    facts.TeamUnassigned: teams.unassigned,
    facts.ChannelLinked: resources.linked,
    facts.ChannelUnlinked: resources.unlinked,
    facts.ChannelRenamed: resources.nothing,
    facts.ChannelDigested: digests.told,
    facts.KeysRotated: resources.rotated,
}

_E = events.c
_EVENT = select(_E.workspace, _E.seq, _E.at, _E.actor, _E.door, _E.name, _E.data).where(in_workspace(events))
_ONE = _EVENT.where(_E.seq == given("seq"))


Condition = Callable[[Any], ColumnElement[bool]]
_CHOICES: Mapping[str, Condition] = {
    "actor": lambda event: event.actor == given("actor"),
    "person": lambda event: event.person == given("person"),
    "since": lambda event: event.at >= given("since"),
}


def _concerning(table: Table, place: ColumnElement[str], chosen: Sequence[Condition]) -> Select[Any]:
    """The numbers of the facts, before one, that a resource is named in."""
    named = table.alias()
    event = named if table is events else events.alias()
    found = select(named.c.seq).where(in_workspace(named), named.c.resource == place, named.c.seq < given("before"))
    if chosen and event is not named:
        found = found.join(event, and_(event.c.workspace == named.c.workspace, event.c.seq == named.c.seq))
    return found.where(*(condition(event.c) for condition in chosen))


# Of each resource no more is read than of all together: PostgreSQL looks for the last of each, and SQLite, which knows
# no such join, first for the number from which there are so many.
def _newest_of_each(table: Table, chosen: Sequence[Condition]) -> Select[Any]:
    place = func.unnest(several("ids", Text())).table_valued("id").render_derived()
    each = _concerning(table, place.c.id, chosen)
    last = each.order_by(each.selected_columns.seq.desc()).limit(given("most")).lateral()
    return select(last.c.seq).select_from(place).join(last, true())


def _from_the_nth_of_each(table: Table, chosen: Sequence[Condition]) -> Select[Any]:
    each = _concerning(table, things.c.id, chosen).where(in_workspace(things), one_of(things.c.id, "ids"))
    counted = _concerning(table, things.c.id, chosen).correlate(things)
    nth = counted.order_by(counted.selected_columns.seq.desc()).limit(1).offset(given("most") - 1)
    return each.where(each.selected_columns.seq >= func.coalesce(nth.scalar_subquery(), 0))


_LAST_BY = (
    _EVENT.where(_E.actor == given("actor"), one_of(_E.name, "names"), _E.seq < given("before"))
    .order_by(_E.seq.desc())
    .limit(1)
)
_BY_ACTOR = and_(in_workspace(events), _E.actor == given("actor"))
_LAST_UNTIL = select(_E.seq).where(_BY_ACTOR, _E.at <= given("since")).order_by(_E.seq.desc()).limit(1)
_NTH_LAST = (
    select(_E.at)
    .where(_BY_ACTOR, one_of(_E.name, "names"))
    .where(_E.seq > func.coalesce(_LAST_UNTIL.scalar_subquery(), 0))  # looks no further back than it must
    .order_by(_E.seq.desc())
    .limit(1)
    .offset(given("skip"))
)
_LAST_CHANGE = select(func.max(_E.seq)).where(
    in_workspace(events),
    _E.person == given("person"),
    _E.resource == given("resource"),
    _E.name.like("member.%"),
    _E.name != "member.warned",
)
_FROM = _EVENT.where(_E.seq >= given("first")).order_by(_E.seq).limit(given("most"))
_BETWEEN = _EVENT.where(_E.seq >= given("first"), _E.seq <= given("last")).order_by(_E.seq)
_RECEIPT = select(receipts.c.first, receipts.c.last).where(
    in_workspace(receipts), receipts.c.delivery == given("delivery")
)
_APPEND = events.insert()
_MENTION = mentions.insert()
_RECEIVE = receipts.insert()
_COUNT = update(workspaces).where(workspaces.c.id == given("w")).values(seq=given("last"))
_WORKSPACES = select(workspaces.c.id).order_by(workspaces.c.id)
CONSUMING = invitations.CONSUMING | questions.CONSUMING
_PAGE = 1000
_END = 2**62


class EventFacts(Reader):
    """Answers about what happened."""

    def event(self, seq: int) -> Recorded | None:
        """One event by its sequence number."""
        row = self._row(_ONE, seq=seq)
        return _recorded(row) if row else None

    def events(self, resources: Collection[str], choice: Choice, before: int | None, most: int) -> Sequence[Recorded]:
        """The events that concern some resources, newest first; `before` is the sequence number to go on from."""
        values = _values(choice)
        asked = {"ids": resources, "before": before or _END, "most": most, **values}
        statement = _chosen(tuple(values), choice.patterns, self._connection.dialect.name)
        return [_recorded(row) for row in self._rows(statement, **asked)]

    def last_by(self, actor: str, names: Collection[str], before: int | None) -> Recorded | None:
        """The newest event of these names by a person, before a sequence number."""
        row = self._row(_LAST_BY, actor=actor, names=list(names), before=before or _END)
        return _recorded(row) if row else None

    def nth_last(self, actor: str, names: Collection[str], nth: int, since: datetime) -> datetime | None:
        """When the nth newest event of these names by a person happened, counted from 1; nothing before a moment."""
        if nth > self.last():
            return None
        row = self._row(_NTH_LAST, actor=actor, names=list(names), skip=nth - 1, since=since)
        return row.at if row else None

    def last_change(self, resource: str, person: str) -> int | None:
        """The number of the last event about a person's membership on a resource."""
        found: int | None = self._row(_LAST_CHANGE, resource=resource, person=person)[0]
        return found

    def last(self) -> int:
        """The number of the workspace's last event."""
        found: int = self.row_of_workspace().seq
        return found

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


def _values(choice: Choice) -> dict[str, Any]:
    """What was chosen, but for the names."""
    every = {"actor": choice.actor, "person": choice.person, "since": choice.since}
    return {name: value for name, value in every.items() if value is not None}


@lru_cache(100)
def _chosen(choices: tuple[str, ...], patterns: tuple[str, ...], dialect: str) -> Select[Any]:
    """The statement for what was chosen: it is built once for each choice."""
    chosen = [_CHOICES[name] for name in choices]
    if patterns:
        chosen.append(lambda event: or_(*(event.name.like(pattern) for pattern in patterns)))
    newest = _from_the_nth_of_each if dialect == "sqlite" else _newest_of_each
    found = union(newest(events, chosen), newest(mentions, chosen)).order_by(desc("seq")).limit(given("most"))
    return _EVENT.where(one_found(_E.seq, found)).order_by(_E.seq.desc())


def append(connection: Connection, recorded: Sequence[Recorded], delivery: str | None) -> None:
    """Journal events and bring the state up to date; an answer that came too late is refused."""
    workspace, last = recorded[-1].workspace, recorded[-1].seq
    connection.execute(_APPEND, [_row(r) for r in recorded])
    connection.execute(_COUNT, {"w": workspace, "last": last})
    mentioned = [row for r in recorded for row in _mentions(r)]
    if mentioned:
        connection.execute(_MENTION, mentioned)
    if delivery:
        receipt = {"first": recorded[0].seq, "last": last, "at": recorded[0].at}
        connection.execute(_RECEIVE, {"workspace": workspace, "delivery": delivery, **receipt})
    project(connection, recorded)


def project(connection: Connection, recorded: Iterable[Recorded]) -> None:
    """Bring the state up to date with events, in their order; an answer that came too late is refused."""
    for statement, group in groupby(_writes(recorded), key=lambda write: write[0]):
        rows = [values for _, values in group]
        result = connection.execute(statement, rows if len(rows) > 1 else rows[0])
        if statement in CONSUMING and result.rowcount != len(rows):
            raise AlreadyAnswered(rows[0].get("i", ""), "answered")


def _writes(recorded: Iterable[Recorded]) -> Iterator[Write]:
    return (write for r in recorded for write in PROJECTIONS[type(r.event)](r, r.event))


def _row(recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    return {
        "workspace": recorded.workspace,
        "seq": recorded.seq,
        "at": recorded.at,
        "actor": recorded.actor,
        "door": recorded.door,
        "name": event_name(event),
        "resource": next(iter(places_of(event)), None),
        "person": getattr(event, "person", None),
        "data": encode(event),
    }


def _mentions(recorded: Recorded) -> list[dict[str, Any]]:
    """The other resources that a fact concerns: it is in their record too."""
    return [
        {"workspace": recorded.workspace, "resource": place, "seq": recorded.seq}
        for place in places_of(recorded.event)[1:]
    ]


def _recorded(row: Row[Any]) -> Recorded:
    return Recorded(row.workspace, row.seq, row.at, row.actor, row.door, decode(row.name, row.data))
