"""The real app in the playground: by Socket Mode or signed HTTP, on SQLite or PostgreSQL, in the playground's time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

from werkzeug.serving import make_server

from bot import demo
from bot.bootstrap import Application
from bot.playground.fake_user import FakeUser
from bot.playground.server import Playground
from bot.slack.socket_mode import open_connection
from bot.web.app import build_web_app

ACK_TIMEOUT_SECONDS = (
    15.0  # seconds; Slack waits three, a busy machine that runs tests may need more
)
_file_numbers = count(1)


def new_traffic_path() -> Path:
    """Where a playground of this run records its traffic."""
    folder = Path(
        os.environ.get("COLLAB_TRAFFIC") or tempfile.mkdtemp(prefix="collab-traffic-")
    )
    folder.mkdir(parents=True, exist_ok=True)
    return (
        folder
        / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}-{next(_file_numbers)}.jsonl"
    )


class AppHarness:
    """A playground with the app in it."""

    def __init__(self, playground: Playground, house: Application) -> None:
        self.playground = playground
        self.app = house
        self.workspace = playground.team_id
        for name in ("ada", "carl", "devi", "bo", "sam", "eve"):
            setattr(self, name, playground.get_user(name))

    def __getattr__(self, name: str) -> FakeUser:
        """People by first name."""
        return self.playground.get_user(name)

    def create_seed_data(self) -> None:
        """Make what the seed makes, by the first commands that Ada ever types."""
        self.run_command("ada", "/collab create company Acme", "acme")
        self.run_command("ada", "/collab link acme", "acme")

    def drain_outbox(self) -> None:
        """Everything that waits is told."""
        assert self.app.outbox_worker.drain(10)

    def run_command(
        self, who: str, line: str, channel: str = "general"
    ) -> dict[str, Any]:
        """A command and its answer, after which everything is told."""
        answer = self.playground.get_user(who).type_text(line, channel=channel)
        self.drain_outbox()
        return answer or {}

    def press_button(
        self, who: str, message: dict[str, Any], button: str, value: str | None = None
    ) -> None:
        """A button, after which everything is told."""
        self.playground.get_user(who).press_button(message, button, value)
        self.drain_outbox()

    def advance_time(self, **length: float) -> None:
        """Time passes, stopping where something is due."""
        travel = self.playground.on_travel
        assert travel is not None
        travel(self.playground.clock.now() + timedelta(**length))

    def latest_message(self, who: str, channel: str | None = None) -> dict[str, Any]:
        """The newest message that somebody sees in a channel, or in their direct message."""
        person = self.playground.get_user(who)
        return (
            person.list_messages(channel) if channel else person.list_direct_messages()
        )[-1]

    def list_visible_buttons(self) -> list[tuple[str, str]]:
        """Every button that anybody still sees in a message, with who sees it."""
        found = []
        for person in ("ada", "carl", "devi", "bo"):
            for message in self.playground.get_user(person).list_direct_messages():
                for block in message["blocks"] or []:
                    found += [
                        (person, e["action_id"])
                        for e in block.get("elements", [])
                        if e.get("type") == "button"
                    ]
        return found


@contextmanager
def run_app(
    database_url: str,
    transport: str = "socket",
    folder: Path | None = None,
    *,
    is_seeded: bool = True,
    organisation: str | None = None,
    **more: Any,
) -> Iterator[AppHarness]:
    """The app and the playground, seeded as in the demo; `more` are settings of the app's.

    Without `met` nothing is seeded: the app knows nobody, and Slack doesn't list the workspace's members yet.
    """
    with ExitStack() as stack:
        playground = stack.enter_context(
            Playground(traffic_path=new_traffic_path(), organisation=organisation)
        )
        playground.ack_timeout_seconds = ACK_TIMEOUT_SECONDS
        folder = folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="collab-stage-"))
        )
        settings = replace(
            demo.build_demo_settings(playground, folder),
            database_url=database_url,
            app_token=playground.app_token if transport == "socket" else None,
            tick_interval=timedelta(hours=1),
            **more,
        )
        house, identity = demo.build_demo(settings, playground)
        stack.callback(house.stop)
        if transport == "socket":
            stack.callback(
                open_connection(
                    house.bolt_app, settings, house.slack_client.client
                ).close
            )
        else:
            stack.enter_context(serve_http(house, playground))
        if not is_seeded:
            playground.faults.rate_limit("users.list", times=None, retry_after=3600)
        house.start()
        playground.wait_until(
            lambda: playground.state.is_connected, ACK_TIMEOUT_SECONDS
        )
        if is_seeded:
            demo.create_sample_data(house, identity, playground)
        yield AppHarness(playground, house)


@contextmanager
def serve_http(house: Application, playground: Playground) -> Iterator[None]:
    """The HTTP face on a free port, told to the playground as the request URL."""
    application = build_web_app(
        house.bolt_app, playground.signing_secret, house.is_healthy
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
