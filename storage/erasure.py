"""Erasure of a person: what was stored before loses their names and addresses (OUT-07).

The person's own events lose them by their fields. In what people typed, only the notes
and reasons of events that name the person are changed: a name may be an ordinary word,
and an address that somebody claims may be another's. State follows from the events, so
both get the same text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from collab.events import (
    Event,
    InvitationDeclined,
    InvitationSent,
    PersonErased,
    PersonProfiled,
    PersonRecognised,
    RequestDeclined,
    RequestSent,
    decode_event,
    encode_event,
)
from collab.model import PersonId, WorkspaceId
from collab.notifications.targets import (
    format_home_target,
    format_mail_target,
    format_person_target,
)
from collab.personal_texts import PersonalTexts
from storage.outbox import read_payload
from storage.tables import (
    access_requests,
    digest_items,
    events,
    home_tabs,
    invitation_links,
    invitations,
    live_messages,
    message_threads,
    outbox,
)

# Events with a text that somebody typed about another person.
NOTES = (InvitationSent, InvitationDeclined, RequestSent, RequestDeclined)
REPLY = "reply"  # a delivery whose payload is a message for somebody to read


class Erasure:
    """What one erasure does besides the projection of its event."""

    def __init__(
        self, connection: Connection, workspace: WorkspaceId, event: PersonErased
    ) -> None:
        self._connection = connection
        self._workspace = workspace
        self._ids: Sequence[PersonId] = (event.person, *event.records)
        own = self._read_own_events()
        self._users = {
            each.user
            for each in own
            if isinstance(each, PersonRecognised) and each.user
        }
        self._texts = PersonalTexts(
            {each.email for each in own if each.email}, {each.title for each in own}
        )

    def erase(self) -> None:
        """Erase what identifies the person."""
        self._erase_own_events()
        self._rewrite_notes()
        self._delete_messages()
        self._erase_in_outbox()

    def _read_own_events(self) -> list[PersonRecognised | PersonProfiled]:
        decoded = [
            decode_event(row.name, row.data)
            for row in self._select_events(*self._own_events_conditions())
        ]
        return [
            each
            for each in decoded
            if isinstance(each, PersonRecognised | PersonProfiled)
        ]

    def _own_events_conditions(self) -> tuple[Any, ...]:
        names = [PersonRecognised.name, PersonProfiled.name]
        return events.c.person.in_(self._ids), events.c.name.in_(names)

    def _select_events(self, *conditions: Any) -> Sequence[Any]:
        return self._connection.execute(
            select(events.c.seq, events.c.name, events.c.data).where(
                events.c.workspace == self._workspace, *conditions
            )
        ).all()

    def _save_event(self, seq: int, event: Event) -> None:
        self._connection.execute(
            update(events)
            .where(events.c.workspace == self._workspace, events.c.seq == seq)
            .values(data=encode_event(event))
        )

    def _erase_own_events(self) -> None:
        for row in self._select_events(*self._own_events_conditions()):
            self._save_event(row.seq, _erase_fields(decode_event(row.name, row.data)))

    def _rewrite_notes(self) -> None:
        """Change the notes and reasons of events that name the person."""
        names_person = or_(
            events.c.actor.in_(self._ids),
            events.c.person.in_(self._ids),
            *(
                events.c.data.contains(f'"inviter": "{each}"', autoescape=True)
                for each in self._ids
            ),
        )
        has_note = events.c.name.in_([each.name for each in NOTES])
        for row in self._select_events(has_note, names_person):
            event = decode_event(row.name, row.data)
            erased = _rewrite_note(event, self._texts)
            if erased != event:
                self._save_event(row.seq, erased)
                self._save_note(erased)

    def _save_note(self, event: Event) -> None:
        """Change the note of an invitation or a request as its event was changed."""
        if isinstance(event, InvitationSent):
            table, subject_id = invitations, str(event.invitation)
        elif isinstance(event, RequestSent):
            table, subject_id = access_requests, str(event.request)
        else:
            return
        self._connection.execute(
            update(table)
            .where(table.c.workspace == self._workspace, table.c.id == subject_id)
            .values(note=event.note)
        )

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

    def _erase_in_outbox(self) -> None:
        """Delete what an account or an address of theirs caused, and change what replies
        to others say of them.
        """
        is_here = outbox.c.workspace == self._workspace
        for user in self._users:
            is_theirs = outbox.c.target.endswith(f":{user}", autoescape=True)
            self._connection.execute(delete(outbox).where(is_here, is_theirs))
        rows = self._connection.execute(
            select(outbox.c.id, outbox.c.message, outbox.c.payload).where(
                is_here, outbox.c.payload.is_not(None)
            )
        ).all()
        for row in rows:
            payload = read_payload(row.payload)
            is_row = outbox.c.id == row.id
            if payload and self._is_theirs(payload):
                self._connection.execute(delete(outbox).where(is_row))
            elif row.message == REPLY and self._has_trace(row.payload):
                erased = _rewrite_strings(payload, self._texts)
                written = json.dumps(erased, ensure_ascii=False)
                self._connection.execute(
                    update(outbox).where(is_row).values(payload=written)
                )

    def _is_theirs(self, payload: dict[str, Any]) -> bool:
        by = payload.get("by") or {}
        user = payload.get("user") or (by.get("account") or {}).get("user")
        return user in self._users or self._texts.has_address(payload.get("email"))

    def _has_trace(self, text: str) -> bool:
        words = set(re.findall(r"\w+", text))
        is_named = not words.isdisjoint({*self._ids, *self._users})
        return is_named or self._texts.names_address_in(text)


def _erase_fields(event: Event) -> Event:
    """Return an event about a person without what identifies them."""
    if isinstance(event, PersonRecognised):
        return replace(event, team=None, user=None, email=None, title="")
    if isinstance(event, PersonProfiled):
        return replace(event, title="", email=None, tz="UTC", locale=None, company=None)
    return event


def _rewrite_note(event: Event, texts: PersonalTexts) -> Event:
    """Return an event without the person's names and addresses in its note or reason."""
    if isinstance(event, InvitationSent | RequestSent) and event.note:
        return replace(event, note=texts.erase_from(event.note))
    if isinstance(event, InvitationDeclined | RequestDeclined) and event.reason:
        return replace(event, reason=texts.erase_from(event.reason))
    return event


def _rewrite_strings(value: Any, texts: PersonalTexts) -> Any:
    if isinstance(value, str):
        return texts.erase_from(value)
    if isinstance(value, list):
        return [_rewrite_strings(each, texts) for each in value]
    if isinstance(value, dict):
        return {key: _rewrite_strings(each, texts) for key, each in value.items()}
    return value
