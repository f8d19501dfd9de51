"""Several things in one invitation, several people in one act, and how much of it a day (INV-01, INV-12, INV-13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.events import (
    InvitationAccepted,
    InvitationExpired,
    InvitationResent,
    InvitationSent,
    InvitationSuperseded,
    MemberJoined,
    MemberRoleChanged,
)
from collab.invitations import Edit, Invite, Resend, Revoke
from collab.membership import ChangeRole
from collab.offers import Term
from collab.people import Address
from collab.preferences import Set
from collab.resources import Delete, Disable, Enable, Move
from collab.service import Outcome
from collab.transfers import TransferBilling
from tests.support.builders import World

BOTH = ("shop", "orders")


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the app Shop, the database Orders, and the project Site with the app Blog."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("app", "Shop", "acme")
    acme.make("database", "Orders", "acme")
    acme.make("project", "Site", "acme")
    acme.make("app", "Blog", "site")
    acme.told()
    return acme


@pytest.mark.rule("INV-01")
def test_one_invitation_to_an_app_and_a_database_gives_the_role_on_both(agency: World) -> None:
    invitation = agency.invite("devi", "developer", BOTH, term=Term(timedelta(days=30)), note="Both go together")
    assert agency.told() == [("devi", "invitation"), ("ada", "invitation_sent")]
    assert agency.can("devi", "shop") == agency.can("devi", "orders") == set()

    agency.accept("devi", invitation)

    assert [e.until for e in agency.happened(MemberJoined)[-2:]] == [agency.at + timedelta(days=30)] * 2
    assert agency.can("devi", "shop") == agency.can("devi", "orders") == {"view", "configure", "code"}
    told = agency.told()
    assert [m for t, m in told if t == "ada"].count("invitation_accepted") == 1
    agency.passes(days=30)
    assert agency.can("devi", "shop") == agency.can("devi", "orders") == set()


@pytest.mark.rule("INV-01")
def test_things_named_twice_are_offered_once(agency: World) -> None:
    invitation = agency.invite("devi", "developer", ("shop", "SHOP", "orders", agency.thing("shop").id))
    assert len(agency.invitation(invitation).resources) == 2


@pytest.mark.rule("INV-01")
@pytest.mark.parametrize("what", [("shop", "acme"), ("site", "shop"), ("acme", "site")])
def test_only_apps_and_databases_go_together(agency: World, what: tuple[str, ...]) -> None:
    for role in ("admin", "developer", "administrator"):
        with pytest.raises((refusals.NotTogether, refusals.UnknownRole)):
            agency.invite("devi", role, what)
    assert agency.happened(InvitationSent) == []


@pytest.mark.rule("INV-01")
@pytest.mark.rule("BIL-03")
def test_one_offer_holds_fifty_things_and_no_more(agency: World) -> None:
    apps = tuple(agency.make("app", f"App {number}", "acme") for number in range(51))
    with pytest.raises(refusals.TooManyTogether) as told:
        agency.invite("devi", "developer", apps)
    assert (told.value.many, told.value.limit) == (51, 50)
    with pytest.raises(refusals.TooManyTogether):
        agency.do(TransferBilling(agency.by("ada"), agency.account("devi"), apps))

    agency.accept("devi", agency.invite("devi", "developer", apps[:50]))
    assert agency.can("devi", apps[49]) == {"view", "configure", "code"}


@pytest.mark.rule("INV-01")
@pytest.mark.rule("ROL-05")
def test_the_right_is_needed_on_every_one_of_them(agency: World) -> None:
    agency.member("carl", "admin", "shop")
    agency.member("carl", "developer", "orders")
    with pytest.raises(refusals.MayNotGrant):
        agency.invite("devi", "developer", BOTH, by="carl")
    with pytest.raises(refusals.UnknownResource):
        agency.invite("devi", "developer", ("shop", "blog"), by="carl")
    assert agency.waiting("devi") == []


@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-09")
def test_an_inviter_who_loses_the_right_on_one_of_them_upholds_none(agency: World) -> None:
    agency.member("carl", "admin", "shop")
    agency.member("carl", "admin", "orders")
    invitation = agency.invite("devi", "developer", BOTH, by="carl")
    agency.told()
    agency.leave("carl", "orders")
    assert agency.invitation(invitation).state == "revoked"
    assert ("ada", "invitation_lost") in agency.told()
    with pytest.raises(refusals.AlreadyAnswered):
        agency.accept("devi", invitation)


@pytest.mark.rule("INV-04")
@pytest.mark.rule("RES-04")
@pytest.mark.parametrize("which", BOTH)
def test_one_of_them_deleted_takes_the_offer_along_and_no_button_is_left(agency: World, which: str) -> None:
    invitation = agency.invite("devi", "developer", BOTH)
    agency.told()
    agency.do(Delete(agency.by("ada"), which))
    assert agency.invitation(invitation).state == "revoked"
    assert ("devi", "refresh") in agency.told()
    assert agency.waiting("devi") == []
    agency.invite("devi", "developer", next(what for what in BOTH if what != which))


@pytest.mark.rule("INV-09")
@pytest.mark.rule("RES-03")
@pytest.mark.parametrize("which", BOTH)
def test_one_of_them_moved_out_of_the_inviters_reach_takes_the_offer_along(agency: World, which: str) -> None:
    agency.member("carl", "admin")
    invitation = agency.invite("devi", "developer", BOTH, by="carl")
    agency.make("company", "Beta")
    agency.do(Move(agency.by("ada"), which, "beta"))
    assert agency.invitation(invitation).state == "revoked"


@pytest.mark.rule("INV-04")
@pytest.mark.rule("ROL-04")
def test_one_of_them_disabled_keeps_the_offer_waiting(agency: World) -> None:
    invitation = agency.invite("devi", "developer", ("shop", "blog"))
    agency.do(Disable(agency.by("ada"), "site"))
    with pytest.raises(refusals.InviterLostRight):
        agency.accept("devi", invitation)
    assert agency.can("devi", "shop") == set()
    agency.do(Enable(agency.by("ada"), "site"))
    agency.accept("devi", invitation)
    assert agency.can("devi", "shop") == agency.can("devi", "blog")


@pytest.mark.rule("ROL-07")
@pytest.mark.rule("INV-04")
def test_what_is_held_already_stays_and_the_rest_is_taken(agency: World) -> None:
    invitation = agency.invite("devi", "developer", BOTH)
    agency.grants(agency.thing("shop").id, "devi", "admin")
    outcome = agency.accept("devi", invitation)
    assert [type(r.event) for r in outcome.recorded] == [InvitationAccepted, MemberJoined]
    assert agency.members("shop")["devi"] == "admin"
    assert agency.members("orders")["devi"] == "developer"


@pytest.mark.rule("ROL-07")
@pytest.mark.rule("INV-04")
def test_a_lower_role_held_on_one_of_them_is_raised(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    outcome = agency.accept("devi", agency.invite("devi", "manager", BOTH))
    assert outcome.first(MemberRoleChanged).before == "developer"
    assert agency.members("shop")["devi"] == agency.members("orders")["devi"] == "manager"


@pytest.mark.rule("INV-05")
def test_what_is_held_on_one_of_them_refuses_the_whole(agency: World) -> None:
    agency.member("devi", "developer", "orders")
    with pytest.raises(refusals.AlreadyHolds) as refused:
        agency.invite("devi", "developer", BOTH)
    assert refused.value.title == "Orders"


@pytest.mark.rule("INV-03")
def test_the_same_things_in_another_order_resend(agency: World) -> None:
    first = agency.invite("devi", "developer", BOTH)
    outcome = agency.do(Invite(agency.by("ada"), agency.account("devi"), "developer", BOTH[::-1]))
    assert outcome.first(InvitationResent).invitation == first
    assert agency.waiting("devi") == [first]


@pytest.mark.rule("INV-03")
def test_an_offer_that_overlaps_takes_the_place_of_all_that_it_meets(agency: World) -> None:
    shop, orders = agency.invite("devi", "developer", "shop"), agency.invite("devi", "manager", "orders")
    blog = agency.invite("devi", "developer", "blog")
    outcome = agency.do(Invite(agency.by("ada"), agency.account("devi"), "developer", BOTH))
    both = outcome.first(InvitationSent).invitation
    assert sorted(e.invitation for e in agency.happened(InvitationSuperseded)) == sorted([shop, orders])
    assert sorted(agency.waiting("devi")) == sorted([both, blog])
    narrower = agency.invite("devi", "manager", "orders")
    assert agency.invitation(both).state == "superseded"
    assert sorted(agency.waiting("devi")) == sorted([narrower, blog])


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-07")
def test_an_overlap_with_what_one_may_not_manage_is_refused_and_changes_nothing(agency: World) -> None:
    agency.member("carl", "manager", "shop")
    agency.member("carl", "manager", "orders")
    waits = agency.invite("devi", "admin", "orders")
    with pytest.raises(refusals.MayNotManage):
        agency.invite("devi", "developer", BOTH, by="carl")
    assert agency.waiting("devi") == [waits]


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-04")
def test_an_invitation_whose_time_ran_out_stands_in_nobodys_way_before_any_sweep(agency: World) -> None:
    agency.member("carl", "admin")
    old = agency.invite("devi", "owner")
    agency.at += timedelta(days=7)
    new = agency.invite("devi", "admin", by="carl")
    assert agency.invitation(old).state == "expired"
    assert agency.waiting("devi") == [new]
    assert len(agency.happened(InvitationExpired)) == 1


@pytest.mark.rule("INV-07")
def test_all_of_them_are_edited_revoked_and_sent_again_together(agency: World) -> None:
    invitation = agency.invite("devi", "developer", BOTH)
    agency.do(Edit(agency.by("ada"), invitation, "manager"))
    agency.do(Revoke(agency.by("ada"), invitation))
    again = agency.do(Resend(agency.by("ada"), invitation)).first(InvitationSent)
    assert (again.role, {again.resource, *again.also}) == ("manager", {agency.thing(w).id for w in BOTH})
    agency.accept("devi", again.invitation)
    assert agency.members("orders")["devi"] == "manager"


@pytest.mark.rule("INV-07")
def test_who_may_manage_one_of_them_alone_does_not_manage_the_whole(agency: World) -> None:
    agency.member("carl", "admin", "shop")
    agency.member("carl", "developer", "orders")
    invitation = agency.invite("devi", "developer", BOTH)
    for act in (Revoke, Resend):
        with pytest.raises(refusals.MayNotManage):
            agency.do(act(agency.by("carl"), invitation))
    agency.member("bo", "admin", "shop")
    for act in (Revoke, Resend):
        with pytest.raises(refusals.UnknownInvitation):
            agency.do(act(agency.by("bo"), invitation))


@pytest.mark.rule("INV-06")
def test_a_decline_rests_on_each_of_them(agency: World) -> None:
    agency.decline("devi", agency.invite("devi", "developer", BOTH))
    for what in BOTH:
        with pytest.raises(refusals.DeclinedRecently):
            agency.invite("devi", "developer", what)
    agency.invite("devi", "developer", "blog")


@pytest.mark.rule("MEM-06")
def test_who_is_removed_from_one_of_them_is_no_longer_invited_to_both(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    invitation = agency.invite("devi", "manager", BOTH)
    agency.remove("devi", what="shop")
    assert agency.invitation(invitation).state == "revoked"


@pytest.mark.rule("INV-09")
@pytest.mark.rule("MEM-02")
def test_an_inviter_who_rises_or_falls_keeps_what_the_new_role_upholds(agency: World) -> None:
    agency.member("carl", "admin")
    agency.member("bo", "owner")
    raised = agency.invite("devi", "developer", "shop", by="carl")
    agency.do(_change(agency, "carl", "owner"))
    assert agency.invitation(raised).state == "pending"
    agency.member("sam", "administrator", "site")
    lowered = agency.invite("devi", "developer", "blog", by="sam")
    agency.do(_change(agency, "sam", "member", "site"))
    assert agency.invitation(lowered).state == "revoked"


@pytest.mark.rule("INV-12")
def test_each_of_several_people_gets_an_answer_and_a_bad_one_spoils_only_itself(agency: World) -> None:
    agency.profile("robot", bot=True)
    agency.member("carl", "developer", "shop")
    whom = [agency.account(n) for n in ("devi", "ada", "robot", "carl", "bo")] + [Address("x@example.com")]
    acts = [Invite(agency.by("ada"), who, "developer", "shop") for who in whom]

    outcomes = agency.collab.perform_each(acts, agency.at)

    assert [type(o) if not isinstance(o, Outcome) else Outcome for o in outcomes] == [
        Outcome,
        refusals.ToYourself,
        refusals.NotAPerson,
        refusals.AlreadyHolds,
        Outcome,
        Outcome,
    ]
    assert len(agency.happened(InvitationSent)) == 4
    assert agency.waiting("devi")
    assert agency.waiting("bo")


@pytest.mark.rule("INV-12")
def test_the_same_person_twice_is_asked_once(agency: World) -> None:
    acts = [Invite(agency.by("ada"), agency.account("devi"), "developer", "shop") for _ in range(2)]
    first, second = agency.collab.perform_each(acts, agency.at)
    assert isinstance(first, Outcome)
    assert isinstance(second, Outcome)
    assert len(agency.waiting("devi")) == 1


@pytest.mark.rule("INV-13")
def test_fifty_invitations_a_day_and_then_one_when_the_first_is_a_day_old(agency: World) -> None:
    for n in range(50):
        agency.at += timedelta(minutes=1)
        agency.invite(f"p{n}@example.com", "developer", "shop")
    with pytest.raises(refusals.TooManyToday) as refused:
        agency.invite("devi", "developer", "shop")
    assert refused.value.limit == 50
    agency.at = refused.value.again - timedelta(seconds=1)
    with pytest.raises(refusals.TooManyToday):
        agency.invite("devi", "developer", "shop")
    agency.at = refused.value.again
    agency.invite("devi", "developer", "shop")
    with pytest.raises(refusals.TooManyToday):
        agency.invite("bo", "developer", "shop")


@pytest.fixture
def three(agency: World) -> World:
    """Three invitations a day, no more."""
    agency.profile("root", admin=True)
    agency.do(Set(agency.by("root"), "daily-invitations", "3"))
    agency.member("carl", "admin")
    agency.at += timedelta(days=1)
    return agency


@pytest.mark.rule("INV-13")
def test_neither_taking_back_nor_putting_in_the_place_of_another_makes_room(three: World) -> None:
    three.do(Revoke(three.by("ada"), three.invite("devi", "developer", "shop")))
    three.decline("bo", three.invite("bo", "developer", "shop"))
    three.invite("sam", "developer", "shop")
    with pytest.raises(refusals.TooManyToday):
        three.invite("sam", "manager", "shop")
    assert len(three.waiting("sam")) == 1


@pytest.mark.rule("INV-13")
def test_the_day_is_each_persons_own_and_several_things_count_as_one(three: World) -> None:
    for who in ("devi", "bo", "sam"):
        three.invite(who, "developer", BOTH)
    with pytest.raises(refusals.TooManyToday):
        three.invite("x@example.com", "developer", "shop")
    three.invite("x@example.com", "developer", "shop", by="carl")


@pytest.mark.rule("INV-13")
def test_what_somebody_else_sends_again_does_not_count_as_mine(three: World) -> None:
    mine = [three.invite(who, "developer", "shop") for who in ("devi", "bo", "sam")]
    three.at += timedelta(days=2)
    for invitation in mine:
        three.do(Resend(three.by("carl"), invitation))
    three.invite("x@example.com", "developer", "shop")


@pytest.mark.rule("INV-13")
def test_sending_again_is_no_way_to_ask_without_end(three: World) -> None:
    mine = [three.invite(who, "developer", "shop") for who in ("devi", "bo")]
    three.do(Resend(three.by("ada"), mine[0]))
    for act in (Resend(three.by("ada"), mine[0]), Invite(three.by("ada"), three.account("bo"), "developer", "shop")):
        with pytest.raises(refusals.TooManyToday):
            three.do(act)


@pytest.mark.rule("INV-13")
@pytest.mark.rule("RES-05")
def test_asking_a_team_counts_too(three: World) -> None:
    for n in range(3):
        three.make("team", f"Crew {n}", by="devi")
        three.member("ada", "limited", f"crew-{n}", by="devi")
    three.at += timedelta(days=1)
    for n in range(3):
        three.shares("shop", f"crew-{n}", "developer")
    with pytest.raises(refusals.TooManyToday):
        three.invite("bo", "developer", "shop")


def _change(world: World, who: str, role: str, what: str = "acme") -> ChangeRole:
    return ChangeRole(world.by("ada"), world.account(who), role, what)
