"""Memberships for a limited time: warnings, extension and end (MEM-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.events import MemberEnded, MemberExtended, MemberWarned
from collab.invitations.rules import NO_END
from collab.memberships.commands import ChangeRole
from collab.model import Term
from tests.support.builders import Scenario

MONTH = Term(timedelta(days=30))


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the app Shop; Devi works on it for 30 days."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("app", "Shop", "acme")
    acme.add_member("devi", "developer", "shop", term=MONTH)
    acme.take_outbox()
    return acme


def days_of(world: Scenario, kind: type, days: int) -> list[int]:
    """On which of the coming days something happens, when time is looked after every day."""
    seen = []
    for day in range(1, days + 1):
        before = len(world.events_of_type(kind))
        world.advance_time(days=1)
        seen += [day] * (len(world.events_of_type(kind)) - before)
    return seen


@pytest.mark.rule("MEM-10")
def test_it_warns_seven_days_and_one_day_before_and_then_ends(agency: Scenario) -> None:
    assert days_of(agency, MemberWarned, 29) == [23, 29]
    assert "devi" in agency.roles_by_name("shop")
    assert days_of(agency, MemberEnded, 1) == [1]
    assert "devi" not in agency.roles_by_name("shop")


@pytest.mark.rule("MEM-10")
def test_the_person_and_the_granters_are_warned_once_each(agency: Scenario) -> None:
    agency.add_member("carl", "admin")
    agency.add_member("bo", "manager", "shop")
    agency.add_member("sam", "developer", "shop")
    agency.take_outbox()
    agency.advance_time(days=23)
    told = agency.take_outbox()
    assert [t for t, m in told if m == "member_warned"] == ["devi"]
    assert sorted(t for t, m in told if m == "member_ends_soon") == [
        "ada",
        "bo",
        "carl",
    ]
    agency.advance_time(days=1)
    assert agency.take_outbox() == []


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize(("days", "warned"), [(1, []), (2, [1]), (7, [6]), (8, [1, 7])])
def test_a_short_time_warns_only_before_its_end(
    agency: Scenario, days: int, warned: list[int]
) -> None:
    agency.add_member("sam", "developer", "shop", term=Term(timedelta(days=days)))
    assert days_of(agency, MemberWarned, days) == warned
    assert "sam" not in agency.roles_by_name("shop")


@pytest.mark.rule("MEM-10")
def test_a_sweep_that_comes_late_warns_once_and_one_later_still_ends_it_at_once(
    agency: Scenario,
) -> None:
    agency.advance_time(days=29, hours=12)
    assert len(agency.events_of_type(MemberWarned)) == 1
    agency.add_member("sam", "developer", "shop", term=MONTH)
    agency.advance_time(days=60)
    assert len(agency.events_of_type(MemberWarned)) == 1
    assert len(agency.events_of_type(MemberEnded)) == 2


@pytest.mark.rule("MEM-10")
def test_a_granter_extends_it_and_the_warnings_move_along(agency: Scenario) -> None:
    until = agency.at + timedelta(days=60)
    agency.advance_time(days=23)
    agency.take_outbox()

    extended = agency.extend_membership("devi", "shop").get_event(MemberExtended)

    assert (extended.until, extended.before) == (until, until - timedelta(days=30))
    told = agency.take_outbox()
    assert [t for t, m in told if m == "member_extended"] == ["devi"]
    assert ("ada", "refresh") in told
    assert days_of(agency, MemberWarned, 37) == [30, 36]
    assert days_of(agency, MemberEnded, 1) == [] or "devi" not in agency.roles_by_name(
        "shop"
    )


@pytest.mark.rule("MEM-10")
def test_made_to_last_it_warns_and_ends_no_more_and_no_button_is_left(
    agency: Scenario,
) -> None:
    agency.advance_time(days=23)
    agency.take_outbox()
    agency.extend_membership("devi", "shop", NO_END)
    assert ("ada", "refresh") in agency.take_outbox()
    agency.advance_time(days=400)
    assert "devi" in agency.roles_by_name("shop")
    with pytest.raises(errors.HasNoEnd):
        agency.extend_membership("devi", "shop")


@pytest.mark.rule("INV-11")
@pytest.mark.rule("MEM-10")
def test_a_role_that_came_to_last_by_another_door_leaves_no_button_to_extend_it(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin")
    agency.advance_time(days=23)
    agency.take_outbox()
    agency.add_member("devi", "admin", "shop", by="carl")
    assert ("ada", "refresh") in agency.take_outbox()
    agency.advance_time(days=400)
    assert agency.roles_by_name("shop")["devi"] == "admin"


@pytest.mark.rule("MEM-10")
def test_only_who_may_grant_the_role_extends_it_and_nobody_their_own(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "manager", "shop", term=MONTH)
    agency.add_member("sam", "developer", "shop")
    with pytest.raises(errors.ToYourself):
        agency.extend_membership("devi", "shop", by="devi")
    with pytest.raises(errors.ToYourself):
        agency.extend_membership("carl", "shop", by="carl")
    with pytest.raises(errors.MayNotGrant):
        agency.extend_membership("devi", "shop", by="sam")
    with pytest.raises(errors.UnknownResource):
        agency.extend_membership("devi", "shop", by="bo")
    agency.extend_membership("devi", "shop", by="carl")
    agency.add_member("bo", "manager", "shop")
    with pytest.raises(errors.MayNotGrant):
        agency.extend_membership("carl", "shop", by="bo")


@pytest.mark.rule("MEM-10")
def test_it_is_never_made_shorter_nor_longer_than_ten_years(agency: Scenario) -> None:
    with pytest.raises(errors.EndsLater):
        agency.extend_membership(
            "devi", "shop", Term(until=agency.at + timedelta(days=20))
        )
    with pytest.raises(errors.EndsLater):
        agency.extend_membership(
            "devi", "shop", Term(until=agency.at + timedelta(days=30))
        )
    with pytest.raises(errors.BadDuration):
        agency.extend_membership("devi", "shop", Term(timedelta(days=3650)))


@pytest.mark.rule("MEM-10")
@pytest.mark.rule("ROL-08")
def test_what_ended_by_time_is_over_at_that_moment_and_cannot_be_extended_though_no_sweep_ran(
    agency: Scenario,
) -> None:
    agency.at += timedelta(days=30)
    assert agency.capabilities_of("devi", "shop") == set()
    with pytest.raises(errors.NotAMember):
        agency.extend_membership("devi", "shop")


@pytest.mark.rule("MEM-10")
@pytest.mark.rule("INV-09")
def test_an_end_by_time_takes_along_the_invitations_in_its_right(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "manager", "shop", term=Term(timedelta(days=2)))
    agency.at += timedelta(days=1)
    sent = agency.send_invitation("sam", "developer", "shop", by="carl")
    agency.advance_time(days=1)
    assert agency.get_invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-10")
def test_an_end_by_time_leaves_nothing_without_those_who_must_stay(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "owner", term=Term(timedelta(days=2)))
    with pytest.raises(errors.LastHolder):
        agency.leave_resource("ada")
    agency.extend_membership("carl", term=NO_END)
    agency.leave_resource("ada")
    agency.advance_time(days=3)
    assert agency.roles_by_name(by="carl") == {"carl": "owner", "devi": "collaborator"}


@pytest.mark.rule("MEM-10")
def test_a_changed_role_keeps_its_end_and_its_warnings(agency: Scenario) -> None:
    agency.execute(
        ChangeRole(
            agency.caller_for("ada"), agency.account_of("devi"), "manager", "shop"
        )
    )
    assert days_of(agency, MemberWarned, 29) == [23, 29]
    assert agency.events_of_type(MemberWarned)[-1].role == "manager"
    agency.advance_time(days=1)
    assert "devi" not in agency.roles_by_name("shop")


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("MEM-10")
def test_the_end_is_told_to_those_concerned_and_the_keys_are_to_be_rotated(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.link_channel()
    agency.take_outbox()
    agency.advance_time(days=30)
    told = agency.take_outbox()
    assert sorted(t for t, m in told if m == "member_ended") == [
        "ada",
        "carl",
        "channel:CACME",
        "devi",
    ]
    assert agency.events_of_type(MemberEnded)[-1].rotate == (
        agency.get_resource("shop").id,
    )


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("MEM-10")
def test_two_ends_of_one_moment_ask_for_new_keys_and_one_whose_other_role_goes_on_does_not(
    agency: Scenario,
) -> None:
    agency.create_resource("project", "Site", "acme")
    agency.create_resource("app", "Blog", "site")
    for what, role in (("site", "member"), ("blog", "developer")):
        agency.add_member("sam", role, what, term=MONTH)
    agency.add_member("devi", "admin")
    agency.advance_time(days=30)
    ends = agency.events_of_type(MemberEnded)
    sams = {
        place
        for e in ends
        if e.person == agency.person_id_of("sam")
        for place in e.rotate
    }
    assert sams == {agency.get_resource("blog").id}
    assert [e.rotate for e in ends if e.person == agency.person_id_of("devi")] == [()]


@pytest.mark.rule("MEM-10")
def test_a_deactivated_account_is_not_warned_and_its_role_ends_all_the_same(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("devi")
    agency.take_outbox()
    agency.advance_time(days=29, hours=23)
    assert [t for t, m in agency.take_outbox() if m == "member_warned"] == []
    agency.advance_time(hours=1)
    agency.reactivate_account("devi")
    assert agency.capabilities_of("devi", "shop") == set()


@pytest.mark.rule("MEM-10")
def test_a_warning_changes_nothing_that_an_undo_needs(agency: Scenario) -> None:
    agency.at += timedelta(days=22, hours=23, minutes=55)
    agency.remove_member("devi", what="shop")
    agency.advance_time(minutes=8)
    agency.undo_removal("ada")
    assert agency.roles_by_name("shop")["devi"] == "developer"
    assert days_of(agency, MemberWarned, 7)[-1:] == [6]
