"""Links in mails about invitations: each is of one sending, and the next one ends it."""

from __future__ import annotations

from dataclasses import dataclass

from collab.model import InvitationId, PersonId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Sending:
    """One mail about an invitation to one person; `seq` is the number of the event that
    caused it.
    """

    workspace: WorkspaceId
    invitation: InvitationId
    person: PersonId
    seq: int


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """A link of a sending; of its token only the hash is stored."""

    sending: Sending
    token_hash: str


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link that was stored; `is_newest`: no later mail about the invitation was sent
    to the person.
    """

    sending: Sending
    is_newest: bool
