"""Who rotates the keys of a resource, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns, empty for keys that nobody was assigned."""
    op.add_column("stale_keys", sa.Column("owner", sa.String(length=64)))
    op.add_column("stale_keys", sa.Column("due", sa.DateTime(timezone=True)))
