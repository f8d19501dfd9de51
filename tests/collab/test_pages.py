"""The page of a resource: what its reader sees, and what is open there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.transfers import TransferBilling
from collab.channels import LinkChannel
from collab.model import ChannelId
from collab.pages import PersonPage, ResourcePage, ShowPersonPage, ShowResourcePage
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Return Acme with a project, an app in it, and another app."""
    acme.create_resource("project", "Website", "acme")
    acme.create_resource("app", "Shop", "website")
    acme.create_resource("app", "Blog", "acme")
    return acme


def page_of(scenario: Scenario, what: str, by: str = "ada") -> ResourcePage:
    return scenario.bus.query(
        ShowResourcePage(scenario.caller_for(by), what), scenario.at
    )


def test_a_page_shows_what_contains_a_resource_and_what_is_in_it(
    agency: Scenario,
) -> None:
    shop = page_of(agency, "shop")
    assert [each.slug for each in shop.containers] == ["acme", "website"]
    assert (shop.detail.role, shop.detail.direct) == ("admin", False)
    assert shop.detail.through
    assert shop.detail.through.slug == "acme"

    acme = page_of(agency, "acme")
    counts = {
        each.slug: acme.content_counts.get(each.id, 0) for each in acme.detail.inside
    }
    assert counts == {"blog": 0, "website": 1}


@pytest.mark.rule("MEM-13")
def test_a_page_shows_its_people_as_the_list_of_members_does(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("bo", "manager", "shop")
    members = page_of(agency, "shop").members.members
    assert [(each.person.user, each.role) for each in members.members] == [
        ("UADA", "admin"),
        ("UBO", "manager"),
        ("UDEVI", "developer"),
    ]
    assert members.total == 3


@pytest.mark.rule("EVT-04")
def test_channels_are_shown_to_people_who_may_link_them(agency: Scenario) -> None:
    agency.execute(LinkChannel(agency.caller_for("ada"), ChannelId("C1"), "shop"))
    agency.add_member("devi", "developer", "shop")
    assert [each.channel for each in page_of(agency, "shop").open.links] == ["C1"]
    assert page_of(agency, "shop", by="devi").open.links == ()


def test_a_payment_method_shows_what_it_pays_for_as_far_as_one_may_see_that(
    agency: Scenario,
) -> None:
    agency.create_resource("payment", "Card", "acme")
    for what in ("shop", "blog"):
        agency.execute(SetPaymentMethod(agency.caller_for("ada"), what, "card"))
    assert [each.slug for each in page_of(agency, "card").pays_for] == ["blog", "shop"]


@pytest.mark.rule("INV-08")
def test_expired_invitations_and_requests_are_not_open(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.send_invitation("bo", "developer", "shop")
    agency.request_access("devi", "manager", "shop")
    devis = page_of(agency, "shop", by="devi")
    assert len(devis.open.invitations) == 1
    assert devis.open.has_own_request
    assert not page_of(agency, "shop").open.has_own_request

    agency.at += timedelta(days=60)
    later = page_of(agency, "shop", by="devi")
    assert not later.open.invitations
    assert not later.open.has_own_request


@pytest.mark.rule("ROL-02")
def test_there_is_no_page_of_what_one_may_not_see(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    with pytest.raises(errors.UnknownResource):
        page_of(agency, "blog", by="devi")
    assert page_of(agency, "shop", by="devi").containers == [
        agency.get_resource("acme")
    ]


def roles_on_page(page: PersonPage) -> list[tuple[str, str, str]]:
    """Return the slug, the role and where it comes from, of each role of a page."""
    return [
        (each.resource.slug, each.role, each.through.slug if each.through else "")
        for each in page.roles
    ]


def person_page_of(scenario: Scenario, who: str, by: str = "ada") -> PersonPage:
    query = ShowPersonPage(scenario.caller_for(by), scenario.account_of(who))
    return scenario.bus.query(query, scenario.at)


@pytest.mark.rule("MEM-13")
def test_the_page_of_a_person_has_their_roles_on_what_the_reader_may_view(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Secret")
    agency.add_member("devi", "administrator", "website")
    agency.add_member("bo", "developer", "shop")
    page = person_page_of(agency, "devi")
    assert roles_on_page(page) == [
        ("acme", "collaborator", "website"),
        ("website", "administrator", ""),
        ("shop", "admin", "website"),
    ]
    assert page.shows_address
    assert [each.is_removable for each in page.direct_roles] == [True]

    bos = person_page_of(agency, "devi", by="bo")
    assert roles_on_page(bos) == [
        ("acme", "collaborator", ""),
        ("shop", "admin", ""),
    ]
    assert not bos.shows_address
    assert not any(each.is_removable for each in bos.roles)


@pytest.mark.rule("MEM-09")
def test_the_page_of_a_deactivated_person_has_no_roles(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.deactivate_accounts("devi")
    page = person_page_of(agency, "devi")
    assert not page.roles
    assert not page.person.active


def test_nobody_ends_or_changes_their_own_role_on_their_page(agency: Scenario) -> None:
    page = person_page_of(agency, "ada")
    assert page.roles
    assert not any(each.is_removable or each.is_changeable for each in page.roles)


@pytest.mark.rule("PER-02")
def test_people_from_outside_see_only_the_pages_of_people_with_whom_they_share(
    agency: Scenario,
) -> None:
    agency.register_people("eve@T2")
    agency.add_member("eve@T2", "developer", "shop")
    agency.create_resource("app", "Alone")
    agency.add_member("devi", "developer", "alone")
    assert roles_on_page(person_page_of(agency, "ada", by="eve@T2"))
    for who in (agency.person_id_of("devi"), agency.account_of("devi")):
        query = ShowPersonPage(agency.caller_for("eve@T2"), who)
        with pytest.raises(errors.UnknownResource):
            agency.bus.query(query, agency.at)
    assert roles_on_page(person_page_of(agency, "devi", by="ada"))
    agency.register_people("sam")
    assert not roles_on_page(person_page_of(agency, "devi", by="sam"))


@pytest.mark.rule("BIL-03")
def test_an_offer_to_pay_is_shown_to_people_who_may_assign_roles(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.register_people("carl")
    offer = TransferBilling(
        agency.caller_for("ada"), agency.account_of("carl"), ("shop",)
    )
    agency.execute(offer)
    transfers = page_of(agency, "shop").open.transfers
    assert [each.invitation.purpose for each in transfers] == ["pay"]
    assert page_of(agency, "shop", by="devi").open.transfers == ()
