"""Queries that describe an action before it is confirmed, and what may be chosen."""

from __future__ import annotations

import pytest

from collab import errors
from collab.access_request_queries import ListRequestableRoles, ShowAnswerableRequest
from collab.impact import (
    PreviewDeletion,
    PreviewDisabling,
    PreviewLeave,
    PreviewMove,
    PreviewRemoval,
)
from collab.resources import DisableResource
from tests.support.builders import Scenario


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
