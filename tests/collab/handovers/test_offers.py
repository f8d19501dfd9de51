"""Offering a handover: what it is about, who may, and the one open offer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from collab import errors
from collab.billing.payment_method_choice import NewPaymentMethod
from collab.events import InvitationResent, InvitationRevoked, InvitationSuperseded
from collab.handovers.offers import HandOver
from collab.invitations.commands import ResendInvitation, RevokeInvitation
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource
from tests.support.billing_oracle import (
    accept_offer,
    attach_payment_method,
    create_resource,
    get_resource,
    invitation_state,
    offer_billing_transfer,
    offer_ownership,
)
from tests.support.builders import OTHER_TEAM_ID, Scenario
from tests.support.handovers import build_agency, hand_over, read_ownership


@pytest.fixture
def agency(world: Scenario) -> Scenario:
    return build_agency(world)


@pytest.mark.rule("HND-01")
def test_an_offer_names_what_changes_hands_and_what_is_paid_for(
    agency: Scenario,
) -> None:
    before = read_ownership(agency, "site", "shop", "trial")
    offer = agency.get_open_invitation(hand_over(agency, "site"))
    assert offer.invitation.role == "administrator"
    assert [each.slug for each in offer.handover.handed_over] == ["site"]
    assert [each.slug for each in offer.handover.paid] == ["shop"]
    assert offer.handover.role == "owner"
    assert read_ownership(agency, "site", "shop", "trial") == before


@pytest.mark.rule("HND-01")
def test_apps_that_are_in_nothing_are_handed_over_together(agency: Scenario) -> None:
    offer = agency.get_open_invitation(hand_over(agency, "blog", "wiki", keeps=""))
    assert [each.slug for each in offer.handover.handed_over] == ["blog", "wiki"]
    assert [each.slug for each in offer.handover.paid] == ["blog"]
    assert offer.invitation.role == ""


@pytest.mark.rule("HND-01")
@pytest.mark.parametrize(
    ("what", "rejection"),
    [
        (("site", "blog"), errors.NotTogether),
        (("shop",), errors.StandsInSomething),
        (("card",), errors.NotHandedOver),
    ],
)
def test_anything_else_is_not_handed_over(
    agency: Scenario, what: tuple[str, ...], rejection: type[errors.Rejected]
) -> None:
    with pytest.raises(rejection):
        hand_over(agency, *what)


@pytest.mark.rule("HND-01")
@pytest.mark.rule("ROL-05")
def test_only_an_owner_hands_over(agency: Scenario) -> None:
    with pytest.raises(errors.NotOwner):
        hand_over(agency, "site", by="bo")


@pytest.mark.rule("HND-01")
def test_what_the_company_pays_for_stays_paid_by_it(acme: Scenario) -> None:
    acme.register_people("carl")
    create_resource(acme, "project", "Site", within="acme")
    create_resource(acme, "app", "Shop", within="site")
    create_resource(acme, "payment", "Card", within="acme")
    attach_payment_method(acme, "shop", "card")
    offer = agency_offer = acme.get_open_invitation(hand_over(acme, "site"))
    assert (offer.handover.paid, agency_offer.invitation.pays) == ([], ())


@pytest.mark.rule("HND-01")
def test_what_another_person_pays_for_is_not_in_the_offer(agency: Scenario) -> None:
    agency.add_member("devi", "admin", "wiki")
    create_resource(agency, "payment", "Devis", by="devi")
    attach_payment_method(agency, "wiki", "devis", by="devi")
    offer = agency.get_open_invitation(hand_over(agency, "wiki"))
    assert offer.invitation.pays == ()


@pytest.mark.rule("HND-01")
def test_the_former_owner_stays_only_in_a_lower_role(agency: Scenario) -> None:
    with pytest.raises(errors.BadKeptRole) as rejected:
        hand_over(agency, "site", keeps="owner")
    assert rejected.value.roles == ("administrator", "member")


@pytest.mark.rule("HND-05")
@pytest.mark.rule("INV-05")
def test_who_owns_it_all_is_not_offered_it(agency: Scenario) -> None:
    with pytest.raises(errors.ToYourself) as refused:
        hand_over(agency, "wiki", who="ada")
    assert refused.value == errors.ToYourself("handover")
    agency.add_member("carl", "admin", "wiki")
    with pytest.raises(errors.AlreadyHolds):
        hand_over(agency, "wiki")
    hand_over(agency, "wiki", "blog")


@pytest.mark.rule("HND-02")
def test_a_disabled_project_is_offered_and_accepted_once_it_is_enabled(
    agency: Scenario,
) -> None:
    agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    offer = hand_over(agency, "site")
    with pytest.raises(errors.IsDisabled):
        accept_offer(agency, "carl", offer, "purse")


@pytest.mark.rule("PER-02")
@pytest.mark.rule("HND-01")
@pytest.mark.parametrize("what", [("site",), ("blog", "wiki")])
def test_somebody_here_still_manages_what_is_handed_over_to_another_workspace(
    agency: Scenario, what: tuple[str, ...]
) -> None:
    eve = f"eve@{OTHER_TEAM_ID}"
    agency.remove_member("bo", what="site")
    with pytest.raises(errors.NobodyHereManages) as refused:
        hand_over(agency, *what, who=eve, keeps="")
    assert refused.value.title == get_resource(agency, what[0]).title
    hand_over(agency, *what, keeps="")
    with pytest.raises(errors.HandoverOpen):
        hand_over(agency, *what, who=eve)


@pytest.mark.rule("PER-02")
def test_the_former_owner_may_leave_where_somebody_else_here_manages(
    agency: Scenario,
) -> None:
    eve = f"eve@{OTHER_TEAM_ID}"
    offer = hand_over(agency, "site", who=eve, keeps="")
    assert not agency.get_open_invitation(offer).handover.has_owner_here
    agency.remove_member("bo", what="site")
    with pytest.raises(errors.NobodyHereManages):
        accept_offer(agency, eve, offer, NewPaymentMethod("Hers"))


@pytest.mark.rule("HND-03")
@pytest.mark.parametrize("days", [-1, 0, 31])
def test_a_day_is_one_of_the_next_thirty(agency: Scenario, days: int) -> None:
    today = agency.at.date()
    with pytest.raises(errors.BadHandoverDay) as rejected:
        hand_over(agency, "site", day=today + timedelta(days=days))
    assert rejected.value.first == today + timedelta(days=1)
    assert rejected.value.last == today + timedelta(days=30)


@pytest.mark.rule("HND-03")
def test_an_offer_for_a_day_expires_as_it_begins(agency: Scenario) -> None:
    offer = agency.get_invitation(hand_over(agency, "site", day=date(2026, 11, 26)))
    assert f"{offer.expires:%Y-%m-%d %H:%M}" == "2026-11-26 00:00"
    agency.execute(ResendInvitation(agency.caller_for("ada"), offer.id))
    assert agency.get_invitation(offer.id).expires == offer.expires


@pytest.mark.rule("HND-05")
def test_a_resource_has_one_open_offer(agency: Scenario) -> None:
    hand_over(agency, "site")
    with pytest.raises(errors.HandoverOpen) as rejected:
        hand_over(agency, "site", who="devi")
    assert rejected.value.person == agency.person_id_of("carl")


@pytest.mark.rule("HND-05")
@pytest.mark.parametrize("who", ["carl", "devi"])
def test_no_part_of_an_open_offer_is_transferred_beside_it(
    agency: Scenario, who: str
) -> None:
    hand_over(agency, "site")
    with pytest.raises(errors.HandoverOpen):
        offer_ownership(agency, who, "site")
    with pytest.raises(errors.HandoverOpen):
        offer_billing_transfer(agency, who, "shop", "blog")
    offer_billing_transfer(agency, who, "trial")
    agency.advance_time(days=8)
    offer_ownership(agency, who, "site")


@pytest.mark.rule("HND-05")
@pytest.mark.rule("INV-03")
def test_the_same_offer_is_sent_again_and_another_one_replaces_it(
    agency: Scenario,
) -> None:
    first = hand_over(agency, "site")
    assert hand_over(agency, "site") == first
    assert len(agency.events_of_type(InvitationResent)) == 1
    second = hand_over(agency, "site", keeps="member")
    third = hand_over(agency, "site", keeps="member", day=date(2026, 11, 30))
    replaced = agency.events_of_type(InvitationSuperseded)
    assert [(e.invitation, e.by) for e in replaced] == [
        (first, second),
        (second, third),
    ]


@pytest.mark.rule("HND-05")
@pytest.mark.rule("BIL-05")
@pytest.mark.parametrize("method", [None, "second"])
def test_an_offer_dies_when_a_payer_within_it_changes(
    agency: Scenario, method: str | None
) -> None:
    create_resource(agency, "payment", "Second")
    offer = hand_over(agency, "site")
    attach_payment_method(agency, "shop", method)
    assert [e.why for e in agency.events_of_type(InvitationRevoked)] == ["overtaken"]
    again = hand_over(agency, "site")
    assert again != offer
    attach_payment_method(agency, "trial", "card")
    assert invitation_state(agency, again) == "revoked"


@pytest.mark.rule("HND-05")
@pytest.mark.rule("BIL-05")
def test_an_offer_dies_with_the_right_of_its_sender(agency: Scenario) -> None:
    transfer = offer_ownership(agency, "devi", "site")
    offer = hand_over(agency, "site")
    accept_offer(agency, "devi", transfer)
    assert invitation_state(agency, offer) == "revoked"


@pytest.mark.rule("HND-05")
@pytest.mark.rule("BIL-05")
def test_an_offer_dies_with_what_it_is_about(agency: Scenario) -> None:
    offer = hand_over(agency, "site")
    agency.execute(DeleteResource(agency.caller_for("ada"), "shop", "Shop"))
    assert invitation_state(agency, offer) == "revoked"


@pytest.mark.rule("HND-05")
def test_an_offer_of_apps_dies_when_one_moves_into_something(
    agency: Scenario,
) -> None:
    offer = hand_over(agency, "blog", "wiki")
    agency.execute(MoveResource(agency.caller_for("ada"), "wiki", "site"))
    with pytest.raises((errors.InviterLostRight, errors.AlreadyAnswered)):
        accept_offer(agency, "carl", offer, "purse")


@pytest.mark.rule("HND-04")
def test_the_sender_withdraws_until_the_yes_and_nobody_else(agency: Scenario) -> None:
    offer = hand_over(agency, "site")
    for who in ("carl", "devi"):
        with pytest.raises(errors.Rejected):
            agency.execute(RevokeInvitation(agency.caller_for(who), offer))
    agency.execute(RevokeInvitation(agency.caller_for("ada"), offer))
    with pytest.raises(errors.AlreadyAnswered):
        accept_offer(agency, "carl", offer, "purse")


@pytest.mark.rule("HND-05")
def test_an_expired_offer_is_made_anew_by_its_verb(agency: Scenario) -> None:
    offer = hand_over(agency, "site")
    agency.advance_time(days=8)
    with pytest.raises(errors.AlreadyAnswered):
        agency.execute(ResendInvitation(agency.caller_for("ada"), offer))
    assert hand_over(agency, "site") != offer


@pytest.mark.rule("HND-05")
@pytest.mark.rule("INV-06")
def test_a_declined_offer_rests_for_a_day(agency: Scenario) -> None:
    agency.decline_invitation("carl", hand_over(agency, "site"))
    with pytest.raises(errors.DeclinedRecently):
        hand_over(agency, "site")


def test_an_id_of_nobody_is_rejected(agency: Scenario) -> None:
    nobody = get_resource(agency, "site").id
    with pytest.raises(errors.NotAPerson):
        agency.execute(HandOver(agency.caller_for("ada"), nobody, "site"))  # type: ignore[arg-type]
