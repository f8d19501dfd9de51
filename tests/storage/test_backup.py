"""A backup has everything, is whole or not there, and gives the same elsewhere."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text

from collab.events import InvoiceAdded
from storage.backup import (
    LEFT_OUT,
    MANIFEST,
    BackupReader,
    BackupUnusable,
    Manifest,
    restore_backup,
    write_backup,
)
from storage.database import Database, read_head_version
from storage.files import PdfFolder
from storage.tables import invoices, metadata
from storage.verification import verify
from tests.support.builders import Scenario
from tests.support.load import LoadProfile, build_crowded_world

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
FEW = LoadProfile(members=12, apps=4, invitations=3)


def write(database: Database, folder: Path | None, target: Path) -> Manifest:
    """Write a backup of the present schema."""
    pdfs = None if folder is None else PdfFolder(folder)
    return write_backup(database.connections, pdfs, read_head_version(), target)


def restore(database: Database, reader: BackupReader, folder: Path | None) -> None:
    """Restore a backup into the present schema."""
    store = database.open_file_store(folder)
    restore_backup(database.connections, reader, read_head_version(), store)


def read_everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all tables."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """Return a company with members, invitations, an invoice and messages on their way."""
    monkeypatch.setattr("tests.support.load.CROWD", FEW)
    return build_crowded_world(database)


@pytest.fixture
def folder(world: Scenario, tmp_path: Path) -> PdfFolder:
    """Return the folder of PDFs with that of each invoice."""
    pdfs = PdfFolder(tmp_path / "files")
    digest = pdfs.save(PDF)
    with world.database.engine.begin() as connection:
        for table, column in (("invoices", "file"), ("events", "data")):
            old = world.events_of_type(InvoiceAdded)[0].file
            connection.execute(
                text(f"UPDATE {table} SET {column} = replace({column}, :old, :new)"),
                {"old": old, "new": digest},
            )
    return pdfs


@pytest.fixture
def elsewhere(tmp_path: Path, sqlite_template: bytes) -> Iterator[Database]:
    """Return an empty SQLite database in another place."""
    path = tmp_path / "elsewhere.sqlite3"
    path.write_bytes(sqlite_template)
    with closing(Database.open(f"sqlite:///{path}")) as database:
        yield database


def test_what_is_restored_is_what_was_there(
    world: Scenario, folder: PdfFolder, elsewhere: Database, tmp_path: Path
) -> None:
    target = tmp_path / "backup.zip"
    manifest = write(world.database, folder.folder, target)
    assert manifest.schema == read_head_version()
    count = len(list(world.database.event_log.export_events(world.workspace)))
    assert manifest.last_events == {world.workspace: count}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert {p.name for p in tmp_path.iterdir()} >= {"backup.zip", "files"}
    assert not list(tmp_path.glob(".backup.zip.*"))

    with closing(BackupReader(target)) as reader:
        restore(elsewhere, reader, tmp_path / "other files")

    assert read_everything(elsewhere) == read_everything(world.database)
    assert verify(elsewhere.connections).is_fine
    with elsewhere.engine.connect() as connection:
        digest = connection.execute(select(invoices.c.file)).scalar_one()
    assert PdfFolder(tmp_path / "other files").load(digest) == PDF
    later = Scenario(elsewhere, last_id=10**6)
    later.at = world.at
    later.register_people("zoe").add_member("zoe", "admin")
    assert verify(elsewhere.connections).is_fine


@pytest.mark.postgres
def test_a_backup_of_sqlite_is_restored_into_postgresql(
    acme: Scenario, postgres_database: Database, tmp_path: Path
) -> None:
    acme.send_invitation("carl")
    write(acme.database, None, tmp_path / "backup.zip")

    with closing(BackupReader(tmp_path / "backup.zip")) as reader:
        restore(postgres_database, reader, tmp_path / "files")

    assert read_everything(postgres_database) == read_everything(acme.database)
    assert verify(postgres_database.connections).is_fine
    later = Scenario(postgres_database, last_id=10**6)
    later.at = acme.at
    later.send_invitation("devi")
    assert verify(postgres_database.connections).is_fine


def test_a_backup_under_load_is_of_one_moment(
    acme: Scenario, elsewhere: Database, tmp_path: Path
) -> None:
    stop = Event()

    def change() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            acme.register_people(f"user{number}").add_member(f"user{number}", "admin")

    writer = Thread(target=change)
    writer.start()
    try:
        for number in range(3):
            write(acme.database, None, tmp_path / f"{number}.zip")
    finally:
        stop.set()
        writer.join()
    with closing(BackupReader(tmp_path / "2.zip")) as reader:
        restore(elsewhere, reader, tmp_path / "files")
    assert verify(elsewhere.connections).is_fine


def rewrite(path: Path, name: str, content: bytes | None) -> None:
    """Replace a part of an archive, or leave it out."""
    with ZipFile(path) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    parts.pop(name)
    if content is not None:
        parts[name] = content
    with ZipFile(path, "w") as archive:
        for one, written in parts.items():
            archive.writestr(one, written)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("tables/events.jsonl", b"", "damaged"),
        ("tables/events.jsonl", None, "damaged"),
        (MANIFEST, None, "not_a_backup"),
        (MANIFEST, b"{}", "not_a_backup"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_written(
    acme: Scenario, tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    target = tmp_path / "backup.zip"
    write(acme.database, None, target)
    rewrite(target, name, content)
    with pytest.raises(BackupUnusable) as refused:
        BackupReader(target)
    assert refused.value.reason == reason


def test_no_flipped_bit_changes_what_is_restored(
    acme: Scenario, tmp_path: Path
) -> None:
    target = tmp_path / "backup.zip"
    write(acme.database, None, target)
    content = target.read_bytes()
    parts = read_parts(target)
    luck = Random(7)
    refused = 0
    for _ in range(60):
        changed = bytearray(content)
        changed[luck.randrange(len(content))] ^= 1 << luck.randrange(8)
        target.write_bytes(changed)
        try:
            BackupReader(target).close()
        except BackupUnusable:
            refused += 1
        else:
            # It is in a date or an attribute of the archive.
            assert read_parts(target) == parts
    assert refused > 20


def read_parts(path: Path) -> dict[str, bytes]:
    """Return the content of each part."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_backup_is_restored_into_an_empty_database_of_no_older_version_alone(
    acme: Scenario, elsewhere: Database, tmp_path: Path
) -> None:
    target = tmp_path / "backup.zip"
    write(acme.database, None, target)
    with closing(BackupReader(target)) as reader:
        with pytest.raises(BackupUnusable) as refused:
            restore(acme.database, reader, None)
        assert refused.value.reason == "not_empty"
    with ZipFile(target) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    manifest["schema"] = "9999"
    rewrite(target, MANIFEST, json.dumps(manifest).encode())
    with closing(BackupReader(target)) as reader:
        with pytest.raises(BackupUnusable) as refused:
            restore(elsewhere, reader, None)
        assert refused.value.reason == "newer"
    assert not any(read_everything(elsewhere).values())


def test_no_file_appears_when_a_pdf_is_missing(
    world: Scenario, folder: PdfFolder, tmp_path: Path
) -> None:
    for path in folder.folder.rglob("*.pdf"):
        path.unlink()
    with pytest.raises(BackupUnusable) as refused:
        write(world.database, folder.folder, tmp_path / "backup.zip")
    assert refused.value.reason == "missing_file"
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]
