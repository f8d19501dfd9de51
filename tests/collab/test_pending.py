"""Home and `/collab` show everything that needs the reader's answer, and count it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from collab.home import PAGE_SIZE, HomeView, ShowHome
from collab.model import Term
from collab.open_items import (
    AccessRequestView,
    ExpiringMembershipView,
    InvitationView,
    OpenItem,
    SuccessionView,
)
from collab.pending import Overview, ShowOverview
from collab.resources import DisableResource
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the app Shop: Devi develops it, Carl is an admin of Acme, Bo its accountant; Lena is a Slack admin."""
    acme.register_people("bo", "carl", "devi", "sam").register_people(
        "lena", admin=True
    )
    acme.create_resource("app", "Shop", "acme")
    acme.add_member("devi", "developer", "shop")
    acme.add_member("carl", "admin")
    acme.add_member("bo", "accountant")
    return acme


def home(world: Scenario, who: str, page: int = 0) -> HomeView:
    found: HomeView = world.bus.query(
        ShowHome(world.caller_for(who), (page, 0, 0)), world.at
    )
    return found


def waits_for(world: Scenario, who: str) -> list[OpenItem]:
    """What Home shows as waiting; `/collab` shows the same, and both count all of it."""
    found = home(world, who)
    overview: Overview = world.bus.query(ShowOverview(world.caller_for(who)), world.at)
    assert list(found.pending_items) == list(overview.waiting)
    assert found.pending_count == len(overview.waiting)
    return list(found.pending_items)


@pytest.mark.rule("PER-02")
def test_only_who_may_create_a_company_is_offered_it(agency: Scenario) -> None:
    agency.register_people("gil", guest=True)
    for who, expected in (("gil", False), ("sam", True)):
        query = ShowOverview(agency.caller_for(who))
        overview = agency.bus.query(query, agency.at)
        assert overview.may_create is expected


def invited(world: Scenario) -> None:
    world.send_invitation("sam", "developer", "shop")


def asked(world: Scenario) -> None:
    world.request_access("devi", "manager", "shop")


def asked_to_own(world: Scenario) -> None:
    world.request_access("devi", "owner", "acme")


def without_owner(world: Scenario) -> None:
    world.deactivate_accounts("ada")


def ending(world: Scenario) -> None:
    world.add_member("sam", "developer", "shop", term=Term(timedelta(days=7)))


def ending_later(world: Scenario) -> None:
    world.add_member("sam", "developer", "shop", term=Term(timedelta(days=8)))


WAITS: dict[str, tuple[Callable[[Scenario], None], type, set[str]]] = {
    "an invitation": (invited, InvitationView, {"sam"}),
    "a request": (asked, AccessRequestView, {"ada", "carl"}),
    "a request for a role that an owner grants": (
        asked_to_own,
        AccessRequestView,
        {"ada"},
    ),
    "a succession": (without_owner, SuccessionView, {"carl", "lena"}),
    "a membership that ends soon": (ending, ExpiringMembershipView, {"ada", "carl"}),
    "a membership that ends later": (ending_later, ExpiringMembershipView, set()),
}


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize("what", WAITS)
def test_each_pending_item_is_listed_for_exactly_those_who_can_answer(
    agency: Scenario, what: str
) -> None:
    begin, kind, who = WAITS[what]
    begin(agency)
    for person in ("ada", "bo", "carl", "devi", "sam", "lena"):
        if what == "a succession" and person == "ada":
            continue  # her account is deactivated
        assert [type(card) for card in waits_for(agency, person)] == (
            [kind] if person in who else []
        ), person


@pytest.mark.rule("MEM-12")
def test_a_request_is_listed_for_those_who_may_assign_the_role_now(
    agency: Scenario,
) -> None:
    request = agency.request_access("devi", "manager", "shop")
    agency.remove_member("carl")
    agency.add_member("sam", "admin", "shop")
    assert [
        card.request.id
        for card in waits_for(agency, "sam")
        if isinstance(card, AccessRequestView)
    ] == [request]
    assert waits_for(agency, "carl") == []
    agency.approve_request("sam", request)
    for who in ("ada", "sam", "devi"):
        assert waits_for(agency, who) == []


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-04")
def test_an_item_that_nobody_can_answer_is_listed_for_nobody(agency: Scenario) -> None:
    agency.create_resource("project", "Site", "acme")
    agency.create_resource("app", "Blog", "site")
    agency.add_member("devi", "developer", "blog")
    agency.request_access("devi", "manager", "blog")
    assert len(waits_for(agency, "ada")) == 1
    agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    assert waits_for(agency, "ada") == []


@pytest.mark.rule("MEM-09")
def test_a_succession_is_listed_for_an_elector_until_they_choose(
    agency: Scenario,
) -> None:
    agency.add_member("sam", "admin")
    agency.deactivate_accounts("ada")
    assert len(waits_for(agency, "carl")) == len(waits_for(agency, "sam")) == 1
    agency.choose_successor("carl", "sam")
    assert waits_for(agency, "carl") == []
    agency.choose_successor("sam", "sam")
    assert waits_for(agency, "sam") == waits_for(agency, "lena") == []


@pytest.mark.rule("MEM-10")
def test_an_extended_membership_is_not_listed(agency: Scenario) -> None:
    ending(agency)
    agency.extend_membership("sam", "shop")
    assert waits_for(agency, "ada") == []


@pytest.mark.rule("MEM-10")
def test_the_expiring_membership_of_a_deactivated_person_is_not_listed(
    agency: Scenario,
) -> None:
    ending(agency)
    agency.deactivate_accounts("sam")
    assert waits_for(agency, "ada") == []


@pytest.mark.rule("PER-02")
def test_only_invitations_are_listed_for_people_of_other_workspaces(
    agency: Scenario,
) -> None:
    agency.register_people("eve@T2")
    agency.add_member("eve@T2", "admin")
    agency.request_access("devi", "manager", "shop")
    assert waits_for(agency, "eve@T2") == []


@pytest.mark.rule("MEM-12")
def test_an_open_request_is_listed_among_what_its_sender_sent(
    agency: Scenario,
) -> None:
    invitation = agency.send_invitation("sam", "developer", "shop", by="carl")
    request = agency.request_access("carl", "owner", "acme")
    sent = home(agency, "carl").sent
    assert isinstance(sent[0], AccessRequestView)
    assert sent[0].request.id == request
    assert isinstance(sent[1], InvitationView)
    assert sent[1].invitation.id == invitation
    agency.withdraw_request("carl", request)
    assert [type(card) for card in home(agency, "carl").sent] == [InvitationView]


@pytest.mark.rule("MEM-12")
def test_pages_of_pending_and_sent_items_show_each_once(
    agency: Scenario,
) -> None:
    things = [
        agency.create_resource("app", f"App {n}", "acme") for n in range(PAGE_SIZE + 5)
    ]
    for n, thing in enumerate(things):
        agency.request_access("carl", "developer", thing)
        agency.send_invitation(f"p{n}@example.com", "developer", thing, by="carl")
    first, second = home(agency, "ada"), home(agency, "ada", 1)
    assert (
        first.pending_count,
        len(first.pending_items),
        len(second.pending_items),
    ) == (
        PAGE_SIZE + 5,
        PAGE_SIZE,
        5,
    )
    pages = [
        agency.bus.query(ShowHome(agency.caller_for("carl"), (0, 0, n)), agency.at)
        for n in range(3)
    ]
    shown = [
        getattr(card, "request", None) or getattr(card, "invitation", None)
        for page in pages
        for card in page.sent
    ]
    assert len({each.id for each in shown if each}) == len(shown) == 2 * (PAGE_SIZE + 5)
    assert [page.more[2] for page in pages] == [True, True, False]
