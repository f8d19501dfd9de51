"""Install the app in a workspace or in a whole organisation, and uninstall it."""

from collections.abc import Iterable

from bot.playground import delivery
from bot.playground.app_tokens import AppToken
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json

FINAL_EVENTS = ("tokens_revoked", "app_uninstalled")


def install_app(
    state: PlaygroundState, scopes: frozenset[str], *, is_rotated: bool = False
) -> AppToken:
    """Install the app in one workspace and return its token."""
    if state.is_organisation_install and state.is_installed:
        raise SlackError("cannot_install_an_org_installed_app")
    workspace = state.workspace
    token = state.tokens.issue(
        workspace.team_id, scopes, workspace.bot_user_id, is_rotated=is_rotated
    )
    _add_bot(state, scopes, is_organisation_install=False)
    state.bot_token = token.token
    return token


def install_in_organisation(
    states: Iterable[PlaygroundState],
    scopes: frozenset[str],
    *,
    is_rotated: bool = False,
) -> AppToken:
    """Install the app in all workspaces of an organisation and return its token."""
    members = list(states)
    first = members[0]
    token = first.tokens.issue(
        str(first.workspace.organisation),
        scopes,
        first.workspace.bot_user_id,
        is_rotated=is_rotated,
    )
    for state in members:
        state.tokens.end_all(state.workspace.team_id)
        _add_bot(state, scopes, is_organisation_install=True)
    return token


def _add_bot(
    state: PlaygroundState, scopes: frozenset[str], *, is_organisation_install: bool
) -> None:
    with state.workspace.lock:
        state.workspace.update_account(state.workspace.bot_user_id, deleted=False)
        state.scopes = scopes
        state.is_organisation_install = is_organisation_install
        state.workspace.app_installed_in = state.tenant_id
        state.is_installed = True
    _publish(state)


def remove_bot(state: PlaygroundState) -> None:
    """Take the app's bot from a workspace and from its channels."""
    workspace = state.workspace
    with workspace.lock:
        state.is_installed = False
        workspace.update_account(workspace.bot_user_id, deleted=True)
        for channel in workspace.channels.values():
            if channel.kind != "im" and workspace.bot_user_id in channel.members:
                channel.members.remove(workspace.bot_user_id)
        workspace.modal_stacks.clear()
        workspace.home_views.clear()
    _publish(state)


def _publish(state: PlaygroundState) -> None:
    state.stream.publish({"type": "users"})
    state.publish_channels()


def uninstall_app(
    state: PlaygroundState,
    event_types: Iterable[str] = FINAL_EVENTS,
    wait: bool = False,
) -> None:
    """Uninstall the app from where it is installed, a workspace or an organisation.

    Its tokens end, and its last events are sent in the order of `event_types`.
    """
    state.tokens.end_all(state.tenant_id)
    bot_user_id = state.workspace.bot_user_id
    final_events: dict[str, Json] = {
        "tokens_revoked": {"tokens": {"oauth": [], "bot": [bot_user_id]}},
        "app_uninstalled": {},
    }
    for other in state.list_installed_together():
        remove_bot(other)
    for event_type in event_types:
        event = {"type": event_type, **final_events[event_type]}
        delivery.emit_final_event(state, event, wait)
    for other in state.list_installed_together():
        other.is_organisation_install = False


def revoke_token(state: PlaygroundState, token: AppToken) -> None:
    """Revoke one token and send tokens_revoked; the app stays installed."""
    token.is_revoked = True
    event = {"tokens": {"oauth": [], "bot": [token.user_id]}}
    delivery.emit_final_event(state, {"type": "tokens_revoked", **event})


def change_team_access(
    state: PlaygroundState, *, is_granted: bool, wait: bool = False
) -> None:
    """Give a workspace of the organisation to the installed app, or take it away.

    Sends team_access_granted or team_access_revoked; SlackError if the app is not
    installed in the organisation.
    """
    if not state.is_organisation_install:
        raise SlackError("team_not_found")
    if state.is_installed == is_granted:
        return
    if is_granted:
        _add_bot(state, state.scopes, is_organisation_install=True)
    else:
        remove_bot(state)
    name = "team_access_granted" if is_granted else "team_access_revoked"
    event = {"type": name, "team_ids": [state.workspace.team_id]}
    delivery.emit_final_event(state, event, wait)
