"""A crowded company beside a small one: what its lists and Home take of our own time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from time import thread_time
from typing import Any

from bot.rendering import renderer_for_language
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views.home import home_view
from collab.home import ShowHome
from collab.model import Account
from storage.database import Database
from tests.bench.apps import INVITE, asking, real_app
from tests.bench.company import ADA, AT, TEAM, caller, core, found
from tests.bench.measure import Row, by_turns, ms, percentile
from tests.bench.place import Place
from tests.support.load import LoadProfile, append_events, find_person_and_resource_ids

SMALL = LoadProfile(members=20, apps=5, invitations=2)
LARGE = LoadProfile(members=1_000, apps=100, invitations=40)
ANSWER, HOME = 0.1, 0.15  # seconds
LINES = (
    INVITE,
    "members acme",
    "mine",
    "show acme",
    "events acme",
    "invitations sent",
    "who acme view",
    "leave acme",
)


@dataclass(frozen=True)
class Sizes:
    """Who is in which company, and how often each answer is asked for at most, for how many seconds."""

    few: LoadProfile = SMALL
    many: LoadProfile = LARGE
    rounds: int = 300
    seconds: float = 4


def crowded(crowd: LoadProfile) -> Callable[[Database], None]:
    """What fills Ada's company so."""

    def seed(database: Database) -> None:
        found(database)
        ada, acme = find_person_and_resource_ids(
            database, TEAM, Account(TEAM, ADA), "acme"
        )
        append_events(database, TEAM, ada, AT, crowd.build_events(acme, ada, AT))

    return seed


def measure(place: Place, sizes: Sizes = Sizes()) -> Iterator[Row]:
    """On SQLite, where our own time is most of it."""
    urls = [place.seeded("SQLite", crowded(crowd)) for crowd in (sizes.few, sizes.many)]
    for line in LINES:
        with real_app(urls[0]) as small, real_app(urls[1]) as large:
            works = [asking(app, line, sizes.rounds + 1) for app in (small, large)]
            yield crowd_row(
                f"`/collab {line.format(1)}`", sizes, ANSWER, *own(sizes, works)
            )
    with (
        closing(Database.open(urls[0])) as small_one,
        closing(Database.open(urls[1])) as large_one,
    ):
        homes = [at_home(small_one), at_home(large_one)]
        yield crowd_row("Home, read and made", sizes, HOME, *own(sizes, homes))


def own(sizes: Sizes, works: list[Callable[[], Any]]) -> list[list[float]]:
    """Our own time: what the thread that answers works, not what it waits for others on this machine."""
    return by_turns(sizes.seconds, sizes.rounds, *works, clock=thread_time)


def at_home(database: Database) -> Callable[[], Any]:
    """A work that makes Ada's Home, as the courier does before its one call."""
    collab, words = core(database), renderer_for_language("en")

    def show() -> None:
        view = home_view(
            words, collab.query(ShowHome(caller("home")), AT), AT, ACTION_HANDLERS
        )
        assert len(view["blocks"]) > 1, "Home is empty"

    return show


def crowd_row(
    what: str, sizes: Sizes, aim: float, few: list[float], many: list[float]
) -> Row:
    """A row with both medians; the slowest of a hundred in the crowd is to stay under the aim."""
    p99 = percentile(many, 0.99)
    ratio = f"{median(many) / median(few):.1f} ×"
    found = f"p50 {ms(median(many))}, p99 {ms(p99)}; {ratio} the small one's {ms(median(few))}"
    crowd = f"{sizes.many.members:,} members and {sizes.many.apps} apps"
    return Row(
        f"{what}, {crowd}",
        f"{sizes.few.members} and {sizes.few.apps}",
        found,
        f"p99 < {ms(aim)}",
        p99 < aim,
    )
