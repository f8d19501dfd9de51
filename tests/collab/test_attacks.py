"""Ways in that must be shut, and ends that meet: each was once open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from collab import refusals
from collab.answers import Accept, Decline
from collab.billing import Pay
from collab.events import (
    InvitationExpired,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    InvitationSuperseded,
    MemberEnded,
    RequestSent,
    SuccessionClosed,
)
from collab.invitations import Edit, Invite, Resend, Revoke
from collab.kinds import CAPABILITIES
from collab.membership import ChangeRole, Leave, Remove
from collab.offers import Term
from collab.requests import Ask, Grant
from collab.resources import Create, Delete, Disable, Move
from collab.successions import Choose
from collab.teams import Assign, ShareWith, Unshare
from collab.terms import Extend
from collab.undo import Undo
from storage.database import Database
from tests.support.builders import World


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


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-10")
def test_a_membership_that_time_and_a_lapse_end_at_once_ends_once(agency: World) -> None:
    agency.member("bo", "admin", term=Term(timedelta(days=30)))
    agency.profile("bo", active=False)
    agency.passes(days=30)
    assert len(agency.happened(MemberEnded)) == 1


@pytest.mark.rule("MEM-09")
def test_an_owner_who_returns_too_late_leaves_the_question_who_follows_open(agency: World) -> None:
    agency.member("bo", "admin")
    agency.profile("ada", active=False)
    agency.at += timedelta(days=30)
    agency.profile("ada")
    assert not agency.happened(SuccessionClosed)
    agency.do(Choose(agency.by("bo"), agency.account("bo"), "acme"))
    assert agency.members(by="bo")["bo"] == "owner"


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-09")
def test_a_holder_for_a_limited_time_does_not_settle_who_follows_until_it_is_for_good(agency: World) -> None:
    agency.do(Create(agency.by("ada"), "team", "Crew"))
    agency.do(Create(agency.by("bo"), "payment", "Card"))
    agency.member("ada", "accountant", "card", by="bo")
    agency.member("bo", "limited", "crew")
    agency.accept("ada", agency.shares("card", "crew", "holder", by="bo").first(InvitationSent).invitation)
    agency.profile("bo", active=False)
    term = Term(timedelta(days=30))
    agency.member("carl", "holder", "card", term=term)
    assert not agency.happened(SuccessionClosed)
    agency.do(Extend(agency.by("ada"), agency.account("carl"), "card", Term()))
    assert [closed.why for closed in agency.happened(SuccessionClosed)] == ["held"]


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


def ids(world: World) -> dict[str, str]:
    """Every resource by its slug."""
    slugs = ("acme", "site", "shop", "blog", "crew", "card", "solo")
    with world.database.units.look(world.workspace) as facts:
        return {slug: found.id for slug in slugs if (found := facts.resource_called(slug))}


def can_nothing(world: World, who: str) -> bool:
    """Whether somebody has no capability on anything."""
    return not any(world.may(who, capability, place) for place in ids(world).values() for capability in CAPABILITIES)


@pytest.fixture
def studio(agency: World) -> World:
    """The agency with a second app, a team, a card that pays for an app of Bo's, and Bo as the company's admin."""
    agency.member("bo", "admin")
    for kind, title, within in (("app", "Blog", "site"), ("team", "Crew", None), ("payment", "Card", None)):
        agency.do(Create(agency.by("ada"), kind, title, within))
    agency.do(Create(agency.by("bo"), "app", "Solo"))
    return agency


OFFERS: dict[str, Callable[[World], str]] = {
    "to a company": lambda w: w.invite("carl", "owner"),
    "to several apps at once": lambda w: w.invite("carl", "admin", ("shop", "blog")),
    "to a payment method": lambda w: w.invite("carl", "holder", "card"),
    "for a time": lambda w: w.invite("carl", "admin", term=Term(timedelta(days=30))),
}


@pytest.mark.rule("INV-04")
@pytest.mark.rule("ROL-08")
@pytest.mark.parametrize("offer", OFFERS)
def test_acceptance_after_expiry_with_the_sweep_stopped(studio: World, offer: str) -> None:
    invitation = OFFERS[offer](studio)
    studio.at = studio.invitation(invitation).expires
    with pytest.raises(refusals.InvitationExpired):
        studio.accept("carl", invitation)
    with pytest.raises(refusals.InvitationExpired):
        studio.decline("carl", invitation)
    assert studio.invitation(invitation).state == "pending"
    assert can_nothing(studio, "carl")


@pytest.mark.rule("INV-04")
@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("act", [Accept, Decline, Revoke, Resend])
def test_another_workspaces_invitation(sqlite_database: Database, studio: World, act: Any) -> None:
    invitation = studio.invite("eve@T2", "owner")
    there = World(sqlite_database, workspace="T2", prefix="2X")
    there.company("Other", owner="eve")
    with pytest.raises(refusals.UnknownInvitation):
        there.do(act(there.by("eve"), invitation))
    assert studio.invitation(invitation).state == "pending"


@pytest.mark.rule("ROL-06")
@pytest.mark.parametrize("offer", OFFERS)
def test_a_pending_member_has_no_permissions(studio: World, offer: str) -> None:
    OFFERS[offer](studio)
    assert can_nothing(studio, "carl")
    for act in (Leave(studio.by("carl"), "acme"), Ask(studio.by("carl"), "admin", "acme")):
        with pytest.raises(refusals.UnknownResource):
            studio.do(act)


@pytest.mark.rule("ROL-06")
@pytest.mark.rule("RES-05")
def test_a_team_that_is_asked_gives_its_members_nothing_yet(studio: World) -> None:
    studio.do(Create(studio.by("carl"), "team", "Gang"))
    studio.member("ada", "limited", "gang", by="carl")
    studio.do(ShareWith(studio.by("ada"), "shop", "gang", "admin"))
    assert can_nothing(studio, "carl")


def by_bo(what: Any = "acme", role: str = "admin") -> Callable[[World], str]:
    """Bo, who may, invites Carl."""
    return lambda world: world.invite("carl", role, what, by="bo")


def pays_for_solo(world: World) -> None:
    """Bo holds Ada's card with her, and it pays for an app on which Ada has nothing else."""
    world.member("bo", "holder", "card")
    world.do(Pay(world.by("bo"), "solo", "card"))


PATHS: dict[str, tuple[Callable[[World], str], Callable[[World, str], Any]]] = {
    "taken back": (by_bo(), lambda w, i: w.do(Revoke(w.by("bo"), i))),
    "taken back by another who may grant": (by_bo(), lambda w, i: w.do(Revoke(w.by("ada"), i))),
    "inviter left": (by_bo(), lambda w, _: w.leave("bo")),
    "inviter removed": (by_bo(), lambda w, _: w.remove("bo")),
    "inviter demoted": (
        by_bo("shop", "developer"),
        lambda w, _: w.do(ChangeRole(w.by("ada"), w.account("bo"), "accountant", "acme")),
    ),
    "inviter deactivated": (by_bo(), lambda w, _: w.profile("bo", active=False)),
    "inviter loses one of several": (
        by_bo(("shop", "blog"), "developer"),
        lambda w, _: (w.do(Create(w.by("ada"), "company", "Other")), w.do(Move(w.by("ada"), "blog", "other"))),
    ),
    "invited one deactivated": (by_bo(), lambda w, _: w.profile("carl", active=False)),
    "invited one is a bot": (by_bo(), lambda w, _: w.profile("carl", bot=True)),
    "thing deleted": (by_bo("shop"), lambda w, _: w.do(Delete(w.by("ada"), "shop"))),
    "all that it stands in deleted": (by_bo("shop"), lambda w, _: w.do(Delete(w.by("ada"), "acme", "Acme"))),
    "thing disabled": (by_bo("shop"), lambda w, _: w.do(Disable(w.by("ada"), "site"))),
    "declined": (by_bo(), lambda w, i: w.decline("carl", i)),
    "superseded": (by_bo(), lambda w, _: w.invite("carl", "owner")),
    "expired": (by_bo(), lambda w, _: w.passes(days=7, seconds=1)),
}


@pytest.mark.rule("INV-02")
@pytest.mark.rule("INV-07")
@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("path", PATHS)
def test_revocation_by_every_path(studio: World, path: str) -> None:
    offer, end = PATHS[path]
    invitation = offer(studio)
    end(studio, invitation)
    with pytest.raises(refusals.Refused):
        studio.accept("carl", invitation)
    assert can_nothing(studio, "carl")


RIGHTS: dict[str, Callable[[World], Any]] = {
    "company": lambda w: w.member("devi", "admin", term=Term(timedelta(days=2))),
    "project": lambda w: w.member("devi", "administrator", "site", term=Term(timedelta(days=2))),
    "app": lambda w: w.member("devi", "admin", "shop", term=Term(timedelta(days=2))),
}


@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("right", RIGHTS)
def test_an_invitation_that_outlives_its_inviters_right_by_time_before_any_sweep(studio: World, right: str) -> None:
    RIGHTS[right](studio)
    invitation = studio.invite("carl", "developer", "shop", by="devi")
    studio.at += timedelta(days=2)
    with pytest.raises(refusals.InviterLostRight):
        studio.accept("carl", invitation)
    assert can_nothing(studio, "carl")


@pytest.mark.rule("INV-04")
def test_an_invitation_that_outlives_what_paying_gave_its_inviter(studio: World) -> None:
    pays_for_solo(studio)
    invitation = studio.invite("carl", "admin", "solo")
    studio.do(Pay(studio.by("bo"), "solo", None))
    assert studio.invitation(invitation).state == "revoked"
    with pytest.raises(refusals.AlreadyAnswered):
        studio.accept("carl", invitation)


@pytest.mark.rule("INV-09")
def test_an_invitation_that_outlives_what_a_team_gave_its_inviter(studio: World) -> None:
    studio.do(ShareWith(studio.by("ada"), "shop", "crew", "admin"))
    studio.member("devi", "unlimited", "crew")
    invitation = studio.invite("carl", "developer", "shop", by="devi")
    studio.do(Unshare(studio.by("ada"), "shop", "crew"))
    with pytest.raises(refusals.AlreadyAnswered):
        studio.accept("carl", invitation)


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize("title", ["Acme", "ACME", "\uff21cme", "\u0410cme", "Acme\u200b", "  Acme  "])
def test_a_look_alike_name_leads_nobody_elsewhere(studio: World, title: str) -> None:
    studio.knows("eve")
    studio.do(Create(studio.by("eve"), "company", title))
    theirs = studio.newest
    invitation = studio.invitation(studio.invite("carl", "owner", "acme"))
    assert invitation.resource == ids(studio)["acme"] != theirs
    with pytest.raises(refusals.UnknownResource):
        studio.invite("carl", "owner", theirs)


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize(
    "shown",
    ["c\u0430rl@client.example", "carl@client.example.evil.example", "carl+x@client.example", "ca.rl@client.example"],
)
def test_a_look_alike_address_is_somebody_else(studio: World, shown: str) -> None:
    invitation = studio.invite("carl@client.example")
    studio.profile("eve", email=shown)
    with pytest.raises(refusals.NotYours):
        studio.accept("eve", invitation)
    assert studio.waiting("eve") == []


@pytest.mark.rule("INV-04")
@pytest.mark.parametrize("who", ["ada", "bo", "devi", "ivy", "gus", "carl@T2"])
def test_acceptance_by_somebody_else(studio: World, who: str) -> None:
    studio.knows("ivy", admin=True).knows("gus", guest=True).knows("carl@T2")
    invitation = studio.invite("carl", "owner")
    for answer in (Accept, Decline):
        with pytest.raises(refusals.NotYours):
            studio.do(answer(studio.by(who), invitation))


@pytest.mark.rule("INV-04")
@pytest.mark.rule("RES-05")
@pytest.mark.parametrize("who", ["bo", "ada", "eve"])
def test_acceptance_for_a_team_by_one_who_may_not_answer_for_it(studio: World, who: str) -> None:
    studio.knows("eve").do(Create(studio.by("carl"), "team", "Gang"))
    for limited in ("ada", "bo"):
        studio.member(limited, "limited", "gang", by="carl")
    invitation = studio.do(ShareWith(studio.by("ada"), "shop", "gang", "admin")).first(InvitationSent).invitation
    with pytest.raises(refusals.NotYours):
        studio.accept(who, invitation)


ENDS: dict[str, Callable[[World, str], Any]] = {
    "accepted and left": lambda w, i: (w.accept("carl", i), w.leave("carl")),
    "accepted and removed": lambda w, i: (w.accept("carl", i), w.remove("carl")),
    "declined": lambda w, i: w.decline("carl", i),
    "taken back": lambda w, i: w.do(Revoke(w.by("ada"), i)),
    "expired": lambda w, _: w.passes(days=7, seconds=1),
    "superseded": lambda w, _: w.invite("carl", "owner"),
}


@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-02")
@pytest.mark.parametrize("end", ENDS)
def test_reuse(studio: World, end: str) -> None:
    invitation = studio.invite("carl")
    ENDS[end](studio, invitation)
    before = studio.invitation(invitation)
    for answer in (Accept, Decline):
        with pytest.raises(refusals.AlreadyAnswered):
            studio.do(answer(studio.by("carl"), invitation))
    assert studio.invitation(invitation) == before
    assert can_nothing(studio, "carl")


def asked_for(world: World, who: str, role: str, what: str) -> str:
    """Somebody asks; the request's id."""
    found: str = world.do(Ask(world.by(who), role, what)).first(RequestSent).request
    return found


def removed_by_one_who_lost_the_right(world: World) -> Any:
    """Bo removes a developer, goes down to manager's reach himself, and takes it back."""
    world.member("carl", "manager", "shop")
    seq = world.remove("carl", by="bo", what="shop").recorded[0].seq
    world.do(ChangeRole(world.by("ada"), world.account("bo"), "accountant", "acme"))
    return Undo(world.by("bo"), seq)


def undone_by_the_one_removed(world: World) -> Any:
    """Carl was removed as manager; it was not his act, and he cannot undo it."""
    world.member("carl", "manager", "shop")
    world.member("carl", "accountant")
    return Undo(world.by("carl"), world.remove("carl", what="shop").recorded[0].seq)


def limited_manager(world: World) -> Any:
    """A manager lets an admin's time last longer."""
    world.member("devi", "admin", "shop", term=Term(timedelta(days=3)))
    world.member("carl", "manager", "shop")
    return Extend(world.by("carl"), world.account("devi"), "shop", Term())


def own_time(world: World) -> Any:
    world.member("carl", "admin", "shop", term=Term(timedelta(days=3)))
    return Extend(world.by("carl"), world.account("carl"), "shop", Term())


def successor_by_one_not_asked(world: World) -> Any:
    """Ada is gone; Bo the admin chooses, Carl the accountant does not."""
    world.member("carl", "accountant")
    world.profile("ada", active=False)
    return Choose(world.by("carl"), world.account("carl"), "acme")


def several_with_one_out_of_reach(world: World) -> Any:
    world.member("carl", "admin", "shop")
    world.member("carl", "manager", "blog")
    return Invite(world.by("carl"), world.account("devi"), "admin", ("shop", "blog"))


def granted_by_one_below(world: World) -> Any:
    world.member("carl", "manager", "shop")
    world.member("devi", "developer", "shop")
    return Grant(world.by("carl"), asked_for(world, "devi", "admin", "shop"))


def granted_to_oneself(world: World) -> Any:
    world.member("carl", "admin", "shop", term=Term(timedelta(days=30)))
    request = asked_for(world, "bo", "owner", "acme")
    return Grant(world.by("bo"), request)


def shared_above_oneself(world: World) -> Any:
    """A manager shares the app with a team of his own as admin."""
    world.member("carl", "manager", "shop")
    world.do(Create(world.by("carl"), "team", "Gang"))
    return ShareWith(world.by("carl"), "shop", "gang", "admin")


def promoted_in_a_team(world: World) -> Any:
    world.member("carl", "limited", "crew")
    world.member("devi", "limited", "crew")
    return ChangeRole(world.by("carl"), world.account("devi"), "unlimited", "crew")


def assigned_to_oneself(world: World) -> Any:
    world.do(ShareWith(world.by("ada"), "shop", "crew", "manager"))
    world.member("carl", "limited", "crew")
    return Assign(world.by("carl"), world.account("carl"), "shop", "crew")


def edited_above_oneself(world: World) -> Any:
    return Edit(world.by("bo"), world.invite("carl", "admin", by="bo"), "owner")


def role_changed_above_oneself(world: World) -> Any:
    world.member("carl")
    return ChangeRole(world.by("bo"), world.account("carl"), "owner", "acme")


def sent_again_above_oneself(world: World) -> Any:
    invitation = world.invite("carl", "owner")
    world.do(Revoke(world.by("ada"), invitation))
    return Resend(world.by("bo"), invitation)


DOORS: dict[str, Callable[[World], Any]] = {
    "invite": lambda w: Invite(w.by("bo"), w.account("carl"), "owner", "acme"),
    "invite oneself": lambda w: Invite(w.by("bo"), w.account("bo"), "owner", "acme"),
    "invite to an implied role": lambda w: Invite(w.by("ada"), w.account("carl"), "payer", "shop"),
    "edit": edited_above_oneself,
    "send again": sent_again_above_oneself,
    "role change": role_changed_above_oneself,
    "one's own role": lambda w: ChangeRole(w.by("bo"), w.account("bo"), "owner", "acme"),
    "remove one above": lambda w: Remove(w.by("bo"), w.account("ada"), "acme"),
    "share": shared_above_oneself,
    "team": promoted_in_a_team,
    "assign": assigned_to_oneself,
    "several apps at once": several_with_one_out_of_reach,
    "request granted by one below": granted_by_one_below,
    "request granted to oneself": granted_to_oneself,
    "undo after the right was lost": removed_by_one_who_lost_the_right,
    "undo by the one removed": undone_by_the_one_removed,
    "extend one above": limited_manager,
    "extend oneself": own_time,
    "successor": successor_by_one_not_asked,
}


@pytest.mark.rule("ROL-05")
@pytest.mark.rule("MEM-01")
@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize("door", DOORS)
def test_escalation_through_every_door(studio: World, door: str) -> None:
    act = DOORS[door](studio)
    before = len(studio.history())
    with pytest.raises(refusals.Refused):
        studio.do(act)
    assert len(studio.history()) == before


@pytest.mark.rule("ROL-05")
@pytest.mark.rule("MEM-11")
def test_an_undo_gives_back_no_more_than_was_lost(studio: World) -> None:
    studio.member("carl", "manager", "shop", term=Term(timedelta(days=30)))
    before = studio.members("shop")
    seq = studio.remove("carl", what="shop").recorded[0].seq
    studio.invite("carl", "admin", "shop")
    studio.do(Undo(studio.by("ada"), seq))
    assert studio.members("shop") == before
    studio.at += timedelta(days=30)
    assert can_nothing(studio, "carl")
