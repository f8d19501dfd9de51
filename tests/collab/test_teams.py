"""Teams: unlimited and limited members, what is shared with a team and what is assigned."""

from __future__ import annotations

import pytest

from collab import errors
from collab.access_queries import ExplainAccess
from collab.billing.payment_methods import SetPaymentMethod
from collab.resource_deletion import DeleteResource
from collab.resources import CreateResource
from collab.roles import CAPABILITIES
from collab.teams import (
    AssignToMember,
    ShareWithTeam,
    UnassignFromMember,
    UnshareWithTeam,
)
from tests.support.builders import Scenario


@pytest.fixture
def crew(acme: Scenario) -> Scenario:
    """Acme's app Shop is shared with the team Crew as managers; Devi is unlimited in it, Bo limited."""
    acme.register_people("carl", "devi", "bo", "sam")
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Shop", "acme"))
    acme.execute(CreateResource(acme.caller_for("ada"), "team", "Crew"))
    acme.execute(ShareWithTeam(acme.caller_for("ada"), "shop", "crew", "manager"))
    acme.add_member("devi", "unlimited", "crew")
    acme.add_member("bo", "limited", "crew")
    return acme


def can(world: Scenario, who: str, what: str) -> set[str]:
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        resource = facts.resources.find_resource_by_id_or_slug(what)
    assert resource
    return {c for c in CAPABILITIES if world.has_capability(who, c, resource.id)}


@pytest.mark.rule("ROL-01")
@pytest.mark.rule("ROL-03")
def test_unlimited_members_have_the_teams_role_and_limited_ones_nothing_until_assigned(
    crew: Scenario,
) -> None:
    assert can(crew, "devi", "shop") == {"view", "configure", "code"}
    assert can(crew, "bo", "shop") == set()
    assert can(crew, "bo", "acme") == set()
    assert can(crew, "devi", "acme") == {"view"}

    crew.execute(
        AssignToMember(crew.caller_for("devi"), crew.account_of("bo"), "shop", "crew")
    )

    assert can(crew, "bo", "shop") == {"view", "configure", "code"}
    assert can(crew, "bo", "acme") == {"view"}
    found = crew.bus.query(
        ExplainAccess(crew.caller_for("ada"), crew.account_of("bo"), "shop", "code"),
        crew.at,
    )
    assert [[(s.role, s.resource.slug) for s in p.steps] for p in found.paths] == [
        [("limited", "crew"), ("developer", "shop")]
    ]


@pytest.mark.rule("ROL-05")
def test_sharing_gives_no_role_that_one_may_not_grant(crew: Scenario) -> None:
    crew.execute(CreateResource(crew.caller_for("devi"), "team", "Devi's"))
    with pytest.raises(errors.MayNotGrant):
        crew.execute(ShareWithTeam(crew.caller_for("devi"), "shop", "devi-s", "admin"))
    crew.execute(ShareWithTeam(crew.caller_for("devi"), "shop", "devi-s", "developer"))
    assert can(crew, "devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("RES-05")
def test_only_kinds_that_take_teams_are_shared_and_only_with_teams_one_edits(
    crew: Scenario,
) -> None:
    with pytest.raises(errors.NotShared):
        crew.execute(ShareWithTeam(crew.caller_for("ada"), "acme", "crew", "admin"))
    with pytest.raises(errors.UnknownResource):
        crew.execute(ShareWithTeam(crew.caller_for("ada"), "shop", "acme", "developer"))
    with pytest.raises(errors.AlreadyShared):
        crew.execute(ShareWithTeam(crew.caller_for("ada"), "shop", "crew", "manager"))
    crew.add_member("carl", "admin", "shop")
    with pytest.raises(errors.UnknownResource):
        crew.execute(
            ShareWithTeam(crew.caller_for("carl"), "shop", "crew", "developer")
        )


@pytest.mark.rule("MEM-06")
def test_leaving_a_team_dissolves_what_came_through_it_alone(crew: Scenario) -> None:
    crew.execute(
        AssignToMember(crew.caller_for("devi"), crew.account_of("bo"), "shop", "crew")
    )
    crew.leave_resource("bo", "crew")
    assert can(crew, "bo", "shop") == set()
    crew.add_member("bo", "limited", "crew")
    assert can(crew, "bo", "shop") == set()
    crew.add_member("devi", "developer", "shop")
    crew.leave_resource("devi", "crew")
    assert can(crew, "devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("MEM-04")
def test_the_last_unlimited_member_stays(crew: Scenario) -> None:
    crew.leave_resource("devi", "crew")
    with pytest.raises(errors.LastHolder):
        crew.leave_resource("ada", "crew")


@pytest.mark.rule("INV-09")
def test_invitations_authorized_by_the_teams_role_end_with_it(crew: Scenario) -> None:
    invitation = crew.send_invitation("carl", "developer", "shop", by="devi")
    crew.execute(UnshareWithTeam(crew.caller_for("ada"), "shop", "crew"))
    assert crew.get_invitation(invitation).state == "revoked"
    assert can(crew, "devi", "shop") == set()


def test_a_team_gives_back_what_it_was_given_and_others_may_not_take_it(
    crew: Scenario,
) -> None:
    crew.add_member("sam", "developer", "shop")
    with pytest.raises(errors.UnknownResource):
        crew.execute(UnshareWithTeam(crew.caller_for("sam"), "shop", "crew"))
    crew.execute(UnshareWithTeam(crew.caller_for("devi"), "shop", "crew"))
    with pytest.raises(errors.UnknownResource):
        crew.execute(UnshareWithTeam(crew.caller_for("devi"), "shop", "crew"))


def test_assigning_is_for_those_who_edit_the_team_and_to_limited_members(
    crew: Scenario,
) -> None:
    crew.add_member("bo", "developer", "shop")
    with pytest.raises(errors.MayNot):
        crew.execute(
            AssignToMember(crew.caller_for("bo"), crew.account_of("bo"), "shop", "crew")
        )
    with pytest.raises(errors.AlreadyHolds):
        crew.execute(
            AssignToMember(
                crew.caller_for("ada"), crew.account_of("devi"), "shop", "crew"
            )
        )
    with pytest.raises(errors.NotAMember):
        crew.execute(
            AssignToMember(
                crew.caller_for("ada"), crew.account_of("sam"), "shop", "crew"
            )
        )
    crew.execute(
        AssignToMember(crew.caller_for("ada"), crew.account_of("bo"), "shop", "crew")
    )
    with pytest.raises(errors.AlreadyAssigned):
        crew.execute(
            AssignToMember(
                crew.caller_for("ada"), crew.account_of("bo"), "shop", "crew"
            )
        )
    crew.leave_resource("bo", "shop")
    assert can(crew, "bo", "shop") == {"view", "configure", "code"}
    crew.execute(
        UnassignFromMember(
            crew.caller_for("ada"), crew.account_of("bo"), "shop", "crew"
        )
    )
    assert can(crew, "bo", "shop") == set()
    with pytest.raises(errors.NotAssigned):
        crew.execute(
            UnassignFromMember(
                crew.caller_for("ada"), crew.account_of("bo"), "shop", "crew"
            )
        )


@pytest.mark.rule("RES-04")
def test_a_deleted_team_leaves_nothing_behind(crew: Scenario) -> None:
    crew.execute(
        AssignToMember(crew.caller_for("devi"), crew.account_of("bo"), "shop", "crew")
    )
    crew.execute(DeleteResource(crew.caller_for("ada"), "crew"))
    assert can(crew, "devi", "shop") == can(crew, "bo", "shop") == set()


@pytest.mark.rule("ROL-01")
def test_a_payment_method_shared_with_a_team_makes_its_members_payers(
    crew: Scenario,
) -> None:
    crew.execute(CreateResource(crew.caller_for("ada"), "payment", "Card"))
    crew.execute(ShareWithTeam(crew.caller_for("ada"), "card", "crew", "holder"))
    crew.execute(CreateResource(crew.caller_for("ada"), "app", "Blog", "acme"))
    crew.execute(SetPaymentMethod(crew.caller_for("ada"), "blog", "card"))
    assert can(crew, "devi", "blog") == {"view", "edit", "delete"}
