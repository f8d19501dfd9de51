"""Render templates to text, with one rule for escaping what people typed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined
from markupsafe import Markup

import templates
from bot.i18n import Phrases, load_catalog, resolve_language
from bot.slack.identity import is_slack_id
from collab.model import Account, Address, Person, Resource
from collab.people import is_erased
from collab.text import clean_text_line, normalize_for_comparison

# "mail" is a person outside Slack, for mails and pages: no mentions, no dates of Slack's.
Audience = Literal["person", "channel", "plain", "mail"]
AUDIENCES: tuple[Audience, ...] = ("person", "channel", "plain", "mail")
TEXT_SEPARATOR = "\n---\n"
COMMAND_START = "`/collab"

# Look-alikes: no zero-width character keeps every client of Slack from pairing these marks.
_MARK_REPLACEMENTS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "ˋ"}
)
_OUTER_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_EMOJI_COLON = re.compile(r":(?=[\w+'-])")
_RENDERED_TYPES = (Markup, Undefined)
_PERSON_TYPES = (Person, Account, Address)
_PLAIN_TYPES = (str, int)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n|\n(?=-# )")
STAND_IN = "\ufdd0"  # before a word for an unnamed person; no text has this character
_STAND_IN_AT_START = re.compile(
    rf"((?:^|[.!?] )(?:-# |• |\*)*){STAND_IN}(\w)", re.MULTILINE
)
_SENTENCE_END = re.compile(r"(?<=[.?]) ")
_SPACES = re.compile(r"[ \t]+")
_PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b")  # of a usage, such as WHO
_WORD_JOINER = "\u2060"
# What a mail program takes for a part of a link.
_LINK_MARK = re.compile(r"(?<=\w)[.@](?=\w)|//")


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A rendered message: one text that says everything, and its paragraphs."""

    text: str
    paragraphs: tuple[str, ...]


class Renderer:
    """Render the templates in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.names_commands = True

    def for_locale(self, locale: str | None) -> Renderer:
        """Return the renderer of a locale's language; English without a catalog."""
        return renderer_for_language(resolve_language(locale))

    def without_commands(self) -> Renderer:
        """Return a renderer for people who cannot use commands.

        It leaves out sentences that tell to type one.
        """
        renderer = copy(self)
        renderer.names_commands = False
        return renderer

    def render(
        self, name: str, audience: Audience = "person", **values: Any
    ) -> RenderedText:
        """Return a message in the wording for an audience.

        Every value that the template uses must be passed.
        """
        environment = _build_environment(self.language, audience)
        template = environment.get_template(f"{name}.j2")
        text = parse_rendered(place_stand_ins(template.render(values)))
        return text if self.names_commands else strip_command_sentences(text)

    def render_document(self, name: str, **values: Any) -> str:
        """Return an HTML document for people outside Slack."""
        environment = _build_environment(self.language, "mail")
        return place_stand_ins(environment.get_template(f"{name}.j2").render(values))

    def render_label(self, name: str, **values: str) -> str:
        """Return a short plain text: a button's label, a title, a placeholder."""
        escaped = {key: escape_plain(value) for key, value in values.items()}
        return load_labels(self.language)[name].format(**escaped)

    def type_name(self, resource_type: str) -> str:
        """Return the word for a resource type, or its own name without one."""
        return load_labels(self.language).get(f"kind.{resource_type}", resource_type)

    def role_name(self, role: str) -> str:
        """Return the word for a role, or its own name without one."""
        return load_labels(self.language).get(f"roles.{role}", role)


@cache
def renderer_for_language(language: str) -> Renderer:
    """Return the renderer of a language."""
    return Renderer(language)


@cache
def load_labels(language: str) -> dict[str, str]:
    """Return the labels of a language by their names; slow at the first call."""
    environment = _create_environment(Phrases(load_catalog(language), str))
    module: Any = environment.get_template("labels.j2").module
    return {name: str(text) for name, text in module.labels.items()}


@cache
def _build_environment(language: str, audience: Audience) -> Environment:
    """Return what renders messages for an audience; it compiles each template once."""
    labels = load_labels(language)
    format_for_audience = partial(format_value, audience=audience, labels=labels)
    environment = _create_environment(
        Phrases(load_catalog(language), format_for_audience),
        finalize=format_for_audience,
    )
    environment.tests["in_group"] = str.startswith
    environment.filters |= {
        "kind": partial(_find_label, labels, "kind.{}"),
        "a_kind": partial(_find_label, labels, "kind.{}.one"),
        "role": partial(_find_label, labels, "roles.{}"),
        "a_role": partial(_find_label, labels, "roles.{}.one"),
        "many_role": partial(_find_label, labels, "roles.{}.many"),
        "capability": partial(_find_label, labels, "capability.{}"),
        "group": partial(_find_label, labels, "group.{}.within"),
        "source": partial(_find_label, labels, "source.{}"),
        "usage": partial(_translate_usage, labels),
    }
    return environment


def _find_label(labels: dict[str, str], pattern: str, name: str) -> str:
    """Return the label of a role model's name, or the name itself without one."""
    return labels.get(pattern.format(name), name)


def _translate_usage(labels: dict[str, str], usage: str) -> str:
    """Return how a command is typed, with its placeholders in the reader's language."""
    return _PLACEHOLDER.sub(lambda word: labels.get(f"usage.{word[0]}", word[0]), usage)


def _create_environment(phrases: Phrases, **options: Any) -> Environment:
    """Return a Jinja environment whose sentences are translated by `phrases`."""
    environment = Environment(
        loader=FileSystemLoader(Path(templates.__file__).parent),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    environment.filters |= {
        "capitalize_first": capitalize_first,
        "namesakes": ids_with_duplicate_names,
        "utc_day": day_in_utc,
        "next_utc_day": next_day_in_utc,
    }
    environment.globals |= {"_": phrases.gettext, "ngettext": phrases.ngettext}
    return environment


def place_stand_ins(rendered: str) -> str:
    """Return a text in which what stands for an unnamed person begins a sentence with a
    capital.
    """
    started = _STAND_IN_AT_START.sub(lambda m: m[1] + m[2].upper(), rendered)
    return started.replace(STAND_IN, "")


def parse_rendered(rendered: str) -> RenderedText:
    """Split a rendered template into its text and its paragraphs.

    The text is above a line of three dashes, the paragraphs are below it. Without such
    a line, the text consists of the paragraphs.
    """
    top, separator, body = rendered.strip().partition(TEXT_SEPARATOR)
    parts = _PARAGRAPH_END.split(body if separator else top)
    paragraphs = tuple(filter(None, map(normalize_lines, parts)))
    if separator:
        return RenderedText(normalize_lines(top), paragraphs)
    lines = [paragraph.removeprefix("-# ") for paragraph in paragraphs]
    return RenderedText("\n".join(lines), paragraphs)


def strip_command_sentences(message: RenderedText) -> RenderedText:
    """Return a message without the sentences that name a command.

    A message that has no other sentences is not changed.
    """
    text = _lines_without_commands(message.text)
    if not text:
        return message
    paragraphs = map(_lines_without_commands, message.paragraphs)
    return RenderedText(text, tuple(filter(None, paragraphs)))


def _lines_without_commands(text: str) -> str:
    lines = map(_sentences_without_commands, text.splitlines())
    return "\n".join(filter(None, lines))


def _sentences_without_commands(line: str) -> str:
    if COMMAND_START not in line:
        return line
    sentences = _SENTENCE_END.split(line)
    return " ".join(each for each in sentences if COMMAND_START not in each)


def normalize_lines(text: str) -> str:
    """Return a text without empty lines, outer spaces and repeated spaces."""
    lines = (_SPACES.sub(" ", line.strip()) for line in text.splitlines())
    return "\n".join(filter(None, lines))


def normalize_text(typed: str) -> str:
    """Return typed text as one line without invisible and direction characters."""
    return clean_text_line(typed)


def isolate_direction(text: str) -> str:
    """Return a right-to-left text so that the sentence around it keeps its order."""
    if text.isascii():
        return text
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return f"\u2068{text}\u2069"
    return text


def escape_plain(typed: str) -> str:
    """Return typed text for places where Slack reads no markup."""
    return isolate_direction(normalize_text(typed))


@lru_cache(4096)
def escape_markup(typed: str) -> str:
    """Return typed text so that Slack shows it unchanged (EVT-07).

    It cannot mention, link, format or quote anything.
    """
    one_line = normalize_text(typed)
    escaped = _OUTER_UNDERSCORE.sub("ˍ", one_line).translate(_MARK_REPLACEMENTS)
    if one_line.startswith((">", "-# ")):
        escaped = _WORD_JOINER + escaped
    return isolate_direction(_EMOJI_COLON.sub(":" + _WORD_JOINER, escaped))


def escape_for_mail(typed: str) -> str:
    """Return typed text so that mail programs and browsers show it unchanged (EVT-07).

    No mail program makes a link of an address in it.
    """
    return _LINK_MARK.sub(f"\\g<0>{_WORD_JOINER}", escape_markup(typed))


_ESCAPE_BY_AUDIENCE: dict[Audience, Callable[[str], str]] = {
    "person": escape_markup,
    "channel": escape_markup,
    "plain": escape_plain,
    "mail": escape_for_mail,
}


def format_value(value: Any, *, audience: Audience, labels: Mapping[str, str]) -> Any:
    """Return a value as messages show it, in the language of some labels.

    Raise TypeError for a value of another type: it is a mistake in the template.
    """
    if isinstance(value, _RENDERED_TYPES):
        return value
    escape = _ESCAPE_BY_AUDIENCE[audience]
    if isinstance(value, _PERSON_TYPES):
        word = _choose_word_for_unnamed(value, audience, labels)
        somebody = STAND_IN + escape(word)
        name = _format_person(value, audience, escape, somebody)
        return Markup(name)  # noqa: S704 - escaped
    if isinstance(value, Resource):
        return Markup(escape(value.title))  # noqa: S704 - escaped
    if isinstance(value, date | Decimal):
        digits = _format_digits(value, audience, labels)
        return Markup(digits)  # noqa: S704 - digits
    if isinstance(value, bool) or not isinstance(value, _PLAIN_TYPES):
        raise TypeError(type(value).__name__)
    return Markup(escape(str(value)))  # noqa: S704 - escaped


def _choose_word_for_unnamed(
    person: Person | Account | Address, audience: Audience, labels: Mapping[str, str]
) -> str:
    """Return what stands for a person whose name may not be shown or is not known."""
    if audience != "channel" and isinstance(person, Person) and person.company:
        return labels["at_company"].format(company=person.company)
    if isinstance(person, Person) and person.id and is_erased(person):
        return labels["erased"]
    if audience == "channel":
        return labels["by_mail"]
    return labels["somebody"]


def _format_person(
    person: Person | Account | Address,
    audience: Audience,
    escape: Callable[[str], str],
    somebody: str,
) -> str:
    """Return a person's mention, or else their name, address or `somebody`.

    In a channel a mention would notify everybody whom a message names, so the name
    comes first there.
    """
    if audience == "channel" and isinstance(person, Person) and person.title:
        return escape(person.title)
    is_in_slack = audience in {"person", "channel"}
    if not isinstance(person, Address) and person.user and is_in_slack:
        user_id = person.user
        return f"<@{user_id}>" if is_slack_id(user_id) else escape(user_id)
    if audience == "channel":  # everybody in the channel reads it
        return somebody
    if isinstance(person, Person) and person.title:
        return escape(person.title)
    if isinstance(person, Account):
        return somebody
    return escape(person.email) if person.email else somebody


def _format_digits(
    value: date | Decimal, audience: Audience, labels: Mapping[str, str]
) -> str:
    """Return a time, a calendar day or an amount of money."""
    if isinstance(value, datetime):
        return _format_datetime(value, audience, labels)
    if isinstance(value, date):
        return format_day(value, labels)
    return str(value).replace(".", labels["decimal_mark"])


def _format_datetime(
    at: datetime, audience: Audience, labels: Mapping[str, str]
) -> str:
    """Return a time in the reader's zone by Slack's date format, or in UTC as text."""
    in_utc = at.astimezone(UTC)
    text = f"{format_day(in_utc, labels)}, {in_utc:%H:%M} UTC"
    if audience in {"plain", "mail"}:
        return text
    return f"<!date^{int(at.timestamp())}^{labels['moment']}|{text}>"


def format_day(day: date, labels: Mapping[str, str]) -> str:
    """Return a calendar day, which is the same in every time zone, as Slack writes it."""
    month = labels["months"].split()[day.month - 1]
    return labels["day"].format(day=day.day, month=month, year=day.year)


def ids_with_duplicate_names(resources: Iterable[Resource | None]) -> frozenset[str]:
    """Return the ids of the resources that share a name with another one of them."""
    name_by_id = {
        resource.id: normalize_for_comparison(resource.title)
        for resource in resources
        if resource and resource.title
    }
    counts = Counter(name_by_id.values())
    return frozenset(
        resource_id for resource_id, name in name_by_id.items() if counts[name] > 1
    )


def day_in_utc(at: datetime) -> date:
    """Return the day in UTC, by which billing counts (BIL-03)."""
    return at.astimezone(UTC).date()


def next_day_in_utc(at: datetime) -> date:
    """Return the day after in UTC, from which a new payment method pays (BIL-03)."""
    return day_in_utc(at) + timedelta(days=1)


def capitalize_first(text: str) -> str:
    """Return a text with its first letter as a capital."""
    text = text.removeprefix(STAND_IN)
    return text[:1].upper() + text[1:]
