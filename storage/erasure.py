"""Erasure of a person: what was stored before loses their names and addresses (OUT-07).

The state follows from the events, so texts change in both by the same function. What
others named after the person, such as a company, keeps its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Table, delete, or_, select, update

from collab.events import (
    Event,
    PersonErased,
    PersonProfiled,
    PersonRecognised,
    ResourceDescribed,
    decode_event,
    encode_event,
)
from collab.model import WorkspaceId
from collab.notifications.targets import (
    format_home_target,
    format_mail_target,
    format_person_target,
)
from storage.tables import (
    access_requests,
    billing_details,
    digest_items,
    events,
    home_tabs,
    invitation_links,
    invitations,
    live_messages,
    message_threads,
    outbox,
    resources,
)

ERASED = "[…]"  # in place of a name or an address within a text
# What people type, in events and tables.
TEXT_FIELDS = frozenset(
    {
        "about",
        "address",
        "before_address",
        "before_email",
        "before_reference",
        "email",
        "note",
        "reason",
        "reference",
    }
)
TEXT_COLUMNS = (
    access_requests.c.note,
    billing_details.c.address,
    billing_details.c.email,
    billing_details.c.reference,
    invitations.c.note,
    resources.c.about,
)
MIN_LENGTH = 2  # a single letter is no name that tells who somebody is

Rewrite = Callable[[str], str]


class Erasure:
    """What one erasure does besides the projection of its event.

    It must be made before the event is appended, and erase after it.
    """

    def __init__(
        self, connection: Connection, workspace: WorkspaceId, event: PersonErased
    ) -> None:
        self._connection = connection
        self._workspace = workspace
        self._ids = [event.person, *event.records]
        self._traces = self._read_traces()

    def erase(self) -> None:
        """Erase what identifies the person."""
        rewrite = _build_rewrite(self._traces)
        self._rewrite_events(rewrite)
        for column in TEXT_COLUMNS:
            self._rewrite_column(column, rewrite)
        self._delete_messages()
        self._rewrite_outbox(rewrite)

    def _read_traces(self) -> list[str]:
        """Return all names and addresses that the person ever had, the longest first."""
        texts = set[str]()
        for event in self._read_own_events():
            texts |= {event.title, event.email or ""}
        traces = {each.strip() for each in texts if len(each.strip()) >= MIN_LENGTH}
        return sorted(traces, key=len, reverse=True)

    def _read_own_events(self) -> Iterable[PersonRecognised | PersonProfiled]:
        names = [PersonRecognised.name, PersonProfiled.name]
        rows = self._connection.execute(
            select(events.c.name, events.c.data).where(
                events.c.workspace == self._workspace,
                events.c.person.in_(self._ids),
                events.c.name.in_(names),
            )
        )
        for row in rows:
            event = decode_event(row.name, row.data)
            if isinstance(event, PersonRecognised | PersonProfiled):
                yield event

    def _rewrite_events(self, rewrite: Rewrite) -> None:
        is_own = events.c.person.in_(self._ids) & events.c.name.like("person.%")
        rows = self._connection.execute(
            select(events.c.seq, events.c.name, events.c.data).where(
                events.c.workspace == self._workspace,
                or_(is_own, *map(self._has_trace(events.c.data), self._traces)),
            )
        ).all()
        for row in rows:
            event = decode_event(row.name, row.data)
            erased = _erase_in_event(event, self._ids, rewrite)
            if erased != event:
                self._connection.execute(
                    update(events)
                    .where(
                        events.c.workspace == self._workspace, events.c.seq == row.seq
                    )
                    .values(data=encode_event(erased))
                )

    @staticmethod
    def _has_trace(column: Any) -> Callable[[str], Any]:
        """Return the condition that a column of JSON has a text, whatever its case."""

        def condition(trace: str) -> Any:
            written = json.dumps(trace, ensure_ascii=False)[1:-1]
            return column.icontains(written, autoescape=True)

        return condition

    def _rewrite_column(self, column: Any, rewrite: Rewrite) -> None:
        table: Table = column.table
        keys = [*table.primary_key.columns]
        rows = self._connection.execute(
            select(*keys, column).where(
                table.c.workspace == self._workspace, column.is_not(None)
            )
        ).all()
        for *key, text in rows:
            if (erased := rewrite(text)) != text:
                is_row = [each == value for each, value in zip(keys, key, strict=True)]
                values = {column.name: erased}
                self._connection.execute(update(table).where(*is_row).values(values))

    def _delete_messages(self) -> None:
        """Delete what is on its way to the person, and where earlier messages are."""
        people = [format_person_target(each) for each in self._ids]
        targets = [
            *people,
            *map(format_home_target, self._ids),
            *map(format_mail_target, self._ids),
        ]
        for column, values in (
            (outbox.c.target, targets),
            (live_messages.c.target, people),
            (message_threads.c.target, people),
            (digest_items.c.recipient, people),
            (home_tabs.c.person, self._ids),
            (invitation_links.c.person, self._ids),
        ):
            table = column.table
            self._connection.execute(
                delete(table).where(
                    table.c.workspace == self._workspace, column.in_(values)
                )
            )

    def _rewrite_outbox(self, rewrite: Rewrite) -> None:
        rows = self._connection.execute(
            select(outbox.c.id, outbox.c.payload).where(
                outbox.c.workspace == self._workspace,
                or_(*map(self._has_trace(outbox.c.payload), self._traces)),
            )
        ).all()
        for row in rows if self._traces else ():
            payload = _rewrite_strings(json.loads(row.payload), rewrite)
            written = json.dumps(payload, ensure_ascii=False)
            self._connection.execute(
                update(outbox).where(outbox.c.id == row.id).values(payload=written)
            )


def _build_rewrite(traces: Iterable[str]) -> Rewrite:
    """Return what replaces whole words that are a name or an address."""
    words = "|".join(map(re.escape, traces))
    if not words:
        return lambda text: text
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(ERASED, text)


def _erase_in_event(event: Event, ids: Iterable[str], rewrite: Rewrite) -> Event:
    """Return an event without the names and addresses of a person."""
    if isinstance(event, PersonRecognised) and event.person in ids:
        return replace(event, team=None, user=None, email=None, title="")
    if isinstance(event, PersonProfiled) and event.person in ids:
        return replace(
            event,
            title="",
            email=None,
            tz="UTC",
            locale=None,
            company=None,
        )
    names = {field.name for field in fields(event)} & TEXT_FIELDS
    if isinstance(event, PersonRecognised | PersonProfiled):
        names = set()  # of somebody else, whose own name it is
    if isinstance(event, ResourceDescribed):
        names.add("before")
    texts = {name: getattr(event, name) for name in names}
    changed = {name: rewrite(text) for name, text in texts.items() if text}
    return replace(event, **changed) if changed else event


def _rewrite_strings(value: Any, rewrite: Rewrite) -> Any:
    if isinstance(value, str):
        return rewrite(value)
    if isinstance(value, list):
        return [_rewrite_strings(each, rewrite) for each in value]
    if isinstance(value, dict):
        return {key: _rewrite_strings(each, rewrite) for key, each in value.items()}
    return value
