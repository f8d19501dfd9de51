"""Teams at their edges: what a refusal names, what an event records, who ends a share and what falls with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import refusals
from collab.events import InvitationRevoked, TeamShared, TeamUnshared
from collab.offers import Term
from collab.resources import Create
from collab.teams import Assign, ShareWith, Unassign, Unshare
from tests.support.builders import World


@pytest.fixture
def crew(acme: World) -> World:
    """Acme's app Shop is shared with the team Crew as managers; Devi is unlimited in it for a while, Bo limited."""
    acme.knows("carl", "devi", "bo", "sam")
    acme.do(Create(acme.by("ada"), "app", "Shop", "acme"))
    acme.do(Create(acme.by("ada"), "team", "Crew"))
    acme.do(ShareWith(acme.by("ada"), "shop", "crew", "manager"))
    acme.member("devi", "unlimited", "crew", term=Term(timedelta(days=30)))
    acme.member("bo", "limited", "crew")
    return acme


def person(world: World, name: str) -> str:
    with world.database.units.look(world.workspace) as facts:
        found = facts.person_by_account(world.account(name))
    assert found
    return found.id


def refuses(world: World, act: Any, refusal: refusals.Refused) -> None:
    with pytest.raises(type(refusal)) as refused:
        world.do(act)
    assert refused.value == refusal


@pytest.mark.rule("ROL-05")
@pytest.mark.rule("RES-05")
def test_a_refusal_to_share_names_what_it_is_about(crew: World) -> None:
    given = ("admin", "manager", "developer")
    crew.do(Create(crew.by("devi"), "team", "Devi's"))
    for by, what, team, role, refusal in (
        ("ada", "shop", "crew", "cook", refusals.UnknownRole("cook", "app", given)),
        ("ada", "shop", "crew", "payer", refusals.UnknownRole("payer", "app", given)),
        ("ada", "acme", "crew", "admin", refusals.NotShared("Acme", "company")),
        ("devi", "shop", "devi-s", "admin", refusals.MayNotGrant("admin", "Shop", ("developer",))),
        ("ada", "shop", "crew", "manager", refusals.AlreadyShared("Crew", "manager", "Shop")),
        ("ada", "shop", "acme", "manager", refusals.UnknownResource("acme")),
    ):
        refuses(crew, ShareWith(crew.by(by), what, team, role), refusal)


@pytest.mark.rule("RES-05")
def test_sharing_again_records_the_role_before_and_ending_it_the_last_one(crew: World) -> None:
    crew.do(ShareWith(crew.by("ada"), "shop", "crew", "developer"))
    crew.do(Unshare(crew.by("ada"), "shop", "crew"))
    crew.do(ShareWith(crew.by("ada"), "shop", "crew", "admin"))
    shared = [(e.role, e.before) for e in crew.happened(TeamShared)]
    assert shared == [("manager", None), ("developer", "manager"), ("admin", None)]
    assert [e.role for e in crew.happened(TeamUnshared)] == ["developer"]


@pytest.mark.rule("MEM-05")
def test_a_share_is_ended_by_who_may_remove_that_role_on_the_thing_and_by_nobody_else(crew: World) -> None:
    crew.member("carl", "admin", "shop")
    crew.member("carl", "limited", "crew")
    crew.member("sam", "manager", "shop")
    crew.member("sam", "limited", "crew")
    refuses(crew, Unshare(crew.by("sam"), "shop", "crew"), refusals.MayNot("edit", "Crew"))
    crew.do(Unshare(crew.by("carl"), "shop", "crew"))
    refuses(crew, Unshare(crew.by("ada"), "shop", "crew"), refusals.NotSharedWith("Crew", "Shop"))

    crew.do(ShareWith(crew.by("ada"), "shop", "crew", "admin"))
    refuses(crew, Unshare(crew.by("carl"), "shop", "crew"), refusals.MayNot("edit", "Crew"))


@pytest.mark.rule("RES-05")
def test_a_refusal_to_assign_names_what_it_is_about(crew: World) -> None:
    bo, devi, sam = (person(crew, name) for name in ("bo", "devi", "sam"))
    by, who = crew.by("ada"), crew.account
    refuses(crew, Assign(by, who("sam"), "shop", "crew"), refusals.NotAMember(sam, "Crew"))
    refuses(crew, Assign(by, who("devi"), "shop", "crew"), refusals.AlreadyHolds(devi, "unlimited", "Crew"))
    refuses(crew, Unassign(by, who("bo"), "shop", "crew"), refusals.NotAssigned(bo, "Shop", "Crew"))
    crew.do(Assign(by, who("bo"), "shop", "crew"))
    refuses(crew, Assign(by, who("bo"), "shop", "crew"), refusals.AlreadyAssigned(bo, "Shop"))
    refuses(crew, Assign(by, who("bo"), "acme", "crew"), refusals.NotSharedWith("Crew", "Acme"))


@pytest.mark.rule("INV-09")
def test_only_what_the_team_alone_upheld_falls_with_its_role(crew: World) -> None:
    crew.member("sam", "manager", "shop")
    crew.member("sam", "unlimited", "crew")
    by_team, by_ada, by_both = (
        crew.invite(who, "developer", "shop", by=by) for who, by in (("carl", "devi"), ("eve", "ada"), ("zoe", "sam"))
    )
    crew.do(Unshare(crew.by("ada"), "shop", "crew"))
    states = [crew.invitation(i).state for i in (by_team, by_ada, by_both)]
    assert states == ["revoked", "pending", "pending"]
    assert [(e.invitation, e.why) for e in crew.happened(InvitationRevoked)] == [(by_team, "right_lost")]
