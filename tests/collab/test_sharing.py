"""Sharing a payment method: another holder, an accountant, or a team."""

from __future__ import annotations

import pytest

from collab import errors
from collab.billing.payment_methods import ListPaymentMethods
from collab.events import InvitationSent
from collab.invitations.answers import AcceptInvitation
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.model import InvitationId
from collab.teams import ShareWithTeam, UnshareWithTeam
from tests.support.billing_oracle import (
    attach_payment_method,
    capabilities_of,
    create_resource,
    direct_roles_by_name,
    payment_method_slug,
)
from tests.support.builders import Scenario

HOLDS = {"view", "edit", "delete", "pay", "invoices"}
READS = {"view", "invoices"}


@pytest.fixture
def card(world: Scenario) -> Scenario:
    """Ada's card, which pays for her shop; Bo's team."""
    world.register_people("ada", "bo", "carl", "devi")
    create_resource(world, "payment", "Card")
    create_resource(world, "app", "Shop")
    attach_payment_method(world, "shop", "card")
    create_resource(world, "team", "Crew", by="bo")
    return world


def share(world: Scenario, role: str, by: str = "ada") -> InvitationId:
    """A team is asked; answers the invitation."""
    sent: InvitationSent = world.execute(
        ShareWithTeam(world.caller_for(by), "card", "crew", role)
    ).get_event(InvitationSent)
    return sent.invitation


@pytest.mark.rule("BIL-08")
def test_a_holder_invites_a_holder_who_pays_and_manages_what_it_pays_for(
    card: Scenario,
) -> None:
    waits = card.send_invitation("carl", "holder", "card")
    assert capabilities_of(card, "carl", "card") == set()
    card.accept_invitation("carl", waits)
    assert (
        capabilities_of(card, "carl", "card"),
        capabilities_of(card, "carl", "shop"),
    ) == (HOLDS, {"view", "edit", "delete"})
    card.add_member("devi", "holder", "card", by="carl")
    assert direct_roles_by_name(card, "card") == {
        "ada": "holder",
        "carl": "holder",
        "devi": "holder",
    }


@pytest.mark.rule("BIL-08")
def test_an_accountant_reads_the_books_and_nothing_else(card: Scenario) -> None:
    card.add_member("carl", "accountant", "card")
    assert (
        capabilities_of(card, "carl", "card"),
        capabilities_of(card, "carl", "shop"),
    ) == (READS, set())
    create_resource(card, "app", "Blog", by="carl")
    for what in ("card",):
        with pytest.raises(errors.MayNot):
            attach_payment_method(card, "blog", what, by="carl")
    with pytest.raises(errors.MayNotGrant):
        card.send_invitation("devi", "accountant", "card", by="carl")
    assert card.bus.query(ListPaymentMethods(card.caller_for("carl")), card.at) == []


@pytest.mark.rule("BIL-08")
def test_who_only_works_on_what_it_pays_for_shares_nothing(card: Scenario) -> None:
    card.add_member("devi", "admin", "shop")
    with pytest.raises(errors.UnknownResource):
        card.send_invitation("carl", "holder", "card", by="devi")


@pytest.mark.rule("BIL-08")
@pytest.mark.parametrize(("role", "gives"), [("holder", HOLDS), ("accountant", READS)])
def test_a_team_holds_it_by_its_unlimited_members_once_one_of_them_said_yes(
    card: Scenario, role: str, gives: set[str]
) -> None:
    card.add_member("ada", "unlimited", "crew", by="bo")
    card.leave_resource("ada", "crew")
    card.add_member("carl", "limited", "crew", by="bo")
    card.add_member("ada", "limited", "crew", by="bo")
    waits = share(card, role)
    assert capabilities_of(card, "bo", "card") == set()
    with pytest.raises(errors.NotYours):
        card.execute(AcceptInvitation(card.caller_for("carl"), waits))
    card.execute(AcceptInvitation(card.caller_for("bo"), waits))
    assert (
        capabilities_of(card, "bo", "card"),
        capabilities_of(card, "carl", "card"),
    ) == (gives, set())
    assert capabilities_of(card, "bo", "shop") == (
        {"view", "edit", "delete"} if role == "holder" else set()
    )
    card.execute(UnshareWithTeam(card.caller_for("bo"), "card", "crew"))
    assert (
        capabilities_of(card, "bo", "card"),
        capabilities_of(card, "bo", "shop"),
        payment_method_slug(card, "shop"),
    ) == (set(), set(), "card")


@pytest.mark.rule("BIL-08")
def test_a_team_never_makes_up_for_the_last_holder(card: Scenario) -> None:
    card.add_member("ada", "unlimited", "crew", by="bo")
    card.execute(ShareWithTeam(card.caller_for("ada"), "card", "crew", "holder"))
    with pytest.raises(errors.LastHolder):
        card.execute(LeaveResource(card.caller_for("ada"), "card"))


@pytest.mark.rule("BIL-08")
def test_holders_remove_accountants_and_no_holder(card: Scenario) -> None:
    card.add_member("carl", "holder", "card")
    card.add_member("devi", "accountant", "card")
    card.execute(RemoveMember(card.caller_for("carl"), card.account_of("devi"), "card"))
    with pytest.raises(errors.MayNotRemove):
        card.execute(
            RemoveMember(card.caller_for("carl"), card.account_of("ada"), "card")
        )
    with pytest.raises(errors.MayNotRemove):
        card.execute(
            ChangeRole(
                card.caller_for("carl"), card.account_of("ada"), "accountant", "card"
            )
        )
    assert direct_roles_by_name(card, "card") == {"ada": "holder", "carl": "holder"}


@pytest.mark.rule("BIL-08")
def test_an_accountant_becomes_holder_by_a_role_change(card: Scenario) -> None:
    card.add_member("carl", "accountant", "card")
    card.execute(
        ChangeRole(card.caller_for("ada"), card.account_of("carl"), "holder", "card")
    )
    assert capabilities_of(card, "carl", "shop") == {"view", "edit", "delete"}
