"""Resources, teams' shares of them, channel links and stale keys."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from storage.tables.base import foreign_key, id_column, metadata, workspace_column
from storage.tables.column_types import NameList, UtcDateTime

resources = Table(
    "resources",
    metadata,
    workspace_column(),
    id_column("id", nullable=False),
    Column("kind", Text, nullable=False),
    Column("slug", String(40), nullable=False),
    Column("title", Text, nullable=False),
    id_column("parent"),
    id_column("payer"),
    Column("about", Text),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Column("retired", Boolean, nullable=False, server_default=false()),
    Column("paid_since", UtcDateTime),
    Column("plan", Text),
    PrimaryKeyConstraint("workspace", "id"),
    Index("resources_by_slug", "workspace", "slug", unique=True),
)

team_shares = Table(
    "team_shares",
    metadata,
    workspace_column(),
    id_column("resource", nullable=False),
    id_column("team", nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "resource", "team"),
    foreign_key("resource", "resources"),
    foreign_key("team", "resources"),
    Index("team_shares_by_team", "workspace", "team", "resource"),
)

team_assignments = Table(
    "team_assignments",
    metadata,
    workspace_column(),
    id_column("resource", nullable=False),
    id_column("team", nullable=False),
    id_column("person", nullable=False),
    PrimaryKeyConstraint("workspace", "resource", "team", "person"),
    foreign_key("person", "people"),
)

channel_links = Table(
    "channel_links",
    metadata,
    workspace_column(),
    id_column("channel", nullable=False),
    id_column("resource", nullable=False),
    Column("groups", NameList, nullable=False),
    id_column("person", nullable=False),
    Column("rhythm", String(8), nullable=False, server_default="each"),
    Column("hour", Integer, nullable=False, server_default="9"),
    PrimaryKeyConstraint("workspace", "resource", "channel"),
    foreign_key("resource", "resources"),
    foreign_key("person", "people"),
    Index("channel_links_by_channel", "workspace", "channel"),
)

stale_keys = Table(
    "stale_keys",
    metadata,
    workspace_column(),
    id_column("resource", nullable=False),
    id_column("person", nullable=False),
    Column("since", UtcDateTime, nullable=False),
    id_column("owner"),
    Column("due", UtcDateTime),
    PrimaryKeyConstraint("workspace", "resource", "person"),
    foreign_key("resource", "resources"),
)
