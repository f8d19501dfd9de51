"""What users do in Slack: type, press, choose, submit, open. For the page and tests."""

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
from bot.playground.blockkit import all_options, option_errors
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
    """The message or view that contains a control."""

    message: Message | None = None
    view: View | None = None

    @property
    def blocks(self) -> list[Json]:
        """Return the present blocks."""
        if self.view:
            blocks: list[Json] = self.view.body["blocks"]
            return blocks
        return (self.message and self.message.blocks) or []

    @property
    def surface_id(self) -> str:
        """Return the id of the view, or the time stamp of the message."""
        if self.view:
            return self.view.id
        return self.message.ts if self.message else ""

    def input_state(self, user_id: str) -> Json:
        """Return the values that this user has chosen here."""
        if self.view:
            return self.view.state
        assert self.message  # noqa: S101  a surface is one or the other
        return self.message.state.setdefault(user_id, initial_state(self.blocks))

    def to_payload(self, state: PlaygroundState) -> Json:
        """Return the part of a payload that describes the surface."""
        if self.view:
            return payloads.build_view_container(state, self.view)
        assert self.message  # noqa: S101
        return payloads.build_message_container(state, self.message)


def find_surface(
    state: PlaygroundState, account: SlackAccount, container: Json
) -> Surface:
    """Return the message or view; KeyError if this user no longer has it."""
    if "view_id" in container:
        view = state.workspace.find_view(container["view_id"])
        if view is None or view.user_id != account.id:
            raise KeyError("that view is not open any more")
        return Surface(view=view)
    _require_member(state, account, container["channel"])
    message = state.workspace.find_message(container["channel"], container["ts"])
    if message is None or message.only_for not in {None, account.id}:
        raise KeyError("that message is not there any more")
    return Surface(message=message)


def _require_member(
    state: PlaygroundState, account: SlackAccount, channel_id: str
) -> Channel:
    channel = state.workspace.get_channel(channel_id)
    if account.id not in channel.members:
        raise NotAllowed(f"{account.real_name} isn't in #{channel.name}.")
    return channel


def _require_active(account: SlackAccount) -> None:
    if account.deleted:
        raise NotAllowed(f"{account.real_name}'s account is deactivated.")


def _require_app_access(state: PlaygroundState, account: SlackAccount) -> None:
    _require_active(account)
    if not state.is_installed:
        raise NotAllowed(f"{state.manifest.name} is no longer installed here.")


# Typing


def type_text(
    state: PlaygroundState, account: SlackAccount, channel_id: str, text: str
) -> Any:
    """Type a line into a channel; return the ack's body of a command of the app."""
    _require_active(account)
    channel = _require_member(state, account, channel_id)
    if channel.kind == "im" and not state.manifest.accepts_messages:
        raise NotAllowed("Sending messages to this app has been turned off.")
    if text.startswith("/"):
        return _run_slash_command(state, account, channel, text)
    if channel.archived:
        raise NotAllowed("This channel is archived.")
    message = messages.post_message(
        state, channel.id, account.id, mentions.to_stored_text(state.workspace, text)
    )
    _emit_message(state, channel, message)
    return None


def _emit_message(state: PlaygroundState, channel: Channel, message: Message) -> None:
    if state.workspace.bot_user_id not in channel.members:
        return
    event: Json = {
        "type": "message",
        "user": message.user_id,
        "ts": message.ts,
        "text": message.text,
        "channel": channel.id,
        "channel_type": CHANNEL_TYPES[channel.kind],
        "event_ts": message.ts,
    }
    delivery.emit_event(state, event, MESSAGE_EVENTS[channel.kind])
    if f"<@{state.workspace.bot_user_id}>" in message.text and channel.kind != "im":
        delivery.emit_event(state, {**event, "type": "app_mention"})


def _run_slash_command(
    state: PlaygroundState, account: SlackAccount, channel: Channel, typed: str
) -> Any:
    name, _, text = typed.partition(" ")
    if name in {"/invite", "/remove"}:
        return _change_membership(state, account, channel, name, text)
    declared = state.manifest.find_command(name) if state.is_installed else None
    if declared is None:
        _post_failure(state, account, channel, f"{name} is not a valid command.")
        raise NotAllowed(f"{name} is not a valid command.")
    if state.workspace.is_of_other_workspace(account):
        raise NotAllowed(f"People from other workspaces can't use {name} here.")
    return _deliver_command(state, account, channel, declared, text.strip())


def _deliver_command(
    state: PlaygroundState,
    account: SlackAccount,
    channel: Channel,
    declared: SlashCommand,
    text: str,
) -> Any:
    convert = mentions.to_plain_text
    if declared.should_escape:
        convert = mentions.escape_text
    payload = payloads.build_command(
        state,
        account,
        channel,
        name=declared.command,
        text=convert(state.workspace, text),
        response_url=messages.create_response_url(state, account.id, channel.id),
    )
    summary = f"{account.name}: {declared.command} {text}".rstrip()
    try:
        body = delivery.deliver_payload(state, "command", payload, summary)
        _show_answer(state, account, channel, body, summary)
    except NoAnswer as problem:
        is_invalid = isinstance(problem, InvalidAnswer)
        reason = "invalid_blocks" if is_invalid else problem.reason
        notice = f'{declared.command} failed with the error "{reason}"'
        _post_failure(state, account, channel, notice)
        raise
    return body


def _show_answer(
    state: PlaygroundState,
    account: SlackAccount,
    channel: Channel,
    body: Any,
    summary: str,
) -> None:
    if not body:
        return
    try:
        messages.post_answer(state, channel.id, account.id, body)
    except SlackError as refusal:
        raise InvalidAnswer(summary, refusal.messages) from None


def _post_failure(
    state: PlaygroundState, account: SlackAccount, channel: Channel, text: str
) -> None:
    messages.post_message(
        state, channel.id, SLACKBOT_ID, text, only_for=account.id, failed=True
    )


def _change_membership(
    state: PlaygroundState,
    account: SlackAccount,
    channel: Channel,
    name: str,
    text: str,
) -> None:
    escaped = mentions.escape_text(state.workspace, text)
    user_ids = mentions.MENTION_PATTERN.findall(escaped)
    members = [state.workspace.get_account(user_id) for user_id in user_ids]
    if not members or channel.kind == "im":
        notice = f"{name} needs somebody who exists, and a channel."
        _post_failure(state, account, channel, notice)
        raise NotAllowed(notice)
    for member in members:
        if name == "/invite":
            conversations.join_channel(state, channel, member, account)
        else:
            conversations.leave_channel(state, channel, member, account)


# Presses and choices


def perform_action(
    state: PlaygroundState,
    account: SlackAccount,
    surface: Surface,
    action_id: str,
    value: Any,
    block_id: str | None = None,
) -> Any:
    """Press or choose; return the ack's body. KeyError if control or option is gone."""
    _require_app_access(state, account)
    block, element = find_control(surface.blocks, action_id, block_id)
    options_key = (account.id, surface.surface_id, action_id)
    stored_value = build_value(
        element, value, state.loaded_options.get(options_key, [])
    )
    with state.workspace.lock:
        input_state = surface.input_state(account.id)
        if element["type"] not in {"button", "overflow"}:
            input_state.setdefault(block["block_id"], {})[action_id] = stored_value
    if block["type"] == "input" and not block.get("dispatch_action"):
        return None
    action = payloads.build_action(
        block, element, stored_value, state.workspace.new_ts()
    )
    message = surface.message
    response_url = None
    if message:
        response_url = messages.create_response_url(
            state, account.id, message.channel_id, message.ts
        )
    payload = payloads.build_block_actions(
        state,
        account,
        container=surface.to_payload(state),
        input_state=input_state,
        action=action,
        response_url=response_url,
        view_id=surface.view.id if surface.view else None,
    )
    return delivery.deliver_payload(
        state, "block_actions", payload, f"{account.name}: {action_id}"
    )


def load_options(
    state: PlaygroundState,
    account: SlackAccount,
    surface: Surface,
    action_id: str,
    query: str,
    block_id: str | None = None,
) -> Json:
    """Return the app's options for an external select; InvalidAnswer if invalid."""
    _require_app_access(state, account)
    block, element = find_control(surface.blocks, action_id, block_id)
    payload = payloads.build_block_suggestion(
        state, account, surface.to_payload(state), block, element, query
    )
    body = delivery.deliver_payload(
        state, "block_suggestion", payload, f"{account.name}: {action_id} “{query}”"
    )
    errors = option_errors(body)
    if errors:
        raise InvalidAnswer(action_id, errors)
    options_key = (account.id, surface.surface_id, action_id)
    with state.workspace.lock:
        state.loaded_options.setdefault(options_key, []).extend(all_options(body))
    return {name: body[name] for name in ("options", "option_groups") if name in body}


# Views


def submit_view(
    state: PlaygroundState,
    account: SlackAccount,
    view_id: str,
    values: dict[str, dict[str, Any]],
) -> Any:
    """Fill and submit a modal; return the app's answer, or Slack's own errors."""
    _require_app_access(state, account)
    view = find_surface(state, account, {"view_id": view_id}).view
    assert view  # noqa: S101  found by its view_id
    modals.fill_view(state, view, values)
    return modals.submit_view(state, account, view)


def close_view(
    state: PlaygroundState,
    account: SlackAccount,
    view_id: str,
    whole_stack: bool = False,
) -> None:
    """Close a modal, or the whole stack that contains it."""
    view = find_surface(state, account, {"view_id": view_id}).view
    assert view  # noqa: S101
    modals.close_view(state, account, view, whole_stack)


def open_home(
    state: PlaygroundState, account: SlackAccount, wait: bool = False
) -> None:
    """Open the app's Home tab, which sends app_home_opened."""
    _require_app_access(state, account)
    if not state.manifest.home_enabled:
        raise NotAllowed("This app doesn't have a Home tab.")
    event: Json = {
        "type": "app_home_opened",
        "user": account.id,
        "channel": state.workspace.get_direct_channel(account.id).id,
        "tab": "home",
    }
    home = state.find_home_view(account.id)
    delivery.emit_event(state, {**event, "view": home} if home else event, wait=wait)


def use_shortcut(
    state: PlaygroundState, account: SlackAccount, callback_id: str
) -> Any:
    """Use a global shortcut; return the acknowledgement's body."""
    _require_app_access(state, account)
    if state.manifest.find_shortcut(callback_id) is None:
        raise KeyError(f"no shortcut {callback_id!r}")
    if state.workspace.is_of_other_workspace(account):
        raise NotAllowed("People from other workspaces can't use this app's shortcuts.")
    payload = payloads.build_shortcut(state, account, callback_id)
    return delivery.deliver_payload(
        state, "shortcut", payload, f"{account.name}: shortcut {callback_id}"
    )


# Accounts


def change_account(
    state: PlaygroundState, user_id: str, changes: Json, wait: bool = False
) -> SlackAccount:
    """Change an account; sends user_change."""
    account = state.workspace.update_account(user_id, **changes)
    state.stream.publish({"type": "users"})
    event: Json = {
        "type": "user_change",
        "user": _account_payload(state, account),
        "cache_ts": int(state.clock.epoch_seconds()),
    }
    delivery.emit_event(state, event, wait=wait)
    return account


def add_account(
    state: PlaygroundState, account: SlackAccount, channels: tuple[str, ...]
) -> SlackAccount:
    """Add an account and its channels; sends team_join."""
    state.workspace.add_account(
        account, [state.workspace.get_channel(channel).id for channel in channels]
    )
    state.stream.publish({"type": "users"})
    state.publish_channels()
    delivery.emit_event(
        state,
        {
            "type": "team_join",
            "user": _account_payload(state, account),
            "cache_ts": int(state.clock.epoch_seconds()),
        },
    )
    return account


def _account_payload(state: PlaygroundState, account: SlackAccount) -> Json:
    return serializers.serialize_user(
        state.workspace,
        account,
        state.clock.now(),
        state.scopes,
        include_locale=True,
    )
