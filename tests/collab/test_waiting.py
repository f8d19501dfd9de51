"""Home and `/collab` show everything that needs the reader's answer, and count it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from collab.home import ROWS, Home, ShowHome
from collab.lists import Overview, ShowOverview
from collab.offers import Term
from collab.resources import Disable
from collab.subjects import OpenInvitation, OpenRequest, OpenSuccession, OpenTerm, Subject
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the app Shop: Devi develops it, Carl is an admin of Acme, Bo its accountant; Lena is a Slack admin."""
    acme.knows("bo", "carl", "devi", "sam").knows("lena", admin=True)
    acme.make("app", "Shop", "acme")
    acme.member("devi", "developer", "shop")
    acme.member("carl", "admin")
    acme.member("bo", "accountant")
    return acme


def home(world: World, who: str, page: int = 0) -> Home:
    found: Home = world.collab.ask(ShowHome(world.by(who), (page, 0, 0)), world.at)
    return found


def waits_for(world: World, who: str) -> list[Subject]:
    """What Home shows as waiting; `/collab` shows the same, and both count all of it."""
    found = home(world, who)
    overview: Overview = world.collab.ask(ShowOverview(world.by(who)), world.at)
    assert list(found.waiting) == list(overview.waiting)
    assert found.waits == len(overview.waiting)
    return list(found.waiting)


def invited(world: World) -> None:
    world.invite("sam", "developer", "shop")


def asked(world: World) -> None:
    world.asks("devi", "manager", "shop")


def asked_to_own(world: World) -> None:
    world.asks("devi", "owner", "acme")


def without_owner(world: World) -> None:
    world.goes("ada")


def ending(world: World) -> None:
    world.member("sam", "developer", "shop", term=Term(timedelta(days=7)))


def ending_later(world: World) -> None:
    world.member("sam", "developer", "shop", term=Term(timedelta(days=8)))


WAITS: dict[str, tuple[Callable[[World], None], type, set[str]]] = {
    "an invitation": (invited, OpenInvitation, {"sam"}),
    "a request": (asked, OpenRequest, {"ada", "carl"}),
    "a request for a role that an owner grants": (asked_to_own, OpenRequest, {"ada"}),
    "a succession": (without_owner, OpenSuccession, {"carl", "lena"}),
    "a membership that ends soon": (ending, OpenTerm, {"ada", "carl"}),
    "a membership that ends later": (ending_later, OpenTerm, set()),
}


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize("what", WAITS)
def test_whatever_needs_an_answer_waits_for_exactly_those_who_can_give_it(agency: World, what: str) -> None:
    begin, kind, who = WAITS[what]
    begin(agency)
    for person in ("ada", "bo", "carl", "devi", "sam", "lena"):
        if what == "a succession" and person == "ada":
            continue  # her account is deactivated
        assert [type(card) for card in waits_for(agency, person)] == ([kind] if person in who else []), person


@pytest.mark.rule("MEM-12")
def test_a_request_waits_for_those_who_may_grant_now_and_not_for_those_who_were_asked(agency: World) -> None:
    request = agency.asks("devi", "manager", "shop")
    agency.remove("carl")
    agency.member("sam", "admin", "shop")
    assert [card.request.id for card in waits_for(agency, "sam") if isinstance(card, OpenRequest)] == [request]
    assert waits_for(agency, "carl") == []
    agency.grant("sam", request)
    for who in ("ada", "sam", "devi"):
        assert waits_for(agency, who) == []


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-04")
def test_what_nobody_can_answer_just_now_waits_for_nobody(agency: World) -> None:
    agency.make("project", "Site", "acme")
    agency.make("app", "Blog", "site")
    agency.member("devi", "developer", "blog")
    agency.asks("devi", "manager", "blog")
    assert len(waits_for(agency, "ada")) == 1
    agency.do(Disable(agency.by("ada"), "site"))
    assert waits_for(agency, "ada") == []


@pytest.mark.rule("MEM-09")
def test_a_succession_waits_for_an_elector_until_they_have_chosen(agency: World) -> None:
    agency.member("sam", "admin")
    agency.goes("ada")
    assert len(waits_for(agency, "carl")) == len(waits_for(agency, "sam")) == 1
    agency.choose("carl", "sam")
    assert waits_for(agency, "carl") == []
    agency.choose("sam", "sam")
    assert waits_for(agency, "sam") == waits_for(agency, "lena") == []


@pytest.mark.rule("MEM-10")
def test_an_extended_membership_waits_no_more(agency: World) -> None:
    ending(agency)
    agency.extend("sam", "shop")
    assert waits_for(agency, "ada") == []


@pytest.mark.rule("MEM-10")
def test_the_end_of_a_deactivated_member_needs_nobody(agency: World) -> None:
    ending(agency)
    agency.goes("sam")
    assert waits_for(agency, "ada") == []


@pytest.mark.rule("PER-02")
def test_nothing_but_invitations_waits_for_somebody_of_another_workspace(agency: World) -> None:
    agency.knows("eve@T2")
    agency.member("eve@T2", "admin")
    agency.asks("devi", "manager", "shop")
    assert waits_for(agency, "eve@T2") == []


@pytest.mark.rule("MEM-12")
def test_the_asker_sees_their_request_under_what_they_sent_until_it_is_answered(agency: World) -> None:
    invitation = agency.invite("sam", "developer", "shop", by="carl")
    request = agency.asks("carl", "owner", "acme")
    sent = home(agency, "carl").sent
    assert isinstance(sent[0], OpenRequest)
    assert sent[0].request.id == request
    assert isinstance(sent[1], OpenInvitation)
    assert sent[1].invitation.id == invitation
    agency.withdraw("carl", request)
    assert [type(card) for card in home(agency, "carl").sent] == [OpenInvitation]


@pytest.mark.rule("MEM-12")
def test_pages_of_what_waits_and_of_what_was_sent_show_each_question_once(agency: World) -> None:
    things = [agency.make("app", f"App {n}", "acme") for n in range(ROWS + 5)]
    for n, thing in enumerate(things):
        agency.asks("carl", "developer", thing)
        agency.invite(f"p{n}@example.com", "developer", thing, by="carl")
    first, second = home(agency, "ada"), home(agency, "ada", 1)
    assert (first.waits, len(first.waiting), len(second.waiting)) == (ROWS + 5, ROWS, 5)
    pages = [agency.collab.ask(ShowHome(agency.by("carl"), (0, 0, n)), agency.at) for n in range(3)]
    shown = [
        getattr(card, "request", None) or getattr(card, "invitation", None) for page in pages for card in page.sent
    ]
    assert len({each.id for each in shown if each}) == len(shown) == 2 * (ROWS + 5)
    assert [page.more[2] for page in pages] == [True, True, False]
