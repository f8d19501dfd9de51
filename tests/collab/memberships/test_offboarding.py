"""Offboarding: everything of a person that the actor may end, in one act, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.events import (
    InvitationReopened,
    KeysAssigned,
    MemberRemoved,
    MemberRestored,
    PersonOffboarded,
)
from collab.key_rotation import ListStaleKeys
from collab.memberships.commands import RemoveMember
from collab.memberships.offboarding import KEY_ROTATION_PERIOD, OffboardPerson
from collab.memberships.offboarding_queries import (
    OffboardingPreview,
    PreviewOffboarding,
    read_statement,
)
from collab.rehearsal import AskWhatIf
from tests.support.billing_oracle import accept_offer
from tests.support.builders import Scenario
from tests.support.handovers import hand_over


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Carl is in two companies of Ada's, in one of Bo's, and in a team of Ada's."""
    acme.register_people("bo", "carl", "devi")
    acme.create_resource("company", "Beta")
    acme.create_resource("company", "Gamma", by="bo")
    acme.create_resource("app", "Shop", within="acme")
    acme.create_resource("app", "Blog", within="beta")
    acme.create_resource("app", "Wiki", within="gamma", by="bo")
    acme.create_resource("team", "Crew")
    acme.add_member("carl", "admin", "acme")
    acme.add_member("carl", "developer", "shop")
    acme.add_member("carl", "developer", "blog")
    acme.add_member("carl", "unlimited", "crew")
    acme.add_member("carl", "developer", "wiki", by="bo")
    acme.share_with_team("blog", "crew", "manager")
    return acme


def offboard(agency: Scenario, who: str = "carl", by: str = "ada") -> None:
    agency.execute(OffboardPerson(agency.caller_for(by), agency.account_of(who)))


def preview(agency: Scenario, who: str = "carl", by: str = "ada") -> OffboardingPreview:
    query = PreviewOffboarding(agency.caller_for(by), agency.account_of(who))
    return agency.bus.query(query, agency.at)


def roles_of(agency: Scenario, who: str) -> dict[str, str]:
    """Somebody's direct roles, by slug."""
    with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
        memberships = facts.memberships.list_memberships_of(
            agency.person_id_of(who), agency.at
        )
        resources = facts.resources.get_resources([m.resource for m in memberships])
    return {resources[m.resource].slug: m.role for m in memberships}


@pytest.mark.rule("OFF-01")
def test_everything_that_the_actor_may_end_ends_in_one_act(agency: Scenario) -> None:
    offboard(agency)
    assert roles_of(agency, "carl") == {"wiki": "developer"}
    assert len(agency.events_of_type(PersonOffboarded)) == 1
    removed = agency.events_of_type(MemberRemoved)
    assert len({each.offboarding for each in removed}) == 1
    slugs = {each.resource: agency.get_resource(each.resource).slug for each in removed}
    assert sorted(slugs.values()) == ["acme", "blog", "crew", "shop"]


@pytest.mark.rule("OFF-01")
def test_the_preview_lists_it_by_company_and_changes_nothing(agency: Scenario) -> None:
    before = agency.list_recorded_events()
    shown = preview(agency)
    groups = {
        (container.slug if container else ""): {s.resource.slug for s in shifts}
        for container, shifts in shown.groups
    }
    assert groups == {"acme": {"acme", "shop"}, "beta": {"beta", "blog"}, "": {"crew"}}
    assert agency.list_recorded_events() == before
    assert roles_of(agency, "carl")["acme"] == "admin"


@pytest.mark.rule("OFF-01")
def test_what_one_may_not_view_is_neither_ended_nor_named(agency: Scenario) -> None:
    assert preview(agency).kept == []
    assert [c.slug for c, _ in preview(agency, by="bo").groups if c] == ["gamma"]


@pytest.mark.rule("OFF-01")
def test_what_one_may_not_end_is_named_with_who_may(agency: Scenario) -> None:
    agency.add_member("devi", "admin", "acme")
    shown = preview(agency, by="devi")
    assert shown.changes is not None
    assert {r.slug for r, _ in [(k.resource, k) for k in shown.kept]} == {"acme"}
    kept = shown.kept[0]
    assert (kept.role, kept.is_last) == ("admin", False)
    assert [each.user for each in kept.removers] == ["UADA"]
    offboard(agency, by="devi")
    assert roles_of(agency, "carl")["acme"] == "admin"
    assert "shop" not in roles_of(agency, "carl")


@pytest.mark.rule("OFF-01")
@pytest.mark.rule("MEM-08")
def test_what_would_be_without_its_owner_stays_and_names_successors(
    agency: Scenario,
) -> None:
    agency.create_resource("project", "Site", by="carl")
    agency.add_member("ada", "administrator", "site", by="carl")
    agency.add_member("devi", "member", "site", by="carl")
    shown = preview(agency)
    site = next(each for each in shown.kept if each.resource.slug == "site")
    assert (site.role, site.is_last, site.removers) == ("owner", True, [])
    assert [each.user for each in site.successors] == ["UADA", "UDEVI"]
    offboard(agency)
    assert roles_of(agency, "carl")["site"] == "owner"


@pytest.mark.rule("OFF-01")
def test_whoever_has_nothing_that_one_may_end_is_not_offboarded(
    agency: Scenario,
) -> None:
    with pytest.raises(errors.NothingToOffboard):
        preview(agency, "devi")
    with pytest.raises(errors.NothingToOffboard):
        offboard(agency, "devi")
    with pytest.raises(errors.NothingToOffboard):
        offboard(agency, "carl", by="devi")
    with pytest.raises(errors.ToYourself):
        offboard(agency, "ada")


@pytest.mark.rule("OFF-02")
def test_keys_have_an_owner_and_a_date(agency: Scenario) -> None:
    offboard(agency)
    assigned = agency.events_of_type(KeysAssigned)
    ada_id = agency.person_id_of("ada")
    assert {agency.get_resource(each.resource).slug for each in assigned} == {
        "shop",
        "blog",
    }
    assert {(each.person, each.due) for each in assigned} == {
        (ada_id, agency.at + KEY_ROTATION_PERIOD)
    }
    keys = agency.bus.query(ListStaleKeys(agency.caller_for("ada")), agency.at)
    owners = [keys.owners[resource.id] for resource, _ in keys.found]
    assert [(o.person.id, o.is_overdue) for o in owners] == [(ada_id, False)] * 2
    agency.at += KEY_ROTATION_PERIOD
    keys = agency.bus.query(ListStaleKeys(agency.caller_for("ada")), agency.at)
    assert all(keys.owners[resource.id].is_overdue for resource, _ in keys.found)


@pytest.mark.rule("OFF-02")
def test_a_key_owner_who_did_not_act_is_asked(agency: Scenario) -> None:
    """A holder of a payment method removes admins of what it pays for, and deploys none."""
    agency.create_resource("payment", "Card", by="devi")
    agency.create_resource("app", "Solo", by="bo")
    agency.accept_invitation(
        "devi", agency.send_invitation("devi", "admin", "solo", by="bo")
    )
    agency.execute(SetPaymentMethod(agency.caller_for("devi"), "solo", "card"))
    agency.leave_resource("devi", "solo")
    agency.add_member("carl", "developer", "solo", by="bo")
    agency.take_outbox()
    offboard(agency, by="devi")
    assert agency.events_of_type(KeysAssigned)[-1].person == agency.person_id_of("bo")
    sent = agency.take_outbox()
    assert ("bo", "keys_assigned") in sent


@pytest.mark.rule("OFF-02")
def test_invitations_and_requests_end(agency: Scenario) -> None:
    sent_by_carl = agency.send_invitation("devi", "admin", "acme", by="carl")
    to_carl = agency.send_invitation("carl", "admin", "beta")
    elsewhere = agency.send_invitation("carl", "admin", "gamma", by="bo")
    request = agency.request_access("carl", "manager", "shop")
    offboard(agency)
    assert agency.get_invitation(sent_by_carl).state == "revoked"
    assert agency.get_invitation(to_carl).state == "revoked"
    assert agency.get_invitation(elsewhere).state == "pending"
    assert agency.get_request(request).state == "left"


@pytest.mark.rule("OFF-02")
def test_an_invitation_alone_is_enough_to_offboard(agency: Scenario) -> None:
    invitation = agency.send_invitation("devi", "admin", "acme")
    shown = preview(agency, "devi")
    assert shown.changes is not None
    assert [each.invitation.id for each in shown.changes.revoked] == [invitation]
    offboard(agency, "devi")
    assert agency.get_invitation(invitation).state == "revoked"


@pytest.mark.rule("OFF-02")
def test_both_sides_have_one_message_with_the_whole_statement(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "owner", "acme")
    agency.take_outbox()
    offboard(agency)
    sent = [each for each in agency.take_outbox() if each[1] not in {"home", "refresh"}]
    assert [message for target, message in sent if target == "carl"] == ["offboarded"]
    assert [message for target, message in sent if target == "ada"] == []
    assert [message for target, message in sent if target == "bo"] == ["member_removed"]
    agency.undo_removal("ada")
    sent = [each for each in agency.take_outbox() if each[1] not in {"home", "refresh"}]
    assert [message for target, message in sent if target == "carl"] == ["reinstated"]
    assert [message for target, message in sent if target == "ada"] == []
    assert [m for target, m in sent if target == "bo"] == ["member_restored"]
    recorded = next(
        each
        for each in agency.list_recorded_events()
        if isinstance(each.event, PersonOffboarded)
    )
    with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
        statement = read_statement(agency.bus.context(facts, agency.at), recorded)
    assert {(r.slug, role) for r, role in statement.ended} == {
        ("acme", "admin"),
        ("shop", "developer"),
        ("blog", "developer"),
        ("crew", "unlimited"),
    }
    assert (statement.person.user, statement.actor.user) == ("UCARL", "UADA")
    assert statement.at == agency.at


@pytest.mark.rule("OFF-03")
@pytest.mark.rule("MEM-11")
def test_undo_takes_the_whole_back(agency: Scenario) -> None:
    before = roles_of(agency, "carl")
    sent_by_carl = agency.send_invitation("devi", "admin", "acme", by="carl")
    offboard(agency)
    agency.at += timedelta(minutes=9)
    agency.undo_removal("ada")
    assert roles_of(agency, "carl") == before
    assert len(agency.events_of_type(MemberRestored)) == 4
    assert len(agency.events_of_type(InvitationReopened)) == 1
    assert agency.get_invitation(sent_by_carl).state == "pending"
    keys = agency.bus.query(ListStaleKeys(agency.caller_for("ada")), agency.at)
    assert keys.found == []
    with pytest.raises(errors.Rejected):
        agency.undo_removal("ada")


@pytest.mark.rule("OFF-03")
@pytest.mark.rule("MEM-12")
def test_undo_opens_the_requests_again_that_can_still_be_answered(
    agency: Scenario,
) -> None:
    kept = agency.request_access("carl", "owner", "acme")
    repeated = agency.request_access("carl", "manager", "shop")
    offboard(agency)
    assert {agency.get_request(each).state for each in (kept, repeated)} == {"left"}
    agency.add_member("carl", "developer", "shop")
    anew = agency.request_access("carl", "manager", "shop")
    agency.undo_removal("ada")
    assert agency.get_request(kept).state == "pending"
    assert agency.get_request(repeated).state == "left"
    assert agency.get_request(anew).state == "pending"
    assert ("ada", "refresh") in agency.take_outbox()
    agency.approve_request("ada", kept)
    assert roles_of(agency, "carl")["acme"] == "owner"


@pytest.mark.rule("MEM-11")
@pytest.mark.rule("MEM-12")
def test_undoing_a_removal_opens_the_requests_again(agency: Scenario) -> None:
    request = agency.request_access("carl", "owner", "acme")
    agency.remove_member("carl")
    assert agency.get_request(request).state == "left"
    agency.undo_removal("ada")
    assert agency.get_request(request).state == "pending"


@pytest.mark.rule("OFF-03")
@pytest.mark.rule("HND-04")
def test_undo_brings_an_agreed_hand_over_back_for_its_day(agency: Scenario) -> None:
    agency.create_resource("project", "Site", by="devi")
    day = (agency.at + timedelta(days=3)).date()
    agency.add_member("carl", "administrator", "site", by="devi")
    agency.add_member("ada", "administrator", "site", by="devi")
    offer = hand_over(agency, "site", by="devi", day=day)
    accept_offer(agency, "carl", offer)
    offboard(agency, by="devi")
    assert agency.get_invitation(offer).state == "revoked"
    agency.take_outbox()
    agency.undo_removal("devi")
    assert agency.get_invitation(offer).agreed
    assert ("carl", "handover_reopened") in agency.take_outbox()
    agency.advance_time(days=3)
    assert roles_of(agency, "carl")["site"] == "owner"


@pytest.mark.rule("OFF-03")
def test_an_offboarding_that_ended_no_role_is_undone_too(agency: Scenario) -> None:
    invited = agency.send_invitation("sam", "admin", "acme")
    offboard(agency, "sam")
    assert agency.get_invitation(invited).state == "revoked"
    agency.undo_removal("ada")
    assert agency.get_invitation(invited).state == "pending"
    with pytest.raises(errors.NothingToUndo):
        agency.undo_removal("ada")
    agency.at += timedelta(minutes=10)
    with pytest.raises(errors.TooLateToUndo):
        agency.undo_removal("ada")


@pytest.mark.rule("OFF-03")
@pytest.mark.rule("HND-05")
def test_undo_leaves_a_hand_over_that_another_one_has_followed(
    agency: Scenario,
) -> None:
    agency.create_resource("project", "Site", by="devi")
    agency.add_member("carl", "administrator", "site", by="devi")
    offer = hand_over(agency, "site", by="devi")
    offboard(agency, by="devi")
    hand_over(agency, "site", who="bo", by="devi")
    agency.undo_removal("devi")
    assert agency.get_invitation(offer).state == "revoked"


@pytest.mark.rule("OFF-03")
@pytest.mark.rule("MEM-07")
def test_undo_leaves_the_keys_of_others_to_whom_and_by_when_they_were(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("bo", "developer", "shop")
    offboard(agency, "devi")
    ada = agency.caller_for("ada")
    before = agency.bus.query(ListStaleKeys(ada), agency.at)
    agency.at += timedelta(days=2)
    offboard(agency, "carl", by="ada")
    agency.undo_removal("ada")
    after = agency.bus.query(ListStaleKeys(ada), agency.at)
    assert (after.found, after.owners) == (before.found, before.owners)


@pytest.mark.rule("OFF-03")
def test_it_is_undone_by_its_own_event_alone(agency: Scenario) -> None:
    offboard(agency)
    offboarded, removed = (
        next(r for r in agency.list_recorded_events() if isinstance(r.event, kind))
        for kind in (PersonOffboarded, MemberRemoved)
    )
    with pytest.raises(errors.NothingToUndo):
        agency.undo_removal("ada", removed.seq)
    with pytest.raises(errors.NothingToUndo):
        agency.undo_removal("bo", offboarded.seq)
    agency.undo_removal("ada", offboarded.seq)
    assert roles_of(agency, "carl")["acme"] == "admin"


@pytest.mark.rule("OFF-03")
def test_it_is_too_late_after_ten_minutes(agency: Scenario) -> None:
    offboard(agency)
    agency.at += timedelta(minutes=10)
    with pytest.raises(errors.TooLateToUndo):
        agency.undo_removal("ada")


@pytest.mark.rule("OFF-03")
def test_what_changed_meanwhile_stays_and_the_rest_comes_back(
    agency: Scenario,
) -> None:
    offboard(agency)
    agency.add_member("carl", "accountant", "acme")
    agency.undo_removal("ada")
    assert roles_of(agency, "carl") == {
        "acme": "accountant",
        "blog": "developer",
        "crew": "unlimited",
        "wiki": "developer",
    }


@pytest.mark.rule("OFF-01")
def test_the_roles_of_a_deactivated_person_end_too(agency: Scenario) -> None:
    agency.deactivate_accounts("carl")
    offboard(agency)
    agency.reactivate_account("carl")
    assert roles_of(agency, "carl") == {"wiki": "developer"}


@pytest.mark.rule("OFF-01")
@pytest.mark.rule("ASK-02")
def test_it_ends_what_the_removals_one_by_one_would_end(agency: Scenario) -> None:
    command = OffboardPerson(agency.caller_for("ada"), agency.account_of("carl"))
    expected = agency.bus.query(AskWhatIf(command.by, command), agency.at)
    for what in ("acme", "blog", "crew"):
        agency.execute(
            RemoveMember(agency.caller_for("ada"), agency.account_of("carl"), what)
        )
    rotate = [each for e in agency.events_of_type(MemberRemoved) for each in e.rotate]
    assert sorted(rotate) == sorted(each.id for each in expected.rotate)
    assert roles_of(agency, "carl") == {"wiki": "developer"}


def _list_shown_roles(shown: OffboardingPreview) -> list[tuple[str, str | None]]:
    return [(s.resource.slug, s.before) for _, shifts in shown.groups for s in shifts]


@pytest.mark.rule("OFF-01")
@pytest.mark.rule("MEM-09")
def test_the_suspended_roles_of_a_deactivated_person_are_listed(
    agency: Scenario,
) -> None:
    before = _list_shown_roles(preview(agency))
    agency.deactivate_accounts("carl")
    shown = preview(agency)
    assert _list_shown_roles(shown) == before
    assert shown.changes
    assert {each.slug for each in shown.changes.rotate} == {"shop", "blog"}


@pytest.mark.rule("OFF-02")
@pytest.mark.rule("MEM-09")
def test_the_keys_of_a_deactivated_person_have_an_owner_too(agency: Scenario) -> None:
    agency.deactivate_accounts("carl")
    keys = agency.bus.query(ListStaleKeys(agency.caller_for("ada")), agency.at)
    assert keys.found == []
    offboard(agency)
    assigned = agency.events_of_type(KeysAssigned)
    slugs = {agency.get_resource(each.resource).slug for each in assigned}
    assert slugs == {"shop", "blog"}
    keys = agency.bus.query(ListStaleKeys(agency.caller_for("ada")), agency.at)
    assert {resource.slug for resource, _ in keys.found} == {"shop", "blog"}


@pytest.mark.rule("OFF-02")
@pytest.mark.rule("MEM-09")
def test_a_deactivated_person_is_told_nothing_of_their_offboarding(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("carl")
    agency.take_outbox()
    offboard(agency)
    assert "carl" not in {target for target, _ in agency.take_outbox()}
