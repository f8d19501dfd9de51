"""Commands over signed HTTP: the real server, with its courier at work, beside an empty Bolt app in the same.

Every invitation is for another person. While the one server is asked the other rests. What waits in the outbox is
carried meanwhile, so that the answers compete with the courier as they do in a busy hour.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection

from sqlalchemy import text

from bot.playground.seed_data import HOME_TEAM_ID
from bot.playground.server import Playground
from bot.playground.workspace import SlackAccount
from storage.database import Database
from tests.bench.apps import INVITE
from tests.bench.company import found
from tests.bench.crowd import LARGE, crowded
from tests.bench.http_client import Answers, Load, sent
from tests.bench.measure import Row, ms, without
from tests.bench.place import KINDS, Place, Seed
from tests.bench.program import PATIENCE, RUN, environment, free_port, resting, running

SLOWEST, P99 = 3.0, 0.1  # seconds
WARM = 64  # commands to each server before any is timed: the first of each worker read and compile the templates


@dataclass(frozen=True)
class Sizes:
    """Invitations for each number of connections, and then questions, in so many turns."""

    connections: tuple[tuple[int, int], ...] = ((1, 100), (16, 320), (64, 320))
    turns: int = 2
    questions: tuple[str, ...] = ()
    asked: int = 320

    @property
    def people(self) -> int:
        """How many are invited in all."""
        return WARM + self.turns * sum(many for _, many in self.connections)


@dataclass
class Both:
    """The answers of both servers at one number of connections."""

    ours: list[Answers] = field(default_factory=list)
    empty: list[Answers] = field(default_factory=list)
    kept: int = 0


QUESTIONS = (
    "members acme",
    "mine",
    "show acme",
    "events acme",
    "who acme view",
    "invitations sent",
)
CROWDED = Sizes(connections=((16, 320),), questions=QUESTIONS)


def measure(
    place: Place, sizes: Sizes = Sizes(), crowded_sizes: Sizes = CROWDED
) -> Iterator[Row]:
    """Both databases, one after the other, with hardly anybody in the company and with many."""
    here = place.kinds()
    for kind in KINDS:
        if kind in here:
            yield from measured(place, kind, sizes)
            yield from measured(
                place, kind, crowded_sizes, crowded(LARGE), ", 1,000 members"
            )
        else:
            yield without(
                kind,
                f"`/collab invite` over HTTP, {kind}",
                "an empty Bolt app there",
                "p99 < 100 ms at 16",
            )


def measured(
    place: Place, kind: str, sizes: Sizes, seed: Seed = found, crowd: str = ""
) -> Iterator[Row]:
    """One kind of database, with a person in the company."""
    url = place.seeded(kind, seed)
    workers = 1 if kind == "SQLite" else min(4, os.cpu_count() or 1)
    with Playground() as slack:
        people(slack, sizes.people + 1)
        ports = free_port(), free_port()
        env = environment(
            slack,
            url,
            ports[0],
            COLLAB_QUIET_HOURS="off",
            COLLAB_DAILY_INVITATIONS="100000",
        )
        empty = (
            sys.executable,
            "-m",
            "tests.bench.empty_server",
            str(ports[1]),
            str(workers),
        )
        with (
            running(RUN, env, place.folder) as ours,
            running(empty, env, place.folder) as beside,
        ):
            wait_answering(ports[1])
            taken = Asking(slack.signing_secret, ports, url)
            for which in range(len(ports)):
                taken.ask(which, 16, WARM)
            if kind != "SQLite":
                count_rows(url)
            for connections, many in sizes.connections:
                both = Both()
                for _ in range(sizes.turns):
                    with resting(ours):
                        both.empty.append(taken.ask(1, connections, many))
                    with resting(beside):
                        both.kept += taken.invite(both, connections, many)
                yield row(kind + crowd, connections, both)
            for line in sizes.questions:
                taken.ask(0, 16, WARM, line)
                answers = pooled(
                    [taken.ask(0, 16, sizes.asked, line) for _ in range(sizes.turns)]
                )
                yield answered(kind + crowd, line, answers)


class Asking:
    """Sends the loads, and counts what came of them."""

    def __init__(self, secret: str, ports: tuple[int, int], url: str) -> None:
        self._secret, self._ports, self._url = secret, ports, url
        self._next = 1

    def ask(
        self, which: int, connections: int, many: int, line: str = INVITE
    ) -> Answers:
        """One load for one of the two servers."""
        first, self._next = self._next, self._next + (many if which == 0 else 0)
        return sent(
            Load(self._ports[which], self._secret, line, connections, first, many)
        )

    def invite(self, both: Both, connections: int, many: int) -> int:
        """One load for ours; how many invitations it made."""
        before = invitations(self._url)
        both.ours.append(self.ask(0, connections, many))
        return invitations(self._url) - before


def count_rows(url: str) -> None:
    """What PostgreSQL does by itself within a minute of the first fifty rows: it plans as in a house that runs."""
    with closing(Database.open(url)) as database, database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def invitations(url: str) -> int:
    """How many invitations there are."""
    with closing(Database.open(url)) as database, database.engine.begin() as connection:
        return int(
            connection.execute(text("SELECT count(*) FROM invitations")).scalar_one()
        )


def row(kind: str, connections: int, both: Both) -> Row:
    """One line of the table."""
    ours, empty = pooled(both.ours), pooled(both.empty)
    slowest, p99 = max(ours.each), ours.within(0.99)
    refused = max(0, ours.statuses.get("200", 0) - both.kept)
    figures = f"{times(ours)}, slowest {ms(slowest)}"
    beside = f"empty Bolt app: {times(empty)}"
    wrong = (
        f"; {ours.failed} failed, {refused} refused" if ours.failed or refused else ""
    )
    aims = {
        16: ("p99 < 100 ms", p99 < P99),
        64: ("no answer over 3 s", slowest <= SLOWEST),
    }
    aim, met = aims.get(connections, ("", None))
    complete = not (ours.failed or refused or empty.failed)
    what = f"`/collab invite` over HTTP, {connections} connections, {kind}"
    return Row(
        what, beside, figures + wrong, aim, None if met is None else met and complete
    )


def answered(kind: str, line: str, answers: Answers) -> Row:
    """The same for a question, which nothing stands beside."""
    wrong = f"; {answers.failed} failed" if answers.failed else ""
    met = answers.within(0.99) < P99 and not answers.failed
    what = f"`/collab {line}` over HTTP, 16 connections, {kind}"
    return Row(what, "", times(answers) + wrong, "p99 < 100 ms", met)


def times(answers: Answers) -> str:
    """How many a second, and how long they took."""
    return f"{answers.rate:.0f}/s, p50 {ms(answers.within(0.5))}, p99 {ms(answers.within(0.99))}"


def pooled(turns: list[Answers]) -> Answers:
    """The turns as one."""
    statuses: dict[str, int] = {}
    for turn in turns:
        for status, many in turn.statuses.items():
            statuses[status] = statuses.get(status, 0) + many
    each = [seconds for turn in turns for seconds in turn.each]
    return Answers(
        sum(t.seconds for t in turns), each, statuses, sum(t.unanswered for t in turns)
    )


def people(slack: Playground, many: int) -> None:
    """Accounts for all who will be invited."""
    for n in range(many):
        name = f"b{n:07}"
        slack.state.workspace.add_account(
            SlackAccount(
                f"U{name.upper()}",
                name,
                "Somebody",
                f"{name}@client.example.com",
                HOME_TEAM_ID,
            )
        )


def wait_answering(port: int) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/health")
            connection.getresponse()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError(f"nobody answers at {port}")
