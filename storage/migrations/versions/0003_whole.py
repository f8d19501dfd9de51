"""Several things and teams in one invitation, terms that warn, requests, successions, keys, settings, the record."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

PENDING = sa.text("state = 'pending'")
WAITS = sa.text("pending")


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=64), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _belongs(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["workspace", column], [f"{table}.workspace", f"{table}.id"])


def upgrade() -> None:
    """Widen what is there, then add what is new."""
    _widen()
    _invitations()
    _requests()
    _successions()
    for table in ("outbox", "copies"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN invitation TO about")
    op.drop_index("copies_by_invitation", table_name="copies")
    op.create_index("copies_by_subject", "copies", ["workspace", "about", "target"])


def _widen() -> None:
    op.add_column("workspaces", sa.Column("settings", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("workspaces", sa.Column("installed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("people", sa.Column("admin", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("people", _moment("lapses", nullable=True))
    lapses = sa.text("lapses IS NOT NULL")
    op.create_index("people_by_lapse", "people", ["workspace", "lapses"], sqlite_where=lapses, postgresql_where=lapses)
    op.add_column("memberships", _moment("due", nullable=True))
    op.execute("UPDATE memberships SET due = until")
    op.drop_index("memberships_by_end", table_name="memberships")
    due = sa.text("due IS NOT NULL")
    op.create_index("memberships_due", "memberships", ["workspace", "due"], sqlite_where=due, postgresql_where=due)
    op.create_index("memberships_by_role", "memberships", ["workspace", "resource", "role", "since", "person"])
    op.create_index("events_by_person", "events", ["workspace", "person", "seq"])
    op.create_table(
        "mentions",
        _id("workspace"),
        _id("resource"),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "seq"),
    )
    op.create_table(
        "stale_keys",
        _id("workspace"),
        _id("resource"),
        _id("person"),
        _moment("since"),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        _belongs("resource", "resources"),
        sa.PrimaryKeyConstraint("workspace", "resource", "person"),
    )


def _invitations() -> None:
    for name in ("invitations_pending", "invitations_by_person"):
        op.drop_index(name, table_name="invitations")
    op.add_column("invitations", sa.Column("also", sa.Text(), nullable=False, server_default=""))
    op.add_column("invitations", _id("team", nullable=True))
    op.add_column("invitations", sa.Column("asked", sa.Text(), nullable=False, server_default=""))
    op.add_column("invitations", sa.Column("purpose", sa.String(length=8), nullable=False, server_default="join"))
    with op.batch_alter_table("invitations") as batch:
        batch.alter_column("person", existing_type=sa.String(length=64), nullable=True)
    op.create_index("invitations_by_person", "invitations", ["workspace", "person", "state"])
    op.create_table(
        "offers",
        _id("workspace"),
        _id("invitation"),
        _id("resource"),
        _id("invitee"),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        _belongs("invitation", "invitations"),
        _belongs("resource", "resources"),
        sa.PrimaryKeyConstraint("workspace", "invitation", "resource"),
    )
    op.execute(
        "INSERT INTO offers (workspace, invitation, resource, invitee, purpose, pending) "
        "SELECT workspace, id, resource, person, 'join', state = 'pending' FROM invitations"
    )
    op.create_index(
        "offers_pending",
        "offers",
        ["workspace", "resource", "invitee", "purpose"],
        unique=True,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_index(
        "offers_waiting",
        "offers",
        ["workspace", "resource", "invitation"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_index("offers_by_invitee", "offers", ["workspace", "invitee", "resource"])


def _requests() -> None:
    op.create_table(
        "requests",
        _id("workspace"),
        _id("id"),
        _id("resource"),
        _id("person"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        _moment("sent"),
        _moment("expires"),
        _moment("answered", nullable=True),
        _id("answered_by", nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        _belongs("resource", "resources"),
        _belongs("person", "people"),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    op.create_index(
        "requests_pending",
        "requests",
        ["workspace", "resource", "person"],
        unique=True,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    for name, column in (("requests_by_person", "person"), ("requests_due", "expires")):
        op.create_index(name, "requests", ["workspace", column], sqlite_where=PENDING, postgresql_where=PENDING)


def _successions() -> None:
    op.create_table(
        "successions",
        _id("workspace"),
        _id("id"),
        _id("resource"),
        _id("person"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        _id("chosen", nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        _belongs("resource", "resources"),
        _belongs("person", "people"),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    op.create_index(
        "successions_pending",
        "successions",
        ["workspace", "resource"],
        unique=True,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_table(
        "support",
        _id("workspace"),
        _id("succession"),
        _id("elector"),
        _id("person"),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "succession", "elector"),
    )
