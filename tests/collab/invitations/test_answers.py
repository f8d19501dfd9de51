"""Answers at their limits: what an answer records, reasons that are too long, and the exact moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from collab import errors
from collab.billing.transfers import TransferOwnership
from collab.events import (
    InvitationDeclined,
    InvitationMuted,
    InvitationReminded,
    InvitationSent,
    InvitationSnoozed,
    MemberJoined,
    MemberRoleChanged,
)
from collab.invitations.answers import (
    SNOOZE_DURATION,
    AcceptInvitation,
    DeclineInvitation,
    MuteInvitation,
    SnoozeInvitation,
)
from collab.limits import NOTE_LIMIT, Policy
from collab.model import Address, Caller, InvitationId, Term
from collab.resources import CreateResource, DisableResource
from storage.database import Database
from tests.support.builders import Scenario


@pytest.fixture
def asked(acme: Scenario) -> Scenario:
    """Carl is asked to be an admin of Acme; everybody is known."""
    acme.register_people("carl", "devi")
    acme.send_invitation("carl")
    return acme


def ids(world: Scenario, invitation: str) -> tuple[str, str, str | None]:
    found = world.get_invitation(InvitationId(invitation))
    return found.id, found.resource, found.person


@pytest.mark.rule("INV-04")
@pytest.mark.rule("ROL-07")
def test_who_has_the_role_meanwhile_is_told_what_they_hold(acme: Scenario) -> None:
    acme.register_people("carl")
    invitation = acme.send_invitation("carl", "admin")
    acme.record_membership(acme.get_resource("acme").id, "carl", "owner")
    with pytest.raises(errors.AlreadyHolds) as refused:
        acme.accept_invitation("carl", invitation)
    assert refused.value == errors.AlreadyHolds(
        acme.person_id_of("carl"), "owner", "Acme"
    )


@pytest.mark.rule("INV-06")
def test_a_reason_goes_to_the_inviter_and_one_that_is_too_long_is_refused_as_a_reason(
    asked: Scenario,
) -> None:
    (invitation,) = asked.pending_invitation_ids("carl")
    with pytest.raises(errors.TooLong) as refused:
        asked.decline_invitation("carl", invitation, "x" * (NOTE_LIMIT + 1))
    assert (refused.value.what, refused.value.length, refused.value.limit) == (
        "reason",
        NOTE_LIMIT + 1,
        NOTE_LIMIT,
    )
    declined = asked.decline_invitation(
        "carl", invitation, "  Not this year "
    ).get_event(InvitationDeclined)
    assert (declined.invitation, declined.resource, declined.person) == ids(
        asked, invitation
    )
    assert (declined.inviter, declined.reason) == (
        asked.get_invitation(invitation).inviter,
        "Not this year",
    )


@pytest.mark.rule("INV-10")
def test_a_snooze_and_a_mute_record_what_they_are_about(asked: Scenario) -> None:
    (invitation,) = asked.pending_invitation_ids("carl")
    snoozed = asked.execute(
        SnoozeInvitation(asked.caller_for("carl", "button"), invitation)
    ).get_event(InvitationSnoozed)
    assert (snoozed.invitation, snoozed.resource, snoozed.person) == ids(
        asked, invitation
    )
    assert snoozed.until == asked.at + SNOOZE_DURATION
    assert asked.get_invitation(invitation).snoozed == asked.at + SNOOZE_DURATION
    muted = asked.execute(
        MuteInvitation(asked.caller_for("carl", "button"), invitation)
    ).get_event(InvitationMuted)
    assert (muted.invitation, muted.resource, muted.person) == ids(asked, invitation)
    assert muted.due == asked.get_invitation(invitation).expires


@pytest.mark.rule("INV-04")
@pytest.mark.parametrize(
    "answer", [SnoozeInvitation, MuteInvitation, DeclineInvitation]
)
def test_every_answer_is_for_the_invited_person_and_in_time(
    asked: Scenario, answer: type
) -> None:
    (invitation,) = asked.pending_invitation_ids("carl")
    with pytest.raises(errors.NotYours):
        asked.execute(answer(asked.caller_for("devi", "button"), invitation))
    with pytest.raises(errors.UnknownInvitation):
        asked.execute(answer(asked.caller_for("carl", "button"), "I-none"))
    asked.at = asked.get_invitation(invitation).expires
    with pytest.raises(errors.InvitationExpired):
        asked.execute(answer(asked.caller_for("carl", "button"), invitation))
    asked.advance_time(seconds=0)
    with pytest.raises(errors.AlreadyAnswered):
        asked.execute(answer(asked.caller_for("carl", "button"), invitation))


@pytest.mark.rule("INV-04")
def test_one_second_before_its_end_an_invitation_is_accepted(asked: Scenario) -> None:
    (invitation,) = asked.pending_invitation_ids("carl")
    asked.at = asked.get_invitation(invitation).expires - timedelta(seconds=1)
    asked.accept_invitation("carl", invitation)
    assert asked.roles_by_name()["carl"] == "admin"


@pytest.mark.rule("INV-04")
def test_an_invitation_whose_inviter_lost_the_right_names_the_inviter_and_the_thing(
    asked: Scenario,
) -> None:
    asked.execute(CreateResource(asked.caller_for("ada"), "project", "Website", "acme"))
    invitation = asked.send_invitation("devi", "member", "website")
    asked.execute(DisableResource(asked.caller_for("ada"), "website"))
    with pytest.raises(errors.InviterLostRight) as refused:
        asked.accept_invitation("devi", invitation)
    assert refused.value == errors.InviterLostRight(
        asked.get_invitation(invitation).inviter, "Website"
    )


@pytest.mark.rule("ROL-07")
def test_a_higher_role_takes_the_place_of_one_for_a_limited_time_with_its_own_end(
    asked: Scenario,
) -> None:
    asked.add_member("devi", "accountant", term=Term(timedelta(days=3)))
    first = asked.at + timedelta(days=3)
    asked.at += timedelta(days=1)
    changed = asked.accept_invitation(
        "devi", asked.send_invitation("devi", "admin", term=Term(timedelta(days=9)))
    )
    assert changed.find_event(MemberJoined) is None
    event = changed.get_event(MemberRoleChanged)
    assert (event.role, event.until) == ("admin", asked.at + timedelta(days=9))
    assert (event.before, event.before_until) == ("accountant", first)


@pytest.mark.rule("INV-10")
def test_a_reminder_records_whose_invitation_it_is_about(asked: Scenario) -> None:
    (invitation,) = asked.pending_invitation_ids("carl")
    asked.advance_time(days=2, hours=6)
    (reminded,) = asked.events_of_type(InvitationReminded)
    assert (reminded.invitation, reminded.resource, reminded.person) == ids(
        asked, invitation
    )
    assert (reminded.inviter, reminded.mark) == (
        asked.get_invitation(invitation).inviter,
        1,
    )


@pytest.mark.rule("INV-09")
def test_an_end_that_was_already_there_does_not_hide_the_ends_after_it(
    asked: Scenario,
) -> None:
    asked.add_member("devi", "admin", term=Term(timedelta(days=7)))
    expires_then = asked.send_invitation("bo", by="devi")
    asked.at += timedelta(days=1)
    waits_longer = asked.send_invitation("sam", by="devi")
    asked.advance_time(days=6, seconds=1)
    assert [asked.get_invitation(i).state for i in (expires_then, waits_longer)] == [
        "expired",
        "revoked",
    ]


@pytest.mark.rule("OUT-02")
def test_an_answer_by_link_that_takes_more_than_a_role_names_the_resource(
    database: Database,
) -> None:
    world = Scenario(database, policy=replace(Policy(), sends_mail=True))
    world.create_company("Acme", "ada")
    world.create_resource("project", "Web Site")
    offered = world.execute(
        TransferOwnership(
            world.caller_for("ada"), Address("n@acme.example"), "web-site"
        )
    ).get_event(InvitationSent)
    nina = Caller(world.workspace, None, "link", person=offered.person)
    for typed in (None, "", "website", "acme"):
        with pytest.raises(errors.TypeShortName) as refused:
            world.execute(AcceptInvitation(nina, offered.invitation, typed_slug=typed))
        assert refused.value == errors.TypeShortName("Web Site", "web-site")
    world.execute(AcceptInvitation(nina, offered.invitation, typed_slug=" Web-Site "))
    assert world.get_invitation(offered.invitation).state == "accepted"


@pytest.mark.rule("OUT-02")
def test_an_answer_by_link_that_takes_a_role_needs_no_name(database: Database) -> None:
    world = Scenario(database, policy=replace(Policy(), sends_mail=True))
    world.create_company("Acme", "ada")
    invitation = world.send_invitation("n@acme.example")
    (sent,) = world.events_of_type(InvitationSent)
    nina = Caller(world.workspace, None, "link", person=sent.person)
    world.execute(AcceptInvitation(nina, invitation))
    joined: MemberJoined = world.events_of_type(MemberJoined)[-1]
    assert (joined.person, joined.invitation) == (sent.person, invitation)


@pytest.mark.rule("MEM-10")
def test_who_joins_for_a_time_is_warned_before_its_end(acme: Scenario) -> None:
    acme.register_people("carl")
    term = Term(lasts=timedelta(days=10))
    invitation = acme.send_invitation("carl", term=term)
    accepted_at = acme.at
    joined = acme.accept_invitation("carl", invitation).get_event(MemberJoined)
    assert joined.until == accepted_at + timedelta(days=10)
    assert joined.due
    assert (
        joined.due <= accepted_at + timedelta(days=3) < joined.due + timedelta(hours=1)
    )
