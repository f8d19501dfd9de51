"""Inviting: by a line, or in a window with what is known filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.cards import Choices, Message, View, blocks
from bot.cards.home import START
from bot.cards.inviting import Draft, invite_view, invited_message, invited_view, thing_choices
from bot.listeners.invitations import lasts_of, sent_words, term_of
from bot.listeners.road import (
    Click,
    Command,
    Desk,
    Search,
    Submission,
    WrongField,
    each_once,
    seeing_sent,
    several,
    two,
    whats_of,
    wrong,
)
from bot.misread import MissingWord, TooManyPeople
from bot.reading import GroupMention
from bot.tokens import addresses
from bot.verbs import Slot
from bot.words import Said
from collab import refusals
from collab.card_numbers import holds_card_number
from collab.granting import ListGrantable, ShowGrantable, Together
from collab.invitations import Invite
from collab.offers import Term, checked_words
from collab.people import Account, Address, Caller
from collab.policy import TOGETHER_LIMIT
from collab.service import Outcome

Who = Account | Address
Answer = Outcome | refusals.Refused | None
FIELDS: Mapping[type[refusals.Refused], str] = {
    refusals.NotTogether: "what",
    refusals.TooManyTogether: "what",
    refusals.UnknownRole: "role",
    refusals.MayNotGrant: "role",
    refusals.BadDuration: "lasts",
    refusals.TooLong: "note",
}


def invite(desk: Desk, asked: Command) -> Message | None:
    """Ask somebody to take a role; a line that lacks something opens the window."""
    what = _named(desk, asked)
    if asked.line.lacks or not what:
        asked.open_view(_filled_in(desk, asked, what))
        return None
    whom = each_once(desk, asked.by, asked.get(Slot.WHOM))
    offer = (asked.get(Slot.ROLE), what, term_of(asked.get(Slot.LASTS), desk.zone(asked.by)), asked.get(Slot.NOTE))
    if len(whom) == 1 and isinstance(whom[0], Account | Address):
        outcome = desk.perform(Invite(asked.by, whom[0], *offer), asked.at, seeing_sent)
        return blocks.message(sent_words(desk, outcome))
    found = _each(desk, asked.by, asked.at, [who for who in whom if isinstance(who, Account | Address)], offer)
    return invited_message(desk.words, [_said(desk, asked.by, who, found.get(who)) for who in whom])


def from_shortcut(desk: Desk, by: Caller, at: datetime) -> View:
    """The window with nothing filled in."""
    return _window(desk, by, at, Draft(), ())


def press_open(desk: Desk, click: Click) -> None:
    """A button that opens the window, for one thing when it stands beside one that is still there."""
    named = (click.value,) if click.value and click.origin != START else ()
    try:
        view = _window(desk, click.by, click.at, Draft(), named)
    except refusals.UnknownResource:
        view = _window(desk, click.by, click.at, Draft(), ())
    click.open_view(view)


def press_what(desk: Desk, click: Click) -> None:
    """Something was chosen: the roles to choose from follow it."""
    filled = click.values
    people, role = several(filled.get("people", "")), _role(filled)[1]
    # A card number that stands in a field goes nowhere from there; sending the window in refuses it.
    kept = {name: value for name, value in filled.items() if not holds_card_number(value)}
    emails, lasts, note = (kept.get(name, "") for name in ("emails", "lasts", "note"))
    draft = Draft(people, emails, role=role, lasts=lasts, note=note)
    click.update_view(_window(desk, click.by, click.at, draft, tuple(several(filled.get("what", "")))))


def search(desk: Desk, search: Search) -> Choices:
    """The things that fit what was typed."""
    return thing_choices(desk.words, desk.collab.ask(ListGrantable(search.by, search.typed), search.at))


def submit(desk: Desk, sent: Submission) -> View:
    """The window sent in: each is invited by themselves."""
    whom, what = _whom(desk, sent), tuple(several(sent.values.get("what", "")))
    field, role = _role(sent.values)
    if not what or not role:
        raise WrongField("what", desk.words.say("modals/no_common_role", "plain").text)
    found = _each(desk, sent.by, sent.at, whom, (role, what, lasts_of(desk, sent), sent.values.get("note")))
    if not any(isinstance(answer, Outcome) for answer in found.values()):
        _refuse_at_field(desk, sent, found, field)
    answers = [_said(desk, sent.by, who, answer) for who, answer in found.items()]
    return invited_view(desk.words, answers, changed=any(isinstance(a, Outcome) for a in found.values()))


def _named(desk: Desk, asked: Command) -> tuple[str, ...]:
    try:
        return whats_of(desk, asked)
    except MissingWord:
        return ()


def _filled_in(desk: Desk, asked: Command, what: tuple[str, ...]) -> View:
    """The window with what the line said; words that name nothing refuse the line, as they would a whole one."""
    whom = asked.get(Slot.WHOM) or ()
    written = [_as_typed(who) for who in whom if not isinstance(who, Account)]
    draft = Draft(
        [who.user for who in whom if isinstance(who, Account)],
        ", ".join(written),
        role=asked.get(Slot.ROLE) or "",
        lasts=two(asked.line.typed.get(Slot.LASTS, ""))[1],
        note=checked_words("note", asked.get(Slot.NOTE)) or "",
    )
    try:
        return _window(desk, asked.by, asked.at, draft, what)
    except refusals.UnknownResource as unknown:
        lacks = asked.line.lacks
        raise (lacks if lacks and lacks.slot == Slot.WHOM else unknown) from unknown


def _window(desk: Desk, by: Caller, at: datetime, draft: Draft, what: tuple[str, ...]) -> View:
    # No "Loading…" comes first: with 1,000 members and 100 apps this takes 12 ms, and 95 with all of them filled in,
    # against the three seconds that Slack gives; a database that does not answer is given up after two.
    found: Together = desk.collab.ask(ShowGrantable(by, what), at)
    return invite_view(desk.words, replace(draft, what=found.resources), found.roles)


def _whom(desk: Desk, sent: Submission) -> list[Who]:
    """Everybody who was chosen or written, each once."""
    whom: list[Who] = [Account(sent.by.workspace, user) for user in several(sent.values.get("people", ""))]
    for token in addresses(sent.values.get("emails", "")):
        if token.shape != "mail":
            raise wrong(desk, "emails", refusals.BadAddress(token.text.strip(",;")), sent.by)
        whom.append(Address(token.value))
    if not whom:
        raise WrongField("people", desk.words.label("invite.nobody"))
    if len(whom) > TOGETHER_LIMIT:
        raise wrong(desk, "emails", TooManyPeople("", len(whom), TOGETHER_LIMIT), sent.by)
    return each_once(desk, sent.by, whom)


def _role(filled: Mapping[str, str]) -> tuple[str, str]:
    """The field of the role, which is named by its options, and what was chosen there."""
    return next(((field, value) for field, value in filled.items() if two(field)[0] == "role"), ("what", ""))


def _each(
    desk: Desk, by: Caller, at: datetime, whom: Sequence[Who], offer: tuple[str, tuple[str, ...], Term, str | None]
) -> dict[Who, Answer]:
    acts = [Invite(_numbered(by, number), who, *offer) for number, who in enumerate(whom)]
    return dict(zip(whom, desk.perform_each(acts, at, seeing_sent), strict=True))


def _numbered(by: Caller, number: int) -> Caller:
    """Several acts of one delivery, each known by its number when the delivery comes again."""
    return replace(by, delivery=f"{by.delivery}:{number}") if by.delivery else by


def _as_typed(who: Address | GroupMention | str) -> str:
    return who if isinstance(who, str) else who.email if isinstance(who, Address) else who.text


def _said(desk: Desk, by: Caller, who: Who | GroupMention | str, answer: Answer) -> Said:
    """What became of one of several."""
    if isinstance(who, GroupMention):
        return desk.words.say("refusals/group_named", example="", typed=who.text)
    if isinstance(answer, Outcome):
        return sent_words(desk, answer)
    if answer is None:
        return desk.words.say("refusals/unknown_who", example="", typed=str(who))
    return desk.refused(answer, by)


def _refuse_at_field(desk: Desk, sent: Submission, found: Mapping[Who, Answer], role: str) -> None:
    """Nobody was invited: what all were refused for is said at its field, what one was at the field of that one."""
    refused = [answer for answer in found.values() if isinstance(answer, refusals.Refused)]
    first = refused[0]
    shared = len({type(each) for each in refused}) == 1
    if shared and isinstance(first, refusals.UnknownResource):
        raise WrongField("what", desk.words.label("invite.gone"))
    if shared and type(first) in FIELDS:
        field = FIELDS[type(first)]
        raise wrong(desk, role if field == "role" else field, first, sent.by)
    if len(found) == 1:
        raise wrong(desk, "people" if isinstance(next(iter(found)), Account) else "emails", first, sent.by)
