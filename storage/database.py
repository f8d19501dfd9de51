"""Opens a SQLite or PostgreSQL database by its URL, and upgrades its schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, nullcontext
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from collab.backups import Verification
from collab.deadline import limit_to_deadline
from collab.file_store import FileStore
from collab.model import WorkspaceId
from storage.backlog import OutboxBacklog, read_backlog
from storage.connections import (
    BEGIN_READ,
    BEGIN_WRITE,
    Connections,
    CountTransaction,
    open_transaction,
    translate_database_errors,
)
from storage.database_url import MalformedUrl, mask_url, parse_database_address
from storage.due_failures import DueFailureLog
from storage.encryption import Encryption
from storage.errors import failure_reason
from storage.event_log import EventLog
from storage.file_guard import FileGuard
from storage.file_migration import FileMigrationResult, copy_files
from storage.file_table import PdfTable
from storage.files import PdfFolder
from storage.installations import InstallationStore
from storage.invitation_links import InvitationLinkStore
from storage.oauth_states import OAuthStateStore
from storage.outbox import Outbox
from storage.postgresql import open_pipeline, open_postgresql
from storage.unit_of_work import StoredUnitOfWorkFactory

WAIT_SECONDS = 2.0  # seconds; Slack waits three
MAX_CONNECTIONS = 8
_WRITE_HEARTBEAT = text(
    "INSERT INTO heartbeats (id, beaten_at) VALUES (1, 1.0)"
    " ON CONFLICT (id) DO UPDATE SET beaten_at = heartbeats.beaten_at + 1"
)
MIGRATIONS_FOLDER = Path(__file__).parent / "migrations"


class DatabaseUnusable(Exception):
    """The database cannot be used: `reason` says why, `place` is its masked URL.

    Reasons: malformed_url, unreachable, busy, read_only, full, disk, newer (than the
    code), old (not upgraded), broken.
    """

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(f"{reason}: {place}")
        self.reason = reason
        self.masked_url = place


class Database:
    """One database with its units of work, its outbox and its event log."""

    def __init__(
        self, engine: Engine, *, is_locking: bool = True, is_pooled: bool = False
    ) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.masked_url = mask_url(engine.url)
        connections = Connections(
            engine,
            WAIT_SECONDS,
            max_connections=MAX_CONNECTIONS,
            is_locking=is_locking,
            is_pooled=is_pooled,
            open_pipeline=nullcontext if self.is_sqlite else open_pipeline,
        )
        self.is_pooled = is_pooled
        self._connections = connections
        self.unit_of_work_factory = StoredUnitOfWorkFactory(connections)
        self._file_guard = (
            FileGuard(engine, engine.url.database)
            if self.is_sqlite and engine.url.database
            else None
        )
        self.outbox = Outbox(connections)
        self.event_log = EventLog(connections)
        self.invitation_links = InvitationLinkStore(connections)
        self.due_failures = DueFailureLog(connections)
        self.files = PdfTable(connections)
        self.oauth_states = OAuthStateStore(connections)

    @classmethod
    def open(cls, url: str, *, is_locking: bool = True) -> Database:
        """Open a database by its URL and make sure that it answers."""
        try:
            address = parse_database_address(url)
        except MalformedUrl:
            raise DatabaseUnusable("malformed_url", "DATABASE_URL") from None
        if address.url.get_backend_name() == "sqlite":
            database = cls(_create_sqlite_engine(address.url), is_locking=is_locking)
            database._run_or_raise(
                lambda connection: connection.execute(text("SELECT 1"))
            )
            return database
        try:
            engine, is_pooled = open_postgresql(
                address, wait_seconds=WAIT_SECONDS, max_connections=MAX_CONNECTIONS
            )
        except MalformedUrl:
            raise DatabaseUnusable("malformed_url", "DATABASE_URL") from None
        except SQLAlchemyError as problem:
            raise DatabaseUnusable(
                failure_reason(problem), address.masked_url
            ) from None
        return cls(engine, is_locking=is_locking, is_pooled=is_pooled)

    def schema_version(self) -> str | None:
        """Return the version of the schema; None for an empty database."""
        version: str | None = self._run_or_raise(_read_schema_version)
        return version

    def require_current_schema(self) -> None:
        """Reject a schema that is not of the code's version."""
        version = self.schema_version()
        if version != read_head_version():
            raise DatabaseUnusable(
                "old" if version is None or version < read_head_version() else "newer",
                self.masked_url,
            )

    def find_schema_problem(self) -> str | None:
        """Return why the code cannot work with the database now; None if it can."""
        try:
            self.require_current_schema()
        except DatabaseUnusable as unusable:
            return unusable.reason
        return None

    def upgrade_schema(self) -> None:
        """Upgrade the schema to the code's version; a newer one is rejected."""
        version = self.schema_version()
        if version == read_head_version():
            return
        if version is not None and version > read_head_version():
            raise DatabaseUnusable("newer", self.masked_url)
        self._run_or_raise(self._run_migrations)

    def write_heartbeat(self) -> None:
        """Check that the database can be written to; raise Unavailable if not."""
        with self._connections.write() as connection:
            connection.execute(_WRITE_HEARTBEAT)

    def read_backlog(self) -> OutboxBacklog:
        """Return what waits in the outbox; raise Unavailable if it cannot be read."""
        with self._connections.read() as connection:
            return read_backlog(connection)

    def get_next_due_time(self) -> datetime | None:
        """Return when something is due next; None if nothing is."""
        return self.unit_of_work_factory.get_next_due_time()

    def count_transactions(self, count: CountTransaction) -> None:
        """Call `count` after each transaction."""
        self._connections.count_transaction = count

    def open_installations(self, secrets: Sequence[str]) -> InstallationStore:
        """Return the store of installations, whose tokens the secrets encrypt."""
        return InstallationStore(self._connections, Encryption(secrets))

    def open_file_store(self, folder: Path | None) -> FileStore:
        """Return where invoices' PDFs are: in a folder, or in the database."""
        return self.files if folder is None else PdfFolder(folder)

    def copy_files(self, folder: Path, *, deletes: bool) -> FileMigrationResult:
        """Copy invoices' PDFs from a folder into the database.

        Raises FileStoreError when the folder cannot be read, and Unavailable.
        """
        return copy_files(PdfFolder(folder), self.files, deletes=deletes)

    def write_backup(
        self, folder: Path | None, target: Path
    ) -> Mapping[WorkspaceId, int]:
        """Write a backup, with the PDFs of a folder; return how many events each
        workspace has.

        Raises BackupUnusable and Unavailable.
        """
        from storage import backup  # noqa: PLC0415 - only this needs it

        pdfs = None if folder is None else PdfFolder(folder)
        return backup.write_backup(
            self._connections, pdfs, read_head_version(), target
        ).last_events

    def restore_backup(self, source: Path, folder: Path | None) -> None:
        """Load a backup into this empty database, its PDFs into the folder if any.

        Raises BackupUnusable, FileStoreError and Unavailable.
        """
        from storage import backup  # noqa: PLC0415 - only this needs it

        with closing(backup.BackupReader(source)) as reader:
            backup.restore_backup(
                self._connections,
                reader,
                read_head_version(),
                self.open_file_store(folder),
            )

    def verify(self) -> Verification:
        """Compare the tables with what the events say; raises Unavailable."""
        from storage.verification import verify  # noqa: PLC0415 - only this needs it

        return verify(self._connections)

    def delete_expired_rows(self, at: datetime) -> int:
        """Delete old links of invitations, keys of requests and states of OAuth;
        return how many.
        """
        links = self.invitation_links.delete_old_links(at)
        states = self.oauth_states.delete_expired(at)
        return links + states + self.event_log.delete_old_requests(at)

    def remove_remains(self) -> None:
        """Free what deleted and changed rows have left in the database's files."""
        with (
            translate_database_errors(),
            self._autocommit_engine.connect() as connection,
        ):
            connection.exec_driver_sql("VACUUM")
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    @property
    def _autocommit_engine(self) -> Engine:
        """Return the engine for statements that no transaction may be around."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        if self._file_guard:
            self._file_guard.forget_file()

    def _run_migrations(self, connection: Connection) -> None:
        # Alembic is slow to import.
        from storage.migration_runner import run_migrations  # noqa: PLC0415

        run_migrations(connection, MIGRATIONS_FOLDER)

    def _run_or_raise(self, ask: Any) -> Any:
        how = BEGIN_WRITE if ask == self._run_migrations else BEGIN_READ
        try:
            with open_transaction(
                self.engine, how if self.is_sqlite else None
            ) as connection:
                return ask(connection)
        except SQLAlchemyError as problem:
            raise DatabaseUnusable(failure_reason(problem), self.masked_url) from None


@cache
def read_head_version() -> str:
    """Return the version of the newest migration: the highest number of a file."""
    return max(
        path.name.partition("_")[0]
        for path in (MIGRATIONS_FOLDER / "versions").glob("[0-9]*_*.py")
    )


def _read_schema_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _create_sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=MAX_CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _configure_sqlite_connection)
    return engine


def _configure_sqlite_connection(
    connection: sqlite3.Connection, _record: object
) -> None:
    """Set write-ahead log, synchronous commits, foreign keys, explicit transactions."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(
        f"PRAGMA busy_timeout = {int(limit_to_deadline(WAIT_SECONDS) * 1000)}"
    )
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout = {int(WAIT_SECONDS * 1000)}")
    cursor.close()
