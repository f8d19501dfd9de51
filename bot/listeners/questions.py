"""Access requests, successions, terms and undo: questions that those who hold roles answer."""

from __future__ import annotations

from datetime import datetime

from bot.cards import Message, View, blocks
from bot.cards.questions import choose_view, refuse_view, request_view
from bot.cards.resources import done_view
from bot.listeners.invitations import term_of
from bot.listeners.road import (
    About,
    Click,
    Command,
    Desk,
    Submission,
    about_event,
    of_kind,
    seeing_first,
    two,
    what_of,
    wrong,
)
from bot.verbs import Slot
from bot.words import Said
from collab import access, events, refusals
from collab.case import Case
from collab.explain import Detail, Show
from collab.offers import FOR_GOOD
from collab.people import NOBODY
from collab.requests import Ask, Grant, Refuse, Withdraw, check_open
from collab.service import Outcome
from collab.subjects import open_request, open_succession
from collab.successions import Choose
from collab.terms import USUALLY, Extend
from collab.undo import Undo


def request(desk: Desk, asked: Command) -> Message:
    """Ask for a role."""
    act = Ask(asked.by, asked.get(Slot.ROLE), what_of(desk, asked), asked.get(Slot.NOTE))
    return blocks.message(_about(desk, "requested", desk.perform(act, asked.at, seeing_first(events.RequestSent))))


def withdraw(desk: Desk, asked: Command) -> Message:
    """Take one's own request back."""
    act = Withdraw(asked.by, what_of(desk, asked))
    return blocks.message(_about(desk, "withdrawn", desk.perform(act, asked.at, seeing_first(events.RequestEnded))))


def press_withdraw(desk: Desk, click: Click) -> Said | None:
    """Withdraw pressed at home, beside one's own request."""
    outcome = desk.perform(Withdraw(click.by, click.value), click.at, seeing_first(events.RequestEnded))
    return None if outcome.repeated else _about(desk, "withdrawn", outcome)


def press_request_ask(desk: Desk, click: Click) -> None:
    """Request more… chosen for a thing: a window with the roles above what the presser holds."""
    found: Detail = desk.collab.ask(Show(click.by, click.value), click.at)
    kind = desk.collab.kinds[found.resource.kind]
    roles = [role.name for role in kind.given if kind.rank(role.name) < kind.rank(found.role)]
    if not roles:
        raise refusals.AlreadyHolds((desk.me(click.by) or NOBODY).id, found.role, found.resource.title)
    click.open_view(request_view(desk.words, found.resource, roles))


def submit_request(desk: Desk, sent: Submission) -> View:
    """The window sent in; it says who was asked."""
    act = Ask(sent.by, sent.values.get("role", ""), sent.about, sent.values.get("note") or None)
    said = _about(desk, "requested", desk.perform(act, sent.at, seeing_first(events.RequestSent)))
    return done_view(desk.words, said)


def press_grant(desk: Desk, click: Click) -> Said | None:
    """Grant pressed."""
    outcome = desk.perform(Grant(click.by, click.value), click.at, seeing_first(events.RequestGranted))
    return None if outcome.repeated else _about(desk, "granted", outcome)


def press_refuse(desk: Desk, click: Click) -> None:
    """Decline pressed: a window for an optional reason, when there is still something to answer."""
    with desk.facts(click.by) as facts:
        case = desk.collab.case(facts, click.at)
        found, me = facts.request(click.value), facts.person_by_account(click.by.account) if click.by.account else None
        resource = facts.resource(found.resource) if found else None
        grants = access.grantable(case, me.id, resource) if me and resource else ()
        if found is None or found.role not in grants:
            raise refusals.UnknownRequest
        check_open(case, found)
        card = open_request(facts, found, case)
    click.open_view(refuse_view(desk.words, card))


def submit_refuse(desk: Desk, sent: Submission) -> View | None:
    """The window sent in; the messages are brought up to date through the outbox."""
    desk.perform(Refuse(sent.by, sent.about, sent.values.get("reason") or None), sent.at)
    return None


def extend(desk: Desk, asked: Command) -> Message:
    """Let somebody's role for a limited time last longer."""
    term = term_of(asked.get(Slot.LASTS), desk.zone(asked.by))
    act = Extend(asked.by, asked.get(Slot.WHO), what_of(desk, asked), USUALLY if term == FOR_GOOD else term)
    return blocks.message(_about(desk, "extended", desk.perform(act, asked.at, seeing_first(events.MemberExtended))))


def press_extend(desk: Desk, click: Click) -> Said | None:
    """Extend pressed: once, however often and by however many the same end is extended."""
    what, rest = two(click.value)
    person, seen = two(rest)
    act = Extend(click.by, person, what, seen=_moment(seen))
    outcome = desk.perform(act, click.at, seeing_first(events.MemberExtended))
    if outcome.repeated:
        return None
    return _about(desk, "extended", outcome) if outcome.seen else desk.say("unchanged")


def successor(desk: Desk, asked: Command) -> Message:
    """Say who is to follow."""
    act = Choose(asked.by, asked.get(Slot.WHO), what_of(desk, asked))
    return blocks.message(_chosen(desk, desk.perform(act, asked.at, _SEEING_CHOICE)))


def press_choose(desk: Desk, click: Click) -> None:
    """Choose pressed: a window that asks for the person."""
    with desk.facts(click.by) as facts:
        found, resource = facts.succession(click.value), facts.resource(click.value)
        if found is None or resource is None:
            raise refusals.NobodyMissing(resource.title if resource else "")
        card = open_succession(facts, found)
    me = desk.me(click.by) or NOBODY
    alone = me.admin or found.asked == (me.id,)
    click.open_view(choose_view(desk.words, card, alone=alone))


def submit_choose(desk: Desk, sent: Submission) -> View:
    """The window sent in; it says what came of it."""
    act = Choose(sent.by, sent.account("person"), sent.about)
    try:
        outcome = desk.perform(act, sent.at, _SEEING_CHOICE)
    except (refusals.NotAPerson, refusals.NotAMember) as bad:
        raise wrong(desk, "person", bad, sent.by) from bad
    return done_view(desk.words, _chosen(desk, outcome))


def undo(desk: Desk, asked: Command) -> Message:
    """Take the last removal or leave back."""
    return blocks.message(_undone(desk, desk.perform(Undo(asked.by), asked.at, _seeing_undone)))


def press_undo(desk: Desk, click: Click) -> Message | None:
    """Undo pressed."""
    seq = int(click.value) if click.value.isdecimal() and len(click.value) < 19 else 0  # noqa: PLR2004 - 64 bits
    outcome = desk.perform(Undo(click.by, seq), click.at, _seeing_undone)
    return None if outcome.repeated else blocks.message(_undone(desk, outcome))


def _moment(typed: str) -> datetime | None:
    """A moment of a button's value, which is never trusted."""
    try:
        return datetime.fromisoformat(typed)
    except ValueError:
        return None


def _seeing_undone(case: Case, outcome: Outcome) -> About:
    back = of_kind((recorded.event for recorded in outcome.recorded), events.MemberRestored)
    return about_event(case, next((event for event in back if event.within is None), back[0]))


def _undone(desk: Desk, outcome: Outcome) -> Said:
    reopened = len(of_kind((recorded.event for recorded in outcome.recorded), events.InvitationReopened))
    seen: About = outcome.seen
    told = {"person": seen.person, "resource": seen.resource, "role": seen.event.role, "me": seen.actor.id}
    return desk.say("undone", reopened=reopened, **told)


_SEEING_CHOICE = seeing_first(events.SuccessionSettled, events.SuccessionSupported)


def _chosen(desk: Desk, outcome: Outcome) -> Said:
    seen: About | None = outcome.seen
    if seen is None:
        return desk.say("unchanged")
    if isinstance(seen.event, events.SuccessionSettled):
        return desk.say("succeeded", person=seen.person, resource=seen.resource, role=seen.event.role)
    return desk.say("supports", person=seen.person, resource=seen.resource)


def _about(desk: Desk, name: str, outcome: Outcome) -> Said:
    """What was said of a person and a thing."""
    seen: About = outcome.seen
    return desk.say(name, person=seen.person, resource=seen.resource, event=seen.event)
