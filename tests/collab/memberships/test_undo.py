"""Undoing a leave or a removal within ten minutes (MEM-11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.billing.transfers import TransferBilling
from collab.events import (
    InvitationReopened,
    InvitationSent,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
)
from collab.memberships.commands import ChangeRole
from collab.model import Term
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.teams import AssignToMember, UnshareWithTeam
from tests.support.billing_oracle import accept_offer, offer_ownership
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the project Site, the app Shop in it and the app Blog beside it."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("project", "Site", "acme")
    acme.create_resource("app", "Shop", "site")
    acme.create_resource("app", "Blog", "acme")
    return acme


def memberships(world: Scenario, who: str) -> dict[str, tuple[object, ...]]:
    """What a person holds, by slug: role, since when, until when."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        found = facts.memberships.list_memberships_of(world.person_id_of(who), world.at)
        slugs = {m.resource: facts.resources.get_resource(m.resource) for m in found}
    return {
        r.slug: (m.role, m.since, m.until) for m in found if (r := slugs[m.resource])
    }


@pytest.mark.rule("MEM-11")
def test_undoing_a_removal_restores_everything_that_it_ended(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "accountant")
    agency.at += timedelta(days=1)
    agency.add_member("devi", "developer", "shop", term=Term(timedelta(days=30)))
    agency.add_member("devi", "admin", "blog")
    sent = agency.send_invitation("sam", "manager", "blog", by="devi")
    waits = agency.send_invitation("devi", "admin", "shop")
    before = memberships(agency, "devi")
    agency.at += timedelta(hours=1)
    agency.remove_member("devi")
    assert memberships(agency, "devi") == {}

    agency.at += timedelta(minutes=9, seconds=59)
    agency.undo_removal("ada")

    assert memberships(agency, "devi") == before
    assert [agency.get_invitation(i).state for i in (sent, waits)] == [
        "pending",
        "pending",
    ]
    agency.accept_invitation("sam", sent)
    agency.accept_invitation("devi", waits)
    assert agency.capabilities_of("sam", "blog") == {"view", "configure", "code"}
    assert "scale" in agency.capabilities_of("devi", "shop")


@pytest.mark.rule("MEM-11")
def test_undoing_a_leave_restores_team_assignments(
    agency: Scenario,
) -> None:
    agency.create_resource("team", "Crew")
    for app in ("shop", "blog"):
        agency.share_with_team(app, "crew", "manager")
    agency.add_member("bo", "limited", "crew")
    for app in ("shop", "blog"):
        agency.execute(
            AssignToMember(
                agency.caller_for("ada"), agency.account_of("bo"), app, "crew"
            )
        )
    agency.leave_resource("bo", "crew")
    agency.execute(UnshareWithTeam(agency.caller_for("ada"), "blog", "crew"))

    agency.undo_removal("bo")

    assert agency.roles_by_name("crew")["bo"] == "limited"
    assert agency.capabilities_of("bo", "shop") == {"view", "configure", "code"}
    assert agency.capabilities_of("bo", "blog") == set()


@pytest.mark.rule("MEM-11")
def test_after_ten_minutes_it_is_too_late(agency: Scenario) -> None:
    agency.add_member("devi")
    agency.remove_member("devi")
    agency.at += timedelta(minutes=10)
    with pytest.raises(errors.TooLateToUndo):
        agency.undo_removal("ada")
    assert "devi" not in agency.roles_by_name()


@pytest.mark.rule("MEM-11")
def test_only_the_actor_may_undo(agency: Scenario) -> None:
    agency.add_member("carl", "owner")
    agency.add_member("devi")
    seq = agency.remove_member("devi").recorded[0].seq
    for who in ("carl", "devi", "sam"):
        for number in (seq, None):
            with pytest.raises(errors.NothingToUndo):
                agency.undo_removal(who, number)
    for number in (0, -1, seq - 1, seq + 1, 10**18):
        with pytest.raises(errors.NothingToUndo):
            agency.undo_removal("ada", number)


@pytest.mark.rule("MEM-11")
def test_a_second_undo_is_rejected(agency: Scenario) -> None:
    agency.add_member("devi")
    agency.remove_member("devi")
    agency.undo_removal("ada")
    with pytest.raises(errors.AlreadyUndone):
        agency.undo_removal("ada")
    assert len(agency.events_of_type(MemberRestored)) == 1


@pytest.mark.rule("MEM-11")
def test_an_end_caused_by_another_leave_is_not_undone_alone(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "accountant")
    agency.add_member("devi", "developer", "shop")
    inner = next(
        r
        for r in agency.leave_resource("devi").recorded
        if isinstance(r.event, MemberLeft) and r.event.within
    )
    with pytest.raises(errors.NothingToUndo):
        agency.undo_removal("devi", inner.seq)
    agency.undo_removal("devi")
    assert set(memberships(agency, "devi")) == {"acme", "shop"}


@pytest.mark.rule("MEM-11")
def test_an_actor_who_may_not_remove_may_not_undo_a_removal(agency: Scenario) -> None:
    agency.add_member("carl", "owner")
    agency.add_member("devi")
    agency.remove_member("devi", by="carl")
    agency.leave_resource("carl")
    with pytest.raises(errors.MayNotRemove):
        agency.undo_removal("carl", _seq(agency, MemberRemoved))
    assert "devi" not in agency.roles_by_name()


@pytest.mark.rule("MEM-11")
def test_a_person_who_joined_again_keeps_the_new_role(
    agency: Scenario,
) -> None:
    agency.add_member("devi")
    agency.remove_member("devi")
    agency.add_member("devi", "owner")
    with pytest.raises(errors.AlreadyUndone):
        agency.undo_removal("ada", _seq(agency, MemberRemoved))
    assert agency.roles_by_name()["devi"] == "owner"


@pytest.mark.rule("MEM-11")
def test_roles_assigned_since_then_are_not_overwritten(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "accountant")
    agency.add_member("devi", "admin", "shop")
    agency.remove_member("devi")
    agency.add_member("devi", "developer", "shop")
    agency.undo_removal("ada")
    assert {slug: role for slug, (role, *_) in memberships(agency, "devi").items()} == {
        "acme": "accountant",
        "shop": "developer",
    }


@pytest.mark.rule("MEM-11")
@pytest.mark.rule("INV-09")
def test_an_invitation_is_reopened_only_if_its_inviter_may_offer_it(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "accountant")
    agency.add_member("devi", "admin", "shop")
    sent = agency.send_invitation("sam", "manager", "shop", by="devi")
    agency.remove_member("devi")
    agency.add_member("devi", "developer", "shop")
    agency.undo_removal("ada")
    assert agency.get_invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-11")
@pytest.mark.rule("INV-09")
def test_an_invitation_to_what_was_moved_out_of_reach_stays_revoked(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "admin")
    sent = agency.send_invitation("sam", "manager", "blog", by="devi")
    agency.create_resource("company", "Beta")
    agency.remove_member("devi")
    agency.execute(MoveResource(agency.caller_for("ada"), "blog", "beta"))
    agency.undo_removal("ada")
    assert agency.roles_by_name()["devi"] == "admin"
    assert agency.get_invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-11")
def test_an_invitation_to_what_was_deleted_or_taken_by_now_stays_revoked(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "owner")
    gone = agency.send_invitation("sam", "manager", "blog", by="devi")
    taken = agency.send_invitation("carl", "admin", by="devi")
    again = agency.send_invitation("bo", "admin", by="devi")
    agency.leave_resource("devi")
    agency.execute(DeleteResource(agency.caller_for("ada"), "blog"))
    agency.add_member("carl", "owner")
    waits = agency.send_invitation("bo", "owner")

    agency.undo_removal("devi")

    assert [agency.get_invitation(i).state for i in (gone, taken, again)] == [
        "revoked"
    ] * 3
    assert agency.pending_invitation_ids("bo") == [waits]


@pytest.mark.rule("MEM-11")
def test_an_expired_invitation_is_not_reopened(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "admin")
    sent = agency.send_invitation("sam", "manager", "blog", by="devi")
    agency.at += timedelta(days=7) - timedelta(minutes=5)
    agency.remove_member("devi")
    agency.at += timedelta(minutes=6)
    agency.undo_removal("ada")
    assert agency.get_invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-11")
def test_an_expired_role_is_not_restored(agency: Scenario) -> None:
    agency.add_member("devi", term=Term(timedelta(days=2)))
    agency.at += timedelta(days=2) - timedelta(minutes=5)
    agency.remove_member("devi")
    agency.at += timedelta(minutes=5)
    with pytest.raises(errors.NothingToUndo):
        agency.undo_removal("ada")


@pytest.mark.rule("MEM-10")
@pytest.mark.rule("MEM-11")
def test_a_restored_role_for_a_limited_time_still_warns_and_ends(
    agency: Scenario,
) -> None:
    agency.add_member("devi", term=Term(timedelta(days=3)))
    until = agency.at + timedelta(days=3)
    agency.remove_member("devi")
    agency.undo_removal("ada")
    agency.take_outbox()
    agency.advance_time(days=2)
    assert agency.take_recipients_of("member_warned") == ["devi"]
    agency.at = until
    agency.advance_time()
    assert "devi" not in agency.roles_by_name()


@pytest.mark.rule("MEM-11")
def test_a_leave_before_a_removal_cannot_be_undone(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "accountant")
    agency.add_member("devi", "developer", "shop")
    agency.leave_resource("devi", "shop")
    agency.at += timedelta(minutes=1)
    agency.remove_member("devi")
    with pytest.raises(errors.Rejected):
        agency.undo_removal("devi")
    assert memberships(agency, "devi") == {}
    agency.undo_removal("ada")
    assert set(memberships(agency, "devi")) == {"acme"}


@pytest.mark.rule("MEM-11")
def test_nothing_is_restored_on_deleted_resources_nor_to_deactivated_people(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("carl", "developer", "blog")
    shop = agency.remove_member("devi", what="shop").recorded[0].seq
    blog = agency.remove_member("carl", what="blog").recorded[0].seq
    agency.execute(DeleteResource(agency.caller_for("ada"), "shop"))
    agency.deactivate_accounts("carl")
    for seq in (shop, blog):
        with pytest.raises(errors.NothingToUndo):
            agency.undo_removal("ada", seq)


@pytest.mark.rule("MEM-11")
def test_undoing_the_removal_of_a_collaborator_restores_the_role_inside(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("devi", "manager", "blog")
    agency.remove_member("devi")
    assert agency.capabilities_of("devi", "acme") == set()
    agency.undo_removal("ada")
    assert {slug: role for slug, (role, *_) in memberships(agency, "devi").items()} == {
        "shop": "developer",
        "blog": "manager",
    }
    with pytest.raises(errors.Rejected):
        agency.undo_removal("ada")


@pytest.mark.rule("MEM-11")
def test_other_commands_of_the_same_moment_are_not_undone(agency: Scenario) -> None:
    agency.add_member("devi")
    agency.add_member("carl")
    agency.remove_member("devi")
    agency.remove_member("carl")
    agency.undo_removal("ada", _seq(agency, MemberRemoved, agency.person_id_of("devi")))
    assert set(agency.roles_by_name()) == {"ada", "devi"}


@pytest.mark.rule("MEM-11")
def test_without_a_number_the_actors_newest_departure_is_undone(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("devi", "developer", "blog")
    agency.leave_resource("devi", "shop")
    agency.leave_resource("devi", "blog")
    agency.undo_removal("devi")
    assert set(memberships(agency, "devi")) == {"blog"}
    with pytest.raises(errors.AlreadyUndone):
        agency.undo_removal("devi")


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("MEM-11")
def test_those_notified_of_the_end_are_notified_of_the_undo_once(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "owner")
    agency.add_member("devi", "accountant")
    agency.add_member("devi", "developer", "shop")
    agency.link_channel()
    sent = agency.send_invitation("sam", "admin")
    agency.take_outbox()
    agency.remove_member("devi")
    assert agency.take_recipients_of("member_removed") == [
        "ada",
        "carl",
        "channel:CACME",
        "devi",
    ]
    agency.undo_removal("ada")
    notifications = agency.take_outbox()
    assert sorted(t for t, m in notifications if m == "member_restored") == [
        "carl",
        "channel:CACME",
        "devi",
    ]
    assert agency.get_invitation(sent).state == "pending"


@pytest.mark.rule("INV-11")
@pytest.mark.rule("MEM-11")
def test_every_message_of_a_reopened_invitation_has_buttons_again(
    agency: Scenario,
) -> None:
    agency.link_channel(groups=["invitations"])
    agency.add_member("devi")
    agency.send_invitation("sam", "admin", by="devi")
    agency.remove_member("devi")
    agency.take_outbox()
    agency.undo_removal("ada")
    assert agency.events_of_type(InvitationReopened)
    assert {t for t, m in agency.take_outbox() if m == "refresh"} >= {
        "sam",
        "devi",
        "channel:CACME",
    }


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-11")
def test_a_demotion_cannot_be_undone(agency: Scenario) -> None:
    agency.add_member("devi", "admin")
    agency.execute(
        ChangeRole(
            agency.caller_for("ada"),
            agency.account_of("devi"),
            "collaborator",
            "acme",
            keep=("blog",),
        )
    )
    with pytest.raises(errors.NothingToUndo):
        agency.undo_removal("ada")


def _seq(world: Scenario, kind: type, person: str | None = None) -> int:
    events = [
        recorded
        for recorded in world.list_recorded_events()
        if isinstance(recorded.event, kind)
    ]
    return [
        recorded.seq
        for recorded in events
        if person in {None, getattr(recorded.event, "person", None)}
    ][-1]


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("MEM-11")
@pytest.mark.parametrize("goes", [True, False])
def test_a_billing_offer_is_reopened_with_its_authorization(
    agency: Scenario, goes: bool
) -> None:
    agency.add_member("devi", "admin", "blog")
    agency.add_member("sam", "developer", "blog")
    offer = TransferBilling(
        agency.caller_for("devi"), agency.account_of("sam"), "blog", leaves=goes
    )
    sent = agency.execute(offer).get_event(InvitationSent).invitation
    agency.leave_resource("devi", "blog")
    assert agency.get_invitation(sent).state == "revoked"
    agency.undo_removal("devi")
    assert agency.get_invitation(sent).state == "pending"


@pytest.mark.rule("MEM-11")
def test_a_removal_can_be_undone_after_the_person_left_what_contains_it(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "accountant")
    agency.add_member("devi", "manager", "blog")
    agency.add_member("devi", "developer", "shop")
    agency.remove_member("devi", what="blog")
    agency.leave_resource("devi")
    agency.undo_removal("ada")
    assert set(memberships(agency, "devi")) == {"blog"}


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-11")
def test_a_role_that_has_its_one_holder_meanwhile_is_not_restored(
    agency: Scenario,
) -> None:
    accept_offer(agency, "carl", offer_ownership(agency, "carl", "site"))
    agency.leave_resource("carl", "site")
    accept_offer(agency, "bo", offer_ownership(agency, "bo", "site"))
    with pytest.raises(errors.NothingToUndo):
        agency.undo_removal("carl")
    assert "carl" not in agency.roles_by_name("site")
