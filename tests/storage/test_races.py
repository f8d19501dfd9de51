"""Acts that race, on both databases; each with the negative control that shows what the workspace's lock prevents."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from typing import Any

import pytest
from builders import World

from collab.answers import Accept
from collab.events import Recorded
from collab.invitations import Invite, Revoke
from collab.membership import Leave
from collab.refusals import Refused
from collab.service import Unavailable
from storage.database import Database
from storage.unit import StoredUnit, StoredUnits

PAUSE = 0.02
TRIALS = 6


class Hesitant(StoredUnit):
    """Takes a moment between the decision and its keeping, so that a race shows what luck would hide."""

    def record(self, recorded: Sequence[Recorded], delivery: str | None) -> None:
        time.sleep(PAUSE)
        super().record(recorded, delivery)


class HesitantUnits(StoredUnits):
    """Transactions that hesitate."""

    @contextmanager
    def change(self, workspace: str) -> Iterator[StoredUnit]:
        with super().change(workspace) as unit:
            yield Hesitant(unit._connection, self._locked(unit._connection, workspace))


_prefixes = count(1)


def racing(database: Database) -> World:
    number = next(_prefixes)
    world = World(database, workspace=f"TR{number}", prefix=f"{number}X")
    world.company()
    world.collab._units = HesitantUnits(database.units._connections)
    return world


def race(world: World, *actions: Any) -> list[str]:
    """Perform all at once; the outcomes by name, sorted."""
    gate = threading.Barrier(len(actions))
    outcomes: list[str] = []

    def run(action: Any) -> None:
        gate.wait()
        try:
            world.collab.perform(action, world.at)
            outcomes.append("done")
        except (Refused, Unavailable) as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def two_accepts(world: World) -> list[str]:
    invitation = world.invite("carl")
    return race(world, *(Accept(world.by("carl", "button", f"action:{n}"), invitation) for n in range(2)))


def two_owners_leave(world: World) -> list[str]:
    world.member("carl", "owner")
    return race(world, Leave(world.by("ada"), "acme"), Leave(world.by("carl"), "acme"))


def accept_against_revoke(world: World) -> list[str]:
    invitation = world.invite("carl")
    return race(world, Accept(world.by("carl"), invitation), Revoke(world.by("ada"), invitation))


RACES: dict[str, tuple[Callable[[World], list[str]], list[str]]] = {
    "two accepts": (two_accepts, ["AlreadyAnswered", "done"]),
    "two last owners leaving": (two_owners_leave, ["LastHolder", "done"]),
    "accept against revoke": (accept_against_revoke, ["AlreadyAnswered", "done"]),
}


@pytest.mark.rule("INV-04")
@pytest.mark.rule("MEM-08")
@pytest.mark.parametrize("name", RACES)
def test_exactly_one_wins_and_the_other_gets_a_clear_word(database: Database, name: str) -> None:
    play, expected = RACES[name]
    outcomes = Counter(str(play(racing(database))) for _ in range(TRIALS))
    assert outcomes == {str(expected): TRIALS}


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("name", RACES)
def test_without_the_lock_the_same_race_breaks(request: pytest.FixtureRequest, backend: str, name: str) -> None:
    url = request.getfixturevalue(f"{backend}_url")
    play, expected = RACES[name]
    with closing(Database.open(url, locked=False)) as unlocked:
        outcomes = Counter(str(play(racing(unlocked))) for _ in range(TRIALS))
    assert set(outcomes) != {str(expected)}


@pytest.mark.rule("INV-03")
def test_two_who_invite_the_same_person_at_once_leave_one_pending(database: Database) -> None:
    world = racing(database)
    world.member("devi", "owner")
    first, second = (Invite(world.by(w), world.account("carl"), "admin", "acme") for w in ("ada", "devi"))
    assert race(world, first, second) == ["done", "done"]
    assert len(world.waiting("carl")) == 1


def test_two_starts_at_once_install_the_workspace_once(database: Database) -> None:
    worlds: list[World] = []
    threads = [threading.Thread(target=lambda: worlds.append(World(database, workspace="TNEW"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(worlds) == 3
    assert [type(r.event).__name__ for r in worlds[0].history()] == ["WorkspaceInstalled"]
