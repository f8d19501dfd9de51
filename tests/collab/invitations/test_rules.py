"""Who may make an offer: of a role, of billing, of ownership."""

from __future__ import annotations

import pytest

from collab.invitations.rules import may_transfer_billing, may_transfer_ownership
from collab.resources import DisableResource
from tests.support.billing_oracle import attach_payment_method
from tests.support.builders import Scenario


def may_offer(world: Scenario, who: str, what: str) -> tuple[bool, bool]:
    """Whether a person may offer the ownership and the billing of a resource."""
    person, resource = world.person_id_of(who), world.get_resource(what)
    with world.bus.read(world.workspace) as facts:
        context = world.bus.context(facts, world.at)
        highest = context.roles[resource.kind].highest_role
        return (
            may_transfer_ownership(context, person, resource, highest),
            may_transfer_billing(context, person, resource),
        )


@pytest.fixture
def studio(acme: Scenario) -> Scenario:
    """Acme with a project and the app Shop; Ada's project Site with the app Wiki; her app Blog, which her card pays."""
    acme.register_people("bo", "carl")
    acme.create_resource("project", "Inner", "acme")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("project", "Site")
    acme.create_resource("app", "Wiki", "site")
    acme.create_resource("app", "Blog")
    acme.create_resource("payment", "Card")
    attach_payment_method(acme, "blog", "card")
    acme.add_member("carl", "admin", "acme")
    acme.add_member("carl", "administrator", "site")
    acme.add_member("carl", "admin", "blog")
    acme.add_member("bo", "manager", "blog")
    return acme


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-06")
@pytest.mark.rule("BIL-10")
def test_who_may_offer_ownership_and_billing(studio: Scenario) -> None:
    found = {
        who: {
            what: may_offer(studio, who, what)
            for what in ("acme", "inner", "shop", "site", "wiki", "blog")
        }
        for who in ("ada", "carl", "bo")
    }
    assert found == {
        "ada": {
            "acme": (True, True),
            "inner": (True, True),
            "shop": (False, True),  # it is inside the company
            "site": (True, True),
            "wiki": (False, True),
            "blog": (True, True),
        },
        "carl": {
            "acme": (False, False),
            "inner": (False, False),
            "shop": (False, True),
            "site": (False, False),
            "wiki": (False, True),
            "blog": (True, False),  # the card is not his
        },
        "bo": dict.fromkeys(
            ("acme", "inner", "shop", "site", "wiki", "blog"), (False, False)
        ),
    }


@pytest.mark.rule("ROL-04")
def test_nothing_disabled_is_offered(studio: Scenario) -> None:
    for project in ("inner", "site"):
        studio.execute(DisableResource(studio.caller_for("ada"), project))
    for what in ("inner", "site", "wiki"):
        assert may_offer(studio, "ada", what) == (False, False)
