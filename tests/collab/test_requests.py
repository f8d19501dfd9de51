"""Whoever may view a thing may ask for a role on it; those who may grant it answer, once (MEM-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from collab import refusals
from collab.billing import Pay
from collab.events import MemberJoined, MemberRoleChanged, RequestDeclined, RequestEnded, RequestGranted, RequestSent
from collab.membership import ChangeRole
from collab.offers import Term
from collab.requests import Ask, Grant, Refuse
from collab.resources import Create, Delete, Disable, Move
from collab.teams import Assign, Unassign, Unshare
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the app Shop and the project Site; Devi develops Shop, Carl is an admin of Acme."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("app", "Shop", "acme")
    acme.make("project", "Site", "acme")
    acme.member("devi", "developer", "shop")
    acme.member("carl", "admin")
    acme.told()
    return acme


@pytest.mark.rule("MEM-12")
def test_whoever_may_view_a_thing_may_ask_and_those_who_may_grant_hear(agency: World) -> None:
    agency.asks("devi", "manager", "shop", note="I look after the database")
    assert sorted(agency.told()) == [("ada", "request"), ("carl", "request")]
    assert agency.happened(RequestSent)[0].note == "I look after the database"
    assert agency.members("shop")["devi"] == "developer"


@pytest.mark.rule("MEM-12")
def test_who_may_not_view_it_hears_that_there_is_no_such_thing(agency: World) -> None:
    for what in ("shop", "nowhere"):
        with pytest.raises(refusals.UnknownResource):
            agency.asks("sam", "developer", what)


@pytest.mark.rule("MEM-12")
def test_yes_gives_the_role_at_once_and_everybody_concerned_hears_once(agency: World) -> None:
    agency.link()
    request = agency.asks("devi", "manager", "shop")
    agency.told()

    outcome = agency.grant("carl", request)

    assert [type(r.event) for r in outcome.recorded] == [RequestGranted, MemberRoleChanged]
    assert agency.members("shop")["devi"] == "manager"
    told = agency.told()
    assert [m for t, m in told if t == "devi"] == ["request_granted"]
    assert sorted(t for t, m in told if m == "refresh") == ["ada", "carl"]
    assert ("channel:CACME", "member_role_changed") in told


@pytest.mark.rule("MEM-12")
def test_somebody_who_only_looks_gets_a_role_of_their_own(agency: World) -> None:
    request = agency.asks("devi", "admin", "acme")
    assert agency.grant("ada", request).first(MemberJoined).role == "admin"
    assert agency.members()["devi"] == "admin"
    assert agency.hears("member_joined") == []


@pytest.mark.rule("MEM-12")
def test_no_is_told_with_its_reason_to_the_asker_alone(agency: World) -> None:
    agency.link()
    request = agency.asks("devi", "manager", "shop")
    agency.told()
    agency.refuse("carl", request, "Not this month")
    assert sorted(agency.told()) == [("ada", "refresh"), ("carl", "refresh"), ("devi", "request_declined")]
    assert agency.happened(RequestDeclined)[0].reason == "Not this month"
    assert agency.members("shop")["devi"] == "developer"


@pytest.mark.rule("MEM-12")
def test_one_answer_wins(agency: World) -> None:
    request = agency.asks("devi", "manager", "shop")
    agency.refuse("carl", request)
    for answer in (
        Grant(agency.by("ada"), request),
        Refuse(agency.by("ada"), request),
        Grant(agency.by("carl"), request),
    ):
        with pytest.raises(refusals.RequestAnswered):
            agency.do(answer)
    assert agency.members("shop")["devi"] == "developer"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("MEM-01")
def test_nobody_approves_themselves_not_even_with_the_right_to_grant(agency: World) -> None:
    request = agency.asks("devi", "manager", "shop")
    agency.member("devi", "admin")
    for answer in (Grant, Refuse):
        with pytest.raises(refusals.ToYourself):
            agency.do(answer(agency.by("devi", "button"), request))
    assert agency.members("shop")["devi"] == "developer"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-05")
def test_who_may_not_grant_the_role_answers_nothing(agency: World) -> None:
    request = agency.asks("devi", "admin", "shop")
    agency.member("bo", "manager", "shop")
    for answer in (Grant, Refuse):
        with pytest.raises(refusals.MayNotGrant):
            agency.do(answer(agency.by("bo", "button"), request))
        for stranger in ("sam", "bo@T2"):
            with pytest.raises((refusals.UnknownRequest, refusals.ForeignActor)):
                agency.do(answer(agency.by(stranger, "button"), request))
    assert agency.request(request).state == "pending"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-05")
def test_who_was_asked_and_lost_the_right_answers_nothing_and_who_won_it_does(agency: World) -> None:
    request = agency.asks("devi", "admin", "shop")
    agency.remove("carl")
    with pytest.raises(refusals.UnknownRequest):
        agency.grant("carl", request)
    agency.member("bo", "admin", "shop")
    agency.grant("bo", request)
    assert agency.members("shop")["devi"] == "admin"


@pytest.mark.rule("MEM-12")
def test_what_is_held_already_or_never_given_is_not_asked_for(agency: World) -> None:
    with pytest.raises(refusals.AlreadyHolds):
        agency.asks("devi", "developer", "shop")
    for role in ("payer", "captain"):
        with pytest.raises(refusals.UnknownRole):
            agency.asks("devi", role, "shop")
    with pytest.raises(refusals.UnknownRole):
        agency.asks("devi", "collaborator", "acme")
    with pytest.raises(refusals.TooLong):
        agency.asks("devi", "manager", "shop", note="x" * 501)
    agency.member("bo", "administrator", "site")
    with pytest.raises(refusals.NobodyGrants):
        agency.asks("bo", "owner", "site")


@pytest.mark.rule("MEM-12")
def test_one_open_request_a_thing(agency: World) -> None:
    agency.asks("devi", "manager", "shop")
    with pytest.raises(refusals.AlreadyAsked):
        agency.asks("devi", "admin", "shop")
    agency.asks("devi", "admin", "acme")


@pytest.mark.rule("MEM-12")
def test_after_an_answer_one_may_ask_again(agency: World) -> None:
    agency.refuse("ada", agency.asks("devi", "manager", "shop"))
    agency.grant("ada", agency.asks("devi", "manager", "shop"))
    agency.grant("ada", agency.asks("devi", "admin", "shop"))
    assert agency.members("shop")["devi"] == "admin"


@pytest.mark.rule("MEM-12")
def test_a_request_that_nobody_answers_ends_and_the_asker_hears(agency: World) -> None:
    request = agency.asks("devi", "manager", "shop")
    agency.passes(days=7, seconds=-1)
    assert agency.request(request).state == "pending"
    agency.told()
    agency.passes(seconds=1)
    assert sorted(agency.told()) == [("ada", "refresh"), ("carl", "refresh"), ("devi", "request_ended")]
    assert agency.happened(RequestEnded)[0].why == "time"


@pytest.mark.rule("MEM-12")
def test_time_alone_ends_a_request_though_no_sweep_ran(agency: World) -> None:
    old = agency.asks("devi", "manager", "shop")
    agency.at += timedelta(days=7)
    for answer in (Grant, Refuse):
        with pytest.raises(refusals.RequestAnswered):
            agency.do(answer(agency.by("ada", "button"), old))
    new = agency.asks("devi", "manager", "shop")
    assert [agency.request(r).state for r in (old, new)] == ["ended", "pending"]
    agency.grant("ada", new)
    assert agency.members("shop")["devi"] == "manager"


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize(("role", "left"), [("manager", "ended"), ("admin", "ended")])
def test_what_came_by_another_door_ends_the_request(agency: World, role: str, left: str) -> None:
    request = agency.asks("devi", "manager", "shop")
    agency.told()
    agency.do(ChangeRole(agency.by("ada"), agency.account("devi"), role, "shop"))
    assert agency.request(request).state == left
    assert ("devi", "request_ended") in agency.told()


@pytest.mark.rule("MEM-12")
def test_a_lesser_role_by_another_door_leaves_the_request_open(agency: World) -> None:
    request = agency.asks("devi", "admin", "shop")
    agency.member("devi", "manager", "shop")
    assert agency.request(request).state == "pending"
    agency.grant("ada", request)
    assert agency.members("shop")["devi"] == "admin"


@pytest.mark.rule("MEM-12")
def test_a_request_ends_with_the_thing_and_with_the_asker(agency: World) -> None:
    agency.member("devi", "member", "site")
    thing, asker = agency.asks("devi", "manager", "shop"), agency.asks("devi", "accountant", "acme")
    agency.told()
    agency.do(Delete(agency.by("ada"), "shop"))
    assert agency.request(thing).state == "ended"
    assert agency.request(asker).state == "pending"
    assert ("devi", "request_ended") in agency.told()
    agency.goes("devi")
    assert agency.request(asker).state == "ended"
    assert [e.why for e in agency.happened(RequestEnded)] == ["gone", "asker"]


def carl_asks(world: World) -> str:
    return world.asks("carl", "owner", "acme")


def of_team(world: World, role: str) -> str:
    """Sam sees Shop through a team alone, and asks for a role on it."""
    world.make("team", "Crew")
    world.member("sam", role, "crew")
    world.shares("shop", "crew", "manager")
    world.do(Assign(world.by("ada"), world.account("sam"), "shop", "crew")) if role == "limited" else None
    return world.asks("sam", "admin", "shop")


def limited(world: World) -> str:
    world.member("sam", "developer", "shop", term=Term(timedelta(days=3)))
    return world.asks("sam", "manager", "shop")


def inner(world: World) -> str:
    """Sam is in Site and asks for a role on an app in it."""
    world.make("app", "Blog", "site")
    world.member("sam", "member", "site")
    return world.asks("sam", "manager", "blog")


def payer(world: World) -> str:
    """Sam pays for Shop and asks for a role on it."""
    world.do(Create(world.by("sam"), "payment", "Purse"))
    world.member("ada", "holder", "purse", by="sam")
    world.do(Pay(world.by("ada"), "shop", "purse"))
    return world.asks("sam", "developer", "shop")


def by_company(world: World) -> str:
    """Carl sees Shop through Acme alone, and asks for a role on it."""
    world.member("ada", "admin", "shop", by="carl")
    return world.asks("carl", "developer", "shop")


ENDS: dict[str, tuple[Callable[[World], str], Callable[[World], object]]] = {
    "leaves": (carl_asks, lambda w: w.leave("carl")),
    "is removed": (carl_asks, lambda w: w.remove("carl")),
    "is deactivated": (carl_asks, lambda w: w.goes("carl")),
    "the role ends by time": (limited, lambda w: w.passes(days=3)),
    "the role ends by time, unswept": (limited, lambda w: setattr(w, "at", w.at + timedelta(days=3))),
    "leaves what it stands in": (inner, lambda w: w.leave("sam", "site")),
    "is removed from what it stands in": (inner, lambda w: w.remove("sam", what="site")),
    "is removed from the company": (inner, lambda w: w.remove("sam")),
    "what it stands in is deleted": (inner, lambda w: w.do(Delete(w.by("ada"), "site", "Site"))),
    "the team's role is taken back": (
        lambda w: of_team(w, "unlimited"), lambda w: w.do(Unshare(w.by("ada"), "shop", "crew")),
    ),
    "leaves the team": (lambda w: of_team(w, "unlimited"), lambda w: w.leave("sam", "crew")),
    "is limited in the team": (
        lambda w: of_team(w, "unlimited"),
        lambda w: w.do(ChangeRole(w.by("ada"), w.account("sam"), "limited", "crew")),
    ),
    "is assigned no more": (
        lambda w: of_team(w, "limited"), lambda w: w.do(Unassign(w.by("ada"), w.account("sam"), "shop", "crew")),
    ),
    "the team is deleted": (lambda w: of_team(w, "unlimited"), lambda w: w.do(Delete(w.by("ada"), "crew"))),
    "pays no more": (payer, lambda w: w.do(Pay(w.by("ada"), "shop", None))),
    "it is moved away": (by_company, lambda w: w.do(Move(w.by("ada"), "shop", None))),
}  # fmt: skip


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-08")
@pytest.mark.parametrize("way", ENDS)
def test_a_request_ends_however_its_asker_loses_sight_of_it_and_cannot_be_granted(agency: World, way: str) -> None:
    begin, end = ENDS[way]
    request = begin(agency)
    asker = agency.request(request).person
    agency.told()
    end(agency)
    if "unswept" not in way:
        assert agency.request(request).state == "ended"
        told = agency.told()
        assert ("carl" if begin in (carl_asks, by_company) else "sam", "request_ended") in told
        assert ("ada", "refresh") in told
    with pytest.raises((refusals.RequestAnswered, refusals.UnknownRequest)):
        agency.grant("ada", request)
    assert [e for e in agency.happened(RequestGranted) if e.person == asker] == []


@pytest.mark.rule("MEM-12")
def test_a_removed_admin_does_not_come_back_as_owner_by_an_older_request(agency: World) -> None:
    agency.member("bo", "owner")
    request = agency.asks("carl", "owner", "acme")
    agency.remove("carl")
    with pytest.raises(refusals.RequestAnswered):
        agency.grant("bo", request)
    assert "carl" not in agency.members()


@pytest.mark.rule("MEM-12")
def test_what_the_asker_keeps_seeing_by_another_way_stays_asked_for(agency: World) -> None:
    agency.member("devi", "member", "site")
    request = agency.asks("devi", "accountant", "acme")
    agency.leave("devi", "shop")
    assert agency.request(request).state == "pending"
    agency.leave("devi", "site")
    assert [agency.request(request).state, agency.happened(RequestEnded)[0].why] == ["ended", "unseen"]


@pytest.mark.rule("MEM-12")
def test_the_asker_withdraws_by_name_or_by_button_and_those_who_were_asked_see_it(agency: World) -> None:
    request = agency.asks("devi", "manager", "shop")
    agency.told()
    agency.withdraw("devi", "shop")
    assert sorted(agency.told()) == [("ada", "refresh"), ("carl", "refresh")]
    assert agency.request(request).state == "ended"
    for answer in (Grant, Refuse):
        with pytest.raises(refusals.RequestAnswered):
            agency.do(answer(agency.by("ada", "button"), request))
    again = agency.asks("devi", "manager", "shop")
    agency.withdraw("devi", again)
    assert agency.request(again).answered_by == agency.id_of("devi")


@pytest.mark.rule("MEM-12")
def test_nobody_withdraws_what_is_answered_or_what_somebody_else_asked_for(agency: World) -> None:
    request = agency.asks("devi", "manager", "shop")
    for who in ("ada", "carl", "sam"):
        with pytest.raises(refusals.UnknownRequest):
            agency.withdraw(who, request)
    with pytest.raises(refusals.NothingRequested):
        agency.withdraw("carl", "shop")
    agency.grant("ada", request)
    with pytest.raises(refusals.RequestAnswered):
        agency.withdraw("devi", request)


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("RES-04")
def test_a_deleted_container_ends_the_requests_for_what_stood_in_it(agency: World) -> None:
    agency.make("app", "Blog", "site")
    agency.member("devi", "developer", "blog")
    request = agency.asks("devi", "manager", "blog")
    agency.do(Delete(agency.by("ada"), "site", "Site"))
    assert agency.request(request).state == "ended"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-04")
def test_a_disabled_project_grants_nothing_until_it_is_enabled(agency: World) -> None:
    agency.make("app", "Blog", "site")
    agency.member("devi", "developer", "blog")
    request = agency.asks("devi", "manager", "blog")
    agency.do(Disable(agency.by("ada"), "site"))
    with pytest.raises(refusals.MayNotGrant):
        agency.grant("ada", request)
    assert agency.request(request).state == "pending"


@pytest.mark.rule("MEM-12")
def test_a_role_that_was_to_end_lasts_once_a_higher_one_is_granted(agency: World) -> None:
    agency.member("sam", "developer", "shop", term=Term(timedelta(days=30)))
    agency.grant("ada", agency.asks("sam", "manager", "shop"))
    agency.passes(days=60)
    assert agency.members("shop")["sam"] == "manager"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("PER-02")
def test_somebody_of_another_workspace_is_not_asked_what_they_could_not_answer(agency: World) -> None:
    agency.knows("eve@T2")
    agency.member("eve@T2", "admin")
    agency.told()
    agency.asks("devi", "manager", "shop")
    assert sorted(agency.told()) == [("ada", "request"), ("carl", "request")]


@pytest.mark.rule("MEM-12")
def test_a_request_of_another_workspace_is_unknown(agency: World) -> None:
    request = agency.asks("devi", "manager", "shop")
    other = World(agency.database, workspace="T9", prefix="9")
    other.knows("ada")
    for answer in (Grant, Refuse):
        with pytest.raises(refusals.UnknownRequest):
            other.do(answer(other.by("ada", "button"), request))


@pytest.mark.rule("MEM-12")
def test_the_same_delivery_twice_asks_once(agency: World) -> None:
    act = Ask(agency.by("devi", delivery="command:7"), "manager", "shop")
    agency.do(act)
    assert agency.do(act).repeated
    assert len(agency.happened(RequestSent)) == 1
