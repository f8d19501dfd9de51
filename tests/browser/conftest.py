"""One Chromium for all browser tests, and an app in its own playground for each."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.playground_page import (
    CHROMIUM_NAMES,
    TIMEOUT_MILLISECONDS,
    PlaygroundPage,
    find_chromium_program,
    open_blank_page,
    open_playground,
    run_chromium,
)
from tests.conftest import REQUIRED
from tests.support.app_harness import AppHarness, run_app
from tests.support.replay import assert_replay_gives_state

THURSDAY = 4
FAILED = pytest.StashKey[bool]()
MISSING = (
    f"Chromium is not on this machine (none of {', '.join(CHROMIUM_NAMES)}), "
    "so no browser test runs: install it"
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test failed, for a screenshot."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Return the system's Chromium."""
    program = find_chromium_program()
    if program is None:
        if REQUIRED:
            pytest.fail(MISSING)
        with pytestconfig.pluginmanager.getplugin(
            "capturemanager"
        ).global_and_fixture_disabled():
            print(f"\n{MISSING}", file=sys.stderr)
        pytest.skip(MISSING)
    with run_chromium(program) as running:
        yield running


@pytest.fixture(scope="session")
def page(browser: Browser) -> Iterator[Page]:
    """Return the page that all tests share, as opening one takes long."""
    with open_blank_page(browser) as page:
        yield page


@pytest.fixture
def is_seeded() -> bool:
    """Return whether there is sample data; a module may override it."""
    return True


@pytest.fixture
def organisation() -> str | None:
    """Return the organisation of the workspace; None unless a module overrides it."""
    return None


@pytest.fixture
def harness(
    sqlite_url: str, is_seeded: bool, organisation: str | None
) -> Iterator[AppHarness]:
    """Return the app in Socket Mode on SQLite, on a Thursday evening in UTC.

    A weekend lies before the first reminder.
    """
    with run_app(sqlite_url, is_seeded=is_seeded, organisation=organisation) as harness:
        harness.playground.ack_timeout_seconds = TIMEOUT_MILLISECONDS / 1000
        evening = harness.playground.clock.now().replace(
            hour=20, minute=0, second=0, microsecond=0
        )
        harness.advance_time(
            seconds=(evening - harness.playground.clock.now()).total_seconds() + 86400
        )
        harness.advance_time(
            days=(THURSDAY - harness.playground.clock.now().isoweekday()) % 7
        )
        if not is_seeded:
            harness.create_seed_data()
        yield harness
        harness.drain_outbox()
        assert_replay_gives_state(harness.app.database)


@pytest.fixture
def slack_page(
    page: Page, harness: AppHarness, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[PlaygroundPage]:
    """Return the playground's page, as Ada in #acme."""
    with open_playground(page, harness.playground.url) as slack_page:
        slack_page.open_as("Ada", "#acme")
        yield slack_page
        if request.node.stash.get(FAILED, False):
            slack_page.page.screenshot(path=tmp_path / "page.png")
            print(f"The page at the failure: {tmp_path / 'page.png'}")
            print(harness.playground.describe_latest_traffic())
