"""What a lower role would end inside a resource, and what of it may be kept (MEM-02)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from collab import errors
from collab.memberships.commands import ChangeRole
from collab.memberships.role_change import PreviewRoleChange, RoleChangeImpact
from collab.model import PersonId, Resource
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with two apps and a project with another; Carl is an admin of it, Devi an administrator of the project."""
    acme.register_people("carl", "devi", "bo")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("app", "Blog", "acme")
    acme.create_resource("project", "Site", "acme")
    acme.create_resource("app", "Wiki", "site")
    acme.add_member("carl", "admin", "acme")
    acme.add_member("devi", "administrator", "site")
    return acme


def losing(
    world: Scenario, who: str, role: str, what: str, by: str = "ada"
) -> RoleChangeImpact:
    found: RoleChangeImpact = world.bus.query(
        PreviewRoleChange(world.caller_for(by), known(world, who), role, what),
        world.at,
    )
    return found


def known(world: Scenario, who: str) -> PersonId:
    """The id of a person."""
    with world.bus.read(world.workspace) as facts:
        person = facts.people.find_person_by_account(world.account_of(who))
    assert person
    return person.id


def named(things: Iterable[tuple[Resource, str]]) -> list[tuple[str, str]]:
    return sorted((thing.slug, role) for thing, role in things)


@pytest.mark.rule("MEM-02")
def test_every_role_inherited_from_the_higher_one_is_listed(agency: Scenario) -> None:
    found = losing(agency, "carl", "collaborator", "acme")
    assert named(found.keepable) == [
        ("blog", "admin"),
        ("shop", "admin"),
        ("site", "administrator"),
        ("wiki", "admin"),
    ]
    assert found.goes == []


@pytest.mark.rule("MEM-02")
def test_direct_roles_and_those_inherited_elsewhere_are_not_lost(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.add_member("carl", "administrator", "site")
    found = losing(agency, "carl", "collaborator", "acme")
    assert named(found.keepable) == [("blog", "admin")]
    assert [(inner.slug, role) for inner, role in found.stays] == [
        ("shop", "admin"),
        ("site", "administrator"),
    ]


@pytest.mark.rule("MEM-02")
def test_a_direct_role_that_is_lower_than_the_lost_one_stays(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "wiki")
    found = losing(agency, "devi", "member", "site")
    assert named(found.keepable) == [("wiki", "admin")]
    assert named(found.stays) == [("wiki", "developer")]


@pytest.mark.rule("MEM-02")
def test_what_the_actor_may_not_view_is_left_out(agency: Scenario) -> None:
    agency.add_member("bo", "member", "site")
    agency.add_member("carl", "developer", "wiki")
    agency.add_member("carl", "developer", "blog")
    found = losing(agency, "carl", "collaborator", "acme", by="bo")
    assert named(found.goes) == [("site", "administrator"), ("wiki", "admin")]
    assert (found.keepable, named(found.stays)) == ([], [("wiki", "developer")])


@pytest.mark.rule("MEM-02")
def test_a_lowered_role_counts_as_lost(agency: Scenario) -> None:
    assert named(losing(agency, "devi", "member", "site").keepable) == [
        ("wiki", "admin")
    ]
    assert losing(agency, "carl", "owner", "acme") == RoleChangeImpact([], [])


@pytest.mark.rule("MEM-02")
@pytest.mark.rule("MEM-05")
def test_a_role_through_a_team_is_lowered_where_it_comes_from(
    agency: Scenario,
) -> None:
    agency.create_resource("team", "Crew")
    agency.add_member("bo", "unlimited", "crew")
    agency.add_member("bo", "member", "site")  # and so a developer of its app
    agency.share_with_team("wiki", "crew", "manager")
    change = ChangeRole(
        agency.caller_for("ada"), known(agency, "bo"), "developer", "wiki"
    )
    with pytest.raises(errors.HeldThrough) as refused:
        agency.execute(change)
    assert (refused.value.role, refused.value.source) == ("manager", "Crew")
    agency.execute(replace(change, role="admin"))
    assert agency.roles_by_name("wiki")["bo"] == "admin"


@pytest.mark.rule("MEM-02")
@pytest.mark.rule("ROL-05")
def test_what_can_be_kept_is_what_the_preview_lists(agency: Scenario) -> None:
    act = ChangeRole(
        agency.caller_for("ada"),
        known(agency, "carl"),
        "collaborator",
        "acme",
    )
    with pytest.raises(errors.NothingFollows):
        agency.execute(act)
    kept, _ = losing(agency, "carl", "collaborator", "acme").keepable[0]
    agency.execute(replace(act, keep=(kept.id,)))
    assert "code" in agency.capabilities_of("carl", kept.slug)
    assert losing(agency, "carl", "collaborator", "acme") == RoleChangeImpact([], [])


@pytest.mark.rule("ROL-05")
def test_an_actor_who_may_not_assign_a_role_cannot_keep_it_for_a_member(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "accountant", "acme")
    found = losing(agency, "carl", "collaborator", "acme", by="bo")
    assert found.keepable == []
    with pytest.raises(errors.UnknownResource):
        losing(agency, "carl", "collaborator", "acme", by="sam")
