"""Who among those that a command concerns is not in the chat platform (OUT-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collab.context import Context
from collab.events import PersonRecognised, RecordedEvent
from collab.model import Notification, Person
from collab.notifications.messages import MAILED_MESSAGES
from collab.notifications.targets import parse_person_id


@dataclass(frozen=True, slots=True)
class Reach:
    """People without an account: those who are mailed, and those whom nothing reaches;
    `stopped` are those whose addresses get no more mails.
    """

    mailed: tuple[Person, ...] = ()
    unreached: tuple[Person, ...] = ()
    stopped: tuple[Person, ...] = ()


def find_reach(
    context: Context,
    recorded: Sequence[RecordedEvent],
    notifications: Sequence[Notification],
) -> Reach:
    """Return who of those that events are about has an address alone.

    Somebody whose account the chat platform has named, but whose profile was not read
    yet, is in no list.
    """
    outsiders = [
        person
        for person in _list_recipients(context, recorded, notifications)
        if not person.user and person.email and not context.has_account(person.email)
    ]
    if context.policy.sends_mail:
        return Reach(
            mailed=tuple(each for each in outsiders if not each.mail_stopped),
            stopped=tuple(each for each in outsiders if each.mail_stopped),
        )
    absent = [each for each in outsiders if context.is_absent(each)]
    return Reach(unreached=tuple(absent))


def _list_recipients(
    context: Context,
    recorded: Sequence[RecordedEvent],
    notifications: Sequence[Notification],
) -> list[Person]:
    """Return those people who get a message about themselves that goes by mail."""
    events_by_seq = {each.seq: each.event for each in recorded}
    # Whose account was registered just now need not be read.
    known_ids = {context.actor.id} | {
        event.person
        for event in events_by_seq.values()
        if isinstance(event, PersonRecognised) and event.user
    }
    person_ids = [
        person_id
        for each in notifications
        if each.message in MAILED_MESSAGES
        and (person_id := parse_person_id(each.target))
        and person_id not in known_ids
        and getattr(events_by_seq.get(each.seq), "person", None) == person_id
    ]
    people = context.people.get_people(set(person_ids)) if person_ids else {}
    return [people[each] for each in dict.fromkeys(person_ids) if each in people]
