"""Billing that races, on both databases; each with the negative control that shows what the lock prevents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise

import pytest

from collab.answers import Accept
from collab.billing import Pay
from collab.events import PayerChanged
from collab.membership import Remove
from collab.plans import Plan
from storage.database import Database
from tests.storage.test_races import ground, race
from tests.support.billing_oracle import attach, given, make, offer, on_plans, payer, thing
from tests.support.builders import World

TRIALS = 3


def studio(world: World) -> World:
    """Ada's blog, which her card pays for; Carl and Devi with cards of their own."""
    for title, by in (("Card", "ada"), ("Carls", "carl"), ("Devis", "devi")):
        make(world, "payment", title, by=by)
    make(world, "app", "Blog")
    attach(world, "blog", "card")
    return world


def two_transfers(world: World) -> list[str]:
    studio(world)
    first, second = offer(world, "carl", "blog"), offer(world, "devi", "blog")
    accepts = (Accept(world.by("carl"), first, "carls"), Accept(world.by("devi"), second, "devis"))
    return [*race(world, *accepts), *one_payer(world)]


def transfer_against_detach(world: World) -> list[str]:
    studio(world)
    waits = offer(world, "carl", "blog")
    done = race(world, Accept(world.by("carl"), waits, "carls"), Pay(world.by("ada"), "blog", None))
    return [*done, *one_payer(world)]


def one_payer(world: World) -> list[str]:
    """Whether the record tells of one payer after the other, and the last of them pays."""
    changes = world.happened(PayerChanged)
    links = all(before.payer == after.before for before, after in pairwise(changes))
    return [] if links and thing(world, "blog").payer == changes[-1].payer else ["two payers"]


def accept_against_removal(world: World) -> list[str]:
    """Bo, an admin of the company, offers the billing of its trial app, and is removed."""
    studio(world)
    make(world, "app", "Shop", within="acme")
    world.member("bo", "admin")
    waits = offer(world, "carl", "shop", by="bo")
    removal = Remove(world.by("ada"), world.account("bo"), "acme")
    done = race(world, Accept(world.by("carl"), waits, "carls"), removal)
    taken = world.invitation(waits).state == "accepted"
    return [*done, *([] if taken == (payer(world, "shop") == "carls") else ["half a transfer"])]


def two_acceptances(world: World) -> list[str]:
    """Two who were asked when there was room for both."""
    invited = {who: world.invite(who, "admin") for who in ("carl", "devi")}
    on_plans(world, {"small": {"admin": 2}})
    world.do(Plan(world.by("ada"), "acme", "small"))
    on_plans(world, {"small": {"admin": 1}})
    done = race(world, *(Accept(world.by(who), invitation) for who, invitation in invited.items()))
    admins = sum(role == "admin" for role in given(world, "acme").values())
    return [*done, *([] if admins == 1 else [f"{admins} admins"])]


RACES: dict[str, tuple[Callable[[World], list[str]], list[list[str]]]] = {
    "two transfers": (two_transfers, [["AlreadyAnswered", "done"]]),
    "transfer against detach": (
        transfer_against_detach,
        # the offer died before, or who had it may not delete it any more
        [["AlreadyAnswered", "done"], ["MayNot", "done"]],
    ),
    "accept against removal": (accept_against_removal, [["AlreadyAnswered", "done"], ["done", "done"]]),
    "two acceptances beyond a plan": (two_acceptances, [["BeyondPlan", "done"]]),
}


@pytest.mark.rule("BIL-02")
@pytest.mark.rule("BIL-05")
@pytest.mark.rule("BIL-09")
@pytest.mark.parametrize("name", RACES)
def test_one_wins_and_the_other_gets_a_clear_word(database: Database, name: str) -> None:
    play, expected = RACES[name]
    outcomes = Counter(str(play(ground(database))) for _ in range(TRIALS))
    assert set(outcomes) <= {str(each) for each in expected}


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("name", RACES)
def test_without_the_lock_the_same_race_breaks(request: pytest.FixtureRequest, backend: str, name: str) -> None:
    url = request.getfixturevalue(f"{backend}_url")
    play, expected = RACES[name]
    with closing(Database.open(url, locked=False)) as unlocked:
        outcomes = Counter(str(play(ground(unlocked))) for _ in range(TRIALS))
    assert not set(outcomes) <= {str(each) for each in expected}, outcomes
