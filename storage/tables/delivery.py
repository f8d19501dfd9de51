"""Outbox, sent messages, digests and App Home tabs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from storage.tables.base import id_column, metadata, workspace_column
from storage.tables.column_types import NameList, TopicList, UtcDateTime

outbox = Table(
    "outbox",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    workspace_column(),
    Column("target", String(255), nullable=False),
    Column("message", String(64), nullable=False),
    Column("seq", BigInteger),
    id_column("subject_id"),
    id_column("escalate_to"),
    Column("payload", Text),
    Column("more", TopicList),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("leased_until", Float, nullable=False),
    Column("lease", String(32), nullable=False),
    Column("problem", Text),
    sqlite_autoincrement=True,
)

# `resource_id` is empty for a personal digest; `digest_seq` is the event of the digest.

digest_items = Table(
    "digest_items",
    metadata,
    workspace_column(),
    Column("recipient", String(255), nullable=False),
    id_column("resource_id", nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("message", String(64), nullable=False),
    Column("due", UtcDateTime, nullable=False),
    id_column("escalate_to"),
    Column("digest_seq", BigInteger),
    PrimaryKeyConstraint("workspace", "recipient", "resource_id", "seq", "message"),
)

live_messages = Table(
    "live_messages",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    workspace_column(),
    id_column("subject_id", nullable=False),
    Column("target", String(255), nullable=False),
    Column("message", String(64), nullable=False),
    Column("address", Text, nullable=False),
    Column("topics", TopicList),
    Index("live_messages_by_subject", "workspace", "subject_id", "target"),
)

message_threads = Table(
    "message_threads",
    metadata,
    workspace_column(),
    Column("target", String(255), nullable=False),
    id_column("subject_id", nullable=False),
    id_column("address", nullable=False),
    PrimaryKeyConstraint("workspace", "target", "subject_id"),
)

home_tabs = Table(
    "home_tabs",
    metadata,
    workspace_column(),
    id_column("person", nullable=False),
    Column("pages", NameList, nullable=False),
    PrimaryKeyConstraint("workspace", "person"),
)
