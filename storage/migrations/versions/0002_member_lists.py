"""People by name, and indexes that count members and find what a team shares."""

import sqlalchemy as sa
from alembic import op

from collab.text import make_sort_name

revision = "0002"
down_revision = "0001"

BATCH = 1_000
_PEOPLE = sa.text("SELECT workspace, id, title, email FROM people")
_SAVE_SORT_NAME = sa.text(
    "UPDATE people SET sort_name = :sort_name WHERE workspace = :workspace AND id = :id"
)


def upgrade() -> None:
    """Add what people are ordered by, and replace two indexes."""
    names = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column(
        "people", sa.Column("sort_name", names, server_default="", nullable=False)
    )
    _fill_sort_names(op.get_bind())
    active = sa.text("active")
    op.create_index(
        "people_by_sort_name",
        "people",
        ["workspace", "sort_name", "id"],
        sqlite_where=active,
        postgresql_where=active,
    )
    op.drop_index("memberships_by_role", "memberships")
    op.create_index(
        "memberships_by_role",
        "memberships",
        ["resource", "role", "workspace", "until", "person"],
    )
    op.drop_index("team_shares_by_team", "team_shares")
    op.create_index(
        "team_shares_by_team", "team_shares", ["workspace", "team", "resource"]
    )


def _fill_sort_names(connection: sa.Connection) -> None:
    people = connection.execute(_PEOPLE).all()
    for start in range(0, len(people), BATCH):
        rows = [
            {
                "workspace": person.workspace,
                "id": person.id,
                "sort_name": make_sort_name(person.title, person.email),
            }
            for person in people[start : start + BATCH]
        ]
        connection.execute(_SAVE_SORT_NAME, rows)
