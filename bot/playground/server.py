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

from bot.playground import conversations, delivery, http_server, manifest, user_actions
from bot.playground.clock import OffsetClock
from bot.playground.event_stream import EventStream
from bot.playground.fake_user import FakeUser
from bot.playground.fault_injection import FaultSwitches
from bot.playground.seed_data import HOME_TEAM_ID, populate_workspace
from bot.playground.sockets import SocketPool
from bot.playground.state import PlaygroundState
from bot.playground.traffic_log import TrafficLog
from bot.playground.workspace import Json, SlackWorkspace
from bot.playground.workspace import SlackAccount as Account

log = logging.getLogger("playground")
STOP_TIMEOUT_SECONDS = 2.0  # seconds that open requests have to end


class Playground:
    """A Slack workspace on this machine; the app's Web API address is `url` + "/api/"."""

    def __init__(
        self,
        port: int = 0,
        traffic_path: Path | None = None,
        manifest: manifest.Manifest | None = None,
        organisation: str | None = None,
    ) -> None:
        self.clock = OffsetClock()
        self.on_travel: Callable[[datetime], None] | None = None
        self.get_next_due: Callable[[], datetime | None] | None = None
        self.describe_due: Callable[[datetime], str | None] | None = None
        self.can_travel = True
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None
        self.state = _build_state(self.clock, traffic_path, manifest)
        self.state.workspace.organisation = organisation
        self.faults = self.state.faults
        self.faults.drop_sockets = self.state.sockets.drop_connections
        self.faults.refresh_sockets = self.state.sockets.request_reconnect

    # Running

    def start(self) -> Self:
        """Listen on 127.0.0.1; gives itself back."""
        self._server = http_server.create_server(self.state, self, self._port)
        self.state.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(
            target=self._server.serve_forever,
            args=(0.05,),
            daemon=True,
            name="playground",
        )
        self._thread.start()
        log.info("the playground listens at %s", self.url)
        return self

    def stop(self) -> None:
        """Stop listening and end what is open."""
        self.state.stop_event.set()
        self.state.sockets.close()
        self.state.stream.close()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(STOP_TIMEOUT_SECONDS)
            http_server.wait_idle(self._server, STOP_TIMEOUT_SECONDS)
            self._server.server_close()
        for worker in self.state.threads:
            worker.join(STOP_TIMEOUT_SECONDS)
        self.state.traffic.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Facts

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT"""
        return self.state.base_url

    @property
    def bot_token(self) -> str:
        """The app's xoxb- token."""
        return self.state.bot_token

    @property
    def app_token(self) -> str:
        """The app's xapp- token, for Socket Mode."""
        return self.state.app_token

    @property
    def signing_secret(self) -> str:
        """What deliveries by HTTP are signed with."""
        return self.state.signing_secret

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.state.workspace.team_id

    @property
    def bot_user_id(self) -> str:
        """The user id of the app's bot."""
        return self.state.workspace.bot_user_id

    @property
    def request_url(self) -> str | None:
        """Where deliveries go by signed HTTP; None for Socket Mode."""
        return self.state.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.state.request_url = url
        self.state.stream.publish(
            {"type": "connected", "connected": self.state.is_connected}
        )

    @property
    def ack_timeout_seconds(self) -> float:
        """Seconds that the app has to acknowledge and to use a trigger; Slack's are 3."""
        return self.state.ack_timeout_seconds

    @ack_timeout_seconds.setter
    def ack_timeout_seconds(self, seconds: float) -> None:
        self.state.ack_timeout_seconds = seconds

    @property
    def retry_delays(self) -> tuple[float, ...]:
        """Seconds before each retry of an event; Slack's are 0, 60, 300."""
        return self.state.retry_delays

    @retry_delays.setter
    def retry_delays(self, seconds: tuple[float, ...]) -> None:
        self.state.retry_delays = seconds

    @property
    def is_connected(self) -> bool:
        """Whether deliveries have somewhere to go."""
        return self.state.is_connected

    @property
    def traffic_entries(self) -> list[Json]:
        """All that passed: direction "in" came from the app, "out" went to it."""
        return self.state.traffic.list_entries()

    # Time

    def travel_to(self, moment: datetime) -> None:
        """Move the app's time, and the playground's, on to a moment."""
        if self.on_travel is not None:
            self.on_travel(moment)
        if self.on_travel is None or self.clock.now() < moment:
            self.clock.set_now(moment)
        self.state.stream.publish(
            {
                "type": "clock",
                "now": self.clock.epoch_seconds(),
                **self.next_due_payload(),
            }
        )

    def next_due_at(self) -> datetime | None:
        """When the app next has something due."""
        return self.get_next_due() if self.get_next_due else None

    def next_due_payload(self) -> Json:
        """Return what is due next and when, for the page."""
        due = self.next_due_at()
        renderer = self.describe_due(due) if due and self.describe_due else None
        return {"next_due": due.timestamp() if due else None, "next_words": renderer}

    # People and events

    def get_user(self, name: str) -> FakeUser:
        """Somebody by name or id; KeyError where there is nobody."""
        return FakeUser(self.state, self.state.workspace.get_account(name).id)

    def add_user(
        self, name: str, channels: tuple[str, ...] = ("general",), **repositories: Any
    ) -> FakeUser:
        """Give somebody new an account (fields as in world.Person); sends team_join."""
        known: Json = {
            "id": f"U{name.upper()}",
            "real_name": name.title(),
            "email": f"{name}@acme.example.com",
        }
        account = Account(
            **{"team_id": HOME_TEAM_ID, **known, "name": name, **repositories}
        )
        return FakeUser(
            self.state, user_actions.add_account(self.state, account, channels).id
        )

    def change_account(self, name: str, **changes: Any) -> None:
        """Change an account: tz, deleted, real_name, email, guest, …; sends user_change."""
        user_actions.change_account(
            self.state, self.state.workspace.get_account(name).id, changes
        )

    # Of these the app has heard, or failed to at the first attempt, when they return.

    def deactivate_account(self, name: str) -> None:
        """Deactivate an account; sends user_change."""
        self._change_account_and_wait(name, deleted=True)

    def reactivate_account(self, name: str) -> None:
        """Let a deactivated account return; sends user_change."""
        self._change_account_and_wait(name, deleted=False)

    def set_admin(self, name: str, is_admin: bool = True) -> None:
        """Make somebody an admin of the workspace, or no longer; sends user_change."""
        self._change_account_and_wait(name, is_admin=is_admin)

    def _change_account_and_wait(self, name: str, **changes: Any) -> None:
        user_actions.change_account(
            self.state, self.state.workspace.get_account(name).id, changes, wait=True
        )

    def send_event(self, inner: Json, wait: bool = True) -> delivery.EventDelivery:
        """Send an event and, in the background, its retries; ValueError where the app did not subscribe to it."""
        name = inner["type"]
        if not any(
            known.partition(".")[0] == name for known in self.state.manifest.events
        ):
            raise ValueError(
                f"the manifest subscribes to {sorted(self.state.manifest.events)}, not to {name}"
            )
        return delivery.send_event(self.state, inner, wait)

    def archive_channel(
        self, channel: str, is_archived: bool = True, by: str = "ada"
    ) -> None:
        """Archive a channel, or bring it back; sends channel_archive, group_unarchive, …"""
        world = self.state.workspace
        conversations.archive_channel(
            self.state,
            world.get_channel(channel),
            world.get_account(by),
            is_archived,
            wait=True,
        )

    def delete_channel(self, channel: str, by: str = "ada") -> None:
        """Delete a channel; sends channel_deleted or group_deleted."""
        world = self.state.workspace
        conversations.delete_channel(
            self.state, world.get_channel(channel), world.get_account(by), wait=True
        )

    def rename_channel(self, channel: str, name: str, by: str = "ada") -> None:
        """Give a channel another name; sends channel_rename or group_rename."""
        world = self.state.workspace
        conversations.rename_channel(
            self.state,
            world.get_channel(channel),
            name,
            world.get_account(by),
            wait=True,
        )

    def remove_app(self, channel: str, by: str = "ada") -> None:
        """Take the app out of a channel; sends channel_left or group_left."""
        world = self.state.workspace
        bot = world.accounts[world.bot_user_id]
        conversations.leave_channel(
            self.state,
            world.get_channel(channel),
            bot,
            world.get_account(by),
            wait=True,
        )

    def uninstall_app(
        self, event_types: tuple[str, ...] = ("tokens_revoked", "app_uninstalled")
    ) -> None:
        """Take the app out of the workspace; sends the two events in this order, which Slack does not promise."""
        conversations.uninstall_app(self.state, event_types, wait=True)

    def wait_until(
        self,
        condition: Callable[[], Any],
        timeout: float = 15.0,
        renderer: str = "that did not come true",
    ) -> Any:
        """Wait until `condition()` is true and give its value; AssertionError with the latest traffic."""
        end = time.monotonic() + timeout
        while not (value := condition()):
            if time.monotonic() > end:
                latest = "\n".join(
                    f"  {e['direction']:>3} {e['kind']}: {e['summary']}"
                    for e in self.traffic_entries[-12:]
                )
                raise AssertionError(
                    f"{renderer} within {timeout} s; the latest traffic:\n{latest or '  none'}"
                )
            time.sleep(0.005)
        return value


def _build_state(
    clock: OffsetClock, record: Path | None, given: manifest.Manifest | None
) -> PlaygroundState:
    app = given or manifest.load_manifest()
    stream = EventStream()
    world = SlackWorkspace(HOME_TEAM_ID, "Acme HQ", "acme-hq", clock.epoch_seconds)
    populate_workspace(world, app.name)
    return PlaygroundState(
        clock=clock,
        manifest=app,
        workspace=world,
        stream=stream,
        traffic=TrafficLog(clock, stream, record),
        faults=FaultSwitches(),
        sockets=SocketPool(
            world.app_id,
            lambda up: stream.publish({"type": "connected", "connected": up}),
        ),
        bot_token=f"xoxb-playground-{secrets.token_hex(12)}",
        app_token=f"xapp-1-{world.app_id}-{secrets.token_hex(12)}",
        signing_secret=secrets.token_hex(16),
    )
