"""Read fields of Slack's payloads, none of which is trusted to have its usual form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collab.text import replace_half_characters

Body = Mapping[str, Any]


def replace_half_characters_in(value: Any) -> Any:
    """Return JSON data with U+FFFD for each lone surrogate in its texts and keys."""
    if isinstance(value, str):
        return replace_half_characters(value)
    if isinstance(value, dict):
        return {
            replace_half_characters(key): replace_half_characters_in(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [replace_half_characters_in(each) for each in value]
    return value


def read_object(value: object) -> Body:
    """Return a value as an object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def read_text(value: object) -> str | None:
    """Return a value as a text; None for anything else."""
    return value if isinstance(value, str) else None


def read_field(body: object, *path: str) -> object:
    """Return the field at a path of names; None where a part of the path is missing."""
    for name in path:
        body = read_object(body).get(name)
    return body
