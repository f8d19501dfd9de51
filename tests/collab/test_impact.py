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
from collab.invitations.answer_queries import (
    ShowAnswerableInvitation,
    ShowEditableInvitation,
)
from collab.memberships.commands import ChangeRole
from collab.memberships.member_actions import ListMembersWithActions
from collab.memberships.role_choices import ListRoleChoices
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
    acme.create_resource("app", "Shop", within="acme")
    preview = acme.bus.query(PreviewDeletion(acme.caller_for("ada"), "acme"), acme.at)
    assert preview.resource.slug == "acme"
    assert [resource.slug for resource in preview.inside] == ["shop"]
    assert {loss.person.id for loss in preview.losing} == {
        acme.person_id_of("ada"),
        acme.person_id_of("devi"),
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


@pytest.mark.rule("MEM-03")
def test_role_choices_are_the_roles_that_a_change_accepts(acme: Scenario) -> None:
    acme.add_member("devi")
    by_ada, devi_id = acme.caller_for("ada"), acme.person_id_of("devi")
    acme_id = acme.get_resource("acme").id
    choices = acme.bus.query(ListRoleChoices(by_ada, devi_id, acme_id), acme.at)
    assert choices.current == "admin"
    assert choices.choices
    for role in choices.choices:
        assert acme.bus.dry_run(ChangeRole(by_ada, devi_id, role, acme_id), acme.at)
    ada_id = acme.person_id_of("ada")
    with pytest.raises(errors.ToYourself):
        acme.bus.query(ListRoleChoices(by_ada, ada_id, acme_id), acme.at)


def test_a_list_of_members_offers_what_its_reader_may_change(acme: Scenario) -> None:
    acme.add_member("devi")
    invitation_id = acme.send_invitation("carl")
    for_ada = acme.bus.query(
        ListMembersWithActions(acme.caller_for("ada"), "acme"), acme.at
    )
    assert for_ada.reader_id == acme.person_id_of("ada")
    assert acme.person_id_of("devi") in for_ada.actions.person_ids
    assert for_ada.actions.invitation_ids == {invitation_id}


@pytest.mark.rule("INV-04")
def test_only_the_invited_person_gets_an_invitation_to_answer(acme: Scenario) -> None:
    invitation_id = acme.send_invitation("carl")
    view = acme.bus.query(
        ShowAnswerableInvitation(acme.caller_for("carl"), invitation_id), acme.at
    )
    assert view.invitation.id == invitation_id
    with pytest.raises(errors.NotYours):
        acme.bus.query(
            ShowAnswerableInvitation(acme.caller_for("ada"), invitation_id), acme.at
        )
    editable = acme.bus.query(
        ShowEditableInvitation(acme.caller_for("ada"), invitation_id), acme.at
    )
    assert view.invitation.role in editable.roles
    acme.decline_invitation("carl", invitation_id)
    with pytest.raises(errors.AlreadyAnswered):
        acme.bus.query(
            ShowAnswerableInvitation(acme.caller_for("carl"), invitation_id), acme.at
        )


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
