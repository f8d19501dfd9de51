"""When a Slack account goes, its roles are suspended; where somebody must be, a successor is chosen (MEM-09)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.billing import Pay
from collab.events import (
    InvitationSent,
    MemberEnded,
    MemberRoleChanged,
    SuccessionClosed,
    SuccessionOpened,
    SuccessionSettled,
    SuccessionSupported,
)
from collab.membership import ChangeRole, Remove
from collab.offers import FOR_GOOD, Term
from collab.resources import Delete, Move
from tests.support.builders import World

PEOPLE = ("ada", "bo", "carl", "devi", "sam")


@pytest.fixture
def agency(acme: World) -> World:
    """Acme is owned by Ada alone; Bo and Carl are admins; Root looks after the workspace and is in nothing."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.profile("root", admin=True)
    acme.member("bo")
    acme.member("carl")
    acme.told()
    return acme


def project_of_carl(world: World) -> None:
    """A project that stands in nothing, owned by Carl; Ada is its administrator, Bo a member."""
    world.make("project", "Site", by="carl")
    world.member("ada", "administrator", "site", by="carl")
    world.member("bo", "member", "site", by="carl")
    world.told()


def owners(world: World, what: str = "acme") -> list[str]:
    """Who holds the highest role that is given there, counted as it is stored, of active people."""
    with world.database.units.look(world.workspace) as facts:
        resource = world.thing(what)
        highest = world.collab.kinds[resource.kind].highest
        found = [facts.person(m.person) for m in facts.members(resource.id, world.at) if m.role == highest]
    return sorted((p.user or "").removeprefix("U").lower() for p in found if p)


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("ROL-08")
def test_roles_are_suspended_at_once_and_come_back_with_the_account(agency: World) -> None:
    agency.make("app", "Shop", "acme")
    agency.member("devi", "manager", "shop")
    before = agency.can("devi", "shop")
    agency.goes("devi")
    assert agency.can("devi", "shop") == set()
    assert "devi" not in agency.members("shop")
    with pytest.raises(refusals.InactiveActor):
        agency.leave("devi", "shop")
    agency.at += timedelta(days=30) - timedelta(seconds=1)
    agency.returns("devi")
    assert agency.can("devi", "shop") == before


@pytest.mark.rule("MEM-09")
def test_where_others_go_on_nobody_needs_to_follow(agency: World) -> None:
    agency.member("devi", "owner")
    agency.goes("devi", "bo")
    assert agency.happened(SuccessionOpened) == []
    with pytest.raises(refusals.NobodyMissing):
        agency.choose("carl", "bo")


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-08")
def test_only_active_people_count(agency: World) -> None:
    agency.member("devi", "owner")
    agency.goes("devi")
    with pytest.raises(refusals.LastHolder):
        agency.leave("ada")


@pytest.mark.rule("MEM-09")
def test_the_next_highest_are_asked_and_together_they_choose(agency: World) -> None:
    agency.make("app", "Shop", "acme")
    agency.member("devi", "developer", "shop")
    agency.told()
    agency.goes("ada")
    assert agency.hears("succession") == ["bo", "carl"]

    agency.choose("bo", "devi")
    assert owners(agency) == []
    assert agency.told() == [("bo", "refresh"), ("carl", "refresh"), ("carl", "succession_supported")]
    agency.choose("carl", "devi")

    assert owners(agency) == ["devi"]
    assert agency.succession() is None
    told = agency.told()
    assert [m for t, m in told if t == "devi"] == ["member_joined"]
    assert sorted(t for t, m in told if m == "refresh") == ["bo", "carl"]


@pytest.mark.rule("MEM-09")
def test_one_of_them_alone_or_for_different_people_settles_nothing(agency: World) -> None:
    agency.goes("ada")
    agency.choose("bo", "bo")
    agency.choose("carl", "carl")
    assert owners(agency) == []
    assert agency.choose("bo", "bo").recorded == []
    agency.choose("bo", "carl")
    assert owners(agency) == ["carl"]
    assert agency.happened(MemberRoleChanged)[-1].why == "succession"


@pytest.mark.rule("MEM-09")
def test_an_admin_of_the_workspace_settles_it_alone_without_being_in(agency: World) -> None:
    agency.goes("ada")
    agency.choose("bo", "bo")
    agency.choose("root", "carl")
    assert owners(agency) == ["carl"]
    with pytest.raises(refusals.Refused):
        agency.choose("root", "bo")


@pytest.mark.rule("MEM-09")
def test_nobody_else_chooses(agency: World) -> None:
    agency.make("app", "Shop", "acme")
    agency.member("devi", "developer", "shop")
    agency.goes("ada")
    with pytest.raises(refusals.NotAsked):
        agency.choose("devi", "devi")
    for who in ("sam", "eve@T2"):
        with pytest.raises((refusals.UnknownResource, refusals.ForeignActor)):
            agency.choose(who, "bo")
    with pytest.raises(refusals.InactiveActor):
        agency.choose("ada", "bo")
    assert owners(agency) == []


@pytest.mark.rule("MEM-09")
def test_an_admin_of_the_workspace_learns_nothing_of_what_waits_for_nobody(agency: World) -> None:
    with pytest.raises(refusals.UnknownResource):
        agency.choose("root", "carl")


@pytest.mark.rule("MEM-09")
def test_the_one_who_follows_is_active_and_in(agency: World) -> None:
    agency.member("devi", "accountant")
    agency.goes("ada")
    for by in ("bo", "root"):
        with pytest.raises(refusals.NotAMember):
            agency.choose(by, "sam")
        with pytest.raises(refusals.NotAPerson):
            agency.choose(by, "ada")
    agency.choose("bo", "devi")
    agency.goes("devi")
    with pytest.raises(refusals.NotAPerson):
        agency.choose("carl", "devi")
    assert owners(agency) == []


@pytest.mark.rule("MEM-09")
def test_somebody_voted_for_who_left_since_does_not_follow(agency: World) -> None:
    agency.member("devi", "accountant")
    agency.goes("ada")
    agency.choose("bo", "devi")
    agency.leave("devi")
    with pytest.raises(refusals.NotAMember):
        agency.choose("carl", "devi")
    assert owners(agency) == []


@pytest.mark.rule("MEM-09")
def test_a_guest_who_is_in_may_follow(agency: World) -> None:
    agency.profile("devi", guest=True)
    agency.member("devi", "accountant")
    agency.goes("ada")
    agency.choose("root", "devi")
    assert owners(agency) == ["devi"]


@pytest.mark.rule("MEM-09")
def test_the_vote_of_who_chooses_no_more_does_not_count_and_those_left_decide(agency: World) -> None:
    agency.member("devi")
    agency.goes("ada")
    agency.choose("bo", "devi")
    agency.choose("carl", "carl")
    agency.leave("bo")
    agency.choose("devi", "carl")
    assert owners(agency) == ["carl"]


@pytest.mark.rule("MEM-09")
def test_when_one_leaves_and_all_who_remain_were_for_the_same_one_word_more_settles_it(agency: World) -> None:
    agency.goes("ada")
    agency.choose("bo", "bo")
    agency.leave("carl")
    agency.choose("bo", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
def test_who_became_one_of_those_who_choose_is_needed_too(agency: World) -> None:
    agency.goes("ada")
    agency.choose("bo", "bo")
    agency.member("devi", "admin", by="carl")
    agency.choose("carl", "bo")
    assert owners(agency) == []
    agency.choose("devi", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
def test_when_the_last_who_chooses_goes_too_the_next_ones_are_asked(agency: World) -> None:
    agency.member("devi", "accountant")
    agency.goes("ada")
    agency.told()
    agency.goes("bo", "carl")
    assert ("devi", "succession") in agency.told()
    agency.choose("devi", "devi")
    assert owners(agency) == ["devi"]


@pytest.mark.rule("MEM-09")
def test_where_nobody_is_left_the_admins_of_the_workspace_choose_any_full_member(acme: World) -> None:
    acme.knows("devi", "eve@T2")
    acme.profile("root", admin=True)
    acme.profile("gast", guest=True)
    acme.told()
    acme.goes("ada")
    assert acme.hears("succession") == ["root"]
    for who in ("gast", "eve@T2"):
        with pytest.raises(refusals.NotAPerson):
            acme.choose("root", who)
    acme.choose("root", "devi")
    assert owners(acme) == ["devi"]


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("PER-02")
def test_an_admin_of_another_workspace_is_no_admin_here(acme: World) -> None:
    acme.profile("eve@T2", admin=True)
    acme.profile("root", admin=True)
    acme.told()
    acme.goes("ada")
    assert acme.hears("succession") == ["root"]
    with pytest.raises(refusals.ForeignActor):
        acme.choose("eve@T2", "root")


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("PER-02")
def test_somebody_of_another_workspace_does_not_hold_up_those_who_choose(agency: World) -> None:
    agency.knows("eve@T2")
    agency.member("eve@T2", "admin")
    agency.told()
    agency.goes("ada")
    assert agency.hears("succession") == ["bo", "carl"]
    agency.choose("bo", "bo")
    agency.choose("carl", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
def test_a_project_keeps_exactly_one_owner_also_when_the_old_one_returns(agency: World) -> None:
    project_of_carl(agency)
    agency.goes("carl")
    assert agency.hears("succession") == ["ada"]
    agency.choose("ada", "bo", "site")
    assert owners(agency, "site") == ["bo"]
    agency.returns("carl")
    assert owners(agency, "site") == ["bo"]
    assert agency.members("site")["carl"] == "administrator"


@pytest.mark.rule("MEM-09")
def test_the_owner_of_a_project_who_returns_before_anybody_followed_is_its_owner(agency: World) -> None:
    project_of_carl(agency)
    agency.goes("carl")
    agency.returns("carl")
    assert owners(agency, "site") == ["carl"]
    assert agency.succession("site") is None
    with pytest.raises(refusals.NobodyMissing):
        agency.choose("ada", "bo", "site")


@pytest.mark.rule("MEM-09")
def test_one_follows_another_in_a_project_and_the_first_returns(agency: World) -> None:
    project_of_carl(agency)
    agency.goes("carl")
    agency.choose("ada", "bo", "site")
    agency.goes("bo")
    agency.choose("ada", "ada", "site")
    agency.returns("carl")
    agency.returns("bo")
    assert owners(agency, "site") == ["ada"]
    assert (agency.members("site")["bo"], agency.members("site")["carl"]) == ("administrator", "administrator")


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("swept", [True, False])
def test_an_account_that_returns_after_thirty_days_has_lost_its_roles(agency: World, swept: bool) -> None:
    agency.make("app", "Shop", "acme")
    agency.member("devi", "manager", "shop")
    agency.goes("devi")
    agency.at += timedelta(days=30)
    if swept:
        agency.passes()
    agency.returns("devi")
    assert agency.can("devi", "shop") == set()
    assert [(e.role, e.why) for e in agency.happened(MemberEnded)] == [("manager", "lapsed")]
    agency.passes()
    assert len(agency.happened(MemberEnded)) == 1


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("swept", [True, False])
def test_an_owner_who_returns_too_late_leaves_the_choice_open(agency: World, swept: bool) -> None:
    agency.goes("ada")
    agency.at += timedelta(days=31)
    if swept:
        agency.passes()
    agency.returns("ada")
    assert owners(agency) == []
    assert agency.succession() is not None
    agency.choose("bo", "bo")
    agency.choose("carl", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
def test_going_again_counts_thirty_days_anew_and_going_twice_does_not(agency: World) -> None:
    agency.make("app", "Shop", "acme")
    agency.member("devi", "manager", "shop")
    agency.goes("devi")
    agency.at += timedelta(days=20)
    agency.profile("devi", active=False, title="Devi D.")
    agency.returns("devi")
    agency.goes("devi")
    agency.passes(days=29)
    agency.returns("devi")
    assert agency.can("devi", "shop") != set()
    agency.goes("devi")
    agency.at += timedelta(days=20)
    agency.profile("devi", active=False, title="D.")
    agency.passes(days=10)
    assert [e.why for e in agency.happened(MemberEnded)] == ["lapsed"]


@pytest.mark.rule("MEM-09")
def test_an_owner_who_returns_ends_the_choice_and_those_asked_see_it(agency: World) -> None:
    agency.goes("ada")
    agency.choose("bo", "bo")
    agency.told()
    agency.returns("ada")
    assert owners(agency) == ["ada"]
    assert [e.why for e in agency.happened(SuccessionClosed)] == ["held"]
    assert sorted(agency.told()) == [("bo", "refresh"), ("carl", "refresh")]
    with pytest.raises(refusals.NobodyMissing):
        agency.choose("carl", "bo")


@pytest.mark.rule("MEM-09")
def test_several_who_go_one_after_the_other_are_followed_once(agency: World) -> None:
    agency.member("devi", "owner")
    agency.goes("devi", "ada")
    assert [e.person for e in agency.happened(SuccessionOpened)] == [agency.id_of("ada")]
    agency.returns("devi")
    assert owners(agency) == ["devi"]
    assert agency.succession() is None
    agency.goes("devi")
    assert agency.succession() is not None


@pytest.mark.rule("MEM-09")
def test_one_who_leaves_several_things_alone_is_followed_on_each(agency: World) -> None:
    agency.make("team", "Crew")
    agency.make("payment", "Card")
    agency.make("app", "Solo")
    agency.member("bo", "limited", "crew")
    agency.member("carl", "accountant", "card")
    agency.member("devi", "developer", "solo")
    agency.told()
    agency.goes("ada")
    assert sorted(e.role for e in agency.happened(SuccessionOpened)) == ["admin", "holder", "owner", "unlimited"]
    assert agency.hears("succession") == ["bo", "bo", "carl", "carl", "devi"]
    for who, what in (("bo", "crew"), ("carl", "card"), ("devi", "solo")):
        agency.choose(who, who, what)
        assert owners(agency, what) == [who]


@pytest.mark.rule("MEM-09")
def test_an_app_that_stands_in_something_or_is_paid_for_needs_nobody(agency: World) -> None:
    agency.make("app", "Shop", "acme")
    agency.member("devi", "admin", "shop")
    agency.make("app", "Solo", by="devi")
    agency.make("payment", "Card", by="devi")
    agency.do(Pay(agency.by("devi"), "solo", "card"))
    agency.goes("devi")
    assert [e.role for e in agency.happened(SuccessionOpened)] == ["holder"]


@pytest.mark.rule("MEM-09")
def test_an_app_that_comes_to_stand_in_something_is_controlled_again(agency: World) -> None:
    agency.make("app", "Solo", by="devi")
    agency.member("carl", "admin", "solo", by="devi", term=Term(timedelta(days=60)))
    agency.goes("devi")
    assert agency.hears("succession") == ["carl"]
    agency.do(Move(agency.by("carl"), "solo", "acme"))
    assert agency.succession("solo") is None
    with pytest.raises(refusals.LastHolder):
        agency.do(Move(agency.by("carl"), "solo", None))


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-08")
def test_an_owner_for_a_limited_time_does_not_end_the_choice(agency: World) -> None:
    agency.member("devi", "owner", term=Term(timedelta(days=60)))
    agency.goes("ada")
    agency.member("sam", "owner", by="devi", term=Term(timedelta(days=30)))
    assert agency.succession() is not None
    agency.extend("sam", by="devi", term=FOR_GOOD)
    assert agency.succession() is None
    agency.passes(days=61)
    assert owners(agency) == ["sam"]


@pytest.mark.rule("MEM-09")
def test_an_owner_for_a_limited_time_who_returns_does_not_end_the_choice(agency: World) -> None:
    agency.member("devi", "owner", term=Term(timedelta(days=20)))
    agency.goes("devi", "ada")
    agency.returns("devi")
    assert agency.succession() is not None
    agency.passes(days=21)
    agency.choose("root", "bo")
    assert owners(agency) == ["bo"]


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("RES-04")
def test_what_is_deleted_while_somebody_is_to_be_chosen_waits_for_nobody(agency: World) -> None:
    agency.make("app", "Site", by="carl")
    agency.make("team", "Crew", by="ada")
    agency.member("carl", "limited", "crew")
    agency.accept("ada", agency.shares("site", "crew", "admin", by="carl").first(InvitationSent).invitation)
    agency.goes("carl")
    agency.told()
    agency.do(Delete(agency.by("ada"), "site"))
    assert [e.why for e in agency.happened(SuccessionClosed)] == ["gone"]
    assert ("ada", "refresh") in agency.told()
    with pytest.raises(refusals.UnknownResource):
        agency.choose("root", "bo", "site")


@pytest.mark.rule("MEM-09")
def test_what_else_gives_the_role_ends_the_choice(agency: World) -> None:
    agency.member("devi", "owner", term=Term(timedelta(days=60)))
    agency.goes("ada")
    agency.do(ChangeRole(agency.by("devi"), agency.account("bo"), "owner", "acme"))
    assert agency.succession() is None
    assert owners(agency) == ["bo", "devi"]


@pytest.mark.rule("MEM-09")
def test_it_is_a_choice_of_one_workspace(agency: World) -> None:
    agency.goes("ada")
    other = World(agency.database, workspace="T9", prefix="9")
    other.profile("root", admin=True)
    with pytest.raises(refusals.UnknownResource):
        other.choose("root", "bo")
    with pytest.raises(refusals.UnknownResource):
        other.choose("root", "bo", agency.thing("acme").id)


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("EVT-01")
def test_the_record_tells_the_whole_story(agency: World) -> None:
    agency.goes("ada")
    agency.choose("bo", "carl")
    agency.choose("carl", "carl")
    lines = [line.recorded.event for line in agency.events(by="carl")]
    assert [type(e) for e in lines[:4]] == [
        MemberRoleChanged,
        SuccessionSettled,
        SuccessionSupported,
        SuccessionOpened,
    ]


@pytest.mark.rule("MEM-09")
def test_the_roles_of_a_deactivated_account_are_nobodys_to_remove_twice(agency: World) -> None:
    agency.goes("bo")
    agency.do(Remove(agency.by("ada"), agency.account("bo"), "acme"))
    with pytest.raises(refusals.NotAMember):
        agency.do(Remove(agency.by("ada"), agency.account("bo"), "acme"))
