"""Events as people read them: one line for what one person did at once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from collab.context import Context
from collab.event_log import EventLine, ListEvents
from collab.events import MemberJoined
from collab.model import Caller

MAX_READ = 20  # events, of which some are left out or folded
# Of no interest in a list. An accepted invitation is shown by what it changed.
OMITTED_EVENTS = frozenset(
    {
        "digest.sent",
        "invitation.accepted",
        "invitation.deferred",
        "invitation.muted",
        "invitation.reminded",
        "invitation.snoozed",
        "invitation.undelivered",
        "member.warned",
        "notice.retried",
        "person.mail_allowed",
        "person.mail_stopped",
        "person.match_rejected",
        "person.matched",
        "person.merged",
        "person.profiled",
        "person.recognised",
        "person.separated",
        "person.set",
        "person.sign_in_requested",
        "person.signed_out",
        "person.verified",
    }
)
FIELDS_IN_LINES = ("role", "before", "until", "invitation", "request", "why", "team")


def list_recent_events(by: Caller, context: Context, most: int) -> Sequence[EventLine]:
    """Return the newest events that the caller may view, folded."""
    return fold_event_lines(ListEvents(by, limit=MAX_READ).answer(context).lines)[:most]


def fold_event_lines(lines: Sequence[EventLine]) -> Sequence[EventLine]:
    """Return the lines without those of no interest, and those that differ in the
    resource alone as one.
    """
    folded: dict[Hashable, EventLine] = {}
    for line in lines:
        if _is_omitted(line):
            continue
        key = _get_key(line)
        first = folded.get(key)
        folded[key] = first.join(line) if first else line
    return list(folded.values())


def _is_omitted(line: EventLine) -> bool:
    """Return whether an event is of no interest, or implied by another one: who creates a
    resource joins it.
    """
    event = line.recorded.event
    if isinstance(event, MemberJoined):
        is_own_act = line.recorded.actor == event.person
        return is_own_act and not event.invitation and not event.request
    return event.name in OMITTED_EVENTS


def _get_key(line: EventLine) -> Hashable:
    recorded = line.recorded
    event = recorded.event
    if not event.name.startswith("member."):
        return recorded.seq
    return (
        event.name,
        recorded.at,
        line.actor.id,
        line.person and line.person.id,
        *(getattr(event, name, None) for name in FIELDS_IN_LINES),
    )
