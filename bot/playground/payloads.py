"""What Slack sends to the app: complete payloads, as its documentation shows them."""

from typing import Any

from bot.playground import serializers
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Channel, Json, Message, SlackAccount, View

VERIFICATION_TOKEN = "playground-verification-token"  # noqa: S105  deprecated by Slack, still in every payload


def build_command(
    site: PlaygroundState,
    person: SlackAccount,
    channel: Channel,
    name: str,
    text: str,
    url: str,
) -> Json:
    """The fields of a slash command, all of them text."""
    names = {"im": "directmessage", "private": "privategroup"}
    return {
        **_enterprise_fields(site),
        "token": VERIFICATION_TOKEN,
        "team_id": site.workspace.team_id,
        "team_domain": site.workspace.domain,
        "channel_id": channel.id,
        "channel_name": names.get(channel.kind, channel.name),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": site.workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": site.issue_trigger(person.id),
    }


def _build_enterprise(site: PlaygroundState) -> Json | None:
    world = site.workspace
    return (
        {"id": world.organisation, "name": world.team_name}
        if world.organisation
        else None
    )


def _enterprise_fields(site: PlaygroundState) -> Json:
    """The organisation as part of another object; nothing where there is none."""
    return {
        f"enterprise_{key}": value
        for key, value in (_build_enterprise(site) or {}).items()
    }


def _interaction_fields(site: PlaygroundState, kind: str, person: SlackAccount) -> Json:
    """What all interactions share: the workspace and its organisation are the app's, whoever acts."""
    return {
        "type": kind,
        "team": {
            "id": site.workspace.team_id,
            "domain": site.workspace.domain,
            **_enterprise_fields(site),
        },
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id,
        },
        "api_app_id": site.workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "enterprise": _build_enterprise(site),
        "is_enterprise_install": False,
    }


def build_message_container(site: PlaygroundState, message: Message) -> Json:
    """Where a control in a message stands."""
    channel = site.workspace.channels[message.channel_id]
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    name = "directmessage" if channel.kind == "im" else channel.name
    place: Json = {"container": container, "channel": {"id": channel.id, "name": name}}
    # Slack does not send ephemeral messages along: it keeps none.
    if message.only_for is None:
        place["message"] = serializers.serialize_message(site.workspace, message)
    return place


def build_view_container(site: PlaygroundState, view: View) -> Json:
    """Where a control in a modal or Home tab stands."""
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": serializers.serialize_view(site.workspace, view),
    }


def build_block_actions(
    site: PlaygroundState,
    person: SlackAccount,
    place: Json,
    state: Json,
    action: Json,
    url: str | None,
    view_id: str | None,
) -> Json:
    """A press or a choice."""
    payload = {
        **_interaction_fields(site, "block_actions", person),
        **place,
        "state": {"values": state},
    }
    payload["trigger_id"] = site.issue_trigger(person.id, view_id)
    if url:
        payload["response_url"] = url
    return {**payload, "actions": [action]}


def build_action(block: Json, element: Json, value: Json, ts: str) -> Json:
    """The element that was acted on, with its value."""
    told: Json = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        **value,
        "action_ts": ts,
    }
    for name in ("text", "style", "url", "placeholder"):
        if name in element:
            told[name] = element[name]
    return told


def build_block_suggestion(
    site: PlaygroundState,
    person: SlackAccount,
    place: Json,
    block: Json,
    element: Json,
    query: str,
) -> Json:
    """A question for the options of an external select."""
    asked = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": query,
    }
    return {**_interaction_fields(site, "block_suggestion", person), **place, **asked}


def build_view_submission(
    site: PlaygroundState, person: SlackAccount, view: View
) -> Json:
    """A modal sent in."""
    told = {
        **_interaction_fields(site, "view_submission", person),
        "trigger_id": site.issue_trigger(person.id, view.id),
    }
    return {
        **told,
        "view": serializers.serialize_view(site.workspace, view),
        "response_urls": [],
    }


def build_view_closed(
    site: PlaygroundState, person: SlackAccount, view: View, cleared: bool = False
) -> Json:
    """A modal closed."""
    told = _interaction_fields(site, "view_closed", person)
    return {
        **told,
        "view": serializers.serialize_view(site.workspace, view),
        "is_cleared": cleared,
    }


def build_shortcut(
    site: PlaygroundState, person: SlackAccount, callback_id: str
) -> Json:
    """A global shortcut."""
    told = {
        **_interaction_fields(site, "shortcut", person),
        "action_ts": site.workspace.new_ts(),
    }
    return {
        **told,
        "callback_id": callback_id,
        "trigger_id": site.issue_trigger(person.id),
    }


def build_event(site: PlaygroundState, inner: Json) -> Json:
    """An event of the Events API in its envelope."""
    world = site.workspace
    event_id = world.new_id("Ev")
    team = {"enterprise_id": world.organisation, "team_id": world.team_id}
    authorization: dict[str, Any] = {**team, "user_id": world.bot_user_id}
    authorization |= {"is_bot": True, "is_enterprise_install": False}
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.team_id,
        "context_team_id": world.team_id,
        "context_enterprise_id": world.organisation,
        "api_app_id": world.app_id,
        "event": {"event_ts": world.new_ts(), **inner},
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(site.clock.epoch_seconds()),
        "authorizations": [authorization] if site.is_installed else [],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }
