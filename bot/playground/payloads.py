"""What Slack sends to the app: complete payloads, as its documentation shows them."""

from typing import Any

from bot.playground import faces
from bot.playground.site import Site
from bot.playground.world import Channel, Json, Message, Person, View

NOT_SECRET = "playground-verification-token"  # noqa: S105  deprecated by Slack, still in every payload


def command(site: Site, person: Person, channel: Channel, name: str, text: str, url: str) -> Json:
    """The fields of a slash command, all of them text."""
    names = {"im": "directmessage", "private": "privategroup"}
    return {
        **_in_grid(site),
        "token": NOT_SECRET,
        "team_id": site.world.team_id,
        "team_domain": site.world.domain,
        "channel_id": channel.id,
        "channel_name": names.get(channel.kind, channel.name),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": site.world.app_id,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": site.trigger(person.id),
    }


def _organisation(site: Site) -> Json | None:
    world = site.world
    return {"id": world.organisation, "name": world.team_name} if world.organisation else None


def _in_grid(site: Site) -> Json:
    """The organisation as part of another object; nothing where there is none."""
    return {f"enterprise_{key}": value for key, value in (_organisation(site) or {}).items()}


def _interaction(site: Site, kind: str, person: Person) -> Json:
    """What all interactions share: the workspace and its organisation are the app's, whoever acts."""
    return {
        "type": kind,
        "team": {"id": site.world.team_id, "domain": site.world.domain, **_in_grid(site)},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": site.world.app_id,
        "token": NOT_SECRET,
        "enterprise": _organisation(site),
        "is_enterprise_install": False,
    }


def message_place(site: Site, message: Message) -> Json:
    """Where a control in a message stands."""
    channel = site.world.channels[message.channel]
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
        place["message"] = faces.message(site.world, message)
    return place


def view_place(site: Site, view: View) -> Json:
    """Where a control in a modal or Home tab stands."""
    return {"container": {"type": "view", "view_id": view.id}, "view": faces.view(site.world, view)}


def block_actions(
    site: Site, person: Person, place: Json, state: Json, action: Json, url: str | None, view_id: str | None
) -> Json:
    """A press or a choice."""
    payload = {**_interaction(site, "block_actions", person), **place, "state": {"values": state}}
    payload["trigger_id"] = site.trigger(person.id, view_id)
    if url:
        payload["response_url"] = url
    return {**payload, "actions": [action]}


def action(block: Json, element: Json, value: Json, ts: str) -> Json:
    """The element that was acted on, with its value."""
    told: Json = {"action_id": element["action_id"], "block_id": block["block_id"], **value, "action_ts": ts}
    for name in ("text", "style", "url", "placeholder"):
        if name in element:
            told[name] = element[name]
    return told


def block_suggestion(site: Site, person: Person, place: Json, block: Json, element: Json, query: str) -> Json:
    """A question for the options of an external select."""
    asked = {"action_id": element["action_id"], "block_id": block["block_id"], "value": query}
    return {**_interaction(site, "block_suggestion", person), **place, **asked}


def view_submission(site: Site, person: Person, view: View) -> Json:
    """A modal sent in."""
    told = {**_interaction(site, "view_submission", person), "trigger_id": site.trigger(person.id, view.id)}
    return {**told, "view": faces.view(site.world, view), "response_urls": []}


def view_closed(site: Site, person: Person, view: View, cleared: bool = False) -> Json:
    """A modal closed."""
    told = _interaction(site, "view_closed", person)
    return {**told, "view": faces.view(site.world, view), "is_cleared": cleared}


def shortcut(site: Site, person: Person, callback_id: str) -> Json:
    """A global shortcut."""
    told = {**_interaction(site, "shortcut", person), "action_ts": site.world.ts()}
    return {**told, "callback_id": callback_id, "trigger_id": site.trigger(person.id)}


def event(site: Site, inner: Json) -> Json:
    """An event of the Events API in its envelope."""
    world = site.world
    event_id = world.new_id("Ev")
    team = {"enterprise_id": world.organisation, "team_id": world.team_id}
    authorization: dict[str, Any] = {**team, "user_id": world.bot_user_id}
    authorization |= {"is_bot": True, "is_enterprise_install": False}
    return {
        "token": NOT_SECRET,
        "team_id": world.team_id,
        "context_team_id": world.team_id,
        "context_enterprise_id": world.organisation,
        "api_app_id": world.app_id,
        "event": {"event_ts": world.ts(), **inner},
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(site.clock.epoch()),
        "authorizations": [authorization] if site.installed else [],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }
