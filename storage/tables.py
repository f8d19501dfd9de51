"""The tables. Every row belongs to a workspace; nothing crosses it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
    text,
    true,
)
from sqlalchemy.engine import Dialect


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Take the zone off where the database knows none."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Give every moment its zone, UTC."""
        if value is None:
            return None
        return (
            value.replace(tzinfo=UTC)
            if dialect.name == "sqlite"
            else value.astimezone(UTC)
        )


class DurationSeconds(TypeDecorator[timedelta]):
    """A length of time, kept in whole seconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(
        self, value: timedelta | None, _dialect: Dialect
    ) -> int | None:
        """Whole seconds."""
        return None if value is None else int(value.total_seconds())

    def process_result_value(
        self, value: int | None, _dialect: Dialect
    ) -> timedelta | None:
        """A length of time."""
        return None if value is None else timedelta(seconds=value)


class NameList(TypeDecorator[tuple[str, ...]]):
    """A few plain names in one column, separated by spaces."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: tuple[str, ...] | None, _dialect: Dialect
    ) -> str | None:
        """One text."""
        return None if value is None else " ".join(value)

    def process_result_value(
        self, value: str | None, _dialect: Dialect
    ) -> tuple[str, ...] | None:
        """Its names."""
        return None if value is None else tuple(value.split())


IS_PENDING = text("state = 'pending'")
IS_QUEUED = text("state = 'waiting'")
HAS_FAILED = text("state = 'dead'")
HAS_PARENT = text("parent IS NOT NULL")
HAS_PAYER = text("payer IS NOT NULL")
HAS_DUE_TIME = text("due IS NOT NULL")
HAS_LAPSE_TIME = text("lapses IS NOT NULL")
IS_INACTIVE = text("NOT active")
IS_UNMERGED = text("merged_into IS NULL")
IS_RESOURCE_PENDING = text("pending")
HAS_NO_DIGEST = text("digest_seq IS NULL")
HAS_DIGEST = text("digest_seq IS NOT NULL")

metadata = MetaData()


def _id_column(name: str, **options: Any) -> Column[str]:
    return Column(name, String(64), **options)


def _workspace_column() -> Column[str]:
    return Column("workspace", String(64), ForeignKey("workspaces.id"), nullable=False)


def _foreign_key(column: str, table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["workspace", column], [f"{table}.workspace", f"{table}.id"]
    )


workspaces = Table(
    "workspaces",
    metadata,
    _id_column("id", primary_key=True),
    Column("title", Text, nullable=False),
    _id_column("bot", nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),
    Column("installed", Boolean, nullable=False, server_default=true()),
    _id_column("organisation"),
)

people = Table(
    "people",
    metadata,
    _workspace_column(),
    _id_column("id", nullable=False),
    _id_column("team"),
    _id_column("account"),
    Column("email", Text),
    Column("title", Text, nullable=False),
    Column("tz", Text, nullable=False),
    Column("locale", Text),
    Column("bot", Boolean, nullable=False),
    Column("guest", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("profiled", Boolean, nullable=False),
    _id_column("merged_into"),
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

resources = Table(
    "resources",
    metadata,
    _workspace_column(),
    _id_column("id", nullable=False),
    Column("kind", Text, nullable=False),
    Column("slug", String(40), nullable=False),
    Column("title", Text, nullable=False),
    _id_column("parent"),
    _id_column("payer"),
    Column("about", Text),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Column("retired", Boolean, nullable=False, server_default=false()),
    Column("paid_since", UtcDateTime),
    Column("plan", Text),
    PrimaryKeyConstraint("workspace", "id"),
    Index("resources_by_slug", "workspace", "slug", unique=True),
    Index(
        "resources_by_parent",
        "workspace",
        "parent",
        sqlite_where=HAS_PARENT,
        postgresql_where=HAS_PARENT,
    ),
    Index(
        "resources_by_payer",
        "workspace",
        "payer",
        sqlite_where=HAS_PAYER,
        postgresql_where=HAS_PAYER,
    ),
)

memberships = Table(
    "memberships",
    metadata,
    _workspace_column(),
    _id_column("resource", nullable=False),
    _id_column("person", nullable=False),
    Column("role", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("due", UtcDateTime),
    PrimaryKeyConstraint("workspace", "resource", "person"),
    _foreign_key("resource", "resources"),
    _foreign_key("person", "people"),
    Index("memberships_by_person", "workspace", "person"),
    Index("memberships_by_role", "workspace", "resource", "role", "since", "person"),
    Index(
        "memberships_due",
        "workspace",
        "due",
        sqlite_where=HAS_DUE_TIME,
        postgresql_where=HAS_DUE_TIME,
    ),
)

invitations = Table(
    "invitations",
    metadata,
    _workspace_column(),
    _id_column("id", nullable=False),
    _id_column("resource", nullable=False),
    Column("also", NameList, nullable=False, server_default=""),
    _id_column("person"),
    _id_column("team"),
    Column("asked", NameList, nullable=False, server_default=""),
    Column("purpose", String(8), nullable=False, server_default="join"),
    _id_column("inviter", nullable=False),
    Column("role", Text, nullable=False),
    Column("lasts", DurationSeconds),
    Column("until", UtcDateTime),
    Column("note", Text),
    Column("state", String(16), nullable=False),
    Column("sent", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("marks", Integer, nullable=False),
    Column("snoozed", UtcDateTime),
    Column("muted", Boolean, nullable=False),
    Column("answered", UtcDateTime),
    _id_column("answered_by"),
    PrimaryKeyConstraint("workspace", "id"),
    _foreign_key("resource", "resources"),
    _foreign_key("person", "people"),
    _foreign_key("inviter", "people"),
    Index(
        "invitations_due",
        "workspace",
        "due",
        sqlite_where=IS_PENDING,
        postgresql_where=IS_PENDING,
    ),
    Index("invitations_by_person", "workspace", "person", "state"),
    Index("invitations_by_inviter", "workspace", "inviter", "sent"),
)

invitation_resources = Table(
    "offers",
    metadata,
    _workspace_column(),
    _id_column("invitation", nullable=False),
    _id_column("resource", nullable=False),
    _id_column("invitee", nullable=False),
    Column("purpose", String(8), nullable=False),
    Column("pending", Boolean, nullable=False),
    PrimaryKeyConstraint("workspace", "invitation", "resource"),
    _foreign_key("invitation", "invitations"),
    _foreign_key("resource", "resources"),
    Index(
        "offers_pending",
        "workspace",
        "resource",
        "invitee",
        "purpose",
        unique=True,
        sqlite_where=IS_RESOURCE_PENDING,
        postgresql_where=IS_RESOURCE_PENDING,
    ),
    Index(
        "offers_waiting",
        "workspace",
        "resource",
        "invitation",
        sqlite_where=IS_RESOURCE_PENDING,
        postgresql_where=IS_RESOURCE_PENDING,
    ),
    Index("offers_by_invitee", "workspace", "invitee", "resource"),
)

access_requests = Table(
    "requests",
    metadata,
    _workspace_column(),
    _id_column("id", nullable=False),
    _id_column("resource", nullable=False),
    _id_column("person", nullable=False),
    Column("role", Text, nullable=False),
    Column("note", Text),
    Column("asked", NameList, nullable=False),
    Column("state", String(16), nullable=False),
    Column("sent", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("answered", UtcDateTime),
    _id_column("answered_by"),
    PrimaryKeyConstraint("workspace", "id"),
    _foreign_key("resource", "resources"),
    _foreign_key("person", "people"),
    Index(
        "requests_pending",
        "workspace",
        "resource",
        "person",
        unique=True,
        sqlite_where=IS_PENDING,
        postgresql_where=IS_PENDING,
    ),
    Index(
        "requests_by_person",
        "workspace",
        "person",
        sqlite_where=IS_PENDING,
        postgresql_where=IS_PENDING,
    ),
    Index(
        "requests_due",
        "workspace",
        "expires",
        sqlite_where=IS_PENDING,
        postgresql_where=IS_PENDING,
    ),
)

successions = Table(
    "successions",
    metadata,
    _workspace_column(),
    _id_column("id", nullable=False),
    _id_column("resource", nullable=False),
    _id_column("person", nullable=False),
    Column("role", Text, nullable=False),
    Column("asked", NameList, nullable=False),
    Column("state", String(16), nullable=False),
    _id_column("chosen"),
    PrimaryKeyConstraint("workspace", "id"),
    _foreign_key("resource", "resources"),
    _foreign_key("person", "people"),
    Index(
        "successions_pending",
        "workspace",
        "resource",
        unique=True,
        sqlite_where=IS_PENDING,
        postgresql_where=IS_PENDING,
    ),
)

succession_support = Table(
    "support",
    metadata,
    _workspace_column(),
    _id_column("succession", nullable=False),
    _id_column("elector", nullable=False),
    _id_column("person", nullable=False),
    PrimaryKeyConstraint("workspace", "succession", "elector"),
)

stale_keys = Table(
    "stale_keys",
    metadata,
    _workspace_column(),
    _id_column("resource", nullable=False),
    _id_column("person", nullable=False),
    Column("since", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("workspace", "resource", "person"),
    _foreign_key("resource", "resources"),
)

shares = Table(
    "shares",
    metadata,
    _workspace_column(),
    _id_column("resource", nullable=False),
    _id_column("team", nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "resource", "team"),
    _foreign_key("resource", "resources"),
    _foreign_key("team", "resources"),
    Index("shares_by_team", "workspace", "team"),
)

assignments = Table(
    "assignments",
    metadata,
    _workspace_column(),
    _id_column("resource", nullable=False),
    _id_column("team", nullable=False),
    _id_column("person", nullable=False),
    PrimaryKeyConstraint("workspace", "resource", "team", "person"),
    _foreign_key("person", "people"),
)

billing_details = Table(
    "details",
    metadata,
    _workspace_column(),
    _id_column("resource", nullable=False),
    Column("address", Text),
    Column("email", Text),
    Column("reference", Text),
    PrimaryKeyConstraint("workspace", "resource"),
    _foreign_key("resource", "resources"),
)

invoices = Table(
    "invoices",
    metadata,
    _workspace_column(),
    _id_column("id", nullable=False),
    _id_column("resource", nullable=False),
    Column("number", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("amount", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    _id_column("file", nullable=False),
    Column("size", Integer, nullable=False),
    PrimaryKeyConstraint("workspace", "id"),
    _foreign_key("resource", "resources"),
    Index("invoices_by_number", "workspace", "resource", "number", unique=True),
    Index("invoices_by_day", "workspace", "resource", "day", "id"),
)

channel_links = Table(
    "links",
    metadata,
    _workspace_column(),
    _id_column("channel", nullable=False),
    _id_column("resource", nullable=False),
    Column("groups", NameList, nullable=False),
    _id_column("person", nullable=False),
    Column("rhythm", String(8), nullable=False, server_default="each"),
    Column("hour", Integer, nullable=False, server_default="9"),
    PrimaryKeyConstraint("workspace", "resource", "channel"),
    _foreign_key("resource", "resources"),
    _foreign_key("person", "people"),
    Index("links_by_channel", "workspace", "channel"),
)

events = Table(
    "events",
    metadata,
    _workspace_column(),
    Column("seq", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    _id_column("actor"),
    Column("door", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    _id_column("resource"),
    _id_column("person"),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "seq"),
    Index("events_by_resource", "workspace", "resource", "seq"),
    Index("events_by_actor", "workspace", "actor", "seq"),
    Index("events_by_person", "workspace", "person", "seq"),
)

event_mentions = Table(
    "mentions",
    metadata,
    _workspace_column(),
    _id_column("resource", nullable=False),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace", "resource", "seq"),
)

receipts = Table(
    "receipts",
    metadata,
    _workspace_column(),
    Column("delivery", String(255), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("workspace", "delivery"),
    Index("receipts_by_age", "workspace", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    _workspace_column(),
    Column("target", String(255), nullable=False),
    Column("message", String(64), nullable=False),
    Column("seq", BigInteger),
    _id_column("about"),
    _id_column("answerable"),
    Column("payload", Text),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("leased_until", Float, nullable=False),
    Column("lease", String(32), nullable=False),
    Column("problem", Text),
    Index(
        "outbox_waiting",
        "workspace",
        "target",
        "id",
        sqlite_where=IS_QUEUED,
        postgresql_where=IS_QUEUED,
    ),
    Index("outbox_next", "id", sqlite_where=IS_QUEUED, postgresql_where=IS_QUEUED),
    Index("outbox_dead", "id", sqlite_where=HAS_FAILED, postgresql_where=HAS_FAILED),
    Index(
        "outbox_dead_for",
        "workspace",
        "answerable",
        "id",
        sqlite_where=HAS_FAILED,
        postgresql_where=HAS_FAILED,
    ),
    Index(
        "outbox_dead_to",
        "workspace",
        "target",
        "id",
        sqlite_where=HAS_FAILED,
        postgresql_where=HAS_FAILED,
    ),
    sqlite_autoincrement=True,
)

# Of a digest for a person `resource_id` is empty; `digest_seq` is the event of the digest.
digest_items = Table(
    "digest_items",
    metadata,
    _workspace_column(),
    Column("recipient", String(255), nullable=False),
    _id_column("resource_id", nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("message", String(64), nullable=False),
    Column("due", UtcDateTime, nullable=False),
    _id_column("escalate_to"),
    Column("digest_seq", BigInteger),
    PrimaryKeyConstraint("workspace", "recipient", "resource_id", "seq", "message"),
    Index(
        "digest_items_due",
        "workspace",
        "due",
        sqlite_where=HAS_NO_DIGEST,
        postgresql_where=HAS_NO_DIGEST,
    ),
    Index(
        "digest_items_by_digest",
        "workspace",
        "digest_seq",
        "seq",
        sqlite_where=HAS_DIGEST,
        postgresql_where=HAS_DIGEST,
    ),
)

live_messages = Table(
    "copies",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    _workspace_column(),
    _id_column("about", nullable=False),
    Column("target", String(255), nullable=False),
    Column("message", String(64), nullable=False),
    Column("address", Text, nullable=False),
    Index("copies_by_subject", "workspace", "about", "target"),
)

threads = Table(
    "threads",
    metadata,
    _workspace_column(),
    Column("target", String(255), nullable=False),
    _id_column("about", nullable=False),
    _id_column("address", nullable=False),
    PrimaryKeyConstraint("workspace", "target", "about"),
)

due_failures = Table(
    "due_failures",
    metadata,
    _workspace_column(),
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

home_tabs = Table(
    "homes",
    metadata,
    _workspace_column(),
    _id_column("person", nullable=False),
    Column("pages", NameList, nullable=False),
    PrimaryKeyConstraint("workspace", "person"),
)

STATE_TABLES = (
    workspaces,
    people,
    resources,
    memberships,
    shares,
    assignments,
    invitations,
    invitation_resources,
    access_requests,
    successions,
    succession_support,
    stale_keys,
    billing_details,
    invoices,
    channel_links,
)
