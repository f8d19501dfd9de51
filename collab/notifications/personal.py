"""Which notices a person hears at once, which once a day, and which not at all.

As they chose themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from collab.context import Context
from collab.events import Event, PersonDigested
from collab.invitations.reminders import WORKDAY_START, get_time_zone
from collab.model import Notification, QueuedForPerson
from collab.notifications.messages import BACKGROUND_MESSAGES, ESSENTIAL_MESSAGES
from collab.notifications.targets import parse_person_id

NOTIFICATION_PREFERENCES = ("direct", "digest", "needed")
MAX_DIGEST_ITEMS = 30  # notices in one digest, so that it stays one message


def split_by_preference(
    notices: Sequence[Notification], happened: Mapping[int, Event], context: Context
) -> tuple[Sequence[Notification], Sequence[QueuedForPerson]]:
    """What is told at once, and what is kept for a digest.

    What somebody chose not to hear is neither.
    """
    asks = {
        person
        for n in notices
        if (person := _get_optional_recipient(n, happened[n.seq]))
    }
    chosen = {
        person.id: person
        for person in context.people.get_people(asks).values()
        if person.notices != NOTIFICATION_PREFERENCES[0]
    }
    if not chosen:
        return notices, ()
    now, kept = list[Notification](), list[QueuedForPerson]()
    for notice in notices:
        hearer = chosen.get(_get_optional_recipient(notice, happened[notice.seq]) or "")
        if hearer is None:
            now.append(notice)
        elif hearer.notices == NOTIFICATION_PREFERENCES[1]:
            kept.append(
                QueuedForPerson(
                    hearer.id,
                    notice.seq,
                    notice.message,
                    get_next_morning(context.at, hearer.tz),
                )
            )
    return now, kept


def build_personal_digests(due: Iterable[QueuedForPerson]) -> Iterator[PersonDigested]:
    """What was kept for each, in the order in which it happened.

    As many digests as it needs.
    """
    for person, kept in groupby(due, key=lambda each: each.person):
        told = [f"{each.seq} {each.message}" for each in kept]
        for start in range(0, len(told), MAX_DIGEST_ITEMS):
            yield PersonDigested(person, tuple(told[start : start + MAX_DIGEST_ITEMS]))


def list_digest_entries(event: PersonDigested) -> Iterator[tuple[int, str]]:
    """The number of each fact and the name of its message."""
    for each in event.told:
        seq, _, message = each.partition(" ")
        yield int(seq), message


def get_next_morning(at: datetime, tz: str) -> datetime:
    """The next moment at which a day's work begins in that time zone."""
    local = at.astimezone(get_time_zone(tz))
    day = local.date() + timedelta(days=local.time() >= WORKDAY_START)
    return datetime.combine(day, WORKDAY_START, local.tzinfo).astimezone(at.tzinfo)


def _get_optional_recipient(notice: Notification, event: Event) -> str | None:
    """The person whose choice it is whether to hear of it.

    Not of what needs them, nor of their own membership.
    """
    person = parse_person_id(notice.target)
    own = event.name.startswith("member.") and getattr(event, "person", None) == person
    return (
        None
        if own
        or notice.message in ESSENTIAL_MESSAGES
        or notice.message in BACKGROUND_MESSAGES
        else person
    )
