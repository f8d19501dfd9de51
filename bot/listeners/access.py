"""Access: what I hold, what a thing is, who can, and why."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Message
from bot.cards.access import mine_message, who_message, why_message
from bot.cards.resources import show_message
from bot.listeners.road import Click, Command, Desk, page_of, two, what_of
from bot.verbs import Slot
from collab import access, refusals
from collab.explain import Able, Belongings, Detail, Explanation, Mine, Path, Show, Who, Why
from collab.home import Abilities, ShowAbilities
from collab.people import NOBODY, Account, Address, Person

AT_LEAST = "view"


def mine(desk: Desk, asked: Command) -> Message:
    """What the caller holds."""
    return _mine_page(desk, asked, 0)


def press_mine_page(desk: Desk, click: Click) -> Message:
    """Another page of it."""
    return _mine_page(desk, click, page_of(two(click.value)[1]))


def show(desk: Desk, asked: Command) -> Message:
    """One resource."""
    return _show(desk, asked, what_of(desk, asked))


def press_show_ask(desk: Desk, click: Click) -> Message:
    """Show chosen for a thing."""
    return _show(desk, click, click.value)


def _show(desk: Desk, asked: Command | Click, what: str) -> Message:
    found: Detail = desk.collab.ask(Show(asked.by, what), asked.at)
    return show_message(desk.words, found, paid=desk.collab.kinds[found.resource.kind].is_paid)


def who(desk: Desk, asked: Command) -> Message:
    """Everybody who can."""
    return _who_page(desk, asked, what_of(desk, asked), asked.get(Slot.CAPABILITY), 0)


def press_who_page(desk: Desk, click: Click) -> Message:
    """Another page of them."""
    what, rest = two(click.value)
    capability, page = two(rest)
    return _who_page(desk, click, what, capability, page_of(page))


def why(desk: Desk, asked: Command) -> Message:
    """Every path by which somebody can, or that there is none."""
    return _why(desk, asked, asked.get(Slot.WHO), what_of(desk, asked), asked.get(Slot.CAPABILITY))


def press_why_ask(desk: Desk, click: Click) -> Message:
    """Why? chosen in a list: answered beside it."""
    what, person = two(click.value)
    with desk.facts(click.by) as facts:
        found = facts.person(person)
    if found is None:
        raise refusals.UnknownResource(what)
    return {**_why(desk, click, _known_as(found), what, AT_LEAST), "replace_original": False}


def _mine_page(desk: Desk, asked: Command | Click, page: int) -> Message:
    found: Belongings = desk.collab.ask(Mine(asked.by, page), asked.at)
    able: Abilities = desk.collab.ask(ShowAbilities(asked.by), asked.at)
    return mine_message(desk.words, found, page, able)


def _who_page(desk: Desk, asked: Command | Click, what: str, capability: str, page: int) -> Message:
    found: Able = desk.collab.ask(Who(asked.by, what, capability, page), asked.at)
    return who_message(desk.words, found, page)


def _why(desk: Desk, asked: Command | Click, person: Account | Address, what: str, capability: str) -> Message:
    found: Explanation = desk.collab.ask(Why(asked.by, person, what, capability), asked.at)
    held: Sequence[Path] = ()
    if not found.paths:
        held = desk.collab.ask(Why(asked.by, person, found.resource.id, AT_LEAST), asked.at).paths
    me = desk.me(asked.by) or NOBODY
    closed = found.disabled and capability not in access.STILL_WHEN_DISABLED
    return why_message(desk.words, found, held, me.id, closed=closed)


def _known_as(person: Person) -> Account | Address:
    if person.team and person.user:
        return Account(person.team, person.user)
    return Address(person.email or "")
