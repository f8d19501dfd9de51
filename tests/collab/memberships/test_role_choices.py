"""The roles that a member may be given, and what a chosen one would cause (MEM-02)."""

from __future__ import annotations

import pytest

from collab import errors
from collab.memberships.commands import ChangeRole
from collab.memberships.role_change import NO_IMPACT
from collab.memberships.role_choices import ListRoleChoices, RoleChoices
from collab.roles import ROLE_MODEL
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with a project and an app; Carl is an admin, Bo an accountant of it."""
    acme.register_people("carl", "devi", "bo")
    acme.create_resource("project", "Site", "acme")
    acme.create_resource("app", "Shop", "acme")
    acme.add_member("carl", "admin", "acme")
    acme.add_member("bo", "accountant", "acme")
    return acme


def choices_for(
    world: Scenario, who: str, what: str = "acme", by: str = "ada", selected: str = ""
) -> RoleChoices:
    found: RoleChoices = world.bus.query(
        ListRoleChoices(
            world.caller_for(by),
            world.person_id_of(who),
            world.get_resource(what).id,
            selected,
        ),
        world.at,
    )
    return found


@pytest.mark.rule("MEM-02")
def test_the_choices_are_the_roles_that_a_change_accepts(agency: Scenario) -> None:
    found = choices_for(agency, "carl")
    assert (found.person.id, found.resource.slug) == (
        agency.person_id_of("carl"),
        "acme",
    )
    assert (found.current, list(found.choices)) == (
        "admin",
        [
            "owner",
            "accountant",
            "collaborator",
        ],
    )
    assert (found.selected, found.impact, found.revoked_count) == ("", NO_IMPACT, 0)
    for role in ("owner", "accountant"):
        change = ChangeRole(agency.caller_for("ada"), found.person.id, role, "acme")
        assert agency.bus.dry_run(change, agency.at)


@pytest.mark.rule("MEM-02")
def test_the_choices_and_the_current_role_are_described(agency: Scenario) -> None:
    company = ROLE_MODEL["company"]
    found = choices_for(agency, "carl").capabilities_by_role
    assert list(found) == ["admin", "owner", "accountant", "collaborator"]
    for name, capabilities in found.items():
        role = company.find_role(name)
        assert role
        assert capabilities == role.capabilities_and_grants


@pytest.mark.rule("MEM-02")
def test_a_lower_role_without_anything_inside_is_no_choice(acme: Scenario) -> None:
    acme.register_people("carl")
    acme.add_member("carl", "admin", "acme")
    assert list(choices_for(acme, "carl").choices) == ["owner", "accountant"]


@pytest.mark.rule("MEM-02")
def test_a_selected_role_is_previewed_and_any_other_ignored(agency: Scenario) -> None:
    found = choices_for(agency, "carl", selected="collaborator")
    assert found.selected == "collaborator"
    assert [(inner.slug, role) for inner, role in found.impact.keepable] == [
        ("shop", "admin"),
        ("site", "administrator"),
    ]
    for other in ("admin", "king"):
        found = choices_for(agency, "carl", selected=other)
        assert (found.selected, found.impact) == ("", NO_IMPACT)


@pytest.mark.rule("INV-09")
def test_the_invitations_that_a_lower_role_revokes_are_counted(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "developer", "shop")
    for name in ("devi", "eve"):
        agency.send_invitation(name, "admin", "acme", by="carl")
    assert choices_for(agency, "carl", selected="collaborator").revoked_count == 2
    assert choices_for(agency, "carl", selected="owner").revoked_count == 0


@pytest.mark.rule("MEM-02")
def test_a_change_that_needs_a_role_kept_inside_counts_no_invitations(
    agency: Scenario,
) -> None:
    agency.send_invitation("devi", "admin", "acme", by="carl")
    found = choices_for(agency, "carl", selected="collaborator")
    assert (found.selected, found.revoked_count) == ("collaborator", 0)


@pytest.mark.rule("MEM-02")
def test_the_current_role_is_the_direct_one_before_an_inherited_one(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "developer", "shop")
    agency.add_member("devi", "administrator", "site")
    agency.create_resource("app", "Wiki", "site")
    agency.add_member("devi", "developer", "wiki")
    assert choices_for(agency, "bo", "shop").current == "developer"
    assert choices_for(agency, "devi", "wiki").current == "developer"


@pytest.mark.rule("MEM-02")
def test_without_a_choice_the_rejection_of_the_change_is_raised(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "developer", "shop")
    with pytest.raises(errors.MayNotRemove):
        choices_for(agency, "ada", by="carl")
    with pytest.raises(errors.ToYourself):
        choices_for(agency, "carl", by="carl")
