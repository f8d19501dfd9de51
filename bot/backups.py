"""`collab backup`, `collab restore` and `collab verify`."""

# ruff: noqa: PLC0415 - imported in the commands because `--help` answers at once

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from bot import config
from bot.config import FatalError


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a backup of everything to FILE, while Collab runs.

    It has the database and the PDFs of invoices. Tokens in it are encrypted: keep COLLAB_SECRET in another place.
    """
    from bot import bootstrap

    if file.exists():
        raise FatalError(f"{file} exists: choose another name")
    with bootstrap.use_database(_read_database_url()) as database:
        counts = bootstrap.write_backup(database, _read_files_folder(), file)
    _print_counts(counts, f"in {file}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Load a backup into an empty database, and check it.

    Every part is compared with its hash first, and afterwards all events are replayed and compared with the tables.
    """
    from bot import bootstrap

    with closing(bootstrap.open_database_for_restore(_read_database_url())) as database:
        bootstrap.restore_backup(database, _read_files_folder(), file)
        _print_counts(bootstrap.verify_database(database), "in order")


@click.command()
def verify() -> None:
    """Replay all events and compare them with the tables, while Collab runs."""
    from bot import bootstrap

    with bootstrap.use_database(_read_database_url()) as database:
        _print_counts(bootstrap.verify_database(database), "in order")


def _print_counts(counts: Mapping[Any, int], words: str) -> None:
    for workspace_id, count in sorted(counts.items()):
        click.echo(f"{workspace_id}: {count} events")
    is_one = len(counts) == 1
    subject = "1 workspace is" if is_one else f"{len(counts)} workspaces are"
    click.echo(f"{subject} {words}.")


def _read_database_url() -> str:
    return config.read_database_url(os.environ, Path.cwd())


def _read_files_folder() -> Path | None:
    return config.read_files_folder(os.environ, Path.cwd())
