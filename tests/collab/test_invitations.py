"""Invitations by the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from collab import refusals
from collab.answers import Accept, Decline, Mute, Snooze
from collab.case import Case
from collab.events import (
    InvitationExpired,
    InvitationReminded,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    InvitationSuperseded,
    MemberJoined,
    MemberRoleChanged,
)
from collab.invitations import Edit, Invite, Resend, Revoke
from collab.lists import ListInvitations, ListMembers, ShowInvitation
from collab.membership import Leave
from collab.offers import Term
from collab.people import Account, Address
from collab.service import Outcome
from tests.support.builders import TEAM, World


@pytest.mark.rule("INV-01")
def test_an_invitation_names_who_what_role_how_long_note_inviter_and_expiry(acme: World) -> None:
    sent = acme.do(
        Invite(acme.by("ada"), acme.account("carl"), "admin", "acme", Term(timedelta(days=30)), "Welcome aboard")
    ).first(InvitationSent)

    found = acme.card(sent.invitation)

    assert (found.person.user, found.inviter.user, found.resource.slug) == ("UCARL", "UADA", "acme")
    assert (found.invitation.role, found.invitation.lasts, found.invitation.note) == (
        "admin",
        timedelta(days=30),
        "Welcome aboard",
    )
    assert found.invitation.expires == acme.at + timedelta(days=7)
    assert found.can == ("view", "create", "bring:admin")


@pytest.mark.rule("INV-01")
@pytest.mark.parametrize("days", [0, 3651])
def test_a_length_outside_a_day_to_ten_years_is_refused(acme: World, days: int) -> None:
    with pytest.raises(refusals.BadDuration):
        acme.invite("carl", term=Term(timedelta(days=days)))


@pytest.mark.rule("INV-01")
def test_a_note_of_500_characters_is_kept_and_one_of_501_refused(acme: World) -> None:
    kept = acme.invite("carl", note="x" * 500)
    assert acme.invitation(kept).note == "x" * 500
    with pytest.raises(refusals.TooLong) as refused:
        acme.invite("devi", note="x" * 501)
    assert (refused.value.length, refused.value.limit) == (501, 500)


@pytest.mark.rule("INV-02")
def test_every_end_is_a_state_of_its_own_and_the_record_stays(acme: World) -> None:
    accepted = acme.invite("carl")
    acme.accept("carl", accepted)
    declined = acme.invite("devi")
    acme.decline("devi", declined)
    revoked = acme.invite("bo")
    acme.do(Revoke(acme.by("ada"), revoked))
    superseded = acme.invite("sam", role="admin")
    expired = acme.invite("sam", role="owner")
    acme.passes(days=8)

    states = [acme.invitation(i).state for i in (accepted, declined, revoked, superseded, expired)]

    assert states == ["accepted", "declined", "revoked", "superseded", "expired"]


@pytest.mark.rule("INV-03")
def test_the_same_role_again_resends_and_starts_the_life_anew(acme: World) -> None:
    first = acme.invite("carl")
    acme.at += timedelta(days=3)

    outcome = acme.do(Invite(acme.by("ada"), acme.account("carl"), "admin", "acme"))

    assert outcome.first(InvitationSent) is None
    assert outcome.first(InvitationResent).invitation == first
    assert acme.invitation(first).expires == acme.at + timedelta(days=7)
    assert acme.waiting("carl") == [first]


@pytest.mark.rule("INV-03")
def test_another_role_supersedes_and_says_so(acme: World) -> None:
    first = acme.invite("carl", "admin")

    outcome = acme.do(Invite(acme.by("ada"), acme.account("carl"), "owner", "acme"))

    second = outcome.first(InvitationSent).invitation
    assert outcome.first(InvitationSuperseded).invitation == first
    assert acme.waiting("carl") == [second]
    with pytest.raises(refusals.AlreadyAnswered):
        acme.accept("carl", first)


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-07")
def test_an_invitation_to_a_role_that_one_may_not_grant_cannot_be_superseded(acme: World) -> None:
    acme.member("devi", "admin")
    owner = acme.invite("carl", "owner")
    with pytest.raises(refusals.MayNotManage):
        acme.invite("carl", "admin", by="devi")
    assert acme.waiting("carl") == [owner]


@pytest.mark.rule("INV-04")
def test_accepting_gives_the_role_at_once(acme: World) -> None:
    invitation = acme.invite("carl")
    assert acme.members() == {"ada": "owner"}

    outcome = acme.accept("carl", invitation)

    assert outcome.first(MemberJoined).invitation == invitation
    assert acme.members() == {"ada": "owner", "carl": "admin"}


@pytest.mark.rule("INV-04")
def test_a_membership_for_30_days_counts_from_the_answer_and_ends_by_time_alone(acme: World) -> None:
    invitation = acme.invite("carl", term=Term(timedelta(days=30)))
    acme.at += timedelta(days=2)
    until = acme.accept("carl", invitation).first(MemberJoined).until
    assert until == acme.at + timedelta(days=30)

    acme.at = until

    assert acme.members() == {"ada": "owner"}
    with pytest.raises(refusals.UnknownResource):
        acme.collab.ask(ListMembers(acme.by("carl"), "acme"), acme.at)


@pytest.mark.rule("INV-04")
def test_somebody_else_cannot_answer(acme: World) -> None:
    invitation = acme.invite("carl")
    for answer in (Accept, Decline, Snooze, Mute):
        with pytest.raises(refusals.NotYours):
            acme.do(answer(acme.by("devi", "button"), invitation))
    assert acme.waiting("carl") == [invitation]


@pytest.mark.rule("INV-04")
def test_an_expired_invitation_is_refused_though_no_sweep_has_run(acme: World) -> None:
    invitation = acme.invite("carl")
    acme.at += timedelta(days=7)
    with pytest.raises(refusals.InvitationExpired):
        acme.accept("carl", invitation)
    assert acme.invitation(invitation).state == "pending"


@pytest.mark.rule("INV-04")
@pytest.mark.parametrize("answer", [Accept, Decline])
def test_a_second_click_says_what_already_happened(acme: World, answer: type) -> None:
    invitation = acme.invite("carl")
    acme.accept("carl", invitation)
    with pytest.raises(refusals.AlreadyAnswered) as refused:
        acme.do(answer(acme.by("carl", "button"), invitation))
    assert refused.value.state == "accepted"


def test_what_is_looked_at_with_an_act_is_as_the_act_left_it(acme: World) -> None:
    action = Invite(acme.by("ada", delivery="command:1"), acme.account("carl"), "admin", "acme")

    def see(case: Case, outcome: Outcome) -> tuple[str, bool]:
        found = case.facts.invitation(outcome.first(InvitationSent).invitation)
        return found.state if found else "", outcome.repeated

    def stumble(_case: Case, _outcome: Outcome) -> None:
        raise LookupError

    assert acme.collab.perform(action, acme.at, see).seen == ("pending", False)
    assert acme.collab.perform(action, acme.at, see).seen == ("pending", True)
    assert acme.collab.perform(action, acme.at).seen is None
    invitation = acme.happened(InvitationSent)[0].invitation
    with pytest.raises(LookupError):
        acme.collab.perform(Revoke(acme.by("ada"), invitation), acme.at, stumble)
    assert acme.invitation(invitation).state == "pending"


@pytest.mark.rule("INV-04")
def test_the_same_delivery_twice_does_one_thing_and_gives_the_same_answer(acme: World) -> None:
    action = Invite(acme.by("ada", delivery="command:1"), acme.account("carl"), "admin", "acme")
    first, second = acme.do(action), acme.do(action)
    assert (first.repeated, second.repeated) == (False, True)
    assert list(second.recorded) == list(first.recorded)
    assert len(acme.happened(InvitationSent)) == 1
    assert acme.happened(InvitationResent) == []


@pytest.mark.rule("INV-04")
def test_an_invitation_of_another_workspace_is_unknown(acme: World) -> None:
    invitation = acme.invite("carl")
    other = World(acme.database, workspace="T9", prefix="9")
    with pytest.raises(refusals.UnknownInvitation):
        other.do(Accept(other.by("carl@T1", "button"), invitation))


@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-09")
def test_an_invitation_does_not_outlive_its_inviters_right(acme: World) -> None:
    acme.member("devi")
    invitation = acme.invite("carl", by="devi")

    acme.remove("devi")

    assert acme.invitation(invitation).state == "revoked"
    with pytest.raises(refusals.AlreadyAnswered):
        acme.accept("carl", invitation)


@pytest.mark.rule("INV-04")
def test_an_inviter_whose_own_time_ran_out_upholds_nothing_before_any_sweep(acme: World) -> None:
    acme.member("devi", term=Term(timedelta(days=2)))
    acme.at += timedelta(days=1)
    invitation = acme.invite("carl", by="devi")
    acme.at += timedelta(days=1)
    with pytest.raises(refusals.InviterLostRight):
        acme.accept("carl", invitation)


@pytest.mark.rule("INV-05")
def test_a_member_is_refused_with_what_they_hold(acme: World) -> None:
    acme.member("carl", "owner")
    with pytest.raises(refusals.AlreadyHolds) as refused:
        acme.invite("carl", "admin")
    assert (refused.value.role, refused.value.title) == ("owner", "Acme")


@pytest.mark.rule("INV-05")
def test_oneself_a_bot_and_a_deactivated_account_are_refused(acme: World) -> None:
    with pytest.raises(refusals.ToYourself):
        acme.invite("ada")
    acme.profile("robot", bot=True)
    with pytest.raises(refusals.NotAPerson) as bot:
        acme.invite("robot")
    acme.profile("gone", active=False)
    with pytest.raises(refusals.NotAPerson) as gone:
        acme.invite("gone")
    assert (bot.value.reason, gone.value.reason) == ("bot", "deactivated")


@pytest.mark.rule("INV-05")
def test_somebody_who_turns_out_to_be_a_bot_is_uninvited_and_the_inviter_told(acme: World) -> None:
    invitation = acme.invite("robot")
    acme.told()
    acme.profile("robot", bot=True)
    assert acme.invitation(invitation).state == "revoked"
    assert ("ada", "invitation_revoked") in acme.told()


@pytest.mark.rule("INV-06")
def test_a_reason_is_for_the_inviter_alone_and_a_decline_rests_a_day(acme: World) -> None:
    acme.link(groups=["joins", "invitations"])
    invitation = acme.invite("carl")
    acme.told()

    acme.decline("carl", invitation, "Too busy")

    assert ("ada", "invitation_declined") in acme.told()
    over = acme.at + timedelta(days=1)
    acme.at += timedelta(hours=23)
    with pytest.raises(refusals.DeclinedRecently) as why:
        acme.invite("carl")
    assert why.value == refusals.DeclinedRecently(acme.id_of("carl"), "Acme", over)
    acme.at = over
    assert acme.invite("carl")


@pytest.mark.rule("INV-06")
def test_declining_needs_no_reason_and_a_long_one_is_refused(acme: World) -> None:
    invitation = acme.invite("carl")
    with pytest.raises(refusals.TooLong):
        acme.decline("carl", invitation, "x" * 501)
    acme.decline("carl", invitation)
    assert acme.invitation(invitation).state == "declined"


@pytest.mark.rule("INV-07")
def test_the_inviter_or_whoever_may_grant_the_role_manages_it_and_nobody_else(acme: World) -> None:
    acme.member("devi", "admin")
    owner, admin = acme.invite("carl", "owner"), acme.invite("bo", "admin")
    for act in (Revoke(acme.by("devi"), owner), Resend(acme.by("devi"), owner)):
        with pytest.raises(refusals.MayNotManage):
            acme.do(act)
    with pytest.raises(refusals.UnknownInvitation):
        acme.do(Revoke(acme.by("sam"), admin))

    acme.do(Revoke(acme.by("devi"), admin))

    assert acme.invitation(admin).state == "revoked"
    assert acme.invitation(owner).state == "pending"


@pytest.mark.rule("INV-07")
def test_resending_starts_the_expiry_and_the_reminders_anew(acme: World) -> None:
    acme.knows("carl")
    invitation = acme.invite("carl")
    acme.passes(days=3, hours=6)
    assert acme.invitation(invitation).marks == 1

    acme.do(Resend(acme.by("ada", "button"), invitation))

    found = acme.invitation(invitation)
    assert (found.expires, found.marks) == (acme.at + timedelta(days=7), 0)


@pytest.mark.rule("INV-07")
def test_editing_changes_the_offer_of_the_same_invitation(acme: World) -> None:
    invitation = acme.invite("carl", "admin")
    acme.told()

    acme.do(Edit(acme.by("ada", "button"), invitation, "owner", Term(timedelta(days=90))))

    found = acme.invitation(invitation)
    assert (found.role, found.lasts, found.state) == ("owner", timedelta(days=90), "pending")
    assert ("carl", "refresh") in acme.told()
    acme.accept("carl", invitation)
    assert acme.members()["carl"] == "owner"


@pytest.mark.rule("INV-07")
def test_editing_is_no_door_to_a_role_that_one_may_not_grant(acme: World) -> None:
    acme.member("devi", "admin")
    invitation = acme.invite("carl", "admin", by="devi")
    with pytest.raises(refusals.MayNotGrant):
        acme.do(Edit(acme.by("devi"), invitation, "owner"))
    with pytest.raises(refusals.MayNotGrant):
        acme.do(Edit(acme.by("ada"), invitation, "owner"))
    assert acme.invitation(invitation).role == "admin"


@pytest.mark.rule("INV-08")
def test_an_invitation_lives_seven_days_and_its_expiry_tells_the_inviter(acme: World) -> None:
    invitation = acme.invite("carl")
    acme.told()
    acme.passes(days=7, seconds=-1)
    assert acme.invitation(invitation).state == "pending"
    acme.told()

    acme.passes(seconds=1)

    assert acme.invitation(invitation).state == "expired"
    assert ("ada", "invitation_expired") in acme.told()


@pytest.mark.rule("INV-08")
def test_sending_an_expired_one_again_makes_a_new_one_with_the_same_offer(acme: World) -> None:
    old = acme.invite("carl", note="Please", term=Term(timedelta(days=30)))
    acme.passes(days=7)

    new = acme.do(Resend(acme.by("ada", "button"), old)).first(InvitationSent)

    assert (new.role, new.note, new.lasts) == ("admin", "Please", timedelta(days=30))
    assert acme.waiting("carl") == [new.invitation]


@pytest.mark.rule("INV-08")
def test_an_accepted_one_is_not_sent_again(acme: World) -> None:
    invitation = acme.invite("carl")
    acme.accept("carl", invitation)
    with pytest.raises(refusals.AlreadyAnswered):
        acme.do(Resend(acme.by("ada"), invitation))


@pytest.mark.rule("INV-09")
def test_when_an_inviter_leaves_those_who_may_grant_are_told(acme: World) -> None:
    acme.member("devi")
    invitation = acme.invite("carl", by="devi")
    acme.told()

    revoked = acme.do(Leave(acme.by("devi"), "acme")).first(InvitationRevoked)

    assert (revoked.invitation, revoked.why) == (invitation, "right_lost")
    told = acme.told()
    assert ("ada", "invitation_lost") in told
    assert ("carl", "refresh") in told


@pytest.mark.rule("INV-11")
def test_every_copy_is_refreshed_after_every_outcome(acme: World) -> None:
    acme.link(groups=["invitations"])
    outcomes: dict[str, Callable[[str], object]] = {
        "accept": lambda i: acme.accept("carl", i),
        "decline": lambda i: acme.decline("devi", i),
        "revoke": lambda i: acme.do(Revoke(acme.by("ada"), i)),
        "supersede": lambda _: acme.invite("sam", "owner"),
        "expire": lambda _: acme.passes(days=8),
    }
    for who, (name, outcome) in zip(("carl", "devi", "bo", "sam", "eve"), outcomes.items(), strict=True):
        invitation = acme.invite(who)
        acme.told()
        outcome(invitation)
        told = acme.told()
        assert {(who, "refresh"), ("ada", "refresh"), ("channel:CACME", "refresh")} <= set(told), name


@pytest.mark.rule("INV-14")
def test_an_address_matches_regardless_of_case(acme: World) -> None:
    acme.knows("carl")
    invitation = acme.invite("Carl@Example.COM")
    assert acme.waiting("carl") == [invitation]
    with pytest.raises(refusals.ToYourself):
        acme.invite("ADA@example.com")


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize("address", ["сarl@example.com", "carl@examp1e.com", "carl+x@example.com", "carl@exаmple.com"])
def test_look_alike_addresses_do_not_match(acme: World, address: str) -> None:
    acme.knows("carl")
    invitation = acme.invite(address)
    assert acme.waiting("carl") == []
    with pytest.raises(refusals.NotYours):
        acme.accept("carl", invitation)


@pytest.mark.rule("INV-14")
def test_somebody_invited_by_address_who_turns_up_with_it_becomes_one_person(acme: World) -> None:
    sent = acme.do(Invite(acme.by("ada"), Address("Devi@example.com"), "admin", "acme")).first(InvitationSent)
    acme.profile("devi", email="devi@EXAMPLE.com")
    acme.accept("devi", sent.invitation)
    assert acme.members() == {"ada": "owner", "devi": "admin"}


def test_of_two_invitations_that_meet_in_one_person_one_stays(acme: World) -> None:
    by_address = acme.invite("carl@example.com")
    by_account = acme.do(Invite(acme.by("ada"), acme.account("carl"), "owner", "acme")).first(InvitationSent)
    acme.profile("carl")
    assert acme.invitation(by_address).state == "revoked"
    assert acme.waiting("carl") == [by_account.invitation]


def test_a_higher_invitation_replaces_the_role_on_acceptance(acme: World) -> None:
    acme.member("carl", "admin")
    changed = acme.accept("carl", acme.invite("carl", "owner")).first(MemberRoleChanged)
    assert (changed.before, changed.role) == ("admin", "owner")
    assert acme.members()["carl"] == "owner"


def test_an_admin_cannot_make_an_owner(acme: World) -> None:
    acme.member("devi", "admin")
    with pytest.raises(refusals.MayNotGrant) as refused:
        acme.invite("carl", "owner", by="devi")
    assert refused.value.grants == ("admin",)


def test_a_resource_that_one_may_not_view_is_as_unknown_as_one_that_is_not(acme: World) -> None:
    with pytest.raises(refusals.UnknownResource) as hidden:
        acme.invite("carl", by="sam")
    with pytest.raises(refusals.UnknownResource) as missing:
        acme.invite("carl", what="nothing", by="sam")
    assert (hidden.value.nearest, missing.value.nearest) == (None, None)


def test_somebody_of_another_workspace_may_answer_and_nothing_else(acme: World) -> None:
    invitation = acme.do(Invite(acme.by("ada"), Account("T2", "UEVE"), "admin", "acme")).first(InvitationSent)
    acme.accept("eve@T2", invitation.invitation)
    with pytest.raises(refusals.ForeignActor):
        acme.invite("carl", by="eve@T2")
    assert TEAM != "T2"


def test_an_invitation_shows_itself_to_those_whom_it_concerns_alone(acme: World) -> None:
    invitation = acme.invite("carl")
    seen = {
        who: acme.collab.ask(ShowInvitation(acme.by(who), invitation), acme.at) is not None
        for who in ("ada", "carl", "devi")
    }
    assert seen == {"ada": True, "carl": True, "devi": False}


def test_expiry_and_reminder_due_together_expire_alone(acme: World) -> None:
    acme.invite("carl")
    acme.passes(days=30)
    assert len(acme.happened(InvitationExpired)) == 1
    assert acme.happened(InvitationReminded) == []


@pytest.mark.rule("INV-01")
def test_a_membership_until_a_day_ends_then_whenever_it_is_accepted(acme: World) -> None:
    until = acme.at + timedelta(days=20)
    invitation = acme.invite("carl", term=Term(until=until))
    acme.at += timedelta(days=5)
    assert acme.accept("carl", invitation).first(MemberJoined).until == until


@pytest.mark.rule("INV-01")
def test_an_invitation_does_not_outlive_the_membership_that_it_offers(acme: World) -> None:
    until = acme.at + timedelta(days=3)
    assert acme.invitation(acme.invite("carl", term=Term(until=until))).expires == until
    with pytest.raises(refusals.BadDuration):
        acme.invite("devi", term=Term(until=acme.at - timedelta(days=1)))


def test_who_ended_an_invitation_is_known(acme: World) -> None:
    acme.member("devi", "owner")
    invitation = acme.invite("carl")
    acme.do(Revoke(acme.by("devi"), invitation))
    assert acme.card(invitation).answered_by.user == "UDEVI"


@pytest.mark.rule("INV-04")
def test_somebody_mentioned_from_here_is_found_in_their_own_workspace_once_their_profile_is_read(acme: World) -> None:
    invitation = acme.invite("eve")
    acme.profile("eve@T2", email=None)
    assert acme.accept("eve@T2", invitation).first(MemberJoined)
    with pytest.raises(refusals.AlreadyHolds):
        again = acme.invite("eve")
        acme.profile("eve@T2", email=None, title="Eve M.")
        assert acme.invitation(again).state == "revoked"
        acme.invite("eve")


def test_somebody_who_pressed_before_their_profile_was_read_is_still_one_person(acme: World) -> None:
    invitation = acme.invite("eve")
    assert acme.accept("eve@T2", invitation).first(MemberJoined)
    acme.profile("eve@T2", email=None)
    assert acme.members() == {"ada": "owner", "eve": "admin"}


def test_lists_go_on_where_they_stopped(acme: World) -> None:
    sent = [acme.invite(f"p{n}") for n in range(25)]
    pages = [acme.collab.ask(ListInvitations(acme.by("ada"), sent=True, page=n), acme.at) for n in (0, 1)]
    assert [len(p.invitations) for p in pages] == [20, 5]
    assert [p.next_page for p in pages] == [1, None]
    assert {i.invitation.id for p in pages for i in p.invitations} == set(sent)
    members = [acme.collab.ask(ListMembers(acme.by("ada"), "acme", n), acme.at) for n in (0, 1)]
    assert [(len(m.members), len(m.pending), m.next_page) for m in members] == [(1, 19, 1), (0, 6, None)]
