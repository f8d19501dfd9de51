"""Who gets a notification."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from collab.context import Context
from collab.events import RecordedEvent
from collab.model import ChannelLink, PersonId
from collab.notifications.targets import format_channel_target, format_person_target


@dataclass(frozen=True, slots=True)
class Recipient:
    """A target, and the person who is notified if it cannot be reached.

    `link` is how a channel is linked, where that decides when it gets the message.
    `subject_id` is what the message is about, if it is not what the event is about.
    """

    target: str
    escalate_to: PersonId | None = None
    link: ChannelLink | None = None
    subject_id: str | None = None


Audience = Callable[[Any, RecordedEvent, Context], Iterator[Recipient]]


def person_recipient(person_id: PersonId) -> Recipient:
    """Return a person as a recipient."""
    return Recipient(format_person_target(person_id))


def people_recipients(
    person_ids: Iterable[PersonId], actor_id: PersonId | None = None
) -> Iterator[Recipient]:
    """Yield people as recipients, but the actor."""
    for person_id in person_ids:
        if person_id != actor_id:
            yield person_recipient(person_id)


def linked_channel_recipient(link: ChannelLink) -> Recipient:
    """Return a channel; who linked it is notified if it cannot be reached."""
    return Recipient(format_channel_target(link.channel), link.person, link)
