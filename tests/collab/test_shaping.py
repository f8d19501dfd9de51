"""Naming, describing, moving, migrating, disabling and enabling (RES-03, ROL-04)."""

from __future__ import annotations

import pytest

from collab import refusals
from collab.answers import Accept
from collab.billing import Pay
from collab.events import (
    InvitationSent,
    ResourceDescribed,
    ResourceDisabled,
    ResourceEnabled,
    ResourceMoved,
    ResourceRenamed,
)
from collab.resources import Create, Delete, Describe, Disable, Enable, Move, Rename
from collab.transfers import NewMethod, TransferBilling
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the project Site and the app Shop in it; Beta is a company of Carl's."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("project", "Site", "acme")
    acme.make("app", "Shop", "site")
    acme.make("company", "Beta", by="carl")
    acme.told()
    return acme


@pytest.mark.rule("RES-03")
def test_the_same_again_changes_nothing_and_is_not_recorded(agency: World) -> None:
    agency.do(Describe(agency.by("ada"), "shop", "Sells"))
    for act in (
        Rename(agency.by("ada"), "shop", "  Shop "),
        Describe(agency.by("ada"), "shop", " Sells "),
        Move(agency.by("ada"), "shop", "site"),
        Enable(agency.by("ada"), "site"),
    ):
        assert agency.do(act).recorded == []
    agency.do(Describe(agency.by("ada"), "shop", "   "))
    assert agency.happened(ResourceDescribed)[-1].about is None
    with pytest.raises(refusals.TooLong):
        agency.do(Describe(agency.by("ada"), "shop", "x" * 501))


@pytest.mark.rule("RES-03")
def test_a_name_may_be_that_of_another_and_is_found_by_its_own_slug(agency: World) -> None:
    agency.make("app", "Blog", "acme")
    agency.do(Rename(agency.by("ada"), "blog", "Shop"))
    assert agency.happened(ResourceRenamed)[-1].title == "Shop"
    agency.do(Rename(agency.by("ada"), "blog", "Journal"))
    assert (agency.thing("blog").title, agency.thing("shop").title) == ("Journal", "Shop")
    agency.do(Rename(agency.by("ada"), "journal", "Diary"))
    assert agency.thing("blog").title == "Diary"


@pytest.mark.rule("RES-03")
@pytest.mark.parametrize("role", ["manager", "developer"])
def test_who_may_not_edit_neither_renames_nor_describes(agency: World, role: str) -> None:
    agency.member("devi", role, "shop")
    for act in (Rename(agency.by("devi"), "shop", "Mine"), Describe(agency.by("devi"), "shop", "Mine")):
        with pytest.raises(refusals.MayNot):
            agency.do(act)
    for act in (Rename(agency.by("sam"), "shop", "Mine"), Describe(agency.by("sam"), "shop", "Mine")):
        with pytest.raises(refusals.UnknownResource):
            agency.do(act)


@pytest.mark.rule("RES-03")
def test_a_project_migrates_with_all_that_stands_in_it_and_its_owner_stays(agency: World) -> None:
    agency.member("ada", "admin", "beta", by="carl")
    agency.do(Move(agency.by("ada"), "site", None))
    agency.do(Move(agency.by("ada"), "site", "acme"))
    agency.do(Move(agency.by("ada"), "site", "beta"))
    moved = agency.happened(ResourceMoved)[-1]
    assert (moved.before, moved.parent) == (agency.thing("acme").id, agency.thing("beta").id)
    assert agency.members("site")["ada"] == "owner"
    assert "code" in agency.can("carl", "shop")


@pytest.mark.rule("RES-03")
def test_migrating_needs_a_place_that_takes_it_and_create_there(agency: World) -> None:
    with pytest.raises(refusals.UnknownResource):
        agency.do(Move(agency.by("ada"), "site", "beta"))
    agency.member("ada", "accountant", "beta", by="carl")
    with pytest.raises(refusals.MayNot):
        agency.do(Move(agency.by("ada"), "site", "beta"))
    agency.make("project", "Other", "acme")
    with pytest.raises(refusals.DoesNotStandIn):
        agency.do(Move(agency.by("ada"), "site", "other"))
    for what, to in (("site", "site"), ("acme", "site"), ("site", "shop")):
        with pytest.raises((refusals.DoesNotStandIn, refusals.MayNot)):
            agency.do(Move(agency.by("ada"), what, to))


@pytest.mark.rule("RES-03")
@pytest.mark.rule("INV-09")
def test_a_migration_takes_back_what_was_offered_inside_by_those_left_behind(agency: World) -> None:
    agency.member("bo", "admin")
    inside, project = agency.invite("devi", "developer", "shop", by="bo"), agency.invite("sam", "member", "site")
    agency.member("ada", "admin", "beta", by="carl")
    agency.told()
    agency.do(Move(agency.by("ada"), "site", "beta"))
    assert [agency.invitation(i).state for i in (inside, project)] == ["revoked", "pending"]
    told = agency.told()
    assert ("devi", "refresh") in told
    assert sorted(t for t, m in told if m == "invitation_lost") == ["ada", "carl"]


@pytest.mark.rule("BIL-02")
@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("end", ["unpaid", "other", "deleted", "moved"])
def test_what_only_paying_upheld_falls_with_the_payment(agency: World, end: str) -> None:
    agency.member("carl", "admin", "shop")
    agency.make("payment", "Card", by="carl") if end != "moved" else agency.make("payment", "Card", "beta", by="carl")
    agency.do(Pay(agency.by("carl"), "shop", "card"))
    agency.leave("carl", "shop")
    invitation = agency.invite("devi", "developer", "shop", by="carl")
    kept = agency.invite("sam", "developer", "shop")
    if end == "unpaid":
        agency.do(Pay(agency.by("carl"), "shop", None))
    elif end == "other":
        agency.member("ada", "holder", "card", by="carl")
        agency.make("payment", "Mine")
        agency.do(Pay(agency.by("ada"), "shop", "mine"))
    elif end == "deleted":
        agency.do(Delete(agency.by("carl"), "card"))
    else:
        agency.member("bo", "owner", "beta", by="carl")
        lost = agency.invite("x@example.com", "developer", "shop", by="bo")
        agency.do(Move(agency.by("carl"), "card", None))
        assert agency.invitation(lost).state == "revoked"
        assert agency.invitation(invitation).state == "pending"
        return
    assert [agency.invitation(i).state for i in (invitation, kept)] == ["revoked", "pending"]


@pytest.mark.rule("RES-03")
@pytest.mark.rule("MEM-08")
def test_an_app_is_not_moved_out_of_everything_when_nobody_would_control_it(agency: World) -> None:
    with pytest.raises(refusals.LastHolder):
        agency.do(Move(agency.by("ada"), "shop", None))
    agency.member("devi", "admin", "shop")
    agency.do(Move(agency.by("ada"), "shop", None))
    assert agency.thing("shop").parent is None
    assert agency.can("ada", "shop") == set()


@pytest.mark.rule("RES-03")
@pytest.mark.rule("ROL-04")
def test_disabling_closes_all_inside_for_everybody_until_it_is_enabled(agency: World) -> None:
    agency.member("devi", "administrator", "site")
    before = {who: agency.can(who, "shop") for who in ("ada", "devi")}
    agency.do(Disable(agency.by("devi"), "site"))
    assert agency.can("ada", "shop") == agency.can("devi", "shop") & {"view", "delete"} == {"view", "delete"}
    assert agency.can("ada", "site") == {"view", "disable", "delete"}
    for act in (
        Rename(agency.by("ada"), "shop", "Other"),
        Describe(agency.by("ada"), "site", "Other"),
        Move(agency.by("ada"), "site", None),
        Create(agency.by("ada"), "app", "New", "site"),
    ):
        with pytest.raises(refusals.MayNot):
            agency.do(act)
    with pytest.raises(refusals.IsDisabled):
        agency.invite("sam", "developer", "shop")
    assert agency.do(Disable(agency.by("ada"), "site")).recorded == []
    agency.do(Enable(agency.by("devi"), "site"))
    assert {who: agency.can(who, "shop") for who in ("ada", "devi")} == before
    assert (len(agency.happened(ResourceDisabled)), len(agency.happened(ResourceEnabled))) == (1, 1)


@pytest.mark.rule("RES-03")
@pytest.mark.rule("ROL-04")
def test_disabling_is_for_projects_and_for_those_who_may(agency: World) -> None:
    agency.member("devi", "member", "site")
    for who, what in (("devi", "site"), ("ada", "shop"), ("ada", "acme")):
        for act in (Disable, Enable):
            with pytest.raises(refusals.MayNot):
                agency.do(act(agency.by(who), what))


@pytest.mark.rule("INV-09")
@pytest.mark.rule("ROL-04")
def test_what_rests_in_a_disabled_project_is_not_lost_by_an_end_elsewhere(agency: World) -> None:
    agency.member("bo", "admin")
    agency.member("bo", "limited", _crew(agency))
    invitation = agency.invite("devi", "developer", "shop", by="bo")
    agency.do(Disable(agency.by("ada"), "site"))
    agency.leave("bo", "crew")
    assert agency.invitation(invitation).state == "pending"
    agency.do(Enable(agency.by("ada"), "site"))
    agency.accept("devi", invitation)


def _crew(world: World) -> str:
    return world.make("team", "Crew")


@pytest.mark.rule("BIL-04")
@pytest.mark.rule("INV-09")
def test_a_transfer_takes_along_what_the_payment_and_the_role_given_up_upheld_together(agency: World) -> None:
    agency.member("carl", "admin", "shop")
    agency.make("payment", "Card", by="carl")
    agency.do(Pay(agency.by("carl"), "shop", "card"))
    lost = agency.invite("devi", "developer", "shop", by="carl")
    kept = agency.invite("bo", "developer", "shop")
    offer = agency.do(TransferBilling(agency.by("carl"), agency.account("sam"), "shop")).first(InvitationSent)
    agency.do(Accept(agency.by("sam", "button"), offer.invitation, NewMethod("Sam's card")))
    assert agency.members("shop")["carl"] == "developer"
    assert [agency.invitation(i).state for i in (lost, kept)] == ["revoked", "pending"]
