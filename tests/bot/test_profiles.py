"""In which language somebody is answered: by their profile, or by the playground's Slack, well or not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from bot import profiles
from bot.identity import profile_from
from bot.playground.faults import Faults
from bot.playground.server import Playground
from bot.profiles import Profiles
from bot.slack import Slack, web_client
from collab.people import Account, Caller
from tests.support.app_harness import traffic_file
from tests.support.builders import World


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(record=traffic_file()) as running:
        running.change_person("lena", locale="de-DE")
        yield running


@pytest.fixture
def known(acme: World, playground: Playground) -> Profiles:
    return Profiles(acme.collab, Slack(web_client(playground.bot_token, f"{playground.url}/api/")), lambda: acme.at)


def lena(world: World) -> Caller:
    """Lena in a world whose profiles the playground does not tell."""
    return Caller(world.workspace, Account(world.workspace, "ULENA"), "command")


def profile(world: World, locale: str | None) -> None:
    """Lena's profile is read."""
    world.do(profile_from(Caller(world.workspace, None, "slack"), {"id": "ULENA", "name": "lena", "locale": locale}))


def test_slack_says_which_language_somebody_has_chosen_before_their_profile_is_read(
    known: Profiles, acme: World
) -> None:
    assert known.locale(lena(acme)) == "de-DE"
    acme.invite("lena")
    assert known.locale(lena(acme)) == "de-DE"


def test_whose_profile_was_read_is_not_asked_for(known: Profiles, acme: World, playground: Playground) -> None:
    profile(acme, "fr-FR")
    assert known.locale(lena(acme)) == "fr-FR"
    assert not [call for call in playground.traffic if "users.info" in call["summary"]]


def test_nobody_speaks_nothing(known: Profiles, acme: World) -> None:
    assert known.locale(Caller(acme.workspace, None, "event")) is None


@pytest.mark.parametrize("locale", ["fr-FR", None])
def test_a_profile_is_remembered_for_a_while(
    known: Profiles, acme: World, monkeypatch: pytest.MonkeyPatch, locale: str | None
) -> None:
    asked: list[str] = []
    profile(acme, locale)
    event.listen(acme.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert [known.locale(lena(acme)) for _ in range(3)] == [locale] * 3
    assert len([said for said in asked if "people.account" in said]) == 1
    profile(acme, "de-AT")
    assert known.locale(lena(acme)) == locale
    monkeypatch.setattr(profiles, "KEPT", 0.0)
    assert known.locale(lena(acme)) == "de-AT"


def test_no_more_are_remembered_than_there_is_room_for(
    known: Profiles, acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MOST", 1)
    profile(acme, "fr-FR")
    for caller in (acme.by("ada"), lena(acme), acme.by("ada")):
        known.locale(caller)
    assert len(known._known) == 1


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
    known: Profiles, acme: World, playground: Playground, fault: Callable[[Faults], object]
) -> None:
    fault(playground.faults)
    assert known.locale(lena(acme)) is None


@pytest.mark.parametrize("answer", [{}, {"user": None}, {"user": []}, {"user": {"locale": 7}}, {"user": {}}])
def test_an_answer_of_another_shape_says_nothing(acme: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    slack = Slack(web_client("xoxb-test", "http://127.0.0.1:9/api/"))
    monkeypatch.setattr(slack, "call", lambda *_, **__: answer)
    assert Profiles(acme.collab, slack, lambda: acme.at).locale(lena(acme)) is None


def test_a_slack_that_is_slow_is_not_waited_for(
    known: Profiles, acme: World, playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "PATIENCE", 0.1)
    playground.faults.timeout_before("users.info", seconds=3)
    begun = time.monotonic()
    assert known.locale(lena(acme)) is None
    assert time.monotonic() - begun < 1
