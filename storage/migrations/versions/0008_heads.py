"""The outbox's next delivery, and what was given up, are found by small indexes of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Index what waits and what was given up, in its order, instead of everything by its state."""
    op.drop_index("outbox_by_state", "outbox")
    for name, state in (("outbox_next", "waiting"), ("outbox_dead", "dead")):
        only = sa.text(f"state = '{state}'")
        op.create_index(name, "outbox", ["id"], sqlite_where=only, postgresql_where=only)
