"""When a Slack account goes, its roles are suspended; where a person must be, a successor is chosen (MEM-09)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.events import (
    InvitationSent,
    MemberEnded,
    MemberRoleChanged,
    SuccessionClosed,
    SuccessionOpened,
    SuccessionSettled,
    SuccessionSupported,
)
from collab.invitations.rules import NO_END
from collab.key_rotation import ListStaleKeys
from collab.memberships.commands import ChangeRole, RemoveMember
from collab.model import Term, WorkspaceId
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from tests.support.builders import Scenario

PEOPLE = ("ada", "bo", "carl", "devi", "sam")


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme is owned by Ada alone; Bo and Carl are admins; Root looks after the workspace and is in nothing."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.read_profile("root", admin=True)
    acme.add_member("bo")
    acme.add_member("carl")
    acme.take_outbox()
    return acme


def project_of_carl(world: Scenario) -> None:
    """A project that stands in nothing, owned by Carl; Ada is its administrator, Bo a member."""
    world.create_resource("project", "Site", by="carl")
    world.add_member("ada", "administrator", "site", by="carl")
    world.add_member("bo", "member", "site", by="carl")
    world.take_outbox()


def owners(world: Scenario, what: str = "acme") -> list[str]:
    """Who holds the highest role that is given there, counted as it is stored, of active people."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        resource = world.get_resource(what)
        highest = world.bus.roles[resource.kind].highest_role
        found = [
            facts.people.get_person(m.person)
            for m in facts.memberships.list_members(resource.id, world.at)
            if m.role == highest
        ]
    return sorted((p.user or "").removeprefix("U").lower() for p in found if p)


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("ROL-08")
def test_roles_are_suspended_at_once_and_come_back_with_the_account(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Shop", "acme")
    agency.add_member("devi", "manager", "shop")
    before = agency.capabilities_of("devi", "shop")
    agency.deactivate_accounts("devi")
    assert agency.capabilities_of("devi", "shop") == set()
    assert "devi" not in agency.roles_by_name("shop")
    with pytest.raises(errors.InactiveActor):
        agency.leave_resource("devi", "shop")
    agency.at += timedelta(days=30) - timedelta(seconds=1)
    agency.reactivate_account("devi")
    assert agency.capabilities_of("devi", "shop") == before


@pytest.mark.rule("MEM-09")
def test_where_others_go_on_nobody_needs_to_follow(agency: Scenario) -> None:
    agency.add_member("devi", "owner")
    agency.deactivate_accounts("devi", "bo")
    assert agency.events_of_type(SuccessionOpened) == []
    with pytest.raises(errors.NobodyMissing):
        agency.choose_successor("carl", "bo")


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-08")
def test_only_active_people_count(agency: Scenario) -> None:
    agency.add_member("devi", "owner")
    agency.deactivate_accounts("devi")
    with pytest.raises(errors.LastHolder):
        agency.leave_resource("ada")


@pytest.mark.rule("MEM-09")
def test_the_next_highest_are_asked_and_together_they_choose(agency: Scenario) -> None:
    agency.create_resource("app", "Shop", "acme")
    agency.add_member("devi", "developer", "shop")
    agency.take_outbox()
    agency.deactivate_accounts("ada")
    assert agency.take_recipients_of("succession") == ["bo", "carl"]

    agency.choose_successor("bo", "devi")
    assert owners(agency) == []
    assert agency.take_outbox() == [
        ("bo", "refresh"),
        ("carl", "refresh"),
        ("carl", "succession_supported"),
    ]
    agency.choose_successor("carl", "devi")

    assert owners(agency) == ["devi"]
    assert agency.find_succession() is None
    notifications = agency.take_outbox()
    assert [m for t, m in notifications if t == "devi"] == ["member_joined"]
    assert sorted(t for t, m in notifications if m == "refresh") == ["bo", "carl"]


@pytest.mark.rule("MEM-09")
def test_one_of_them_alone_or_for_different_people_settles_nothing(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("ada")
    agency.choose_successor("bo", "bo")
    agency.choose_successor("carl", "carl")
    assert owners(agency) == []
    assert agency.choose_successor("bo", "bo").recorded == []
    agency.choose_successor("bo", "carl")
    assert owners(agency) == ["carl"]
    assert agency.events_of_type(MemberRoleChanged)[-1].why == "succession"


@pytest.mark.rule("MEM-09")
def test_an_admin_of_the_workspace_settles_it_alone_without_being_in(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("ada")
    agency.choose_successor("bo", "bo")
    agency.choose_successor("root", "carl")
    assert owners(agency) == ["carl"]
    with pytest.raises(errors.Rejected):
        agency.choose_successor("root", "bo")


@pytest.mark.rule("MEM-09")
def test_nobody_else_chooses(agency: Scenario) -> None:
    agency.create_resource("app", "Shop", "acme")
    agency.add_member("devi", "developer", "shop")
    agency.deactivate_accounts("ada")
    with pytest.raises(errors.NotAsked):
        agency.choose_successor("devi", "devi")
    for who in ("sam", "eve@T2"):
        with pytest.raises((errors.UnknownResource, errors.ForeignActor)):
            agency.choose_successor(who, "bo")
    with pytest.raises(errors.InactiveActor):
        agency.choose_successor("ada", "bo")
    assert owners(agency) == []


@pytest.mark.rule("MEM-09")
def test_an_admin_of_the_workspace_learns_nothing_of_what_waits_for_nobody(
    agency: Scenario,
) -> None:
    with pytest.raises(errors.UnknownResource):
        agency.choose_successor("root", "carl")


@pytest.mark.rule("MEM-09")
def test_the_one_who_follows_is_active_and_in(agency: Scenario) -> None:
    agency.add_member("devi", "accountant")
    agency.deactivate_accounts("ada")
    for by in ("bo", "root"):
        with pytest.raises(errors.NotAMember):
            agency.choose_successor(by, "sam")
        with pytest.raises(errors.NotAPerson):
            agency.choose_successor(by, "ada")
    agency.choose_successor("bo", "devi")
    agency.deactivate_accounts("devi")
    with pytest.raises(errors.NotAPerson):
        agency.choose_successor("carl", "devi")
    assert owners(agency) == []


@pytest.mark.rule("MEM-09")
def test_a_person_voted_for_who_left_since_does_not_follow(agency: Scenario) -> None:
    agency.add_member("devi", "accountant")
    agency.deactivate_accounts("ada")
    agency.choose_successor("bo", "devi")
    agency.leave_resource("devi")
    with pytest.raises(errors.NotAMember):
        agency.choose_successor("carl", "devi")
    assert owners(agency) == []


@pytest.mark.rule("MEM-09")
def test_a_guest_who_is_in_may_follow(agency: Scenario) -> None:
    agency.read_profile("devi", guest=True)
    agency.add_member("devi", "accountant")
    agency.deactivate_accounts("ada")
    agency.choose_successor("root", "devi")
    assert owners(agency) == ["devi"]


@pytest.mark.rule("MEM-09")
def test_the_vote_of_who_chooses_no_more_does_not_count_and_those_left_decide(
    agency: Scenario,
) -> None:
    agency.add_member("devi")
    agency.deactivate_accounts("ada")
    agency.choose_successor("bo", "devi")
    agency.choose_successor("carl", "carl")
    agency.leave_resource("bo")
    agency.choose_successor("devi", "carl")
    assert owners(agency) == ["carl"]


@pytest.mark.rule("MEM-09")
def test_when_one_leaves_and_all_who_remain_were_for_the_same_one_word_more_settles_it(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("ada")
    agency.choose_successor("bo", "bo")
    agency.leave_resource("carl")
    agency.choose_successor("bo", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
def test_who_became_one_of_those_who_choose_is_needed_too(agency: Scenario) -> None:
    agency.deactivate_accounts("ada")
    agency.choose_successor("bo", "bo")
    agency.add_member("devi", "admin", by="carl")
    agency.choose_successor("carl", "bo")
    assert owners(agency) == []
    agency.choose_successor("devi", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
def test_when_the_last_who_chooses_goes_too_the_next_ones_are_asked(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "accountant")
    agency.deactivate_accounts("ada")
    agency.take_outbox()
    agency.deactivate_accounts("bo", "carl")
    assert ("devi", "succession") in agency.take_outbox()
    agency.choose_successor("devi", "devi")
    assert owners(agency) == ["devi"]


@pytest.mark.rule("MEM-09")
def test_where_nobody_is_left_the_admins_of_the_workspace_choose_any_full_member(
    acme: Scenario,
) -> None:
    acme.register_people("devi", "eve@T2")
    acme.read_profile("root", admin=True)
    acme.read_profile("gast", guest=True)
    acme.take_outbox()
    acme.deactivate_accounts("ada")
    assert acme.take_recipients_of("succession") == ["root"]
    for who in ("gast", "eve@T2"):
        with pytest.raises(errors.NotAPerson):
            acme.choose_successor("root", who)
    acme.choose_successor("root", "devi")
    assert owners(acme) == ["devi"]


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("PER-02")
def test_an_admin_of_another_workspace_is_no_admin_here(acme: Scenario) -> None:
    acme.read_profile("eve@T2", admin=True)
    acme.read_profile("root", admin=True)
    acme.take_outbox()
    acme.deactivate_accounts("ada")
    assert acme.take_recipients_of("succession") == ["root"]
    with pytest.raises(errors.ForeignActor):
        acme.choose_successor("eve@T2", "root")


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("PER-02")
def test_a_person_of_another_workspace_does_not_hold_up_those_who_choose(
    agency: Scenario,
) -> None:
    agency.register_people("eve@T2")
    agency.add_member("eve@T2", "admin")
    agency.take_outbox()
    agency.deactivate_accounts("ada")
    assert agency.take_recipients_of("succession") == ["bo", "carl"]
    agency.choose_successor("bo", "bo")
    agency.choose_successor("carl", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
def test_a_project_keeps_exactly_one_owner_also_when_the_old_one_returns(
    agency: Scenario,
) -> None:
    project_of_carl(agency)
    agency.deactivate_accounts("carl")
    assert agency.take_recipients_of("succession") == ["ada"]
    agency.choose_successor("ada", "bo", "site")
    assert owners(agency, "site") == ["bo"]
    agency.reactivate_account("carl")
    assert owners(agency, "site") == ["bo"]
    assert agency.roles_by_name("site")["carl"] == "administrator"


@pytest.mark.rule("MEM-09")
def test_the_owner_of_a_project_who_returns_before_anybody_followed_is_its_owner(
    agency: Scenario,
) -> None:
    project_of_carl(agency)
    agency.deactivate_accounts("carl")
    agency.reactivate_account("carl")
    assert owners(agency, "site") == ["carl"]
    assert agency.find_succession("site") is None
    with pytest.raises(errors.NobodyMissing):
        agency.choose_successor("ada", "bo", "site")


@pytest.mark.rule("MEM-09")
def test_one_follows_another_in_a_project_and_the_first_returns(
    agency: Scenario,
) -> None:
    project_of_carl(agency)
    agency.deactivate_accounts("carl")
    agency.choose_successor("ada", "bo", "site")
    agency.deactivate_accounts("bo")
    agency.choose_successor("ada", "ada", "site")
    agency.reactivate_account("carl")
    agency.reactivate_account("bo")
    assert owners(agency, "site") == ["ada"]
    assert (
        agency.roles_by_name("site")["bo"],
        agency.roles_by_name("site")["carl"],
    ) == ("administrator", "administrator")


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("swept", [True, False])
def test_an_account_that_returns_after_thirty_days_has_lost_its_roles(
    agency: Scenario, swept: bool
) -> None:
    agency.create_resource("app", "Shop", "acme")
    agency.add_member("devi", "manager", "shop")
    agency.deactivate_accounts("devi")
    agency.at += timedelta(days=30)
    if swept:
        agency.advance_time()
    agency.reactivate_account("devi")
    assert agency.capabilities_of("devi", "shop") == set()
    assert [(e.role, e.why) for e in agency.events_of_type(MemberEnded)] == [
        ("manager", "lapsed")
    ]
    agency.advance_time()
    assert len(agency.events_of_type(MemberEnded)) == 1


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("swept", [True, False])
def test_the_keys_that_a_lapsed_account_knew_are_listed_where_its_roles_end(
    agency: Scenario, swept: bool
) -> None:
    for title, within in (("Shop", "acme"), ("Blog", "acme"), ("Wiki", None)):
        agency.create_resource("app", title, within)
    agency.add_member("devi", "admin", "acme")
    agency.add_member("devi", "developer", "shop")
    agency.add_member("devi", "developer", "wiki")
    agency.deactivate_accounts("devi")
    agency.at += timedelta(days=30)
    if swept:
        agency.advance_time()
    agency.reactivate_account("devi")
    rotate = {
        agency.get_resource(event.resource).slug: {
            agency.get_resource(each).slug for each in event.rotate
        }
        for event in agency.events_of_type(MemberEnded)
    }
    assert rotate == {"acme": {"blog"}, "shop": {"shop"}, "wiki": {"wiki"}}
    keys = agency.bus.query(ListStaleKeys(agency.caller_for("ada")), agency.at)
    assert {each.slug for each, _ in keys.found} == {"shop", "blog", "wiki"}


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("swept", [True, False])
def test_an_owner_who_returns_too_late_leaves_the_choice_open(
    agency: Scenario, swept: bool
) -> None:
    agency.deactivate_accounts("ada")
    agency.at += timedelta(days=31)
    if swept:
        agency.advance_time()
    agency.reactivate_account("ada")
    assert owners(agency) == []
    assert agency.find_succession() is not None
    agency.choose_successor("bo", "bo")
    agency.choose_successor("carl", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
def test_going_again_counts_thirty_days_anew_and_going_twice_does_not(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Shop", "acme")
    agency.add_member("devi", "manager", "shop")
    agency.deactivate_accounts("devi")
    agency.at += timedelta(days=20)
    agency.read_profile("devi", active=False, title="Devi D.")
    agency.reactivate_account("devi")
    agency.deactivate_accounts("devi")
    agency.advance_time(days=29)
    agency.reactivate_account("devi")
    assert agency.capabilities_of("devi", "shop") != set()
    agency.deactivate_accounts("devi")
    agency.at += timedelta(days=20)
    agency.read_profile("devi", active=False, title="D.")
    agency.advance_time(days=10)
    assert [e.why for e in agency.events_of_type(MemberEnded)] == ["lapsed"]


@pytest.mark.rule("MEM-09")
def test_an_owner_who_returns_ends_the_choice_and_those_asked_see_it(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("ada")
    agency.choose_successor("bo", "bo")
    agency.take_outbox()
    agency.reactivate_account("ada")
    assert owners(agency) == ["ada"]
    assert [e.why for e in agency.events_of_type(SuccessionClosed)] == ["held"]
    assert sorted(agency.take_outbox()) == [
        ("ada", "person_returned"),
        ("bo", "refresh"),
        ("carl", "refresh"),
    ]
    with pytest.raises(errors.NobodyMissing):
        agency.choose_successor("carl", "bo")


@pytest.mark.rule("MEM-09")
def test_several_who_go_one_after_the_other_are_followed_once(agency: Scenario) -> None:
    agency.add_member("devi", "owner")
    agency.deactivate_accounts("devi", "ada")
    assert [e.person for e in agency.events_of_type(SuccessionOpened)] == [
        agency.person_id_of("ada")
    ]
    agency.reactivate_account("devi")
    assert owners(agency) == ["devi"]
    assert agency.find_succession() is None
    agency.deactivate_accounts("devi")
    assert agency.find_succession() is not None


@pytest.mark.rule("MEM-09")
def test_one_who_leaves_several_things_alone_is_followed_on_each(
    agency: Scenario,
) -> None:
    agency.create_resource("team", "Crew")
    agency.create_resource("payment", "Card")
    agency.create_resource("app", "Solo")
    agency.add_member("bo", "limited", "crew")
    agency.add_member("carl", "accountant", "card")
    agency.add_member("devi", "developer", "solo")
    agency.take_outbox()
    agency.deactivate_accounts("ada")
    assert sorted(e.role for e in agency.events_of_type(SuccessionOpened)) == [
        "admin",
        "holder",
        "owner",
        "unlimited",
    ]
    assert agency.take_recipients_of("succession") == [
        "bo",
        "carl",
        "devi",
    ]
    for who, what in (("bo", "crew"), ("carl", "card"), ("devi", "solo")):
        agency.choose_successor(who, who, what)
        assert owners(agency, what) == [who]


@pytest.mark.rule("MEM-09")
def test_an_app_that_stands_in_something_or_is_paid_for_needs_nobody(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Shop", "acme")
    agency.add_member("devi", "admin", "shop")
    agency.create_resource("app", "Solo", by="devi")
    agency.create_resource("payment", "Card", by="devi")
    agency.execute(SetPaymentMethod(agency.caller_for("devi"), "solo", "card"))
    agency.deactivate_accounts("devi")
    assert [e.role for e in agency.events_of_type(SuccessionOpened)] == ["holder"]


@pytest.mark.rule("MEM-09")
def test_an_app_that_comes_to_stand_in_something_is_controlled_again(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Solo", by="devi")
    agency.add_member("carl", "admin", "solo", by="devi", term=Term(timedelta(days=60)))
    agency.deactivate_accounts("devi")
    assert agency.take_recipients_of("succession") == ["carl"]
    agency.execute(MoveResource(agency.caller_for("carl"), "solo", "acme"))
    assert agency.find_succession("solo") is None
    with pytest.raises(errors.LastHolder):
        agency.execute(MoveResource(agency.caller_for("carl"), "solo", None))


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-08")
def test_an_owner_for_a_limited_time_does_not_end_the_choice(agency: Scenario) -> None:
    agency.add_member("devi", "owner", term=Term(timedelta(days=60)))
    agency.deactivate_accounts("ada")
    agency.add_member("sam", "owner", by="devi", term=Term(timedelta(days=30)))
    assert agency.find_succession() is not None
    agency.extend_membership("sam", by="devi", term=NO_END)
    assert agency.find_succession() is None
    agency.advance_time(days=61)
    assert owners(agency) == ["sam"]


@pytest.mark.rule("MEM-09")
def test_an_owner_for_a_limited_time_who_returns_does_not_end_the_choice(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "owner", term=Term(timedelta(days=20)))
    agency.deactivate_accounts("devi", "ada")
    agency.reactivate_account("devi")
    assert agency.find_succession() is not None
    agency.advance_time(days=21)
    agency.choose_successor("root", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("RES-04")
def test_what_is_deleted_while_a_person_is_to_be_chosen_waits_for_nobody(
    agency: Scenario,
) -> None:
    agency.create_resource("app", "Site", by="carl")
    agency.create_resource("team", "Crew", by="ada")
    agency.add_member("carl", "limited", "crew")
    agency.accept_invitation(
        "ada",
        agency.share_with_team("site", "crew", "admin", by="carl")
        .get_event(InvitationSent)
        .invitation,
    )
    agency.deactivate_accounts("carl")
    agency.take_outbox()
    agency.execute(DeleteResource(agency.caller_for("ada"), "site"))
    assert [e.why for e in agency.events_of_type(SuccessionClosed)] == ["gone"]
    assert ("ada", "refresh") in agency.take_outbox()
    with pytest.raises(errors.UnknownResource):
        agency.choose_successor("root", "bo", "site")


@pytest.mark.rule("MEM-09")
def test_what_else_gives_the_role_ends_the_choice(agency: Scenario) -> None:
    agency.add_member("devi", "owner", term=Term(timedelta(days=60)))
    agency.deactivate_accounts("ada")
    agency.execute(
        ChangeRole(agency.caller_for("devi"), agency.account_of("bo"), "owner", "acme")
    )
    assert agency.find_succession() is None
    assert owners(agency) == ["bo", "devi"]


@pytest.mark.rule("MEM-09")
def test_it_is_a_choice_of_one_workspace(agency: Scenario) -> None:
    agency.deactivate_accounts("ada")
    other = Scenario(agency.database, workspace=WorkspaceId("T9"), id_prefix="9")
    other.read_profile("root", admin=True)
    with pytest.raises(errors.UnknownResource):
        other.choose_successor("root", "bo")
    with pytest.raises(errors.UnknownResource):
        other.choose_successor("root", "bo", agency.get_resource("acme").id)


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("EVT-01")
def test_the_record_tells_the_whole_story(agency: Scenario) -> None:
    agency.deactivate_accounts("ada")
    agency.choose_successor("bo", "carl")
    agency.choose_successor("carl", "carl")
    lines = [line.recorded.event for line in agency.list_events(by="carl")]
    assert [type(e) for e in lines[:4]] == [
        MemberRoleChanged,
        SuccessionSettled,
        SuccessionSupported,
        SuccessionOpened,
    ]


@pytest.mark.rule("MEM-09")
def test_the_roles_of_a_deactivated_account_are_nobodys_to_remove_twice(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("bo")
    agency.execute(
        RemoveMember(agency.caller_for("ada"), agency.account_of("bo"), "acme")
    )
    with pytest.raises(errors.NotAMember):
        agency.execute(
            RemoveMember(agency.caller_for("ada"), agency.account_of("bo"), "acme")
        )
