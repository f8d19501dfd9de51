"""Build the application from a Config, and open what single commands need.

Besides the command line, only this module imports all sides: Slack, the core and storage.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from wsgiref.types import WSGIApplication

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot.app_identity import (
    AppIdentity,
    build_authorize,
    fetch_app_identity,
    register_workspace,
)
from bot.config import Config, FatalError
from bot.delivery.email import Mailer, MailService, build_mail_service
from bot.delivery.outbox_worker import OutboxWorker
from bot.delivery.services import DeliveryServices
from bot.delivery.slack import SlackDeliveries
from bot.delivery.waking_outbox import WakingOutbox
from bot.error_log import log_error
from bot.health import HeartbeatMonitor, LoopMonitor, Probes
from bot.i18n import ENGLISH
from bot.ids import new_id
from bot.invitation_links import InvitationLinks
from bot.invoice_import import InvoiceImporter
from bot.operator_messages import (
    describe_database_problem,
    describe_file_problem,
)
from bot.priority_gate import PriorityGate
from bot.rendering import Renderer, renderer_for_language
from bot.scheduler import Scheduler
from bot.scheduler import log as scheduler_log
from bot.setting_parsers import sqlite_path
from bot.slack.address_lookup import AddressLookup
from bot.slack.app import build_bolt_app
from bot.slack.authorization import build_installed_authorize
from bot.slack.channel_lookup import ChannelLookup
from bot.slack.client import SlackClient, build_web_client
from bot.slack.company_names import CompanyNames
from bot.slack.deferred_requests import DeferredRequestHandler
from bot.slack.installed_tokens import InstalledTokens, build_tokens
from bot.slack.profiles import ProfileReader
from bot.slack.requests import Services
from bot.slack.routes import COMMAND_HANDLERS
from bot.slack.sign_in import SlackSignIn, build_credentials
from bot.web.install_pages import build_install_pages
from bot.web.pages import build_pages
from bot.web.sign_in_pages import SignInRequests
from bot.workspace_choice import choose_workspace
from collab.backups import BackupUnusable
from collab.bus import Bus
from collab.file_store import FileStore, FileStoreError
from collab.limits import Policy
from collab.unit_of_work import Unavailable
from storage.database import Database, DatabaseUnusable
from storage.files import PdfFolder
from storage.locks import FairLock


@dataclass(frozen=True, slots=True)
class Application:
    """The parts of a running application."""

    database: Database
    bus: Bus
    outbox_worker: OutboxWorker
    scheduler: Scheduler
    slack_client: SlackClient
    bolt_app: App
    files: FileStore
    probes: Probes
    pages: WSGIApplication | None  # for people outside Slack

    def start(self) -> None:
        """Start the background threads: deliveries and due work."""
        self.outbox_worker.start()
        self.scheduler.start()

    def stop(self) -> None:
        """Finish the work in progress and close everything."""
        self.scheduler.stop()
        self.outbox_worker.stop()
        self.database.close()


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def build_app(
    config: Config,
    identity: AppIdentity | None,
    database: Database,
    now: Callable[[], datetime] = utc_now,
    mailer: Mailer | None = None,
) -> Application:
    """Build the application without starting it; `now` is its clock.

    Without an `identity`, workspaces install it by OAuth. `mailer` takes the mails in
    place of the server of the settings.
    """
    parts = _build_parts(config, database, now, mailer)
    wake = parts.outbox_wake_event.set
    heartbeat = HeartbeatMonitor(database.write_heartbeat)
    loops = LoopMonitor()
    return Application(
        database=database,
        bus=parts.bus,
        outbox_worker=_build_outbox_worker(parts, loops),
        scheduler=Scheduler(
            parts.bus,
            wake,
            now,
            config.tick_interval,
            heartbeat.write_heartbeat,
            database.delete_expired_rows,
            parts.tokens.renew_expiring if parts.tokens else None,
            loops.mark_moved,
        ),
        slack_client=parts.slack,
        bolt_app=_build_bolt_app(config, identity, parts),
        files=parts.files,
        probes=Probes(
            heartbeat.is_healthy, loops.list_stalled, database.find_schema_problem
        ),
        pages=_build_pages(config, parts),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the worker and the Bolt app share."""

    database: Database
    bus: Bus
    outbox: WakingOutbox
    outbox_wake_event: Event
    renderer: Renderer
    slack: SlackClient
    tokens: InstalledTokens | None  # where workspaces install the app by OAuth
    profiles: ProfileReader
    channels: ChannelLookup
    addresses: AddressLookup
    files: FileStore
    links: InvitationLinks | None
    mail: MailService | None
    priority_gate: PriorityGate
    now: Callable[[], datetime]


def _build_parts(
    config: Config,
    database: Database,
    now: Callable[[], datetime],
    mailer: Mailer | None,
) -> _Parts:
    wake_event = Event()
    client = build_web_client(config.bot_token, config.api_url)
    installations = database.open_installations(config.link_secrets)
    tokens = build_tokens(config, client, installations, now)
    slack = SlackClient(client, tokens)
    links = _build_links(config, database)
    mail = build_mail_service(config, links, mailer)
    bus = _build_bus(
        config, database, on_commit=wake_event.set, sends_mail=mail is not None
    )
    addresses = AddressLookup(slack)
    bus.has_account = addresses.has_account
    return _Parts(
        database=database,
        bus=bus,
        outbox=WakingOutbox(database.outbox, wake_event.set),
        outbox_wake_event=wake_event,
        renderer=renderer_for_language(ENGLISH),
        slack=slack,
        tokens=tokens,
        profiles=ProfileReader(bus, slack, now),
        channels=ChannelLookup(slack),
        addresses=addresses,
        files=database.open_file_store(config.files_folder),
        links=links,
        mail=mail,
        priority_gate=PriorityGate(
            FairLock().acquire if database.is_sqlite else nullcontext
        ),
        now=now,
    )


def _build_outbox_worker(parts: _Parts, loops: LoopMonitor) -> OutboxWorker:
    services = Services(
        parts.bus,
        parts.outbox,
        parts.renderer,
        COMMAND_HANDLERS,
        channel_lookup=parts.channels,
    )
    deferred_requests = DeferredRequestHandler(
        services, parts.profiles.find_locale, parts.now, parts.priority_gate
    )
    deliveries = DeliveryServices(
        bus=parts.bus,
        store=parts.database.outbox,
        renderer=parts.renderer,
        slack=parts.slack,
        now=parts.now,
        files=parts.files,
        handle_deferred_request=deferred_requests.handle,
        companies=CompanyNames(parts.slack),
        mail=parts.mail,
    )
    return OutboxWorker(
        parts.database.outbox,
        SlackDeliveries(deliveries),
        random.Random(),  # noqa: S311 - spreads retries
        parts.priority_gate,
        parts.outbox_wake_event,
        partial(loops.mark_moved, "outbox worker"),
    )


def _build_pages(config: Config, parts: _Parts) -> WSGIApplication | None:
    if parts.links is None:
        return None
    return build_pages(
        Services(parts.bus, parts.outbox, parts.renderer, COMMAND_HANDLERS),
        parts.links,
        config.link_secrets,
        SignInRequests(
            parts.database.event_log.list_workspaces,
            sends_mail=parts.mail is not None,
        ),
        parts.files,
        parts.now,
        _build_slack_sign_in(config, parts),
        build_install_pages(
            parts.bus,
            parts.tokens,
            parts.database.oauth_states,
            parts.links.base_url,
            parts.now,
        ),
    )


def _build_slack_sign_in(config: Config, parts: _Parts) -> SlackSignIn | None:
    """Return what signs people in with Slack; None unless it is set up."""
    credentials = build_credentials(
        config.base_url, config.client_id, config.client_secret
    )
    if credentials is None:
        return None
    proxy = parts.slack.client.proxy
    return SlackSignIn(credentials, config.api_url, parts.now, proxy)


def _build_bolt_app(config: Config, identity: AppIdentity | None, parts: _Parts) -> App:
    authorize = _build_authorize(config, identity, parts)
    return build_bolt_app(
        parts.bus,
        parts.outbox,
        parts.renderer,
        priority_gate=parts.priority_gate,
        get_locale=parts.profiles.find_locale,
        respond=parts.slack.post_response,
        now=parts.now,
        authorize=authorize,
        client=parts.slack.client,
        signing_secret=config.signing_secret,
        socket=config.is_socket_mode,
        channels=parts.channels,
        addresses=parts.addresses,
        installations=parts.tokens,
    )


def _build_authorize(
    config: Config, identity: AppIdentity | None, parts: _Parts
) -> Callable[..., AuthorizeResult | None]:
    if parts.tokens:
        return build_installed_authorize(parts.tokens)
    if identity is None or config.bot_token is None:
        raise ValueError("neither a token nor OAuth")
    return build_authorize(identity, config.bot_token)


def _build_links(config: Config, database: Database) -> InvitationLinks | None:
    """Return what makes links to pages; None unless they have an address."""
    if config.base_url is None:
        return None
    return InvitationLinks(
        config.base_url, config.link_secrets, database.invitation_links
    )


def _build_bus(
    config: Config,
    database: Database,
    on_commit: Callable[[], None],
    *,
    sends_mail: bool,
) -> Bus:
    return Bus(
        database.unit_of_work_factory,
        new_id,
        Policy(
            config.invitation_lifetime,
            config.reminder_delays,
            config.has_quiet_hours,
            daily_invitations=config.daily_invitation_limit,
            sends_mail=sends_mail,
        ),
        on_commit=on_commit,
        plans=config.plans,
        report_defect=partial(log_error, scheduler_log),
    )


def open_database(url: str, *, upgrade: bool = False) -> Database:
    """Open a database and check its schema; raises FatalError.

    A SQLite file is upgraded in any case, PostgreSQL only with `upgrade`.
    """
    return _open_prepared(url, partial(_prepare_schema, upgrade=upgrade))


def open_database_for_restore(url: str) -> Database:
    """Open an empty database with the code's schema; raises FatalError.

    Raises BackupUnusable for one of another version: it is in use, and not upgraded.
    """
    return _open_prepared(url, _create_schema)


def _open_prepared(url: str, prepare: Callable[[Database], None]) -> Database:
    try:
        database = Database.open(url)
        try:
            prepare(database)
        except (DatabaseUnusable, BackupUnusable):
            database.close()
            raise
    except DatabaseUnusable as error:
        raise FatalError(
            describe_database_problem(error.reason, error.masked_url)
        ) from None
    return database


def _prepare_schema(database: Database, *, upgrade: bool) -> None:
    try:
        database.require_current_schema()
    except DatabaseUnusable as error:
        if error.reason != "old" or not (upgrade or database.is_sqlite):
            raise
        database.upgrade_schema()


def _create_schema(database: Database) -> None:
    if database.schema_version() is None:
        database.upgrade_schema()
    elif database.find_schema_problem():
        raise BackupUnusable("not_empty")


@contextmanager
def use_database(url: str) -> Iterator[Database]:
    """Open an existing database for one command and close it; raises FatalError."""
    file = sqlite_path(url)
    if file and not file.is_file():
        raise FatalError(
            f"There's no database {file}: run this in its folder, or set DATABASE_URL"
        )
    database = open_database(url)
    try:
        with _unavailable_is_fatal(database):
            yield database
    finally:
        database.close()


@contextmanager
def _unavailable_is_fatal(database: Database) -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        raise FatalError(
            describe_database_problem(error.reason, database.masked_url)
        ) from None


@contextmanager
def use_invoice_importer(
    database_url: str, files_folder: Path | None, workspace_id: str | None
) -> Iterator[InvoiceImporter]:
    """Open what adds invoices to a workspace, for one command; raises FatalError."""
    with use_database(database_url) as database:
        yield InvoiceImporter(
            build_command_bus(database),
            database.open_file_store(files_folder),
            renderer_for_language(ENGLISH),
            choose_workspace(database.event_log.list_workspaces(), workspace_id),
            utc_now,
        )


def build_command_bus(database: Database) -> Bus:
    """Return a bus for one command of the command line."""
    return Bus(database.unit_of_work_factory, new_id)


def check_file_folder(folder: Path) -> bool:
    """Return whether the folder of files exists; raises FatalError."""
    try:
        return PdfFolder(folder).check_writable()
    except FileStoreError as error:
        raise FatalError(describe_file_problem(error, folder)) from None


def register_own_workspace(
    config: Config, database: Database, at: datetime
) -> AppIdentity | None:
    """Record the workspace of the app's token; None if workspaces install it by OAuth.

    Raises FatalError.
    """
    if config.bot_token is None:
        return None
    identity = fetch_app_identity(config)
    with _unavailable_is_fatal(database):
        register_workspace(build_command_bus(database), identity, at)
    return identity
