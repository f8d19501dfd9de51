"""Access requests, and successions with the votes for a successor."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, String, Table, Text

from storage.tables.base import (
    foreign_key,
    id_column,
    metadata,
    workspace_column,
)
from storage.tables.column_types import NameList, UtcDateTime

access_requests = Table(
    "access_requests",
    metadata,
    workspace_column(),
    id_column("id", nullable=False),
    id_column("resource", nullable=False),
    id_column("person", nullable=False),
    Column("role", Text, nullable=False),
    Column("note", Text),
    Column("asked", NameList, nullable=False),
    Column("state", String(16), nullable=False),
    Column("sent", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("answered", UtcDateTime),
    id_column("answered_by"),
    PrimaryKeyConstraint("workspace", "id"),
    foreign_key("resource", "resources"),
    foreign_key("person", "people"),
)

successions = Table(
    "successions",
    metadata,
    workspace_column(),
    id_column("id", nullable=False),
    id_column("resource", nullable=False),
    id_column("person", nullable=False),
    Column("role", Text, nullable=False),
    Column("asked", NameList, nullable=False),
    Column("state", String(16), nullable=False),
    id_column("chosen"),
    PrimaryKeyConstraint("workspace", "id"),
    foreign_key("resource", "resources"),
    foreign_key("person", "people"),
)

succession_support = Table(
    "succession_support",
    metadata,
    workspace_column(),
    id_column("succession", nullable=False),
    id_column("elector", nullable=False),
    id_column("person", nullable=False),
    PrimaryKeyConstraint("workspace", "succession", "elector"),
)
