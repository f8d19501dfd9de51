"""In which language somebody is answered: by their profile, or by the playground's Slack, well or not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from bot.playground.fault_injection import FaultSwitches
from bot.playground.server import Playground
from bot.slack import profiles
from bot.slack.client import SlackClient, build_web_client
from bot.slack.identity import build_profile_command
from bot.slack.profiles import ProfileReader
from collab.model import Account, Caller
from tests.support.app_harness import new_traffic_path
from tests.support.builders import Scenario


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(traffic_path=new_traffic_path()) as running:
        running.change_account("lena", locale="de-DE")
        yield running


@pytest.fixture
def known(acme: Scenario, playground: Playground) -> ProfileReader:
    return ProfileReader(
        acme.bus,
        SlackClient(build_web_client(playground.bot_token, f"{playground.url}/api/")),
        lambda: acme.at,
    )


def lena(world: Scenario) -> Caller:
    """Lena in a world whose profiles the playground does not tell."""
    return Caller(world.workspace, Account(world.workspace, "ULENA"), "command")


def profile(world: Scenario, locale: str | None) -> None:
    """Lena's profile is read."""
    world.execute(
        build_profile_command(
            Caller(world.workspace, None, "slack"),
            {"id": "ULENA", "name": "lena", "locale": locale},
        )
    )


def test_slack_says_which_language_somebody_has_chosen_before_their_profile_is_read(
    known: ProfileReader, acme: Scenario
) -> None:
    assert known.find_locale(lena(acme)) == "de-DE"
    acme.send_invitation("lena")
    assert known.find_locale(lena(acme)) == "de-DE"


def test_whose_profile_was_read_is_not_asked_for(
    known: ProfileReader, acme: Scenario, playground: Playground
) -> None:
    profile(acme, "fr-FR")
    assert known.find_locale(lena(acme)) == "fr-FR"
    assert not [
        call for call in playground.traffic_entries if "users.info" in call["summary"]
    ]


def test_nobody_speaks_nothing(known: ProfileReader, acme: Scenario) -> None:
    assert known.find_locale(Caller(acme.workspace, None, "event")) is None


@pytest.mark.parametrize("locale", ["fr-FR", None])
def test_a_profile_is_remembered_for_a_while(
    known: ProfileReader,
    acme: Scenario,
    monkeypatch: pytest.MonkeyPatch,
    locale: str | None,
) -> None:
    asked: list[str] = []
    profile(acme, locale)
    event.listen(
        acme.database.engine,
        "before_cursor_execute",
        lambda *told: asked.append(told[2]),
    )
    assert [known.find_locale(lena(acme)) for _ in range(3)] == [locale] * 3
    assert len([said for said in asked if "people.account" in said]) == 1
    profile(acme, "de-AT")
    assert known.find_locale(lena(acme)) == locale
    monkeypatch.setattr(profiles, "VALID_SECONDS", 0.0)
    assert known.find_locale(lena(acme)) == "de-AT"


def test_no_more_are_remembered_than_there_is_room_for(
    known: ProfileReader, acme: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MAX_CACHED", 1)
    profile(acme, "fr-FR")
    for caller in (acme.caller_for("ada"), lena(acme), acme.caller_for("ada")):
        known.find_locale(caller)
    assert len(known._cached_locales) == 1


@pytest.mark.parametrize(
    "fault",
    [
        lambda faults: faults.error("users.info", "user_not_visible"),
        lambda faults: faults.server_error("users.info"),
        lambda faults: faults.rate_limit("users.info"),
        lambda faults: faults.close_connection("users.info"),
    ],
    ids=["not_visible", "server_error", "rate_limit", "closed"],
)
def test_when_slack_does_not_say_nothing_is_known(
    known: ProfileReader,
    acme: Scenario,
    playground: Playground,
    fault: Callable[[FaultSwitches], object],
) -> None:
    fault(playground.faults)
    assert known.find_locale(lena(acme)) is None


@pytest.mark.parametrize(
    "answer", [{}, {"user": None}, {"user": []}, {"user": {"locale": 7}}, {"user": {}}]
)
def test_an_answer_of_another_shape_says_nothing(
    acme: Scenario, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    slack = SlackClient(build_web_client("xoxb-test", "http://127.0.0.1:9/api/"))
    monkeypatch.setattr(slack, "call_method", lambda *_, **__: answer)
    assert (
        ProfileReader(acme.bus, slack, lambda: acme.at).find_locale(lena(acme)) is None
    )


def test_a_slack_that_is_slow_is_not_waited_for(
    known: ProfileReader,
    acme: Scenario,
    playground: Playground,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(profiles, "LOOKUP_SECONDS", 0.1)
    playground.faults.timeout_before("users.info", seconds=3)
    begun = time.monotonic()
    assert known.find_locale(lena(acme)) is None
    assert time.monotonic() - begun < 1
