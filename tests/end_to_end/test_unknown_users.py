"""Commands of unknown users are executed once, whether Slack is fast, slow or down."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from bot.delivery.outbox_worker import OutboxWorker
from bot.playground.fault_injection import FaultSwitches
from bot.priority_gate import PriorityGate
from bot.slack import profiles
from collab.events import ResourceCreated
from collab.model import Account, Person
from tests.support.app_harness import AppHarness, run_app
from tests.support.replay import assert_replay_gives_state

SLOW_SECONDS = 0.6  # seconds; longer than an answer waits for a profile here


@pytest.fixture
def empty_harness(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AppHarness]:
    """Return the app that knows nobody."""
    monkeypatch.setattr(profiles, "LOOKUP_SECONDS", SLOW_SECONDS / 2)
    with run_app(sqlite_url, is_seeded=False) as harness:
        yield harness
        harness.drain_outbox()
        assert_replay_gives_state(harness.app.database)


def find_person(harness: AppHarness, user_name: str) -> Person | None:
    with harness.app.bus.read(harness.workspace) as repositories:
        return repositories.people.find_person_by_account(
            Account(harness.workspace, harness.playground.get_user(user_name).id)
        )


def list_created_titles(harness: AppHarness) -> list[str]:
    recorded = harness.app.database.event_log.export_events(harness.workspace)
    return [
        record.event.title
        for record in recorded
        if isinstance(record.event, ResourceCreated)
    ]


def count_calls(harness: AppHarness, method: str) -> int:
    return sum(
        1
        for entry in harness.playground.traffic_entries
        if entry["kind"] == "call" and method in entry["summary"]
    )


def run_command(harness: AppHarness) -> None:
    answer = harness.ada.type_text("/collab create company Acme", channel="general")
    assert answer
    assert "answer here" in answer["text"]


def submit_form(harness: AppHarness) -> None:
    harness.ada.type_text("/collab create company", channel="general")
    harness.wait_for_view("ada")
    answer = harness.ada.submit_view({"name": "Acme"})
    assert "in Messages" in str(answer["view"]["blocks"])


def delay_profiles(faults: FaultSwitches) -> None:
    faults.timeout_before("users.info", times=None, seconds=SLOW_SECONDS)


def fail_profiles(faults: FaultSwitches) -> None:
    faults.server_error("users.info", times=None)


def test_the_first_command_of_an_unknown_user_is_executed_at_once(
    empty_harness: AppHarness,
) -> None:
    answer = empty_harness.run_command("ada", "/collab create company Acme")

    assert "*Acme*" in answer["text"]
    assert list_created_titles(empty_harness) == ["Acme"]
    assert count_calls(empty_harness, "users.info") == 1
    ada = find_person(empty_harness, "ada")
    assert ada
    assert (ada.profiled, ada.admin) == (True, True)


@pytest.mark.parametrize("run", [run_command, submit_form])
@pytest.mark.parametrize("fault", [delay_profiles, fail_profiles])
def test_a_command_is_executed_later_if_slack_is_slow_or_down(
    empty_harness: AppHarness,
    run: Callable[[AppHarness], None],
    fault: Callable[[FaultSwitches], None],
) -> None:
    fault(empty_harness.playground.faults)
    run(empty_harness)
    assert list_created_titles(empty_harness) == []
    empty_harness.playground.faults.clear()

    empty_harness.playground.wait_until(
        lambda: list_created_titles(empty_harness) == ["Acme"]
    )
    empty_harness.drain_outbox()

    answers = (
        empty_harness.ada.list_messages("general")
        if run is run_command
        else empty_harness.ada.list_direct_messages()
    )
    assert "*Acme*" in answers[-1]["text"]
    assert list_created_titles(empty_harness) == ["Acme"]


def test_a_missing_profile_is_reported_and_nothing_is_created(
    empty_harness: AppHarness,
) -> None:
    empty_harness.playground.faults.error("users.info", "missing_scope", times=None)
    empty_harness.ada.type_text("/collab create company Acme", channel="general")
    empty_harness.drain_outbox()

    assert (
        "I need your Slack profile"
        in empty_harness.latest_message("ada", "general")["text"]
    )
    assert list_created_titles(empty_harness) == []


def test_a_guest_is_rejected_once_the_profile_is_loaded(
    empty_harness: AppHarness,
) -> None:
    empty_harness.playground.faults.server_error("users.info", times=1)
    empty_harness.sam.type_text("/collab create company Acme", channel="general")
    empty_harness.drain_outbox()

    assert (
        "Guests can't create" in empty_harness.latest_message("sam", "general")["text"]
    )
    assert list_created_titles(empty_harness) == []


def test_the_answer_is_a_direct_message_if_the_response_url_expired(
    empty_harness: AppHarness,
) -> None:
    empty_harness.playground.faults.server_error("users.info", times=1)
    empty_harness.playground.faults.server_error("response_url", times=None, status=404)
    empty_harness.ada.type_text("/collab create company Acme", channel="general")
    empty_harness.drain_outbox()

    assert "*Acme*" in empty_harness.latest_message("ada")["text"]


def test_a_deferred_command_survives_a_restart(
    empty_harness: AppHarness,
) -> None:
    empty_harness.app.outbox_worker.stop()
    empty_harness.playground.faults.server_error("users.info", times=1)
    empty_harness.ada.type_text("/collab create company Acme", channel="general")
    assert list_created_titles(empty_harness) == []

    restarted_worker = OutboxWorker(
        empty_harness.app.database.outbox,
        empty_harness.app.outbox_worker._deliveries,
        random.Random(),
        PriorityGate(),
    )
    restarted_worker.start()
    assert restarted_worker.drain(10)
    restarted_worker.stop()

    assert list_created_titles(empty_harness) == ["Acme"]
    assert "*Acme*" in empty_harness.latest_message("ada", "general")["text"]


def test_forms_and_home_do_not_wait_for_a_slow_profile(
    empty_harness: AppHarness,
) -> None:
    delay_profiles(empty_harness.playground.faults)
    empty_harness.ada.use_shortcut("invite")
    assert empty_harness.wait_for_view("ada")
    empty_harness.playground.faults.clear()
    empty_harness.bo.open_home()
    empty_harness.playground.wait_until(lambda: empty_harness.bo.home_view)
    bo = find_person(empty_harness, "bo")
    assert bo
    assert bo.profiled


@pytest.mark.rule("INV-08")
def test_an_unknown_workspace_admin_has_admin_rights_from_the_first_command(
    empty_harness: AppHarness,
) -> None:
    empty_harness.playground.faults.server_error("users.info", times=1)
    empty_harness.ada.type_text("/collab settings lifetime 14d", channel="general")
    empty_harness.drain_outbox()

    assert "14" in empty_harness.latest_message("ada", "general")["text"]
    assert "only" not in empty_harness.latest_message("ada", "general")["text"].lower()
