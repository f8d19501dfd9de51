"""The playground as one object: start, stop, and controls for tests and the demo."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer

from bot.playground import (
    conversations,
    delivery,
    http_server,
    installations,
    user_actions,
)
from bot.playground.clock import OffsetClock
from bot.playground.fake_user import FakeUser
from bot.playground.mailbox import Mailboxes
from bot.playground.manifest import Manifest, load_manifest
from bot.playground.oauth import OAuth
from bot.playground.seed_data import HOME_TEAM_ID
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json, SlackAccount
from bot.playground.workspaces import build_states

log = logging.getLogger("playground")
STOP_TIMEOUT_SECONDS = 2.0  # for open requests


class Playground:
    """A Slack workspace on this machine; its Web API address is `url` + "/api/"."""

    def __init__(
        self,
        port: int = 0,
        traffic_path: Path | None = None,
        manifest: Manifest | None = None,
        organisation: str | None = None,
        *,
        has_two_workspaces: bool = False,
        is_installed: bool = True,
    ) -> None:
        self.clock = OffsetClock()
        self.on_travel: Callable[[datetime], None] | None = None
        self.get_next_due: Callable[[], datetime | None] | None = None
        self.describe_due: Callable[[datetime], str | None] | None = None
        self.can_travel = True
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None
        self.states = build_states(
            self.clock,
            traffic_path,
            manifest or load_manifest(),
            organisation=organisation,
            has_two=has_two_workspaces,
        )
        self.state = self.states[0]
        self.oauth = OAuth(
            self.states,
            self.state.sign_in.redirect_uris,
            self.state.manifest.rotates_tokens,
        )
        for state in self.states:
            if is_installed and state is self.state:
                installations.install_app(state, state.manifest.scopes)
            else:
                installations.remove_bot(state)
        self.faults = self.state.faults
        self.faults.drop_sockets = self.state.sockets.drop_connections
        self.faults.refresh_sockets = self.state.sockets.request_reconnect

    # Lifecycle

    def start(self) -> Self:
        """Listen on 127.0.0.1 and return the playground itself."""
        self._server = http_server.create_server(
            self.state, self, self.oauth, self._port
        )
        for state in self.states:
            state.base_url = f"http://127.0.0.1:{self._server.server_port}"
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
        """Stop listening, and end open connections and requests."""
        self.state.stop_event.set()
        self.state.sockets.close()
        self.state.stream.close()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(STOP_TIMEOUT_SECONDS)
            http_server.wait_idle(self._server, STOP_TIMEOUT_SECONDS)
            self._server.server_close()
        for worker in [thread for state in self.states for thread in state.threads]:
            worker.join(STOP_TIMEOUT_SECONDS)
        self.state.traffic.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Properties

    @property
    def url(self) -> str:
        """Return http://127.0.0.1:PORT."""
        return self.state.base_url

    @property
    def bot_token(self) -> str:
        """Return the app's xoxb- token."""
        return self.state.bot_token

    @property
    def app_token(self) -> str:
        """Return the app's xapp- token, for Socket Mode."""
        return self.state.app_token

    @property
    def signing_secret(self) -> str:
        """Return the secret that signs deliveries by HTTP."""
        return self.state.signing_secret

    @property
    def mailboxes(self) -> Mailboxes:
        """Return the mailboxes of people without an account."""
        return self.state.mailboxes

    @property
    def team_id(self) -> str:
        """Return the workspace's id."""
        return self.state.workspace.team_id

    @property
    def bot_user_id(self) -> str:
        """Return the user id of the app's bot."""
        return self.state.workspace.bot_user_id

    @property
    def request_url(self) -> str | None:
        """Return the URL for deliveries by signed HTTP; None with Socket Mode."""
        return self.state.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        for state in self.states:
            state.request_url = url
        self.state.stream.publish(
            {"type": "connected", "connected": self.state.is_connected}
        )

    @property
    def install_url(self) -> str | None:
        """Return where people begin to install the app; None with one token."""
        return self.state.install_url

    @install_url.setter
    def install_url(self, url: str | None) -> None:
        for state in self.states:
            state.install_url = url

    @property
    def ack_timeout_seconds(self) -> float:
        """Return the seconds in which to acknowledge and use a trigger; Slack has 3."""
        return self.state.ack_timeout_seconds

    @ack_timeout_seconds.setter
    def ack_timeout_seconds(self, seconds: float) -> None:
        for state in self.states:
            state.ack_timeout_seconds = seconds

    @property
    def retry_delays(self) -> tuple[float, ...]:
        """Return the seconds before each retry of an event; Slack has 0, 60, 300."""
        return self.state.retry_delays

    @retry_delays.setter
    def retry_delays(self, seconds: tuple[float, ...]) -> None:
        for state in self.states:
            state.retry_delays = seconds

    @property
    def is_connected(self) -> bool:
        """Return whether the app can receive deliveries."""
        return self.state.is_connected

    @property
    def traffic_entries(self) -> list[Json]:
        """Return the traffic: direction "in" came from the app, "out" went to it."""
        return self.state.traffic.list_entries()

    # Time

    def travel_to(self, moment: datetime) -> None:
        """Move the time of the app and of the playground on to a moment."""
        if self.on_travel is not None:
            self.on_travel(moment)
        if self.on_travel is None or self.clock.now() < moment:
            self.clock.set_now(moment)
        event = {"type": "clock", "now": self.clock.epoch_seconds()}
        self.state.stream.publish({**event, **self.next_due_payload()})

    def next_due_at(self) -> datetime | None:
        """Return when the app next has something due."""
        return self.get_next_due() if self.get_next_due else None

    def next_due_payload(self) -> Json:
        """Return what is due next and when, for the page."""
        due_at = self.next_due_at()
        if due_at is None:
            return {"next_due": None, "next_words": None}
        description = self.describe_due(due_at) if self.describe_due else None
        return {"next_due": due_at.timestamp(), "next_words": description}

    # Users and events

    def get_user(self, name: str) -> FakeUser:
        """Return the user of this name or id; KeyError if there is none."""
        for state in self.states:
            with suppress(KeyError):
                return FakeUser(state, state.workspace.get_account(name).id)
        raise KeyError(name)

    def get_state(self, team_id: str) -> PlaygroundState:
        """Return the state of a workspace; KeyError if there is none."""
        for state in self.states:
            if state.workspace.team_id == team_id:
                return state
        raise KeyError(team_id)

    def add_user(
        self, name: str, channels: tuple[str, ...] = ("general",), **fields: Any
    ) -> FakeUser:
        """Add an account, with fields as in SlackAccount; sends team_join."""
        defaults: Json = {
            "id": f"U{name.upper()}",
            "real_name": name.title(),
            "email": f"{name}@acme.example.com",
        }
        account = SlackAccount(
            **{"team_id": HOME_TEAM_ID, **defaults, "name": name, **fields}
        )
        return FakeUser(
            self.state, user_actions.add_account(self.state, account, channels).id
        )

    def change_account(self, name: str, **changes: Any) -> None:
        """Change an account: tz, deleted, email, guest, …; sends user_change."""
        user_actions.change_account(
            self.state, self.state.workspace.get_account(name).id, changes
        )

    # The following return after the first attempt to deliver their event.

    def deactivate_account(self, name: str) -> None:
        """Deactivate an account; sends user_change."""
        self._change_account_and_wait(name, deleted=True)

    def reactivate_account(self, name: str) -> None:
        """Reactivate a deactivated account; sends user_change."""
        self._change_account_and_wait(name, deleted=False)

    def set_admin(self, name: str, is_admin: bool = True) -> None:
        """Make a user an admin of the workspace, or not; sends user_change."""
        self._change_account_and_wait(name, is_admin=is_admin)

    def _change_account_and_wait(self, name: str, **changes: Any) -> None:
        user_actions.change_account(
            self.state, self.state.workspace.get_account(name).id, changes, wait=True
        )

    def send_event(self, event: Json, wait: bool = True) -> delivery.EventDelivery:
        """Send an event and, in the background, its retries.

        ValueError if the app is not subscribed to it.
        """
        event_type, subscriptions = event["type"], self.state.manifest.events
        if event_type not in {name.partition(".")[0] for name in subscriptions}:
            raise ValueError(
                f"the manifest subscribes to {sorted(subscriptions)}, not to {event_type}"
            )
        return delivery.send_event(self.state, event, wait)

    def archive_channel(
        self, channel: str, is_archived: bool = True, by: str = "ada"
    ) -> None:
        """Archive a channel or unarchive it; sends channel_archive, …."""
        workspace = self.state.workspace
        conversations.archive_channel(
            self.state,
            workspace.get_channel(channel),
            workspace.get_account(by),
            is_archived,
            wait=True,
        )

    def delete_channel(self, channel: str, by: str = "ada") -> None:
        """Delete a channel; sends channel_deleted or group_deleted."""
        workspace = self.state.workspace
        conversations.delete_channel(
            self.state,
            workspace.get_channel(channel),
            workspace.get_account(by),
            wait=True,
        )

    def rename_channel(self, channel: str, name: str, by: str = "ada") -> None:
        """Rename a channel; sends channel_rename or group_rename."""
        workspace = self.state.workspace
        conversations.rename_channel(
            self.state,
            workspace.get_channel(channel),
            name,
            workspace.get_account(by),
            wait=True,
        )

    def remove_app(self, channel: str, by: str = "ada") -> None:
        """Remove the app from a channel; sends channel_left or group_left."""
        workspace = self.state.workspace
        bot = workspace.accounts[workspace.bot_user_id]
        conversations.leave_channel(
            self.state,
            workspace.get_channel(channel),
            bot,
            workspace.get_account(by),
            wait=True,
        )

    def uninstall_app(
        self,
        event_types: tuple[str, ...] = installations.FINAL_EVENTS,
        team_id: str | None = None,
    ) -> None:
        """Uninstall the app, by default from the first workspace.

        Sends both events, in no order that Slack promises.
        """
        state = self.get_state(team_id or self.team_id)
        installations.uninstall_app(state, event_types, wait=True)

    def change_team_access(self, team_id: str, *, is_granted: bool) -> None:
        """Give a workspace of an organisation to its app, or take it away.

        Sends team_access_granted or team_access_revoked.
        """
        state = self.get_state(team_id)
        installations.change_team_access(state, is_granted=is_granted, wait=True)

    def wait_until(
        self,
        condition: Callable[[], Any],
        timeout: float = 15.0,
        failure_message: str = "that did not come true",
    ) -> Any:
        """Wait until `condition()` is true and return its value.

        AssertionError with the latest traffic after `timeout` seconds.
        """
        end = time.monotonic() + timeout
        while not (value := condition()):
            if time.monotonic() > end:
                raise AssertionError(
                    f"{failure_message} within {timeout} s; "
                    f"the latest traffic:\n{self.describe_latest_traffic()}"
                )
            time.sleep(0.005)
        return value

    def describe_latest_traffic(self) -> str:
        """Return a line for each of the latest calls and payloads."""
        lines = [
            f"  {entry['at']:.2f} {entry['direction']:>3} {entry['kind']}:"
            f" {entry['summary']}"
            for entry in self.traffic_entries[-12:]
        ]
        return "\n".join(lines) or "  none"
