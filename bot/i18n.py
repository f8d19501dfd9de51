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
GETTEXT_DOMAIN = "collab"
LOCALE_FOLDER = Path(templates.__file__).parent / "locale"

ValueFormatter = Callable[[Any], Any]


def resolve_language(locale: str | None) -> str:
    """The language for a person's locale: its own where there is a catalog of it, else English."""
    language = (locale or ENGLISH).replace("_", "-").partition("-")[0].lower()
    return language if language in list_languages() else ENGLISH


@cache
def list_languages() -> frozenset[str]:
    """All languages that there are words in."""
    return frozenset(
        {
            ENGLISH,
            *(
                path.parent.parent.name
                for path in LOCALE_FOLDER.glob(f"*/LC_MESSAGES/{GETTEXT_DOMAIN}.po")
            ),
        }
    )


def catalog_path(language: str) -> Path:
    """Where the catalog of a language is kept."""
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"{GETTEXT_DOMAIN}.po"


@cache
def load_catalog(language: str) -> NullTranslations:
    """The catalog of a language, read from the file that translators write; English needs none."""
    if language == ENGLISH:
        return NullTranslations()
    # Slow to import, and needed only once somebody reads another language than English.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415
    from babel.support import Translations  # noqa: PLC0415

    compiled = BytesIO()
    with catalog_path(language).open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return Translations(compiled, GETTEXT_DOMAIN)


class Phrases:
    """Whole sentences for the templates: looked up in a catalog, with each value put in by the one rule for values."""

    def __init__(self, catalog: NullTranslations, shown: ValueFormatter) -> None:
        self._catalog = catalog
        self._format_value = shown

    def gettext(self, message: str, **values: Any) -> Markup:
        """A sentence; `{name}` in it is the value of that name."""
        return self._fill_placeholders(self._catalog.gettext(message), values)

    def ngettext(self, one: str, many: str, n: int, **values: Any) -> Markup:
        """A sentence in the form that belongs to the number `n`."""
        return self._fill_placeholders(
            self._catalog.ngettext(one, many, n), {"n": n, **values}
        )

    def _fill_placeholders(self, message: str, values: dict[str, Any]) -> Markup:
        if not values:
            return Markup(message)  # noqa: S704 - a template's own words
        formatted = {name: self._format_value(value) for name, value in values.items()}
        return Markup(message.format_map(formatted))  # noqa: S704 - each value is escaped
