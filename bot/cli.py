"""The command line: reads the settings, has the house composed, runs it, and says in one line what went wrong."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot.config import (
    Config,
    FatalError,
    collect_settings,
    read_database_url,
    read_files_folder,
)
from bot.invoice_import import InvoiceImporter

# What one command alone needs is imported by it: `--help` answers at once, `run` loads only what it uses.
# ruff: noqa: PLC0415

PRIVATE_UMASK, PRIVATE_MODE = (
    0o077,
    0o600,
)  # what Collab writes is for the user alone that it runs as
RESULT_MARKS = {True: "✓ ok  ", False: "✗ fix ", None: "! note"}
WORKSPACE_HELP = "The workspace's Slack id; needed when there are several."


class CommandGroup(click.Group):
    """Commands that end with one line, never a trace, when they cannot go on."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except FatalError as stopped:
            click.echo(f"collab: {stopped}", err=True)
            ctx.exit(stopped.code)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="collab", message="Collab %(version)s")
def main() -> None:
    """Collab, the Slack app for who works on what.

    Settings come from the environment and from .env in the working folder; see .env.example.
    """
    os.umask(PRIVATE_UMASK)


@main.command()
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="Where the playground listens; 0: a free port.",
)
@click.option(
    "--browser/--no-browser", default=True, help="Open the playground in a browser."
)
@click.option(
    "--seed/--no-seed",
    default=True,
    help="Begin with a company; else Collab has met nobody.",
)
def demo(port: int, browser: bool, seed: bool) -> None:
    """Try Collab on this machine, with a Slack workspace of its own and no settings."""
    from bot.demo import run_demo

    run_demo(port, browser=browser, seeded=seed)


@main.command()
def run() -> None:
    """Run the app: in Socket Mode when SLACK_APP_TOKEN is set, else by HTTP on COLLAB_LISTEN."""
    settings = _load_settings()
    gc.disable()  # what is imported stays; looking through it again and again takes a sixth of the start
    from bot import server

    gc.freeze()
    gc.set_threshold(
        10_000
    )  # an answer makes some thousand objects, and leaves none behind
    gc.enable()
    server.log_to_stderr()
    (server.run_socket_mode if settings.is_socket_mode else server.run_http)(settings)


@main.command()
def check() -> None:
    """Look whether everything that Collab needs is in place, and say what to do."""
    settings = _load_settings()
    from bot.doctor import run_checks

    failed = False
    for fine, line in run_checks(settings):
        click.echo(f"{RESULT_MARKS[fine]} {line}")
        failed = failed or fine is False
    if failed:
        raise click.exceptions.Exit(1)


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database's schema up to this version's."""
    from bot.bootstrap import open_database

    database = open_database(_load_database_url(), upgrade=True)
    click.echo(f"The schema of {database.masked_url} is up to date.")
    database.close()


@main.group()
def events() -> None:
    """Read the record."""


@events.command()
@click.option("--workspace", help=WORKSPACE_HELP)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
)
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=False),
    default="-",
    help="A file; else the screen.",
)
def export(workspace: str | None, form: str, output: Any) -> None:
    """Write all events of a workspace, oldest first."""
    from bot.audit_export import choose_workspace, write_events
    from bot.bootstrap import use_database

    if Path(output.name).is_file():
        os.fchmod(
            output.fileno(), PRIVATE_MODE
        )  # it may have been there before, for others to read
    with use_database(_load_database_url()) as database:
        recorded = database.event_log.export_events(
            choose_workspace(database.event_log.list_workspaces(), workspace)
        )
        write_events(recorded, form, output)


@main.group()
def deliveries() -> None:
    """See what could not be delivered, and send it again."""


@deliveries.command("list")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1, 10_000))
def list_failed(most: int) -> None:
    """List what was given up, newest first."""
    from bot.audit_export import print_deliveries
    from bot.bootstrap import use_database

    with use_database(_load_database_url()) as database:
        print_deliveries(database.outbox.list_failed(most))


@deliveries.command()
@click.argument("ids", nargs=-1, type=int)
@click.option(
    "--all", "everything", is_flag=True, help="Send again everything that was given up."
)
def retry(ids: tuple[int, ...], everything: bool) -> None:
    """Send again what was given up, by the ids that `deliveries list` shows."""
    if bool(ids) == everything:
        raise click.UsageError("Name deliveries by their ids, or say --all.")
    from bot.bootstrap import use_database

    with use_database(_load_database_url()) as database:
        wanted = ids or tuple(
            delivery.id for delivery in database.outbox.list_failed(1_000_000)
        )
        unknown = [str(row) for row in wanted if not database.outbox.retry_failed(row)]
    click.echo(f"{len(wanted) - len(unknown)} will be sent again.")
    if unknown:
        raise FatalError(f"Not given up, so not sent again: {', '.join(unknown)}")


def _validate_day(_ctx: click.Context, _option: click.Parameter, typed: str) -> str:
    """A date as it was typed, once it is seen to be one."""
    from bot.invoice_import import RowError, parse_day

    try:
        parse_day(typed)
    except RowError as wrong:
        raise click.BadParameter(str(wrong)) from None
    return typed


@main.group()
def invoices() -> None:
    """Put invoices into the archives of payment methods."""


@invoices.command("add")
@click.argument("method")
@click.option(
    "--number",
    required=True,
    help="The invoice's number; it stands once in an archive.",
)
@click.option(
    "--date", "day", required=True, callback=_validate_day, help="Such as 2026-10-31."
)
@click.option(
    "--amount", required=True, help="Such as 119.00, with the currency's own digits."
)
@click.option("--currency", required=True, help="Three letters, such as EUR.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--workspace", help=WORKSPACE_HELP)
def add_invoice(
    method: str,
    number: str,
    day: str,
    amount: str,
    currency: str,
    file: Path,
    workspace: str | None,
) -> None:
    """Add one invoice to an archive.

    METHOD is the payment method's short name or id, FILE the invoice as a PDF.
    """
    from bot.invoice_import import InvoiceRow, import_one_invoice

    with _invoice_importer(workspace) as clerk:
        added = import_one_invoice(
            clerk, InvoiceRow(1, method, number, day, amount, currency, file)
        )
    click.echo(
        f"Invoice {added.number} of {added.day} over {added.amount} {added.currency} was added."
    )


@invoices.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--workspace", help=WORKSPACE_HELP)
def import_invoices(file: Path, workspace: str | None) -> None:
    """Add all invoices of a CSV file, or none.

    The first row is method,number,date,amount,currency,file; the paths of the PDFs start in the folder of FILE.
    """
    from bot.invoice_import import import_all_invoices, read_rows

    rows = read_rows(file)
    with _invoice_importer(workspace) as clerk:
        added = import_all_invoices(clerk, rows)
    click.echo(f"{added} {'invoice was' if added == 1 else 'invoices were'} added.")


@contextmanager
def _invoice_importer(workspace: str | None) -> Iterator[InvoiceImporter]:
    """Who adds invoices to a workspace, for one command."""
    from bot.audit_export import choose_workspace
    from bot.bootstrap import new_id, use_database, utc_now
    from bot.i18n import ENGLISH
    from bot.invoice_import import InvoiceImporter
    from bot.rendering import renderer_for_language
    from collab.bus import Bus
    from storage.files import PdfFolder

    given = collect_settings(os.environ, Path.cwd())
    with use_database(read_database_url(given)) as database:
        found = choose_workspace(database.event_log.list_workspaces(), workspace)
        yield InvoiceImporter(
            Bus(database.unit_of_work_factory, new_id),
            PdfFolder(read_files_folder(given)),
            renderer_for_language(ENGLISH),
            found,
            utc_now,
        )


def _load_settings() -> Config:
    from bot.config import read_config

    return read_config(os.environ, Path.cwd())


def _load_database_url() -> str:
    return read_database_url(collect_settings(os.environ, Path.cwd()))
