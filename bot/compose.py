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
from typing import TYPE_CHECKING, Any

from slack_bolt.authorization import AuthorizeResult

from bot.addresses import AddressLookup
from bot.app import build_app
from bot.catalogs import ENGLISH
from bot.channels import ChannelLookup
from bot.clock import Clock
from bot.clock import log as clock_log
from bot.courier import Courier
from bot.deferred import DeferredRequests
from bot.errands import Errands
from bot.health import Health
from bot.listeners.road import Desk
from bot.profiles import Profiles
from bot.rush import Rush
from bot.settings import Settings, Stopped
from bot.slack import TOKEN_REFUSED, Slack, SlackTrouble, call, text_of, web_client
from bot.trouble import log_defect
from bot.words import words_in
from collab.files import MOST_BYTES, FileTrouble
from collab.people import Caller, Install
from collab.policy import Policy
from collab.service import Collab, Unavailable
from collab.text import clean_line
from storage.database import Database, DatabaseTrouble
from storage.files import Files
from storage.locks import FairLock

if TYPE_CHECKING:
    from slack_bolt import App

MOST_WORKERS = 4

DATABASE_WORDS = {
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

FILE_WORDS = {
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
class Identity:
    """Who the app is in its workspace."""

    team: str
    title: str
    enterprise: str | None
    bot: str
    bot_id: str


class Post:
    """The outbox as listeners use it: what they put there is carried at once."""

    def __init__(self, outbox: Any, wake: Callable[[], None]) -> None:
        self.keep_copy = outbox.keep_copy
        self._post = outbox.post
        self._show_home = outbox.show_home
        self._wake = wake

    def post(self, workspace: str, target: str, message: str, payload: dict[str, Any]) -> None:
        """Put a ready message on its way."""
        self._post(workspace, target, message, payload)
        self._wake()

    def show_home(self, workspace: str, person: str, pages: Sequence[int] | None = None) -> None:
        """Bring a person's Home up to date at once."""
        self._show_home(workspace, person, pages)
        self._wake()


@dataclass(frozen=True, slots=True)
class House:
    """The running parts."""

    database: Database
    collab: Collab
    courier: Courier
    clock: Clock
    slack: Slack
    app: App
    files: Files
    health: Health

    def start(self) -> None:
        """Let time pass and messages go out."""
        self.courier.start()
        self.clock.start()

    def stop(self) -> None:
        """Finish what is under way and let go of everything."""
        self.clock.stop()
        self.courier.stop()
        self.database.close()

    def healthy(self) -> bool:
        """Whether the database could be written to a moment ago."""
        return self.health.is_healthy()


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """A fresh id: milliseconds first, so that ids sort by age; all upper case, so that none looks like a slug."""
    return f"{prefix}{int(time.time() * 1000):012X}{secrets.token_hex(8).upper()}"


def build(settings: Settings, identity: Identity, database: Database, at: Callable[[], datetime] = now) -> House:
    """The house, not yet started."""
    client = web_client(settings.bot_token, settings.api_url)
    slack, words = Slack(client), words_in(ENGLISH)
    collab = Collab(
        database.units, new_id, policy(settings), plans=settings.plans, report=partial(log_defect, clock_log)
    )
    files = Files(settings.files)
    rush = Rush(FairLock().held if database.is_sqlite else nullcontext)

    def wake() -> None:
        courier.wake()

    channels = ChannelLookup(slack)
    outbox, profiles = Post(database.outbox, wake), Profiles(collab, slack, at)
    deferred = DeferredRequests(Desk(collab, outbox, words, channels=channels), profiles.locale, at, rush)
    errands = Errands(collab, database.outbox, words, slack, at, files, deferred.handle)
    courier = Courier(database.outbox, errands, random.Random(), rush)  # noqa: S311 - spreads retries
    collab.told = wake
    app = build_app(
        collab,
        outbox,
        words,
        rush=rush,
        tongue=profiles.locale,
        respond=slack.respond,
        now=at,
        authorize=authorizing(identity, settings.bot_token),
        client=client,
        signing_secret=settings.signing_secret,
        socket=settings.socket_mode,
        channels=channels,
        addresses=AddressLookup(slack),
    )
    health = Health(database.beat)
    clock = Clock(collab, courier.wake, at, settings.tick, health.beat)
    return House(database, collab, courier, clock, slack, app, files, health)


def policy(settings: Settings) -> Policy:
    """What the settings mean for decisions."""
    return Policy(
        settings.lifetime, settings.reminders, settings.quiet_hours, daily_invitations=settings.daily_invitations
    )


def open_database(url: str, *, upgrade: bool = False) -> Database:
    """The database, ready for use: SQLite is upgraded by itself, PostgreSQL only when asked to; raises Stopped."""
    try:
        database = Database.open(url)
        try:
            _ready(database, upgrade=upgrade or database.is_sqlite)
        except DatabaseTrouble:
            database.close()
            raise
    except DatabaseTrouble as trouble:
        raise Stopped(database_words(trouble)) from None
    return database


@contextmanager
def using(url: str) -> Iterator[Database]:
    """The database for one command, closed at its end; its failures become Stopped."""
    file = sqlite_file(url)
    if file and not file.is_file():
        raise Stopped(f"There is no database {file}: start where it is, or set DATABASE_URL")
    database = open_database(url)
    try:
        yield database
    except Unavailable as trouble:
        raise Stopped(database_words(DatabaseTrouble(trouble.reason, database.place))) from None
    finally:
        database.close()


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database."""
    start, path = "sqlite:///", url.partition("?")[0]
    return Path(path.removeprefix(start)) if path.startswith(start) else None


def database_words(trouble: DatabaseTrouble) -> str:
    """What is wrong with a database and what to do."""
    return DATABASE_WORDS.get(trouble.reason, DATABASE_WORDS["broken"]).format(place=trouble.place)


def check_files(folder: Path) -> bool:
    """Whether the folder of files is there; raises Stopped when none can be kept in it."""
    try:
        return Files(folder).check()
    except FileTrouble as trouble:
        raise Stopped(file_words(trouble, folder)) from None


def file_words(trouble: FileTrouble, place: Path) -> str:
    """What is wrong with a file, or with the place of files, and what to do."""
    words = FILE_WORDS.get(trouble.reason, FILE_WORDS["broken"])
    return words.format(place=place, most=MOST_BYTES // 1024**2)


def _ready(database: Database, *, upgrade: bool) -> None:
    try:
        database.check()
    except DatabaseTrouble as trouble:
        if trouble.reason != "old" or not upgrade:
            raise
        database.upgrade()


def identify(settings: Settings) -> Identity:
    """Ask Slack once who the app is; raises Stopped."""
    client = web_client(settings.bot_token, settings.api_url)
    try:
        told = call(client, "auth.test")
        team, user = text_of(told, "team_id"), text_of(told, "user_id")
    except SlackTrouble as trouble:
        raise Stopped(slack_words(trouble.code, "SLACK_BOT_TOKEN", settings.api_url)) from None
    return Identity(team, told.get("team") or team, told.get("enterprise_id"), user, told.get("bot_id") or "")


def slack_words(code: str, token: str, api_url: str) -> str:
    """What is wrong between Collab and Slack and what to do."""
    if code in TOKEN_REFUSED | {"not_allowed_token_type", "invalid_token"}:
        return (
            f"Slack refuses {token} ({code}): copy the token again from your app's page at https://api.slack.com/apps"
        )
    if code in {"unreachable", "timeout", "bad_answer"}:
        return f"Slack cannot be reached at {api_url} ({code}): see that this machine may connect there"
    return f"Slack answers {code} at {api_url}: `collab check` looks closer"


def install(database: Database, identity: Identity, at: datetime) -> None:
    """Make the workspace known; raises Stopped."""
    collab = Collab(database.units, new_id)
    try:
        by = Caller(identity.team, None, "cli")
        collab.perform(Install(by, clean_line(identity.title), identity.bot, identity.enterprise), at)
    except Unavailable as trouble:
        raise Stopped(database_words(DatabaseTrouble(trouble.reason, database.place))) from None


def authorizing(identity: Identity, token: str) -> Callable[[str | None], AuthorizeResult | None]:
    """Requests of the one workspace are answered as its bot, without asking Slack each time; others as nobody."""
    found = AuthorizeResult(
        enterprise_id=identity.enterprise,
        team_id=identity.team,
        bot_token=token,
        bot_id=identity.bot_id,
        bot_user_id=identity.bot,
    )

    def authorize(team_id: str | None) -> AuthorizeResult | None:
        return found if team_id == identity.team else None

    return authorize


def workers(database: Database) -> int:
    """How many processes serve HTTP: one where one process writes, else as many as there are cores, up to four."""
    return 1 if database.is_sqlite else min(MOST_WORKERS, os.cpu_count() or 1)
