"""Upgrade a database's schema with Alembic.

This is a module of its own because Alembic is slow to import and only an upgrade needs
it.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def run_migrations(connection: Connection, folder: Path, version: str = "head") -> None:
    """Run the migrations that the database behind the connection lacks, up to a version."""
    command.upgrade(build_migration_config(connection, folder), version)


def build_migration_config(connection: Connection | None, folder: Path) -> Config:
    """Return Alembic's configuration for the migrations in a folder."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    return config
