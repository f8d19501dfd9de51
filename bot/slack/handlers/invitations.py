"""Invitations from the side of those who send and look after them."""

from __future__ import annotations

from datetime import date, time, timedelta, tzinfo
from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import ListPage
from bot.slack.commands.lexer import day, duration
from bot.slack.commands.slots import Slot
from bot.slack.lookups import (
    find_invitation_of_delivery,
    find_person_id,
    get_resource_or_linked,
    read_invitation,
    read_sent_invitation,
    require_pending,
)
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, CommandRoute, ListRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.invitations import edit_invitation_view, sent_invitations_message
from bot.slack.views.pending import pending_items_message
from collab import authorization, errors, events
from collab.bus import Outcome
from collab.durations import combine_date_and_time
from collab.invitations import reminders
from collab.invitations.commands import (
    EditInvitation,
    ResendInvitation,
    RevokeInvitation,
)
from collab.invitations.queries import InvitationList, ListInvitations
from collab.invitations.rules import NO_END
from collab.model import LiveMessage, Person, Term
from collab.notifications.routing import format_person_target
from collab.open_items import InvitationView
from collab.pending import Overview, ShowOverview

END_OF_DAY = time(23, 59, 59)


def show_invitations(services: Services, asked: CommandRequest) -> Message:
    """What waits for the caller, or what they sent."""
    if asked.get(Slot.SENT):
        return build_sent_message(services, asked)
    return build_pending_message(services, asked)


def revoke_invitation(services: Services, asked: CommandRequest) -> Message:
    """Take an invitation back by naming whom and what."""
    invitation = _find_invitation_id(services, asked)
    outcome = services.execute(
        RevokeInvitation(asked.caller, invitation),
        asked.at,
        read_invitation(invitation),
    )
    return services.build_reply("revoked", card=outcome.view)


def resend_invitation(services: Services, asked: CommandRequest) -> Message:
    """Send an invitation again by naming whom and what."""
    outcome = services.execute(
        ResendInvitation(
            asked.caller, _find_invitation_id(services, asked, ended=True)
        ),
        asked.at,
        read_sent_invitation,
    )
    return blocks.build_message(render_sent_invitation(services, outcome))


def press_revoke_invitation(
    services: Services, request: ActionRequest
) -> RenderedText | None:
    """Revoke pressed."""
    outcome = services.execute(
        RevokeInvitation(request.caller, request.value),
        request.at,
        read_invitation(request.value),
    )
    return (
        None
        if outcome.is_repeated
        else services.render_reply("revoked", card=outcome.view)
    )


def press_resend_invitation(
    services: Services, request: ActionRequest
) -> RenderedText | Message | None:
    """Send again pressed; the word that an invitation expired is replaced, since a new one is on its way."""
    outcome = services.execute(
        ResendInvitation(request.caller, request.value),
        request.at,
        read_sent_invitation,
    )
    if outcome.is_repeated:
        return None
    if outcome.find_event(events.InvitationSent) is None or request.is_ephemeral:
        return render_sent_invitation(services, outcome)
    return {
        **services.build_reply("renewed", card=outcome.view),
        "replace_original": True,
    }


def open_edit_form(services: Services, request: ActionRequest) -> None:
    """Edit pressed: a window with what may be granted."""
    card = services.get_invitation(request.caller, request.at, request.value)
    require_pending(services, request, card)
    roles = _list_assignable_roles(services, request, card)
    if not roles:
        raise errors.MayNotManage
    track_ephemeral_list(services, request, card, "invitation_sent")
    request.open_view(
        edit_invitation_view(
            services.renderer, card, roles, services.get_time_zone(request.caller)
        )
    )


def submit_edit_form(services: Services, submission: ViewSubmission) -> View | None:
    """The window sent in."""
    try:
        services.execute(
            EditInvitation(
                submission.caller,
                submission.private_metadata,
                submission.values.get("role", ""),
                parse_duration_field(services, submission),
            ),
            submission.at,
        )
    except errors.BadDuration as bad:
        renderer = services.renderer.render(
            f"refusals/{bad.name}",
            "plain",
            given=bad.given,
            least=bad.least,
            most=bad.most,
        )
        raise FieldError("lasts", renderer.text) from bad
    return None


def show_invitations_page(services: Services, request: ActionRequest) -> Message:
    """Another page of what waits, or of what was sent."""
    page = ListPage.decode(request.value)
    if page.list_name == "sent":
        return build_sent_message(services, request, page.page)
    return build_pending_message(services, request, page.page)


def build_pending_message(
    services: Services, asked: CommandRequest | ActionRequest, page: int = 0
) -> Message:
    """Everything that waits for the caller's answer."""
    found: Overview = services.bus.query(ShowOverview(asked.caller), asked.at)
    return pending_items_message(services.renderer, found.waiting, page)


def build_sent_message(
    services: Services, asked: CommandRequest | ActionRequest, page: int = 0
) -> Message:
    """What the caller sent."""
    found = services.bus.query(
        ListInvitations(asked.caller, sent=True, page=page), asked.at
    )
    return sent_invitations_message(services.renderer, found, page, asked.at)


def track_ephemeral_list(
    services: Services, request: ActionRequest, card: InvitationView, message: str
) -> None:
    """A list that only its reader sees is brought up to date after the window, by its own address."""
    me = services.find_person(request.caller)
    if request.is_ephemeral and request.response_url and me:
        target = format_person_target(me.id)
        copy = LiveMessage(
            request.caller.workspace,
            card.invitation.id,
            target,
            message,
            response_url=request.response_url,
        )
        services.outbox.save_copy(copy)


def parse_duration_field(services: Services, submission: ViewSubmission) -> Term:
    """How long a membership lasts, as a window's field says it."""
    typed = submission.values.get("lasts", "").strip()
    term = build_term(
        duration(typed) or day(typed), services.get_time_zone(submission.caller)
    )
    if typed and term == NO_END:
        raise FieldError("lasts", services.renderer.render_label("edit.lasts.hint"))
    return term


def build_term(said: timedelta | date | None, zone: tzinfo) -> Term:
    """Return how long a membership lasts: so long, or to the end of a day in the speaker's time zone."""
    if isinstance(said, timedelta):
        return Term(said)
    return Term(until=combine_date_and_time(said, END_OF_DAY, zone)) if said else NO_END


def render_sent_invitation(services: Services, outcome: Outcome[Any]) -> RenderedText:
    """What became of an invitation that was sent, or sent again, and seen then."""
    name = "invited" if outcome.find_event(events.InvitationSent) else "resent"
    replaced = outcome.find_event(events.InvitationSuperseded) is not None
    card: InvitationView = outcome.view
    zone = reminders.get_time_zone(card.inviter.tz)
    until = card.invitation.until
    last_day = f"{until.astimezone(zone):%Y-%m-%d}" if until else ""
    return services.render_reply(
        name,
        card=card,
        replaced=replaced,
        last_day=last_day,
        zone=str(zone),
        is_absent=_is_invitee_absent(services, outcome),
    )


def _is_invitee_absent(services: Services, outcome: Outcome[Any]) -> bool:
    """Return whether an invitation was sent to an address that nobody in the workspace has."""
    invited: Person = outcome.view.person
    if (
        invited.user
        or not invited.email
        or not services.address_lookup
        or not outcome.recorded
    ):
        return False
    return services.address_lookup.is_absent(
        outcome.recorded[0].workspace, invited.email
    )


def _find_invitation_id(
    services: Services, asked: CommandRequest, *, ended: bool = False
) -> str:
    """The one invitation of somebody to something: what waits, else what this delivery dealt with, else what ended."""
    who, what = asked.get(Slot.PERSON), get_resource_or_linked(services, asked)
    found = services.bus.query(
        ListInvitations(asked.caller, what=what, who=who), asked.at
    ).invitations
    if found:
        return found[0].invitation.id
    person = find_person_id(services, asked.caller, who)
    before = find_invitation_of_delivery(
        services, RevokeInvitation(asked.caller, ""), asked.at
    ) or (_find_last_sent_id(services, asked, what, person) if ended else None)
    if before is None:
        raise errors.NothingPending(None, person or who)
    return before


def _find_last_sent_id(
    services: Services, asked: CommandRequest, what: str, person: str | None
) -> str | None:
    page: int | None = 0
    while page is not None:
        found: InvitationList = services.bus.query(
            ListInvitations(asked.caller, sent=True, what=what, page=page),
            asked.at,
        )
        for card in found.invitations:
            if card.person.id == person:
                return card.invitation.id
        page = found.next_page
    return None


def _list_assignable_roles(
    services: Services, request: ActionRequest, card: InvitationView
) -> list[str]:
    me = services.find_person(request.caller)
    with services.read_workspace(request.caller) as repositories:
        context = services.bus.context(repositories, request.at)
        people = [me.id if me else "", card.inviter.id]
        each = [
            authorization.list_assignable_roles(context, person, resource)
            for person in people
            for resource in card.resources
        ]
    return [role for role in each[0] if all(role in grants for grants in each)]


ROUTES = (
    CommandRoute("invitations", show_invitations),
    CommandRoute("revoke", revoke_invitation),
    CommandRoute("resend", resend_invitation),
    ActionRoute("revoke", press_revoke_invitation),
    ActionRoute("resend", press_resend_invitation),
    ActionRoute("edit", open_edit_form),
    ActionRoute("invitations_page", show_invitations_page),
    SubmissionRoute("edit", submit_edit_form),
    ListRoute("waiting", build_pending_message),
    ListRoute("sent", build_sent_message),
)
