"""Catalogs: what the templates say, in the languages that people have chosen in Slack."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from markupsafe import Markup

import templates

ENGLISH = "en"
DOMAIN = "collab"
FOLDER = Path(templates.__file__).parent / "locale"

Shown = Callable[[Any], Any]


def language_of(locale: str | None) -> str:
    """The language for a person's locale: its own where there is a catalog of it, else English."""
    language = (locale or ENGLISH).replace("_", "-").partition("-")[0].lower()
    return language if language in languages() else ENGLISH


@cache
def languages() -> frozenset[str]:
    """All languages that there are words in."""
    return frozenset({ENGLISH, *(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))})


def place_of(language: str) -> Path:
    """Where the catalog of a language is kept."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def catalog_of(language: str) -> NullTranslations:
    """The catalog of a language, read from the file that translators write; English needs none."""
    if language == ENGLISH:
        return NullTranslations()
    # Slow to import, and needed only once somebody reads another language than English.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415
    from babel.support import Translations  # noqa: PLC0415

    compiled = BytesIO()
    with place_of(language).open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return Translations(compiled, DOMAIN)


class Phrases:
    """Whole sentences for the templates: looked up in a catalog, with each value put in by the one rule for values."""

    def __init__(self, catalog: NullTranslations, shown: Shown) -> None:
        self._catalog = catalog
        self._shown = shown

    def gettext(self, message: str, **values: Any) -> Markup:
        """A sentence; `{name}` in it is the value of that name."""
        return self._filled(self._catalog.gettext(message), values)

    def ngettext(self, one: str, many: str, n: int, **values: Any) -> Markup:
        """A sentence in the form that belongs to the number `n`."""
        return self._filled(self._catalog.ngettext(one, many, n), {"n": n, **values})

    def _filled(self, message: str, values: dict[str, Any]) -> Markup:
        if not values:
            return Markup(message)  # noqa: S704 - a template's own words
        return Markup(message.format_map({name: self._shown(value) for name, value in values.items()}))  # noqa: S704 - each value was shown
