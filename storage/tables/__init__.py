"""The tables. Every row belongs to a workspace; no row refers to another one's."""

from __future__ import annotations

from storage.tables.access_requests import (
    access_requests,
    succession_support,
    successions,
)
from storage.tables.base import IS_PENDING, metadata
from storage.tables.billing import billing_details, invoices
from storage.tables.delivery import (
    digest_items,
    home_tabs,
    live_messages,
    message_threads,
    outbox,
)
from storage.tables.events import event_mentions, events, processed_requests
from storage.tables.files import files
from storage.tables.installations import installations, oauth_states
from storage.tables.invitations import (
    invitation_links,
    invitation_resources,
    invitations,
)
from storage.tables.memberships import memberships
from storage.tables.operations import due_failures, heartbeats
from storage.tables.people import people, workspaces
from storage.tables.resources import (
    channel_links,
    resources,
    stale_keys,
    team_assignments,
    team_shares,
)

__all__ = [
    "IS_PENDING",
    "STATE_TABLES",
    "access_requests",
    "billing_details",
    "channel_links",
    "digest_items",
    "due_failures",
    "event_mentions",
    "events",
    "files",
    "heartbeats",
    "home_tabs",
    "installations",
    "invitation_links",
    "invitation_resources",
    "invitations",
    "invoices",
    "live_messages",
    "memberships",
    "message_threads",
    "metadata",
    "oauth_states",
    "outbox",
    "people",
    "processed_requests",
    "resources",
    "stale_keys",
    "succession_support",
    "successions",
    "team_assignments",
    "team_shares",
    "workspaces",
]

# The tables of current state, which replaying the events gives.
STATE_TABLES = (
    workspaces,
    people,
    resources,
    memberships,
    team_shares,
    team_assignments,
    invitations,
    invitation_resources,
    access_requests,
    successions,
    succession_support,
    stale_keys,
    billing_details,
    invoices,
    channel_links,
)
