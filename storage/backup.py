"""Backups: everything in the database and all PDFs in one archive, and back.

The format is the same for both databases, so that a backup of one can be restored into
the other: a ZIP file with a JSON line for each row, by table, the PDFs by their hash,
and a manifest with the schema, the counts, the newest event of each workspace and the
SHA-256 of every part. Tokens stay encrypted.
"""

from __future__ import annotations

import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    Table,
    TypeDecorator,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.engine import Dialect

from collab.backups import BackupUnusable
from collab.file_store import FileStore, FileStoreError
from collab.model import WorkspaceId
from storage.connections import Connections
from storage.files import PdfFolder
from storage.tables import invoices, metadata, workspaces
from storage.tables.column_types import UtcDateTime

MANIFEST = "manifest.json"
BATCH_ROWS = 500
TRANSFER_SECONDS = 3600.0
# What the library raises for an archive of another form.
DAMAGE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
# They are of one process or one moment, and mean nothing elsewhere.
LEFT_OUT = frozenset({"heartbeats", "oauth_states"})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup has: rows by table, newest events by workspace, hashes by part."""

    schema: str
    counts: dict[str, int] = field(default_factory=dict)
    last_events: dict[WorkspaceId, int] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)


def write_backup(
    connections: Connections, folder: PdfFolder | None, schema: str, target: Path
) -> Manifest:
    """Write a backup of one snapshot, while the app may run.

    The file appears when it is whole, and only its owner may read it. Raises
    BackupUnusable if a PDF is missing or the file cannot be written.
    """
    try:
        return _write_and_rename(connections, folder, schema, target)
    except OSError as error:
        raise BackupUnusable("unwritable", error.strerror or "") from None


def _write_and_rename(
    connections: Connections, folder: PdfFolder | None, schema: str, target: Path
) -> Manifest:
    temporary = NamedTemporaryFile(  # noqa: SIM115 - it is renamed
        dir=target.parent, prefix=f".{target.name}.", delete=False
    )
    try:
        with temporary, ZipFile(temporary, "w", ZIP_DEFLATED) as archive:
            manifest = _write_parts(connections, folder, schema, archive)
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            temporary.flush()
        with Path(temporary.name).open("rb") as written:
            os.fsync(written.fileno())
        Path(temporary.name).replace(target)
    except BaseException:
        Path(temporary.name).unlink(missing_ok=True)
        raise
    return manifest


def _write_parts(
    connections: Connections,
    folder: PdfFolder | None,
    schema: str,
    archive: ZipFile,
) -> Manifest:
    manifest = Manifest(schema)
    with connections.read() as connection:
        connections.extend_time_limit(connection, TRANSFER_SECONDS)
        for table in metadata.sorted_tables:
            if table.name not in LEFT_OUT:
                name = _part_of(table.name)
                digest, count = _write_rows(connection, table, archive, name)
                manifest.hashes[name] = digest
                manifest.counts[table.name] = count
        last_events = select(workspaces.c.id, workspaces.c.seq)
        manifest.last_events.update(
            (row.id, row.seq) for row in connection.execute(last_events)
        )
        digests = list(connection.execute(select(invoices.c.file).distinct()).scalars())
    for digest in digests if folder else ():
        _write_file(folder, digest, archive, manifest)
    return manifest


def _write_rows(
    connection: Connection, table: Table, archive: ZipFile, name: str
) -> tuple[str, int]:
    """Write all rows of a table; return the hash of the part and their number."""
    hasher, count = sha256(), 0
    rows = connection.execution_options(yield_per=BATCH_ROWS).execute(select(table))
    with archive.open(name, "w", force_zip64=True) as part:
        for row in rows:
            encoded = [
                _encode(column, value, connection.dialect)
                for column, value in zip(table.c, row, strict=True)
            ]
            values = dict(zip(table.c.keys(), encoded, strict=True))
            line = f"{json.dumps(values, ensure_ascii=False)}\n".encode()
            hasher.update(line)
            part.write(line)
            count += 1
    return hasher.hexdigest(), count


def _write_file(
    folder: PdfFolder | None, digest: str, archive: ZipFile, manifest: Manifest
) -> None:
    if folder is None:
        return
    try:
        content = folder.load(digest)
    except FileStoreError:
        raise BackupUnusable("missing_file", digest) from None
    name = f"files/{digest}.pdf"
    archive.writestr(name, content)
    manifest.hashes[name] = sha256(content).hexdigest()


def restore_backup(
    connections: Connections, backup: BackupReader, schema: str, store: FileStore
) -> None:
    """Load a backup into an empty database, and its PDFs into a store.

    Raises BackupUnusable, FileStoreError and Unavailable.
    """
    if backup.manifest.schema != schema:
        raise BackupUnusable("other_schema", backup.manifest.schema)
    with connections.read() as connection:
        _require_empty(connection)
    # PDFs are stored by their hash, so that this can be repeated; rows can't.
    backup.restore_files(store)
    with connections.write() as connection:
        connections.extend_time_limit(connection, TRANSFER_SECONDS)
        _require_empty(connection)
        backup.restore_rows(connection)


class BackupReader:
    """A backup whose parts were all compared with their hashes."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = ZipFile(path)
            self.manifest = Manifest(**json.loads(self._archive.read(MANIFEST)))
        except (*DAMAGE, KeyError, ValueError, TypeError):
            raise BackupUnusable("not_a_backup") from None
        self._check_parts()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def restore_rows(self, connection: Connection) -> None:
        """Insert all rows into empty tables of the backup's schema."""
        for table in metadata.sorted_tables:
            if _part_of(table.name) not in self.manifest.hashes:
                continue
            for batch in self._read_batches(table, connection.dialect):
                connection.execute(insert(table), batch)
            _advance_sequence(connection, table)

    def restore_files(self, store: FileStore) -> int:
        """Save all PDFs; return how many."""
        names = [name for name in self.manifest.hashes if name.startswith("files/")]
        for name in names:
            store.save(self._archive.read(name))
        return len(names)

    def _read_batches(
        self, table: Table, dialect: Dialect
    ) -> Iterator[list[dict[str, Any]]]:
        batch: list[dict[str, Any]] = []
        with self._archive.open(_part_of(table.name)) as part:
            for line in part:
                values = json.loads(line)
                batch.append(
                    {
                        name: _decode(table.c[name], value, dialect)
                        for name, value in values.items()
                    }
                )
                if len(batch) == BATCH_ROWS:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _check_parts(self) -> None:
        if set(self._archive.namelist()) != {MANIFEST, *self.manifest.hashes}:
            raise BackupUnusable("damaged", "parts")
        for name, expected in self.manifest.hashes.items():
            hasher = sha256()
            try:
                with self._archive.open(name) as part:
                    while piece := part.read(2**20):
                        hasher.update(piece)
            except DAMAGE:
                raise BackupUnusable("damaged", name) from None
            if hasher.hexdigest() != expected:
                raise BackupUnusable("damaged", name)


def _require_empty(connection: Connection) -> None:
    """Reject a database that has a workspace."""
    if connection.execute(select(func.count()).select_from(workspaces)).scalar_one():
        raise BackupUnusable("not_empty")


def _part_of(table_name: str) -> str:
    return f"tables/{table_name}.jsonl"


def _encode(column: Column[Any], value: Any, dialect: Dialect) -> Any:
    """Return a value as JSON has it."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(column.type, LargeBinary):
        return b64encode(value).decode()
    if isinstance(column.type, TypeDecorator):
        return column.type.process_bind_param(value, dialect)
    return value


def _decode(column: Column[Any], value: Any, dialect: Dialect) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary):
        return b64decode(value)
    if isinstance(column.type, TypeDecorator):
        return column.type.process_result_value(value, dialect)
    return value


def _advance_sequence(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that were inserted."""
    column = table.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None:
        return
    newest = connection.execute(select(func.max(column))).scalar()
    if newest is not None:
        statement = text(
            "SELECT setval(pg_get_serial_sequence(:table, :name), :newest)"
        )
        values = {"table": table.name, "name": column.name, "newest": newest}
        connection.execute(statement, values)
