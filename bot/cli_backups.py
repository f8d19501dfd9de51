"""`collab backup`, `collab restore` and `collab verify`."""

# ruff: noqa: PLC0415 - imported in the commands because `--help` answers at once

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import config
from bot.config import FatalError

if TYPE_CHECKING:
    from collab.backups import Verification
    from collab.model import WorkspaceId


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a backup of everything to FILE, while Collab runs.

    It has the database and the PDFs of invoices. Tokens in it are encrypted: keep COLLAB_SECRET in another place.
    """
    from bot.bootstrap import use_database

    if file.exists():
        raise FatalError(f"{file} exists: choose another name")
    with use_database(_read_database_url()) as database, _explain_problems():
        counts = database.write_backup(_read_files_folder(), file)
    _print_counts(counts, f"in {file}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Load a backup into an empty database, and check it.

    Every part is compared with its hash first, and afterwards all events are replayed and compared with the tables.
    """
    from bot.bootstrap import open_database_for_restore

    with (
        _explain_problems(),
        closing(open_database_for_restore(_read_database_url())) as database,
    ):
        database.restore_backup(file, _read_files_folder())
        _report(database.verify())


@click.command()
def verify() -> None:
    """Replay all events and compare them with the tables, while Collab runs."""
    from bot.bootstrap import use_database

    with use_database(_read_database_url()) as database:
        _report(database.verify())


@contextmanager
def _explain_problems() -> Iterator[None]:
    """Turn what is wrong with a backup into a FatalError that says what to do."""
    from bot.operator_messages import describe_backup_problem, describe_unrestored_file
    from collab.backups import BackupUnusable
    from collab.file_store import FileStoreError

    try:
        yield
    except BackupUnusable as error:
        raise FatalError(describe_backup_problem(error.reason, error.detail)) from None
    except FileStoreError as error:
        raise FatalError(describe_unrestored_file(error.reason)) from None


def _report(verification: Verification) -> None:
    """Print how many events there are; raises FatalError if something is wrong."""
    from bot.operator_messages import describe_differences

    if not verification.is_fine:
        raise FatalError(describe_differences(verification))
    _print_counts(verification.counts, "in order")


def _print_counts(counts: Mapping[WorkspaceId, int], words: str) -> None:
    for workspace_id, count in sorted(counts.items()):
        click.echo(f"{workspace_id}: {count} events")
    is_one = len(counts) == 1
    subject = "1 workspace is" if is_one else f"{len(counts)} workspaces are"
    click.echo(f"{subject} {words}.")


def _read_database_url() -> str:
    return config.read_database_url(os.environ, Path.cwd())


def _read_files_folder() -> Path | None:
    return config.read_files_folder(os.environ, Path.cwd())
