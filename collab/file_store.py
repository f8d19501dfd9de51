"""Files that stand beside the record, each known by its content's hash: how they are asked for, and why not."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

MAX_FILE_BYTES = 10 * 1024 * 1024


class FileStoreError(Exception):
    """A file cannot be kept or handed out; `reason` is a word for the operator.

    Reasons: not_pdf, too_big, missing, damaged, no_folder, read_only, full, broken.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FileStore(Protocol):
    """Where files are kept; each question raises FileTrouble."""

    @property
    def folder(self) -> Path:
        """The place, for words about it."""

    def compute_digest(self, content: bytes) -> str:
        """The hash by which a file would be known, with nothing kept."""

    def save(self, content: bytes) -> str:
        """Keep a file; answers its hash."""

    def load(self, digest: str) -> bytes:
        """The content of a file by its hash."""
