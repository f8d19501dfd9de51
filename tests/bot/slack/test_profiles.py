"""Locales of callers: from their saved profile, or from Slack in time."""

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
def reader(acme: Scenario, playground: Playground) -> ProfileReader:
    return ProfileReader(
        acme.bus,
        SlackClient(build_web_client(playground.bot_token, f"{playground.url}/api/")),
        lambda: acme.at,
    )


def lena(world: Scenario) -> Caller:
    """Lena in a world whose profiles the playground does not tell."""
    return Caller(world.workspace, Account(world.workspace, "ULENA"), "command")


def save_profile(world: Scenario, locale: str | None) -> None:
    """Lena's profile is read."""
    world.execute(
        build_profile_command(
            Caller(world.workspace, None, "slack"),
            {"id": "ULENA", "name": "lena", "locale": locale},
        )
    )


def test_locale_of_a_new_caller_is_read_from_slack(
    reader: ProfileReader, acme: Scenario
) -> None:
    assert reader.find_locale(lena(acme)) == "de-DE"
    acme.send_invitation("lena")
    assert reader.find_locale(lena(acme)) == "de-DE"


def test_profile_that_is_saved_is_not_read_from_slack(
    reader: ProfileReader, acme: Scenario, playground: Playground
) -> None:
    save_profile(acme, "fr-FR")
    assert reader.find_locale(lena(acme)) == "fr-FR"
    assert not [
        call for call in playground.traffic_entries if "users.info" in call["summary"]
    ]


def test_caller_without_an_account_has_no_locale(
    reader: ProfileReader, acme: Scenario
) -> None:
    assert reader.find_locale(Caller(acme.workspace, None, "event")) is None


@pytest.mark.parametrize("locale", ["fr-FR", None])
def test_locale_is_cached_for_a_limited_time(
    reader: ProfileReader,
    acme: Scenario,
    monkeypatch: pytest.MonkeyPatch,
    locale: str | None,
) -> None:
    lookups: list[str] = []
    save_profile(acme, locale)
    event.listen(
        acme.database.engine,
        "before_cursor_execute",
        lambda *args: lookups.append(args[2]),
    )
    assert [reader.find_locale(lena(acme)) for _ in range(3)] == [locale] * 3
    assert len([locales for locales in lookups if "people.account" in locales]) == 1
    save_profile(acme, "de-AT")
    assert reader.find_locale(lena(acme)) == locale
    monkeypatch.setattr(profiles, "VALID_SECONDS", 0.0)
    assert reader.find_locale(lena(acme)) == "de-AT"


def test_cache_of_locales_is_limited(
    reader: ProfileReader, acme: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MAX_CACHED", 1)
    save_profile(acme, "fr-FR")
    for caller in (acme.caller_for("ada"), lena(acme), acme.caller_for("ada")):
        reader.find_locale(caller)
    assert len(reader._cached_locales) == 1


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
def test_failed_lookup_has_no_locale(
    reader: ProfileReader,
    acme: Scenario,
    playground: Playground,
    fault: Callable[[FaultSwitches], object],
) -> None:
    fault(playground.faults)
    assert reader.find_locale(lena(acme)) is None


@pytest.mark.parametrize(
    "answer", [{}, {"user": None}, {"user": []}, {"user": {"locale": 7}}, {"user": {}}]
)
def test_malformed_answer_has_no_locale(
    acme: Scenario, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    slack = SlackClient(build_web_client("xoxb-test", "http://127.0.0.1:9/api/"))
    monkeypatch.setattr(slack, "call_method", lambda *_, **__: answer)
    assert (
        ProfileReader(acme.bus, slack, lambda: acme.at).find_locale(lena(acme)) is None
    )


def test_slow_lookup_is_not_awaited(
    reader: ProfileReader,
    acme: Scenario,
    playground: Playground,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(profiles, "LOOKUP_SECONDS", 0.1)
    playground.faults.timeout_before("users.info", seconds=3)
    begun = time.monotonic()
    assert reader.find_locale(lena(acme)) is None
    assert time.monotonic() - begun < 1
