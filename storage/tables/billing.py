"""Billing details and invoices."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from storage.tables.base import foreign_key, id_column, metadata, workspace_column

billing_details = Table(
    "billing_details",
    metadata,
    workspace_column(),
    id_column("resource", nullable=False),
    Column("address", Text),
    Column("email", Text),
    Column("reference", Text),
    PrimaryKeyConstraint("workspace", "resource"),
    foreign_key("resource", "resources"),
)

invoices = Table(
    "invoices",
    metadata,
    workspace_column(),
    id_column("id", nullable=False),
    id_column("resource", nullable=False),
    Column("number", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("amount", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    id_column("file", nullable=False),
    Column("size", Integer, nullable=False),
    PrimaryKeyConstraint("workspace", "id"),
    foreign_key("resource", "resources"),
    Index("invoices_by_number", "workspace", "resource", "number", unique=True),
    Index("invoices_by_day", "workspace", "resource", "day", "id"),
)
