"""Every table and index."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _create_index(
    name: str, table: str, *columns: str, where: str | None = None, unique: bool = False
) -> None:
    """Create an index; with `where`, of those rows alone."""
    condition = sa.text(where) if where else None
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def upgrade() -> None:
    """Create every table and index."""
    op.create_table(
        "heartbeats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("beaten_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "workspaces",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("bot", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.Text(), server_default="{}", nullable=False),
        sa.Column("installed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "live_messages",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _create_index(
        "live_messages_by_subject", "live_messages", "workspace", "subject_id", "target"
    )
    op.create_table(
        "digest_items",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=255), nullable=False),
        sa.Column("resource_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalate_to", sa.String(length=64), nullable=True),
        sa.Column("digest_seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint(
            "workspace", "recipient", "resource_id", "seq", "message"
        ),
    )
    _create_index(
        "digest_items_by_digest",
        "digest_items",
        "workspace",
        "digest_seq",
        "seq",
        where="digest_seq IS NOT NULL",
    )
    _create_index(
        "digest_items_due",
        "digest_items",
        "workspace",
        "due",
        where="digest_seq IS NULL",
    )
    op.create_table(
        "due_failures",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=255), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "kind", "item"),
    )
    op.create_table(
        "events",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=True),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "seq"),
    )
    _create_index("events_by_actor", "events", "workspace", "actor", "seq")
    _create_index("events_by_person", "events", "workspace", "person", "seq")
    _create_index("events_by_resource", "events", "workspace", "resource", "seq")
    op.create_table(
        "home_tabs",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "person"),
    )
    op.create_table(
        "event_mentions",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "seq"),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.String(length=64), nullable=True),
        sa.Column("escalate_to", sa.String(length=64), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("more", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Float(), nullable=False),
        sa.Column("leased_until", sa.Float(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    _create_index("outbox_failed", "outbox", "id", where="state = 'failed'")
    _create_index(
        "outbox_failed_by_escalation",
        "outbox",
        "workspace",
        "escalate_to",
        "id",
        where="state = 'failed'",
    )
    _create_index(
        "outbox_failed_by_target",
        "outbox",
        "workspace",
        "target",
        "id",
        where="state = 'failed'",
    )
    _create_index("outbox_next", "outbox", "id", where="state = 'queued'")
    _create_index(
        "outbox_queued",
        "outbox",
        "workspace",
        "target",
        "id",
        where="state = 'queued'",
    )
    op.create_table(
        "people",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=True),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "sort_name",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
        sa.Column("tz", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("profiled", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.String(length=64), nullable=True),
        sa.Column("admin", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("lapses", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "notices", sa.String(length=16), server_default="direct", nullable=False
        ),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("mail_stopped", sa.String(length=16), nullable=True),
        sa.Column("reach", sa.String(length=8), server_default="slack", nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    _create_index(
        "people_by_account",
        "people",
        "workspace",
        "account",
        "team",
        where="merged_into IS NULL",
        unique=True,
    )
    _create_index("people_by_email", "people", "workspace", "email")
    _create_index(
        "people_by_lapse", "people", "workspace", "lapses", where="lapses IS NOT NULL"
    )
    _create_index(
        "people_by_sort_name",
        "people",
        "workspace",
        "sort_name",
        "id",
        where="active",
    )
    _create_index("people_inactive", "people", "workspace", "id", where="NOT active")
    op.create_table(
        "processed_requests",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "idempotency_key"),
    )
    _create_index("processed_requests_by_age", "processed_requests", "workspace", "at")
    op.create_table(
        "resources",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("payer", sa.String(length=64), nullable=True),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("paid_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    _create_index(
        "resources_by_parent",
        "resources",
        "workspace",
        "parent",
        where="parent IS NOT NULL",
    )
    _create_index(
        "resources_by_payer",
        "resources",
        "workspace",
        "payer",
        where="payer IS NOT NULL",
    )
    _create_index("resources_by_slug", "resources", "workspace", "slug", unique=True)
    op.create_table(
        "succession_support",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("succession", sa.String(length=64), nullable=False),
        sa.Column("elector", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "succession", "elector"),
    )
    op.create_table(
        "message_threads",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "target", "subject_id"),
    )
    op.create_table(
        "team_assignments",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "person"], ["people.workspace", "people.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "team", "person"),
    )
    op.create_table(
        "billing_details",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource"),
    )
    op.create_table(
        "invitations",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("also", sa.Text(), server_default="", nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("team", sa.String(length=64), nullable=True),
        sa.Column("asked", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "purpose", sa.String(length=8), server_default="join", nullable=False
        ),
        sa.Column("inviter", sa.String(length=64), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("lasts", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("snoozed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pays", sa.Text(), server_default="", nullable=False),
        sa.Column("agreed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payer", sa.String(length=64), nullable=True),
        sa.Column("undelivered", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace", "inviter"], ["people.workspace", "people.id"]
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "person"], ["people.workspace", "people.id"]
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    _create_index(
        "invitations_by_inviter", "invitations", "workspace", "inviter", "sent"
    )
    _create_index(
        "invitations_by_person", "invitations", "workspace", "person", "state"
    )
    _create_index(
        "invitations_due", "invitations", "workspace", "due", where="state = 'pending'"
    )
    _create_index(
        "invitations_pending_take_backs",
        "invitations",
        "workspace",
        where="state = 'pending' AND purpose = 'takeback'",
    )
    op.create_table(
        "invoices",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    _create_index("invoices_by_day", "invoices", "workspace", "resource", "day", "id")
    _create_index(
        "invoices_by_number", "invoices", "workspace", "resource", "number", unique=True
    )
    op.create_table(
        "channel_links",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("rhythm", sa.String(length=8), server_default="each", nullable=False),
        sa.Column("hour", sa.Integer(), server_default="9", nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "person"], ["people.workspace", "people.id"]
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "channel"),
    )
    _create_index("channel_links_by_channel", "channel_links", "workspace", "channel")
    op.create_table(
        "memberships",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace", "person"], ["people.workspace", "people.id"]
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "person"),
    )
    _create_index("memberships_by_person", "memberships", "workspace", "person")
    _create_index(
        "memberships_by_role",
        "memberships",
        "resource",
        "role",
        "workspace",
        "until",
        "person",
    )
    _create_index(
        "memberships_due", "memberships", "workspace", "due", where="due IS NOT NULL"
    )
    op.create_table(
        "access_requests",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace", "person"], ["people.workspace", "people.id"]
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    _create_index(
        "access_requests_by_person",
        "access_requests",
        "workspace",
        "person",
        where="state = 'pending'",
    )
    _create_index(
        "access_requests_due",
        "access_requests",
        "workspace",
        "expires",
        where="state = 'pending'",
    )
    _create_index(
        "access_requests_pending",
        "access_requests",
        "workspace",
        "resource",
        "person",
        where="state = 'pending'",
        unique=True,
    )
    op.create_table(
        "team_shares",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "team"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "team"),
    )
    _create_index("team_shares_by_team", "team_shares", "workspace", "team", "resource")
    op.create_table(
        "stale_keys",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "resource", "person"),
    )
    op.create_table(
        "successions",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("chosen", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace", "person"], ["people.workspace", "people.id"]
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )
    _create_index(
        "successions_pending",
        "successions",
        "workspace",
        "resource",
        where="state = 'pending'",
        unique=True,
    )
    op.create_table(
        "invitation_resources",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("invitation", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("invitee", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "invitation"], ["invitations.workspace", "invitations.id"]
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "resource"], ["resources.workspace", "resources.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace", "invitation", "resource"),
    )
    _create_index(
        "invitation_resources_by_invitee",
        "invitation_resources",
        "workspace",
        "invitee",
        "resource",
    )
    _create_index(
        "invitation_resources_pending",
        "invitation_resources",
        "workspace",
        "resource",
        "invitee",
        "purpose",
        where="pending",
        unique=True,
    )
    _create_index(
        "invitation_resources_by_resource",
        "invitation_resources",
        "workspace",
        "resource",
        "invitation",
        where="pending",
    )
    op.create_table(
        "invitation_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("invitation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("is_sent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "invitation"], ["invitations.workspace", "invitations.id"]
        ),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    _create_index(
        "invitation_links_by_invitation",
        "invitation_links",
        "workspace",
        "invitation",
        "seq",
    )
