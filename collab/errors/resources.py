"""Rejections about resources: names, kinds, containers and what pays for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.errors.base import Conflict, Malformed, NotAllowed, Unknown


@dataclass(unsafe_hash=True)
class UnknownResource(Unknown):
    """There is no such resource, or the caller may not view it.

    `nearest` is a similar name.
    """

    field: ClassVar[str] = "resource"
    typed: str
    nearest: str | None = None


@dataclass(unsafe_hash=True)
class UnknownKind(Unknown):
    """There is no such kind of resource."""

    field: ClassVar[str] = "resource_type"
    typed: str
    kinds: tuple[str, ...]


@dataclass(unsafe_hash=True)
class BadName(Malformed):
    """A name is empty, too long or not text; lengths are in characters."""

    field: ClassVar[str] = "name"
    typed: str
    length: int
    limit: int


@dataclass(unsafe_hash=True)
class TooLong(Malformed):
    """A text is longer than allowed; `what` names it, lengths are in characters."""

    field: ClassVar[str] = "text"
    what: str
    length: int
    limit: int


@dataclass(unsafe_hash=True)
class Reserved(NotAllowed):
    """Only those who administrate the workspace may create this kind."""

    kind: str


@dataclass(unsafe_hash=True)
class MayNotCreate(NotAllowed):
    """The caller may create other kinds in this resource, but not this one."""

    kind: str
    title: str


@dataclass(unsafe_hash=True)
class DoesNotStandIn(Malformed):
    """Resources of this kind cannot be in a resource of that kind."""

    field: ClassVar[str] = "other_resource"
    kind: str
    parent_kind: str
    title: str
    stands_in: tuple[str, ...]


@dataclass(unsafe_hash=True)
class StandsInSomething(Conflict):
    """A resource inside another one is transferred together with that one."""

    title: str
    parent: str
    may_hand_over: bool = True


@dataclass(unsafe_hash=True)
class TypeItsName(Conflict):
    """Before deletion the name of the resource must be typed.

    `inside` resources are deleted too.
    """

    field: ClassVar[str] = "confirmation"
    title: str
    inside: int


@dataclass(unsafe_hash=True)
class TypeShortName(Conflict):
    """Before such an answer by link the short name of the resource must be typed."""

    field: ClassVar[str] = "confirmation"
    title: str
    slug: str


@dataclass(unsafe_hash=True)
class NotPaidFor(Malformed):
    """Nothing pays for resources of this kind."""

    title: str
    kind: str


@dataclass(unsafe_hash=True)
class DoesNotPay(Malformed):
    """Resources of this kind cannot pay."""

    field: ClassVar[str] = "other_resource"
    title: str
    kind: str


@dataclass(unsafe_hash=True)
class PayerStays(Conflict):
    """What pays for a disabled resource cannot be changed."""

    title: str


@dataclass(unsafe_hash=True)
class TooManyTogether(Malformed):
    """One request names more resources than allowed."""

    field: ClassVar[str] = "resource"
    many: int
    limit: int


@dataclass(unsafe_hash=True)
class NothingToRotate(Conflict):
    """Nobody lost access to the code since the keys were rotated."""

    title: str
