"""Answers about access at their edges: full pages, two ways to one role, what is disabled, what others may not see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import refusals
from collab.billing import Pay
from collab.explain import PAGE, Mine, Show, Who, Why
from collab.kinds import CAPABILITIES
from collab.offers import Term
from collab.resources import Create, Disable, Move, Rename
from collab.teams import Assign, ShareWith
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the project Website, the app Shop in it, and the app Blog beside it."""
    acme.knows("bo", "carl", "devi")
    acme.do(Create(acme.by("ada"), "project", "Website", "acme"))
    acme.do(Create(acme.by("ada"), "app", "Shop", "website"))
    acme.do(Create(acme.by("ada"), "app", "Blog", "acme"))
    return acme


def ask(world: World, question: Any) -> Any:
    return world.collab.ask(question, world.at)


def who(world: World, what: str, capability: str, page: int = 0) -> list[str]:
    found = ask(world, Who(world.by("ada"), what, capability, page))
    return [path.person.user for path in found.paths]


def mine(world: World, by: str) -> dict[str, tuple[str, bool]]:
    return {b.resource.slug: (b.role, b.direct) for b in ask(world, Mine(world.by(by))).belongings}


@pytest.mark.rule("ROL-02")
@pytest.mark.rule("ROL-04")
def test_why_says_for_whom_where_and_what_and_whether_it_is_disabled(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    question = Why(agency.by("ada"), agency.account("devi"), "shop", "code")
    found = ask(agency, question)
    assert (found.person.user, found.resource.slug, found.capability, found.disabled) == (
        "UDEVI",
        "shop",
        "code",
        False,
    )
    agency.do(Disable(agency.by("ada"), "website"))
    found = ask(agency, question)
    assert (found.paths, found.disabled) == ([], True)


@pytest.mark.rule("ROL-02")
@pytest.mark.rule("ROL-04")
def test_nobody_can_do_in_what_is_disabled_but_what_is_always_open(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    assert who(agency, "shop", "code") == ["UADA", "UDEVI"]
    assert who(agency, "shop", "delete") == ["UADA"]
    agency.do(Disable(agency.by("ada"), "website"))
    assert who(agency, "shop", "code") == []
    assert who(agency, "shop", "view") == ["UADA", "UDEVI"]


@pytest.mark.rule("ROL-02")
def test_a_full_page_of_who_is_the_last_one_unless_there_is_more(agency: World) -> None:
    with agency.database.units.look(agency.workspace) as facts:
        acme = facts.resource_called("acme")
    assert acme
    for n in range(PAGE - 1):
        agency.knows(f"p{n}")
        agency.grants(acme.id, f"p{n}", "accountant")
    full = ask(agency, Who(agency.by("ada"), "acme", "invoices"))
    assert (full.resource.slug, full.capability) == ("acme", "invoices")
    assert (len(full.paths), full.total, full.next_page) == (PAGE, PAGE, None)

    agency.member("devi", "accountant")

    first = ask(agency, Who(agency.by("ada"), "acme", "invoices"))
    second = ask(agency, Who(agency.by("ada"), "acme", "invoices", 1))
    assert (len(first.paths), first.total, first.next_page) == (PAGE, PAGE + 1, 1)
    assert (len(second.paths), second.total, second.next_page) == (1, PAGE + 1, None)


@pytest.mark.rule("ROL-02")
def test_of_two_ways_to_the_same_role_the_one_that_was_given_comes_first(agency: World) -> None:
    agency.member("carl", "admin", "shop")
    agency.member("carl", "owner")
    found = ask(agency, Who(agency.by("ada"), "shop", "scale"))
    steps = {path.person.user: [s.resource.slug for s in path.steps] for path in found.paths}
    assert steps["UCARL"] == ["shop"]
    assert mine(agency, "carl")["shop"] == ("admin", True)


@pytest.mark.rule("ROL-02")
def test_whoever_works_inside_is_among_those_who_may_view_the_company_while_the_role_lasts(agency: World) -> None:
    agency.member("devi", "developer", "shop", term=Term(timedelta(days=2)))
    assert who(agency, "acme", "view") == ["UADA", "UDEVI"]
    assert set(mine(agency, "devi")) == {"shop", "acme"}
    agency.at += timedelta(days=2)
    assert who(agency, "acme", "view") == ["UADA"]
    assert mine(agency, "devi") == {}


def test_mine_reaches_all_that_follows_at_any_depth(agency: World) -> None:
    agency.member("devi", "admin")
    assert mine(agency, "devi") == {
        "acme": ("admin", True),
        "website": ("administrator", False),
        "blog": ("admin", False),
        "shop": ("admin", False),
    }


def test_mine_reaches_what_one_pays_for(agency: World) -> None:
    agency.do(Create(agency.by("carl"), "payment", "Card"))
    agency.member("carl", "admin", "blog")
    agency.do(Pay(agency.by("carl"), "blog", "card"))
    agency.leave("carl", "blog")
    assert mine(agency, "carl") == {
        "card": ("holder", True),
        "blog": ("payer", False),
        "acme": ("collaborator", False),
    }


def test_mine_reaches_what_a_team_shares_and_what_that_pays_for(agency: World) -> None:
    agency.do(Create(agency.by("ada"), "team", "Crew"))
    agency.do(Create(agency.by("ada"), "payment", "Card"))
    agency.do(ShareWith(agency.by("ada"), "shop", "crew", "manager"))
    agency.do(ShareWith(agency.by("ada"), "card", "crew", "holder"))
    agency.do(Pay(agency.by("ada"), "blog", "card"))
    agency.member("devi", "unlimited", "crew")
    agency.member("bo", "limited", "crew")
    agency.do(Assign(agency.by("ada"), agency.account("bo"), "shop", "crew"))
    assert {slug: role for slug, (role, _) in mine(agency, "devi").items()} == {
        "crew": "unlimited",
        "shop": "manager",
        "card": "holder",
        "blog": "payer",
        "acme": "collaborator",
    }
    assert {slug: role for slug, (role, _) in mine(agency, "bo").items()} == {
        "crew": "limited",
        "shop": "developer",
        "acme": "collaborator",
    }


def test_a_full_page_of_mine_is_the_last_one_unless_there_is_more(agency: World) -> None:
    for n in range(PAGE):
        agency.do(Create(agency.by("bo"), "team", f"Team {n}"))
    full = ask(agency, Mine(agency.by("bo")))
    assert (len(full.belongings), full.total, full.next_page) == (PAGE, PAGE, None)

    agency.do(Create(agency.by("bo"), "team", "One more"))

    first, second = (ask(agency, Mine(agency.by("bo"), page)) for page in (0, 1))
    assert (len(first.belongings), first.total, first.next_page) == (PAGE, PAGE + 1, 1)
    assert (len(second.belongings), second.total, second.next_page) == (1, PAGE + 1, None)


def test_show_says_what_it_is_where_it_stands_what_pays_and_what_the_asker_may(agency: World) -> None:
    agency.do(Create(agency.by("ada"), "payment", "Card"))
    agency.do(Pay(agency.by("ada"), "shop", "card"))
    agency.member("devi", "developer", "shop")
    found = ask(agency, Show(agency.by("devi"), "shop"))
    assert (found.resource.slug, found.payer.slug, found.members) == ("shop", "", 2)
    assert ask(agency, Show(agency.by("ada"), "shop")).payer.slug == "card"
    assert (found.role, found.can, found.inside) == ("developer", ("view", "configure", "code"), [])
    for n in range(6):
        agency.do(Rename(agency.by("ada"), "shop", f"Shop {n}"))
    newest = ask(agency, Show(agency.by("devi"), "shop")).lines
    assert [line.recorded.event.title for line in newest] == [f"Shop {n}" for n in (5, 4, 3, 2, 1)]
    assert {line.actor.user for line in newest} == {"UADA"}


def test_show_hides_where_it_stands_and_what_stands_in_it_from_those_who_may_not_view_that(agency: World) -> None:
    agency.member("devi", "developer", "blog")
    assert [r.slug for r in ask(agency, Show(agency.by("devi"), "acme")).inside] == ["blog"]
    assert [r.slug for r in ask(agency, Show(agency.by("ada"), "acme")).inside] == ["blog", "website"]
    assert ask(agency, Show(agency.by("ada"), "acme")).parent is None
    assert ask(agency, Show(agency.by("devi"), "blog")).parent.slug == "acme"

    agency.do(Create(agency.by("ada"), "company", "Bank"))
    agency.do(Create(agency.by("carl"), "payment", "Card"))
    agency.member("bo", "accountant", "card", by="carl")
    agency.member("carl", "owner", "bank")
    agency.do(Move(agency.by("carl"), "card", "bank"))
    assert ask(agency, Show(agency.by("carl"), "card")).parent.slug == "bank"
    assert ask(agency, Show(agency.by("bo"), "card")).parent is None


@pytest.mark.rule("ROL-02")
def test_a_capability_that_is_none_is_named_as_typed(agency: World) -> None:
    with pytest.raises(refusals.UnknownCapability) as refused:
        ask(agency, Who(agency.by("ada"), "shop", "fly"))
    assert (refused.value.typed, refused.value.capabilities) == ("fly", CAPABILITIES)
