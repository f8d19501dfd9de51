"""Transfers by the rules: billing and ownership change hands by an offer and its acceptance, and by nothing else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from collab import refusals
from collab.answers import Accept, Decline
from collab.billing import Details, ShowBilling
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
from collab.invitations import Edit, Resend, Revoke
from collab.invoices import AddInvoices, NewInvoice
from collab.membership import ChangeRole, Remove
from collab.offers import Term
from collab.resources import Delete, Disable, Enable, Move
from collab.teams import ShareWith, Unshare
from collab.transfers import NewMethod, ShowLoss, TransferBilling, TransferOwnership
from collab.undo import Undo
from tests.support.billing_oracle import attach, can, given, hand_over, make, offer, payer, state, take, thing
from tests.support.builders import OTHER_TEAM, World

PAYS = {"view", "edit", "delete"}
WORKS = {"view", "configure", "code"}


@pytest.fixture
def studio(world: World) -> World:
    """Ada, a freelancer, with a trial app and a blog that her card pays for; Carl, a client, with a purse."""
    world.knows("ada", "bo", "carl", "devi", "sam")
    make(world, "app", "Shop")
    make(world, "payment", "Card")
    make(world, "app", "Blog")
    attach(world, "blog", "card")
    make(world, "payment", "Purse", by="carl")
    world.told()
    return world


def loss(world: World, *what: str, by: str = "ada") -> tuple[set[str], list[str], str]:
    """Who would lose control, what pays, and what the one who offers stays as."""
    found = world.collab.ask(ShowLoss(world.by(by), what), world.at)
    losing = {(person.user or "").removeprefix("U").lower() for person, _ in found.losing}
    return losing, [m.slug for m in found.methods], found.stays_as


# Offering and accepting


@pytest.mark.rule("BIL-03")
def test_an_offer_changes_nothing_until_it_is_accepted_with_a_payment_method(studio: World) -> None:
    waits = offer(studio, "carl", "blog")
    assert (payer(studio, "blog"), can(studio, "carl", "blog")) == ("card", set())
    with pytest.raises(refusals.ChooseMethod):
        take(studio, "carl", waits)
    assert (state(studio, waits), payer(studio, "blog")) == ("pending", "card")
    take(studio, "carl", waits, "purse")
    assert (state(studio, waits), payer(studio, "blog")) == ("accepted", "purse")
    (told,) = studio.happened(BillingTransferred)
    assert (told.before, told.payer) == ((thing(studio, "card").id,), thing(studio, "purse").id)


@pytest.mark.rule("BIL-03")
def test_a_trial_app_is_offered_by_who_may_delete_it(studio: World) -> None:
    take(studio, "carl", offer(studio, "carl", "shop"), "purse")
    assert payer(studio, "shop") == "purse"
    assert given(studio, "shop") == {"ada": "developer"}
    assert (can(studio, "ada", "shop"), can(studio, "carl", "shop")) == (WORKS, PAYS)


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-01")
def test_the_client_makes_a_payment_method_as_they_accept(studio: World) -> None:
    details = Details(" Main Street 1 ", "bills@client.example", "C-17")
    take(studio, "carl", offer(studio, "carl", "shop", "blog"), NewMethod("Client", details))
    assert (payer(studio, "shop"), payer(studio, "blog")) == ("client", "client")
    assert given(studio, "client") == {"carl": "holder"}
    shown = studio.collab.ask(ShowBilling(studio.by("carl"), "client"), studio.at)
    assert shown.details == Details("Main Street 1", "bills@client.example", "C-17")
    assert [r.slug for r in shown.pays_for] == ["blog", "shop"]


@pytest.mark.rule("BIL-03")
@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        (NewMethod(" "), refusals.BadName),
        (NewMethod("Visa", Details("4111 1111 1111 1111")), refusals.CardNumber),
        (NewMethod("Visa", Details(email="nobody")), refusals.BadAddress),
        ("card", refusals.UnknownResource),
        ("shop", refusals.UnknownResource),
        ("ours", refusals.MayNot),
        ("crate", refusals.DoesNotPay),
        ("nothing-at-all", refusals.UnknownResource),
    ],
)
def test_what_cannot_pay_is_refused_and_changes_nothing(studio: World, choice: object, refusal: type) -> None:
    make(studio, "payment", "Ours")
    studio.member("carl", "accountant", "ours")
    make(studio, "company", "Crate", by="carl")
    waits = offer(studio, "carl", "blog")
    before = len(studio.history())
    with pytest.raises(refusal):
        take(studio, "carl", waits, choice)
    assert (state(studio, waits), payer(studio, "blog"), len(studio.history())) == ("pending", "card", before)


@pytest.mark.rule("BIL-03")
def test_only_whom_it_was_offered_to_accepts_and_only_once(studio: World) -> None:
    make(studio, "payment", "Devi's", by="devi")
    waits = offer(studio, "carl", "blog")
    for who in ("devi", "ada"):
        with pytest.raises(refusals.NotYours):
            take(studio, who, waits, "devi-s")
    take(studio, "carl", waits, "purse")
    with pytest.raises(refusals.AlreadyAnswered):
        take(studio, "carl", waits, "purse")
    assert len(studio.happened(PayerChanged)) == 2


@pytest.mark.rule("BIL-03")
def test_who_has_no_billing_offers_none(studio: World) -> None:
    studio.member("devi", "admin", "blog")
    studio.member("devi", "developer", "shop")
    studio.member("bo", "accountant", "card")
    studio.member("bo", "admin", "blog")
    for by, what in (("devi", "blog"), ("devi", "shop"), ("bo", "blog")):
        with pytest.raises(refusals.NoBilling):
            offer(studio, "carl", what, by=by)
    with pytest.raises(refusals.UnknownResource):
        offer(studio, "devi", "blog", by="carl")
    with pytest.raises(refusals.NoBilling):
        offer(studio, "carl", "shop", "blog", by="devi")


@pytest.mark.rule("BIL-03")
def test_what_is_not_paid_for_and_who_cannot_pay_are_refused(studio: World) -> None:
    make(studio, "company", "Acme")
    studio.profile("robot", bot=True)
    studio.profile("gone", active=False)
    for what in ("acme", "card"):
        with pytest.raises(refusals.NotPaidFor):
            offer(studio, "carl", what)
        with pytest.raises(refusals.NotPaidFor):
            loss(studio, what)
    with pytest.raises(refusals.ToYourself):
        offer(studio, "ada", "shop")
    for who in ("robot", "gone", "bot"):
        with pytest.raises(refusals.NotAPerson):
            offer(studio, who, "shop")
    with pytest.raises(refusals.NotAPerson):
        studio.do(TransferBilling(studio.by("ada"), "P-nobody", "shop"))
    with pytest.raises(refusals.TooLong):
        offer(studio, "carl", "shop", note="n" * 501)


@pytest.mark.rule("BIL-03")
def test_somebody_known_by_an_address_alone_is_offered_and_takes_it_once_they_come(studio: World) -> None:
    waits = offer(studio, "New@Client.example", "shop")
    studio.profile("newt", email="new@client.example")
    take(studio, "newt", waits, NewMethod("Newt"))
    assert payer(studio, "shop") == "newt"


@pytest.mark.rule("BIL-03")
def test_who_works_on_it_is_still_offered_when_account_and_address_turn_out_to_be_one(studio: World) -> None:
    studio.member("newt", "developer", "shop")
    waits = offer(studio, "newt@client.example", "shop")
    studio.profile("newt", email="newt@client.example")
    assert state(studio, waits) == "pending"
    take(studio, "newt", waits, NewMethod("Newt"))
    assert payer(studio, "shop") == "newt"


@pytest.mark.rule("BIL-03")
def test_somebody_of_another_workspace_takes_what_was_offered_to_them(studio: World) -> None:
    guest = f"eve@{OTHER_TEAM}"
    studio.profile(guest)
    take(studio, guest, offer(studio, guest, "shop"), NewMethod("Eve's"))
    assert payer(studio, "shop") == "eve-s"
    assert can(studio, guest, "shop") == PAYS


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("ROL-04")
def test_nothing_changes_hands_while_it_is_disabled(studio: World) -> None:
    make(studio, "company", "Acme")
    make(studio, "project", "Site", within="acme")
    make(studio, "app", "Page", within="site")
    waits = offer(studio, "carl", "page")
    studio.do(Disable(studio.by("ada"), "site"))
    with pytest.raises(refusals.IsDisabled):
        offer(studio, "devi", "page")
    with pytest.raises(refusals.InviterLostRight):
        take(studio, "carl", waits, "purse")
    studio.do(Enable(studio.by("ada"), "site"))
    take(studio, "carl", waits, "purse")
    assert payer(studio, "page") == "purse"


# Who gains and loses what


@pytest.mark.rule("BIL-03")
def test_the_preview_says_who_loses_control_what_pays_and_what_the_sender_stays_as(studio: World) -> None:
    studio.member("bo", "holder", "card")
    studio.member("devi", "admin", "blog")
    studio.member("sam", "developer", "blog")
    assert loss(studio, "shop", "blog") == ({"bo"}, ["card"], "developer")
    assert loss(studio, "shop") == (set(), [], "developer")
    with pytest.raises(refusals.NoBilling):
        loss(studio, "blog", by="devi")


@pytest.mark.rule("BIL-04")
def test_old_holders_lose_what_only_paying_gave_and_all_others_keep_what_they_have(studio: World) -> None:
    studio.member("bo", "holder", "card")
    studio.member("sam", "holder", "card")
    studio.member("sam", "manager", "blog")
    studio.member("devi", "developer", "blog")
    assert can(studio, "bo", "blog") == PAYS
    take(studio, "carl", offer(studio, "carl", "blog"), "purse")
    assert can(studio, "bo", "blog") == set()
    assert can(studio, "sam", "blog") == WORKS
    assert can(studio, "devi", "blog") == WORKS
    assert can(studio, "carl", "blog") == PAYS
    assert given(studio, "blog") == {"ada": "developer", "sam": "manager", "devi": "developer"}
    assert given(studio, "card") == {"ada": "holder", "bo": "holder", "sam": "holder"}


@pytest.mark.rule("BIL-04")
def test_another_admin_keeps_their_role(studio: World) -> None:
    studio.member("devi", "admin", "blog")
    take(studio, "carl", offer(studio, "carl", "blog"), "purse")
    assert given(studio, "blog") == {"ada": "developer", "devi": "admin"}


@pytest.mark.rule("BIL-04")
def test_an_inviter_who_had_no_role_of_their_own_keeps_the_developers_side(studio: World) -> None:
    studio.leave("ada", "blog")
    take(studio, "carl", offer(studio, "carl", "blog"), "purse")
    assert (given(studio, "blog"), can(studio, "ada", "blog")) == ({"ada": "developer"}, WORKS)


@pytest.mark.rule("BIL-04")
@pytest.mark.parametrize("direct", [True, False])
def test_an_inviter_who_chose_to_go_is_gone_with_a_word_on_the_keys_they_knew(studio: World, direct: bool) -> None:
    if not direct:
        studio.leave("ada", "blog")
    studio.told()
    take(studio, "carl", offer(studio, "carl", "blog", goes=True), "purse")
    assert (given(studio, "blog"), can(studio, "ada", "blog")) == ({}, set())
    assert [e.rotate for e in studio.happened(MemberLeft)[-1:] if direct] == [(thing(studio, "blog").id,)] * direct


@pytest.mark.rule("BIL-04")
def test_what_changed_hands_is_not_undone_by_who_took_it(studio: World) -> None:
    take(studio, "carl", offer(studio, "carl", "blog", goes=True), "purse")
    for who in ("carl", "ada"):
        with pytest.raises(refusals.NothingToUndo):
            studio.do(Undo(studio.by(who)))


@pytest.mark.rule("BIL-04")
def test_an_inviter_with_a_role_for_a_limited_time_keeps_its_end(studio: World) -> None:
    studio.member("bo", "holder", "card")
    studio.member("bo", "admin", "blog", term=Term(timedelta(days=10)))
    take(studio, "carl", offer(studio, "carl", "blog", by="bo"), "purse")
    assert given(studio, "blog") == {"ada": "admin", "bo": "developer"}
    studio.passes(days=11)
    assert given(studio, "blog") == {"ada": "admin"}


@pytest.mark.rule("BIL-04")
def test_what_stands_in_a_company_stays_there_and_its_owners_keep_control(studio: World) -> None:
    make(studio, "company", "Acme")
    make(studio, "app", "Page", within="acme")
    studio.member("devi", "developer", "page")
    take(studio, "carl", offer(studio, "carl", "page"), "purse")
    assert thing(studio, "page").parent == thing(studio, "acme").id
    assert can(studio, "ada", "page") == PAYS | WORKS | {"scale"}
    assert can(studio, "devi", "page") == WORKS
    assert can(studio, "carl", "page") == PAYS
    assert can(studio, "carl", "acme") == {"view"}


@pytest.mark.rule("BIL-03")
def test_several_things_with_several_payers_change_hands_together(studio: World) -> None:
    make(studio, "database", "Store")
    make(studio, "payment", "Second")
    attach(studio, "store", "second")
    take(studio, "carl", offer(studio, "carl", "shop", "blog", "store", "blog"), "purse")
    assert {payer(studio, what) for what in ("shop", "blog", "store")} == {"purse"}
    (told,) = studio.happened(BillingTransferred)
    assert set(told.before) == {thing(studio, "card").id, thing(studio, "second").id}
    assert len({told.resource, *told.also}) == 3
    for what in ("shop", "blog", "store"):
        assert given(studio, what) == {"ada": "developer"}


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-05")
def test_of_several_things_all_change_hands_or_none(studio: World) -> None:
    waits = offer(studio, "carl", "shop", "blog")
    attach(studio, "blog", None)
    assert state(studio, waits) == "revoked"
    with pytest.raises(refusals.AlreadyAnswered):
        take(studio, "carl", waits, "purse")
    assert (payer(studio, "shop"), payer(studio, "blog")) == (None, None)


@pytest.mark.rule("BIL-04")
@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("goes", [False, True])
@pytest.mark.parametrize("direct", [True, False])
def test_invitations_that_only_the_old_control_upheld_end_with_it(studio: World, direct: bool, goes: bool) -> None:
    if not direct:
        studio.leave("ada", "blog")
    theirs = [studio.invite("devi", "developer", what) for what in ("blog", "shop")]
    billing = [offer(studio, "sam", "blog"), offer(studio, "sam", "shop")]
    take(studio, "carl", offer(studio, "carl", "shop", "blog", goes=goes), "purse")
    assert {state(studio, waits) for waits in (*theirs, *billing)} == {"revoked"}
    ended = [e.invitation for e in studio.happened(InvitationRevoked)]
    assert sorted(ended) == sorted({*ended})


@pytest.mark.rule("BIL-04")
def test_invitations_that_something_else_upholds_go_on(studio: World) -> None:
    studio.member("devi", "admin", "blog")
    waits = studio.invite("sam", "developer", "blog", by="devi")
    elsewhere = studio.invite("sam", "accountant", "card")
    take(studio, "carl", offer(studio, "carl", "blog"), "purse")
    assert (state(studio, waits), state(studio, elsewhere)) == ("pending", "pending")


# What ends an offer (BIL-05)


def changes(world: World, how: str) -> None:
    """What makes an offer die: it is Bo's, who holds Ada's card."""
    acts = {
        "another payer": lambda: attach(world, "blog", "second"),
        "no payer": lambda: attach(world, "blog", None),
        "leaves what pays": lambda: world.leave("bo", "card"),
        "deactivated": lambda: world.profile("bo", active=False),
        "app deleted": lambda: world.do(Delete(world.by("ada"), "blog")),
        "billing taken by another": lambda: take(world, "sam", offer(world, "sam", "blog"), NewMethod("Sam's")),
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
def test_an_offer_dies_with_a_word_to_both_when_either_side_changes(studio: World, how: str) -> None:
    make(studio, "payment", "Second")
    studio.member("bo", "holder", "card")
    waits = offer(studio, "carl", "blog", by="bo")
    studio.told()
    changes(studio, how)
    assert state(studio, waits) == "revoked"
    told = studio.told()
    assert told.count(("carl", "offer_died")) == 1
    assert told.count(("bo", "invitation_revoked")) == (how != "leaves what pays")
    with pytest.raises(refusals.AlreadyAnswered):
        take(studio, "carl", waits, "purse")


@pytest.mark.rule("BIL-05")
def test_an_offer_of_a_trial_app_dies_with_the_inviters_control(studio: World) -> None:
    studio.member("bo", "admin", "shop")
    studio.member("devi", "admin", "shop")
    by_leaving, by_paying = offer(studio, "carl", "shop", by="bo"), offer(studio, "sam", "shop", by="devi")
    studio.leave("bo", "shop")
    assert (state(studio, by_leaving), state(studio, by_paying)) == ("revoked", "pending")
    attach(studio, "shop", "card")
    assert state(studio, by_paying) == "revoked"


@pytest.mark.rule("BIL-05")
@pytest.mark.parametrize("how", ["demoted", "removed"])
def test_an_offer_dies_when_the_inviters_role_on_what_it_stands_in_ends(studio: World, how: str) -> None:
    make(studio, "company", "Acme")
    make(studio, "app", "Page", within="acme")
    studio.member("bo", "admin")
    waits = offer(studio, "carl", "page", by="bo")
    if how == "removed":
        studio.do(Remove(studio.by("ada"), studio.account("bo"), "acme"))
    else:
        studio.do(ChangeRole(studio.by("ada"), studio.account("bo"), "accountant", "acme"))
    assert state(studio, waits) == "revoked"


@pytest.mark.rule("BIL-05")
@pytest.mark.parametrize(
    ("to", "left"),
    [(None, "revoked"), ("site", "pending")],
)
def test_an_offer_dies_when_the_thing_moves_out_of_the_inviters_hands(studio: World, to: str | None, left: str) -> None:
    make(studio, "company", "Acme")
    make(studio, "project", "Site", within="acme")
    make(studio, "app", "Page", within="acme")
    studio.member("bo", "admin")
    studio.grants(thing(studio, "page").id, "ada", "admin")
    waits = offer(studio, "carl", "page", by="bo")
    studio.do(Move(studio.by("ada"), "page", to))
    assert state(studio, waits) == left


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_what_pays_is_deleted_or_retired(studio: World) -> None:
    waits = offer(studio, "carl", "blog")
    studio.do(Delete(studio.by("ada"), "card"))
    assert (state(studio, waits), payer(studio, "blog")) == ("revoked", None)


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_the_company_with_what_pays_is_deleted(studio: World) -> None:
    make(studio, "company", "Acme")
    make(studio, "payment", "House", within="acme")
    studio.member("bo", "owner")
    attach(studio, "shop", "house")
    waits, invited = offer(studio, "carl", "shop", by="bo"), studio.invite("devi", "developer", "shop", by="bo")
    studio.do(Delete(studio.by("ada"), "acme", "Acme"))
    assert (state(studio, waits), state(studio, invited), payer(studio, "shop")) == ("revoked", "revoked", None)


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_the_team_that_holds_what_pays_is_parted_from_it(studio: World) -> None:
    make(studio, "team", "Crew", by="bo")
    studio.member("ada", "unlimited", "crew", by="bo")
    studio.do(ShareWith(studio.by("ada"), "card", "crew", "holder"))
    waits, invited = offer(studio, "carl", "blog", by="bo"), studio.invite("devi", "developer", "blog", by="bo")
    studio.do(Unshare(studio.by("ada"), "card", "crew"))
    assert (state(studio, waits), state(studio, invited)) == ("revoked", "revoked")


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_the_team_that_holds_what_pays_is_deleted(studio: World) -> None:
    make(studio, "team", "Crew", by="bo")
    studio.member("ada", "unlimited", "crew", by="bo")
    studio.do(ShareWith(studio.by("ada"), "card", "crew", "holder"))
    waits = offer(studio, "carl", "blog", by="bo")
    studio.do(Delete(studio.by("bo"), "crew"))
    assert state(studio, waits) == "revoked"


@pytest.mark.rule("BIL-05")
def test_an_offer_dies_when_what_pays_moves_out_of_the_inviters_company(studio: World) -> None:
    make(studio, "company", "Acme")
    make(studio, "payment", "House", within="acme")
    attach(studio, "shop", "house")
    studio.member("bo", "owner")
    waits = offer(studio, "carl", "shop", by="bo")
    studio.do(Move(studio.by("ada"), "house", None))
    assert state(studio, waits) == "revoked"


@pytest.mark.rule("BIL-05")
def test_an_offer_that_died_while_its_sender_was_away_is_not_brought_back_by_an_undo(studio: World) -> None:
    studio.member("bo", "admin", "shop")
    waits = offer(studio, "carl", "shop", by="bo")
    studio.leave("bo", "shop")
    attach(studio, "shop", "card")
    studio.do(Undo(studio.by("bo")))
    assert (given(studio, "shop")["bo"], state(studio, waits)) == ("admin", "revoked")


@pytest.mark.rule("BIL-05")
@pytest.mark.parametrize("goes", [False, True])
def test_an_offer_that_a_leave_took_along_comes_back_with_the_undo(studio: World, goes: bool) -> None:
    studio.member("bo", "admin", "shop")
    studio.member("carl", "developer", "shop")
    waits = offer(studio, "carl", "shop", by="bo", goes=goes)
    studio.leave("bo", "shop")
    studio.do(Undo(studio.by("bo")))
    take(studio, "carl", waits, "purse")
    assert payer(studio, "shop") == "purse"


# Like every invitation


@pytest.mark.rule("BIL-03")
def test_an_offer_is_declined_for_its_sender_alone_and_rests_for_a_day(studio: World) -> None:
    waits = offer(studio, "carl", "blog")
    studio.do(Decline(studio.by("carl"), waits, "Too dear"))
    assert (state(studio, waits), payer(studio, "blog")) == ("declined", "card")
    studio.invite("carl", "developer", "blog")
    with pytest.raises(refusals.DeclinedRecently):
        offer(studio, "carl", "blog")
    with pytest.raises(refusals.DeclinedRecently):
        studio.do(Resend(studio.by("ada"), waits))
    studio.passes(days=1, minutes=1)
    assert offer(studio, "carl", "blog") != waits


@pytest.mark.rule("BIL-03")
def test_an_offer_is_revoked_by_its_sender_or_who_has_the_billing_and_by_nobody_else(studio: World) -> None:
    studio.member("bo", "holder", "card")
    studio.member("devi", "admin", "blog")
    waits = offer(studio, "carl", "blog")
    with pytest.raises(refusals.MayNotManage):
        studio.do(Revoke(studio.by("devi"), waits))
    studio.do(Revoke(studio.by("bo"), waits))
    assert state(studio, waits) == "revoked"
    with pytest.raises(refusals.MayNotManage):
        studio.do(Resend(studio.by("devi"), waits))


@pytest.mark.rule("BIL-03")
def test_an_offer_is_sent_again_reminded_of_and_expires(studio: World) -> None:
    waits = offer(studio, "carl", "blog")
    studio.passes(days=2, hours=6)
    assert [e.invitation for e in studio.happened(InvitationReminded)] == [waits]
    studio.do(Resend(studio.by("ada"), waits))
    assert [e.invitation for e in studio.happened(InvitationResent)] == [waits]
    assert studio.do(TransferBilling(studio.by("ada"), studio.account("carl"), "blog")).first(InvitationResent)
    studio.passes(days=8)
    assert state(studio, waits) == "expired"
    with pytest.raises(refusals.AlreadyAnswered):
        take(studio, "carl", waits, "purse")
    again = studio.do(Resend(studio.by("ada"), waits))
    assert len(again.recorded) == 1
    [anew] = studio.waiting("carl")
    take(studio, "carl", anew, "purse")
    assert payer(studio, "blog") == "purse"


@pytest.mark.rule("INV-04")
def test_who_lost_the_right_to_an_offer_is_named_when_it_is_sent_again(studio: World) -> None:
    studio.member("bo", "admin", "shop")
    waits = offer(studio, "carl", "shop", by="bo")
    studio.passes(days=8)
    studio.leave("bo", "shop")
    with pytest.raises(refusals.InviterLostRight) as why:
        studio.do(Resend(studio.by("bo"), waits))
    assert why.value == refusals.InviterLostRight(studio.id_of("bo"), "Shop")


@pytest.mark.rule("BIL-03")
def test_an_offer_is_over_at_its_time_whether_or_not_anything_has_swept(studio: World) -> None:
    waits = offer(studio, "carl", "blog")
    studio.at += timedelta(days=7)
    with pytest.raises(refusals.InvitationExpired):
        take(studio, "carl", waits, "purse")


@pytest.mark.rule("BIL-03")
def test_another_offer_to_the_same_person_takes_the_place_of_the_first(studio: World) -> None:
    first = offer(studio, "carl", "blog")
    second = offer(studio, "carl", "blog", "shop")
    third = offer(studio, "carl", "blog", "shop", goes=True)
    assert [state(studio, i) for i in (first, second, third)] == ["superseded", "superseded", "pending"]
    assert [e.by for e in studio.happened(InvitationSuperseded)] == [second, third]
    with pytest.raises(refusals.NothingToEdit):
        studio.do(Edit(studio.by("ada"), third, "admin"))


@pytest.mark.rule("BIL-03")
def test_an_offer_to_pay_and_an_invitation_to_join_wait_side_by_side(studio: World) -> None:
    waits, invited = offer(studio, "carl", "blog"), studio.invite("carl", "manager", "blog")
    studio.accept("carl", invited)
    take(studio, "carl", waits, "purse")
    assert given(studio, "blog") == {"ada": "developer", "carl": "manager"}
    assert can(studio, "carl", "blog") == PAYS | WORKS


@pytest.mark.rule("BIL-03")
def test_a_retired_method_pays_for_nothing_more(studio: World) -> None:
    bill = NewInvoice("purse", "1", studio.at.date(), Decimal("1.00"), "EUR", "f" * 64, 1)
    studio.do(AddInvoices(studio.nobody("cli"), (bill,)))
    studio.do(Delete(studio.by("carl"), "purse"))
    waits = offer(studio, "carl", "blog")
    with pytest.raises(refusals.Retired):
        take(studio, "carl", waits, "purse")
    assert payer(studio, "blog") == "card"


# Who hears of what


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("EVT-05")
def test_both_sides_all_holders_and_the_channels_hear_once_each(studio: World) -> None:
    studio.member("bo", "holder", "card")
    studio.member("devi", "holder", "purse", by="carl")
    studio.member("sam", "developer", "blog")
    studio.link("CBLOG", "blog")
    studio.link("CSHOP", "shop")
    studio.link("CALL", "shop")
    studio.link("CALL", "blog")
    waits = offer(studio, "carl", "shop", "blog", note="Thanks")
    studio.told()
    take(studio, "carl", waits, NewMethod("Client", Details("Main Street 1", "bills@client.example")))
    told = studio.told()
    heard = [who for who, message in told if message == "billing_transferred"]
    assert sorted(heard) == ["ada", "bo", "carl", "channel:CALL", "channel:CSHOP"]
    assert [who for who, message in told if message == "payer_changed"] == ["channel:CBLOG"]


@pytest.mark.rule("BIL-03")
def test_what_paid_and_what_pays_hear_of_it_in_the_persons_of_their_holders(studio: World) -> None:
    studio.member("bo", "holder", "card")
    studio.member("devi", "holder", "purse", by="carl")
    waits = offer(studio, "carl", "blog")
    studio.told()
    take(studio, "carl", waits, "purse")
    told = studio.told()
    assert sorted(who for who, m in told if m == "billing_transferred") == ["ada", "bo", "carl", "devi"]
    assert not [m for _, m in told if m in {"payer_changed", "invitation_accepted"}]
    assert len(told) == len({*told})


@pytest.mark.rule("EVT-05")
def test_channels_hear_no_details_no_invoices_and_no_reasons(studio: World) -> None:
    studio.link("CCARD", "card")
    studio.link("CBLOG", "blog", groups=("billing", "invitations"))
    studio.told()
    waits = offer(studio, "carl", "blog")
    assert ("channel:CBLOG", "invitation_open") in studio.told()
    studio.do(Decline(studio.by("carl"), waits, "Too dear"))
    assert [m for who, m in studio.told() if who.startswith("channel")] == ["refresh", "invitation_settled"]


# Ownership


@pytest.mark.rule("BIL-10")
def test_a_project_has_exactly_one_owner_through_it_all(studio: World) -> None:
    make(studio, "project", "Site")
    make(studio, "app", "Page", within="site")
    studio.member("devi", "administrator", "site")
    waits, other = hand_over(studio, "carl", "site"), hand_over(studio, "devi", "site")
    assert given(studio, "site") == {"ada": "owner", "devi": "administrator"}
    take(studio, "carl", waits)
    assert given(studio, "site") == {"ada": "administrator", "carl": "owner", "devi": "administrator"}
    assert state(studio, other) == "revoked"
    with pytest.raises(refusals.AlreadyAnswered):
        take(studio, "devi", other)
    with pytest.raises(refusals.NotOwner):
        hand_over(studio, "devi", "site")
    take(studio, "devi", hand_over(studio, "devi", "site", by="carl"))
    assert given(studio, "site") == {"ada": "administrator", "carl": "administrator", "devi": "owner"}
    assert can(studio, "devi", "page") > WORKS
    assert len(studio.happened(OwnershipTransferred)) == 2


@pytest.mark.rule("BIL-10")
def test_the_old_owner_of_a_project_leaves_only_after_handing_it_over(studio: World) -> None:
    make(studio, "project", "Site")
    with pytest.raises(refusals.LastHolder):
        studio.leave("ada", "site")
    take(studio, "carl", hand_over(studio, "carl", "site"))
    studio.leave("ada", "site")
    assert given(studio, "site") == {"carl": "owner"}


@pytest.mark.rule("BIL-10")
@pytest.mark.rule("BIL-10")
def test_an_owner_of_the_company_hands_its_project_over_and_an_admin_does_not(studio: World) -> None:
    make(studio, "company", "Acme")
    studio.member("bo", "admin")
    make(studio, "project", "Site", by="bo", within="acme")
    assert given(studio, "site") == {}
    with pytest.raises(refusals.NotOwner):
        hand_over(studio, "carl", "site", by="bo")
    take(studio, "carl", hand_over(studio, "carl", "site"))
    assert given(studio, "site") == {"carl": "owner"}
    take(studio, "bo", hand_over(studio, "bo", "site"))
    assert given(studio, "site") == {"bo": "owner", "carl": "administrator"}


@pytest.mark.rule("MEM-08")
def test_a_project_handed_over_while_its_owner_is_deactivated_has_one_owner_when_they_return(studio: World) -> None:
    make(studio, "company", "Acme")
    make(studio, "project", "Site", within="acme")
    take(studio, "bo", hand_over(studio, "bo", "site"))
    studio.goes("bo")
    assert studio.succession("site") is None
    take(studio, "carl", hand_over(studio, "carl", "site"))
    studio.returns("bo")
    assert given(studio, "site") == {"bo": "administrator", "carl": "owner"}


@pytest.mark.rule("INV-04")
def test_an_offer_of_the_companys_owner_ends_with_their_right(studio: World) -> None:
    make(studio, "company", "Acme")
    make(studio, "project", "Site", within="acme")
    studio.member("devi", "owner")
    offer = hand_over(studio, "carl", "site")
    studio.leave("ada", "acme")
    assert state(studio, offer) == "revoked"


@pytest.mark.rule("BIL-10")
def test_an_app_that_stands_in_nothing_changes_hands(studio: World) -> None:
    studio.member("devi", "admin", "shop")
    with pytest.raises(refusals.AlreadyHolds):
        hand_over(studio, "devi", "shop")
    take(studio, "carl", hand_over(studio, "carl", "shop"))
    assert given(studio, "shop") == {"ada": "developer", "carl": "admin", "devi": "admin"}


@pytest.mark.rule("BIL-10")
def test_an_app_that_stands_in_something_is_handed_over_with_that(studio: World) -> None:
    make(studio, "company", "Acme")
    make(studio, "app", "Page", within="acme")
    with pytest.raises(refusals.StandsInSomething):
        hand_over(studio, "carl", "page")
    waits = hand_over(studio, "carl", "shop")
    studio.do(Move(studio.by("ada"), "shop", "acme"))
    assert state(studio, waits) == "revoked"


@pytest.mark.rule("BIL-10")
@pytest.mark.parametrize("what", ["card", "crew"])
def test_what_has_no_one_owner_is_not_handed_over(studio: World, what: str) -> None:
    make(studio, "team", "Crew")
    with pytest.raises(refusals.NotHandedOver):
        hand_over(studio, "carl", what)


@pytest.mark.rule("BIL-10")
def test_who_is_not_the_owner_hands_nothing_over(studio: World) -> None:
    make(studio, "project", "Site")
    studio.member("devi", "administrator", "site")
    studio.member("bo", "manager", "shop")
    for by, what in (("devi", "site"), ("bo", "shop")):
        with pytest.raises(refusals.NotOwner):
            hand_over(studio, "carl", what, by=by)
    with pytest.raises(refusals.AlreadyHolds) as refused:
        hand_over(studio, "ada", "site")
    assert refused.value == refusals.AlreadyHolds(studio.id_of("ada"), "owner", "Site")
    studio.do(Disable(studio.by("ada"), "site"))
    with pytest.raises(refusals.IsDisabled):
        hand_over(studio, "carl", "site")


@pytest.mark.rule("BIL-10")
def test_an_offer_to_own_dies_with_the_thing_and_with_its_senders_ownership(studio: World) -> None:
    make(studio, "project", "Site")
    studio.member("bo", "admin", "shop")
    project, app = hand_over(studio, "carl", "site"), hand_over(studio, "carl", "shop", by="bo")
    studio.told()
    studio.do(Delete(studio.by("ada"), "site"))
    studio.leave("bo", "shop")
    assert (state(studio, project), state(studio, app)) == ("revoked", "revoked")
    assert studio.told().count(("carl", "offer_died")) == 2


@pytest.mark.rule("BIL-10")
def test_an_invitation_to_join_and_an_offer_to_own_are_two_questions(studio: World) -> None:
    make(studio, "project", "Site")
    invited, owned = studio.invite("carl", "member", "site"), hand_over(studio, "carl", "site")
    take(studio, "carl", owned)
    with pytest.raises(refusals.Refused):
        studio.accept("carl", invited)
    assert given(studio, "site") == {"ada": "administrator", "carl": "owner"}


@pytest.mark.rule("BIL-10")
def test_the_old_owners_invitations_go_on_as_far_as_their_new_role_upholds_them(studio: World) -> None:
    make(studio, "project", "Site")
    still, owned = studio.invite("devi", "member", "site"), hand_over(studio, "carl", "site")
    only = studio.invite("sam", "developer", "shop")
    app = hand_over(studio, "carl", "shop")
    take(studio, "carl", owned)
    take(studio, "carl", app)
    assert (state(studio, still), state(studio, only)) == ("pending", "revoked")


@pytest.mark.rule("BIL-10")
def test_a_payment_method_is_made_with_a_company_and_with_nothing_else(studio: World) -> None:
    make(studio, "project", "Site")
    for what in ("site", "shop"):
        with pytest.raises(refusals.DoesNotStandIn):
            take(studio, "carl", hand_over(studio, "carl", what), NewMethod("House"))
        assert given(studio, what)["ada"] in {"owner", "admin"}


# The client takes over a company


@pytest.mark.rule("BIL-06")
@pytest.mark.parametrize("choice", [None, NewMethod("House", Details("Main Street 1", "bills@acme.example", "A-1"))])
def test_the_client_becomes_owner_and_the_inviter_admin(studio: World, choice: NewMethod | None) -> None:
    make(studio, "company", "Acme")
    make(studio, "app", "Page", within="acme")
    studio.member("devi", "developer", "page")
    take(studio, "carl", hand_over(studio, "carl", "acme"), choice)
    assert given(studio, "acme") == {"ada": "admin", "carl": "owner"}
    assert can(studio, "ada", "acme") == {"view", "create"}
    assert can(studio, "devi", "page") == WORKS
    assert {"pay", "invoices", "delete"} <= can(studio, "carl", "acme")
    if choice:
        assert thing(studio, "house").parent == thing(studio, "acme").id
        assert given(studio, "house") == {}
        assert can(studio, "ada", "house") == set()
        shown = studio.collab.ask(ShowBilling(studio.by("carl"), "house"), studio.at)
        assert shown.details == choice.details


@pytest.mark.rule("BIL-06")
def test_one_of_several_owners_hands_over_and_the_others_stay(studio: World) -> None:
    make(studio, "company", "Acme")
    studio.member("bo", "owner")
    studio.member("devi", "admin")
    with pytest.raises(refusals.AlreadyHolds):
        hand_over(studio, "bo", "acme")
    take(studio, "devi", hand_over(studio, "devi", "acme"))
    assert given(studio, "acme") == {"ada": "admin", "bo": "owner", "devi": "owner"}
    with pytest.raises(refusals.NotOwner):
        hand_over(studio, "carl", "acme")


@pytest.mark.rule("BIL-06")
def test_who_became_owner_in_the_meantime_takes_nothing_over(studio: World) -> None:
    make(studio, "company", "Acme")
    waits = hand_over(studio, "carl", "acme")
    studio.member("carl", "owner")
    with pytest.raises(refusals.AlreadyHolds):
        take(studio, "carl", waits)
    assert given(studio, "acme") == {"ada": "owner", "carl": "owner"}


@pytest.mark.rule("BIL-06")
def test_a_card_number_spoils_the_taking_over(studio: World) -> None:
    make(studio, "company", "Acme")
    waits = hand_over(studio, "carl", "acme")
    with pytest.raises(refusals.CardNumber):
        take(studio, "carl", waits, NewMethod("House", Details(reference="4111-1111-1111-1111")))
    assert given(studio, "acme") == {"ada": "owner"}


@pytest.mark.rule("BIL-06")
@pytest.mark.rule("BIL-10")
def test_both_sides_and_the_owners_hear_of_another_owner_once_each(studio: World) -> None:
    make(studio, "company", "Acme")
    studio.member("bo", "owner")
    studio.link("CACME", "acme")
    waits = hand_over(studio, "carl", "acme")
    studio.told()
    take(studio, "carl", waits)
    told = studio.told()
    assert len(told) == len({*told})
    assert {"ada", "channel:CACME"} <= {who for who, _ in told}


# What a channel hears of it


@pytest.mark.rule("EVT-04")
@pytest.mark.rule("BIL-03")
@pytest.mark.parametrize("leaving", [True, False])
@pytest.mark.parametrize("purpose", ["billing", "ownership"])
def test_a_channel_hears_of_a_transfer_in_one_message(studio: World, purpose: str, *, leaving: bool) -> None:
    if purpose == "billing":
        studio.link("CSHOP", "shop")
        offer: TransferBilling | TransferOwnership = TransferBilling(
            studio.by("ada"), studio.account("carl"), "shop", goes=leaving
        )
    else:
        make(studio, "project", "Site")
        studio.link("CSHOP", "site")
        offer = TransferOwnership(studio.by("ada"), studio.account("carl"), "site")
    invitation = studio.do(offer).first(InvitationSent).invitation
    studio.told()
    studio.do(Accept(studio.by("carl"), invitation, "purse" if purpose == "billing" else None))
    heard = [message for target, message in studio.told() if target == "channel:CSHOP" and message != "refresh"]
    left = ["member_left"] if leaving and purpose == "billing" else []
    assert sorted(heard) == sorted([*left, f"{purpose}_transferred"])
