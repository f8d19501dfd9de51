"""An address gets three mails about invitations a day, whoever sends them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from collab import errors
from collab.events import InvitationDeferred, InvitationReminded
from collab.invitations.commands import ResendInvitation
from collab.limits import Policy
from storage.database import Database
from tests.support.builders import Scenario

NINA = "nina@client.example"


@pytest.fixture
def world(database: Database) -> Scenario:
    """A world with mail, and three companies of different people."""
    world = Scenario(
        database, policy=replace(Policy(), sends_mail=True, quiet_hours=False)
    )
    for title, owner in (("Acme", "ada"), ("Pixel", "bo"), ("Studio", "carl")):
        world.create_company(title, owner)
    world.create_company("Last", "devi")
    return world


@pytest.mark.rule("OUT-06")
def test_the_fourth_mail_of_a_day_is_refused_over_all_senders(world: Scenario) -> None:
    for slug, owner in (("acme", "ada"), ("pixel", "bo"), ("studio", "carl")):
        world.send_invitation(NINA, what=slug, by=owner)
        world.at += timedelta(hours=1)

    with pytest.raises(errors.TooManyMails) as refused:
        world.send_invitation(NINA, what="last", by="devi")

    assert refused.value.again == world.at - timedelta(hours=3) + timedelta(days=1)
    world.at = refused.value.again
    assert world.send_invitation(NINA, what="last", by="devi")


@pytest.mark.rule("OUT-06")
def test_sending_again_counts(world: Scenario) -> None:
    invitation = world.send_invitation(NINA)
    again = ResendInvitation(world.caller_for("ada"), invitation)
    world.execute(again)
    world.execute(again)

    with pytest.raises(errors.TooManyMails):
        world.execute(again)


@pytest.mark.rule("OUT-06")
def test_a_reminder_that_is_one_too_many_waits(world: Scenario) -> None:
    world.send_invitation(NINA)
    world.at += timedelta(days=2) - timedelta(hours=2)
    for slug, owner in (("pixel", "bo"), ("studio", "carl"), ("last", "devi")):
        world.send_invitation(NINA, what=slug, by=owner)
    sent_at = world.at
    world.at += timedelta(hours=2)

    world.bus.run_due(world.at)

    assert not world.events_of_type(InvitationReminded)
    deferred = world.events_of_type(InvitationDeferred)[-1]
    assert deferred.due == sent_at + timedelta(days=1)
    world.at = deferred.due + timedelta(minutes=1)
    world.bus.run_due(world.at)
    assert len(world.events_of_type(InvitationReminded)) == 1


@pytest.mark.rule("OUT-06")
def test_who_has_an_account_gets_no_mail_and_has_no_limit(world: Scenario) -> None:
    world.register_people("eve")
    invitation = world.send_invitation("eve")

    for _ in range(4):
        world.execute(ResendInvitation(world.caller_for("ada"), invitation))
