"""What became of mails, and the addresses that get no more (OUT-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collab import errors
from collab.command import Command, Query
from collab.context import Context
from collab.events import Event, InvitationUndelivered, MailAllowed, MailStopped
from collab.invitations.rules import PENDING, get_event_fields
from collab.model import InvitationId, Person, PersonId

DELAYED = "mail_delayed"
COMPLAINED = "complained"
# Why an address gets nothing more, by what happened to a mail.
STOPPING_PROBLEMS = {"mailbox_refused": "bounced", COMPLAINED: "complained"}


@dataclass(frozen=True, slots=True)
class RecordMailFailure(Command):
    """Record that a mail to a person did not arrive, or not yet; `problem` says why.

    `invitation` is the one that the mail was about, if any.
    """

    person: PersonId
    problem: str
    invitation: InvitationId | None = None

    def decide(self, context: Context) -> list[Event]:
        """Record it once, and stop the mails to an address that does not work."""
        person = context.people.get_person(self.person)
        if person is None or not self.by.is_system:
            return []
        happened = self._list_undelivered(context)
        why = STOPPING_PROBLEMS.get(self.problem)
        if why and person.id == self.person and not person.mail_stopped:
            happened.append(MailStopped(person.id, why))
        return happened

    def _list_undelivered(self, context: Context) -> list[Event]:
        if self.invitation is None:
            return []
        invitation = context.invitations.get_invitation(self.invitation)
        if invitation is None or invitation.state != PENDING:
            return []
        if invitation.person != self.person or invitation.undelivered == self.problem:
            return []
        is_late_delay = self.problem == DELAYED and invitation.undelivered
        if is_late_delay:
            return []
        fields = get_event_fields(invitation)
        return [InvitationUndelivered(**fields, problem=self.problem)]


@dataclass(frozen=True, slots=True)
class AllowMail(Command):
    """Let an address get mails again."""

    person: PersonId

    def decide(self, context: Context) -> list[Event]:
        """Allow it for an admin of the workspace, or for who runs Collab."""
        _check_may_manage(self, context)
        person = context.people.get_person(self.person)
        if person is None or not person.mail_stopped:
            raise errors.NothingStopped
        return [MailAllowed(person.id)]


@dataclass(frozen=True, slots=True)
class ListStoppedAddresses(Query[Sequence[Person]]):
    """List the people whose addresses get no more mails."""

    def answer(self, context: Context) -> Sequence[Person]:
        """Return them by address, for an admin of the workspace or who runs Collab."""
        _check_may_manage(self, context)
        return context.people.list_people_without_mail()


def _check_may_manage(
    request: Command | Query[Sequence[Person]], context: Context
) -> None:
    if not (context.actor.admin or request.by.is_system):
        raise errors.NotWorkspaceAdmin
