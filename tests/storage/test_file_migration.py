"""PDFs are copied from the folder into the database: checked, resumable, deleted only if asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from collab.file_store import FileStoreError
from storage import tables
from storage.database import Database
from storage.file_migration import copy_files
from storage.file_table import PdfTable
from storage.files import PdfFolder


def pdf(number: int) -> bytes:
    return b"%%PDF-1.7\nInvoice %d\n%%%%EOF\n" % number


@pytest.fixture
def folder(tmp_path: Path) -> PdfFolder:
    folder = PdfFolder(tmp_path / "files")
    for number in range(5):
        folder.save(pdf(number))
    return folder


def test_each_file_is_copied_once_and_none_is_deleted(
    database: Database, folder: PdfFolder
) -> None:
    result = copy_files(folder, database.files)
    assert (result.copied, result.present, result.deleted) == (5, 0, 0)
    for path in folder.list_paths():
        assert database.files.load(path.stem) == path.read_bytes()
    folder.save(pdf(5))
    result = copy_files(folder, database.files)
    assert (result.copied, result.present, result.deleted) == (1, 5, 0)
    assert len(folder.list_paths()) == 6


def test_an_interrupted_copy_goes_on_where_it_was(
    sqlite_database: Database, folder: PdfFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = sqlite_database.files
    saved: list[bytes] = []

    class Interrupted(PdfTable):
        def save(self, content: bytes) -> str:
            if len(saved) == 2:
                raise KeyboardInterrupt
            saved.append(content)
            return super().save(content)

    with pytest.raises(KeyboardInterrupt):
        copy_files(folder, Interrupted(table._connections), deletes=True)
    assert len(folder.list_paths()) == 3
    result = copy_files(folder, table, deletes=True)
    assert (result.copied, result.present, result.deleted) == (3, 0, 3)
    assert len(table.list_digests()) == 5


def test_files_are_deleted_once_the_database_has_them_and_damaged_ones_stay(
    sqlite_database: Database, folder: PdfFolder
) -> None:
    damaged, present, *_ = folder.list_paths()
    sqlite_database.files.save(present.read_bytes())
    damaged.write_bytes(b"%PDF-1.7\nAnother\n%%EOF\n")
    (folder.folder / "notes.txt").write_text("no invoice")
    result = copy_files(folder, sqlite_database.files, deletes=True)
    assert (result.copied, result.present, result.deleted) == (3, 1, 4)
    assert result.unusable == [(damaged, "damaged")]
    assert sorted(path.name for path in folder.folder.iterdir()) == sorted(
        [damaged.name, "notes.txt"]
    )
    assert damaged.stem not in sqlite_database.files.list_digests()


def test_a_copy_that_is_damaged_in_the_database_keeps_its_file(
    sqlite_database: Database, folder: PdfFolder
) -> None:
    copy_files(folder, sqlite_database.files)
    with sqlite_database._connections.write() as connection:
        connection.execute(tables.files.update().values(content=b"no PDF"))
    result = copy_files(folder, sqlite_database.files, deletes=True)
    assert result.deleted == 0
    assert [reason for _, reason in result.unusable] == ["damaged"] * 5
    assert len(folder.list_paths()) == 5


def test_a_folder_that_is_not_there_is_an_error(
    sqlite_database: Database, tmp_path: Path
) -> None:
    with pytest.raises(FileStoreError, match="no_folder"):
        copy_files(PdfFolder(tmp_path / "nowhere"), sqlite_database.files)
