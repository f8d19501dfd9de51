"""Doing a handover: all of it at the yes or on its day, or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from collab import errors
from collab.billing.payment_method_choice import NewPaymentMethod
from collab.billing.plans import ChangePlan
from collab.events import (
    HandoverAgreed,
    HandoverDone,
    HandoverFailed,
    InvitationRevoked,
    MemberLeft,
    ResourceCreated,
)
from collab.home import ShowHome
from collab.invitations.commands import ResendInvitation, RevokeInvitation
from collab.invitations.queries import ListInvitations
from collab.key_rotation import ListStaleKeys
from collab.memberships.undo import UndoDeparture
from collab.open_items import InvitationView
from collab.pending import ShowOverview
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource, EnableResource
from tests.support.billing_oracle import (
    accept_offer,
    attach_payment_method,
    create_resource,
    invitation_state,
    set_plans,
)
from tests.support.builders import Scenario
from tests.support.handovers import build_agency, hand_over, read_ownership

DAY = date(2026, 11, 26)
ADMIN_ONLY = {"carl": "owner", "ada": "administrator", "bo": "administrator"}


@pytest.fixture
def agency(world: Scenario) -> Scenario:
    return build_agency(world)


@pytest.mark.rule("HND-01")
@pytest.mark.rule("MEM-08")
def test_one_yes_changes_owner_and_payer_in_one_transaction(agency: Scenario) -> None:
    offer = hand_over(agency, "site")
    with pytest.raises(errors.ChooseMethod):
        accept_offer(agency, "carl", offer)
    done = accept_offer(agency, "carl", offer, "purse")
    assert read_ownership(agency, "site", "shop", "trial") == {
        "site": (ADMIN_ONLY, None),
        "shop": ({"ada": "admin"}, "purse"),
        "trial": ({}, None),
    }
    assert len({recorded.at for recorded in done.recorded}) == 1
    (event,) = agency.events_of_type(HandoverDone)
    assert (event.role, event.is_scheduled) == ("administrator", False)
    assert invitation_state(agency, offer) == "accepted"


@pytest.mark.rule("HND-01")
def test_the_new_owner_pays_with_a_new_payment_method(agency: Scenario) -> None:
    offer = hand_over(agency, "site", keeps="member")
    accept_offer(agency, "carl", offer, NewPaymentMethod("Client"))
    assert read_ownership(agency, "site", "shop") == {
        "site": ({"carl": "owner", "ada": "member", "bo": "administrator"}, None),
        "shop": ({"ada": "admin"}, "client"),
    }


@pytest.mark.rule("HND-01")
@pytest.mark.rule("MEM-06")
def test_a_former_owner_who_keeps_nothing_leaves_all_of_it(agency: Scenario) -> None:
    offer = hand_over(agency, "site", keeps="")
    assert {r.slug for r in agency.get_open_invitation(offer).handover.rotate} == {
        "shop",
        "trial",
    }
    accept_offer(agency, "carl", offer, "purse")
    assert read_ownership(agency, "site", "shop", "trial") == {
        "site": ({"carl": "owner", "bo": "administrator"}, None),
        "shop": ({}, "purse"),
        "trial": ({}, None),
    }
    keys = agency.bus.query(ListStaleKeys(agency.caller_for("carl")), agency.at)
    assert {resource.slug for resource, _ in keys.found} == {"shop", "trial"}


@pytest.mark.rule("HND-01")
@pytest.mark.rule("MEM-11")
def test_nobody_undoes_a_part_of_a_hand_over(agency: Scenario) -> None:
    accept_offer(agency, "carl", hand_over(agency, "site", keeps=""), "purse")
    left = next(
        each.seq
        for each in agency.list_recorded_events()
        if isinstance(each.event, MemberLeft)
    )
    for who in ("ada", "carl"):
        with pytest.raises(errors.NothingToUndo):
            agency.execute(UndoDeparture(agency.caller_for(who), left))


@pytest.mark.rule("HND-01")
def test_apps_change_hands_together(agency: Scenario) -> None:
    offer = hand_over(agency, "blog", "wiki")
    accept_offer(agency, "carl", offer, "purse")
    roles = {"carl": "admin", "ada": "developer"}
    assert read_ownership(agency, "blog", "wiki") == {
        "blog": (roles, "purse"),
        "wiki": (roles, None),
    }


@pytest.mark.rule("HND-01")
def test_a_company_changes_hands_with_its_payment_methods(acme: Scenario) -> None:
    acme.register_people("bo", "carl")
    create_resource(acme, "app", "Shop", within="acme")
    create_resource(acme, "app", "Blog", within="acme")
    create_resource(acme, "payment", "Inside", within="acme")
    create_resource(acme, "payment", "Card")
    create_resource(acme, "payment", "Purse", by="carl")
    attach_payment_method(acme, "shop", "inside")
    attach_payment_method(acme, "blog", "card")
    acme.add_member("bo", "owner", "acme")
    accept_offer(acme, "carl", hand_over(acme, "acme"), "purse")
    assert read_ownership(acme, "acme", "shop", "blog") == {
        "acme": ({"carl": "owner", "ada": "admin", "bo": "owner"}, None),
        "shop": ({}, "inside"),
        "blog": ({}, "purse"),
    }


@pytest.mark.rule("HND-01")
def test_an_owner_of_the_company_hands_over_the_project_of_another(
    acme: Scenario,
) -> None:
    acme.register_people("bo", "carl")
    acme.add_member("bo", "admin", "acme")
    create_resource(acme, "project", "Site", within="acme", by="bo")
    accept_offer(acme, "carl", hand_over(acme, "site"))
    assert read_ownership(acme, "site")["site"][0]["carl"] == "owner"
    assert "ada" not in read_ownership(acme, "site")["site"][0]


@pytest.mark.rule("HND-05")
@pytest.mark.rule("INV-09")
def test_what_only_the_former_owner_could_offer_is_withdrawn(
    agency: Scenario,
) -> None:
    kept = agency.send_invitation("devi", "administrator", "site")
    accept_offer(agency, "carl", hand_over(agency, "site"), "purse")
    assert invitation_state(agency, kept) == "pending"
    other = agency.send_invitation("devi", "manager", "blog")
    accept_offer(agency, "carl", hand_over(agency, "blog", "wiki"), "purse")
    assert invitation_state(agency, other) == "revoked"
    assert agency.events_of_type(InvitationRevoked)[-1].why == "right_lost"


@pytest.mark.rule("HND-05")
@pytest.mark.rule("INV-04")
def test_only_the_invited_person_says_yes_and_once(agency: Scenario) -> None:
    offer = hand_over(agency, "site")
    with pytest.raises(errors.NotYours):
        accept_offer(agency, "devi", offer, "purse")
    accept_offer(agency, "carl", offer, "purse")
    with pytest.raises(errors.AlreadyAnswered):
        accept_offer(agency, "carl", offer, "purse")


@pytest.mark.rule("HND-05")
@pytest.mark.rule("BIL-09")
def test_a_plan_limits_a_hand_over(acme: Scenario) -> None:
    acme.register_people("bo", "carl")
    acme.add_member("bo", "admin", "acme")
    set_plans(acme, {"small": {"owner": 1, "admin": 1}})
    acme.execute(ChangePlan(acme.caller_for("ada"), "acme", "small"))
    offer = hand_over(acme, "acme")
    with pytest.raises(errors.BeyondPlan):
        accept_offer(acme, "carl", offer)
    assert invitation_state(acme, offer) == "pending"
    later = hand_over(acme, "acme", keeps="", day=DAY)
    acme.remove_member("bo")
    accept_offer(acme, "carl", later)
    acme.advance_time(days=3)
    assert read_ownership(acme, "acme")["acme"][0] == {"carl": "owner"}


# On a later day


@pytest.mark.rule("HND-03")
def test_a_yes_for_a_day_changes_nothing_before_it(agency: Scenario) -> None:
    before = read_ownership(agency, "site", "shop")
    offer = hand_over(agency, "site", day=DAY)
    accept_offer(agency, "carl", offer, NewPaymentMethod("Client"))
    assert read_ownership(agency, "site", "shop") == before
    (agreed,) = agency.events_of_type(HandoverAgreed)
    assert agreed.starts == datetime(2026, 11, 26, tzinfo=UTC)
    assert [e.title for e in agency.events_of_type(ResourceCreated)][-1] == "Client"
    agency.at = datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)
    agency.bus.run_due(agency.at)
    assert read_ownership(agency, "site", "shop") == before
    agency.advance_time(seconds=1)
    assert read_ownership(agency, "site", "shop") == {
        "site": (ADMIN_ONLY, None),
        "shop": ({"ada": "admin"}, "client"),
    }
    assert agency.get_invitation(offer).state == "accepted"
    (done,) = agency.events_of_type(HandoverDone)
    assert done.is_scheduled


@pytest.mark.rule("HND-03")
def test_nothing_is_answered_or_sent_again_after_the_yes(agency: Scenario) -> None:
    offer = hand_over(agency, "site", day=DAY)
    accept_offer(agency, "carl", offer, "purse")
    with pytest.raises(errors.AlreadyAnswered):
        accept_offer(agency, "carl", offer, "purse")
    with pytest.raises(errors.AlreadyAnswered):
        agency.execute(ResendInvitation(agency.caller_for("ada"), offer))
    with pytest.raises(errors.HandoverOpen):
        hand_over(agency, "site")
    agency.advance_time(days=1)
    assert agency.get_invitation(offer).marks == 0


@pytest.mark.rule("HND-03")
@pytest.mark.parametrize("cause", ["disabled", "deleted"])
def test_what_is_not_allowed_on_the_day_changes_nothing_and_says_why(
    agency: Scenario, cause: str
) -> None:
    offer = hand_over(agency, "site", day=DAY)
    accept_offer(agency, "carl", offer, "purse")
    agency.take_outbox()
    if cause == "disabled":
        agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    else:
        agency.execute(DeleteResource(agency.caller_for("carl"), "purse", "Purse"))
    before = read_ownership(agency, "site", "shop")
    agency.advance_time(days=3)
    assert read_ownership(agency, "site", "shop") == before
    assert invitation_state(agency, offer) == "failed"
    (failed,) = agency.events_of_type(HandoverFailed)
    assert failed.why in {"is_disabled", "unknown_resource"}
    told = agency.take_outbox()
    assert ("ada", "handover_failed") in told
    assert ("carl", "handover_failed") in told


@pytest.mark.rule("HND-03")
@pytest.mark.rule("BIL-09")
def test_a_plan_that_has_no_room_on_the_day_keeps_all_as_it_is(acme: Scenario) -> None:
    acme.register_people("bo", "carl")
    acme.add_member("bo", "admin", "acme")
    set_plans(acme, {"small": {"owner": 1, "admin": 1}})
    offer = hand_over(acme, "acme", day=DAY)
    accept_offer(acme, "carl", offer)
    acme.execute(ChangePlan(acme.caller_for("ada"), "acme", "small"))
    acme.advance_time(days=3)
    (failed,) = acme.events_of_type(HandoverFailed)
    assert (failed.why, failed.title) == ("beyond_plan", "Acme")
    assert read_ownership(acme, "acme")["acme"][0] == {"ada": "owner", "bo": "admin"}


@pytest.mark.rule("HND-03")
@pytest.mark.rule("INV-09")
def test_an_agreed_hand_over_dies_with_its_senders_account(agency: Scenario) -> None:
    offer = hand_over(agency, "site", day=DAY)
    accept_offer(agency, "carl", offer, "purse")
    agency.deactivate_accounts("ada")
    agency.advance_time(days=3)
    assert invitation_state(agency, offer) in {"revoked", "failed"}
    assert agency.events_of_type(HandoverDone) == []


@pytest.mark.rule("HND-03")
def test_an_agreed_hand_over_dies_with_the_right_of_its_sender(
    agency: Scenario,
) -> None:
    offer = hand_over(agency, "site", day=DAY)
    accept_offer(agency, "carl", offer, "purse")
    attach_payment_method(agency, "shop", None)
    assert invitation_state(agency, offer) == "revoked"
    agency.advance_time(days=4)
    assert agency.events_of_type(HandoverDone) == []


@pytest.mark.rule("HND-03")
def test_two_hand_overs_of_one_day_are_decided_one_after_the_other(
    acme: Scenario,
) -> None:
    acme.register_people("carl", "devi")
    create_resource(acme, "project", "Site", within="acme")
    company = hand_over(acme, "acme", keeps="", day=DAY)
    accept_offer(acme, "carl", company)
    project = hand_over(acme, "site", who="devi", day=DAY)
    accept_offer(acme, "devi", project)
    acme.advance_time(days=3)
    assert invitation_state(acme, company) == "accepted"
    assert invitation_state(acme, project) in {"failed", "revoked"}
    assert read_ownership(acme, "acme")["acme"][0] == {"carl": "owner"}


@pytest.mark.rule("HND-04")
@pytest.mark.parametrize("who", ["ada", "carl"])
def test_either_side_withdraws_until_the_day(agency: Scenario, who: str) -> None:
    offer = hand_over(agency, "site", day=DAY)
    accept_offer(agency, "carl", offer, "purse")
    agency.take_outbox()
    with pytest.raises(errors.Rejected):
        agency.execute(RevokeInvitation(agency.caller_for("devi"), offer))
    if who == "ada":
        agency.execute(RevokeInvitation(agency.caller_for("ada"), offer))
        assert ("carl", "transfer_offer_revoked") in agency.take_outbox()
    else:
        agency.decline_invitation("carl", offer, "too early")
        assert ("ada", "invitation_declined") in agency.take_outbox()
    agency.advance_time(days=3)
    assert invitation_state(agency, offer) in {"revoked", "declined"}
    assert agency.events_of_type(HandoverDone) == []


@pytest.mark.rule("HND-04")
def test_the_receiver_sees_what_they_agreed_to_until_its_day(
    agency: Scenario,
) -> None:
    offer = hand_over(agency, "site", day=DAY)
    accept_offer(agency, "carl", offer, "purse")
    carl = agency.caller_for("carl")
    overview = agency.bus.query(ShowOverview(carl), agency.at)
    home = agency.bus.query(ShowHome(carl), agency.at)
    listed = agency.bus.query(ListInvitations(carl), agency.at)
    assert (overview.waiting, home.pending_items, home.needs_count) == ([], [], 0)
    for shown in (overview.agreed, home.agreed, listed.invitations):
        invitations = [each for each in shown if isinstance(each, InvitationView)]
        assert [each.invitation.id for each in invitations] == [offer]
    agency.decline_invitation("carl", offer)
    assert agency.bus.query(ShowHome(carl), agency.at).agreed == []


@pytest.mark.rule("HND-04")
def test_nobody_withdraws_what_is_done(agency: Scenario) -> None:
    offer = hand_over(agency, "site", day=DAY)
    accept_offer(agency, "carl", offer, "purse")
    agency.advance_time(days=3)
    with pytest.raises(errors.AlreadyAnswered):
        agency.execute(RevokeInvitation(agency.caller_for("ada"), offer))
    with pytest.raises(errors.AlreadyAnswered):
        agency.decline_invitation("carl", offer)


@pytest.mark.rule("HND-02")
def test_a_project_that_is_enabled_again_changes_hands(agency: Scenario) -> None:
    agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    offer = hand_over(agency, "site")
    agency.execute(EnableResource(agency.caller_for("ada"), "site"))
    accept_offer(agency, "carl", offer, "purse")
    assert read_ownership(agency, "shop")["shop"][1] == "purse"
