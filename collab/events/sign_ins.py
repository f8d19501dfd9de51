"""Events of people who sign in to the pages outside the chat platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.events.base import Event
from collab.model import PersonId


@dataclass(frozen=True, slots=True)
class SignInRequested(Event):
    """Somebody asked for a link to sign in, to be mailed to a person's address."""

    name: ClassVar[str] = "person.sign_in_requested"
    person: PersonId


@dataclass(frozen=True, slots=True)
class PersonVerified(Event):
    """A person proved that they have their address, by a link that was mailed there.

    `requested` is the number of the event that asked for a link to sign in; None for a
    link of an invitation.
    """

    name: ClassVar[str] = "person.verified"
    person: PersonId
    requested: int | None = None


@dataclass(frozen=True, slots=True)
class PersonSignedOut(Event):
    """A person signed out everywhere: what they had opened before works no more."""

    name: ClassVar[str] = "person.signed_out"
    person: PersonId
