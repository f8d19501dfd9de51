"""Failures of due work, and heartbeats of the processes."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, PrimaryKeyConstraint, String, Table

from storage.tables.base import metadata, workspace_column
from storage.tables.column_types import UtcDateTime

due_failures = Table(
    "due_failures",
    metadata,
    workspace_column(),
    Column("kind", String(32), nullable=False),
    Column("item", String(255), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", UtcDateTime, nullable=False),
    Column("error_id", String(32), nullable=False),
    PrimaryKeyConstraint("workspace", "kind", "item"),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("beaten_at", Float, nullable=False),
)
