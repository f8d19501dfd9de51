"""What a refusal knows is what its words are made of: who, which role, on what, and what would be possible instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import refusals
from collab.answers import Accept
from collab.events import InvitationEdited, InvitationResent, InvitationRevoked, InvitationSent, MemberRoleChanged
from collab.invitations import Edit, Invite, Resend, Revoke
from collab.membership import ChangeRole, Leave, Remove
from collab.offers import Term
from collab.policy import LONGEST, SHORTEST
from collab.reminders import zone
from tests.support.builders import World

COMPANY_ROLES = ("owner", "admin", "accountant", "collaborator")
MONTH = Term(timedelta(days=30))


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with two apps; Bo manages Shop and nothing else."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("app", "Shop", "acme")
    acme.make("app", "Blog", "acme")
    acme.member("bo", "manager", "shop")
    acme.told()
    return acme


def refused(world: World, act: Any) -> refusals.Refused:
    """Why an act is refused."""
    with pytest.raises(refusals.Refused) as why:
        world.do(act)
    return why.value


def change(world: World, by: str, who: str, role: str, what: str = "acme", keep: tuple[str, ...] = ()) -> ChangeRole:
    return ChangeRole(world.by(by), world.account(who), role, what, keep)


def remove(world: World, by: str, who: str, what: str = "acme") -> Remove:
    return Remove(world.by(by), world.account(who), what)


@pytest.mark.rule("MEM-01")
def test_nobody_changes_or_removes_themselves(agency: World) -> None:
    assert refused(agency, change(agency, "ada", "ada", "admin")) == refusals.ToYourself("change")
    with pytest.raises(refusals.ToYourself) as why:
        agency.remove("ada")
    assert why.value == refusals.ToYourself("remove")


@pytest.mark.rule("INV-05")
def test_nobody_invites_themselves(agency: World) -> None:
    assert refused(agency, Invite(agency.by("ada"), agency.account("ada"), "admin", "acme")) == refusals.ToYourself(
        "invite"
    )


@pytest.mark.rule("MEM-01")
def test_an_unknown_role_is_told_with_those_that_there_are(agency: World) -> None:
    agency.member("carl", "admin")
    assert refused(agency, change(agency, "ada", "carl", "boss")) == refusals.UnknownRole(
        "boss", "company", COMPANY_ROLES
    )


@pytest.mark.rule("MEM-01")
def test_who_holds_the_role_already_is_named_with_it(agency: World) -> None:
    agency.member("carl", "admin")
    assert refused(agency, change(agency, "ada", "carl", "admin")) == refusals.AlreadyHolds(
        agency.id_of("carl"), "admin", "Acme"
    )


@pytest.mark.rule("ROL-05")
def test_a_role_that_one_may_not_grant_is_told_with_those_that_one_may(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    up = refused(agency, change(agency, "bo", "devi", "admin", "shop"))
    assert up == refusals.MayNotGrant("admin", "Shop", ("developer",))
    agency.member("carl", "admin")
    agency.member("sam", "accountant")
    above = refused(agency, change(agency, "carl", "sam", "owner"))
    assert above == refusals.MayNotRemove(agency.id_of("sam"), "accountant", "Acme")


@pytest.mark.rule("MEM-05")
def test_whom_one_may_not_take_a_role_from_is_named_with_it(agency: World) -> None:
    agency.member("devi", "admin", "shop")
    assert refused(agency, change(agency, "bo", "devi", "developer", "shop")) == refusals.MayNotRemove(
        agency.id_of("devi"), "admin", "Shop"
    )


@pytest.mark.rule("MEM-02")
def test_a_role_that_does_not_follow_is_told_with_whose_it_is(agency: World) -> None:
    agency.member("sam", "admin")
    assert refused(agency, change(agency, "ada", "sam", "collaborator")) == refusals.NothingFollows(
        agency.id_of("sam"), "collaborator", "Acme"
    )


@pytest.mark.rule("MEM-02")
def test_what_a_demoted_inviter_keeps_upholds_what_they_sent_there(agency: World) -> None:
    agency.member("carl", "admin", term=MONTH)
    kept = agency.invite("devi", "developer", "blog", by="carl")
    lost = agency.invite("devi", "developer", "shop", by="carl")
    agency.do(change(agency, "ada", "carl", "collaborator", keep=("blog",)))
    assert agency.invitation(kept).state == "pending"
    assert agency.invitation(lost).state == "revoked"
    [changed] = agency.happened(MemberRoleChanged)
    assert (changed.role, changed.until, changed.due, changed.ends) == ("collaborator", None, None, True)


@pytest.mark.rule("INV-07")
def test_taking_back_says_that_it_was_asked_for(agency: World) -> None:
    agency.do(Revoke(agency.by("ada"), agency.invite("devi")))
    [gone] = agency.happened(InvitationRevoked)
    assert gone.why == "asked"


@pytest.mark.rule("INV-07")
def test_what_was_accepted_is_not_sent_again(agency: World) -> None:
    taken = agency.invite("devi")
    agency.accept("devi", taken)
    assert refused(agency, Resend(agency.by("ada"), taken)) == refusals.AlreadyAnswered(taken, "accepted")


@pytest.mark.rule("INV-08")
def test_sent_again_it_reminds_in_the_invited_persons_own_working_hours(agency: World) -> None:
    agency.at += timedelta(hours=20)  # Tuesday, 5:00 in UTC: midnight in New York, morning in Delhi
    for who in ("carl", "devi"):
        sent = agency.invite(who)
        first = agency.happened(InvitationSent)[-1]
        agency.do(Resend(agency.by("ada"), sent))
        again = agency.happened(InvitationResent)[-1]
        assert again.due == first.due
    dues = [sent.due for sent in agency.happened(InvitationSent)[-2:]]
    assert dues[0] != dues[1]


@pytest.mark.rule("INV-08")
def test_who_takes_up_an_ended_invitation_is_its_inviter_and_it_keeps_what_it_offered(agency: World) -> None:
    agency.member("carl", "admin")
    old = agency.invite("devi", "developer", "shop", term=MONTH, note="For the launch")
    agency.passes(days=8)
    agency.do(Resend(agency.by("carl"), old))
    new = agency.happened(InvitationSent)[-1]
    assert (new.inviter, new.lasts, new.note, new.role) == (
        agency.id_of("carl"), MONTH.lasts, "For the launch", "developer",
    )  # fmt: skip
    local = new.due.astimezone(agency_zone(agency, "devi"))
    assert 9 <= local.hour < 18


@pytest.mark.rule("INV-08")
def test_an_ended_invitation_with_a_day_that_has_passed_is_not_sent_again(agency: World) -> None:
    day = Term(until=agency.at + timedelta(days=9))
    old = agency.invite("devi", "developer", "shop", term=day)
    agency.passes(days=10)
    why = refused(agency, Resend(agency.by("ada"), old))
    assert isinstance(why, refusals.BadDuration)


@pytest.mark.rule("INV-08")
def test_a_higher_role_since_then_refuses_an_ended_invitation(agency: World) -> None:
    old = agency.invite("devi", "developer", "shop")
    agency.passes(days=8)
    agency.member("devi", "manager", "shop")
    assert refused(agency, Resend(agency.by("ada"), old)) == refusals.AlreadyHolds(
        agency.id_of("devi"), "manager", "Shop"
    )


@pytest.mark.rule("INV-07")
def test_an_edit_records_what_it_offers_on_everything_that_it_is_about(agency: World) -> None:
    sent = agency.invite("devi", "developer", ("shop", "blog"))
    end = agency.at + timedelta(days=3)
    agency.do(Edit(agency.by("ada"), sent, "manager", Term(until=end)))
    [edited] = agency.happened(InvitationEdited)
    assert (edited.role, edited.until, edited.expires) == ("manager", end, end)
    assert edited.also == agency.happened(InvitationSent)[-1].also != ()
    assert edited.due <= end
    assert agency.invitation(sent).until == end


@pytest.mark.rule("INV-07")
def test_an_edit_is_refused_for_too_long_a_time_and_for_what_one_holds(agency: World) -> None:
    sent = agency.invite("devi", "manager", "shop")
    why = refused(agency, Edit(agency.by("ada"), sent, "manager", Term(timedelta(days=9000))))
    assert isinstance(why, refusals.BadDuration)
    agency.member("carl", "developer", "shop")
    raised = agency.invite("carl", "manager", "shop")
    assert refused(agency, Edit(agency.by("ada"), raised, "developer")) == refusals.AlreadyHolds(
        agency.id_of("carl"), "developer", "Shop"
    )


@pytest.mark.rule("MEM-05")
def test_whom_one_may_not_remove_is_named_with_the_role_and_the_place(agency: World) -> None:
    agency.member("devi", "admin", "shop")
    assert refused(agency, remove(agency, "bo", "devi", "shop")) == refusals.MayNotRemove(
        agency.id_of("devi"), "admin", "Shop"
    )


@pytest.mark.rule("MEM-06")
def test_who_is_not_in_is_named_with_the_place(agency: World) -> None:
    sam, carl = refusals.NotAMember(agency.id_of("sam"), "Acme"), agency.id_of("carl")
    assert refused(agency, change(agency, "ada", "sam", "admin")) == sam
    assert refused(agency, remove(agency, "ada", "sam")) == sam
    agency.member("carl", "admin")  # and so an admin of Shop, which is no membership there
    through = refusals.HeldThrough(carl, "admin", "Shop", "shop", "admin", "company", "Acme", "acme", can_end=True)
    assert refused(agency, remove(agency, "ada", "carl", "shop")) == through


@pytest.mark.rule("MEM-08")
def test_the_last_who_must_stay_is_told_where_and_whether_there_can_be_others(agency: World) -> None:
    agency.make("project", "Site")
    assert refused(agency, Leave(agency.by("ada"), "acme")) == refusals.LastHolder("owner", "Acme", "acme")
    alone = refusals.LastHolder("owner", "Site", "site", only_one=True, way="transfer")
    assert refused(agency, Leave(agency.by("ada"), "site")) == alone


@pytest.mark.rule("MEM-07")
def test_who_is_removed_is_asked_no_more_to_what_stands_there_and_still_to_what_does_not(agency: World) -> None:
    agency.make("app", "Solo")
    agency.member("carl", "accountant")
    inside, outside = (agency.invite("carl", "developer", what) for what in ("shop", "solo"))
    agency.remove("carl")
    [gone] = agency.happened(InvitationRevoked)
    assert (gone.invitation, gone.why) == (inside, "removed")
    assert agency.invitation(outside).state == "pending"


@pytest.mark.rule("INV-04")
def test_an_answer_that_comes_too_late_is_told_which_and_since_when(agency: World) -> None:
    sent = agency.invite("devi")
    ended = agency.invitation(sent).expires
    agency.at += timedelta(days=8)  # and no clean-up has run
    late = refusals.InvitationExpired(sent, ended)
    assert refused(agency, Accept(agency.by("devi", "button"), sent)) == late
    taken = agency.invite("carl")
    agency.accept("carl", taken)
    done = refusals.AlreadyAnswered(taken, "accepted")
    assert refused(agency, Revoke(agency.by("ada"), taken)) == done


@pytest.mark.rule("INV-01")
def test_too_short_and_too_long_a_time_are_told_with_the_limits(agency: World) -> None:
    def invited(lasts: timedelta) -> Invite:
        return Invite(agency.by("ada"), agency.account("devi"), "developer", "shop", Term(lasts))

    for lasts in (SHORTEST - timedelta(minutes=1), LONGEST + timedelta(minutes=1)):
        assert refused(agency, invited(lasts)) == refusals.BadDuration(lasts, SHORTEST, LONGEST)
    agency.do(invited(SHORTEST))
    agency.do(invited(LONGEST))


@pytest.mark.rule("INV-01")
def test_too_long_a_note_and_what_goes_alone_are_named(agency: World) -> None:
    note = Invite(agency.by("ada"), agency.account("devi"), "developer", "shop", note="x" * 501)
    assert refused(agency, note) == refusals.TooLong("note", 501, 500)
    both = Invite(agency.by("ada"), agency.account("devi"), "admin", ("shop", "acme"))
    assert refused(agency, both) == refusals.NotTogether("Acme", "company")


@pytest.mark.rule("RES-05")
def test_what_a_team_was_asked_is_sent_again_to_the_same_people_with_the_same_words(agency: World) -> None:
    agency.make("team", "Crew", by="devi")
    agency.member("carl", "unlimited", "crew", by="devi")
    agency.member("ada", "limited", "crew", by="devi")
    agency.shares("shop", "crew", "manager")
    first = agency.happened(InvitationSent)[-1]
    agency.passes(days=8)
    agency.do(Resend(agency.by("ada"), first.invitation))
    again = agency.happened(InvitationSent)[-1]
    assert again.invitation != first.invitation
    assert (again.team, set(again.asked), again.role) == (first.team, set(first.asked), "manager")
    assert again.asked == (agency.id_of("carl"), agency.id_of("devi"))
    assert again.due.astimezone(agency_zone(agency, "carl")).hour == 9  # the first of them reads it in their morning


def agency_zone(world: World, who: str) -> Any:
    """The time zone of somebody."""
    with world.database.units.look(world.workspace) as facts:
        found = facts.person_by_account(world.account(who))
    assert found is not None
    return zone(found.tz)
