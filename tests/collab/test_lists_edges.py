"""Lists at their edges: full pages, last moments, people with two roles, and who may see what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import refusals
from collab.events import InvitationExpired, InvitationSent, ResourceRenamed
from collab.invitations import Edit
from collab.lists import (
    PAGE,
    ListInvitations,
    ListMembers,
    MemberList,
    ShowInvitation,
    ShowOverview,
)
from collab.offers import Term
from collab.people import NOBODY
from collab.record import ListEvents, event_line
from collab.resources import Create, Delete, Rename
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    acme.knows("bo", "carl", "devi")
    acme.do(Create(acme.by("ada"), "app", "Shop", "acme"))
    return acme


def ask(world: World, question: Any) -> Any:
    return world.collab.ask(question, world.at)


def members(world: World, what: str = "acme", by: str = "ada", page: int = 0) -> MemberList:
    found: MemberList = ask(world, ListMembers(world.by(by), what, page))
    return found


def crowd(world: World, size: int) -> None:
    """So many people are in, Ada among them."""
    acme = resource(world, "acme").id
    for n in range(1, size):
        world.knows(f"p{n}")
        world.grants(acme, f"p{n}", "accountant")


def resource(world: World, what: str) -> Any:
    with world.database.units.look(world.workspace) as facts:
        return facts.resource_called(what)


@pytest.mark.rule("MEM-05")
def test_members_show_whom_the_asker_may_remove_and_until_when_a_role_lasts(agency: World) -> None:
    agency.member("bo", "admin", term=Term(timedelta(days=3)))
    agency.member("carl", "owner")
    end = agency.at + timedelta(days=3)
    found = members(agency)
    shown = {m.person.user: (m.role, m.until, m.removable) for m in found.members}
    assert shown == {
        "UADA": ("owner", None, False),
        "UCARL": ("owner", None, False),
        "UBO": ("admin", end, True),
    }
    assert (found.resource.slug, found.total) == ("acme", 3)
    assert not any(m.removable for m in members(agency, by="bo").members)


@pytest.mark.rule("MEM-05")
def test_nobody_is_shown_as_to_be_removed_by_themselves(agency: World) -> None:
    agency.do(Create(agency.by("ada"), "team", "Crew"))
    agency.member("bo", "unlimited", "crew")
    assert {m.person.user: m.removable for m in members(agency, "crew").members} == {"UADA": False, "UBO": True}


def test_a_role_that_was_given_is_shown_before_a_higher_one_that_follows(agency: World) -> None:
    agency.member("carl", "developer", "shop")
    agency.grants(resource(agency, "acme").id, "carl", "admin")
    (carl,) = [m for m in members(agency, "shop").members if m.person.user == "UCARL"]
    assert (carl.role, carl.through) == ("developer", None)


def test_a_full_page_of_members_is_the_last_one_unless_somebody_waits(agency: World) -> None:
    crowd(agency, PAGE)
    full = members(agency)
    assert (len(full.members), full.pending, full.next_page) == (PAGE, [], None)

    invitation = agency.invite("carl")

    first, second = members(agency), members(agency, page=1)
    assert (len(first.members), first.pending, first.next_page) == (PAGE, [], 1)
    assert (second.members, [i.invitation.id for i in second.pending], second.next_page) == ([], [invitation], None)


@pytest.mark.rule("INV-08")
def test_at_its_last_moment_an_invitation_waits_for_nobody_any_more(agency: World) -> None:
    invitation = agency.invite("carl")
    agency.at = agency.invitation(invitation).expires - timedelta(seconds=1)
    assert agency.waiting("carl") == [invitation]
    agency.at += timedelta(seconds=1)
    assert agency.waiting("carl") == []
    assert members(agency).pending == []
    assert ask(agency, ShowOverview(agency.by("carl"))).waiting == []


def test_what_waits_for_somebody_is_shown_whole_and_what_fits_when_asked_for(agency: World) -> None:
    for n in range(PAGE + 1):
        agency.do(Create(agency.by("ada"), "team", f"Team {n}"))
        agency.invite("bo", "limited", f"team-{n}")
    assert len(agency.waiting("bo")) == PAGE + 1
    for typed in ("team-7", "TEAM 7", resource(agency, "team-7").id.lower()):
        found = ask(agency, ListInvitations(agency.by("bo"), what=typed))
        assert [i.resource.slug for i in found.invitations] == ["team-7"]
        assert (found.sent, found.next_page) == (False, None)


def test_a_page_of_what_was_sent_goes_on_only_when_there_is_more(agency: World) -> None:
    sent = [agency.invite(f"p{n}") for n in range(PAGE)]
    page = ask(agency, ListInvitations(agency.by("ada"), sent=True))
    assert ({i.invitation.id for i in page.invitations}, page.sent, page.next_page) == (set(sent), True, None)

    newest = agency.invite("bo")

    first = ask(agency, ListInvitations(agency.by("ada"), sent=True))
    second = ask(agency, ListInvitations(agency.by("ada"), sent=True, page=1))
    assert (first.next_page, len(first.invitations), len(second.invitations)) == (1, PAGE, 1)
    assert newest in {i.invitation.id for i in first.invitations}
    assert second.next_page is None


def test_one_persons_invitation_is_found_by_person_and_thing(agency: World) -> None:
    mine, other = agency.invite("bo", "developer", "shop"), agency.invite("bo")
    agency.invite("carl", "developer", "shop")
    for what, invitation in (("shop", mine), ("acme", other)):
        found = ask(agency, ListInvitations(agency.by("ada"), what=what, who=agency.account("bo")))
        assert [i.invitation.id for i in found.invitations] == [invitation]
    with pytest.raises(refusals.UnknownResource) as refused:
        ask(agency, ListInvitations(agency.by("ada"), who=agency.account("bo")))
    assert refused.value.typed == ""


@pytest.mark.rule("EVT-03")
def test_a_page_of_events_goes_on_only_when_there_is_more(agency: World) -> None:
    before = len(agency.events("shop"))
    for n in range(PAGE - before):
        agency.do(Rename(agency.by("ada"), "shop", f"Shop {n}"))
    full = ask(agency, ListEvents(agency.by("ada"), "shop"))
    assert (full.resource.slug, len(full.lines), full.next_before) == ("shop", PAGE, None)

    agency.do(Rename(agency.by("ada"), "shop", "Boutique"))

    first = ask(agency, ListEvents(agency.by("ada"), "shop"))
    assert first.next_before == first.lines[-1].recorded.seq
    rest = ask(agency, ListEvents(agency.by("ada"), "shop", before=first.next_before))
    assert [line.recorded.seq for line in rest.lines] == [full.lines[-1].recorded.seq]


@pytest.mark.rule("EVT-03")
def test_a_line_names_who_acted_whom_it_concerns_and_where(agency: World) -> None:
    agency.invite("carl")
    agency.do(Rename(agency.by("ada"), "acme", "Acme & Co"))
    agency.passes(days=8)
    lines = {type(line.recorded.event): line for line in agency.events()}
    sent, renamed, expired = (lines[kind] for kind in (InvitationSent, ResourceRenamed, InvitationExpired))
    assert (sent.actor.user, sent.person and sent.person.user) == ("UADA", "UCARL")
    assert (renamed.actor.user, renamed.person) == ("UADA", None)
    assert expired.actor == NOBODY
    assert {line.resource and line.resource.slug for line in lines.values()} == {"acme"}


@pytest.mark.rule("EVT-03")
def test_an_event_that_names_no_thing_has_no_place(agency: World) -> None:
    (installed,) = [r for r in agency.history() if r.event.name == "workspace.installed"]
    with agency.database.units.look(agency.workspace) as facts:
        line = event_line(facts, installed)
    assert (line.actor, line.person, line.resource) == (NOBODY, None, None)


def test_an_overview_has_what_waits_and_what_one_holds_and_nothing_that_is_over(agency: World) -> None:
    agency.member("bo", "developer", "shop", term=Term(timedelta(days=2)))
    agency.do(Create(agency.by("bo"), "team", "Crew"))
    agency.do(Create(agency.by("bo"), "team", "Gone"))
    agency.do(Delete(agency.by("bo"), "gone"))
    invitation = agency.invite("bo")

    now = ask(agency, ShowOverview(agency.by("bo")))
    assert [i.invitation.id for i in now.waiting] == [invitation]
    assert now.waiting[0].resource.slug == "acme"
    assert {(r.slug, role) for r, role in now.holds} == {("shop", "developer"), ("crew", "unlimited")}

    agency.at += timedelta(days=2)
    later = ask(agency, ShowOverview(agency.by("bo")))
    assert {(r.slug, role) for r, role in later.holds} == {("crew", "unlimited")}


@pytest.mark.rule("INV-06")
def test_an_invitation_is_shown_to_whom_it_concerns_and_to_who_may_view_the_thing_and_to_nobody_else(
    agency: World,
) -> None:
    agency.member("devi", "accountant")
    invitation = agency.invite("carl")
    for who in ("ada", "carl", "devi"):
        shown = ask(agency, ShowInvitation(agency.by(who), invitation))
        assert (shown.invitation.id, shown.answered_by) == (invitation, None)
        assert (shown.resource.slug, shown.person.user, shown.inviter.user) == ("acme", "UCARL", "UADA")
        assert shown.can == ("view", "create", "bring:admin")
    assert ask(agency, ShowInvitation(agency.by("bo"), invitation)) is None
    assert ask(agency, ShowInvitation(agency.by("ada"), "I-none")) is None

    agency.accept("carl", invitation)
    assert ask(agency, ShowInvitation(agency.by("ada"), invitation)).answered_by.user == "UCARL"


def test_an_edited_offer_says_what_it_lets_one_do_now(agency: World) -> None:
    invitation = agency.invite("carl")
    agency.do(Edit(agency.by("ada"), invitation, "accountant"))
    assert agency.card(invitation).can == ("view", "invoices")
