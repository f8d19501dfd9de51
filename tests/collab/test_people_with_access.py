"""Who has access to what somebody manages, as one list."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from collab.model import ResourceId
from collab.people_with_access import (
    PAGE_SIZE,
    ListPeopleWithAccess,
    PeopleWithAccess,
)
from tests.support.builders import Scenario

pytestmark = pytest.mark.rule("MEM-13")


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Return Acme with an app in it, Ada's own app, and people in both."""
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("app", "Blog")
    acme.add_member("carl", "manager", "shop")
    acme.add_member("devi", "developer", "shop")
    acme.add_member("devi", "manager", "blog")
    return acme


def people_of(
    agency: Scenario, who: str, place: ResourceId | None = None, page: int = 0
) -> PeopleWithAccess:
    query = ListPeopleWithAccess(agency.caller_for(who), place, page=page)
    return agency.bus.query(query, agency.at)


def roles_by_user(people: PeopleWithAccess) -> dict[str | None, Sequence[str]]:
    return {
        row.person.user: sorted(f"{role} {place.title}" for place, role in row.roles)
        for row in people.rows
    }


def test_everybody_is_listed_once_with_the_roles_that_they_were_given(
    agency: Scenario,
) -> None:
    people = people_of(agency, "ada")
    assert roles_by_user(people) == {
        "UADA": ["admin Blog", "owner Acme"],
        "UCARL": ["manager Shop"],
        "UDEVI": ["developer Shop", "manager Blog"],
    }
    assert [each.slug for each in people.places] == ["acme", "blog"]
    assert (people.total, people.outsider_count) == (3, 0)


def test_one_place_has_its_own_people(agency: Scenario) -> None:
    blog = agency.get_resource("blog").id
    assert set(roles_by_user(people_of(agency, "ada", blog))) == {"UADA", "UDEVI"}


def test_who_manages_an_app_sees_also_who_has_access_through_its_company(
    agency: Scenario,
) -> None:
    people = people_of(agency, "carl")
    assert [each.slug for each in people.places] == ["shop"]
    assert roles_by_user(people) == {
        "UADA": ["owner Acme"],
        "UCARL": ["manager Shop"],
        "UDEVI": ["developer Shop"],
    }


def test_who_manages_nothing_sees_nobody(agency: Scenario) -> None:
    agency.add_member("bo", "developer", "shop")
    people = people_of(agency, "bo")
    assert (people.total, list(people.rows), list(people.places)) == (0, [], [])


def test_a_place_that_one_does_not_manage_is_not_shown(agency: Scenario) -> None:
    blog = agency.get_resource("blog").id
    people = people_of(agency, "carl", blog)
    assert all("Blog" not in str(roles) for roles in roles_by_user(people).values())


def test_a_long_list_has_pages(agency: Scenario) -> None:
    for number in range(PAGE_SIZE):
        agency.add_member(f"member{number}", "developer", "shop")
    first, second = people_of(agency, "ada"), people_of(agency, "ada", page=1)
    assert first.next_page == 1
    assert second.next_page is None
    assert len(first.rows) == PAGE_SIZE
    assert len(second.rows) == first.total - PAGE_SIZE
