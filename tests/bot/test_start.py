"""What is imported at the start, and what only when it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.doctor import SCOPE_PURPOSES
from bot.playground.manifest import load_manifest
from bot.slack.scopes import OPTIONAL_SCOPES, REQUIRED_SCOPES

SLOW_LIBRARIES = (
    "alembic apscheduler babel bot.playground flask granian hypothesis playwright"
    " psycopg requests rich sqlalchemy.dialects.postgresql sqlalchemy.orm yaml"
).split()


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("bot.cli", [*SLOW_LIBRARIES, "slack_bolt", "slack_sdk", "sqlalchemy"]),
        ("bot.server", SLOW_LIBRARIES),
        ("bot.slack.socket_mode", SLOW_LIBRARIES),
        ("bot.web.app", SLOW_LIBRARIES),
        ("bot.doctor", SLOW_LIBRARIES),
    ],
)
def test_a_module_does_not_import_slow_libraries(
    module: str, unwanted: list[str]
) -> None:
    program = f"import sys, {module}\nprint(*sys.modules)"
    result = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, check=True
    )
    assert module in result.stdout.split()
    assert not set(unwanted) & set(result.stdout.split())


def test_the_scopes_are_those_of_the_manifest() -> None:
    manifest = load_manifest()
    assert manifest.required_scopes == REQUIRED_SCOPES
    assert manifest.optional_scopes == OPTIONAL_SCOPES == set(SCOPE_PURPOSES)
