"""Identity: which account a payload names, and what Slack's user objects say of an account.

Within a workspace the user id is the identity of an account: Slack takes and gives it alone wherever it names somebody
to an app (mentions, `users.info`, the channel of a direct message). The team beside it may be the workspace, another
workspace of the same organisation, the organisation itself, or a partner's workspace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltContext

from collab.model import Account, Caller
from collab.people import PLATFORM_ACCOUNTS, UpdateProfile
from collab.text import clean_json_texts

Body = Mapping[str, Any]

MAX_TEXT_LENGTH = 4_000  # characters of what Slack says that are kept
_SLACK_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_TRIGGER_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


class MalformedId(ValueError):
    """A payload holds something else where Slack puts an id."""


def is_slack_id(value: object) -> bool:
    """Say whether a value has the shape of the id of a user, a team, a channel or a view."""
    return isinstance(value, str) and _SLACK_ID.fullmatch(value) is not None


def read_slack_id(value: object) -> str:
    """Return the id of a user, a team, a channel or a view; raise MalformedId for anything else."""
    if not isinstance(value, str) or not _SLACK_ID.fullmatch(value):
        raise MalformedId("id")
    return value


def read_trigger_id(value: object) -> str:
    """Return a trigger id or the id of an event; raise MalformedId for anything else."""
    if not isinstance(value, str) or not _TRIGGER_ID.fullmatch(value):
        raise MalformedId("trigger")
    return value


def account_from_user(workspace: str, user: object) -> Account:
    """Return the account that a workspace knows by a user id: mentioned, chosen, or named by an event."""
    return Account(workspace, read_slack_id(user))


def read_caller(body: Body, context: BoltContext, door: str, delivery: str) -> Caller:
    """Return who sent a command, a press, a form or a shortcut, and in which workspace.

    An account of the workspace's organisation is named as one of the workspace; its profile says whether it is.
    """
    if "user_id" in body:
        workspace = read_slack_id(context.team_id or body.get("team_id"))
        return Caller(
            workspace,
            Account(read_slack_id(body.get("team_id")), read_slack_id(body["user_id"])),
            door,
            delivery,
        )
    user = _read_object(body.get("user"))
    workspace = read_slack_id(
        context.team_id or _read_object(body.get("team")).get("id")
    )
    team = read_slack_id(user.get("team_id") or workspace)
    installed = context.authorize_result
    organisation = installed.enterprise_id if installed else None
    ours = organisation is not None and organisation in {
        team,
        _read_organisation_id(body),
    }
    return Caller(
        workspace,
        Account(workspace if ours else team, read_slack_id(user.get("id"))),
        door,
        delivery,
    )


def read_event_caller(body: Body, context: BoltContext) -> Caller:
    """Return the workspace that an event is of; nobody's account acts."""
    workspace = read_slack_id(context.team_id or body.get("team_id"))
    return Caller(
        workspace, None, "event", f"event:{read_trigger_id(body.get('event_id'))}"
    )


def build_profile_command(by: Caller, said: object) -> UpdateProfile:
    """Return Slack's user object as the action that keeps it."""
    user = _read_object(clean_json_texts(said, MAX_TEXT_LENGTH))
    profile = _read_object(user.get("profile"))
    titles = (
        profile.get("display_name"),
        profile.get("real_name"),
        user.get("real_name"),
        user.get("name"),
    )
    return UpdateProfile(
        by,
        Account(
            read_slack_id(user.get("team_id") or by.workspace),
            read_slack_id(user.get("id")),
        ),
        next(filter(None, map(_read_text, titles)), ""),
        _read_text(profile.get("email"))
        if user.get("is_email_confirmed", True)
        else None,
        _read_text(user.get("tz")) or "UTC",
        _read_text(user.get("locale")),
        is_automated(user),
        is_guest(user),
        not user.get("deleted", False),
        bool(user.get("is_admin") or user.get("is_owner")),
        _read_team_ids(user),
        bool(user.get("is_stranger")),
    )


def is_automated(user: Body) -> bool:
    """Say whether no human uses an account: apps, workflows, and Slackbot, of which Slack says that it is no bot."""
    return (
        bool(user.get("is_bot") or user.get("is_workflow_bot"))
        or user.get("id") in PLATFORM_ACCOUNTS
    )


def is_member(workspace: str, user: Body) -> bool:
    """Say whether an account is a human being's, active, and one of the workspace: guests too, partners not."""
    belongs = user.get(
        "team_id", workspace
    ) == workspace or workspace in _read_team_ids(user)
    return belongs and not is_automated(user) and not user.get("deleted")


def is_guest(user: Body) -> bool:
    """Say whether an account is a guest of several channels or of one."""
    return bool(user.get("is_restricted") or user.get("is_ultra_restricted"))


def _read_team_ids(user: Body) -> tuple[str, ...]:
    """Return the workspaces of an organisation that an account is in, or the organisation where they are not named."""
    member = _read_object(user.get("enterprise_user"))
    teams = member.get("teams")
    named = (
        [team for team in teams if is_slack_id(team)] if isinstance(teams, list) else []
    )
    organisation = member.get("enterprise_id") or user.get("enterprise_id")
    return tuple(named) or (
        (organisation,)
        if isinstance(organisation, str) and is_slack_id(organisation)
        else ()
    )


def _read_organisation_id(body: Body) -> object:
    return _read_object(body.get("enterprise")).get("id") or _read_object(
        body.get("team")
    ).get("enterprise_id")


def _read_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _read_object(value: object) -> Body:
    return value if isinstance(value, Mapping) else {}
