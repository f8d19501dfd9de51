"""Whether a preview that is confirmed still shows what would happen.

Between a preview and its confirmation a person may join, or something may be added to
what ends. The effects are compared in the transaction that carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from hashlib import sha256
from typing import Any

from collab import errors
from collab.command import Query
from collab.context import Context
from collab.model import Person, Resource
from collab.open_items import InvitationView

DIGEST_LENGTH = 16  # hexadecimal digits; nothing but an accident is to be noticed


@dataclass(frozen=True, slots=True)
class ConfirmedPreview:
    """The query of a preview, and the digest of its answer as it was shown.

    A query that is a rehearsal executes the command that is confirmed.
    """

    query: Query[Any]
    digest: str

    def check_unchanged(self, context: Context) -> None:
        """Reject a confirmation of effects that are not those that were shown."""
        preview = self.query.answer(context)
        if compute_digest(preview) != self.digest:
            raise errors.PreviewChanged(preview)


def compute_digest(preview: Any) -> str:
    """Return a digest of the effects that a preview shows.

    Names do not count, nor does the order of a list: a rename changes no effect.
    """
    return sha256(repr(_simplify(preview)).encode()).hexdigest()[:DIGEST_LENGTH]


def _simplify(value: Any) -> Any:
    """Return a value with ids in place of entities, and lists in a fixed order."""
    if isinstance(value, Person | Resource):
        return value.id
    if isinstance(value, InvitationView):
        return [value.invitation.id, value.invitation.role]
    if is_dataclass(value):
        return [_simplify(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, tuple):
        return [_simplify(each) for each in value]
    if isinstance(value, Mapping):
        value = list(value.items())
    if isinstance(value, list):
        return sorted((_simplify(each) for each in value), key=repr)
    return value
