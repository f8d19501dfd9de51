"""Play the scenes, each in its own workspace, while the album takes pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bot.playground.user_actions import change_account
from tests.gallery.album import Album
from tests.gallery.hands import Hands
from tests.gallery.scenes import SCENES
from tests.support.app_harness import AppHarness, run_app

# The languages of the gallery, and the locale that everybody's account has in each.
LOCALES = ("en", "de")
ACCOUNTS = {"en": "en-GB", "de": "de-DE"}
PLANS = {"small": {"owner": 1}, "studio": {"owner": 2, "admin": 3}}

Scene = Callable[[Hands], None]


def play(
    album: Album,
    folder: Path,
    locale: str = LOCALES[0],
    scenes: Iterable[Scene] = SCENES,
    *,
    start: bytes = b"",
    after: Callable[[], object] = lambda: None,
) -> None:
    """Play scenes.

    `start` is an empty database for each; `after` is called before a workspace stops.
    """
    for number, scene in enumerate(scenes):
        file = folder / f"{number}.sqlite3"
        if start:
            file.write_bytes(start)
        with (
            album.listening(),
            run_app(f"sqlite:///{file}", "http", plans=PLANS) as stage,
        ):
            album.begins()
            _speaks(stage, locale)
            try:
                scene(Hands(stage, album, name_of(scene)))
                stage.drain_outbox()
            finally:
                after()


def name_of(scene: Scene) -> str:
    """Return a scene's name, as given on the command line."""
    return f"{scene.__module__.rpartition('.')[2]}.{scene.__name__}"


def chosen(wanted: Sequence[str]) -> list[Scene]:
    """Return the scenes whose names begin with a given one; all by default."""
    return [
        scene
        for scene in SCENES
        if not wanted or name_of(scene).startswith(tuple(wanted))
    ]


def _speaks(stage: AppHarness, locale: str) -> None:
    """Set everybody's locale and wait until the app knows it."""
    site = stage.playground.state
    for person in site.workspace.list_humans():
        if person.locale != ACCOUNTS[locale]:
            change_account(site, person.id, {"locale": ACCOUNTS[locale]}, wait=True)
    stage.drain_outbox()
