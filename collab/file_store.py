"""The store of files, which are identified by the hash of their content."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

MAX_FILE_BYTES = 10 * 1024 * 1024


class FileStoreError(Exception):
    """A file cannot be saved or loaded; `reason` is a word for the operator.

    Reasons: not_pdf, too_big, missing, damaged, no_folder, read_only, full, broken.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FileStore(Protocol):
    """Saves and loads files; each method raises FileStoreError."""

    @property
    def folder(self) -> Path | None:
        """The folder, for messages about it; None if files are in the database."""

    def compute_digest(self, content: bytes) -> str:
        """Return the hash of a content; save nothing."""

    def save(self, content: bytes) -> str:
        """Save a file; return its hash."""

    def load(self, digest: str) -> bytes:
        """Return the content of a file by its hash."""
