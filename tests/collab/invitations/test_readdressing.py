"""An invitation to one address is sent to another address, or to who claims it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.events import InvitationClaimed, InvitationSent, InvitationSuperseded
from collab.invitations.readdressing import (
    ChangeInvitationAddress,
    ClaimInvitation,
    GrantClaim,
)
from collab.model import Address, InvitationId, PersonId, Term
from tests.support.builders import Scenario

NINA = "nina@client.example"
OTTO = "otto@client.example"


@pytest.fixture
def office(acme_with_mail: Scenario) -> Scenario:
    """Add Carl and Devi."""
    return acme_with_mail.register_people("carl", "devi")


def claim(world: Scenario, who: str, invitation: InvitationId) -> None:
    """Ask for an invitation as somebody who has opened its link."""
    world.execute(ClaimInvitation(world.caller_for(who, "link"), invitation))


def grant(
    world: Scenario, by: str, invitation: InvitationId, claimant: PersonId
) -> InvitationSent:
    """Send an invitation to who asked for it."""
    command = GrantClaim(world.caller_for(by, "button"), invitation, claimant)
    sent: InvitationSent = world.execute(command).get_event(InvitationSent)
    return sent


@pytest.mark.rule("OUT-04")
def test_the_inviter_is_asked_once_and_nothing_changes_without_a_yes(
    office: Scenario,
) -> None:
    invitation = office.send_invitation(NINA)
    office.take_outbox()

    claim(office, "carl", invitation)

    assert office.take_outbox() == [("ada", "invitation_claimed")]
    (claimed,) = office.events_of_type(InvitationClaimed)
    assert (claimed.invitation, claimed.claimant) == (
        invitation,
        office.person_id_of("carl"),
    )
    assert office.get_invitation(invitation).state == "pending"
    assert office.roles_by_name() == {"ada": "owner"}
    with pytest.raises(errors.AlreadyAskedAgain) as rejected:
        claim(office, "carl", invitation)
    assert rejected.value.inviter == office.person_id_of("ada")
    claim(office, "devi", invitation)
    assert len(office.events_of_type(InvitationClaimed)) == 2


@pytest.mark.rule("OUT-04")
def test_a_granted_claim_offers_the_same_and_ends_the_one_to_the_address(
    office: Scenario,
) -> None:
    invitation = office.send_invitation(
        NINA, note="For the launch", term=Term(lasts=timedelta(days=5))
    )
    claim(office, "carl", invitation)

    sent = grant(office, "ada", invitation, office.person_id_of("carl"))

    (ended,) = office.events_of_type(InvitationSuperseded)
    assert (ended.invitation, ended.by) == (invitation, sent.invitation)
    assert office.get_invitation(invitation).state == "superseded"
    before, after = map(office.get_invitation, (invitation, sent.invitation))
    assert after.person == office.person_id_of("carl")
    for name in ("role", "resource", "also", "term", "note", "purpose", "inviter"):
        assert getattr(after, name) == getattr(before, name), name
    office.accept_invitation("carl", sent.invitation)
    assert office.roles_by_name()["carl"] == "admin"


@pytest.mark.rule("OUT-04")
def test_a_claim_of_somebody_who_is_invited_already_keeps_their_invitation(
    office: Scenario,
) -> None:
    own = office.send_invitation("carl")
    invitation = office.send_invitation(NINA)
    claim(office, "carl", invitation)
    command = GrantClaim(
        office.caller_for("ada", "button"), invitation, office.person_id_of("carl")
    )

    office.execute(command)

    (ended,) = office.events_of_type(InvitationSuperseded)
    assert (ended.invitation, ended.by) == (invitation, own)
    assert office.pending_invitation_ids("carl") == [own]


@pytest.mark.rule("OUT-04")
def test_only_what_was_claimed_is_granted_and_only_by_who_may_manage_it(
    office: Scenario,
) -> None:
    invitation = office.send_invitation(NINA)
    office.create_resource("company", "Beta")
    other = office.send_invitation(OTTO, what="beta")
    claim(office, "carl", invitation)
    carl, devi = office.person_id_of("carl"), office.person_id_of("devi")

    for by, wanted, claimant in (
        ("ada", invitation, devi),
        ("ada", other, carl),
        ("ada", invitation, PersonId("P-none")),
        ("ada", InvitationId("I-none"), carl),
        ("carl", invitation, carl),
    ):
        with pytest.raises(errors.UnknownInvitation):
            grant(office, by, wanted, claimant)
    assert office.get_invitation(invitation).state == "pending"


@pytest.mark.rule("OUT-04")
def test_a_claimant_who_has_the_role_by_now_or_declined_it_is_sent_nothing(
    office: Scenario,
) -> None:
    invitation = office.send_invitation(NINA)
    for who in ("carl", "devi"):
        claim(office, who, invitation)
    office.add_member("carl")
    office.decline_invitation("devi", office.send_invitation("devi"))

    with pytest.raises(errors.AlreadyHolds):
        grant(office, "ada", invitation, office.person_id_of("carl"))
    with pytest.raises(errors.DeclinedRecently):
        grant(office, "ada", invitation, office.person_id_of("devi"))
    with pytest.raises(errors.DeclinedRecently):
        office.execute(
            ChangeInvitationAddress(
                office.caller_for("ada"), invitation, Address("devi@example.com")
            )
        )
    assert office.get_invitation(invitation).state == "pending"


@pytest.mark.rule("OUT-04")
def test_what_cannot_be_answered_cannot_be_claimed_or_granted(office: Scenario) -> None:
    replaced = office.send_invitation(NINA)
    claim(office, "carl", replaced)
    office.execute(
        ChangeInvitationAddress(office.caller_for("ada"), replaced, Address(OTTO))
    )
    carl = office.person_id_of("carl")
    with pytest.raises(errors.AlreadyAnswered) as rejected:
        claim(office, "devi", replaced)
    assert rejected.value.state == "superseded"
    with pytest.raises(errors.AlreadyAnswered):
        grant(office, "ada", replaced, carl)
    with pytest.raises(errors.UnknownInvitation):
        claim(office, "carl", InvitationId("I-none"))


@pytest.mark.rule("OUT-04")
def test_an_invitation_to_an_account_is_claimed_by_nobody(
    office: Scenario,
) -> None:
    to_account = office.send_invitation("devi")
    with pytest.raises(errors.UnknownInvitation):
        claim(office, "carl", to_account)


@pytest.mark.rule("OUT-04")
def test_only_a_person_claims_an_invitation(office: Scenario) -> None:
    by_time = ClaimInvitation(office.system_caller(), office.send_invitation(NINA))
    with pytest.raises(errors.UnknownInvitation):
        office.execute(by_time)
