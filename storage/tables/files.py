"""Invoices' PDFs, where they are stored in the database."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from storage.tables.base import metadata

# Named by their content, so that workspaces with equal files share one.
files = Table(
    "files",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
