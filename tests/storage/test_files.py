"""A folder of PDFs: each whole and named by its content, nobody else's to read, and every trouble a word."""

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

from collab.files import MOST_BYTES, FileTrouble
from storage.files import Files

ROOT = Path(__file__).parent.parent.parent
PDF = b"%PDF-1.7\nAn invoice\n%%EOF\n"
HASH = sha256(PDF).hexdigest()
KEEPS_ON = """
import sys
from pathlib import Path
from storage.files import Files
files, number = Files(Path(sys.argv[1])), 0
while True:
    number += 1
    files.put(b"%PDF-1.7\\n" + bytes(str(number), "ascii") * 300_000 + b"\\n%%EOF\\n")
"""


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "deep" / "files")


def why(trouble: pytest.ExceptionInfo[FileTrouble]) -> str:
    return trouble.value.reason


def names(files: Files) -> list[str]:
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
def test_what_was_kept_is_given_back_by_its_hash(files: Files) -> None:
    assert files.put(PDF) == HASH
    assert files.get(HASH) == PDF


def test_only_this_user_may_read_it(files: Files) -> None:
    files.put(PDF)
    assert files.folder.stat().st_mode & 0o777 == 0o700
    assert (files.folder / f"{HASH}.pdf").stat().st_mode & 0o777 == 0o600


def test_the_same_is_kept_once(files: Files) -> None:
    files.put(PDF)
    before = (files.folder / f"{HASH}.pdf").stat().st_ino
    files.put(PDF)
    assert names(files) == [f"{HASH}.pdf"]
    assert (files.folder / f"{HASH}.pdf").stat().st_ino == before


def test_what_was_damaged_is_not_handed_out_and_is_made_whole_when_kept_again(files: Files) -> None:
    files.put(PDF)
    (files.folder / f"{HASH}.pdf").write_bytes(PDF.replace(b"An", b"No"))
    with pytest.raises(FileTrouble) as trouble:
        files.get(HASH)
    assert why(trouble) == "damaged"
    files.put(PDF)
    assert files.get(HASH) == PDF


@pytest.mark.parametrize("digest", [HASH, HASH.upper(), "", "../collab", f"../files/{HASH}", HASH[:-1]])
def test_what_is_not_there_is_missing(files: Files, digest: str) -> None:
    with pytest.raises(FileTrouble) as trouble:
        files.get(digest)
    assert why(trouble) == "missing"


@pytest.mark.parametrize("digest", [f"../files/{HASH}", f"{HASH}.pdf", f"{HASH}\n", HASH.upper()])
def test_only_a_hash_names_a_file(files: Files, digest: str) -> None:
    files.put(PDF)
    with pytest.raises(FileTrouble) as trouble:
        files.get(digest)
    assert why(trouble) == "missing"


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
def test_nothing_but_a_pdf_is_kept(files: Files, content: bytes) -> None:
    with pytest.raises(FileTrouble) as trouble:
        files.put(content)
    assert why(trouble) == "not_pdf"
    assert not files.folder.exists()


@pytest.mark.rule("BIL-07")
def test_a_pdf_has_ten_megabytes_at_most(files: Files) -> None:
    most = b"%PDF-1.7\n" + b" " * (MOST_BYTES - 15) + b"%%EOF\n"
    assert len(most) == 10 * 1024 * 1024
    files.put(most)
    with pytest.raises(FileTrouble) as trouble:
        files.put(most + b"\n")
    assert why(trouble) == "too_big"


def test_a_name_is_told_with_nothing_kept(files: Files) -> None:
    assert files.name(PDF) == HASH
    assert not files.folder.exists()


def test_where_there_is_no_room_nothing_is_left(files: Files) -> None:
    files.put(PDF)
    with little_room(100), pytest.raises(FileTrouble) as trouble:
        files.put(b"%PDF-1.7\n" + b"much " * 100 + b"%%EOF\n")
    assert why(trouble) == "full"
    assert names(files) == [f"{HASH}.pdf"]


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no folder")
    for place in (tmp_path / "notes.txt", tmp_path / "notes.txt" / "files"):
        files = Files(place)
        for act in (partial(files.put, PDF), partial(files.get, HASH), files.check):
            with pytest.raises(FileTrouble) as trouble:
                act()
            assert why(trouble) == "no_folder"


def test_a_look_at_the_place_leaves_nothing(files: Files) -> None:
    assert files.check() is False
    assert not files.folder.parent.exists()
    files.put(PDF)
    assert files.check() is True
    assert names(files) == [f"{HASH}.pdf"]


def test_a_program_killed_while_it_writes_leaves_no_half_file(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    for pause in (0.001, 0.01, 0.03):
        before = len(list(files.folder.glob("*.pdf")))
        writing = subprocess.Popen([sys.executable, "-c", KEEPS_ON, str(files.folder)], cwd=ROOT)
        end = time.monotonic() + 30
        while len(list(files.folder.glob("*.pdf"))) <= before and time.monotonic() < end:
            time.sleep(0.002)
        time.sleep(pause)
        writing.send_signal(signal.SIGKILL)
        writing.wait()
    kept = list(files.folder.glob("*.pdf"))
    assert len(kept) >= 3
    for path in kept:
        assert files.get(path.stem)


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    "before",
    [b"\xef\xbb\xbf", b"\r\n", b"Content-Type: application/pdf\r\nContent-Length: 12\r\n\r\n", b"x" * 1000],
)
def test_a_pdf_may_have_something_in_front_of_it(files: Files, before: bytes) -> None:
    assert files.get(files.put(before + PDF)) == before + PDF


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("content", [b"<html>" + b"x" * 2000 + PDF, b"x" * 2000 + PDF, b"<html></html>%%EOF", b""])
def test_what_has_no_pdf_near_its_beginning_is_none(files: Files, content: bytes) -> None:
    with pytest.raises(FileTrouble) as trouble:
        files.put(content)
    assert why(trouble) == "not_pdf"


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS])
def test_a_share_that_cannot_sync_folders_takes_files(files: Files, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", failing_on_folders(code))
    assert files.get(files.put(PDF)) == PDF


@pytest.mark.rule("BIL-07")
def test_a_folder_that_cannot_be_written_to_the_disk_is_a_trouble(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing_on_folders(errno.EIO))
    with pytest.raises(FileTrouble):
        files.put(PDF)


def failing_on_folders(code: int) -> Callable[[int], None]:
    """What `fsync` does on a share that answers with an error for folders."""
    usual = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))
        usual(handle)

    return fsync
