"""Memberships for a limited time: warned of, extended by those who may grant the role, ended by time (MEM-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.events import MemberEnded, MemberExtended, MemberWarned
from collab.membership import ChangeRole
from collab.offers import FOR_GOOD, Term
from tests.support.builders import World

MONTH = Term(timedelta(days=30))


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the app Shop; Devi works on it for 30 days."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("app", "Shop", "acme")
    acme.member("devi", "developer", "shop", term=MONTH)
    acme.told()
    return acme


def days_of(world: World, kind: type, days: int) -> list[int]:
    """On which of the coming days something happens, when time is looked after every day."""
    seen = []
    for day in range(1, days + 1):
        before = len(world.happened(kind))
        world.passes(days=1)
        seen += [day] * (len(world.happened(kind)) - before)
    return seen


@pytest.mark.rule("MEM-10")
def test_it_warns_seven_days_and_one_day_before_and_then_ends(agency: World) -> None:
    assert days_of(agency, MemberWarned, 29) == [23, 29]
    assert "devi" in agency.members("shop")
    assert days_of(agency, MemberEnded, 1) == [1]
    assert "devi" not in agency.members("shop")


@pytest.mark.rule("MEM-10")
def test_the_person_and_the_granters_are_warned_once_each(agency: World) -> None:
    agency.member("carl", "admin")
    agency.member("bo", "manager", "shop")
    agency.member("sam", "developer", "shop")
    agency.told()
    agency.passes(days=23)
    told = agency.told()
    assert [t for t, m in told if m == "member_warned"] == ["devi"]
    assert sorted(t for t, m in told if m == "member_ends_soon") == ["ada", "bo", "carl"]
    agency.passes(days=1)
    assert agency.told() == []


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize(("days", "warned"), [(1, []), (2, [1]), (7, [6]), (8, [1, 7])])
def test_a_short_time_warns_only_before_its_end(agency: World, days: int, warned: list[int]) -> None:
    agency.member("sam", "developer", "shop", term=Term(timedelta(days=days)))
    assert days_of(agency, MemberWarned, days) == warned
    assert "sam" not in agency.members("shop")


@pytest.mark.rule("MEM-10")
def test_a_sweep_that_comes_late_warns_once_and_one_later_still_ends_it_at_once(agency: World) -> None:
    agency.passes(days=29, hours=12)
    assert len(agency.happened(MemberWarned)) == 1
    agency.member("sam", "developer", "shop", term=MONTH)
    agency.passes(days=60)
    assert len(agency.happened(MemberWarned)) == 1
    assert len(agency.happened(MemberEnded)) == 2


@pytest.mark.rule("MEM-10")
def test_a_granter_extends_it_and_the_warnings_move_along(agency: World) -> None:
    until = agency.at + timedelta(days=60)
    agency.passes(days=23)
    agency.told()

    extended = agency.extend("devi", "shop").first(MemberExtended)

    assert (extended.until, extended.before) == (until, until - timedelta(days=30))
    told = agency.told()
    assert [t for t, m in told if m == "member_extended"] == ["devi"]
    assert ("ada", "refresh") in told
    assert days_of(agency, MemberWarned, 37) == [30, 36]
    assert days_of(agency, MemberEnded, 1) == [] or "devi" not in agency.members("shop")


@pytest.mark.rule("MEM-10")
def test_made_to_last_it_warns_and_ends_no_more_and_no_button_is_left(agency: World) -> None:
    agency.passes(days=23)
    agency.told()
    agency.extend("devi", "shop", FOR_GOOD)
    assert ("ada", "refresh") in agency.told()
    agency.passes(days=400)
    assert "devi" in agency.members("shop")
    with pytest.raises(refusals.HasNoEnd):
        agency.extend("devi", "shop")


@pytest.mark.rule("INV-11")
@pytest.mark.rule("MEM-10")
def test_a_role_that_came_to_last_by_another_door_leaves_no_button_to_extend_it(agency: World) -> None:
    agency.member("carl", "admin")
    agency.passes(days=23)
    agency.told()
    agency.member("devi", "admin", "shop", by="carl")
    assert ("ada", "refresh") in agency.told()
    agency.passes(days=400)
    assert agency.members("shop")["devi"] == "admin"


@pytest.mark.rule("MEM-10")
def test_only_who_may_grant_the_role_extends_it_and_nobody_their_own(agency: World) -> None:
    agency.member("carl", "manager", "shop", term=MONTH)
    agency.member("sam", "developer", "shop")
    with pytest.raises(refusals.ToYourself):
        agency.extend("devi", "shop", by="devi")
    with pytest.raises(refusals.ToYourself):
        agency.extend("carl", "shop", by="carl")
    with pytest.raises(refusals.MayNotGrant):
        agency.extend("devi", "shop", by="sam")
    with pytest.raises(refusals.UnknownResource):
        agency.extend("devi", "shop", by="bo")
    agency.extend("devi", "shop", by="carl")
    agency.member("bo", "manager", "shop")
    with pytest.raises(refusals.MayNotGrant):
        agency.extend("carl", "shop", by="bo")


@pytest.mark.rule("MEM-10")
def test_it_is_never_made_shorter_nor_longer_than_ten_years(agency: World) -> None:
    with pytest.raises(refusals.EndsLater):
        agency.extend("devi", "shop", Term(until=agency.at + timedelta(days=20)))
    with pytest.raises(refusals.EndsLater):
        agency.extend("devi", "shop", Term(until=agency.at + timedelta(days=30)))
    with pytest.raises(refusals.BadDuration):
        agency.extend("devi", "shop", Term(timedelta(days=3650)))


@pytest.mark.rule("MEM-10")
@pytest.mark.rule("ROL-08")
def test_what_ended_by_time_is_over_at_that_moment_and_cannot_be_extended_though_no_sweep_ran(agency: World) -> None:
    agency.at += timedelta(days=30)
    assert agency.can("devi", "shop") == set()
    with pytest.raises(refusals.NotAMember):
        agency.extend("devi", "shop")


@pytest.mark.rule("MEM-10")
@pytest.mark.rule("INV-09")
def test_an_end_by_time_takes_along_the_invitations_in_its_right(agency: World) -> None:
    agency.member("carl", "manager", "shop", term=Term(timedelta(days=2)))
    agency.at += timedelta(days=1)
    sent = agency.invite("sam", "developer", "shop", by="carl")
    agency.passes(days=1)
    assert agency.invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-10")
def test_an_end_by_time_leaves_nothing_without_those_who_must_stay(agency: World) -> None:
    agency.member("carl", "owner", term=Term(timedelta(days=2)))
    with pytest.raises(refusals.LastHolder):
        agency.leave("ada")
    agency.extend("carl", term=FOR_GOOD)
    agency.leave("ada")
    agency.passes(days=3)
    assert agency.members(by="carl") == {"carl": "owner", "devi": "collaborator"}


@pytest.mark.rule("MEM-10")
def test_a_changed_role_keeps_its_end_and_its_warnings(agency: World) -> None:
    agency.do(ChangeRole(agency.by("ada"), agency.account("devi"), "manager", "shop"))
    assert days_of(agency, MemberWarned, 29) == [23, 29]
    assert agency.happened(MemberWarned)[-1].role == "manager"
    agency.passes(days=1)
    assert "devi" not in agency.members("shop")


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("MEM-10")
def test_the_end_is_told_to_those_concerned_and_the_keys_are_to_be_rotated(agency: World) -> None:
    agency.member("carl", "admin", "shop")
    agency.link()
    agency.told()
    agency.passes(days=30)
    told = agency.told()
    assert sorted(t for t, m in told if m == "member_ended") == ["ada", "carl", "channel:CACME", "devi"]
    assert agency.happened(MemberEnded)[-1].rotate == (agency.thing("shop").id,)


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("MEM-10")
def test_two_ends_of_one_moment_ask_for_new_keys_and_one_whose_other_role_goes_on_does_not(agency: World) -> None:
    agency.make("project", "Site", "acme")
    agency.make("app", "Blog", "site")
    for what, role in (("site", "member"), ("blog", "developer")):
        agency.member("sam", role, what, term=MONTH)
    agency.member("devi", "admin")
    agency.passes(days=30)
    ends = agency.happened(MemberEnded)
    sams = {place for e in ends if e.person == agency.id_of("sam") for place in e.rotate}
    assert sams == {agency.thing("blog").id}
    assert [e.rotate for e in ends if e.person == agency.id_of("devi")] == [()]


@pytest.mark.rule("MEM-10")
def test_a_deactivated_account_is_not_warned_and_its_role_ends_all_the_same(agency: World) -> None:
    agency.goes("devi")
    agency.told()
    agency.passes(days=29, hours=23)
    assert [t for t, m in agency.told() if m == "member_warned"] == []
    agency.passes(hours=1)
    agency.returns("devi")
    assert agency.can("devi", "shop") == set()


@pytest.mark.rule("MEM-10")
def test_a_warning_changes_nothing_that_an_undo_needs(agency: World) -> None:
    agency.at += timedelta(days=22, hours=23, minutes=55)
    agency.remove("devi", what="shop")
    agency.passes(minutes=8)
    agency.undo("ada")
    assert agency.members("shop")["devi"] == "developer"
    assert days_of(agency, MemberWarned, 7)[-1:] == [6]
