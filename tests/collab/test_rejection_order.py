"""The right is checked first and the refusal names it; it also names the source of a role that is not direct."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collab import errors
from collab.billing.payment_methods import ChangeBillingDetails, SetPaymentMethod
from collab.billing.plans import ChangePlan
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.invitations.commands import InviteToResource
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.memberships.expiry import ExtendMembership
from collab.model import BillingDetails
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import (
    CreateResource,
    DescribeResource,
    DisableResource,
    EnableResource,
    RenameResource,
)
from collab.teams import AssignToMember, ShareWithTeam, UnshareWithTeam
from tests.support.billing_oracle import accept_offer, create_resource, offer_ownership
from tests.support.builders import Scenario

RIGHTS = (errors.NotAllowed,)


@pytest.fixture
def house(acme: Scenario) -> Scenario:
    """Ada owns all of Acme; Vic has the lowest role on everything, Bo and Carl are on some of it."""
    acme.register_people("bo", "carl", "devi", "vic", "zed").read_profile(
        "robot", bot=True
    )
    create_resource(acme, "project", "Site", within="acme")
    create_resource(acme, "app", "Shop", within="acme")
    create_resource(acme, "payment", "Card", within="acme")
    create_resource(acme, "team", "Crew")
    for role, what in (
        ("accountant", "acme"),
        ("member", "site"),
        ("developer", "shop"),
        ("limited", "crew"),
    ):
        acme.add_member("vic", role, what)
    acme.add_member("vic", "accountant", "card")
    acme.add_member("carl")
    acme.add_member("bo", "developer", "shop")
    acme.share_with_team("shop", "crew", "developer")
    return acme


# Whatever else is wrong with it: on oneself, on a bot, on the last owner, on nobody, of a kind that does not fit.
WITHOUT_RIGHT: dict[str, Callable[[Scenario, str], Any]] = {
    "remove the last owner": lambda w, by: RemoveMember(w.caller_for(by), w.account_of("ada"), "acme"),
    "remove who is not in": lambda w, by: RemoveMember(w.caller_for(by), w.account_of("zed"), "acme"),
    "remove who is in through the company": lambda w, by: RemoveMember(w.caller_for(by), w.account_of("carl"), "shop"),
    "role of the last owner": lambda w, by: ChangeRole(w.caller_for(by), w.account_of("ada"), "admin", "acme"),
    "role that they hold": lambda w, by: ChangeRole(w.caller_for(by), w.account_of("carl"), "admin", "acme"),
    "role of who is not in": lambda w, by: ChangeRole(w.caller_for(by), w.account_of("zed"), "admin", "acme"),
    "invite a bot": lambda w, by: InviteToResource(w.caller_for(by), w.account_of("robot"), "developer", "shop"),
    "invite oneself": lambda w, by: InviteToResource(w.caller_for(by), w.account_of(by), "developer", "shop"),
    "invite who holds it": lambda w, by: InviteToResource(w.caller_for(by), w.account_of("bo"), "developer", "shop"),
    "extend who is in for good": lambda w, by: ExtendMembership(w.caller_for(by), w.account_of("bo"), "shop"),
    "extend who is not in": lambda w, by: ExtendMembership(w.caller_for(by), w.account_of("zed"), "shop"),
    "share what is shared": lambda w, by: ShareWithTeam(w.caller_for(by), "shop", "crew", "developer"),
    "share a company": lambda w, by: ShareWithTeam(w.caller_for(by), "acme", "crew", "admin"),
    "unshare what is not shared": lambda w, by: UnshareWithTeam(w.caller_for(by), "card", "crew"),
    "assign to who is not in": lambda w, by: AssignToMember(w.caller_for(by), w.account_of("zed"), "shop", "crew"),
    "hand over to oneself": lambda w, by: TransferOwnership(w.caller_for(by), w.account_of(by), "site"),
    "hand over an app of the company": lambda w, by: TransferOwnership(w.caller_for(by), w.account_of("zed"), "shop"),
    "hand billing of a company over": lambda w, by: TransferBilling(w.caller_for(by), w.account_of("zed"), ("acme",)),
    "rename to nothing": lambda w, by: RenameResource(w.caller_for(by), "shop", ""),
    "describe too long": lambda w, by: DescribeResource(w.caller_for(by), "shop", "x" * 600),
    "delete without its name": lambda w, by: DeleteResource(w.caller_for(by), "acme"),
    "disable": lambda w, by: DisableResource(w.caller_for(by), "site"),
    "enable what is enabled": lambda w, by: EnableResource(w.caller_for(by), "site"),
    "move to where it is": lambda w, by: MoveResource(w.caller_for(by), "shop", "acme"),
    "create what does not stand there": lambda w, by: CreateResource(w.caller_for(by), "team", "New", "acme"),
    "let a project pay": lambda w, by: SetPaymentMethod(w.caller_for(by), "shop", "site"),
    "bad details": lambda w, by: ChangeBillingDetails(w.caller_for(by), "card", BillingDetails(email="no address")),
    "unknown plan": lambda w, by: ChangePlan(w.caller_for(by), "acme", "gold"),
}  # fmt: skip


@pytest.mark.rule("MEM-05")
@pytest.mark.rule("ROL-05")
@pytest.mark.parametrize("how", WITHOUT_RIGHT)
def test_a_missing_right_is_reported_before_any_other_error(
    house: Scenario, how: str
) -> None:
    with pytest.raises(RIGHTS):
        house.execute(WITHOUT_RIGHT[how](house, "vic"))


@pytest.mark.rule("MEM-02")
@pytest.mark.parametrize("role", ["owner", "admin", "collaborator"])
def test_an_admin_changes_no_accountant_and_an_owner_does(
    house: Scenario, role: str
) -> None:
    act = ChangeRole(house.caller_for("carl"), house.account_of("vic"), role, "acme")
    with pytest.raises(errors.MayNotRemove) as refused:
        house.execute(act)
    assert refused.value.role == "accountant"
    assert house.execute(
        ChangeRole(house.caller_for("ada"), house.account_of("vic"), role, "acme")
    ).recorded


@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize("by", ["carl", "bo2"])
def test_nobody_removes_an_owner_and_the_refusal_says_so(
    house: Scenario, by: str
) -> None:
    house.register_people("bo2")
    house.add_member("bo2", "owner")
    for act in (
        RemoveMember(house.caller_for(by), house.account_of("ada"), "acme"),
        ChangeRole(house.caller_for(by), house.account_of("ada"), "admin", "acme"),
    ):
        with pytest.raises(errors.MayNotRemove) as refused:
            house.execute(act)
        assert (refused.value.role, refused.value.is_final) == ("owner", True)
        assert (refused.value.may_hand_over, refused.value.slug) == (False, "acme")


@pytest.mark.rule("MEM-05")
def test_the_refusal_names_the_team_or_role_that_gives_access(house: Scenario) -> None:
    house.execute(SetPaymentMethod(house.caller_for("ada"), "shop", "card"))
    house.add_member("devi", "holder", "card")
    house.add_member("zed", "unlimited", "crew")
    expected = {
        "carl": ("admin", "company", "Acme", True, False),
        "devi": ("holder", "payment", "Card", False, False),
        "zed": ("unlimited", "team", "Crew", True, True),
    }
    for who, expected_source in expected.items():
        with pytest.raises(errors.HeldThrough) as refused:
            house.remove_member(who, what="shop")
        found = refused.value
        assert (
            found.source_role,
            found.source_kind,
            found.source,
            found.can_end,
            found.can_unshare,
        ) == expected_source
        with pytest.raises(errors.HeldThrough) as refused:
            house.leave_resource(who, "shop")
        assert (refused.value.source, refused.value.can_end) == (
            expected_source[2],
            True,
        )


@pytest.mark.rule("MEM-05")
def test_who_may_remove_nobody_learns_no_role(house: Scenario) -> None:
    with pytest.raises(errors.MayNotRemove) as refused:
        house.remove_member("carl", by="vic")
    assert refused.value == errors.MayNotRemove(house.person_id_of("carl"), "", "Acme")


@pytest.mark.rule("MEM-05")
def test_of_several_inherited_roles_the_refusal_names_the_highest(
    house: Scenario,
) -> None:
    house.add_member("carl", "unlimited", "crew")
    with pytest.raises(errors.HeldThrough) as refused:
        house.remove_member("carl", what="shop")
    assert (refused.value.role, refused.value.source) == ("admin", "Acme")


@pytest.mark.rule("MEM-05")
def test_what_one_may_not_view_is_not_named(house: Scenario) -> None:
    create_resource(house, "team", "Secret", by="devi")
    house.add_member("devi", "admin", "shop")
    house.execute(
        ShareWithTeam(house.caller_for("devi"), "shop", "secret", "developer")
    )
    house.add_member("zed", "unlimited", "secret", by="devi")
    with pytest.raises(errors.HeldThrough) as refused:
        house.remove_member("zed", what="shop")
    assert (refused.value.source, refused.value.source_slug, refused.value.can_end) == (
        "",
        "",
        False,
    )


@pytest.mark.rule("MEM-04")
@pytest.mark.parametrize(
    ("kind", "role", "way"),
    [
        ("company", "owner", "invite"),
        ("project", "owner", "transfer"),
        ("payment", "holder", "invite"),
        ("team", "unlimited", "invite"),
        ("app", "admin", "invite"),
        ("database", "admin", "invite"),
    ],
)
def test_the_last_holder_learns_how_to_leave_and_then_leaves(
    house: Scenario, kind: str, role: str, way: str
) -> None:
    create_resource(house, kind, "Thing")
    with pytest.raises(errors.LastHolder) as refused:
        house.leave_resource("ada", "thing")
    assert (refused.value.role, refused.value.way) == (role, way)
    if way == "invite":
        house.add_member("zed", role, "thing")
    else:
        accept_offer(house, "zed", offer_ownership(house, "zed", "thing"))
    house.execute(LeaveResource(house.caller_for("ada"), "thing"))


@pytest.mark.rule("MEM-04")
@pytest.mark.rule("ROL-04")
def test_the_owner_of_a_disabled_project_must_enable_it_first(
    house: Scenario,
) -> None:
    create_resource(house, "project", "Alone")
    house.execute(DisableResource(house.caller_for("ada"), "alone"))
    with pytest.raises(errors.LastHolder) as refused:
        house.leave_resource("ada", "alone")
    assert refused.value.way == "enable"


@pytest.mark.rule("MEM-05")
@pytest.mark.rule("BIL-10")
def test_a_projects_owner_in_a_company_is_handed_over_instead_of_removed(
    house: Scenario,
) -> None:
    accept_offer(house, "devi", offer_ownership(house, "devi", "site"))
    with pytest.raises(errors.MayNotRemove) as refused:
        house.remove_member("devi", what="site")
    assert (refused.value.may_hand_over, refused.value.slug) == (True, "site")
    with pytest.raises(errors.MayNotRemove) as refused:
        house.remove_member("devi", by="carl", what="site")
    assert not refused.value.may_hand_over
    accept_offer(house, "bo", offer_ownership(house, "bo", "site"))
    house.remove_member("devi", what="site")


@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize(("by", "enables"), [("ada", "site"), ("bo", "")])
def test_what_is_disabled_says_so_only_to_who_could_do_it_otherwise(
    house: Scenario, by: str, enables: str
) -> None:
    create_resource(house, "app", "Page", within="site")
    house.add_member("bo", "admin", "page")
    house.add_member("vic", "developer", "page")
    house.execute(DisableResource(house.caller_for("ada"), "site"))
    for act in (
        InviteToResource(
            house.caller_for(by), house.account_of("zed"), "developer", "page"
        ),
        RemoveMember(house.caller_for(by), house.account_of("vic"), "page"),
        ChangeRole(house.caller_for(by), house.account_of("vic"), "manager", "page"),
    ):
        with pytest.raises(errors.IsDisabled) as refused:
            house.execute(act)
        assert refused.value.enables == enables
    with pytest.raises(errors.MayNot) as closed:
        house.execute(RenameResource(house.caller_for(by), "page", "New"))
    assert (closed.value.disabled, closed.value.enables) == (True, enables)
    with pytest.raises(errors.MayNot) as closed:
        house.execute(RenameResource(house.caller_for("vic"), "page", "New"))
    assert not closed.value.disabled
