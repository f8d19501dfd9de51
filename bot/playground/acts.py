"""What people do in Slack: type, press, choose, send in, open. The page and the tests' driver both come here."""

from dataclasses import dataclass
from typing import Any

from bot.playground import delivery, faces, mentions, modals, payloads, rooms, talk
from bot.playground.blockkit import option_errors
from bot.playground.controls import chosen, find, initial_state
from bot.playground.errors import BadAnswer, NoAnswer, NotAllowed, SlackError
from bot.playground.manifest import Command
from bot.playground.site import Site
from bot.playground.world import Channel, Json, Message, Person, View

SLACKBOT = "USLACKBOT"
MESSAGE_EVENTS = {"im": "message.im", "private": "message.groups", "channel": "message.channels"}
CHANNEL_TYPES = {"im": "im", "private": "group", "channel": "channel"}


@dataclass
class Surface:
    """Where a control stands: in a message or in a view."""

    message: Message | None = None
    view: View | None = None

    @property
    def blocks(self) -> list[Json]:
        """The blocks that are there now."""
        return self.view.body["blocks"] if self.view else (self.message.blocks if self.message else None) or []

    @property
    def key(self) -> str:
        """A name for this place."""
        return self.view.id if self.view else (self.message.ts if self.message else "")

    def state(self, person_id: str) -> Json:
        """What this person has chosen here."""
        if self.view:
            return self.view.state
        assert self.message  # noqa: S101  a surface is one or the other
        return self.message.state.setdefault(person_id, initial_state(self.blocks))

    def place(self, site: Site) -> Json:
        """This place in a payload."""
        if self.view:
            return payloads.view_place(site, self.view)
        assert self.message  # noqa: S101
        return payloads.message_place(site, self.message)


def surface(site: Site, person: Person, container: Json) -> Surface:
    """The message or view that the page means; KeyError where this person has it no more."""
    if "view_id" in container:
        view = site.world.view(container["view_id"])
        if view is None or view.person != person.id:
            raise KeyError("that view is not open any more")
        return Surface(view=view)
    _present(site, person, container["channel"])
    message = site.world.message(container["channel"], container["ts"])
    if message is None or message.only_for not in {None, person.id}:
        raise KeyError("that message is not there any more")
    return Surface(message=message)


def _present(site: Site, person: Person, which: str) -> Channel:
    channel = site.world.channel(which)
    if person.id not in channel.members:
        raise NotAllowed(f"{person.real_name} is not in #{channel.name}.")
    return channel


def _active(person: Person) -> None:
    if person.deleted:
        raise NotAllowed(f"The account of {person.real_name} is deactivated.")


def _served(site: Site, person: Person) -> None:
    _active(person)
    if not site.installed:
        raise NotAllowed(f"{site.manifest.name} is not installed here any more.")


# Typing


def types(site: Site, person: Person, channel_id: str, text: str) -> Any:
    """A line typed into a channel; gives the ack's body where it was the app's command."""
    _active(person)
    channel = _present(site, person, channel_id)
    if channel.kind == "im" and not site.manifest.takes_messages:
        raise NotAllowed("Sending messages to this app has been turned off.")
    if text.startswith("/"):
        return _slash(site, person, channel, text)
    if channel.archived:
        raise NotAllowed("This channel is archived.")
    message = talk.say(site, channel.id, person.id, mentions.stored(site.world, text))
    _emit_message(site, channel, message)
    return None


def _emit_message(site: Site, channel: Channel, message: Message) -> None:
    if site.world.bot_user_id not in channel.members:
        return
    inner: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    inner |= {"channel": channel.id, "channel_type": CHANNEL_TYPES[channel.kind], "event_ts": message.ts}
    delivery.emit(site, inner, MESSAGE_EVENTS[channel.kind])
    if f"<@{site.world.bot_user_id}>" in message.text and channel.kind != "im":
        delivery.emit(site, {**inner, "type": "app_mention"})


def _slash(site: Site, person: Person, channel: Channel, typed: str) -> Any:
    name, _, text = typed.partition(" ")
    if name in {"/invite", "/remove"}:
        return _membership(site, person, channel, name, text)
    declared = site.manifest.command(name) if site.installed else None
    if declared is None:
        _fail(site, person, channel, f"{name} is not a valid command.")
        raise NotAllowed(f"{name} is not a valid command.")
    if site.world.is_foreign(person):
        raise NotAllowed(f"People of another workspace cannot use {name} here.")
    return _command(site, person, channel, declared, text.strip())


def _command(site: Site, person: Person, channel: Channel, declared: Command, text: str) -> Any:
    form = mentions.escaped(site.world, text)
    if not declared.should_escape:
        form = mentions.plain(site.world, text)
    url = talk.response_url(site, person.id, channel.id)
    payload = payloads.command(site, person, channel, declared.command, form, url)
    summary = f"{person.name}: {declared.command} {text}".rstrip()
    try:
        body = delivery.deliver(site, "command", payload, summary)
        _show(site, person, channel, body, summary)
    except NoAnswer as problem:
        reason = "invalid_blocks" if isinstance(problem, BadAnswer) else problem.reason
        _fail(site, person, channel, f'{declared.command} failed with the error "{reason}"')
        raise
    return body


def _show(site: Site, person: Person, channel: Channel, body: Any, summary: str) -> None:
    if not body:
        return
    try:
        talk.answer(site, channel.id, person.id, body)
    except SlackError as refusal:
        raise BadAnswer(summary, refusal.messages) from None


def _fail(site: Site, person: Person, channel: Channel, words: str) -> None:
    talk.say(site, channel.id, SLACKBOT, words, only_for=person.id, failed=True)


def _membership(site: Site, person: Person, channel: Channel, name: str, text: str) -> None:
    who = [site.world.person(p) for p in _named(site, text)]
    if not who or channel.kind == "im":
        _fail(site, person, channel, f"{name} needs somebody who exists, and a channel.")
        raise NotAllowed(f"{name} needs somebody who exists, and a channel.")
    for other in who:
        (rooms.join if name == "/invite" else rooms.part)(site, channel, other, person)


def _named(site: Site, text: str) -> list[str]:
    return mentions.MENTION.findall(mentions.escaped(site.world, text))


# Pressing and choosing


def act(site: Site, person: Person, where: Surface, action_id: str, value: Any, block_id: str | None = None) -> Any:
    """A press or a choice; gives the ack's body. KeyError where the control or the option is gone."""
    _served(site, person)
    block, element = find(where.blocks, action_id, block_id)
    told = chosen(element, value, site.suggested.get((person.id, where.key, action_id), []))
    with site.world.lock:
        state = where.state(person.id)
        if element["type"] not in {"button", "overflow"}:
            state.setdefault(block["block_id"], {})[action_id] = told
    if block["type"] == "input" and not block.get("dispatch_action"):
        return None
    action = payloads.action(block, element, told, site.world.ts())
    message = where.message
    url = talk.response_url(site, person.id, message.channel, message.ts) if message else None
    view_id = where.view.id if where.view else None
    payload = payloads.block_actions(site, person, where.place(site), state, action, url, view_id)
    return delivery.deliver(site, "block_actions", payload, f"{person.name}: {action_id}")


def suggest(
    site: Site, person: Person, where: Surface, action_id: str, query: str, block_id: str | None = None
) -> Json:
    """Ask the app for the options of an external select; BadAnswer where they are refused."""
    _served(site, person)
    block, element = find(where.blocks, action_id, block_id)
    payload = payloads.block_suggestion(site, person, where.place(site), block, element, query)
    body = delivery.deliver(site, "block_suggestion", payload, f"{person.name}: {action_id} “{query}”")
    errors = option_errors(body)
    if errors:
        raise BadAnswer(action_id, errors)
    options = [*body.get("options", []), *(o for g in body.get("option_groups", []) for o in g["options"])]
    with site.world.lock:
        site.suggested.setdefault((person.id, where.key, action_id), []).extend(options)
    return {name: body[name] for name in ("options", "option_groups") if name in body}


# Views


def submit(site: Site, person: Person, view_id: str, values: dict[str, dict[str, Any]]) -> Any:
    """Fill a modal and send it in; gives the ack's body, or Slack's own errors in the same form."""
    _served(site, person)
    view = surface(site, person, {"view_id": view_id}).view
    assert view  # noqa: S101  asked for by view_id
    modals.fill(site, view, values)
    return modals.submit(site, person, view)


def close(site: Site, person: Person, view_id: str, whole_stack: bool = False) -> None:
    """Close a modal, or the whole stack that it is in."""
    view = surface(site, person, {"view_id": view_id}).view
    assert view  # noqa: S101
    modals.close(site, person, view, whole_stack)


def open_home(site: Site, person: Person, wait: bool = False) -> None:
    """Open the app's Home tab; the app hears of it."""
    _served(site, person)
    if not site.manifest.home_enabled:
        raise NotAllowed("This app has no Home tab.")
    inner: Json = {"type": "app_home_opened", "user": person.id, "channel": site.world.im(person.id).id, "tab": "home"}
    home = site.home(person.id)
    delivery.emit(site, {**inner, "view": home} if home else inner, wait=wait)


def use_shortcut(site: Site, person: Person, callback_id: str) -> Any:
    """Use a global shortcut; gives the ack's body."""
    _served(site, person)
    if site.manifest.shortcut(callback_id) is None:
        raise KeyError(f"no shortcut {callback_id!r}")
    if site.world.is_foreign(person):
        raise NotAllowed("People of another workspace cannot use this app's shortcuts.")
    payload = payloads.shortcut(site, person, callback_id)
    return delivery.deliver(site, "shortcut", payload, f"{person.name}: shortcut {callback_id}")


# Accounts


def change_person(site: Site, person_id: str, changes: Json, wait: bool = False) -> Person:
    """Change a person's account; the app hears of it as user_change."""
    person = site.world.change_person(person_id, **changes)
    site.stream.tell({"type": "users"})
    told: Json = {"type": "user_change", "user": _account(site, person), "cache_ts": int(site.clock.epoch())}
    delivery.emit(site, told, wait=wait)
    return person


def add_person(site: Site, person: Person, channels: tuple[str, ...]) -> Person:
    """Give somebody an account; the app hears of it as team_join."""
    site.world.add_person(person, [site.world.channel(channel).id for channel in channels])
    site.stream.tell({"type": "users"})
    site.tell_channels()
    delivery.emit(site, {"type": "team_join", "user": _account(site, person), "cache_ts": int(site.clock.epoch())})
    return person


def _account(site: Site, person: Person) -> Json:
    return faces.user(site.world, person, site.clock.now(), site.manifest.scopes, locale=True)
