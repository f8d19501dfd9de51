"""What was typed and could not be understood: data, no prose; the words stand in templates/refusals/.

Misread
├── UnknownVerb            no such verb
├── UnknownRoleWord        a word stands where a role was expected
├── UnknownCapabilityWord  a word stands where a capability was expected
├── UnknownKindWord        a word stands where a kind was expected
├── UnknownGroupWord       a word stands where a group of events was expected
├── UnknownWho             an @name that is nobody's
├── GroupNamed             a group stands where one person, or a thing, was expected
├── ChannelNamed           a channel stands where a person or a thing was expected
├── TooManyPeople          more people than one line may name
├── BadLength              a length of time that cannot be read
├── BadMoment              a date that cannot be read
├── BadHourWord            an hour that cannot be read
├── MissingWord            something needed was not said
├── ExtraWord              something was said that has no place
├── TwoMeanings            two words could be the role, or the capability
├── UnclearNames           where one name ends and the next begins cannot be told
└── StandsInNothing        a kind that stands in nothing was to stand in something
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(unsafe_hash=True)
class ParseError(Exception):
    """A line that was not understood; `example` is one that would be."""

    name: ClassVar[str] = "misread"
    example: str

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(unsafe_hash=True)
class UnknownVerb(ParseError):
    typed: str
    nearest: str | None


@dataclass(unsafe_hash=True)
class UnknownRoleWord(ParseError):
    typed: str
    nearest: str | None
    roles: tuple[str, ...]


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
class UnclearNames(ParseError):
    verb: str
    usage: str


@dataclass(unsafe_hash=True)
class StandsInNothing(ParseError):
    kind: str
    typed: str
