"""Payment methods say where bills go and keep invoices; things know since when they are paid; companies have plans."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=64), nullable=False)


def upgrade() -> None:
    """Add what billing keeps."""
    op.add_column("resources", sa.Column("retired", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("resources", sa.Column("paid_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("resources", sa.Column("plan", sa.Text(), nullable=True))
    op.create_table(
        "details",
        _id("workspace"),
        _id("resource"),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.ForeignKeyConstraint(["workspace", "resource"], ["resources.workspace", "resources.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource"),
    )
    op.create_table(
        "invoices",
        _id("workspace"),
        _id("id"),
        _id("resource"),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        _id("file"),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.ForeignKeyConstraint(["workspace", "resource"], ["resources.workspace", "resources.id"]),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    op.create_index("invoices_by_number", "invoices", ["workspace", "resource", "number"], unique=True)
    op.create_index("invoices_by_day", "invoices", ["workspace", "resource", "day", "id"])
