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
from bot.catalogs import Phrases, catalog_of, language_of
from bot.identity import is_id
from collab.people import Account, Address, Person
from collab.resources import Resource
from collab.text import clean_line, comparable

Audience = Literal["person", "channel", "plain"]
AUDIENCES: tuple[Audience, ...] = ("person", "channel", "plain")
TOP_LINE = "\n---\n"
COMMAND = "`/collab"

# Look-alikes: no zero-width character keeps every client of Slack from pairing these marks.
_MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "ˋ"})
_OUTER_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_EMOJI_COLON = re.compile(r":(?=[\w+'-])")
_READY, _PEOPLE, _DIGITS, _PLAIN = (Markup, Undefined), (Person, Account, Address), (date, Decimal), (str, int)
_JOINER = "\u2060"


@dataclass(frozen=True, slots=True)
class Said:
    """A rendered message: the text that carries its whole sense, and its paragraphs."""

    text: str
    paragraphs: tuple[str, ...]


class Words:
    """The templates in one language, read once; the same words for every face."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.names_commands = True
        catalog = catalog_of(language)
        module: Any = _environment(Phrases(catalog, str)).get_template("labels.j2").module
        self._labels: dict[str, str] = {name: str(text) for name, text in module.labels.items()}
        self._environments = {name: self._for(name, catalog) for name in AUDIENCES}

    def of(self, locale: str | None) -> Words:
        """The same words in the language of a person's locale; English where there is no catalog of it."""
        return words_in(language_of(locale))

    def without_commands(self) -> Words:
        """Return the same words without sentences that tell to type a command, for people who have none."""
        found = copy(self)
        found.names_commands = False
        return found

    def say(self, name: str, audience: Audience = "person", **facts: Any) -> Said:
        """The message of that name, worded for its audience; a fact that the template needs must be given."""
        found = said(self._environments[audience].get_template(f"{name}.j2").render(facts))
        return found if self.names_commands else without_commands(found)

    def label(self, name: str, **facts: str) -> str:
        """A short plain text: a button's label, a title, a placeholder."""
        return self._labels[name].format(**{key: isolated(tidy(value)) for key, value in facts.items()})

    def kind(self, kind: str) -> str:
        """What people call a kind of resource; the kind's own name when there is no word for it."""
        return self._labels.get(f"kind.{kind}", kind)

    def _a_kind(self, kind: str) -> str:
        return self._labels.get(f"kind.{kind}.one", kind)

    def _group(self, group: str) -> str:
        return self._labels.get(f"group.{group}.within", group)

    def _for(self, audience: Audience, catalog: NullTranslations) -> Environment:
        words = self._labels
        somebody = words["by_mail" if audience == "channel" else "somebody"]
        show = partial(shown, audience=audience, somebody=somebody, moment=words["moment"])
        found = _environment(Phrases(catalog, show), finalize=show)
        found.tests["in_group"] = str.startswith
        found.filters |= {"kind": self.kind, "a_kind": self._a_kind, "group": self._group}
        return found


@cache
def words_in(language: str) -> Words:
    """The words of a language, whose templates are compiled once for the whole process."""
    return Words(language)


def _environment(phrases: Phrases, **options: Any) -> Environment:
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
    made.filters |= {"capitalize_first": capitalize_first, "namesakes": namesakes, "utc_day": utc_day}
    made.globals |= {"_": phrases.gettext, "ngettext": phrases.ngettext}
    return made


def said(rendered: str) -> Said:
    """What stands above a line of three dashes is the text; without such a line the paragraphs are."""
    top, dashes, body = rendered.strip().partition(TOP_LINE)
    parts = [tidy_lines(part) for part in re.split(r"\n[ \t]*\n|\n(?=-# )", body if dashes else top)]
    paragraphs = tuple(part for part in parts if part)
    text = tidy_lines(top) if dashes else "\n".join(p.removeprefix("-# ") for p in paragraphs)
    return Said(text, paragraphs)


def without_commands(message: Said) -> Said:
    """Return a message without the sentences that name a command; one that has no others stays as it is."""
    text, paragraphs = _kept_lines(message.text), [_kept_lines(each) for each in message.paragraphs]
    return Said(text, tuple(each for each in paragraphs if each)) if text else message


def _kept_lines(text: str) -> str:
    lines = (line if COMMAND not in line else _kept_sentences(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _kept_sentences(line: str) -> str:
    return " ".join(sentence for sentence in re.split(r"(?<=[.?]) ", line) if COMMAND not in sentence)


def tidy_lines(text: str) -> str:
    """Lines without outer or doubled spaces."""
    lines = (" ".join(re.split(r"[ \t]+", line.strip())) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def tidy(typed: str) -> str:
    """Typed text on one line, without characters that cannot be seen or that turn the line around."""
    return clean_line(typed)


def isolated(text: str) -> str:
    """Return a text that is written from right to left so that it does not turn the sentence around it."""
    turns = any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text) if not text.isascii() else False
    return f"\u2068{text}\u2069" if turns else text


def plain(typed: str) -> str:
    """Return typed text for a place where no markup is read."""
    return isolated(tidy(typed))


@lru_cache(4096)
def escaped(typed: str) -> str:
    """The one rule: typed text is shown as text; it mentions, links, formats and breaks nothing (EVT-07)."""
    one_line = tidy(typed)
    unmarked = _OUTER_UNDERSCORE.sub("ˍ", one_line).translate(_MARKS)
    unquoted = _JOINER + unmarked if one_line.startswith((">", "-# ")) else unmarked
    return isolated(_EMOJI_COLON.sub(":" + _JOINER, unquoted))


def shown(value: Any, *, audience: Audience, somebody: str, moment: str) -> Any:
    """How a value stands in a message; whatever has no form here is a mistake in the template."""
    if isinstance(value, _READY):
        return value
    escape = plain if audience == "plain" else escaped
    if isinstance(value, _PEOPLE):
        return Markup(_person(value, audience, escape, somebody))  # noqa: S704 - escaped
    if isinstance(value, Resource):
        return Markup(escape(value.title))  # noqa: S704 - escaped
    if isinstance(value, datetime):
        return Markup(_moment(value, audience, moment))  # noqa: S704 - digits
    if isinstance(value, _DIGITS):
        return Markup(str(value))  # noqa: S704 - digits
    if value is None or isinstance(value, bool) or not isinstance(value, _PLAIN):
        raise TypeError(type(value).__name__)
    return Markup(escape(str(value)))  # noqa: S704 - escaped


def _person(who: Person | Account | Address, audience: Audience, escape: Callable[[str], str], otherwise: str) -> str:
    user = None if isinstance(who, Address) else who.user
    if user and audience != "plain":
        return f"<@{user}>" if is_id(user) else escape(user)
    title = who.title if isinstance(who, Person) else ""
    email = None if isinstance(who, Account) or audience == "channel" else who.email
    return escape(("" if audience == "channel" else title) or email or otherwise)


def _moment(at: datetime, audience: Audience, form: str) -> str:
    """A moment in the reader's own zone, by Slack's names of a date's parts; as digits where nobody has one."""
    plain = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return plain if audience == "plain" else f"<!date^{int(at.timestamp())}^{form}|{plain}>"


def namesakes(resources: Iterable[Resource | None]) -> frozenset[str]:
    """Return the ids of those resources whose names compare as the name of another one of them."""
    titled = {r.id: comparable(r.title) for r in resources if r and r.title}
    times = Counter(titled.values())
    return frozenset(place for place, title in titled.items() if times[title] > 1)


def utc_day(at: datetime) -> date:
    """Return the day of a moment in UTC, by which billing counts (BIL-03)."""
    return at.astimezone(UTC).date()


def capitalize_first(text: str) -> str:
    """A sentence's first letter as a capital; the rest stays."""
    return text[:1].upper() + text[1:]
