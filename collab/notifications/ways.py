"""How people with an account get messages: there, by mail, or both, as they chose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from collab.context import Context
from collab.model import Notification, Person
from collab.notifications.messages import (
    ANSWERABLE_MESSAGES,
    MAILED_MESSAGES,
    PERSONAL_DIGEST,
)
from collab.notifications.targets import format_mail_target, parse_person_id

CHAT, MAIL, BOTH = "slack", "mail", "both"
WAYS = (CHAT, MAIL, BOTH)
# What needs an answer is always where it can be answered (OUT-05).
MAILABLE_MESSAGES = (MAILED_MESSAGES - ANSWERABLE_MESSAGES) | {PERSONAL_DIGEST}


def can_choose_way(context: Context, person: Person) -> bool:
    """Return whether a person has an account and a mailbox that mails arrive in."""
    if not context.policy.sends_mail or not person.user:
        return False
    return bool(person.email and not person.mail_stopped)


def send_by_chosen_ways(
    notifications: Sequence[Notification], context: Context
) -> Iterator[Notification]:
    """Yield each notification for each way in which its recipient wants it (OUT-05)."""
    if not context.policy.sends_mail:
        yield from notifications
        return
    person_ids = {
        person_id
        for each in notifications
        if each.message in MAILABLE_MESSAGES
        and (person_id := parse_person_id(each.target))
    }
    people = context.people.get_people(person_ids) if person_ids else {}
    for notification in notifications:
        person_id = parse_person_id(notification.target)
        person = people.get(person_id) if person_id else None
        if person is None or notification.message not in MAILABLE_MESSAGES:
            yield notification
            continue
        ways = _choose_ways(context, person, notification.message)
        if CHAT in ways:
            yield notification
        if MAIL in ways:
            yield replace(notification, target=format_mail_target(person.id))


def _choose_ways(context: Context, person: Person, message: str) -> Sequence[str]:
    if person.reach == CHAT or not can_choose_way(context, person):
        return (CHAT,)
    if person.reach == BOTH:
        # The items of a digest are deleted once it was sent.
        return (CHAT,) if message == PERSONAL_DIGEST else (CHAT, MAIL)
    return (MAIL,)
