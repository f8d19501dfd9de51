"""Plans: named limits on how many hold the roles of a company, whatever the way into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from collab import refusals
from collab.answers import Accept
from collab.billing import Pay
from collab.events import InvitationSent, PlanChanged, RequestSent
from collab.invitations import Resend, Revoke
from collab.membership import ChangeRole
from collab.plans import Plan, ShowPlan
from collab.requests import Ask, Grant
from collab.resources import Create, Move
from collab.teams import Assign, ShareWith
from collab.undo import Undo
from tests.support.billing_oracle import attach, given, hand_over, make, offer, on_plans, state, take, thing
from tests.support.builders import World

PLANS: Mapping[str, Mapping[str, int]] = {
    "small": {"owner": 1, "admin": 1, "collaborator": 2},
    "lone": {"owner": 1, "admin": 0, "collaborator": 0},
    "large": {"owner": 3, "admin": 10},
    "free": {},
}


@pytest.fixture
def small(world: World) -> World:
    """Acme on the small plan, with a project and an app in it, and two collaborators on that."""
    world.knows("ada", "bo", "carl", "devi", "eli", "sam")
    on_plans(world, PLANS)
    make(world, "company", "Acme")
    make(world, "app", "Shop", within="acme")
    for who in ("bo", "carl"):
        world.member(who, "developer", "shop")
    world.do(Plan(world.by("ada"), "acme", "small"))
    world.told()
    return world


def seats(world: World, by: str = "ada") -> dict[str, tuple[int, int | None]]:
    """How many hold each role, with those who are asked, and how many may."""
    shown = world.collab.ask(ShowPlan(world.by(by), "acme"), world.at)
    return {role: (now, limit) for role, now, limit in shown.roles}


# Choosing a plan


@pytest.mark.rule("BIL-09")
def test_whoever_has_the_companys_billing_chooses_and_others_see(small: World) -> None:
    shown = small.collab.ask(ShowPlan(small.by("bo"), "acme"), small.at)
    assert (shown.plan, shown.plans, shown.may_change) == ("small", tuple(PLANS), False)
    assert seats(small) == {"owner": (1, 1), "admin": (0, 1), "accountant": (0, None), "collaborator": (2, 2)}
    for who in ("bo", "devi"):
        with pytest.raises(refusals.Refused):
            small.do(Plan(small.by(who), "acme", "large"))
    small.do(Plan(small.by("ada"), "acme", None))
    assert thing(small, "acme").plan is None
    assert [(e.before, e.plan) for e in small.happened(PlanChanged)] == [(None, "small"), ("small", None)]


@pytest.mark.rule("BIL-09")
def test_what_is_no_plan_and_what_has_none_is_refused(small: World) -> None:
    with pytest.raises(refusals.UnknownPlan):
        small.do(Plan(small.by("ada"), "acme", "huge"))
    make(small, "payment", "Card")
    with pytest.raises(refusals.HasNoPlans):
        small.do(Plan(small.by("ada"), "card", "small"))
    with pytest.raises(refusals.HasNoPlans):
        small.collab.ask(ShowPlan(small.by("ada"), "shop"), small.at)
    assert not small.do(Plan(small.by("ada"), "acme", "small")).recorded


@pytest.mark.rule("BIL-09")
def test_a_downgrade_is_refused_with_all_that_exceeds_it_those_who_are_asked_among_them(small: World) -> None:
    waits = small.invite("devi", "admin")
    with pytest.raises(refusals.PlanExceeded) as refused:
        small.do(Plan(small.by("ada"), "acme", "lone"))
    assert refused.value.exceeds == (("admin", 1, 0), ("collaborator", 2, 0))
    small.do(Revoke(small.by("ada"), waits))
    for who in ("bo", "carl"):
        small.remove(who, what="shop")
    small.do(Plan(small.by("ada"), "acme", "lone"))
    assert thing(small, "acme").plan == "lone"


@pytest.mark.rule("BIL-09")
def test_other_owners_hear_of_another_plan(small: World) -> None:
    small.do(Plan(small.by("ada"), "acme", "large"))
    small.member("bo", "owner")
    small.told()
    small.do(Plan(small.by("ada"), "acme", "free"))
    assert small.told() == [("bo", "plan_changed")]


# Invitations


@pytest.mark.rule("BIL-09")
def test_an_invitation_beyond_the_limit_is_refused_and_those_who_are_asked_have_a_seat(small: World) -> None:
    waits = small.invite("devi", "admin")
    with pytest.raises(refusals.BeyondPlan) as refused:
        small.invite("eli", "admin")
    said = refused.value
    assert (said.title, said.plan, said.role, said.limit, said.now) == ("Acme", "small", "admin", 1, 1)
    small.do(Revoke(small.by("ada"), waits))
    small.accept("eli", small.invite("eli", "admin"))
    with pytest.raises(refusals.BeyondPlan):
        small.do(Resend(small.by("ada"), waits))
    assert given(small, "acme") == {"ada": "owner", "eli": "admin"}


@pytest.mark.rule("BIL-09")
def test_what_expired_has_no_seat_whether_or_not_anything_has_swept(small: World) -> None:
    small.invite("devi", "admin")
    small.at += small.policy.lifetime
    assert seats(small)["admin"] == (0, 1)
    small.invite("eli", "admin")


@pytest.mark.rule("BIL-09")
def test_who_has_a_seat_is_asked_again_and_into_more(small: World) -> None:
    small.invite("devi", "admin")
    small.invite("devi", "admin", note="Please")
    make(small, "app", "Blog", within="acme")
    small.member("bo", "developer", "blog")
    assert seats(small)["collaborator"] == (2, 2)
    small.accept("devi", small.waiting("devi")[0])
    small.member("devi", "developer", "blog")
    assert seats(small) == {"owner": (1, 1), "admin": (1, 1), "accountant": (0, None), "collaborator": (2, 2)}


@pytest.mark.rule("BIL-09")
def test_two_acceptances_beyond_the_limit_are_one(small: World) -> None:
    small.do(Plan(small.by("ada"), "acme", "large"))
    first, second = small.invite("devi", "admin"), small.invite("eli", "admin")
    on_plans(small, {"large": {"admin": 1}})
    small.accept("devi", first)
    with pytest.raises(refusals.BeyondPlan):
        small.accept("eli", second)
    assert (state(small, second), given(small, "acme")) == ("pending", {"ada": "owner", "devi": "admin"})


@pytest.mark.rule("BIL-09")
def test_other_companies_and_those_without_a_plan_have_room(small: World) -> None:
    make(small, "company", "Other")
    for who in ("bo", "carl", "devi", "eli"):
        small.member(who, "admin", "other")
    assert len(given(small, "other")) == 5


# Whatever the way (BIL-09)


def team(world: World) -> None:
    make(world, "team", "Crew", by="ada")
    for who in ("devi", "eli"):
        world.member(who, "unlimited", "crew")


def shared(world: World) -> Any:
    team(world)
    return ShareWith(world.by("ada"), "shop", "crew", "developer")


def team_joined(world: World) -> Any:
    make(world, "team", "Crew", by="ada")
    world.do(ShareWith(world.by("ada"), "shop", "crew", "developer"))
    return Accept(world.by("devi"), world.invite("devi", "unlimited", "crew"))


def assigned(world: World) -> Any:
    make(world, "team", "Crew", by="ada")
    world.do(ShareWith(world.by("ada"), "shop", "crew", "developer"))
    world.member("devi", "limited", "crew")
    return Assign(world.by("ada"), world.account("devi"), "shop", "crew")


def moved(world: World) -> Any:
    make(world, "app", "Blog")
    world.member("devi", "developer", "blog")
    return Move(world.by("ada"), "blog", "acme")


def paid(world: World) -> Any:
    make(world, "payment", "Purse", by="devi")
    world.member("ada", "holder", "purse", by="devi")

    return Pay(world.by("ada"), "shop", "purse")


def promoted(world: World) -> Any:
    world.member("eli", "admin")
    return ChangeRole(world.by("ada"), world.account("bo"), "admin", "acme")


def undone(world: World) -> Any:
    world.leave("bo", "shop")
    world.member("devi", "developer", "shop")
    return Undo(world.by("bo"))


def team_asked(world: World) -> Any:
    world.remove("carl", what="shop")
    make(world, "team", "Crew", by="devi")
    world.member("ada", "limited", "crew", by="devi")
    sent: InvitationSent = world.do(ShareWith(world.by("ada"), "shop", "crew", "developer")).first(InvitationSent)
    world.member("eli", "unlimited", "crew", by="devi")
    return Accept(world.by("devi"), sent.invitation)


WAYS: dict[str, Callable[[World], Any]] = {
    "a team is shared with": shared,
    "a team's new member": team_joined,
    "assigned in a team": assigned,
    "a team that grew while it was asked": team_asked,
    "moved in with its people": moved,
    "another payer": paid,
    "promoted": promoted,
    "undone": undone,
}


@pytest.mark.rule("BIL-09")
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_beyond_the_limit(small: World, way: str) -> None:
    act = WAYS[way](small)
    before, events = seats(small), len(small.history())
    with pytest.raises(refusals.BeyondPlan):
        small.do(act)
    assert len(small.history()) == events
    assert seats(small) == before
    small.do(Plan(small.by("ada"), "acme", None))
    small.do(act)
    assert len(small.history()) > events


@pytest.mark.rule("BIL-09")
def test_a_request_beyond_the_limit_is_not_granted(small: World) -> None:
    small.do(Plan(small.by("ada"), "acme", None))
    asked: RequestSent = small.do(Ask(small.by("bo"), "admin", "acme")).first(RequestSent)
    small.member("eli", "admin")
    small.do(Plan(small.by("ada"), "acme", "small"))
    with pytest.raises(refusals.BeyondPlan):
        small.do(Grant(small.by("ada"), asked.request))
    small.remove("eli")
    small.do(Grant(small.by("ada"), asked.request))
    assert given(small, "acme") == {"ada": "owner", "bo": "admin"}


@pytest.mark.rule("BIL-09")
def test_who_takes_over_billing_needs_a_seat(small: World) -> None:
    with pytest.raises(refusals.BeyondPlan):
        offer(small, "devi", "shop")
    make(small, "payment", "Card", by="bo")
    take(small, "bo", offer(small, "bo", "shop"), "card")
    assert seats(small)["collaborator"] == (2, 2)


@pytest.mark.rule("BIL-09")
@pytest.mark.rule("BIL-06")
def test_who_takes_a_company_over_takes_the_owners_seat(small: World) -> None:
    take(small, "devi", hand_over(small, "devi", "acme"))
    assert seats(small, "devi")["owner"] == (1, 1)
    with pytest.raises(refusals.BeyondPlan):
        take(small, "bo", hand_over(small, "bo", "acme", by="devi"))
    assert given(small, "acme") == {"ada": "admin", "devi": "owner"}


@pytest.mark.rule("BIL-09")
def test_going_down_takes_a_seat_below(small: World) -> None:
    make(small, "app", "Blog", within="acme")
    small.member("devi", "admin")
    with pytest.raises(refusals.BeyondPlan):
        small.do(ChangeRole(small.by("ada"), small.account("devi"), "collaborator", "acme", keep=("blog",)))
    small.remove("bo", what="shop")
    small.do(ChangeRole(small.by("ada"), small.account("devi"), "collaborator", "acme", keep=("blog",)))
    assert seats(small)["collaborator"] == (2, 2)


@pytest.mark.rule("BIL-09")
def test_what_ends_makes_room_at_once_and_what_is_made_takes_none(small: World) -> None:
    small.do(Create(small.by("ada"), "app", "Blog", "acme"))
    small.leave("bo", "shop")
    small.member("devi", "developer", "blog")
    small.profile("carl", active=False)
    small.member("eli", "developer", "blog")
    small.profile("carl", active=True)
    assert seats(small)["collaborator"] == (3, 2)
    with pytest.raises(refusals.BeyondPlan):
        small.invite("sam", "developer", "blog")
    assert attach(small, "blog", make(small, "payment", "Card")).recorded


@pytest.mark.rule("BIL-09")
def test_a_role_that_is_full_keeps_nobody_from_another(small: World) -> None:
    small.member("eli", "admin")
    assert small.invite("sam", "accountant")


@pytest.mark.rule("BIL-09")
@pytest.mark.parametrize("goes", [False, True])
def test_whoever_is_to_pay_needs_room_as_a_collaborator_whether_or_not_who_offers_goes(
    small: World, goes: bool
) -> None:
    with pytest.raises(refusals.BeyondPlan):
        offer(small, "sam", "shop", goes=goes)
