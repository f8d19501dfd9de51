"""A custom resource type with two roles works by its rows alone: the domain names no type and no role."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.access_queries import (
    ExplainAccess,
    ListMyResources,
    ListUsersWithCapability,
    ShowResource,
)
from collab.bus import Bus
from collab.event_log import ListEvents
from collab.events import MemberRestored, RequestGranted, SuccessionSettled
from collab.limits import Policy
from collab.memberships.commands import ChangeRole
from collab.model import Term
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import RenameResource
from collab.role_model import DerivedRole, ResourceType, Role, build_role_model
from tests.support.builders import Scenario

BOAT = ResourceType(
    "boat",
    ("boat", "boats"),
    founder_role="captain",
    roles=(
        Role(
            "captain",
            capabilities=("view", "edit", "delete", "create"),
            grants=("captain", "mate"),
            removes=("mate",),
            min_holders=1,
        ),
        Role("mate", capabilities=("view",)),
    ),
)
CABIN = ResourceType(
    "cabin",
    ("cabin", "cabins"),
    founder_role="steward",
    container_types=("boat",),
    may_be_offered_together=True,
    must_stay_controlled=True,
    roles=(
        Role(
            "steward",
            capabilities=("view", "edit", "delete", "code"),
            grants=("guest",),
            removes=("guest",),
        ),
        Role("guest", capabilities=("view", "code")),
    ),
)
FLEET = build_role_model(
    BOAT,
    CABIN,
    derived_roles=(
        DerivedRole(("captain",), "boat", "holds", "steward", ("cabin",)),
        DerivedRole(("mate",), "boat", "holds", "guest", ("cabin",)),
    ),
)


@pytest.fixture
def sea(world: Scenario) -> Scenario:
    """Ada's boat Seagull with the cabins Port and Starboard."""
    world.bus = Bus(world.database.unit_of_work_factory, world.new_id, Policy(), FLEET)
    world.register_people("ada", "bo", "carl", "devi", "sam")
    world.create_resource("boat", "Seagull")
    world.create_resource("cabin", "Port", "seagull")
    world.create_resource("cabin", "Starboard", "seagull")
    world.take_outbox()
    return world


def paths(world: Scenario, who: str, what: str, capability: str) -> list[str]:
    found = world.bus.query(
        ExplainAccess(world.caller_for("ada"), world.account_of(who), what, capability),
        world.at,
    )
    return [
        " > ".join(f"{s.role}@{s.resource.slug}" for s in path.steps)
        for path in found.paths
    ]


@pytest.mark.rule("RES-01")
def test_creating_inviting_accepting_removing_and_leaving(sea: Scenario) -> None:
    assert sea.roles_by_name("seagull") == {"ada": "captain"}
    sea.add_member("carl", "mate", "seagull")
    assert sea.roles_by_name("seagull") == {"ada": "captain", "carl": "mate"}
    with pytest.raises(errors.MayNotGrant):
        sea.send_invitation("devi", "mate", "seagull", by="carl")
    with pytest.raises(errors.UnknownRole):
        sea.send_invitation("devi", "owner", "seagull")
    with pytest.raises(errors.UnknownKind):
        sea.create_resource("company", "Acme")
    with pytest.raises(errors.LastHolder):
        sea.leave_resource("ada", "seagull")
    sea.remove_member("carl", what="seagull")
    sea.add_member("bo", "captain", "seagull")
    sea.leave_resource("ada", "seagull")
    assert sea.roles_by_name("seagull", by="bo") == {"bo": "captain"}


@pytest.mark.rule("ROL-02")
def test_why_and_who(sea: Scenario) -> None:
    sea.add_member("carl", "mate", "seagull")
    assert paths(sea, "carl", "port", "code") == ["mate@seagull > guest@port"]
    assert paths(sea, "carl", "port", "edit") == []
    able = sea.bus.query(
        ListUsersWithCapability(sea.caller_for("ada"), "port", "code"), sea.at
    )
    assert [(p.person.user, p.steps[-1].role) for p in able.paths] == [
        ("UADA", "steward"),
        ("UCARL", "guest"),
    ]
    assert sea.bus.query(ListMyResources(sea.caller_for("carl")), sea.at).total == 3
    assert sea.bus.query(ShowResource(sea.caller_for("carl"), "port"), sea.at).can == (
        "view",
        "code",
    )


@pytest.mark.rule("EVT-03")
def test_the_record(sea: Scenario) -> None:
    sea.add_member("carl", "guest", "port")
    sea.execute(RenameResource(sea.caller_for("ada"), "port", "Larboard"))
    names = [line.recorded.event.name for line in sea.list_events("seagull")]
    assert names[:2] == ["resource.renamed", "member.joined"]
    assert len(sea.list_events("seagull", names=("cabin.created",))) == 2
    assert (
        len(
            sea.bus.query(
                ListEvents(sea.caller_for("carl"), names=("cabin",)), sea.at
            ).lines
        )
        == 1
    )
    with pytest.raises(errors.UnknownEvent):
        sea.list_events("seagull", names=("app.created",))


@pytest.mark.rule("INV-01")
def test_several_at_once_and_for_a_limited_time(sea: Scenario) -> None:
    sea.accept_invitation(
        "devi",
        sea.send_invitation(
            "devi", "guest", ("port", "starboard"), term=Term(timedelta(days=10))
        ),
    )
    sea.take_outbox()
    sea.advance_time(days=3)
    assert sorted(sea.take_outbox()) == sorted(
        [
            ("ada", "member_ends_soon"),
            ("ada", "refresh_older"),
            ("devi", "member_warned"),
        ]
    )
    sea.extend_membership("devi", "port")
    sea.advance_time(days=7)
    assert (
        sea.capabilities_of("devi", "port"),
        sea.capabilities_of("devi", "starboard"),
    ) == ({"view", "code"}, set())
    with pytest.raises(errors.NotTogether):
        sea.send_invitation("sam", "mate", ("seagull", "port"))


@pytest.mark.rule("MEM-02")
@pytest.mark.rule("MEM-11")
def test_promoting_undoing_and_moving(sea: Scenario) -> None:
    sea.add_member("carl", "guest", "port")
    sea.remove_member("carl", what="port")
    assert sea.undo_removal("ada").get_event(MemberRestored).role == "guest"
    with pytest.raises(errors.MayNotGrant):
        sea.execute(
            ChangeRole(sea.caller_for("ada"), sea.account_of("carl"), "steward", "port")
        )
    with pytest.raises(errors.LastHolder):
        sea.execute(MoveResource(sea.caller_for("ada"), "port", None))
    sea.execute(DeleteResource(sea.caller_for("ada"), "seagull", "Seagull"))
    assert sea.capabilities_of("carl", "port") == set()


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("MEM-09")
def test_asking_and_following(sea: Scenario) -> None:
    sea.add_member("carl", "mate", "seagull")
    assert sea.approve_request(
        "ada", sea.request_access("carl", "captain", "seagull")
    ).get_event(RequestGranted)
    sea.add_member("devi", "mate", "seagull")
    sea.deactivate_accounts("carl", "ada")
    assert sea.take_recipients_of("succession") == ["devi"]
    assert (
        sea.choose_successor("devi", "devi", "seagull")
        .get_event(SuccessionSettled)
        .role
        == "captain"
    )
