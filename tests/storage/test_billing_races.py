"""Billing that races, on both databases; each with the negative control that shows what the lock prevents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise

import pytest

from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.plans import ChangePlan
from collab.events import HandoverTakenBack, PayerChanged
from collab.handovers.offers import HandOver
from collab.invitations.answers import AcceptInvitation
from collab.memberships.commands import RemoveMember
from storage.database import Database
from tests.storage.test_races import ground, race
from tests.support.billing_oracle import (
    attach_payment_method,
    create_resource,
    direct_roles_by_name,
    get_resource,
    offer_billing_transfer,
    offer_ownership,
    payment_method_slug,
    set_plans,
)
from tests.support.builders import Scenario
from tests.support.handovers import hand_over, offer_take_back

TRIALS = 3


def studio(world: Scenario) -> Scenario:
    """Ada's blog, which her card pays for; Carl and Devi with cards of their own."""
    for title, by in (("Card", "ada"), ("Carls", "carl"), ("Devis", "devi")):
        create_resource(world, "payment", title, by=by)
    create_resource(world, "app", "Blog")
    attach_payment_method(world, "blog", "card")
    return world


def two_transfers(world: Scenario) -> list[str]:
    studio(world)
    first, second = (
        offer_billing_transfer(world, "carl", "blog"),
        offer_billing_transfer(world, "devi", "blog"),
    )
    accepts = (
        AcceptInvitation(world.caller_for("carl"), first, "carls"),
        AcceptInvitation(world.caller_for("devi"), second, "devis"),
    )
    return [*race(world, *accepts), *one_payer(world)]


def transfer_against_detach(world: Scenario) -> list[str]:
    studio(world)
    waits = offer_billing_transfer(world, "carl", "blog")
    done = race(
        world,
        AcceptInvitation(world.caller_for("carl"), waits, "carls"),
        SetPaymentMethod(world.caller_for("ada"), "blog", None),
    )
    return [*done, *one_payer(world)]


def one_payer(world: Scenario) -> list[str]:
    """Whether the event log has one payer after the other, and the last of them pays."""
    changes = world.events_of_type(PayerChanged)
    links = all(before.payer == after.before for before, after in pairwise(changes))
    return (
        []
        if links and get_resource(world, "blog").payer == changes[-1].payer
        else ["two payers"]
    )


def accept_against_removal(world: Scenario) -> list[str]:
    """Bo, an admin of the company, offers the billing of its trial app, and is removed."""
    studio(world)
    create_resource(world, "app", "Shop", within="acme")
    world.add_member("bo", "admin")
    waits = offer_billing_transfer(world, "carl", "shop", by="bo")
    removal = RemoveMember(world.caller_for("ada"), world.account_of("bo"), "acme")
    done = race(
        world, AcceptInvitation(world.caller_for("carl"), waits, "carls"), removal
    )
    taken = world.get_invitation(waits).state == "accepted"
    return [
        *done,
        *(
            []
            if taken == (payment_method_slug(world, "shop") == "carls")
            else ["half a transfer"]
        ),
    ]


def two_acceptances(world: Scenario) -> list[str]:
    """Two who were asked when there was room for both."""
    invited = {who: world.send_invitation(who, "admin") for who in ("carl", "devi")}
    set_plans(world, {"small": {"admin": 2}})
    world.execute(ChangePlan(world.caller_for("ada"), "acme", "small"))
    set_plans(world, {"small": {"admin": 1}})
    done = race(
        world,
        *(
            AcceptInvitation(world.caller_for(who), invitation)
            for who, invitation in invited.items()
        ),
    )
    admins = sum(
        role == "admin" for role in direct_roles_by_name(world, "acme").values()
    )
    return [*done, *([] if admins == 1 else [f"{admins} admins"])]


def two_handovers(world: Scenario) -> list[str]:
    """Ada offers her project to Carl and to Devi at once."""
    studio(world)
    create_resource(world, "project", "Site")
    by = world.caller_for("ada")
    offers = [HandOver(by, world.account_of(who), "site") for who in ("carl", "devi")]
    return race(world, *offers)


def handover_against_transfer(world: Scenario) -> list[str]:
    """Carl takes over the project with what pays for it, as Devi takes over its ownership."""
    studio(world)
    create_resource(world, "project", "Site")
    create_resource(world, "app", "Shop", within="site")
    attach_payment_method(world, "shop", "card")
    transfer = offer_ownership(world, "devi", "site")
    handover = hand_over(world, "site", who="carl")
    done = race(
        world,
        AcceptInvitation(world.caller_for("carl"), handover, "carls"),
        AcceptInvitation(world.caller_for("devi"), transfer),
    )
    owners = [
        who
        for who, role in direct_roles_by_name(world, "site").items()
        if role == "owner"
    ]
    is_whole = (owners == ["carl"]) == (payment_method_slug(world, "shop") == "carls")
    return [*done, *([] if len(owners) == 1 and is_whole else ["half a handover"])]


def handover_against_detach(world: Scenario) -> list[str]:
    studio(world)
    handover = hand_over(world, "blog", who="carl")
    done = race(
        world,
        AcceptInvitation(world.caller_for("carl"), handover, "carls"),
        SetPaymentMethod(world.caller_for("ada"), "blog", None),
    )
    return [*done, *one_payer(world)]


def take_back_against_transfer(world: Scenario) -> list[str]:
    """Both take the project back, as Devi takes over its ownership from the new owner."""
    studio(world)
    create_resource(world, "project", "Site")
    handover = hand_over(world, "site", who="carl")
    world.execute(AcceptInvitation(world.caller_for("carl"), handover))
    back = offer_take_back(world, handover)
    transfer = offer_ownership(world, "devi", "site", by="carl")
    done = race(
        world,
        AcceptInvitation(world.caller_for("carl"), back),
        AcceptInvitation(world.caller_for("devi"), transfer),
    )
    owners = [
        who
        for who, role in direct_roles_by_name(world, "site").items()
        if role == "owner"
    ]
    is_taken_back = bool(world.events_of_type(HandoverTakenBack))
    is_whole = owners == (["ada"] if is_taken_back else ["devi"])
    return [*done, *([] if is_whole else ["half taken back"])]


RACES: dict[str, tuple[Callable[[Scenario], list[str]], list[list[str]]]] = {
    "two transfers": (two_transfers, [["AlreadyAnswered", "done"]]),
    "transfer against detach": (
        transfer_against_detach,
        # the offer died before, or who had it may not delete it any more
        [["AlreadyAnswered", "done"], ["MayNot", "done"]],
    ),
    "accept against removal": (
        accept_against_removal,
        [["AlreadyAnswered", "done"], ["done", "done"]],
    ),
    "two handovers": (two_handovers, [["HandoverOpen", "done"]]),
    "handover against transfer": (
        handover_against_transfer,
        [["AlreadyAnswered", "done"]],
    ),
    "handover against detach": (
        handover_against_detach,
        [["AlreadyAnswered", "done"], ["MayNot", "done"]],
    ),
    "taking back against transfer": (
        take_back_against_transfer,
        # The yes to an offer that the transfer has overtaken only closes it.
        [["AlreadyAnswered", "done"], ["done", "done"]],
    ),
    "two acceptances beyond a plan": (two_acceptances, [["BeyondPlan", "done"]]),
}


@pytest.mark.rule("BIL-02")
@pytest.mark.rule("BIL-05")
@pytest.mark.rule("BIL-09")
@pytest.mark.rule("HND-01")
@pytest.mark.rule("HND-04")
@pytest.mark.rule("HND-05")
@pytest.mark.rule("MEM-08")
@pytest.mark.parametrize("name", RACES)
def test_one_wins_and_the_other_gets_a_clear_word(
    database: Database, name: str
) -> None:
    play, expected = RACES[name]
    outcomes = Counter(str(play(ground(database))) for _ in range(TRIALS))
    assert set(outcomes) <= {str(each) for each in expected}


@pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
@pytest.mark.parametrize("name", RACES)
def test_without_the_lock_the_same_race_breaks(
    request: pytest.FixtureRequest, backend: str, name: str
) -> None:
    url = request.getfixturevalue(f"{backend}_url")
    play, expected = RACES[name]
    with closing(Database.open(url, is_locking=False)) as unlocked:
        outcomes = Counter(str(play(ground(unlocked))) for _ in range(TRIALS))
    assert not set(outcomes) <= {str(each) for each in expected}, outcomes
