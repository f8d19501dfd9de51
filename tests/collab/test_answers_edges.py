"""Answers at their edges: what an answer records, reasons that are too long, and moments on the line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.answers import SNOOZE, Decline, Mute, Snooze
from collab.events import (
    InvitationDeclined,
    InvitationMuted,
    InvitationReminded,
    InvitationSnoozed,
    MemberJoined,
    MemberRoleChanged,
)
from collab.offers import Term
from collab.policy import NOTE_LIMIT
from collab.resources import Create, Disable
from tests.support.builders import World


@pytest.fixture
def asked(acme: World) -> World:
    """Carl is asked to be an admin of Acme; everybody is known."""
    acme.knows("carl", "devi")
    acme.invite("carl")
    return acme


def ids(world: World, invitation: str) -> tuple[str, str, str | None]:
    found = world.invitation(invitation)
    return found.id, found.resource, found.person


@pytest.mark.rule("INV-06")
def test_a_reason_goes_to_the_inviter_and_one_that_is_too_long_is_refused_as_a_reason(asked: World) -> None:
    (invitation,) = asked.waiting("carl")
    with pytest.raises(refusals.TooLong) as refused:
        asked.decline("carl", invitation, "x" * (NOTE_LIMIT + 1))
    assert (refused.value.what, refused.value.length, refused.value.limit) == ("reason", NOTE_LIMIT + 1, NOTE_LIMIT)
    declined = asked.decline("carl", invitation, "  Not this year ").first(InvitationDeclined)
    assert (declined.invitation, declined.resource, declined.person) == ids(asked, invitation)
    assert (declined.inviter, declined.reason) == (asked.invitation(invitation).inviter, "Not this year")


@pytest.mark.rule("INV-10")
def test_a_snooze_and_a_mute_record_what_they_are_about(asked: World) -> None:
    (invitation,) = asked.waiting("carl")
    snoozed = asked.do(Snooze(asked.by("carl", "button"), invitation)).first(InvitationSnoozed)
    assert (snoozed.invitation, snoozed.resource, snoozed.person) == ids(asked, invitation)
    assert snoozed.until == asked.at + SNOOZE
    assert asked.invitation(invitation).snoozed == asked.at + SNOOZE
    muted = asked.do(Mute(asked.by("carl", "button"), invitation)).first(InvitationMuted)
    assert (muted.invitation, muted.resource, muted.person) == ids(asked, invitation)
    assert muted.due == asked.invitation(invitation).expires


@pytest.mark.rule("INV-04")
@pytest.mark.parametrize("answer", [Snooze, Mute, Decline])
def test_every_answer_is_for_the_invited_person_and_in_time(asked: World, answer: type) -> None:
    (invitation,) = asked.waiting("carl")
    with pytest.raises(refusals.NotYours):
        asked.do(answer(asked.by("devi", "button"), invitation))
    with pytest.raises(refusals.UnknownInvitation):
        asked.do(answer(asked.by("carl", "button"), "I-none"))
    asked.at = asked.invitation(invitation).expires
    with pytest.raises(refusals.InvitationExpired):
        asked.do(answer(asked.by("carl", "button"), invitation))
    asked.passes(seconds=0)
    with pytest.raises(refusals.AlreadyAnswered):
        asked.do(answer(asked.by("carl", "button"), invitation))


@pytest.mark.rule("INV-04")
def test_one_second_before_its_end_an_invitation_is_accepted(asked: World) -> None:
    (invitation,) = asked.waiting("carl")
    asked.at = asked.invitation(invitation).expires - timedelta(seconds=1)
    asked.accept("carl", invitation)
    assert asked.members()["carl"] == "admin"


@pytest.mark.rule("INV-04")
def test_an_invitation_whose_inviter_lost_the_right_names_the_inviter_and_the_thing(asked: World) -> None:
    asked.do(Create(asked.by("ada"), "project", "Website", "acme"))
    invitation = asked.invite("devi", "member", "website")
    asked.do(Disable(asked.by("ada"), "website"))
    with pytest.raises(refusals.InviterLostRight) as refused:
        asked.accept("devi", invitation)
    assert refused.value == refusals.InviterLostRight(asked.invitation(invitation).inviter, "Website")


@pytest.mark.rule("ROL-07")
def test_a_higher_role_takes_the_place_of_one_for_a_limited_time_with_its_own_end(asked: World) -> None:
    asked.member("devi", "accountant", term=Term(timedelta(days=3)))
    first = asked.at + timedelta(days=3)
    asked.at += timedelta(days=1)
    changed = asked.accept("devi", asked.invite("devi", "admin", term=Term(timedelta(days=9))))
    assert changed.first(MemberJoined) is None
    event = changed.first(MemberRoleChanged)
    assert (event.role, event.until) == ("admin", asked.at + timedelta(days=9))
    assert (event.before, event.before_until) == ("accountant", first)


@pytest.mark.rule("INV-10")
def test_a_reminder_records_whose_invitation_it_is_about(asked: World) -> None:
    (invitation,) = asked.waiting("carl")
    asked.passes(days=2, hours=6)
    (reminded,) = asked.happened(InvitationReminded)
    assert (reminded.invitation, reminded.resource, reminded.person) == ids(asked, invitation)
    assert (reminded.inviter, reminded.mark) == (asked.invitation(invitation).inviter, 1)


@pytest.mark.rule("INV-09")
def test_an_end_that_was_already_there_does_not_hide_the_ends_after_it(asked: World) -> None:
    asked.member("devi", "admin", term=Term(timedelta(days=7)))
    expires_then = asked.invite("bo", by="devi")
    asked.at += timedelta(days=1)
    waits_longer = asked.invite("sam", by="devi")
    asked.passes(days=6, seconds=1)
    assert [asked.invitation(i).state for i in (expires_then, waits_longer)] == ["expired", "revoked"]
