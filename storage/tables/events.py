"""The event store and the keys that make commands idempotent."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from storage.tables.base import id_column, metadata, workspace_column
from storage.tables.column_types import UtcDateTime

events = Table(
    "events",
    metadata,
    workspace_column(),
    Column("seq", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    id_column("actor"),
    Column("origin", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    id_column("resource"),
    id_column("person"),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "seq"),
    Index("events_by_resource", "workspace", "resource", "seq"),
    Index("events_by_actor", "workspace", "actor", "seq"),
    Index("events_by_person", "workspace", "person", "seq"),
)

event_mentions = Table(
    "event_mentions",
    metadata,
    workspace_column(),
    id_column("resource", nullable=False),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace", "resource", "seq"),
)

processed_requests = Table(
    "processed_requests",
    metadata,
    workspace_column(),
    Column("idempotency_key", String(255), nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("workspace", "idempotency_key"),
    Index("processed_requests_by_age", "workspace", "at"),
)
