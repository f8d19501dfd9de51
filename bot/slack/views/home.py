"""Home as a view: what waits, what one has, what one sent, and what happened last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import BlockId, HomePages, MenuOption, ResourceScope
from bot.slack.views import Block, View, blocks
from bot.slack.views.audit_log import ALL_EVENTS_QUERY
from bot.slack.views.failed_deliveries import failed_delivery_rows
from bot.slack.views.invitations import (
    invitation_state_at,
    list_sender_actions,
    page_button,
)
from bot.slack.views.pending import open_item_controls
from collab.home import HomeResource, HomeView
from collab.invitations.rules import PENDING
from collab.open_items import AccessRequestView, InvitationView

START_BUTTONS = ("create_open", "invite_open", "more_open", "settings_open")
BUTTONS_WITH_RESOURCES = ("channels_open",)  # for who has something
BUTTONS_FOR_MEMBERS = ("settings_open", "channels_open")  # for people of this workspace
START_BLOCK_ID = "beginnings"
MAX_EVENT_BLOCKS = 3  # blocks of latest events; more of them stand under All events
MAX_MENU_OPTIONS = (
    5  # options of a small menu; where all fit, what is left out stands behind Show
)
MENU_LABELS = {
    "invite_open": "invite_ask",
    "more_open": "more_row",
}  # labels in the menu of one thing


def home_view(
    renderer: Renderer, found: HomeView, at: datetime, routes: Collection[str]
) -> View:
    """Home at a moment; what begins something is offered when it has a route."""
    said = _render_introduction(renderer, found, creates=START_BUTTONS[0] in routes)
    start = [
        *blocks.paragraph_blocks(said.paragraphs),
        *_start_buttons(renderer, found, routes),
    ]
    parts = [
        part(renderer, found)
        for part in (_failed_deliveries_section, _pending_section, _roles_section)
    ]
    shown = [
        part
        for part in (
            *parts,
            _sent_section(renderer, found, at),
            _recent_events_section(renderer, found),
        )
        if part
    ]
    return {
        "type": "home",
        "callback_id": "home",
        "blocks": [*start, *_join_sections(shown, blocks.MAX_VIEW_BLOCKS - len(start))],
    }


def _render_introduction(
    renderer: Renderer, found: HomeView, *, creates: bool
) -> RenderedText:
    if not found.is_bare:
        return renderer.render(
            "home/start",
            waits=found.waits,
            stale=found.stale,
            external=found.able.external,
        )
    if found.start.empty and found.able.creates:
        return renderer.render("home/new", start=found.start, creates=creates)
    return renderer.render(
        "home/first", start=found.start, creates=creates, external=found.able.external
    )


def _join_sections(parts: Sequence[Sequence[Block]], room: int) -> list[Block]:
    """The parts one after the other, with a line between them unless there is no room for lines."""
    between: list[Block] = (
        [{"type": "divider"}] if sum(len(part) + 1 for part in parts) <= room else []
    )
    return [block for part in parts for block in (*between, *part)]


def _start_buttons(
    renderer: Renderer, found: HomeView, routes: Collection[str]
) -> list[Block]:
    hidden = {
        "create_open": not found.able.creates,
        "invite_open": not found.able.invites,
    }
    hidden |= dict.fromkeys(BUTTONS_FOR_MEMBERS, found.able.external)
    begins = (*START_BUTTONS, *(BUTTONS_WITH_RESOURCES if found.holds else ()))
    names = [name for name in begins if name in routes and not hidden.get(name)]
    needed = [
        *(["keys_open"] if found.stale else []),
        *(["lost_open"] if found.loses else []),
    ]
    buttons = [
        blocks.button(
            name,
            renderer.render_label(name),
            ResourceScope().encode(),
            renderer.render_label(f"{name}.long"),
        )
        for name in names
    ]
    buttons += [
        blocks.button(
            name,
            renderer.render_label(name),
            "0",
            renderer.render_label(f"{name}.long"),
        )
        for name in needed
    ]
    return [blocks.actions_block(START_BLOCK_ID, *buttons)] if buttons else []


def _failed_deliveries_section(renderer: Renderer, found: HomeView) -> list[Block]:
    return (
        [
            blocks.header_block(renderer.render_label("home.lost")),
            *failed_delivery_rows(renderer, found.lost),
        ]
        if found.lost
        else []
    )


def _pending_section(renderer: Renderer, found: HomeView) -> list[Block]:
    if not found.waits:
        return []
    lines = renderer.render("home/waiting", cards=found.waiting).paragraphs
    rows = [
        block
        for line, card in zip(lines, found.waiting, strict=True)
        for block in (
            blocks.list_row(line),
            *open_item_controls(renderer, card, "home_waiting"),
        )
    ]
    heading = blocks.header_block(renderer.render_label("home.waiting"))
    return [heading, *rows, *_pagination_blocks(renderer, found, 0)]


def _roles_section(renderer: Renderer, found: HomeView) -> list[Block]:
    """What one has, each company before what stands in it; a page that begins within one names it first."""
    if not found.holds:
        return []
    lines = renderer.render("home/holding", holding=found.holding).paragraphs
    rows = [
        blocks.list_row(
            line,
            _resource_menu(renderer, held),
            BlockId("holding", held.resource.id).encode(),
        )
        for line, held in zip(lines, found.holding, strict=True)
    ]
    first = found.holding[0]
    within = first.outer if first.outer.id != first.resource.id else None
    group = (
        blocks.paragraph_blocks(renderer.render("home/group", outer=within).paragraphs)
        if within
        else []
    )
    heading = blocks.header_block(
        renderer.render_label("home.holding", many=str(found.holds))
    )
    return [heading, *group, *rows, *_pagination_blocks(renderer, found, 1)]


def _sent_section(renderer: Renderer, found: HomeView, at: datetime) -> list[Block]:
    if not found.sent:
        return []
    states = [
        PENDING
        if isinstance(card, AccessRequestView)
        else invitation_state_at(card, at)
        for card in found.sent
    ]
    lines = renderer.render("home/sent", cards=found.sent, states=states).paragraphs
    rows = [
        blocks.list_row(
            line,
            _sent_item_controls(renderer, card, state),
            BlockId("home_sent", _sent_item_id(card)).encode(),
        )
        for line, card, state in zip(lines, found.sent, states, strict=True)
    ]
    return [
        blocks.header_block(renderer.render_label("home.sent")),
        *rows,
        *_pagination_blocks(renderer, found, 2),
    ]


def _recent_events_section(renderer: Renderer, found: HomeView) -> list[Block]:
    if not found.lines:
        return []
    said = renderer.render("home/recent", lines=found.lines)
    more = blocks.button(
        "events_page",
        renderer.render_label("home.events"),
        ALL_EVENTS_QUERY,
        renderer.render_label("home.events.long"),
    )
    some = blocks.button(
        "events_filter",
        renderer.render_label("home.filter"),
        ResourceScope().encode(),
        renderer.render_label("home.filter.long"),
    )
    heading = blocks.header_block(renderer.render_label("home.recent"))
    return [
        heading,
        *blocks.paragraph_blocks(said.paragraphs)[:MAX_EVENT_BLOCKS],
        blocks.actions_block("recent", more, some),
    ]


def _resource_menu(renderer: Renderer, held: HomeResource) -> Block:
    options = {"show_ask": True, "members_ask": True, "invite_open": held.invites}
    options |= {"request_ask": held.rises, "leave_ask": held.direct, "more_open": True}
    return _overflow_menu(
        renderer,
        "holding",
        [name for name, fits in options.items() if fits][:MAX_MENU_OPTIONS],
        held.resource.id,
    )


def _sent_item_id(card: InvitationView | AccessRequestView) -> str:
    return (
        card.request.id if isinstance(card, AccessRequestView) else card.invitation.id
    )


def _sent_item_controls(
    renderer: Renderer, card: InvitationView | AccessRequestView, state: str
) -> Block | None:
    if isinstance(card, AccessRequestView):
        return blocks.button(
            "withdraw",
            renderer.render_label("withdraw"),
            card.request.id,
            renderer.render_label("withdraw.long"),
        )
    names = list_sender_actions(card, state)
    return (
        _overflow_menu(renderer, "sent", names, card.invitation.id) if names else None
    )


def _overflow_menu(
    renderer: Renderer, part: str, names: Sequence[str], about: str
) -> Block:
    shown = [
        (
            renderer.render_label(MENU_LABELS.get(name, name)),
            MenuOption(name, about).encode(),
        )
        for name in names
    ]
    return blocks.overflow_menu(f"{part}:{about}", shown)


def _pagination_blocks(renderer: Renderer, found: HomeView, part: int) -> list[Block]:
    """The way to the next page of one list, or back to its first from the last; the others stay where they are."""
    page = found.pages[part]
    if not (found.more[part] or page):
        return []
    label, goes = ("next", page + 1) if found.more[part] else ("first", 0)
    pages = [goes if place == part else kept for place, kept in enumerate(found.pages)]
    button = page_button(renderer, "home_page", label, HomePages(tuple(pages)).encode())
    return [{**button, "block_id": BlockId("pages", str(part)).encode()}]
