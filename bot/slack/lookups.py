"""What handlers look up before or after they execute a command."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from bot.request_trace import note_verb
from bot.slack.commands import parser
from bot.slack.commands.errors import UnknownRoleWord
from bot.slack.commands.parse_state import nearest_word
from bot.slack.commands.slots import Slot
from bot.slack.commands.typed_words import role_by_word
from bot.slack.commands.verb import ParsedCommand
from bot.slack.requests import CommandRequest, Services
from collab import errors, events
from collab.access_queries import ShowResource
from collab.bus import Outcome, ReadAfter
from collab.channels import ShowLinkedResource
from collab.command import Command
from collab.context import Context
from collab.handovers.scope import list_lower_roles
from collab.invitations.queries import ListInvitations
from collab.model import (
    Account,
    Address,
    Caller,
    InvitationId,
    Person,
    PersonId,
    Resource,
)
from collab.open_items import InvitationView, build_invitation_view
from collab.people import get_identity_key, list_known_people
from collab.role_model import Role, RoleModel

PersonRef = TypeVar("PersonRef")


def parse_line(
    services: Services, by: Caller, at: datetime, text: str
) -> ParsedCommand:
    """Return a typed line with its values; raises ParseError.

    Where a role is unknown and the line names a resource, the error lists the roles of
    that resource alone.
    """
    try:
        parsed = parser.parse(
            text,
            by.workspace,
            services.bus.roles,
            sender_id=by.account.user if by.account else "",
        )
    except UnknownRoleWord as error:
        resource = _find_named_resource(services, by, at, error.what)
        if resource is None:
            raise
        raise _limit_to_kind(services.bus.roles, error, resource.kind) from error
    note_verb(parsed.verb.name)
    return parsed


def _find_named_resource(
    services: Services, by: Caller, at: datetime, names: str
) -> Resource | None:
    """Return the resource of a name, or else of the first of several names."""
    for name in dict.fromkeys((names, names.partition(" ")[0])):
        if name:
            with suppress(errors.Rejected):
                return services.bus.query(ShowResource(by, name), at).resource
    return None


def _limit_to_kind(
    roles: RoleModel, error: UnknownRoleWord, kind: str
) -> UnknownRoleWord:
    """Return the error with the roles of one kind of resource alone."""
    names = tuple(role.name for role in _list_choices(roles, error, kind))
    if not names:
        return error
    role_by_typed = role_by_word(names)
    nearest = nearest_word(error.typed, tuple(role_by_typed))
    suggested, words = error.suggested, error.example.split(" ")
    if suggested in words and suggested not in role_by_typed:
        words[words.index(suggested)] = nearest or names[-1]
    return replace(error, roles=names, nearest=nearest, example=" ".join(words))


def _list_choices(
    roles: RoleModel, error: UnknownRoleWord, kind: str
) -> Sequence[Role]:
    if error.is_kept:
        return list_lower_roles(roles[kind])
    if error.is_changed:
        return roles.list_roles_to_change_to(kind)
    return roles[kind].assignable_roles


def get_resource_or_linked(services: Services, request: CommandRequest) -> str:
    """Return the resource that was typed, else the one linked to the channel.

    Raises MissingWord if there is neither.
    """
    resource_ref: str | None = request.get(Slot.RESOURCE)
    if resource_ref is not None:
        return resource_ref
    return _get_linked_resource(services, request, Slot.RESOURCE)


def get_resources_or_linked(
    services: Services, request: CommandRequest
) -> tuple[str, ...]:
    """Return the resources that were typed, else the one linked to the channel.

    Raises MissingWord if there are none.
    """
    resource_refs: tuple[str, ...] | None = request.get(Slot.RESOURCES)
    if resource_refs is not None:
        return resource_refs
    return (_get_linked_resource(services, request, Slot.RESOURCES),)


def find_linked_resource(services: Services, request: CommandRequest) -> str | None:
    """Return the id of the one resource that is linked to the channel, or None."""
    query = ShowLinkedResource(request.caller, request.channel)
    try:
        return services.bus.query(query, request.at).id
    except errors.ChannelNotLinked:
        return None


def list_pending_invitations(
    services: Services, by: Caller, at: datetime, what: str | None = None
) -> Sequence[InvitationView]:
    """Return the invitations that the caller may answer, of one resource or of all."""
    return services.bus.query(ListInvitations(by, what=what), at).invitations


def list_person_ids(
    services: Services, by: Caller, person_ref: Account | Address
) -> list[PersonId]:
    """Return the ids of those whom an account or an address names and who are known."""
    with services.read_workspace(by) as repositories:
        return [each.id for each in list_known_people(repositories, person_ref)]


def get_account_or_address(person: Person) -> Account | Address:
    """Return what names a person: their account, or else their address."""
    if person.team and person.user:
        return Account(person.team, person.user)
    return Address(person.email or "")


def drop_duplicate_people(
    services: Services, by: Caller, people: Sequence[PersonRef]
) -> list[PersonRef]:
    """Return each person once, as first named (INV-12).

    Text that is neither an account nor an address is returned unchanged.
    """
    if len(people) == 1:
        return list(people)
    unique: dict[object, PersonRef] = {}
    with services.read_workspace(by) as repositories:
        for person_ref in people:
            key: object = person_ref
            if isinstance(person_ref, Account | Address):
                key = get_identity_key(repositories, person_ref)
            unique.setdefault(key, person_ref)
    return list(unique.values())


def make_invitation_reader(
    invitation_id: InvitationId,
) -> ReadAfter[InvitationView | None]:
    """Return a reader of the invitation after the command."""

    def read(context: Context, _outcome: Outcome[Any]) -> InvitationView | None:
        return _load_invitation(context, invitation_id)

    return read


def read_sent_invitation(
    context: Context, outcome: Outcome[Any]
) -> InvitationView | None:
    """Return the invitation that was sent or resent; None if none was."""
    sent = outcome.find_event(events.InvitationSent)
    resent = outcome.find_event(events.InvitationResent)
    event = sent or resent
    return _load_invitation(context, event.invitation) if event else None


def find_invitation_of_repeated_request(
    services: Services, command: Command, at: datetime
) -> InvitationId | None:
    """Return the invitation that the same request changed when it arrived before.

    `command` names no invitation, so it succeeds only as a repeated request.
    """
    try:
        outcome = services.execute(command, at)
    except errors.UnknownInvitation:
        return None
    for recorded in outcome.recorded:
        invitation_id: InvitationId | None = getattr(recorded.event, "invitation", None)
        if invitation_id:
            return invitation_id
    return None


def _get_linked_resource(
    services: Services, request: CommandRequest, slot: Slot
) -> str:
    resource_id = find_linked_resource(services, request)
    if resource_id is None:
        raise request.line.missing_word_error(slot)
    return resource_id


def _load_invitation(
    context: Context, invitation_id: InvitationId
) -> InvitationView | None:
    invitation = context.invitations.get_invitation(invitation_id)
    if invitation is None:
        return None
    return build_invitation_view(context.repositories, invitation, context)
