"""Ways in that must be shut, and ends that meet: each was once open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import World

from collab import refusals
from collab.events import InvitationExpired, InvitationResent, InvitationRevoked, InvitationSent, InvitationSuperseded
from collab.invitations import Edit, Invite
from collab.membership import ChangeRole
from collab.offers import Term
from collab.resources import Create, Move
from collab.teams import Assign, ShareWith


@pytest.fixture
def agency(acme: World) -> World:
    acme.knows("bo", "carl", "devi")
    acme.do(Create(acme.by("ada"), "project", "Site", "acme"))
    acme.do(Create(acme.by("ada"), "app", "Shop", "site"))
    return acme


@pytest.mark.rule("INV-09")
def test_two_ends_at_once_take_an_invitation_along_once(agency: World) -> None:
    term = Term(timedelta(days=3))
    agency.member("bo", "admin", term=term)
    agency.member("bo", "administrator", "site", term=term)
    invitation = agency.invite("carl", "member", "site", by="bo")
    agency.passes(days=3, seconds=1)
    assert agency.invitation(invitation).state == "revoked"
    assert len(agency.happened(InvitationRevoked)) == 1


@pytest.mark.rule("INV-08")
def test_an_expiry_and_its_inviters_end_at_once_do_not_stop_time(agency: World) -> None:
    agency.member("bo", "admin", term=Term(timedelta(days=7)))
    first, other = agency.invite("carl", by="bo"), agency.invite("devi")
    agency.passes(days=7, seconds=1)
    assert [agency.invitation(i).state for i in (first, other)] == ["expired", "expired"]
    assert len(agency.happened(InvitationExpired)) == 2


@pytest.mark.rule("PER-01")
@pytest.mark.rule("INV-14")
def test_an_address_that_somebody_elsewhere_shows_as_theirs_opens_nothing(agency: World) -> None:
    invitation = agency.invite("carl@client.example")
    agency.profile("eve@T2", email="carl@client.example")
    with pytest.raises(refusals.NotYours):
        agency.accept("eve@T2", invitation)


@pytest.mark.rule("PER-01")
def test_three_records_of_one_person_meet_without_a_crash(agency: World) -> None:
    agency.invite("sam")
    agency.invite("sam@example.com", "owner")
    agency.profile("sam")
    assert len(agency.waiting("sam")) == 1


@pytest.mark.rule("INV-09")
def test_what_a_deactivated_inviter_sent_is_taken_back_and_may_be_sent_by_others(agency: World) -> None:
    agency.member("bo", "owner")
    dead = agency.invite("carl")
    agency.profile("ada", active=False)
    assert agency.invitation(dead).state == "revoked"
    agency.accept("carl", agency.invite("carl", by="bo"))
    assert agency.members(by="bo")["carl"] == "admin"


@pytest.mark.rule("INV-09")
def test_a_move_takes_back_what_its_inviter_may_no_longer_offer(agency: World) -> None:
    agency.member("bo", "admin")
    agency.do(Create(agency.by("bo"), "company", "Beta"))
    dead = agency.invite("carl", "developer", "shop")
    agency.do(Move(agency.by("bo"), "shop", "beta"))
    assert agency.invitation(dead).state == "revoked"
    agency.accept("carl", agency.invite("carl", "developer", "shop", by="bo"))


@pytest.mark.rule("INV-03")
def test_inviting_again_with_another_length_or_note_does_not_pretend_to_be_the_same(agency: World) -> None:
    agency.invite("carl")
    again = agency.do(
        Invite(agency.by("ada"), agency.account("carl"), "admin", "acme", Term(timedelta(days=30)), "For the launch")
    )
    assert again.first(InvitationSuperseded)
    sent = again.first(InvitationSent)
    assert (sent.lasts, sent.note) == (timedelta(days=30), "For the launch")
    same = agency.do(Invite(agency.by("ada"), agency.account("carl"), "admin", "acme", Term(timedelta(days=30))))
    assert same.first(InvitationResent)


@pytest.mark.rule("INV-07")
def test_an_offer_edited_to_end_earlier_cannot_be_accepted_after_its_end(agency: World) -> None:
    invitation = agency.invite("carl")
    agency.do(Edit(agency.by("ada"), invitation, "admin", Term(until=agency.at + timedelta(days=2))))
    assert agency.invitation(invitation).expires == agency.at + timedelta(days=2)
    agency.at += timedelta(days=3)
    with pytest.raises(refusals.InvitationExpired):
        agency.accept("carl", invitation)


@pytest.mark.rule("MEM-06")
def test_a_removed_person_does_not_walk_back_in_by_an_invitation_that_waited(agency: World) -> None:
    agency.member("carl", "developer", "shop")
    waiting = agency.invite("carl", "admin", "shop")
    agency.remove("carl", what="shop")
    assert agency.invitation(waiting).state == "revoked"


@pytest.mark.rule("ROL-01")
def test_what_was_assigned_does_not_come_back_with_a_role(agency: World) -> None:
    agency.do(Create(agency.by("ada"), "team", "Crew"))
    agency.do(ShareWith(agency.by("ada"), "shop", "crew", "manager"))
    agency.member("bo", "limited", "crew")
    agency.do(Assign(agency.by("ada"), agency.account("bo"), "shop", "crew"))
    for role in ("unlimited", "limited"):
        agency.do(ChangeRole(agency.by("ada"), agency.account("bo"), role, "crew"))
    with agency.database.units.look(agency.workspace) as facts:
        shop = facts.resource_called("shop")
    assert shop
    assert not agency.may("bo", "code", shop.id)
