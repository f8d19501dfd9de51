"""The measures, as one table: `python -m tests.bench [sweep decisions …]`, all of them when none is named.

All is measured in turn within one run and reported as ratios of medians, so that a busy machine strikes both sides
alike. Nothing is asserted.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import click
from rich.console import Console
from rich.table import Table

from tests.bench import (
    crowd,
    decisions,
    dispatch,
    files,
    http_load,
    lists,
    rendering,
    start,
    sweep,
    transaction,
    workspaces,
)
from tests.bench.measure import Row
from tests.bench.place import Place, place

MEASURES: dict[str, Callable[[Place], Iterator[Row]]] = {
    "dispatch": dispatch.measure,
    "transaction": transaction.measure,
    "command": dispatch.measure_command,
    "files": files.measure,
    "http": http_load.measure,
    "sweep": sweep.measure,
    "rendering": rendering.measure,
    "decisions": decisions.measure,
    "lists": lists.measure,
    "crowd": crowd.measure,
    "start": start.measure,
    "workspaces": workspaces.measure,
}
STYLES = {"met": "green", "not met": "red"}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(MEASURES)))
def main(names: tuple[str, ...]) -> None:
    """Measure all, or what is named."""
    # What was started is stopped then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    before = os.getloadavg()[0]
    with place() as here:
        rows = [row for name in names or MEASURES for row in measured(here, name)]
    console = Console(width=None if sys.stdout.isatty() else 190)
    console.print(table(rows))
    console.print(
        f"{os.cpu_count()} cores; the load was {before:.1f} before and is {os.getloadavg()[0]:.1f} now"
    )


def measured(here: Place, name: str) -> list[Row]:
    """One measure; what it costs is said on the way."""
    start = time.monotonic()
    rows = list(MEASURES[name](here))
    click.echo(f"{name}: {time.monotonic() - start:.0f} s", err=True)
    return rows


def table(rows: Iterable[Row]) -> Table:
    """All rows with their aims."""
    shown = Table(
        "what",
        "found",
        "beside",
        "aim",
        "outcome",
        title="Measures",
        title_justify="left",
    )
    for row in rows:
        outcome = (
            f"[{STYLES[row.verdict]}]{row.verdict}[/]"
            if row.verdict in STYLES
            else row.verdict
        )
        shown.add_row(row.what, row.found, row.beside, row.aim, outcome)
    return shown


if __name__ == "__main__":
    main()
