"""Stores invoices' PDFs in the database, named by their SHA-256 (BIL-07)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from hashlib import sha256

from sqlalchemy import func, select, text

from collab.file_store import FileStoreError
from storage.connections import Connections
from storage.files import compute_pdf_digest
from storage.sql import param
from storage.tables import files, invoices

TRANSFER_SECONDS = 30.0  # for 10 MB to or from a database far away
# A damaged copy is replaced.
_SAVE = text(
    "INSERT INTO files (digest, content) VALUES (:digest, :content)"
    " ON CONFLICT (digest) DO UPDATE SET content = excluded.content"
    " WHERE files.content <> excluded.content"
)
_LOAD = select(files.c.content).where(files.c.digest == param("digest"))
_DIGESTS = select(files.c.digest)
_MISSING = (
    select(func.count())
    .select_from(invoices)
    .where(invoices.c.file.not_in(select(files.c.digest)))
)


class PdfTable:
    """The PDFs in the database, for processes on several machines.

    Besides FileStoreError, each method that uses the database raises Unavailable.
    """

    folder = None

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def compute_digest(self, content: bytes) -> str:
        """Return the SHA-256 of a PDF in hex; raise FileStoreError if it is none."""
        return compute_pdf_digest(content)

    def save(self, content: bytes) -> str:
        """Save a PDF and return its hash; a damaged copy is replaced."""
        digest = self.compute_digest(content)
        with self._connections.write() as connection:
            self._connections.extend_time_limit(connection, TRANSFER_SECONDS)
            connection.execute(_SAVE, {"digest": digest, "content": content})
        return digest

    def load(self, digest: str) -> bytes:
        """Return a PDF's content; raise FileStoreError if it is missing or damaged."""
        with self._connections.read() as connection:
            self._connections.extend_time_limit(connection, TRANSFER_SECONDS)
            content: bytes | None = connection.execute(
                _LOAD, {"digest": digest}
            ).scalar()
        if content is None:
            raise FileStoreError("missing")
        if sha256(content).hexdigest() != digest:
            raise FileStoreError("damaged")
        return content

    def list_digests(self) -> AbstractSet[str]:
        """Return the hashes of all PDFs."""
        with self._connections.read() as connection:
            return set(connection.execute(_DIGESTS).scalars())

    def count_missing(self) -> int:
        """Return how many invoices have no PDF in the database."""
        with self._connections.read() as connection:
            return connection.execute(_MISSING).scalar_one()
