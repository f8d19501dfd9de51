"""Sharing a payment method: another holder, an accountant, or a team."""

from __future__ import annotations

import pytest

from collab import refusals
from collab.answers import Accept
from collab.billing import ListMethods
from collab.events import InvitationSent
from collab.membership import ChangeRole, Leave, Remove
from collab.teams import ShareWith, Unshare
from tests.support.billing_oracle import attach, can, given, make, payer
from tests.support.builders import World

HOLDS = {"view", "edit", "delete", "pay", "invoices"}
READS = {"view", "invoices"}


@pytest.fixture
def card(world: World) -> World:
    """Ada's card, which pays for her shop; Bo's team."""
    world.knows("ada", "bo", "carl", "devi")
    make(world, "payment", "Card")
    make(world, "app", "Shop")
    attach(world, "shop", "card")
    make(world, "team", "Crew", by="bo")
    return world


def share(world: World, role: str, by: str = "ada") -> str:
    """A team is asked; answers the invitation."""
    sent: InvitationSent = world.do(ShareWith(world.by(by), "card", "crew", role)).first(InvitationSent)
    return sent.invitation


@pytest.mark.rule("BIL-08")
def test_a_holder_invites_a_holder_who_pays_and_manages_what_it_pays_for(card: World) -> None:
    waits = card.invite("carl", "holder", "card")
    assert can(card, "carl", "card") == set()
    card.accept("carl", waits)
    assert (can(card, "carl", "card"), can(card, "carl", "shop")) == (HOLDS, {"view", "edit", "delete"})
    card.member("devi", "holder", "card", by="carl")
    assert given(card, "card") == {"ada": "holder", "carl": "holder", "devi": "holder"}


@pytest.mark.rule("BIL-08")
def test_an_accountant_reads_the_books_and_nothing_else(card: World) -> None:
    card.member("carl", "accountant", "card")
    assert (can(card, "carl", "card"), can(card, "carl", "shop")) == (READS, set())
    make(card, "app", "Blog", by="carl")
    for what in ("card",):
        with pytest.raises(refusals.MayNot):
            attach(card, "blog", what, by="carl")
    with pytest.raises(refusals.MayNotGrant):
        card.invite("devi", "accountant", "card", by="carl")
    assert card.collab.ask(ListMethods(card.by("carl")), card.at) == []


@pytest.mark.rule("BIL-08")
def test_who_only_works_on_what_it_pays_for_shares_nothing(card: World) -> None:
    card.member("devi", "admin", "shop")
    with pytest.raises(refusals.UnknownResource):
        card.invite("carl", "holder", "card", by="devi")


@pytest.mark.rule("BIL-08")
@pytest.mark.parametrize(("role", "gives"), [("holder", HOLDS), ("accountant", READS)])
def test_a_team_holds_it_by_its_unlimited_members_once_one_of_them_said_yes(
    card: World, role: str, gives: set[str]
) -> None:
    card.member("ada", "unlimited", "crew", by="bo")
    card.leave("ada", "crew")
    card.member("carl", "limited", "crew", by="bo")
    card.member("ada", "limited", "crew", by="bo")
    waits = share(card, role)
    assert can(card, "bo", "card") == set()
    with pytest.raises(refusals.NotYours):
        card.do(Accept(card.by("carl"), waits))
    card.do(Accept(card.by("bo"), waits))
    assert (can(card, "bo", "card"), can(card, "carl", "card")) == (gives, set())
    assert can(card, "bo", "shop") == ({"view", "edit", "delete"} if role == "holder" else set())
    card.do(Unshare(card.by("bo"), "card", "crew"))
    assert (can(card, "bo", "card"), can(card, "bo", "shop"), payer(card, "shop")) == (set(), set(), "card")


@pytest.mark.rule("BIL-08")
def test_a_team_never_makes_up_for_the_last_holder(card: World) -> None:
    card.member("ada", "unlimited", "crew", by="bo")
    card.do(ShareWith(card.by("ada"), "card", "crew", "holder"))
    with pytest.raises(refusals.LastHolder):
        card.do(Leave(card.by("ada"), "card"))


@pytest.mark.rule("BIL-08")
def test_holders_remove_accountants_and_no_holder(card: World) -> None:
    card.member("carl", "holder", "card")
    card.member("devi", "accountant", "card")
    card.do(Remove(card.by("carl"), card.account("devi"), "card"))
    with pytest.raises(refusals.MayNotRemove):
        card.do(Remove(card.by("carl"), card.account("ada"), "card"))
    with pytest.raises(refusals.MayNotRemove):
        card.do(ChangeRole(card.by("carl"), card.account("ada"), "accountant", "card"))
    assert given(card, "card") == {"ada": "holder", "carl": "holder"}


@pytest.mark.rule("BIL-08")
def test_an_accountant_becomes_holder_by_a_role_change(card: World) -> None:
    card.member("carl", "accountant", "card")
    card.do(ChangeRole(card.by("ada"), card.account("carl"), "holder", "card"))
    assert can(card, "carl", "shop") == {"view", "edit", "delete"}
