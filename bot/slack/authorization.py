"""The app's account in many workspaces, for each request, from the database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult

from bot.operator_messages import describe_unreadable_tokens
from bot.slack.installed_tokens import InstalledTokens
from bot.slack.tenants import TenantAuthorization
from collab.installations import Installation, UnreadableTokens
from collab.model import WorkspaceId
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")


def build_installed_authorize(
    tokens: InstalledTokens,
) -> Callable[..., AuthorizeResult | None]:
    """Return Bolt's authorization for many workspaces, which does not ask Slack."""

    def authorize(
        context: BoltContext, enterprise_id: str | None, team_id: str | None
    ) -> AuthorizeResult | None:
        for tenant in _list_tenants(context, enterprise_id, team_id):
            try:
                installation = tokens.find(tenant)
            except UnreadableTokens as error:
                log.error(describe_unreadable_tokens(error.workspace))  # noqa: TRY400 - says everything
                return TenantAuthorization(tenant)
            except Unavailable:
                return TenantAuthorization(tenant)  # storage says so to the caller
            if installation:
                return _authorize(installation, team_id)
        return None

    return authorize


def _authorize(
    installation: Installation, team_id: str | None
) -> AuthorizeResult | None:
    """Return the app's account, unless it was taken from that workspace."""
    if team_id in installation.revoked_teams:
        return None
    return TenantAuthorization(
        installation.workspace,
        organisation=installation.organisation,
        bot_token=installation.tokens.bot_token,
        bot_user_id=installation.bot_user_id,
    )


def _list_tenants(
    context: BoltContext, enterprise_id: str | None, team_id: str | None
) -> Iterator[WorkspaceId]:
    """Yield who may have the app: what Slack names as the installation first."""
    tenants = [team_id, enterprise_id]
    if context.is_enterprise_install:
        tenants.reverse()
    yield from (WorkspaceId(each) for each in tenants if each)
