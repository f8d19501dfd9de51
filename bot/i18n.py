"""Load gettext catalogs, and fill the sentences of templates."""

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
    """Return the language of a locale such as de-AT; English without a catalog."""
    language = (locale or ENGLISH).replace("_", "-").partition("-")[0].lower()
    return language if language in list_languages() else ENGLISH


@cache
def list_languages() -> frozenset[str]:
    """Return the languages that have a catalog, and English."""
    catalogs = LOCALE_FOLDER.glob(f"*/LC_MESSAGES/{GETTEXT_DOMAIN}.po")
    return frozenset({ENGLISH, *(path.parent.parent.name for path in catalogs)})


def catalog_path(language: str) -> Path:
    """Return the path of a language's catalog."""
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"{GETTEXT_DOMAIN}.po"


@cache
def load_catalog(language: str) -> NullTranslations:
    """Return the catalog of a language, compiled from its .po file."""
    if language == ENGLISH:
        return NullTranslations()
    # Slow to import, and needed only for languages other than English.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415
    from babel.support import Translations  # noqa: PLC0415

    compiled = BytesIO()
    with catalog_path(language).open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled, GETTEXT_DOMAIN)


class Phrases:
    """Translate whole sentences for templates, and format the values in them."""

    def __init__(self, catalog: NullTranslations, format_value: ValueFormatter) -> None:
        self._catalog = catalog
        self._format_value = format_value

    def gettext(self, message: str, **values: Any) -> Markup:
        """Return a translated sentence, in which `{name}` is the value of that name."""
        return self._fill_placeholders(self._catalog.gettext(message), values)

    def ngettext(self, one: str, many: str, n: int, **values: Any) -> Markup:
        """Return a translated sentence in the plural form of the number `n`."""
        message = self._catalog.ngettext(one, many, n)
        return self._fill_placeholders(message, {"n": n, **values})

    def _fill_placeholders(self, message: str, values: dict[str, Any]) -> Markup:
        if not values:
            return Markup(message)  # noqa: S704 - a template's own words
        formatted = {name: self._format_value(value) for name, value in values.items()}
        return Markup(message.format_map(formatted))  # noqa: S704 - each is escaped
