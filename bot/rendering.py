"""Words: facts become text through the templates, with one rule for everything that a person typed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined
from markupsafe import Markup

import templates
from bot.i18n import Phrases, load_catalog, resolve_language
from bot.slack.identity import is_slack_id
from collab.model import Account, Address, Person, Resource
from collab.text import clean_text_line, normalize_for_comparison

Audience = Literal["person", "channel", "plain"]
AUDIENCES: tuple[Audience, ...] = ("person", "channel", "plain")
TEXT_SEPARATOR = "\n---\n"
COMMAND_START = "`/collab"

# Look-alikes: no zero-width character keeps every client of Slack from pairing these marks.
_MARK_REPLACEMENTS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "ˋ"}
)
_OUTER_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_EMOJI_COLON = re.compile(r":(?=[\w+'-])")
_RENDERED_TYPES, _PERSON_TYPES, _TIME_TYPES, _PLAIN_TYPES = (
    (Markup, Undefined),
    (Person, Account, Address),
    (date, Decimal),
    (str, int),
)
_WORD_JOINER = "\u2060"


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A rendered message: the text that carries its whole sense, and its paragraphs."""

    text: str
    paragraphs: tuple[str, ...]


class Renderer:
    """The templates in one language, read once; the same words for every face."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.names_commands = True
        catalog = load_catalog(language)
        module: Any = (
            _create_environment(Phrases(catalog, str)).get_template("labels.j2").module
        )
        self._labels: dict[str, str] = {
            name: str(text) for name, text in module.labels.items()
        }
        self._environments = {
            name: self._build_environment(name, catalog) for name in AUDIENCES
        }

    def for_locale(self, locale: str | None) -> Renderer:
        """The same words in the language of a person's locale; English where there is no catalog of it."""
        return renderer_for_language(resolve_language(locale))

    def without_commands(self) -> Renderer:
        """Return the same words without sentences that tell to type a command, for people who have none."""
        found = copy(self)
        found.names_commands = False
        return found

    def render(
        self, name: str, audience: Audience = "person", **repositories: Any
    ) -> RenderedText:
        """The message of that name, worded for its audience; a fact that the template needs must be given."""
        found = parse_rendered(
            self._environments[audience].get_template(f"{name}.j2").render(repositories)
        )
        return found if self.names_commands else strip_command_sentences(found)

    def render_label(self, name: str, **repositories: str) -> str:
        """A short plain text: a button's label, a title, a placeholder."""
        return self._labels[name].format(
            **{
                key: isolate_direction(normalize_text(value))
                for key, value in repositories.items()
            }
        )

    def type_name(self, kind: str) -> str:
        """What people call a kind of resource; the kind's own name when there is no word for it."""
        return self._labels.get(f"kind.{kind}", kind)

    def _type_name_with_article(self, kind: str) -> str:
        return self._labels.get(f"kind.{kind}.one", kind)

    def _group_name(self, group: str) -> str:
        return self._labels.get(f"group.{group}.within", group)

    def _build_environment(
        self, audience: Audience, catalog: NullTranslations
    ) -> Environment:
        renderer = self._labels
        somebody = renderer["by_mail" if audience == "channel" else "somebody"]
        show = partial(
            format_value,
            audience=audience,
            somebody=somebody,
            moment=renderer["moment"],
        )
        found = _create_environment(Phrases(catalog, show), finalize=show)
        found.tests["in_group"] = str.startswith
        found.filters |= {
            "kind": self.type_name,
            "a_kind": self._type_name_with_article,
            "group": self._group_name,
        }
        return found


@cache
def renderer_for_language(language: str) -> Renderer:
    """The words of a language, whose templates are compiled once for the whole process."""
    return Renderer(language)


def _create_environment(phrases: Phrases, **options: Any) -> Environment:
    """The templates as Jinja reads them, with the two functions that all their sentences go through."""
    made = Environment(
        loader=FileSystemLoader(Path(templates.__file__).parent),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    made.filters |= {
        "capitalize_first": capitalize_first,
        "namesakes": ids_with_duplicate_names,
        "utc_day": day_in_utc,
    }
    made.globals |= {"_": phrases.gettext, "ngettext": phrases.ngettext}
    return made


def parse_rendered(rendered: str) -> RenderedText:
    """What stands above a line of three dashes is the text; without such a line the paragraphs are."""
    top, dashes, body = rendered.strip().partition(TEXT_SEPARATOR)
    parts = [
        normalize_lines(part)
        for part in re.split(r"\n[ \t]*\n|\n(?=-# )", body if dashes else top)
    ]
    paragraphs = tuple(part for part in parts if part)
    text = (
        normalize_lines(top)
        if dashes
        else "\n".join(p.removeprefix("-# ") for p in paragraphs)
    )
    return RenderedText(text, paragraphs)


def strip_command_sentences(message: RenderedText) -> RenderedText:
    """Return a message without the sentences that name a command; one that has no others stays as it is."""
    text, paragraphs = (
        _lines_without_commands(message.text),
        [_lines_without_commands(each) for each in message.paragraphs],
    )
    return (
        RenderedText(text, tuple(each for each in paragraphs if each))
        if text
        else message
    )


def _lines_without_commands(text: str) -> str:
    lines = (
        line if COMMAND_START not in line else _sentences_without_commands(line)
        for line in text.splitlines()
    )
    return "\n".join(line for line in lines if line)


def _sentences_without_commands(line: str) -> str:
    return " ".join(
        sentence
        for sentence in re.split(r"(?<=[.?]) ", line)
        if COMMAND_START not in sentence
    )


def normalize_lines(text: str) -> str:
    """Lines without outer or doubled spaces."""
    lines = (" ".join(re.split(r"[ \t]+", line.strip())) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def normalize_text(typed: str) -> str:
    """Typed text on one line, without characters that cannot be seen or that turn the line around."""
    return clean_text_line(typed)


def isolate_direction(text: str) -> str:
    """Return a text that is written from right to left so that it does not turn the sentence around it."""
    turns = (
        any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text)
        if not text.isascii()
        else False
    )
    return f"\u2068{text}\u2069" if turns else text


def escape_plain(typed: str) -> str:
    """Return typed text for a place where no markup is read."""
    return isolate_direction(normalize_text(typed))


@lru_cache(4096)
def escape_markup(typed: str) -> str:
    """The one rule: typed text is shown as text; it mentions, links, formats and breaks nothing (EVT-07)."""
    one_line = normalize_text(typed)
    unmarked = _OUTER_UNDERSCORE.sub("ˍ", one_line).translate(_MARK_REPLACEMENTS)
    unquoted = (
        _WORD_JOINER + unmarked if one_line.startswith((">", "-# ")) else unmarked
    )
    return isolate_direction(_EMOJI_COLON.sub(":" + _WORD_JOINER, unquoted))


def format_value(value: Any, *, audience: Audience, somebody: str, moment: str) -> Any:
    """How a value stands in a message; whatever has no form here is a mistake in the template."""
    if isinstance(value, _RENDERED_TYPES):
        return value
    escape = escape_plain if audience == "plain" else escape_markup
    if isinstance(value, _PERSON_TYPES):
        return Markup(_format_person(value, audience, escape, somebody))  # noqa: S704 - escaped
    if isinstance(value, Resource):
        return Markup(escape(value.title))  # noqa: S704 - escaped
    if isinstance(value, datetime):
        return Markup(_format_datetime(value, audience, moment))  # noqa: S704 - digits
    if isinstance(value, _TIME_TYPES):
        return Markup(str(value))  # noqa: S704 - digits
    if value is None or isinstance(value, bool) or not isinstance(value, _PLAIN_TYPES):
        raise TypeError(type(value).__name__)
    return Markup(escape(str(value)))  # noqa: S704 - escaped


def _format_person(
    who: Person | Account | Address,
    audience: Audience,
    escape: Callable[[str], str],
    otherwise: str,
) -> str:
    user = None if isinstance(who, Address) else who.user
    if user and audience != "plain":
        return f"<@{user}>" if is_slack_id(user) else escape(user)
    title = who.title if isinstance(who, Person) else ""
    email = None if isinstance(who, Account) or audience == "channel" else who.email
    return escape(("" if audience == "channel" else title) or email or otherwise)


def _format_datetime(at: datetime, audience: Audience, form: str) -> str:
    """A moment in the reader's own zone, by Slack's names of a date's parts; as digits where nobody has one."""
    plain = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return (
        plain
        if audience == "plain"
        else f"<!date^{int(at.timestamp())}^{form}|{plain}>"
    )


def ids_with_duplicate_names(resources: Iterable[Resource | None]) -> frozenset[str]:
    """Return the ids of those resources whose names compare as the name of another one of them."""
    titled = {
        r.id: normalize_for_comparison(r.title) for r in resources if r and r.title
    }
    times = Counter(titled.values())
    return frozenset(place for place, title in titled.items() if times[title] > 1)


def day_in_utc(at: datetime) -> date:
    """Return the day of a moment in UTC, by which billing counts (BIL-03)."""
    return at.astimezone(UTC).date()


def capitalize_first(text: str) -> str:
    """A sentence's first letter as a capital; the rest stays."""
    return text[:1].upper() + text[1:]
