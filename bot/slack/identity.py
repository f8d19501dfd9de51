"""Read from payloads which account a caller has, and build profiles from user objects.

Within a workspace, the user id identifies an account: Slack sends and accepts the id
alone wherever an app names a user (mentions, `users.info`, the channel of a direct
message). The team beside it may be the workspace, another workspace of the same
organisation, the organisation itself, or the workspace of a partner.
"""

from __future__ import annotations

import re
from typing import TypeGuard

from slack_bolt import BoltContext

from bot.slack.payloads import Body, read_field, read_object, read_text
from bot.slack.tenants import find_tenant
from collab.model import Account, Caller, WorkspaceId
from collab.people import PLATFORM_ACCOUNTS, UpdateProfile
from collab.text import clean_json_texts

MAX_TEXT_LENGTH = 4_000  # characters of each text of a user object
_SLACK_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_TRIGGER_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


class MalformedId(ValueError):
    """Report that a payload contains something else where Slack puts an id."""


def is_slack_id(value: object) -> TypeGuard[str]:
    """Return whether a value has the form of Slack's ids, such as U123 or T123."""
    return isinstance(value, str) and _SLACK_ID.fullmatch(value) is not None


def read_slack_id(value: object) -> str:
    """Return an id of Slack's; raise MalformedId for anything else."""
    if not is_slack_id(value):
        raise MalformedId("id")
    return value


def read_app_id(body: Body) -> str:
    """Return the id of the app that a payload is for; empty if it has none."""
    app_id = body.get("api_app_id")
    return app_id if is_slack_id(app_id) else ""


def read_trigger_id(value: object) -> str:
    """Return a trigger's or event's id; raise MalformedId for anything else."""
    if not isinstance(value, str) or not _TRIGGER_ID.fullmatch(value):
        raise MalformedId("trigger")
    return value


def account_from_user(workspace: WorkspaceId, user: object) -> Account:
    """Return the account of a user id in a workspace's payload."""
    return Account(workspace, read_slack_id(user))


def read_caller(
    body: Body, context: BoltContext, origin: str, idempotency_key: str
) -> Caller:
    """Return the sender of a command, action, submission or shortcut.

    An account of the workspace's organisation is named as one of the workspace; its
    profile says whether it is. The key identifies the payload.
    """
    if "user_id" in body:
        workspace = WorkspaceId(read_slack_id(find_tenant(context)))
        team, user_id = read_slack_id(body.get("team_id")), body["user_id"]
    else:
        user = read_object(body.get("user"))
        tenant = find_tenant(context) or read_field(body, "team", "id")
        workspace = WorkspaceId(read_slack_id(tenant))
        team = read_slack_id(user.get("team_id") or workspace)
        user_id = user.get("id")
    if _is_of_same_organisation(team, body, context):
        team = workspace
    account = Account(team, read_slack_id(user_id))
    return Caller(workspace, account, origin=origin, idempotency_key=idempotency_key)


def _is_of_same_organisation(team: str, body: Body, context: BoltContext) -> bool:
    """Return whether a user's team or payload names the installing organisation."""
    installation = context.authorize_result
    organisation = installation.enterprise_id if installation else None
    if organisation is None:
        return False
    return organisation in (team, _read_organisation_id(body))


def read_event_caller(body: Body, context: BoltContext) -> Caller:
    """Return the workspace of an event as a caller without an account."""
    workspace = WorkspaceId(read_slack_id(find_tenant(context)))
    event_id = read_trigger_id(body.get("event_id"))
    return Caller(workspace, None, origin="event", idempotency_key=f"event:{event_id}")


def build_profile_command(
    caller: Caller, user_object: object, company: str | None = None
) -> UpdateProfile:
    """Return the command that saves a user object of Slack's as a profile.

    `company` is the name of the person's workspace if it is another one.
    """
    user = read_object(clean_json_texts(user_object, MAX_TEXT_LENGTH))
    profile = read_object(user.get("profile"))
    team = read_slack_id(user.get("team_id") or caller.workspace)
    has_confirmed_email = user.get("is_email_confirmed", True)
    return UpdateProfile(
        caller,
        account=Account(team, read_slack_id(user.get("id"))),
        title=_read_display_name(user, profile),
        email=read_text(profile.get("email")) if has_confirmed_email else None,
        tz=read_text(user.get("tz")) or "UTC",
        locale=read_text(user.get("locale")),
        bot=is_automated(user),
        guest=is_guest(user),
        active=not user.get("deleted", False),
        admin=_is_admin(caller.workspace, user),
        teams=_read_team_ids(caller.workspace, user),
        is_external=bool(user.get("is_stranger")),
        company=company,
    )


def _read_display_name(user: Body, profile: Body) -> str:
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        user.get("real_name"),
        user.get("name"),
    )
    return next(filter(None, map(read_text, names)), "")


def is_automated(user: Body) -> bool:
    """Return whether an account is an app's, a workflow's or Slackbot's.

    Slack does not mark Slackbot as a bot.
    """
    return (
        bool(user.get("is_bot") or user.get("is_workflow_bot"))
        or user.get("id") in PLATFORM_ACCOUNTS
    )


def is_member(workspace: WorkspaceId, user: Body) -> bool:
    """Return whether an account is an active person's of the workspace.

    Guests are members, people of partners are not.
    """
    if is_automated(user) or user.get("deleted"):
        return False
    if user.get("team_id", workspace) == workspace:
        return True
    return workspace in _read_team_ids(workspace, user)


def is_guest(user: Body) -> bool:
    """Return whether an account is a guest's, of several channels or of one."""
    return bool(user.get("is_restricted") or user.get("is_ultra_restricted"))


def is_organisation(workspace: WorkspaceId) -> bool:
    """Return whether a tenant is an organisation, with workspaces of its own."""
    return workspace.startswith("E")


def _is_admin(workspace: WorkspaceId, user: Body) -> bool:
    """Return whether an account administrates the tenant, not just a part of it."""
    if is_organisation(workspace):
        user = read_object(user.get("enterprise_user"))
    return bool(user.get("is_admin") or user.get("is_owner"))


def _read_team_ids(workspace: WorkspaceId, user: Body) -> tuple[str, ...]:
    """Return an account's workspaces in its organisation, or else the organisation.

    An organisation that is the tenant has all accounts of its workspaces.
    """
    member = read_object(user.get("enterprise_user"))
    if member.get("enterprise_id") == workspace:
        return (workspace,)
    teams = member.get("teams")
    if isinstance(teams, list):
        team_ids = tuple(team for team in teams if is_slack_id(team))
        if team_ids:
            return team_ids
    organisation = member.get("enterprise_id") or user.get("enterprise_id")
    return (organisation,) if is_slack_id(organisation) else ()


def _read_organisation_id(body: Body) -> object:
    organisation = read_field(body, "enterprise", "id") or body.get("enterprise_id")
    return organisation or read_field(body, "team", "enterprise_id")
