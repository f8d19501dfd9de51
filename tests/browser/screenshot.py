"""The README's picture: `python -m tests.browser.screenshot docs/playground.png`."""

from __future__ import annotations

import os
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from tests.browser.playground_page import (
    NAMES,
    Window,
    blank,
    chromium,
    find_chromium,
    opened,
)
from tests.support.app_harness import AppHarness, run_app

MONDAY, FRIDAY = 1, 5
A_LOOK_AROUND = 1_500  # milliseconds until the page has asked what waits for the others
FLAT = "body { background: var(--shell) !important }"  # a gradient doubles the size of the picture
SHARP = 1.75  # pixels of the picture for one of the page
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def main(target: Path) -> None:
    """Take the picture."""
    program = find_chromium() or sys.exit(
        f"Chromium is not on this machine: install one of {', '.join(NAMES)}"
    )
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        os.environ.pop(name, None)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        run_app(f"sqlite:///{folder}/picture.sqlite3") as harness,
        chromium(program) as browser,
        blank(browser, SHARP) as page,
        opened(page, harness.playground.url) as window,
    ):
        arrange(harness, window)
        window.page.screenshot(
            path=target, style=FLAT, animations="disabled", caret="hide"
        )
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


def arrange(harness: AppHarness, window: Window) -> None:
    """Carl has an invitation behind him and one before him."""
    until_nine_in_new_york(harness, FRIDAY)
    window.enter("Ada", "#acme")
    window.asks("/collab create company Beacon")
    window.asks("/collab invite @carl admin beacon")
    window.act_as("Carl")
    window.press("Accept", window.message("invites you to Beacon"))
    window.message("You accepted")

    until_nine_in_new_york(harness, MONDAY)
    window.act_as("Ada", "#acme")
    window.asks("/collab invite @devi admin acme")
    window.asks(
        '/collab invite @carl owner acme for 90d note "The launch is yours until spring. Glad to have you."'
    )
    window.act_as("Carl")
    window.message("invites you to Acme")
    window.page.wait_for_timeout(A_LOOK_AROUND)


def until_nine_in_new_york(harness: AppHarness, weekday: int) -> None:
    """Time passes until some minutes past nine in New York on the next such day."""
    now = harness.playground.clock.now()
    day = now + timedelta(days=(weekday - now.isoweekday() - 1) % 7 + 1)
    morning = datetime.combine(day, time(9, 4), ZoneInfo("America/New_York"))
    harness.advance_time(seconds=(morning - now).total_seconds())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/playground.png"))
