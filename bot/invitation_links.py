"""Make the links in mails about invitations, and find what a link is about.

A token is derived from a secret, so that only its hash needs to be stored. Who reads
the database alone makes no link, and one whose secret was withdrawn works no more.
"""

from __future__ import annotations

import hmac
import logging
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

from collab.invitations.links import InvitationLink, Sending, StoredLink
from collab.model import InvitationId, WorkspaceId

log = logging.getLogger("collab.web")

PAGE_PATH = "/i/"
STOP_PATH = "/stop"  # behind a link, where mail programs stop reminders
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits


class LinkStore(Protocol):
    """Where links are stored."""

    def save_link(self, link: InvitationLink) -> None:
        """Save a link that is about to be sent."""

    def find_link(self, token_hash: str) -> StoredLink | None:
        """Return the link whose token has this hash."""

    def was_mailed(self, workspace: WorkspaceId, invitation: InvitationId) -> bool:
        """Return whether a mail about an invitation was sent."""


class InvitationLinks:
    """Makes links with the first secret, and checks them with all."""

    def __init__(self, base_url: str, secrets: Sequence[str], store: LinkStore) -> None:
        self.base_url = base_url
        self._secrets = secrets
        self._store = store

    def create_link(self, sending: Sending) -> tuple[str, InvitationLink]:
        """Return the URL of a sending's link, which works from now on, and its record."""
        token = _derive_token(self._secrets[0], sending)
        link = InvitationLink(sending, _hash_token(token))
        self._store.save_link(link)
        return f"{self.base_url}{PAGE_PATH}{token}", link

    def was_mailed(self, workspace: WorkspaceId, invitation: InvitationId) -> bool:
        """Return whether a mail about an invitation was sent."""
        return self._store.was_mailed(workspace, invitation)

    def find_link(self, token: str) -> StoredLink | None:
        """Return what a link is about; None for a token that none of the secrets made.

        The log says why, for the operator, without the token.
        """
        if not TOKEN.fullmatch(token):
            log.info(
                "a link was opened whose token is cut off or has something behind it"
            )
            return None
        stored = self._store.find_link(_hash_token(token))
        if stored is None:
            log.info("a link was opened that this database doesn't have")
            return None
        expected = (_derive_token(secret, stored.sending) for secret in self._secrets)
        if any(hmac.compare_digest(token, each) for each in expected):
            return stored
        log.info(
            "the link of invitation %s was opened; its secret is no longer in COLLAB_SECRET",
            stored.sending.invitation,
        )
        return None


def _derive_token(secret: str, sending: Sending) -> str:
    parts = (sending.workspace, sending.invitation, sending.person, str(sending.seq))
    text = " ".join(("invitation", *parts))
    digest = hmac.digest(secret.encode(), text.encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _hash_token(token: str) -> str:
    return sha256(token.encode()).hexdigest()
