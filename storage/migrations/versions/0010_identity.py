"""An account is found by its user id, whichever team it is named with; a workspace knows its organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Index people by user id and add the organisation of a workspace."""
    only = sa.text("merged_into IS NULL")
    op.drop_index("people_by_account", "people")
    columns = ["workspace", "account", "team"]
    op.create_index("people_by_account", "people", columns, unique=True, sqlite_where=only, postgresql_where=only)
    op.add_column("workspaces", sa.Column("organisation", sa.String(length=64)))
