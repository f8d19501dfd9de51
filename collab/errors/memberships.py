"""Rejections about memberships, roles and their end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.errors.base import Conflict, NotAllowed, Unknown
from collab.model import PersonId


@dataclass(unsafe_hash=True)
class UnknownRole(Unknown):
    """The kind of resource has no such role; `roles` are those that it has."""

    field: ClassVar[str] = "role"
    typed: str
    kind: str
    roles: tuple[str, ...]


@dataclass(unsafe_hash=True)
class MayNotGrant(NotAllowed):
    """The caller may not assign the role.

    `grants` are the roles that they may assign.
    """

    field: ClassVar[str] = "role"
    role: str
    title: str
    grants: tuple[str, ...]


@dataclass(unsafe_hash=True)
class MayNotRemove(NotAllowed):
    """The caller may not end the role of the person.

    `role` is empty if the caller may remove nobody; `is_final` if nobody may end that
    role for another; `may_hand_over` if only one person may have the role and the
    caller may transfer it. `slug` is what to type.
    """

    person: PersonId
    role: str
    title: str
    slug: str = ""
    is_final: bool = False
    may_hand_over: bool = False


@dataclass(unsafe_hash=True)
class AlreadyHolds(Conflict):
    """The person has the role already."""

    field: ClassVar[str] = "role"
    person: PersonId
    role: str
    title: str


@dataclass(unsafe_hash=True)
class NotAMember(Conflict):
    """The person has no membership on the resource."""

    field: ClassVar[str] = "person"
    person: PersonId
    title: str


@dataclass(unsafe_hash=True)
class HeldThrough(Conflict):
    """The person has an inherited role, by `source_role` on `source`.

    The title `source` is empty if the caller may not view it. `can_end` if the caller
    can end the role there, `can_unshare` if they can end the role of the team instead.
    """

    person: PersonId
    role: str
    title: str
    slug: str
    source_role: str
    source_kind: str
    source: str
    source_slug: str
    can_end: bool
    can_unshare: bool = False


@dataclass(unsafe_hash=True)
class LastHolder(Conflict):
    """The role needs a holder, and the person is the last one.

    `way` is what the caller can do first: invite, transfer or enable; empty if nothing.
    """

    role: str
    title: str
    slug: str
    only_one: bool = False
    way: str = "invite"


@dataclass(unsafe_hash=True)
class NothingFollows(Conflict):
    """The person has no role that the removal of this one would leave."""

    field: ClassVar[str] = "kept_resources"
    person: PersonId
    role: str
    title: str


@dataclass(unsafe_hash=True)
class HasNoEnd(Conflict):
    """The membership has no end that could be extended."""

    person: PersonId
    role: str
    title: str


@dataclass(unsafe_hash=True)
class EndsLater(Conflict):
    """The membership ends later than the new end already."""

    field: ClassVar[str] = "duration"
    person: PersonId
    until: datetime
    title: str


@dataclass(unsafe_hash=True)
class NothingToOffboard(Conflict):
    """The person has no role, invitation or request that the caller may end."""

    field: ClassVar[str] = "person"
    person: PersonId


@dataclass(unsafe_hash=True)
class NothingToUndo(Conflict):
    """There is no removal that could be undone."""


@dataclass(unsafe_hash=True)
class TooLateToUndo(Conflict):
    """What ended is too old to be undone; `left`: the caller left by themselves."""

    done: datetime
    left: bool = False


@dataclass(unsafe_hash=True)
class AlreadyUndone(Conflict):
    """The removal was undone before."""

    person: PersonId
    title: str
