"""A few hundred mutated requests over HTTP; `make fuzz` sends many more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.fuzz.__main__ import list_defects
from tests.fuzz.mutations import request
from tests.fuzz.recording import SENT, record
from tests.fuzz.sending import send
from tests.support.app_harness import AppHarness, run_app
from tests.support.replay import assert_replay_gives_state

pytestmark = pytest.mark.slow  # starts the program

SEED = 17
REQUESTS = 300


@pytest.fixture
def stage(database_url: str) -> Iterator[AppHarness]:
    with run_app(database_url, "http") as stage:
        yield stage


def test_no_request_is_answered_with_5xx_or_not_at_all(
    stage: AppHarness, caplog: pytest.LogCaptureFixture
) -> None:
    print(f"seed {SEED}")
    recorded = record(stage.playground)
    assert {each.kind for each in recorded} == SENT
    port = urlsplit(str(stage.playground.request_url)).port
    assert port

    make = partial(request, recorded, stage.playground.signing_secret, SEED)
    outcome = send(port, range(REQUESTS), make)

    assert outcome.failures == []
    assert sum(outcome.statuses.values()) == REQUESTS
    assert outcome.statuses[200] > REQUESTS / 3
    assert outcome.statuses[400] > 0
    assert outcome.statuses[401] > 0
    assert list_defects(caplog.messages) == []
    stage.drain_outbox()
    assert_replay_gives_state(stage.app.database)
