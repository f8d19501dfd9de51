"""The workspace's data: accounts, channels, messages, views, files, under one lock."""

import itertools
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class SlackAccount:
    """An account of this workspace or of another one."""

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
    # The account's workspaces of the organisation, if it belongs to one.
    workspaces: tuple[str, ...] = ()
    # The id of the human in the organisation, where it is not that of the account.
    organisation_user_id: str = ""


@dataclass
class Channel:
    """A channel or the app's direct message with the user `user_id`."""

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
    """A file of the app; `content` is None until its bytes arrive."""

    id: str
    name: str
    size: int
    title: str = ""
    content: bytes | None = None
    shared: bool = False


@dataclass
class Message:
    """One message; with `only_for` it is ephemeral."""

    ts: str
    channel_id: str
    user_id: str
    text: str
    blocks: list[Json] | None = None
    only_for: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False  # a reply that appears in the channel too
    edited: str | None = None
    failed: bool = False
    subtype: str | None = None
    files: tuple[File, ...] = ()
    state: dict[str, Json] = field(default_factory=dict)

    @property
    def is_in_thread_only(self) -> bool:
        """Return whether the message appears in its thread alone."""
        return self.thread_ts not in {None, self.ts} and not self.broadcast


@dataclass
class View:
    """A modal or a Home tab, with the values that its user has entered."""

    id: str
    user_id: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    state: Json = field(default_factory=dict)


_numbers = itertools.count(1)  # of ids, which are unique in all workspaces


class SlackWorkspace:
    """The data that Slack stores.

    Each method takes `lock` briefly. Callers take it for longer reads, and never while
    they communicate with the app.
    """

    def __init__(
        self,
        team_id: str,
        team_name: str,
        domain: str,
        now: Callable[[], float],
        bot_user_id: str = "U0COLLAB",
    ) -> None:
        self.team_id, self.team_name, self.domain = team_id, team_name, domain
        # The id of the Enterprise organisation that the workspace belongs to.
        self.organisation: str | None = None
        self.organisation_name = team_name
        self.app_installed_in = team_id  # or the organisation
        # The names of the other workspaces that shared channels connect, by id.
        self.other_teams: dict[str, str] = {}
        self.app_id, self.bot_id, self.bot_user_id = "A0COLLAB", "B0COLLAB", bot_user_id
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

    def new_ts(self) -> str:
        """Return a time stamp later than those of all other messages."""
        with self.lock:
            self._last = max(self._last + 1, int(self._now() * 1_000_000))
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """Return an unused id."""
        return f"{letter}0{next(_numbers):08d}"

    def new_hash(self) -> str:
        """Return a new hash for a view, which changes with every change of the view."""
        return f"{int(self._now())}.{secrets.token_hex(4)}"

    # Accounts

    def add_account(
        self, account: SlackAccount, channel_ids: Iterable[str] = ()
    ) -> SlackAccount:
        """Add an account, its direct message with the app, and its channels."""
        with self.lock:
            self.accounts[account.id] = account
            if not account.is_bot:
                channel_id = "D" + account.id[1:]
                members = [account.id, self.bot_user_id]
                self.channels[channel_id] = Channel(
                    channel_id, account.name, "im", members, user_id=account.id
                )
            for channel_id in channel_ids:
                self.channels[channel_id].members.append(account.id)
        return account

    def update_account(self, user_id: str, **changes: Any) -> SlackAccount:
        """Change fields of an account."""
        with self.lock:
            self.accounts[user_id] = replace(self.accounts[user_id], **changes)
            return self.accounts[user_id]

    def get_account(self, name_or_id: str) -> SlackAccount:
        """Return the account with this id or name; KeyError if there is none."""
        name = name_or_id.removeprefix("@").lower()
        with self.lock:
            if name_or_id in self.accounts:
                return self.accounts[name_or_id]
            for account in self.accounts.values():
                if account.name == name:
                    return account
        raise KeyError(name_or_id)

    def list_humans(self) -> list[SlackAccount]:
        """Return all accounts except bots."""
        with self.lock:
            return [account for account in self.accounts.values() if not account.is_bot]

    def is_of_other_workspace(self, account: SlackAccount) -> bool:
        """Return whether the account is not in this workspace."""
        return self.team_id not in {account.team_id, *account.workspaces}

    def is_of_other_organisation(self, account: SlackAccount) -> bool:
        """Return whether the account is outside of workspace and organisation."""
        is_of_organisation = bool(self.organisation and account.workspaces)
        return self.is_of_other_workspace(account) and not is_of_organisation

    def is_stranger(self, account: SlackAccount) -> bool:
        """Return whether the account is foreign and shares no channel with the app."""
        if not self.is_of_other_organisation(account):
            return False
        with self.lock:
            shared = [
                channel
                for channel in self.list_channels_of(account.id)
                if channel.kind != "im" and self.bot_user_id in channel.members
            ]
        return not shared

    # Channels

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel."""
        with self.lock:
            self.channels[channel.id] = channel
            return channel

    def get_channel(self, name_or_id: str) -> Channel:
        """Return the channel with this id or name; KeyError if there is none."""
        name = name_or_id.removeprefix("#")
        with self.lock:
            if name_or_id in self.channels:
                return self.channels[name_or_id]
            for channel in self.channels.values():
                if channel.kind != "im" and channel.name == name:
                    return channel
        raise KeyError(name_or_id)

    def get_direct_channel(self, user_id: str) -> Channel:
        """Return the direct message between this user and the app."""
        return self.get_channel("D" + user_id[1:])

    def list_channels_of(self, user_id: str) -> list[Channel]:
        """Return the channels that this user is in."""
        with self.lock:
            return [
                channel
                for channel in self.channels.values()
                if user_id in channel.members
            ]

    # Messages

    def add_message(
        self, channel_id: str, user_id: str, text: str, **more: Any
    ) -> Message:
        """Add a message to a channel."""
        with self.lock:
            message = Message(self.new_ts(), channel_id, user_id, text, **more)
            self._messages.setdefault(channel_id, []).append(message)
            if user_id in self.accounts:
                self._read[user_id, channel_id] = message.ts
            return message

    def find_message(self, channel_id: str, ts: str) -> Message | None:
        """Return the message with this time stamp, ephemeral ones included."""
        with self.lock:
            for message in reversed(self._messages.get(channel_id, [])):
                if message.ts == ts:
                    return message
        return None

    def remove_message(self, message: Message) -> None:
        """Remove a message."""
        with self.lock:
            self._messages[message.channel_id].remove(message)

    def list_visible_messages(self, channel_id: str, user_id: str) -> list[Message]:
        """Return the messages of a channel that this user sees, oldest first."""
        with self.lock:
            return [
                message
                for message in self._messages.get(channel_id, [])
                if message.only_for in {None, user_id}
            ]

    def list_app_messages_since(self, ts: str) -> list[Message]:
        """Return the app's non-ephemeral messages after a time stamp, oldest first."""
        with self.lock:
            messages = itertools.chain.from_iterable(self._messages.values())
            new = [message for message in messages if message.ts > ts]
        return sorted(
            (
                message
                for message in new
                if message.user_id == self.bot_user_id and message.only_for is None
            ),
            key=lambda message: message.ts,
        )

    def count_unread(self, channel_id: str, user_id: str) -> int:
        """Count the unread messages of others, without thread replies in a channel."""
        with self.lock:
            is_direct = self.channels[channel_id].kind == "im"
            since = self._read.get((user_id, channel_id), "")
            count = 0
            for message in reversed(self._messages.get(channel_id, [])):
                if message.ts <= since:
                    break
                is_counted = message.only_for is None and message.user_id != user_id
                count += is_counted and (is_direct or not message.is_in_thread_only)
            return count

    def mark_read(self, channel_id: str, user_id: str, ts: str | None = None) -> None:
        """Mark a channel as read by this user, up to a message or wholly."""
        with self.lock:
            before = self._read.get((user_id, channel_id), "")
            self._read[user_id, channel_id] = max(before, ts or self.new_ts())

    # Files

    def add_file(self, name: str, size: int) -> File:
        """Add a file without content."""
        with self.lock:
            file = File(self.new_id("F"), name, size, title=name)
            self.files[file.id] = file
            return file

    def get_visible_file(self, file_id: str, user_id: str) -> File:
        """Return a file of a message that this user sees; KeyError if there is none."""
        for channel in self.list_channels_of(user_id):
            for message in self.list_visible_messages(channel.id, user_id):
                for file in message.files:
                    if file.id == file_id:
                        return file
        raise KeyError(file_id)

    # Views

    def list_open_modals(self, user_id: str) -> list[View]:
        """Return a user's open modals, bottom to top."""
        with self.lock:
            return list(self.modal_stacks.get(user_id, []))

    def list_views(self) -> list[View]:
        """Return the open modals and the Home tabs of all users."""
        with self.lock:
            modals = itertools.chain.from_iterable(self.modal_stacks.values())
            return [*modals, *self.home_views.values()]

    def find_view(self, view_id: str) -> View | None:
        """Return the open modal or Home tab with this id."""
        for view in self.list_views():
            if view.id == view_id:
                return view
        return None
