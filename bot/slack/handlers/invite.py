"""Handlers of `invite`: offer a role to one person or to several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.rendering import RenderedText
from bot.slack.commands.lexer import format_recipient, split_recipients
from bot.slack.commands.parse_state import GroupMention, account_from_token
from bot.slack.commands.slots import Slot
from bot.slack.commands.verbs.memberships import INVITE
from bot.slack.forms.building import build_form_view
from bot.slack.forms.values import read_duration_or_day
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
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routing import (
    ActionRoute,
    CommandRoute,
    ShortcutRoute,
    SubmissionRoute,
)
from bot.slack.unconfirmed_invitations import UnconfirmedInvitation
from bot.slack.views import Block, Message, View
from bot.slack.views.forms import command_answer_view
from bot.slack.views.home import START_BLOCK_ID
from bot.slack.views.invitation_results import invitation_results_message
from bot.slack.views.next_steps import NextStep, next_steps_block
from bot.slack.views.outsiders import outsider_question_view
from collab import errors
from collab.bus import Outcome
from collab.invitations.commands import InviteToResource
from collab.limits import format_duration
from collab.model import Account, Address, Caller
from collab.outsiders import FindPowerForOutsiders

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


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """Whom to invite to what; `people` may be words that name nobody."""

    by: Caller
    at: datetime
    people: Sequence[Invitee | GroupMention | str]
    role: str
    resources: tuple[str, ...]
    length: timedelta | date | None
    note: str | None
    is_from_form: bool

    @property
    def invitees(self) -> tuple[Invitee, ...]:
        """Those who can be invited."""
        return tuple(
            person for person in self.people if isinstance(person, Account | Address)
        )


def invite_people(services: Services, request: CommandRequest) -> Message | None:
    """Offer a role to each person that is named.

    If the role gives power to people from outside, a question comes first.
    """
    invitation = InvitationRequest(
        request.caller,
        request.at,
        drop_duplicate_people(services, request.caller, request.get(Slot.PEOPLE)),
        request.get(Slot.ROLE),
        get_resources_or_linked(services, request),
        request.get(Slot.DURATION),
        request.get(Slot.NOTE),
        request.is_from_form,
    )
    if len(invitation.people) == 1:
        with suppress(errors.PowerForOutsider):
            return _invite(services, invitation, asks_first=True)
    query = FindPowerForOutsiders(
        request.caller, invitation.invitees, invitation.role, invitation.resources
    )
    power = services.bus.query(query, request.at)
    if power is None:
        return _invite(services, invitation)
    metadata = _build_unconfirmed_invitation(invitation).encode()
    request.open_view(outsider_question_view(services.renderer, power, metadata))
    return None


def submit_outsider_question(services: Services, submission: ViewSubmission) -> View:
    """Send the invitation that was asked about; the modal then shows the result."""
    unconfirmed = UnconfirmedInvitation.decode(submission.private_metadata)
    if not unconfirmed.invitees:
        return command_answer_view(
            services.renderer, INVITE, services.build_reply("outdated_control")
        )
    team = submission.caller.workspace
    people = [
        account_from_token(token, team) if "@" in each else Account(team, each)
        for each in unconfirmed.invitees
        for token in split_recipients(each)
    ]
    invitation = InvitationRequest(
        submission.caller,
        submission.at,
        people,
        unconfirmed.role,
        unconfirmed.resources,
        read_duration_or_day(Slot.DURATION, unconfirmed.length, "term.choose"),
        unconfirmed.note or None,
        is_from_form=False,
    )
    try:
        answer = _invite(services, invitation)
    except errors.UnknownResource:
        answer = services.build_reply("gone")
    return command_answer_view(services.renderer, INVITE, answer)


def _invite(
    services: Services, request: InvitationRequest, *, asks_first: bool = False
) -> Message:
    """Invite each person.

    One person is invited or the request is rejected; of several, each has a result of
    their own (INV-12).
    """
    commands = _build_commands(services, request)
    if len(request.people) == 1 and commands:
        command = replace(commands[0], asks_first=asks_first)
        outcome = services.execute(command, request.at, read_sent_invitation)
        return build_sent_reply(services, outcome)
    results = _execute_each(services, commands, request.at)
    if request.is_from_form:
        _raise_common_rejection(results)
    result_by_invitee = dict(zip(request.invitees, results, strict=True))
    return invitation_results_message(
        services.renderer,
        [
            _render_result(services, request.by, person, result_by_invitee)
            for person in request.people
        ],
        _build_next_steps(services, results),
    )


def _build_commands(
    services: Services, request: InvitationRequest
) -> list[InviteToResource]:
    term = read_term(services, request.by, request.length)
    return [
        InviteToResource(
            request.by,
            invitee,
            request.role,
            request.resources,
            term,
            request.note,
        )
        for invitee in request.invitees
    ]


def _build_unconfirmed_invitation(request: InvitationRequest) -> UnconfirmedInvitation:
    """Return the invitation without the words that name nobody."""
    length = request.length
    if isinstance(length, timedelta):
        typed = format_duration(length)
    else:
        typed = length.isoformat() if length else ""
    return UnconfirmedInvitation(
        request.role,
        typed,
        request.resources,
        tuple(
            format_recipient(each.email, each.name)
            if isinstance(each, Address)
            else each.user
            for each in request.invitees
        ),
        request.note or "",
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
    SubmissionRoute("invite_outsiders", submit_outsider_question),
)
