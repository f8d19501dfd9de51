"""Queries about access: full pages, two paths, disabled resources."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.access_queries import (
    PAGE_SIZE,
    ExplainAccess,
    ListMyResources,
    ListUsersWithCapability,
    ShowResource,
)
from collab.billing.payment_methods import SetPaymentMethod
from collab.model import Term
from collab.moves import MoveResource
from collab.resources import CreateResource, DisableResource
from collab.roles import CAPABILITIES
from collab.teams import AssignToMember, ShareWithTeam
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the project Website, the app Shop in it, and the app Blog beside it."""
    acme.register_people("bo", "carl", "devi")
    acme.execute(CreateResource(acme.caller_for("ada"), "project", "Website", "acme"))
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Shop", "website"))
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Blog", "acme"))
    return acme


def ask(world: Scenario, question: Any) -> Any:
    return world.bus.query(question, world.at)


def who(world: Scenario, what: str, capability: str, page: int = 0) -> list[str]:
    found = ask(
        world, ListUsersWithCapability(world.caller_for("ada"), what, capability, page)
    )
    return [path.person.user for path in found.paths]


def mine(world: Scenario, by: str) -> dict[str, tuple[str, bool]]:
    return {
        b.resource.slug: (b.role, b.direct)
        for b in ask(world, ListMyResources(world.caller_for(by))).belongings
    }


@pytest.mark.rule("ROL-02")
@pytest.mark.rule("ROL-04")
def test_why_says_for_whom_where_and_what_and_whether_it_is_disabled(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    question = ExplainAccess(
        agency.caller_for("ada"), agency.account_of("devi"), "shop", "code"
    )
    found = ask(agency, question)
    assert (
        found.person.user,
        found.resource.slug,
        found.capability,
        found.disabled,
    ) == (
        "UDEVI",
        "shop",
        "code",
        False,
    )
    agency.execute(DisableResource(agency.caller_for("ada"), "website"))
    found = ask(agency, question)
    assert (found.paths, found.disabled) == ([], True)


@pytest.mark.rule("ROL-02")
@pytest.mark.rule("ROL-04")
def test_nobody_can_do_in_what_is_disabled_but_what_is_always_open(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    assert who(agency, "shop", "code") == ["UADA", "UDEVI"]
    assert who(agency, "shop", "delete") == ["UADA"]
    agency.execute(DisableResource(agency.caller_for("ada"), "website"))
    assert who(agency, "shop", "code") == []
    assert who(agency, "shop", "view") == ["UADA", "UDEVI"]


@pytest.mark.rule("ROL-02")
def test_a_full_page_of_who_is_the_last_one_unless_there_is_more(
    agency: Scenario,
) -> None:
    with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
        acme = facts.resources.find_resource_by_id_or_slug("acme")
    assert acme
    for n in range(PAGE_SIZE - 1):
        agency.register_people(f"p{n}")
        agency.record_membership(acme.id, f"p{n}", "accountant")
    full = ask(
        agency, ListUsersWithCapability(agency.caller_for("ada"), "acme", "invoices")
    )
    assert (full.resource.slug, full.capability) == ("acme", "invoices")
    assert (len(full.paths), full.total, full.next_page) == (PAGE_SIZE, PAGE_SIZE, None)

    agency.add_member("devi", "accountant")

    first = ask(
        agency, ListUsersWithCapability(agency.caller_for("ada"), "acme", "invoices")
    )
    second = ask(
        agency, ListUsersWithCapability(agency.caller_for("ada"), "acme", "invoices", 1)
    )
    assert (len(first.paths), first.total, first.next_page) == (
        PAGE_SIZE,
        PAGE_SIZE + 1,
        1,
    )
    assert (len(second.paths), second.total, second.next_page) == (
        1,
        PAGE_SIZE + 1,
        None,
    )


@pytest.mark.rule("ROL-02")
def test_of_two_ways_to_the_same_role_the_one_that_was_given_comes_first(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.add_member("carl", "owner")
    found = ask(
        agency, ListUsersWithCapability(agency.caller_for("ada"), "shop", "scale")
    )
    steps = {
        path.person.user: [s.resource.slug for s in path.steps] for path in found.paths
    }
    assert steps["UCARL"] == ["shop"]
    assert mine(agency, "carl")["shop"] == ("admin", True)


@pytest.mark.rule("ROL-02")
def test_anyone_who_works_inside_is_among_those_who_may_view_the_company_while_the_role_lasts(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop", term=Term(timedelta(days=2)))
    assert who(agency, "acme", "view") == ["UADA", "UDEVI"]
    assert set(mine(agency, "devi")) == {"shop", "acme"}
    agency.at += timedelta(days=2)
    assert who(agency, "acme", "view") == ["UADA"]
    assert mine(agency, "devi") == {}


def test_mine_reaches_all_that_follows_at_any_depth(agency: Scenario) -> None:
    agency.add_member("devi", "admin")
    assert mine(agency, "devi") == {
        "acme": ("admin", True),
        "website": ("administrator", False),
        "blog": ("admin", False),
        "shop": ("admin", False),
    }


def test_mine_reaches_what_one_pays_for(agency: Scenario) -> None:
    agency.execute(CreateResource(agency.caller_for("carl"), "payment", "Card"))
    agency.add_member("carl", "admin", "blog")
    agency.execute(SetPaymentMethod(agency.caller_for("carl"), "blog", "card"))
    agency.leave_resource("carl", "blog")
    assert mine(agency, "carl") == {
        "card": ("holder", True),
        "blog": ("payer", False),
        "acme": ("collaborator", False),
    }


def test_mine_reaches_what_a_team_shares_and_what_that_pays_for(
    agency: Scenario,
) -> None:
    agency.execute(CreateResource(agency.caller_for("ada"), "team", "Crew"))
    agency.execute(CreateResource(agency.caller_for("ada"), "payment", "Card"))
    agency.execute(ShareWithTeam(agency.caller_for("ada"), "shop", "crew", "manager"))
    agency.execute(ShareWithTeam(agency.caller_for("ada"), "card", "crew", "holder"))
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "blog", "card"))
    agency.add_member("devi", "unlimited", "crew")
    agency.add_member("bo", "limited", "crew")
    agency.execute(
        AssignToMember(
            agency.caller_for("ada"), agency.account_of("bo"), "shop", "crew"
        )
    )
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


def test_a_full_page_of_mine_is_the_last_one_unless_there_is_more(
    agency: Scenario,
) -> None:
    for n in range(PAGE_SIZE):
        agency.execute(CreateResource(agency.caller_for("bo"), "team", f"Team {n}"))
    full = ask(agency, ListMyResources(agency.caller_for("bo")))
    assert (len(full.belongings), full.total, full.next_page) == (
        PAGE_SIZE,
        PAGE_SIZE,
        None,
    )

    agency.execute(CreateResource(agency.caller_for("bo"), "team", "One more"))

    first, second = (
        ask(agency, ListMyResources(agency.caller_for("bo"), page)) for page in (0, 1)
    )
    assert (len(first.belongings), first.total, first.next_page) == (
        PAGE_SIZE,
        PAGE_SIZE + 1,
        1,
    )
    assert (len(second.belongings), second.total, second.next_page) == (
        1,
        PAGE_SIZE + 1,
        None,
    )


def test_show_says_what_it_is_where_it_stands_what_pays_and_what_the_asker_may(
    agency: Scenario,
) -> None:
    agency.execute(CreateResource(agency.caller_for("ada"), "payment", "Card"))
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "shop", "card"))
    agency.add_member("devi", "developer", "shop")
    found = ask(agency, ShowResource(agency.caller_for("devi"), "shop"))
    assert (found.resource.slug, found.payer.slug) == ("shop", "")
    assert (
        ask(agency, ShowResource(agency.caller_for("ada"), "shop")).payer.slug == "card"
    )
    assert (found.role, found.can, found.inside) == (
        "developer",
        ("view", "configure", "code"),
        [],
    )


def test_show_hides_where_it_stands_and_what_stands_in_it_from_those_who_may_not_view_that(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "blog")
    assert [
        r.slug
        for r in ask(agency, ShowResource(agency.caller_for("devi"), "acme")).inside
    ] == ["blog"]
    assert [
        r.slug
        for r in ask(agency, ShowResource(agency.caller_for("ada"), "acme")).inside
    ] == ["blog", "website"]
    assert ask(agency, ShowResource(agency.caller_for("ada"), "acme")).parent is None
    assert (
        ask(agency, ShowResource(agency.caller_for("devi"), "blog")).parent.slug
        == "acme"
    )

    agency.execute(CreateResource(agency.caller_for("ada"), "company", "Bank"))
    agency.execute(CreateResource(agency.caller_for("carl"), "payment", "Card"))
    agency.add_member("bo", "accountant", "card", by="carl")
    agency.add_member("carl", "owner", "bank")
    agency.execute(MoveResource(agency.caller_for("carl"), "card", "bank"))
    assert (
        ask(agency, ShowResource(agency.caller_for("carl"), "card")).parent.slug
        == "bank"
    )
    assert ask(agency, ShowResource(agency.caller_for("bo"), "card")).parent is None


@pytest.mark.rule("ROL-02")
def test_a_capability_that_is_none_is_named_as_typed(agency: Scenario) -> None:
    with pytest.raises(errors.UnknownCapability) as refused:
        ask(agency, ListUsersWithCapability(agency.caller_for("ada"), "shop", "fly"))
    assert (refused.value.typed, refused.value.capabilities) == ("fly", CAPABILITIES)
