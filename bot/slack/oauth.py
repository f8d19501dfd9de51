"""Install the app by OAuth: Slack's page, and the tokens that it leads to.

The flow is https://docs.slack.dev/authentication/installing-with-oauth, the renewal
https://docs.slack.dev/authentication/using-token-rotation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from slack_sdk import WebClient

from bot.config import Config
from bot.slack.client import call_api, read_text_field
from bot.slack.errors import SlackCallFailed
from bot.slack.identity import is_slack_id
from bot.slack.oauth_credentials import OAuthCredentials
from bot.slack.payloads import read_field, read_object
from collab.installations import Installation, Tokens
from collab.model import WorkspaceId

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
METHOD = "oauth.v2.access"


@dataclass(frozen=True, slots=True)
class Granted:
    """What somebody granted on Slack's page; `title` names the workspace."""

    installation: Installation
    title: str
    app_id: str


class SlackOAuth:
    """Sends people to Slack's page, and exchanges what they bring back for tokens.

    `client` has no token of its own. The calls raise SlackCallFailed.
    """

    def __init__(
        self,
        credentials: OAuthCredentials,
        client: WebClient,
        now: Callable[[], datetime],
    ) -> None:
        self._credentials = credentials
        self._client = client
        self._now = now

    def build_authorize_url(self, state: str, scopes: Collection[str]) -> str:
        """Return the address of Slack's page, which sends `state` back."""
        query = {
            "client_id": self._credentials.client_id,
            "scope": ",".join(sorted(scopes)),
            "redirect_uri": self._credentials.redirect_uri,
            "state": state,
        }
        site = self._client.base_url.removesuffix("/").removesuffix("/api")
        return f"{site}/oauth/v2/authorize?{urlencode(query)}"

    @property
    def install_url(self) -> str:
        """Return the address of our page that installs the app."""
        base_url = self._credentials.redirect_uri.removesuffix(REDIRECT_PATH)
        return f"{base_url}{INSTALL_PATH}"

    def exchange_code(self, code: str) -> Granted:
        """Return what was granted; the code is used up."""
        answer = self._call(code=code, redirect_uri=self._credentials.redirect_uri)
        workspace = _read_tenant(answer)
        installation = Installation(
            workspace=workspace,
            tokens=self._read_tokens(answer),
            scopes=frozenset(str(answer.get("scope") or "").split(",")),
            installed_at=self._now(),
            bot_user_id=read_text_field(answer, "bot_user_id"),
            organisation=_read_organisation(answer),
        )
        kind = "enterprise" if workspace == installation.organisation else "team"
        title = read_object(answer.get(kind)).get("name")
        return Granted(
            installation, str(title or workspace), str(answer.get("app_id") or "")
        )

    def renew_tokens(self, refresh_token: str) -> Tokens:
        """Return the tokens that a refresh token stands for; it is used up."""
        return self._read_tokens(
            self._call(grant_type="refresh_token", refresh_token=refresh_token)
        )

    def _call(self, **form: str) -> dict[str, Any]:
        return call_api(
            self._client,
            METHOD,
            client_id=self._credentials.client_id,
            client_secret=self._credentials.client_secret,
            **form,
        )

    def _read_tokens(self, answer: Mapping[str, Any]) -> Tokens:
        bot_token = read_text_field(answer, "access_token")
        refresh_token = answer.get("refresh_token")
        seconds = answer.get("expires_in")
        if not refresh_token or not isinstance(seconds, int):
            return Tokens(bot_token)
        expires_at = self._now() + timedelta(seconds=seconds)
        return Tokens(bot_token, str(refresh_token), expires_at)


def _read_tenant(answer: Mapping[str, Any]) -> WorkspaceId:
    """Return the organisation if the app is installed there, else the workspace."""
    kind = "enterprise" if answer.get("is_enterprise_install") is True else "team"
    tenant = read_field(answer, kind, "id")
    if not is_slack_id(tenant):
        raise SlackCallFailed("bad_answer")
    return WorkspaceId(tenant)


def _read_organisation(answer: Mapping[str, Any]) -> str | None:
    organisation = read_field(answer, "enterprise", "id")
    return organisation if is_slack_id(organisation) else None


def is_install_path(path: str) -> bool:
    """Return whether a path is of the pages that install the app."""
    is_below = path == INSTALL_PATH or path.startswith(f"{INSTALL_PATH}/")
    return is_below or path == REDIRECT_PATH


def build_oauth(
    config: Config, client: WebClient, now: Callable[[], datetime]
) -> SlackOAuth | None:
    """Return what installs the app; None if the settings have a token of their own."""
    is_set = config.base_url and config.client_id and config.client_secret
    if not config.serves_many_workspaces or not is_set:
        return None
    credentials = OAuthCredentials(
        config.client_id or "",
        config.client_secret or "",
        f"{config.base_url}{REDIRECT_PATH}",
    )
    return SlackOAuth(credentials, client, now)
