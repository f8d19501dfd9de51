"""Faults that are injected on request."""

import time
from typing import Any

import pytest
import requests

from bot.playground.server import Playground


def post_message(
    playground: Playground, text: str, timeout: float = 5.0
) -> requests.Response:
    headers = {"Authorization": f"Bearer {playground.bot_token}"}
    data = {"channel": "C0ACME", "text": text}
    with requests.Session() as session:
        return session.post(
            f"{playground.url}/api/chat.postMessage",
            data=data,
            headers=headers,
            timeout=timeout,
        )


def list_texts(playground: Playground) -> list[str]:
    return [
        message["text"] for message in playground.get_user("ada").list_messages("acme")
    ]


def test_a_rate_limit_answers_with_retry_after(playground: Playground) -> None:
    playground.faults.rate_limit("chat.postMessage", retry_after=7)
    refusal = post_message(playground, "one")
    assert (refusal.status_code, refusal.headers["Retry-After"]) == (429, "7")
    assert refusal.json() == {"ok": False, "error": "ratelimited"}
    assert post_message(playground, "two").json()["ok"]
    assert list_texts(playground) == ["two"]


def test_errors_are_returned_the_given_number_of_times(playground: Playground) -> None:
    playground.faults.server_error(times=2, status=502)
    assert [post_message(playground, "x").status_code for _ in range(3)] == [
        502,
        502,
        200,
    ]
    playground.faults.error("chat.postMessage", "fatal_error", times=None)
    assert [post_message(playground, "x").json()["error"] for _ in range(2)] == [
        "fatal_error"
    ] * 2
    playground.faults.clear()
    assert post_message(playground, "x").json()["ok"]


@pytest.mark.parametrize(
    ("kind", "effect"), [("timeout_before", []), ("timeout_after", ["x"])]
)
def test_a_timeout_comes_before_or_after_the_effect(
    playground: Playground, kind: str, effect: list[str]
) -> None:
    playground.faults.add(kind, "chat.postMessage", seconds=30)
    with pytest.raises(requests.Timeout):
        post_message(playground, "x", timeout=0.1)
    assert list_texts(playground) == effect


def test_a_closed_connection_has_no_effect(playground: Playground) -> None:
    playground.faults.close_connection()
    with pytest.raises(requests.ConnectionError):
        post_message(playground, "x")
    assert list_texts(playground) == []


def test_an_unknown_fault_is_rejected(playground: Playground) -> None:
    with pytest.raises(ValueError, match="unknown fault flood"):
        playground.faults.add("flood")


def test_a_timeout_fault_does_not_delay_the_stop() -> None:
    playground = Playground()
    playground.start()
    playground.faults.timeout_before(seconds=60)
    with pytest.raises(requests.Timeout):
        post_message(playground, "x", timeout=0.05)
    started_at = time.monotonic()
    playground.stop()
    assert time.monotonic() - started_at < 1


def test_faults_can_be_set_from_the_page(playground: Playground) -> None:
    url = f"{playground.url}/ui/faults"

    def post_fault(**body: Any) -> requests.Response:
        with requests.Session() as session:
            return session.post(url, json=body)

    answer = post_fault(
        kind="error", method="chat.postMessage", code="fatal_error", times=1
    ).json()
    assert [fault["code"] for fault in answer["faults"]] == ["fatal_error"]
    assert post_fault(kind="flood").status_code == 400
    assert post_fault(clear=True).json()["faults"] == []
