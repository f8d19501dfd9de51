"""Derived roles, and what disabling, moves, deletion and payment do to them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from itertools import product
from random import Random

import pytest

from collab import authorization, errors
from collab.access_queries import (
    ExplainAccess,
    ListMyResources,
    ListUsersWithCapability,
    ShowResource,
)
from collab.billing.payment_methods import SetPaymentMethod
from collab.events import (
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    PayerChanged,
    ResourceCreated,
    ResourceDeleted,
)
from collab.memberships.commands import ChangeRole, LeaveResource
from collab.memberships.queries import ListMembers
from collab.model import Term
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import (
    CreateResource,
    DescribeResource,
    DisableResource,
    EnableResource,
    RenameResource,
)
from collab.roles import CAPABILITIES, ROLE_MODEL
from tests.support.builders import Scenario


def make(
    world: Scenario, kind: str, title: str, by: str = "ada", within: str | None = None
) -> str:
    made: ResourceCreated = world.execute(
        CreateResource(world.caller_for(by), kind, title, within)
    ).get_event(ResourceCreated)
    return made.slug


PEOPLE = ("ada", "bo", "carl", "devi", "sam")
PLACES = ("acme", "website", "shop", "blog", "card", "crew")


def add_random_roles(world: Scenario, random: Random) -> None:
    """Add a payment method and a team to the company, and give people some roles."""
    by_ada = world.caller_for("ada")
    world.create_resource("payment", "Card", within="acme")
    world.create_resource("team", "Crew")
    for app in ("shop", "blog"):
        world.execute(SetPaymentMethod(by_ada, app, "card"))
        world.share_with_team(app, "crew", random.choice(["manager", "developer"]))
    for who, what in product(PEOPLE[1:], PLACES):
        resource = world.get_resource(what)
        kind = ROLE_MODEL[resource.kind]
        if random.random() < 0.4:
            names = [each.name for each in kind.assignable_roles]
            world.record_membership(resource.id, who, random.choice(names))


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with a project, an app in it, an app beside it, and a payment method of Carl's."""
    acme.register_people("carl", "devi", "bo", "sam")
    make(acme, "project", "Website", within="acme")
    make(acme, "app", "Shop", within="website")
    make(acme, "app", "Blog", within="acme")
    make(acme, "payment", "Carl's card", by="carl")
    return acme


def paths(
    world: Scenario, who: str, what: str, capability: str, by: str = "ada"
) -> list[str]:
    """Return every path as the reader sees it: role@slug > role@slug, without the slugs they may not view."""
    found = world.bus.query(
        ExplainAccess(world.caller_for(by), world.account_of(who), what, capability),
        world.at,
    )
    return [
        " > ".join(f"{s.role}@{s.resource.slug}" for s in path.steps)
        for path in found.paths
    ]


def can(world: Scenario, who: str, what: str) -> set[str]:
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        resource = facts.resources.find_resource_by_id_or_slug(what)
    assert resource
    return {c for c in CAPABILITIES if world.has_capability(who, c, resource.id)}


@pytest.mark.rule("ROL-01")
@pytest.mark.rule("ROL-03")
def test_an_owner_of_the_company_is_admin_of_all_that_stands_in_it_at_once(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "owner")
    late = make(agency, "app", "Late", within="website")
    assert {"edit", "delete", "scale", "code"} <= can(agency, "carl", "shop") & can(
        agency, "carl", late
    )
    assert paths(agency, "carl", "shop", "code") == [
        "owner@acme > owner@website > admin@shop"
    ]


@pytest.mark.rule("ROL-01")
def test_a_decision_is_the_union_of_all_roles(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "blog")
    agency.add_member("devi", "accountant", "acme")
    assert can(agency, "devi", "acme") == {"view", "invoices"}
    assert can(agency, "devi", "blog") == {"view", "configure", "code"}
    assert can(agency, "devi", "shop") == set()


@pytest.mark.rule("ROL-02")
def test_why_names_every_path_and_says_when_there_is_none(agency: Scenario) -> None:
    agency.add_member("devi", "member", "website")
    agency.add_member("devi", "developer", "shop")
    assert paths(agency, "devi", "shop", "code") == [
        "developer@shop",
        "member@website > developer@shop",
    ]
    assert paths(agency, "devi", "shop", "delete") == []
    assert paths(agency, "devi", "acme", "view") == [
        "member@website > collaborator@acme",
        "developer@shop > collaborator@acme",
    ]


@pytest.mark.rule("ROL-02")
def test_a_role_is_not_explained_by_what_follows_from_it(agency: Scenario) -> None:
    agency.create_resource("payment", "Card", within="acme")
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "shop", "card"))
    assert paths(agency, "ada", "acme", "view") == ["owner@acme"]


@pytest.mark.rule("ROL-01")
@pytest.mark.rule("ROL-02")
@pytest.mark.parametrize("seed", range(6))
def test_no_path_passes_through_what_it_explains(agency: Scenario, seed: int) -> None:
    add_random_roles(agency, Random(seed))
    with agency.database.unit_of_work_factory.read(agency.workspace) as unit:
        context = agency.bus.context(unit, agency.at)
        for who, what, capability in product(PEOPLE, PLACES, CAPABILITIES):
            person = unit.people.find_person_by_account(agency.account_of(who))
            resource = unit.resources.find_resource_by_id_or_slug(what)
            assert person
            assert resource
            roles = authorization.list_effective_roles(context, person.id, resource)
            found = list(authorization.expand(context, person.id, capability, resource))
            names = context.roles[resource.kind].list_roles_with_capability(capability)
            assert bool(found) == any(each.role in names for each in roles)
            for each in found:
                ids = [step.resource for step in each.path]
                assert len(ids) == len(set(ids)), each.path


@pytest.mark.rule("ROL-02")
def test_who_lists_everybody_who_can_with_a_path(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("carl", "admin")
    found = agency.bus.query(
        ListUsersWithCapability(agency.caller_for("ada"), "shop", "code"), agency.at
    )
    assert {(p.person.user, p.steps[0].resource.slug) for p in found.paths} == {
        ("UADA", "acme"),
        ("UCARL", "acme"),
        ("UDEVI", "shop"),
    }
    assert found.total == 3


@pytest.mark.rule("ROL-02")
def test_a_capability_that_is_none_is_named_with_those_there_are(
    agency: Scenario,
) -> None:
    with pytest.raises(errors.UnknownCapability):
        agency.bus.query(
            ListUsersWithCapability(agency.caller_for("ada"), "shop", "fly"), agency.at
        )


@pytest.mark.rule("ROL-04")
def test_a_disabled_project_and_all_in_it_says_no_but_to_view_disable_and_delete(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.execute(DisableResource(agency.caller_for("ada"), "website"))
    assert can(agency, "ada", "website") == {"view", "disable", "delete"}
    assert can(agency, "ada", "shop") == {"view", "delete"}
    assert can(agency, "devi", "shop") == {"view"}
    assert can(agency, "ada", "blog") > {"view", "code"}
    with pytest.raises(errors.IsDisabled):
        agency.send_invitation("carl", "developer", "shop")
    agency.execute(EnableResource(agency.caller_for("ada"), "website"))
    assert "code" in can(agency, "devi", "shop")


@pytest.mark.rule("ROL-04")
@pytest.mark.rule("INV-04")
def test_nobody_joins_what_was_disabled_meanwhile(agency: Scenario) -> None:
    invitation = agency.send_invitation("devi", "developer", "shop")
    agency.execute(DisableResource(agency.caller_for("ada"), "website"))
    with pytest.raises(errors.InviterLostRight):
        agency.accept_invitation("devi", invitation)


@pytest.mark.rule("ROL-06")
def test_a_person_invited_holds_nothing_yet(agency: Scenario) -> None:
    agency.send_invitation("devi", "admin", "shop")
    assert can(agency, "devi", "shop") == can(agency, "devi", "acme") == set()


@pytest.mark.rule("ROL-07")
def test_one_direct_role_at_a_time(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("devi", "admin", "shop")
    assert paths(agency, "devi", "shop", "code") == ["admin@shop"]


@pytest.mark.rule("ROL-08")
def test_an_expired_deactivated_or_removed_person_passes_nothing_from_that_moment_on(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop", term=Term(timedelta(days=1)))
    agency.add_member("carl", "admin")
    agency.add_member("bo", "developer", "shop")
    agency.at += timedelta(days=1)
    agency.read_profile("carl", active=False)
    agency.remove_member("bo", what="shop")
    assert [can(agency, who, "shop") for who in ("devi", "carl", "bo")] == [
        set(),
        set(),
        set(),
    ]


@pytest.mark.rule("RES-01")
def test_what_stands_in_nothing_belongs_to_its_maker_by_kind(agency: Scenario) -> None:
    roles = {}
    for kind in ("company", "project", "app", "database", "payment", "team"):
        outcome = agency.execute(
            CreateResource(agency.caller_for("sam"), kind, f"Sam's {kind}")
        )
        roles[kind] = outcome.get_event(MemberJoined).role
    assert roles == {
        "company": "owner",
        "project": "owner",
        "app": "admin",
        "database": "admin",
        "payment": "holder",
        "team": "unlimited",
    }


@pytest.mark.rule("RES-01")
def test_creating_inside_needs_create_there_and_a_place_that_takes_it(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "member", "website")
    with pytest.raises(errors.MayNot):
        make(agency, "app", "Sneaky", by="devi", within="website")
    with pytest.raises(errors.DoesNotStandIn):
        make(agency, "team", "Team", within="acme")
    assert make(agency, "database", "Orders", within="website") == "orders"


@pytest.mark.rule("RES-03")
def test_renaming_and_describing_keep_the_slug_and_what_was_before(
    agency: Scenario,
) -> None:
    agency.execute(RenameResource(agency.caller_for("ada"), "shop", "Boutique"))
    agency.execute(DescribeResource(agency.caller_for("ada"), "shop", "Sells things"))
    found = agency.bus.query(ShowResource(agency.caller_for("ada"), "shop"), agency.at)
    assert (found.resource.title, found.resource.slug, found.resource.about) == (
        "Boutique",
        "shop",
        "Sells things",
    )
    assert found.parent is not None
    assert found.parent.slug == "website"
    shown = agency.list_events("shop", "ada")
    assert [asdict(line.recorded.event)["before"] for line in shown[:2]] == [
        None,
        "Shop",
    ]
    agency.add_member("devi", "developer", "shop")
    with pytest.raises(errors.MayNot):
        agency.execute(RenameResource(agency.caller_for("devi"), "shop", "Mine"))


@pytest.mark.rule("RES-03")
def test_moving_needs_delete_here_and_create_there(agency: Scenario) -> None:
    agency.add_member("carl", "admin")
    agency.add_member("devi", "manager", "shop")
    other = make(agency, "company", "Other", by="devi")
    with pytest.raises(errors.MayNot):
        agency.execute(MoveResource(agency.caller_for("devi"), "shop", other))
    with pytest.raises(errors.UnknownResource):
        agency.execute(MoveResource(agency.caller_for("carl"), "shop", other))
    agency.execute(MoveResource(agency.caller_for("carl"), "shop", "acme"))
    assert paths(agency, "ada", "shop", "code") == ["owner@acme > admin@shop"]


@pytest.mark.rule("RES-03")
def test_a_project_migrates_to_another_company_by_its_owner_alone(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "administrator", "website")
    other = make(agency, "company", "Other", by="carl")
    with pytest.raises(errors.MayNot):
        agency.execute(MoveResource(agency.caller_for("carl"), "website", other))


@pytest.mark.rule("RES-04")
def test_deleting_takes_along_what_is_inside_and_asks_for_the_name(
    agency: Scenario,
) -> None:
    invitation = agency.send_invitation("devi", "developer", "shop")
    with pytest.raises(errors.TypeItsName) as asked:
        agency.execute(DeleteResource(agency.caller_for("ada"), "acme"))
    assert asked.value.inside == 3
    agency.execute(DeleteResource(agency.caller_for("ada"), "acme", "ACME"))
    gone = [e.title for e in agency.events_of_type(ResourceDeleted)]
    assert sorted(gone) == ["Acme", "Blog", "Shop", "Website"]
    assert gone[-1] == "Acme"
    assert gone.index("Shop") < gone.index("Website")
    assert agency.get_invitation(invitation).state == "revoked"
    with pytest.raises(errors.UnknownResource):
        agency.list_events("acme")


@pytest.mark.rule("RES-02")
def test_an_app_is_a_trial_until_something_pays_and_its_payer_gains_control_without_code(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "admin", "shop")
    agency.execute(SetPaymentMethod(agency.caller_for("carl"), "shop", "carl-s-card"))
    agency.execute(LeaveResource(agency.caller_for("carl"), "shop"))
    assert can(agency, "carl", "shop") == {"view", "edit", "delete"}
    assert paths(agency, "carl", "shop", "edit", by="carl") == [
        "holder@carl-s-card > payer@shop"
    ]
    assert paths(agency, "carl", "shop", "edit", by="ada") == ["holder@ > payer@shop"]
    way = ["holder@carl-s-card > payer@shop > collaborator@acme"]
    assert paths(agency, "carl", "acme", "view", by="carl") == way


@pytest.mark.rule("RES-02")
def test_only_who_controls_both_attaches_a_payer(agency: Scenario) -> None:
    with pytest.raises(errors.UnknownResource):
        agency.execute(
            SetPaymentMethod(agency.caller_for("ada"), "shop", "carl-s-card")
        )
    agency.add_member("devi", "developer", "shop")
    mine = make(agency, "payment", "Mine", by="devi")
    with pytest.raises(errors.MayNot):
        agency.execute(SetPaymentMethod(agency.caller_for("devi"), "shop", mine))


@pytest.mark.rule("MEM-04")
@pytest.mark.rule("MEM-08")
def test_an_app_that_stands_in_nothing_keeps_an_admin_or_a_payer(
    world: Scenario,
) -> None:
    world.register_people("ada")
    make(world, "app", "Lonely")
    with pytest.raises(errors.LastHolder):
        world.leave_resource("ada", "lonely")
    make(world, "payment", "Card")
    world.execute(SetPaymentMethod(world.caller_for("ada"), "lonely", "card"))
    world.leave_resource("ada", "lonely")
    with pytest.raises(errors.LastHolder):
        world.execute(SetPaymentMethod(world.caller_for("ada"), "lonely", None))


@pytest.mark.rule("MEM-02")
def test_a_collaborator_is_promoted_and_a_demoted_admin_keeps_the_chosen_apps(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.execute(
        ChangeRole(agency.caller_for("ada"), agency.account_of("devi"), "admin", "acme")
    )
    assert can(agency, "devi", "blog") > {"code"}
    agency.execute(
        ChangeRole(
            agency.caller_for("ada"),
            agency.account_of("devi"),
            "collaborator",
            "acme",
            keep=("blog",),
        )
    )
    assert paths(agency, "devi", "blog", "code") == ["admin@blog"]
    assert can(agency, "devi", "acme") == {"view"}
    assert agency.events_of_type(MemberRoleChanged)[-1].before == "admin"


@pytest.mark.rule("ROL-05")
def test_going_down_to_an_implied_role_gives_nothing_that_does_not_follow(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "manager", "shop")
    agency.add_member("devi", "developer", "shop")
    with pytest.raises(errors.NothingFollows):
        agency.execute(
            ChangeRole(
                agency.caller_for("carl"), agency.account_of("devi"), "payer", "shop"
            )
        )
    agency.add_member("sam", "admin")
    with pytest.raises(errors.NothingFollows):
        agency.execute(
            ChangeRole(
                agency.caller_for("ada"),
                agency.account_of("sam"),
                "collaborator",
                "acme",
            )
        )
    assert can(agency, "devi", "shop") == {"view", "configure", "code"}


@pytest.mark.rule("MEM-02")
def test_a_demoted_collaborator_is_one_only_as_long_as_something_follows(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "admin")
    agency.execute(
        ChangeRole(
            agency.caller_for("ada"),
            agency.account_of("devi"),
            "collaborator",
            "acme",
            keep=("blog",),
        )
    )
    agency.leave_resource("devi", "blog")
    assert can(agency, "devi", "acme") == set()


@pytest.mark.rule("RES-04")
def test_everybody_who_loses_something_by_a_deletion_hears_of_it_once(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.take_outbox()
    agency.execute(DeleteResource(agency.caller_for("ada"), "website", "Website"))
    assert [(t, m) for t, m in agency.take_outbox() if m == "resource_deleted"] == [
        ("devi", "resource_deleted")
    ]


@pytest.mark.rule("RES-04")
def test_deleting_a_payment_method_is_recorded_on_what_it_paid_for(
    agency: Scenario,
) -> None:
    make(agency, "payment", "Card")
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "shop", "card"))
    agency.execute(DeleteResource(agency.caller_for("ada"), "card"))
    assert agency.events_of_type(PayerChanged)[-1].payer is None
    assert (
        agency.bus.query(
            ShowResource(agency.caller_for("ada"), "shop"), agency.at
        ).payer
        is None
    )


@pytest.mark.rule("MEM-02")
def test_a_role_change_is_no_way_around_consent(agency: Scenario) -> None:
    with pytest.raises(errors.NotAMember):
        agency.execute(
            ChangeRole(
                agency.caller_for("ada"), agency.account_of("bo"), "admin", "acme"
            )
        )


@pytest.mark.rule("MEM-03")
def test_a_role_change_counts_at_once_and_the_person_is_notified(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.take_outbox()
    agency.execute(
        ChangeRole(
            agency.caller_for("ada"), agency.account_of("devi"), "manager", "shop"
        )
    )
    assert agency.roles_by_name("shop")["devi"] == "manager"
    assert ("devi", "member_role_changed") in agency.take_outbox()


@pytest.mark.rule("MEM-06")
def test_being_removed_ends_every_role_inside_and_the_invitations_sent_in_their_right(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "admin")
    agency.add_member("devi", "manager", "shop")
    sent = agency.send_invitation("bo", "developer", "shop", by="devi")
    agency.take_outbox()
    agency.remove_member("devi")
    assert can(agency, "devi", "shop") == can(agency, "devi", "acme") == set()
    assert agency.get_invitation(sent).state == "revoked"
    assert [
        (e.role, e.within is None) for e in agency.events_of_type(MemberRemoved)
    ] == [("admin", True), ("manager", False)]
    assert [m for t, m in agency.take_outbox() if t == "devi"].count(
        "member_removed"
    ) == 1


@pytest.mark.rule("MEM-06")
def test_a_collaborator_leaves_a_company_by_leaving_all_in_it(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.leave_resource("devi", "acme")
    assert [
        (e.role, e.within is not None) for e in agency.events_of_type(MemberLeft)
    ] == [
        ("collaborator", False),
        ("developer", True),
    ]
    assert can(agency, "devi", "shop") == set()


@pytest.mark.rule("INV-09")
def test_an_invitation_that_another_role_authorizes_stays(agency: Scenario) -> None:
    agency.add_member("devi", "owner")
    agency.add_member("devi", "admin", "shop")
    sent = agency.send_invitation("bo", "developer", "shop", by="devi")
    agency.leave_resource("devi", "shop")
    assert agency.get_invitation(sent).state == "pending"


def test_members_show_direct_and_implied_ones_with_where_they_come_from(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    found = agency.bus.query(ListMembers(agency.caller_for("ada"), "shop"), agency.at)
    assert [
        (m.person.user, m.role, m.through and m.through.slug) for m in found.members
    ] == [
        ("UADA", "admin", "acme"),
        ("UDEVI", "developer", None),
    ]


def test_mine_lists_what_i_hold_and_what_follows(agency: Scenario) -> None:
    agency.add_member("devi", "member", "website")
    found = agency.bus.query(ListMyResources(agency.caller_for("devi")), agency.at)
    assert {(b.resource.slug, b.role, b.direct) for b in found.belongings} == {
        ("website", "member", True),
        ("acme", "collaborator", False),
        ("shop", "developer", False),
    }


def test_a_channel_of_the_company_hears_of_what_happens_inside(
    agency: Scenario,
) -> None:
    agency.link_channel()
    agency.take_outbox()
    agency.add_member("devi", "developer", "shop")
    assert ("channel:CACME", "member_joined") in agency.take_outbox()
