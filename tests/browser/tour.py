"""Record the README's animated picture: `python -m tests.browser.tour TARGET`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser

from bot.demo_history import HISTORY_LENGTH, DemoHistory
from bot.playground.tutorial import TUTORIAL_STEPS_WITH_HISTORY
from tests.browser.playground_page import (
    CHROMIUM_NAMES,
    PlaygroundPage,
    find_chromium_program,
    open_blank_page,
    open_playground,
    run_chromium,
)
from tests.browser.screenshot import FLAT, PROXIES
from tests.support.app_harness import run_app

WIDTH, HEIGHT = 960, 600  # pixels of the picture; the page is shown smaller
CAPTION_HEIGHT = 44
CAPTION_COLOR, CAPTION_TEXT_COLOR = "#1f3a5f", "#ffffff"
COLORS = 96
SETTLE_MILLISECONDS = 1_200
SECONDS_PER_FRAME = 3.0


@dataclass
class Recorder:
    """Takes pictures of a page, each with a caption."""

    slack_page: PlaygroundPage
    frames: list[Image.Image] = field(default_factory=list)

    def take(self, caption: str) -> None:
        """Take a picture of what the page shows now."""
        page = self.slack_page.page
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        content = page.screenshot(style=FLAT, animations="disabled", caret="hide")
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        picture = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        frame = Image.new("RGB", (WIDTH, HEIGHT + CAPTION_HEIGHT), CAPTION_COLOR)
        frame.paste(picture, (0, CAPTION_HEIGHT))
        font = ImageFont.load_default(size=20)
        place = (WIDTH / 2, CAPTION_HEIGHT / 2)
        ImageDraw.Draw(frame).text(
            place, caption, CAPTION_TEXT_COLOR, font=font, anchor="mm"
        )
        self.frames.append(frame)

    def save(self, target: Path) -> None:
        """Write the pictures as one animated file."""
        first, *others = (frame.quantize(COLORS) for frame in self.frames)
        first.save(
            target,
            save_all=True,
            append_images=others,
            duration=int(SECONDS_PER_FRAME * 1000),
            loop=0,
            optimize=True,
        )


def main(target: Path) -> None:
    """Play the tour in the demo's workspace and record it."""
    program = find_chromium_program() or sys.exit(
        f"Chromium is not on this machine: install one of {', '.join(CHROMIUM_NAMES)}"
    )
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        os.environ.pop(name, None)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        run_chromium(program) as browser,
        open_tour(browser, f"sqlite:///{folder}/tour.sqlite3") as slack_page,
    ):
        recorder = Recorder(slack_page)
        play(slack_page, recorder)
        recorder.save(target)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


@contextmanager
def open_tour(browser: Browser, database_url: str) -> Iterator[PlaygroundPage]:
    """Open the demo with its history in a browser."""
    with (
        run_app(database_url, starts_before=HISTORY_LENGTH) as harness,
        open_blank_page(browser) as page,
    ):
        DemoHistory(harness.app, harness.playground, harness.workspace).play()
        harness.playground.state.tutorial.steps = TUTORIAL_STEPS_WITH_HISTORY
        with open_playground(page, harness.playground.url) as slack_page:
            yield slack_page


def play(slack_page: PlaygroundPage, recorder: Recorder) -> None:
    """Invite, accept, watch the channel, ask why, and wait for a reminder."""
    slack_page.open_as("Ada", "#acme")
    slack_page.run_command("/collab invite @carl admin acme")
    recorder.take("Ada invites Carl with one line")
    slack_page.act_as("Carl")
    invitation = slack_page.message("invited you to Acme")
    recorder.take("Carl gets a message with two buttons")
    slack_page.press("Accept", invitation)
    slack_page.act_as("Ada", "#acme")
    slack_page.message("Carl joined Acme")
    recorder.take("He accepts, and the channel gets an update")
    slack_page.run_command("/collab why @carl storefront deploy")
    recorder.take("Ada asks why Carl can deploy")
    slack_page.open_home("Ada")
    recorder.take("Home shows what needs her, and her access")
    slack_page.act_as("Ada", "#acme")
    slack_page.run_command("/collab invite @devi admin acme")
    slack_page.move_clock("To the next reminder")
    slack_page.act_as("Devi")
    recorder.take("Days later, Devi gets a reminder in her morning")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/tour.gif"))
