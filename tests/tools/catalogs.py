"""Brings the catalogs up to date with the templates: `make words`. What is new in them waits for its translation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import templates
from bot.i18n import ENGLISH, catalog_path, list_languages
from bot.slack.commands.catalog import VERB_BY_NAME

FOLDER = Path(templates.__file__).parent
KEYWORDS = {"_": None, "ngettext": (1, 2)}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HEAD: dict[str, Any] = {
    "project": "Collab",
    "version": "1",
    "msgid_bugs_address": "-",
    "last_translator": "-",
    "language_team": "-",
    "creation_date": LONG_AGO,
    "revision_date": LONG_AGO,
    "fuzzy": False,
}
Message = str | tuple[str, ...]


def found() -> Iterator[tuple[str, Message]]:
    """Every message with the place where it stands: in the templates, and the verbs' own lines of help."""
    how = [("**.j2", "jinja2")]
    options = {
        "**.j2": {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
    }
    for place, _, message, _, _ in sorted(
        extract_from_dir(FOLDER, how, options, KEYWORDS), key=lambda row: row[:2]
    ):
        yield place, message
    for verb in VERB_BY_NAME.values():
        yield "verbs", verb.summary


def wanted() -> Catalog:
    """All messages, without translations; a place is a file without its line, so that lines can move."""
    catalog = Catalog(**HEAD)
    for place, message in found():
        catalog.add(message, locations=[(place, 0)])
    return catalog


def update(language: str) -> int:
    """One language's catalog with all messages and none that is not said any more; how many wait for translation."""
    place, catalog = catalog_path(language), Catalog(locale=language, **HEAD)
    if place.exists():
        with place.open("rb") as written:
            catalog = read_po(written, locale=language)
    catalog.update(wanted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = (
        "# The words of Collab. `make words` brings this file up to date."
    )
    catalog.revision_date = LONG_AGO
    catalog.fuzzy = False
    with place.open("wb") as out:
        write_po(
            out,
            catalog,
            width=120,
            include_lineno=False,
            ignore_obsolete=True,
            sort_by_file=True,
        )
    return sum(
        1 for message in catalog if message.id and not is_translated(message.string)
    )


def is_translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether something stands there, in each of its forms."""
    if not string:
        return False
    return isinstance(string, str) or all(string)


def main(names: list[str]) -> None:
    """Bring the named languages up to date, or all that there are."""
    for language in names or sorted(list_languages() - {ENGLISH}):
        catalog_path(language).parent.mkdir(parents=True, exist_ok=True)
        print(f"{language}: {update(language)} messages wait for their translation")


if __name__ == "__main__":
    main(sys.argv[1:])
