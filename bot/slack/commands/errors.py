"""Why a line was not understood: data, no sentences; those are in templates/refusals/.

ParseError
├── UnknownVerb            there is no such verb
├── UnknownRoleWord        a word where a role was expected
├── UnknownCapabilityWord  a word where a capability was expected
├── UnknownKindWord        a word where a resource type was expected
├── UnknownGroupWord       a word where a group of events was expected
├── UnknownWho             an @name that nobody has
├── GroupNamed             a user group where a person or a resource was expected
├── ChannelNamed           a channel where a person or a resource was expected
├── TooManyPeople          more people than one line may name
├── BadLength              a duration that cannot be read
├── BadMoment              a date that cannot be read
├── BadHourWord            an hour that cannot be read
├── MissingWord            a required slot has no value
├── ExtraWord              a word that belongs to no slot
├── TwoMeanings            two words could be the role, or the capability
├── NoWhatIf               a verb whose changes are not worked out in advance
├── UnclearNames           it is unclear where one name ends and the next begins
└── StandsInNothing        a container for a type that has none
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(unsafe_hash=True)
class ParseError(Exception):
    """The base of these errors; `example` is a line that would be understood."""

    name: ClassVar[str] = "parse_error"
    example: str

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(unsafe_hash=True)
class UnknownVerb(ParseError):
    typed: str
    nearest: str | None


@dataclass(unsafe_hash=True)
class UnknownRoleWord(ParseError):
    """`what` is the name of the resource in the line, if it has one; `suggested` the role
    in the example. `is_kept`: the former owner was to stay in that role. `is_changed`: a
    member was to get that role in place of another.
    """

    typed: str
    nearest: str | None
    roles: tuple[str, ...]
    what: str = ""
    suggested: str = ""
    is_kept: bool = False
    is_changed: bool = False


@dataclass(unsafe_hash=True)
class UnknownCapabilityWord(ParseError):
    typed: str
    nearest: str | None
    capabilities: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownKindWord(ParseError):
    typed: str
    kinds: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownGroupWord(ParseError):
    typed: str
    nearest: str | None
    groups: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownWho(ParseError):
    typed: str


@dataclass(unsafe_hash=True)
class GroupNamed(ParseError):
    typed: str


@dataclass(unsafe_hash=True)
class ChannelNamed(ParseError):
    typed: str


@dataclass(unsafe_hash=True)
class TooManyPeople(ParseError):
    many: int
    limit: int


@dataclass(unsafe_hash=True)
class BadLength(ParseError):
    typed: str


@dataclass(unsafe_hash=True)
class BadMoment(ParseError):
    typed: str


@dataclass(unsafe_hash=True)
class BadHourWord(ParseError):
    typed: str


@dataclass(unsafe_hash=True)
class MissingWord(ParseError):
    verb: str
    slot: str
    usage: str


@dataclass(unsafe_hash=True)
class ExtraWord(ParseError):
    verb: str
    typed: str
    usage: str


@dataclass(unsafe_hash=True)
class TwoMeanings(ParseError):
    slot: str
    typed: str
    other: str


@dataclass(unsafe_hash=True)
class NoWhatIf(ParseError):
    verb: str
    verbs: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnclearNames(ParseError):
    verb: str
    usage: str


@dataclass(unsafe_hash=True)
class StandsInNothing(ParseError):
    kind: str
    typed: str
