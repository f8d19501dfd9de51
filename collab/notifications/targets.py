"""Targets of notifications, as text.

A target is `person:ID`, `channel:ID`, `workspace:ID`, `home:ID`, the Home of a person,
or `mail:ID`, the mailbox of a person who has an account, too. The notifications of one
target are delivered in their order; a Home and a mailbox have targets of their own, so
that they wait for no message.

The subject of a notification is the id of an open question, or `event:NUMBER` where a
message about an event is updated later.
"""

from __future__ import annotations

from collab.model import ChannelId, PersonId, WorkspaceId

EVENT_SUBJECT = "event:"


def format_person_target(person_id: PersonId) -> str:
    """Return the target of a person."""
    return f"person:{person_id}"


def format_mail_target(person_id: PersonId) -> str:
    """Return the target of the mailbox of a person who has an account, too."""
    return f"mail:{person_id}"


def is_mail_target(target: str) -> bool:
    """Return whether a target is the mailbox of a person who has an account, too."""
    return target.startswith("mail:")


def format_channel_target(channel_id: ChannelId) -> str:
    """Return the target of a channel."""
    return f"channel:{channel_id}"


def format_home_target(person_id: PersonId) -> str:
    """Return the target of a person's Home."""
    return f"home:{person_id}"


def format_workspace_target(workspace_id: WorkspaceId) -> str:
    """Return the target of a workspace as a whole."""
    return f"workspace:{workspace_id}"


def parse_person_id(target: str) -> PersonId | None:
    """Return the id of the person that a target is; None if it is something else."""
    person_id = _parse_id(target, "person") or _parse_id(target, "mail")
    return None if person_id is None else PersonId(person_id)


def parse_channel_id(target: str) -> ChannelId | None:
    """Return the id of the channel that a target is; None if it is something else."""
    channel_id = _parse_id(target, "channel")
    return None if channel_id is None else ChannelId(channel_id)


def format_event_subject(seq: int) -> str:
    """Return the id of an event as the subject of its own messages."""
    return f"{EVENT_SUBJECT}{seq}"


def parse_event_subject(subject_id: str | None) -> int | None:
    """Return the number of the event that a subject is; None if it is another one."""
    if subject_id is None or not subject_id.startswith(EVENT_SUBJECT):
        return None
    return int(subject_id.removeprefix(EVENT_SUBJECT))


def _parse_id(target: str, kind: str) -> str | None:
    prefix, _, target_id = target.partition(":")
    return target_id if prefix == kind else None
