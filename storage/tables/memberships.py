"""Memberships: who has which role on which resource."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text

from storage.tables.base import foreign_key, id_column, metadata, workspace_column
from storage.tables.column_types import UtcDateTime

memberships = Table(
    "memberships",
    metadata,
    workspace_column(),
    id_column("resource", nullable=False),
    id_column("person", nullable=False),
    Column("role", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("due", UtcDateTime),
    PrimaryKeyConstraint("workspace", "resource", "person"),
    foreign_key("resource", "resources"),
    foreign_key("person", "people"),
    Index("memberships_by_person", "workspace", "person"),
    # Not the workspace first: SQLite would read all of it where a person is asked for.
    Index("memberships_by_role", "resource", "role", "workspace", "until", "person"),
)
