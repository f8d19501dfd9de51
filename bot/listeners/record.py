"""The record: what happened."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.cards import Message
from bot.cards.record import events_message
from bot.listeners.road import Click, Command, Desk, what_of
from bot.verbs import Slot
from collab.lists import EventList, ListEvents
from collab.people import Account


def happened(desk: Desk, asked: Command) -> Message:
    """The newest events of a resource."""
    since = since_from(asked.get(Slot.SINCE), asked.at)
    return _page(desk, ListEvents(asked.by, what_of(desk, asked), asked.get(Slot.BY), since), asked.at)


def press_page(desk: Desk, click: Click) -> Message:
    """Older events, with the same choice."""
    what, before, user, since = _read(click.value)
    who = Account(click.by.workspace, user) if user else None
    moment = datetime.fromtimestamp(since, UTC) if since else None
    return _page(desk, ListEvents(click.by, what, who, moment, before), click.at)


def since_from(said: timedelta | date | None, at: datetime) -> datetime | None:
    """From which moment on."""
    if isinstance(said, timedelta):
        return at - said
    return datetime.combine(said, time.min, at.tzinfo) if said else None


def _page(desk: Desk, question: ListEvents, at: datetime) -> Message:
    found: EventList = desk.collab.ask(question, at)
    following = replace(question, what=found.resource.id, before=found.next_before)
    value = _written(following) if found.next_before else None
    return events_message(desk.words, found, older=question.before is not None, next_value=value)


def _written(question: ListEvents) -> str:
    user = question.who.user if question.who else ""
    since = int(question.since.timestamp()) if question.since else 0
    return json.dumps([question.what, question.before, user, since])


def _read(value: str) -> tuple[str, int | None, str, int]:
    """A button's value, which is never trusted: what cannot be read asks for nothing."""
    try:
        what, before, user, since = json.loads(value)
        return str(what), int(before), str(user), min(max(int(since), 0), 2**32)
    except (ValueError, TypeError):
        return "", None, "", 0
