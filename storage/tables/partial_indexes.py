"""The indexes on a part of a table.

The running app does without this module: the name of a dialect in an index imports the
whole dialect, of the database that is not in use too.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, TextClause, text

from storage.tables.access_requests import access_requests, successions
from storage.tables.base import IS_PENDING
from storage.tables.delivery import digest_items, outbox
from storage.tables.invitations import invitation_resources, invitations
from storage.tables.memberships import memberships
from storage.tables.people import people
from storage.tables.resources import resources

IS_PENDING_TAKE_BACK = text("state = 'pending' AND purpose = 'takeback'")
IS_QUEUED = text("state = 'queued'")
HAS_FAILED = text("state = 'failed'")
HAS_NO_DIGEST = text("digest_seq IS NULL")
HAS_DIGEST = text("digest_seq IS NOT NULL")
IS_RESOURCE_PENDING = text("pending")
HAS_DUE_TIME = text("due IS NOT NULL")
HAS_LAPSE_TIME = text("lapses IS NOT NULL")
IS_ACTIVE = text("active")
IS_INACTIVE = text("NOT active")
IS_UNMERGED = text("merged_into IS NULL")
HAS_PARENT = text("parent IS NOT NULL")
HAS_PAYER = text("payer IS NOT NULL")


def _add_index(
    table: Table, where: TextClause, name: str, *columns: str, unique: bool = False
) -> None:
    """Add an index of the rows that meet a condition."""
    Index(
        name,
        *(table.c[column] for column in columns),
        unique=unique,
        sqlite_where=where,
        postgresql_where=where,
    )


_add_index(
    access_requests,
    IS_PENDING,
    "access_requests_pending",
    "workspace",
    "resource",
    "person",
    unique=True,
)
_add_index(
    access_requests, IS_PENDING, "access_requests_by_person", "workspace", "person"
)
_add_index(access_requests, IS_PENDING, "access_requests_due", "workspace", "expires")
_add_index(
    successions, IS_PENDING, "successions_pending", "workspace", "resource", unique=True
)
_add_index(outbox, IS_QUEUED, "outbox_queued", "workspace", "target", "id")
_add_index(outbox, IS_QUEUED, "outbox_next", "id")
_add_index(outbox, HAS_FAILED, "outbox_failed", "id")
_add_index(
    outbox, HAS_FAILED, "outbox_failed_by_escalation", "workspace", "escalate_to", "id"
)
_add_index(outbox, HAS_FAILED, "outbox_failed_by_target", "workspace", "target", "id")
_add_index(digest_items, HAS_NO_DIGEST, "digest_items_due", "workspace", "due")
_add_index(
    digest_items, HAS_DIGEST, "digest_items_by_digest", "workspace", "digest_seq", "seq"
)
_add_index(invitations, IS_PENDING, "invitations_due", "workspace", "due")
_add_index(
    invitations, IS_PENDING_TAKE_BACK, "invitations_pending_take_backs", "workspace"
)
_add_index(
    invitation_resources,
    IS_RESOURCE_PENDING,
    "invitation_resources_pending",
    "workspace",
    "resource",
    "invitee",
    "purpose",
    unique=True,
)
_add_index(
    invitation_resources,
    IS_RESOURCE_PENDING,
    "invitation_resources_by_resource",
    "workspace",
    "resource",
    "invitation",
)
_add_index(memberships, HAS_DUE_TIME, "memberships_due", "workspace", "due")
_add_index(
    people,
    IS_UNMERGED,
    "people_by_account",
    "workspace",
    "account",
    "team",
    unique=True,
)
_add_index(people, HAS_LAPSE_TIME, "people_by_lapse", "workspace", "lapses")
_add_index(people, IS_ACTIVE, "people_by_sort_name", "workspace", "sort_name", "id")
_add_index(people, IS_INACTIVE, "people_inactive", "workspace", "id")
_add_index(resources, HAS_PARENT, "resources_by_parent", "workspace", "parent")
_add_index(resources, HAS_PAYER, "resources_by_payer", "workspace", "payer")
