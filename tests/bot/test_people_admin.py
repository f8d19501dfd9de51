"""`collab people erase`: confirmed, and said plainly where it cannot be."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from collab.events import InvitationSent, PersonErased
from collab.invitations.answers import AcceptInvitation
from collab.model import Caller
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


def let_nina_have_two_records(url: str, *, is_needed: bool) -> None:
    """Nina accepts by mail, and joins Slack; `is_needed`: she owns a project there."""
    with closing(Database.open(url)) as database:
        world = Scenario(database, id_prefix="N")
        sent = world.events_of_type(InvitationSent)[-1]
        nina = Caller(world.workspace, None, "web", person=sent.person)
        world.execute(AcceptInvitation(nina, sent.invitation))
        world.read_profile("nina", email=NINA)
        world.create_resource("project", "Site", by="nina" if is_needed else "ada")


def count_erasures(url: str) -> int:
    """Return how many people were erased."""
    with closing(Database.open(url)) as database:
        return len(Scenario(database).events_of_type(PersonErased))


@pytest.mark.rule("PER-03")
@pytest.mark.parametrize(("is_needed", "count"), [(False, 2), (True, 0)])
def test_an_address_names_all_its_records_or_none_is_erased(
    sqlite_url: str, tmp_path: Path, is_needed: bool, count: int
) -> None:
    make_world(sqlite_url)
    let_nina_have_two_records(sqlite_url, is_needed=is_needed)
    environment = build_environment(DATABASE_URL=sqlite_url)

    done = run_in_process(tmp_path, environment, "people", "erase", NINA, "--yes")

    assert done.returncode == is_needed, done
    assert ("first: Site" in done.stderr) is is_needed
    assert count_erasures(sqlite_url) == count


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
