"""The fields of rejections: who, which role, on what, and what would be possible instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.events import (
    InvitationEdited,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    MemberRoleChanged,
)
from collab.invitations.answers import AcceptInvitation
from collab.invitations.commands import (
    EditInvitation,
    InviteToResource,
    ResendInvitation,
    RevokeInvitation,
)
from collab.invitations.reminders import get_time_zone
from collab.limits import LONGEST_MEMBERSHIP, SHORTEST_MEMBERSHIP
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.model import Term
from tests.support.builders import Scenario

COMPANY_ROLES = ("owner", "admin", "accountant", "collaborator")
MONTH = Term(timedelta(days=30))


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with two apps; Bo manages Shop and nothing else."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("app", "Blog", "acme")
    acme.add_member("bo", "manager", "shop")
    acme.take_outbox()
    return acme


def refused(world: Scenario, act: Any) -> errors.Rejected:
    """Why an act is refused."""
    with pytest.raises(errors.Rejected) as why:
        world.execute(act)
    return why.value


def change(
    world: Scenario,
    by: str,
    who: str,
    role: str,
    what: str = "acme",
    keep: tuple[str, ...] = (),
) -> ChangeRole:
    return ChangeRole(world.caller_for(by), world.account_of(who), role, what, keep)


def remove(world: Scenario, by: str, who: str, what: str = "acme") -> RemoveMember:
    return RemoveMember(world.caller_for(by), world.account_of(who), what)


@pytest.mark.rule("MEM-01")
def test_nobody_changes_or_removes_themselves(agency: Scenario) -> None:
    assert refused(agency, change(agency, "ada", "ada", "admin")) == errors.ToYourself(
        "change"
    )
    with pytest.raises(errors.ToYourself) as why:
        agency.remove_member("ada")
    assert why.value == errors.ToYourself("remove")


@pytest.mark.rule("INV-05")
def test_nobody_invites_themselves(agency: Scenario) -> None:
    assert refused(
        agency,
        InviteToResource(
            agency.caller_for("ada"), agency.account_of("ada"), "admin", "acme"
        ),
    ) == errors.ToYourself("invite")


@pytest.mark.rule("MEM-01")
def test_the_error_for_an_unknown_role_lists_the_existing_ones(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin")
    assert refused(agency, change(agency, "ada", "carl", "boss")) == errors.UnknownRole(
        "boss", "company", COMPANY_ROLES
    )


@pytest.mark.rule("MEM-01")
def test_who_holds_the_role_already_is_named_with_it(agency: Scenario) -> None:
    agency.add_member("carl", "admin")
    assert refused(
        agency, change(agency, "ada", "carl", "admin")
    ) == errors.AlreadyHolds(agency.person_id_of("carl"), "admin", "Acme")


@pytest.mark.rule("ROL-05")
def test_the_error_for_a_role_one_may_not_grant_lists_those_one_may(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    up = refused(agency, change(agency, "bo", "devi", "admin", "shop"))
    assert up == errors.MayNotGrant("admin", "Shop", ("developer",))
    agency.add_member("carl", "admin")
    agency.add_member("sam", "accountant")
    above = refused(agency, change(agency, "carl", "sam", "owner"))
    assert above == errors.MayNotRemove(
        agency.person_id_of("sam"), "accountant", "Acme"
    )


@pytest.mark.rule("MEM-05")
def test_whom_one_may_not_take_a_role_from_is_named_with_it(agency: Scenario) -> None:
    agency.add_member("devi", "admin", "shop")
    assert refused(
        agency, change(agency, "bo", "devi", "developer", "shop")
    ) == errors.MayNotRemove(agency.person_id_of("devi"), "admin", "Shop")


@pytest.mark.rule("MEM-02")
def test_the_error_for_a_change_to_a_role_without_effect_names_who_and_where(
    agency: Scenario,
) -> None:
    agency.add_member("sam", "admin")
    assert refused(
        agency, change(agency, "ada", "sam", "collaborator")
    ) == errors.NothingFollows(agency.person_id_of("sam"), "collaborator", "Acme")


@pytest.mark.rule("MEM-02")
def test_the_roles_a_demoted_inviter_keeps_authorize_what_they_sent_there(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", term=MONTH)
    kept = agency.send_invitation("devi", "developer", "blog", by="carl")
    lost = agency.send_invitation("devi", "developer", "shop", by="carl")
    agency.execute(change(agency, "ada", "carl", "collaborator", keep=("blog",)))
    assert agency.get_invitation(kept).state == "pending"
    assert agency.get_invitation(lost).state == "revoked"
    [changed] = agency.events_of_type(MemberRoleChanged)
    assert (changed.role, changed.until, changed.due, changed.ends) == (
        "collaborator",
        None,
        None,
        True,
    )


@pytest.mark.rule("INV-07")
def test_taking_back_says_that_it_was_asked_for(agency: Scenario) -> None:
    agency.execute(
        RevokeInvitation(agency.caller_for("ada"), agency.send_invitation("devi"))
    )
    [gone] = agency.events_of_type(InvitationRevoked)
    assert gone.why == "asked"


@pytest.mark.rule("INV-07")
def test_what_was_accepted_is_not_sent_again(agency: Scenario) -> None:
    taken = agency.send_invitation("devi")
    agency.accept_invitation("devi", taken)
    assert refused(
        agency, ResendInvitation(agency.caller_for("ada"), taken)
    ) == errors.AlreadyAnswered(taken, "accepted")


@pytest.mark.rule("INV-08")
def test_sent_again_it_reminds_in_the_invited_persons_own_working_hours(
    agency: Scenario,
) -> None:
    agency.at += timedelta(
        hours=20
    )  # Tuesday, 5:00 in UTC: midnight in New York, morning in Delhi
    for who in ("carl", "devi"):
        sent = agency.send_invitation(who)
        first = agency.events_of_type(InvitationSent)[-1]
        agency.execute(ResendInvitation(agency.caller_for("ada"), sent))
        again = agency.events_of_type(InvitationResent)[-1]
        assert again.due == first.due
    dues = [sent.due for sent in agency.events_of_type(InvitationSent)[-2:]]
    assert dues[0] != dues[1]


@pytest.mark.rule("INV-08")
def test_who_takes_up_an_ended_invitation_is_its_inviter_and_it_keeps_what_it_offered(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin")
    old = agency.send_invitation(
        "devi", "developer", "shop", term=MONTH, note="For the launch"
    )
    agency.advance_time(days=8)
    agency.execute(ResendInvitation(agency.caller_for("carl"), old))
    new = agency.events_of_type(InvitationSent)[-1]
    assert (new.inviter, new.lasts, new.note, new.role) == (
        agency.person_id_of("carl"), MONTH.lasts, "For the launch", "developer",
    )  # fmt: skip
    local = new.due.astimezone(agency_zone(agency, "devi"))
    assert 9 <= local.hour < 18


@pytest.mark.rule("INV-08")
def test_an_ended_invitation_with_a_day_that_has_passed_is_not_sent_again(
    agency: Scenario,
) -> None:
    day = Term(until=agency.at + timedelta(days=9))
    old = agency.send_invitation("devi", "developer", "shop", term=day)
    agency.advance_time(days=10)
    why = refused(agency, ResendInvitation(agency.caller_for("ada"), old))
    assert isinstance(why, errors.BadDuration)


@pytest.mark.rule("INV-08")
def test_a_higher_role_since_then_refuses_an_ended_invitation(agency: Scenario) -> None:
    old = agency.send_invitation("devi", "developer", "shop")
    agency.advance_time(days=8)
    agency.add_member("devi", "manager", "shop")
    assert refused(
        agency, ResendInvitation(agency.caller_for("ada"), old)
    ) == errors.AlreadyHolds(agency.person_id_of("devi"), "manager", "Shop")


@pytest.mark.rule("INV-07")
def test_an_edit_records_what_it_offers_on_everything_that_it_is_about(
    agency: Scenario,
) -> None:
    sent = agency.send_invitation("devi", "developer", ("shop", "blog"))
    end = agency.at + timedelta(days=3)
    agency.execute(
        EditInvitation(agency.caller_for("ada"), sent, "manager", Term(until=end))
    )
    [edited] = agency.events_of_type(InvitationEdited)
    assert (edited.role, edited.until, edited.expires) == ("manager", end, end)
    assert edited.also == agency.events_of_type(InvitationSent)[-1].also != ()
    assert edited.due <= end
    assert agency.get_invitation(sent).until == end


@pytest.mark.rule("INV-07")
def test_an_edit_is_refused_for_too_long_a_time_and_for_what_one_holds(
    agency: Scenario,
) -> None:
    sent = agency.send_invitation("devi", "manager", "shop")
    why = refused(
        agency,
        EditInvitation(
            agency.caller_for("ada"), sent, "manager", Term(timedelta(days=9000))
        ),
    )
    assert isinstance(why, errors.BadDuration)
    agency.add_member("carl", "developer", "shop")
    raised = agency.send_invitation("carl", "manager", "shop")
    assert refused(
        agency, EditInvitation(agency.caller_for("ada"), raised, "developer")
    ) == errors.AlreadyHolds(agency.person_id_of("carl"), "developer", "Shop")


@pytest.mark.rule("MEM-05")
def test_whom_one_may_not_remove_is_named_with_the_role_and_the_place(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "admin", "shop")
    assert refused(agency, remove(agency, "bo", "devi", "shop")) == errors.MayNotRemove(
        agency.person_id_of("devi"), "admin", "Shop"
    )


@pytest.mark.rule("MEM-06")
def test_who_is_not_in_is_named_with_the_place(agency: Scenario) -> None:
    sam, carl = (
        errors.NotAMember(agency.person_id_of("sam"), "Acme"),
        agency.person_id_of("carl"),
    )
    assert refused(agency, change(agency, "ada", "sam", "admin")) == sam
    assert refused(agency, remove(agency, "ada", "sam")) == sam
    agency.add_member(
        "carl", "admin"
    )  # and so an admin of Shop, which is no membership there
    through = errors.HeldThrough(
        carl, "admin", "Shop", "shop", "admin", "company", "Acme", "acme", can_end=True
    )
    assert refused(agency, remove(agency, "ada", "carl", "shop")) == through


@pytest.mark.rule("MEM-08")
def test_the_last_holder_learns_where_and_whether_others_can_follow(
    agency: Scenario,
) -> None:
    agency.create_resource("project", "Site")
    assert refused(
        agency, LeaveResource(agency.caller_for("ada"), "acme")
    ) == errors.LastHolder("owner", "Acme", "acme")
    alone = errors.LastHolder("owner", "Site", "site", only_one=True, way="transfer")
    assert refused(agency, LeaveResource(agency.caller_for("ada"), "site")) == alone


@pytest.mark.rule("MEM-07")
def test_who_is_removed_is_asked_no_more_to_what_stands_there_and_still_to_what_does_not(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Solo")
    agency.add_member("carl", "accountant")
    inside, outside = (
        agency.send_invitation("carl", "developer", what) for what in ("shop", "solo")
    )
    agency.remove_member("carl")
    [gone] = agency.events_of_type(InvitationRevoked)
    assert (gone.invitation, gone.why) == (inside, "removed")
    assert agency.get_invitation(outside).state == "pending"


@pytest.mark.rule("INV-04")
def test_a_late_answer_is_rejected_with_the_former_answer_and_its_time(
    agency: Scenario,
) -> None:
    sent = agency.send_invitation("devi")
    ended = agency.get_invitation(sent).expires
    agency.at += timedelta(days=8)  # and no clean-up has run
    late = errors.InvitationExpired(sent, ended)
    assert (
        refused(agency, AcceptInvitation(agency.caller_for("devi", "button"), sent))
        == late
    )
    taken = agency.send_invitation("carl")
    agency.accept_invitation("carl", taken)
    done = errors.AlreadyAnswered(taken, "accepted")
    assert refused(agency, RevokeInvitation(agency.caller_for("ada"), taken)) == done


@pytest.mark.rule("INV-01")
def test_the_error_for_too_short_or_too_long_a_time_has_the_limits(
    agency: Scenario,
) -> None:
    def invited(lasts: timedelta) -> InviteToResource:
        return InviteToResource(
            agency.caller_for("ada"),
            agency.account_of("devi"),
            "developer",
            "shop",
            Term(lasts),
        )

    for lasts in (
        SHORTEST_MEMBERSHIP - timedelta(minutes=1),
        LONGEST_MEMBERSHIP + timedelta(minutes=1),
    ):
        assert refused(agency, invited(lasts)) == errors.BadDuration(
            lasts, SHORTEST_MEMBERSHIP, LONGEST_MEMBERSHIP
        )
    agency.execute(invited(SHORTEST_MEMBERSHIP))
    agency.execute(invited(LONGEST_MEMBERSHIP))


@pytest.mark.rule("INV-01")
def test_too_long_a_note_and_what_goes_alone_are_named(agency: Scenario) -> None:
    note = InviteToResource(
        agency.caller_for("ada"),
        agency.account_of("devi"),
        "developer",
        "shop",
        note="x" * 501,
    )
    assert refused(agency, note) == errors.TooLong("note", 501, 500)
    both = InviteToResource(
        agency.caller_for("ada"), agency.account_of("devi"), "admin", ("shop", "acme")
    )
    assert refused(agency, both) == errors.NotTogether("Acme", "company")


@pytest.mark.rule("RES-05")
def test_what_a_team_was_asked_is_sent_again_to_the_same_people_with_the_same_words(
    agency: Scenario,
) -> None:
    agency.create_resource("team", "Crew", by="devi")
    agency.add_member("carl", "unlimited", "crew", by="devi")
    agency.add_member("ada", "limited", "crew", by="devi")
    agency.share_with_team("shop", "crew", "manager")
    first = agency.events_of_type(InvitationSent)[-1]
    agency.advance_time(days=8)
    agency.execute(ResendInvitation(agency.caller_for("ada"), first.invitation))
    again = agency.events_of_type(InvitationSent)[-1]
    assert again.invitation != first.invitation
    assert (again.team, set(again.asked), again.role) == (
        first.team,
        set(first.asked),
        "manager",
    )
    assert again.asked == (agency.person_id_of("carl"), agency.person_id_of("devi"))
    assert (
        again.due.astimezone(agency_zone(agency, "carl")).hour == 9
    )  # the first of them reads it in their morning


def agency_zone(world: Scenario, who: str) -> Any:
    """The time zone of a person."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        found = facts.people.find_person_by_account(world.account_of(who))
    assert found is not None
    return get_time_zone(found.tz)
