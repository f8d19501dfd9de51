"""Invoices' PDFs in a folder, each a file named by its content's SHA-256: whole or not there at all (BIL-07)."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from collab.files import MOST_BYTES, FileTrouble

FOLDER_MODE = 0o700
START, END = b"%PDF-", b"%%EOF"
EDGE = 1024  # readers look for the start within so many first bytes, and for the end within so many last ones
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CANNOT_SYNC_FOLDERS = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}
_REASONS = {
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
    errno.EROFS: "read_only",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
    errno.ENOENT: "no_folder",
    errno.ENOTDIR: "no_folder",
    errno.EEXIST: "no_folder",
}


class Files:
    """A folder of PDFs that Collab's user alone may read; it is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def name(self, content: bytes) -> str:
        """The hash by which a PDF is known, in hex; raises FileTrouble for what is none, or is too big."""
        if len(content) > MOST_BYTES:
            raise FileTrouble("too_big")
        if START not in content[:EDGE] or END not in content[-EDGE:]:
            raise FileTrouble("not_pdf")
        return sha256(content).hexdigest()

    def put(self, content: bytes) -> str:
        """Keep a PDF; answers its hash. One that is kept already stays, one that was damaged is made whole."""
        digest = self.name(content)
        with _troubled():
            path = self._path(digest)
            if not _holds(path, content):
                self.folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
                _write(path, content)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of a PDF, held against its hash; raises FileTrouble."""
        if not _DIGEST.fullmatch(digest):
            raise FileTrouble("missing")
        with _troubled():
            try:
                content = self._path(digest).read_bytes()
            except FileNotFoundError:
                raise FileTrouble("missing") from None
        if sha256(content).hexdigest() != digest:
            raise FileTrouble("damaged")
        return content

    def check(self) -> bool:
        """Whether the folder is there; raises FileTrouble when it cannot be written to, or could not be made."""
        with _troubled():
            there = self.folder.exists()
            if there:
                NamedTemporaryFile(dir=self.folder, prefix=".new-").close()
            else:
                _check_room_for(self.folder)
        return there

    def _path(self, digest: str) -> Path:
        return self.folder / f"{digest}.pdf"


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _write(path: Path, content: bytes) -> None:
    """Write beside the place, then take the place in one step, so that nobody ever meets half a file."""
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Write the folder itself to the disk, or a name may be lost with the power; some file systems cannot."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC_FOLDERS:
            raise
    finally:
        os.close(handle)


def _check_room_for(folder: Path) -> None:
    nearest = next(parent for parent in folder.absolute().parents if parent.exists())
    if not nearest.is_dir():
        raise FileTrouble("no_folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise FileTrouble("read_only")


@contextmanager
def _troubled() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise FileTrouble(_REASONS.get(problem.errno or 0, "broken")) from None
