"""What `collab check` says of a database."""

from __future__ import annotations

import pytest

from bot.config import Config
from bot.doctor import run_checks


@pytest.mark.pooled
def test_a_pooler_is_named(database_url: str) -> None:
    config = Config(
        "xoxb-12345678", api_url="http://127.0.0.1:9/api/", database_url=database_url
    )
    lines = [result.line for result in run_checks(config)]
    database = next(line for line in lines if line.startswith("database: "))
    assert database.endswith("through a pooler") == ("127.0.0.1" in database_url)
