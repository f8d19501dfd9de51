"""A hundred workspaces beside one: commands over signed HTTP in turn, and the memory of the program meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.playground.server import Playground
from bot.slack.scopes import ALL_SCOPES
from collab.installations import Installation, Tokens
from collab.model import Account, WorkspaceId
from storage.database import Database
from tests.bench.apps import INVITE
from tests.bench.company import ADA, AT, BOT, found
from tests.bench.http_client import Answers, Load, sent
from tests.bench.http_load import WARM, count_rows, people, pooled, times
from tests.bench.measure import Row, without
from tests.bench.place import KINDS, Place
from tests.bench.program import RUN, environment, free_port, resident_bytes, running
from tests.support.load import LoadProfile, append_events, find_person_and_resource_ids

CONNECTIONS = 16
LINES = (INVITE, "members acme", "mine")
MEGABYTE = 2**20
SLOWER = 1.5  # what a hundred workspaces may take beside one
GROWTH = 1.1  # of the memory, from the first turn to the last


PEOPLE = LoadProfile(members=100, apps=10, invitations=5)


@dataclass(frozen=True)
class Sizes:
    """So many workspaces with so many people each; commands for each line, in so many turns."""

    workspaces: int = 100
    people: LoadProfile = PEOPLE
    asked: int = 320
    turns: int = 2


def measure(place: Place, sizes: Sizes = Sizes()) -> Iterator[Row]:
    """Both databases, one after the other."""
    here = place.kinds()
    for kind in KINDS:
        if kind in here:
            yield from measured(place, kind, sizes)
        else:
            what = f"{sizes.workspaces} workspaces over HTTP, {kind}"
            yield without(kind, what, "one workspace", "p99 < 1.5 ×")


def measured(place: Place, kind: str, sizes: Sizes) -> Iterator[Row]:
    """One kind of database."""
    secret = secrets.token_urlsafe(32)
    teams = tuple(f"T0W{n:05}" for n in range(sizes.workspaces))
    with Playground() as slack:
        people(slack, WARM + sizes.asked * sizes.turns * len(LINES) * 4)
        url = place.seeded(kind, settled(teams, sizes, slack.bot_token, secret))
        if kind != "SQLite":
            count_rows(url)
        port = free_port()
        env = environment(
            slack,
            url,
            port,
            SLACK_CLIENT_ID="1.2",
            SLACK_CLIENT_SECRET=secrets.token_hex(16),
            COLLAB_BASE_URL="https://collab.example.com",
            COLLAB_SECRET=secret,
            COLLAB_QUIET_HOURS="off",
            COLLAB_DAILY_INVITATIONS="100000",
        )
        del env["SLACK_BOT_TOKEN"]
        with running(RUN, env, place.folder) as program:
            asking = Asking(port, slack.signing_secret)
            asking.ask("mine", teams, max(WARM, len(teams)))
            first = resident_bytes(program)
            for line in LINES:
                one: list[Answers] = []
                many: list[Answers] = []
                for _ in range(sizes.turns):
                    one.append(asking.ask(line, teams[:1], sizes.asked))
                    many.append(asking.ask(line, teams, sizes.asked))
                yield row(kind, line, sizes, pooled(one), pooled(many))
            yield memory_row(kind, sizes, first, resident_bytes(program))


class Asking:
    """Sends the loads; each command has a number of its own."""

    def __init__(self, port: int, secret: str) -> None:
        self._port, self._secret, self._next = port, secret, 1

    def ask(self, line: str, teams: tuple[str, ...], many: int) -> Answers:
        """One load, spread over some workspaces."""
        first, self._next = self._next, self._next + many
        load = Load(
            self._port, self._secret, line, CONNECTIONS, first, many, teams=teams
        )
        return sent(load)


def settled(
    teams: tuple[str, ...], sizes: Sizes, token: str, secret: str
) -> Callable[[Database], None]:
    """What installs the app in each workspace and fills its company."""

    def seed(database: Database) -> None:
        installations = database.open_installations([secret])
        for name in teams:
            team = WorkspaceId(name)
            installations.save(Installation(team, Tokens(token), ALL_SCOPES, AT, BOT))
            found(database, team)
            ada, acme = find_person_and_resource_ids(
                database, team, Account(team, ADA), "acme"
            )
            events = sizes.people.build_events(acme, ada, AT)
            append_events(database, team, ada, AT, events)

    return seed


def row(kind: str, line: str, sizes: Sizes, one: Answers, many: Answers) -> Row:
    """One line in all workspaces, beside the same in one."""
    failed = one.failed + many.failed
    wrong = f"; {failed} failed" if failed else ""
    ratio = many.within(0.99) / one.within(0.99)
    return Row(
        f"`/collab {line.format(1)}` over HTTP in {sizes.workspaces} workspaces of"
        f" {sizes.people.members} people, {CONNECTIONS} connections, {kind}",
        f"one workspace: {times(one)}",
        f"{times(many)}; p99 {ratio:.1f} ×{wrong}",
        f"p99 < {SLOWER} ×",
        ratio < SLOWER and not failed,
    )


def memory_row(kind: str, sizes: Sizes, first: int, last: int) -> Row:
    """The memory at the end, beside that once every workspace was met."""
    return Row(
        f"memory of all processes with {sizes.workspaces} workspaces, {kind}",
        f"at first {first / MEGABYTE:.0f} MB",
        f"{last / MEGABYTE:.0f} MB at the end",
        f"< {GROWTH} ×",
        last < first * GROWTH,
    )
