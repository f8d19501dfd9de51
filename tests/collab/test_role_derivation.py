"""Derived roles where resources contain or pay for each other in a cycle, as damaged data can have it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collab.access_graph import EffectiveRole, ReachableGraph
from collab.model import Membership, PersonId, Resource, ResourceId
from collab.resource_pickers import find_outermost_container
from collab.role_derivation import (
    RoleDerivation,
    is_disabled,
    iterate_containers,
    list_role_sources,
)
from collab.roles import ROLE_MODEL
from tests.support.builders import Scenario

AT = datetime(2026, 11, 30, 10, tzinfo=UTC)
WEBSITE = Resource(
    ResourceId("R1"), "project", "website", "Website", parent=ResourceId("R2")
)
RELAUNCH = Resource(
    ResourceId("R2"), "project", "relaunch", "Relaunch", parent=ResourceId("R1")
)
SHOP = Resource(
    ResourceId("R3"),
    "app",
    "shop",
    "Shop",
    parent=ResourceId("R1"),
    payer=ResourceId("R4"),
)
CARD = Resource(ResourceId("R4"), "payment", "card", "Card", payer=ResourceId("R4"))


@pytest.fixture
def graph() -> ReachableGraph:
    """Two projects that contain each other, an app in one of them, and a card that pays for itself."""
    return ReachableGraph(
        memberships=[Membership(ResourceId("R2"), PersonId("P1"), "owner", AT, None)],
        resources={each.id: each for each in (WEBSITE, RELAUNCH, SHOP, CARD)},
    )


def test_containers_in_a_cycle_are_visited_once(graph: ReachableGraph) -> None:
    assert list(iterate_containers(graph, SHOP)) == [WEBSITE, RELAUNCH]
    assert list(iterate_containers(graph, WEBSITE)) == [RELAUNCH]
    assert not is_disabled(graph, SHOP)


def test_sources_of_roles_in_a_cycle_are_listed_once(graph: ReachableGraph) -> None:
    assert list_role_sources(ROLE_MODEL, graph, SHOP) == [
        SHOP,
        WEBSITE,
        RELAUNCH,
        CARD,
    ]


def test_deriving_roles_in_a_cycle_ends(graph: ReachableGraph) -> None:
    derivation = RoleDerivation(ROLE_MODEL, graph, graph.assigned_roles)

    assert list(derivation.list_roles(RELAUNCH)) == [
        EffectiveRole.from_membership(PersonId("P1"), "owner", ResourceId("R2"))
    ]
    assert list(derivation.list_roles(SHOP)) == []


def test_resource_options_in_a_cycle_have_an_outermost_container(
    acme: Scenario,
) -> None:
    visible = {each.id: each for each in (WEBSITE, RELAUNCH)}
    with acme.bus.read(acme.workspace) as repositories:
        context = acme.bus.context(repositories, acme.at)

        assert find_outermost_container(context, visible, WEBSITE) == WEBSITE
