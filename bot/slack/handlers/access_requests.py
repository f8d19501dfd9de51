"""Access requests, successions, terms and undo: questions that those who hold roles answer."""

from __future__ import annotations

from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import ExpiringMember
from bot.slack.commands.slots import Slot
from bot.slack.event_details import (
    EventDetails,
    load_event_details,
    read_first_event,
    select_events,
)
from bot.slack.handlers.invitations import build_term
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
    build_field_error,
)
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.access_requests import (
    deny_request_view,
    request_form_view,
)
from bot.slack.views.resources import result_view
from bot.slack.views.successions import successor_view
from collab import authorization, errors, events
from collab.access_queries import ResourceDetail, ShowResource
from collab.access_requests import (
    ApproveRequest,
    DenyRequest,
    RequestAccess,
    WithdrawRequest,
    check_request_open,
)
from collab.bus import Outcome
from collab.context import Context
from collab.invitations.rules import NO_END
from collab.memberships.expiry import DEFAULT_EXTENSION, ExtendMembership
from collab.memberships.undo import UndoDeparture
from collab.model import NOBODY
from collab.open_items import build_request_view, build_succession_view
from collab.successions import ChooseSuccessor

MAX_SEQ_DIGITS = 19  # of a 64-bit number


def request_role(services: Services, asked: CommandRequest) -> Message:
    """Ask for a role."""
    act = RequestAccess(
        asked.caller,
        asked.get(Slot.ROLE),
        get_resource_or_linked(services, asked),
        asked.get(Slot.NOTE),
    )
    return blocks.build_message(
        _render_event(
            services,
            "requested",
            services.execute(act, asked.at, read_first_event(events.RequestSent)),
        )
    )


def withdraw_request(services: Services, asked: CommandRequest) -> Message:
    """Take one's own request back."""
    act = WithdrawRequest(asked.caller, get_resource_or_linked(services, asked))
    return blocks.build_message(
        _render_event(
            services,
            "withdrawn",
            services.execute(act, asked.at, read_first_event(events.RequestEnded)),
        )
    )


def press_withdraw_request(
    services: Services, request: ActionRequest
) -> RenderedText | None:
    """Withdraw pressed at home, beside one's own request."""
    outcome = services.execute(
        WithdrawRequest(request.caller, request.value),
        request.at,
        read_first_event(events.RequestEnded),
    )
    return (
        None if outcome.is_repeated else _render_event(services, "withdrawn", outcome)
    )


def open_request_form(services: Services, request: ActionRequest) -> None:
    """Request more… chosen for a thing: a window with the roles above what the presser holds."""
    found: ResourceDetail = services.bus.query(
        ShowResource(request.caller, request.value), request.at
    )
    kind = services.bus.roles[found.resource.kind]
    roles = [
        role.name
        for role in kind.assignable_roles
        if kind.get_rank(role.name) < kind.get_rank(found.role)
    ]
    if not roles:
        raise errors.AlreadyHolds(
            (services.find_person(request.caller) or NOBODY).id,
            found.role,
            found.resource.title,
        )
    request.open_view(request_form_view(services.renderer, found.resource, roles))


def submit_request_form(services: Services, submission: ViewSubmission) -> View:
    """The window sent in; it says who was asked."""
    act = RequestAccess(
        submission.caller,
        submission.values.get("role", ""),
        submission.private_metadata,
        submission.values.get("note") or None,
    )
    said = _render_event(
        services,
        "requested",
        services.execute(act, submission.at, read_first_event(events.RequestSent)),
    )
    return result_view(services.renderer, said)


def approve_request(services: Services, request: ActionRequest) -> RenderedText | None:
    """Grant pressed."""
    outcome = services.execute(
        ApproveRequest(request.caller, request.value),
        request.at,
        read_first_event(events.RequestGranted),
    )
    return None if outcome.is_repeated else _render_event(services, "granted", outcome)


def open_deny_form(services: Services, request: ActionRequest) -> None:
    """Decline pressed: a window for an optional reason, when there is still something to answer."""
    with services.read_workspace(request.caller) as repositories:
        context = services.bus.context(repositories, request.at)
        found, me = (
            repositories.access_requests.get_access_request(request.value),
            repositories.people.find_person_by_account(request.caller.account)
            if request.caller.account
            else None,
        )
        resource = (
            repositories.resources.get_resource(found.resource) if found else None
        )
        grants = (
            authorization.list_assignable_roles(context, me.id, resource)
            if me and resource
            else ()
        )
        if found is None or found.role not in grants:
            raise errors.UnknownRequest
        check_request_open(context, found)
        card = build_request_view(repositories, found, context)
    request.open_view(deny_request_view(services.renderer, card))


def submit_deny_form(services: Services, submission: ViewSubmission) -> View | None:
    """The window sent in; the messages are brought up to date through the outbox."""
    services.execute(
        DenyRequest(
            submission.caller,
            submission.private_metadata,
            submission.values.get("reason") or None,
        ),
        submission.at,
    )
    return None


def extend_membership(services: Services, asked: CommandRequest) -> Message:
    """Let somebody's role for a limited time last longer."""
    term = build_term(asked.get(Slot.DURATION), services.get_time_zone(asked.caller))
    act = ExtendMembership(
        asked.caller,
        asked.get(Slot.PERSON),
        get_resource_or_linked(services, asked),
        DEFAULT_EXTENSION if term == NO_END else term,
    )
    return blocks.build_message(
        _render_event(
            services,
            "extended",
            services.execute(act, asked.at, read_first_event(events.MemberExtended)),
        )
    )


def press_extend_membership(
    services: Services, request: ActionRequest
) -> RenderedText | None:
    """Extend pressed: once, however often and by however many the same end is extended."""
    member = ExpiringMember.decode(request.value)
    act = ExtendMembership(
        request.caller,
        member.person_id,
        member.resource_id,
        expected_end=member.expires_at,
    )
    outcome = services.execute(act, request.at, read_first_event(events.MemberExtended))
    if outcome.is_repeated:
        return None
    return (
        _render_event(services, "extended", outcome)
        if outcome.view
        else services.render_reply("unchanged")
    )


def choose_successor(services: Services, asked: CommandRequest) -> Message:
    """Say who is to follow."""
    act = ChooseSuccessor(
        asked.caller, asked.get(Slot.PERSON), get_resource_or_linked(services, asked)
    )
    return blocks.build_message(
        _render_succession(
            services, services.execute(act, asked.at, _READ_SUCCESSION_EVENT)
        )
    )


def open_successor_form(services: Services, request: ActionRequest) -> None:
    """Choose pressed: a window that asks for the person."""
    with services.read_workspace(request.caller) as repositories:
        found, resource = (
            repositories.successions.find_open_succession(request.value),
            repositories.resources.get_resource(request.value),
        )
        if found is None or resource is None:
            raise errors.NobodyMissing(resource.title if resource else "")
        card = build_succession_view(repositories, found)
    me = services.find_person(request.caller) or NOBODY
    alone = me.admin or found.asked == (me.id,)
    request.open_view(successor_view(services.renderer, card, decides_alone=alone))


def submit_successor_form(services: Services, submission: ViewSubmission) -> View:
    """The window sent in; it says what came of it."""
    act = ChooseSuccessor(
        submission.caller, submission.get_account("person"), submission.private_metadata
    )
    try:
        outcome = services.execute(act, submission.at, _READ_SUCCESSION_EVENT)
    except (errors.NotAPerson, errors.NotAMember) as bad:
        raise build_field_error(services, "person", bad, submission.caller) from bad
    return result_view(services.renderer, _render_succession(services, outcome))


def undo_last_removal(services: Services, asked: CommandRequest) -> Message:
    """Take the last removal or leave back."""
    return blocks.build_message(
        _render_undo(
            services,
            services.execute(
                UndoDeparture(asked.caller), asked.at, _read_restored_membership
            ),
        )
    )


def undo_removal(services: Services, request: ActionRequest) -> Message | None:
    """Undo pressed."""
    seq = 0
    if request.value.isdecimal() and len(request.value) < MAX_SEQ_DIGITS:
        seq = int(request.value)
    outcome = services.execute(
        UndoDeparture(request.caller, seq), request.at, _read_restored_membership
    )
    return (
        None
        if outcome.is_repeated
        else blocks.build_message(_render_undo(services, outcome))
    )


def _read_restored_membership(context: Context, outcome: Outcome[Any]) -> EventDetails:
    back = select_events(
        (recorded.event for recorded in outcome.recorded), events.MemberRestored
    )
    return load_event_details(
        context, next((event for event in back if event.within is None), back[0])
    )


def _render_undo(services: Services, outcome: Outcome[Any]) -> RenderedText:
    reopened = len(
        select_events(
            (recorded.event for recorded in outcome.recorded), events.InvitationReopened
        )
    )
    seen: EventDetails = outcome.view
    told = {
        "person": seen.person,
        "resource": seen.resource,
        "role": seen.event.role,
        "me": seen.actor.id,
    }
    return services.render_reply("undone", reopened=reopened, **told)


_READ_SUCCESSION_EVENT = read_first_event(
    events.SuccessionSettled, events.SuccessionSupported
)


def _render_succession(services: Services, outcome: Outcome[Any]) -> RenderedText:
    seen: EventDetails | None = outcome.view
    if seen is None:
        return services.render_reply("unchanged")
    if isinstance(seen.event, events.SuccessionSettled):
        return services.render_reply(
            "succeeded",
            person=seen.person,
            resource=seen.resource,
            role=seen.event.role,
        )
    return services.render_reply("supports", person=seen.person, resource=seen.resource)


def _render_event(services: Services, name: str, outcome: Outcome[Any]) -> RenderedText:
    """What was said of a person and a thing."""
    seen: EventDetails = outcome.view
    return services.render_reply(
        name, person=seen.person, resource=seen.resource, event=seen.event
    )


ROUTES = (
    CommandRoute("undo", undo_last_removal),
    CommandRoute("extend", extend_membership),
    CommandRoute("request", request_role),
    CommandRoute("withdraw", withdraw_request),
    CommandRoute("successor", choose_successor),
    ActionRoute("request_ask", open_request_form),
    ActionRoute("grant", approve_request),
    ActionRoute("withdraw", press_withdraw_request),
    ActionRoute("refuse", open_deny_form),
    ActionRoute("extend", press_extend_membership),
    ActionRoute("choose", open_successor_form),
    ActionRoute("undo", undo_removal),
    SubmissionRoute("request", submit_request_form),
    SubmissionRoute("refuse", submit_deny_form),
    SubmissionRoute("choose", submit_successor_form),
)
