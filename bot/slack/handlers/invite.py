"""Handlers of `invite`: offer a role to one person or to several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.rendering import RenderedText
from bot.slack.commands.parse_state import GroupMention
from bot.slack.commands.slots import Slot
from bot.slack.commands.verbs.memberships import INVITE
from bot.slack.forms.building import build_form_view
from bot.slack.handlers.invitations import (
    build_sent_reply,
    read_term,
    render_sent_invitation,
)
from bot.slack.lookups import (
    drop_duplicate_people,
    get_resources_or_linked,
    read_sent_invitation,
)
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute, ShortcutRoute
from bot.slack.views import Block, Message, View
from bot.slack.views.home import START_BLOCK_ID
from bot.slack.views.invitation_results import invitation_results_message
from bot.slack.views.next_steps import NextStep, next_steps_block
from collab import errors
from collab.bus import Outcome
from collab.invitations.commands import InviteToResource
from collab.model import Account, Address, Caller

Invitee = Account | Address
# Those that are about what everybody is invited to.
COMMON_REJECTIONS = (
    errors.UnknownResource,
    errors.NotTogether,
    errors.TooManyTogether,
    errors.UnknownRole,
    errors.MayNotGrant,
    errors.BadDuration,
    errors.TooLong,
)
InvitationResult = Outcome[Any] | errors.Rejected


def invite_people(services: Services, request: CommandRequest) -> Message:
    """Offer a role to each person that is named.

    One person is invited or the request is rejected; of several, each has a result of
    their own (INV-12).
    """
    resource_names = get_resources_or_linked(services, request)
    people = drop_duplicate_people(services, request.caller, request.get(Slot.PEOPLE))
    term = read_term(services, request.caller, request.get(Slot.DURATION))
    invitees = [person for person in people if isinstance(person, Account | Address)]
    commands = [
        InviteToResource(
            request.caller,
            invitee,
            request.get(Slot.ROLE),
            resource_names,
            term,
            request.get(Slot.NOTE),
        )
        for invitee in invitees
    ]
    if len(people) == 1 and commands:
        outcome = services.execute(commands[0], request.at, read_sent_invitation)
        return build_sent_reply(services, outcome)
    results = _execute_each(services, commands, request.at)
    if request.is_from_form:
        _raise_common_rejection(results)
    result_by_invitee = dict(zip(invitees, results, strict=True))
    return invitation_results_message(
        services.renderer,
        [
            _render_result(services, request.caller, person, result_by_invitee)
            for person in people
        ],
        _build_next_steps(services, results),
    )


def build_empty_form(services: Services, caller: Caller, at: datetime) -> View:
    """Return the form without values, for the shortcut."""
    return build_form_view(services, caller, at, INVITE, {})


def open_invite_form(services: Services, request: ActionRequest) -> None:
    """Open the form from a button, for the resource that the button belongs to."""
    values = {}
    if request.value and request.origin != START_BLOCK_ID:
        values[Slot.RESOURCES.value] = request.value
    view = build_form_view(services, request.caller, request.at, INVITE, values)
    request.open_view(view)


def _execute_each(
    services: Services, commands: Sequence[InviteToResource], at: datetime
) -> list[InvitationResult]:
    numbered = [
        replace(command, by=_number_delivery(command.by, number))
        for number, command in enumerate(commands)
    ]
    return services.execute_each(numbered, at, read_sent_invitation)


def _build_next_steps(
    services: Services, results: Sequence[InvitationResult]
) -> Block | None:
    """Return the buttons for what the first of several people was invited to, if any."""
    for result in results:
        if isinstance(result, Outcome) and result.view:
            return next_steps_block(
                services.renderer,
                result.view.resource,
                NextStep.MEMBERS,
                NextStep.OPEN,
            )
    return None


def _number_delivery(caller: Caller, number: int) -> Caller:
    """Give each command of one delivery an idempotency key of its own."""
    if not caller.idempotency_key:
        return caller
    return replace(caller, idempotency_key=f"{caller.idempotency_key}:{number}")


def _raise_common_rejection(results: Sequence[InvitationResult]) -> None:
    """Raise the first rejection if nobody was invited, for one reason about a field."""
    rejections = [result for result in results if isinstance(result, errors.Rejected)]
    if not rejections or len(rejections) < len(results):
        return
    if len({type(rejected) for rejected in rejections}) > 1:
        return
    if isinstance(rejections[0], COMMON_REJECTIONS):
        raise rejections[0]


def _render_result(
    services: Services,
    caller: Caller,
    person: Invitee | GroupMention | str,
    result_by_invitee: Mapping[Invitee, InvitationResult],
) -> RenderedText:
    if isinstance(person, GroupMention):
        return services.renderer.render(
            "refusals/group_named", example="", typed=person.text
        )
    if isinstance(person, str):
        return services.renderer.render(
            "refusals/unknown_who", example="", typed=person
        )
    result = result_by_invitee[person]
    if isinstance(result, Outcome):
        return render_sent_invitation(services, result)
    return services.render_rejection(result, caller)


ROUTES = (
    CommandRoute("invite", invite_people),
    ActionRoute("invite_open", open_invite_form),
    ShortcutRoute("invite", build_empty_form),
)
