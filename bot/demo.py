"""`collab demo`: a Slack workspace on this machine with the app in it, one process, gone without a trace at the end."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from bot import compose, running
from bot.compose import House, Identity
from bot.identity import is_automated, profile_from
from bot.playground.server import Playground
from bot.playground.tries import THINGS_WITHOUT_COMPANY
from bot.settings import Settings
from bot.socket_mode import connect
from collab.channels import LinkChannel
from collab.people import Account, Caller
from collab.resources import Create

TICK = timedelta(seconds=5)
PATIENCE = 10.0  # seconds for what a moment gave rise to
MOMENTS = 1000  # most stops on one journey
MARKED = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")  # what Markdown sets off


def run_demo(port: int, *, browser: bool, seeded: bool = True) -> None:
    """Run until SIGINT or SIGTERM; without a seed the workspace is one in which Collab has met nobody."""
    _quiet()
    with (
        running.until_stopped() as wait,
        TemporaryDirectory(prefix="collab-demo-") as folder,
        Playground(port=port) as playground,
    ):
        settings = demo_settings(playground, Path(folder))
        house, identity = furnish(settings, playground)
        connection = connect(house.app, settings, house.slack.client)
        house.start()
        try:
            if seeded:
                seed(house, identity, playground)
            else:
                playground.site.tries.things = THINGS_WITHOUT_COMPANY
            _welcome(playground.url, identity.title, [thing.words for thing in playground.site.tries.things])
            if browser:
                _open_browser(playground.url)
            wait()
        finally:
            connection.close()
            house.stop()


def demo_settings(playground: Playground, folder: Path) -> Settings:
    """The settings that a playground asks for, with a SQLite file and the invoices in a folder."""
    return Settings(
        bot_token=playground.bot_token,
        app_token=playground.app_token,
        signing_secret=playground.signing_secret,
        api_url=f"{playground.url}/api/",
        database_url=f"sqlite:///{folder / 'collab.sqlite3'}",
        tick=TICK,
        files=folder / "files",
    )


def furnish(settings: Settings, playground: Playground) -> tuple[House, Identity]:
    """A house, not yet started, that lives in the playground's time."""
    database = compose.open_database(settings.database_url)
    identity = compose.identify(settings)
    compose.install(database, identity, playground.clock.now())
    house = compose.build(settings, identity, database, playground.clock.now)
    playground.on_travel = traveller(house, playground)
    playground.next_due = house.collab.next_due
    playground.describe_due = partial(describe_due, house, identity.team)
    return house, identity


def traveller(house: House, playground: Playground) -> Callable[[datetime], None]:
    """Moves time on, stopping at every moment at which something is due, so that all comes in its order."""
    lock = Lock()

    def travel(target: datetime) -> None:
        with lock:
            for _ in range(MOMENTS):
                due = house.collab.next_due()
                if due is None or due > target:
                    break
                _live(house, playground, max(due, playground.clock.now()))
            _live(house, playground, max(target, playground.clock.now()))

    return travel


def describe_due(house: House, workspace: str, moment: datetime) -> str | None:
    """Name what is due at that moment, for the playground's clock; None where it is nothing that waits for a person."""
    with house.collab.look(workspace) as facts:

        def name(person_id: str | None) -> str:
            person = facts.person(person_id) if person_id else None
            return person.title if person else "a team"

        for invitation in facts.due_invitations(moment, 1):
            asked, is_over = name(invitation.person), invitation.due >= invitation.expires
            return f"{asked}'s invitation expires" if is_over else f"reminder to {asked}"
        for member in facts.due_memberships(moment, 1):
            is_over = member.until is not None and member.until <= moment
            return f"{name(member.person)}'s role {'ends' if is_over else 'ends soon'}"
        for request in facts.due_requests(moment, 1):
            return f"{name(request.person)}'s request expires"
    return None


def seed(house: House, identity: Identity, playground: Playground) -> None:
    """A small world, made by the same road as everything: Ada owns Acme, and #acme hears of it."""
    listed = house.slack.call(identity.team, "users.list", include_locale=True)["members"]
    slack = Caller(identity.team, None, "slack")
    for user in listed:
        if not is_automated(user):
            house.collab.perform(profile_from(slack, user), playground.clock.now())
    ada = Caller(identity.team, Account(identity.team, playground.person("ada").id), "command")
    channel = playground.site.world.channel("acme").id
    for action in (Create(ada, "company", "Acme"), LinkChannel(ada, channel, "acme")):
        house.collab.perform(action, playground.clock.now())
    house.courier.drain(PATIENCE)


def _live(house: House, playground: Playground, moment: datetime) -> None:
    playground.clock.set(moment)
    house.collab.pass_time(moment)
    house.courier.drain(PATIENCE)


def _quiet() -> None:
    running.log_to_stderr()
    logging.getLogger().setLevel(logging.WARNING)


def _welcome(address: str, title: str, to_try: Sequence[str]) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Collab is ready: {title}, the playground at [bold]{address}[/bold]\n\nThings to try:")
    for number, thing in enumerate(to_try, 1):
        words = MARKED.sub(r"[bold]\1\2[/bold]", thing)
        console.print(f"  {number}. {words}.")
    console.print("\nCtrl-C ends it.")
    console.file.flush()


def _open_browser(address: str) -> None:
    shown = sys.platform in {"darwin", "win32"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if shown:
        import webbrowser  # noqa: PLC0415 - only where there is a display

        webbrowser.open(address)
