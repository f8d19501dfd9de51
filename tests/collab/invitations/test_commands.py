"""Sending, revoking, resending and editing invitations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.bus import Outcome
from collab.context import Context
from collab.events import (
    InvitationEdited,
    InvitationExpired,
    InvitationReminded,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    InvitationSuperseded,
    MemberJoined,
    MemberRoleChanged,
)
from collab.invitations.answers import (
    AcceptInvitation,
    DeclineInvitation,
    MuteInvitation,
    SnoozeInvitation,
)
from collab.invitations.commands import (
    EditInvitation,
    InviteToResource,
    ResendInvitation,
    RevokeInvitation,
)
from collab.invitations.queries import ListInvitations, ShowInvitation
from collab.invitations.reminders import ReminderState, get_next_reminder_time
from collab.memberships.commands import LeaveResource
from collab.memberships.queries import ListMembers
from collab.model import Account, Address, InvitationId, Term, WorkspaceId
from tests.support.builders import TEAM_ID, Scenario


@pytest.mark.rule("INV-01")
def test_an_invitation_names_who_what_role_how_long_note_inviter_and_expiry(
    acme: Scenario,
) -> None:
    sent = acme.execute(
        InviteToResource(
            acme.caller_for("ada"),
            acme.account_of("carl"),
            "admin",
            "acme",
            Term(timedelta(days=30)),
            "Welcome aboard",
        )
    ).get_event(InvitationSent)

    found = acme.get_open_invitation(sent.invitation)

    assert (found.person.user, found.inviter.user, found.resource.slug) == (
        "UCARL",
        "UADA",
        "acme",
    )
    assert (found.invitation.role, found.invitation.lasts, found.invitation.note) == (
        "admin",
        timedelta(days=30),
        "Welcome aboard",
    )
    assert found.invitation.expires == acme.at + timedelta(days=7)
    assert found.can == ("view", "create", "bring:admin")


@pytest.mark.rule("INV-01")
@pytest.mark.parametrize("days", [0, 3651])
def test_a_length_outside_a_day_to_ten_years_is_refused(
    acme: Scenario, days: int
) -> None:
    with pytest.raises(errors.BadDuration):
        acme.send_invitation("carl", term=Term(timedelta(days=days)))


@pytest.mark.rule("INV-01")
def test_a_note_of_500_characters_is_kept_and_one_of_501_refused(
    acme: Scenario,
) -> None:
    kept = acme.send_invitation("carl", note="x" * 500)
    assert acme.get_invitation(kept).note == "x" * 500
    with pytest.raises(errors.TooLong) as refused:
        acme.send_invitation("devi", note="x" * 501)
    assert (refused.value.length, refused.value.limit) == (501, 500)


@pytest.mark.rule("INV-02")
def test_every_end_is_a_state_of_its_own_and_the_record_stays(acme: Scenario) -> None:
    accepted = acme.send_invitation("carl")
    acme.accept_invitation("carl", accepted)
    declined = acme.send_invitation("devi")
    acme.decline_invitation("devi", declined)
    revoked = acme.send_invitation("bo")
    acme.execute(RevokeInvitation(acme.caller_for("ada"), revoked))
    superseded = acme.send_invitation("sam", role="admin")
    expired = acme.send_invitation("sam", role="owner")
    acme.advance_time(days=8)

    states = [
        acme.get_invitation(i).state
        for i in (accepted, declined, revoked, superseded, expired)
    ]

    assert states == ["accepted", "declined", "revoked", "superseded", "expired"]


@pytest.mark.rule("INV-03")
def test_the_same_role_again_resends_and_starts_the_life_anew(acme: Scenario) -> None:
    first = acme.send_invitation("carl")
    acme.at += timedelta(days=3)

    outcome = acme.execute(
        InviteToResource(
            acme.caller_for("ada"), acme.account_of("carl"), "admin", "acme"
        )
    )

    assert outcome.find_event(InvitationSent) is None
    assert outcome.get_event(InvitationResent).invitation == first
    assert acme.get_invitation(first).expires == acme.at + timedelta(days=7)
    assert acme.pending_invitation_ids("carl") == [first]


@pytest.mark.rule("INV-03")
def test_another_role_supersedes_and_says_so(acme: Scenario) -> None:
    first = acme.send_invitation("carl", "admin")

    outcome = acme.execute(
        InviteToResource(
            acme.caller_for("ada"), acme.account_of("carl"), "owner", "acme"
        )
    )

    second = outcome.get_event(InvitationSent).invitation
    assert outcome.get_event(InvitationSuperseded).invitation == first
    assert acme.pending_invitation_ids("carl") == [second]
    with pytest.raises(errors.AlreadyAnswered):
        acme.accept_invitation("carl", first)


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-07")
def test_an_invitation_to_a_role_that_one_may_not_grant_cannot_be_superseded(
    acme: Scenario,
) -> None:
    acme.add_member("devi", "admin")
    owner = acme.send_invitation("carl", "owner")
    with pytest.raises(errors.MayNotManage):
        acme.send_invitation("carl", "admin", by="devi")
    assert acme.pending_invitation_ids("carl") == [owner]


@pytest.mark.rule("INV-04")
def test_accepting_gives_the_role_at_once(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    assert acme.roles_by_name() == {"ada": "owner"}

    outcome = acme.accept_invitation("carl", invitation)

    assert outcome.get_event(MemberJoined).invitation == invitation
    assert acme.roles_by_name() == {"ada": "owner", "carl": "admin"}


@pytest.mark.rule("INV-04")
def test_a_membership_for_30_days_counts_from_the_answer_and_ends_by_time_alone(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("carl", term=Term(timedelta(days=30)))
    acme.at += timedelta(days=2)
    until = acme.accept_invitation("carl", invitation).get_event(MemberJoined).until
    assert until == acme.at + timedelta(days=30)

    acme.at = until

    assert acme.roles_by_name() == {"ada": "owner"}
    with pytest.raises(errors.UnknownResource):
        acme.bus.query(ListMembers(acme.caller_for("carl"), "acme"), acme.at)


@pytest.mark.rule("INV-04")
def test_another_person_cannot_answer(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    for answer in (
        AcceptInvitation,
        DeclineInvitation,
        SnoozeInvitation,
        MuteInvitation,
    ):
        with pytest.raises(errors.NotYours):
            acme.execute(answer(acme.caller_for("devi", "button"), invitation))
    assert acme.pending_invitation_ids("carl") == [invitation]


@pytest.mark.rule("INV-04")
def test_an_expired_invitation_is_refused_though_no_sweep_has_run(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("carl")
    acme.at += timedelta(days=7)
    with pytest.raises(errors.InvitationExpired):
        acme.accept_invitation("carl", invitation)
    assert acme.get_invitation(invitation).state == "pending"


@pytest.mark.rule("INV-04")
@pytest.mark.parametrize("answer", [AcceptInvitation, DeclineInvitation])
def test_a_second_click_says_what_already_happened(
    acme: Scenario, answer: type
) -> None:
    invitation = acme.send_invitation("carl")
    acme.accept_invitation("carl", invitation)
    with pytest.raises(errors.AlreadyAnswered) as refused:
        acme.execute(answer(acme.caller_for("carl", "button"), invitation))
    assert refused.value.state == "accepted"


def test_what_is_looked_at_with_an_act_is_as_the_act_left_it(acme: Scenario) -> None:
    action = InviteToResource(
        acme.caller_for("ada", idempotency_key="command:1"),
        acme.account_of("carl"),
        "admin",
        "acme",
    )

    def see(case: Context, outcome: Outcome[Any]) -> tuple[str, bool]:
        found = case.invitations.get_invitation(
            outcome.get_event(InvitationSent).invitation
        )
        return found.state if found else "", outcome.is_repeated

    def raise_lookup_error(_case: Context, _outcome: Outcome[Any]) -> None:
        raise LookupError

    assert acme.bus.execute(action, acme.at, see).view == ("pending", False)
    assert acme.bus.execute(action, acme.at, see).view == ("pending", True)
    assert acme.bus.execute(action, acme.at).view is None
    invitation = acme.events_of_type(InvitationSent)[0].invitation
    with pytest.raises(LookupError):
        acme.bus.execute(
            RevokeInvitation(acme.caller_for("ada"), invitation),
            acme.at,
            raise_lookup_error,
        )
    assert acme.get_invitation(invitation).state == "pending"


@pytest.mark.rule("INV-04")
def test_the_same_delivery_twice_does_one_thing_and_gives_the_same_answer(
    acme: Scenario,
) -> None:
    action = InviteToResource(
        acme.caller_for("ada", idempotency_key="command:1"),
        acme.account_of("carl"),
        "admin",
        "acme",
    )
    first, second = acme.execute(action), acme.execute(action)
    assert (first.is_repeated, second.is_repeated) == (False, True)
    assert list(second.recorded) == list(first.recorded)
    assert len(acme.events_of_type(InvitationSent)) == 1
    assert acme.events_of_type(InvitationResent) == []


@pytest.mark.rule("INV-04")
def test_an_invitation_of_another_workspace_is_unknown(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    other = Scenario(acme.database, workspace=WorkspaceId("T9"), id_prefix="9")
    with pytest.raises(errors.UnknownInvitation):
        other.execute(
            AcceptInvitation(other.caller_for("carl@T1", "button"), invitation)
        )


@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-09")
def test_an_invitation_does_not_outlive_its_inviters_right(acme: Scenario) -> None:
    acme.add_member("devi")
    invitation = acme.send_invitation("carl", by="devi")

    acme.remove_member("devi")

    assert acme.get_invitation(invitation).state == "revoked"
    with pytest.raises(errors.AlreadyAnswered):
        acme.accept_invitation("carl", invitation)


@pytest.mark.rule("INV-04")
def test_an_inviter_whose_role_has_expired_authorizes_nothing_even_before_the_sweep(
    acme: Scenario,
) -> None:
    acme.add_member("devi", term=Term(timedelta(days=2)))
    acme.at += timedelta(days=1)
    invitation = acme.send_invitation("carl", by="devi")
    acme.at += timedelta(days=1)
    with pytest.raises(errors.InviterLostRight):
        acme.accept_invitation("carl", invitation)


@pytest.mark.rule("INV-05")
def test_a_member_is_refused_with_what_they_hold(acme: Scenario) -> None:
    acme.add_member("carl", "owner")
    with pytest.raises(errors.AlreadyHolds) as refused:
        acme.send_invitation("carl", "admin")
    assert (refused.value.role, refused.value.title) == ("owner", "Acme")


@pytest.mark.rule("INV-05")
def test_oneself_a_bot_and_a_deactivated_account_are_refused(acme: Scenario) -> None:
    with pytest.raises(errors.ToYourself):
        acme.send_invitation("ada")
    acme.read_profile("robot", bot=True)
    with pytest.raises(errors.NotAPerson) as bot:
        acme.send_invitation("robot")
    acme.read_profile("gone", active=False)
    with pytest.raises(errors.NotAPerson) as gone:
        acme.send_invitation("gone")
    assert (bot.value.reason, gone.value.reason) == ("bot", "deactivated")


@pytest.mark.rule("INV-05")
def test_the_invitation_of_a_bot_is_revoked_and_the_inviter_notified(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("robot")
    acme.take_outbox()
    acme.read_profile("robot", bot=True)
    assert acme.get_invitation(invitation).state == "revoked"
    assert ("ada", "invitation_revoked") in acme.take_outbox()


@pytest.mark.rule("INV-06")
def test_a_reason_is_for_the_inviter_alone_and_a_decline_rests_a_day(
    acme: Scenario,
) -> None:
    acme.link_channel(groups=["joins", "invitations"])
    invitation = acme.send_invitation("carl")
    acme.take_outbox()

    acme.decline_invitation("carl", invitation, "Too busy")

    assert ("ada", "invitation_declined") in acme.take_outbox()
    over = acme.at + timedelta(days=1)
    acme.at += timedelta(hours=23)
    with pytest.raises(errors.DeclinedRecently) as why:
        acme.send_invitation("carl")
    assert why.value == errors.DeclinedRecently(acme.person_id_of("carl"), "Acme", over)
    acme.at = over
    assert acme.send_invitation("carl")


@pytest.mark.rule("INV-06")
def test_declining_needs_no_reason_and_a_long_one_is_refused(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    with pytest.raises(errors.TooLong):
        acme.decline_invitation("carl", invitation, "x" * 501)
    acme.decline_invitation("carl", invitation)
    assert acme.get_invitation(invitation).state == "declined"


@pytest.mark.rule("INV-07")
def test_the_inviter_or_anyone_who_may_grant_the_role_manages_it_and_nobody_else(
    acme: Scenario,
) -> None:
    acme.add_member("devi", "admin")
    owner, admin = (
        acme.send_invitation("carl", "owner"),
        acme.send_invitation("bo", "admin"),
    )
    for act in (
        RevokeInvitation(acme.caller_for("devi"), owner),
        ResendInvitation(acme.caller_for("devi"), owner),
    ):
        with pytest.raises(errors.MayNotManage):
            acme.execute(act)
    with pytest.raises(errors.UnknownInvitation):
        acme.execute(RevokeInvitation(acme.caller_for("sam"), admin))

    acme.execute(RevokeInvitation(acme.caller_for("devi"), admin))

    assert acme.get_invitation(admin).state == "revoked"
    assert acme.get_invitation(owner).state == "pending"


@pytest.mark.rule("INV-07")
def test_resending_starts_the_expiry_and_the_reminders_anew(acme: Scenario) -> None:
    acme.register_people("carl")
    invitation = acme.send_invitation("carl")
    acme.advance_time(days=3, hours=6)
    assert acme.get_invitation(invitation).marks == 1

    acme.execute(ResendInvitation(acme.caller_for("ada", "button"), invitation))

    found = acme.get_invitation(invitation)
    assert (found.expires, found.marks) == (acme.at + timedelta(days=7), 0)


@pytest.mark.rule("INV-07")
def test_editing_changes_the_offer_of_the_same_invitation(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl", "admin")
    acme.take_outbox()

    acme.execute(
        EditInvitation(
            acme.caller_for("ada", "button"),
            invitation,
            "owner",
            Term(timedelta(days=90)),
        )
    )

    found = acme.get_invitation(invitation)
    assert (found.role, found.lasts, found.state) == (
        "owner",
        timedelta(days=90),
        "pending",
    )
    assert ("carl", "refresh") in acme.take_outbox()
    acme.accept_invitation("carl", invitation)
    assert acme.roles_by_name()["carl"] == "owner"


@pytest.mark.rule("INV-07")
@pytest.mark.rule("INV-10")
def test_an_edit_records_both_offers_and_moves_the_reminders_with_the_expiry(
    acme: Scenario,
) -> None:
    acme.register_people("carl")
    invitation = acme.send_invitation("carl", "admin", term=Term(timedelta(days=90)))
    until = acme.at + timedelta(days=4)

    edited = acme.execute(
        EditInvitation(acme.caller_for("ada"), invitation, "owner", Term(until=until))
    ).get_event(InvitationEdited)

    assert (edited.role, edited.lasts, edited.until) == ("owner", None, until)
    assert (edited.before_role, edited.before_lasts, edited.before_until) == (
        "admin",
        timedelta(days=90),
        None,
    )
    assert edited.expires == until
    lifetime = ReminderState(acme.at, until)
    assert edited.due == get_next_reminder_time(
        acme.policy, lifetime, "America/New_York"
    )

    edited = acme.execute(
        EditInvitation(acme.caller_for("ada"), invitation, "owner")
    ).get_event(InvitationEdited)
    assert (edited.before_lasts, edited.before_until) == (None, until)


@pytest.mark.rule("INV-07")
def test_power_for_a_guest_is_confirmed_before_an_edit(acme: Scenario) -> None:
    acme.read_profile("carl", guest=True)
    invitation = acme.send_invitation("carl", "accountant")
    edit = EditInvitation(acme.caller_for("ada"), invitation, "admin", asks_first=True)
    with pytest.raises(errors.PowerForOutsider):
        acme.execute(edit)
    assert acme.get_invitation(invitation).role == "accountant"
    acme.execute(replace(edit, asks_first=False))
    assert acme.get_invitation(invitation).role == "admin"


@pytest.mark.rule("INV-07")
def test_editing_gives_no_role_that_one_may_not_grant(acme: Scenario) -> None:
    acme.add_member("devi", "admin")
    invitation = acme.send_invitation("carl", "admin", by="devi")
    with pytest.raises(errors.MayNotGrant):
        acme.execute(EditInvitation(acme.caller_for("devi"), invitation, "owner"))
    with pytest.raises(errors.MayNotGrant):
        acme.execute(EditInvitation(acme.caller_for("ada"), invitation, "owner"))
    assert acme.get_invitation(invitation).role == "admin"


@pytest.mark.rule("INV-08")
def test_an_invitation_lives_seven_days_and_its_expiry_tells_the_inviter(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("carl")
    acme.take_outbox()
    acme.advance_time(days=7, seconds=-1)
    assert acme.get_invitation(invitation).state == "pending"
    acme.take_outbox()

    acme.advance_time(seconds=1)

    assert acme.get_invitation(invitation).state == "expired"
    assert ("ada", "invitation_expired") in acme.take_outbox()


@pytest.mark.rule("INV-08")
def test_sending_an_expired_one_again_makes_a_new_one_with_the_same_offer(
    acme: Scenario,
) -> None:
    acme.register_people("carl")
    old = acme.send_invitation("carl", note="Please", term=Term(timedelta(days=30)))
    acme.advance_time(days=7)

    new = acme.execute(
        ResendInvitation(acme.caller_for("ada", "button"), old)
    ).get_event(InvitationSent)

    assert (new.role, new.note, new.lasts) == ("admin", "Please", timedelta(days=30))
    assert new.due == get_next_reminder_time(
        acme.policy, ReminderState(acme.at, new.expires), "America/New_York"
    )
    assert acme.pending_invitation_ids("carl") == [new.invitation]


@pytest.mark.rule("INV-08")
def test_one_whose_time_is_over_is_sent_anew_before_any_sweep(acme: Scenario) -> None:
    old = acme.send_invitation("carl")
    acme.at = acme.get_invitation(old).expires
    again = acme.execute(ResendInvitation(acme.caller_for("ada", "button"), old))
    assert again.get_event(InvitationSent).invitation != old


@pytest.mark.rule("INV-08")
def test_an_accepted_one_is_not_sent_again(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    acme.accept_invitation("carl", invitation)
    with pytest.raises(errors.AlreadyAnswered):
        acme.execute(ResendInvitation(acme.caller_for("ada"), invitation))


@pytest.mark.rule("INV-09")
def test_when_an_inviter_leaves_those_who_may_grant_are_notified(
    acme: Scenario,
) -> None:
    acme.add_member("devi")
    invitation = acme.send_invitation("carl", by="devi")
    acme.take_outbox()

    revoked = acme.execute(LeaveResource(acme.caller_for("devi"), "acme")).get_event(
        InvitationRevoked
    )

    assert (revoked.invitation, revoked.why) == (invitation, "right_lost")
    notifications = acme.take_outbox()
    assert ("ada", "invitation_lost") in notifications
    assert ("carl", "refresh") in notifications


@pytest.mark.rule("INV-11")
def test_every_copy_is_refreshed_after_every_outcome(acme: Scenario) -> None:
    acme.link_channel(groups=["invitations"])
    outcomes: dict[str, Callable[[str], object]] = {
        "accept": lambda i: acme.accept_invitation("carl", InvitationId(i)),
        "decline": lambda i: acme.decline_invitation("devi", InvitationId(i)),
        "revoke": lambda i: acme.execute(
            RevokeInvitation(acme.caller_for("ada"), InvitationId(i))
        ),
        "supersede": lambda _: acme.send_invitation("sam", "owner"),
        "expire": lambda _: acme.advance_time(days=8),
    }
    for who, (name, outcome) in zip(
        ("carl", "devi", "bo", "sam", "eve"), outcomes.items(), strict=True
    ):
        invitation = acme.send_invitation(who)
        acme.take_outbox()
        outcome(invitation)
        notifications = acme.take_outbox()
        assert {
            (who, "refresh"),
            ("ada", "refresh"),
            ("channel:CACME", "refresh"),
        } <= set(notifications), name


@pytest.mark.rule("INV-14")
def test_an_address_matches_regardless_of_case(acme: Scenario) -> None:
    acme.register_people("carl")
    invitation = acme.send_invitation("Carl@Example.COM")
    assert acme.pending_invitation_ids("carl") == [invitation]
    with pytest.raises(errors.ToYourself):
        acme.send_invitation("ADA@example.com")


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize(
    "address",
    ["сarl@example.com", "carl@examp1e.com", "carl+x@example.com", "carl@exаmple.com"],
)
def test_look_alike_addresses_do_not_match(acme: Scenario, address: str) -> None:
    acme.register_people("carl")
    invitation = acme.send_invitation(address)
    assert acme.pending_invitation_ids("carl") == []
    with pytest.raises(errors.NotYours):
        acme.accept_invitation("carl", invitation)


@pytest.mark.rule("INV-14")
def test_a_person_invited_by_address_who_turns_up_with_it_becomes_one_person(
    acme: Scenario,
) -> None:
    sent = acme.execute(
        InviteToResource(
            acme.caller_for("ada"), Address("Devi@example.com"), "admin", "acme"
        )
    ).get_event(InvitationSent)
    acme.read_profile("devi", email="devi@EXAMPLE.com")
    acme.accept_invitation("devi", sent.invitation)
    assert acme.roles_by_name() == {"ada": "owner", "devi": "admin"}


def test_of_two_invitations_that_meet_in_one_person_one_stays(acme: Scenario) -> None:
    by_address = acme.send_invitation("carl@example.com")
    by_account = acme.execute(
        InviteToResource(
            acme.caller_for("ada"), acme.account_of("carl"), "owner", "acme"
        )
    ).get_event(InvitationSent)
    acme.read_profile("carl")
    assert acme.get_invitation(by_address).state == "revoked"
    assert acme.pending_invitation_ids("carl") == [by_account.invitation]


def test_a_higher_invitation_replaces_the_role_on_acceptance(acme: Scenario) -> None:
    acme.add_member("carl", "admin")
    changed = acme.accept_invitation(
        "carl", acme.send_invitation("carl", "owner")
    ).get_event(MemberRoleChanged)
    assert (changed.before, changed.role) == ("admin", "owner")
    assert acme.roles_by_name()["carl"] == "owner"


def test_an_admin_cannot_make_an_owner(acme: Scenario) -> None:
    acme.add_member("devi", "admin")
    with pytest.raises(errors.MayNotGrant) as refused:
        acme.send_invitation("carl", "owner", by="devi")
    assert refused.value.grants == ("admin",)


def test_a_resource_that_one_may_not_view_is_as_unknown_as_one_that_is_not(
    acme: Scenario,
) -> None:
    with pytest.raises(errors.UnknownResource) as hidden:
        acme.send_invitation("carl", by="sam")
    with pytest.raises(errors.UnknownResource) as missing:
        acme.send_invitation("carl", what="nothing", by="sam")
    assert (hidden.value.nearest, missing.value.nearest) == (None, None)


def test_a_person_of_another_workspace_may_answer_and_nothing_else(
    acme: Scenario,
) -> None:
    invitation = acme.execute(
        InviteToResource(acme.caller_for("ada"), Account("T2", "UEVE"), "admin", "acme")
    ).get_event(InvitationSent)
    acme.accept_invitation("eve@T2", invitation.invitation)
    with pytest.raises(errors.ForeignActor):
        acme.send_invitation("carl", by="eve@T2")
    assert TEAM_ID != "T2"


def test_an_invitation_shows_itself_to_those_whom_it_concerns_alone(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("carl")
    seen = {
        who: acme.bus.query(ShowInvitation(acme.caller_for(who), invitation), acme.at)
        is not None
        for who in ("ada", "carl", "devi")
    }
    assert seen == {"ada": True, "carl": True, "devi": False}


def test_expiry_and_reminder_due_together_expire_alone(acme: Scenario) -> None:
    acme.send_invitation("carl")
    acme.advance_time(days=30)
    assert len(acme.events_of_type(InvitationExpired)) == 1
    assert acme.events_of_type(InvitationReminded) == []


@pytest.mark.rule("INV-01")
def test_a_membership_until_a_day_ends_then_whenever_it_is_accepted(
    acme: Scenario,
) -> None:
    until = acme.at + timedelta(days=20)
    invitation = acme.send_invitation("carl", term=Term(until=until))
    acme.at += timedelta(days=5)
    assert (
        acme.accept_invitation("carl", invitation).get_event(MemberJoined).until
        == until
    )


@pytest.mark.rule("INV-01")
def test_an_invitation_does_not_outlive_the_membership_that_it_offers(
    acme: Scenario,
) -> None:
    until = acme.at + timedelta(days=3)
    assert (
        acme.get_invitation(
            acme.send_invitation("carl", term=Term(until=until))
        ).expires
        == until
    )
    with pytest.raises(errors.BadDuration):
        acme.send_invitation("devi", term=Term(until=acme.at - timedelta(days=1)))


def test_who_ended_an_invitation_is_known(acme: Scenario) -> None:
    acme.add_member("devi", "owner")
    invitation = acme.send_invitation("carl")
    acme.execute(RevokeInvitation(acme.caller_for("devi"), invitation))
    assert acme.get_open_invitation(invitation).answered_by.user == "UDEVI"


@pytest.mark.rule("INV-04")
def test_a_person_mentioned_from_here_is_found_in_their_own_workspace_once_their_profile_is_read(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("eve")
    acme.read_profile("eve@T2", email=None)
    assert acme.accept_invitation("eve@T2", invitation).find_event(MemberJoined)
    with pytest.raises(errors.AlreadyHolds):
        again = acme.send_invitation("eve")
        acme.read_profile("eve@T2", email=None, title="Eve M.")
        assert acme.get_invitation(again).state == "revoked"
        acme.send_invitation("eve")


def test_a_person_who_pressed_before_their_profile_was_read_is_still_one_person(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("eve")
    assert acme.accept_invitation("eve@T2", invitation).find_event(MemberJoined)
    acme.read_profile("eve@T2", email=None)
    assert acme.roles_by_name() == {"ada": "owner", "eve": "admin"}


def test_lists_go_on_where_they_stopped(acme: Scenario) -> None:
    sent = [acme.send_invitation(f"p{n}") for n in range(25)]
    pages = [
        acme.bus.query(
            ListInvitations(acme.caller_for("ada"), sent=True, page=n), acme.at
        )
        for n in (0, 1)
    ]
    assert [len(p.invitations) for p in pages] == [20, 5]
    assert [p.next_page for p in pages] == [1, None]
    assert {i.invitation.id for p in pages for i in p.invitations} == set(sent)
    members = [
        acme.bus.query(ListMembers(acme.caller_for("ada"), "acme", n), acme.at)
        for n in (0, 1)
    ]
    assert [(len(m.members), len(m.pending), m.next_page) for m in members] == [
        (1, 19, 1),
        (0, 6, None),
    ]
