"""Home as a view: what waits, what one has, what one sent, and what happened last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.cards import Block, View, blocks
from bot.cards.invitations import answer_controls, page_button, state_at
from bot.words import Words
from collab.home import Holding, Home
from collab.offers import PENDING
from collab.subjects import OpenInvitation

BEGINNINGS = ("create_open", "invite_open", "more_open")
WITH_THINGS = ("channels_open",)  # for who has something
EVERYTHING = "[null, null, null, null, [], 0]"  # a question for events that chooses nothing
LABELS = {"more_open": "more_row"}
MANAGE = {PENDING: ("revoke", "resend", "edit"), "expired": ("resend",)}


def home_view(words: Words, found: Home, at: datetime, routes: Collection[str]) -> View:
    """Home at a moment; what begins something is offered when it has a route."""
    said = words.say("home/first") if found.is_bare else words.say("home/start", waits=found.waits)
    start = [*blocks.paragraphs(said.paragraphs), *_beginnings(words, found, routes)]
    parts = [_waiting(words, found), _holding(words, found), _sent(words, found, at), _recent(words, found)]
    shown = [block for part in parts if part for block in ({"type": "divider"}, *part)]
    return {"type": "home", "callback_id": "home", "blocks": [*start, *shown]}


def _beginnings(words: Words, found: Home, routes: Collection[str]) -> list[Block]:
    names = [name for name in (*BEGINNINGS, *(WITH_THINGS if found.holds else ())) if name in routes]
    buttons = [blocks.button(name, words.label(name), "home", words.label(f"{name}.long")) for name in names]
    return [blocks.actions("beginnings", *buttons)] if buttons else []


def _waiting(words: Words, found: Home) -> list[Block]:
    if not found.waits:
        return []
    lines = words.say("home/waiting", cards=found.waiting).paragraphs
    rows = [
        block
        for line, card in zip(lines, found.waiting, strict=True)
        for block in (blocks.row(line), *answer_controls(words, card, PENDING, "home_waiting"))
    ]
    heading = blocks.header(words.label("home.waiting"))
    return [heading, *rows, *_turn(words, found, 0)]


def _holding(words: Words, found: Home) -> list[Block]:
    """What one has, each company before what stands in it; a page that begins within one names it first."""
    if not found.holds:
        return []
    lines = words.say("home/holding", holding=found.holding).paragraphs
    rows = [
        blocks.row(line, _menu(words, held), f"holding {held.resource.id}")
        for line, held in zip(lines, found.holding, strict=True)
    ]
    first = found.holding[0]
    within = first.outer if first.outer.id != first.resource.id else None
    group = blocks.paragraphs(words.say("home/group", outer=within).paragraphs) if within else []
    heading = blocks.header(words.label("home.holding", many=str(found.holds)))
    return [heading, *group, *rows, *_turn(words, found, 1)]


def _sent(words: Words, found: Home, at: datetime) -> list[Block]:
    if not found.sent:
        return []
    states = [state_at(card, at) for card in found.sent]
    lines = words.say("home/sent", cards=found.sent, states=states).paragraphs
    rows = [
        blocks.row(line, _manage(words, card, state), f"home_sent {card.invitation.id}")
        for line, card, state in zip(lines, found.sent, states, strict=True)
    ]
    return [blocks.header(words.label("home.sent")), *rows, *_turn(words, found, 2)]


def _recent(words: Words, found: Home) -> list[Block]:
    if not found.lines:
        return []
    said = words.say("home/recent", lines=found.lines)
    more = blocks.button("events_page", words.label("home.events"), EVERYTHING, words.label("home.events.long"))
    heading = blocks.header(words.label("home.recent"))
    return [heading, *blocks.paragraphs(said.paragraphs), blocks.actions("recent", more)]


def _menu(words: Words, held: Holding) -> Block:
    options = {"show_ask": True, "members_ask": True, "request_ask": held.rises, "leave_ask": held.direct}
    options["more_open"] = True
    return _overflow(words, "holding", [name for name, fits in options.items() if fits], held.resource.id)


def _manage(words: Words, card: OpenInvitation, state: str) -> Block | None:
    names = MANAGE.get(state, ())
    return _overflow(words, "sent", names, card.invitation.id) if names else None


def _overflow(words: Words, part: str, names: Sequence[str], about: str) -> Block:
    return blocks.overflow(
        f"{part}:{about}", [(words.label(LABELS.get(name, name)), f"{name} {about}") for name in names]
    )


def _turn(words: Words, found: Home, part: int) -> list[Block]:
    """The way to the next page of one list, or back to its first from the last; the others stay where they are."""
    page = found.pages[part]
    if not (found.more[part] or page):
        return []
    label, goes = ("next", page + 1) if found.more[part] else ("first", 0)
    pages = [goes if place == part else kept for place, kept in enumerate(found.pages)]
    button = page_button(words, "home_page", label, " ".join(map(str, pages)))
    return [{**button, "block_id": f"pages {part}"}]
