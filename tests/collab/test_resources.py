"""Commands that change resources: names, containers, disabling (RES-03, ROL-04)."""

from __future__ import annotations

import pytest

from collab import errors
from collab.billing.payment_method_choice import NewPaymentMethod
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.transfers import TransferBilling
from collab.events import (
    InvitationSent,
    ResourceDescribed,
    ResourceDisabled,
    ResourceEnabled,
    ResourceMoved,
    ResourceRenamed,
)
from collab.invitations.answers import AcceptInvitation
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import (
    CreateResource,
    DescribeResource,
    DisableResource,
    EnableResource,
    RenameResource,
)
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the project Site and the app Shop in it; Beta is a company of Carl's."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("project", "Site", "acme")
    acme.create_resource("app", "Shop", "site")
    acme.create_resource("company", "Beta", by="carl")
    acme.take_outbox()
    return acme


@pytest.mark.rule("RES-03")
def test_the_same_again_changes_nothing_and_is_not_recorded(agency: Scenario) -> None:
    agency.execute(DescribeResource(agency.caller_for("ada"), "shop", "Sells"))
    for act in (
        RenameResource(agency.caller_for("ada"), "shop", "  Shop "),
        DescribeResource(agency.caller_for("ada"), "shop", " Sells "),
        MoveResource(agency.caller_for("ada"), "shop", "site"),
        EnableResource(agency.caller_for("ada"), "site"),
    ):
        assert agency.execute(act).recorded == []
    agency.execute(DescribeResource(agency.caller_for("ada"), "shop", "   "))
    assert agency.events_of_type(ResourceDescribed)[-1].about is None
    with pytest.raises(errors.TooLong):
        agency.execute(DescribeResource(agency.caller_for("ada"), "shop", "x" * 501))


@pytest.mark.rule("RES-03")
def test_a_name_may_be_that_of_another_and_is_found_by_its_own_slug(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Blog", "acme")
    agency.execute(RenameResource(agency.caller_for("ada"), "blog", "Shop"))
    assert agency.events_of_type(ResourceRenamed)[-1].title == "Shop"
    agency.execute(RenameResource(agency.caller_for("ada"), "blog", "Journal"))
    assert (agency.get_resource("blog").title, agency.get_resource("shop").title) == (
        "Journal",
        "Shop",
    )
    agency.execute(RenameResource(agency.caller_for("ada"), "journal", "Diary"))
    assert agency.get_resource("blog").title == "Diary"


@pytest.mark.rule("RES-03")
@pytest.mark.parametrize("role", ["manager", "developer"])
def test_who_may_not_edit_neither_renames_nor_describes(
    agency: Scenario, role: str
) -> None:
    agency.add_member("devi", role, "shop")
    for act in (
        RenameResource(agency.caller_for("devi"), "shop", "Mine"),
        DescribeResource(agency.caller_for("devi"), "shop", "Mine"),
    ):
        with pytest.raises(errors.MayNot):
            agency.execute(act)
    for act in (
        RenameResource(agency.caller_for("sam"), "shop", "Mine"),
        DescribeResource(agency.caller_for("sam"), "shop", "Mine"),
    ):
        with pytest.raises(errors.UnknownResource):
            agency.execute(act)


@pytest.mark.rule("RES-03")
def test_a_project_migrates_with_all_that_stands_in_it_and_its_owner_stays(
    agency: Scenario,
) -> None:
    agency.add_member("ada", "admin", "beta", by="carl")
    agency.execute(MoveResource(agency.caller_for("ada"), "site", None))
    agency.execute(MoveResource(agency.caller_for("ada"), "site", "acme"))
    agency.execute(MoveResource(agency.caller_for("ada"), "site", "beta"))
    moved = agency.events_of_type(ResourceMoved)[-1]
    assert (moved.before, moved.parent) == (
        agency.get_resource("acme").id,
        agency.get_resource("beta").id,
    )
    assert agency.roles_by_name("site")["ada"] == "owner"
    assert "code" in agency.capabilities_of("carl", "shop")


@pytest.mark.rule("RES-03")
def test_migrating_needs_a_place_that_takes_it_and_create_there(
    agency: Scenario,
) -> None:
    with pytest.raises(errors.UnknownResource):
        agency.execute(MoveResource(agency.caller_for("ada"), "site", "beta"))
    agency.add_member("ada", "accountant", "beta", by="carl")
    with pytest.raises(errors.MayNot):
        agency.execute(MoveResource(agency.caller_for("ada"), "site", "beta"))
    agency.create_resource("project", "Other", "acme")
    with pytest.raises(errors.DoesNotStandIn):
        agency.execute(MoveResource(agency.caller_for("ada"), "site", "other"))
    for what, to in (("site", "site"), ("acme", "site"), ("site", "shop")):
        with pytest.raises((errors.DoesNotStandIn, errors.MayNot)):
            agency.execute(MoveResource(agency.caller_for("ada"), what, to))


@pytest.mark.rule("RES-03")
@pytest.mark.rule("INV-09")
def test_a_migration_takes_back_what_was_offered_inside_by_those_left_behind(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "admin")
    inside, project = (
        agency.send_invitation("devi", "developer", "shop", by="bo"),
        agency.send_invitation("sam", "member", "site"),
    )
    agency.add_member("ada", "admin", "beta", by="carl")
    agency.take_outbox()
    agency.execute(MoveResource(agency.caller_for("ada"), "site", "beta"))
    assert [agency.get_invitation(i).state for i in (inside, project)] == [
        "revoked",
        "pending",
    ]
    notifications = agency.take_outbox()
    assert ("devi", "refresh") in notifications
    assert sorted(t for t, m in notifications if m == "invitation_lost") == [
        "ada",
        "carl",
    ]


@pytest.mark.rule("BIL-02")
@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("end", ["unpaid", "other", "deleted", "moved"])
def test_invitations_authorized_only_by_paying_end_with_the_payment(
    agency: Scenario, end: str
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.create_resource(
        "payment", "Card", by="carl"
    ) if end != "moved" else agency.create_resource(
        "payment", "Card", "beta", by="carl"
    )
    agency.execute(SetPaymentMethod(agency.caller_for("carl"), "shop", "card"))
    agency.leave_resource("carl", "shop")
    invitation = agency.send_invitation("devi", "developer", "shop", by="carl")
    kept = agency.send_invitation("sam", "developer", "shop")
    if end == "unpaid":
        agency.execute(SetPaymentMethod(agency.caller_for("carl"), "shop", None))
    elif end == "other":
        agency.add_member("ada", "holder", "card", by="carl")
        agency.create_resource("payment", "Mine")
        agency.execute(SetPaymentMethod(agency.caller_for("ada"), "shop", "mine"))
    elif end == "deleted":
        agency.execute(DeleteResource(agency.caller_for("carl"), "card"))
    else:
        agency.add_member("bo", "owner", "beta", by="carl")
        lost = agency.send_invitation("x@example.com", "developer", "shop", by="bo")
        agency.execute(MoveResource(agency.caller_for("carl"), "card", None))
        assert agency.get_invitation(lost).state == "revoked"
        assert agency.get_invitation(invitation).state == "pending"
        return
    assert [agency.get_invitation(i).state for i in (invitation, kept)] == [
        "revoked",
        "pending",
    ]


@pytest.mark.rule("RES-03")
@pytest.mark.rule("MEM-08")
def test_an_app_is_not_moved_out_of_everything_when_nobody_would_control_it(
    agency: Scenario,
) -> None:
    with pytest.raises(errors.LastHolder):
        agency.execute(MoveResource(agency.caller_for("ada"), "shop", None))
    agency.add_member("devi", "admin", "shop")
    agency.execute(MoveResource(agency.caller_for("ada"), "shop", None))
    assert agency.get_resource("shop").parent is None
    assert agency.capabilities_of("ada", "shop") == set()


@pytest.mark.rule("RES-03")
@pytest.mark.rule("ROL-04")
def test_disabling_closes_all_inside_for_everybody_until_it_is_enabled(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "administrator", "site")
    before = {who: agency.capabilities_of(who, "shop") for who in ("ada", "devi")}
    agency.execute(DisableResource(agency.caller_for("devi"), "site"))
    assert (
        agency.capabilities_of("ada", "shop")
        == agency.capabilities_of("devi", "shop") & {"view", "delete"}
        == {"view", "delete"}
    )
    assert agency.capabilities_of("ada", "site") == {"view", "disable", "delete"}
    for act in (
        RenameResource(agency.caller_for("ada"), "shop", "Other"),
        DescribeResource(agency.caller_for("ada"), "site", "Other"),
        MoveResource(agency.caller_for("ada"), "site", None),
        CreateResource(agency.caller_for("ada"), "app", "New", "site"),
    ):
        with pytest.raises(errors.MayNot):
            agency.execute(act)
    with pytest.raises(errors.IsDisabled):
        agency.send_invitation("sam", "developer", "shop")
    assert (
        agency.execute(DisableResource(agency.caller_for("ada"), "site")).recorded == []
    )
    agency.execute(EnableResource(agency.caller_for("devi"), "site"))
    assert {
        who: agency.capabilities_of(who, "shop") for who in ("ada", "devi")
    } == before
    assert (
        len(agency.events_of_type(ResourceDisabled)),
        len(agency.events_of_type(ResourceEnabled)),
    ) == (1, 1)


@pytest.mark.rule("RES-03")
@pytest.mark.rule("ROL-04")
def test_disabling_is_for_projects_and_for_those_who_may(agency: Scenario) -> None:
    agency.add_member("devi", "member", "site")
    for who, what in (("devi", "site"), ("ada", "shop"), ("ada", "acme")):
        for act in (DisableResource, EnableResource):
            with pytest.raises(errors.MayNot):
                agency.execute(act(agency.caller_for(who), what))


@pytest.mark.rule("INV-09")
@pytest.mark.rule("ROL-04")
def test_what_rests_in_a_disabled_project_is_not_lost_by_an_end_elsewhere(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "admin")
    agency.add_member("bo", "limited", _crew(agency))
    invitation = agency.send_invitation("devi", "developer", "shop", by="bo")
    agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    agency.leave_resource("bo", "crew")
    assert agency.get_invitation(invitation).state == "pending"
    agency.execute(EnableResource(agency.caller_for("ada"), "site"))
    agency.accept_invitation("devi", invitation)


def _crew(world: Scenario) -> str:
    return world.create_resource("team", "Crew")


@pytest.mark.rule("BIL-04")
@pytest.mark.rule("INV-09")
def test_a_transfer_revokes_what_the_payment_and_the_old_role_authorized_together(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.create_resource("payment", "Card", by="carl")
    agency.execute(SetPaymentMethod(agency.caller_for("carl"), "shop", "card"))
    lost = agency.send_invitation("devi", "developer", "shop", by="carl")
    kept = agency.send_invitation("bo", "developer", "shop")
    offer = agency.execute(
        TransferBilling(agency.caller_for("carl"), agency.account_of("sam"), "shop")
    ).get_event(InvitationSent)
    agency.execute(
        AcceptInvitation(
            agency.caller_for("sam", "button"),
            offer.invitation,
            NewPaymentMethod("Sam's card"),
        )
    )
    assert agency.roles_by_name("shop")["carl"] == "developer"
    assert [agency.get_invitation(i).state for i in (lost, kept)] == [
        "revoked",
        "pending",
    ]
