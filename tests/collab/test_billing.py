"""Payment methods and what they pay for, by the rules."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from collab import refusals
from collab.answers import Accept
from collab.billing import ADDRESS_LIMIT, EMAIL_LIMIT, REFERENCE_LIMIT, Detail, Details, ListMethods, Pay, ShowBilling
from collab.events import BillingDetailed, PayerChanged
from collab.explain import Show
from collab.membership import ChangeRole
from collab.resources import Delete, Disable, Enable, Move
from tests.support.billing_oracle import attach, can, given, make, payer, thing
from tests.support.builders import World

FULL = Details("Main Street 1", "bills@acme.example", "A-17")


@pytest.fixture
def shop(world: World) -> World:
    """Ada's trial app and card, and Carl with a card of his own."""
    world.knows("ada", "bo", "carl", "devi")
    make(world, "app", "Shop")
    make(world, "payment", "Card")
    make(world, "payment", "Purse", by="carl")
    world.told()
    return world


def details(world: World, what: str = "card", by: str = "ada") -> Details:
    found: Details = world.collab.ask(ShowBilling(world.by(by), what), world.at).details
    return found


# What a payment method says of itself


@pytest.mark.rule("BIL-01")
def test_a_method_says_where_its_bills_go_and_how_it_is_known_elsewhere(shop: World) -> None:
    assert details(shop) == Details()
    shop.do(Detail(shop.by("ada"), "card", Details(" Main Street 1\nBerlin ", " bills@acme.example ", " A-17 ")))
    assert details(shop) == Details("Main Street 1\nBerlin", "bills@acme.example", "A-17")
    assert not shop.do(Detail(shop.by("ada"), "card", details(shop))).recorded
    shop.do(Detail(shop.by("ada"), "card", Details(email="new@acme.example")))
    assert details(shop) == Details(email="new@acme.example")
    last = shop.happened(BillingDetailed)[-1]
    assert (last.before_address, last.before_email, last.email) == (
        "Main Street 1\nBerlin", "bills@acme.example", "new@acme.example",
    )  # fmt: skip


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize("field", ["address", "email", "reference"])
def test_a_card_number_is_refused_in_every_detail(shop: World, field: str) -> None:
    typed = "4111 1111 1111 1111" + ("@acme.example" if field == "email" else "")
    with pytest.raises(refusals.CardNumber):
        shop.do(Detail(shop.by("ada"), "card", Details(**{field: typed})))
    assert details(shop) == Details()


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize(
    ("field", "length"), [("address", ADDRESS_LIMIT), ("email", EMAIL_LIMIT), ("reference", REFERENCE_LIMIT)]
)
def test_details_have_their_length(shop: World, field: str, length: int) -> None:
    fits = "b" * (length - 6) + "@c.net" if field == "email" else "n" * length
    shop.do(Detail(shop.by("ada"), "card", Details(**{field: fits})))
    with pytest.raises(refusals.TooLong):
        shop.do(Detail(shop.by("ada"), "card", Details(**{field: "n" + fits})))


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize("typed", ["nobody", "a@b", "a b@c.net", "<a@c.net>", "a@c.net,b@c.net", "@c.net"])
def test_bills_go_to_one_address(shop: World, typed: str) -> None:
    with pytest.raises(refusals.BadAddress):
        shop.do(Detail(shop.by("ada"), "card", Details(email=typed)))


@pytest.mark.rule("BIL-01")
def test_holders_edit_details_accountants_read_them_and_nobody_else_knows_them(shop: World) -> None:
    shop.do(Detail(shop.by("ada"), "card", FULL))
    shop.member("bo", "accountant", "card")
    attach(shop, "shop", "card")
    shop.member("devi", "admin", "shop")
    shown = shop.collab.ask(ShowBilling(shop.by("bo"), "card"), shop.at)
    assert (shown.details, shown.may_edit, shown.pays_for) == (FULL, False, ())
    with pytest.raises(refusals.MayNot):
        shop.do(Detail(shop.by("bo"), "card", Details()))
    for who in ("devi", "carl"):
        with pytest.raises(refusals.UnknownResource):
            details(shop, by=who)
    with pytest.raises(refusals.MayNot):
        shop.collab.ask(ShowBilling(shop.by("ada"), "shop"), shop.at)


@pytest.mark.rule("BIL-01")
def test_what_does_not_pay_says_nothing_of_that_kind(shop: World) -> None:
    make(shop, "company", "Acme")
    for what in ("acme", "shop"):
        with pytest.raises(refusals.DoesNotPay):
            shop.do(Detail(shop.by("ada"), what, FULL))
    with pytest.raises(refusals.DoesNotPay):
        shop.collab.ask(ShowBilling(shop.by("ada"), "acme"), shop.at)


@pytest.mark.rule("BIL-01")
@pytest.mark.rule("EVT-05")
def test_other_holders_hear_that_details_changed_and_no_channel_does(shop: World) -> None:
    shop.member("bo", "holder", "card")
    shop.member("devi", "accountant", "card")
    shop.link("CCARD", "card")
    shop.told()
    shop.do(Detail(shop.by("ada"), "card", FULL))
    assert shop.told() == [("bo", "billing_detailed")]


# What pays for what


@pytest.mark.rule("RES-02")
def test_an_app_is_a_trial_until_something_pays_and_again_after(shop: World) -> None:
    assert thing(shop, "shop").paid_since is None
    attach(shop, "shop", "card")
    assert (payer(shop, "shop"), thing(shop, "shop").paid_since) == ("card", shop.at)
    attach(shop, "shop", None)
    assert (payer(shop, "shop"), thing(shop, "shop").paid_since) == (None, None)


@pytest.mark.rule("BIL-02")
def test_a_second_payer_takes_the_place_of_the_first(shop: World) -> None:
    make(shop, "payment", "Second")
    attach(shop, "shop", "card")
    assert not attach(shop, "shop", "card").recorded
    shop.passes(days=1)
    attach(shop, "shop", "second")
    assert (payer(shop, "shop"), thing(shop, "shop").paid_since) == ("second", shop.at)
    assert [(e.before, e.payer) for e in shop.happened(PayerChanged)] == [
        (None, thing(shop, "card").id), (thing(shop, "card").id, thing(shop, "second").id),
    ]  # fmt: skip


@pytest.mark.rule("BIL-02")
def test_it_takes_pay_on_what_pays_and_delete_on_what_is_paid_for(shop: World) -> None:
    shop.member("carl", "developer", "shop")
    shop.member("devi", "admin", "shop")
    shop.member("devi", "accountant", "card")
    shop.member("bo", "holder", "card")
    with pytest.raises(refusals.MayNot):
        attach(shop, "shop", "purse", by="carl")
    with pytest.raises(refusals.MayNot):
        attach(shop, "shop", "card", by="devi")
    with pytest.raises(refusals.UnknownResource):
        attach(shop, "shop", "card", by="bo")
    attach(shop, "shop", "card")
    with pytest.raises(refusals.NoBilling):
        attach(shop, "shop", None, by="devi")
    attach(shop, "shop", None, by="bo")
    assert payer(shop, "shop") is None


@pytest.mark.rule("BIL-02")
def test_who_knows_nothing_of_what_pays_does_not_end_it_and_learns_nothing_of_it(shop: World) -> None:
    shop.member("devi", "admin", "shop")
    attach(shop, "shop", "card")
    make(shop, "payment", "Mine", by="devi")
    for method in (None, "mine"):
        with pytest.raises(refusals.NoBilling):
            attach(shop, "shop", method, by="devi")
    assert payer(shop, "shop") == "card"


@pytest.mark.rule("BIL-02")
@pytest.mark.parametrize(
    ("what", "method", "refusal"),
    [
        ("acme", "card", refusals.NotPaidFor),
        ("card", "card", refusals.NotPaidFor),
        ("shop", "acme", refusals.DoesNotPay),
        ("shop", "shop", refusals.MayNot),
        ("shop", "nothing-here", refusals.UnknownResource),
    ],
)
def test_what_cannot_pay_or_be_paid_for_is_refused(shop: World, what: str, method: str, refusal: type) -> None:
    make(shop, "company", "Acme")
    with pytest.raises(refusal):
        attach(shop, what, method)


@pytest.mark.rule("BIL-02")
def test_nobody_has_pay_but_by_holding(shop: World) -> None:
    make(shop, "company", "Acme")
    house = make(shop, "payment", "House", within="acme")
    shop.member("bo", "accountant", "acme")
    shop.member("carl", "admin", "acme")
    shop.member("devi", "owner", "acme")
    assert {w for w in ("ada", "bo", "carl", "devi") if "pay" in can(shop, w, house)} == {"ada", "devi"}
    assert can(shop, "bo", house) == {"view", "invoices"}
    assert can(shop, "carl", house) == set()
    mine = shop.collab.ask(ListMethods(shop.by("devi")), shop.at)
    assert [m.slug for m in mine] == ["house"]
    shop.do(ChangeRole(shop.by("ada"), shop.account("carl"), "accountant", "acme"))
    assert "pay" not in can(shop, "carl", house)


@pytest.mark.rule("RES-02")
def test_what_a_payer_may_do_ends_with_the_paying(shop: World) -> None:
    shop.member("bo", "holder", "card")
    assert can(shop, "bo", "shop") == set()
    attach(shop, "shop", "card")
    assert can(shop, "bo", "shop") == {"view", "edit", "delete"}
    invited = shop.invite("devi", "manager", "shop", by="bo")
    attach(shop, "shop", None)
    assert can(shop, "bo", "shop") == set()
    assert shop.invitation(invited).state == "revoked"
    with pytest.raises(refusals.AlreadyAnswered):
        shop.do(Accept(shop.by("devi"), invited))


@pytest.mark.rule("BIL-02")
def test_what_pays_alone_keeps_an_app_controlled_and_cannot_go(shop: World) -> None:
    attach(shop, "shop", "card")
    shop.leave("ada", "shop")
    assert given(shop, "shop") == {}
    for act in (Delete(shop.by("ada"), "card"),):
        with pytest.raises(refusals.LastHolder):
            shop.do(act)
    with pytest.raises(refusals.LastHolder):
        attach(shop, "shop", None)


@pytest.mark.rule("BIL-02")
def test_a_method_moves_with_all_that_it_pays_for(shop: World) -> None:
    make(shop, "company", "Acme")
    attach(shop, "shop", "card")
    shop.member("devi", "owner", "acme")
    assert can(shop, "devi", "shop") == set()
    shop.do(Move(shop.by("ada"), "card", "acme"))
    assert (payer(shop, "shop"), can(shop, "devi", "shop")) == ("card", {"view", "edit", "delete"})


@pytest.mark.rule("BIL-02")
@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("act", [partial(Pay, what="page", method=None), partial(Delete, what="card")], ids=str)
def test_in_a_disabled_project_what_pays_stays(shop: World, act: Any) -> None:
    make(shop, "project", "Site")
    make(shop, "app", "Page", within="site")
    attach(shop, "page", "card")
    shop.do(Disable(shop.by("ada"), "site"))
    with pytest.raises(refusals.PayerStays):
        shop.do(act(by=shop.by("ada")))
    assert payer(shop, "page") == "card"
    shop.do(Enable(shop.by("ada"), "site"))
    assert shop.do(act(by=shop.by("ada"))).recorded


@pytest.mark.rule("RES-02")
def test_a_page_shows_what_pays_to_those_who_may_know_it(shop: World) -> None:
    shop.member("devi", "developer", "shop")
    attach(shop, "shop", "card")
    shown = shop.collab.ask(Show(shop.by("ada"), "shop"), shop.at)
    assert shown.payer is not None
    assert shown.payer.slug == "card"


@pytest.mark.rule("BIL-02")
def test_who_holds_what_pays_and_what_paid_hears_of_it_once(shop: World) -> None:
    make(shop, "payment", "Second")
    attach(shop, "shop", "card")
    shop.member("bo", "holder", "card")
    shop.member("bo", "holder", "second")
    shop.member("devi", "admin", "shop")
    shop.link("CSHOP", "shop")
    shop.told()
    attach(shop, "shop", "second")
    assert sorted(shop.told()) == [
        ("bo", "payer_changed"), ("channel:CSHOP", "payer_changed"), ("devi", "payer_changed"),
    ]  # fmt: skip


@pytest.mark.rule("BIL-11")
@pytest.mark.parametrize(
    ("who", "told"), [("ada", True), ("lena", True), ("bo", False), ("carl", False), ("devi", False)]
)
def test_a_company_without_a_payment_method_says_so_to_its_owners(world: World, who: str, *, told: bool) -> None:
    """Ada and Lena own it, Bo is an admin, Carl an accountant, Devi develops an app in it."""
    world.company("Acme")
    world.knows("lena", "bo", "carl", "devi")
    world.make("app", "Shop", "acme")
    for name, role, what in (
        ("lena", "owner", "acme"),
        ("bo", "admin", "acme"),
        ("carl", "accountant", "acme"),
        ("devi", "developer", "shop"),
    ):
        world.member(name, role, what)

    def lacks() -> bool:
        return bool(world.collab.ask(Show(world.by(who), "acme"), world.at).lacks_payment)

    assert lacks() is told
    world.make("payment", "Card", "acme")
    assert lacks() is False
    world.do(Delete(world.by("ada"), "card"))
    assert lacks() is told


@pytest.mark.rule("BIL-11")
def test_nothing_but_a_company_lacks_a_payment_method(world: World) -> None:
    world.company("Acme")
    for kind in ("project", "app", "database", "payment"):
        world.make(kind, kind.title(), "acme")
        assert not world.collab.ask(Show(world.by("ada"), kind), world.at).lacks_payment
