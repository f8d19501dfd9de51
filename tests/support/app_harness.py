"""The real app in the playground: by Socket Mode or HTTP, on SQLite or PostgreSQL.

The app runs by the playground's clock.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch

from werkzeug.serving import make_server

from bot import bootstrap, demo
from bot.bootstrap import Application
from bot.config import Config
from bot.playground.fake_user import FakeUser
from bot.playground.manifest import Manifest, load_manifest
from bot.playground.server import Playground
from bot.slack.socket_mode import open_connection
from bot.web.app import build_web_app
from collab.model import WorkspaceId
from storage.database import Database

# Slack waits three seconds; a busy machine that runs tests may need more.
ACK_TIMEOUT_SECONDS = 15.0
VIEW_TIMEOUT_SECONDS = 15.0
SHOWING_ROUTES = frozenset({"open_page", "members_ask"})
_file_numbers = count(1)


def new_traffic_path() -> Path:
    """Return the file in which a playground of this run records its traffic."""
    folder = Path(
        os.environ.get("COLLAB_TRAFFIC") or tempfile.mkdtemp(prefix="collab-traffic-")
    )
    folder.mkdir(parents=True, exist_ok=True)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return folder / f"{worker}-{os.getpid()}-{next(_file_numbers)}.jsonl"


class AppHarness:
    """A playground with the app in it; `harness.ada` is the user of that name."""

    def __init__(self, playground: Playground, app: Application) -> None:
        self.playground = playground
        self.app = app
        self.workspace = WorkspaceId(playground.team_id)

    def __getattr__(self, name: str) -> FakeUser:
        """Return the user of this name."""
        return self.playground.get_user(name)

    def create_seed_data(self) -> None:
        """Create the demo's sample data, by Ada's first commands."""
        self.run_command("ada", "/collab create company Acme", "acme")
        self.run_command("ada", "/collab link acme", "acme")

    def drain_outbox(self) -> None:
        """Deliver everything in the outbox."""
        assert self.app.outbox_worker.drain(10)

    def run_command(
        self, user_name: str, line: str, channel: str = "general"
    ) -> dict[str, Any]:
        """Type a command, deliver the outbox and return the command's answer."""
        answer = self.playground.get_user(user_name).type_text(line, channel=channel)
        self.drain_outbox()
        return answer or {}

    def confirm_command(
        self, user_name: str, line: str, button: str, channel: str = "general"
    ) -> str:
        """Type a command, press a button of its preview and return the new text."""
        self.run_command(user_name, line, channel)
        preview = self.latest_message(user_name, channel)
        self.press_button(user_name, preview, button)
        user = self.playground.get_user(user_name)
        listed = user.list_messages(channel)
        return str(next(m["text"] for m in listed if m["ts"] == preview["ts"]))

    def press_button(
        self,
        user_name: str,
        message: dict[str, Any],
        button: str,
        value: str | None = None,
    ) -> None:
        """Press a button of a message or view, then deliver the outbox."""
        self.playground.get_user(user_name).press_button(message, button, value)
        self.drain_outbox()

    def advance_time(self, **length: float) -> None:
        """Move the clock on, stopping at each moment that has something due."""
        travel = self.playground.on_travel
        assert travel is not None
        travel(self.playground.clock.now() + timedelta(**length))

    def latest_message(
        self, user_name: str, channel: str | None = None
    ) -> dict[str, Any]:
        """Return the newest message in a channel, or in the app's direct message."""
        user = self.playground.get_user(user_name)
        if channel:
            return user.list_messages(channel)[-1]
        return user.list_direct_messages()[-1]

    def invite_and_accept(self, user_name: str, line: str, by: str = "ada") -> None:
        """Type an `invite …` command and let the invited user accept."""
        assert "You invited" in self.run_command(by, f"/collab {line}")["text"]
        self.press_button(user_name, self.latest_message(user_name), "accept")

    def wait_for_view(
        self,
        user_name: str,
        text: str = "",
        condition: Callable[[dict[str, Any]], bool] = lambda _view: True,
    ) -> dict[str, Any]:
        """Return the user's top modal once it has `text` and fulfils the condition.

        The app opens and updates modals beside its acknowledgement.
        """
        user = self.playground.get_user(user_name)
        end = time.monotonic() + VIEW_TIMEOUT_SECONDS
        while time.monotonic() < end:
            view = user.top_view
            if view is not None and text in str(view) and condition(view):
                return view
            time.sleep(0.01)
        raise AssertionError(user.top_view)

    def wait_for_form(self, user_name: str, callback_id: str) -> dict[str, Any]:
        """Return the user's top modal once it has this callback id."""
        return self.wait_for_view(
            user_name, condition=lambda view: bool(view["callback_id"] == callback_id)
        )

    def view_text(self, user_name: str) -> str:
        """Return the text of all blocks of the user's top modal."""
        view = self.playground.get_user(user_name).top_view
        assert view is not None
        texts = [block["text"]["text"] for block in view["blocks"] if "text" in block]
        return "\n".join(texts)

    def list_acting_buttons(self) -> list[tuple[str, str]]:
        """Return the user and action id of each button in the direct messages that
        does more than show something.
        """
        buttons = []
        for user_name in ("ada", "carl", "devi", "bo"):
            user = self.playground.get_user(user_name)
            for message in user.list_direct_messages():
                buttons += [
                    (user_name, element["action_id"])
                    for element in iterate_elements(message)
                    if element.get("type") == "button"
                    and element["action_id"].partition(":")[0] not in SHOWING_ROUTES
                ]
        return buttons


def iterate_elements(surface: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the elements of all actions and context blocks of a message or view."""
    for block in surface["blocks"] or []:
        yield from block.get("elements", [])


def _open_database(url: str) -> Database:
    database = _create_database(url)
    database.upgrade_schema()
    return database


@cache
def _create_database(url: str) -> Database:
    """Return one engine for all tests at an address: each compiles its statements."""
    return Database.open(url)


@cache
def _load_manifest() -> Manifest:
    return load_manifest()


@contextmanager
def run_app(
    database_url: str,
    transport: str = "socket",
    folder: Path | None = None,
    *,
    is_seeded: bool = True,
    organisation: str | None = None,
    starts_before: timedelta = timedelta(),
    **settings: Any,
) -> Iterator[AppHarness]:
    """Run the app and the playground with the demo's sample data.

    With `is_seeded=False` there is no data, the app knows nobody, and Slack does not
    list the workspace's members. `starts_before`: how long before the present the
    clock starts. `settings` override those of the demo.
    """
    with ExitStack() as stack:
        playground = stack.enter_context(
            Playground(
                traffic_path=new_traffic_path(),
                manifest=_load_manifest(),
                organisation=organisation,
            )
        )
        playground.clock.set_now(playground.clock.now() - starts_before)
        playground.ack_timeout_seconds = ACK_TIMEOUT_SECONDS
        folder = folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="collab-harness-"))
        )
        config = replace(
            demo.build_demo_settings(playground, folder),
            database_url=database_url,
            app_token=playground.app_token if transport == "socket" else None,
            tick_interval=timedelta(hours=1),
            **settings,
        )
        with patch.object(bootstrap, "open_database", _open_database):
            app, identity = demo.build_demo(config, playground)
        if not is_seeded:
            playground.faults.rate_limit("users.list", times=None, retry_after=3600)
        stack.enter_context(_connect(app, config, playground))
        if is_seeded:
            demo.create_sample_data(app, identity, playground)
        yield AppHarness(playground, app)


@contextmanager
def _connect(
    app: Application, config: Config, playground: Playground
) -> Iterator[None]:
    """Start the app, in Socket Mode if there is an app token, else over HTTP."""
    with ExitStack() as stack:
        stack.callback(app.stop)
        if config.is_socket_mode:
            connection = open_connection(app.bolt_app, config, app.slack_client.client)
            stack.callback(connection.close)
        else:
            stack.enter_context(serve_http(app, playground))
        app.start()
        playground.wait_until(lambda: playground.is_connected, ACK_TIMEOUT_SECONDS)
        yield


@contextmanager
def serve_http(app: Application, playground: Playground) -> Iterator[None]:
    """Serve the app by HTTP on a free port, to which the playground delivers."""
    application = build_web_app(
        app.bolt_app, playground.signing_secret, app.probes, app.pages
    )
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    playground.request_url = f"http://127.0.0.1:{server.server_port}/slack/events"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def run_installable_app(
    database_url: str,
    transport: str = "socket",
    *,
    organisation: str | None = None,
    rotates_tokens: bool = False,
    **settings: Any,
) -> Iterator[AppHarness]:
    """Run the app for two workspaces, in none of which it is installed yet.

    They belong to two companies, or to an organisation. `settings` override those of
    the demo.
    """
    with ExitStack() as stack:
        playground = stack.enter_context(
            Playground(
                traffic_path=new_traffic_path(),
                manifest=replace(_load_manifest(), rotates_tokens=rotates_tokens),
                organisation=organisation,
                has_two_workspaces=True,
                is_installed=False,
            )
        )
        playground.ack_timeout_seconds = ACK_TIMEOUT_SECONDS
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="collab-harness-")
        )
        config = replace(
            demo.build_demo_settings(playground, Path(folder)),
            database_url=database_url,
            app_token=playground.app_token if transport == "socket" else None,
            tick_interval=timedelta(hours=1),
            **settings,
        )
        with patch.object(bootstrap, "open_database", _open_database):
            app, _ = demo.build_app(config, playground)
        stack.enter_context(_connect(app, config, playground))
        yield AppHarness(playground, app)
