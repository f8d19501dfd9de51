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

from bot import bootstrap, server
from bot.bootstrap import AppIdentity, Application
from bot.config import Config
from bot.playground.server import Playground
from bot.playground.tutorial import TUTORIAL_STEPS_WITHOUT_COMPANY
from bot.slack.identity import build_profile_command, is_automated
from bot.slack.socket_mode import open_connection
from collab.channels import LinkChannel
from collab.model import Account, Caller
from collab.resources import CreateResource

TICK_INTERVAL = timedelta(seconds=5)
DRAIN_SECONDS = 10.0  # seconds for what a moment gave rise to
MAX_STOPS = 1000  # most stops on one journey
CODE_OR_BOLD = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")  # what Markdown sets off


def run_demo(port: int, *, browser: bool, seeded: bool = True) -> None:
    """Run until SIGINT or SIGTERM; without a seed the workspace is one in which Collab has met nobody."""
    _silence_libraries()
    with (
        server.stop_event_on_signals() as wait,
        TemporaryDirectory(prefix="collab-demo-") as folder,
        Playground(port=port) as playground,
    ):
        settings = build_demo_settings(playground, Path(folder))
        house, identity = build_demo(settings, playground)
        connection = open_connection(
            house.bolt_app, settings, house.slack_client.client
        )
        house.start()
        try:
            if seeded:
                create_sample_data(house, identity, playground)
            else:
                playground.state.tutorial.steps = TUTORIAL_STEPS_WITHOUT_COMPANY
            _print_welcome(
                playground.url,
                identity.workspace_name,
                [thing.markdown for thing in playground.state.tutorial.steps],
            )
            if browser:
                _open_browser(playground.url)
            wait()
        finally:
            connection.close()
            house.stop()


def build_demo_settings(playground: Playground, folder: Path) -> Config:
    """The settings that a playground asks for, with a SQLite file and the invoices in a folder."""
    return Config(
        bot_token=playground.bot_token,
        app_token=playground.app_token,
        signing_secret=playground.signing_secret,
        api_url=f"{playground.url}/api/",
        database_url=f"sqlite:///{folder / 'collab.sqlite3'}",
        tick_interval=TICK_INTERVAL,
        files_folder=folder / "files",
    )


def build_demo(
    settings: Config, playground: Playground
) -> tuple[Application, AppIdentity]:
    """A house, not yet started, that lives in the playground's time."""
    database = bootstrap.open_database(settings.database_url)
    identity = bootstrap.fetch_app_identity(settings)
    bootstrap.register_workspace(database, identity, playground.clock.now())
    house = bootstrap.build_app(settings, identity, database, playground.clock.now)
    playground.on_travel = build_time_traveler(house, playground)
    playground.get_next_due = house.bus.get_next_due_time
    playground.describe_due = partial(describe_due, house, identity.workspace_id)
    return house, identity


def build_time_traveler(
    house: Application, playground: Playground
) -> Callable[[datetime], None]:
    """Moves time on, stopping at every moment at which something is due, so that all comes in its order."""
    lock = Lock()

    def travel(target: datetime) -> None:
        with lock:
            for _ in range(MAX_STOPS):
                due = house.bus.get_next_due_time()
                if due is None or due > target:
                    break
                _run_moment(house, playground, max(due, playground.clock.now()))
            _run_moment(house, playground, max(target, playground.clock.now()))

    return travel


def describe_due(house: Application, workspace: str, moment: datetime) -> str | None:
    """Name what is due at that moment, for the playground's clock; None where it is nothing that waits for a person."""
    with house.bus.read(workspace) as repositories:

        def name(person_id: str | None) -> str:
            person = repositories.people.get_person(person_id) if person_id else None
            return person.title if person else "a team"

        for invitation in repositories.invitations.list_due_invitations(moment, 1):
            asked, is_over = (
                name(invitation.person),
                invitation.due >= invitation.expires,
            )
            return (
                f"{asked}'s invitation expires" if is_over else f"reminder to {asked}"
            )
        for member in repositories.memberships.list_due_memberships(moment, 1):
            is_over = member.until is not None and member.until <= moment
            return f"{name(member.person)}'s role {'ends' if is_over else 'ends soon'}"
        for request in repositories.access_requests.list_due_requests(moment, 1):
            return f"{name(request.person)}'s request expires"
    return None


def create_sample_data(
    house: Application, identity: AppIdentity, playground: Playground
) -> None:
    """A small world, made by the same road as everything: Ada owns Acme, and #acme hears of it."""
    listed = house.slack_client.call_method(
        identity.workspace_id, "users.list", include_locale=True
    )["members"]
    slack = Caller(identity.workspace_id, None, "slack")
    for user in listed:
        if not is_automated(user):
            house.bus.execute(
                build_profile_command(slack, user), playground.clock.now()
            )
    ada = Caller(
        identity.workspace_id,
        Account(identity.workspace_id, playground.get_user("ada").id),
        "command",
    )
    channel = playground.state.workspace.get_channel("acme").id
    for action in (
        CreateResource(ada, "company", "Acme"),
        LinkChannel(ada, channel, "acme"),
    ):
        house.bus.execute(action, playground.clock.now())
    house.outbox_worker.drain(DRAIN_SECONDS)


def _run_moment(house: Application, playground: Playground, moment: datetime) -> None:
    playground.clock.set_now(moment)
    house.bus.run_due(moment)
    house.outbox_worker.drain(DRAIN_SECONDS)


def _silence_libraries() -> None:
    server.log_to_stderr()
    logging.getLogger().setLevel(logging.WARNING)


def _print_welcome(address: str, title: str, to_try: Sequence[str]) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import

    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"Collab is ready: {title}, the playground at [bold]{address}[/bold]\n\nThings to try:"
    )
    for number, thing in enumerate(to_try, 1):
        renderer = CODE_OR_BOLD.sub(r"[bold]\1\2[/bold]", thing)
        console.print(f"  {number}. {renderer}.")
    console.print("\nCtrl-C ends it.")
    console.file.flush()


def _open_browser(address: str) -> None:
    shown = (
        sys.platform in {"darwin", "win32"}
        or os.environ.get("DISPLAY")
        or os.environ.get("WAYLAND_DISPLAY")
    )
    if shown:
        import webbrowser  # noqa: PLC0415 - only where there is a display

        webbrowser.open(address)
