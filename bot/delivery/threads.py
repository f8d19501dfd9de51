"""Which messages in a channel form a thread, and which replies the whole channel sees."""

from __future__ import annotations

from typing import Any

from collab import events

# Messages about these events start a thread; all others about the same invitation or
# membership reply to it.
THREAD_STARTING_EVENTS = (events.InvitationSent, events.MemberJoined)
# Replies that the channel sees too: a thread is read by those who follow it, and who
# leaves or returns concerns everybody in the channel.
BROADCAST_REPLY_EVENTS = (
    events.MemberLeft,
    events.MemberRemoved,
    events.MemberEnded,
    events.MemberRestored,
)


def get_thread_subject_id(event: Any) -> str | None:
    """Return what a thread is about, or None for an event that belongs to no thread.

    It is the id of an invitation, or the ids of the resource and the person of a
    membership.
    """
    if event.name.startswith("member."):
        return f"{event.resource} {event.person}"
    if event.name.startswith("invitation."):
        return str(event.invitation)
    return None
