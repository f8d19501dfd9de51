"""Invitations to addresses that nobody in the workspace has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collab import errors
from collab.model import Address
from tests.support.builders import Scenario

NINA = "nina@client.example"


@pytest.mark.rule("OUT-01")
def test_without_mail_nothing_is_recorded(acme: Scenario) -> None:
    before = len(acme.list_recorded_events())

    with pytest.raises(errors.NoMail) as rejected:
        acme.send_invitation(NINA, is_absent=True)

    assert rejected.value.address == Address(NINA)
    assert len(acme.list_recorded_events()) == before


@pytest.mark.rule("OUT-01")
def test_who_has_an_account_needs_no_mail(acme: Scenario) -> None:
    acme.register_people("carl")

    assert acme.send_invitation("carl@example.com", is_absent=True)


@pytest.mark.rule("OUT-01")
def test_with_mail_an_address_is_as_good_as_a_mention(acme: Scenario) -> None:
    world = Scenario(
        acme.database, policy=replace(acme.policy, sends_mail=True), last_id=99
    )

    assert world.send_invitation(NINA, is_absent=True)
