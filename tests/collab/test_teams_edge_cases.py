"""Teams: fields of rejections and events, who may end a share, and what ends with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.events import InvitationRevoked, TeamShared, TeamUnshared
from collab.model import PersonId, Term
from collab.resources import CreateResource
from collab.teams import (
    AssignToMember,
    ShareWithTeam,
    UnassignFromMember,
    UnshareWithTeam,
)
from tests.support.builders import Scenario


@pytest.fixture
def crew(acme: Scenario) -> Scenario:
    """Acme's app Shop is shared with the team Crew as managers; Devi is unlimited in it for a while, Bo limited."""
    acme.register_people("carl", "devi", "bo", "sam")
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Shop", "acme"))
    acme.execute(CreateResource(acme.caller_for("ada"), "team", "Crew"))
    acme.execute(ShareWithTeam(acme.caller_for("ada"), "shop", "crew", "manager"))
    acme.add_member("devi", "unlimited", "crew", term=Term(timedelta(days=30)))
    acme.add_member("bo", "limited", "crew")
    return acme


def person(world: Scenario, name: str) -> PersonId:
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        found = facts.people.find_person_by_account(world.account_of(name))
    assert found
    return found.id


def refuses(world: Scenario, act: Any, refusal: errors.Rejected) -> None:
    with pytest.raises(type(refusal)) as refused:
        world.execute(act)
    assert refused.value == refusal


@pytest.mark.rule("ROL-05")
@pytest.mark.rule("RES-05")
def test_a_refusal_to_share_names_what_it_is_about(crew: Scenario) -> None:
    given = ("admin", "manager", "developer")
    crew.execute(CreateResource(crew.caller_for("devi"), "team", "Devi's"))
    for by, what, team, role, refusal in (
        ("ada", "shop", "crew", "cook", errors.UnknownRole("cook", "app", given)),
        ("ada", "shop", "crew", "payer", errors.UnknownRole("payer", "app", given)),
        ("ada", "acme", "crew", "admin", errors.NotShared("Acme", "company")),
        (
            "devi",
            "shop",
            "devi-s",
            "admin",
            errors.MayNotGrant("admin", "Shop", ("developer",)),
        ),
        (
            "ada",
            "shop",
            "crew",
            "manager",
            errors.AlreadyShared("Crew", "manager", "Shop"),
        ),
        ("ada", "shop", "acme", "manager", errors.UnknownResource("acme")),
    ):
        refuses(crew, ShareWithTeam(crew.caller_for(by), what, team, role), refusal)


@pytest.mark.rule("RES-05")
def test_sharing_again_records_the_role_before_and_ending_it_the_last_one(
    crew: Scenario,
) -> None:
    crew.execute(ShareWithTeam(crew.caller_for("ada"), "shop", "crew", "developer"))
    crew.execute(UnshareWithTeam(crew.caller_for("ada"), "shop", "crew"))
    crew.execute(ShareWithTeam(crew.caller_for("ada"), "shop", "crew", "admin"))
    shared = [(e.role, e.before) for e in crew.events_of_type(TeamShared)]
    assert shared == [("manager", None), ("developer", "manager"), ("admin", None)]
    assert [e.role for e in crew.events_of_type(TeamUnshared)] == ["developer"]


@pytest.mark.rule("MEM-05")
def test_a_share_is_ended_by_who_may_remove_that_role_on_the_thing_and_by_nobody_else(
    crew: Scenario,
) -> None:
    crew.add_member("carl", "admin", "shop")
    crew.add_member("carl", "limited", "crew")
    crew.add_member("sam", "manager", "shop")
    crew.add_member("sam", "limited", "crew")
    refuses(
        crew,
        UnshareWithTeam(crew.caller_for("sam"), "shop", "crew"),
        errors.MayNot("edit", "Crew"),
    )
    crew.execute(UnshareWithTeam(crew.caller_for("carl"), "shop", "crew"))
    refuses(
        crew,
        UnshareWithTeam(crew.caller_for("ada"), "shop", "crew"),
        errors.NotSharedWith("Crew", "Shop"),
    )

    crew.execute(ShareWithTeam(crew.caller_for("ada"), "shop", "crew", "admin"))
    refuses(
        crew,
        UnshareWithTeam(crew.caller_for("carl"), "shop", "crew"),
        errors.MayNot("edit", "Crew"),
    )


@pytest.mark.rule("RES-05")
def test_a_refusal_to_assign_names_what_it_is_about(crew: Scenario) -> None:
    bo, devi, sam = (person(crew, name) for name in ("bo", "devi", "sam"))
    by, who = crew.caller_for("ada"), crew.account_of
    refuses(
        crew,
        AssignToMember(by, who("sam"), "shop", "crew"),
        errors.NotAMember(sam, "Crew"),
    )
    refuses(
        crew,
        AssignToMember(by, who("devi"), "shop", "crew"),
        errors.AlreadyHolds(devi, "unlimited", "Crew"),
    )
    refuses(
        crew,
        UnassignFromMember(by, who("bo"), "shop", "crew"),
        errors.NotAssigned(bo, "Shop", "Crew"),
    )
    crew.execute(AssignToMember(by, who("bo"), "shop", "crew"))
    refuses(
        crew,
        AssignToMember(by, who("bo"), "shop", "crew"),
        errors.AlreadyAssigned(bo, "Shop"),
    )
    refuses(
        crew,
        AssignToMember(by, who("bo"), "acme", "crew"),
        errors.NotSharedWith("Crew", "Acme"),
    )


@pytest.mark.rule("INV-09")
def test_only_invitations_authorized_by_the_team_alone_end_with_its_role(
    crew: Scenario,
) -> None:
    crew.add_member("sam", "manager", "shop")
    crew.add_member("sam", "unlimited", "crew")
    by_team, by_ada, by_both = (
        crew.send_invitation(who, "developer", "shop", by=by)
        for who, by in (("carl", "devi"), ("eve", "ada"), ("zoe", "sam"))
    )
    crew.execute(UnshareWithTeam(crew.caller_for("ada"), "shop", "crew"))
    states = [crew.get_invitation(i).state for i in (by_team, by_ada, by_both)]
    assert states == ["revoked", "pending", "pending"]
    assert [(e.invitation, e.why) for e in crew.events_of_type(InvitationRevoked)] == [
        (by_team, "right_lost")
    ]
