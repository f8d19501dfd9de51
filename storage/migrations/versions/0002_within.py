"""Resources stand in others, are paid for, described, disabled, deleted, and shared with teams."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what a resource stands in, what pays for it, its state, and the teams that it is shared with."""
    op.add_column("resources", sa.Column("parent", sa.String(length=64), nullable=True))
    op.add_column("resources", sa.Column("payer", sa.String(length=64), nullable=True))
    op.add_column("resources", sa.Column("about", sa.Text(), nullable=True))
    op.add_column("resources", sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("resources", sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false()))
    for column in ("parent", "payer"):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"resources_by_{column}", "resources", ["workspace", column], sqlite_where=where, postgresql_where=where
        )
    op.create_table(
        "shares",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.ForeignKeyConstraint(["workspace", "resource"], ["resources.workspace", "resources.id"]),
        sa.ForeignKeyConstraint(["workspace", "team"], ["resources.workspace", "resources.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "team"),
    )
    op.create_index("shares_by_team", "shares", ["workspace", "team"])
    op.create_table(
        "assignments",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.ForeignKeyConstraint(["workspace", "person"], ["people.workspace", "people.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "team", "person"),
    )
