"""States of visits to Slack's page that installs the app: each is used once."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, insert

from storage.connections import Connections
from storage.sql import param
from storage.tables import oauth_states

STATE_LIFETIME = timedelta(minutes=5)
_COLUMNS = oauth_states.c
_INSERT = insert(oauth_states)
_DELETE_VALID = delete(oauth_states).where(
    _COLUMNS.state_hash == param("hash"), _COLUMNS.expires_at > param("at")
)
_DELETE_EXPIRED = delete(oauth_states).where(_COLUMNS.expires_at <= param("at"))


class OAuthStateStore:
    """Saves hashes of states; the states themselves are in browsers alone."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save(self, state: str, at: datetime) -> None:
        """Save a new state, which is valid for STATE_LIFETIME."""
        row = {"state_hash": _hash(state), "expires_at": at + STATE_LIFETIME}
        with self._connections.write() as connection:
            connection.execute(_INSERT, row)

    def use(self, state: str, at: datetime) -> bool:
        """Return whether a state is valid; it is not any more afterwards."""
        values = {"hash": _hash(state), "at": at}
        with self._connections.write() as connection:
            return connection.execute(_DELETE_VALID, values).rowcount == 1

    def delete_expired(self, at: datetime) -> int:
        """Delete the states that were not used in time; return how many."""
        with self._connections.write() as connection:
            return connection.execute(_DELETE_EXPIRED, {"at": at}).rowcount


def _hash(state: str) -> str:
    return sha256(state.encode()).hexdigest()
