"""The record: what happened."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.cards import Choices, Message, View
from bot.cards.inviting import thing_choices
from bot.cards.record import events_message, filter_view, found_view
from bot.listeners.road import Click, Command, Desk, Search, Submission, what_of
from bot.misread import MissingWord
from bot.tokens import day
from bot.verbs import Slot
from collab.choosing import ListVisible
from collab.lengths import moment_of
from collab.notices import person_target
from collab.people import Account, Address, Caller
from collab.record import EventList, ListEvents

EXPORT = "export"
LAST_SEQ = 2**63 - 1  # what a database holds as a number


def happened(desk: Desk, asked: Command) -> Message:
    """The newest events, of a resource or of all that the caller may see; or a file of them."""
    question = ListEvents(
        asked.by,
        _where(desk, asked),
        asked.get(Slot.BY),
        since_from(asked.get(Slot.SINCE), asked.at, desk.zone(asked.by)),
        about=asked.get(Slot.ABOUT),
        names=asked.get(Slot.ONLY) or (),
    )
    form = asked.get(Slot.EXPORT)
    return _send_file(desk, question, form, asked.at) if form else _page(desk, question, asked.at)


def press_page(desk: Desk, click: Click) -> Message:
    """Older events, with the same choice."""
    return _page(desk, question_from(click.by, click.value), click.at)


def press_filter(desk: Desk, click: Click) -> None:
    """The window that looks for some events."""
    click.open_view(filter_view(desk.words))


def submit_filter(desk: Desk, sent: Submission) -> View:
    """What it looks for."""
    what, who, since = (sent.values.get(name) for name in ("what", "who", "since"))
    question = ListEvents(
        sent.by,
        what or None,
        sent.account("who") if who else None,
        since_from(day(since) if since else None, sent.at, desk.zone(sent.by)),
        names=_names(desk, sent.values.get("only", "")),
    )
    return found_view(desk.words, _page(desk, question, sent.at))


def search(desk: Desk, search: Search) -> Choices:
    """The things that fit what was typed."""
    every = tuple(desk.collab.kinds)
    return thing_choices(desk.words, desk.collab.ask(ListVisible(search.by, every, search.typed), search.at))


def _names(desk: Desk, source: str) -> tuple[str, ...]:
    """A source of events; that of things is also each kind's own, under which its creation stands."""
    return (source, *desk.collab.kinds) if source == "resource" else (source,) if source else ()


def since_from(said: timedelta | date | None, at: datetime, zone: tzinfo) -> datetime | None:
    """Return from which moment on: so long ago, or from the beginning of a day in the speaker's time zone."""
    if isinstance(said, timedelta):
        return at - said
    return moment_of(said, time.min, zone) if said else None


def question_from(by: Caller, value: str) -> ListEvents:
    """The question that a button or an errand carries, which is never trusted: what cannot be read asks for nothing."""
    try:
        what, before, who, about, names, since = json.loads(value)
        moment = datetime.fromtimestamp(min(max(int(since), 0), 2**32), UTC) if since else None
        named = tuple(str(name) for name in names)
        start = before and min(max(int(before), 0), LAST_SEQ)
        return ListEvents(by, what and str(what), _who(who), moment, start, _who(about), named)
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return ListEvents(by, "")


def _where(desk: Desk, asked: Command) -> str | None:
    """What was named, else what the channel is linked to, else everything."""
    try:
        return what_of(desk, asked)
    except MissingWord:
        return None


def _page(desk: Desk, question: ListEvents, at: datetime) -> Message:
    found: EventList = desk.collab.ask(question, at)
    following = replace(question, what=found.resource.id if found.resource else None, before=found.next_before)
    value = _written(following) if found.next_before else None
    return events_message(desk.words, found, older=question.before is not None, next_value=value)


def _send_file(desk: Desk, question: ListEvents, form: str, at: datetime) -> Message:
    """The file is made and sent by the courier; what may be asked for is checked at once."""
    found: EventList = desk.collab.ask(question, at)
    me = desk.me(question.by)
    if me is None:
        return desk.tell("unchanged")
    what = found.resource.id if found.resource else None
    payload = {"question": _written(replace(question, what=what)), "form": form}
    account = question.by.account
    if account:
        payload |= {"team": account.team, "user": account.user}
    desk.outbox.post(question.by.workspace, person_target(me.id), EXPORT, payload)
    return desk.tell("export", resource=found.resource, form=form)


def _written(question: ListEvents) -> str:
    since = int(question.since.timestamp()) if question.since else 0
    who, about = _named(question.who), _named(question.about)
    return json.dumps([question.what, question.before, who, about, list(question.names), since])


def _named(who: Account | Address | None) -> list[str] | None:
    if isinstance(who, Address):
        return [who.email]
    return [who.team, who.user] if who else None


def _who(said: Any) -> Account | Address | None:
    if not said:
        return None
    return Address(str(said[0])) if len(said) == 1 else Account(str(said[0]), str(said[1]))
