"""The invited person asks for an expired invitation again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from collab import errors
from collab.events import InvitationAskedAgain, InvitationSent
from collab.invitations.answers import DeclineInvitation
from collab.invitations.asking_again import AskForInvitationAgain
from collab.invitations.commands import ResendInvitation
from collab.limits import Policy
from collab.model import Caller, InvitationId
from storage.database import Database
from tests.support.builders import Scenario


@pytest.fixture
def late(acme: Scenario) -> Scenario:
    """Carl let an invitation as an admin of Acme expire; everybody is known."""
    acme.register_people("carl", "devi")
    acme.send_invitation("carl")
    acme.advance_time(days=8)
    acme.take_outbox()
    return acme


def expired_id(world: Scenario) -> InvitationId:
    sent: InvitationSent = world.events_of_type(InvitationSent)[0]
    return sent.invitation


def ask(world: Scenario, who: str = "carl") -> None:
    world.execute(AskForInvitationAgain(world.caller_for(who), expired_id(world)))


@pytest.mark.rule("INV-15")
def test_the_inviter_alone_is_asked_and_can_send_it_again(late: Scenario) -> None:
    ask(late)
    assert late.events_of_type(InvitationAskedAgain)
    told = [
        each
        for each in late.take_outbox()
        if each[1] not in {"refresh", "refresh_older"}
    ]
    assert told == [("ada", "invitation_asked_again")]
    late.execute(ResendInvitation(late.caller_for("ada"), expired_id(late)))
    assert late.pending_invitation_ids("carl")


@pytest.mark.rule("INV-15")
def test_it_is_asked_for_once(late: Scenario) -> None:
    ask(late)
    with pytest.raises(errors.AlreadyAskedAgain) as refused:
        ask(late)
    assert refused.value.inviter == late.person_id_of("ada")
    assert len(late.events_of_type(InvitationAskedAgain)) == 1


@pytest.mark.rule("INV-15")
def test_one_whose_expiry_is_not_recorded_yet_is_asked_for(acme: Scenario) -> None:
    acme.send_invitation("carl")
    with pytest.raises(errors.AlreadyAnswered) as refused:
        ask(acme)
    assert refused.value.state == "pending"
    acme.at = acme.get_invitation(expired_id(acme)).expires
    ask(acme)
    acme.advance_time(seconds=1)
    with pytest.raises(errors.AlreadyAskedAgain):
        ask(acme)


@pytest.mark.rule("INV-15")
def test_nobody_else_asks_for_it(late: Scenario) -> None:
    for other in ("devi", "ada"):
        with pytest.raises(errors.NotYours):
            ask(late, other)
    with pytest.raises(errors.UnknownInvitation):
        late.execute(
            AskForInvitationAgain(late.caller_for("carl"), InvitationId("I-none"))
        )


@pytest.mark.rule("INV-15")
def test_who_was_invited_again_has_nothing_to_ask_for(late: Scenario) -> None:
    late.send_invitation("carl", "accountant")
    with pytest.raises(errors.AlreadyAnswered) as refused:
        ask(late)
    assert refused.value.state == "superseded"


@pytest.mark.rule("INV-15")
def test_who_was_invited_again_and_declined_has_nothing_to_ask_for(
    late: Scenario,
) -> None:
    late.decline_invitation("carl", late.send_invitation("carl", "accountant"))
    with pytest.raises(errors.AlreadyAnswered) as refused:
        ask(late)
    assert refused.value == errors.AlreadyAnswered(expired_id(late), "superseded")


@pytest.mark.rule("INV-15")
def test_who_was_invited_elsewhere_asks_for_the_first_one(late: Scenario) -> None:
    late.create_resource("app", "Shop", within="acme")
    late.send_invitation("carl", "developer", "shop")
    ask(late)
    assert late.events_of_type(InvitationAskedAgain)


@pytest.mark.rule("INV-15")
def test_who_has_the_role_has_nothing_to_ask_for(late: Scenario) -> None:
    late.record_membership(late.get_resource("acme").id, "carl", "owner")
    with pytest.raises(errors.AlreadyHolds):
        ask(late)


@pytest.mark.rule("INV-15")
def test_a_declined_one_is_not_asked_for(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    acme.execute(DeclineInvitation(acme.caller_for("carl"), invitation))
    with pytest.raises(errors.AlreadyAnswered) as refused:
        ask(acme)
    assert refused.value.state == "declined"


@pytest.mark.rule("INV-15")
def test_an_inviter_who_lost_the_right_is_not_asked(late: Scenario) -> None:
    late.add_member("devi", "owner")
    late.leave_resource("ada")
    with pytest.raises(errors.InviterLostRight):
        ask(late)


@pytest.mark.rule("INV-15")
def test_who_has_no_account_asks_by_mail_address(database: Database) -> None:
    world = Scenario(database, policy=replace(Policy(), sends_mail=True))
    world.create_company("Acme", "ada")
    world.send_invitation("nina@client.example")
    world.at += timedelta(days=8)
    (sent,) = world.events_of_type(InvitationSent)
    nina = Caller(world.workspace, None, "link", person=sent.person)
    world.execute(AskForInvitationAgain(nina, sent.invitation))
    assert world.events_of_type(InvitationAskedAgain)
