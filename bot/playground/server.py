"""The playground as one object: starts, stops, and what tests, demo and benchmarks ask of it."""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer

from bot.playground import acts, delivery, manifest, rooms, serving
from bot.playground.clock import Clock
from bot.playground.driver import Person
from bot.playground.faults import Faults
from bot.playground.record import Traffic
from bot.playground.seed import HOME, seed
from bot.playground.site import Site
from bot.playground.sockets import Sockets
from bot.playground.stream import Stream
from bot.playground.world import Json, World
from bot.playground.world import Person as Account

log = logging.getLogger("playground")
STOP = 2.0  # seconds that open requests have to end


class Playground:
    """A Slack workspace on this machine; the app's Web API address is `url` + "/api/"."""

    def __init__(
        self,
        port: int = 0,
        record: Path | None = None,
        manifest: manifest.Manifest | None = None,
        organisation: str | None = None,
    ) -> None:
        self.clock = Clock()
        self.on_travel: Callable[[datetime], None] | None = None
        self.next_due: Callable[[], datetime | None] | None = None
        self.describe_due: Callable[[datetime], str | None] | None = None
        self.can_travel = True
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None
        self.site = _site(self.clock, record, manifest)
        self.site.world.organisation = organisation
        self.faults = self.site.faults
        self.faults.drop_sockets = self.site.sockets.drop
        self.faults.refresh_sockets = self.site.sockets.refresh

    # Running

    def start(self) -> Self:
        """Listen on 127.0.0.1; gives itself back."""
        self._server = serving.server(self.site, self, self._port)
        self.site.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="playground")
        self._thread.start()
        log.info("the playground listens at %s", self.url)
        return self

    def stop(self) -> None:
        """Stop listening and end what is open."""
        self.site.stopping.set()
        self.site.sockets.close()
        self.site.stream.close()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(STOP)
            serving.wait_idle(self._server, STOP)
            self._server.server_close()
        for worker in self.site.threads:
            worker.join(STOP)
        self.site.traffic.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Facts

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT"""
        return self.site.base_url

    @property
    def bot_token(self) -> str:
        """The app's xoxb- token."""
        return self.site.bot_token

    @property
    def app_token(self) -> str:
        """The app's xapp- token, for Socket Mode."""
        return self.site.app_token

    @property
    def signing_secret(self) -> str:
        """What deliveries by HTTP are signed with."""
        return self.site.signing_secret

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.site.world.team_id

    @property
    def bot_user_id(self) -> str:
        """The user id of the app's bot."""
        return self.site.world.bot_user_id

    @property
    def request_url(self) -> str | None:
        """Where deliveries go by signed HTTP; None for Socket Mode."""
        return self.site.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.site.request_url = url
        self.site.stream.tell({"type": "connected", "connected": self.site.connected})

    @property
    def patience(self) -> float:
        """Seconds that the app has to acknowledge and to use a trigger; Slack's are 3."""
        return self.site.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self.site.patience = seconds

    @property
    def retry_delays(self) -> tuple[float, ...]:
        """Seconds before each retry of an event; Slack's are 0, 60, 300."""
        return self.site.retry_delays

    @retry_delays.setter
    def retry_delays(self, seconds: tuple[float, ...]) -> None:
        self.site.retry_delays = seconds

    @property
    def connected(self) -> bool:
        """Whether deliveries have somewhere to go."""
        return self.site.connected

    @property
    def traffic(self) -> list[Json]:
        """All that passed: direction "in" came from the app, "out" went to it."""
        return self.site.traffic.entries()

    # Time

    def travel(self, moment: datetime) -> None:
        """Move the app's time, and the playground's, on to a moment."""
        if self.on_travel is not None:
            self.on_travel(moment)
        if self.on_travel is None or self.clock.now() < moment:
            self.clock.set(moment)
        self.site.stream.tell({"type": "clock", "now": self.clock.epoch(), **self.next()})

    def due(self) -> datetime | None:
        """When the app next has something due."""
        return self.next_due() if self.next_due else None

    def next(self) -> Json:
        """Return what is due next and when, for the page."""
        due = self.due()
        words = self.describe_due(due) if due and self.describe_due else None
        return {"next_due": due.timestamp() if due else None, "next_words": words}

    # People and events

    def person(self, name: str) -> Person:
        """Somebody by name or id; KeyError where there is nobody."""
        return Person(self.site, self.site.world.person(name).id)

    def add_person(self, name: str, channels: tuple[str, ...] = ("general",), **facts: Any) -> Person:
        """Give somebody new an account (fields as in world.Person); sends team_join."""
        known: Json = {"id": f"U{name.upper()}", "real_name": name.title(), "email": f"{name}@acme.example.com"}
        account = Account(**{"team_id": HOME, **known, "name": name, **facts})
        return Person(self.site, acts.add_person(self.site, account, channels).id)

    def change_person(self, name: str, **changes: Any) -> None:
        """Change an account: tz, deleted, real_name, email, guest, …; sends user_change."""
        acts.change_person(self.site, self.site.world.person(name).id, changes)

    # Of these the app has heard, or failed to at the first attempt, when they return.

    def deactivate(self, name: str) -> None:
        """Deactivate an account; sends user_change."""
        self._account(name, deleted=True)

    def returns(self, name: str) -> None:
        """Let a deactivated account return; sends user_change."""
        self._account(name, deleted=False)

    def makes_admin(self, name: str, admin: bool = True) -> None:
        """Make somebody an admin of the workspace, or no longer; sends user_change."""
        self._account(name, is_admin=admin)

    def _account(self, name: str, **changes: Any) -> None:
        acts.change_person(self.site, self.site.world.person(name).id, changes, wait=True)

    def event(self, inner: Json, wait: bool = True) -> delivery.Sent:
        """Send an event and, in the background, its retries; ValueError where the app did not subscribe to it."""
        name = inner["type"]
        if not any(known.partition(".")[0] == name for known in self.site.manifest.events):
            raise ValueError(f"the manifest subscribes to {sorted(self.site.manifest.events)}, not to {name}")
        return delivery.send_event(self.site, inner, wait)

    def archive(self, channel: str, archived: bool = True, by: str = "ada") -> None:
        """Archive a channel, or bring it back; sends channel_archive, group_unarchive, …"""
        world = self.site.world
        rooms.archive(self.site, world.channel(channel), world.person(by), archived, wait=True)

    def delete_channel(self, channel: str, by: str = "ada") -> None:
        """Delete a channel; sends channel_deleted or group_deleted."""
        world = self.site.world
        rooms.delete(self.site, world.channel(channel), world.person(by), wait=True)

    def rename(self, channel: str, name: str, by: str = "ada") -> None:
        """Give a channel another name; sends channel_rename or group_rename."""
        world = self.site.world
        rooms.rename(self.site, world.channel(channel), name, world.person(by), wait=True)

    def removes_app(self, channel: str, by: str = "ada") -> None:
        """Take the app out of a channel; sends channel_left or group_left."""
        world = self.site.world
        bot = world.people[world.bot_user_id]
        rooms.part(self.site, world.channel(channel), bot, world.person(by), wait=True)

    def uninstall(self, tell: tuple[str, ...] = ("tokens_revoked", "app_uninstalled")) -> None:
        """Take the app out of the workspace; sends the two events in this order, which Slack does not promise."""
        rooms.uninstall(self.site, tell, wait=True)

    def wait_until(
        self, condition: Callable[[], Any], timeout: float = 15.0, words: str = "that did not come true"
    ) -> Any:
        """Wait until `condition()` is true and give its value; AssertionError with the latest traffic."""
        end = time.monotonic() + timeout
        while not (value := condition()):
            if time.monotonic() > end:
                latest = "\n".join(f"  {e['direction']:>3} {e['kind']}: {e['summary']}" for e in self.traffic[-12:])
                raise AssertionError(f"{words} within {timeout} s; the latest traffic:\n{latest or '  none'}")
            time.sleep(0.005)
        return value


def _site(clock: Clock, record: Path | None, given: manifest.Manifest | None) -> Site:
    app = given or manifest.load()
    stream = Stream()
    world = World(HOME, "Acme HQ", "acme-hq", clock.epoch)
    seed(world, app.name)
    return Site(
        clock=clock,
        manifest=app,
        world=world,
        stream=stream,
        traffic=Traffic(clock, stream, record),
        faults=Faults(),
        sockets=Sockets(world.app_id, lambda up: stream.tell({"type": "connected", "connected": up})),
        bot_token=f"xoxb-playground-{secrets.token_hex(12)}",
        app_token=f"xapp-1-{world.app_id}-{secrets.token_hex(12)}",
        signing_secret=secrets.token_hex(16),
    )
