"""Payloads that Slack sends to the app, complete as in its documentation."""

from bot.playground import serializers
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Channel, Json, Message, SlackAccount, View

VERIFICATION_TOKEN = "playground-verification-token"  # noqa: S105  deprecated, but sent


def build_command(
    state: PlaygroundState,
    account: SlackAccount,
    channel: Channel,
    *,
    name: str,
    text: str,
    response_url: str,
) -> Json:
    """Return the fields of a slash command, all of them text."""
    names = {"im": "directmessage", "private": "privategroup"}
    return {
        **_enterprise_fields(state),
        "token": VERIFICATION_TOKEN,
        "team_id": state.workspace.team_id,
        "team_domain": state.workspace.domain,
        "channel_id": channel.id,
        "channel_name": names.get(channel.kind, channel.name),
        "user_id": account.id,
        "user_name": account.name,
        "command": name,
        "text": text,
        "api_app_id": state.workspace.app_id,
        "is_enterprise_install": str(state.is_organisation_install).lower(),
        "response_url": response_url,
        "trigger_id": state.issue_trigger(account.id),
    }


def _build_enterprise(state: PlaygroundState) -> Json | None:
    workspace = state.workspace
    if not workspace.organisation:
        return None
    return {"id": workspace.organisation, "name": workspace.organisation_name}


def _enterprise_fields(state: PlaygroundState) -> Json:
    """Return the organisation's fields for another object; empty without one."""
    enterprise = _build_enterprise(state) or {}
    return {f"enterprise_{key}": value for key, value in enterprise.items()}


def _interaction_fields(
    state: PlaygroundState, kind: str, account: SlackAccount
) -> Json:
    """Return the fields that all interactions share.

    The workspace and its organisation are those of the app, for every user. An app of
    the whole organisation is told no workspace beside that of the user.
    """
    team = {
        "id": state.workspace.team_id,
        "domain": state.workspace.domain,
        **_enterprise_fields(state),
    }
    return {
        "type": kind,
        "team": None if state.is_organisation_install else team,
        "user": {
            "id": account.id,
            "username": account.name,
            "name": account.name,
            "team_id": account.team_id,
        },
        "api_app_id": state.workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "enterprise": _build_enterprise(state),
        "is_enterprise_install": state.is_organisation_install,
    }


def build_message_container(state: PlaygroundState, message: Message) -> Json:
    """Return the part of a payload that describes the message of a control."""
    channel = state.workspace.channels[message.channel_id]
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    name = "directmessage" if channel.kind == "im" else channel.name
    payload: Json = {
        "container": container,
        "channel": {"id": channel.id, "name": name},
    }
    # Slack stores no ephemeral messages, so it cannot send them.
    if message.only_for is None:
        payload["message"] = serializers.serialize_message(state.workspace, message)
    return payload


def build_view_container(state: PlaygroundState, view: View) -> Json:
    """Return the part of a payload that describes the view of a control."""
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": serializers.serialize_view(state.workspace, view),
    }


def build_block_actions(
    state: PlaygroundState,
    account: SlackAccount,
    *,
    container: Json,
    input_state: Json,
    action: Json,
    response_url: str | None,
    view_id: str | None,
) -> Json:
    """Return the payload of a pressed button or a chosen value."""
    payload = {
        **_interaction_fields(state, "block_actions", account),
        **container,
        "state": {"values": input_state},
    }
    payload["trigger_id"] = state.issue_trigger(account.id, view_id)
    if response_url:
        payload["response_url"] = response_url
    return {**payload, "actions": [action]}


def build_action(block: Json, element: Json, value: Json, ts: str) -> Json:
    """Return the element that was acted on, with its value."""
    action: Json = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        **value,
        "action_ts": ts,
    }
    for name in ("text", "style", "url", "placeholder"):
        if name in element:
            action[name] = element[name]
    return action


def build_block_suggestion(
    state: PlaygroundState,
    account: SlackAccount,
    container: Json,
    block: Json,
    element: Json,
    query: str,
) -> Json:
    """Return the payload that requests the options of an external select."""
    fields = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": query,
    }
    return {
        **_interaction_fields(state, "block_suggestion", account),
        **container,
        **fields,
    }


def build_view_submission(
    state: PlaygroundState, account: SlackAccount, view: View
) -> Json:
    """Return the payload of a submitted modal."""
    fields = {
        **_interaction_fields(state, "view_submission", account),
        "trigger_id": state.issue_trigger(account.id, view.id),
    }
    return {
        **fields,
        "view": serializers.serialize_view(state.workspace, view),
        "response_urls": [],
    }


def build_view_closed(
    state: PlaygroundState, account: SlackAccount, view: View, cleared: bool = False
) -> Json:
    """Return the payload of a closed modal."""
    fields = _interaction_fields(state, "view_closed", account)
    return {
        **fields,
        "view": serializers.serialize_view(state.workspace, view),
        "is_cleared": cleared,
    }


def build_shortcut(
    state: PlaygroundState, account: SlackAccount, callback_id: str
) -> Json:
    """Return the payload of a global shortcut."""
    fields = {
        **_interaction_fields(state, "shortcut", account),
        "action_ts": state.workspace.new_ts(),
    }
    return {
        **fields,
        "callback_id": callback_id,
        "trigger_id": state.issue_trigger(account.id),
    }


# Events about the installation name the organisation that has the app, no workspace.
INSTALLATION_EVENTS = frozenset(
    {"app_uninstalled", "tokens_revoked", "team_access_granted", "team_access_revoked"}
)


def build_event(state: PlaygroundState, event: Json) -> Json:
    """Return an event of the Events API in its envelope."""
    workspace = state.workspace
    event_id = workspace.new_id("Ev")
    is_organisation = state.is_organisation_install
    is_about_all = is_organisation and event["type"] in INSTALLATION_EVENTS
    team_id = None if is_about_all else workspace.team_id
    authorization: Json = {
        "enterprise_id": workspace.organisation,
        "team_id": team_id,
        "user_id": workspace.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": is_organisation,
    }
    has_access = state.is_installed or event["type"] == "team_access_revoked"
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team_id,
        "enterprise_id": workspace.organisation,
        "context_team_id": team_id,
        "context_enterprise_id": workspace.organisation,
        "api_app_id": workspace.app_id,
        "event": {"event_ts": workspace.new_ts(), **event},
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(state.clock.epoch_seconds()),
        "authorizations": [authorization] if has_access else [],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }
