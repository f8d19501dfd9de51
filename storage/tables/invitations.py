"""Invitations and the resources that they offer."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from storage.tables.base import (
    foreign_key,
    id_column,
    metadata,
    workspace_column,
)
from storage.tables.column_types import DurationSeconds, NameList, UtcDateTime

invitations = Table(
    "invitations",
    metadata,
    workspace_column(),
    id_column("id", nullable=False),
    id_column("resource", nullable=False),
    Column("also", NameList, nullable=False, server_default=""),
    id_column("person"),
    id_column("team"),
    Column("asked", NameList, nullable=False, server_default=""),
    Column("purpose", String(8), nullable=False, server_default="join"),
    id_column("inviter", nullable=False),
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
    id_column("answered_by"),
    Column("starts", UtcDateTime),
    Column("pays", NameList, nullable=False, server_default=""),
    Column("agreed", UtcDateTime),
    id_column("payer"),
    Column("undelivered", String(24)),
    PrimaryKeyConstraint("workspace", "id"),
    foreign_key("resource", "resources"),
    foreign_key("person", "people"),
    foreign_key("inviter", "people"),
    Index("invitations_by_person", "workspace", "person", "state"),
    Index("invitations_by_inviter", "workspace", "inviter", "sent"),
)

invitation_resources = Table(
    "invitation_resources",
    metadata,
    workspace_column(),
    id_column("invitation", nullable=False),
    id_column("resource", nullable=False),
    id_column("invitee", nullable=False),
    Column("purpose", String(8), nullable=False),
    Column("pending", Boolean, nullable=False),
    PrimaryKeyConstraint("workspace", "invitation", "resource"),
    foreign_key("invitation", "invitations"),
    foreign_key("resource", "resources"),
    Index("invitation_resources_by_invitee", "workspace", "invitee", "resource"),
)

# The links in mails; `seq` is the event that a mail is about.

invitation_links = Table(
    "invitation_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    workspace_column(),
    id_column("invitation", nullable=False),
    id_column("person", nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("is_sent", Boolean, nullable=False),
    foreign_key("invitation", "invitations"),
    Index("invitation_links_by_invitation", "workspace", "invitation", "seq"),
)
