"""Whose data a payload is about: the workspace, or the organisation that has the app."""

from __future__ import annotations

from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult

from collab.model import WorkspaceId


class TenantAuthorization(AuthorizeResult):
    """The app's account for one request; `tenant` is whose data the request is about."""

    def __init__(
        self,
        tenant: WorkspaceId,
        *,
        organisation: str | None = None,
        bot_token: str | None = None,
        bot_user_id: str | None = None,
    ) -> None:
        super().__init__(
            enterprise_id=organisation,
            team_id=tenant,
            bot_token=bot_token,
            bot_user_id=bot_user_id,
        )
        self.tenant = tenant


def find_tenant(context: BoltContext) -> str | None:
    """Return the tenant of a payload, installed or not, as Slack names it."""
    result = context.authorize_result
    if isinstance(result, TenantAuthorization):
        return result.tenant
    # There is no installation, or Bolt looks for none as the app was just removed.
    is_organisation = context.is_enterprise_install and not context.bot_token
    team_id = None if is_organisation else context.team_id
    return team_id or context.enterprise_id or context.team_id
