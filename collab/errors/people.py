"""Rejections about people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.errors.base import Conflict, Malformed, NotAllowed, Unknown
from collab.model import Address, PersonId


@dataclass(unsafe_hash=True)
class NotAPerson(NotAllowed):
    """The account is a bot or deactivated (`reason`)."""

    field: ClassVar[str] = "person"
    person: PersonId
    reason: str


@dataclass(unsafe_hash=True)
class NoMail(Conflict):
    """Nobody in the workspace has the address, and no mail can be sent there."""

    field: ClassVar[str] = "address"
    address: Address


@dataclass(unsafe_hash=True)
class AddressStopped(Conflict):
    """The person's address gets no more mails; `why` is bounced or complained."""

    field: ClassVar[str] = "address"
    person: PersonId
    why: str


@dataclass(unsafe_hash=True)
class NothingStopped(Conflict):
    """The address gets mails, so there is nothing to allow."""


@dataclass(unsafe_hash=True)
class ToYourself(NotAllowed):
    """The action (`act`) must concern another person than the caller."""

    field: ClassVar[str] = "person"
    act: str


@dataclass(unsafe_hash=True)
class ProfileUnread(Conflict):
    """The person's profile has not been read yet; the request can be repeated."""


@dataclass(unsafe_hash=True)
class BadAddress(Malformed):
    """The text is not an email address; `is_optional`: none is needed there."""

    field: ClassVar[str] = "address"
    typed: str
    is_optional: bool = False


@dataclass(unsafe_hash=True)
class UnknownPerson(Unknown):
    """Nobody is known by that, or not any more."""


@dataclass(unsafe_hash=True)
class MustHandOver(Conflict):
    """Resources need the person, who is the last to have a role there."""

    titles: tuple[str, ...]


@dataclass(unsafe_hash=True)
class SignInNeeded(NotAllowed):
    """The caller is not signed in, or not any more; a link may be too old or used."""


@dataclass(unsafe_hash=True)
class NoMatch(Conflict):
    """The caller is not asked about this record, or the question is answered, or it is
    too late to take the answer back.
    """


@dataclass(unsafe_hash=True)
class OtherAddress(Conflict):
    """The account has another address than the one that was invited."""

    invited: str
    signed_in: str
