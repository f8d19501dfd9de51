"""Installations of the app by OAuth: tokens, and visits to Slack's page.

They are no part of what the events say, so they are not on the workspace's row.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table, Text

from storage.tables.base import metadata, workspace_column
from storage.tables.column_types import UtcDateTime

installations = Table(
    "installations",
    metadata,
    workspace_column(primary_key=True),
    Column("bot_token", Text, nullable=False),  # encrypted
    Column("refresh_token", Text),  # encrypted; null unless tokens rotate
    Column("expires_at", UtcDateTime),
    Column("scopes", Text, nullable=False),
    Column("revoked_teams", Text, nullable=False, server_default=""),
    Column("installed_at", UtcDateTime, nullable=False),
    # Counts the refresh tokens, so that a process replaces only the one that it used.
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("refresh_until", Float, nullable=False, server_default="0"),
)

oauth_states = Table(
    "oauth_states",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
)
