"""Build App Home: what needs the person, their access, what they sent, and activity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import chain

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import BlockId, HomePages, ResourceScope
from bot.slack.views import Block, View, blocks
from bot.slack.views.controls import labelled_button, page_controls
from bot.slack.views.event_log import ALL_EVENTS_QUERY
from bot.slack.views.failed_deliveries import failed_delivery_rows
from bot.slack.views.invitations import (
    invitation_button,
    invitation_options,
    invitation_state_at,
    list_sender_actions,
)
from bot.slack.views.pages import open_page_button
from bot.slack.views.pending import open_item_controls
from bot.slack.views.primary_button import keep_first_primary
from collab.first_steps import FirstSteps
from collab.home import HomeView
from collab.invitations.rules import PENDING
from collab.open_items import AccessRequestView, InvitationView

CREATE_ACTION = "create_open"
INVITE_ACTION = "invite_open"
CHANNELS_ACTION = "channels_open"
PEOPLE_ACTION = "people_open"
START_BUTTONS = (
    CREATE_ACTION,
    INVITE_ACTION,
    PEOPLE_ACTION,
    CHANNELS_ACTION,
    "settings_open",
    "more_open",
)
# The actions of the first steps in their order, and their labels.
STEP_LABELS = {
    CREATE_ACTION: CREATE_ACTION,
    INVITE_ACTION: INVITE_ACTION,
    CHANNELS_ACTION: "home.link",
}
START_BLOCK_ID = "beginnings"
MAX_EVENT_BLOCKS = 3  # the rest is listed behind Show activity
MAX_NAMED_KEYS = 3
COUNTED_KINDS = ("company", "project", "app", "database", "team")
# Positions in HomeView.pages and HomeView.more.
PENDING_LIST, ROLES_LIST, SENT_LIST = range(3)


def home_view(
    renderer: Renderer, home: HomeView, at: datetime, routes: Collection[str]
) -> View:
    """Return App Home as of `at`; of the start buttons only those with a route."""
    introduction = _render_introduction(renderer, home)
    start = [
        *blocks.paragraph_blocks(introduction.paragraphs),
        *_start_buttons(renderer, home, routes),
    ]
    sections = [
        _needs_section(renderer, home),
        _agreed_section(renderer, home),
        _steps_section(renderer, home, routes),
        _roles_section(renderer, home),
        _sent_section(renderer, home, at),
        _recent_events_section(renderer, home),
    ]
    max_blocks = blocks.MAX_VIEW_BLOCKS - len(start)
    shown = _join_sections([each for each in sections if each], max_blocks)
    return {
        "type": "home",
        "callback_id": "home",
        "blocks": keep_first_primary([*start, *shown]),
    }


def _render_introduction(renderer: Renderer, home: HomeView) -> RenderedText:
    if home.is_bare:
        return renderer.render("home/first", start=home.start)
    if home.pending_count and not (home.resource_count or home.sent):
        return renderer.render("home/welcome")
    counts = [
        (kind, home.resource_counts[kind])
        for kind in COUNTED_KINDS
        if home.resource_counts.get(kind)
    ]
    return renderer.render(
        "home/summary",
        needs=home.needs_count,
        more=home.has_more_failures,
        counts=counts,
        unanswered=home.unanswered_count,
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
    return [blocks.actions_block(START_BLOCK_ID, *buttons)] if buttons else []


def _list_start_actions(home: HomeView) -> list[str]:
    """Return what may be offered and is not offered by the first steps."""
    hidden = set(_list_step_actions(home.steps))
    if not home.actions.creates:
        hidden.add(CREATE_ACTION)
    if not home.actions.invites:
        hidden.add(INVITE_ACTION)
    if not (home.resource_count and home.actions.invites):
        hidden.add(PEOPLE_ACTION)
    if home.actions.external:
        hidden.add("settings_open")
    if not (home.resource_count and home.actions.links):
        hidden.add(CHANNELS_ACTION)
    return [name for name in START_BUTTONS if name not in hidden]


def _list_step_actions(steps: FirstSteps | None) -> list[str]:
    """Return the actions of the steps that can be done now."""
    if steps is None:
        return []
    if steps.company is None:
        return [CREATE_ACTION]
    actions: list[str] = []
    if not steps.has_invited:
        actions.append(INVITE_ACTION)
    if not steps.has_linked:
        actions.append(CHANNELS_ACTION)
    return actions


def _steps_section(
    renderer: Renderer, home: HomeView, routes: Collection[str]
) -> list[Block]:
    """Return the first steps, each that can be done now with its button."""
    steps = home.steps
    if steps is None:
        return []
    text = renderer.render("home/steps", steps=steps)
    offered = set(_list_step_actions(steps)) & set(routes)
    rows = [
        blocks.list_row(
            line, _step_button(renderer, steps, action) if action in offered else None
        )
        for line, action in zip(text.paragraphs, STEP_LABELS, strict=True)
    ]
    return [blocks.header_block(renderer.render_label("home.steps")), *rows]


def _step_button(renderer: Renderer, steps: FirstSteps, action: str) -> Block:
    company_id = steps.company.id if steps.company else None
    return labelled_button(
        renderer,
        action,
        ResourceScope(company_id).encode(),
        label=STEP_LABELS[action],
        style="primary",
    )


def _needs_section(renderer: Renderer, home: HomeView) -> list[Block]:
    """Return what needs the person: questions, failed deliveries, and keys."""
    if not home.needs_count:
        return []
    section = [blocks.header_block(renderer.render_label("home.needs"))]
    if home.pending_count:
        text = renderer.render("home/pending", cards=home.pending_items)
        for line, item in zip(text.paragraphs, home.pending_items, strict=True):
            section.append(blocks.list_row(line))
            section += open_item_controls(renderer, item, "home_waiting")
        section += _pagination_blocks(renderer, home, PENDING_LIST)
    section += failed_delivery_rows(renderer, home.failures)
    if home.has_more_failures:
        others = labelled_button(renderer, "lost_open", "0")
        section.append(blocks.actions_block("lost_more", others))
    if home.keys.resources:
        section.append(_keys_row(renderer, home))
    return section


def _agreed_section(renderer: Renderer, home: HomeView) -> list[Block]:
    """Return the handovers that the person agreed to and can call off."""
    if not home.agreed:
        return []
    text = renderer.render("home/pending", cards=home.agreed)
    section = [blocks.header_block(renderer.render_label("home.agreed"))]
    for line, card in zip(text.paragraphs, home.agreed, strict=True):
        button = invitation_button(renderer, card, "decline", label="call_off")
        block_id = BlockId("home_agreed", card.invitation.id).encode()
        section.append(blocks.list_row(line, button, block_id))
    return section


def _keys_row(renderer: Renderer, home: HomeView) -> Block:
    resources = home.keys.resources
    text = renderer.render(
        "home/keys",
        shown=resources[:MAX_NAMED_KEYS],
        total=len(resources),
        due=home.keys.due,
    )
    button = labelled_button(renderer, "keys_open", "0")
    return blocks.list_row(text.text, button, "home_keys")


def _roles_section(renderer: Renderer, home: HomeView) -> list[Block]:
    """Return one's roles, each company before its contents.

    A page that begins within a company names it first.
    """
    if not home.resource_count:
        return []
    total = str(home.resource_count)
    section = [blocks.header_block(renderer.render_label("home.access", many=total))]
    first = home.resources[0]
    if first.outer.id != first.resource.id:
        group = renderer.render("home/group", outer=first.outer)
        section += blocks.paragraph_blocks(group.paragraphs)
    text = renderer.render("home/access", rows=home.resources)
    for line, row in zip(text.paragraphs, home.resources, strict=True):
        button = open_page_button(renderer, row.resource)
        block_id = BlockId("holding", row.resource.id).encode()
        section.append(blocks.list_row(line, button, block_id))
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
    if len(actions) == 1:
        return invitation_button(renderer, item, actions[0])
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
            "home.next" if has_more else "home.first",
            HomePages(tuple(pages)).encode(),
            BlockId("pages", str(list_position)).encode(),
        )
    ]
