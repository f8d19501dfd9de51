"""The state that the playground's parts share, and the events that pages receive."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import Any
from wsgiref.types import WSGIApplication

from bot.playground import serializers
from bot.playground.app_tokens import AppTokens
from bot.playground.clock import OffsetClock
from bot.playground.errors import SlackError
from bot.playground.event_stream import EventStream
from bot.playground.fault_injection import FaultSwitches
from bot.playground.mailbox import Mailboxes
from bot.playground.manifest import Manifest
from bot.playground.sign_in import SignIn
from bot.playground.sockets import SocketPool
from bot.playground.traffic_log import TrafficLog
from bot.playground.tutorial import TutorialProgress
from bot.playground.workspace import Json, Message, SlackWorkspace

MAX_REMEMBERED = 20_000  # triggers, response_urls and uploads each


@dataclass
class Trigger:
    """The right to open a modal for a user once, within the timeout for an ack.

    `view_id` is the view that the trigger came from.
    """

    user_id: str
    issued_at: float
    view_id: str | None = None
    is_used: bool = False


@dataclass
class ResponseUrl:
    """The conversation and message that a response_url belongs to."""

    user_id: str
    channel_id: str
    original_ts: str | None  # the ts of the message that was acted on
    expires_at: float  # epoch, by the playground's clock
    uses_left: int


def drop_oldest(entries: dict[str, Any], max_count: int = MAX_REMEMBERED) -> None:
    """Remove the oldest entry above `max_count`, so that a long run does not grow."""
    if len(entries) > max_count:
        del entries[next(iter(entries))]


@dataclass
class PlaygroundState:
    """One running workspace and its app.

    `peers` are all workspaces of the playground, which share the app with its address
    and its sockets, the clock, the traffic, the stream of the pages and the mailboxes.
    """

    clock: OffsetClock
    manifest: Manifest
    workspace: SlackWorkspace
    stream: EventStream
    traffic: TrafficLog
    faults: FaultSwitches
    sockets: SocketPool
    tokens: AppTokens
    tutorial: TutorialProgress
    mailboxes: Mailboxes
    sign_in: SignIn
    app_token: str
    signing_secret: str
    bot_token: str = ""
    base_url: str = ""
    is_installed: bool = False
    # The installation is that of the organisation.
    is_organisation_install: bool = False
    scopes: frozenset[str] = frozenset()  # that were granted
    peers: list["PlaygroundState"] = field(default_factory=list)
    request_url: str | None = None
    # Where people begin to install the app; None if it has one token from the start.
    install_url: str | None = None
    # In real time, for the app to acknowledge, and to use a trigger.
    ack_timeout_seconds: float = 3.0
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    stop_event: Event = field(default_factory=Event)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    # Options of external selects, by user, surface and action id.
    loaded_options: dict[tuple[str, str, str], list[Json]] = field(default_factory=dict)
    threads: list[Thread] = field(default_factory=list)
    # Serves the paths that begin so, for people who have no account.
    pages: WSGIApplication | None = None
    page_paths: tuple[str, ...] = ("/i/", "/me", "/slack/")

    @property
    def tenant_id(self) -> str:
        """Return what the app is installed in: the organisation or the workspace."""
        organisation = self.workspace.organisation
        if self.is_organisation_install and organisation:
            return organisation
        return self.workspace.team_id

    def list_organisation(self) -> list["PlaygroundState"]:
        """Return the workspaces of the same organisation, or this one alone."""
        organisation = self.workspace.organisation
        if not organisation:
            return [self]
        return [
            peer for peer in self.peers if peer.workspace.organisation == organisation
        ]

    def list_installed_together(self) -> list["PlaygroundState"]:
        """Return the workspaces that the app is uninstalled from together."""
        if not self.is_organisation_install:
            return [self]
        return [
            peer for peer in self.list_organisation() if peer.is_organisation_install
        ]

    def find_peer(self, user_id: object) -> "PlaygroundState":
        """Return the workspace in which somebody is a person; by default this one."""
        for peer in self.peers:
            account = peer.workspace.accounts.get(str(user_id))
            if account is not None and not account.is_bot:
                return peer
        return self

    @property
    def is_connected(self) -> bool:
        """Return whether the app can receive deliveries."""
        return self.request_url is not None or self.sockets.is_connected

    def issue_trigger(self, user_id: str, view_id: str | None = None) -> str:
        """Return a new trigger_id."""
        with self.workspace.lock:
            trigger_id = f"{self.workspace.new_id('')}.{secrets.token_hex(16)}"
            self.triggers[trigger_id] = Trigger(user_id, monotonic(), view_id)
            drop_oldest(self.triggers)
            return trigger_id

    def use_trigger(self, trigger_id: Any) -> Trigger:
        """Use up a trigger_id; SlackError if it is unknown, used or expired."""
        with self.workspace.lock:
            trigger = self.triggers.get(str(trigger_id))
            if trigger is None:
                raise SlackError("invalid_trigger_id")
            if trigger.is_used:
                raise SlackError("exchanged_trigger_id")
            if monotonic() - trigger.issued_at > self.ack_timeout_seconds:
                raise SlackError("expired_trigger_id")
            trigger.is_used = True
            return trigger

    def run_in_background(self, task: Callable[[], object]) -> Thread:
        """Run `task` in a thread that stop() waits for."""
        thread = Thread(target=task, daemon=True, name="playground-worker")
        with self.workspace.lock:
            running = [other for other in self.threads if other.is_alive()]
            self.threads = [*running, thread]
        thread.start()
        return thread

    # Publishing holds the lock, so that the latest event has the latest state.

    def publish_message(self, message: Message, kind: str = "message") -> None:
        """Publish a new or changed message to everybody who sees it."""
        with self.workspace.lock:
            if self.workspace.find_message(message.channel_id, message.ts) is None:
                return
            shown = serializers.serialize_page_message(message)
            event: Json = {"type": kind, "message": shown}
            channel_id = message.channel_id
            for user_id in filter(self.stream.has_open_page, self._viewer_ids(message)):
                fields = dict(event)
                if kind == "message":
                    fields["unread"] = self.workspace.count_unread(channel_id, user_id)
                self.stream.publish(fields, user_id)

    def publish_deletion(self, message: Message) -> None:
        """Publish the deletion of a message to everybody who saw it."""
        with self.workspace.lock:
            event = {
                "type": "deleted",
                "channel": message.channel_id,
                "ts": message.ts,
            }
            for user_id in self._viewer_ids(message):
                self.stream.publish(event, user_id)

    def publish_views(self, user_id: str) -> None:
        """Publish a user's open modals to their pages."""
        with self.workspace.lock:
            event = {"type": "views", "views": self.list_open_views(user_id)}
            self.stream.publish(event, user_id)

    def publish_home(self, user_id: str) -> None:
        """Publish a user's new Home tab to their pages."""
        with self.workspace.lock:
            event = {"type": "home", "home": self.find_home_view(user_id)}
            self.stream.publish(event, user_id)

    def publish_channels(self) -> None:
        """Publish to everybody the channels that they see."""
        with self.workspace.lock:
            for account in self.workspace.list_humans():
                names = serializers.list_page_channel_names(self.workspace, account)
                event = {
                    "type": "channels",
                    "channels": self.list_page_channels(account.id),
                    "channel_names": names,
                }
                self.stream.publish(event, account.id)

    def list_open_views(self, user_id: str) -> list[Json]:
        """Return a user's open modals, bottom to top."""
        return [
            serializers.serialize_view(self.workspace, view)
            for view in self.workspace.list_open_modals(user_id)
        ]

    def find_home_view(self, user_id: str) -> Json | None:
        """Return the Home tab that the app published for a user."""
        view = self.workspace.home_views.get(user_id)
        return serializers.serialize_view(self.workspace, view) if view else None

    def list_page_channels(self, user_id: str) -> list[Json]:
        """Return a user's channels for the page."""
        return [
            serializers.serialize_page_channel(self.workspace, channel, user_id)
            for channel in self.workspace.list_channels_of(user_id)
        ]

    def _viewer_ids(self, message: Message) -> list[str]:
        if message.only_for:
            return [message.only_for]
        return list(self.workspace.channels[message.channel_id].members)
