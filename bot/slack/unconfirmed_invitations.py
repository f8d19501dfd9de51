"""Invitations and edits to be confirmed, in the metadata of the modal that asks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from collab.model import InvitationId

MARK = "unconfirmed "


@dataclass(frozen=True, slots=True)
class UnconfirmedInvitation:
    """An invitation as it was asked for.

    `invitees` are ids of users or addresses, `length` is a duration or a day as typed.
    """

    role: str
    length: str = ""
    resources: tuple[str, ...] = ()
    invitees: tuple[str, ...] = ()
    note: str = ""

    def encode(self) -> str:
        """Return it as the metadata of a modal."""
        return _encode_parts(
            self.role, self.length, self.resources, self.invitees, self.note
        )

    @classmethod
    def decode(cls, metadata: str) -> UnconfirmedInvitation:
        """Return the invitation in the metadata; an empty one if there is none."""
        try:
            role, length, resources, invitees, note = _decode_parts(metadata)
        except (ValueError, TypeError):
            return cls("")
        return cls(
            str(role),
            str(length),
            tuple(map(str, resources)),
            tuple(map(str, invitees)),
            str(note),
        )


@dataclass(frozen=True, slots=True)
class UnconfirmedEdit:
    """A change of an invitation as it was asked for; `length` is as typed."""

    invitation_id: InvitationId
    role: str
    length: str = ""

    def encode(self) -> str:
        """Return it as the metadata of a modal."""
        return _encode_parts(self.invitation_id, self.role, self.length)

    @classmethod
    def decode(cls, metadata: str) -> UnconfirmedEdit:
        """Return the change in the metadata; one of no invitation if there is none."""
        try:
            invitation_id, role, length = _decode_parts(metadata)
        except (ValueError, TypeError):
            return cls(InvitationId(""), "")
        return cls(InvitationId(str(invitation_id)), str(role), str(length))


def _encode_parts(*parts: Any) -> str:
    """Return parts as text; the mark before them keeps it from being JSON itself.

    Slack wants text in a modal's metadata, and tools that read traffic decode JSON.
    """
    return MARK + json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _decode_parts(metadata: str) -> Any:
    """Return the parts in metadata; raises ValueError if there are none."""
    return json.loads(metadata.removeprefix(MARK))
