"""What the parts of the playground share, and how pages hear of changes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import Any

from bot.playground import serializers
from bot.playground.clock import OffsetClock
from bot.playground.errors import SlackError
from bot.playground.event_stream import EventStream
from bot.playground.fault_injection import FaultSwitches
from bot.playground.manifest import Manifest
from bot.playground.sockets import SocketPool
from bot.playground.traffic_log import TrafficLog
from bot.playground.tutorial import TutorialProgress
from bot.playground.workspace import Json, Message, SlackWorkspace

MAX_REMEMBERED = 20_000  # triggers, and as many response_urls


@dataclass
class Trigger:
    """The right to open a modal for a person, once and soon; `view_id` is where it came from."""

    user_id: str
    issued_at: float
    view_id: str | None = None
    is_used: bool = False


@dataclass
class ResponseUrl:
    """What a response_url leads to."""

    user_id: str
    channel_id: str
    original_ts: str | None  # the ts of the message that was acted on
    expires_at: float  # epoch, by the playground's clock
    uses_left: int


def drop_oldest(remembered: dict[str, Any], most: int = MAX_REMEMBERED) -> None:
    """Forget the oldest, so that a long run does not grow without end."""
    if len(remembered) > most:
        del remembered[next(iter(remembered))]


@dataclass
class PlaygroundState:
    """One running workspace and its app."""

    clock: OffsetClock
    manifest: Manifest
    workspace: SlackWorkspace
    stream: EventStream
    traffic: TrafficLog
    faults: FaultSwitches
    sockets: SocketPool
    bot_token: str
    app_token: str
    signing_secret: str
    base_url: str = ""
    is_installed: bool = True
    request_url: str | None = None
    ack_timeout_seconds: float = (
        3.0  # seconds of real time in which the app acknowledges, and may use a trigger
    )
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    stop_event: Event = field(default_factory=Event)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    suggested_options: dict[tuple[str, str, str], list[Json]] = field(
        default_factory=dict
    )
    threads: list[Thread] = field(default_factory=list)
    tutorial: TutorialProgress = field(init=False)

    def __post_init__(self) -> None:
        self.tutorial = TutorialProgress(self.stream)

    @property
    def is_connected(self) -> bool:
        """Whether deliveries have somewhere to go."""
        return self.request_url is not None or self.sockets.is_connected

    def issue_trigger(self, person_id: str, view_id: str | None = None) -> str:
        """A fresh trigger_id."""
        with self.workspace.lock:
            name = f"{self.workspace.new_id('')}.{secrets.token_hex(16)}"
            self.triggers[name] = Trigger(person_id, monotonic(), view_id)
            drop_oldest(self.triggers)
            return name

    def use_trigger(self, name: Any) -> Trigger:
        """Spend a trigger_id; SlackError where it is unknown, spent or too old."""
        with self.workspace.lock:
            trigger = self.triggers.get(str(name))
            if trigger is None:
                raise SlackError("invalid_trigger_id")
            if trigger.is_used:
                raise SlackError("exchanged_trigger_id")
            if monotonic() - trigger.issued_at > self.ack_timeout_seconds:
                raise SlackError("expired_trigger_id")
            trigger.is_used = True
            return trigger

    def run_in_background(self, work: Callable[[], object]) -> Thread:
        """Run `work` beside; stop() waits for it."""
        thread = Thread(target=work, daemon=True, name="playground-worker")
        with self.workspace.lock:
            self.threads = [*(t for t in self.threads if t.is_alive()), thread]
        thread.start()
        return thread

    # What pages hear: under the lock, so that what they hear last is so

    def publish_message(self, message: Message, kind: str = "message") -> None:
        """Tell everybody who sees this message that it came or changed."""
        with self.workspace.lock:
            if self.workspace.find_message(message.channel_id, message.ts) is None:
                return
            told = {
                "type": kind,
                "message": serializers.serialize_page_message(message),
            }
            for person in filter(self.stream.has_open_page, self._viewer_ids(message)):
                unread = (
                    {"unread": self.workspace.count_unread(message.channel_id, person)}
                    if kind == "message"
                    else {}
                )
                self.stream.publish({**told, **unread}, person)

    def publish_deletion(self, message: Message) -> None:
        """Tell everybody who saw this message that it is gone."""
        with self.workspace.lock:
            for person in self._viewer_ids(message):
                self.stream.publish(
                    {
                        "type": "deleted",
                        "channel": message.channel_id,
                        "ts": message.ts,
                    },
                    person,
                )

    def publish_views(self, person_id: str) -> None:
        """Tell a person's pages which modals are open."""
        with self.workspace.lock:
            self.stream.publish(
                {"type": "views", "views": self.list_open_views(person_id)}, person_id
            )

    def publish_home(self, person_id: str) -> None:
        """Tell a person's pages of their new Home tab."""
        with self.workspace.lock:
            self.stream.publish(
                {"type": "home", "home": self.find_home_view(person_id)}, person_id
            )

    def publish_channels(self) -> None:
        """Tell everybody of their channels."""
        with self.workspace.lock:
            for person in self.workspace.list_humans():
                names = serializers.list_page_channel_names(self.workspace, person)
                told = {
                    "type": "channels",
                    "channels": self.list_page_channels(person.id),
                    "channel_names": names,
                }
                self.stream.publish(told, person.id)

    def list_open_views(self, person_id: str) -> list[Json]:
        """The open modals of a person, bottom to top."""
        return [
            serializers.serialize_view(self.workspace, view)
            for view in self.workspace.list_open_modals(person_id)
        ]

    def find_home_view(self, person_id: str) -> Json | None:
        """The Home tab that the app published for a person."""
        view = self.workspace.home_views.get(person_id)
        return serializers.serialize_view(self.workspace, view) if view else None

    def list_page_channels(self, person_id: str) -> list[Json]:
        """The channels of a person, for the page."""
        return [
            serializers.serialize_page_channel(self.workspace, c, person_id)
            for c in self.workspace.list_channels_of(person_id)
        ]

    def _viewer_ids(self, message: Message) -> list[str]:
        if message.only_for:
            return [message.only_for]
        return list(self.workspace.channels[message.channel_id].members)
