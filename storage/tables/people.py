"""Workspaces and the people in them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

from storage.tables.base import id_column, metadata, workspace_column
from storage.tables.column_types import UtcDateTime

HAS_LAPSE_TIME = text("lapses IS NOT NULL")
IS_INACTIVE = text("NOT active")
IS_UNMERGED = text("merged_into IS NULL")

workspaces = Table(
    "workspaces",
    metadata,
    id_column("id", primary_key=True),
    Column("title", Text, nullable=False),
    id_column("bot", nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),
    Column("installed", Boolean, nullable=False, server_default=true()),
    id_column("organisation"),
)

people = Table(
    "people",
    metadata,
    workspace_column(),
    id_column("id", nullable=False),
    id_column("team"),
    id_column("account"),
    Column("email", Text),
    Column("title", Text, nullable=False),
    Column("tz", Text, nullable=False),
    Column("locale", Text),
    Column("bot", Boolean, nullable=False),
    Column("guest", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("profiled", Boolean, nullable=False),
    id_column("merged_into"),
    Column("admin", Boolean, nullable=False, server_default=false()),
    Column("lapses", UtcDateTime),
    Column("notices", String(16), nullable=False, server_default="direct"),
    PrimaryKeyConstraint("workspace", "id"),
    Index(
        "people_by_account",
        "workspace",
        "account",
        "team",
        unique=True,
        sqlite_where=IS_UNMERGED,
        postgresql_where=IS_UNMERGED,
    ),
    Index("people_by_email", "workspace", "email"),
    Index(
        "people_by_lapse",
        "workspace",
        "lapses",
        sqlite_where=HAS_LAPSE_TIME,
        postgresql_where=HAS_LAPSE_TIME,
    ),
    Index(
        "people_inactive",
        "workspace",
        "id",
        sqlite_where=IS_INACTIVE,
        postgresql_where=IS_INACTIVE,
    ),
)
