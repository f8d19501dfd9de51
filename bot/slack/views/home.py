"""Build App Home: what is pending, one's roles, what one sent, and recent events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import chain

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import BlockId, HomePages, MenuOption, ResourceScope
from bot.slack.views import Block, View, blocks
from bot.slack.views.controls import labelled_button, page_controls
from bot.slack.views.event_log import ALL_EVENTS_QUERY
from bot.slack.views.failed_deliveries import failed_delivery_rows
from bot.slack.views.invitations import (
    invitation_options,
    invitation_state_at,
    list_sender_actions,
)
from bot.slack.views.pending import open_item_controls
from collab.home import HomeResource, HomeView
from collab.invitations.rules import PENDING
from collab.open_items import AccessRequestView, InvitationView

CREATE_ACTION = "create_open"
START_BUTTONS = (CREATE_ACTION, "invite_open", "more_open", "settings_open")
BUTTONS_WITH_RESOURCES = ("channels_open",)  # for people who have a role
BUTTONS_FOR_MEMBERS = ("settings_open", "channels_open")  # for people of this workspace
START_BLOCK_ID = "beginnings"
MAX_EVENT_BLOCKS = 3  # the rest is listed behind All activity
MAX_MENU_OPTIONS = 5  # Slack's limit; Show offers what is left out
# Labels of actions that are shorter in the menu of one resource.
MENU_LABELS = {"invite_open": "invite_ask", "more_open": "more_row"}
# Positions in HomeView.pages and HomeView.more.
PENDING_LIST, ROLES_LIST, SENT_LIST = range(3)


def home_view(
    renderer: Renderer, home: HomeView, at: datetime, routes: Collection[str]
) -> View:
    """Return App Home as of `at`; of the start buttons only those with a route."""
    introduction = _render_introduction(
        renderer, home, may_create=CREATE_ACTION in routes
    )
    start = [
        *blocks.paragraph_blocks(introduction.paragraphs),
        *_start_buttons(renderer, home, routes),
    ]
    sections = [
        _failed_deliveries_section(renderer, home),
        _pending_section(renderer, home),
        _roles_section(renderer, home),
        _sent_section(renderer, home, at),
        _recent_events_section(renderer, home),
    ]
    max_blocks = blocks.MAX_VIEW_BLOCKS - len(start)
    shown = _join_sections([each for each in sections if each], max_blocks)
    return {"type": "home", "callback_id": "home", "blocks": [*start, *shown]}


def _render_introduction(
    renderer: Renderer, home: HomeView, *, may_create: bool
) -> RenderedText:
    able = home.able
    if not home.is_bare:
        return renderer.render(
            "home/start", waits=home.waits, stale=home.stale, external=able.external
        )
    if home.start.empty and able.creates:
        return renderer.render("home/new", start=home.start, creates=may_create)
    return renderer.render(
        "home/first", start=home.start, creates=may_create, external=able.external
    )


def _join_sections(sections: Sequence[Sequence[Block]], max_blocks: int) -> list[Block]:
    """Return the blocks of all sections, with dividers if there is room for them."""
    joined = list(chain.from_iterable(sections))
    if len(joined) + len(sections) > max_blocks:
        return joined
    divider: Block = {"type": "divider"}
    return [block for section in sections for block in (divider, *section)]


def _start_buttons(
    renderer: Renderer, home: HomeView, routes: Collection[str]
) -> list[Block]:
    buttons = [
        labelled_button(renderer, name, ResourceScope().encode())
        for name in _list_start_actions(home)
        if name in routes
    ]
    if home.stale:
        buttons.append(labelled_button(renderer, "keys_open", "0"))
    if home.loses:
        buttons.append(labelled_button(renderer, "lost_open", "0"))
    return [blocks.actions_block(START_BLOCK_ID, *buttons)] if buttons else []


def _list_start_actions(home: HomeView) -> list[str]:
    hidden: set[str] = set()
    if not home.able.creates:
        hidden.add(CREATE_ACTION)
    if not home.able.invites:
        hidden.add("invite_open")
    if home.able.external:
        hidden.update(BUTTONS_FOR_MEMBERS)
    if not home.holds:
        hidden.update(BUTTONS_WITH_RESOURCES)
    actions = (*START_BUTTONS, *BUTTONS_WITH_RESOURCES)
    return [name for name in actions if name not in hidden]


def _failed_deliveries_section(renderer: Renderer, home: HomeView) -> list[Block]:
    if not home.lost:
        return []
    heading = blocks.header_block(renderer.render_label("home.lost"))
    return [heading, *failed_delivery_rows(renderer, home.lost)]


def _pending_section(renderer: Renderer, home: HomeView) -> list[Block]:
    if not home.waits:
        return []
    text = renderer.render("home/waiting", cards=home.waiting)
    section = [blocks.header_block(renderer.render_label("home.waiting"))]
    for line, item in zip(text.paragraphs, home.waiting, strict=True):
        section.append(blocks.list_row(line))
        section += open_item_controls(renderer, item, "home_waiting")
    return [*section, *_pagination_blocks(renderer, home, PENDING_LIST)]


def _roles_section(renderer: Renderer, home: HomeView) -> list[Block]:
    """Return one's roles, each company before its contents.

    A page that begins within a company names it first.
    """
    if not home.holds:
        return []
    total = str(home.holds)
    section = [blocks.header_block(renderer.render_label("home.holding", many=total))]
    first = home.holding[0]
    if first.outer.id != first.resource.id:
        group = renderer.render("home/group", outer=first.outer)
        section += blocks.paragraph_blocks(group.paragraphs)
    text = renderer.render("home/holding", holding=home.holding)
    for line, row in zip(text.paragraphs, home.holding, strict=True):
        menu = _resource_menu(renderer, row)
        block_id = BlockId("holding", row.resource.id).encode()
        section.append(blocks.list_row(line, menu, block_id))
    return [*section, *_pagination_blocks(renderer, home, ROLES_LIST)]


def _sent_section(renderer: Renderer, home: HomeView, at: datetime) -> list[Block]:
    if not home.sent:
        return []
    states = [_sent_item_state(item, at) for item in home.sent]
    text = renderer.render("home/sent", cards=home.sent, states=states)
    section = [blocks.header_block(renderer.render_label("home.sent"))]
    for line, item, state in zip(text.paragraphs, home.sent, states, strict=True):
        control = _sent_item_control(renderer, item, state)
        block_id = BlockId("home_sent", _sent_item_id(item)).encode()
        section.append(blocks.list_row(line, control, block_id))
    return [*section, *_pagination_blocks(renderer, home, SENT_LIST)]


def _recent_events_section(renderer: Renderer, home: HomeView) -> list[Block]:
    if not home.lines:
        return []
    text = renderer.render("home/recent", lines=home.lines)
    all_events = labelled_button(
        renderer, "events_page", ALL_EVENTS_QUERY, label="home.events"
    )
    event_filter = labelled_button(
        renderer, "events_filter", ResourceScope().encode(), label="home.filter"
    )
    return [
        blocks.header_block(renderer.render_label("home.recent")),
        *blocks.paragraph_blocks(text.paragraphs)[:MAX_EVENT_BLOCKS],
        blocks.actions_block("recent", all_events, event_filter),
    ]


def _resource_menu(renderer: Renderer, row: HomeResource) -> Block:
    actions = ["show_ask", "members_ask"]
    if row.invites:
        actions.append("invite_open")
    if row.rises:
        actions.append("request_ask")
    if row.direct:
        actions.append("leave_ask")
    actions.append("more_open")
    options = [
        (
            renderer.render_label(MENU_LABELS.get(name, name)),
            MenuOption(name, row.resource.id).encode(),
        )
        for name in actions[:MAX_MENU_OPTIONS]
    ]
    return blocks.overflow_menu(f"holding:{row.resource.id}", options)


def _sent_item_id(item: InvitationView | AccessRequestView) -> str:
    if isinstance(item, AccessRequestView):
        return item.request.id
    return item.invitation.id


def _sent_item_state(item: InvitationView | AccessRequestView, at: datetime) -> str:
    if isinstance(item, AccessRequestView):
        return PENDING
    return invitation_state_at(item, at)


def _sent_item_control(
    renderer: Renderer, item: InvitationView | AccessRequestView, state: str
) -> Block | None:
    if isinstance(item, AccessRequestView):
        return labelled_button(renderer, "withdraw", item.request.id)
    actions = list_sender_actions(item, state)
    if not actions:
        return None
    invitation_id = item.invitation.id
    options = invitation_options(renderer, actions, invitation_id)
    return blocks.overflow_menu(f"sent:{invitation_id}", options)


def _pagination_blocks(
    renderer: Renderer, home: HomeView, list_position: int
) -> list[Block]:
    """Return the button to another page of one list.

    It leads to the next page, or from the last one to the first. Its value contains
    the pages of all lists, so the other lists stay on theirs.
    """
    page, has_more = home.pages[list_position], home.more[list_position]
    if not has_more and not page:
        return []
    pages = list(home.pages)
    pages[list_position] = page + 1 if has_more else 0
    return [
        page_controls(
            renderer,
            "home_page",
            "next" if has_more else "first",
            HomePages(tuple(pages)).encode(),
            BlockId("pages", str(list_position)).encode(),
        )
    ]
