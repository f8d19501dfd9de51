"""Names, descriptions and slugs of resources."""

from __future__ import annotations

import re
import unicodedata
from itertools import count

from collab import errors
from collab.card_numbers import holds_card_number
from collab.context import Context
from collab.limits import NAME_LIMIT, NOTE_LIMIT, SLUG_LIMIT
from collab.text import clean_text, clean_text_line, is_visible

SHORTEST_SLUG = 2  # characters
NUMBER_ROOM = 8  # characters that a slug leaves for its number
# Letters that have no plain form of their own, or one that nobody would write.
TRANSLITERATIONS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe"}
    | {"ł": "l", "đ": "d"}
)
NO_RESOURCE_WORD = "nothing"  # typed in place of a resource's name for none at all


def validate_name(typed: str) -> str:
    """Return a name without invisible characters and doubled spaces; raises BadName."""
    name = clean_text_line(typed)
    if not is_visible(name) or len(name) > NAME_LIMIT:
        raise errors.BadName(name[: NAME_LIMIT * 2], len(name), NAME_LIMIT)
    return name


def validate_description(typed: str) -> str | None:
    """Return a description, None when it is empty; raises TooLong."""
    description = clean_text(typed).strip()
    if len(description) > NOTE_LIMIT:
        raise errors.TooLong("description", len(description), NOTE_LIMIT)
    return description or None


def make_slug(title: str, default: str) -> str:
    """Return a name as a slug: 2 to 40 characters of a–z, 0–9 and '-'.

    Return `default` for a name of which too little remains, and for one that would
    become a card number, such as "4111.1111.1111.1111" (BIL-01).
    """
    composed = unicodedata.normalize("NFC", title).lower()
    decomposed = unicodedata.normalize("NFKD", composed.translate(TRANSLITERATIONS))
    plain = decomposed.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_LIMIT].strip("-")
    if len(slug) < SHORTEST_SLUG:
        return default
    if holds_card_number(slug) or holds_card_number(_trim_slug(slug)):
        return default
    return slug


def find_free_slug(context: Context, title: str, kind: str) -> str:
    """Return a slug that no resource has: a taken one gets a number.

    So nobody learns of a resource that they may not view. Words that mean a resource
    type, or none, are no slugs either; their numbers begin with 1.
    """
    slug = make_slug(title, kind)
    reserved = _list_reserved_slugs(context)
    start = slug[: SLUG_LIMIT - NUMBER_ROOM]
    taken = context.resources.list_slugs_starting_with(start) | reserved
    if slug not in taken:
        return slug
    numbers = count(1 if slug in reserved else 2)
    numbered = (f"{_trim_slug(slug)}-{number}" for number in numbers)
    return next(
        each for each in numbered if each not in taken and not holds_card_number(each)
    )


def _trim_slug(slug: str) -> str:
    """Return as much of a slug as leaves room for a number."""
    return slug[: SLUG_LIMIT - NUMBER_ROOM].rstrip("-")


def _list_reserved_slugs(context: Context) -> frozenset[str]:
    """Return the words that mean a resource type, or no resource, in a command."""
    words = [NO_RESOURCE_WORD]
    for name in context.roles:
        words += [name, *context.roles[name].words]
    return frozenset(make_slug(word, NO_RESOURCE_WORD) for word in words)
