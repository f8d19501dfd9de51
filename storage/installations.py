"""Where the app is installed by OAuth, with its tokens, which are stored encrypted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, text, update

from collab.installations import Installation, Tokens
from collab.model import WorkspaceId
from storage.connections import Connections
from storage.encryption import Encryption
from storage.sql import DatabaseNow, param
from storage.tables import installations, workspaces

BATCH_SIZE = 100  # rows that are encrypted anew in one transaction
_COLUMNS = installations.c
_NOW = DatabaseNow()
_INSERT_WORKSPACE = text(
    "INSERT INTO workspaces (id, title, bot, seq) VALUES (:w, '', '', 0)"
    " ON CONFLICT DO NOTHING"
)
_IS_OF_WORKSPACE = _COLUMNS.workspace == param("w")
_SELECT = select(
    *installations.c, workspaces.c.bot, workspaces.c.organisation
).join_from(installations, workspaces, workspaces.c.id == _COLUMNS.workspace)
_FIND = _SELECT.where(_IS_OF_WORKSPACE)
_SELECT_AFTER = (
    _SELECT.where(_COLUMNS.workspace > param("after"))
    .order_by(_COLUMNS.workspace)
    .limit(BATCH_SIZE)
)
_LIST_EXPIRING = (
    select(_COLUMNS.workspace)
    .where(_COLUMNS.refresh_token.is_not(None), _COLUMNS.expires_at <= param("before"))
    .order_by(_COLUMNS.workspace)
)
_INSERT = insert(installations)
DELETE_INSTALLATION = delete(installations).where(_IS_OF_WORKSPACE)
_IS_OF_GENERATION = _COLUMNS.generation == param("used")
_CLAIM_REFRESH = (
    update(installations)
    .where(_IS_OF_WORKSPACE, _IS_OF_GENERATION, _COLUMNS.refresh_until <= _NOW)
    .values(refresh_until=_NOW + param("seconds"))
)
_REPLACE_TOKENS = (
    update(installations)
    .where(_IS_OF_WORKSPACE, _IS_OF_GENERATION)
    .values(
        bot_token=param("new_token"),
        refresh_token=param("new_refresh_token"),
        expires_at=param("new_expiry"),
        generation=_COLUMNS.generation + 1,
        refresh_until=0.0,
    )
)
_REPLACE_CIPHERTEXTS = (
    update(installations)
    .where(_IS_OF_WORKSPACE, _COLUMNS.bot_token == param("old_token"))
    .values(bot_token=param("new_token"), refresh_token=param("new_refresh_token"))
)
_UPDATE_REVOKED_TEAMS = (
    update(installations).where(_IS_OF_WORKSPACE).values(revoked_teams=param("teams"))
)


class InstallationStore:
    """Saves and finds installations; raises UnreadableTokens without their secret."""

    def __init__(self, connections: Connections, encryption: Encryption) -> None:
        self._connections = connections
        self._encryption = encryption

    def save(self, installation: Installation) -> None:
        """Save an installation in place of the workspace's earlier one."""
        workspace = installation.workspace
        row: dict[str, Any] = {
            "workspace": workspace,
            **self._encrypt(workspace, installation.tokens),
            "expires_at": installation.tokens.expires_at,
            "scopes": " ".join(sorted(installation.scopes)),
            "installed_at": installation.installed_at,
        }
        with self._connections.write(workspace) as connection:
            connection.execute(_INSERT_WORKSPACE, {"w": workspace})
            earlier = connection.execute(_FIND, {"w": workspace}).first()
            row["generation"] = earlier.generation + 1 if earlier else 0
            connection.execute(DELETE_INSTALLATION, {"w": workspace})
            connection.execute(_INSERT, row)

    def find(self, workspace: WorkspaceId) -> Installation | None:
        """Return the installation of a workspace; None if there is none."""
        with self._connections.read() as connection:
            row = connection.execute(_FIND, {"w": workspace}).one_or_none()
        return self._installation_from_row(row) if row else None

    def list_expiring(self, before: datetime) -> Sequence[WorkspaceId]:
        """Return the workspaces whose token expires before a time and can be renewed."""
        with self._connections.read() as connection:
            rows = connection.execute(_LIST_EXPIRING, {"before": before})
            return list(rows.scalars())

    def claim_refresh(self, installation: Installation, lease: timedelta) -> bool:
        """Return whether the caller, alone, may use this refresh token for a while."""
        values = {
            "w": installation.workspace,
            "used": installation.generation,
            "seconds": lease.total_seconds(),
        }
        with self._connections.write() as connection:
            return connection.execute(_CLAIM_REFRESH, values).rowcount == 1

    def replace_tokens(self, used: Installation, tokens: Tokens) -> bool:
        """Save the tokens that a refresh token was exchanged for.

        Return False if another token has taken the place of the one that was used.
        """
        encrypted = self._encrypt(used.workspace, tokens)
        values = {
            "w": used.workspace,
            "used": used.generation,
            "new_token": encrypted["bot_token"],
            "new_refresh_token": encrypted["refresh_token"],
            "new_expiry": tokens.expires_at,
        }
        with self._connections.write() as connection:
            return connection.execute(_REPLACE_TOKENS, values).rowcount == 1

    def set_revoked_teams(
        self, workspace: WorkspaceId, team_ids: Collection[str]
    ) -> None:
        """Save which workspaces of an organisation may not use the app."""
        values = {"w": workspace, "teams": " ".join(sorted(team_ids))}
        with self._connections.write() as connection:
            connection.execute(_UPDATE_REVOKED_TEAMS, values)

    def encrypt_anew(self) -> int:
        """Encrypt all tokens with the first secret; return how many workspaces.

        A token that is replaced meanwhile is encrypted with it already.
        """
        count, after = 0, ""
        while rows := self._read_batch(after):
            after = rows[-1].workspace
            with self._connections.write() as connection:
                for row in rows:
                    encrypted = self._encrypt(row.workspace, self._decrypt(row))
                    values = {
                        "w": row.workspace,
                        "old_token": row.bot_token,
                        "new_token": encrypted["bot_token"],
                        "new_refresh_token": encrypted["refresh_token"],
                    }
                    count += connection.execute(_REPLACE_CIPHERTEXTS, values).rowcount
        return count

    def _read_batch(self, after: str) -> Sequence[Any]:
        with self._connections.read() as connection:
            return connection.execute(_SELECT_AFTER, {"after": after}).all()

    def _encrypt(self, workspace: WorkspaceId, tokens: Tokens) -> dict[str, str | None]:
        refresh_token = tokens.refresh_token
        encrypt = self._encryption.encrypt
        return {
            "bot_token": encrypt(workspace, tokens.bot_token),
            "refresh_token": refresh_token and encrypt(workspace, refresh_token),
        }

    def _decrypt(self, row: Any) -> Tokens:
        decrypt = self._encryption.decrypt
        return Tokens(
            decrypt(row.workspace, row.bot_token),
            row.refresh_token and decrypt(row.workspace, row.refresh_token),
            row.expires_at,
        )

    def _installation_from_row(self, row: Any) -> Installation:
        return Installation(
            workspace=WorkspaceId(row.workspace),
            tokens=self._decrypt(row),
            scopes=frozenset(row.scopes.split()),
            installed_at=row.installed_at,
            bot_user_id=row.bot,
            organisation=row.organisation,
            revoked_teams=frozenset(row.revoked_teams.split()),
            generation=row.generation,
        )
