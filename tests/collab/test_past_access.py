"""Who and why at the end of a past day, from the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from collab import errors, past_access
from collab.access_queries import (
    AccessExplanation,
    ExplainAccess,
    ListUsersWithCapability,
    UsersWithCapability,
)
from collab.billing.payment_methods import SetPaymentMethod
from collab.memberships.commands import ChangeRole
from collab.model import Term
from collab.moves import MoveResource
from collab.past_access import build_past_context
from collab.people import UpdateProfile
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource, EnableResource
from tests.support.builders import Scenario

ASKED = ("view", "edit", "code")


def today(scenario: Scenario) -> date:
    return scenario.at.date()


def who(
    scenario: Scenario,
    what: str,
    capability: str,
    day: date | None = None,
    by: str = "ada",
) -> UsersWithCapability:
    query = ListUsersWithCapability(scenario.caller_for(by), what, capability, day=day)
    return scenario.bus.query(query, scenario.at)


def users(
    scenario: Scenario, what: str, capability: str, day: date | None = None
) -> set[str]:
    paths = who(scenario, what, capability, day).paths
    return {(path.person.user or "?").removeprefix("U").lower() for path in paths}


def why(
    scenario: Scenario,
    person: str,
    what: str,
    capability: str,
    day: date | None = None,
    by: str = "ada",
) -> AccessExplanation:
    account = scenario.account_of(person)
    query = ExplainAccess(scenario.caller_for(by), account, what, capability, day)
    return scenario.bus.query(query, scenario.at)


def path_names(explanation: AccessExplanation) -> set[tuple[tuple[str, str], ...]]:
    return {
        tuple((step.role, step.resource.slug) for step in path.steps)
        for path in explanation.paths
    }


@pytest.fixture
def studio(acme: Scenario) -> Scenario:
    """Acme with something of each kind, and people."""
    acme.register_people("bo", "carl", "devi", "eve")
    acme.create_resource("app", "Shop", within="acme")
    acme.create_resource("project", "Website", within="acme")
    acme.create_resource("payment", "Card", within="acme")
    acme.create_resource("team", "Crew")
    return acme


def live(acme: Scenario) -> list[tuple[date, dict[tuple[str, str], set[str]]]]:
    """Let things happen day by day; return what was true at the end of each."""
    by = acme.caller_for("ada")
    resources = ("acme", "shop", "website", "card", "crew")
    steps: list[Callable[[], object]] = [
        lambda: acme.add_member("bo", "admin", "acme"),
        lambda: acme.add_member(
            "carl", "developer", "shop", term=Term(timedelta(days=3))
        ),
        lambda: acme.execute(MoveResource(by, "shop", "website")),
        lambda: acme.execute(SetPaymentMethod(by, "shop", "card")),
        lambda: acme.add_member("devi", "administrator", "website"),
        lambda: acme.share_with_team("shop", "crew", "manager"),
        lambda: acme.add_member("eve", "unlimited", "crew"),
        lambda: acme.execute(DisableResource(by, "website")),
        lambda: acme.execute(EnableResource(by, "website")),
        lambda: acme.deactivate_accounts("eve"),
        lambda: acme.reactivate_account("eve"),
        lambda: acme.remove_member("bo"),
        lambda: (
            acme.remove_member("devi", what="website"),
            acme.undo_removal("ada"),
        ),
        lambda: acme.execute(
            ChangeRole(by, acme.account_of("devi"), "member", "website")
        ),
        lambda: acme.leave_resource("eve", "crew"),
        lambda: acme.execute(DeleteResource(by, "card")),
    ]
    seen = []
    for step in steps:
        step()
        seen.append(
            (
                today(acme),
                {
                    (what, capability): users(acme, what, capability)
                    for what in resources
                    for capability in ASKED
                    if what != "card" or step is not steps[-1]
                },
            )
        )
        acme.advance_time(days=1)
    return seen


@pytest.mark.rule("ASK-01")
def test_each_day_is_answered_as_it_was_then(studio: Scenario) -> None:
    acme = studio
    for day, expected in live(acme):
        for (what, capability), names in expected.items():
            if what == "card":
                continue  # it is deleted now
            found = users(acme, what, capability, day)
            assert found == names, (day, what, capability)


@pytest.mark.rule("ASK-01")
def test_today_is_answered_as_now(studio: Scenario) -> None:
    acme = studio
    live(acme)
    for what in ("acme", "shop", "website", "crew"):
        for capability in ASKED:
            now, past = (
                who(acme, what, capability),
                who(acme, what, capability, today(acme)),
            )
            assert (past.total, past.disabled) == (now.total, now.disabled)
            for person in ("ada", "bo", "carl", "devi", "eve"):
                assert path_names(
                    why(acme, person, what, capability, today(acme))
                ) == path_names(why(acme, person, what, capability))


@pytest.mark.rule("ASK-01")
def test_the_way_of_that_day_is_named(acme: Scenario) -> None:
    acme.create_resource("app", "Shop", within="acme")
    acme.add_member("bo", "admin", "acme")
    first = today(acme)
    acme.advance_time(days=1)
    acme.remove_member("bo")
    explained = why(acme, "bo", "shop", "code", first)
    assert path_names(explained) == {(("admin", "acme"), ("admin", "shop"))}
    assert (explained.day, explained.existed) == (first, True)
    assert why(acme, "bo", "shop", "code", today(acme)).paths == []


@pytest.mark.rule("ASK-01")
def test_a_day_before_the_thing_was_made_says_so(acme: Scenario) -> None:
    before = today(acme) - timedelta(days=1)
    assert not who(acme, "acme", "view", before).existed
    assert not why(acme, "ada", "acme", "view", before).existed


@pytest.mark.rule("ASK-01")
def test_a_day_to_come_is_refused(acme: Scenario) -> None:
    with pytest.raises(errors.DayToCome):
        who(acme, "acme", "view", today(acme) + timedelta(days=1))


@pytest.mark.rule("ASK-01")
def test_only_who_may_view_it_now_may_ask(acme: Scenario) -> None:
    """Whoever has gone learns nothing more, not even of their own time."""
    acme.add_member("bo", "admin", "acme")
    first = today(acme)
    acme.advance_time(days=1)
    acme.remove_member("bo")
    with pytest.raises(errors.UnknownResource):
        who(acme, "acme", "view", first, by="bo")
    with pytest.raises(errors.UnknownResource):
        why(acme, "bo", "acme", "view", first, by="bo")


@pytest.mark.rule("ASK-01")
def test_what_one_may_not_view_now_has_no_name_in_a_path(acme: Scenario) -> None:
    """Devi sees the app that was in a company of which she sees nothing."""
    acme.create_resource("app", "Shop", within="acme")
    acme.add_member("devi", "admin", "shop")
    first = today(acme)
    acme.advance_time(days=1)
    acme.execute(MoveResource(acme.caller_for("ada"), "shop", None))
    explained = why(acme, "ada", "shop", "edit", first, by="devi")
    names = [[s.resource.title for s in p.steps] for p in explained.paths]
    assert ["", "Shop"] in names


@pytest.mark.rule("ASK-01")
@pytest.mark.rule("PER-02")
def test_people_merged_since_count_as_one(acme: Scenario) -> None:
    acme.accept_invitation("eve@T2", acme.send_invitation("eve@T2", "admin", "acme"))
    first = today(acme)
    acme.advance_time(days=1)
    acme.execute(
        UpdateProfile(
            acme.system_caller("slack"),
            acme.account_of("eve"),
            "Eve",
            "eve@example.com",
            "UTC",
            "en-US",
            bot=False,
            guest=False,
            active=True,
        )
    )
    assert why(acme, "eve", "acme", "view").paths
    assert why(acme, "eve", "acme", "view", first).paths


@pytest.mark.rule("ASK-01")
def test_a_record_that_is_too_long_is_refused(
    acme: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_access, "MAX_EVENTS", 2)
    with pytest.raises(errors.RecordTooLong):
        who(acme, "acme", "view", today(acme))


def test_the_graph_of_a_person_is_the_stored_one(studio: Scenario) -> None:
    acme = studio
    live(acme)
    with acme.database.unit_of_work_factory.read(acme.workspace) as facts:
        context = acme.bus.context(facts, acme.at)
        acme_id = acme.get_resource("acme").id
        past = build_past_context(context, today(acme), acme_id)
        for name in ("ada", "devi"):
            person_id = acme.person_id_of(name)
            stored, folded = (
                each.graph.load_reachable_graph(person_id, acme.at, each.roles)
                for each in (context, past)
            )
            inside = {"acme", "shop", "website"}
            assert {
                m.resource
                for m in stored.memberships
                if stored.resources[m.resource].slug in inside
            } <= {m.resource for m in folded.memberships}
            assert set(stored.resources) <= set(folded.resources)
