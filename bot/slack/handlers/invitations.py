"""Invitations from the side of those who send and look after them."""

from __future__ import annotations

from datetime import date, time, timedelta, tzinfo

from bot.rendering import RenderedText
from bot.slack.commands.catalog import Slot
from bot.slack.commands.lexer import day, duration
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    Services,
    ViewSubmission,
    find_invitation_of_delivery,
    find_person_id,
    get_resource_or_linked,
    parse_page,
    read_invitation,
    read_sent_invitation,
    require_pending,
    split_pair,
)
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
from collab.invitations.rules import NO_END, Term
from collab.memberships.queries import (
    InvitationList,
    ListInvitations,
    Overview,
    ShowOverview,
)
from collab.notifications.routing import LiveMessage, format_person_target
from collab.open_items import InvitationView
from collab.people import Person

END_OF_DAY = time(23, 59, 59)


def show_invitations(desk: Services, asked: CommandRequest) -> Message:
    """What waits for the caller, or what they sent."""
    if asked.get(Slot.SENT):
        return build_sent_message(desk, asked)
    return build_pending_message(desk, asked)


def revoke_invitation(desk: Services, asked: CommandRequest) -> Message:
    """Take an invitation back by naming whom and what."""
    invitation = _find_invitation_id(desk, asked)
    outcome = desk.execute(
        RevokeInvitation(asked.caller, invitation),
        asked.at,
        read_invitation(invitation),
    )
    return desk.build_reply("revoked", card=outcome.view)


def resend_invitation(desk: Services, asked: CommandRequest) -> Message:
    """Send an invitation again by naming whom and what."""
    outcome = desk.execute(
        ResendInvitation(asked.caller, _find_invitation_id(desk, asked, ended=True)),
        asked.at,
        read_sent_invitation,
    )
    return blocks.build_message(render_sent_invitation(desk, outcome))


def press_revoke_invitation(
    desk: Services, click: ActionRequest
) -> RenderedText | None:
    """Revoke pressed."""
    outcome = desk.execute(
        RevokeInvitation(click.caller, click.value),
        click.at,
        read_invitation(click.value),
    )
    return (
        None if outcome.is_repeated else desk.render_reply("revoked", card=outcome.view)
    )


def press_resend_invitation(
    desk: Services, click: ActionRequest
) -> RenderedText | Message | None:
    """Send again pressed; the word that an invitation expired is replaced, since a new one is on its way."""
    outcome = desk.execute(
        ResendInvitation(click.caller, click.value), click.at, read_sent_invitation
    )
    if outcome.is_repeated:
        return None
    if outcome.get_first_event(events.InvitationSent) is None or click.is_ephemeral:
        return render_sent_invitation(desk, outcome)
    return {**desk.build_reply("renewed", card=outcome.view), "replace_original": True}


def open_edit_form(desk: Services, click: ActionRequest) -> None:
    """Edit pressed: a window with what may be granted."""
    card = desk.get_invitation(click.caller, click.at, click.value)
    require_pending(desk, click, card)
    roles = _list_assignable_roles(desk, click, card)
    if not roles:
        raise errors.MayNotManage
    track_ephemeral_list(desk, click, card, "invitation_sent")
    click.open_view(
        edit_invitation_view(
            desk.renderer, card, roles, desk.get_time_zone(click.caller)
        )
    )


def submit_edit_form(desk: Services, sent: ViewSubmission) -> View | None:
    """The window sent in."""
    try:
        desk.execute(
            EditInvitation(
                sent.caller,
                sent.private_metadata,
                sent.values.get("role", ""),
                parse_duration_field(desk, sent),
            ),
            sent.at,
        )
    except errors.BadDuration as bad:
        words = desk.renderer.render(
            f"refusals/{bad.name}",
            "plain",
            given=bad.given,
            least=bad.least,
            most=bad.most,
        )
        raise FieldError("lasts", words.text) from bad
    return None


def show_invitations_page(desk: Services, click: ActionRequest) -> Message:
    """Another page of what waits, or of what was sent."""
    which, page = split_pair(click.value)
    if which == "sent":
        return build_sent_message(desk, click, parse_page(page))
    return build_pending_message(desk, click, parse_page(page))


def build_pending_message(
    desk: Services, asked: CommandRequest | ActionRequest, page: int = 0
) -> Message:
    """Everything that waits for the caller's answer."""
    found: Overview = desk.bus.query(ShowOverview(asked.caller), asked.at)
    return pending_items_message(desk.renderer, found.waiting, page)


def build_sent_message(
    desk: Services, asked: CommandRequest | ActionRequest, page: int = 0
) -> Message:
    """What the caller sent."""
    found = desk.bus.query(
        ListInvitations(asked.caller, sent=True, page=page), asked.at
    )
    return sent_invitations_message(desk.renderer, found, page, asked.at)


def track_ephemeral_list(
    desk: Services, click: ActionRequest, card: InvitationView, message: str
) -> None:
    """A list that only its reader sees is brought up to date after the window, by its own address."""
    me = desk.find_person(click.caller)
    if click.is_ephemeral and click.response_url and me:
        target = format_person_target(me.id)
        copy = LiveMessage(
            click.caller.workspace,
            card.invitation.id,
            target,
            message,
            response_url=click.response_url,
        )
        desk.outbox.save_copy(copy)


def parse_duration_field(desk: Services, sent: ViewSubmission) -> Term:
    """How long a membership lasts, as a window's field says it."""
    typed = sent.values.get("lasts", "").strip()
    term = build_term(duration(typed) or day(typed), desk.get_time_zone(sent.caller))
    if typed and term == NO_END:
        raise FieldError("lasts", desk.renderer.render_label("edit.lasts.hint"))
    return term


def build_term(said: timedelta | date | None, zone: tzinfo) -> Term:
    """Return how long a membership lasts: so long, or to the end of a day in the speaker's time zone."""
    if isinstance(said, timedelta):
        return Term(said)
    return Term(until=combine_date_and_time(said, END_OF_DAY, zone)) if said else NO_END


def render_sent_invitation(desk: Services, outcome: Outcome) -> RenderedText:
    """What became of an invitation that was sent, or sent again, and seen then."""
    name = "invited" if outcome.get_first_event(events.InvitationSent) else "resent"
    replaced = outcome.get_first_event(events.InvitationSuperseded) is not None
    card: InvitationView = outcome.view
    zone = reminders.get_time_zone(card.inviter.tz)
    until = card.invitation.until
    last_day = f"{until.astimezone(zone):%Y-%m-%d}" if until else ""
    return desk.render_reply(
        name,
        card=card,
        replaced=replaced,
        last_day=last_day,
        zone=str(zone),
        is_absent=_is_invitee_absent(desk, outcome),
    )


def _is_invitee_absent(desk: Services, outcome: Outcome) -> bool:
    """Return whether an invitation was sent to an address that nobody in the workspace has."""
    invited: Person = outcome.view.person
    if (
        invited.user
        or not invited.email
        or not desk.address_lookup
        or not outcome.recorded
    ):
        return False
    return desk.address_lookup.is_absent(outcome.recorded[0].workspace, invited.email)


def _find_invitation_id(
    desk: Services, asked: CommandRequest, *, ended: bool = False
) -> str:
    """The one invitation of somebody to something: what waits, else what this delivery dealt with, else what ended."""
    who, what = asked.get(Slot.PERSON), get_resource_or_linked(desk, asked)
    found: list[InvitationView] = desk.bus.query(
        ListInvitations(asked.caller, what=what, who=who), asked.at
    ).invitations
    if found:
        return found[0].invitation.id
    person = find_person_id(desk, asked.caller, who)
    before = find_invitation_of_delivery(
        desk, RevokeInvitation(asked.caller, ""), asked.at
    ) or (_find_last_sent_id(desk, asked, what, person) if ended else None)
    if before is None:
        raise errors.NothingPending(None, person or who)
    return before


def _find_last_sent_id(
    desk: Services, asked: CommandRequest, what: str, person: str | None
) -> str | None:
    page: int | None = 0
    while page is not None:
        found: InvitationList = desk.bus.query(
            ListInvitations(asked.caller, sent=True, what=what, page=page), asked.at
        )
        for card in found.invitations:
            if card.person.id == person:
                return card.invitation.id
        page = found.next_page
    return None


def _list_assignable_roles(
    desk: Services, click: ActionRequest, card: InvitationView
) -> list[str]:
    me = desk.find_person(click.caller)
    with desk.read_workspace(click.caller) as facts:
        case = desk.bus.context(facts, click.at)
        people = [me.id if me else "", card.inviter.id]
        each = [
            authorization.list_assignable_roles(case, person, resource)
            for person in people
            for resource in card.resources
        ]
    return [role for role in each[0] if all(role in grants for grants in each)]
