"""Log lines as JSON, from the formatter and from the running app."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bot.logs import JsonFormatter, LogForm, parse_log_form
from bot.request_trace import note_verb, trace_delivery, trace_request
from collab.model import Delivery, DeliveryId, WorkspaceId
from tests.support.app_harness import run_app

log = logging.getLogger("collab.test")
DELIVERY = Delivery(
    DeliveryId(7),
    WorkspaceId("T1"),
    "person:P1",
    "invitation",
    12,
    None,
    None,
    {},
    1,
    "",
)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def read_lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_object(stream: io.StringIO) -> None:
    log.warning("two\nlines, %s", "Zoë")
    [line] = read_lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "collab.test",
        "message": "two\nlines, Zoë",
    }


def test_what_is_known_of_a_request_is_in_each_of_its_lines(
    stream: io.StringIO,
) -> None:
    with trace_request(WorkspaceId("T1")):
        log.info("before")
        note_verb("invite")
        log.info("after")
    log.info("outside")
    before, after, outside = read_lines(stream)
    assert before["request"] == after["request"]
    assert (after["workspace"], after["command"]) == ("T1", "invite")
    assert "command" not in before
    assert not {"request", "workspace", "command"} & set(outside)


def test_a_delivery_is_named_with_its_event(stream: io.StringIO) -> None:
    with trace_delivery(DELIVERY):
        log.info("sent")
    [line] = read_lines(stream)
    assert (line["workspace"], line["delivery"], line["event"]) == ("T1", 7, 12)


def test_the_text_of_an_exception_is_left_out(stream: io.StringIO) -> None:
    try:
        int("xoxb-secret")
    except ValueError:
        log.exception("failed")
    assert "xoxb" not in stream.getvalue()
    assert read_lines(stream)[0]["exception"] == "ValueError"


def test_another_form_is_rejected() -> None:
    assert parse_log_form("json") is LogForm.JSON
    with pytest.raises(ValueError, match="isn't text or json"):
        parse_log_form("xml")


@pytest.mark.slow
def test_the_running_app_names_the_work_that_failed_and_no_people(
    sqlite_url: str, stream: io.StringIO
) -> None:
    with run_app(sqlite_url) as harness:
        harness.playground.faults.error("chat.postMessage", "invalid_blocks", None)
        harness.run_command("ada", "/collab invite @carl admin acme")
        lines = read_lines(stream)
    given_up = [line for line in lines if "given up" in line["message"]]
    assert given_up
    assert given_up[0]["workspace"] == harness.workspace
    assert {"delivery", "event"} <= set(given_up[0])
    for secret in (harness.playground.bot_token, "Carl", "Ada"):
        assert secret not in stream.getvalue()
