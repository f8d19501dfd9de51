"""Channels hear in threads, and at once or together: what begins a thread, and what is held until it is told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the rhythm of links, the beginnings of threads, and what is held for channels."""
    op.add_column("links", sa.Column("rhythm", sa.String(length=8), server_default="each", nullable=False))
    op.add_column("links", sa.Column("hour", sa.Integer(), server_default="9", nullable=False))
    op.create_table(
        "threads",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("ts", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "target", "about"),
    )
    op.create_table(
        "held",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "channel", "resource", "seq"),
    )
    waits, told = sa.text("digest IS NULL"), sa.text("digest IS NOT NULL")
    op.create_index("held_due", "held", ["workspace", "due"], sqlite_where=waits, postgresql_where=waits)
    columns = ["workspace", "digest", "seq"]
    op.create_index("held_by_digest", "held", columns, sqlite_where=told, postgresql_where=told)
