"""Which workspace a Web API call is about: by its token, its team_id, its subject."""

from collections.abc import Callable, Sequence

from bot.playground.app_tokens import AppToken
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json

# An organisation's token alone does not say of which workspace they ask.
METHODS_WITH_TEAM = frozenset({"users.list"})


def choose_workspace(
    states: Sequence[PlaygroundState],
    token: AppToken,
    method: str,
    team_id: str,
    args: Json,
) -> PlaygroundState:
    """Return the workspace of a call; SlackError if its token is not for that one.

    A workspace's token ignores `team_id`, as Slack does.
    """
    for state in states:
        if state.workspace.team_id == token.tenant_id:
            return state
    members = [s for s in states if s.workspace.organisation == token.tenant_id]
    granted = [state for state in members if state.is_installed]
    if team_id and team_id != token.tenant_id:
        return _choose_by_team(granted, team_id)
    if not team_id and method in METHODS_WITH_TEAM:
        raise SlackError("missing_argument")
    if not granted:
        raise SlackError("team_access_not_granted")
    return next((s for s in granted if _has_subject(s, args)), granted[0])


def _choose_by_team(
    granted: Sequence[PlaygroundState], team_id: str
) -> PlaygroundState:
    for state in granted:
        if state.workspace.team_id == team_id:
            return state
    raise SlackError("team_access_not_granted")


def _has_subject(state: PlaygroundState, args: Json) -> bool:
    """Return whether the subject that a call names is of this workspace."""
    workspace = state.workspace
    first_user = str(args.get("users") or "").partition(",")[0]
    has: dict[str, Callable[[str], bool]] = {
        "channel": lambda name: (
            name in workspace.channels or name in workspace.accounts
        ),
        "channel_id": workspace.channels.__contains__,
        "user": workspace.accounts.__contains__,
        "user_id": workspace.accounts.__contains__,
        "trigger_id": state.triggers.__contains__,
        "view_id": lambda name: workspace.find_view(name) is not None,
        "team": lambda name: name == workspace.team_id,
    }
    if first_user:
        return first_user in workspace.accounts
    return any(args.get(key) and test(str(args[key])) for key, test in has.items())
