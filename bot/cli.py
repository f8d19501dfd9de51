"""`collab`: the command line, which prints a failure as one line.

Each command imports what it needs itself: `--help` answers at once, and `run` loads only what it uses.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import config
from bot.cli_backups import backup, restore, verify
from bot.cli_files import files
from bot.cli_workspaces import resource, secrets, workspace
from bot.config import Config, FatalError

if TYPE_CHECKING:
    from bot.doctor import CheckResult

# What Collab writes, only the user that it runs as may read.
PRIVATE_UMASK, PRIVATE_MODE = 0o077, 0o600
GC_THRESHOLD = 10_000
MAX_RETRIED = 1_000_000  # deliveries in one `deliveries retry --all`
RESULT_MARKS = {True: "✓ ok  ", False: "✗ fix ", None: "! note"}
TEMPORARY_FAILURE_EXIT_CODE = 75  # EX_TEMPFAIL of sysexits.h
WORKSPACE_HELP = "The workspace's Slack ID; required if there are several."


class CommandGroup(click.Group):
    """A group of commands that prints a FatalError as one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except FatalError as error:
            click.echo(f"collab: {error}", err=True)
            ctx.exit(error.code)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="collab", message="Collab %(version)s")
def main() -> None:
    """Manage who works on what, in Slack.

    Settings come from the environment and from .env in the current folder; see .env.example.
    """
    os.umask(PRIVATE_UMASK)


@main.command()
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="The playground's port; 0 picks a free one.",
)
@click.option(
    "--browser/--no-browser", default=True, help="Open the playground in a browser."
)
@click.option(
    "--seed/--no-seed",
    default=True,
    help="Start with a company and its people, or empty.",
)
@click.option(
    "--workspaces",
    default=1,
    type=click.IntRange(1, 2),
    help="2: two empty workspaces, in which you install Collab.",
)
@click.option(
    "--organisation",
    is_flag=True,
    help="Two empty workspaces of one organisation.",
)
def demo(
    port: int, browser: bool, seed: bool, workspaces: int, organisation: bool
) -> None:
    """Try Collab on this machine, with a simulated Slack workspace and no settings."""
    from bot.demo import run_demo, run_installable_demo

    if organisation or workspaces > 1:
        run_installable_demo(port, browser=browser, is_organisation=organisation)
        return
    run_demo(port, browser=browser, seeded=seed)


@main.command()
def run() -> None:
    """Run the app: in Socket Mode if SLACK_APP_TOKEN is set, otherwise over HTTP.

    HTTP listens on COLLAB_LISTEN.
    """
    settings = _read_config()
    # Imported modules stay: collecting garbage among them takes a sixth of the start.
    gc.disable()
    from bot import server
    from bot.logs import log_to_stderr

    gc.freeze()
    # An answer makes some thousand objects and leaves none behind.
    gc.set_threshold(GC_THRESHOLD)
    gc.enable()
    log_to_stderr(settings.log_form)
    if settings.is_socket_mode:
        server.run_socket_mode(settings)
    else:
        server.run_http(settings)


@main.group(invoke_without_command=True)
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check everything Collab needs, and say how to fix it."""
    if ctx.invoked_subcommand is None:
        from bot.doctor import run_checks

        _print_results(run_checks(_read_config()))


@check.command("mail")
@click.argument("address")
def check_mail(address: str) -> None:
    """Send a test email to ADDRESS, and say what the mail server can do."""
    from bot.mail_check import run_mail_check

    _print_results(run_mail_check(_read_config(), address))


@main.group()
def db() -> None:
    """Manage the database."""


@db.command()
def upgrade() -> None:
    """Upgrade the database schema to this version."""
    from bot.bootstrap import open_database

    database = open_database(_read_database_url(), upgrade=True)
    click.echo(f"The schema of {database.masked_url} is up to date.")
    database.close()


@main.group()
def events() -> None:
    """Read the event log."""


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
    help="The file to write; the default is the screen.",
)
def export(workspace: str | None, form: str, output: Any) -> None:
    """Export all events of a workspace, oldest first."""
    from bot.bootstrap import use_database
    from bot.event_export import write_events
    from bot.workspace_choice import choose_workspace

    if Path(output.name).is_file():
        # A file that existed before may be readable by others.
        os.fchmod(output.fileno(), PRIVATE_MODE)
    with use_database(_read_database_url()) as database:
        known_ids = database.event_log.list_workspaces()
        recorded = database.event_log.export_events(
            choose_workspace(known_ids, workspace)
        )
        write_events(recorded, form, output)


@main.group()
def deliveries() -> None:
    """List failed messages and send them again."""


@deliveries.command("list")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1, 10_000))
def list_failed(most: int) -> None:
    """List messages that couldn't be delivered, newest first."""
    from bot.bootstrap import use_database
    from bot.event_export import print_deliveries

    with use_database(_read_database_url()) as database:
        print_deliveries(database.outbox.list_failed(most))


@deliveries.command()
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="Retry every failed message.")
def retry(ids: tuple[int, ...], everything: bool) -> None:
    """Retry failed messages by the IDs from `deliveries list`."""
    if bool(ids) == everything:
        raise click.UsageError("Give the IDs of the messages, or --all.")
    from bot.bootstrap import use_database

    with use_database(_read_database_url()) as database:
        outbox = database.outbox
        if everything:
            ids = tuple(each.id for each in outbox.list_failed(MAX_RETRIED))
        unknown_ids = [each for each in ids if not outbox.retry_failed(each)]
    click.echo(f"{len(ids) - len(unknown_ids)} will be sent again.")
    if unknown_ids:
        shown = ", ".join(map(str, unknown_ids))
        raise FatalError(f"There are no failed messages with these IDs: {shown}")


@main.group()
def mail() -> None:
    """Look after the emails to people outside Slack."""


@mail.command()
@click.option(
    "--recipient",
    default="",
    metavar="ADDRESS",
    help="The address that the mail came to, where the mail server passes it on.",
)
def receive(recipient: str) -> None:
    """Read one mail from standard input: a bounce, a delay or a complaint.

    For a pipe of the mail server that gets what is sent to COLLAB_BOUNCE_ADDRESS. Mails
    that report nothing are ignored. Exits with 75 while the database can't be used, so
    that the mail server tries again.
    """
    from bot import bootstrap
    from bot.bounce_addresses import get_bounce_addresses
    from bot.mail_operations import MailReceiver
    from bot.mail_reports import MAX_REPORT_BYTES

    content = sys.stdin.buffer.read(MAX_REPORT_BYTES)
    try:
        address, secrets = config.read_bounce_settings(os.environ, Path.cwd())
        addresses = get_bounce_addresses(address, secrets)
        with bootstrap.use_database(_read_database_url()) as database:
            receiver = MailReceiver(
                bootstrap.build_command_bus(database),
                addresses,
                database.outbox.find_delivery,
                bootstrap.utc_now,
            )
            is_recorded = receiver.receive(content, recipient)
    except FatalError as error:
        raise FatalError(str(error), TEMPORARY_FAILURE_EXIT_CODE) from None
    click.echo("recorded" if is_recorded else "ignored")


@mail.command()
@click.option("--remove", metavar="ADDRESS", help="Let this address get emails again.")
@click.option("--workspace", help=WORKSPACE_HELP)
def suppressed(remove: str | None, workspace: str | None) -> None:
    """List the addresses that get no more emails, with the reason and a tab between."""
    from bot import bootstrap
    from bot.mail_operations import StoppedAddresses
    from bot.workspace_choice import choose_workspace

    with bootstrap.use_database(_read_database_url()) as database:
        addresses = StoppedAddresses(
            bootstrap.build_command_bus(database),
            choose_workspace(database.event_log.list_workspaces(), workspace),
            bootstrap.utc_now,
        )
        if remove is None:
            for line in addresses.list_lines():
                click.echo(line)
        else:
            addresses.allow(remove)
            click.echo(f"{remove} gets emails again")


def _validate_day(_ctx: click.Context, _option: click.Parameter, typed: str) -> str:
    """Return a date as it was typed; raises click.BadParameter if it is none."""
    from bot.invoice_import import RowError, parse_day

    try:
        parse_day(typed)
    except RowError as error:
        raise click.BadParameter(str(error)) from None
    return typed


@main.group()
def invoices() -> None:
    """Add invoices to payment methods."""


@invoices.command("add")
@click.argument("method")
@click.option(
    "--number",
    required=True,
    help="The invoice number; unique for each payment method.",
)
@click.option(
    "--date", "day", required=True, callback=_validate_day, help="Such as 2026-10-31."
)
@click.option(
    "--amount", required=True, help="Such as 119.00, with the currency's decimals."
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
    """Add one invoice to a payment method.

    METHOD is the payment method's short name or ID, FILE the invoice as a PDF.
    """
    from bot.bootstrap import use_invoice_importer
    from bot.invoice_import import InvoiceRow, import_one_invoice

    row = InvoiceRow(
        row_number=1,
        method=method,
        number=number,
        day=day,
        amount=amount,
        currency=currency,
        file=file,
    )
    files_folder = config.read_files_folder(os.environ, Path.cwd())
    with use_invoice_importer(
        _read_database_url(), files_folder, workspace
    ) as importer:
        added = import_one_invoice(importer, row)
    click.echo(
        f"Added invoice {added.number} of {added.day} for {added.amount} {added.currency}."
    )


@invoices.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--workspace", help=WORKSPACE_HELP)
def import_invoices(file: Path, workspace: str | None) -> None:
    """Add all invoices from a CSV file, or none of them.

    The first row is method,number,date,amount,currency,file; paths are relative to the folder of FILE.
    """
    from bot.bootstrap import use_invoice_importer
    from bot.invoice_import import import_all_invoices, read_rows

    rows = read_rows(file)
    files_folder = config.read_files_folder(os.environ, Path.cwd())
    with use_invoice_importer(
        _read_database_url(), files_folder, workspace
    ) as importer:
        count = import_all_invoices(importer, rows)
    click.echo(f"Added {count} {'invoice' if count == 1 else 'invoices'}.")


@main.group()
def people() -> None:
    """Manage what is stored about people."""


@people.command()
@click.argument("person")
@click.option("--workspace", help=WORKSPACE_HELP)
@click.option("--yes", "is_confirmed", is_flag=True, help="Don't ask.")
def erase(person: str, workspace: str | None, is_confirmed: bool) -> None:
    """Erase the names and addresses of a person, everywhere and for good.

    PERSON is their Slack ID, their ID in the event log, or an email address, which erases everybody who has it.
    Everything they have ends; the event log keeps their ID. Backups stay as they are.
    """
    from bot.bootstrap import build_command_bus, use_database, utc_now
    from bot.people_admin import PeopleAdmin
    from bot.workspace_choice import choose_workspace

    if not is_confirmed:
        click.confirm(f"Erase {person}? This can't be undone.", abort=True)
    with use_database(_read_database_url()) as database:
        workspace_id = choose_workspace(database.event_log.list_workspaces(), workspace)
        bus = build_command_bus(database)
        PeopleAdmin(bus, workspace_id, utc_now).erase(person)
        database.remove_remains()
    click.echo("Erased. Earlier backups still have the data: see docs/operations.md.")


for group in (files, workspace, resource, secrets, backup, restore, verify):
    main.add_command(group)


def _print_results(results: Iterable[CheckResult]) -> None:
    """Print each result; exit with 1 if one has failed."""
    has_failed = False
    for is_ok, line in results:
        click.echo(f"{RESULT_MARKS[is_ok]} {line}")
        has_failed = has_failed or is_ok is False
    if has_failed:
        raise click.exceptions.Exit(1)


def _read_config() -> Config:
    return config.read_config(os.environ, Path.cwd())


def _read_database_url() -> str:
    return config.read_database_url(os.environ, Path.cwd())
