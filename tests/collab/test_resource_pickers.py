"""The resources to choose from: visible ones of some types, and named ones."""

from __future__ import annotations

import pytest

from collab import errors
from collab.resource_pickers import (
    MAX_OPTIONS,
    ListVisibleResources,
    ResolveNamedResources,
)
from collab.roles import ROLE_MODEL
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with a project and two apps, one of them in it; Devi works on the other; Carl on nothing."""
    acme.register_people("carl", "devi")
    acme.create_resource("project", "Website", "acme")
    acme.create_resource("app", "Shop", "website")
    acme.create_resource("app", "Blog", "acme")
    acme.add_member("devi", "developer", "blog")
    return acme


def listed(
    world: Scenario, by: str, *kinds: str, typed: str = ""
) -> dict[str, str | None]:
    found = world.bus.query(
        ListVisibleResources(world.caller_for(by), kinds or tuple(ROLE_MODEL), typed),
        world.at,
    )
    return {
        placed.resource.slug: placed.outermost.slug if placed.outermost else None
        for placed in found
    }


def named(world: Scenario, by: str, *words: str) -> list[str]:
    return [
        resource.slug
        for resource in world.bus.query(
            ResolveNamedResources(world.caller_for(by), words), world.at
        )
    ]


@pytest.mark.rule("ROL-01")
def test_only_what_may_be_seen_is_there_to_choose(agency: Scenario) -> None:
    assert listed(agency, "ada") == dict.fromkeys(
        ("acme", "blog", "website", "shop"), "acme"
    )
    assert listed(agency, "devi") == {"acme": "acme", "blog": "acme"}
    assert listed(agency, "carl") == {}


def test_it_is_of_the_kinds_that_fit_and_has_what_was_typed(agency: Scenario) -> None:
    assert list(listed(agency, "ada", "app")) == ["blog", "shop"]
    assert list(listed(agency, "ada", "company", "project")) == ["acme", "website"]
    assert list(listed(agency, "ada", typed=" SHO ")) == ["shop"]
    assert listed(agency, "ada", "team") == {}


def test_there_are_never_more_than_a_menu_holds(agency: Scenario) -> None:
    for number in range(MAX_OPTIONS):
        agency.create_resource("app", f"App {number}", "acme")
    assert len(listed(agency, "ada", "app")) == MAX_OPTIONS


def test_words_name_what_every_action_would_take_them_for(agency: Scenario) -> None:
    assert named(agency, "ada", "Shop", "blog") == ["shop", "blog"]
    agency.create_resource("app", "Shop Blog", "acme")
    assert named(agency, "ada", "Shop", "Blog") == ["shop-blog"]
    with pytest.raises(errors.UnknownResource):
        named(agency, "devi", "shop")
