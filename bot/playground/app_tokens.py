"""The tokens of the app's bot, in every workspace, and which of them still work."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock

from bot.playground.errors import SlackError

TOKEN_SECONDS = 43_200.0  # for which a token works that has a refresh token


@dataclass
class AppToken:
    """A token; it is the app's in a workspace, or in a whole organisation.

    `is_used_up` says that the refresh token was exchanged.
    """

    token: str
    tenant_id: str
    scopes: frozenset[str]
    user_id: str  # of the bot
    refresh_token: str = ""
    expires_at: float | None = None  # epoch, by the playground's clock
    is_used_up: bool = False
    is_revoked: bool = False
    is_uninstalled: bool = False


class AppTokens:
    """Issues and revokes tokens, and exchanges each refresh token once."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = RLock()
        self._tokens: dict[str, AppToken] = {}

    def issue(
        self,
        tenant_id: str,
        scopes: frozenset[str],
        user_id: str,
        *,
        is_rotated: bool = False,
    ) -> AppToken:
        """Return a new token; one that is rotated expires."""
        name = secrets.token_hex(12)
        token = AppToken(f"xoxb-playground-{name}", tenant_id, scopes, user_id)
        if is_rotated:
            token.token = f"xoxe.{token.token}"
            token.refresh_token = f"xoxe-1-playground-{secrets.token_hex(12)}"
            token.expires_at = self._now() + TOKEN_SECONDS
        with self._lock:
            self._tokens[token.token] = token
        return token

    def refresh(self, refresh_token: str) -> AppToken:
        """Exchange a refresh token; SlackError if it was used or revoked."""
        with self._lock:
            for token in self._tokens.values():
                is_dead = token.is_used_up or token.is_revoked or token.is_uninstalled
                if refresh_token and token.refresh_token == refresh_token:
                    if is_dead:
                        break
                    token.is_used_up = True
                    return self.issue(
                        token.tenant_id, token.scopes, token.user_id, is_rotated=True
                    )
        raise SlackError("invalid_refresh_token")

    def get_working(self, name: str) -> AppToken:
        """Return a token that works; SlackError for any other."""
        with self._lock:
            token = self._tokens.get(name)
        if token is None:
            raise SlackError("invalid_auth")
        if token.is_uninstalled:
            raise SlackError("account_inactive")
        if token.is_revoked:
            raise SlackError("token_revoked")
        if token.expires_at is not None and self._now() >= token.expires_at:
            raise SlackError("token_expired")
        return token

    def end_all(self, tenant_id: str) -> None:
        """End all tokens of a workspace or organisation: the app was uninstalled."""
        with self._lock:
            for token in self._tokens.values():
                if token.tenant_id == tenant_id:
                    token.is_uninstalled = True
