"""What the form of a handover offers, and the role in which one usually stays."""

from __future__ import annotations

import pytest

from collab.handovers.choices import ListTransferableResources, ShowUsualRoleToKeep
from collab.resources import DisableResource
from tests.support.billing_oracle import create_resource
from tests.support.builders import Scenario
from tests.support.handovers import build_agency


@pytest.fixture
def agency(world: Scenario) -> Scenario:
    build_agency(world)
    create_resource(world, "company", "Acme")
    create_resource(world, "project", "Inner", within="acme")
    create_resource(world, "app", "Deep", within="inner")
    return world


def list_slugs(agency: Scenario, by: str, typed: str = "") -> list[str]:
    query = ListTransferableResources(agency.caller_for(by), typed)
    return sorted(each.resource.slug for each in agency.bus.query(query, agency.at))


@pytest.mark.rule("HND-01")
def test_what_can_be_handed_over_is_offered_without_what_goes_along(
    agency: Scenario,
) -> None:
    agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    assert list_slugs(agency, "ada") == ["acme", "blog", "inner", "site", "wiki"]
    assert list_slugs(agency, "ada", "wi") == ["wiki"]
    assert list_slugs(agency, "bo") == []


@pytest.mark.rule("HND-01")
@pytest.mark.parametrize(
    ("what", "role"),
    [
        (("site",), "administrator"),
        (("acme",), "admin"),
        (("inner",), ""),
        (("blog", "wiki"), "developer"),
    ],
)
def test_only_a_direct_owner_usually_stays_in_a_lower_role(
    agency: Scenario, what: tuple[str, ...], role: str
) -> None:
    query = ShowUsualRoleToKeep(agency.caller_for("ada"), what)
    assert agency.bus.query(query, agency.at) == role
