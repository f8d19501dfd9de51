"""The app's access to a workspace, or to a whole organisation: data without rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from collab.model import WorkspaceId


@dataclass(frozen=True, slots=True)
class Tokens:
    """A bot's token and, if tokens rotate, when it expires and what renews it."""

    bot_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """The app in a workspace, or in an organisation.

    `organisation` is the one of the workspace. `revoked_teams` are the workspaces of an
    organisation that may not use the app any more. `generation` counts refresh tokens.
    """

    workspace: WorkspaceId
    tokens: Tokens
    scopes: frozenset[str]
    installed_at: datetime
    bot_user_id: str = ""
    organisation: str | None = None
    revoked_teams: frozenset[str] = frozenset()
    generation: int = 0


class UnreadableTokens(Exception):
    """The tokens of a workspace cannot be decrypted by any of the secrets.

    Shows neither them nor a secret.
    """

    def __init__(self, workspace: WorkspaceId) -> None:
        super().__init__(workspace)
        self.workspace = workspace


class InstallationStore(Protocol):
    """Saves and finds installations; raises UnreadableTokens without their secret."""

    def save(self, installation: Installation) -> None:
        """Save an installation in place of the workspace's earlier one."""

    def find(self, workspace: WorkspaceId) -> Installation | None:
        """Return the installation of a workspace; None if there is none."""

    def list_expiring(self, before: datetime) -> Sequence[WorkspaceId]:
        """Return the workspaces whose token expires before a time and can be renewed."""

    def claim_refresh(self, installation: Installation, lease: timedelta) -> bool:
        """Return whether the caller, alone, may use this refresh token for a while."""

    def replace_tokens(self, used: Installation, tokens: Tokens) -> bool:
        """Save the tokens that a refresh token was exchanged for.

        Return False if another token has taken the place of the one that was used.
        """

    def set_revoked_teams(
        self, workspace: WorkspaceId, team_ids: Collection[str]
    ) -> None:
        """Save which workspaces of an organisation may not use the app."""


class StateStore(Protocol):
    """Keeps the states of visits to the page that installs the app."""

    def save(self, state: str, at: datetime) -> None:
        """Save a new state, which is valid for some minutes."""

    def use(self, state: str, at: datetime) -> bool:
        """Return whether a state is valid; it is not any more afterwards."""
