"""Links in mails about invitations; no event records them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, select, text, true, update

from collab.invitations.links import InvitationLink, Sending, StoredLink
from collab.model import InvitationId, PersonId, WorkspaceId
from storage.connections import Connections
from storage.sql import param
from storage.tables import invitation_links, invitations

# Until then a link shows how the invitation ended.
KEPT_AFTER_ANSWER = timedelta(days=30)

_COLUMNS = invitation_links.c
_LATER = invitation_links.alias("later")
_WAS_SENT_LATER = exists().where(
    _LATER.c.workspace == _COLUMNS.workspace,
    _LATER.c.invitation == _COLUMNS.invitation,
    _LATER.c.person == _COLUMNS.person,
    _LATER.c.seq > _COLUMNS.seq,
    _LATER.c.is_sent,
)
_SELECT_LINK = select(
    _COLUMNS.workspace,
    _COLUMNS.invitation,
    _COLUMNS.person,
    _COLUMNS.seq,
    _WAS_SENT_LATER,
).where(_COLUMNS.token_hash == param("hash"))
_FIND_SENT = (
    select(_COLUMNS.seq)
    .where(
        _COLUMNS.workspace == param("w"),
        _COLUMNS.invitation == param("invitation"),
        _COLUMNS.is_sent,
    )
    .limit(1)
)
_INSERT_LINK = text(
    "INSERT INTO invitation_links"
    " (token_hash, workspace, invitation, person, seq, is_sent)"
    " VALUES (:hash, :workspace, :invitation, :person, :seq, false)"
    " ON CONFLICT (token_hash) DO NOTHING"
)
_IS_OF_ANSWERED = exists().where(
    invitations.c.workspace == _COLUMNS.workspace,
    invitations.c.id == _COLUMNS.invitation,
    invitations.c.state != "pending",
    invitations.c.answered <= param("before"),
)
_DELETE_OLD_LINKS = delete(invitation_links).where(_IS_OF_ANSWERED)
_MARK_SENT = (
    update(invitation_links)
    .where(_COLUMNS.token_hash == param("hash"))
    .values(is_sent=true())
)


class InvitationLinkStore:
    """Saves and finds links."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save_link(self, link: InvitationLink) -> None:
        """Save a link that is about to be sent; from then on it works."""
        sending = link.sending
        values = {
            "hash": link.token_hash,
            "workspace": sending.workspace,
            "invitation": sending.invitation,
            "person": sending.person,
            "seq": sending.seq,
        }
        with self._connections.write() as connection:
            connection.execute(_INSERT_LINK, values)

    def find_link(self, token_hash: str) -> StoredLink | None:
        """Return the link whose token has this hash, of whatever workspace."""
        with self._connections.read() as connection:
            row = connection.execute(_SELECT_LINK, {"hash": token_hash}).one_or_none()
        if row is None:
            return None
        workspace, invitation, person, seq, was_sent_later = row
        sending = Sending(
            WorkspaceId(workspace), InvitationId(invitation), PersonId(person), seq
        )
        return StoredLink(sending, is_newest=not was_sent_later)

    def delete_old_links(self, at: datetime) -> int:
        """Delete the links of invitations that ended long ago; return how many."""
        values = {"before": at - KEPT_AFTER_ANSWER}
        with self._connections.write() as connection:
            return connection.execute(_DELETE_OLD_LINKS, values).rowcount

    def was_mailed(self, workspace: WorkspaceId, invitation: InvitationId) -> bool:
        """Return whether a mail about an invitation was sent."""
        values = {"w": workspace, "invitation": invitation}
        with self._connections.read() as connection:
            return connection.execute(_FIND_SENT, values).first() is not None


def mark_link_sent(connection: Connection, link: InvitationLink) -> None:
    """Record that the mail with a link was sent, which ends the links before it."""
    connection.execute(_MARK_SENT, {"hash": link.token_hash})
