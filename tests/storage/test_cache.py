"""What is known of a workspace as of its last event is not asked again, and never outlives what made it so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from collab.access import Reach
from collab.explain import Show, Who
from collab.lists import ListMembers
from collab.resources import Describe, Rename, Resource
from storage import unit
from storage.cache import ANSWERS, WORKSPACES, Cache, Lasting, bulk
from storage.database import Database
from tests.support.builders import World

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def acme(database: Database) -> World:
    """Acme by Ada, with Devi."""
    world = World(database)
    world.company()
    world.member("devi", "admin")
    return world


@pytest.fixture
def there(acme: World) -> Iterator[World]:
    """The same as another process has it."""
    with closing(Database.open(acme.database.engine.url.render_as_string(hide_password=False))) as database:
        yield World(database, workspace=acme.workspace, prefix="X")


def able(world: World, at: datetime) -> int:
    """How many can view Acme at a moment."""
    many: int = world.collab.ask(Who(world.by("ada"), "acme", "view"), at).total
    return many


def test_until_the_next_event_only_that_is_asked(postgres_database: Database) -> None:
    world = World(postgres_database)
    world.company()
    said: list[str] = []
    event.listen(postgres_database.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    asked = Who(world.by("ada"), "acme", "view")
    postgres_database.units.cache.clear()
    first = world.collab.ask(asked, world.at)
    many = len(said)
    assert world.collab.ask(asked, world.at + HOUR) == first
    assert len(said) == many + 1
    world.do(Rename(world.by("ada"), "acme", "Apex"))
    assert world.collab.ask(asked, world.at).resource.title == "Apex"


def test_what_another_process_did_is_seen(acme: World, there: World) -> None:
    show = Show(acme.by("ada"), "acme")
    assert (acme.collab.ask(show, acme.at).resource.title, able(acme, acme.at)) == ("Acme", 2)
    there.do(Rename(there.by("ada"), "acme", "Apex"))
    there.member("carl", "admin")
    assert (acme.collab.ask(show, acme.at).resource.title, able(acme, acme.at)) == ("Apex", 3)
    acme.remove("carl")
    assert able(there, there.at) == 2


def test_a_role_is_known_as_long_as_it_holds(acme: World) -> None:
    acme.knows("carl")
    place = acme.thing("acme").id
    acme.grants(place, "carl", "admin", acme.at + HOUR)
    after = acme.at + 2 * HOUR
    assert [able(acme, at) for at in (acme.at, after, acme.at, after)] == [3, 2, 3, 2]
    held = [acme.collab.ask(ListMembers(acme.by("devi"), "acme"), at).total for at in (acme.at, after, acme.at)]
    assert held == [3, 2, 3]
    with acme.database.units.look(acme.workspace) as facts:
        carl = acme.id_of("carl")
        assert [len(facts.held(carl, [place], at)) for at in (acme.at, after, acme.at)] == [1, 0, 1]


def test_what_was_not_kept_is_not_known(acme: World) -> None:
    def stumble(*_: Any) -> None:
        raise RuntimeError("stumbled")

    with pytest.raises(RuntimeError, match="stumbled"):
        acme.collab.perform(Rename(acme.by("ada"), "acme", "Apex"), acme.at, seeing=stumble)
    assert acme.collab.ask(Show(acme.by("ada"), "acme"), acme.at).resource.title == "Acme"
    assert acme.thing("acme").title == "Acme"


def test_another_database_in_the_place_of_one_is_asked_anew(acme: World) -> None:
    cache = acme.database.units.cache
    cache.put("T", 1, {("resource", "R"): "known"})
    acme.database.close()
    assert cache.get("T", 9) == (0, {})


def test_an_older_database_that_is_put_back_under_the_running_program_is_seen(
    sqlite_url: str, sqlite_file: Path
) -> None:
    with (
        closing(Database.open(sqlite_url)) as database,
        closing(Database.open(sqlite_url)) as beside,
        closing(sqlite3.connect(sqlite_file)) as live,
        closing(sqlite3.connect(":memory:")) as older,
    ):
        world = World(database)
        world.company()
        show = Show(world.by("ada"), "acme")
        live.backup(older)
        world.do(Rename(world.by("ada"), "acme", "Apex"))
        assert world.collab.ask(show, world.at).resource.title == "Apex"
        older.backup(live)
        assert world.collab.ask(show, world.at).resource.title == "Acme"
        World(beside, workspace=world.workspace).do(Describe(world.by("ada"), "acme", "As before"))
        assert world.collab.ask(show, world.at).resource.title == "Acme"


def test_a_long_answer_is_not_kept(postgres_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(postgres_database)
    world.company()

    def learnt() -> set[str]:
        postgres_database.units.cache.clear()
        assert able(world, world.at) == 1
        return {what for what, _ in postgres_database.units.cache.get(world.workspace, 1000)[1]}

    assert learnt() >= {"given", "account"}
    monkeypatch.setattr(unit, "LARGE", 10)
    assert "account" in (kept := learnt())
    assert "given" not in kept


def test_how_long_an_answer_is() -> None:
    assert bulk(Lasting([("R", "admin", "P1,P2", None)], NOON, None)) == 19
    assert bulk(Reach([], {"R": Resource("R", "app", "r", "R")})) == 100


def test_nothing_is_known_of_a_record_that_was_longer_before() -> None:
    cache = Cache()
    cache.put("T", 2, {("resource", "R"): "second"})
    assert cache.get("T", 1) == cache.get("T", 2) == (0, {})


def test_what_is_known_is_as_of_one_event() -> None:
    cache = Cache()
    cache.put("T", 2, {("resource", "R"): "second"})
    cache.put("T", 1, {("resource", "R"): "first"})
    assert cache.get("U", 9) == (0, {})
    _, mine = cache.get("T", 9)
    mine["resource", "R"] = "mine"
    assert cache.get("T", 9) == (2, {("resource", "R"): "second"})


def test_no_more_is_kept_than_there_is_room_for() -> None:
    cache = Cache()
    for n in range(WORKSPACES + 1):
        cache.put(f"T{n}", 1, {("resource", "R"): n})
    assert (cache.get("T0", 1), cache.get("T1", 1)) == ((0, {}), (1, {("resource", "R"): 1}))
    cache.put("T1", 1, {("resource", str(n)): n for n in range(ANSWERS + 1)})
    assert cache.get("T1", 1) == (1, {("resource", "R"): 1})


def test_all_together_is_bounded_by_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.cache.CHARACTERS", 100)
    cache = Cache()
    for name in ("T1", "T2", "T3"):
        cache.put(name, 1, {("resource", "R"): "x" * 40})
    assert [cache.get(name, 1)[0] for name in ("T1", "T2", "T3")] == [0, 1, 1]


def test_an_answer_about_roles_holds_from_its_moment_to_the_next_end() -> None:
    ends = Lasting("answer", NOON, NOON + HOUR)
    assert [ends.holds(NOON + n * HOUR / 2) for n in (-1, 0, 1, 2)] == [False, True, True, False]
    assert Lasting("answer", NOON, None).holds(NOON + 1000 * HOUR)
