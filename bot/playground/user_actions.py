"""What people do in Slack: type, press, choose, send in, open. The page and the tests' driver both come here."""

from dataclasses import dataclass
from typing import Any

from bot.playground import (
    conversations,
    delivery,
    mentions,
    messages,
    modals,
    payloads,
    serializers,
)
from bot.playground.blockkit import option_errors
from bot.playground.elements import build_value, find_control, initial_state
from bot.playground.errors import InvalidAnswer, NoAnswer, NotAllowed, SlackError
from bot.playground.manifest import SlashCommand
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Channel, Json, Message, SlackAccount, View

SLACKBOT_ID = "USLACKBOT"
MESSAGE_EVENTS = {
    "im": "message.im",
    "private": "message.groups",
    "channel": "message.channels",
}
CHANNEL_TYPES = {"im": "im", "private": "group", "channel": "channel"}


@dataclass
class Surface:
    """Where a control stands: in a message or in a view."""

    message: Message | None = None
    view: View | None = None

    @property
    def blocks(self) -> list[Json]:
        """The blocks that are there now."""
        return (
            self.view.body["blocks"]
            if self.view
            else (self.message.blocks if self.message else None) or []
        )

    @property
    def surface_id(self) -> str:
        """A name for this place."""
        return self.view.id if self.view else (self.message.ts if self.message else "")

    def input_state(self, person_id: str) -> Json:
        """What this person has chosen here."""
        if self.view:
            return self.view.state
        assert self.message  # noqa: S101  a surface is one or the other
        return self.message.state.setdefault(person_id, initial_state(self.blocks))

    def to_payload(self, site: PlaygroundState) -> Json:
        """This place in a payload."""
        if self.view:
            return payloads.build_view_container(site, self.view)
        assert self.message  # noqa: S101
        return payloads.build_message_container(site, self.message)


def find_surface(
    site: PlaygroundState, person: SlackAccount, container: Json
) -> Surface:
    """The message or view that the page means; KeyError where this person has it no more."""
    if "view_id" in container:
        view = site.workspace.find_view(container["view_id"])
        if view is None or view.user_id != person.id:
            raise KeyError("that view is not open any more")
        return Surface(view=view)
    _require_member(site, person, container["channel"])
    message = site.workspace.find_message(container["channel"], container["ts"])
    if message is None or message.only_for not in {None, person.id}:
        raise KeyError("that message is not there any more")
    return Surface(message=message)


def _require_member(site: PlaygroundState, person: SlackAccount, which: str) -> Channel:
    channel = site.workspace.get_channel(which)
    if person.id not in channel.members:
        raise NotAllowed(f"{person.real_name} is not in #{channel.name}.")
    return channel


def _require_active(person: SlackAccount) -> None:
    if person.deleted:
        raise NotAllowed(f"The account of {person.real_name} is deactivated.")


def _require_app_access(site: PlaygroundState, person: SlackAccount) -> None:
    _require_active(person)
    if not site.is_installed:
        raise NotAllowed(f"{site.manifest.name} is not installed here any more.")


# Typing


def type_text(
    site: PlaygroundState, person: SlackAccount, channel_id: str, text: str
) -> Any:
    """A line typed into a channel; gives the ack's body where it was the app's command."""
    _require_active(person)
    channel = _require_member(site, person, channel_id)
    if channel.kind == "im" and not site.manifest.accepts_messages:
        raise NotAllowed("Sending messages to this app has been turned off.")
    if text.startswith("/"):
        return _run_slash_command(site, person, channel, text)
    if channel.archived:
        raise NotAllowed("This channel is archived.")
    message = messages.post_message(
        site, channel.id, person.id, mentions.to_stored_text(site.workspace, text)
    )
    _emit_message(site, channel, message)
    return None


def _emit_message(site: PlaygroundState, channel: Channel, message: Message) -> None:
    if site.workspace.bot_user_id not in channel.members:
        return
    inner: Json = {
        "type": "message",
        "user": message.user_id,
        "ts": message.ts,
        "text": message.text,
    }
    inner |= {
        "channel": channel.id,
        "channel_type": CHANNEL_TYPES[channel.kind],
        "event_ts": message.ts,
    }
    delivery.emit_event(site, inner, MESSAGE_EVENTS[channel.kind])
    if f"<@{site.workspace.bot_user_id}>" in message.text and channel.kind != "im":
        delivery.emit_event(site, {**inner, "type": "app_mention"})


def _run_slash_command(
    site: PlaygroundState, person: SlackAccount, channel: Channel, typed: str
) -> Any:
    name, _, text = typed.partition(" ")
    if name in {"/invite", "/remove"}:
        return _change_membership(site, person, channel, name, text)
    declared = site.manifest.find_command(name) if site.is_installed else None
    if declared is None:
        _post_failure(site, person, channel, f"{name} is not a valid command.")
        raise NotAllowed(f"{name} is not a valid command.")
    if site.workspace.is_of_other_workspace(person):
        raise NotAllowed(f"People of another workspace cannot use {name} here.")
    return _deliver_command(site, person, channel, declared, text.strip())


def _deliver_command(
    site: PlaygroundState,
    person: SlackAccount,
    channel: Channel,
    declared: SlashCommand,
    text: str,
) -> Any:
    form = mentions.escape_text(site.workspace, text)
    if not declared.should_escape:
        form = mentions.to_plain_text(site.workspace, text)
    url = messages.create_response_url(site, person.id, channel.id)
    payload = payloads.build_command(site, person, channel, declared.command, form, url)
    summary = f"{person.name}: {declared.command} {text}".rstrip()
    try:
        body = delivery.deliver_payload(site, "command", payload, summary)
        _show_answer(site, person, channel, body, summary)
    except NoAnswer as problem:
        reason = (
            "invalid_blocks" if isinstance(problem, InvalidAnswer) else problem.reason
        )
        _post_failure(
            site,
            person,
            channel,
            f'{declared.command} failed with the error "{reason}"',
        )
        raise
    return body


def _show_answer(
    site: PlaygroundState,
    person: SlackAccount,
    channel: Channel,
    body: Any,
    summary: str,
) -> None:
    if not body:
        return
    try:
        messages.post_answer(site, channel.id, person.id, body)
    except SlackError as refusal:
        raise InvalidAnswer(summary, refusal.messages) from None


def _post_failure(
    site: PlaygroundState, person: SlackAccount, channel: Channel, renderer: str
) -> None:
    messages.post_message(
        site, channel.id, SLACKBOT_ID, renderer, only_for=person.id, failed=True
    )


def _change_membership(
    site: PlaygroundState, person: SlackAccount, channel: Channel, name: str, text: str
) -> None:
    who = [site.workspace.get_account(p) for p in _mentioned_ids(site, text)]
    if not who or channel.kind == "im":
        _post_failure(
            site, person, channel, f"{name} needs somebody who exists, and a channel."
        )
        raise NotAllowed(f"{name} needs somebody who exists, and a channel.")
    for other in who:
        (
            conversations.join_channel
            if name == "/invite"
            else conversations.leave_channel
        )(site, channel, other, person)


def _mentioned_ids(site: PlaygroundState, text: str) -> list[str]:
    return mentions.MENTION_PATTERN.findall(mentions.escape_text(site.workspace, text))


# Pressing and choosing


def perform_action(
    site: PlaygroundState,
    person: SlackAccount,
    where: Surface,
    action_id: str,
    value: Any,
    block_id: str | None = None,
) -> Any:
    """A press or a choice; gives the ack's body. KeyError where the control or the option is gone."""
    _require_app_access(site, person)
    block, element = find_control(where.blocks, action_id, block_id)
    told = build_value(
        element,
        value,
        site.suggested_options.get((person.id, where.surface_id, action_id), []),
    )
    with site.workspace.lock:
        state = where.input_state(person.id)
        if element["type"] not in {"button", "overflow"}:
            state.setdefault(block["block_id"], {})[action_id] = told
    if block["type"] == "input" and not block.get("dispatch_action"):
        return None
    action = payloads.build_action(block, element, told, site.workspace.new_ts())
    message = where.message
    url = (
        messages.create_response_url(site, person.id, message.channel_id, message.ts)
        if message
        else None
    )
    view_id = where.view.id if where.view else None
    payload = payloads.build_block_actions(
        site, person, where.to_payload(site), state, action, url, view_id
    )
    return delivery.deliver_payload(
        site, "block_actions", payload, f"{person.name}: {action_id}"
    )


def load_options(
    site: PlaygroundState,
    person: SlackAccount,
    where: Surface,
    action_id: str,
    query: str,
    block_id: str | None = None,
) -> Json:
    """Ask the app for the options of an external select; BadAnswer where they are refused."""
    _require_app_access(site, person)
    block, element = find_control(where.blocks, action_id, block_id)
    payload = payloads.build_block_suggestion(
        site, person, where.to_payload(site), block, element, query
    )
    body = delivery.deliver_payload(
        site, "block_suggestion", payload, f"{person.name}: {action_id} “{query}”"
    )
    errors = option_errors(body)
    if errors:
        raise InvalidAnswer(action_id, errors)
    options = [
        *body.get("options", []),
        *(o for g in body.get("option_groups", []) for o in g["options"]),
    ]
    with site.workspace.lock:
        site.suggested_options.setdefault(
            (person.id, where.surface_id, action_id), []
        ).extend(options)
    return {name: body[name] for name in ("options", "option_groups") if name in body}


# Views


def submit_view(
    site: PlaygroundState,
    person: SlackAccount,
    view_id: str,
    values: dict[str, dict[str, Any]],
) -> Any:
    """Fill a modal and send it in; gives the ack's body, or Slack's own errors in the same form."""
    _require_app_access(site, person)
    view = find_surface(site, person, {"view_id": view_id}).view
    assert view  # noqa: S101  asked for by view_id
    modals.fill_view(site, view, values)
    return modals.submit_view(site, person, view)


def close_view(
    site: PlaygroundState, person: SlackAccount, view_id: str, whole_stack: bool = False
) -> None:
    """Close a modal, or the whole stack that it is in."""
    view = find_surface(site, person, {"view_id": view_id}).view
    assert view  # noqa: S101
    modals.close_view(site, person, view, whole_stack)


def open_home(site: PlaygroundState, person: SlackAccount, wait: bool = False) -> None:
    """Open the app's Home tab; the app hears of it."""
    _require_app_access(site, person)
    if not site.manifest.home_enabled:
        raise NotAllowed("This app has no Home tab.")
    inner: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": site.workspace.get_direct_channel(person.id).id,
        "tab": "home",
    }
    home = site.find_home_view(person.id)
    delivery.emit_event(site, {**inner, "view": home} if home else inner, wait=wait)


def use_shortcut(site: PlaygroundState, person: SlackAccount, callback_id: str) -> Any:
    """Use a global shortcut; gives the ack's body."""
    _require_app_access(site, person)
    if site.manifest.find_shortcut(callback_id) is None:
        raise KeyError(f"no shortcut {callback_id!r}")
    if site.workspace.is_of_other_workspace(person):
        raise NotAllowed("People of another workspace cannot use this app's shortcuts.")
    payload = payloads.build_shortcut(site, person, callback_id)
    return delivery.deliver_payload(
        site, "shortcut", payload, f"{person.name}: shortcut {callback_id}"
    )


# Accounts


def change_account(
    site: PlaygroundState, person_id: str, changes: Json, wait: bool = False
) -> SlackAccount:
    """Change a person's account; the app hears of it as user_change."""
    person = site.workspace.update_account(person_id, **changes)
    site.stream.publish({"type": "users"})
    told: Json = {
        "type": "user_change",
        "user": _account_payload(site, person),
        "cache_ts": int(site.clock.epoch_seconds()),
    }
    delivery.emit_event(site, told, wait=wait)
    return person


def add_account(
    site: PlaygroundState, person: SlackAccount, channels: tuple[str, ...]
) -> SlackAccount:
    """Give somebody an account; the app hears of it as team_join."""
    site.workspace.add_account(
        person, [site.workspace.get_channel(channel).id for channel in channels]
    )
    site.stream.publish({"type": "users"})
    site.publish_channels()
    delivery.emit_event(
        site,
        {
            "type": "team_join",
            "user": _account_payload(site, person),
            "cache_ts": int(site.clock.epoch_seconds()),
        },
    )
    return person


def _account_payload(site: PlaygroundState, person: SlackAccount) -> Json:
    return serializers.serialize_user(
        site.workspace, person, site.clock.now(), site.manifest.scopes, locale=True
    )
