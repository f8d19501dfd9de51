"""Lists: full pages, last moments, people with two roles, and who may see what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.event_log import ListEvents, build_event_line
from collab.events import InvitationExpired, InvitationSent, ResourceRenamed
from collab.invitations.commands import EditInvitation
from collab.invitations.queries import ListInvitations, ShowInvitation
from collab.memberships.queries import PAGE_SIZE, ListMembers, MemberList
from collab.model import NOBODY, InvitationId, Term
from collab.pending import ShowOverview
from collab.resource_deletion import DeleteResource
from collab.resources import CreateResource, RenameResource
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    acme.register_people("bo", "carl", "devi")
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Shop", "acme"))
    return acme


def ask(world: Scenario, question: Any) -> Any:
    return world.bus.query(question, world.at)


def members(
    world: Scenario, what: str = "acme", by: str = "ada", page: int = 0
) -> MemberList:
    found: MemberList = ask(world, ListMembers(world.caller_for(by), what, page))
    return found


def crowd(world: Scenario, size: int) -> None:
    """So many people are in, Ada among them."""
    acme = resource(world, "acme").id
    for n in range(1, size):
        world.register_people(f"p{n}")
        world.record_membership(acme, f"p{n}", "accountant")


def resource(world: Scenario, what: str) -> Any:
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        return facts.resources.find_resource_by_id_or_slug(what)


@pytest.mark.rule("MEM-05")
def test_members_show_whom_the_asker_may_remove_and_until_when_a_role_lasts(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "admin", term=Term(timedelta(days=3)))
    agency.add_member("carl", "owner")
    end = agency.at + timedelta(days=3)
    found = members(agency)
    shown = {m.person.user: (m.role, m.until, m.is_removable) for m in found.members}
    assert shown == {
        "UADA": ("owner", None, False),
        "UCARL": ("owner", None, False),
        "UBO": ("admin", end, True),
    }
    assert (found.resource.slug, found.total) == ("acme", 3)
    assert not any(m.is_removable for m in members(agency, by="bo").members)


@pytest.mark.rule("MEM-05")
def test_nobody_is_shown_as_to_be_removed_by_themselves(agency: Scenario) -> None:
    agency.execute(CreateResource(agency.caller_for("ada"), "team", "Crew"))
    agency.add_member("bo", "unlimited", "crew")
    assert {m.person.user: m.is_removable for m in members(agency, "crew").members} == {
        "UADA": False,
        "UBO": True,
    }


def test_a_role_that_was_given_is_shown_before_a_higher_one_that_follows(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "developer", "shop")
    agency.record_membership(resource(agency, "acme").id, "carl", "admin")
    (carl,) = [m for m in members(agency, "shop").members if m.person.user == "UCARL"]
    assert (carl.role, carl.through) == ("developer", None)


def test_a_full_page_of_members_is_the_last_one_unless_a_person_waits(
    agency: Scenario,
) -> None:
    crowd(agency, PAGE_SIZE)
    full = members(agency)
    assert (len(full.members), full.pending, full.next_page) == (PAGE_SIZE, [], None)

    invitation = agency.send_invitation("carl")

    first, second = members(agency), members(agency, page=1)
    assert (len(first.members), first.pending, first.next_page) == (PAGE_SIZE, [], 1)
    assert (
        second.members,
        [i.invitation.id for i in second.pending],
        second.next_page,
    ) == ([], [invitation], None)


@pytest.mark.rule("INV-08")
def test_at_its_last_moment_an_invitation_waits_for_nobody_any_more(
    agency: Scenario,
) -> None:
    invitation = agency.send_invitation("carl")
    agency.at = agency.get_invitation(invitation).expires - timedelta(seconds=1)
    assert agency.pending_invitation_ids("carl") == [invitation]
    agency.at += timedelta(seconds=1)
    assert agency.pending_invitation_ids("carl") == []
    assert members(agency).pending == []
    assert ask(agency, ShowOverview(agency.caller_for("carl"))).waiting == []


def test_what_waits_for_a_person_is_shown_whole_and_what_fits_when_asked_for(
    agency: Scenario,
) -> None:
    for n in range(PAGE_SIZE + 1):
        agency.execute(CreateResource(agency.caller_for("ada"), "team", f"Team {n}"))
        agency.send_invitation("bo", "limited", f"team-{n}")
    assert len(agency.pending_invitation_ids("bo")) == PAGE_SIZE + 1
    for typed in ("team-7", "TEAM 7", resource(agency, "team-7").id.lower()):
        found = ask(agency, ListInvitations(agency.caller_for("bo"), what=typed))
        assert [i.resource.slug for i in found.invitations] == ["team-7"]
        assert (found.sent, found.next_page) == (False, None)


def test_a_page_of_what_was_sent_goes_on_only_when_there_is_more(
    agency: Scenario,
) -> None:
    sent = [agency.send_invitation(f"p{n}") for n in range(PAGE_SIZE)]
    page = ask(agency, ListInvitations(agency.caller_for("ada"), sent=True))
    assert ({i.invitation.id for i in page.invitations}, page.sent, page.next_page) == (
        set(sent),
        True,
        None,
    )

    newest = agency.send_invitation("bo")

    first = ask(agency, ListInvitations(agency.caller_for("ada"), sent=True))
    second = ask(agency, ListInvitations(agency.caller_for("ada"), sent=True, page=1))
    assert (first.next_page, len(first.invitations), len(second.invitations)) == (
        1,
        PAGE_SIZE,
        1,
    )
    assert newest in {i.invitation.id for i in first.invitations}
    assert second.next_page is None


def test_one_persons_invitation_is_found_by_person_and_thing(agency: Scenario) -> None:
    mine, other = (
        agency.send_invitation("bo", "developer", "shop"),
        agency.send_invitation("bo"),
    )
    agency.send_invitation("carl", "developer", "shop")
    for what, invitation in (("shop", mine), ("acme", other)):
        found = ask(
            agency,
            ListInvitations(
                agency.caller_for("ada"), what=what, who=agency.account_of("bo")
            ),
        )
        assert [i.invitation.id for i in found.invitations] == [invitation]
    with pytest.raises(errors.UnknownResource) as refused:
        ask(
            agency,
            ListInvitations(agency.caller_for("ada"), who=agency.account_of("bo")),
        )
    assert refused.value.typed == ""


@pytest.mark.rule("EVT-03")
def test_a_page_of_events_goes_on_only_when_there_is_more(agency: Scenario) -> None:
    before = len(agency.list_events("shop"))
    for n in range(PAGE_SIZE - before):
        agency.execute(RenameResource(agency.caller_for("ada"), "shop", f"Shop {n}"))
    full = ask(agency, ListEvents(agency.caller_for("ada"), "shop"))
    assert (full.resource.slug, len(full.lines), full.next_before) == (
        "shop",
        PAGE_SIZE,
        None,
    )

    agency.execute(RenameResource(agency.caller_for("ada"), "shop", "Boutique"))

    first = ask(agency, ListEvents(agency.caller_for("ada"), "shop"))
    assert first.next_before == first.lines[-1].recorded.seq
    rest = ask(
        agency, ListEvents(agency.caller_for("ada"), "shop", before=first.next_before)
    )
    assert [line.recorded.seq for line in rest.lines] == [full.lines[-1].recorded.seq]


@pytest.mark.rule("EVT-03")
def test_a_line_names_who_acted_whom_it_concerns_and_where(agency: Scenario) -> None:
    agency.send_invitation("carl")
    agency.execute(RenameResource(agency.caller_for("ada"), "acme", "Acme & Co"))
    agency.advance_time(days=8)
    lines = {type(line.recorded.event): line for line in agency.list_events()}
    sent, renamed, expired = (
        lines[kind] for kind in (InvitationSent, ResourceRenamed, InvitationExpired)
    )
    assert (sent.actor.user, sent.person and sent.person.user) == ("UADA", "UCARL")
    assert (renamed.actor.user, renamed.person) == ("UADA", None)
    assert expired.actor == NOBODY
    assert {line.resource and line.resource.slug for line in lines.values()} == {"acme"}


@pytest.mark.rule("EVT-03")
def test_an_event_that_names_no_thing_has_no_place(agency: Scenario) -> None:
    (installed,) = [
        r
        for r in agency.list_recorded_events()
        if r.event.name == "workspace.installed"
    ]
    with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
        line = build_event_line(facts, installed)
    assert (line.actor, line.person, line.resource) == (NOBODY, None, None)


def test_an_overview_has_what_waits_and_what_one_holds_and_nothing_that_is_over(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "developer", "shop", term=Term(timedelta(days=2)))
    agency.execute(CreateResource(agency.caller_for("bo"), "team", "Crew"))
    agency.execute(CreateResource(agency.caller_for("bo"), "team", "Gone"))
    agency.execute(DeleteResource(agency.caller_for("bo"), "gone"))
    invitation = agency.send_invitation("bo")

    now = ask(agency, ShowOverview(agency.caller_for("bo")))
    assert [i.invitation.id for i in now.waiting] == [invitation]
    assert now.waiting[0].resource.slug == "acme"
    assert {(r.slug, role) for r, role in now.holds} == {
        ("shop", "developer"),
        ("crew", "unlimited"),
    }

    agency.at += timedelta(days=2)
    later = ask(agency, ShowOverview(agency.caller_for("bo")))
    assert {(r.slug, role) for r, role in later.holds} == {("crew", "unlimited")}


@pytest.mark.rule("INV-06")
def test_an_invitation_is_shown_to_whom_it_concerns_and_to_who_may_view_the_thing_and_to_nobody_else(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "accountant")
    invitation = agency.send_invitation("carl")
    for who in ("ada", "carl", "devi"):
        shown = ask(agency, ShowInvitation(agency.caller_for(who), invitation))
        assert (shown.invitation.id, shown.answered_by) == (invitation, None)
        assert (shown.resource.slug, shown.person.user, shown.inviter.user) == (
            "acme",
            "UCARL",
            "UADA",
        )
        assert shown.can == ("view", "create", "bring:admin")
    assert ask(agency, ShowInvitation(agency.caller_for("bo"), invitation)) is None
    assert (
        ask(agency, ShowInvitation(agency.caller_for("ada"), InvitationId("I-none")))
        is None
    )

    agency.accept_invitation("carl", invitation)
    assert (
        ask(
            agency, ShowInvitation(agency.caller_for("ada"), invitation)
        ).answered_by.user
        == "UCARL"
    )


def test_an_edited_offer_says_what_it_lets_one_do_now(agency: Scenario) -> None:
    invitation = agency.send_invitation("carl")
    agency.execute(EditInvitation(agency.caller_for("ada"), invitation, "accountant"))
    assert agency.get_open_invitation(invitation).can == ("view", "invoices")
