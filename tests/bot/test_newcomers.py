"""The language of somebody whose profile was not read yet, from the playground's Slack, well or not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from builders import World
from stage import traffic_file

from bot import newcomers
from bot.newcomers import Newcomers
from bot.playground.faults import Faults
from bot.playground.server import Playground
from bot.slack import Slack, web_client
from collab.people import Account
from tests.bot.test_app import Face

LENA = "ULENA"


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(record=traffic_file()) as running:
        yield running


@pytest.fixture
def asked(playground: Playground) -> Newcomers:
    return Newcomers(Slack(web_client(playground.bot_token, f"{playground.url}/api/")))


def test_slack_says_which_language_somebody_has_chosen(asked: Newcomers, playground: Playground) -> None:
    playground.change_person("lena", locale="de-DE")
    assert asked.locale(playground.team_id, Account(playground.team_id, LENA)) == "de-DE"


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
    asked: Newcomers, playground: Playground, fault: Callable[[Faults], object]
) -> None:
    fault(playground.faults)
    assert asked.locale(playground.team_id, Account(playground.team_id, LENA)) is None


@pytest.mark.parametrize("answer", [{}, {"user": None}, {"user": []}, {"user": {"locale": 7}}, {"user": {}}])
def test_an_answer_of_another_shape_says_nothing(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    slack = Slack(web_client("xoxb-test", "http://127.0.0.1:9/api/"))
    monkeypatch.setattr(slack, "call", lambda *_, **__: answer)
    assert Newcomers(slack).locale("T1", Account("T1", LENA)) is None


def test_a_slack_that_is_slow_is_not_waited_for(
    asked: Newcomers, playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newcomers, "PATIENCE", 0.1)
    playground.faults.timeout_before("users.info", seconds=3)
    begun = time.monotonic()
    assert asked.locale(playground.team_id, Account(playground.team_id, LENA)) is None
    assert time.monotonic() - begun < 1


def test_only_whose_profile_was_not_read_yet_is_asked_for(acme: World) -> None:
    heard: list[str] = []

    def newcomer(_workspace: str, account: Account) -> str:
        heard.append(account.user)
        return "de-DE"

    acme.invite("carl")
    face = Face(acme, newcomer=newcomer)
    assert "kenne ich nicht" in face.types("carl", "xyzzy")["text"]
    face.happens("user_change", {"id": "UCARL", "name": "carl", "locale": "en-GB"})
    assert "kenne ich nicht" not in face.types("carl", "xyzzy")["text"]
    assert heard == ["UCARL"]
