"""From the start of the program to its ready line, against the imports that it cannot do without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from bot.playground.server import Playground
from tests.bench.measure import Row, at_most, ms, timed
from tests.bench.place import Place
from tests.bench.program import RUN, environment, free_port, running

IMPORTS = "import slack_bolt, sqlalchemy"


def measure(place: Place, rounds: int = 5) -> Iterator[Row]:
    """Both ways in, on a SQLite file that has its schema."""
    with Playground() as slack:
        by_socket = environment(slack, place.database("SQLite"), None)
        by_http = environment(slack, place.database("SQLite"), free_port())
        turns = [
            (
                started(by_socket, place.folder),
                started(by_http, place.folder),
                timed(imported),
            )
            for _ in range(rounds + 1)
        ]
    # The first turn reads the files from the disk.
    socket, http, plain = (median(taken) for taken in zip(*turns[1:], strict=True))
    for way, seconds in (("Socket Mode", socket), ("HTTP", http)):
        figures = f"{ms(seconds)} against {ms(plain)}"
        yield at_most(
            f"`collab run` to its ready line, {way}",
            f"`{IMPORTS}`",
            seconds / plain,
            1.5,
            figures,
        )


def started(env: dict[str, str], folder: Path) -> float:
    """The seconds from its start until the program is ready."""
    start = perf_counter()
    with running(RUN, env, folder):
        return perf_counter() - start


def imported() -> None:
    """Start an interpreter that does the imports alone."""
    subprocess.run((sys.executable, "-c", IMPORTS), check=True)
