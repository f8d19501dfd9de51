"""The PDFs in the database: named by their hash, checked when they are loaded."""

from __future__ import annotations

from hashlib import sha256

import pytest

from collab.file_store import MAX_FILE_BYTES, FileStoreError
from collab.unit_of_work import Unavailable
from storage import tables
from storage.database import Database
from storage.file_table import PdfTable

pytestmark = pytest.mark.pooled
PDF = b"%PDF-1.7\nAn invoice\n%%EOF\n"
HASH = sha256(PDF).hexdigest()


@pytest.fixture
def files(database: Database) -> PdfTable:
    return database.files


@pytest.mark.rule("BIL-07")
def test_a_pdf_is_loaded_by_its_hash_and_stored_once(files: PdfTable) -> None:
    assert files.save(PDF) == files.save(PDF) == files.compute_digest(PDF) == HASH
    assert files.load(HASH) == PDF
    assert files.list_digests() == {HASH}


@pytest.mark.rule("BIL-07")
def test_the_largest_pdf_is_stored(files: PdfTable) -> None:
    largest = b"%PDF-" + bytes(range(256)) * (MAX_FILE_BYTES // 256 - 1) + b"%%EOF"
    assert files.load(files.save(largest)) == largest


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html></html>", "not_pdf"),
        (b"", "not_pdf"),
        (PDF + b" " * MAX_FILE_BYTES, "too_big"),
    ],
)
def test_nothing_but_a_pdf_is_stored(
    files: PdfTable, content: bytes, reason: str
) -> None:
    with pytest.raises(FileStoreError) as refused:
        files.save(content)
    assert refused.value.reason == reason
    assert files.list_digests() == set()


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "", "' OR ''='"])
def test_an_unknown_hash_is_missing(files: PdfTable, digest: str) -> None:
    files.save(PDF)
    with pytest.raises(FileStoreError, match="missing"):
        files.load(digest)


@pytest.mark.rule("BIL-07")
def test_a_damaged_pdf_is_noticed_and_replaced_by_saving_it_again(
    database: Database, files: PdfTable
) -> None:
    files.save(PDF)
    with database._connections.write() as connection:
        connection.execute(tables.files.update().values(content=b"no PDF"))
    with pytest.raises(FileStoreError, match="damaged"):
        files.load(HASH)
    files.save(PDF)
    assert files.load(HASH) == PDF


def test_a_database_that_cannot_be_written_to_says_so(sqlite: Database) -> None:
    with sqlite.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    try:
        with pytest.raises(Unavailable, match="read_only"):
            sqlite.files.save(PDF)
    finally:
        sqlite.close()
