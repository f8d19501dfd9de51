"""A backup has everything, is whole or not there, and gives the same elsewhere."""

from __future__ import annotations

import errno
import json
import os
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

from collab.backups import BackupUnusable
from collab.events import InvoiceAdded
from collab.file_store import FileStoreError
from storage.backup import LEFT_OUT, MANIFEST, BackupReader
from storage.database import Database
from storage.files import PdfFolder
from storage.tables import invoices, metadata
from tests.support.builders import Scenario
from tests.support.load import LoadProfile, build_crowded_world

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
FEW = LoadProfile(members=12, apps=4, invitations=3)


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
    counts = world.database.write_backup(folder.folder, target)
    count = len(list(world.database.event_log.export_events(world.workspace)))
    assert counts == {world.workspace: count}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert {p.name for p in tmp_path.iterdir()} >= {"backup.zip", "files"}
    assert not list(tmp_path.glob(".backup.zip.*"))

    elsewhere.restore_backup(target, tmp_path / "other files")

    assert read_everything(elsewhere) == read_everything(world.database)
    assert elsewhere.verify().is_fine
    with elsewhere.engine.connect() as connection:
        digest = connection.execute(select(invoices.c.file)).scalar_one()
    assert PdfFolder(tmp_path / "other files").load(digest) == PDF
    later = Scenario(elsewhere, last_id=10**6)
    later.at = world.at
    later.register_people("zoe").add_member("zoe", "admin")
    assert elsewhere.verify().is_fine


@pytest.mark.postgres
def test_a_backup_of_sqlite_is_restored_into_postgresql(
    acme: Scenario, postgres_database: Database, tmp_path: Path
) -> None:
    acme.send_invitation("carl")
    acme.database.write_backup(None, tmp_path / "backup.zip")

    postgres_database.restore_backup(tmp_path / "backup.zip", tmp_path / "files")

    assert read_everything(postgres_database) == read_everything(acme.database)
    assert postgres_database.verify().is_fine
    later = Scenario(postgres_database, last_id=10**6)
    later.at = acme.at
    later.send_invitation("devi")
    assert postgres_database.verify().is_fine


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
            acme.database.write_backup(None, tmp_path / f"{number}.zip")
    finally:
        stop.set()
        writer.join()
    elsewhere.restore_backup(tmp_path / "2.zip", tmp_path / "files")
    assert elsewhere.verify().is_fine


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
    acme.database.write_backup(None, target)
    rewrite(target, name, content)
    with pytest.raises(BackupUnusable) as refused:
        BackupReader(target)
    assert refused.value.reason == reason


def test_no_flipped_bit_changes_what_is_restored(
    acme: Scenario, tmp_path: Path
) -> None:
    target = tmp_path / "backup.zip"
    acme.database.write_backup(None, target)
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


def test_a_backup_is_restored_into_an_empty_database_of_its_own_version_alone(
    acme: Scenario, elsewhere: Database, tmp_path: Path
) -> None:
    target = tmp_path / "backup.zip"
    acme.database.write_backup(None, target)
    with pytest.raises(BackupUnusable) as refused:
        acme.database.restore_backup(target, None)
    assert refused.value.reason == "not_empty"
    for schema in ("0001", "9999"):
        with ZipFile(target) as archive:
            manifest = json.loads(archive.read(MANIFEST))
        manifest["schema"] = schema
        rewrite(target, MANIFEST, json.dumps(manifest).encode())
        with pytest.raises(BackupUnusable) as refused:
            elsewhere.restore_backup(target, None)
        assert refused.value.reason == "other_schema"
    assert not any(read_everything(elsewhere).values())


def test_no_file_appears_when_a_pdf_is_missing(
    world: Scenario, folder: PdfFolder, tmp_path: Path
) -> None:
    for path in folder.folder.rglob("*.pdf"):
        path.unlink()
    with pytest.raises(BackupUnusable) as refused:
        world.database.write_backup(folder.folder, tmp_path / "backup.zip")
    assert refused.value.reason == "missing_file"
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]


def test_a_restore_can_be_repeated_after_the_pdfs_could_not_be_saved(
    world: Scenario, folder: PdfFolder, elsewhere: Database, tmp_path: Path
) -> None:
    world.database.write_backup(folder.folder, tmp_path / "backup.zip")
    (tmp_path / "occupied").write_text("a file, not a folder")
    with pytest.raises(FileStoreError):
        elsewhere.restore_backup(tmp_path / "backup.zip", tmp_path / "occupied")

    elsewhere.restore_backup(tmp_path / "backup.zip", tmp_path / "files there")

    assert elsewhere.verify().is_fine
    assert read_everything(elsewhere) == read_everything(world.database)


def test_a_backup_that_cannot_be_written_leaves_nothing(
    acme: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("storage.backup.os.fsync", refuse)
    with pytest.raises(BackupUnusable) as refused:
        acme.database.write_backup(None, tmp_path / "backup.zip")
    assert (refused.value.reason, refused.value.detail) == (
        "unwritable",
        "No space left on device",
    )
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]
