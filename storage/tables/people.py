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
    true,
)

from storage.tables.base import id_column, metadata, workspace_column
from storage.tables.column_types import BinaryText, UtcDateTime

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
    Column("disabled", Boolean, nullable=False, server_default=false()),
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
    Column("company", Text),
    Column("mail_stopped", String(16)),
    Column("reach", String(8), nullable=False, server_default="slack"),
    Column("sort_name", BinaryText, nullable=False, server_default=""),
    PrimaryKeyConstraint("workspace", "id"),
    Index("people_by_email", "workspace", "email"),
)
