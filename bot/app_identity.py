"""Who the app is in the one workspace of its token: asked of Slack at the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slack_bolt.authorization import AuthorizeResult

from bot.config import Config, FatalError
from bot.operator_messages import describe_slack_problem
from bot.slack.client import build_web_client, call_api, read_text_field
from bot.slack.errors import SlackCallFailed
from collab.bus import Bus
from collab.model import Caller, WorkspaceId
from collab.people import InstallWorkspace
from collab.text import clean_text_line


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """The workspace of the app's token, and the app's account in it."""

    workspace_id: WorkspaceId
    workspace_name: str
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str


def fetch_app_identity(config: Config) -> AppIdentity:
    """Ask Slack once who the app is; raises FatalError."""
    client = build_web_client(config.bot_token, config.api_url)
    try:
        answer = call_api(client, "auth.test")
        workspace_id = WorkspaceId(read_text_field(answer, "team_id"))
        bot_user_id = read_text_field(answer, "user_id")
    except SlackCallFailed as error:
        raise FatalError(
            describe_slack_problem(error.code, "SLACK_BOT_TOKEN", config.api_url)
        ) from None
    return AppIdentity(
        workspace_id=workspace_id,
        workspace_name=answer.get("team") or workspace_id,
        enterprise_id=answer.get("enterprise_id"),
        bot_user_id=bot_user_id,
        bot_id=answer.get("bot_id") or "",
    )


def register_workspace(bus: Bus, identity: AppIdentity, at: datetime) -> None:
    """Record that the app is installed in its workspace."""
    command = InstallWorkspace(
        Caller(identity.workspace_id, None, "cli"),
        clean_text_line(identity.workspace_name),
        identity.bot_user_id,
        identity.enterprise_id,
    )
    bus.execute(command, at)


def build_authorize(
    identity: AppIdentity, token: str
) -> Callable[[str | None], AuthorizeResult | None]:
    """Return Bolt's authorization, which does not ask Slack at each request.

    Requests of the app's own workspace are answered as its bot, others as nobody.
    """
    result = AuthorizeResult(
        enterprise_id=identity.enterprise_id,
        team_id=identity.workspace_id,
        bot_token=token,
        bot_id=identity.bot_id,
        bot_user_id=identity.bot_user_id,
    )

    def authorize(team_id: str | None) -> AuthorizeResult | None:
        return result if team_id == identity.workspace_id else None

    return authorize
