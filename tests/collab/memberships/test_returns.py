"""Who was deactivated and returns is told once what they have and what changed (MEM-09)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab.context import Context
from collab.events import PersonReturned
from collab.memberships.commands import ChangeRole
from collab.memberships.returns import ReturnView, build_return_view
from tests.support.builders import Scenario

pytestmark = pytest.mark.rule("MEM-09")


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Carl owns the company Globex, with Bo as admin, and is a developer of Ada's Shop."""
    acme.register_people("bo", "carl", "devi")
    acme.create_resource("company", "Globex", by="carl")
    acme.add_member("bo", "admin", "globex", by="carl")
    acme.create_resource("app", "Shop", "acme")
    acme.add_member("carl", "developer", "shop")
    acme.take_outbox()
    return acme


def told(world: Scenario, who: str) -> list[str]:
    return [m for target, m in world.take_outbox() if target == who and m != "refresh"]


def view_of(world: Scenario) -> ReturnView:
    """What the last person who returned finds."""
    event = world.events_of_type(PersonReturned)[-1]
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        context: Context = world.bus.context(facts, world.at)
        return build_return_view(context, event)


def names_of(view: ReturnView) -> tuple[list[tuple[str, str]], list[tuple[str, ...]]]:
    return (
        [(resource.title, role) for resource, role in view.kept],
        [
            (
                each.resource.title,
                each.before,
                each.role or "",
                each.successor.title if each.successor else "",
            )
            for each in view.changed
        ],
    )


def test_one_message_says_what_they_still_have(agency: Scenario) -> None:
    agency.deactivate_accounts("carl")
    agency.advance_time(days=3)
    agency.take_outbox()
    agency.reactivate_account("carl")
    assert told(agency, "carl") == ["person_returned"]
    assert names_of(view_of(agency)) == (
        [("Globex", "owner"), ("Shop", "developer")],
        [],
    )


def test_who_was_chosen_meanwhile_is_named(agency: Scenario) -> None:
    agency.deactivate_accounts("carl")
    agency.choose_successor("bo", "bo", "globex")
    assert told(agency, "carl") == []
    agency.reactivate_account("carl")
    assert told(agency, "carl") == ["person_returned"]
    kept, changed = names_of(view_of(agency))
    assert kept == [("Shop", "developer")]
    assert changed == [("Globex", "owner", "owner", "Bo")]
    assert view_of(agency).changed[0].successor_role == "owner"


def test_a_lost_ownership_names_the_role_that_is_left(agency: Scenario) -> None:
    agency.create_resource("project", "Site", by="carl")
    agency.add_member("bo", "administrator", "site", by="carl")
    agency.deactivate_accounts("carl")
    agency.choose_successor("bo", "bo", "site")
    agency.reactivate_account("carl")
    assert ("Site", "owner", "administrator", "Bo") in names_of(view_of(agency))[1]


def test_a_role_that_was_changed_before_is_no_news(agency: Scenario) -> None:
    agency.execute(
        ChangeRole(
            agency.caller_for("ada"), agency.account_of("carl"), "manager", "shop"
        )
    )
    agency.advance_time(hours=1)
    agency.deactivate_accounts("carl")
    agency.reactivate_account("carl")
    assert names_of(view_of(agency))[1] == []


def test_after_thirty_days_one_message_says_that_the_roles_ended(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("carl")
    agency.choose_successor("bo", "bo", "globex")
    agency.advance_time(days=31)
    assert told(agency, "carl") == []
    agency.reactivate_account("carl")
    assert told(agency, "carl") == ["person_returned"]
    assert agency.events_of_type(PersonReturned)[-1].is_late
    assert names_of(view_of(agency)) == (
        [],
        [("Globex", "owner", "", "Bo"), ("Shop", "developer", "", "")],
    )


def test_late_before_the_clock_ended_them_it_is_one_message_too(
    agency: Scenario,
) -> None:
    agency.deactivate_accounts("carl")
    agency.choose_successor("bo", "bo", "globex")
    agency.take_outbox()
    agency.advance_time(days=29)
    agency.take_outbox()
    agency.at += timedelta(days=2)
    agency.reactivate_account("carl")
    assert told(agency, "carl") == ["person_returned"]


def test_a_person_without_roles_is_told_nothing(agency: Scenario) -> None:
    agency.deactivate_accounts("devi")
    agency.reactivate_account("devi")
    assert told(agency, "devi") == []
    assert len(agency.events_of_type(PersonReturned)) == 1


def test_a_changed_profile_is_no_return(agency: Scenario) -> None:
    agency.read_profile("carl", title="Charles")
    assert agency.events_of_type(PersonReturned) == []
    assert told(agency, "carl") == []
