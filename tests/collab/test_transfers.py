"""Transfers by the rules: billing and ownership change hands by an offer and its acceptance, and by nothing else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from collab import errors
from collab.billing.invoices import AddInvoices, NewInvoice
from collab.billing.payment_method_choice import NewPaymentMethod
from collab.billing.payment_methods import ShowBilling
from collab.billing.transfers import (
    PreviewBillingTransfer,
    TransferBilling,
    TransferOwnership,
)
from collab.events import (
    BillingTransferred,
    InvitationReminded,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    InvitationSuperseded,
    MemberLeft,
    OwnershipTransferred,
    PayerChanged,
)
from collab.invitations.answers import AcceptInvitation, DeclineInvitation
from collab.invitations.commands import (
    EditInvitation,
    ResendInvitation,
    RevokeInvitation,
)
from collab.memberships.commands import ChangeRole, RemoveMember
from collab.memberships.undo import UndoDeparture
from collab.model import BillingDetails, PersonId, Term
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource, EnableResource
from collab.teams import ShareWithTeam, UnshareWithTeam
from tests.support.billing_oracle import (
    accept_offer,
    attach_payment_method,
    capabilities_of,
    create_resource,
    direct_roles_by_name,
    get_resource,
    invitation_state,
    offer_billing_transfer,
    offer_ownership,
    payment_method_slug,
)
from tests.support.builders import OTHER_TEAM_ID, Scenario

PAYS = {"view", "edit", "delete"}
WORKS = {"view", "configure", "code"}


@pytest.fixture
def studio(world: Scenario) -> Scenario:
    """Ada, a freelancer, with a trial app and a blog that her card pays for; Carl, a client, with a purse."""
    world.register_people("ada", "bo", "carl", "devi", "sam")
    create_resource(world, "app", "Shop")
    create_resource(world, "payment", "Card")
    create_resource(world, "app", "Blog")
    attach_payment_method(world, "blog", "card")
    create_resource(world, "payment", "Purse", by="carl")
    world.take_outbox()
    return world


def loss(
    world: Scenario, *what: str, by: str = "ada"
) -> tuple[set[str], list[str], str]:
    """Who would lose control, what pays, and what the one who offers stays as."""
    found = world.bus.query(
        PreviewBillingTransfer(world.caller_for(by), what), world.at
    )
    losing = {
        (person.user or "").removeprefix("U").lower() for person, _ in found.losing
    }
    return losing, [m.slug for m in found.methods], found.stays_as


# Offering and accepting


@pytest.mark.rule("BIL-03")
def test_an_offer_changes_nothing_until_it_is_accepted_with_a_payment_method(
    studio: Scenario,
) -> None:
    waits = offer_billing_transfer(studio, "carl", "blog")
    assert (
        payment_method_slug(studio, "blog"),
        capabilities_of(studio, "carl", "blog"),
    ) == ("card", set())
    with pytest.raises(errors.ChooseMethod):
        accept_offer(studio, "carl", waits)
    assert (invitation_state(studio, waits), payment_method_slug(studio, "blog")) == (
        "pending",
        "card",
    )
    accept_offer(studio, "carl", waits, "purse")
    assert (invitation_state(studio, waits), payment_method_slug(studio, "blog")) == (
        "accepted",
        "purse",
    )
    (transfer,) = studio.events_of_type(BillingTransferred)
    assert (transfer.before, transfer.payer) == (
        (get_resource(studio, "card").id,),
        get_resource(studio, "purse").id,
    )


@pytest.mark.rule("BIL-03")
def test_a_trial_app_is_offered_by_who_may_delete_it(studio: Scenario) -> None:
    accept_offer(
        studio, "carl", offer_billing_transfer(studio, "carl", "shop"), "purse"
    )
    assert payment_method_slug(studio, "shop") == "purse"
    assert direct_roles_by_name(studio, "shop") == {"ada": "developer"}
    assert (
        capabilities_of(studio, "ada", "shop"),
        capabilities_of(studio, "carl", "shop"),
    ) == (WORKS, PAYS)


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-01")
def test_the_client_makes_a_payment_method_as_they_accept(studio: Scenario) -> None:
    details = BillingDetails(" Main Street 1 ", "bills@client.example", "C-17")
    accept_offer(
        studio,
        "carl",
        offer_billing_transfer(studio, "carl", "shop", "blog"),
        NewPaymentMethod("Client", details),
    )
    assert (
        payment_method_slug(studio, "shop"),
        payment_method_slug(studio, "blog"),
    ) == ("client", "client")
    assert direct_roles_by_name(studio, "client") == {"carl": "holder"}
    shown = studio.bus.query(
        ShowBilling(studio.caller_for("carl"), "client"), studio.at
    )
    assert shown.details == BillingDetails(
        "Main Street 1", "bills@client.example", "C-17"
    )
    assert [r.slug for r in shown.pays_for] == ["blog", "shop"]


@pytest.mark.rule("BIL-03")
@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        (NewPaymentMethod(" "), errors.BadName),
        (
            NewPaymentMethod("Visa", BillingDetails("4111 1111 1111 1111")),
            errors.CardNumber,
        ),
        (NewPaymentMethod("Visa", BillingDetails(email="nobody")), errors.BadAddress),
        ("card", errors.UnknownResource),
        ("shop", errors.UnknownResource),
        ("ours", errors.MayNot),
        ("crate", errors.DoesNotPay),
        ("nothing-at-all", errors.UnknownResource),
    ],
)
def test_what_cannot_pay_is_refused_and_changes_nothing(
    studio: Scenario, choice: object, refusal: type
) -> None:
    create_resource(studio, "payment", "Ours")
    studio.add_member("carl", "accountant", "ours")
    create_resource(studio, "company", "Crate", by="carl")
    waits = offer_billing_transfer(studio, "carl", "blog")
    before = len(studio.list_recorded_events())
    with pytest.raises(refusal):
        accept_offer(studio, "carl", waits, choice)
    assert (
        invitation_state(studio, waits),
        payment_method_slug(studio, "blog"),
        len(studio.list_recorded_events()),
    ) == ("pending", "card", before)


@pytest.mark.rule("BIL-03")
def test_only_whom_it_was_offered_to_accepts_and_only_once(studio: Scenario) -> None:
    create_resource(studio, "payment", "Devi's", by="devi")
    waits = offer_billing_transfer(studio, "carl", "blog")
    for who in ("devi", "ada"):
        with pytest.raises(errors.NotYours):
            accept_offer(studio, who, waits, "devi-s")
    accept_offer(studio, "carl", waits, "purse")
    with pytest.raises(errors.AlreadyAnswered):
        accept_offer(studio, "carl", waits, "purse")
    assert len(studio.events_of_type(PayerChanged)) == 2


@pytest.mark.rule("BIL-03")
def test_who_has_no_billing_offers_none(studio: Scenario) -> None:
    studio.add_member("devi", "admin", "blog")
    studio.add_member("devi", "developer", "shop")
    studio.add_member("bo", "accountant", "card")
    studio.add_member("bo", "admin", "blog")
    for by, what in (("devi", "blog"), ("devi", "shop"), ("bo", "blog")):
        with pytest.raises(errors.NoBilling):
            offer_billing_transfer(studio, "carl", what, by=by)
    with pytest.raises(errors.UnknownResource):
        offer_billing_transfer(studio, "devi", "blog", by="carl")
    with pytest.raises(errors.NoBilling):
        offer_billing_transfer(studio, "carl", "shop", "blog", by="devi")


@pytest.mark.rule("BIL-03")
def test_what_is_not_paid_for_and_who_cannot_pay_are_refused(studio: Scenario) -> None:
    create_resource(studio, "company", "Acme")
    studio.read_profile("robot", bot=True)
    studio.read_profile("gone", active=False)
    for what in ("acme", "card"):
        with pytest.raises(errors.NotPaidFor):
            offer_billing_transfer(studio, "carl", what)
        with pytest.raises(errors.NotPaidFor):
            loss(studio, what)
    with pytest.raises(errors.ToYourself):
        offer_billing_transfer(studio, "ada", "shop")
    for who in ("robot", "gone", "bot"):
        with pytest.raises(errors.NotAPerson):
            offer_billing_transfer(studio, who, "shop")
    with pytest.raises(errors.NotAPerson):
        studio.execute(
            TransferBilling(studio.caller_for("ada"), PersonId("P-nobody"), "shop")
        )
    with pytest.raises(errors.TooLong):
        offer_billing_transfer(studio, "carl", "shop", note="n" * 501)


@pytest.mark.rule("BIL-03")
def test_a_person_known_by_an_address_alone_is_offered_and_takes_it_once_they_come(
    studio: Scenario,
) -> None:
    waits = offer_billing_transfer(studio, "New@Client.example", "shop")
    studio.read_profile("newt", email="new@client.example")
    accept_offer(studio, "newt", waits, NewPaymentMethod("Newt"))
    assert payment_method_slug(studio, "shop") == "newt"


@pytest.mark.rule("BIL-03")
def test_who_works_on_it_is_still_offered_when_account_and_address_turn_out_to_be_one(
    studio: Scenario,
) -> None:
    studio.add_member("newt", "developer", "shop")
    waits = offer_billing_transfer(studio, "newt@client.example", "shop")
    studio.read_profile("newt", email="newt@client.example")
    assert invitation_state(studio, waits) == "pending"
    accept_offer(studio, "newt", waits, NewPaymentMethod("Newt"))
    assert payment_method_slug(studio, "shop") == "newt"


@pytest.mark.rule("BIL-03")
def test_a_person_of_another_workspace_takes_what_was_offered_to_them(
    studio: Scenario,
) -> None:
    guest = f"eve@{OTHER_TEAM_ID}"
    studio.read_profile(guest)
    accept_offer(
        studio,
        guest,
        offer_billing_transfer(studio, guest, "shop"),
        NewPaymentMethod("Eve's"),
    )
    assert payment_method_slug(studio, "shop") == "eve-s"
    assert capabilities_of(studio, guest, "shop") == PAYS


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("ROL-04")
def test_nothing_changes_hands_while_it_is_disabled(studio: Scenario) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "project", "Site", within="acme")
    create_resource(studio, "app", "Page", within="site")
    waits = offer_billing_transfer(studio, "carl", "page")
    studio.execute(DisableResource(studio.caller_for("ada"), "site"))
    with pytest.raises(errors.IsDisabled):
        offer_billing_transfer(studio, "devi", "page")
    with pytest.raises(errors.InviterLostRight):
        accept_offer(studio, "carl", waits, "purse")
    studio.execute(EnableResource(studio.caller_for("ada"), "site"))
    accept_offer(studio, "carl", waits, "purse")
    assert payment_method_slug(studio, "page") == "purse"


# Who gains and loses what


@pytest.mark.rule("BIL-03")
def test_the_preview_says_who_loses_control_what_pays_and_what_the_sender_stays_as(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "holder", "card")
    studio.add_member("devi", "admin", "blog")
    studio.add_member("sam", "developer", "blog")
    assert loss(studio, "shop", "blog") == ({"bo"}, ["card"], "developer")
    assert loss(studio, "shop") == (set(), [], "developer")
    with pytest.raises(errors.NoBilling):
        loss(studio, "blog", by="devi")


@pytest.mark.rule("BIL-04")
def test_old_holders_lose_what_only_paying_gave_and_all_others_keep_what_they_have(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "holder", "card")
    studio.add_member("sam", "holder", "card")
    studio.add_member("sam", "manager", "blog")
    studio.add_member("devi", "developer", "blog")
    assert capabilities_of(studio, "bo", "blog") == PAYS
    accept_offer(
        studio, "carl", offer_billing_transfer(studio, "carl", "blog"), "purse"
    )
    assert capabilities_of(studio, "bo", "blog") == set()
    assert capabilities_of(studio, "sam", "blog") == WORKS
    assert capabilities_of(studio, "devi", "blog") == WORKS
    assert capabilities_of(studio, "carl", "blog") == PAYS
    assert direct_roles_by_name(studio, "blog") == {
        "ada": "developer",
        "sam": "manager",
        "devi": "developer",
    }
    assert direct_roles_by_name(studio, "card") == {
        "ada": "holder",
        "bo": "holder",
        "sam": "holder",
    }


@pytest.mark.rule("BIL-04")
def test_another_admin_keeps_their_role(studio: Scenario) -> None:
    studio.add_member("devi", "admin", "blog")
    accept_offer(
        studio, "carl", offer_billing_transfer(studio, "carl", "blog"), "purse"
    )
    assert direct_roles_by_name(studio, "blog") == {"ada": "developer", "devi": "admin"}


@pytest.mark.rule("BIL-04")
def test_an_inviter_who_had_no_role_of_their_own_keeps_the_developers_side(
    studio: Scenario,
) -> None:
    studio.leave_resource("ada", "blog")
    accept_offer(
        studio, "carl", offer_billing_transfer(studio, "carl", "blog"), "purse"
    )
    assert (
        direct_roles_by_name(studio, "blog"),
        capabilities_of(studio, "ada", "blog"),
    ) == ({"ada": "developer"}, WORKS)


@pytest.mark.rule("BIL-04")
@pytest.mark.parametrize("direct", [True, False])
def test_an_inviter_who_chose_to_go_is_gone_with_a_word_on_the_keys_they_knew(
    studio: Scenario, direct: bool
) -> None:
    if not direct:
        studio.leave_resource("ada", "blog")
    studio.take_outbox()
    accept_offer(
        studio,
        "carl",
        offer_billing_transfer(studio, "carl", "blog", leaves=True),
        "purse",
    )
    assert (
        direct_roles_by_name(studio, "blog"),
        capabilities_of(studio, "ada", "blog"),
    ) == ({}, set())
    assert [e.rotate for e in studio.events_of_type(MemberLeft)[-1:] if direct] == [
        (get_resource(studio, "blog").id,)
    ] * direct


@pytest.mark.rule("BIL-04")
def test_what_changed_hands_is_not_undone_by_who_took_it(studio: Scenario) -> None:
    accept_offer(
        studio,
        "carl",
        offer_billing_transfer(studio, "carl", "blog", leaves=True),
        "purse",
    )
    for who in ("carl", "ada"):
        with pytest.raises(errors.NothingToUndo):
            studio.execute(UndoDeparture(studio.caller_for(who)))


@pytest.mark.rule("BIL-04")
def test_an_inviter_with_a_role_for_a_limited_time_keeps_its_end(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "holder", "card")
    studio.add_member("bo", "admin", "blog", term=Term(timedelta(days=10)))
    accept_offer(
        studio, "carl", offer_billing_transfer(studio, "carl", "blog", by="bo"), "purse"
    )
    assert direct_roles_by_name(studio, "blog") == {"ada": "admin", "bo": "developer"}
    studio.advance_time(days=11)
    assert direct_roles_by_name(studio, "blog") == {"ada": "admin"}


@pytest.mark.rule("BIL-04")
def test_what_stands_in_a_company_stays_there_and_its_owners_keep_control(
    studio: Scenario,
) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "app", "Page", within="acme")
    studio.add_member("devi", "developer", "page")
    accept_offer(
        studio, "carl", offer_billing_transfer(studio, "carl", "page"), "purse"
    )
    assert get_resource(studio, "page").parent == get_resource(studio, "acme").id
    assert capabilities_of(studio, "ada", "page") == PAYS | WORKS | {"scale"}
    assert capabilities_of(studio, "devi", "page") == WORKS
    assert capabilities_of(studio, "carl", "page") == PAYS
    assert capabilities_of(studio, "carl", "acme") == {"view"}


@pytest.mark.rule("BIL-03")
def test_several_things_with_several_payers_change_hands_together(
    studio: Scenario,
) -> None:
    create_resource(studio, "database", "Store")
    create_resource(studio, "payment", "Second")
    attach_payment_method(studio, "store", "second")
    accept_offer(
        studio,
        "carl",
        offer_billing_transfer(studio, "carl", "shop", "blog", "store", "blog"),
        "purse",
    )
    assert {
        payment_method_slug(studio, what) for what in ("shop", "blog", "store")
    } == {"purse"}
    (transfer,) = studio.events_of_type(BillingTransferred)
    assert set(transfer.before) == {
        get_resource(studio, "card").id,
        get_resource(studio, "second").id,
    }
    assert len({transfer.resource, *transfer.also}) == 3
    for what in ("shop", "blog", "store"):
        assert direct_roles_by_name(studio, what) == {"ada": "developer"}


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-05")
def test_of_several_things_all_change_hands_or_none(studio: Scenario) -> None:
    waits = offer_billing_transfer(studio, "carl", "shop", "blog")
    attach_payment_method(studio, "blog", None)
    assert invitation_state(studio, waits) == "revoked"
    with pytest.raises(errors.AlreadyAnswered):
        accept_offer(studio, "carl", waits, "purse")
    assert (
        payment_method_slug(studio, "shop"),
        payment_method_slug(studio, "blog"),
    ) == (None, None)


@pytest.mark.rule("BIL-04")
@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("goes", [False, True])
@pytest.mark.parametrize("direct", [True, False])
def test_invitations_authorized_only_by_the_old_control_end_with_it(
    studio: Scenario, direct: bool, goes: bool
) -> None:
    if not direct:
        studio.leave_resource("ada", "blog")
    theirs = [
        studio.send_invitation("devi", "developer", what) for what in ("blog", "shop")
    ]
    billing = [
        offer_billing_transfer(studio, "sam", "blog"),
        offer_billing_transfer(studio, "sam", "shop"),
    ]
    accept_offer(
        studio,
        "carl",
        offer_billing_transfer(studio, "carl", "shop", "blog", leaves=goes),
        "purse",
    )
    assert {invitation_state(studio, waits) for waits in (*theirs, *billing)} == {
        "revoked"
    }
    ended = [e.invitation for e in studio.events_of_type(InvitationRevoked)]
    assert sorted(ended) == sorted({*ended})


@pytest.mark.rule("BIL-04")
def test_invitations_that_another_role_authorizes_stay_pending(
    studio: Scenario,
) -> None:
    studio.add_member("devi", "admin", "blog")
    waits = studio.send_invitation("sam", "developer", "blog", by="devi")
    elsewhere = studio.send_invitation("sam", "accountant", "card")
    accept_offer(
        studio, "carl", offer_billing_transfer(studio, "carl", "blog"), "purse"
    )
    assert (invitation_state(studio, waits), invitation_state(studio, elsewhere)) == (
        "pending",
        "pending",
    )


# What ends an offer (BIL-05)


def changes(world: Scenario, how: str) -> None:
    """What makes an offer die: it is Bo's, who holds Ada's card."""
    acts = {
        "another payer": lambda: attach_payment_method(world, "blog", "second"),
        "no payer": lambda: attach_payment_method(world, "blog", None),
        "leaves what pays": lambda: world.leave_resource("bo", "card"),
        "deactivated": lambda: world.read_profile("bo", active=False),
        "app deleted": lambda: world.execute(
            DeleteResource(world.caller_for("ada"), "blog")
        ),
        "billing taken by another": lambda: accept_offer(
            world,
            "sam",
            offer_billing_transfer(world, "sam", "blog"),
            NewPaymentMethod("Sam's"),
        ),
    }
    acts[how]()


@pytest.mark.rule("BIL-05")
@pytest.mark.parametrize(
    "how",
    [
        "another payer",
        "no payer",
        "leaves what pays",
        "deactivated",
        "app deleted",
        "billing taken by another",
    ],
)
def test_an_offer_dies_with_a_word_to_both_when_either_side_changes(
    studio: Scenario, how: str
) -> None:
    create_resource(studio, "payment", "Second")
    studio.add_member("bo", "holder", "card")
    waits = offer_billing_transfer(studio, "carl", "blog", by="bo")
    studio.take_outbox()
    changes(studio, how)
    assert invitation_state(studio, waits) == "revoked"
    notifications = studio.take_outbox()
    assert notifications.count(("carl", "transfer_offer_revoked")) == 1
    assert notifications.count(("bo", "invitation_revoked")) == (
        how != "leaves what pays"
    )
    with pytest.raises(errors.AlreadyAnswered):
        accept_offer(studio, "carl", waits, "purse")


@pytest.mark.rule("BIL-05")
def test_an_offer_of_a_trial_app_dies_with_the_inviters_control(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "admin", "shop")
    studio.add_member("devi", "admin", "shop")
    by_leaving, by_paying = (
        offer_billing_transfer(studio, "carl", "shop", by="bo"),
        offer_billing_transfer(studio, "sam", "shop", by="devi"),
    )
    studio.leave_resource("bo", "shop")
    assert (
        invitation_state(studio, by_leaving),
        invitation_state(studio, by_paying),
    ) == ("revoked", "pending")
    attach_payment_method(studio, "shop", "card")
    assert invitation_state(studio, by_paying) == "revoked"


@pytest.mark.rule("BIL-05")
@pytest.mark.parametrize("how", ["demoted", "removed"])
def test_an_offer_dies_when_the_inviters_role_on_what_it_stands_in_ends(
    studio: Scenario, how: str
) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "app", "Page", within="acme")
    studio.add_member("bo", "admin")
    waits = offer_billing_transfer(studio, "carl", "page", by="bo")
    if how == "removed":
        studio.execute(
            RemoveMember(studio.caller_for("ada"), studio.account_of("bo"), "acme")
        )
    else:
        studio.execute(
            ChangeRole(
                studio.caller_for("ada"), studio.account_of("bo"), "accountant", "acme"
            )
        )
    assert invitation_state(studio, waits) == "revoked"


@pytest.mark.rule("BIL-05")
@pytest.mark.parametrize(
    ("to", "left"),
    [(None, "revoked"), ("site", "pending")],
)
def test_an_offer_dies_when_the_thing_moves_out_of_the_inviters_hands(
    studio: Scenario, to: str | None, left: str
) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "project", "Site", within="acme")
    create_resource(studio, "app", "Page", within="acme")
    studio.add_member("bo", "admin")
    studio.record_membership(get_resource(studio, "page").id, "ada", "admin")
    waits = offer_billing_transfer(studio, "carl", "page", by="bo")
    studio.execute(MoveResource(studio.caller_for("ada"), "page", to))
    assert invitation_state(studio, waits) == left


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_what_pays_is_deleted_or_retired(studio: Scenario) -> None:
    waits = offer_billing_transfer(studio, "carl", "blog")
    studio.execute(DeleteResource(studio.caller_for("ada"), "card"))
    assert (invitation_state(studio, waits), payment_method_slug(studio, "blog")) == (
        "revoked",
        None,
    )


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_the_company_with_what_pays_is_deleted(
    studio: Scenario,
) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "payment", "House", within="acme")
    studio.add_member("bo", "owner")
    attach_payment_method(studio, "shop", "house")
    waits, invited = (
        offer_billing_transfer(studio, "carl", "shop", by="bo"),
        studio.send_invitation("devi", "developer", "shop", by="bo"),
    )
    studio.execute(DeleteResource(studio.caller_for("ada"), "acme", "Acme"))
    assert (
        invitation_state(studio, waits),
        invitation_state(studio, invited),
        payment_method_slug(studio, "shop"),
    ) == ("revoked", "revoked", None)


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_the_team_that_holds_what_pays_is_parted_from_it(
    studio: Scenario,
) -> None:
    create_resource(studio, "team", "Crew", by="bo")
    studio.add_member("ada", "unlimited", "crew", by="bo")
    studio.execute(ShareWithTeam(studio.caller_for("ada"), "card", "crew", "holder"))
    waits, invited = (
        offer_billing_transfer(studio, "carl", "blog", by="bo"),
        studio.send_invitation("devi", "developer", "blog", by="bo"),
    )
    studio.execute(UnshareWithTeam(studio.caller_for("ada"), "card", "crew"))
    assert (invitation_state(studio, waits), invitation_state(studio, invited)) == (
        "revoked",
        "revoked",
    )


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_the_team_that_holds_what_pays_is_deleted(
    studio: Scenario,
) -> None:
    create_resource(studio, "team", "Crew", by="bo")
    studio.add_member("ada", "unlimited", "crew", by="bo")
    studio.execute(ShareWithTeam(studio.caller_for("ada"), "card", "crew", "holder"))
    waits = offer_billing_transfer(studio, "carl", "blog", by="bo")
    studio.execute(DeleteResource(studio.caller_for("bo"), "crew"))
    assert invitation_state(studio, waits) == "revoked"


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_what_pays_moves_out_of_the_inviters_company(
    studio: Scenario,
) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "payment", "House", within="acme")
    attach_payment_method(studio, "shop", "house")
    studio.add_member("bo", "owner")
    waits = offer_billing_transfer(studio, "carl", "shop", by="bo")
    studio.execute(MoveResource(studio.caller_for("ada"), "house", None))
    assert invitation_state(studio, waits) == "revoked"


@pytest.mark.rule("BIL-05")
def test_an_offer_that_died_while_its_sender_was_away_is_not_brought_back_by_an_undo(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "admin", "shop")
    waits = offer_billing_transfer(studio, "carl", "shop", by="bo")
    studio.leave_resource("bo", "shop")
    attach_payment_method(studio, "shop", "card")
    studio.execute(UndoDeparture(studio.caller_for("bo")))
    assert (
        direct_roles_by_name(studio, "shop")["bo"],
        invitation_state(studio, waits),
    ) == ("admin", "revoked")


@pytest.mark.rule("BIL-05")
@pytest.mark.parametrize("goes", [False, True])
def test_an_offer_that_a_leave_took_along_comes_back_with_the_undo(
    studio: Scenario, goes: bool
) -> None:
    studio.add_member("bo", "admin", "shop")
    studio.add_member("carl", "developer", "shop")
    waits = offer_billing_transfer(studio, "carl", "shop", by="bo", leaves=goes)
    studio.leave_resource("bo", "shop")
    studio.execute(UndoDeparture(studio.caller_for("bo")))
    accept_offer(studio, "carl", waits, "purse")
    assert payment_method_slug(studio, "shop") == "purse"


# Like every invitation


@pytest.mark.rule("BIL-03")
def test_an_offer_is_declined_for_its_sender_alone_and_rests_for_a_day(
    studio: Scenario,
) -> None:
    waits = offer_billing_transfer(studio, "carl", "blog")
    studio.execute(DeclineInvitation(studio.caller_for("carl"), waits, "Too dear"))
    assert (invitation_state(studio, waits), payment_method_slug(studio, "blog")) == (
        "declined",
        "card",
    )
    studio.send_invitation("carl", "developer", "blog")
    with pytest.raises(errors.DeclinedRecently):
        offer_billing_transfer(studio, "carl", "blog")
    with pytest.raises(errors.DeclinedRecently):
        studio.execute(ResendInvitation(studio.caller_for("ada"), waits))
    studio.advance_time(days=1, minutes=1)
    assert offer_billing_transfer(studio, "carl", "blog") != waits


@pytest.mark.rule("BIL-03")
def test_an_offer_is_revoked_by_its_sender_or_who_has_the_billing_and_by_nobody_else(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "holder", "card")
    studio.add_member("devi", "admin", "blog")
    waits = offer_billing_transfer(studio, "carl", "blog")
    with pytest.raises(errors.MayNotManage):
        studio.execute(RevokeInvitation(studio.caller_for("devi"), waits))
    studio.execute(RevokeInvitation(studio.caller_for("bo"), waits))
    assert invitation_state(studio, waits) == "revoked"
    with pytest.raises(errors.MayNotManage):
        studio.execute(ResendInvitation(studio.caller_for("devi"), waits))


@pytest.mark.rule("BIL-03")
def test_an_offer_is_sent_again_reminded_of_and_expires(studio: Scenario) -> None:
    waits = offer_billing_transfer(studio, "carl", "blog")
    studio.advance_time(days=2, hours=6)
    assert [e.invitation for e in studio.events_of_type(InvitationReminded)] == [waits]
    studio.execute(ResendInvitation(studio.caller_for("ada"), waits))
    assert [e.invitation for e in studio.events_of_type(InvitationResent)] == [waits]
    assert studio.execute(
        TransferBilling(studio.caller_for("ada"), studio.account_of("carl"), "blog")
    ).find_event(InvitationResent)
    studio.advance_time(days=8)
    assert invitation_state(studio, waits) == "expired"
    with pytest.raises(errors.AlreadyAnswered):
        accept_offer(studio, "carl", waits, "purse")
    again = studio.execute(ResendInvitation(studio.caller_for("ada"), waits))
    assert len(again.recorded) == 1
    [anew] = studio.pending_invitation_ids("carl")
    accept_offer(studio, "carl", anew, "purse")
    assert payment_method_slug(studio, "blog") == "purse"


@pytest.mark.rule("INV-04")
def test_who_lost_the_right_to_an_offer_is_named_when_it_is_sent_again(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "admin", "shop")
    waits = offer_billing_transfer(studio, "carl", "shop", by="bo")
    studio.advance_time(days=8)
    studio.leave_resource("bo", "shop")
    with pytest.raises(errors.InviterLostRight) as why:
        studio.execute(ResendInvitation(studio.caller_for("bo"), waits))
    assert why.value == errors.InviterLostRight(studio.person_id_of("bo"), "Shop")


@pytest.mark.rule("BIL-03")
def test_an_offer_is_over_at_its_time_whether_or_not_anything_has_swept(
    studio: Scenario,
) -> None:
    waits = offer_billing_transfer(studio, "carl", "blog")
    studio.at += timedelta(days=7)
    with pytest.raises(errors.InvitationExpired):
        accept_offer(studio, "carl", waits, "purse")


@pytest.mark.rule("BIL-03")
def test_another_offer_to_the_same_person_takes_the_place_of_the_first(
    studio: Scenario,
) -> None:
    first = offer_billing_transfer(studio, "carl", "blog")
    second = offer_billing_transfer(studio, "carl", "blog", "shop")
    third = offer_billing_transfer(studio, "carl", "blog", "shop", leaves=True)
    assert [invitation_state(studio, i) for i in (first, second, third)] == [
        "superseded",
        "superseded",
        "pending",
    ]
    assert [e.by for e in studio.events_of_type(InvitationSuperseded)] == [
        second,
        third,
    ]
    with pytest.raises(errors.NothingToEdit):
        studio.execute(EditInvitation(studio.caller_for("ada"), third, "admin"))


@pytest.mark.rule("BIL-03")
def test_an_offer_to_pay_and_an_invitation_to_join_wait_side_by_side(
    studio: Scenario,
) -> None:
    waits, invited = (
        offer_billing_transfer(studio, "carl", "blog"),
        studio.send_invitation("carl", "manager", "blog"),
    )
    studio.accept_invitation("carl", invited)
    accept_offer(studio, "carl", waits, "purse")
    assert direct_roles_by_name(studio, "blog") == {
        "ada": "developer",
        "carl": "manager",
    }
    assert capabilities_of(studio, "carl", "blog") == PAYS | WORKS


@pytest.mark.rule("BIL-03")
def test_a_retired_method_pays_for_nothing_more(studio: Scenario) -> None:
    bill = NewInvoice(
        "purse", "1", studio.at.date(), Decimal("1.00"), "EUR", "f" * 64, 1
    )
    studio.execute(AddInvoices(studio.system_caller("cli"), (bill,)))
    studio.execute(DeleteResource(studio.caller_for("carl"), "purse"))
    waits = offer_billing_transfer(studio, "carl", "blog")
    with pytest.raises(errors.Retired):
        accept_offer(studio, "carl", waits, "purse")
    assert payment_method_slug(studio, "blog") == "card"


# Who gets which notification


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("EVT-05")
def test_both_sides_all_holders_and_the_channels_hear_once_each(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "holder", "card")
    studio.add_member("devi", "holder", "purse", by="carl")
    studio.add_member("sam", "developer", "blog")
    studio.link_channel("CBLOG", "blog")
    studio.link_channel("CSHOP", "shop")
    studio.link_channel("CALL", "shop")
    studio.link_channel("CALL", "blog")
    waits = offer_billing_transfer(studio, "carl", "shop", "blog", note="Thanks")
    studio.take_outbox()
    accept_offer(
        studio,
        "carl",
        waits,
        NewPaymentMethod(
            "Client", BillingDetails("Main Street 1", "bills@client.example")
        ),
    )
    notifications = studio.take_outbox()
    heard = [who for who, message in notifications if message == "billing_transferred"]
    assert sorted(heard) == ["ada", "bo", "carl", "channel:CALL", "channel:CSHOP"]
    assert [who for who, message in notifications if message == "payer_changed"] == [
        "channel:CBLOG"
    ]


@pytest.mark.rule("BIL-03")
def test_what_paid_and_what_pays_hear_of_it_in_the_persons_of_their_holders(
    studio: Scenario,
) -> None:
    studio.add_member("bo", "holder", "card")
    studio.add_member("devi", "holder", "purse", by="carl")
    waits = offer_billing_transfer(studio, "carl", "blog")
    studio.take_outbox()
    accept_offer(studio, "carl", waits, "purse")
    notifications = studio.take_outbox()
    assert sorted(who for who, m in notifications if m == "billing_transferred") == [
        "ada",
        "bo",
        "carl",
        "devi",
    ]
    assert not [
        m for _, m in notifications if m in {"payer_changed", "invitation_accepted"}
    ]
    assert len(notifications) == len({*notifications})


@pytest.mark.rule("EVT-05")
def test_channels_hear_no_details_no_invoices_and_no_reasons(studio: Scenario) -> None:
    studio.link_channel("CCARD", "card")
    studio.link_channel("CBLOG", "blog", groups=("billing", "invitations"))
    studio.take_outbox()
    waits = offer_billing_transfer(studio, "carl", "blog")
    assert ("channel:CBLOG", "invitation_open") in studio.take_outbox()
    studio.execute(DeclineInvitation(studio.caller_for("carl"), waits, "Too dear"))
    assert [m for who, m in studio.take_outbox() if who.startswith("channel")] == [
        "refresh"
    ]


# Ownership


@pytest.mark.rule("BIL-10")
def test_a_project_has_exactly_one_owner_through_it_all(studio: Scenario) -> None:
    create_resource(studio, "project", "Site")
    create_resource(studio, "app", "Page", within="site")
    studio.add_member("devi", "administrator", "site")
    waits, other = (
        offer_ownership(studio, "carl", "site"),
        offer_ownership(studio, "devi", "site"),
    )
    assert direct_roles_by_name(studio, "site") == {
        "ada": "owner",
        "devi": "administrator",
    }
    accept_offer(studio, "carl", waits)
    assert direct_roles_by_name(studio, "site") == {
        "ada": "administrator",
        "carl": "owner",
        "devi": "administrator",
    }
    assert invitation_state(studio, other) == "revoked"
    with pytest.raises(errors.AlreadyAnswered):
        accept_offer(studio, "devi", other)
    with pytest.raises(errors.NotOwner):
        offer_ownership(studio, "devi", "site")
    accept_offer(studio, "devi", offer_ownership(studio, "devi", "site", by="carl"))
    assert direct_roles_by_name(studio, "site") == {
        "ada": "administrator",
        "carl": "administrator",
        "devi": "owner",
    }
    assert capabilities_of(studio, "devi", "page") > WORKS
    assert len(studio.events_of_type(OwnershipTransferred)) == 2


@pytest.mark.rule("BIL-10")
def test_the_old_owner_of_a_project_leaves_only_after_handing_it_over(
    studio: Scenario,
) -> None:
    create_resource(studio, "project", "Site")
    with pytest.raises(errors.LastHolder):
        studio.leave_resource("ada", "site")
    accept_offer(studio, "carl", offer_ownership(studio, "carl", "site"))
    studio.leave_resource("ada", "site")
    assert direct_roles_by_name(studio, "site") == {"carl": "owner"}


@pytest.mark.rule("BIL-10")
@pytest.mark.rule("BIL-10")
def test_an_owner_of_the_company_hands_its_project_over_and_an_admin_does_not(
    studio: Scenario,
) -> None:
    create_resource(studio, "company", "Acme")
    studio.add_member("bo", "admin")
    create_resource(studio, "project", "Site", by="bo", within="acme")
    assert direct_roles_by_name(studio, "site") == {}
    with pytest.raises(errors.NotOwner):
        offer_ownership(studio, "carl", "site", by="bo")
    accept_offer(studio, "carl", offer_ownership(studio, "carl", "site"))
    assert direct_roles_by_name(studio, "site") == {"carl": "owner"}
    accept_offer(studio, "bo", offer_ownership(studio, "bo", "site"))
    assert direct_roles_by_name(studio, "site") == {
        "bo": "owner",
        "carl": "administrator",
    }


@pytest.mark.rule("MEM-08")
def test_a_project_handed_over_while_its_owner_is_deactivated_has_one_owner_when_they_return(
    studio: Scenario,
) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "project", "Site", within="acme")
    accept_offer(studio, "bo", offer_ownership(studio, "bo", "site"))
    studio.deactivate_accounts("bo")
    assert studio.find_succession("site") is None
    accept_offer(studio, "carl", offer_ownership(studio, "carl", "site"))
    studio.reactivate_account("bo")
    assert direct_roles_by_name(studio, "site") == {
        "bo": "administrator",
        "carl": "owner",
    }


@pytest.mark.rule("INV-04")
def test_an_offer_of_the_companys_owner_ends_with_their_right(studio: Scenario) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "project", "Site", within="acme")
    studio.add_member("devi", "owner")
    offer = offer_ownership(studio, "carl", "site")
    studio.leave_resource("ada", "acme")
    assert invitation_state(studio, offer) == "revoked"


@pytest.mark.rule("BIL-10")
def test_an_app_that_stands_in_nothing_changes_hands(studio: Scenario) -> None:
    studio.add_member("devi", "admin", "shop")
    with pytest.raises(errors.AlreadyHolds):
        offer_ownership(studio, "devi", "shop")
    accept_offer(studio, "carl", offer_ownership(studio, "carl", "shop"))
    assert direct_roles_by_name(studio, "shop") == {
        "ada": "developer",
        "carl": "admin",
        "devi": "admin",
    }


@pytest.mark.rule("BIL-10")
def test_an_app_that_stands_in_something_is_handed_over_with_that(
    studio: Scenario,
) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "app", "Page", within="acme")
    with pytest.raises(errors.StandsInSomething):
        offer_ownership(studio, "carl", "page")
    waits = offer_ownership(studio, "carl", "shop")
    studio.execute(MoveResource(studio.caller_for("ada"), "shop", "acme"))
    assert invitation_state(studio, waits) == "revoked"


@pytest.mark.rule("BIL-10")
@pytest.mark.parametrize("what", ["card", "crew"])
def test_what_has_no_one_owner_is_not_handed_over(studio: Scenario, what: str) -> None:
    create_resource(studio, "team", "Crew")
    with pytest.raises(errors.NotHandedOver):
        offer_ownership(studio, "carl", what)


@pytest.mark.rule("BIL-10")
def test_who_is_not_the_owner_hands_nothing_over(studio: Scenario) -> None:
    create_resource(studio, "project", "Site")
    studio.add_member("devi", "administrator", "site")
    studio.add_member("bo", "manager", "shop")
    for by, what in (("devi", "site"), ("bo", "shop")):
        with pytest.raises(errors.NotOwner):
            offer_ownership(studio, "carl", what, by=by)
    with pytest.raises(errors.AlreadyHolds) as refused:
        offer_ownership(studio, "ada", "site")
    assert refused.value == errors.AlreadyHolds(
        studio.person_id_of("ada"), "owner", "Site"
    )
    studio.execute(DisableResource(studio.caller_for("ada"), "site"))
    with pytest.raises(errors.IsDisabled):
        offer_ownership(studio, "carl", "site")


@pytest.mark.rule("BIL-10")
def test_an_offer_to_own_dies_with_the_thing_and_with_its_senders_ownership(
    studio: Scenario,
) -> None:
    create_resource(studio, "project", "Site")
    studio.add_member("bo", "admin", "shop")
    project, app = (
        offer_ownership(studio, "carl", "site"),
        offer_ownership(studio, "carl", "shop", by="bo"),
    )
    studio.take_outbox()
    studio.execute(DeleteResource(studio.caller_for("ada"), "site"))
    studio.leave_resource("bo", "shop")
    assert (invitation_state(studio, project), invitation_state(studio, app)) == (
        "revoked",
        "revoked",
    )
    assert studio.take_outbox().count(("carl", "transfer_offer_revoked")) == 2


@pytest.mark.rule("BIL-10")
def test_an_invitation_to_join_and_an_offer_to_own_are_two_questions(
    studio: Scenario,
) -> None:
    create_resource(studio, "project", "Site")
    invited, owned = (
        studio.send_invitation("carl", "member", "site"),
        offer_ownership(studio, "carl", "site"),
    )
    accept_offer(studio, "carl", owned)
    with pytest.raises(errors.Rejected):
        studio.accept_invitation("carl", invited)
    assert direct_roles_by_name(studio, "site") == {
        "ada": "administrator",
        "carl": "owner",
    }


@pytest.mark.rule("BIL-10")
def test_the_old_owners_invitations_stay_as_far_as_the_new_role_authorizes_them(
    studio: Scenario,
) -> None:
    create_resource(studio, "project", "Site")
    still, owned = (
        studio.send_invitation("devi", "member", "site"),
        offer_ownership(studio, "carl", "site"),
    )
    only = studio.send_invitation("sam", "developer", "shop")
    app = offer_ownership(studio, "carl", "shop")
    accept_offer(studio, "carl", owned)
    accept_offer(studio, "carl", app)
    assert (invitation_state(studio, still), invitation_state(studio, only)) == (
        "pending",
        "revoked",
    )


@pytest.mark.rule("BIL-10")
def test_a_payment_method_is_made_with_a_company_and_with_nothing_else(
    studio: Scenario,
) -> None:
    create_resource(studio, "project", "Site")
    for what in ("site", "shop"):
        with pytest.raises(errors.DoesNotStandIn):
            accept_offer(
                studio,
                "carl",
                offer_ownership(studio, "carl", what),
                NewPaymentMethod("House"),
            )
        assert direct_roles_by_name(studio, what)["ada"] in {"owner", "admin"}


# The client takes over a company


@pytest.mark.rule("BIL-06")
@pytest.mark.parametrize(
    "choice",
    [
        None,
        NewPaymentMethod(
            "House", BillingDetails("Main Street 1", "bills@acme.example", "A-1")
        ),
    ],
)
def test_the_client_becomes_owner_and_the_inviter_admin(
    studio: Scenario, choice: NewPaymentMethod | None
) -> None:
    create_resource(studio, "company", "Acme")
    create_resource(studio, "app", "Page", within="acme")
    studio.add_member("devi", "developer", "page")
    accept_offer(studio, "carl", offer_ownership(studio, "carl", "acme"), choice)
    assert direct_roles_by_name(studio, "acme") == {"ada": "admin", "carl": "owner"}
    assert capabilities_of(studio, "ada", "acme") == {"view", "create"}
    assert capabilities_of(studio, "devi", "page") == WORKS
    assert {"pay", "invoices", "delete"} <= capabilities_of(studio, "carl", "acme")
    if choice:
        assert get_resource(studio, "house").parent == get_resource(studio, "acme").id
        assert direct_roles_by_name(studio, "house") == {}
        assert capabilities_of(studio, "ada", "house") == set()
        shown = studio.bus.query(
            ShowBilling(studio.caller_for("carl"), "house"), studio.at
        )
        assert shown.details == choice.details


@pytest.mark.rule("BIL-06")
def test_one_of_several_owners_hands_over_and_the_others_stay(studio: Scenario) -> None:
    create_resource(studio, "company", "Acme")
    studio.add_member("bo", "owner")
    studio.add_member("devi", "admin")
    with pytest.raises(errors.AlreadyHolds):
        offer_ownership(studio, "bo", "acme")
    accept_offer(studio, "devi", offer_ownership(studio, "devi", "acme"))
    assert direct_roles_by_name(studio, "acme") == {
        "ada": "admin",
        "bo": "owner",
        "devi": "owner",
    }
    with pytest.raises(errors.NotOwner):
        offer_ownership(studio, "carl", "acme")


@pytest.mark.rule("BIL-06")
def test_who_became_owner_in_the_meantime_takes_nothing_over(studio: Scenario) -> None:
    create_resource(studio, "company", "Acme")
    waits = offer_ownership(studio, "carl", "acme")
    studio.add_member("carl", "owner")
    with pytest.raises(errors.AlreadyHolds):
        accept_offer(studio, "carl", waits)
    assert direct_roles_by_name(studio, "acme") == {"ada": "owner", "carl": "owner"}


@pytest.mark.rule("BIL-06")
def test_a_card_number_spoils_the_taking_over(studio: Scenario) -> None:
    create_resource(studio, "company", "Acme")
    waits = offer_ownership(studio, "carl", "acme")
    with pytest.raises(errors.CardNumber):
        accept_offer(
            studio,
            "carl",
            waits,
            NewPaymentMethod("House", BillingDetails(reference="4111-1111-1111-1111")),
        )
    assert direct_roles_by_name(studio, "acme") == {"ada": "owner"}


@pytest.mark.rule("BIL-06")
@pytest.mark.rule("BIL-10")
def test_both_sides_and_the_owners_hear_of_another_owner_once_each(
    studio: Scenario,
) -> None:
    create_resource(studio, "company", "Acme")
    studio.add_member("bo", "owner")
    studio.link_channel("CACME", "acme")
    waits = offer_ownership(studio, "carl", "acme")
    studio.take_outbox()
    accept_offer(studio, "carl", waits)
    notifications = studio.take_outbox()
    assert len(notifications) == len({*notifications})
    assert {"ada", "channel:CACME"} <= {who for who, _ in notifications}


# Updates in channels


@pytest.mark.rule("EVT-04")
@pytest.mark.rule("BIL-03")
@pytest.mark.parametrize("leaving", [True, False])
@pytest.mark.parametrize("purpose", ["billing", "ownership"])
def test_a_channel_hears_of_a_transfer_in_one_message(
    studio: Scenario, purpose: str, *, leaving: bool
) -> None:
    if purpose == "billing":
        studio.link_channel("CSHOP", "shop")
        offer: TransferBilling | TransferOwnership = TransferBilling(
            studio.caller_for("ada"), studio.account_of("carl"), "shop", leaves=leaving
        )
    else:
        create_resource(studio, "project", "Site")
        studio.link_channel("CSHOP", "site")
        offer = TransferOwnership(
            studio.caller_for("ada"), studio.account_of("carl"), "site"
        )
    invitation = studio.execute(offer).get_event(InvitationSent).invitation
    studio.take_outbox()
    studio.execute(
        AcceptInvitation(
            studio.caller_for("carl"),
            invitation,
            "purse" if purpose == "billing" else None,
        )
    )
    heard = [
        message
        for target, message in studio.take_outbox()
        if target == "channel:CSHOP" and message != "refresh"
    ]
    left = ["member_left"] if leaving and purpose == "billing" else []
    assert sorted(heard) == sorted([*left, f"{purpose}_transferred"])
