"""Invitations of a team, sent by those who may not edit it and answered by those who may (RES-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.events import (
    InvitationReminded,
    InvitationResent,
    InvitationSent,
    TeamShared,
)
from collab.invitations.answers import (
    AcceptInvitation,
    DeclineInvitation,
    MuteInvitation,
    SnoozeInvitation,
)
from collab.invitations.commands import (
    EditInvitation,
    ResendInvitation,
    RevokeInvitation,
)
from collab.invitations.reminders import ReminderState, get_next_reminder_time
from collab.memberships.commands import ChangeRole
from collab.model import InvitationId, Term
from collab.resource_deletion import DeleteResource
from collab.teams import UnshareWithTeam
from tests.support.builders import Scenario


@pytest.fixture
def crew(acme: Scenario) -> Scenario:
    """Acme's app Shop; the team Crew of Devi and Carl, unlimited, and Bo and Ada, limited."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("team", "Crew", by="devi")
    acme.add_member("carl", "unlimited", "crew", by="devi")
    acme.add_member("bo", "limited", "crew", by="devi")
    acme.add_member("ada", "limited", "crew", by="devi")
    acme.take_outbox()
    return acme


def asked(world: Scenario, role: str = "manager", by: str = "ada") -> InvitationId:
    """Crew is asked; answers the invitation's id."""
    sent: InvitationSent = world.share_with_team("shop", "crew", role, by).get_event(
        InvitationSent
    )
    return sent.invitation


@pytest.mark.rule("RES-05")
def test_a_team_that_one_may_not_edit_is_asked_and_holds_nothing_yet(
    crew: Scenario,
) -> None:
    invitation = asked(crew)
    assert sorted(crew.take_outbox()) == [
        ("carl", "invitation"),
        ("devi", "invitation"),
    ]
    assert crew.capabilities_of("devi", "shop") == set()
    assert (
        crew.pending_invitation_ids("devi")
        == crew.pending_invitation_ids("carl")
        == [invitation]
    )
    assert crew.pending_invitation_ids("bo") == []


@pytest.mark.rule("RES-05")
def test_at_once_when_the_one_who_offers_may_edit_the_team(crew: Scenario) -> None:
    crew.execute(
        ChangeRole(crew.caller_for("devi"), crew.account_of("ada"), "unlimited", "crew")
    )
    outcome = crew.share_with_team("shop", "crew", "manager")
    assert outcome.find_event(TeamShared)
    assert crew.events_of_type(InvitationSent)[-1].team is None
    assert crew.capabilities_of("devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-11")
@pytest.mark.parametrize("who", ["devi", "carl"])
def test_any_unlimited_member_answers_and_all_who_were_asked_see_it(
    crew: Scenario, who: str
) -> None:
    invitation = asked(crew)
    crew.take_outbox()
    crew.accept_invitation(who, invitation)
    assert (
        crew.capabilities_of("devi", "shop")
        == crew.capabilities_of("carl", "shop")
        == {"view", "configure", "code"}
    )
    assert crew.capabilities_of("bo", "shop") == set()
    notifications = crew.take_outbox()
    assert {t for t, m in notifications if m == "refresh"} == {"ada", "carl", "devi"}
    assert [t for t, m in notifications if m == "invitation_accepted"] == ["ada"]
    assert crew.get_invitation(invitation).answered_by == crew.person_id_of(who)
    assert (
        crew.pending_invitation_ids("devi") == crew.pending_invitation_ids("carl") == []
    )


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-04")
def test_one_answer_wins(crew: Scenario) -> None:
    invitation = asked(crew)
    crew.decline_invitation("carl", invitation, "We are full")
    for answer in (AcceptInvitation, DeclineInvitation):
        with pytest.raises(errors.AlreadyAnswered):
            crew.execute(answer(crew.caller_for("devi", "button"), invitation))
    assert crew.capabilities_of("devi", "shop") == set()


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-04")
def test_limited_members_others_and_the_one_who_asked_do_not_answer(
    crew: Scenario,
) -> None:
    invitation = asked(crew)
    for who in ("bo", "sam", "ada"):
        for answer in (
            AcceptInvitation,
            DeclineInvitation,
            SnoozeInvitation,
            MuteInvitation,
        ):
            with pytest.raises(errors.NotYours):
                crew.execute(answer(crew.caller_for(who, "button"), invitation))


@pytest.mark.rule("RES-05")
def test_who_became_unlimited_since_answers_and_who_is_not_any_more_does_not(
    crew: Scenario,
) -> None:
    invitation = asked(crew)
    crew.execute(
        ChangeRole(crew.caller_for("devi"), crew.account_of("bo"), "unlimited", "crew")
    )
    crew.leave_resource("carl", "crew")
    with pytest.raises(errors.NotYours):
        crew.accept_invitation("carl", invitation)
    assert crew.pending_invitation_ids("bo") == [invitation]
    crew.accept_invitation("bo", invitation)
    assert crew.capabilities_of("bo", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-09")
def test_a_team_is_not_brought_in_by_a_right_that_is_gone(crew: Scenario) -> None:
    crew.add_member("sam", "admin", "shop")
    crew.add_member("sam", "limited", "crew", by="devi")
    invitation = asked(crew, by="sam")
    crew.take_outbox()
    crew.leave_resource("sam", "shop")
    assert crew.get_invitation(invitation).state == "revoked"
    notifications = crew.take_outbox()
    assert {
        ("carl", "refresh"),
        ("devi", "refresh"),
        ("ada", "invitation_lost"),
    } <= set(notifications)


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-03")
def test_asking_again_resends_and_another_role_takes_its_place(crew: Scenario) -> None:
    first = asked(crew)
    crew.at += timedelta(days=1)
    assert (
        crew.share_with_team("shop", "crew", "manager")
        .get_event(InvitationResent)
        .invitation
        == first
    )
    second = asked(crew, "developer")
    assert crew.get_invitation(first).state == "superseded"
    assert crew.pending_invitation_ids("devi") == [second]


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-07")
def test_resending_asks_those_who_may_answer_now(crew: Scenario) -> None:
    invitation = asked(crew)
    crew.execute(
        ChangeRole(crew.caller_for("devi"), crew.account_of("bo"), "unlimited", "crew")
    )
    crew.leave_resource("carl", "crew")
    crew.take_outbox()
    crew.execute(ResendInvitation(crew.caller_for("ada"), invitation))
    assert crew.take_recipients_of("invitation") == ["bo", "devi"]


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-07")
def test_it_is_taken_back_and_edited_like_every_invitation(crew: Scenario) -> None:
    invitation = asked(crew)
    crew.execute(
        EditInvitation(
            crew.caller_for("ada"), invitation, "developer", Term(timedelta(days=30))
        )
    )
    crew.take_outbox()
    crew.execute(RevokeInvitation(crew.caller_for("ada"), invitation))
    assert {t for t, m in crew.take_outbox() if m == "refresh"} == {
        "ada",
        "carl",
        "devi",
    }
    again = crew.execute(
        ResendInvitation(crew.caller_for("ada"), invitation)
    ).get_event(InvitationSent)
    assert (again.team, again.role) == (crew.get_resource("crew").id, "developer")
    assert again.lasts == timedelta(days=30)
    assert again.due == get_next_reminder_time(
        crew.policy, ReminderState(crew.at, again.expires), "America/New_York"
    )
    crew.accept_invitation("devi", again.invitation)
    assert crew.capabilities_of("devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-06")
def test_after_a_teams_no_it_rests_for_a_day(crew: Scenario) -> None:
    invitation = asked(crew)
    crew.decline_invitation("devi", invitation)
    team_id = crew.get_resource("crew").id
    over = crew.at + timedelta(days=1)
    for again in (
        lambda: asked(crew),
        lambda: crew.execute(ResendInvitation(crew.caller_for("ada"), invitation)),
    ):
        with pytest.raises(errors.DeclinedRecently) as why:
            again()
        assert why.value == errors.DeclinedRecently(team_id, "Shop", over, "Crew")
    crew.at = over
    assert asked(crew)


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-10")
@pytest.mark.rule("INV-08")
def test_the_invited_are_reminded_and_the_inviter_is_notified_of_the_expiry(
    crew: Scenario,
) -> None:
    crew.at += timedelta(days=1)
    invitation = asked(crew)
    crew.take_outbox()
    heard: list[tuple[str, str]] = []
    for _ in range(7 * 24):
        crew.advance_time(hours=1)
        heard += crew.take_outbox()
    assert [e.mark for e in crew.events_of_type(InvitationReminded)] == [1, 2]
    assert sorted(t for t, m in heard if m == "invitation_reminder") == [
        "carl",
        "carl",
        "devi",
        "devi",
    ]
    assert [t for t, m in heard if m == "invitation_expired"] == ["ada"]
    assert crew.get_invitation(invitation).state == "expired"
    with pytest.raises(errors.AlreadyAnswered):
        crew.accept_invitation("devi", invitation)


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-04")
def test_an_invitation_whose_time_ran_out_is_not_accepted_before_any_sweep(
    crew: Scenario,
) -> None:
    invitation = asked(crew)
    crew.at += timedelta(days=7)
    with pytest.raises(errors.InvitationExpired):
        crew.accept_invitation("devi", invitation)
    assert crew.pending_invitation_ids("devi") == []


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-11")
@pytest.mark.rule("RES-04")
def test_with_the_team_goes_what_it_was_asked(crew: Scenario) -> None:
    invitation = asked(crew)
    crew.take_outbox()
    crew.execute(DeleteResource(crew.caller_for("devi"), "crew"))
    assert crew.get_invitation(invitation).state == "revoked"
    assert {("carl", "refresh"), ("devi", "refresh"), ("ada", "refresh")} <= set(
        crew.take_outbox()
    )
    with pytest.raises(errors.Rejected):
        crew.execute(ResendInvitation(crew.caller_for("ada"), invitation))
    assert len(crew.events_of_type(InvitationSent)) == 4


@pytest.mark.rule("RES-05")
@pytest.mark.rule("RES-04")
def test_with_the_thing_goes_the_question(crew: Scenario) -> None:
    invitation = asked(crew)
    crew.execute(DeleteResource(crew.caller_for("ada"), "shop"))
    assert crew.get_invitation(invitation).state == "revoked"
    assert crew.pending_invitation_ids("devi") == []


@pytest.mark.rule("RES-05")
def test_what_an_editor_of_the_team_gives_at_once_ends_the_question(
    crew: Scenario,
) -> None:
    invitation = asked(crew)
    crew.add_member("devi", "admin", "shop")
    crew.share_with_team("shop", "crew", "developer", by="devi")
    assert crew.get_invitation(invitation).state == "revoked"
    with pytest.raises(errors.AlreadyAnswered):
        crew.accept_invitation("carl", invitation)


@pytest.mark.rule("INV-09")
@pytest.mark.rule("RES-05")
def test_invitations_authorized_by_the_teams_role_end_with_it_or_with_the_team(
    crew: Scenario,
) -> None:
    crew.accept_invitation("devi", asked(crew, "admin"))
    first = crew.send_invitation("sam", "developer", "shop", by="devi")
    crew.execute(DeleteResource(crew.caller_for("carl"), "crew"))
    assert crew.get_invitation(first).state == "revoked"


@pytest.mark.rule("INV-09")
@pytest.mark.rule("RES-05")
def test_a_lower_role_of_the_team_authorizes_no_more_than_it_grants(
    crew: Scenario,
) -> None:
    crew.accept_invitation("devi", asked(crew, "admin"))
    kept = crew.send_invitation("sam", "developer", "shop", by="devi")
    lost = crew.send_invitation("x@example.com", "manager", "shop", by="devi")
    crew.execute(
        ChangeRole(crew.caller_for("devi"), crew.account_of("ada"), "unlimited", "crew")
    )
    crew.share_with_team("shop", "crew", "manager")
    assert [crew.get_invitation(i).state for i in (kept, lost)] == [
        "pending",
        "revoked",
    ]
    crew.execute(UnshareWithTeam(crew.caller_for("ada"), "shop", "crew"))
    assert crew.get_invitation(kept).state == "revoked"


@pytest.mark.rule("RES-05")
@pytest.mark.rule("PER-02")
def test_an_unlimited_member_of_another_workspace_answers_too(crew: Scenario) -> None:
    crew.register_people("eve@T2")
    crew.add_member("eve@T2", "unlimited", "crew", by="devi")
    invitation = asked(crew)
    crew.accept_invitation("eve@T2", invitation)
    assert crew.capabilities_of("eve@T2", "shop") == {"view", "configure", "code"}
