"""What goes wrong when a switch says so."""

import time
from typing import Any

import pytest
import requests

from bot.playground.server import Playground


def post(playground: Playground, text: str, timeout: float = 5.0) -> requests.Response:
    headers = {"Authorization": f"Bearer {playground.bot_token}"}
    data = {"channel": "C0ACME", "text": text}
    with requests.Session() as session:
        return session.post(
            f"{playground.url}/api/chat.postMessage",
            data=data,
            headers=headers,
            timeout=timeout,
        )


def texts(playground: Playground) -> list[str]:
    return [
        message["text"] for message in playground.get_user("ada").list_messages("acme")
    ]


def test_a_rate_limit_says_when_to_come_back(playground: Playground) -> None:
    playground.faults.rate_limit("chat.postMessage", retry_after=7)
    refusal = post(playground, "one")
    assert (refusal.status_code, refusal.headers["Retry-After"]) == (429, "7")
    assert refusal.json() == {"ok": False, "error": "ratelimited"}
    assert post(playground, "two").json()["ok"]
    assert texts(playground) == ["two"]


def test_errors_strike_so_many_times(playground: Playground) -> None:
    playground.faults.server_error(times=2, status=502)
    assert [post(playground, "x").status_code for _ in range(3)] == [502, 502, 200]
    playground.faults.error("chat.postMessage", "fatal_error", times=None)
    assert [post(playground, "x").json()["error"] for _ in range(2)] == [
        "fatal_error"
    ] * 2
    playground.faults.clear()
    assert post(playground, "x").json()["ok"]


@pytest.mark.parametrize(
    ("kind", "effect"), [("timeout_before", []), ("timeout_after", ["x"])]
)
def test_a_hang_comes_before_or_after_the_effect(
    playground: Playground, kind: str, effect: list[str]
) -> None:
    playground.faults.add(kind, "chat.postMessage", seconds=30)
    with pytest.raises(requests.Timeout):
        post(playground, "x", timeout=0.1)
    assert texts(playground) == effect


def test_a_closed_connection(playground: Playground) -> None:
    playground.faults.close_connection()
    with pytest.raises(requests.ConnectionError):
        post(playground, "x")
    assert texts(playground) == []


def test_unknown_faults_are_named(playground: Playground) -> None:
    with pytest.raises(ValueError, match="unknown fault flood"):
        playground.faults.add("flood")


def test_a_hang_does_not_hold_up_the_end() -> None:
    playground = Playground()
    playground.start()
    playground.faults.timeout_before(seconds=60)
    with pytest.raises(requests.Timeout):
        post(playground, "x", timeout=0.05)
    before = time.monotonic()
    playground.stop()
    assert time.monotonic() - before < 1


def test_faults_are_set_from_the_page(playground: Playground) -> None:
    address = f"{playground.url}/ui/faults"

    def put(**body: Any) -> requests.Response:
        with requests.Session() as session:
            return session.post(address, json=body)

    told = put(
        kind="error", method="chat.postMessage", code="fatal_error", times=1
    ).json()
    assert [fault["code"] for fault in told["faults"]] == ["fatal_error"]
    assert put(kind="flood").status_code == 400
    assert put(clear=True).json()["faults"] == []
