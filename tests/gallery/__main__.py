"""`python -m tests.gallery gallery`: pictures of all messages and views."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.playground_page import (
    CHROMIUM_NAMES,
    find_chromium_program,
    run_chromium,
)
from tests.gallery.camera import SCHEMES, Camera
from tests.gallery.index import write_index
from tests.gallery.pictures import PictureCollection, template_names
from tests.gallery.playing import LOCALES, play, select_scenes

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
    collection_by_locale: dict[str, PictureCollection] = {}
    for locale in LOCALES:
        for scheme in SCHEMES:
            (folder / locale / scheme).mkdir(parents=True)
        with run_chromium(program) as browser, TemporaryDirectory() as directory:
            camera = Camera(browser, folder / locale)
            collection_by_locale[locale] = PictureCollection(camera.take_picture)
            play(
                collection_by_locale[locale],
                Path(directory),
                locale,
                select_scenes(wanted),
                after=camera.close,
            )
    write_index(folder / "index.html", collection_by_locale)
    for locale, pictures in collection_by_locale.items():
        lacking = sorted(template_names() - pictures.shown_templates)
        print(
            f"{locale}: {len(pictures.pictures)} pictures of {len(pictures.shown_templates)} templates",
            *lacking[: not wanted and 99],
        )
    print(folder / "index.html")


if __name__ == "__main__":
    parser = ArgumentParser(prog="make gallery", description=__doc__)
    parser.add_argument("folder", type=Path, help="is emptied, and gets the pictures")
    parser.add_argument("scenes", nargs="*", help="the scenes to play; all by default")
    options = parser.parse_args()
    main(options.folder, options.scenes)
