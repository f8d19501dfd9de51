"""Home as a view: what waits, what one has, what one sent, and what happened last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.cards import Block, View, blocks
from bot.cards.invitations import manageable, page_button, state_at
from bot.cards.record import EVERYTHING
from bot.cards.undelivered import lost_rows
from bot.cards.waiting import question_controls
from bot.words import Said, Words
from collab.home import Holding, Home
from collab.offers import PENDING
from collab.subjects import OpenInvitation, OpenRequest

BEGINNINGS = ("create_open", "invite_open", "more_open", "settings_open")
WITH_THINGS = ("channels_open",)  # for who has something
FOR_MEMBERS = ("settings_open", "channels_open")  # for people of this workspace
START = "beginnings"
LINES = 3  # blocks of latest events; more of them stand under All events
MOST = 5  # options of a small menu; where all fit, what is left out stands behind Show
MENU = {"invite_open": "invite_ask", "more_open": "more_row"}  # labels in the menu of one thing


def home_view(words: Words, found: Home, at: datetime, routes: Collection[str]) -> View:
    """Home at a moment; what begins something is offered when it has a route."""
    said = _start(words, found, creates=BEGINNINGS[0] in routes)
    start = [*blocks.paragraphs(said.paragraphs), *_beginnings(words, found, routes)]
    parts = [part(words, found) for part in (_lost, _waiting, _holding)]
    shown = [part for part in (*parts, _sent(words, found, at), _recent(words, found)) if part]
    return {"type": "home", "callback_id": "home", "blocks": [*start, *_parted(shown, blocks.VIEW - len(start))]}


def _start(words: Words, found: Home, *, creates: bool) -> Said:
    if not found.is_bare:
        return words.say("home/start", waits=found.waits, stale=found.stale, external=found.able.external)
    if found.start.empty and found.able.creates:
        return words.say("home/new", start=found.start, creates=creates)
    return words.say("home/first", start=found.start, creates=creates, external=found.able.external)


def _parted(parts: Sequence[Sequence[Block]], room: int) -> list[Block]:
    """The parts one after the other, with a line between them unless there is no room for lines."""
    between: list[Block] = [{"type": "divider"}] if sum(len(part) + 1 for part in parts) <= room else []
    return [block for part in parts for block in (*between, *part)]


def _beginnings(words: Words, found: Home, routes: Collection[str]) -> list[Block]:
    hidden = {"create_open": not found.able.creates, "invite_open": not found.able.invites}
    hidden |= dict.fromkeys(FOR_MEMBERS, found.able.external)
    begins = (*BEGINNINGS, *(WITH_THINGS if found.holds else ()))
    names = [name for name in begins if name in routes and not hidden.get(name)]
    needed = [*(["keys_open"] if found.stale else []), *(["lost_open"] if found.loses else [])]
    buttons = [blocks.button(name, words.label(name), "home", words.label(f"{name}.long")) for name in names]
    buttons += [blocks.button(name, words.label(name), "0", words.label(f"{name}.long")) for name in needed]
    return [blocks.actions(START, *buttons)] if buttons else []


def _lost(words: Words, found: Home) -> list[Block]:
    return [blocks.header(words.label("home.lost")), *lost_rows(words, found.lost)] if found.lost else []


def _waiting(words: Words, found: Home) -> list[Block]:
    if not found.waits:
        return []
    lines = words.say("home/waiting", cards=found.waiting).paragraphs
    rows = [
        block
        for line, card in zip(lines, found.waiting, strict=True)
        for block in (blocks.row(line), *question_controls(words, card, "home_waiting"))
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
    states = [PENDING if isinstance(card, OpenRequest) else state_at(card, at) for card in found.sent]
    lines = words.say("home/sent", cards=found.sent, states=states).paragraphs
    rows = [
        blocks.row(line, _manage(words, card, state), f"home_sent {_id(card)}")
        for line, card, state in zip(lines, found.sent, states, strict=True)
    ]
    return [blocks.header(words.label("home.sent")), *rows, *_turn(words, found, 2)]


def _recent(words: Words, found: Home) -> list[Block]:
    if not found.lines:
        return []
    said = words.say("home/recent", lines=found.lines)
    more = blocks.button("events_page", words.label("home.events"), EVERYTHING, words.label("home.events.long"))
    some = blocks.button("events_filter", words.label("home.filter"), "home", words.label("home.filter.long"))
    heading = blocks.header(words.label("home.recent"))
    return [heading, *blocks.paragraphs(said.paragraphs)[:LINES], blocks.actions("recent", more, some)]


def _menu(words: Words, held: Holding) -> Block:
    options = {"show_ask": True, "members_ask": True, "invite_open": held.invites}
    options |= {"request_ask": held.rises, "leave_ask": held.direct, "more_open": True}
    return _overflow(words, "holding", [name for name, fits in options.items() if fits][:MOST], held.resource.id)


def _id(card: OpenInvitation | OpenRequest) -> str:
    return card.request.id if isinstance(card, OpenRequest) else card.invitation.id


def _manage(words: Words, card: OpenInvitation | OpenRequest, state: str) -> Block | None:
    if isinstance(card, OpenRequest):
        return blocks.button("withdraw", words.label("withdraw"), card.request.id, words.label("withdraw.long"))
    names = manageable(card, state)
    return _overflow(words, "sent", names, card.invitation.id) if names else None


def _overflow(words: Words, part: str, names: Sequence[str], about: str) -> Block:
    shown = [(words.label(MENU.get(name, name)), f"{name} {about}") for name in names]
    return blocks.overflow(f"{part}:{about}", shown)


def _turn(words: Words, found: Home, part: int) -> list[Block]:
    """The way to the next page of one list, or back to its first from the last; the others stay where they are."""
    page = found.pages[part]
    if not (found.more[part] or page):
        return []
    label, goes = ("next", page + 1) if found.more[part] else ("first", 0)
    pages = [goes if place == part else kept for place, kept in enumerate(found.pages)]
    button = page_button(words, "home_page", label, " ".join(map(str, pages)))
    return [{**button, "block_id": f"pages {part}"}]
