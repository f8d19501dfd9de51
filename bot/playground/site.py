"""What the parts of the playground share, and how pages hear of changes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import Any

from bot.playground import faces
from bot.playground.clock import Clock
from bot.playground.errors import SlackError
from bot.playground.faults import Faults
from bot.playground.manifest import Manifest
from bot.playground.record import Traffic
from bot.playground.sockets import Sockets
from bot.playground.stream import Stream
from bot.playground.tries import Tries
from bot.playground.world import Json, Message, World

REMEMBERED = 20_000  # triggers, and as many response_urls


@dataclass
class Trigger:
    """The right to open a modal for a person, once and soon; `view_id` is where it came from."""

    person: str
    issued: float
    view_id: str | None = None
    used: bool = False


@dataclass
class Answerable:
    """What a response_url leads to."""

    person: str
    channel: str
    original: str | None  # the ts of the message that was acted on
    until: float  # epoch, by the playground's clock
    uses: int


def shorten(remembered: dict[str, Any], most: int = REMEMBERED) -> None:
    """Forget the oldest, so that a long run does not grow without end."""
    if len(remembered) > most:
        del remembered[next(iter(remembered))]


@dataclass
class Site:
    """One running workspace and its app."""

    clock: Clock
    manifest: Manifest
    world: World
    stream: Stream
    traffic: Traffic
    faults: Faults
    sockets: Sockets
    bot_token: str
    app_token: str
    signing_secret: str
    base_url: str = ""
    installed: bool = True
    request_url: str | None = None
    patience: float = 3.0  # seconds of real time in which the app acknowledges, and may use a trigger
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    stopping: Event = field(default_factory=Event)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    answerables: dict[str, Answerable] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    suggested: dict[tuple[str, str, str], list[Json]] = field(default_factory=dict)
    threads: list[Thread] = field(default_factory=list)
    tries: Tries = field(init=False)

    def __post_init__(self) -> None:
        self.tries = Tries(self.stream)

    @property
    def connected(self) -> bool:
        """Whether deliveries have somewhere to go."""
        return self.request_url is not None or self.sockets.connected

    def trigger(self, person_id: str, view_id: str | None = None) -> str:
        """A fresh trigger_id."""
        with self.world.lock:
            name = f"{self.world.new_id('')}.{secrets.token_hex(16)}"
            self.triggers[name] = Trigger(person_id, monotonic(), view_id)
            shorten(self.triggers)
            return name

    def use_trigger(self, name: Any) -> Trigger:
        """Spend a trigger_id; SlackError where it is unknown, spent or too old."""
        with self.world.lock:
            trigger = self.triggers.get(str(name))
            if trigger is None:
                raise SlackError("invalid_trigger_id")
            if trigger.used:
                raise SlackError("exchanged_trigger_id")
            if monotonic() - trigger.issued > self.patience:
                raise SlackError("expired_trigger_id")
            trigger.used = True
            return trigger

    def spawn(self, work: Callable[[], object]) -> Thread:
        """Run `work` beside; stop() waits for it."""
        thread = Thread(target=work, daemon=True, name="playground-worker")
        with self.world.lock:
            self.threads = [*(t for t in self.threads if t.is_alive()), thread]
        thread.start()
        return thread

    # What pages hear: under the lock, so that what they hear last is so

    def tell_message(self, message: Message, kind: str = "message") -> None:
        """Tell everybody who sees this message that it came or changed."""
        with self.world.lock:
            if self.world.message(message.channel, message.ts) is None:
                return
            told = {"type": kind, "message": faces.ui_message(message)}
            for person in filter(self.stream.reaches, self._audience(message)):
                unread = {"unread": self.world.unread(message.channel, person)} if kind == "message" else {}
                self.stream.tell({**told, **unread}, person)

    def tell_deleted(self, message: Message) -> None:
        """Tell everybody who saw this message that it is gone."""
        with self.world.lock:
            for person in self._audience(message):
                self.stream.tell({"type": "deleted", "channel": message.channel, "ts": message.ts}, person)

    def tell_views(self, person_id: str) -> None:
        """Tell a person's pages which modals are open."""
        with self.world.lock:
            self.stream.tell({"type": "views", "views": self.views(person_id)}, person_id)

    def tell_home(self, person_id: str) -> None:
        """Tell a person's pages of their new Home tab."""
        with self.world.lock:
            self.stream.tell({"type": "home", "home": self.home(person_id)}, person_id)

    def tell_channels(self) -> None:
        """Tell everybody of their channels."""
        with self.world.lock:
            for person in self.world.humans():
                names = faces.ui_channel_names(self.world, person)
                told = {"type": "channels", "channels": self.channels(person.id), "channel_names": names}
                self.stream.tell(told, person.id)

    def views(self, person_id: str) -> list[Json]:
        """The open modals of a person, bottom to top."""
        return [faces.view(self.world, view) for view in self.world.stack(person_id)]

    def home(self, person_id: str) -> Json | None:
        """The Home tab that the app published for a person."""
        view = self.world.homes.get(person_id)
        return faces.view(self.world, view) if view else None

    def channels(self, person_id: str) -> list[Json]:
        """The channels of a person, for the page."""
        return [faces.ui_channel(self.world, c, person_id) for c in self.world.channels_of(person_id)]

    def _audience(self, message: Message) -> list[str]:
        if message.only_for:
            return [message.only_for]
        return list(self.world.channels[message.channel].members)
