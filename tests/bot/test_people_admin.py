"""`collab people erase`: confirmed, and said plainly where it cannot be."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from collab.events import PersonErased
from storage.database import Database
from tests.support.builders import Scenario
from tests.support.tty import build_environment, run_in_process

NINA = "nina@client.example"


def make_world(url: str) -> None:
    """Ada owns Acme, and Nina is invited there."""
    with closing(Database.open(url)) as database:
        database.upgrade_schema()
        world = Scenario(database)
        world.create_company()
        world.send_invitation(NINA)


def count_erasures(url: str) -> int:
    """Return how many people were erased."""
    with closing(Database.open(url)) as database:
        return len(Scenario(database).events_of_type(PersonErased))


@pytest.mark.rule("PER-03")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((NINA, "--yes"), 0, "Erased."),
        ((NINA,), 1, "can't be undone"),
        (("ada@example.com", "--yes"), 1, "hand them over or delete them first: Acme"),
        (("nobody@client.example", "--yes"), 1, "Nobody in T1 is known as"),
        (("P0", "--yes"), 1, "Nobody in T1 is known as"),
        (("U0NOBODY", "--yes"), 1, "Nobody in T1 is known as"),
    ],
)
def test_the_operator_erases_people(
    sqlite_url: str, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    make_world(sqlite_url)
    environment = build_environment(DATABASE_URL=sqlite_url)

    done = run_in_process(tmp_path, environment, "people", "erase", *words)

    assert done.returncode == code, done
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert count_erasures(sqlite_url) == (code == 0)
