"""What all tables share: their metadata, and columns that most of them have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, MetaData, String, text

IS_PENDING = text("state = 'pending'")

metadata = MetaData()


def id_column(name: str, **options: Any) -> Column[str]:
    return Column(name, String(64), **options)


def workspace_column(**options: Any) -> Column[str]:
    return Column(
        "workspace", String(64), ForeignKey("workspaces.id"), nullable=False, **options
    )


def foreign_key(column: str, table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["workspace", column], [f"{table}.workspace", f"{table}.id"]
    )
