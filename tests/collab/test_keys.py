"""What is to be rotated because somebody who could reach its code went (MEM-07)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.events import MemberLeft, MemberRemoved
from collab.keys import Rotated, ShowKeys
from collab.offers import Term
from collab.resources import Delete
from collab.teams import Assign
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the project Site, the app Shop in it, and the app Blog and the payment method Card beside it."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("project", "Site", "acme")
    acme.make("app", "Shop", "site")
    acme.make("app", "Blog", "acme")
    acme.make("payment", "Card", "acme")
    return acme


def stale(world: World, who: str = "ada") -> list[str]:
    """What somebody hears is to be rotated, the longest first."""
    return [r.slug for r, _ in world.collab.ask(ShowKeys(world.by(who)), world.at).found]


@pytest.mark.rule("MEM-07")
def test_who_goes_leaves_keys_to_rotate_of_what_they_reached_only_so(agency: World) -> None:
    agency.member("devi", "member", "site")
    agency.member("devi", "manager", "blog")
    agency.member("devi", "accountant", "card")
    left = agency.leave("devi", "site").first(MemberLeft)
    assert left.rotate == (agency.thing("shop").id,)
    assert stale(agency) == ["shop"]
    agency.at += timedelta(hours=1)
    agency.remove("devi", what="blog")
    assert stale(agency) == ["shop", "blog"]
    agency.leave("devi", "card")
    assert stale(agency) == ["shop", "blog"]


@pytest.mark.rule("MEM-07")
def test_what_is_still_reached_by_another_path_is_not_to_be_rotated(agency: World) -> None:
    agency.make("team", "Crew")
    agency.shares("shop", "crew", "developer")
    agency.member("devi", "limited", "crew")
    agency.do(Assign(agency.by("ada"), agency.account("devi"), "shop", "crew"))
    agency.member("devi", "manager", "shop")
    assert agency.leave("devi", "shop").first(MemberLeft).rotate == ()
    assert stale(agency) == []
    assert agency.remove("devi", what="crew").first(MemberRemoved).rotate == (agency.thing("shop").id,)
    assert stale(agency) == ["shop"]


@pytest.mark.rule("MEM-07")
def test_an_end_by_time_leaves_keys_to_rotate_too(agency: World) -> None:
    agency.member("devi", "developer", "shop", term=Term(timedelta(days=2)))
    agency.passes(days=5)
    assert stale(agency) == ["shop"]


@pytest.mark.rule("MEM-07")
def test_it_counts_from_the_first_who_went_and_is_over_once_somebody_rotated(agency: World) -> None:
    for who in ("devi", "bo"):
        agency.member(who, "developer", "shop")
        agency.at += timedelta(days=1)
        agency.leave(who, "shop")
    found = agency.collab.ask(ShowKeys(agency.by("ada")), agency.at).found
    assert [since for _, since in found] == [agency.at - timedelta(days=1)]
    agency.do(Rotated(agency.by("ada"), "shop"))
    assert stale(agency) == []
    with pytest.raises(refusals.NothingToRotate):
        agency.do(Rotated(agency.by("ada"), "shop"))


@pytest.mark.rule("MEM-07")
def test_the_list_names_who_lost_access_by_day_until_somebody_rotated(agency: World) -> None:
    for who in ("devi", "bo", "carl"):
        agency.member(who, "developer", "shop")
    first = agency.at
    agency.leave("devi", "shop")
    agency.remove("carl", what="shop")
    agency.at += timedelta(days=1)
    agency.leave("bo", "shop")
    [days] = agency.collab.ask(ShowKeys(agency.by("ada")), agency.at).lost.values()
    named = [({person.user for person in day.people}, day.at) for day in days]
    assert named == [({"UDEVI", "UCARL"}, first), ({"UBO"}, agency.at)]
    agency.do(Rotated(agency.by("ada"), "shop"))
    assert agency.collab.ask(ShowKeys(agency.by("ada")), agency.at).lost == {}


@pytest.mark.rule("MEM-07")
def test_who_may_not_work_with_the_code_neither_sees_nor_says_it(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.member("carl", "accountant")
    agency.member("bo", "developer", "blog")
    agency.leave("devi", "shop")
    for who in ("carl", "bo", "devi", "sam"):
        assert stale(agency, who) == []
        with pytest.raises((refusals.UnknownResource, refusals.MayNot)):
            agency.do(Rotated(agency.by(who), "shop"))
    assert stale(agency) == ["shop"]


@pytest.mark.rule("MEM-07")
def test_an_undone_end_asks_for_no_new_keys_and_a_deleted_thing_for_none(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.remove("devi", what="shop")
    assert stale(agency) == ["shop"]
    agency.undo("ada")
    assert stale(agency) == []
    agency.remove("devi", what="shop")
    assert stale(agency) == ["shop"]
    agency.do(Delete(agency.by("ada"), "shop"))
    assert stale(agency) == []
