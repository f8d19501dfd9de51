"""Payment methods and what they pay for, by the rules."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from collab import errors
from collab.access_queries import ShowResource
from collab.billing.payment_methods import (
    ADDRESS_LIMIT,
    EMAIL_LIMIT,
    REFERENCE_LIMIT,
    ChangeBillingDetails,
    ListPaymentMethods,
    SetPaymentMethod,
    ShowBilling,
)
from collab.events import BillingDetailed, PayerChanged
from collab.invitations.answers import AcceptInvitation
from collab.memberships.commands import ChangeRole
from collab.model import BillingDetails
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource, EnableResource
from tests.support.billing_oracle import (
    attach_payment_method,
    capabilities_of,
    create_resource,
    direct_roles_by_name,
    get_resource,
    payment_method_slug,
)
from tests.support.builders import Scenario

FULL = BillingDetails("Main Street 1", "bills@acme.example", "A-17")


@pytest.fixture
def shop(world: Scenario) -> Scenario:
    """Ada's trial app and card, and Carl with a card of his own."""
    world.register_people("ada", "bo", "carl", "devi")
    create_resource(world, "app", "Shop")
    create_resource(world, "payment", "Card")
    create_resource(world, "payment", "Purse", by="carl")
    world.take_outbox()
    return world


def details(world: Scenario, what: str = "card", by: str = "ada") -> BillingDetails:
    found: BillingDetails = world.bus.query(
        ShowBilling(world.caller_for(by), what), world.at
    ).details
    return found


# What a payment method says of itself


@pytest.mark.rule("BIL-01")
def test_a_method_says_where_its_bills_go_and_how_it_is_known_elsewhere(
    shop: Scenario,
) -> None:
    assert details(shop) == BillingDetails()
    shop.execute(
        ChangeBillingDetails(
            shop.caller_for("ada"),
            "card",
            BillingDetails(" Main Street 1\nBerlin ", " bills@acme.example ", " A-17 "),
        )
    )
    assert details(shop) == BillingDetails(
        "Main Street 1\nBerlin", "bills@acme.example", "A-17"
    )
    assert not shop.execute(
        ChangeBillingDetails(shop.caller_for("ada"), "card", details(shop))
    ).recorded
    shop.execute(
        ChangeBillingDetails(
            shop.caller_for("ada"), "card", BillingDetails(email="new@acme.example")
        )
    )
    assert details(shop) == BillingDetails(email="new@acme.example")
    last = shop.events_of_type(BillingDetailed)[-1]
    assert (last.before_address, last.before_email, last.email) == (
        "Main Street 1\nBerlin", "bills@acme.example", "new@acme.example",
    )  # fmt: skip


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize("field", ["address", "email", "reference"])
def test_a_card_number_is_refused_in_every_detail(shop: Scenario, field: str) -> None:
    typed = "4111 1111 1111 1111" + ("@acme.example" if field == "email" else "")
    with pytest.raises(errors.CardNumber):
        shop.execute(
            ChangeBillingDetails(
                shop.caller_for("ada"), "card", BillingDetails(**{field: typed})
            )
        )
    assert details(shop) == BillingDetails()


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize(
    ("field", "length"),
    [
        ("address", ADDRESS_LIMIT),
        ("email", EMAIL_LIMIT),
        ("reference", REFERENCE_LIMIT),
    ],
)
def test_details_have_their_length(shop: Scenario, field: str, length: int) -> None:
    fits = "b" * (length - 6) + "@c.net" if field == "email" else "n" * length
    shop.execute(
        ChangeBillingDetails(
            shop.caller_for("ada"), "card", BillingDetails(**{field: fits})
        )
    )
    with pytest.raises(errors.TooLong):
        shop.execute(
            ChangeBillingDetails(
                shop.caller_for("ada"), "card", BillingDetails(**{field: "n" + fits})
            )
        )


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize(
    "typed", ["nobody", "a@b", "a b@c.net", "<a@c.net>", "a@c.net,b@c.net", "@c.net"]
)
def test_bills_go_to_one_address(shop: Scenario, typed: str) -> None:
    with pytest.raises(errors.BadAddress):
        shop.execute(
            ChangeBillingDetails(
                shop.caller_for("ada"), "card", BillingDetails(email=typed)
            )
        )


@pytest.mark.rule("BIL-01")
def test_holders_edit_details_accountants_read_them_and_nobody_else_knows_them(
    shop: Scenario,
) -> None:
    shop.execute(ChangeBillingDetails(shop.caller_for("ada"), "card", FULL))
    shop.add_member("bo", "accountant", "card")
    attach_payment_method(shop, "shop", "card")
    shop.add_member("devi", "admin", "shop")
    shown = shop.bus.query(ShowBilling(shop.caller_for("bo"), "card"), shop.at)
    assert (shown.details, shown.may_edit, shown.pays_for) == (FULL, False, ())
    with pytest.raises(errors.MayNot):
        shop.execute(
            ChangeBillingDetails(shop.caller_for("bo"), "card", BillingDetails())
        )
    for who in ("devi", "carl"):
        with pytest.raises(errors.UnknownResource):
            details(shop, by=who)
    with pytest.raises(errors.MayNot):
        shop.bus.query(ShowBilling(shop.caller_for("ada"), "shop"), shop.at)


@pytest.mark.rule("BIL-01")
def test_what_does_not_pay_says_nothing_of_that_kind(shop: Scenario) -> None:
    create_resource(shop, "company", "Acme")
    for what in ("acme", "shop"):
        with pytest.raises(errors.DoesNotPay):
            shop.execute(ChangeBillingDetails(shop.caller_for("ada"), what, FULL))
    with pytest.raises(errors.DoesNotPay):
        shop.bus.query(ShowBilling(shop.caller_for("ada"), "acme"), shop.at)


@pytest.mark.rule("BIL-01")
@pytest.mark.rule("EVT-05")
def test_other_holders_hear_that_details_changed_and_no_channel_does(
    shop: Scenario,
) -> None:
    shop.add_member("bo", "holder", "card")
    shop.add_member("devi", "accountant", "card")
    shop.link_channel("CCARD", "card")
    shop.take_outbox()
    shop.execute(ChangeBillingDetails(shop.caller_for("ada"), "card", FULL))
    assert shop.take_outbox() == [("bo", "billing_detailed")]


# What pays for what


@pytest.mark.rule("RES-02")
def test_an_app_is_a_trial_until_something_pays_and_again_after(shop: Scenario) -> None:
    assert get_resource(shop, "shop").paid_since is None
    attach_payment_method(shop, "shop", "card")
    assert (
        payment_method_slug(shop, "shop"),
        get_resource(shop, "shop").paid_since,
    ) == ("card", shop.at)
    attach_payment_method(shop, "shop", None)
    assert (
        payment_method_slug(shop, "shop"),
        get_resource(shop, "shop").paid_since,
    ) == (None, None)


@pytest.mark.rule("BIL-02")
def test_a_second_payer_takes_the_place_of_the_first(shop: Scenario) -> None:
    create_resource(shop, "payment", "Second")
    attach_payment_method(shop, "shop", "card")
    assert not attach_payment_method(shop, "shop", "card").recorded
    shop.advance_time(days=1)
    attach_payment_method(shop, "shop", "second")
    assert (
        payment_method_slug(shop, "shop"),
        get_resource(shop, "shop").paid_since,
    ) == ("second", shop.at)
    assert [(e.before, e.payer) for e in shop.events_of_type(PayerChanged)] == [
        (None, get_resource(shop, "card").id), (get_resource(shop, "card").id, get_resource(shop, "second").id),
    ]  # fmt: skip


@pytest.mark.rule("BIL-02")
def test_it_takes_pay_on_what_pays_and_delete_on_what_is_paid_for(
    shop: Scenario,
) -> None:
    shop.add_member("carl", "developer", "shop")
    shop.add_member("devi", "admin", "shop")
    shop.add_member("devi", "accountant", "card")
    shop.add_member("bo", "holder", "card")
    with pytest.raises(errors.MayNot):
        attach_payment_method(shop, "shop", "purse", by="carl")
    with pytest.raises(errors.MayNot):
        attach_payment_method(shop, "shop", "card", by="devi")
    with pytest.raises(errors.UnknownResource):
        attach_payment_method(shop, "shop", "card", by="bo")
    attach_payment_method(shop, "shop", "card")
    with pytest.raises(errors.NoBilling):
        attach_payment_method(shop, "shop", None, by="devi")
    attach_payment_method(shop, "shop", None, by="bo")
    assert payment_method_slug(shop, "shop") is None


@pytest.mark.rule("BIL-02")
def test_who_knows_nothing_of_what_pays_does_not_end_it_and_learns_nothing_of_it(
    shop: Scenario,
) -> None:
    shop.add_member("devi", "admin", "shop")
    attach_payment_method(shop, "shop", "card")
    create_resource(shop, "payment", "Mine", by="devi")
    for method in (None, "mine"):
        with pytest.raises(errors.NoBilling):
            attach_payment_method(shop, "shop", method, by="devi")
    assert payment_method_slug(shop, "shop") == "card"


@pytest.mark.rule("BIL-02")
@pytest.mark.parametrize(
    ("what", "method", "refusal"),
    [
        ("acme", "card", errors.NotPaidFor),
        ("card", "card", errors.NotPaidFor),
        ("shop", "acme", errors.DoesNotPay),
        ("shop", "shop", errors.MayNot),
        ("shop", "nothing-here", errors.UnknownResource),
    ],
)
def test_what_cannot_pay_or_be_paid_for_is_refused(
    shop: Scenario, what: str, method: str, refusal: type
) -> None:
    create_resource(shop, "company", "Acme")
    with pytest.raises(refusal):
        attach_payment_method(shop, what, method)


@pytest.mark.rule("BIL-02")
def test_nobody_has_pay_but_by_holding(shop: Scenario) -> None:
    create_resource(shop, "company", "Acme")
    house = create_resource(shop, "payment", "House", within="acme")
    shop.add_member("bo", "accountant", "acme")
    shop.add_member("carl", "admin", "acme")
    shop.add_member("devi", "owner", "acme")
    assert {
        w
        for w in ("ada", "bo", "carl", "devi")
        if "pay" in capabilities_of(shop, w, house)
    } == {"ada", "devi"}
    assert capabilities_of(shop, "bo", house) == {"view", "invoices"}
    assert capabilities_of(shop, "carl", house) == set()
    mine = shop.bus.query(ListPaymentMethods(shop.caller_for("devi")), shop.at)
    assert [m.slug for m in mine] == ["house"]
    shop.execute(
        ChangeRole(
            shop.caller_for("ada"), shop.account_of("carl"), "accountant", "acme"
        )
    )
    assert "pay" not in capabilities_of(shop, "carl", house)


@pytest.mark.rule("RES-02")
def test_what_a_payer_may_do_ends_with_the_paying(shop: Scenario) -> None:
    shop.add_member("bo", "holder", "card")
    assert capabilities_of(shop, "bo", "shop") == set()
    attach_payment_method(shop, "shop", "card")
    assert capabilities_of(shop, "bo", "shop") == {"view", "edit", "delete"}
    invited = shop.send_invitation("devi", "manager", "shop", by="bo")
    attach_payment_method(shop, "shop", None)
    assert capabilities_of(shop, "bo", "shop") == set()
    assert shop.get_invitation(invited).state == "revoked"
    with pytest.raises(errors.AlreadyAnswered):
        shop.execute(AcceptInvitation(shop.caller_for("devi"), invited))


@pytest.mark.rule("BIL-02")
def test_what_pays_alone_keeps_an_app_controlled_and_cannot_go(shop: Scenario) -> None:
    attach_payment_method(shop, "shop", "card")
    shop.leave_resource("ada", "shop")
    assert direct_roles_by_name(shop, "shop") == {}
    for act in (DeleteResource(shop.caller_for("ada"), "card"),):
        with pytest.raises(errors.LastHolder):
            shop.execute(act)
    with pytest.raises(errors.LastHolder):
        attach_payment_method(shop, "shop", None)


@pytest.mark.rule("BIL-02")
def test_a_method_moves_with_all_that_it_pays_for(shop: Scenario) -> None:
    create_resource(shop, "company", "Acme")
    attach_payment_method(shop, "shop", "card")
    shop.add_member("devi", "owner", "acme")
    assert capabilities_of(shop, "devi", "shop") == set()
    shop.execute(MoveResource(shop.caller_for("ada"), "card", "acme"))
    assert (
        payment_method_slug(shop, "shop"),
        capabilities_of(shop, "devi", "shop"),
    ) == ("card", {"view", "edit", "delete"})


@pytest.mark.rule("BIL-02")
@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize(
    "act",
    [
        partial(SetPaymentMethod, what="page", method=None),
        partial(DeleteResource, what="card"),
    ],
    ids=str,
)
def test_in_a_disabled_project_what_pays_stays(shop: Scenario, act: Any) -> None:
    create_resource(shop, "project", "Site")
    create_resource(shop, "app", "Page", within="site")
    attach_payment_method(shop, "page", "card")
    shop.execute(DisableResource(shop.caller_for("ada"), "site"))
    with pytest.raises(errors.PayerStays):
        shop.execute(act(by=shop.caller_for("ada")))
    assert payment_method_slug(shop, "page") == "card"
    shop.execute(EnableResource(shop.caller_for("ada"), "site"))
    assert shop.execute(act(by=shop.caller_for("ada"))).recorded


@pytest.mark.rule("RES-02")
def test_a_page_shows_what_pays_to_those_who_may_know_it(shop: Scenario) -> None:
    shop.add_member("devi", "developer", "shop")
    attach_payment_method(shop, "shop", "card")
    shown = shop.bus.query(ShowResource(shop.caller_for("ada"), "shop"), shop.at)
    assert shown.payer is not None
    assert shown.payer.slug == "card"


@pytest.mark.rule("BIL-02")
def test_who_holds_what_pays_and_what_paid_hears_of_it_once(shop: Scenario) -> None:
    create_resource(shop, "payment", "Second")
    attach_payment_method(shop, "shop", "card")
    shop.add_member("bo", "holder", "card")
    shop.add_member("bo", "holder", "second")
    shop.add_member("devi", "admin", "shop")
    shop.link_channel("CSHOP", "shop")
    shop.take_outbox()
    attach_payment_method(shop, "shop", "second")
    assert sorted(shop.take_outbox()) == [
        ("bo", "payer_changed"), ("channel:CSHOP", "payer_changed"), ("devi", "payer_changed"),
    ]  # fmt: skip


@pytest.mark.rule("BIL-11")
@pytest.mark.parametrize(
    ("who", "is_reported"),
    [("ada", True), ("lena", True), ("bo", False), ("carl", False), ("devi", False)],
)
def test_a_company_without_a_payment_method_says_so_to_its_owners(
    world: Scenario, who: str, *, is_reported: bool
) -> None:
    """Ada and Lena own it, Bo is an admin, Carl an accountant, Devi develops an app in it."""
    world.create_company("Acme")
    world.register_people("lena", "bo", "carl", "devi")
    world.create_resource("app", "Shop", "acme")
    for name, role, what in (
        ("lena", "owner", "acme"),
        ("bo", "admin", "acme"),
        ("carl", "accountant", "acme"),
        ("devi", "developer", "shop"),
    ):
        world.add_member(name, role, what)

    def lacks() -> bool:
        return bool(
            world.bus.query(
                ShowResource(world.caller_for(who), "acme"), world.at
            ).lacks_payment
        )

    assert lacks() is is_reported
    world.create_resource("payment", "Card", "acme")
    assert lacks() is False
    world.execute(DeleteResource(world.caller_for("ada"), "card"))
    assert lacks() is is_reported


@pytest.mark.rule("BIL-11")
def test_nothing_but_a_company_lacks_a_payment_method(world: Scenario) -> None:
    world.create_company("Acme")
    for kind in ("project", "app", "database", "payment"):
        world.create_resource(kind, kind.title(), "acme")
        assert not world.bus.query(
            ShowResource(world.caller_for("ada"), kind), world.at
        ).lacks_payment
