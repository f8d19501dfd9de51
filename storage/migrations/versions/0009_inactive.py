"""Those who are not active are few, and found by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Index the people who are not active, so that a question about many memberships looks up them alone."""
    only = sa.text("NOT active")
    op.create_index("people_inactive", "people", ["workspace", "id"], sqlite_where=only, postgresql_where=only)
