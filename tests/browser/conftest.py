"""One Chromium for all browser tests, and the real app in a playground of its own for each."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.playground_page import (
    NAMES,
    PATIENCE,
    Window,
    blank,
    chromium,
    find_chromium,
    opened,
)
from tests.conftest import REQUIRED
from tests.support.app_harness import AppHarness, run_app
from tests.support.replay import assert_replay_gives_state

THURSDAY = 4
FAILED = pytest.StashKey[bool]()
MISSING = f"Chromium is not on this machine (none of {', '.join(NAMES)}), so no browser test runs: install it"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test leaves a picture of the page."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """The system's Chromium."""
    program = find_chromium()
    if program is None:
        if REQUIRED:
            pytest.fail(MISSING)
        with pytestconfig.pluginmanager.getplugin(
            "capturemanager"
        ).global_and_fixture_disabled():
            print(f"\n{MISSING}", file=sys.stderr)
        pytest.skip(MISSING)
    with chromium(program) as running:
        yield running


@pytest.fixture(scope="session")
def page(browser: Browser) -> Iterator[Page]:
    """The page on which each test opens its own playground; a fresh page takes longer than most of what they do."""
    with blank(browser) as page:
        yield page


@pytest.fixture
def is_seeded() -> bool:
    """Whether the app knows everybody from the seed; a module may also start where it has met nobody."""
    return True


@pytest.fixture
def organisation() -> str | None:
    """The organisation that the workspace belongs to; none unless a test says so."""
    return None


@pytest.fixture
def harness(
    sqlite_url: str, is_seeded: bool, organisation: str | None
) -> Iterator[AppHarness]:
    """The app in Socket Mode on SQLite, on a Thursday evening in UTC, when a weekend lies before the first reminder."""
    with run_app(sqlite_url, is_seeded=is_seeded, organisation=organisation) as harness:
        harness.playground.ack_timeout_seconds = PATIENCE / 1000
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
def window(
    page: Page, harness: AppHarness, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Window]:
    """The playground's page, as Ada in #acme."""
    with opened(page, harness.playground.url) as window:
        window.enter("Ada", "#acme")
        yield window
        if request.node.stash.get(FAILED, False):
            window.page.screenshot(path=tmp_path / "page.png")
            print(f"The page as it stood: {tmp_path / 'page.png'}")
