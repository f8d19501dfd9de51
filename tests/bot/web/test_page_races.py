"""Two POSTs on the page of one invitation at once: one wins, because the workspace is locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from collab.events import InvitationAccepted, InvitationDeclined
from collab.unit_of_work import Unavailable
from storage.database import Database
from tests.storage.test_races import race
from tests.support.office import Office, find_nonce

pytestmark = pytest.mark.slow

TRIALS = 3


def answer_twice(office: Office) -> tuple[list[str], int]:
    """Press Accept and Decline at once on a new invitation.

    Return both statuses, and how many answers were recorded.
    """
    before = len(list_answers(office))
    number = len(office.world.list_recorded_events())
    _, path = office.invite(f"nina{number}@client.example")
    nonce = find_nonce(office.open(path))

    def press(action: str) -> str:
        return str(office.send(path, action=action, nonce=nonce).status_code)

    statuses = race(office.world, lambda: press("accept"), lambda: press("decline"))
    return statuses, len(list_answers(office)) - before


def list_answers(office: Office) -> list[object]:
    """Return the events of answers."""
    return [
        *office.world.events_of_type(InvitationAccepted),
        *office.world.events_of_type(InvitationDeclined),
    ]


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """Return an office in each database."""
    with closing(Database.open(database_url)) as database:
        yield Office(database)


@pytest.mark.rule("INV-04")
def test_of_two_answers_one_is_recorded_and_both_see_it(office: Office) -> None:
    for _ in range(TRIALS):
        assert answer_twice(office) == (["303", "303"], 1)


def test_without_the_lock_one_answer_fails(database_url: str) -> None:
    with closing(Database.open(database_url, is_locking=False)) as unlocked:
        office = Office(unlocked)
        assert any(fails_to_answer(office) for _ in range(TRIALS))


def fails_to_answer(office: Office) -> bool:
    """Answer twice at once; return whether an answer fails or both are recorded."""
    try:
        return answer_twice(office) != (["303", "303"], 1)
    except Unavailable:
        return True
