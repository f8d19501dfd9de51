"""Signing in to the pages with an account of the chat platform (OUT-04)."""

from __future__ import annotations

from dataclasses import dataclass

from collab import errors
from collab.command import Command
from collab.context import Context
from collab.events import Event, PersonVerified
from collab.model import Person, PersonId
from collab.person_matches import join_records, was_rejected
from collab.text import normalize_address


@dataclass(frozen=True, slots=True)
class SignInByAccount(Command):
    """Sign in with an account; `email` is the address that the platform verified for it.

    `person` is the id of somebody known by an address whose link the caller opened, or
    as whom they have signed in.
    """

    email: str
    person: PersonId | None = None

    def decide(self, context: Context) -> list[Event]:
        """Join the record of the equal address with the account, and never one of
        another address (OUT-04).
        """
        email = normalize_address(self.email)
        other = self._find_other(context, email)
        joined = join_records(context, context.actor, other) if other else []
        return [*joined, PersonVerified(context.actor.id)]

    def _find_other(self, context: Context, email: str) -> Person | None:
        """Return the record to join: with the equal address, and not said to be
        somebody else's unless both are proved here.
        """
        actor_id = context.actor.id
        if self.person:
            named = context.people.get_person(self.person)
            if named and named.id != actor_id and named.email != email:
                raise errors.OtherAddress(named.email or "", email)
            if named and named.user and named.id != actor_id:
                raise errors.NoMatch
        candidates = context.people.list_people_with_email_only(email)
        for each in candidates:
            if each.id == self.person or not was_rejected(context, actor_id, each.id):
                return each
        return None
