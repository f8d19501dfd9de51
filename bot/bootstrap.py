"""The parts put together: storage, core and faces become one house, and what can stop that, in the operator's words."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot.config import Config, FatalError
from bot.delivery.outbox_worker import OutboxWorker
from bot.delivery.slack import SlackDeliveries
from bot.error_log import log_error
from bot.health import HeartbeatMonitor
from bot.i18n import ENGLISH
from bot.priority_gate import PriorityGate
from bot.rendering import renderer_for_language
from bot.scheduler import Scheduler
from bot.scheduler import log as clock_log
from bot.slack.address_lookup import AddressLookup
from bot.slack.app import build_bolt_app
from bot.slack.channel_lookup import ChannelLookup
from bot.slack.client import SlackClient, build_web_client, call_api, read_text_field
from bot.slack.deferred_requests import DeferredRequestHandler
from bot.slack.errors import REFUSED_TOKEN_CODES, SlackCallFailed
from bot.slack.profiles import ProfileReader
from bot.slack.requests import Services
from bot.slack.routes import COMMAND_HANDLERS
from collab.bus import Bus
from collab.file_store import MAX_FILE_BYTES, FileStoreError
from collab.limits import Policy
from collab.model import Caller
from collab.people import InstallWorkspace
from collab.text import clean_text_line
from collab.unit_of_work import Unavailable
from storage.database import Database, DatabaseUnusable
from storage.files import PdfFolder
from storage.locks import FairLock
from storage.outbox import Outbox

MAX_WORKERS = 4

DATABASE_PROBLEM_TEXTS = {
    "malformed_url": "DATABASE_URL names no database that Collab knows; it takes sqlite:///FILE or postgresql://…",
    "unreachable": "The database {place} cannot be reached: see that it runs and that DATABASE_URL is right",
    "busy": "The database {place} is busy or locked by another program: stop that program or try again",
    "read_only": "The database {place} cannot be written to: give Collab's user the right to write",
    "full": "The database {place} is full: make room on its disk",
    "disk": (
        "The disk of the database {place} fails, or does not do what SQLite needs, as on many network shares: "
        "see the system's log, or put the file on a local disk"
    ),
    "newer": "The database {place} was written by a newer Collab: install that version, or another DATABASE_URL",
    "old": "The database {place} has an older schema: run `collab db upgrade`",
    "broken": "The database {place} does not answer as it should: see its own log",
}

FILE_PROBLEM_TEXTS = {
    "not_pdf": "It is no PDF: one starts with %PDF- and has %%EOF at its end. Save it as PDF again",
    "too_big": "It is larger than {most} MB: save it smaller",
    "missing": "It is not in COLLAB_FILES, {place}: put that folder back from your backup",
    "damaged": "It is damaged in COLLAB_FILES, {place}: put that folder back from your backup",
    "no_folder": "COLLAB_FILES, {place}, is no folder and none can be made there: name another",
    "read_only": "COLLAB_FILES, {place}, cannot be written to: give Collab's user the right to write",
    "full": "COLLAB_FILES, {place}, is full: make room on its disk",
    "broken": "COLLAB_FILES, {place}, does not answer as it should: see that its disk is well",
}


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """Who the app is in its workspace."""

    workspace_id: str
    title: str
    enterprise: str | None
    bot_user_id: str
    bot_id: str


class WakingOutbox:
    """The outbox as listeners use it: what they put there is carried at once."""

    def __init__(self, outbox: Outbox, wake: Callable[[], None]) -> None:
        self.save_copy = outbox.save_copy
        self._enqueue_message = outbox.enqueue_message
        self._enqueue_home_update = outbox.enqueue_home_update
        self._wake = wake

    def enqueue_message(
        self, workspace: str, target: str, message: str, payload: dict[str, Any]
    ) -> None:
        """Put a ready message on its way."""
        self._enqueue_message(workspace, target, message, payload)
        self._wake()

    def enqueue_home_update(
        self, workspace: str, person: str, pages: Sequence[int] | None = None
    ) -> None:
        """Bring a person's Home up to date at once."""
        self._enqueue_home_update(workspace, person, pages)
        self._wake()


@dataclass(frozen=True, slots=True)
class Application:
    """The running parts."""

    database: Database
    bus: Bus
    outbox_worker: OutboxWorker
    scheduler: Scheduler
    slack_client: SlackClient
    bolt_app: App
    files: PdfFolder
    health: HeartbeatMonitor

    def start(self) -> None:
        """Let time pass and messages go out."""
        self.outbox_worker.start()
        self.scheduler.start()

    def stop(self) -> None:
        """Finish what is under way and let go of everything."""
        self.scheduler.stop()
        self.outbox_worker.stop()
        self.database.close()

    def is_healthy(self) -> bool:
        """Whether the database could be written to a moment ago."""
        return self.health.is_healthy()


def utc_now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """A fresh id: milliseconds first, so that ids sort by age; all upper case, so that none looks like a slug."""
    return f"{prefix}{int(time.time() * 1000):012X}{secrets.token_hex(8).upper()}"


def build_app(
    settings: Config,
    identity: AppIdentity,
    database: Database,
    get_time: Callable[[], datetime] = utc_now,
) -> Application:
    """The house, not yet started."""
    client = build_web_client(settings.bot_token, settings.api_url)
    slack, renderer = SlackClient(client), renderer_for_language(ENGLISH)
    collab = Bus(
        database.unit_of_work_factory,
        new_id,
        build_policy(settings),
        plans=settings.plans,
        report_defect=partial(log_error, clock_log),
    )
    files = PdfFolder(settings.files_folder)
    rush = PriorityGate(FairLock().acquire if database.is_sqlite else nullcontext)

    def wake() -> None:
        worker.wake()

    channels = ChannelLookup(slack)
    outbox, profiles = (
        WakingOutbox(database.outbox, wake),
        ProfileReader(collab, slack, get_time),
    )
    deferred = DeferredRequestHandler(
        Services(collab, outbox, renderer, COMMAND_HANDLERS, channel_lookup=channels),
        profiles.find_locale,
        get_time,
        rush,
    )
    deliveries = SlackDeliveries(
        collab, database.outbox, renderer, slack, get_time, files, deferred.handle
    )
    worker = OutboxWorker(database.outbox, deliveries, random.Random(), rush)  # noqa: S311 - spreads retries
    collab.on_commit = wake
    app = build_bolt_app(
        collab,
        outbox,
        renderer,
        priority_gate=rush,
        get_locale=profiles.find_locale,
        respond=slack.post_response,
        now=get_time,
        authorize=build_authorize(identity, settings.bot_token),
        client=client,
        signing_secret=settings.signing_secret,
        socket=settings.is_socket_mode,
        channels=channels,
        addresses=AddressLookup(slack),
    )
    health = HeartbeatMonitor(database.write_heartbeat)
    clock = Scheduler(
        collab, worker.wake, get_time, settings.tick_interval, health.write_heartbeat
    )
    return Application(database, collab, worker, clock, slack, app, files, health)


def build_policy(settings: Config) -> Policy:
    """What the settings mean for decisions."""
    return Policy(
        settings.invitation_lifetime,
        settings.reminder_delays,
        settings.has_quiet_hours,
        daily_invitations=settings.daily_invitation_limit,
    )


def open_database(url: str, *, upgrade: bool = False) -> Database:
    """The database, ready for use: SQLite is upgraded by itself, PostgreSQL only when asked to; raises Stopped."""
    try:
        database = Database.open(url)
        try:
            _prepare_schema(database, upgrade=upgrade or database.is_sqlite)
        except DatabaseUnusable:
            database.close()
            raise
    except DatabaseUnusable as trouble:
        raise FatalError(describe_database_problem(trouble)) from None
    return database


@contextmanager
def use_database(url: str) -> Iterator[Database]:
    """The database for one command, closed at its end; its failures become Stopped."""
    file = sqlite_path(url)
    if file and not file.is_file():
        raise FatalError(
            f"There is no database {file}: start where it is, or set DATABASE_URL"
        )
    database = open_database(url)
    try:
        yield database
    except Unavailable as trouble:
        raise FatalError(
            describe_database_problem(
                DatabaseUnusable(trouble.reason, database.masked_url)
            )
        ) from None
    finally:
        database.close()


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite database."""
    start, path = "sqlite:///", url.partition("?")[0]
    return Path(path.removeprefix(start)) if path.startswith(start) else None


def describe_database_problem(trouble: DatabaseUnusable) -> str:
    """What is wrong with a database and what to do."""
    return DATABASE_PROBLEM_TEXTS.get(
        trouble.reason, DATABASE_PROBLEM_TEXTS["broken"]
    ).format(place=trouble.masked_url)


def check_file_folder(folder: Path) -> bool:
    """Whether the folder of files is there; raises Stopped when none can be kept in it."""
    try:
        return PdfFolder(folder).check_writable()
    except FileStoreError as trouble:
        raise FatalError(describe_file_problem(trouble, folder)) from None


def describe_file_problem(trouble: FileStoreError, place: Path) -> str:
    """What is wrong with a file, or with the place of files, and what to do."""
    renderer = FILE_PROBLEM_TEXTS.get(trouble.reason, FILE_PROBLEM_TEXTS["broken"])
    return renderer.format(place=place, most=MAX_FILE_BYTES // 1024**2)


def _prepare_schema(database: Database, *, upgrade: bool) -> None:
    try:
        database.require_current_schema()
    except DatabaseUnusable as trouble:
        if trouble.reason != "old" or not upgrade:
            raise
        database.upgrade_schema()


def fetch_app_identity(settings: Config) -> AppIdentity:
    """Ask Slack once who the app is; raises Stopped."""
    client = build_web_client(settings.bot_token, settings.api_url)
    try:
        told = call_api(client, "auth.test")
        team, user = read_text_field(told, "team_id"), read_text_field(told, "user_id")
    except SlackCallFailed as trouble:
        raise FatalError(
            describe_slack_problem(trouble.code, "SLACK_BOT_TOKEN", settings.api_url)
        ) from None
    return AppIdentity(
        team,
        told.get("team") or team,
        told.get("enterprise_id"),
        user,
        told.get("bot_id") or "",
    )


def describe_slack_problem(code: str, token: str, api_url: str) -> str:
    """What is wrong between Collab and Slack and what to do."""
    if code in REFUSED_TOKEN_CODES | {"not_allowed_token_type", "invalid_token"}:
        return f"Slack refuses {token} ({code}): copy the token again from your app's page at https://api.slack.com/apps"
    if code in {"unreachable", "timeout", "bad_answer"}:
        return f"Slack cannot be reached at {api_url} ({code}): see that this machine may connect there"
    return f"Slack answers {code} at {api_url}: `collab check` looks closer"


def register_workspace(database: Database, identity: AppIdentity, at: datetime) -> None:
    """Make the workspace known; raises Stopped."""
    collab = Bus(database.unit_of_work_factory, new_id)
    try:
        by = Caller(identity.workspace_id, None, "cli")
        collab.execute(
            InstallWorkspace(
                by,
                clean_text_line(identity.title),
                identity.bot_user_id,
                identity.enterprise,
            ),
            at,
        )
    except Unavailable as trouble:
        raise FatalError(
            describe_database_problem(
                DatabaseUnusable(trouble.reason, database.masked_url)
            )
        ) from None


def build_authorize(
    identity: AppIdentity, token: str
) -> Callable[[str | None], AuthorizeResult | None]:
    """Requests of the one workspace are answered as its bot, without asking Slack each time; others as nobody."""
    found = AuthorizeResult(
        enterprise_id=identity.enterprise,
        team_id=identity.workspace_id,
        bot_token=token,
        bot_id=identity.bot_id,
        bot_user_id=identity.bot_user_id,
    )

    def authorize(team_id: str | None) -> AuthorizeResult | None:
        return found if team_id == identity.workspace_id else None

    return authorize


def count_workers(database: Database) -> int:
    """How many processes serve HTTP: one where one process writes, else as many as there are cores, up to four."""
    return 1 if database.is_sqlite else min(MAX_WORKERS, os.cpu_count() or 1)
