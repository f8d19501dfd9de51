"""`python -m tests.gallery gallery`: pictures of all messages and views."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.playground_page import (
    CHROMIUM_NAMES,
    find_chromium_program,
    run_chromium,
)
from tests.gallery.album import Album, names
from tests.gallery.camera import SCHEMES, Camera
from tests.gallery.index import write_index
from tests.gallery.playing import LOCALES, chosen, play

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def main(folder: Path, wanted: list[str]) -> None:
    """Play all or the named scenes, take the pictures, and write the index."""
    program = find_chromium_program() or sys.exit(
        f"Chromium is not on this machine: install one of {', '.join(CHROMIUM_NAMES)}"
    )
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        os.environ.pop(name, None)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    shutil.rmtree(folder, ignore_errors=True)
    albums: dict[str, Album] = {}
    for locale in LOCALES:
        for scheme in SCHEMES:
            (folder / locale / scheme).mkdir(parents=True)
        with run_chromium(program) as browser, TemporaryDirectory() as directory:
            camera = Camera(browser, folder / locale)
            albums[locale] = Album(camera.takes)
            play(
                albums[locale],
                Path(directory),
                locale,
                chosen(wanted),
                after=camera.closes,
            )
    write_index(folder / "index.html", albums)
    for locale, album in albums.items():
        lacking = sorted(names() - album.shown)
        print(
            f"{locale}: {len(album.pictures)} pictures of {len(album.shown)} templates",
            *lacking[: not wanted and 99],
        )
    print(folder / "index.html")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "gallery"), sys.argv[2:])
