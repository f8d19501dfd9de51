"""`collab demo`: the app and a Slack workspace, which leave nothing behind."""

from __future__ import annotations

import logging
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from bot import bootstrap, server
from bot.app_identity import AppIdentity
from bot.bootstrap import Application
from bot.config import Config
from bot.delivery.email import MailFailed
from bot.demo_history import HISTORY_LENGTH, SAMPLE_PLANS, DemoHistory
from bot.logs import LogForm, log_to_stderr
from bot.playground.mailbox import MailboxBusy, Mailboxes, UnknownMailbox
from bot.playground.seed_data import ORGANISATION_ID
from bot.playground.server import Playground
from bot.playground.tutorial import (
    TUTORIAL_STEPS_WITH_HISTORY,
    TUTORIAL_STEPS_WITHOUT_COMPANY,
)
from bot.slack.errors import FailureKind
from bot.slack.identity import build_profile_command, is_automated
from bot.slack.oauth import INSTALL_PATH, REDIRECT_PATH
from bot.slack.sign_in import SIGN_IN_PATH
from bot.slack.socket_mode import open_connection
from collab.channels import LinkChannel
from collab.model import (
    Account,
    Caller,
    ChannelId,
    Invitation,
    Person,
    PersonId,
    WorkspaceId,
)
from collab.resources import CreateResource

INSTALL_STEP = "Press **Install Collab** on the left, in each workspace"
TICK_INTERVAL = timedelta(seconds=5)
DRAIN_SECONDS = 10.0  # for the deliveries of one moment
MAX_STOPS = 1000  # moments with due work in one journey through time
CODE_OR_BOLD = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")  # in Markdown


class DemoMailer:
    """Puts mails into the playground's mailboxes."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        self._mailboxes = mailboxes

    def send(self, message: EmailMessage, bounce_to: str = "") -> None:  # noqa: ARG002 - nothing bounces here
        """Send a mail; raises MailFailed."""
        try:
            self._mailboxes.send(message)
        except UnknownMailbox as error:
            gone = FailureKind.RECIPIENT_GONE
            raise MailFailed("mailbox_refused", gone) from error
        except MailboxBusy as error:
            raise MailFailed("mail_delayed", FailureKind.TRANSIENT) from error


def run_demo(port: int, *, browser: bool, seeded: bool = True) -> None:
    """Run until SIGINT or SIGTERM, with sample data if `seeded`."""
    _silence_libraries()
    with (
        server.catch_stop_signals() as wait_for_signal,
        TemporaryDirectory(prefix="collab-demo-") as folder,
        Playground(port=port) as playground,
    ):
        config = build_demo_settings(playground, Path(folder))
        if seeded:
            playground.clock.set_now(playground.clock.now() - HISTORY_LENGTH)
        app, identity = build_demo(config, playground)
        with _connect(app, config):
            if seeded:
                create_sample_data(app, identity, playground)
                DemoHistory(app, playground, identity.workspace_id).play()
                playground.state.tutorial.steps = TUTORIAL_STEPS_WITH_HISTORY
            else:
                playground.state.tutorial.steps = TUTORIAL_STEPS_WITHOUT_COMPANY
            _print_welcome(
                playground.url,
                identity.workspace_name,
                _list_steps(playground),
            )
            if browser:
                _open_browser(playground.url)
            wait_for_signal()


def run_installable_demo(port: int, *, browser: bool, is_organisation: bool) -> None:
    """Run two empty workspaces until SIGINT or SIGTERM, to install the app by OAuth."""
    _silence_libraries()
    with (
        server.catch_stop_signals() as wait_for_signal,
        TemporaryDirectory(prefix="collab-demo-") as folder,
        Playground(
            port,
            organisation=ORGANISATION_ID if is_organisation else None,
            has_two_workspaces=True,
            is_installed=False,
        ) as playground,
    ):
        config = build_demo_settings(playground, Path(folder))
        app, _ = build_app(config, playground)
        with _connect(app, config):
            playground.state.tutorial.steps = TUTORIAL_STEPS_WITHOUT_COMPANY
            names = " and ".join(s.workspace.team_name for s in playground.states)
            _print_welcome(
                playground.url, names, [INSTALL_STEP, *_list_steps(playground)]
            )
            if browser:
                _open_browser(playground.url)
            wait_for_signal()


@contextmanager
def _connect(app: Application, config: Config) -> Iterator[None]:
    """Start the application in Socket Mode, and stop it at the end."""
    connection = open_connection(app.bolt_app, config, app.slack_client.client)
    app.start()
    try:
        yield
    finally:
        connection.close()
        app.stop()


def build_demo_settings(playground: Playground, folder: Path) -> Config:
    """Return the settings for a playground, with database and invoices in a folder.

    Without an installation there is no token: people install the app by OAuth.
    """
    return Config(
        bot_token=playground.bot_token or None,
        app_token=playground.app_token,
        signing_secret=playground.signing_secret,
        api_url=f"{playground.url}/api/",
        database_url=f"sqlite:///{folder / 'collab.sqlite3'}",
        tick_interval=TICK_INTERVAL,
        files_folder=folder / "files",
        plans=SAMPLE_PLANS,
        base_url=playground.url,
        link_secrets=(secrets.token_hex(32),),
        client_id=playground.state.sign_in.client_id,
        client_secret=playground.state.sign_in.client_secret,
    )


def build_demo(
    config: Config, playground: Playground
) -> tuple[Application, AppIdentity]:
    """Build the application for a playground's one workspace, as `build_app` does."""
    app, identity = build_app(config, playground)
    assert identity is not None  # noqa: S101 - the settings have a token
    return app, identity


def build_app(
    config: Config, playground: Playground
) -> tuple[Application, AppIdentity | None]:
    """Build the application, not yet started, with the playground's clock.

    It has an identity if the settings have a token.
    """
    database = bootstrap.open_database(config.database_url)
    identity = bootstrap.register_own_workspace(
        config, database, playground.clock.now()
    )
    app = bootstrap.build_app(
        config,
        identity,
        database,
        playground.clock.now,
        DemoMailer(playground.mailboxes),
    )
    playground.state.pages = app.pages
    redirect_uris = playground.state.sign_in.redirect_uris
    redirect_uris.add(f"{config.base_url}{SIGN_IN_PATH}")
    if config.serves_many_workspaces:
        redirect_uris.add(f"{config.base_url}{REDIRECT_PATH}")
        playground.install_url = f"{config.base_url}{INSTALL_PATH}"
    playground.on_travel = build_time_traveler(app, playground)
    playground.get_next_due = app.bus.get_next_due_time
    playground.describe_due = partial(_describe_due_anywhere, app)
    return app, identity


def build_time_traveler(
    app: Application, playground: Playground
) -> Callable[[datetime], None]:
    """Return a function that moves the clock on and runs due work, moment by moment.

    It stops at each moment at which something is due, so that all happens in order.
    """
    lock = Lock()

    def travel_to(target: datetime) -> None:
        with lock:
            for _ in range(MAX_STOPS):
                due_at = app.bus.get_next_due_time()
                if due_at is None or due_at > target:
                    break
                _run_moment(app, playground, max(due_at, playground.clock.now()))
            _run_moment(app, playground, max(target, playground.clock.now()))

    return travel_to


def _describe_due_anywhere(app: Application, moment: datetime) -> str | None:
    for workspace in app.database.event_log.list_workspaces():
        description = describe_due(app, workspace, moment)
        if description:
            return description
    return None


def describe_due(
    app: Application, workspace: WorkspaceId, moment: datetime
) -> str | None:
    """Return what is due at a moment, or None if nobody hears of it."""
    with app.bus.read(workspace) as repositories:

        def find_person(person_id: PersonId | None) -> Person | None:
            return repositories.people.get_person(person_id) if person_id else None

        for invitation in repositories.invitations.list_due_invitations(moment, 1):
            invited = find_person(invitation.person)
            return _describe_due_invitation(invitation, invited)
        for member in repositories.memberships.list_due_memberships(moment, 1):
            name = _get_name(find_person(member.person))
            if member.until is not None and member.until <= moment:
                return f"{name}'s role ends"
            return f"{name}'s role ends soon"
        for request in repositories.access_requests.list_due_requests(moment, 1):
            return f"{_get_name(find_person(request.person))}'s request expires"
    return None


def _describe_due_invitation(
    invitation: Invitation, invited: Person | None
) -> str | None:
    if invitation.due >= invitation.expires:
        return f"{_get_name(invited)}'s invitation expires"
    if invited and invited.mail_stopped and not invited.user:
        return None
    return f"reminder to {_get_name(invited)}"


def _get_name(person: Person | None) -> str:
    return (person.title or person.email or "") if person else "a team"


def create_sample_data(
    app: Application, identity: AppIdentity, playground: Playground
) -> None:
    """Create Ada's company Acme by ordinary commands, and link #acme to it."""
    answer = app.slack_client.call_method(
        identity.workspace_id, "users.list", include_locale=True
    )
    slack = Caller(identity.workspace_id, None, "slack")
    for user in answer["members"]:
        if not is_automated(user):
            app.bus.execute(build_profile_command(slack, user), playground.clock.now())
    account = Account(identity.workspace_id, playground.get_user("ada").id)
    ada = Caller(identity.workspace_id, account, "command")
    channel_id = ChannelId(playground.state.workspace.get_channel("acme").id)
    app.bus.execute(CreateResource(ada, "company", "Acme"), playground.clock.now())
    app.bus.execute(LinkChannel(ada, channel_id, "acme"), playground.clock.now())
    app.outbox_worker.drain(DRAIN_SECONDS)


def _run_moment(app: Application, playground: Playground, moment: datetime) -> None:
    playground.clock.set_now(moment)
    app.bus.run_due(moment)
    app.outbox_worker.drain(DRAIN_SECONDS)


def _silence_libraries() -> None:
    log_to_stderr(LogForm.TEXT)
    logging.getLogger().setLevel(logging.WARNING)


def _list_steps(playground: Playground) -> list[str]:
    return [step.markdown for step in playground.state.tutorial.steps]


def _print_welcome(url: str, workspace_name: str, steps: Sequence[str]) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import

    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"Collab is ready: {workspace_name}, the playground at [bold]{url}[/bold]\n\nThings to try:"
    )
    for number, step in enumerate(steps, 1):
        text = CODE_OR_BOLD.sub(r"[bold]\1\2[/bold]", step)
        console.print(f"  {number}. {text}.")
    console.print("\nPress Ctrl-C to stop.")
    console.file.flush()


def _open_browser(url: str) -> None:
    has_display = (
        sys.platform in {"darwin", "win32"}
        or os.environ.get("DISPLAY")
        or os.environ.get("WAYLAND_DISPLAY")
    )
    if has_display:
        import webbrowser  # noqa: PLC0415 - only where there is a display

        webbrowser.open(url)
