"""`collab files migrate`, and invoices whose PDFs are in the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from collab.file_store import FileStoreError
from storage.database import Database
from storage.files import PdfFolder
from tests.bot.test_invoice_import import Office
from tests.support.builders import Scenario
from tests.support.tty import CompletedCommand, run_in_process


@pytest.fixture
def office(tmp_path: Path, acme: Scenario, sqlite_url: str) -> Office:
    return Office(tmp_path, acme, sqlite_url)


def migrate(office: Office, *words: str) -> CompletedCommand:
    return run_in_process(office.folder, office.env, "files", "migrate", *words)


def stored(office: Office) -> Database:
    return office.world.database


@pytest.mark.rule("BIL-07")
def test_an_invoice_is_added_to_the_database(office: Office) -> None:
    office.env["COLLAB_FILES"] = "database"
    content = office.pdf("october.pdf", "two hundred")
    assert office.adds().returncode == 0
    [invoice] = office.archive
    assert stored(office).files.load(invoice.file) == content
    assert not (office.folder / "kept").exists()
    assert not (office.folder / "database").exists()


@pytest.mark.rule("BIL-07")
def test_invoices_move_from_the_folder_to_the_database(office: Office) -> None:
    office.adds()
    [invoice] = office.archive
    with pytest.raises(FileStoreError):
        stored(office).files.load(invoice.file)
    done = migrate(office, "kept")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "1 copied, 0 already there, 0 deleted from kept.\n"
        "Every invoice has its PDF in the database.\n"
    )
    assert stored(office).files.load(invoice.file) == office.kept.load(invoice.file)
    done = migrate(office, "kept", "--delete")
    assert done.stdout.startswith("0 copied, 1 already there, 1 deleted from kept.")
    assert stored(office).files.load(invoice.file)
    assert list((office.folder / "kept").iterdir()) == []


def test_an_invoice_without_its_pdf_is_counted(office: Office) -> None:
    office.adds()
    [invoice] = office.archive
    path = office.folder / "kept" / f"{invoice.file}.pdf"
    path.write_bytes(b"%PDF-1.7\nanother\n%%EOF\n")
    PdfFolder(office.folder / "kept").save(b"%PDF-1.7\nunused\n%%EOF\n")
    done = migrate(office, "kept")
    assert done.returncode == 1
    assert f"Left out (damaged): kept/{path.name}" in done.stderr
    assert "1 invoice has no PDF in the database yet" in done.stderr


def test_a_folder_that_is_not_there_is_one_line(office: Office) -> None:
    done = migrate(office, "nowhere")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "nowhere, isn't a folder" in done.stderr
