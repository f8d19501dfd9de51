"""The HTTP endpoint of the real program under mutated requests and slow senders: `python -m tests.fuzz [SQLite]`.

Every request follows from the seed and its number. Exit code 1 when something was answered with 5xx or not at all,
when a defect was logged, when the event log does not replay, when memory grows, or when slow senders hold anybody up.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import click

from bot.playground.server import Playground
from storage.database import Database
from tests.bench.company import found
from tests.bench.http_load import people, wait_answering
from tests.bench.place import KINDS, Place, place
from tests.bench.program import PATIENCE, RUN, environment, free_port, running
from tests.fuzz.memory import resident_bytes
from tests.fuzz.mutations import request
from tests.fuzz.recording import record
from tests.fuzz.senders import compare
from tests.fuzz.sending import Outcome, send

WARM = 0.1  # as many requests again go to a new program, before memory is compared
GROWTH = 64 * 1024**2  # bytes that the old program may hold more than the new one
EXPECTED = "SlackCallFailed"  # Slack refuses what was mutated
CRASH = re.compile(r"Traceback|panicked|MemoryError")


@click.command()
@click.argument("kinds", nargs=-1, type=click.Choice(KINDS))
@click.option(
    "--requests", default=20_000, help="How many mutated requests each database gets."
)
@click.option(
    "--seed",
    type=int,
    help="What the requests follow from; another one each time unless given.",
)
@click.option(
    "--senders/--no-senders",
    default=True,
    help="Whether slow and idle senders are tried as well.",
)
def main(
    kinds: tuple[str, ...], requests: int, seed: int | None, senders: bool
) -> None:
    """Send mutated requests to the real program, and let slow senders try to hold it up."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    wrong: list[str] = []
    with place() as here:
        for kind in kinds or here.kinds():
            for line in fuzzed(here, kind, requests, seed, senders=senders):
                wrong += [line] if line.startswith("WRONG") else []
                click.echo(f"{kind}: {line}")
    sys.exit(bool(wrong))


def fuzzed(
    here: Place, kind: str, requests: int, seed: int, *, senders: bool
) -> Iterator[str]:
    """One database; what was found, line by line."""
    yield f"seed {seed}"
    url = here.seeded(kind, found)
    with Playground() as slack:
        people(slack, 100)
        port = free_port()
        env = environment(
            slack,
            url,
            port,
            COLLAB_QUIET_HOURS="off",
            COLLAB_DAILY_INVITATIONS="100000",
        )
        (here.folder / "program.log").write_text("")
        with running(RUN, env, here.folder) as program:
            wait_answering(port)
            if senders:
                yield from compare(port, slack.signing_secret)
            slack.ack_timeout_seconds = PATIENCE
            slack.request_url = f"http://127.0.0.1:{port}/slack/events"
            make = partial(request, record(slack), slack.signing_secret, seed)
            yield from report_outcome(send(port, range(requests), make))
            old = resident_bytes(program.pid)
        # The company has grown, and a request takes memory by its size: what a new
        # program needs for the same company is no leak.
        with running(RUN, env, here.folder) as program:
            wait_answering(port)
            few = range(requests, requests + int(requests * WARM))
            yield from report_outcome(send(port, few, make))
            yield memory(resident_bytes(program.pid), old)
    yield from logged(here.folder / "program.log")
    yield replays(url)


def report_outcome(outcome: Outcome) -> Iterator[str]:
    """Report how the requests were answered."""
    many = sum(outcome.statuses.values())
    statuses = ", ".join(
        f"{status}: {count}" for status, count in sorted(outcome.statuses.items())
    )
    yield f"{many} answered, {many / outcome.seconds:.0f}/s, slowest {outcome.slowest:.2f} s ({statuses})"
    for failure in outcome.failures:
        yield f"WRONG {failure}"


def memory(new: int, old: int) -> str:
    """How much memory the old program holds beside a new one with the same company."""
    line = f"memory of the largest process {old / 1024**2:.0f} MB, of a new one {new / 1024**2:.0f} MB"
    return f"WRONG {line}" if old > new + GROWTH else line


def logged(path: Path) -> Iterator[str]:
    """What the program said: defects by where they arose, and whether anything ended with a trace of its own."""
    log = path.read_text(errors="replace")
    for (what, line), count in Counter(_defects(log)).most_common(20):
        wrong = "" if what.endswith(EXPECTED) else "WRONG "
        yield f"{wrong}defect × {count}: {what}, {line}"
    if found := CRASH.search(log):
        yield f"WRONG the log has {found.group()}: {log[found.start() : found.start() + 1500]}"


def list_defects(messages: Iterable[str]) -> list[str]:
    """The logged defects other than calls that Slack refused."""
    return [
        message
        for message in messages
        if " failed with " in message and f" failed with {EXPECTED}" not in message
    ]


def _defects(log: str) -> Iterator[tuple[str, str]]:
    """Each defect in the log, and the last of our own lines that it passed."""
    for entry in re.split(r"^(?=\d{4}-\d\d-\d\d )", log, flags=re.MULTILINE):
        if found := re.search(r" E[0-9A-F]{8}: (.+) failed with (\w+)", entry):
            ours = re.findall(
                r'File "[^"]*/((?:bot|collab|storage)/[^"]*)", line (\d+)', entry
            )
            what = re.sub(r"delivery \d+", "delivery", " ".join(found.groups()))
            yield what, ":".join(ours[-1]) if ours else "nowhere of ours"


def replays(url: str) -> str:
    """Return whether the event log gives the tables."""
    from storage.replay import read_state  # noqa: PLC0415
    from tests.support.replay import read_log, replay_events  # noqa: PLC0415 - with the tables of this database alone

    with closing(Database.open(url)) as database:
        with database.engine.begin() as connection:
            now = read_state(connection)
        same = now == replay_events(read_log(database))
        events = sum(
            1
            for workspace in database.event_log.list_workspaces()
            for _ in database.event_log.export_events(workspace)
        )
    return (
        f"{events} events replay to the same tables"
        if same
        else "WRONG the events do not replay to the tables"
    )


if __name__ == "__main__":
    main()
