"""Access requests, successions, terms and undo: questions that those who hold roles answer."""

from __future__ import annotations

from datetime import datetime

from bot.cards import Message, View, blocks
from bot.cards.questions import choose_view, refuse_view, request_view
from bot.cards.resources import done_view
from bot.listeners.invitations import term_of
from bot.listeners.road import Click, Command, Desk, Submission, of_kind, two, what_of
from bot.verbs import Slot
from bot.words import Said
from collab import access, events, refusals
from collab.explain import Detail, Show
from collab.offers import FOR_GOOD
from collab.people import NOBODY, Caller
from collab.requests import Ask, Grant, Refuse, Withdraw, check_open
from collab.resources import Resource
from collab.service import Outcome
from collab.subjects import open_request, open_succession
from collab.successions import Choose
from collab.terms import USUALLY, Extend
from collab.undo import Undo


def request(desk: Desk, asked: Command) -> Message:
    """Ask for a role."""
    act = Ask(asked.by, asked.get(Slot.ROLE), what_of(desk, asked), asked.get(Slot.NOTE))
    return blocks.message(_about(desk, asked.by, "requested", desk.collab.perform(act, asked.at), events.RequestSent))


def withdraw(desk: Desk, asked: Command) -> Message:
    """Take one's own request back."""
    outcome = desk.collab.perform(Withdraw(asked.by, what_of(desk, asked)), asked.at)
    return blocks.message(_about(desk, asked.by, "withdrawn", outcome, events.RequestEnded))


def press_withdraw(desk: Desk, click: Click) -> Said | None:
    """Withdraw pressed at home, beside one's own request."""
    outcome = desk.collab.perform(Withdraw(click.by, click.value), click.at)
    return None if outcome.repeated else _about(desk, click.by, "withdrawn", outcome, events.RequestEnded)


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
    said = _about(desk, sent.by, "requested", desk.collab.perform(act, sent.at), events.RequestSent)
    return done_view(desk.words, said)


def press_grant(desk: Desk, click: Click) -> Said | None:
    """Grant pressed."""
    outcome = desk.collab.perform(Grant(click.by, click.value), click.at)
    return None if outcome.repeated else _about(desk, click.by, "granted", outcome, events.RequestGranted)


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
    desk.collab.perform(Refuse(sent.by, sent.about, sent.values.get("reason") or None), sent.at)
    return None


def extend(desk: Desk, asked: Command) -> Message:
    """Let somebody's role for a limited time last longer."""
    term = term_of(asked.get(Slot.LASTS))
    act = Extend(asked.by, asked.get(Slot.WHO), what_of(desk, asked), USUALLY if term == FOR_GOOD else term)
    return blocks.message(_about(desk, asked.by, "extended", desk.collab.perform(act, asked.at), events.MemberExtended))


def press_extend(desk: Desk, click: Click) -> Said | None:
    """Extend pressed: once, however often and by however many the same end is extended."""
    what, rest = two(click.value)
    person, seen = two(rest)
    outcome = desk.collab.perform(Extend(click.by, person, what, seen=_moment(seen)), click.at)
    if outcome.repeated:
        return None
    if outcome.first(events.MemberExtended) is None:
        return desk.say("unchanged")
    return _about(desk, click.by, "extended", outcome, events.MemberExtended)


def successor(desk: Desk, asked: Command) -> Message:
    """Say who is to follow."""
    act = Choose(asked.by, asked.get(Slot.WHO), what_of(desk, asked))
    return blocks.message(_chosen(desk, asked.by, desk.collab.perform(act, asked.at)))


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
    return done_view(desk.words, _chosen(desk, sent.by, desk.collab.perform(act, sent.at)))


def undo(desk: Desk, asked: Command) -> Message:
    """Take the last removal or leave back."""
    return blocks.message(_undone(desk, asked.by, desk.collab.perform(Undo(asked.by), asked.at)))


def press_undo(desk: Desk, click: Click) -> Message | None:
    """Undo pressed."""
    seq = int(click.value) if click.value.isdecimal() and len(click.value) < 19 else 0  # noqa: PLR2004 - 64 bits
    outcome = desk.collab.perform(Undo(click.by, seq), click.at)
    return None if outcome.repeated else blocks.message(_undone(desk, click.by, outcome))


def _moment(typed: str) -> datetime | None:
    """A moment of a button's value, which is never trusted."""
    try:
        return datetime.fromisoformat(typed)
    except ValueError:
        return None


def _undone(desk: Desk, by: Caller, outcome: Outcome) -> Said:
    happened = [recorded.event for recorded in outcome.recorded]
    back = of_kind(happened, events.MemberRestored)
    top = next((event for event in back if event.within is None), back[0])
    reopened = len(of_kind(happened, events.InvitationReopened))
    with desk.facts(by) as facts:
        resource = facts.resource(top.resource) or Resource(top.resource, "", "", "")
        person = facts.person(top.person) or NOBODY
    me = desk.me(by) or NOBODY
    return desk.say("undone", person=person, resource=resource, role=top.role, reopened=reopened, me=me.id)


def _chosen(desk: Desk, by: Caller, outcome: Outcome) -> Said:
    settled = outcome.first(events.SuccessionSettled)
    event = settled or outcome.first(events.SuccessionSupported)
    if event is None:
        return desk.say("unchanged")
    with desk.facts(by) as facts:
        resource = facts.resource(event.resource) or Resource(event.resource, "", "", "")
        person = facts.person(event.person) or NOBODY
    if settled:
        return desk.say("succeeded", person=person, resource=resource, role=settled.role)
    return desk.say("supports", person=person, resource=resource)


def _about(desk: Desk, by: Caller, name: str, outcome: Outcome, kind: type[events.Event]) -> Said:
    """What was said of a person and a thing."""
    event = outcome.first(kind)
    with desk.facts(by) as facts:
        resource = facts.resource(event.resource) or Resource(event.resource, "", "", "")
        person = facts.person(event.person) or NOBODY
    return desk.say(name, person=person, resource=resource, event=event)
