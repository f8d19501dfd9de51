"""`collab files`: move invoices' PDFs from a folder into the database."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bot import config
from bot.config import FatalError


@click.group()
def files() -> None:
    """Look after the PDFs of invoices."""


@files.command()
@click.argument(
    "folder", type=click.Path(path_type=Path), default=config.DEFAULT_FILES_FOLDER
)
@click.option(
    "--delete",
    "deletes",
    is_flag=True,
    help="Delete each file from the folder once the database has it.",
)
def migrate(folder: Path, *, deletes: bool) -> None:
    """Copy the invoices' PDFs from FOLDER into the database.

    Do this before setting COLLAB_FILES=database. If it's interrupted, run it again: it
    goes on where it was. A file whose content doesn't match its name is left out.
    """
    # Imported here because `--help` answers at once.
    from bot.bootstrap import use_database  # noqa: PLC0415
    from bot.operator_messages import describe_file_problem  # noqa: PLC0415
    from collab.file_store import FileStoreError  # noqa: PLC0415

    url = config.read_database_url(os.environ, Path.cwd())
    with use_database(url) as database:
        try:
            result = database.copy_files(folder, deletes=deletes)
        except FileStoreError as error:
            raise FatalError(describe_file_problem(error, folder)) from None
        missing = database.files.count_missing()
    click.echo(
        f"{result.copied} copied, {result.present} already there,"
        f" {result.deleted} deleted from {folder}."
    )
    for path, reason in result.unusable:
        click.echo(f"Left out ({reason}): {path}", err=True)
    if missing:
        noun = "invoice has" if missing == 1 else "invoices have"
        raise FatalError(f"{missing} {noun} no PDF in the database yet")
    click.echo("Every invoice has its PDF in the database.")
