"""What somebody may bring others into: the same as the decision itself says, found in a few queries."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from collab import access, refusals
from collab.billing import Pay
from collab.choosing import MOST
from collab.granting import ListGrantable, ShowGrantable
from collab.kinds import CAPABILITIES
from collab.resources import Create, Disable
from collab.teams import Assign, ShareWith
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with a project, apps, a payment method, a team that shares one, and people in all of it."""
    acme.knows("bo", "carl", "devi")
    acme.make("project", "Website", "acme")
    acme.make("app", "Shop", "website")
    acme.make("app", "Blog", "acme")
    acme.make("app", "Old", "acme")
    acme.make("payment", "Card", "acme")
    acme.make("team", "Crew")
    acme.do(Pay(acme.by("ada"), "blog", "card"))
    acme.do(ShareWith(acme.by("ada"), "blog", "crew", "manager"))
    acme.do(ShareWith(acme.by("ada"), "shop", "crew", "developer"))
    acme.member("bo", "administrator", "website")
    acme.member("carl", "unlimited", "crew")
    acme.member("devi", "limited", "crew")
    acme.do(Assign(acme.by("ada"), acme.account("devi"), "blog", "crew"))
    acme.member("devi", "holder", "card")
    return acme


def ask(world: World, question: Any) -> Any:
    return world.collab.ask(question, world.at)


def listed(world: World, by: str, typed: str = "") -> dict[str, tuple[str, ...]]:
    slugs = [found.resource.slug for found in ask(world, ListGrantable(world.by(by), typed))]
    return {slug: tuple(ask(world, ShowGrantable(world.by(by), (slug,))).roles) for slug in slugs}


@pytest.mark.rule("ROL-05")
@pytest.mark.parametrize("who", ["ada", "bo", "carl", "devi"])
@pytest.mark.parametrize("disabled", [False, True])
def test_the_list_says_what_the_decision_says(agency: World, who: str, disabled: bool) -> None:
    if disabled:
        agency.do(Disable(agency.by("ada"), "website"))
    with agency.database.units.look(agency.workspace) as facts:
        case = agency.collab.case(facts, agency.at)
        person = facts.person_by_account(agency.account(who))
        assert person is not None
        reached = access.reach_of(case, person.id).resources.values()
        decided = {r.slug: grants for r in reached if (grants := access.grantable(case, person.id, r))}
    assert decided or disabled
    assert listed(agency, who) == decided


def test_it_is_ordered_and_found_by_name_or_short_name(agency: World) -> None:
    assert list(listed(agency, "ada")) == ["acme", "blog", "card", "old", "website", "shop", "crew"]
    assert list(listed(agency, "ada", "  SHO ")) == ["shop"]
    assert list(listed(agency, "ada", "nothing")) == []


def test_it_stands_in_the_outermost_that_the_asker_may_see(agency: World) -> None:
    def outer(by: str) -> dict[str, str | None]:
        found = ask(agency, ListGrantable(agency.by(by)))
        return {g.resource.slug: g.outermost.slug if g.outermost else None for g in found}

    everything = dict.fromkeys(["acme", "blog", "card", "old", "website", "shop"], "acme")
    assert outer("ada") == {**everything, "crew": None}
    agency.knows("eve")
    agency.make("payment", "Purse", "acme")
    agency.member("eve", "holder", "purse")
    assert outer("eve") == {"purse": None}


@pytest.mark.rule("INV-01")
def test_several_have_the_roles_of_all_and_a_thing_that_goes_alone_has_none_with_others(agency: World) -> None:
    def roles(by: str, *what: str) -> list[str]:
        return list(ask(agency, ShowGrantable(agency.by(by), what)).roles)

    assert roles("ada", "shop", "blog") == ["admin", "manager", "developer"]
    assert roles("carl", "blog") == ["developer"]
    assert roles("ada", "acme") == ["owner", "admin", "accountant"]
    assert roles("ada", "acme", "shop") == []
    assert roles("bo", "website") == ["administrator", "member"]
    assert roles("carl") == ["developer", "unlimited", "limited"]
    assert ask(agency, ShowGrantable(agency.by("ada"), ("shop",))).roles["manager"] == (
        "view",
        "configure",
        "code",
        "bring:developer",
    )
    with pytest.raises(refusals.UnknownResource):
        roles("carl", "card")


def test_a_hundred_things_take_as_many_queries_as_a_few(agency: World) -> None:
    counted: list[str] = []
    event.listen(agency.database.engine, "before_cursor_execute", lambda *told: counted.append(told[2]))

    def queries() -> int:
        counted.clear()
        ask(agency, ListGrantable(agency.by("ada")))
        return len(counted)

    few = queries()
    for number in range(MOST):
        agency.do(Create(agency.by("ada"), "app", f"App {number}", "acme"))
    assert queries() == few
    assert len(listed(agency, "ada")) == MOST


def test_the_window_that_invites_asks_little_however_much_there_is(acme: World) -> None:
    for n in range(60):
        acme.make("app", f"App {n}", "acme")
    statements: list[str] = []
    event.listen(acme.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    assert ask(acme, ShowGrantable(acme.by("ada"), ())).roles
    assert ask(acme, ShowGrantable(acme.by("ada"), ("app-7",))).roles
    assert len(statements) < 40


@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("capability", CAPABILITIES)
def test_what_somebody_is_capable_of_is_what_each_question_says(agency: World, capability: str) -> None:
    agency.do(Disable(agency.by("ada"), "website"))
    for who in ("ada", "bo", "carl", "devi"):
        with agency.database.units.look(agency.workspace) as facts:
            case = agency.collab.case(facts, agency.at)
            person = agency.id_of(who)
            seen = access.visible(case, person)
            assert access.able(case, person, capability) == {
                r.id for r in seen if access.may(case, person, capability, r)
            }
