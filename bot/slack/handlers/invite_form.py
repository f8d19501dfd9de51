"""Inviting: by a line, or in a window with what is known filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import BlockId
from bot.slack.commands.errors import MissingWord, TooManyPeople
from bot.slack.commands.lexer import split_recipients
from bot.slack.commands.parse_state import GroupMention
from bot.slack.commands.slots import Slot
from bot.slack.handlers.invitations import (
    build_term,
    parse_duration_field,
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
    FieldError,
    OptionsRequest,
    Services,
    ViewSubmission,
    build_field_error,
    split_list,
)
from bot.slack.routing import (
    ActionRoute,
    CommandRoute,
    OptionsRoute,
    ShortcutRoute,
    SubmissionRoute,
)
from bot.slack.views import Message, OptionsResponse, View, blocks
from bot.slack.views.home import START_BLOCK_ID
from bot.slack.views.invite_form import (
    InvitationDraft,
    invitation_results_message,
    invitation_results_view,
    invite_form_view,
    resource_options,
)
from collab import errors
from collab.assignable_roles import (
    CommonRoles,
    ListAssignableResources,
    ListCommonRoles,
)
from collab.bus import Outcome
from collab.card_numbers import holds_card_number
from collab.invitations.commands import InviteToResource
from collab.invitations.rules import validate_note
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.model import Account, Address, Caller, Term

Invitee = Account | Address
InvitationResult = Outcome[Any] | errors.Rejected | None
FIELD_BY_REJECTION: Mapping[type[errors.Rejected], str] = {
    errors.NotTogether: "what",
    errors.TooManyTogether: "what",
    errors.UnknownRole: "role",
    errors.MayNotGrant: "role",
    errors.BadDuration: "lasts",
    errors.TooLong: "note",
}


def invite_people(services: Services, asked: CommandRequest) -> Message | None:
    """Ask somebody to take a role; a line that lacks something opens the window."""
    what = _get_named_resources(services, asked)
    if asked.line.missing_word or not what:
        asked.open_view(_build_form_from_command(services, asked, what))
        return None
    whom = drop_duplicate_people(services, asked.caller, asked.get(Slot.PEOPLE))
    offer = (
        asked.get(Slot.ROLE),
        what,
        build_term(asked.get(Slot.DURATION), services.get_time_zone(asked.caller)),
        asked.get(Slot.NOTE),
    )
    if len(whom) == 1 and isinstance(whom[0], Account | Address):
        outcome = services.execute(
            InviteToResource(asked.caller, whom[0], *offer),
            asked.at,
            read_sent_invitation,
        )
        return blocks.build_message(render_sent_invitation(services, outcome))
    found = _invite_each(
        services,
        asked.caller,
        asked.at,
        [who for who in whom if isinstance(who, Account | Address)],
        offer,
    )
    return invitation_results_message(
        services.renderer,
        [_render_result(services, asked.caller, who, found.get(who)) for who in whom],
    )


def build_empty_invite_form(services: Services, by: Caller, at: datetime) -> View:
    """The window with nothing filled in."""
    return _build_invite_form(services, by, at, InvitationDraft(), ())


def open_invite_form(services: Services, request: ActionRequest) -> None:
    """A button that opens the window, for one thing when it stands beside one that is still there."""
    named = (
        (request.value,) if request.value and request.origin != START_BLOCK_ID else ()
    )
    try:
        view = _build_invite_form(
            services, request.caller, request.at, InvitationDraft(), named
        )
    except errors.UnknownResource:
        view = _build_invite_form(
            services, request.caller, request.at, InvitationDraft(), ()
        )
    request.open_view(view)


def update_invite_form(services: Services, request: ActionRequest) -> None:
    """Something was chosen: the roles to choose from follow it."""
    filled = request.values
    people, role = split_list(filled.get("people", "")), _find_role_field(filled)[1]
    # A card number that stands in a field goes nowhere from there; sending the window in refuses it.
    kept = {
        name: value for name, value in filled.items() if not holds_card_number(value)
    }
    emails, lasts, note = (kept.get(name, "") for name in ("emails", "lasts", "note"))
    draft = InvitationDraft(people, emails, role=role, duration=lasts, note=note)
    request.update_view(
        _build_invite_form(
            services,
            request.caller,
            request.at,
            draft,
            tuple(split_list(filled.get("what", ""))),
        )
    )


def find_resource_options(
    services: Services, request: OptionsRequest
) -> OptionsResponse:
    """The things that fit what was typed."""
    return resource_options(
        services.renderer,
        services.bus.query(
            ListAssignableResources(request.caller, request.typed), request.at
        ),
    )


def submit_invite_form(services: Services, submission: ViewSubmission) -> View:
    """The window sent in: each is invited by themselves."""
    whom, what = (
        _parse_invitees(services, submission),
        tuple(split_list(submission.values.get("what", ""))),
    )
    field, role = _find_role_field(submission.values)
    if not what or not role:
        raise FieldError(
            "what", services.renderer.render("modals/no_common_role", "plain").text
        )
    found = _invite_each(
        services,
        submission.caller,
        submission.at,
        whom,
        (
            role,
            what,
            parse_duration_field(services, submission),
            submission.values.get("note"),
        ),
    )
    if not any(isinstance(answer, Outcome) for answer in found.values()):
        _raise_common_field_error(services, submission, found, field)
    answers = [
        _render_result(services, submission.caller, who, answer)
        for who, answer in found.items()
    ]
    return invitation_results_view(
        services.renderer,
        answers,
        has_changes=any(isinstance(a, Outcome) for a in found.values()),
    )


def _get_named_resources(services: Services, asked: CommandRequest) -> tuple[str, ...]:
    try:
        return get_resources_or_linked(services, asked)
    except MissingWord:
        return ()


def _build_form_from_command(
    services: Services, asked: CommandRequest, what: tuple[str, ...]
) -> View:
    """The window with what the line said; words that name nothing refuse the line, as they would a whole one."""
    whom = asked.get(Slot.PEOPLE) or ()
    written = [_format_invitee(who) for who in whom if not isinstance(who, Account)]
    draft = InvitationDraft(
        [who.user for who in whom if isinstance(who, Account)],
        ", ".join(written),
        role=asked.get(Slot.ROLE) or "",
        duration=asked.line.typed.get(Slot.DURATION, "").partition(" ")[2],
        note=validate_note("note", asked.get(Slot.NOTE)) or "",
    )
    try:
        return _build_invite_form(services, asked.caller, asked.at, draft, what)
    except errors.UnknownResource as unknown:
        lacks = asked.line.missing_word
        raise (lacks if lacks and lacks.slot == Slot.PEOPLE else unknown) from unknown


def _build_invite_form(
    services: Services,
    by: Caller,
    at: datetime,
    draft: InvitationDraft,
    what: tuple[str, ...],
) -> View:
    # No "Loading…" comes first: with 1,000 members and 100 apps this takes 12 ms, and 95 with all of them filled in,
    # against the three seconds that Slack gives; a database that does not answer is given up after two.
    found: CommonRoles = services.bus.query(ListCommonRoles(by, what), at)
    return invite_form_view(
        services.renderer, replace(draft, resources=found.resources), found.roles
    )


def _parse_invitees(services: Services, submission: ViewSubmission) -> list[Invitee]:
    """Everybody who was chosen or written, each once."""
    whom: list[Invitee] = [
        Account(submission.caller.workspace, user)
        for user in split_list(submission.values.get("people", ""))
    ]
    for token in split_recipients(submission.values.get("emails", "")):
        if token.shape != "mail":
            raise build_field_error(
                services,
                "emails",
                errors.BadAddress(token.text.strip(",;")),
                submission.caller,
            )
        whom.append(Address(token.value))
    if not whom:
        raise FieldError("people", services.renderer.render_label("invite.nobody"))
    if len(whom) > MAX_RESOURCES_IN_OFFER:
        raise build_field_error(
            services,
            "emails",
            TooManyPeople("", len(whom), MAX_RESOURCES_IN_OFFER),
            submission.caller,
        )
    return drop_duplicate_people(services, submission.caller, whom)


def _find_role_field(filled: Mapping[str, str]) -> tuple[str, str]:
    """The field of the role, which is named by its options, and what was chosen there."""
    return next(
        (
            (field, value)
            for field, value in filled.items()
            if BlockId.decode(field).name == "role"
        ),
        ("what", ""),
    )


def _invite_each(
    services: Services,
    by: Caller,
    at: datetime,
    whom: Sequence[Invitee],
    offer: tuple[str, tuple[str, ...], Term, str | None],
) -> dict[Invitee, InvitationResult]:
    acts = [
        InviteToResource(_number_delivery(by, number), who, *offer)
        for number, who in enumerate(whom)
    ]
    return dict(
        zip(whom, services.execute_each(acts, at, read_sent_invitation), strict=True)
    )


def _number_delivery(by: Caller, number: int) -> Caller:
    """Several acts of one delivery, each known by its number when the delivery comes again."""
    return (
        replace(by, idempotency_key=f"{by.idempotency_key}:{number}")
        if by.idempotency_key
        else by
    )


def _format_invitee(who: Address | GroupMention | str) -> str:
    return (
        who
        if isinstance(who, str)
        else who.email
        if isinstance(who, Address)
        else who.text
    )


def _render_result(
    services: Services,
    by: Caller,
    who: Invitee | GroupMention | str,
    answer: InvitationResult,
) -> RenderedText:
    """What became of one of several."""
    if isinstance(who, GroupMention):
        return services.renderer.render(
            "refusals/group_named", example="", typed=who.text
        )
    if isinstance(answer, Outcome):
        return render_sent_invitation(services, answer)
    if answer is None:
        return services.renderer.render(
            "refusals/unknown_who", example="", typed=str(who)
        )
    return services.render_rejection(answer, by)


def _raise_common_field_error(
    services: Services,
    submission: ViewSubmission,
    found: Mapping[Invitee, InvitationResult],
    role: str,
) -> None:
    """Nobody was invited: what all were refused for is said at its field, what one was at the field of that one."""
    rejected = [
        answer for answer in found.values() if isinstance(answer, errors.Rejected)
    ]
    first = rejected[0]
    shared = len({type(each) for each in rejected}) == 1
    if shared and isinstance(first, errors.UnknownResource):
        raise FieldError("what", services.renderer.render_label("invite.gone"))
    if shared and type(first) in FIELD_BY_REJECTION:
        field = FIELD_BY_REJECTION[type(first)]
        raise build_field_error(
            services, role if field == "role" else field, first, submission.caller
        )
    if len(found) == 1:
        raise build_field_error(
            services,
            "people" if isinstance(next(iter(found)), Account) else "emails",
            first,
            submission.caller,
        )


ROUTES = (
    CommandRoute("invite", invite_people),
    ActionRoute("invite_open", open_invite_form),
    ActionRoute("invite_what", update_invite_form),
    SubmissionRoute("invite", submit_invite_form),
    OptionsRoute("invite_what", find_resource_options),
    ShortcutRoute("invite", build_empty_invite_form),
)
