"""People choose how they hear: notices wait for a digest, and what could not be delivered is found for whom it is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add what people chose, what waits for their digests, and the ways to what could not be delivered."""
    op.add_column("people", sa.Column("notices", sa.String(length=16), nullable=False, server_default="direct"))
    op.create_table(
        "kept",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "person", "seq", "message"),
    )
    op.create_index("kept_due", "kept", ["workspace", "due"])
    dead = sa.text("state = 'dead'")
    for name, column in (("outbox_dead_for", "answerable"), ("outbox_dead_to", "target")):
        columns = ["workspace", column, "id"]
        op.create_index(name, "outbox", columns, sqlite_where=dead, postgresql_where=dead)
