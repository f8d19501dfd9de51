"""Access requests, successions, terms and undo: questions that those who hold roles answer."""

from __future__ import annotations

from datetime import datetime

from bot.rendering import RenderedText
from bot.slack.commands.catalog import Slot
from bot.slack.handlers.invitations import build_term
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    EventDetails,
    Services,
    ViewSubmission,
    build_field_error,
    get_resource_or_linked,
    load_event_details,
    read_first_event,
    select_events,
    split_pair,
)
from bot.slack.views import Message, View, blocks
from bot.slack.views.access_requests import (
    deny_request_view,
    request_form_view,
    successor_view,
)
from bot.slack.views.resources import result_view
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
from collab.open_items import build_request_view, build_succession_view
from collab.people import NOBODY
from collab.successions import ChooseSuccessor


def request_role(desk: Services, asked: CommandRequest) -> Message:
    """Ask for a role."""
    act = RequestAccess(
        asked.caller,
        asked.get(Slot.ROLE),
        get_resource_or_linked(desk, asked),
        asked.get(Slot.NOTE),
    )
    return blocks.build_message(
        _render_event(
            desk,
            "requested",
            desk.execute(act, asked.at, read_first_event(events.RequestSent)),
        )
    )


def withdraw_request(desk: Services, asked: CommandRequest) -> Message:
    """Take one's own request back."""
    act = WithdrawRequest(asked.caller, get_resource_or_linked(desk, asked))
    return blocks.build_message(
        _render_event(
            desk,
            "withdrawn",
            desk.execute(act, asked.at, read_first_event(events.RequestEnded)),
        )
    )


def press_withdraw_request(desk: Services, click: ActionRequest) -> RenderedText | None:
    """Withdraw pressed at home, beside one's own request."""
    outcome = desk.execute(
        WithdrawRequest(click.caller, click.value),
        click.at,
        read_first_event(events.RequestEnded),
    )
    return None if outcome.is_repeated else _render_event(desk, "withdrawn", outcome)


def open_request_form(desk: Services, click: ActionRequest) -> None:
    """Request more… chosen for a thing: a window with the roles above what the presser holds."""
    found: ResourceDetail = desk.bus.query(
        ShowResource(click.caller, click.value), click.at
    )
    kind = desk.bus.roles[found.resource.kind]
    roles = [
        role.name
        for role in kind.assignable_roles
        if kind.get_rank(role.name) < kind.get_rank(found.role)
    ]
    if not roles:
        raise errors.AlreadyHolds(
            (desk.find_person(click.caller) or NOBODY).id,
            found.role,
            found.resource.title,
        )
    click.open_view(request_form_view(desk.renderer, found.resource, roles))


def submit_request_form(desk: Services, sent: ViewSubmission) -> View:
    """The window sent in; it says who was asked."""
    act = RequestAccess(
        sent.caller,
        sent.values.get("role", ""),
        sent.private_metadata,
        sent.values.get("note") or None,
    )
    said = _render_event(
        desk,
        "requested",
        desk.execute(act, sent.at, read_first_event(events.RequestSent)),
    )
    return result_view(desk.renderer, said)


def approve_request(desk: Services, click: ActionRequest) -> RenderedText | None:
    """Grant pressed."""
    outcome = desk.execute(
        ApproveRequest(click.caller, click.value),
        click.at,
        read_first_event(events.RequestGranted),
    )
    return None if outcome.is_repeated else _render_event(desk, "granted", outcome)


def open_deny_form(desk: Services, click: ActionRequest) -> None:
    """Decline pressed: a window for an optional reason, when there is still something to answer."""
    with desk.read_workspace(click.caller) as facts:
        case = desk.bus.context(facts, click.at)
        found, me = (
            facts.get_access_request(click.value),
            facts.find_person_by_account(click.caller.account)
            if click.caller.account
            else None,
        )
        resource = facts.get_resource(found.resource) if found else None
        grants = (
            authorization.list_assignable_roles(case, me.id, resource)
            if me and resource
            else ()
        )
        if found is None or found.role not in grants:
            raise errors.UnknownRequest
        check_request_open(case, found)
        card = build_request_view(facts, found, case)
    click.open_view(deny_request_view(desk.renderer, card))


def submit_deny_form(desk: Services, sent: ViewSubmission) -> View | None:
    """The window sent in; the messages are brought up to date through the outbox."""
    desk.execute(
        DenyRequest(
            sent.caller, sent.private_metadata, sent.values.get("reason") or None
        ),
        sent.at,
    )
    return None


def extend_membership(desk: Services, asked: CommandRequest) -> Message:
    """Let somebody's role for a limited time last longer."""
    term = build_term(asked.get(Slot.DURATION), desk.get_time_zone(asked.caller))
    act = ExtendMembership(
        asked.caller,
        asked.get(Slot.PERSON),
        get_resource_or_linked(desk, asked),
        DEFAULT_EXTENSION if term == NO_END else term,
    )
    return blocks.build_message(
        _render_event(
            desk,
            "extended",
            desk.execute(act, asked.at, read_first_event(events.MemberExtended)),
        )
    )


def press_extend_membership(
    desk: Services, click: ActionRequest
) -> RenderedText | None:
    """Extend pressed: once, however often and by however many the same end is extended."""
    what, rest = split_pair(click.value)
    person, seen = split_pair(rest)
    act = ExtendMembership(click.caller, person, what, expected_end=_parse_moment(seen))
    outcome = desk.execute(act, click.at, read_first_event(events.MemberExtended))
    if outcome.is_repeated:
        return None
    return (
        _render_event(desk, "extended", outcome)
        if outcome.view
        else desk.render_reply("unchanged")
    )


def choose_successor(desk: Services, asked: CommandRequest) -> Message:
    """Say who is to follow."""
    act = ChooseSuccessor(
        asked.caller, asked.get(Slot.PERSON), get_resource_or_linked(desk, asked)
    )
    return blocks.build_message(
        _render_succession(desk, desk.execute(act, asked.at, _READ_SUCCESSION_EVENT))
    )


def open_successor_form(desk: Services, click: ActionRequest) -> None:
    """Choose pressed: a window that asks for the person."""
    with desk.read_workspace(click.caller) as facts:
        found, resource = (
            facts.find_open_succession(click.value),
            facts.get_resource(click.value),
        )
        if found is None or resource is None:
            raise errors.NobodyMissing(resource.title if resource else "")
        card = build_succession_view(facts, found)
    me = desk.find_person(click.caller) or NOBODY
    alone = me.admin or found.asked == (me.id,)
    click.open_view(successor_view(desk.renderer, card, decides_alone=alone))


def submit_successor_form(desk: Services, sent: ViewSubmission) -> View:
    """The window sent in; it says what came of it."""
    act = ChooseSuccessor(
        sent.caller, sent.get_account("person"), sent.private_metadata
    )
    try:
        outcome = desk.execute(act, sent.at, _READ_SUCCESSION_EVENT)
    except (errors.NotAPerson, errors.NotAMember) as bad:
        raise build_field_error(desk, "person", bad, sent.caller) from bad
    return result_view(desk.renderer, _render_succession(desk, outcome))


def undo_last_removal(desk: Services, asked: CommandRequest) -> Message:
    """Take the last removal or leave back."""
    return blocks.build_message(
        _render_undo(
            desk,
            desk.execute(
                UndoDeparture(asked.caller), asked.at, _read_restored_membership
            ),
        )
    )


def undo_removal(desk: Services, click: ActionRequest) -> Message | None:
    """Undo pressed."""
    seq = int(click.value) if click.value.isdecimal() and len(click.value) < 19 else 0  # noqa: PLR2004 - 64 bits
    outcome = desk.execute(
        UndoDeparture(click.caller, seq), click.at, _read_restored_membership
    )
    return (
        None
        if outcome.is_repeated
        else blocks.build_message(_render_undo(desk, outcome))
    )


def _parse_moment(typed: str) -> datetime | None:
    """A moment of a button's value, which is never trusted."""
    try:
        return datetime.fromisoformat(typed)
    except ValueError:
        return None


def _read_restored_membership(case: Context, outcome: Outcome) -> EventDetails:
    back = select_events(
        (recorded.event for recorded in outcome.recorded), events.MemberRestored
    )
    return load_event_details(
        case, next((event for event in back if event.within is None), back[0])
    )


def _render_undo(desk: Services, outcome: Outcome) -> RenderedText:
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
    return desk.render_reply("undone", reopened=reopened, **told)


_READ_SUCCESSION_EVENT = read_first_event(
    events.SuccessionSettled, events.SuccessionSupported
)


def _render_succession(desk: Services, outcome: Outcome) -> RenderedText:
    seen: EventDetails | None = outcome.view
    if seen is None:
        return desk.render_reply("unchanged")
    if isinstance(seen.event, events.SuccessionSettled):
        return desk.render_reply(
            "succeeded",
            person=seen.person,
            resource=seen.resource,
            role=seen.event.role,
        )
    return desk.render_reply("supports", person=seen.person, resource=seen.resource)


def _render_event(desk: Services, name: str, outcome: Outcome) -> RenderedText:
    """What was said of a person and a thing."""
    seen: EventDetails = outcome.view
    return desk.render_reply(
        name, person=seen.person, resource=seen.resource, event=seen.event
    )
