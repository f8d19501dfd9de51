"""The resources and roles to which a person may invite others (ROL-05)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from collab import accessible_resources, authorization, errors
from collab.assignable_roles import ListAssignableResources, ListCommonRoles
from collab.billing.payment_methods import SetPaymentMethod
from collab.resource_pickers import MAX_OPTIONS
from collab.resources import CreateResource, DisableResource
from collab.roles import CAPABILITIES
from collab.teams import AssignToMember, ShareWithTeam
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with a project, apps, a payment method, a team that shares one, and people in all of it."""
    acme.register_people("bo", "carl", "devi")
    acme.create_resource("project", "Website", "acme")
    acme.create_resource("app", "Shop", "website")
    acme.create_resource("app", "Blog", "acme")
    acme.create_resource("app", "Old", "acme")
    acme.create_resource("payment", "Card", "acme")
    acme.create_resource("team", "Crew")
    acme.execute(SetPaymentMethod(acme.caller_for("ada"), "blog", "card"))
    acme.execute(ShareWithTeam(acme.caller_for("ada"), "blog", "crew", "manager"))
    acme.execute(ShareWithTeam(acme.caller_for("ada"), "shop", "crew", "developer"))
    acme.add_member("bo", "administrator", "website")
    acme.add_member("carl", "unlimited", "crew")
    acme.add_member("devi", "limited", "crew")
    acme.execute(
        AssignToMember(acme.caller_for("ada"), acme.account_of("devi"), "blog", "crew")
    )
    acme.add_member("devi", "holder", "card")
    return acme


def ask(world: Scenario, question: Any) -> Any:
    return world.bus.query(question, world.at)


def listed(world: Scenario, by: str, typed: str = "") -> dict[str, tuple[str, ...]]:
    slugs = [
        found.resource.slug
        for found in ask(world, ListAssignableResources(world.caller_for(by), typed))
    ]
    return {
        slug: tuple(ask(world, ListCommonRoles(world.caller_for(by), (slug,))).roles)
        for slug in slugs
    }


@pytest.mark.rule("ROL-05")
@pytest.mark.parametrize("who", ["ada", "bo", "carl", "devi"])
@pytest.mark.parametrize("disabled", [False, True])
def test_the_list_says_what_the_decision_says(
    agency: Scenario, who: str, disabled: bool
) -> None:
    if disabled:
        agency.execute(DisableResource(agency.caller_for("ada"), "website"))
    with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
        case = agency.bus.context(facts, agency.at)
        person = facts.people.find_person_by_account(agency.account_of(who))
        assert person is not None
        reached = accessible_resources.load_reachable_graph(
            case, person.id
        ).resources.values()
        decided = {
            r.slug: grants
            for r in reached
            if (grants := authorization.list_assignable_roles(case, person.id, r))
        }
    assert decided or disabled
    assert listed(agency, who) == decided


def test_it_is_ordered_and_found_by_name_or_short_name(agency: Scenario) -> None:
    assert list(listed(agency, "ada")) == [
        "acme",
        "blog",
        "card",
        "old",
        "website",
        "shop",
        "crew",
    ]
    assert list(listed(agency, "ada", "  SHO ")) == ["shop"]
    assert list(listed(agency, "ada", "nothing")) == []


def test_it_stands_in_the_outermost_that_the_asker_may_see(agency: Scenario) -> None:
    def outer(by: str) -> dict[str, str | None]:
        found = ask(agency, ListAssignableResources(agency.caller_for(by)))
        return {
            g.resource.slug: g.outermost.slug if g.outermost else None for g in found
        }

    everything = dict.fromkeys(
        ["acme", "blog", "card", "old", "website", "shop"], "acme"
    )
    assert outer("ada") == {**everything, "crew": None}
    agency.register_people("eve")
    agency.create_resource("payment", "Purse", "acme")
    agency.add_member("eve", "holder", "purse")
    assert outer("eve") == {"purse": None}


@pytest.mark.rule("INV-01")
def test_several_have_the_roles_of_all_and_a_thing_that_goes_alone_has_none_with_others(
    agency: Scenario,
) -> None:
    def roles(by: str, *what: str) -> list[str]:
        return list(ask(agency, ListCommonRoles(agency.caller_for(by), what)).roles)

    assert roles("ada", "shop", "blog") == ["admin", "manager", "developer"]
    assert roles("carl", "blog") == ["developer"]
    assert roles("ada", "acme") == ["owner", "admin", "accountant"]
    assert roles("ada", "acme", "shop") == []
    assert roles("bo", "website") == ["administrator", "member"]
    assert roles("carl") == ["developer", "unlimited", "limited"]
    assert ask(agency, ListCommonRoles(agency.caller_for("ada"), ("shop",))).roles[
        "manager"
    ] == (
        "view",
        "configure",
        "code",
        "bring:developer",
    )
    with pytest.raises(errors.UnknownResource):
        roles("carl", "card")


def test_a_hundred_things_take_as_many_queries_as_a_few(agency: Scenario) -> None:
    counted: list[str] = []
    event.listen(
        agency.database.engine,
        "before_cursor_execute",
        lambda *arguments: counted.append(arguments[2]),
    )

    def queries() -> int:
        counted.clear()
        ask(agency, ListAssignableResources(agency.caller_for("ada")))
        return len(counted)

    few = queries()
    for number in range(MAX_OPTIONS):
        agency.execute(
            CreateResource(agency.caller_for("ada"), "app", f"App {number}", "acme")
        )
    assert queries() == few
    assert len(listed(agency, "ada")) == MAX_OPTIONS


def test_the_window_that_invites_asks_little_however_much_there_is(
    acme: Scenario,
) -> None:
    for n in range(60):
        acme.create_resource("app", f"App {n}", "acme")
    statements: list[str] = []
    event.listen(
        acme.database.engine,
        "before_cursor_execute",
        lambda *said: statements.append(said[2]),
    )
    assert ask(acme, ListCommonRoles(acme.caller_for("ada"), ())).roles
    assert ask(acme, ListCommonRoles(acme.caller_for("ada"), ("app-7",))).roles
    assert len(statements) < 40


@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("capability", CAPABILITIES)
def test_what_a_person_is_capable_of_is_what_each_question_says(
    agency: Scenario, capability: str
) -> None:
    agency.execute(DisableResource(agency.caller_for("ada"), "website"))
    for who in ("ada", "bo", "carl", "devi"):
        with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
            case = agency.bus.context(facts, agency.at)
            person = agency.person_id_of(who)
            seen = accessible_resources.list_visible_resources(case, person)
            assert accessible_resources.list_resource_ids_with_capability(
                case, person, capability
            ) == {
                r.id for r in seen if authorization.check(case, person, capability, r)
            }
