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
from bot.compose import House
from bot.playground.server import Playground
from bot.socket_mode import connect
from bot.web import web_app

PATIENCE = 15.0  # seconds; Slack waits three, a busy machine that runs tests may need more
_numbers = count(1)


def traffic_file() -> Path:
    """Where a playground of this run records its traffic."""
    folder = Path(os.environ.get("COLLAB_TRAFFIC") or tempfile.mkdtemp(prefix="collab-traffic-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}-{next(_numbers)}.jsonl"


class Stage:
    """A playground with the app in it."""

    def __init__(self, playground: Playground, house: House) -> None:
        self.playground = playground
        self.house = house
        self.workspace = playground.team_id
        for name in ("ada", "carl", "devi", "bo", "sam", "eve"):
            setattr(self, name, playground.person(name))

    def __getattr__(self, name: str) -> Any:
        """People by first name."""
        return self.playground.person(name)

    def begins(self) -> None:
        """Make what the seed makes, by the first commands that Ada ever types."""
        self.says("ada", "/collab create company Acme", "acme")
        self.says("ada", "/collab link acme", "acme")

    def settle(self) -> None:
        """Everything that waits is told."""
        assert self.house.courier.drain(10)

    def says(self, who: str, line: str, channel: str = "general") -> dict[str, Any]:
        """A command and its answer, after which everything is told."""
        answer = self.playground.person(who).types(line, channel=channel)
        self.settle()
        return answer or {}

    def presses(self, who: str, message: dict[str, Any], button: str, value: str | None = None) -> None:
        """A button, after which everything is told."""
        self.playground.person(who).presses(message, button, value)
        self.settle()

    def travels(self, **length: float) -> None:
        """Time passes, stopping where something is due."""
        travel = self.playground.on_travel
        assert travel is not None
        travel(self.playground.clock.now() + timedelta(**length))

    def last(self, who: str, channel: str | None = None) -> dict[str, Any]:
        """The newest message that somebody sees in a channel, or in their direct message."""
        person = self.playground.person(who)
        return (person.messages(channel) if channel else person.direct_messages())[-1]

    def live_buttons(self) -> list[tuple[str, str]]:
        """Every button that anybody still sees in a message, with who sees it."""
        found = []
        for person in ("ada", "carl", "devi", "bo"):
            for message in self.playground.person(person).direct_messages():
                for block in message["blocks"] or []:
                    found += [(person, e["action_id"]) for e in block.get("elements", []) if e.get("type") == "button"]
        return found


@contextmanager
def staged(
    database_url: str,
    transport: str = "socket",
    folder: Path | None = None,
    *,
    met: bool = True,
    organisation: str | None = None,
    **more: Any,
) -> Iterator[Stage]:
    """The app and the playground, seeded as in the demo; `more` are settings of the app's.

    Without `met` nothing is seeded: the app knows nobody, and Slack doesn't list the workspace's members yet.
    """
    with ExitStack() as stack:
        playground = stack.enter_context(Playground(record=traffic_file(), organisation=organisation))
        playground.patience = PATIENCE
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="collab-stage-")))
        settings = replace(
            demo.demo_settings(playground, folder),
            database_url=database_url,
            app_token=playground.app_token if transport == "socket" else None,
            tick=timedelta(hours=1),
            **more,
        )
        house, identity = demo.furnish(settings, playground)
        stack.callback(house.stop)
        if transport == "socket":
            stack.callback(connect(house.app, settings, house.slack.client).close)
        else:
            stack.enter_context(served(house, playground))
        if not met:
            playground.faults.rate_limit("users.list", times=None, retry_after=3600)
        house.start()
        playground.wait_until(lambda: playground.site.connected, PATIENCE)
        if met:
            demo.seed(house, identity, playground)
        yield Stage(playground, house)


@contextmanager
def served(house: House, playground: Playground) -> Iterator[None]:
    """The HTTP face on a free port, told to the playground as the request URL."""
    application = web_app(house.app, playground.signing_secret, house.healthy)
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
