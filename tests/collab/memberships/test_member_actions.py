"""What the reader of a list of members may do with each of them (MEM-02, MEM-05)."""

from __future__ import annotations

import pytest

from collab import errors
from collab.memberships.member_actions import (
    ListMembersWithActions,
    MembersWithActions,
)
from collab.memberships.role_choices import ListRoleChoices
from tests.support.builders import Scenario

NAMES = ("ada", "olga", "carl", "bo", "cleo", "max", "devi", "mia")


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with an app; people of every role in them, and a project."""
    acme.register_people(*NAMES[1:], "pia")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("project", "Site", "acme")
    acme.add_member("olga", "owner", "acme")
    acme.add_member("carl", "admin", "acme")
    acme.add_member("bo", "accountant", "acme")
    acme.add_member("cleo", "admin", "shop")
    acme.add_member("max", "manager", "shop")
    acme.add_member("devi", "developer", "shop")
    acme.add_member("mia", "administrator", "site")
    return acme


def listed(
    world: Scenario, by: str, what: str = "acme", page: int = 0
) -> MembersWithActions:
    found: MembersWithActions = world.bus.query(
        ListMembersWithActions(world.caller_for(by), what, page), world.at
    )
    return found


def changeable(world: Scenario, by: str, what: str = "acme") -> list[str]:
    """The names of those whose role the reader may change."""
    ids = listed(world, by, what).actions.person_ids
    return [name for name in NAMES if world.person_id_of(name) in ids]


def has_choices(world: Scenario, by: str, who: str, what: str) -> bool:
    """Whether the form that the button opens offers the reader any role."""
    resource, person = world.get_resource(what).id, world.person_id_of(who)
    try:
        world.bus.query(
            ListRoleChoices(world.caller_for(by), person, resource), world.at
        )
    except errors.Rejected:
        return False
    return True


@pytest.mark.rule("MEM-02")
@pytest.mark.parametrize(
    ("by", "what", "expected"),
    [
        ("ada", "acme", "carl bo cleo max devi mia"),
        ("carl", "acme", "cleo max devi mia"),  # and no accountant
        ("bo", "acme", ""),
        ("devi", "acme", ""),
        ("ada", "shop", "max devi"),
        ("cleo", "shop", "max devi"),
        ("max", "shop", ""),
        ("devi", "shop", ""),
        ("ada", "site", "mia"),
        ("mia", "site", ""),
    ],
)
def test_whose_role_a_reader_may_change(
    agency: Scenario, by: str, what: str, expected: str
) -> None:
    assert changeable(agency, by, what) == expected.split()
    members = agency.roles_by_name(what, by)
    assert expected.split() == [
        name
        for name in NAMES
        if name in members and has_choices(agency, by, name, what)
    ]


@pytest.mark.rule("MEM-05")
def test_an_inherited_role_is_changed_where_it_was_assigned(agency: Scenario) -> None:
    agency.create_resource("app", "Wiki", "site")
    agency.add_member("devi", "member", "site")
    assert agency.roles_by_name("wiki")["devi"] == "developer"
    assert changeable(agency, "ada", "wiki") == []
    assert changeable(agency, "ada", "site") == ["devi", "mia"]


@pytest.mark.rule("INV-07")
def test_the_invitations_that_a_reader_may_change(agency: Scenario) -> None:
    by_ada = agency.send_invitation("pia", "owner", "acme")
    by_carl = agency.send_invitation("eve", "admin", "acme", by="carl")
    of_reader = {
        name: listed(agency, name).actions.invitation_ids
        for name in ("ada", "olga", "carl", "bo")
    }
    assert of_reader == {
        "ada": {by_ada, by_carl},
        "olga": {by_ada, by_carl},
        "carl": {by_carl},
        "bo": set(),
    }


@pytest.mark.rule("ROL-05")
def test_the_roles_that_a_reader_may_assign(agency: Scenario) -> None:
    assert listed(agency, "carl").actions.assignable_roles == ("admin",)
    assert listed(agency, "devi").actions.assignable_roles == ()


@pytest.mark.rule("MEM-13")
def test_a_page_names_its_reader_and_its_members(agency: Scenario) -> None:
    found = listed(agency, "carl")
    assert found.reader_id == agency.person_id_of("carl")
    assert found.members.resource.slug == "acme"
    assert listed(agency, "carl", page=7).members.members == []
