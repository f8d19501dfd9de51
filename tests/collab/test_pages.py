"""The page of a resource: what its reader sees, and what is open there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.channels import LinkChannel
from collab.model import ChannelId
from collab.pages import ResourcePage, ShowResourcePage
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
