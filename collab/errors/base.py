"""The base of all rejections.

A rejection carries data, not words; its words are in templates/refusals/, in one file
per `name`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(unsafe_hash=True)
class Rejected(Exception):
    """A request is rejected and nothing is changed; the fields are what the words need.

    `field` is the input that the rejection is about, empty if it is about none.
    """

    name: ClassVar[str] = "refused"
    field: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Malformed(Rejected):
    """An input is not valid."""


class Unknown(Rejected):
    """Something does not exist, or the caller may not know of it."""


class NotAllowed(Rejected):
    """The caller may not do this."""


class Conflict(Rejected):
    """The state does not allow this, or not any more."""
