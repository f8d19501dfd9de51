"""The folder of PDFs: complete files named by their hash, private to the process's user; every error has a code."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from collab.file_store import MAX_FILE_BYTES, FileStoreError
from storage.files import PdfFolder

ROOT = Path(__file__).parent.parent.parent
PDF = b"%PDF-1.7\nAn invoice\n%%EOF\n"
HASH = sha256(PDF).hexdigest()
KEEPS_ON = """
import sys
from pathlib import Path
from storage.files import PdfFolder
files, number = PdfFolder(Path(sys.argv[1])), 0
while True:
    number += 1
    files.save(b"%PDF-1.7\\n" + bytes(str(number), "ascii") * 300_000 + b"\\n%%EOF\\n")
"""


@pytest.fixture
def files(tmp_path: Path) -> PdfFolder:
    return PdfFolder(tmp_path / "deep" / "files")


def reason_of(error: pytest.ExceptionInfo[FileStoreError]) -> str:
    return error.value.reason


def names(files: PdfFolder) -> list[str]:
    return sorted(path.name for path in files.folder.iterdir())


@contextmanager
def little_room(most: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.rule("BIL-07")
def test_what_was_kept_is_given_back_by_its_hash(files: PdfFolder) -> None:
    assert files.save(PDF) == HASH
    assert files.load(HASH) == PDF


def test_only_this_user_may_read_it(files: PdfFolder) -> None:
    files.save(PDF)
    assert files.folder.stat().st_mode & 0o777 == 0o700
    assert (files.folder / f"{HASH}.pdf").stat().st_mode & 0o777 == 0o600


def test_the_same_is_kept_once(files: PdfFolder) -> None:
    files.save(PDF)
    before = (files.folder / f"{HASH}.pdf").stat().st_ino
    files.save(PDF)
    assert names(files) == [f"{HASH}.pdf"]
    assert (files.folder / f"{HASH}.pdf").stat().st_ino == before


def test_what_was_damaged_is_not_handed_out_and_is_made_whole_when_kept_again(
    files: PdfFolder,
) -> None:
    files.save(PDF)
    (files.folder / f"{HASH}.pdf").write_bytes(PDF.replace(b"An", b"No"))
    with pytest.raises(FileStoreError) as error:
        files.load(HASH)
    assert reason_of(error) == "damaged"
    files.save(PDF)
    assert files.load(HASH) == PDF


@pytest.mark.parametrize(
    "digest", [HASH, HASH.upper(), "", "../collab", f"../files/{HASH}", HASH[:-1]]
)
def test_what_is_not_there_is_missing(files: PdfFolder, digest: str) -> None:
    with pytest.raises(FileStoreError) as error:
        files.load(digest)
    assert reason_of(error) == "missing"


@pytest.mark.parametrize(
    "digest", [f"../files/{HASH}", f"{HASH}.pdf", f"{HASH}\n", HASH.upper()]
)
def test_only_a_hash_names_a_file(files: PdfFolder, digest: str) -> None:
    files.save(PDF)
    with pytest.raises(FileStoreError) as error:
        files.load(digest)
    assert reason_of(error) == "missing"


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"%PDF-1.7\nno end\n",
        b"no start\n%%EOF\n",
        b"%PDF-1.7\n%%EOF\n" + b" " * 1025,
    ],
)
def test_nothing_but_a_pdf_is_kept(files: PdfFolder, content: bytes) -> None:
    with pytest.raises(FileStoreError) as error:
        files.save(content)
    assert reason_of(error) == "not_pdf"
    assert not files.folder.exists()


@pytest.mark.rule("BIL-07")
def test_a_pdf_has_ten_megabytes_at_most(files: PdfFolder) -> None:
    most = b"%PDF-1.7\n" + b" " * (MAX_FILE_BYTES - 15) + b"%%EOF\n"
    assert len(most) == 10 * 1024 * 1024
    files.save(most)
    with pytest.raises(FileStoreError) as error:
        files.save(most + b"\n")
    assert reason_of(error) == "too_big"


def test_the_digest_of_a_file_is_computed_without_storing_it(files: PdfFolder) -> None:
    assert files.compute_digest(PDF) == HASH
    assert not files.folder.exists()


def test_where_there_is_no_room_nothing_is_left(files: PdfFolder) -> None:
    files.save(PDF)
    with little_room(100), pytest.raises(FileStoreError) as error:
        files.save(b"%PDF-1.7\n" + b"much " * 100 + b"%%EOF\n")
    assert reason_of(error) == "full"
    assert names(files) == [f"{HASH}.pdf"]


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no folder")
    for place in (tmp_path / "notes.txt", tmp_path / "notes.txt" / "files"):
        files = PdfFolder(place)
        for act in (
            partial(files.save, PDF),
            partial(files.load, HASH),
            files.check_writable,
        ):
            with pytest.raises(FileStoreError) as error:
                act()
            assert reason_of(error) == "no_folder"


def test_a_look_at_the_place_leaves_nothing(files: PdfFolder) -> None:
    assert files.check_writable() is False
    assert not files.folder.parent.exists()
    files.save(PDF)
    assert files.check_writable() is True
    assert names(files) == [f"{HASH}.pdf"]


def test_a_program_killed_while_it_writes_leaves_no_half_file(tmp_path: Path) -> None:
    files = PdfFolder(tmp_path / "files")
    for pause in (0.001, 0.01, 0.03):
        before = len(list(files.folder.glob("*.pdf")))
        writing = subprocess.Popen(
            [sys.executable, "-c", KEEPS_ON, str(files.folder)], cwd=ROOT
        )
        end = time.monotonic() + 30
        while (
            len(list(files.folder.glob("*.pdf"))) <= before and time.monotonic() < end
        ):
            time.sleep(0.002)
        time.sleep(pause)
        writing.send_signal(signal.SIGKILL)
        writing.wait()
    kept = list(files.folder.glob("*.pdf"))
    assert len(kept) >= 3
    for path in kept:
        assert files.load(path.stem)


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    "before",
    [
        b"\xef\xbb\xbf",
        b"\r\n",
        b"Content-Type: application/pdf\r\nContent-Length: 12\r\n\r\n",
        b"x" * 1000,
    ],
)
def test_a_pdf_may_have_something_in_front_of_it(
    files: PdfFolder, before: bytes
) -> None:
    assert files.load(files.save(before + PDF)) == before + PDF


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    "content",
    [b"<html>" + b"x" * 2000 + PDF, b"x" * 2000 + PDF, b"<html></html>%%EOF", b""],
)
def test_what_has_no_pdf_near_its_beginning_is_none(
    files: PdfFolder, content: bytes
) -> None:
    with pytest.raises(FileStoreError) as error:
        files.save(content)
    assert reason_of(error) == "not_pdf"


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS])
def test_a_share_that_cannot_sync_folders_takes_files(
    files: PdfFolder, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing_on_folders(code))
    assert files.load(files.save(PDF)) == PDF


@pytest.mark.rule("BIL-07")
def test_a_folder_that_cannot_be_synced_is_an_error(
    files: PdfFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing_on_folders(errno.EIO))
    with pytest.raises(FileStoreError):
        files.save(PDF)


def failing_on_folders(code: int) -> Callable[[int], None]:
    """What `fsync` does on a share that answers with an error for folders."""
    usual = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))
        usual(handle)

    return fsync
