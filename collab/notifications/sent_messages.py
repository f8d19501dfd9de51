"""What is stored of sent messages that later deliveries refer to.

An address says where a message is, in a notation that only the adapter knows that sent
the message.
"""

from __future__ import annotations

from dataclasses import dataclass

from collab.invitations.links import InvitationLink
from collab.model import NotificationTopic, WorkspaceId


@dataclass(frozen=True, slots=True)
class LiveMessage:
    """A sent message about an open question, which is updated until it is answered.

    `subject_id` is the id of the question, see `get_subject_id` in builder.py. A message
    about several topics has a record for each question, and all of them in `topics`.
    """

    workspace: WorkspaceId
    subject_id: str
    target: str
    message: str
    address: str
    topics: tuple[NotificationTopic, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageThread:
    """The message that starts a thread; later ones about the subject reply to it."""

    workspace: WorkspaceId
    target: str
    subject_id: str
    address: str


# What is stored when a delivery was sent.
SentRecord = LiveMessage | MessageThread | InvitationLink
