"""Teams: unlimited and limited members, what is shared with a team and what is assigned."""

from __future__ import annotations

import pytest

from collab import refusals
from collab.billing import Pay
from collab.explain import Why
from collab.kinds import CAPABILITIES
from collab.resources import Create, Delete
from collab.teams import Assign, ShareWith, Unassign, Unshare
from tests.support.builders import World


@pytest.fixture
def crew(acme: World) -> World:
    """Acme's app Shop is shared with the team Crew as managers; Devi is unlimited in it, Bo limited."""
    acme.knows("carl", "devi", "bo", "sam")
    acme.do(Create(acme.by("ada"), "app", "Shop", "acme"))
    acme.do(Create(acme.by("ada"), "team", "Crew"))
    acme.do(ShareWith(acme.by("ada"), "shop", "crew", "manager"))
    acme.member("devi", "unlimited", "crew")
    acme.member("bo", "limited", "crew")
    return acme


def can(world: World, who: str, what: str) -> set[str]:
    with world.database.units.look(world.workspace) as facts:
        resource = facts.resource_called(what)
    assert resource
    return {c for c in CAPABILITIES if world.may(who, c, resource.id)}


@pytest.mark.rule("ROL-01")
@pytest.mark.rule("ROL-03")
def test_unlimited_members_have_the_teams_role_and_limited_ones_nothing_until_assigned(crew: World) -> None:
    assert can(crew, "devi", "shop") == {"view", "configure", "code"}
    assert can(crew, "bo", "shop") == set()
    assert can(crew, "bo", "acme") == set()
    assert can(crew, "devi", "acme") == {"view"}

    crew.do(Assign(crew.by("devi"), crew.account("bo"), "shop", "crew"))

    assert can(crew, "bo", "shop") == {"view", "configure", "code"}
    assert can(crew, "bo", "acme") == {"view"}
    found = crew.collab.ask(Why(crew.by("ada"), crew.account("bo"), "shop", "code"), crew.at)
    assert [[(s.role, s.resource.slug) for s in p.steps] for p in found.paths] == [
        [("limited", "crew"), ("developer", "shop")]
    ]


@pytest.mark.rule("ROL-05")
def test_sharing_is_no_door_to_a_role_that_one_may_not_grant(crew: World) -> None:
    crew.do(Create(crew.by("devi"), "team", "Devi's"))
    with pytest.raises(refusals.MayNotGrant):
        crew.do(ShareWith(crew.by("devi"), "shop", "devi-s", "admin"))
    crew.do(ShareWith(crew.by("devi"), "shop", "devi-s", "developer"))
    assert can(crew, "devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("RES-05")
def test_only_kinds_that_take_teams_are_shared_and_only_with_teams_one_edits(crew: World) -> None:
    with pytest.raises(refusals.NotShared):
        crew.do(ShareWith(crew.by("ada"), "acme", "crew", "admin"))
    with pytest.raises(refusals.UnknownResource):
        crew.do(ShareWith(crew.by("ada"), "shop", "acme", "developer"))
    with pytest.raises(refusals.AlreadyShared):
        crew.do(ShareWith(crew.by("ada"), "shop", "crew", "manager"))
    crew.member("carl", "admin", "shop")
    with pytest.raises(refusals.UnknownResource):
        crew.do(ShareWith(crew.by("carl"), "shop", "crew", "developer"))


@pytest.mark.rule("MEM-06")
def test_leaving_a_team_dissolves_what_came_through_it_alone(crew: World) -> None:
    crew.do(Assign(crew.by("devi"), crew.account("bo"), "shop", "crew"))
    crew.leave("bo", "crew")
    assert can(crew, "bo", "shop") == set()
    crew.member("bo", "limited", "crew")
    assert can(crew, "bo", "shop") == set()
    crew.member("devi", "developer", "shop")
    crew.leave("devi", "crew")
    assert can(crew, "devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("MEM-04")
def test_the_last_unlimited_member_stays(crew: World) -> None:
    crew.leave("devi", "crew")
    with pytest.raises(refusals.LastHolder):
        crew.leave("ada", "crew")


@pytest.mark.rule("INV-09")
def test_invitations_that_the_teams_role_upheld_fall_with_it(crew: World) -> None:
    invitation = crew.invite("carl", "developer", "shop", by="devi")
    crew.do(Unshare(crew.by("ada"), "shop", "crew"))
    assert crew.invitation(invitation).state == "revoked"
    assert can(crew, "devi", "shop") == set()


def test_a_team_gives_back_what_it_was_given_and_others_may_not_take_it(crew: World) -> None:
    crew.member("sam", "developer", "shop")
    with pytest.raises(refusals.UnknownResource):
        crew.do(Unshare(crew.by("sam"), "shop", "crew"))
    crew.do(Unshare(crew.by("devi"), "shop", "crew"))
    with pytest.raises(refusals.UnknownResource):
        crew.do(Unshare(crew.by("devi"), "shop", "crew"))


def test_assigning_is_for_those_who_edit_the_team_and_to_limited_members(crew: World) -> None:
    crew.member("bo", "developer", "shop")
    with pytest.raises(refusals.MayNot):
        crew.do(Assign(crew.by("bo"), crew.account("bo"), "shop", "crew"))
    with pytest.raises(refusals.AlreadyHolds):
        crew.do(Assign(crew.by("ada"), crew.account("devi"), "shop", "crew"))
    with pytest.raises(refusals.NotAMember):
        crew.do(Assign(crew.by("ada"), crew.account("sam"), "shop", "crew"))
    crew.do(Assign(crew.by("ada"), crew.account("bo"), "shop", "crew"))
    with pytest.raises(refusals.AlreadyAssigned):
        crew.do(Assign(crew.by("ada"), crew.account("bo"), "shop", "crew"))
    crew.leave("bo", "shop")
    assert can(crew, "bo", "shop") == {"view", "configure", "code"}
    crew.do(Unassign(crew.by("ada"), crew.account("bo"), "shop", "crew"))
    assert can(crew, "bo", "shop") == set()
    with pytest.raises(refusals.NotAssigned):
        crew.do(Unassign(crew.by("ada"), crew.account("bo"), "shop", "crew"))


@pytest.mark.rule("RES-04")
def test_a_deleted_team_leaves_nothing_behind(crew: World) -> None:
    crew.do(Assign(crew.by("devi"), crew.account("bo"), "shop", "crew"))
    crew.do(Delete(crew.by("ada"), "crew"))
    assert can(crew, "devi", "shop") == can(crew, "bo", "shop") == set()


@pytest.mark.rule("ROL-01")
def test_a_payment_method_shared_with_a_team_makes_its_members_payers(crew: World) -> None:
    crew.do(Create(crew.by("ada"), "payment", "Card"))
    crew.do(ShareWith(crew.by("ada"), "card", "crew", "holder"))
    crew.do(Create(crew.by("ada"), "app", "Blog", "acme"))
    crew.do(Pay(crew.by("ada"), "blog", "card"))
    assert can(crew, "devi", "blog") == {"view", "edit", "delete"}
