"""A team is asked by whoever may not edit it, and any of its unlimited members answers (RES-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.answers import Accept, Decline, Mute, Snooze
from collab.events import InvitationReminded, InvitationResent, InvitationSent, TeamShared
from collab.invitations import Edit, Resend, Revoke
from collab.membership import ChangeRole
from collab.resources import Delete
from collab.teams import Unshare
from tests.support.builders import World


@pytest.fixture
def crew(acme: World) -> World:
    """Acme's app Shop; the team Crew of Devi and Carl, unlimited, and Bo and Ada, limited."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("app", "Shop", "acme")
    acme.make("team", "Crew", by="devi")
    acme.member("carl", "unlimited", "crew", by="devi")
    acme.member("bo", "limited", "crew", by="devi")
    acme.member("ada", "limited", "crew", by="devi")
    acme.told()
    return acme


def asked(world: World, role: str = "manager", by: str = "ada") -> str:
    """Crew is asked; answers the invitation's id."""
    sent: InvitationSent = world.shares("shop", "crew", role, by).first(InvitationSent)
    return sent.invitation


@pytest.mark.rule("RES-05")
def test_a_team_that_one_may_not_edit_is_asked_and_holds_nothing_yet(crew: World) -> None:
    invitation = asked(crew)
    assert sorted(crew.told()) == [("ada", "invitation_sent"), ("carl", "invitation"), ("devi", "invitation")]
    assert crew.can("devi", "shop") == set()
    assert crew.waiting("devi") == crew.waiting("carl") == [invitation]
    assert crew.waiting("bo") == []


@pytest.mark.rule("RES-05")
def test_at_once_when_the_one_who_offers_may_edit_the_team(crew: World) -> None:
    crew.do(ChangeRole(crew.by("devi"), crew.account("ada"), "unlimited", "crew"))
    outcome = crew.shares("shop", "crew", "manager")
    assert outcome.first(TeamShared)
    assert crew.happened(InvitationSent)[-1].team is None
    assert crew.can("devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-11")
@pytest.mark.parametrize("who", ["devi", "carl"])
def test_any_unlimited_member_answers_and_all_who_were_asked_see_it(crew: World, who: str) -> None:
    invitation = asked(crew)
    crew.told()
    crew.accept(who, invitation)
    assert crew.can("devi", "shop") == crew.can("carl", "shop") == {"view", "configure", "code"}
    assert crew.can("bo", "shop") == set()
    told = crew.told()
    assert {t for t, m in told if m == "refresh"} == {"ada", "carl", "devi"}
    assert [t for t, m in told if m == "invitation_accepted"] == ["ada"]
    assert crew.invitation(invitation).answered_by == crew.id_of(who)
    assert crew.waiting("devi") == crew.waiting("carl") == []


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-04")
def test_one_answer_wins(crew: World) -> None:
    invitation = asked(crew)
    crew.decline("carl", invitation, "We are full")
    for answer in (Accept, Decline):
        with pytest.raises(refusals.AlreadyAnswered):
            crew.do(answer(crew.by("devi", "button"), invitation))
    assert crew.can("devi", "shop") == set()


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-04")
def test_limited_members_others_and_the_one_who_asked_do_not_answer(crew: World) -> None:
    invitation = asked(crew)
    for who in ("bo", "sam", "ada"):
        for answer in (Accept, Decline, Snooze, Mute):
            with pytest.raises(refusals.NotYours):
                crew.do(answer(crew.by(who, "button"), invitation))


@pytest.mark.rule("RES-05")
def test_who_became_unlimited_since_answers_and_who_is_not_any_more_does_not(crew: World) -> None:
    invitation = asked(crew)
    crew.do(ChangeRole(crew.by("devi"), crew.account("bo"), "unlimited", "crew"))
    crew.leave("carl", "crew")
    with pytest.raises(refusals.NotYours):
        crew.accept("carl", invitation)
    assert crew.waiting("bo") == [invitation]
    crew.accept("bo", invitation)
    assert crew.can("bo", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-09")
def test_a_team_is_not_brought_in_by_a_right_that_is_gone(crew: World) -> None:
    crew.member("sam", "admin", "shop")
    crew.member("sam", "limited", "crew", by="devi")
    invitation = asked(crew, by="sam")
    crew.told()
    crew.leave("sam", "shop")
    assert crew.invitation(invitation).state == "revoked"
    told = crew.told()
    assert {("carl", "refresh"), ("devi", "refresh"), ("ada", "invitation_lost")} <= set(told)


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-03")
def test_asking_again_resends_and_another_role_takes_its_place(crew: World) -> None:
    first = asked(crew)
    crew.at += timedelta(days=1)
    assert crew.shares("shop", "crew", "manager").first(InvitationResent).invitation == first
    second = asked(crew, "developer")
    assert crew.invitation(first).state == "superseded"
    assert crew.waiting("devi") == [second]


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-07")
def test_resending_asks_those_who_may_answer_now(crew: World) -> None:
    invitation = asked(crew)
    crew.do(ChangeRole(crew.by("devi"), crew.account("bo"), "unlimited", "crew"))
    crew.leave("carl", "crew")
    crew.told()
    crew.do(Resend(crew.by("ada"), invitation))
    assert crew.hears("invitation") == ["bo", "devi"]


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-07")
def test_it_is_taken_back_and_edited_like_every_invitation(crew: World) -> None:
    invitation = asked(crew)
    crew.do(Edit(crew.by("ada"), invitation, "developer"))
    crew.told()
    crew.do(Revoke(crew.by("ada"), invitation))
    assert {t for t, m in crew.told() if m == "refresh"} == {"ada", "carl", "devi"}
    again = crew.do(Resend(crew.by("ada"), invitation)).first(InvitationSent)
    assert (again.team, again.role) == (crew.thing("crew").id, "developer")
    crew.accept("devi", again.invitation)
    assert crew.can("devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-06")
def test_after_a_teams_no_it_rests_for_a_day(crew: World) -> None:
    invitation = asked(crew)
    crew.decline("devi", invitation)
    over = crew.at + timedelta(days=1)
    for again in (lambda: asked(crew), lambda: crew.do(Resend(crew.by("ada"), invitation))):
        with pytest.raises(refusals.DeclinedRecently) as why:
            again()
        assert why.value == refusals.DeclinedRecently("", "Shop", over, "Crew")
    crew.at = over
    assert asked(crew)


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-10")
@pytest.mark.rule("INV-08")
def test_those_asked_are_reminded_and_the_end_is_told_to_the_one_who_asked(crew: World) -> None:
    crew.at += timedelta(days=1)
    invitation = asked(crew)
    crew.told()
    heard: list[tuple[str, str]] = []
    for _ in range(7 * 24):
        crew.passes(hours=1)
        heard += crew.told()
    assert [e.mark for e in crew.happened(InvitationReminded)] == [1, 2]
    assert sorted(t for t, m in heard if m == "invitation_reminder") == ["carl", "carl", "devi", "devi"]
    assert [t for t, m in heard if m == "invitation_expired"] == ["ada"]
    assert crew.invitation(invitation).state == "expired"
    with pytest.raises(refusals.AlreadyAnswered):
        crew.accept("devi", invitation)


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-04")
def test_an_invitation_whose_time_ran_out_is_not_accepted_before_any_sweep(crew: World) -> None:
    invitation = asked(crew)
    crew.at += timedelta(days=7)
    with pytest.raises(refusals.InvitationExpired):
        crew.accept("devi", invitation)
    assert crew.waiting("devi") == []


@pytest.mark.rule("RES-05")
@pytest.mark.rule("INV-11")
@pytest.mark.rule("RES-04")
def test_with_the_team_goes_what_it_was_asked(crew: World) -> None:
    invitation = asked(crew)
    crew.told()
    crew.do(Delete(crew.by("devi"), "crew"))
    assert crew.invitation(invitation).state == "revoked"
    assert {("carl", "refresh"), ("devi", "refresh"), ("ada", "refresh")} <= set(crew.told())
    with pytest.raises(refusals.Refused):
        crew.do(Resend(crew.by("ada"), invitation))
    assert len(crew.happened(InvitationSent)) == 4


@pytest.mark.rule("RES-05")
@pytest.mark.rule("RES-04")
def test_with_the_thing_goes_the_question(crew: World) -> None:
    invitation = asked(crew)
    crew.do(Delete(crew.by("ada"), "shop"))
    assert crew.invitation(invitation).state == "revoked"
    assert crew.waiting("devi") == []


@pytest.mark.rule("RES-05")
def test_what_an_editor_of_the_team_gives_at_once_ends_the_question(crew: World) -> None:
    invitation = asked(crew)
    crew.member("devi", "admin", "shop")
    crew.shares("shop", "crew", "developer", by="devi")
    assert crew.invitation(invitation).state == "revoked"
    with pytest.raises(refusals.AlreadyAnswered):
        crew.accept("carl", invitation)


@pytest.mark.rule("INV-09")
@pytest.mark.rule("RES-05")
def test_with_the_teams_role_go_the_invitations_that_it_upheld_also_when_the_team_is_deleted(crew: World) -> None:
    crew.accept("devi", asked(crew, "admin"))
    first = crew.invite("sam", "developer", "shop", by="devi")
    crew.do(Delete(crew.by("carl"), "crew"))
    assert crew.invitation(first).state == "revoked"


@pytest.mark.rule("INV-09")
@pytest.mark.rule("RES-05")
def test_a_lower_role_of_the_team_upholds_no_more_than_it_grants(crew: World) -> None:
    crew.accept("devi", asked(crew, "admin"))
    kept = crew.invite("sam", "developer", "shop", by="devi")
    lost = crew.invite("x@example.com", "manager", "shop", by="devi")
    crew.do(ChangeRole(crew.by("devi"), crew.account("ada"), "unlimited", "crew"))
    crew.shares("shop", "crew", "manager")
    assert [crew.invitation(i).state for i in (kept, lost)] == ["pending", "revoked"]
    crew.do(Unshare(crew.by("ada"), "shop", "crew"))
    assert crew.invitation(kept).state == "revoked"


@pytest.mark.rule("RES-05")
@pytest.mark.rule("PER-02")
def test_an_unlimited_member_of_another_workspace_answers_too(crew: World) -> None:
    crew.knows("eve@T2")
    crew.member("eve@T2", "unlimited", "crew", by="devi")
    invitation = asked(crew)
    crew.accept("eve@T2", invitation)
    assert crew.can("eve@T2", "shop") == {"view", "configure", "code"}
