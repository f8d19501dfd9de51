"""Signing in to the pages outside the chat platform, by links in mails (OUT-03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from collab import errors
from collab.command import Command, Query
from collab.context import Context
from collab.events import (
    Event,
    PersonSignedOut,
    PersonVerified,
    RecordedEvent,
    SignInRequested,
)
from collab.model import Caller, Person

LINK_LIFETIME = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(hours=1)
# Strangers can ask for links to any address. They don't count among the mails about
# invitations: nobody is to keep people from signing in by inviting them, or the other
# way round.
MAX_LINKS = 5
LINK_LIMIT_PERIOD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RequestSignIn(Command):
    """Ask for a link to sign in, for whoever is known by an address alone."""

    email: str

    def decide(self, context: Context) -> list[Event]:
        """Request a link unless nobody has the address, or they were mailed enough; who
        asks learns nothing of that.
        """
        if not context.policy.sends_mail:
            return []
        candidates = context.people.list_people_with_email_only(self.email)
        if not candidates or not candidates[0].active:
            return []
        since = context.at - LINK_LIMIT_PERIOD
        person_id = candidates[0].id
        earlier = context.events.list_events_about(person_id, [SignInRequested], since)
        if len(earlier) >= MAX_LINKS:
            return []
        return [SignInRequested(person_id)]


@dataclass(frozen=True, slots=True)
class SignIn(Command):
    """Sign in by a link; `requested` is the number of the event that asked for it."""

    requested: int

    def decide(self, context: Context) -> list[Event]:
        """Use up the newest link, unless it is too old or was used (OUT-02)."""
        _check_link(context, self.by, self.requested)
        return [PersonVerified(context.actor.id, self.requested)]


@dataclass(frozen=True, slots=True)
class CheckSignInLink(Query[None]):
    """Check that a link would sign in; `requested` is as in SignIn."""

    is_allowed_from_outside: ClassVar[bool] = True

    requested: int

    def answer(self, context: Context) -> None:
        """Raise SignInNeeded if the link was used, replaced or is too old (OUT-02)."""
        _check_link(context, self.by, self.requested)


@dataclass(frozen=True, slots=True)
class SignOut(Command):
    """End everything that the caller has opened by signing in."""

    is_allowed_from_outside: ClassVar[bool] = True

    def decide(self, context: Context) -> list[Event]:
        """End the caller's sessions."""
        return [PersonSignedOut(context.actor.id)] if context.actor.id else []


@dataclass(frozen=True, slots=True)
class ShowSession(Query[Person]):
    """Show who signed in at a time; `opened_seq` is the number of the event by which."""

    is_allowed_from_outside: ClassVar[bool] = True

    opened_at: datetime
    opened_seq: int

    def answer(self, context: Context) -> Person:
        """Return the person; raises SignInNeeded once the session has ended."""
        check_can_sign_in(context, self.by)
        if not self.opened_at <= context.at < self.opened_at + SESSION_LIFETIME:
            raise errors.SignInNeeded
        ended = context.events.list_events_about(
            context.actor.id, [PersonSignedOut], self.opened_at
        )
        if any(each.seq > self.opened_seq for each in ended):
            raise errors.SignInNeeded
        return context.actor


def check_can_sign_in(context: Context, by: Caller) -> None:
    """Reject a caller whose record was erased or has become a part of another one."""
    person = context.actor
    is_gone = not person.id or person.id != by.person
    if is_gone or not (person.email or person.user):
        raise errors.SignInNeeded


def _check_link(context: Context, by: Caller, requested: int) -> None:
    """Reject a link that is not the newest, is too old or was used (OUT-02)."""
    check_can_sign_in(context, by)
    recorded = context.events.list_events_about(
        context.actor.id, [SignInRequested, PersonVerified], context.at - LINK_LIFETIME
    )
    newest = _find_newest_request(recorded)
    if newest is None or newest.seq != requested:
        raise errors.SignInNeeded
    if context.at >= newest.at + LINK_LIFETIME or _is_used(recorded, newest.seq):
        raise errors.SignInNeeded


def has_verified_address(context: Context, person: Person) -> bool:
    """Return whether a person known by an address alone proved that they have it."""
    return bool(context.events.list_events_about(person.id, [PersonVerified]))


def _find_newest_request(recorded: Sequence[RecordedEvent]) -> RecordedEvent | None:
    requests = [each for each in recorded if isinstance(each.event, SignInRequested)]
    return requests[-1] if requests else None


def _is_used(recorded: Sequence[RecordedEvent], requested: int) -> bool:
    return any(
        isinstance(each.event, PersonVerified) and each.event.requested == requested
        for each in recorded
    )
