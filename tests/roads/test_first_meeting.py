"""The first words of a stranger: by any way in, and whether Slack is quick, slow or down, nothing is typed twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot import profiles
from bot.courier import Courier
from bot.playground.faults import Faults
from bot.rush import Rush
from collab.events import ResourceCreated
from collab.people import Account, Person
from tests.support.app_harness import Stage, staged
from tests.support.replay import assert_replay_gives_state

SLOW = 0.6  # seconds; longer than an answer waits for a profile here


@pytest.fixture
def unmet(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A workspace in which nobody has been met."""
    monkeypatch.setattr(profiles, "PATIENCE", SLOW / 2)
    with staged(sqlite_url, met=False) as stage:
        yield stage
        stage.settle()
        assert_replay_gives_state(stage.house.database)


def known(stage: Stage, who: str) -> Person | None:
    with stage.house.collab.look(stage.workspace) as facts:
        return facts.person_by_account(Account(stage.workspace, stage.playground.person(who).id))


def created(stage: Stage) -> list[str]:
    recorded = stage.house.database.journal.export(stage.workspace)
    return [r.event.title for r in recorded if isinstance(r.event, ResourceCreated)]


def calls(stage: Stage, method: str) -> int:
    return sum(1 for e in stage.playground.traffic if e["kind"] == "call" and method in e["summary"])


def window(stage: Stage, who: str) -> dict[str, Any]:
    person = stage.playground.person(who)
    stage.playground.wait_until(lambda: person.view is not None)
    assert person.view is not None
    return person.view


def by_command(stage: Stage) -> None:
    told = stage.ada.types("/collab create company Acme", channel="general")
    assert told
    assert "answer here" in told["text"]


def by_window(stage: Stage) -> None:
    stage.ada.types("/collab create company", channel="general")
    window(stage, "ada")
    told = stage.ada.submits({"name": "Acme"})
    assert "in Messages" in str(told["view"]["blocks"])


def sluggish(faults: Faults) -> None:
    faults.timeout_before("users.info", times=None, seconds=SLOW)


def failing(faults: Faults) -> None:
    faults.server_error("users.info", times=None)


def test_the_very_first_command_is_done_at_once(unmet: Stage) -> None:
    answer = unmet.says("ada", "/collab create company Acme")

    assert "*Acme*" in answer["text"]
    assert created(unmet) == ["Acme"]
    assert calls(unmet, "users.info") == 1
    ada = known(unmet, "ada")
    assert ada
    assert (ada.profiled, ada.admin) == (True, True)


@pytest.mark.parametrize("way", [by_command, by_window])
@pytest.mark.parametrize("trouble", [sluggish, failing])
def test_when_slack_is_slow_it_goes_on_by_itself_and_answers_later(
    unmet: Stage, way: Callable[[Stage], None], trouble: Callable[[Faults], None]
) -> None:
    trouble(unmet.playground.faults)
    way(unmet)
    assert created(unmet) == []
    unmet.playground.faults.clear()

    unmet.playground.wait_until(lambda: created(unmet) == ["Acme"])
    unmet.settle()

    answers = unmet.ada.messages("general") if way is by_command else unmet.ada.direct_messages()
    assert "*Acme*" in answers[-1]["text"]
    assert created(unmet) == ["Acme"]


def test_a_profile_that_slack_never_gives_is_said_and_nothing_is_created(unmet: Stage) -> None:
    unmet.playground.faults.error("users.info", "missing_scope", times=None)
    unmet.ada.types("/collab create company Acme", channel="general")
    unmet.settle()

    assert "without your Slack profile" in unmet.last("ada", "general")["text"]
    assert created(unmet) == []


def test_a_guest_is_refused_once_the_profile_tells_that_they_are_one(unmet: Stage) -> None:
    unmet.playground.faults.server_error("users.info", times=1)
    unmet.sam.types("/collab create company Acme", channel="general")
    unmet.settle()

    assert "Guests of a workspace" in unmet.last("sam", "general")["text"]
    assert created(unmet) == []


def test_the_answer_comes_as_a_direct_message_when_its_response_url_is_over(unmet: Stage) -> None:
    unmet.playground.faults.server_error("users.info", times=1)
    unmet.playground.faults.server_error("response_url", times=None, status=404)
    unmet.ada.types("/collab create company Acme", channel="general")
    unmet.settle()

    assert "*Acme*" in unmet.last("ada")["text"]


def test_what_waits_for_a_profile_survives_the_end_of_the_program(unmet: Stage) -> None:
    unmet.house.courier.stop()
    unmet.playground.faults.server_error("users.info", times=1)
    unmet.ada.types("/collab create company Acme", channel="general")
    assert created(unmet) == []

    next_life = Courier(unmet.house.database.outbox, unmet.house.courier._errands, random.Random(), Rush())
    next_life.start()
    assert next_life.drain(10)
    next_life.stop()

    assert created(unmet) == ["Acme"]
    assert "*Acme*" in unmet.last("ada", "general")["text"]


def test_windows_searches_and_home_do_not_wait_for_a_profile_that_does_not_come(unmet: Stage) -> None:
    sluggish(unmet.playground.faults)
    unmet.ada.uses("invite")
    assert window(unmet, "ada")
    unmet.playground.faults.clear()
    unmet.bo.opens_home()
    unmet.playground.wait_until(lambda: unmet.bo.home)
    bo = known(unmet, "bo")
    assert bo
    assert bo.profiled


@pytest.mark.rule("INV-08")
def test_an_admin_of_the_workspace_is_known_as_one_from_the_first_command_on(unmet: Stage) -> None:
    unmet.playground.faults.server_error("users.info", times=1)
    unmet.ada.types("/collab settings lifetime 14d", channel="general")
    unmet.settle()

    assert "14" in unmet.last("ada", "general")["text"]
    assert "only" not in unmet.last("ada", "general")["text"].lower()
