"""Access requests: who may send, answer and withdraw them, and when they end (MEM-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from collab import errors
from collab.access_requests import ApproveRequest, DenyRequest, RequestAccess
from collab.billing.payment_methods import SetPaymentMethod
from collab.events import (
    MemberJoined,
    MemberRoleChanged,
    RequestDeclined,
    RequestEnded,
    RequestGranted,
    RequestSent,
)
from collab.memberships.commands import ChangeRole
from collab.model import AccessRequestId, Term, WorkspaceId
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import CreateResource, DisableResource
from collab.teams import AssignToMember, UnassignFromMember, UnshareWithTeam
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the app Shop and the project Site; Devi develops Shop, Carl is an admin of Acme."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("project", "Site", "acme")
    acme.add_member("devi", "developer", "shop")
    acme.add_member("carl", "admin")
    acme.take_outbox()
    return acme


@pytest.mark.rule("MEM-12")
def test_anyone_who_may_view_a_thing_may_ask_and_those_who_may_grant_hear(
    agency: Scenario,
) -> None:
    agency.request_access("devi", "manager", "shop", note="I look after the database")
    assert sorted(agency.take_outbox()) == [("ada", "request"), ("carl", "request")]
    assert agency.events_of_type(RequestSent)[0].note == "I look after the database"
    assert agency.roles_by_name("shop")["devi"] == "developer"


@pytest.mark.rule("MEM-12")
def test_who_may_not_view_it_hears_that_there_is_no_such_thing(
    agency: Scenario,
) -> None:
    for what in ("shop", "nowhere"):
        with pytest.raises(errors.UnknownResource):
            agency.request_access("sam", "developer", what)


@pytest.mark.rule("MEM-12")
def test_yes_gives_the_role_at_once_and_everybody_concerned_hears_once(
    agency: Scenario,
) -> None:
    agency.link_channel()
    request = agency.request_access("devi", "manager", "shop")
    agency.take_outbox()

    outcome = agency.approve_request("carl", request)

    assert [type(r.event) for r in outcome.recorded] == [
        RequestGranted,
        MemberRoleChanged,
    ]
    assert agency.roles_by_name("shop")["devi"] == "manager"
    notifications = agency.take_outbox()
    assert [m for t, m in notifications if t == "devi"] == ["request_granted"]
    assert sorted(t for t, m in notifications if m == "refresh") == ["ada", "carl"]
    assert ("channel:CACME", "member_role_changed") in notifications


@pytest.mark.rule("MEM-12")
def test_a_person_who_only_looks_gets_a_role_of_their_own(agency: Scenario) -> None:
    request = agency.request_access("devi", "admin", "acme")
    assert (
        agency.approve_request("ada", request).get_event(MemberJoined).role == "admin"
    )
    assert agency.roles_by_name()["devi"] == "admin"
    assert agency.take_recipients_of("member_joined") == []


@pytest.mark.rule("MEM-12")
def test_power_for_a_guest_is_confirmed_before_a_request_is_approved(
    agency: Scenario,
) -> None:
    agency.read_profile("devi", guest=True)
    request = agency.request_access("devi", "manager", "shop")
    by = agency.caller_for("carl")
    with pytest.raises(errors.PowerForOutsider):
        agency.execute(ApproveRequest(by, request, asks_first=True))
    assert agency.roles_by_name("shop")["devi"] == "developer"
    agency.execute(ApproveRequest(by, request))
    assert agency.roles_by_name("shop")["devi"] == "manager"


@pytest.mark.rule("MEM-12")
def test_a_denial_with_its_reason_goes_to_the_requester_alone(agency: Scenario) -> None:
    agency.link_channel()
    request = agency.request_access("devi", "manager", "shop")
    agency.take_outbox()
    agency.deny_request("carl", request, "Not this month")
    assert sorted(agency.take_outbox()) == [
        ("ada", "refresh"),
        ("carl", "refresh"),
        ("devi", "request_declined"),
    ]
    assert agency.events_of_type(RequestDeclined)[0].reason == "Not this month"
    assert agency.roles_by_name("shop")["devi"] == "developer"


@pytest.mark.rule("MEM-12")
def test_one_answer_wins(agency: Scenario) -> None:
    request = agency.request_access("devi", "manager", "shop")
    agency.deny_request("carl", request)
    for answer in (
        ApproveRequest(agency.caller_for("ada"), request),
        DenyRequest(agency.caller_for("ada"), request),
        ApproveRequest(agency.caller_for("carl"), request),
    ):
        with pytest.raises(errors.RequestAnswered):
            agency.execute(answer)
    assert agency.roles_by_name("shop")["devi"] == "developer"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("MEM-01")
def test_nobody_approves_themselves_not_even_with_the_right_to_grant(
    agency: Scenario,
) -> None:
    request = agency.request_access("devi", "manager", "shop")
    agency.add_member("devi", "admin")
    for answer in (ApproveRequest, DenyRequest):
        with pytest.raises(errors.ToYourself):
            agency.execute(answer(agency.caller_for("devi", "button"), request))
    assert agency.roles_by_name("shop")["devi"] == "developer"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-05")
def test_who_may_not_grant_the_role_answers_nothing(agency: Scenario) -> None:
    request = agency.request_access("devi", "admin", "shop")
    agency.add_member("bo", "manager", "shop")
    for answer in (ApproveRequest, DenyRequest):
        with pytest.raises(errors.MayNotGrant):
            agency.execute(answer(agency.caller_for("bo", "button"), request))
        for stranger in ("sam", "bo@T2"):
            with pytest.raises((errors.UnknownRequest, errors.ForeignActor)):
                agency.execute(answer(agency.caller_for(stranger, "button"), request))
    assert agency.get_request(request).state == "pending"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-05")
def test_who_was_asked_and_lost_the_right_answers_nothing_and_who_won_it_does(
    agency: Scenario,
) -> None:
    request = agency.request_access("devi", "admin", "shop")
    agency.remove_member("carl")
    with pytest.raises(errors.UnknownRequest):
        agency.approve_request("carl", request)
    agency.add_member("bo", "admin", "shop")
    agency.approve_request("bo", request)
    assert agency.roles_by_name("shop")["devi"] == "admin"


@pytest.mark.rule("MEM-12")
def test_what_is_held_already_or_never_given_is_not_asked_for(agency: Scenario) -> None:
    with pytest.raises(errors.AlreadyHolds):
        agency.request_access("devi", "developer", "shop")
    for role in ("payer", "captain"):
        with pytest.raises(errors.UnknownRole):
            agency.request_access("devi", role, "shop")
    with pytest.raises(errors.UnknownRole):
        agency.request_access("devi", "collaborator", "acme")
    with pytest.raises(errors.TooLong):
        agency.request_access("devi", "manager", "shop", note="x" * 501)
    agency.add_member("bo", "administrator", "site")
    with pytest.raises(errors.NobodyGrants):
        agency.request_access("bo", "owner", "site")


@pytest.mark.rule("MEM-12")
def test_one_open_request_a_thing(agency: Scenario) -> None:
    agency.request_access("devi", "manager", "shop")
    with pytest.raises(errors.AlreadyAsked):
        agency.request_access("devi", "admin", "shop")
    agency.request_access("devi", "admin", "acme")


@pytest.mark.rule("MEM-12")
def test_after_an_answer_one_may_ask_again(agency: Scenario) -> None:
    agency.deny_request("ada", agency.request_access("devi", "manager", "shop"))
    agency.approve_request("ada", agency.request_access("devi", "manager", "shop"))
    agency.approve_request("ada", agency.request_access("devi", "admin", "shop"))
    assert agency.roles_by_name("shop")["devi"] == "admin"


@pytest.mark.rule("MEM-12")
def test_a_request_that_nobody_answers_ends_and_the_asker_hears(
    agency: Scenario,
) -> None:
    request = agency.request_access("devi", "manager", "shop")
    agency.advance_time(days=7, seconds=-1)
    assert agency.get_request(request).state == "pending"
    agency.take_outbox()
    agency.advance_time(seconds=1)
    assert sorted(agency.take_outbox()) == [
        ("ada", "refresh"),
        ("carl", "refresh"),
        ("devi", "request_ended"),
    ]
    assert agency.events_of_type(RequestEnded)[0].why == "time"


@pytest.mark.rule("MEM-12")
def test_time_alone_ends_a_request_though_no_sweep_ran(agency: Scenario) -> None:
    old = agency.request_access("devi", "manager", "shop")
    agency.at += timedelta(days=7)
    for answer in (ApproveRequest, DenyRequest):
        with pytest.raises(errors.RequestAnswered):
            agency.execute(answer(agency.caller_for("ada", "button"), old))
    new = agency.request_access("devi", "manager", "shop")
    assert [agency.get_request(r).state for r in (old, new)] == ["time", "pending"]
    agency.approve_request("ada", new)
    assert agency.roles_by_name("shop")["devi"] == "manager"


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize(("role", "left"), [("manager", "held"), ("admin", "held")])
def test_a_role_assigned_by_another_command_ends_the_request(
    agency: Scenario, role: str, left: str
) -> None:
    request = agency.request_access("devi", "manager", "shop")
    agency.take_outbox()
    agency.execute(
        ChangeRole(agency.caller_for("ada"), agency.account_of("devi"), role, "shop")
    )
    assert agency.get_request(request).state == left
    assert ("devi", "request_ended") in agency.take_outbox()


@pytest.mark.rule("MEM-12")
def test_a_lower_role_assigned_by_another_command_leaves_the_request_open(
    agency: Scenario,
) -> None:
    request = agency.request_access("devi", "admin", "shop")
    agency.add_member("devi", "manager", "shop")
    assert agency.get_request(request).state == "pending"
    agency.approve_request("ada", request)
    assert agency.roles_by_name("shop")["devi"] == "admin"


@pytest.mark.rule("MEM-12")
def test_a_request_ends_with_the_thing_and_with_the_asker(agency: Scenario) -> None:
    agency.add_member("devi", "member", "site")
    thing, asker = (
        agency.request_access("devi", "manager", "shop"),
        agency.request_access("devi", "accountant", "acme"),
    )
    agency.take_outbox()
    agency.execute(DeleteResource(agency.caller_for("ada"), "shop"))
    assert agency.get_request(thing).state == "gone"
    assert agency.get_request(asker).state == "pending"
    assert ("devi", "request_ended") in agency.take_outbox()
    agency.deactivate_accounts("devi")
    assert agency.get_request(asker).state == "asker"
    assert [e.why for e in agency.events_of_type(RequestEnded)] == ["gone", "asker"]


def carl_asks(world: Scenario) -> AccessRequestId:
    return world.request_access("carl", "owner", "acme")


def of_team(world: Scenario, role: str) -> AccessRequestId:
    """Sam sees Shop through a team alone, and asks for a role on it."""
    world.create_resource("team", "Crew")
    world.add_member("sam", role, "crew")
    world.share_with_team("shop", "crew", "manager")
    world.execute(
        AssignToMember(world.caller_for("ada"), world.account_of("sam"), "shop", "crew")
    ) if role == "limited" else None
    return world.request_access("sam", "admin", "shop")


def limited(world: Scenario) -> AccessRequestId:
    world.add_member("sam", "developer", "shop", term=Term(timedelta(days=3)))
    return world.request_access("sam", "manager", "shop")


def inner(world: Scenario) -> AccessRequestId:
    """Sam is in Site and asks for a role on an app in it."""
    world.create_resource("app", "Blog", "site")
    world.add_member("sam", "member", "site")
    return world.request_access("sam", "manager", "blog")


def payer(world: Scenario) -> AccessRequestId:
    """Sam pays for Shop and asks for a role on it."""
    world.execute(CreateResource(world.caller_for("sam"), "payment", "Purse"))
    world.add_member("ada", "holder", "purse", by="sam")
    world.execute(SetPaymentMethod(world.caller_for("ada"), "shop", "purse"))
    return world.request_access("sam", "developer", "shop")


def by_company(world: Scenario) -> AccessRequestId:
    """Carl sees Shop through Acme alone, and asks for a role on it."""
    world.add_member("ada", "admin", "shop", by="carl")
    return world.request_access("carl", "developer", "shop")


ENDS: dict[
    str, tuple[Callable[[Scenario], AccessRequestId], Callable[[Scenario], object]]
] = {
    "leaves": (carl_asks, lambda w: w.leave_resource("carl")),
    "is removed": (carl_asks, lambda w: w.remove_member("carl")),
    "is deactivated": (carl_asks, lambda w: w.deactivate_accounts("carl")),
    "the role ends by time": (limited, lambda w: w.advance_time(days=3)),
    "the role ends by time, unswept": (
        limited,
        lambda w: setattr(w, "at", w.at + timedelta(days=3)),
    ),
    "leaves what it stands in": (inner, lambda w: w.leave_resource("sam", "site")),
    "is removed from what it stands in": (
        inner,
        lambda w: w.remove_member("sam", what="site"),
    ),
    "is removed from the company": (inner, lambda w: w.remove_member("sam")),
    "what it stands in is deleted": (
        inner,
        lambda w: w.execute(DeleteResource(w.caller_for("ada"), "site", "Site")),
    ),
    "the team's role is taken back": (
        lambda w: of_team(w, "unlimited"),
        lambda w: w.execute(UnshareWithTeam(w.caller_for("ada"), "shop", "crew")),
    ),
    "leaves the team": (
        lambda w: of_team(w, "unlimited"),
        lambda w: w.leave_resource("sam", "crew"),
    ),
    "is limited in the team": (
        lambda w: of_team(w, "unlimited"),
        lambda w: w.execute(
            ChangeRole(w.caller_for("ada"), w.account_of("sam"), "limited", "crew")
        ),
    ),
    "is assigned no more": (
        lambda w: of_team(w, "limited"),
        lambda w: w.execute(
            UnassignFromMember(w.caller_for("ada"), w.account_of("sam"), "shop", "crew")
        ),
    ),
    "the team is deleted": (
        lambda w: of_team(w, "unlimited"),
        lambda w: w.execute(DeleteResource(w.caller_for("ada"), "crew")),
    ),
    "pays no more": (
        payer,
        lambda w: w.execute(SetPaymentMethod(w.caller_for("ada"), "shop", None)),
    ),
    "it is moved away": (
        by_company,
        lambda w: w.execute(MoveResource(w.caller_for("ada"), "shop", None)),
    ),
}


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-08")
@pytest.mark.parametrize("way", ENDS)
def test_a_request_ends_however_its_asker_loses_sight_of_it_and_cannot_be_granted(
    agency: Scenario, way: str
) -> None:
    begin, end = ENDS[way]
    request = begin(agency)
    asker = agency.get_request(request).person
    agency.take_outbox()
    end(agency)
    if "unswept" not in way:
        assert agency.get_request(request).state in {"left", "unseen", "asker", "gone"}
        notifications = agency.take_outbox()
        assert (
            "carl" if begin in (carl_asks, by_company) else "sam",
            "request_ended",
        ) in notifications
        assert ("ada", "refresh") in notifications
    with pytest.raises((errors.RequestAnswered, errors.UnknownRequest)):
        agency.approve_request("ada", request)
    assert [e for e in agency.events_of_type(RequestGranted) if e.person == asker] == []


@pytest.mark.rule("MEM-12")
def test_a_removed_admin_does_not_come_back_as_owner_by_an_older_request(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "owner")
    request = agency.request_access("carl", "owner", "acme")
    agency.remove_member("carl")
    with pytest.raises(errors.RequestAnswered):
        agency.approve_request("bo", request)
    assert "carl" not in agency.roles_by_name()


@pytest.mark.rule("MEM-12")
def test_what_the_asker_keeps_seeing_by_another_way_stays_asked_for(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "member", "site")
    request = agency.request_access("devi", "accountant", "acme")
    agency.leave_resource("devi", "shop")
    assert agency.get_request(request).state == "pending"
    agency.leave_resource("devi", "site")
    assert [
        agency.get_request(request).state,
        agency.events_of_type(RequestEnded)[0].why,
    ] == ["unseen", "unseen"]


@pytest.mark.rule("MEM-12")
def test_the_asker_withdraws_by_name_or_by_button_and_those_who_were_asked_see_it(
    agency: Scenario,
) -> None:
    request = agency.request_access("devi", "manager", "shop")
    agency.take_outbox()
    agency.withdraw_request("devi", AccessRequestId("shop"))
    assert sorted(agency.take_outbox()) == [("ada", "refresh"), ("carl", "refresh")]
    assert agency.get_request(request).state == "withdrawn"
    for answer in (ApproveRequest, DenyRequest):
        with pytest.raises(errors.RequestAnswered):
            agency.execute(answer(agency.caller_for("ada", "button"), request))
    again = agency.request_access("devi", "manager", "shop")
    agency.withdraw_request("devi", again)
    assert agency.get_request(again).answered_by == agency.person_id_of("devi")


@pytest.mark.rule("MEM-12")
def test_nobody_withdraws_what_is_answered_or_what_another_person_asked_for(
    agency: Scenario,
) -> None:
    request = agency.request_access("devi", "manager", "shop")
    for who in ("ada", "carl", "sam"):
        with pytest.raises(errors.UnknownRequest):
            agency.withdraw_request(who, request)
    with pytest.raises(errors.NothingRequested):
        agency.withdraw_request("carl", AccessRequestId("shop"))
    agency.approve_request("ada", request)
    with pytest.raises(errors.RequestAnswered):
        agency.withdraw_request("devi", request)


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("RES-04")
def test_a_deleted_container_ends_the_requests_for_what_stood_in_it(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Blog", "site")
    agency.add_member("devi", "developer", "blog")
    request = agency.request_access("devi", "manager", "blog")
    agency.execute(DeleteResource(agency.caller_for("ada"), "site", "Site"))
    assert agency.get_request(request).state == "gone"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-04")
def test_a_disabled_project_grants_nothing_until_it_is_enabled(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Blog", "site")
    agency.add_member("devi", "developer", "blog")
    request = agency.request_access("devi", "manager", "blog")
    agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    with pytest.raises(errors.MayNotGrant):
        agency.approve_request("ada", request)
    assert agency.get_request(request).state == "pending"


@pytest.mark.rule("MEM-12")
def test_a_role_that_was_to_end_lasts_once_a_higher_one_is_granted(
    agency: Scenario,
) -> None:
    agency.add_member("sam", "developer", "shop", term=Term(timedelta(days=30)))
    agency.approve_request("ada", agency.request_access("sam", "manager", "shop"))
    agency.advance_time(days=60)
    assert agency.roles_by_name("shop")["sam"] == "manager"


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("PER-02")
def test_a_person_of_another_workspace_is_not_asked_what_they_could_not_answer(
    agency: Scenario,
) -> None:
    agency.register_people("eve@T2")
    agency.add_member("eve@T2", "admin")
    agency.take_outbox()
    agency.request_access("devi", "manager", "shop")
    assert sorted(agency.take_outbox()) == [("ada", "request"), ("carl", "request")]


@pytest.mark.rule("MEM-12")
def test_a_request_of_another_workspace_is_unknown(agency: Scenario) -> None:
    request = agency.request_access("devi", "manager", "shop")
    other = Scenario(agency.database, workspace=WorkspaceId("T9"), id_prefix="9")
    other.register_people("ada")
    for answer in (ApproveRequest, DenyRequest):
        with pytest.raises(errors.UnknownRequest):
            other.execute(answer(other.caller_for("ada", "button"), request))


@pytest.mark.rule("MEM-12")
def test_the_same_delivery_twice_asks_once(agency: Scenario) -> None:
    act = RequestAccess(
        agency.caller_for("devi", idempotency_key="command:7"), "manager", "shop"
    )
    agency.execute(act)
    assert agency.execute(act).is_repeated
    assert len(agency.events_of_type(RequestSent)) == 1


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("ROL-08")
def test_a_request_ends_when_a_new_role_replaces_an_expired_one_that_gave_the_view(
    agency: Scenario,
) -> None:
    agency.add_member("sam", "admin", term=Term(timedelta(days=5)))
    request = agency.request_access("sam", "administrator", "site")
    agency.at += timedelta(days=6)  # expired, but due work has not run
    invitation = agency.send_invitation("sam", "accountant")

    agency.accept_invitation("sam", invitation)

    assert agency.capabilities_of("sam", "site") == set()
    assert [event.why for event in agency.events_of_type(RequestEnded)] == ["unseen"]
    assert agency.get_request(request).state == "unseen"
