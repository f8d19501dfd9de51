"""What a person sees who is about to answer or to edit an invitation."""

from __future__ import annotations

import pytest

from collab import errors
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.events import InvitationSent
from collab.invitations.answer_queries import (
    EditableInvitation,
    PreviewRevocation,
    ShowAnswerableInvitation,
    ShowEditableInvitation,
    ShowReceivedInvitation,
    requires_details,
)
from collab.invitations.commands import RevokeInvitation
from collab.model import InvitationId
from collab.roles import ROLE_MODEL
from tests.support.builders import Scenario


def editable(world: Scenario, by: str, invitation: InvitationId) -> EditableInvitation:
    found: EditableInvitation = world.bus.query(
        ShowEditableInvitation(world.caller_for(by), invitation), world.at
    )
    return found


@pytest.mark.rule("INV-04")
def test_only_the_invited_person_gets_an_invitation_to_answer(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    by_carl = ShowAnswerableInvitation(acme.caller_for("carl"), invitation)
    assert acme.bus.query(by_carl, acme.at).invitation.id == invitation
    with pytest.raises(errors.NotYours):
        acme.bus.query(
            ShowAnswerableInvitation(acme.caller_for("ada"), invitation), acme.at
        )
    acme.decline_invitation("carl", invitation)
    with pytest.raises(errors.AlreadyAnswered):
        acme.bus.query(by_carl, acme.at)


@pytest.mark.rule("INV-04")
@pytest.mark.rule("OUT-03")
def test_who_received_an_invitation_sees_it_in_any_state_and_nobody_else_does(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("carl")
    by_carl = ShowReceivedInvitation(acme.caller_for("carl"), invitation)
    shown = acme.bus.query(by_carl, acme.at)
    assert (shown.invitation.id, shown.invitation.state) == (invitation, "pending")
    acme.decline_invitation("carl", invitation)
    assert acme.bus.query(by_carl, acme.at).invitation.state == "declined"
    for other in ("ada", "devi"):
        with pytest.raises(errors.NotYours):
            acme.bus.query(
                ShowReceivedInvitation(acme.caller_for(other), invitation), acme.at
            )
    unknown = ShowReceivedInvitation(acme.caller_for("carl"), InvitationId("I-none"))
    with pytest.raises(errors.UnknownInvitation):
        acme.bus.query(unknown, acme.at)


@pytest.mark.rule("INV-07")
def test_an_edit_offers_the_roles_that_editor_and_inviter_may_both_assign(
    acme: Scenario,
) -> None:
    acme.add_member("devi", "admin")
    by_ada = acme.send_invitation("carl")
    by_devi = acme.send_invitation("bo", by="devi")

    found = editable(acme, "ada", by_ada)
    assert found.invitation.invitation.id == by_ada
    assert found.roles == ("owner", "admin", "accountant")
    assert editable(acme, "devi", by_ada).roles == ("admin",)
    assert editable(acme, "ada", by_devi).roles == ("admin",)


@pytest.mark.rule("INV-07")
def test_an_edit_offers_the_roles_that_can_be_assigned_on_every_resource(
    acme: Scenario,
) -> None:
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("app", "Blog", "acme")
    acme.add_member("devi", "admin", "shop")
    acme.add_member("devi", "manager", "blog")
    invitation = acme.send_invitation("carl", "developer", ("shop", "blog"), by="devi")
    assert editable(acme, "devi", invitation).roles == ("developer",)


@pytest.mark.rule("INV-07")
def test_an_invitation_that_one_may_not_edit_is_not_shown_for_it(
    acme: Scenario,
) -> None:
    acme.add_member("bo", "accountant")
    invitation = acme.send_invitation("carl")
    with pytest.raises(errors.MayNotManage):
        editable(acme, "bo", invitation)
    with pytest.raises(errors.UnknownInvitation):
        editable(acme, "sam", invitation)
    acme.decline_invitation("carl", invitation)
    with pytest.raises(errors.AlreadyAnswered):
        editable(acme, "ada", invitation)


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-06")
def test_who_takes_over_payment_or_a_company_is_asked_for_details(
    acme: Scenario,
) -> None:
    acme.register_people("carl")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("project", "Site")
    by_ada, carl = acme.caller_for("ada"), acme.account_of("carl")
    asked = {
        "join": acme.send_invitation("carl"),
        **{
            name: acme.execute(command).get_event(InvitationSent).invitation
            for name, command in (
                ("pay", TransferBilling(by_ada, carl, "shop")),
                ("own company", TransferOwnership(by_ada, carl, "acme")),
                ("own project", TransferOwnership(by_ada, carl, "site")),
            )
        },
    }
    assert {
        name: requires_details(ROLE_MODEL, acme.get_open_invitation(invitation))
        for name, invitation in asked.items()
    } == {"join": False, "pay": True, "own company": True, "own project": False}


@pytest.mark.rule("INV-07")
def test_a_withdrawal_is_previewed_for_who_may_withdraw_and_changes_nothing(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("carl")
    acme.register_people("devi")
    before = len(acme.list_recorded_events())
    preview = PreviewRevocation(acme.caller_for("ada"), invitation)
    assert acme.bus.query(preview, acme.at).invitation.id == invitation
    assert len(acme.list_recorded_events()) == before
    for other in ("carl", "devi"):
        with pytest.raises(errors.Rejected) as rejected:
            acme.bus.query(
                PreviewRevocation(acme.caller_for(other), invitation), acme.at
            )
        with pytest.raises(type(rejected.value)):
            acme.execute(RevokeInvitation(acme.caller_for(other), invitation))
    acme.execute(RevokeInvitation(acme.caller_for("ada"), invitation))
    with pytest.raises(errors.AlreadyAnswered):
        acme.bus.query(preview, acme.at)
