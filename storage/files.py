"""Stores invoices' PDFs in a folder, named by their SHA-256 (BIL-07)."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from collab.file_store import MAX_FILE_BYTES, FileStoreError

FOLDER_MODE = 0o700
PDF_START, PDF_END = b"%PDF-", b"%%EOF"
# Readers look for the start in so many first bytes, and for the end in so many last
# ones.
EDGE_BYTES = 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CANNOT_SYNC_FOLDERS = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}
_REASON_BY_ERRNO = {
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


class PdfFolder:
    """A folder of PDFs that only Collab's user may read, made on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def compute_digest(self, content: bytes) -> str:
        """Return the SHA-256 of a PDF in hex; raise FileStoreError if it is none."""
        return compute_pdf_digest(content)

    def save(self, content: bytes) -> str:
        """Save a PDF and return its hash; a damaged copy is replaced."""
        digest = self.compute_digest(content)
        with _translate_os_errors():
            path = self._path_of_digest(digest)
            if not _has_content(path, content):
                self.folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
                _write_atomically(path, content)
        return digest

    def load(self, digest: str) -> bytes:
        """Return a PDF's content; raise FileStoreError if it is missing or damaged."""
        if not _DIGEST.fullmatch(digest):
            raise FileStoreError("missing")
        with _translate_os_errors():
            try:
                content = self._path_of_digest(digest).read_bytes()
            except FileNotFoundError:
                raise FileStoreError("missing") from None
        if sha256(content).hexdigest() != digest:
            raise FileStoreError("damaged")
        return content

    def list_paths(self) -> Sequence[Path]:
        """Return the paths of all PDFs, by name."""
        with _translate_os_errors():
            if not self.folder.is_dir():
                raise FileStoreError("no_folder")
            names = [path for path in self.folder.iterdir() if _is_pdf_name(path)]
            return sorted(names)

    def check_writable(self) -> bool:
        """Return whether the folder exists.

        Raises FileStoreError when it cannot be written to or created.
        """
        with _translate_os_errors():
            folder_exists = self.folder.exists()
            if folder_exists:
                NamedTemporaryFile(dir=self.folder, prefix=".new-").close()
            else:
                _check_free_space(self.folder)
        return folder_exists

    def _path_of_digest(self, digest: str) -> Path:
        return self.folder / f"{digest}.pdf"


def compute_pdf_digest(content: bytes) -> str:
    """Return the SHA-256 of a PDF in hex.

    Raises FileStoreError for content that is no PDF, or too big.
    """
    if len(content) > MAX_FILE_BYTES:
        raise FileStoreError("too_big")
    if PDF_START not in content[:EDGE_BYTES] or PDF_END not in content[-EDGE_BYTES:]:
        raise FileStoreError("not_pdf")
    return sha256(content).hexdigest()


def _is_pdf_name(path: Path) -> bool:
    return path.suffix == ".pdf" and bool(_DIGEST.fullmatch(path.stem))


def _has_content(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _write_atomically(path: Path, content: bytes) -> None:
    """Write a temporary file and rename it, so that no reader sees half a file."""
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Sync the folder to the disk, where the file system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC_FOLDERS:
            raise
    finally:
        os.close(handle)


def _check_free_space(folder: Path) -> None:
    nearest = next(parent for parent in folder.absolute().parents if parent.exists())
    if not nearest.is_dir():
        raise FileStoreError("no_folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise FileStoreError("read_only")


@contextmanager
def _translate_os_errors() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise FileStoreError(
            _REASON_BY_ERRNO.get(problem.errno or 0, "broken")
        ) from None
