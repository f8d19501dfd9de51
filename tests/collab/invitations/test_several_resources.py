"""Several resources in one invitation, several people in one command, and the daily limit (INV-01, INV-12, INV-13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.billing.transfers import TransferBilling
from collab.bus import Outcome
from collab.events import (
    InvitationAccepted,
    InvitationExpired,
    InvitationResent,
    InvitationSent,
    InvitationSuperseded,
    MemberJoined,
    MemberRoleChanged,
)
from collab.invitations.commands import (
    EditInvitation,
    InviteToResource,
    ResendInvitation,
    RevokeInvitation,
)
from collab.memberships.commands import ChangeRole
from collab.model import Address, Term
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource, EnableResource
from collab.settings import ChangeSettings
from tests.support.builders import Scenario

BOTH = ("shop", "orders")


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the app Shop, the database Orders, and the project Site with the app Blog."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("database", "Orders", "acme")
    acme.create_resource("project", "Site", "acme")
    acme.create_resource("app", "Blog", "site")
    acme.take_outbox()
    return acme


@pytest.mark.rule("INV-01")
def test_one_invitation_to_an_app_and_a_database_gives_the_role_on_both(
    agency: Scenario,
) -> None:
    invitation = agency.send_invitation(
        "devi",
        "developer",
        BOTH,
        term=Term(timedelta(days=30)),
        note="Both go together",
    )
    assert agency.take_outbox() == [("devi", "invitation")]
    assert (
        agency.capabilities_of("devi", "shop")
        == agency.capabilities_of("devi", "orders")
        == set()
    )

    agency.accept_invitation("devi", invitation)

    assert [e.until for e in agency.events_of_type(MemberJoined)[-2:]] == [
        agency.at + timedelta(days=30)
    ] * 2
    assert (
        agency.capabilities_of("devi", "shop")
        == agency.capabilities_of("devi", "orders")
        == {"view", "configure", "code"}
    )
    notifications = agency.take_outbox()
    assert [m for t, m in notifications if t == "ada"].count("invitation_accepted") == 1
    agency.advance_time(days=30)
    assert (
        agency.capabilities_of("devi", "shop")
        == agency.capabilities_of("devi", "orders")
        == set()
    )


@pytest.mark.rule("INV-01")
def test_things_named_twice_are_offered_once(agency: Scenario) -> None:
    invitation = agency.send_invitation(
        "devi", "developer", ("shop", "SHOP", "orders", agency.get_resource("shop").id)
    )
    assert len(agency.get_invitation(invitation).resources) == 2


@pytest.mark.rule("INV-01")
@pytest.mark.parametrize(
    ("kind", "within", "role"),
    [
        ("company", None, "admin"),
        ("project", "acme", "member"),
        ("payment", "acme", "accountant"),
        ("team", None, "limited"),
    ],
)
def test_two_resources_of_another_type_do_not_go_together(
    agency: Scenario, kind: str, within: str | None, role: str
) -> None:
    both = tuple(agency.create_resource(kind, name, within) for name in ("One", "Two"))
    with pytest.raises(errors.NotTogether) as refused:
        agency.send_invitation("devi", role, both)
    assert refused.value == errors.NotTogether("One", kind)


@pytest.mark.rule("INV-01")
@pytest.mark.parametrize("what", [("shop", "acme"), ("site", "shop"), ("acme", "site")])
def test_only_apps_and_databases_go_together(
    agency: Scenario, what: tuple[str, ...]
) -> None:
    for role in ("admin", "developer", "administrator"):
        with pytest.raises((errors.NotTogether, errors.UnknownRole)):
            agency.send_invitation("devi", role, what)
    assert agency.events_of_type(InvitationSent) == []


@pytest.mark.rule("INV-01")
@pytest.mark.rule("BIL-03")
def test_one_offer_holds_fifty_things_and_no_more(agency: Scenario) -> None:
    apps = tuple(
        agency.create_resource("app", f"App {number}", "acme") for number in range(51)
    )
    with pytest.raises(errors.TooManyTogether) as rejection:
        agency.send_invitation("devi", "developer", apps)
    assert (rejection.value.many, rejection.value.limit) == (51, 50)
    with pytest.raises(errors.TooManyTogether):
        agency.execute(
            TransferBilling(agency.caller_for("ada"), agency.account_of("devi"), apps)
        )

    agency.accept_invitation(
        "devi", agency.send_invitation("devi", "developer", apps[:50])
    )
    assert agency.capabilities_of("devi", apps[49]) == {"view", "configure", "code"}


@pytest.mark.rule("INV-01")
@pytest.mark.rule("ROL-05")
def test_the_right_is_needed_on_every_one_of_them(agency: Scenario) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.add_member("carl", "developer", "orders")
    with pytest.raises(errors.MayNotGrant):
        agency.send_invitation("devi", "developer", BOTH, by="carl")
    with pytest.raises(errors.UnknownResource):
        agency.send_invitation("devi", "developer", ("shop", "blog"), by="carl")
    assert agency.pending_invitation_ids("devi") == []


@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-09")
def test_an_inviter_who_loses_the_right_on_one_resource_authorizes_none(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.add_member("carl", "admin", "orders")
    invitation = agency.send_invitation("devi", "developer", BOTH, by="carl")
    agency.take_outbox()
    agency.leave_resource("carl", "orders")
    assert agency.get_invitation(invitation).state == "revoked"
    assert ("ada", "invitation_lost") in agency.take_outbox()
    with pytest.raises(errors.AlreadyAnswered):
        agency.accept_invitation("devi", invitation)


@pytest.mark.rule("INV-04")
@pytest.mark.rule("RES-04")
@pytest.mark.parametrize("which", BOTH)
def test_one_of_them_deleted_takes_the_offer_along_and_no_button_is_left(
    agency: Scenario, which: str
) -> None:
    invitation = agency.send_invitation("devi", "developer", BOTH)
    agency.take_outbox()
    agency.execute(DeleteResource(agency.caller_for("ada"), which))
    assert agency.get_invitation(invitation).state == "revoked"
    assert ("devi", "refresh") in agency.take_outbox()
    assert agency.pending_invitation_ids("devi") == []
    agency.send_invitation(
        "devi", "developer", next(what for what in BOTH if what != which)
    )


@pytest.mark.rule("INV-09")
@pytest.mark.rule("RES-03")
@pytest.mark.parametrize("which", BOTH)
def test_one_of_them_moved_out_of_the_inviters_reach_takes_the_offer_along(
    agency: Scenario, which: str
) -> None:
    agency.add_member("carl", "admin")
    invitation = agency.send_invitation("devi", "developer", BOTH, by="carl")
    agency.create_resource("company", "Beta")
    agency.execute(MoveResource(agency.caller_for("ada"), which, "beta"))
    assert agency.get_invitation(invitation).state == "revoked"


@pytest.mark.rule("INV-04")
@pytest.mark.rule("ROL-04")
def test_one_of_them_disabled_keeps_the_offer_waiting(agency: Scenario) -> None:
    invitation = agency.send_invitation("devi", "developer", ("shop", "blog"))
    agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    with pytest.raises(errors.InviterLostRight):
        agency.accept_invitation("devi", invitation)
    assert agency.capabilities_of("devi", "shop") == set()
    agency.execute(EnableResource(agency.caller_for("ada"), "site"))
    agency.accept_invitation("devi", invitation)
    assert agency.capabilities_of("devi", "shop") == agency.capabilities_of(
        "devi", "blog"
    )


@pytest.mark.rule("ROL-07")
@pytest.mark.rule("INV-04")
def test_what_is_held_already_stays_and_the_rest_is_taken(agency: Scenario) -> None:
    invitation = agency.send_invitation("devi", "developer", BOTH)
    agency.record_membership(agency.get_resource("shop").id, "devi", "admin")
    outcome = agency.accept_invitation("devi", invitation)
    assert [type(r.event) for r in outcome.recorded] == [
        InvitationAccepted,
        MemberJoined,
    ]
    assert agency.roles_by_name("shop")["devi"] == "admin"
    assert agency.roles_by_name("orders")["devi"] == "developer"


@pytest.mark.rule("ROL-07")
@pytest.mark.rule("INV-04")
def test_a_lower_role_held_on_one_of_them_is_raised(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    outcome = agency.accept_invitation(
        "devi", agency.send_invitation("devi", "manager", BOTH)
    )
    assert outcome.get_event(MemberRoleChanged).before == "developer"
    assert (
        agency.roles_by_name("shop")["devi"]
        == agency.roles_by_name("orders")["devi"]
        == "manager"
    )


@pytest.mark.rule("INV-05")
def test_what_is_held_on_one_of_them_refuses_the_whole(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "orders")
    with pytest.raises(errors.AlreadyHolds) as refused:
        agency.send_invitation("devi", "developer", BOTH)
    assert refused.value.title == "Orders"


@pytest.mark.rule("INV-03")
def test_the_same_things_in_another_order_resend(agency: Scenario) -> None:
    first = agency.send_invitation("devi", "developer", BOTH)
    outcome = agency.execute(
        InviteToResource(
            agency.caller_for("ada"), agency.account_of("devi"), "developer", BOTH[::-1]
        )
    )
    assert outcome.get_event(InvitationResent).invitation == first
    assert agency.pending_invitation_ids("devi") == [first]


@pytest.mark.rule("INV-03")
def test_an_offer_that_overlaps_takes_the_place_of_all_that_it_meets(
    agency: Scenario,
) -> None:
    shop, orders = (
        agency.send_invitation("devi", "developer", "shop"),
        agency.send_invitation("devi", "manager", "orders"),
    )
    blog = agency.send_invitation("devi", "developer", "blog")
    outcome = agency.execute(
        InviteToResource(
            agency.caller_for("ada"), agency.account_of("devi"), "developer", BOTH
        )
    )
    both = outcome.get_event(InvitationSent).invitation
    assert sorted(
        e.invitation for e in agency.events_of_type(InvitationSuperseded)
    ) == sorted([shop, orders])
    assert sorted(agency.pending_invitation_ids("devi")) == sorted([both, blog])
    narrower = agency.send_invitation("devi", "manager", "orders")
    assert agency.get_invitation(both).state == "superseded"
    assert sorted(agency.pending_invitation_ids("devi")) == sorted([narrower, blog])


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-07")
def test_an_overlap_with_what_one_may_not_manage_is_refused_and_changes_nothing(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "manager", "shop")
    agency.add_member("carl", "manager", "orders")
    waits = agency.send_invitation("devi", "admin", "orders")
    with pytest.raises(errors.MayNotManage):
        agency.send_invitation("devi", "developer", BOTH, by="carl")
    assert agency.pending_invitation_ids("devi") == [waits]


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-04")
def test_an_invitation_whose_time_ran_out_stands_in_nobodys_way_before_any_sweep(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin")
    old = agency.send_invitation("devi", "owner")
    agency.at += timedelta(days=7)
    new = agency.send_invitation("devi", "admin", by="carl")
    assert agency.get_invitation(old).state == "expired"
    assert agency.pending_invitation_ids("devi") == [new]
    assert len(agency.events_of_type(InvitationExpired)) == 1


@pytest.mark.rule("INV-07")
def test_all_of_them_are_edited_revoked_and_sent_again_together(
    agency: Scenario,
) -> None:
    invitation = agency.send_invitation("devi", "developer", BOTH)
    agency.execute(EditInvitation(agency.caller_for("ada"), invitation, "manager"))
    agency.execute(RevokeInvitation(agency.caller_for("ada"), invitation))
    again = agency.execute(
        ResendInvitation(agency.caller_for("ada"), invitation)
    ).get_event(InvitationSent)
    assert (again.role, {again.resource, *again.also}) == (
        "manager",
        {agency.get_resource(w).id for w in BOTH},
    )
    agency.accept_invitation("devi", again.invitation)
    assert agency.roles_by_name("orders")["devi"] == "manager"


@pytest.mark.rule("INV-07")
def test_who_may_manage_one_of_them_alone_does_not_manage_the_whole(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.add_member("carl", "developer", "orders")
    invitation = agency.send_invitation("devi", "developer", BOTH)
    for act in (RevokeInvitation, ResendInvitation):
        with pytest.raises(errors.MayNotManage):
            agency.execute(act(agency.caller_for("carl"), invitation))
    agency.add_member("bo", "admin", "shop")
    for act in (RevokeInvitation, ResendInvitation):
        with pytest.raises(errors.UnknownInvitation):
            agency.execute(act(agency.caller_for("bo"), invitation))


@pytest.mark.rule("INV-06")
def test_a_decline_rests_on_each_of_them(agency: Scenario) -> None:
    agency.decline_invitation("devi", agency.send_invitation("devi", "developer", BOTH))
    for what in BOTH:
        with pytest.raises(errors.DeclinedRecently):
            agency.send_invitation("devi", "developer", what)
    agency.send_invitation("devi", "developer", "blog")


@pytest.mark.rule("MEM-06")
def test_who_is_removed_from_one_of_them_is_no_longer_invited_to_both(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    invitation = agency.send_invitation("devi", "manager", BOTH)
    agency.remove_member("devi", what="shop")
    assert agency.get_invitation(invitation).state == "revoked"


@pytest.mark.rule("INV-09")
@pytest.mark.rule("MEM-02")
def test_an_inviter_with_another_role_keeps_what_the_new_role_authorizes(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin")
    agency.add_member("bo", "owner")
    raised = agency.send_invitation("devi", "developer", "shop", by="carl")
    agency.execute(_change(agency, "carl", "owner"))
    assert agency.get_invitation(raised).state == "pending"
    agency.add_member("sam", "administrator", "site")
    lowered = agency.send_invitation("devi", "developer", "blog", by="sam")
    agency.execute(_change(agency, "sam", "member", "site"))
    assert agency.get_invitation(lowered).state == "revoked"


@pytest.mark.rule("INV-12")
def test_each_of_several_people_gets_an_answer_and_a_bad_one_spoils_only_itself(
    agency: Scenario,
) -> None:
    agency.read_profile("robot", bot=True)
    agency.add_member("carl", "developer", "shop")
    whom = [agency.account_of(n) for n in ("devi", "ada", "robot", "carl", "bo")] + [
        Address("x@example.com")
    ]
    acts = [
        InviteToResource(agency.caller_for("ada"), who, "developer", "shop")
        for who in whom
    ]

    outcomes = agency.bus.execute_each(acts, agency.at)

    assert [type(o) if not isinstance(o, Outcome) else Outcome for o in outcomes] == [
        Outcome,
        errors.ToYourself,
        errors.NotAPerson,
        errors.AlreadyHolds,
        Outcome,
        Outcome,
    ]
    assert len(agency.events_of_type(InvitationSent)) == 4
    assert agency.pending_invitation_ids("devi")
    assert agency.pending_invitation_ids("bo")


@pytest.mark.rule("INV-12")
def test_the_same_person_twice_is_asked_once(agency: Scenario) -> None:
    acts = [
        InviteToResource(
            agency.caller_for("ada"), agency.account_of("devi"), "developer", "shop"
        )
        for _ in range(2)
    ]
    first, second = agency.bus.execute_each(acts, agency.at)
    assert isinstance(first, Outcome)
    assert isinstance(second, Outcome)
    assert len(agency.pending_invitation_ids("devi")) == 1


@pytest.mark.rule("INV-13")
def test_fifty_invitations_a_day_and_then_one_when_the_first_is_a_day_old(
    agency: Scenario,
) -> None:
    for n in range(50):
        agency.at += timedelta(minutes=1)
        agency.send_invitation(f"p{n}@example.com", "developer", "shop")
    with pytest.raises(errors.TooManyToday) as refused:
        agency.send_invitation("devi", "developer", "shop")
    assert refused.value.limit == 50
    agency.at = refused.value.again - timedelta(seconds=1)
    with pytest.raises(errors.TooManyToday):
        agency.send_invitation("devi", "developer", "shop")
    agency.at = refused.value.again
    agency.send_invitation("devi", "developer", "shop")
    with pytest.raises(errors.TooManyToday):
        agency.send_invitation("bo", "developer", "shop")


@pytest.fixture
def three(agency: Scenario) -> Scenario:
    """Three invitations a day, no more."""
    agency.read_profile("root", admin=True)
    agency.execute(
        ChangeSettings(agency.caller_for("root"), {"daily-invitations": "3"})
    )
    agency.add_member("carl", "admin")
    agency.at += timedelta(days=1)
    return agency


@pytest.mark.rule("INV-13")
def test_neither_taking_back_nor_putting_in_the_place_of_another_makes_room(
    three: Scenario,
) -> None:
    three.execute(
        RevokeInvitation(
            three.caller_for("ada"), three.send_invitation("devi", "developer", "shop")
        )
    )
    three.decline_invitation("bo", three.send_invitation("bo", "developer", "shop"))
    three.send_invitation("sam", "developer", "shop")
    with pytest.raises(errors.TooManyToday):
        three.send_invitation("sam", "manager", "shop")
    assert len(three.pending_invitation_ids("sam")) == 1


@pytest.mark.rule("INV-13")
def test_the_day_is_each_persons_own_and_several_things_count_as_one(
    three: Scenario,
) -> None:
    for who in ("devi", "bo", "sam"):
        three.send_invitation(who, "developer", BOTH)
    with pytest.raises(errors.TooManyToday):
        three.send_invitation("x@example.com", "developer", "shop")
    three.send_invitation("x@example.com", "developer", "shop", by="carl")


@pytest.mark.rule("INV-13")
def test_what_another_person_sends_again_does_not_count_as_mine(
    three: Scenario,
) -> None:
    mine = [
        three.send_invitation(who, "developer", "shop") for who in ("devi", "bo", "sam")
    ]
    three.at += timedelta(days=2)
    for invitation in mine:
        three.execute(ResendInvitation(three.caller_for("carl"), invitation))
    three.send_invitation("x@example.com", "developer", "shop")


@pytest.mark.rule("INV-13")
def test_sending_again_is_no_way_to_ask_without_end(three: Scenario) -> None:
    mine = [three.send_invitation(who, "developer", "shop") for who in ("devi", "bo")]
    three.execute(ResendInvitation(three.caller_for("ada"), mine[0]))
    for act in (
        ResendInvitation(three.caller_for("ada"), mine[0]),
        InviteToResource(
            three.caller_for("ada"), three.account_of("bo"), "developer", "shop"
        ),
    ):
        with pytest.raises(errors.TooManyToday):
            three.execute(act)


@pytest.mark.rule("INV-13")
@pytest.mark.rule("RES-05")
def test_asking_a_team_counts_too(three: Scenario) -> None:
    for n in range(3):
        three.create_resource("team", f"Crew {n}", by="devi")
        three.add_member("ada", "limited", f"crew-{n}", by="devi")
    three.at += timedelta(days=1)
    for n in range(3):
        three.share_with_team("shop", f"crew-{n}", "developer")
    with pytest.raises(errors.TooManyToday):
        three.send_invitation("bo", "developer", "shop")


def _change(world: Scenario, who: str, role: str, what: str = "acme") -> ChangeRole:
    return ChangeRole(world.caller_for("ada"), world.account_of(who), role, what)
