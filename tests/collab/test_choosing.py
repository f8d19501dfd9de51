"""What somebody may choose from: what they may see, of the kinds that fit, and what their words name."""

from __future__ import annotations

import pytest

from collab import refusals
from collab.choosing import MOST, ListVisible, ShowNamed
from collab.kinds import KINDS
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with a project and two apps, one of them in it; Devi works on the other; Carl on nothing."""
    acme.knows("carl", "devi")
    acme.make("project", "Website", "acme")
    acme.make("app", "Shop", "website")
    acme.make("app", "Blog", "acme")
    acme.member("devi", "developer", "blog")
    return acme


def listed(world: World, by: str, *kinds: str, typed: str = "") -> dict[str, str | None]:
    found = world.collab.ask(ListVisible(world.by(by), kinds or tuple(KINDS), typed), world.at)
    return {placed.resource.slug: placed.outermost.slug if placed.outermost else None for placed in found}


def named(world: World, by: str, *words: str) -> list[str]:
    return [resource.slug for resource in world.collab.ask(ShowNamed(world.by(by), words), world.at)]


@pytest.mark.rule("ROL-01")
def test_only_what_may_be_seen_is_there_to_choose(agency: World) -> None:
    assert listed(agency, "ada") == dict.fromkeys(("acme", "blog", "website", "shop"), "acme")
    assert listed(agency, "devi") == {"acme": "acme", "blog": "acme"}
    assert listed(agency, "carl") == {}


def test_it_is_of_the_kinds_that_fit_and_has_what_was_typed(agency: World) -> None:
    assert list(listed(agency, "ada", "app")) == ["blog", "shop"]
    assert list(listed(agency, "ada", "company", "project")) == ["acme", "website"]
    assert list(listed(agency, "ada", typed=" SHO ")) == ["shop"]
    assert listed(agency, "ada", "team") == {}


def test_there_are_never_more_than_a_menu_holds(agency: World) -> None:
    for number in range(MOST):
        agency.make("app", f"App {number}", "acme")
    assert len(listed(agency, "ada", "app")) == MOST


def test_words_name_what_every_action_would_take_them_for(agency: World) -> None:
    assert named(agency, "ada", "Shop", "blog") == ["shop", "blog"]
    agency.make("app", "Shop Blog", "acme")
    assert named(agency, "ada", "Shop", "Blog") == ["shop-blog"]
    with pytest.raises(refusals.UnknownResource):
        named(agency, "devi", "shop")
