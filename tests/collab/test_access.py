"""Roles that follow from others, and what is disabled, moved, deleted and paid for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.billing import Pay
from collab.events import (
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    PayerChanged,
    ResourceCreated,
    ResourceDeleted,
)
from collab.explain import Mine, Show, Who, Why
from collab.kinds import CAPABILITIES
from collab.lists import ListMembers
from collab.membership import ChangeRole, Leave
from collab.offers import Term
from collab.resources import Create, Delete, Describe, Disable, Enable, Move, Rename
from tests.support.builders import World


def make(world: World, kind: str, title: str, by: str = "ada", within: str | None = None) -> str:
    made: ResourceCreated = world.do(Create(world.by(by), kind, title, within)).first(ResourceCreated)
    return made.slug


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with a project, an app in it, an app beside it, and a payment method of Carl's."""
    acme.knows("carl", "devi", "bo", "sam")
    make(acme, "project", "Website", within="acme")
    make(acme, "app", "Shop", within="website")
    make(acme, "app", "Blog", within="acme")
    make(acme, "payment", "Carl's card", by="carl")
    return acme


def paths(world: World, who: str, what: str, capability: str, by: str = "ada") -> list[str]:
    """Every path as somebody is told it, as role@slug > role@slug; without the slug of what they may not view."""
    found = world.collab.ask(Why(world.by(by), world.account(who), what, capability), world.at)
    return [" > ".join(f"{s.role}@{s.resource.slug}" for s in path.steps) for path in found.paths]


def can(world: World, who: str, what: str) -> set[str]:
    with world.database.units.look(world.workspace) as facts:
        resource = facts.resource_called(what)
    assert resource
    return {c for c in CAPABILITIES if world.may(who, c, resource.id)}


@pytest.mark.rule("ROL-01")
@pytest.mark.rule("ROL-03")
def test_an_owner_of_the_company_is_admin_of_all_that_stands_in_it_at_once(agency: World) -> None:
    agency.member("carl", "owner")
    late = make(agency, "app", "Late", within="website")
    assert {"edit", "delete", "scale", "code"} <= can(agency, "carl", "shop") & can(agency, "carl", late)
    assert paths(agency, "carl", "shop", "code") == ["owner@acme > owner@website > admin@shop"]


@pytest.mark.rule("ROL-01")
def test_a_decision_is_the_union_of_all_roles(agency: World) -> None:
    agency.member("devi", "developer", "blog")
    agency.member("devi", "accountant", "acme")
    assert can(agency, "devi", "acme") == {"view", "invoices"}
    assert can(agency, "devi", "blog") == {"view", "configure", "code"}
    assert can(agency, "devi", "shop") == set()


@pytest.mark.rule("ROL-02")
def test_why_names_every_path_and_says_when_there_is_none(agency: World) -> None:
    agency.member("devi", "member", "website")
    agency.member("devi", "developer", "shop")
    assert paths(agency, "devi", "shop", "code") == ["developer@shop", "member@website > developer@shop"]
    assert paths(agency, "devi", "shop", "delete") == []
    assert paths(agency, "devi", "acme", "view") == [
        "member@website > collaborator@acme",
        "developer@shop > collaborator@acme",
    ]


@pytest.mark.rule("ROL-02")
def test_who_lists_everybody_who_can_with_a_path(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.member("carl", "admin")
    found = agency.collab.ask(Who(agency.by("ada"), "shop", "code"), agency.at)
    assert {(p.person.user, p.steps[0].resource.slug) for p in found.paths} == {
        ("UADA", "acme"),
        ("UCARL", "acme"),
        ("UDEVI", "shop"),
    }
    assert found.total == 3


@pytest.mark.rule("ROL-02")
def test_a_capability_that_is_none_is_named_with_those_there_are(agency: World) -> None:
    with pytest.raises(refusals.UnknownCapability):
        agency.collab.ask(Who(agency.by("ada"), "shop", "fly"), agency.at)


@pytest.mark.rule("ROL-04")
def test_a_disabled_project_and_all_in_it_says_no_but_to_view_disable_and_delete(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.do(Disable(agency.by("ada"), "website"))
    assert can(agency, "ada", "website") == {"view", "disable", "delete"}
    assert can(agency, "ada", "shop") == {"view", "delete"}
    assert can(agency, "devi", "shop") == {"view"}
    assert can(agency, "ada", "blog") > {"view", "code"}
    with pytest.raises(refusals.IsDisabled):
        agency.invite("carl", "developer", "shop")
    agency.do(Enable(agency.by("ada"), "website"))
    assert "code" in can(agency, "devi", "shop")


@pytest.mark.rule("ROL-04")
@pytest.mark.rule("INV-04")
def test_nobody_joins_what_was_disabled_meanwhile(agency: World) -> None:
    invitation = agency.invite("devi", "developer", "shop")
    agency.do(Disable(agency.by("ada"), "website"))
    with pytest.raises(refusals.InviterLostRight):
        agency.accept("devi", invitation)


@pytest.mark.rule("ROL-06")
def test_somebody_invited_holds_nothing_yet(agency: World) -> None:
    agency.invite("devi", "admin", "shop")
    assert can(agency, "devi", "shop") == can(agency, "devi", "acme") == set()


@pytest.mark.rule("ROL-07")
def test_one_direct_role_at_a_time(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.member("devi", "admin", "shop")
    assert paths(agency, "devi", "shop", "code") == ["admin@shop"]


@pytest.mark.rule("ROL-08")
def test_an_expired_deactivated_or_removed_person_passes_nothing_from_that_moment_on(agency: World) -> None:
    agency.member("devi", "developer", "shop", term=Term(timedelta(days=1)))
    agency.member("carl", "admin")
    agency.member("bo", "developer", "shop")
    agency.at += timedelta(days=1)
    agency.profile("carl", active=False)
    agency.remove("bo", what="shop")
    assert [can(agency, who, "shop") for who in ("devi", "carl", "bo")] == [set(), set(), set()]


@pytest.mark.rule("RES-01")
def test_what_stands_in_nothing_belongs_to_its_maker_by_kind(agency: World) -> None:
    roles = {}
    for kind in ("company", "project", "app", "database", "payment", "team"):
        outcome = agency.do(Create(agency.by("sam"), kind, f"Sam's {kind}"))
        roles[kind] = outcome.first(MemberJoined).role
    assert roles == {
        "company": "owner",
        "project": "owner",
        "app": "admin",
        "database": "admin",
        "payment": "holder",
        "team": "unlimited",
    }


@pytest.mark.rule("RES-01")
def test_creating_inside_needs_create_there_and_a_place_that_takes_it(agency: World) -> None:
    agency.member("devi", "member", "website")
    with pytest.raises(refusals.MayNot):
        make(agency, "app", "Sneaky", by="devi", within="website")
    with pytest.raises(refusals.DoesNotStandIn):
        make(agency, "team", "Team", within="acme")
    assert make(agency, "database", "Orders", within="website") == "orders"


@pytest.mark.rule("RES-03")
def test_renaming_and_describing_keep_the_slug_and_what_was_before(agency: World) -> None:
    agency.do(Rename(agency.by("ada"), "shop", "Boutique"))
    agency.do(Describe(agency.by("ada"), "shop", "Sells things"))
    found = agency.collab.ask(Show(agency.by("ada"), "shop"), agency.at)
    assert (found.resource.title, found.resource.slug, found.resource.about) == ("Boutique", "shop", "Sells things")
    assert found.parent.slug == "website"
    assert [line.recorded.event.before for line in found.lines[:2]] == [None, "Shop"]
    agency.member("devi", "developer", "shop")
    with pytest.raises(refusals.MayNot):
        agency.do(Rename(agency.by("devi"), "shop", "Mine"))


@pytest.mark.rule("RES-03")
def test_moving_needs_delete_here_and_create_there(agency: World) -> None:
    agency.member("carl", "admin")
    agency.member("devi", "manager", "shop")
    other = make(agency, "company", "Other", by="devi")
    with pytest.raises(refusals.MayNot):
        agency.do(Move(agency.by("devi"), "shop", other))
    with pytest.raises(refusals.UnknownResource):
        agency.do(Move(agency.by("carl"), "shop", other))
    agency.do(Move(agency.by("carl"), "shop", "acme"))
    assert paths(agency, "ada", "shop", "code") == ["owner@acme > admin@shop"]


@pytest.mark.rule("RES-03")
def test_a_project_migrates_to_another_company_by_its_owner_alone(agency: World) -> None:
    agency.member("carl", "administrator", "website")
    other = make(agency, "company", "Other", by="carl")
    with pytest.raises(refusals.MayNot):
        agency.do(Move(agency.by("carl"), "website", other))


@pytest.mark.rule("RES-04")
def test_deleting_takes_along_what_is_inside_and_asks_for_the_name(agency: World) -> None:
    invitation = agency.invite("devi", "developer", "shop")
    with pytest.raises(refusals.TypeItsName) as asked:
        agency.do(Delete(agency.by("ada"), "acme"))
    assert asked.value.inside == 3
    agency.do(Delete(agency.by("ada"), "acme", "ACME"))
    gone = [e.title for e in agency.happened(ResourceDeleted)]
    assert sorted(gone) == ["Acme", "Blog", "Shop", "Website"]
    assert gone[-1] == "Acme"
    assert gone.index("Shop") < gone.index("Website")
    assert agency.invitation(invitation).state == "revoked"
    with pytest.raises(refusals.UnknownResource):
        agency.events("acme")


@pytest.mark.rule("RES-02")
def test_an_app_is_a_trial_until_something_pays_and_its_payer_gains_control_without_code(agency: World) -> None:
    agency.member("carl", "admin", "shop")
    agency.do(Pay(agency.by("carl"), "shop", "carl-s-card"))
    agency.do(Leave(agency.by("carl"), "shop"))
    assert can(agency, "carl", "shop") == {"view", "edit", "delete"}
    assert paths(agency, "carl", "shop", "edit", by="carl") == ["holder@carl-s-card > payer@shop"]
    assert paths(agency, "carl", "shop", "edit", by="ada") == ["holder@ > payer@shop"]
    way = ["holder@carl-s-card > payer@shop > collaborator@acme"]
    assert paths(agency, "carl", "acme", "view", by="carl") == way


@pytest.mark.rule("RES-02")
def test_only_who_controls_both_attaches_a_payer(agency: World) -> None:
    with pytest.raises(refusals.UnknownResource):
        agency.do(Pay(agency.by("ada"), "shop", "carl-s-card"))
    agency.member("devi", "developer", "shop")
    mine = make(agency, "payment", "Mine", by="devi")
    with pytest.raises(refusals.MayNot):
        agency.do(Pay(agency.by("devi"), "shop", mine))


@pytest.mark.rule("MEM-04")
@pytest.mark.rule("MEM-08")
def test_an_app_that_stands_in_nothing_keeps_an_admin_or_a_payer(world: World) -> None:
    world.knows("ada")
    make(world, "app", "Lonely")
    with pytest.raises(refusals.LastHolder):
        world.leave("ada", "lonely")
    make(world, "payment", "Card")
    world.do(Pay(world.by("ada"), "lonely", "card"))
    world.leave("ada", "lonely")
    with pytest.raises(refusals.LastHolder):
        world.do(Pay(world.by("ada"), "lonely", None))


@pytest.mark.rule("MEM-02")
def test_a_collaborator_is_promoted_and_an_admin_demoted_keeping_chosen_apps(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.do(ChangeRole(agency.by("ada"), agency.account("devi"), "admin", "acme"))
    assert can(agency, "devi", "blog") > {"code"}
    agency.do(ChangeRole(agency.by("ada"), agency.account("devi"), "collaborator", "acme", keep=("blog",)))
    assert paths(agency, "devi", "blog", "code") == ["admin@blog"]
    assert can(agency, "devi", "acme") == {"view"}
    assert agency.happened(MemberRoleChanged)[-1].before == "admin"


@pytest.mark.rule("ROL-05")
def test_going_down_to_an_implied_role_gives_nothing_that_does_not_follow(agency: World) -> None:
    agency.member("carl", "manager", "shop")
    agency.member("devi", "developer", "shop")
    with pytest.raises(refusals.NothingFollows):
        agency.do(ChangeRole(agency.by("carl"), agency.account("devi"), "payer", "shop"))
    agency.member("sam", "admin")
    with pytest.raises(refusals.NothingFollows):
        agency.do(ChangeRole(agency.by("ada"), agency.account("sam"), "collaborator", "acme"))
    assert can(agency, "devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("MEM-02")
def test_a_demoted_collaborator_is_one_only_as_long_as_something_follows(agency: World) -> None:
    agency.member("devi", "admin")
    agency.do(ChangeRole(agency.by("ada"), agency.account("devi"), "collaborator", "acme", keep=("blog",)))
    agency.leave("devi", "blog")
    assert can(agency, "devi", "acme") == set()


@pytest.mark.rule("RES-04")
def test_everybody_who_loses_something_by_a_deletion_hears_of_it_once(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.told()
    agency.do(Delete(agency.by("ada"), "website", "Website"))
    assert [(t, m) for t, m in agency.told() if m == "resource_deleted"] == [("devi", "resource_deleted")]


@pytest.mark.rule("RES-04")
def test_deleting_what_pays_is_told_where_it_paid(agency: World) -> None:
    make(agency, "payment", "Card")
    agency.do(Pay(agency.by("ada"), "shop", "card"))
    agency.do(Delete(agency.by("ada"), "card"))
    assert agency.happened(PayerChanged)[-1].payer is None
    assert agency.collab.ask(Show(agency.by("ada"), "shop"), agency.at).payer is None


@pytest.mark.rule("MEM-02")
def test_a_role_change_is_no_way_around_consent(agency: World) -> None:
    with pytest.raises(refusals.NotAMember):
        agency.do(ChangeRole(agency.by("ada"), agency.account("bo"), "admin", "acme"))


@pytest.mark.rule("MEM-03")
def test_a_role_change_counts_at_once_and_the_person_is_told(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.told()
    agency.do(ChangeRole(agency.by("ada"), agency.account("devi"), "manager", "shop"))
    assert agency.members("shop")["devi"] == "manager"
    assert ("devi", "member_role_changed") in agency.told()


@pytest.mark.rule("MEM-06")
def test_being_removed_ends_every_role_inside_and_the_invitations_sent_in_their_right(agency: World) -> None:
    agency.member("devi", "admin")
    agency.member("devi", "manager", "shop")
    sent = agency.invite("bo", "developer", "shop", by="devi")
    agency.told()
    agency.remove("devi")
    assert can(agency, "devi", "shop") == can(agency, "devi", "acme") == set()
    assert agency.invitation(sent).state == "revoked"
    assert [(e.role, e.within is None) for e in agency.happened(MemberRemoved)] == [("admin", True), ("manager", False)]
    assert [m for t, m in agency.told() if t == "devi"].count("member_removed") == 1


@pytest.mark.rule("MEM-06")
def test_a_collaborator_leaves_a_company_by_leaving_all_in_it(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.leave("devi", "acme")
    assert [(e.role, e.within is not None) for e in agency.happened(MemberLeft)] == [
        ("collaborator", False),
        ("developer", True),
    ]
    assert can(agency, "devi", "shop") == set()


@pytest.mark.rule("INV-09")
def test_an_invitation_that_another_right_upholds_stays(agency: World) -> None:
    agency.member("devi", "owner")
    agency.member("devi", "admin", "shop")
    sent = agency.invite("bo", "developer", "shop", by="devi")
    agency.leave("devi", "shop")
    assert agency.invitation(sent).state == "pending"


def test_members_show_direct_and_implied_ones_with_where_they_come_from(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    found = agency.collab.ask(ListMembers(agency.by("ada"), "shop"), agency.at)
    assert [(m.person.user, m.role, m.through and m.through.slug) for m in found.members] == [
        ("UADA", "admin", "acme"),
        ("UDEVI", "developer", None),
    ]


def test_mine_lists_what_i_hold_and_what_follows(agency: World) -> None:
    agency.member("devi", "member", "website")
    found = agency.collab.ask(Mine(agency.by("devi")), agency.at)
    assert {(b.resource.slug, b.role, b.direct) for b in found.belongings} == {
        ("website", "member", True),
        ("acme", "collaborator", False),
        ("shop", "developer", False),
    }


def test_a_channel_of_the_company_hears_of_what_happens_inside(agency: World) -> None:
    agency.link()
    agency.told()
    agency.member("devi", "developer", "shop")
    assert ("channel:CACME", "member_joined") in agency.told()
