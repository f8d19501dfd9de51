"""Take the README's picture: `python -m tests.browser.screenshot TARGET`."""

from __future__ import annotations

import os
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from tests.browser.playground_page import (
    CHROMIUM_NAMES,
    PlaygroundPage,
    find_chromium_program,
    open_blank_page,
    open_playground,
    run_chromium,
)
from tests.support.app_harness import AppHarness, run_app

MONDAY, FRIDAY = 1, 5
UNREAD_FETCH_MILLISECONDS = 1_500  # until the page has the others' unread counts
FLAT = "body { background: var(--shell) !important }"  # a gradient doubles the size of the picture
SHARP = 1.75  # pixels of the picture for one of the page
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def main(target: Path) -> None:
    """Take the picture."""
    program = find_chromium_program() or sys.exit(
        f"Chromium is not on this machine: install one of {', '.join(CHROMIUM_NAMES)}"
    )
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        os.environ.pop(name, None)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        run_app(f"sqlite:///{folder}/picture.sqlite3") as harness,
        run_chromium(program) as browser,
        open_blank_page(browser, SHARP) as page,
        open_playground(page, harness.playground.url) as slack_page,
    ):
        arrange(harness, slack_page)
        slack_page.page.screenshot(
            path=target, style=FLAT, animations="disabled", caret="hide"
        )
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


def arrange(harness: AppHarness, slack_page: PlaygroundPage) -> None:
    """Prepare the page: Carl has an accepted and a pending invitation."""
    until_nine_in_new_york(harness, FRIDAY)
    slack_page.open_as("Ada", "#acme")
    slack_page.run_command("/collab create company Beacon")
    slack_page.run_command("/collab invite @carl admin beacon")
    slack_page.act_as("Carl")
    slack_page.press("Accept", slack_page.message("invited you to Beacon"))
    slack_page.message("You accepted")

    until_nine_in_new_york(harness, MONDAY)
    slack_page.act_as("Ada", "#acme")
    slack_page.run_command("/collab invite @devi admin acme")
    slack_page.run_command(
        '/collab invite @carl owner acme for 90d note "The launch is yours until spring. Glad to have you."'
    )
    slack_page.act_as("Carl")
    slack_page.message("invited you to Acme")
    slack_page.page.wait_for_timeout(UNREAD_FETCH_MILLISECONDS)


def until_nine_in_new_york(harness: AppHarness, weekday: int) -> None:
    """Move the clock to shortly after nine in New York on the next such weekday."""
    now = harness.playground.clock.now()
    day = now + timedelta(days=(weekday - now.isoweekday() - 1) % 7 + 1)
    morning = datetime.combine(day, time(9, 4), ZoneInfo("America/New_York"))
    harness.advance_time(seconds=(morning - now).total_seconds())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/playground.png"))
