"""The first words of a stranger: by any way in, and whether Slack is quick, slow or down, nothing is typed twice."""

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

SLOW = 0.6  # seconds; longer than an answer waits for a profile here


@pytest.fixture
def unmet(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppHarness]:
    """A workspace in which nobody has been met."""
    monkeypatch.setattr(profiles, "LOOKUP_SECONDS", SLOW / 2)
    with run_app(sqlite_url, is_seeded=False) as stage:
        yield stage
        stage.drain_outbox()
        assert_replay_gives_state(stage.app.database)


def known(stage: AppHarness, who: str) -> Person | None:
    with stage.app.bus.read(stage.workspace) as facts:
        return facts.people.find_person_by_account(
            Account(stage.workspace, stage.playground.get_user(who).id)
        )


def created(stage: AppHarness) -> list[str]:
    recorded = stage.app.database.event_log.export_events(stage.workspace)
    return [r.event.title for r in recorded if isinstance(r.event, ResourceCreated)]


def calls(stage: AppHarness, method: str) -> int:
    return sum(
        1
        for e in stage.playground.traffic_entries
        if e["kind"] == "call" and method in e["summary"]
    )


def by_command(stage: AppHarness) -> None:
    told = stage.ada.type_text("/collab create company Acme", channel="general")
    assert told
    assert "answer here" in told["text"]


def by_window(stage: AppHarness) -> None:
    stage.ada.type_text("/collab create company", channel="general")
    stage.wait_for_view("ada")
    told = stage.ada.submit_view({"name": "Acme"})
    assert "in Messages" in str(told["view"]["blocks"])


def sluggish(faults: FaultSwitches) -> None:
    faults.timeout_before("users.info", times=None, seconds=SLOW)


def failing(faults: FaultSwitches) -> None:
    faults.server_error("users.info", times=None)


def test_the_very_first_command_is_done_at_once(unmet: AppHarness) -> None:
    answer = unmet.run_command("ada", "/collab create company Acme")

    assert "*Acme*" in answer["text"]
    assert created(unmet) == ["Acme"]
    assert calls(unmet, "users.info") == 1
    ada = known(unmet, "ada")
    assert ada
    assert (ada.profiled, ada.admin) == (True, True)


@pytest.mark.parametrize("way", [by_command, by_window])
@pytest.mark.parametrize("trouble", [sluggish, failing])
def test_when_slack_is_slow_it_goes_on_by_itself_and_answers_later(
    unmet: AppHarness,
    way: Callable[[AppHarness], None],
    trouble: Callable[[FaultSwitches], None],
) -> None:
    trouble(unmet.playground.faults)
    way(unmet)
    assert created(unmet) == []
    unmet.playground.faults.clear()

    unmet.playground.wait_until(lambda: created(unmet) == ["Acme"])
    unmet.drain_outbox()

    answers = (
        unmet.ada.list_messages("general")
        if way is by_command
        else unmet.ada.list_direct_messages()
    )
    assert "*Acme*" in answers[-1]["text"]
    assert created(unmet) == ["Acme"]


def test_a_profile_that_slack_never_gives_is_said_and_nothing_is_created(
    unmet: AppHarness,
) -> None:
    unmet.playground.faults.error("users.info", "missing_scope", times=None)
    unmet.ada.type_text("/collab create company Acme", channel="general")
    unmet.drain_outbox()

    assert (
        "without your Slack profile" in unmet.latest_message("ada", "general")["text"]
    )
    assert created(unmet) == []


def test_a_guest_is_refused_once_the_profile_tells_that_they_are_one(
    unmet: AppHarness,
) -> None:
    unmet.playground.faults.server_error("users.info", times=1)
    unmet.sam.type_text("/collab create company Acme", channel="general")
    unmet.drain_outbox()

    assert "Guests of a workspace" in unmet.latest_message("sam", "general")["text"]
    assert created(unmet) == []


def test_the_answer_comes_as_a_direct_message_when_its_response_url_is_over(
    unmet: AppHarness,
) -> None:
    unmet.playground.faults.server_error("users.info", times=1)
    unmet.playground.faults.server_error("response_url", times=None, status=404)
    unmet.ada.type_text("/collab create company Acme", channel="general")
    unmet.drain_outbox()

    assert "*Acme*" in unmet.latest_message("ada")["text"]


def test_what_waits_for_a_profile_survives_the_end_of_the_program(
    unmet: AppHarness,
) -> None:
    unmet.app.outbox_worker.stop()
    unmet.playground.faults.server_error("users.info", times=1)
    unmet.ada.type_text("/collab create company Acme", channel="general")
    assert created(unmet) == []

    next_life = OutboxWorker(
        unmet.app.database.outbox,
        unmet.app.outbox_worker._deliveries,
        random.Random(),
        PriorityGate(),
    )
    next_life.start()
    assert next_life.drain(10)
    next_life.stop()

    assert created(unmet) == ["Acme"]
    assert "*Acme*" in unmet.latest_message("ada", "general")["text"]


def test_windows_searches_and_home_do_not_wait_for_a_profile_that_does_not_come(
    unmet: AppHarness,
) -> None:
    sluggish(unmet.playground.faults)
    unmet.ada.use_shortcut("invite")
    assert unmet.wait_for_view("ada")
    unmet.playground.faults.clear()
    unmet.bo.open_home()
    unmet.playground.wait_until(lambda: unmet.bo.home_view)
    bo = known(unmet, "bo")
    assert bo
    assert bo.profiled


@pytest.mark.rule("INV-08")
def test_an_admin_of_the_workspace_is_known_as_one_from_the_first_command_on(
    unmet: AppHarness,
) -> None:
    unmet.playground.faults.server_error("users.info", times=1)
    unmet.ada.type_text("/collab settings lifetime 14d", channel="general")
    unmet.drain_outbox()

    assert "14" in unmet.latest_message("ada", "general")["text"]
    assert "only" not in unmet.latest_message("ada", "general")["text"].lower()
