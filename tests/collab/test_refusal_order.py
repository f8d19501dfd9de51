"""The right is checked before anything else, and the refusal names it; who is in by another role is told how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collab import refusals
from collab.billing import Detail, Details, Pay
from collab.invitations import Invite
from collab.membership import ChangeRole, Leave, Remove
from collab.plans import Plan
from collab.resources import Create, Delete, Describe, Disable, Enable, Move, Rename
from collab.teams import Assign, ShareWith, Unshare
from collab.terms import Extend
from collab.transfers import TransferBilling, TransferOwnership
from tests.support.billing_oracle import hand_over, make, take
from tests.support.builders import World

RIGHTS = (refusals.NotAllowed,)


@pytest.fixture
def house(acme: World) -> World:
    """Ada owns all of Acme; Vic has the lowest role on everything, Bo and Carl are on some of it."""
    acme.knows("bo", "carl", "devi", "vic", "zed").profile("robot", bot=True)
    make(acme, "project", "Site", within="acme")
    make(acme, "app", "Shop", within="acme")
    make(acme, "payment", "Card", within="acme")
    make(acme, "team", "Crew")
    for role, what in (("accountant", "acme"), ("member", "site"), ("developer", "shop"), ("limited", "crew")):
        acme.member("vic", role, what)
    acme.member("vic", "accountant", "card")
    acme.member("carl")
    acme.member("bo", "developer", "shop")
    acme.shares("shop", "crew", "developer")
    return acme


# Whatever else is wrong with it: on oneself, on a bot, on the last owner, on nobody, of a kind that does not fit.
WITHOUT_RIGHT: dict[str, Callable[[World, str], Any]] = {
    "remove the last owner": lambda w, by: Remove(w.by(by), w.account("ada"), "acme"),
    "remove who is not in": lambda w, by: Remove(w.by(by), w.account("zed"), "acme"),
    "remove who is in through the company": lambda w, by: Remove(w.by(by), w.account("carl"), "shop"),
    "role of the last owner": lambda w, by: ChangeRole(w.by(by), w.account("ada"), "admin", "acme"),
    "role that they hold": lambda w, by: ChangeRole(w.by(by), w.account("carl"), "admin", "acme"),
    "role of who is not in": lambda w, by: ChangeRole(w.by(by), w.account("zed"), "admin", "acme"),
    "invite a bot": lambda w, by: Invite(w.by(by), w.account("robot"), "developer", "shop"),
    "invite oneself": lambda w, by: Invite(w.by(by), w.account(by), "developer", "shop"),
    "invite who holds it": lambda w, by: Invite(w.by(by), w.account("bo"), "developer", "shop"),
    "extend who is in for good": lambda w, by: Extend(w.by(by), w.account("bo"), "shop"),
    "extend who is not in": lambda w, by: Extend(w.by(by), w.account("zed"), "shop"),
    "share what is shared": lambda w, by: ShareWith(w.by(by), "shop", "crew", "developer"),
    "share a company": lambda w, by: ShareWith(w.by(by), "acme", "crew", "admin"),
    "unshare what is not shared": lambda w, by: Unshare(w.by(by), "card", "crew"),
    "assign to who is not in": lambda w, by: Assign(w.by(by), w.account("zed"), "shop", "crew"),
    "hand over to oneself": lambda w, by: TransferOwnership(w.by(by), w.account(by), "site"),
    "hand over an app of the company": lambda w, by: TransferOwnership(w.by(by), w.account("zed"), "shop"),
    "hand billing of a company over": lambda w, by: TransferBilling(w.by(by), w.account("zed"), ("acme",)),
    "rename to nothing": lambda w, by: Rename(w.by(by), "shop", ""),
    "describe too long": lambda w, by: Describe(w.by(by), "shop", "x" * 600),
    "delete without its name": lambda w, by: Delete(w.by(by), "acme"),
    "disable": lambda w, by: Disable(w.by(by), "site"),
    "enable what is enabled": lambda w, by: Enable(w.by(by), "site"),
    "move to where it is": lambda w, by: Move(w.by(by), "shop", "acme"),
    "create what does not stand there": lambda w, by: Create(w.by(by), "team", "New", "acme"),
    "let a project pay": lambda w, by: Pay(w.by(by), "shop", "site"),
    "bad details": lambda w, by: Detail(w.by(by), "card", Details(email="no address")),
    "unknown plan": lambda w, by: Plan(w.by(by), "acme", "gold"),
}  # fmt: skip


@pytest.mark.rule("MEM-05")
@pytest.mark.rule("ROL-05")
@pytest.mark.parametrize("how", WITHOUT_RIGHT)
def test_who_has_not_the_right_is_told_so_whatever_else_is_wrong(house: World, how: str) -> None:
    with pytest.raises(RIGHTS):
        house.do(WITHOUT_RIGHT[how](house, "vic"))


@pytest.mark.rule("MEM-02")
@pytest.mark.parametrize("role", ["owner", "admin", "collaborator"])
def test_an_admin_changes_no_accountant_and_an_owner_does(house: World, role: str) -> None:
    act = ChangeRole(house.by("carl"), house.account("vic"), role, "acme")
    with pytest.raises(refusals.MayNotRemove) as refused:
        house.do(act)
    assert refused.value.role == "accountant"
    assert house.do(ChangeRole(house.by("ada"), house.account("vic"), role, "acme")).recorded


@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize("by", ["carl", "bo2"])
def test_nobody_removes_an_owner_and_the_refusal_says_so(house: World, by: str) -> None:
    house.knows("bo2")
    house.member("bo2", "owner")
    for act in (
        Remove(house.by(by), house.account("ada"), "acme"),
        ChangeRole(house.by(by), house.account("ada"), "admin", "acme"),
    ):
        with pytest.raises(refusals.MayNotRemove) as refused:
            house.do(act)
        assert (refused.value.role, refused.value.is_final) == ("owner", True)
        assert (refused.value.may_hand_over, refused.value.slug) == (False, "acme")


@pytest.mark.rule("MEM-05")
def test_who_is_in_through_a_team_or_another_role_is_told_how(house: World) -> None:
    house.do(Pay(house.by("ada"), "shop", "card"))
    house.member("devi", "holder", "card")
    house.member("zed", "unlimited", "crew")
    expected = {
        "carl": ("admin", "company", "Acme", True, False),
        "devi": ("holder", "payment", "Card", False, False),
        "zed": ("unlimited", "team", "Crew", True, True),
    }
    for who, told in expected.items():
        with pytest.raises(refusals.HeldThrough) as refused:
            house.remove(who, what="shop")
        found = refused.value
        assert (found.source_role, found.source_kind, found.source, found.can_end, found.can_unshare) == told
        with pytest.raises(refusals.HeldThrough) as refused:
            house.leave(who, "shop")
        assert (refused.value.source, refused.value.can_end) == (told[2], True)


@pytest.mark.rule("MEM-05")
def test_what_one_may_not_view_is_not_named(house: World) -> None:
    make(house, "team", "Secret", by="devi")
    house.member("devi", "admin", "shop")
    house.do(ShareWith(house.by("devi"), "shop", "secret", "developer"))
    house.member("zed", "unlimited", "secret", by="devi")
    with pytest.raises(refusals.HeldThrough) as refused:
        house.remove("zed", what="shop")
    assert (refused.value.source, refused.value.source_slug, refused.value.can_end) == ("", "", False)


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
def test_the_last_one_is_told_what_to_do_and_then_leaves(house: World, kind: str, role: str, way: str) -> None:
    make(house, kind, "Thing")
    with pytest.raises(refusals.LastHolder) as refused:
        house.leave("ada", "thing")
    assert (refused.value.role, refused.value.way) == (role, way)
    if way == "invite":
        house.member("zed", role, "thing")
    else:
        take(house, "zed", hand_over(house, "zed", "thing"))
    house.do(Leave(house.by("ada"), "thing"))


@pytest.mark.rule("MEM-04")
@pytest.mark.rule("ROL-04")
def test_the_owner_of_a_disabled_project_is_told_to_enable_it_first(house: World) -> None:
    make(house, "project", "Alone")
    house.do(Disable(house.by("ada"), "alone"))
    with pytest.raises(refusals.LastHolder) as refused:
        house.leave("ada", "alone")
    assert refused.value.way == "enable"


@pytest.mark.rule("MEM-05")
@pytest.mark.rule("BIL-10")
def test_a_projects_owner_in_a_company_is_handed_over_instead_of_removed(house: World) -> None:
    take(house, "devi", hand_over(house, "devi", "site"))
    with pytest.raises(refusals.MayNotRemove) as refused:
        house.remove("devi", what="site")
    assert (refused.value.may_hand_over, refused.value.slug) == (True, "site")
    with pytest.raises(refusals.MayNotRemove) as refused:
        house.remove("devi", by="carl", what="site")
    assert not refused.value.may_hand_over
    take(house, "bo", hand_over(house, "bo", "site"))
    house.remove("devi", what="site")


@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize(("by", "enables"), [("ada", "site"), ("bo", "")])
def test_what_is_disabled_says_so_only_to_who_could_do_it_otherwise(house: World, by: str, enables: str) -> None:
    make(house, "app", "Page", within="site")
    house.member("bo", "admin", "page")
    house.member("vic", "developer", "page")
    house.do(Disable(house.by("ada"), "site"))
    for act in (
        Invite(house.by(by), house.account("zed"), "developer", "page"),
        Remove(house.by(by), house.account("vic"), "page"),
        ChangeRole(house.by(by), house.account("vic"), "manager", "page"),
    ):
        with pytest.raises(refusals.IsDisabled) as refused:
            house.do(act)
        assert refused.value.enables == enables
    with pytest.raises(refusals.MayNot) as closed:
        house.do(Rename(house.by(by), "page", "New"))
    assert (closed.value.disabled, closed.value.enables) == (True, enables)
    with pytest.raises(refusals.MayNot) as closed:
        house.do(Rename(house.by("vic"), "page", "New"))
    assert not closed.value.disabled
