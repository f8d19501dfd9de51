"""Leaving, removal and role changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.bus import Bus
from collab.events import MemberEnded, MemberLeft, MemberRemoved
from collab.limits import Policy
from collab.memberships.commands import LeaveResource, RemoveMember
from collab.model import Term
from collab.resources import CreateResource
from collab.role_model import ResourceType, Role, build_role_model
from tests.support.builders import Scenario


@pytest.mark.rule("MEM-01")
def test_nobody_removes_themselves(acme: Scenario) -> None:
    with pytest.raises(errors.ToYourself):
        acme.remove_member("ada", by="ada")


@pytest.mark.rule("MEM-04")
def test_anyone_may_leave(acme: Scenario) -> None:
    acme.add_member("carl", "admin")
    assert acme.leave_resource("carl").get_event(MemberLeft).role == "admin"
    assert acme.roles_by_name() == {"ada": "owner"}


@pytest.mark.rule("MEM-04")
def test_the_last_owner_may_not_leave_and_one_of_two_may(acme: Scenario) -> None:
    with pytest.raises(errors.LastHolder) as refused:
        acme.leave_resource("ada")
    assert (refused.value.role, refused.value.slug) == ("owner", "acme")
    acme.add_member("carl", "owner")
    acme.leave_resource("ada")
    assert acme.roles_by_name(by="carl") == {"carl": "owner"}


@pytest.mark.rule("MEM-08")
def test_the_last_permanent_owner_may_not_leave_while_another_is_temporary(
    acme: Scenario,
) -> None:
    acme.add_member("carl", "owner", term=Term(timedelta(days=30)))
    with pytest.raises(errors.LastHolder):
        acme.leave_resource("ada")


@pytest.mark.rule("MEM-08")
def test_an_invited_owner_who_has_not_accepted_does_not_count(acme: Scenario) -> None:
    acme.send_invitation("carl", "owner")
    with pytest.raises(errors.LastHolder):
        acme.leave_resource("ada")


@pytest.mark.rule("MEM-08")
def test_a_deactivated_owner_does_not_count(acme: Scenario) -> None:
    acme.add_member("carl", "owner")
    acme.read_profile("carl", active=False)
    with pytest.raises(errors.LastHolder):
        acme.leave_resource("ada")


@pytest.mark.rule("MEM-04")
def test_leaving_without_a_role_is_rejected(acme: Scenario) -> None:
    with pytest.raises(errors.UnknownResource):
        acme.leave_resource("carl")


@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize(
    ("actor", "target", "allowed"),
    [
        ("owner", "owner", False),
        ("owner", "admin", True),
        ("admin", "owner", False),
        ("admin", "admin", False),
    ],
)
def test_who_removes_whom(
    acme: Scenario, actor: str, target: str, *, allowed: bool
) -> None:
    acme.add_member("carl", actor)
    acme.add_member("devi", target)
    if allowed:
        assert (
            acme.remove_member("devi", by="carl").get_event(MemberRemoved).role
            == target
        )
    else:
        with pytest.raises(errors.MayNotRemove) as refused:
            acme.remove_member("devi", by="carl")
        assert refused.value.role == target
    assert ("devi" in acme.roles_by_name()) is not allowed


@pytest.mark.rule("MEM-05")
def test_removing_a_person_without_a_role_is_rejected(acme: Scenario) -> None:
    with pytest.raises(errors.NotAMember):
        acme.remove_member("devi")


@pytest.mark.rule("MEM-07")
def test_a_removal_notifies_owners_actor_and_person_once_each(
    acme: Scenario,
) -> None:
    acme.add_member("carl", "owner")
    acme.add_member("devi", "admin")
    acme.link_channel()
    acme.take_outbox()

    acme.remove_member("devi", by="carl")

    heard = [
        target for target, message in acme.take_outbox() if message == "member_removed"
    ]
    assert sorted(heard) == ["ada", "carl", "channel:CACME", "devi"]


@pytest.mark.rule("MEM-07")
def test_a_leave_notifies_owners_person_and_channel(acme: Scenario) -> None:
    acme.add_member("carl", "owner")
    acme.add_member("devi", "admin")
    acme.link_channel()
    acme.take_outbox()

    acme.leave_resource("devi")

    heard = [
        target for target, message in acme.take_outbox() if message == "member_left"
    ]
    assert sorted(heard) == ["ada", "carl", "channel:CACME", "devi"]


@pytest.mark.rule("MEM-08")
def test_a_removed_person_has_no_capability(acme: Scenario) -> None:
    acme.add_member("devi", "admin")
    acme.remove_member("devi")
    with pytest.raises(errors.UnknownResource):
        acme.send_invitation("carl", by="devi")


def test_a_deactivated_person_can_do_nothing(acme: Scenario) -> None:
    acme.add_member("carl", "owner")
    acme.read_profile("carl", active=False)
    with pytest.raises(errors.InactiveActor):
        acme.leave_resource("carl")


def test_a_temporary_membership_ends_by_time_and_notifies(
    acme: Scenario,
) -> None:
    acme.add_member("devi", term=Term(timedelta(days=1)))
    acme.link_channel()
    acme.take_outbox()
    acme.advance_time(days=1)
    assert acme.events_of_type(MemberEnded) == [
        MemberEnded(acme.get_resource("acme").id, acme.person_id_of("devi"), "admin")
    ]
    assert {t for t, m in acme.take_outbox() if m == "member_ended"} == {
        "ada",
        "devi",
        "channel:CACME",
    }


def test_an_expired_member_can_join_again_before_due_work_runs(
    acme: Scenario,
) -> None:
    acme.add_member("devi", term=Term(timedelta(days=1)))
    acme.at += timedelta(days=2)
    acme.add_member("devi", "owner")
    assert acme.roles_by_name()["devi"] == "owner"


def test_a_preview_changes_nothing(acme: Scenario) -> None:
    acme.add_member("devi")
    invitation = acme.send_invitation("carl", by="devi")
    before = acme.list_recorded_events()

    preview = acme.bus.dry_run(
        RemoveMember(acme.caller_for("ada"), acme.account_of("devi"), "acme"), acme.at
    )

    assert [type(e).__name__ for e in preview] == ["MemberRemoved", "InvitationRevoked"]
    assert acme.list_recorded_events() == before
    assert acme.get_invitation(invitation).state == "pending"
    with pytest.raises(errors.LastHolder):
        acme.bus.dry_run(LeaveResource(acme.caller_for("ada"), "acme"), acme.at)


def test_a_new_resource_type_needs_rows_only(world: Scenario) -> None:
    boat = ResourceType(
        "boat",
        ("boat", "boats"),
        founder_role="captain",
        roles=(
            Role(
                "captain",
                capabilities=("view", "edit"),
                grants=("mate",),
                removes=("mate",),
                min_holders=1,
            ),
            Role("mate", capabilities=("view",)),
        ),
    )
    world.bus = Bus(
        world.database.unit_of_work_factory,
        world.new_id,
        Policy(),
        build_role_model(boat),
    )
    world.register_people("ada")
    world.execute(CreateResource(world.caller_for("ada"), "boat", "Seagull"))
    world.add_member("carl", "mate", "seagull")
    assert world.roles_by_name("seagull") == {"ada": "captain", "carl": "mate"}
    with pytest.raises(errors.MayNotGrant):
        world.send_invitation("devi", "mate", "seagull", by="carl")
    with pytest.raises(errors.LastHolder):
        world.leave_resource("ada", "seagull")


def _person(world: Scenario, name: str) -> list[str]:
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        found = facts.people.find_person_by_account(world.account_of(name))
    return [found.id] if found else []


@pytest.mark.rule("MEM-05")
@pytest.mark.rule("MEM-09")
def test_suspended_roles_of_a_deactivated_person_can_be_ended(
    acme: Scenario,
) -> None:
    acme.add_member("carl", "admin")
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Shop", "acme"))
    acme.add_member("carl", "developer", "shop")
    acme.read_profile("carl", active=False)

    removed = acme.remove_member("carl")

    assert [(e.role, e.within) for e in acme.events_of_type(MemberRemoved)] == [
        ("admin", None),
        ("developer", removed.get_event(MemberRemoved).resource),
    ]
    acme.read_profile("carl", active=True)
    assert acme.roles_by_name() == {"ada": "owner"}


@pytest.mark.rule("MEM-05")
def test_a_deactivated_owner_cannot_be_removed(acme: Scenario) -> None:
    acme.add_member("carl", "owner")
    acme.read_profile("carl", active=False)
    with pytest.raises(errors.MayNotRemove):
        acme.remove_member("carl")
