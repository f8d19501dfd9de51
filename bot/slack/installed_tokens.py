"""The app's tokens in many workspaces: found in the database, renewed in time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from slack_sdk import WebClient

from bot.config import Config
from bot.operator_messages import describe_unreadable_tokens
from bot.slack.errors import SlackCallFailed
from bot.slack.oauth import SlackOAuth, build_oauth
from collab.installations import (
    Installation,
    InstallationStore,
    Tokens,
    UnreadableTokens,
)
from collab.model import WorkspaceId
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")

BURST_SECONDS = 2.0  # for which an installation is kept in memory
MAX_CACHED = 1_000  # installations
RENEW_BEFORE = timedelta(hours=2)  # tokens are valid for twelve
RENEWAL_LEASE = timedelta(seconds=30)  # longer than a call of Slack's takes
WAIT_SECONDS = 8.0  # for a token in place of an expired one
POLL_SECONDS = 0.05
MAX_THREADS = 2
SAVE_ATTEMPTS, SAVE_PAUSE_SECONDS = 20, 0.5


class InstalledTokens:
    """Finds the installation of a workspace, and renews its token before it expires.

    For all threads of a process. Renewing runs in threads of its own, so that no
    deadline of a request ends it between Slack's answer and the database.
    """

    def __init__(
        self, store: InstallationStore, oauth: SlackOAuth, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self.oauth = oauth
        self._now = now
        self._cached: dict[WorkspaceId, tuple[float, Installation | None]] = {}
        self._executor = ThreadPoolExecutor(MAX_THREADS, "renewals")
        self._renewals: dict[WorkspaceId, Future[Installation | None]] = {}
        self._lock = Lock()

    @property
    def install_url(self) -> str:
        """Return the address of the page that installs the app."""
        return self.oauth.install_url

    def get_token(self, workspace: WorkspaceId) -> str:
        """Return the app's token in a workspace; raises SlackCallFailed."""
        installation = self._get(workspace)
        if self._is_expired(installation):
            raise SlackCallFailed("token_not_renewed")
        return installation.tokens.bot_token

    def get_scopes(self, workspace: WorkspaceId) -> frozenset[str]:
        """Return what the app may do in a workspace; raises SlackCallFailed."""
        return self._get(workspace).scopes

    def _get(self, workspace: WorkspaceId) -> Installation:
        try:
            installation = self.find(workspace)
        except UnreadableTokens as error:
            log.error(describe_unreadable_tokens(error.workspace))  # noqa: TRY400 - says everything
            raise SlackCallFailed("tokens_unreadable") from None
        except Unavailable:
            raise SlackCallFailed("tokens_unreadable") from None
        if installation is None:
            raise SlackCallFailed("not_installed")
        return installation

    def find(self, workspace: WorkspaceId) -> Installation | None:
        """Return the installation of a workspace with a token that is valid, if Slack
        renews it in time; raises UnreadableTokens and Unavailable.
        """
        installation = self._read(workspace)
        if installation is None or not self._is_expiring(installation):
            return installation
        renewal = self._start_renewal(workspace)
        if not self._is_expired(installation):
            return installation
        try:
            return renewal.result(WAIT_SECONDS)
        except TimeoutError:
            return installation

    def save(self, installation: Installation) -> None:
        """Save an installation in place of the workspace's earlier one."""
        self._store.save(installation)
        self.forget(installation.workspace)

    def change_teams(
        self, workspace: WorkspaceId, team_ids: Collection[str], *, is_granted: bool
    ) -> None:
        """Save which workspaces of an organisation may use the app from now on."""
        installation = self._store.find(workspace)
        if installation is None:
            return
        revoked = installation.revoked_teams - set(team_ids)
        if not is_granted:
            revoked |= set(team_ids)
        self._store.set_revoked_teams(workspace, revoked)
        self.forget(workspace)

    def forget(self, workspace: WorkspaceId) -> None:
        """Read an installation anew at its next use."""
        with self._lock:
            self._cached.pop(workspace, None)

    def renew_expiring(self) -> None:
        """Renew all tokens that expire soon, one after the other."""
        for workspace in self._store.list_expiring(self._now() + RENEW_BEFORE):
            self._start_renewal(workspace).result()

    def _read(self, workspace: WorkspaceId) -> Installation | None:
        with self._lock:
            valid_until, cached = self._cached.get(workspace, (0.0, None))
        if time.monotonic() < valid_until:
            return cached
        return self._read_anew(workspace)

    def _read_anew(self, workspace: WorkspaceId) -> Installation | None:
        installation = self._store.find(workspace)
        with self._lock:
            if len(self._cached) >= MAX_CACHED:
                self._cached.clear()
            valid_until = time.monotonic() + BURST_SECONDS
            self._cached[workspace] = valid_until, installation
        return installation

    def _is_expiring(self, installation: Installation) -> bool:
        tokens = installation.tokens
        if tokens.refresh_token is None or tokens.expires_at is None:
            return False
        return self._now() >= tokens.expires_at - RENEW_BEFORE

    def _is_expired(self, installation: Installation) -> bool:
        expires_at = installation.tokens.expires_at
        return expires_at is not None and self._now() >= expires_at

    def _start_renewal(self, workspace: WorkspaceId) -> Future[Installation | None]:
        """Return the renewal of a workspace's token that is under way, or a new one."""
        with self._lock:
            renewal = self._renewals.get(workspace)
            if renewal is None or renewal.done():
                renewal = self._executor.submit(self._renew, workspace)
                self._renewals[workspace] = renewal
            return renewal

    def _renew(self, workspace: WorkspaceId) -> Installation | None:
        """Renew a token, unless another process does or has done it."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            installation = self._read_anew(workspace)
            if installation is None or not self._is_expiring(installation):
                return installation
            if self._store.claim_refresh(installation, RENEWAL_LEASE):
                return self._exchange(installation)
            is_usable = not self._is_expired(installation)
            if is_usable or time.monotonic() >= end:
                return installation
            time.sleep(POLL_SECONDS)

    def _exchange(self, installation: Installation) -> Installation | None:
        """Use the refresh token, which this process alone has claimed."""
        workspace = installation.workspace
        try:
            tokens = self.oauth.renew_tokens(installation.tokens.refresh_token or "")
        except SlackCallFailed as failure:
            # It is tried again when the claim has ended.
            log.warning("workspace %s: token not renewed: %s", workspace, failure.code)
            return installation
        if self._save_renewed(installation, tokens):
            renewed = replace(
                installation, tokens=tokens, generation=installation.generation + 1
            )
            with self._lock:
                valid_until = time.monotonic() + BURST_SECONDS
                self._cached[workspace] = valid_until, renewed
            return renewed
        return self._read_anew(workspace)

    def _save_renewed(self, used: Installation, tokens: Tokens) -> bool:
        """Save tokens, again and again: the one that was used is worth nothing now."""
        for attempt in range(1, SAVE_ATTEMPTS + 1):
            try:
                return self._store.replace_tokens(used, tokens)
            except Unavailable:
                if attempt < SAVE_ATTEMPTS:
                    time.sleep(SAVE_PAUSE_SECONDS)
        log.error(
            "workspace %s: a renewed token can't be saved: install Collab there again",
            used.workspace,
        )
        return False


def build_tokens(
    config: Config,
    client: WebClient,
    store: InstallationStore,
    now: Callable[[], datetime],
) -> InstalledTokens | None:
    """Return the tokens of many workspaces; None if the settings have the one token."""
    oauth = build_oauth(config, client, now)
    return InstalledTokens(store, oauth, now) if oauth else None
