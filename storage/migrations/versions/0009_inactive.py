"""Questions about many memberships look up only those people who are not active."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Index the people who are not active."""
    only = sa.text("NOT active")
    op.create_index("people_inactive", "people", ["workspace", "id"], sqlite_where=only, postgresql_where=only)
