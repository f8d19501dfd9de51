"""The tour that the README shows can be played in the demo, and is recorded."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser.tour import Recorder, open_tour, play

MAX_BYTES = 1_500_000
MIN_SECONDS, MAX_SECONDS = 15, 25


def test_the_tour_is_played_and_recorded(
    browser: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    target = tmp_path / "tour.gif"
    with open_tour(browser, sqlite_url) as slack_page:
        recorder = Recorder(slack_page)
        play(slack_page, recorder)
        recorder.save(target)

    assert target.stat().st_size < MAX_BYTES
    with Image.open(target) as picture:
        frames = getattr(picture, "n_frames", 1)
        seconds = frames * picture.info["duration"] / 1000
    assert MIN_SECONDS <= seconds <= MAX_SECONDS
