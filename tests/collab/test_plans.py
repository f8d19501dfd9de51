"""Plans: named limits on how many hold the roles of a company, whatever the way into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from collab import errors
from collab.access_requests import ApproveRequest, RequestAccess
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.plans import ChangePlan, ShowPlan
from collab.events import InvitationSent, PlanChanged, RequestSent
from collab.invitations.answers import AcceptInvitation
from collab.invitations.commands import ResendInvitation, RevokeInvitation
from collab.memberships.commands import ChangeRole
from collab.memberships.undo import UndoDeparture
from collab.moves import MoveResource
from collab.resources import CreateResource
from collab.teams import AssignToMember, ShareWithTeam
from tests.support.billing_oracle import (
    accept_offer,
    attach_payment_method,
    create_resource,
    direct_roles_by_name,
    get_resource,
    invitation_state,
    offer_billing_transfer,
    offer_ownership,
    set_plans,
)
from tests.support.builders import Scenario

PLANS: Mapping[str, Mapping[str, int]] = {
    "small": {"owner": 1, "admin": 1, "collaborator": 2},
    "lone": {"owner": 1, "admin": 0, "collaborator": 0},
    "large": {"owner": 3, "admin": 10},
    "free": {},
}


@pytest.fixture
def small(world: Scenario) -> Scenario:
    """Acme on the small plan, with a project and an app in it, and two collaborators on that."""
    world.register_people("ada", "bo", "carl", "devi", "eli", "sam")
    set_plans(world, PLANS)
    create_resource(world, "company", "Acme")
    create_resource(world, "app", "Shop", within="acme")
    for who in ("bo", "carl"):
        world.add_member(who, "developer", "shop")
    world.execute(ChangePlan(world.caller_for("ada"), "acme", "small"))
    world.take_outbox()
    return world


def seats(world: Scenario, by: str = "ada") -> dict[str, tuple[int, int | None]]:
    """How many hold each role, with those who are asked, and how many may."""
    shown = world.bus.query(ShowPlan(world.caller_for(by), "acme"), world.at)
    return {role: (now, limit) for role, now, limit in shown.roles}


# The choice of a plan


@pytest.mark.rule("BIL-09")
def test_anyone_who_has_the_companys_billing_chooses_and_others_see(
    small: Scenario,
) -> None:
    shown = small.bus.query(ShowPlan(small.caller_for("bo"), "acme"), small.at)
    assert (shown.plan, shown.plans, shown.may_change) == ("small", tuple(PLANS), False)
    assert seats(small) == {
        "owner": (1, 1),
        "admin": (0, 1),
        "accountant": (0, None),
        "collaborator": (2, 2),
    }
    for who in ("bo", "devi"):
        with pytest.raises(errors.Rejected):
            small.execute(ChangePlan(small.caller_for(who), "acme", "large"))
    small.execute(ChangePlan(small.caller_for("ada"), "acme", None))
    assert get_resource(small, "acme").plan is None
    assert [(e.before, e.plan) for e in small.events_of_type(PlanChanged)] == [
        (None, "small"),
        ("small", None),
    ]


@pytest.mark.rule("BIL-09")
def test_what_is_no_plan_and_what_has_none_is_refused(small: Scenario) -> None:
    with pytest.raises(errors.UnknownPlan):
        small.execute(ChangePlan(small.caller_for("ada"), "acme", "huge"))
    create_resource(small, "payment", "Card")
    with pytest.raises(errors.HasNoPlans):
        small.execute(ChangePlan(small.caller_for("ada"), "card", "small"))
    with pytest.raises(errors.HasNoPlans):
        small.bus.query(ShowPlan(small.caller_for("ada"), "shop"), small.at)
    assert not small.execute(
        ChangePlan(small.caller_for("ada"), "acme", "small")
    ).recorded


@pytest.mark.rule("BIL-09")
def test_a_downgrade_is_refused_with_all_that_exceeds_it_those_who_are_asked_among_them(
    small: Scenario,
) -> None:
    waits = small.send_invitation("devi", "admin")
    with pytest.raises(errors.PlanExceeded) as refused:
        small.execute(ChangePlan(small.caller_for("ada"), "acme", "lone"))
    assert refused.value.exceeds == (("admin", 1, 0), ("collaborator", 2, 0))
    small.execute(RevokeInvitation(small.caller_for("ada"), waits))
    for who in ("bo", "carl"):
        small.remove_member(who, what="shop")
    small.execute(ChangePlan(small.caller_for("ada"), "acme", "lone"))
    assert get_resource(small, "acme").plan == "lone"


@pytest.mark.rule("BIL-09")
def test_other_owners_hear_of_another_plan(small: Scenario) -> None:
    small.execute(ChangePlan(small.caller_for("ada"), "acme", "large"))
    small.add_member("bo", "owner")
    small.take_outbox()
    small.execute(ChangePlan(small.caller_for("ada"), "acme", "free"))
    assert small.take_outbox() == [("bo", "plan_changed")]


# Invitations


@pytest.mark.rule("BIL-09")
def test_an_invitation_beyond_the_limit_is_refused_and_those_who_are_asked_have_a_seat(
    small: Scenario,
) -> None:
    waits = small.send_invitation("devi", "admin")
    with pytest.raises(errors.BeyondPlan) as refused:
        small.send_invitation("eli", "admin")
    said = refused.value
    assert (said.title, said.plan, said.role, said.limit, said.now) == (
        "Acme",
        "small",
        "admin",
        1,
        1,
    )
    small.execute(RevokeInvitation(small.caller_for("ada"), waits))
    small.accept_invitation("eli", small.send_invitation("eli", "admin"))
    with pytest.raises(errors.BeyondPlan):
        small.execute(ResendInvitation(small.caller_for("ada"), waits))
    assert direct_roles_by_name(small, "acme") == {"ada": "owner", "eli": "admin"}


@pytest.mark.rule("BIL-09")
def test_what_expired_has_no_seat_whether_or_not_anything_has_swept(
    small: Scenario,
) -> None:
    small.send_invitation("devi", "admin")
    small.at += small.policy.lifetime
    assert seats(small)["admin"] == (0, 1)
    small.send_invitation("eli", "admin")


@pytest.mark.rule("BIL-09")
def test_who_has_a_seat_is_asked_again_and_into_more(small: Scenario) -> None:
    small.send_invitation("devi", "admin")
    small.send_invitation("devi", "admin", note="Please")
    create_resource(small, "app", "Blog", within="acme")
    small.add_member("bo", "developer", "blog")
    assert seats(small)["collaborator"] == (2, 2)
    small.accept_invitation("devi", small.pending_invitation_ids("devi")[0])
    small.add_member("devi", "developer", "blog")
    assert seats(small) == {
        "owner": (1, 1),
        "admin": (1, 1),
        "accountant": (0, None),
        "collaborator": (2, 2),
    }


@pytest.mark.rule("BIL-09")
def test_two_acceptances_beyond_the_limit_are_one(small: Scenario) -> None:
    small.execute(ChangePlan(small.caller_for("ada"), "acme", "large"))
    first, second = (
        small.send_invitation("devi", "admin"),
        small.send_invitation("eli", "admin"),
    )
    set_plans(small, {"large": {"admin": 1}})
    small.accept_invitation("devi", first)
    with pytest.raises(errors.BeyondPlan):
        small.accept_invitation("eli", second)
    assert (invitation_state(small, second), direct_roles_by_name(small, "acme")) == (
        "pending",
        {"ada": "owner", "devi": "admin"},
    )


@pytest.mark.rule("BIL-09")
def test_other_companies_and_those_without_a_plan_have_room(small: Scenario) -> None:
    create_resource(small, "company", "Other")
    for who in ("bo", "carl", "devi", "eli"):
        small.add_member(who, "admin", "other")
    assert len(direct_roles_by_name(small, "other")) == 5


# Whatever the way (BIL-09)


def team(world: Scenario) -> None:
    create_resource(world, "team", "Crew", by="ada")
    for who in ("devi", "eli"):
        world.add_member(who, "unlimited", "crew")


def shared(world: Scenario) -> Any:
    team(world)
    return ShareWithTeam(world.caller_for("ada"), "shop", "crew", "developer")


def team_joined(world: Scenario) -> Any:
    create_resource(world, "team", "Crew", by="ada")
    world.execute(ShareWithTeam(world.caller_for("ada"), "shop", "crew", "developer"))
    return AcceptInvitation(
        world.caller_for("devi"), world.send_invitation("devi", "unlimited", "crew")
    )


def assigned(world: Scenario) -> Any:
    create_resource(world, "team", "Crew", by="ada")
    world.execute(ShareWithTeam(world.caller_for("ada"), "shop", "crew", "developer"))
    world.add_member("devi", "limited", "crew")
    return AssignToMember(
        world.caller_for("ada"), world.account_of("devi"), "shop", "crew"
    )


def moved(world: Scenario) -> Any:
    create_resource(world, "app", "Blog")
    world.add_member("devi", "developer", "blog")
    return MoveResource(world.caller_for("ada"), "blog", "acme")


def paid(world: Scenario) -> Any:
    create_resource(world, "payment", "Purse", by="devi")
    world.add_member("ada", "holder", "purse", by="devi")

    return SetPaymentMethod(world.caller_for("ada"), "shop", "purse")


def promoted(world: Scenario) -> Any:
    world.add_member("eli", "admin")
    return ChangeRole(world.caller_for("ada"), world.account_of("bo"), "admin", "acme")


def undone(world: Scenario) -> Any:
    world.leave_resource("bo", "shop")
    world.add_member("devi", "developer", "shop")
    return UndoDeparture(world.caller_for("bo"))


def team_asked(world: Scenario) -> Any:
    world.remove_member("carl", what="shop")
    create_resource(world, "team", "Crew", by="devi")
    world.add_member("ada", "limited", "crew", by="devi")
    sent: InvitationSent = world.execute(
        ShareWithTeam(world.caller_for("ada"), "shop", "crew", "developer")
    ).get_event(InvitationSent)
    world.add_member("eli", "unlimited", "crew", by="devi")
    return AcceptInvitation(world.caller_for("devi"), sent.invitation)


WAYS: dict[str, Callable[[Scenario], Any]] = {
    "a team is shared with": shared,
    "a team's new member": team_joined,
    "assigned in a team": assigned,
    "a team that grew while it was asked": team_asked,
    "moved in with its people": moved,
    "another payer": paid,
    "promoted": promoted,
    "undone": undone,
}


@pytest.mark.rule("BIL-09")
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_beyond_the_limit(small: Scenario, way: str) -> None:
    act = WAYS[way](small)
    before, events = seats(small), len(small.list_recorded_events())
    with pytest.raises(errors.BeyondPlan):
        small.execute(act)
    assert len(small.list_recorded_events()) == events
    assert seats(small) == before
    small.execute(ChangePlan(small.caller_for("ada"), "acme", None))
    small.execute(act)
    assert len(small.list_recorded_events()) > events


@pytest.mark.rule("BIL-09")
def test_a_request_beyond_the_limit_is_not_granted(small: Scenario) -> None:
    small.execute(ChangePlan(small.caller_for("ada"), "acme", None))
    asked: RequestSent = small.execute(
        RequestAccess(small.caller_for("bo"), "admin", "acme")
    ).get_event(RequestSent)
    small.add_member("eli", "admin")
    small.execute(ChangePlan(small.caller_for("ada"), "acme", "small"))
    with pytest.raises(errors.BeyondPlan):
        small.execute(ApproveRequest(small.caller_for("ada"), asked.request))
    small.remove_member("eli")
    small.execute(ApproveRequest(small.caller_for("ada"), asked.request))
    assert direct_roles_by_name(small, "acme") == {"ada": "owner", "bo": "admin"}


@pytest.mark.rule("BIL-09")
def test_who_takes_over_billing_needs_a_seat(small: Scenario) -> None:
    with pytest.raises(errors.BeyondPlan):
        offer_billing_transfer(small, "devi", "shop")
    create_resource(small, "payment", "Card", by="bo")
    accept_offer(small, "bo", offer_billing_transfer(small, "bo", "shop"), "card")
    assert seats(small)["collaborator"] == (2, 2)


@pytest.mark.rule("BIL-09")
@pytest.mark.rule("BIL-06")
def test_who_takes_a_company_over_takes_the_owners_seat(small: Scenario) -> None:
    accept_offer(small, "devi", offer_ownership(small, "devi", "acme"))
    assert seats(small, "devi")["owner"] == (1, 1)
    with pytest.raises(errors.BeyondPlan):
        accept_offer(small, "bo", offer_ownership(small, "bo", "acme", by="devi"))
    assert direct_roles_by_name(small, "acme") == {"ada": "admin", "devi": "owner"}


@pytest.mark.rule("BIL-09")
def test_going_down_takes_a_seat_below(small: Scenario) -> None:
    create_resource(small, "app", "Blog", within="acme")
    small.add_member("devi", "admin")
    with pytest.raises(errors.BeyondPlan):
        small.execute(
            ChangeRole(
                small.caller_for("ada"),
                small.account_of("devi"),
                "collaborator",
                "acme",
                keep=("blog",),
            )
        )
    small.remove_member("bo", what="shop")
    small.execute(
        ChangeRole(
            small.caller_for("ada"),
            small.account_of("devi"),
            "collaborator",
            "acme",
            keep=("blog",),
        )
    )
    assert seats(small)["collaborator"] == (2, 2)


@pytest.mark.rule("BIL-09")
def test_what_ends_makes_room_at_once_and_what_is_made_takes_none(
    small: Scenario,
) -> None:
    small.execute(CreateResource(small.caller_for("ada"), "app", "Blog", "acme"))
    small.leave_resource("bo", "shop")
    small.add_member("devi", "developer", "blog")
    small.read_profile("carl", active=False)
    small.add_member("eli", "developer", "blog")
    small.read_profile("carl", active=True)
    assert seats(small)["collaborator"] == (3, 2)
    with pytest.raises(errors.BeyondPlan):
        small.send_invitation("sam", "developer", "blog")
    assert attach_payment_method(
        small, "blog", create_resource(small, "payment", "Card")
    ).recorded


@pytest.mark.rule("BIL-09")
def test_a_role_that_is_full_keeps_nobody_from_another(small: Scenario) -> None:
    small.add_member("eli", "admin")
    assert small.send_invitation("sam", "accountant")


@pytest.mark.rule("BIL-09")
@pytest.mark.parametrize("goes", [False, True])
def test_anyone_who_is_to_pay_needs_room_as_a_collaborator_whether_or_not_who_offers_goes(
    small: Scenario, goes: bool
) -> None:
    with pytest.raises(errors.BeyondPlan):
        offer_billing_transfer(small, "sam", "shop", leaves=goes)
