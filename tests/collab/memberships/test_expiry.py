"""Memberships for a limited time: warnings, extension and end (MEM-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.events import MemberEnded, MemberExtended, MemberWarned
from collab.invitations.rules import NO_END
from collab.memberships.commands import ChangeRole
from collab.memberships.expiry import ExtendMembership
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
def test_warnings_come_seven_days_and_one_day_before_the_end(agency: Scenario) -> None:
    assert days_of(agency, MemberWarned, 29) == [23, 29]
    assert "devi" in agency.roles_by_name("shop")
    assert days_of(agency, MemberEnded, 1) == [1]
    assert "devi" not in agency.roles_by_name("shop")


@pytest.mark.rule("MEM-10")
def test_the_member_and_those_who_may_assign_are_warned_once_each(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin")
    agency.add_member("bo", "manager", "shop")
    agency.add_member("sam", "developer", "shop")
    agency.take_outbox()
    agency.advance_time(days=23)
    notifications = agency.take_outbox()
    assert [t for t, m in notifications if m == "member_warned"] == ["devi"]
    assert sorted(t for t, m in notifications if m == "member_ends_soon") == [
        "ada",
        "bo",
        "carl",
    ]
    agency.advance_time(days=1)
    assert agency.take_outbox() == []


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize(("days", "warned"), [(1, []), (2, [1]), (7, [6]), (8, [1, 7])])
def test_a_short_membership_warns_only_before_its_end(
    agency: Scenario, days: int, warned: list[int]
) -> None:
    agency.add_member("sam", "developer", "shop", term=Term(timedelta(days=days)))
    assert days_of(agency, MemberWarned, days) == warned
    assert "sam" not in agency.roles_by_name("shop")


@pytest.mark.rule("MEM-10")
def test_late_due_work_warns_once_or_ends_at_once(
    agency: Scenario,
) -> None:
    agency.advance_time(days=29, hours=12)
    assert len(agency.events_of_type(MemberWarned)) == 1
    agency.add_member("sam", "developer", "shop", term=MONTH)
    agency.advance_time(days=60)
    assert len(agency.events_of_type(MemberWarned)) == 1
    assert len(agency.events_of_type(MemberEnded)) == 2


@pytest.mark.rule("MEM-10")
def test_an_extension_moves_the_warnings(agency: Scenario) -> None:
    until = agency.at + timedelta(days=60)
    agency.advance_time(days=23)
    agency.take_outbox()

    extended = agency.extend_membership("devi", "shop").get_event(MemberExtended)

    assert (extended.until, extended.before) == (until, until - timedelta(days=30))
    notifications = agency.take_outbox()
    assert [t for t, m in notifications if m == "member_extended"] == ["devi"]
    assert ("ada", "refresh") in notifications
    assert days_of(agency, MemberWarned, 37) == [30, 36]
    assert days_of(agency, MemberEnded, 1) == [] or "devi" not in agency.roles_by_name(
        "shop"
    )


@pytest.mark.rule("MEM-10")
def test_a_permanent_extension_leaves_no_warning_and_no_button(
    agency: Scenario,
) -> None:
    agency.advance_time(days=23)
    agency.take_outbox()
    agency.extend_membership("devi", "shop", NO_END)
    assert ("ada", "refresh") in agency.take_outbox()
    agency.advance_time(days=400)
    assert "devi" in agency.roles_by_name("shop")
    with pytest.raises(errors.HasNoEnd) as refused:
        agency.extend_membership("devi", "shop")
    assert refused.value == errors.HasNoEnd(
        agency.person_id_of("devi"), "developer", "Shop"
    )


@pytest.mark.rule("INV-11")
@pytest.mark.rule("MEM-10")
def test_a_role_made_permanent_otherwise_leaves_no_extend_button(
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
def test_only_others_who_may_assign_the_role_extend_it(
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
def test_an_extension_is_never_shorter_nor_beyond_ten_years(agency: Scenario) -> None:
    end = agency.at + timedelta(days=30)
    with pytest.raises(errors.EndsLater) as refused:
        agency.extend_membership(
            "devi", "shop", Term(until=agency.at + timedelta(days=20))
        )
    assert refused.value == errors.EndsLater(agency.person_id_of("devi"), end, "Shop")
    with pytest.raises(errors.EndsLater):
        agency.extend_membership(
            "devi", "shop", Term(until=agency.at + timedelta(days=30))
        )
    with pytest.raises(errors.BadDuration):
        agency.extend_membership("devi", "shop", Term(timedelta(days=3650)))


@pytest.mark.rule("MEM-10")
def test_a_button_that_showed_another_end_extends_nothing(agency: Scenario) -> None:
    end = agency.at + timedelta(days=30)

    for shown_end in (end - timedelta(days=1), end, end):
        agency.execute(
            ExtendMembership(
                agency.caller_for("ada", "button"),
                agency.account_of("devi"),
                "shop",
                expected_end=shown_end,
            )
        )
    extended = agency.events_of_type(MemberExtended)
    assert [(e.before, e.until) for e in extended] == [(end, end + timedelta(days=30))]


@pytest.mark.rule("MEM-10")
@pytest.mark.rule("ROL-08")
def test_an_expired_membership_cannot_be_extended_before_due_work_runs(
    agency: Scenario,
) -> None:
    agency.at += timedelta(days=30)
    assert agency.capabilities_of("devi", "shop") == set()
    with pytest.raises(errors.NotAMember):
        agency.extend_membership("devi", "shop")


@pytest.mark.rule("MEM-10")
@pytest.mark.rule("INV-09")
def test_expiry_revokes_the_invitations_that_it_allowed(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "manager", "shop", term=Term(timedelta(days=2)))
    agency.at += timedelta(days=1)
    sent = agency.send_invitation("sam", "developer", "shop", by="carl")
    agency.advance_time(days=1)
    assert agency.get_invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-10")
def test_expiry_leaves_no_resource_without_an_owner(
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
def test_a_changed_role_keeps_its_end_and_warnings(agency: Scenario) -> None:
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
def test_expiry_notifies_and_asks_for_key_rotation(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.link_channel()
    agency.take_outbox()
    agency.advance_time(days=30)
    notifications = agency.take_outbox()
    assert sorted(t for t, m in notifications if m == "member_ended") == [
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
def test_only_a_lost_capability_asks_for_key_rotation(
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
def test_a_deactivated_member_is_not_warned_but_expires(
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
def test_a_warning_does_not_prevent_an_undo(agency: Scenario) -> None:
    agency.at += timedelta(days=22, hours=23, minutes=55)
    agency.remove_member("devi", what="shop")
    agency.advance_time(minutes=8)
    agency.undo_removal("ada")
    assert agency.roles_by_name("shop")["devi"] == "developer"
    assert days_of(agency, MemberWarned, 7)[-1:] == [6]
