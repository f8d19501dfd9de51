"""The workspace's state: people, channels, messages, views. Every method holds the one lock, briefly."""

import itertools
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class SlackAccount:
    """Somebody with an account, here or in another workspace."""

    id: str
    name: str
    real_name: str
    email: str
    team_id: str
    title: str = ""
    tz: str = "Europe/London"
    locale: str = "en-GB"
    color: str = "#5b6470"
    is_admin: bool = False
    guest: bool = False
    deleted: bool = False
    is_bot: bool = False
    workspaces: tuple[
        str, ...
    ] = ()  # of the organisation, where this one belongs to one: all that the person is in


@dataclass
class Channel:
    """A channel or a direct message; `person` is whose direct message with the app it is."""

    id: str
    name: str
    kind: str = "channel"  # channel | private | im
    members: list[str] = field(default_factory=list)
    topic: str = ""
    user_id: str | None = None
    archived: bool = False
    shared: bool = False
    created: int = 1_735_689_600  # epoch


@dataclass
class File:
    """A file of the app's; `content` is None until its bytes have come, `shared` turns true with its message."""

    id: str
    name: str
    size: int
    title: str = ""
    content: bytes | None = None
    shared: bool = False


@dataclass
class Message:
    """One message; `only_for` makes it ephemeral."""

    ts: str
    channel_id: str
    user_id: str
    text: str
    blocks: list[Json] | None = None
    only_for: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False  # a reply that stands in the channel too
    edited: str | None = None
    failed: bool = False
    subtype: str | None = None
    files: tuple[File, ...] = ()
    state: dict[str, Json] = field(default_factory=dict)

    @property
    def is_in_thread_only(self) -> bool:
        """Whether the message stands in its thread alone."""
        return self.thread_ts not in {None, self.ts} and not self.broadcast


@dataclass
class View:
    """A modal or a Home tab, with what the person has put into it so far."""

    id: str
    user_id: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    state: Json = field(default_factory=dict)


class SlackWorkspace:
    """What Slack would keep. Callers take `lock` for longer reads, and never while they talk to the app."""

    def __init__(
        self, team_id: str, team_name: str, domain: str, now: Callable[[], float]
    ) -> None:
        self.team_id, self.team_name, self.domain = team_id, team_name, domain
        self.organisation: str | None = (
            None  # the Enterprise organisation that the workspace belongs to
        )
        self.app_id, self.bot_id, self.bot_user_id = "A0COLLAB", "B0COLLAB", "U0COLLAB"
        self.lock = RLock()
        self.accounts: dict[str, SlackAccount] = {}
        self.channels: dict[str, Channel] = {}
        self.modal_stacks: dict[str, list[View]] = {}
        self.home_views: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self._messages: dict[str, list[Message]] = {}
        self._read: dict[tuple[str, str], str] = {}
        self._now = now
        self._last = 0
        self._numbers = itertools.count(1)

    def new_ts(self) -> str:
        """A time stamp that no other message has; never before the last one."""
        with self.lock:
            self._last = max(self._last + 1, int(self._now() * 1_000_000))
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """An identifier that nothing else has."""
        return f"{letter}0{next(self._numbers):08d}"

    def new_hash(self) -> str:
        """A view's hash: changes with every change of the view."""
        return f"{int(self._now())}.{secrets.token_hex(4)}"

    # People

    def add_account(
        self, person: SlackAccount, channels: Iterable[str] = ()
    ) -> SlackAccount:
        """Take in a person, their direct message with the app, and their channels."""
        with self.lock:
            self.accounts[person.id] = person
            if not person.is_bot:
                im = "D" + person.id[1:]
                self.channels[im] = Channel(
                    im,
                    person.name,
                    "im",
                    [person.id, self.bot_user_id],
                    user_id=person.id,
                )
            for channel in channels:
                self.channels[channel].members.append(person.id)
        return person

    def update_account(self, person_id: str, **changes: Any) -> SlackAccount:
        """Change the facts of a person."""
        with self.lock:
            self.accounts[person_id] = replace(self.accounts[person_id], **changes)
            return self.accounts[person_id]

    def get_account(self, who: str) -> SlackAccount:
        """The person with this id or name; KeyError where there is none."""
        with self.lock:
            if who in self.accounts:
                return self.accounts[who]
            for person in self.accounts.values():
                if person.name == who.removeprefix("@").lower():
                    return person
        raise KeyError(who)

    def list_humans(self) -> list[SlackAccount]:
        """Everybody but bots."""
        with self.lock:
            return [person for person in self.accounts.values() if not person.is_bot]

    def is_of_other_workspace(self, person: SlackAccount) -> bool:
        """Whether the person is not in this workspace."""
        return self.team_id not in {person.team_id, *person.workspaces}

    def is_of_other_organisation(self, person: SlackAccount) -> bool:
        """Whether the person is not even in another workspace of the same organisation."""
        return self.is_of_other_workspace(person) and not (
            self.organisation and person.workspaces
        )

    def is_stranger(self, person: SlackAccount) -> bool:
        """Whether the person is of another organisation and in no channel with the app."""
        with self.lock:
            return self.is_of_other_organisation(person) and not any(
                c.kind != "im" and {person.id, self.bot_user_id} <= set(c.members)
                for c in self.channels.values()
            )

    # Channels

    def add_channel(self, channel: Channel) -> Channel:
        """Take in a channel."""
        with self.lock:
            self.channels[channel.id] = channel
            return channel

    def get_channel(self, which: str) -> Channel:
        """The channel with this id or name; KeyError where there is none."""
        with self.lock:
            if which in self.channels:
                return self.channels[which]
            for channel in self.channels.values():
                if channel.kind != "im" and channel.name == which.removeprefix("#"):
                    return channel
        raise KeyError(which)

    def get_direct_channel(self, person_id: str) -> Channel:
        """The direct message between this person and the app."""
        return self.get_channel("D" + person_id[1:])

    def list_channels_of(self, person_id: str) -> list[Channel]:
        """The channels that this person is in."""
        with self.lock:
            return [
                channel
                for channel in self.channels.values()
                if person_id in channel.members
            ]

    # Messages

    def add_message(self, channel: str, user: str, text: str, **more: Any) -> Message:
        """Put a message into a channel."""
        with self.lock:
            message = Message(self.new_ts(), channel, user, text, **more)
            self._messages.setdefault(channel, []).append(message)
            if user in self.accounts:
                self._read[user, channel] = message.ts
            return message

    def find_message(self, channel: str, ts: str) -> Message | None:
        """The message with this time stamp, ephemeral ones too."""
        with self.lock:
            return next(
                (m for m in reversed(self._messages.get(channel, [])) if m.ts == ts),
                None,
            )

    def remove_message(self, message: Message) -> None:
        """Take a message away."""
        with self.lock:
            self._messages[message.channel_id].remove(message)

    def list_visible_messages(self, channel: str, person_id: str) -> list[Message]:
        """What this person sees in a channel, oldest first."""
        with self.lock:
            return [
                m
                for m in self._messages.get(channel, [])
                if m.only_for in {None, person_id}
            ]

    def list_app_messages_since(self, ts: str) -> list[Message]:
        """Return what the app posted after a time stamp, oldest first, without answers that one person alone sees."""
        with self.lock:
            new = [
                m
                for messages in self._messages.values()
                for m in messages
                if m.ts > ts and m.only_for is None
            ]
            return sorted(
                (m for m in new if m.user_id == self.bot_user_id), key=lambda m: m.ts
            )

    def count_unread(self, channel: str, person_id: str) -> int:
        """Count what others wrote since the person last looked, without replies in the threads of a channel."""
        with self.lock:
            is_direct = self.channels[channel].kind == "im"
            since = self._read.get((person_id, channel), "")
            count = 0
            for message in reversed(self._messages.get(channel, [])):
                if message.ts <= since:
                    break
                is_counted = message.only_for is None and message.user_id != person_id
                count += is_counted and (is_direct or not message.is_in_thread_only)
            return count

    def mark_read(self, channel: str, person_id: str) -> None:
        """The person has seen all there is."""
        with self.lock:
            self._read[person_id, channel] = self.new_ts()

    # Files

    def add_file(self, name: str, size: int) -> File:
        """Take in a file whose bytes are still to come."""
        with self.lock:
            file = File(self.new_id("F"), name, size, title=name)
            self.files[file.id] = file
            return file

    def get_visible_file(self, file_id: str, person_id: str) -> File:
        """A file in a message that this person sees; KeyError where there is none."""
        for channel in self.list_channels_of(person_id):
            for message in self.list_visible_messages(channel.id, person_id):
                for file in message.files:
                    if file.id == file_id:
                        return file
        raise KeyError(file_id)

    # Views

    def list_open_modals(self, person_id: str) -> list[View]:
        """The open modals of a person, bottom to top."""
        with self.lock:
            return list(self.modal_stacks.get(person_id, []))

    def find_view(self, view_id: str) -> View | None:
        """The open modal or Home tab with this id."""
        with self.lock:
            views = [
                *itertools.chain.from_iterable(self.modal_stacks.values()),
                *self.home_views.values(),
            ]
            return next((view for view in views if view.id == view_id), None)
