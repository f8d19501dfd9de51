"""Invitations from the side of those who send and look after them."""

from __future__ import annotations

from datetime import date, time, timedelta, tzinfo

from bot.cards import Message, View, blocks
from bot.cards.invitations import edit_view, sent_message
from bot.cards.waiting import waiting_message
from bot.listeners.road import (
    Click,
    Command,
    Desk,
    Submission,
    WrongField,
    check_open,
    done_before,
    page_of,
    person_id,
    seeing,
    seeing_sent,
    two,
    what_of,
)
from bot.tokens import day, duration
from bot.verbs import Slot
from bot.words import Said
from collab import access, events, refusals, reminders
from collab.invitations import Edit, Resend, Revoke
from collab.lengths import moment_of
from collab.lists import InvitationList, ListInvitations, Overview, ShowOverview
from collab.notices import Copy, person_target
from collab.offers import FOR_GOOD, Term
from collab.people import Person
from collab.service import Outcome
from collab.subjects import OpenInvitation

LAST_MOMENT = time(23, 59, 59)


def show(desk: Desk, asked: Command) -> Message:
    """What waits for the caller, or what they sent."""
    if asked.get(Slot.SENT):
        return sent_list(desk, asked)
    return waiting_list(desk, asked)


def revoke(desk: Desk, asked: Command) -> Message:
    """Take an invitation back by naming whom and what."""
    invitation = _one(desk, asked)
    outcome = desk.perform(Revoke(asked.by, invitation), asked.at, seeing(invitation))
    return desk.tell("revoked", card=outcome.seen)


def resend(desk: Desk, asked: Command) -> Message:
    """Send an invitation again by naming whom and what."""
    outcome = desk.perform(Resend(asked.by, _one(desk, asked, ended=True)), asked.at, seeing_sent)
    return blocks.message(sent_words(desk, outcome))


def press_revoke(desk: Desk, click: Click) -> Said | None:
    """Revoke pressed."""
    outcome = desk.perform(Revoke(click.by, click.value), click.at, seeing(click.value))
    return None if outcome.repeated else desk.say("revoked", card=outcome.seen)


def press_resend(desk: Desk, click: Click) -> Said | Message | None:
    """Send again pressed; the word that an invitation expired is replaced, since a new one is on its way."""
    outcome = desk.perform(Resend(click.by, click.value), click.at, seeing_sent)
    if outcome.repeated:
        return None
    if outcome.first(events.InvitationSent) is None or click.ephemeral:
        return sent_words(desk, outcome)
    return {**desk.tell("renewed", card=outcome.seen), "replace_original": True}


def press_edit(desk: Desk, click: Click) -> None:
    """Edit pressed: a window with what may be granted."""
    card = desk.card(click.by, click.at, click.value)
    check_open(desk, click, card)
    roles = _grantable(desk, click, card)
    if not roles:
        raise refusals.MayNotManage
    remember(desk, click, card, "invitation_sent")
    click.open_view(edit_view(desk.words, card, roles, desk.zone(click.by)))


def submit_edit(desk: Desk, sent: Submission) -> View | None:
    """The window sent in."""
    try:
        desk.perform(Edit(sent.by, sent.about, sent.values.get("role", ""), lasts_of(desk, sent)), sent.at)
    except refusals.BadDuration as bad:
        words = desk.words.say(f"refusals/{bad.name}", "plain", given=bad.given, least=bad.least, most=bad.most)
        raise WrongField("lasts", words.text) from bad
    return None


def press_page(desk: Desk, click: Click) -> Message:
    """Another page of what waits, or of what was sent."""
    which, page = two(click.value)
    if which == "sent":
        return sent_list(desk, click, page_of(page))
    return waiting_list(desk, click, page_of(page))


def waiting_list(desk: Desk, asked: Command | Click, page: int = 0) -> Message:
    """Everything that waits for the caller's answer."""
    found: Overview = desk.collab.ask(ShowOverview(asked.by), asked.at)
    return waiting_message(desk.words, found.waiting, page)


def sent_list(desk: Desk, asked: Command | Click, page: int = 0) -> Message:
    """What the caller sent."""
    found = desk.collab.ask(ListInvitations(asked.by, sent=True, page=page), asked.at)
    return sent_message(desk.words, found, page, asked.at)


def remember(desk: Desk, click: Click, card: OpenInvitation, message: str) -> None:
    """A list that only its reader sees is brought up to date after the window, by its own address."""
    me = desk.me(click.by)
    if click.ephemeral and click.response_url and me:
        target = person_target(me.id)
        copy = Copy(click.by.workspace, card.invitation.id, target, message, response_url=click.response_url)
        desk.outbox.keep_copy(copy)


def lasts_of(desk: Desk, sent: Submission) -> Term:
    """How long a membership lasts, as a window's field says it."""
    typed = sent.values.get("lasts", "").strip()
    term = term_of(duration(typed) or day(typed), desk.zone(sent.by))
    if typed and term == FOR_GOOD:
        raise WrongField("lasts", desk.words.label("edit.lasts.hint"))
    return term


def term_of(said: timedelta | date | None, zone: tzinfo) -> Term:
    """Return how long a membership lasts: so long, or to the end of a day in the speaker's time zone."""
    if isinstance(said, timedelta):
        return Term(said)
    return Term(until=moment_of(said, LAST_MOMENT, zone)) if said else FOR_GOOD


def sent_words(desk: Desk, outcome: Outcome) -> Said:
    """What became of an invitation that was sent, or sent again, and seen then."""
    name = "invited" if outcome.first(events.InvitationSent) else "resent"
    replaced = outcome.first(events.InvitationSuperseded) is not None
    card: OpenInvitation = outcome.seen
    zone = reminders.zone(card.inviter.tz)
    until = card.invitation.until
    last_day = f"{until.astimezone(zone):%Y-%m-%d}" if until else ""
    return desk.say(
        name, card=card, replaced=replaced, last_day=last_day, zone=str(zone), is_absent=_is_absent(desk, outcome)
    )


def _is_absent(desk: Desk, outcome: Outcome) -> bool:
    """Return whether an invitation was sent to an address that nobody in the workspace has."""
    invited: Person = outcome.seen.person
    if invited.user or not invited.email or not desk.addresses or not outcome.recorded:
        return False
    return desk.addresses.is_absent(outcome.recorded[0].workspace, invited.email)


def _one(desk: Desk, asked: Command, *, ended: bool = False) -> str:
    """The one invitation of somebody to something: what waits, else what this delivery dealt with, else what ended."""
    who, what = asked.get(Slot.WHO), what_of(desk, asked)
    found: list[OpenInvitation] = desk.collab.ask(ListInvitations(asked.by, what=what, who=who), asked.at).invitations
    if found:
        return found[0].invitation.id
    person = person_id(desk, asked.by, who)
    before = done_before(desk, Revoke(asked.by, ""), asked.at) or (
        _last_sent(desk, asked, what, person) if ended else None
    )
    if before is None:
        raise refusals.NothingPending(None, person or who)
    return before


def _last_sent(desk: Desk, asked: Command, what: str, person: str | None) -> str | None:
    page: int | None = 0
    while page is not None:
        found: InvitationList = desk.collab.ask(ListInvitations(asked.by, sent=True, what=what, page=page), asked.at)
        for card in found.invitations:
            if card.person.id == person:
                return card.invitation.id
        page = found.next_page
    return None


def _grantable(desk: Desk, click: Click, card: OpenInvitation) -> list[str]:
    me = desk.me(click.by)
    with desk.facts(click.by) as facts:
        case = desk.collab.case(facts, click.at)
        people = [me.id if me else "", card.inviter.id]
        each = [access.grantable(case, person, resource) for person in people for resource in card.resources]
    return [role for role in each[0] if all(role in grants for grants in each)]
