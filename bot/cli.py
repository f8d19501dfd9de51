"""The command line: reads the settings, has the house composed, runs it, and says in one line what went wrong."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import click

from bot.settings import Settings, Stopped

# What one command alone needs is imported by it: `--help` answers at once, `run` loads only what it uses.
# ruff: noqa: PLC0415


class Commands(click.Group):
    """Commands that end with one line, never a trace, when they cannot go on."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except Stopped as stopped:
            click.echo(f"collab: {stopped}", err=True)
            ctx.exit(stopped.code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="collab", message="Collab %(version)s")
def main() -> None:
    """Collab, the Slack app for who works on what.

    Settings come from the environment and from .env in the working folder; see .env.example.
    """


@main.command()
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Where the playground listens; 0: a free port.")
@click.option("--browser/--no-browser", default=True, help="Open the playground in a browser.")
def demo(port: int, browser: bool) -> None:
    """Try Collab on this machine, with a Slack workspace of its own and no settings."""
    from bot.demo import run_demo

    run_demo(port, browser=browser)


@main.command()
def run() -> None:
    """Run the app: in Socket Mode when SLACK_APP_TOKEN is set, else by HTTP on COLLAB_LISTEN."""
    settings = _settings()
    gc.disable()  # what is imported stays; looking through it again and again takes a sixth of the start
    from bot import running

    gc.freeze()
    gc.enable()
    running.log_to_stderr()
    (running.run_socket if settings.socket_mode else running.run_http)(settings)


@main.command()
def check() -> None:
    """Look whether everything that Collab needs is in place, and say what to do."""
    settings = _settings()
    from bot.checks import checks

    failed = False
    for fine, line in checks(settings):
        click.echo(f"{'✓ ok  ' if fine else '✗ fix '} {line}")
        failed = failed or not fine
    if failed:
        raise click.exceptions.Exit(1)


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database's schema up to this version's."""
    from bot.compose import open_database

    database = open_database(_database_url(), upgrade=True)
    click.echo(f"The schema of {database.place} is up to date.")
    database.close()


@main.group()
def events() -> None:
    """Read the record."""


@events.command()
@click.option("--workspace", help="The workspace's Slack id; needed when there are several.")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option(
    "--output", type=click.File("w", encoding="utf-8", lazy=False), default="-", help="A file; else the screen."
)
def export(workspace: str | None, form: str, output: Any) -> None:
    """Write all events of a workspace, oldest first."""
    from bot.compose import using
    from bot.export import chosen, write_events

    with using(_database_url()) as database:
        recorded = database.journal.export(chosen(database.journal.workspaces(), workspace))
        write_events(recorded, form, output)


@main.group()
def deliveries() -> None:
    """See what could not be delivered, and send it again."""


@deliveries.command("list")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1, 10_000))
def list_failed(most: int) -> None:
    """List what was given up, newest first."""
    from bot.compose import using
    from bot.export import print_deliveries

    with using(_database_url()) as database:
        print_deliveries(database.outbox.failed(most))


@deliveries.command()
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="Send again everything that was given up.")
def retry(ids: tuple[int, ...], everything: bool) -> None:
    """Send again what was given up, by the ids that `deliveries list` shows."""
    if bool(ids) == everything:
        raise click.UsageError("Name deliveries by their ids, or say --all.")
    from bot.compose import using

    with using(_database_url()) as database:
        wanted = ids or tuple(delivery.id for delivery in database.outbox.failed(1_000_000))
        unknown = [str(row) for row in wanted if not database.outbox.retry(row)]
    click.echo(f"{len(wanted) - len(unknown)} will be sent again.")
    if unknown:
        raise Stopped(f"Not given up, so not sent again: {', '.join(unknown)}")


def _settings() -> Settings:
    from bot.settings import read

    return read(os.environ, Path.cwd())


def _database_url() -> str:
    from bot.settings import database_url, gathered

    return database_url(gathered(os.environ, Path.cwd()))
