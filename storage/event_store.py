"""The event store: every event in order, and which requests are processed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
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

from collab.event_repository import LONG_AGO, EventFilter
from collab.events import (
    Event,
    RecordedEvent,
    decode_event,
    encode_event,
    get_event_name,
    list_resource_ids,
)
from collab.model import Person, PersonId, ResourceId
from storage.people import PERSON, list_person_columns
from storage.projector import project_events
from storage.sql import (
    WorkspaceReader,
    Write,
    array_param,
    in_array,
    in_subquery,
    of_workspace,
    param,
)
from storage.tables import (
    event_mentions,
    events,
    people,
    processed_requests,
    workspaces,
)
from storage.tables import resources as things

_COLUMNS = events.c
_SELECT_EVENT = select(
    _COLUMNS.workspace,
    _COLUMNS.seq,
    _COLUMNS.at,
    _COLUMNS.actor,
    _COLUMNS.origin,
    _COLUMNS.name,
    _COLUMNS.data,
).where(of_workspace(events))
_EVENT_WIDTH = len(_SELECT_EVENT.selected_columns)
# With whom the words of an event name: who did it, and whom it is about.
_ACTOR, _SUBJECT = people.alias("acting"), people.alias("subject")
_SELECT_EVENT_WITH_PEOPLE = (
    _SELECT_EVENT.add_columns(
        *(
            column
            for alias in (_ACTOR, _SUBJECT)
            for column in list_person_columns(alias)
        )
    )
    .select_from(events)
    .outerjoin(
        _ACTOR,
        and_(_ACTOR.c.workspace == _COLUMNS.workspace, _ACTOR.c.id == _COLUMNS.actor),
    )
    .outerjoin(
        _SUBJECT,
        and_(
            _SUBJECT.c.workspace == _COLUMNS.workspace,
            _SUBJECT.c.id == _COLUMNS.person,
        ),
    )
)
_EVENT_BY_SEQ = _SELECT_EVENT.where(_COLUMNS.seq == param("seq"))


MAX_EVENTS_ABOUT_PERSON = 1000
Condition = Callable[[Any], ColumnElement[bool]]
_CONDITION_BY_FILTER: Mapping[str, Condition] = {
    "actor": lambda event: event.actor == param("actor"),
    "person": lambda event: event.person == param("person"),
    "since": lambda event: event.at >= param("since"),
}


def _select_event_seqs(
    table: Table, resource_id: ColumnElement[str], chosen: Sequence[Condition]
) -> Select[Any]:
    """Select the numbers of events that name a resource, before a number."""
    named = table.alias()
    event = named if table is events else events.alias()
    statement = select(named.c.seq).where(
        of_workspace(named),
        named.c.resource == resource_id,
        named.c.seq < param("before"),
    )
    if chosen and event is not named:
        statement = statement.join(
            event,
            and_(event.c.workspace == named.c.workspace, event.c.seq == named.c.seq),
        )
    return statement.where(*(condition(event.c) for condition in chosen))


# No more is read of each resource than of all together: PostgreSQL looks for the last
# of each. SQLite has no such join and first looks for the number from which there are
# enough.
def _select_newest_of_each(table: Table, chosen: Sequence[Condition]) -> Select[Any]:
    resource_id = (
        func.unnest(array_param("ids", Text())).table_valued("id").render_derived()
    )
    each = _select_event_seqs(table, resource_id.c.id, chosen)
    last = (
        each.order_by(each.selected_columns.seq.desc()).limit(param("most")).lateral()
    )
    return select(last.c.seq).select_from(resource_id).join(last, true())


def _select_from_nth_of_each(table: Table, chosen: Sequence[Condition]) -> Select[Any]:
    each = _select_event_seqs(table, things.c.id, chosen).where(
        of_workspace(things), in_array(things.c.id, "ids")
    )
    counted = _select_event_seqs(table, things.c.id, chosen).correlate(things)
    nth = (
        counted.order_by(counted.selected_columns.seq.desc())
        .limit(1)
        .offset(param("most") - 1)
    )
    return each.where(
        each.selected_columns.seq >= func.coalesce(nth.scalar_subquery(), 0)
    )


_LAST_EVENT_BY_ACTOR = (
    _SELECT_EVENT.where(
        _COLUMNS.actor == param("actor"),
        in_array(_COLUMNS.name, "names"),
        _COLUMNS.seq < param("before"),
    )
    .order_by(_COLUMNS.seq.desc())
    .limit(1)
)
_IS_BY_ACTOR = and_(of_workspace(events), _COLUMNS.actor == param("actor"))
_LAST_SEQ_UNTIL = (
    select(_COLUMNS.seq)
    .where(_IS_BY_ACTOR, _COLUMNS.at <= param("since"))
    .order_by(_COLUMNS.seq.desc())
    .limit(1)
)
_NTH_LAST_TIME = (
    select(_COLUMNS.at)
    .where(_IS_BY_ACTOR, in_array(_COLUMNS.name, "names"))
    .where(
        _COLUMNS.seq > func.coalesce(_LAST_SEQ_UNTIL.scalar_subquery(), 0)
    )  # looks no further back than it must
    .order_by(_COLUMNS.seq.desc())
    .limit(1)
    .offset(param("skip"))
)
_LAST_MEMBERSHIP_CHANGE = select(func.max(_COLUMNS.seq)).where(
    of_workspace(events),
    _COLUMNS.person == param("person"),
    _COLUMNS.resource == param("resource"),
    _COLUMNS.name.like("member.%"),
    _COLUMNS.name != "member.warned",
)
_EVENTS_ABOUT_PERSON = (
    _SELECT_EVENT.where(
        _COLUMNS.person == param("person"),
        in_array(_COLUMNS.name, "names"),
        _COLUMNS.at >= param("since"),
    )
    .order_by(_COLUMNS.seq)
    .limit(MAX_EVENTS_ABOUT_PERSON)
)
_EVENTS_FROM = (
    _SELECT_EVENT.where(_COLUMNS.seq >= param("first"))
    .order_by(_COLUMNS.seq)
    .limit(param("most"))
)
_NAMED_EVENTS = (
    _SELECT_EVENT.where(_COLUMNS.at <= param("until"))
    .where(in_array(_COLUMNS.name, "names"))
    .order_by(_COLUMNS.seq)
    .limit(param("most"))
)
_NAMED_EVENTS_ON = _NAMED_EVENTS.where(in_array(_COLUMNS.resource, "ids"))
_BETWEEN = _SELECT_EVENT.where(
    _COLUMNS.seq >= param("first"), _COLUMNS.seq <= param("last")
).order_by(_COLUMNS.seq)
_SELECT_PROCESSED_REQUEST = select(
    processed_requests.c.first_seq, processed_requests.c.last_seq
).where(
    of_workspace(processed_requests),
    processed_requests.c.idempotency_key == param("key"),
)
_INSERT_EVENT = events.insert()
_INSERT_MENTION = event_mentions.insert()
_COUNT_EVENTS_OF_PERSON = select(func.count()).where(
    of_workspace(events),
    or_(_COLUMNS.actor == param("person"), _COLUMNS.person == param("person")),
)
_INSERT_PROCESSED_REQUEST = processed_requests.insert()
_UPDATE_LAST_SEQ = (
    update(workspaces).where(workspaces.c.id == param("w")).values(seq=param("last"))
)
_AFTER_LAST_SEQ = 2**62


class EventRepository(WorkspaceReader):
    """Reads events."""

    def get_event(self, seq: int) -> RecordedEvent | None:
        """Return an event by its sequence number."""
        row = self._read_row(_EVENT_BY_SEQ, seq=seq)
        return _recorded_from_row(row) if row else None

    def list_events_on(
        self,
        resources: Collection[ResourceId],
        choice: EventFilter,
        before: int | None,
        most: int,
    ) -> Sequence[RecordedEvent]:
        """Return events about some resources before a sequence number, newest first."""
        values = _filter_parameters(choice)
        parameters = {
            "ids": resources,
            "before": before or _AFTER_LAST_SEQ,
            "most": most,
            **values,
        }
        statement = _filtered_events_statement(
            tuple(values), choice.name_patterns, self._connection.dialect.name
        )
        rows = self._read_rows(statement, **parameters)
        for row in rows:
            for start in (_EVENT_WIDTH, _EVENT_WIDTH + len(PERSON)):
                person = Person(*row[start : start + len(PERSON)])
                if person.id and not person.merged_into:
                    self.remember("person", person.id, person)
        return [_recorded_from_row(row) for row in rows]

    def find_last_event_by(
        self, actor: PersonId, names: Collection[str], before: int | None
    ) -> RecordedEvent | None:
        """Return a person's newest event of these names before a sequence number."""
        row = self._read_row(
            _LAST_EVENT_BY_ACTOR,
            actor=actor,
            names=list(names),
            before=before or _AFTER_LAST_SEQ,
        )
        return _recorded_from_row(row) if row else None

    def get_time_of_nth_last_event(
        self, actor: PersonId, names: Collection[str], nth: int, since: datetime
    ) -> datetime | None:
        """Return the time of a person's nth newest event of these names.

        Counted from 1; None when it happened before `since` or not at all.
        """
        if nth > self.last_seq():
            return None
        row = self._read_row(
            _NTH_LAST_TIME, actor=actor, names=list(names), skip=nth - 1, since=since
        )
        return row.at if row else None

    def list_events_about(
        self,
        person: PersonId,
        event_types: Collection[type[Event]],
        since: datetime = LONG_AGO,
    ) -> Sequence[RecordedEvent]:
        """Return the events of some types about a person since a time, oldest first."""
        names = [each.name for each in event_types]
        rows = self._read_rows(
            _EVENTS_ABOUT_PERSON, person=person, names=names, since=since
        )
        return [_recorded_from_row(row) for row in rows]

    def count_events_of(self, person: PersonId) -> int:
        """Return how many events a person caused or is named in."""
        count: int = self._read_row(_COUNT_EVENTS_OF_PERSON, person=person)[0]
        return count

    def get_last_membership_change_seq(
        self, resource: ResourceId, person: PersonId
    ) -> int | None:
        """Return the number of the last event about a person's membership."""
        chosen: int | None = self._read_row(
            _LAST_MEMBERSHIP_CHANGE, resource=resource, person=person
        )[0]
        return chosen

    def last_seq(self) -> int:
        """Return the number of the workspace's last event."""
        chosen: int = self.workspace_row().seq
        return chosen

    def previous_result(self, idempotency_key: str) -> Sequence[RecordedEvent] | None:
        """Return the events that the request recorded before; None if it did not."""
        row = self._read_once(
            "processed_request",
            idempotency_key,
            lambda: self._read_row(_SELECT_PROCESSED_REQUEST, key=idempotency_key),
        )
        return (
            [
                _recorded_from_row(r)
                for r in self._read_rows(
                    _BETWEEN, first=row.first_seq, last=row.last_seq
                )
            ]
            if row
            else None
        )

    def list_events_named(
        self,
        names: Collection[str],
        until: datetime,
        most: int,
        resources: Collection[str] | None = None,
    ) -> Sequence[RecordedEvent]:
        """Return events with these names up to a time, oldest first.

        With `resources` only those whose subject is one of them.
        """
        values = {"names": names, "until": until, "most": most}
        if resources is None:
            rows = self._read_rows(_NAMED_EVENTS, **values)
        else:
            rows = self._read_rows(_NAMED_EVENTS_ON, ids=resources, **values)
        return [_recorded_from_row(row) for row in rows]

    def list_events_from(self, first: int, most: int) -> Sequence[RecordedEvent]:
        """Return events from a sequence number on, oldest first."""
        return [
            _recorded_from_row(row)
            for row in self._read_rows(_EVENTS_FROM, first=first, most=most)
        ]


def _filter_parameters(choice: EventFilter) -> dict[str, Any]:
    """Return the parameters of a filter, without its name patterns."""
    every = {"actor": choice.actor, "person": choice.person, "since": choice.since}
    return {name: value for name, value in every.items() if value is not None}


@lru_cache(100)
def _filtered_events_statement(
    choices: tuple[str, ...], patterns: tuple[str, ...], dialect: str
) -> Select[Any]:
    """Return the statement for a filter, which is built once and cached."""
    chosen = [_CONDITION_BY_FILTER[name] for name in choices]
    if patterns:
        chosen.append(
            lambda event: or_(*(event.name.like(pattern) for pattern in patterns))
        )
    newest = _select_from_nth_of_each if dialect == "sqlite" else _select_newest_of_each
    statement = (
        union(newest(events, chosen), newest(event_mentions, chosen))
        .order_by(desc("seq"))
        .limit(param("most"))
    )
    return _SELECT_EVENT_WITH_PEOPLE.where(
        in_subquery(_COLUMNS.seq, statement)
    ).order_by(_COLUMNS.seq.desc())


def append_events(
    connection: Connection,
    recorded: Sequence[RecordedEvent],
    idempotency_key: str | None,
) -> Sequence[Write]:
    """Append events and update the tables of current state; return the writes there.

    Raises AlreadyAnswered when another answer was first.
    """
    workspace, last = recorded[-1].workspace, recorded[-1].seq
    connection.execute(_INSERT_EVENT, [_event_row(r) for r in recorded])
    connection.execute(_UPDATE_LAST_SEQ, {"w": workspace, "last": last})
    mentioned = [row for r in recorded for row in _mentioned_resources(r)]
    if mentioned:
        connection.execute(_INSERT_MENTION, mentioned)
    if idempotency_key:
        connection.execute(
            _INSERT_PROCESSED_REQUEST,
            {
                "workspace": workspace,
                "idempotency_key": idempotency_key,
                "first_seq": recorded[0].seq,
                "last_seq": last,
                "at": recorded[0].at,
            },
        )
    return project_events(connection, recorded)


def _event_row(recorded: RecordedEvent) -> dict[str, Any]:
    event = recorded.event
    return {
        "workspace": recorded.workspace,
        "seq": recorded.seq,
        "at": recorded.at,
        "actor": recorded.actor,
        "origin": recorded.origin,
        "name": get_event_name(event),
        "resource": next(iter(list_resource_ids(event)), None),
        "person": getattr(event, "person", None),
        "data": encode_event(event),
    }


def _mentioned_resources(recorded: RecordedEvent) -> list[dict[str, Any]]:
    """Return a row for each further resource that an event concerns."""
    return [
        {"workspace": recorded.workspace, "resource": resource_id, "seq": recorded.seq}
        for resource_id in list_resource_ids(recorded.event)[1:]
    ]


def _recorded_from_row(row: Row[Any]) -> RecordedEvent:
    return RecordedEvent(
        row.workspace,
        row.seq,
        row.at,
        row.actor,
        row.origin,
        decode_event(row.name, row.data),
    )
