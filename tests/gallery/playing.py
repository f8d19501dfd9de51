"""Play the scenes, each in its own workspace, and collect the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bot.playground.user_actions import change_account
from tests.gallery.pictures import PictureCollection
from tests.gallery.scene_actions import SceneActions
from tests.gallery.scenes import SCENES
from tests.support.app_harness import AppHarness, run_app

# The languages of the gallery, and the locale that everybody's account has in each.
LOCALES = ("en", "de")
ACCOUNTS = {"en": "en-GB", "de": "de-DE"}
PLANS = {"small": {"owner": 1}, "studio": {"owner": 2, "admin": 3}}

Scene = Callable[[SceneActions], None]


def play(
    pictures: PictureCollection,
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
    file = folder / "collab.sqlite3"
    for scene in scenes:
        for stale_file in folder.glob(f"{file.name}*"):
            stale_file.unlink()
        if start:
            file.write_bytes(start)
        with (
            pictures.recording_templates(),
            run_app(f"sqlite:///{file}", "http", plans=PLANS) as harness,
        ):
            pictures.start_workspace()
            _set_locale(harness, locale)
            try:
                scene(SceneActions(harness, pictures, name_of(scene)))
                harness.drain_outbox()
            finally:
                after()


def name_of(scene: Scene) -> str:
    """Return a scene's name, as given on the command line."""
    return f"{scene.__module__.rpartition('.')[2]}.{scene.__name__}"


def select_scenes(wanted: Sequence[str]) -> list[Scene]:
    """Return the scenes whose names begin with a given one; all by default."""
    return [
        scene
        for scene in SCENES
        if not wanted or name_of(scene).startswith(tuple(wanted))
    ]


def _set_locale(harness: AppHarness, locale: str) -> None:
    """Set everybody's locale and wait until the app knows it."""
    site = harness.playground.state
    for person in site.workspace.list_humans():
        if person.locale != ACCOUNTS[locale]:
            change_account(site, person.id, {"locale": ACCOUNTS[locale]}, wait=True)
    harness.drain_outbox()
