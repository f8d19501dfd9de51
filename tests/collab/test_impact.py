"""Queries that describe an action before it is confirmed, and what may be chosen."""

from __future__ import annotations

from datetime import date

import pytest

from collab import errors
from collab.access_request_queries import ListRequestableRoles, ShowAnswerableRequest
from collab.billing.payment_methods import SetPaymentMethod
from collab.impact import PreviewDeletion, PreviewDisabling, PreviewMove
from collab.removal_impact import PreviewLeave, PreviewRemoval
from collab.resources import DisableResource
from tests.support.billing_oracle import (
    accept_offer,
    attach_payment_method,
    create_resource,
)
from tests.support.builders import Scenario
from tests.support.handovers import build_agency, hand_over


@pytest.mark.rule("MEM-06")
def test_a_removal_preview_names_lost_roles_and_invitations(acme: Scenario) -> None:
    acme.add_member("devi")
    invitation_id = acme.send_invitation("carl", by="devi")
    query = PreviewRemoval(acme.caller_for("ada"), acme.account_of("devi"), "acme")
    preview = acme.bus.query(query, acme.at)
    assert (preview.person.id, preview.role) == (acme.person_id_of("devi"), "admin")
    assert [(resource.slug, role) for resource, role in preview.ends] == [
        ("acme", "admin")
    ]
    assert [view.invitation.id for view in preview.revoked] == [invitation_id]
    assert preview.remains == []


@pytest.mark.rule("MEM-06")
def test_the_preview_of_leaving_a_team_lists_what_is_lost_with_it(
    acme: Scenario,
) -> None:
    acme.register_people("devi")
    acme.create_resource("app", "Shop", within="acme")
    acme.create_resource("app", "Blog", within="acme")
    acme.create_resource("team", "Crew")
    acme.share_with_team("shop", "crew", "developer")
    acme.share_with_team("blog", "crew", "manager")
    acme.add_member("devi", "unlimited", "crew")
    acme.add_member("devi", "developer", "blog")
    acme.request_access("devi", "manager", "shop")
    acme.request_access("devi", "manager", "blog")
    by_devi, by_ada = acme.caller_for("devi"), acme.caller_for("ada")
    leave = acme.bus.query(PreviewLeave(by_devi, "crew"), acme.at)
    removal = acme.bus.query(
        PreviewRemoval(by_ada, acme.account_of("devi"), "crew"), acme.at
    )
    for preview in (leave, removal):
        assert [(resource.slug, role) for resource, role in preview.ends] == [
            ("crew", "unlimited"),
            ("blog", "manager"),
            ("shop", "developer"),
        ]
        assert [(each.resource.slug, each.role) for each in preview.remains] == [
            ("blog", "developer")
        ]
        assert preview.ended_request_count == 1


@pytest.mark.rule("MEM-06")
def test_the_preview_of_leaving_a_payment_method_lists_what_it_pays_for(
    acme: Scenario,
) -> None:
    acme.register_people("devi")
    acme.create_resource("company", "Other")
    acme.create_resource("app", "Blog", within="other")
    acme.create_resource("payment", "Purse", within="other")
    acme.execute(SetPaymentMethod(acme.caller_for("ada"), "blog", "purse"))
    acme.add_member("devi", "holder", "purse")
    before = acme.capabilities_of("devi", "blog")
    preview = acme.bus.query(PreviewLeave(acme.caller_for("devi"), "purse"), acme.at)
    acme.leave_resource("devi", "purse")
    assert before
    assert not acme.capabilities_of("devi", "blog")
    assert {resource.slug for resource, _ in preview.ends} == {
        "purse",
        "blog",
        "other",
    }


@pytest.mark.rule("MEM-06")
@pytest.mark.rule("MEM-09")
def test_a_removal_preview_names_the_suspended_roles_of_a_deactivated_person(
    acme: Scenario,
) -> None:
    acme.add_member("devi")
    acme.create_resource("app", "Shop", within="acme")
    acme.add_member("devi", "developer", "shop")
    query = PreviewRemoval(acme.caller_for("ada"), acme.account_of("devi"), "acme")
    before = acme.bus.query(query, acme.at)
    acme.deactivate_accounts("devi")
    preview = acme.bus.query(query, acme.at)
    assert (preview.ends, preview.loses) == (before.ends, before.loses)
    assert {resource.slug for resource, _ in preview.ends} == {"acme", "shop"}


def test_previews_are_rejected_as_their_commands_are(acme: Scenario) -> None:
    acme.add_member("devi")
    by_devi = acme.caller_for("devi")
    with pytest.raises(errors.Rejected):
        acme.bus.query(PreviewRemoval(by_devi, acme.account_of("ada"), "acme"), acme.at)
    with pytest.raises(errors.Rejected):
        acme.bus.query(PreviewDeletion(by_devi, "acme"), acme.at)
    with pytest.raises(errors.Rejected):
        acme.bus.query(PreviewLeave(acme.caller_for("ada"), "acme"), acme.at)


@pytest.mark.rule("RES-04")
def test_a_deletion_preview_asks_for_no_name_and_lists_who_loses(
    acme: Scenario,
) -> None:
    acme.add_member("devi")
    acme.register_people("bo", "carl")
    acme.create_resource("app", "Shop", within="acme")
    acme.create_resource("app", "Blog", within="acme")
    acme.add_member("bo", "developer", "shop")
    acme.add_member("carl", "developer", "blog")
    preview = acme.bus.query(PreviewDeletion(acme.caller_for("ada"), "acme"), acme.at)
    assert preview.resource.slug == "acme"
    assert {resource.slug for resource in preview.inside} == {"shop", "blog"}
    assert {loss.person.id for loss in preview.losing} == {
        acme.person_id_of(name) for name in ("ada", "bo", "carl", "devi")
    }
    assert not preview.retires


def test_disabling_and_moving_to_the_present_state_have_no_preview(
    acme: Scenario,
) -> None:
    acme.create_resource("project", "Fox", within="acme")
    by_ada = acme.caller_for("ada")
    preview = acme.bus.query(PreviewDisabling(by_ada, "fox"), acme.at)
    assert preview is not None
    assert (preview.resource.slug, preview.people) == ("fox", 1)
    acme.execute(DisableResource(by_ada, "fox"))
    assert acme.bus.query(PreviewDisabling(by_ada, "fox"), acme.at) is None
    acme.create_resource("app", "Shop", within="acme")
    assert acme.bus.query(PreviewMove(by_ada, "shop", "acme"), acme.at) is None


@pytest.mark.rule("MEM-12")
def test_a_request_is_shown_to_anyone_who_may_answer_it(acme: Scenario) -> None:
    acme.add_member("devi")
    by_devi = acme.caller_for("devi")
    requestable = acme.bus.query(ListRequestableRoles(by_devi, "acme"), acme.at)
    assert "owner" in requestable.roles
    request_id = acme.request_access("devi", "owner")
    shown = acme.bus.query(
        ShowAnswerableRequest(acme.caller_for("ada"), request_id), acme.at
    )
    assert shown.request.id == request_id
    with pytest.raises(errors.ToYourself):
        acme.bus.query(ShowAnswerableRequest(by_devi, request_id), acme.at)
    with pytest.raises(errors.AlreadyHolds):
        acme.bus.query(ListRequestableRoles(acme.caller_for("ada"), "acme"), acme.at)


@pytest.mark.rule("HND-03")
@pytest.mark.rule("RES-06")
def test_disabling_names_the_hand_overs_that_cannot_happen(world: Scenario) -> None:
    build_agency(world)
    create_resource(world, "project", "Other")
    create_resource(world, "company", "Acme")
    create_resource(world, "project", "Inner", within="acme")
    create_resource(world, "app", "Paid", within="inner")
    attach_payment_method(world, "paid", "card")
    agreed = hand_over(world, "site", day=date(2026, 11, 26))
    accept_offer(world, "carl", agreed, "purse")
    of_company = hand_over(world, "acme")
    hand_over(world, "blog")
    for slug, expected in (("site", [agreed]), ("inner", [of_company]), ("other", [])):
        query = PreviewDisabling(world.caller_for("ada"), slug)
        preview = world.bus.query(query, world.at)
        assert preview is not None
        assert [each.invitation.id for each in preview.handovers] == expected
