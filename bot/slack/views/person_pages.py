"""Build the page of a person: what they have access to, as far as the reader sees it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer, escape_plain
from bot.slack.button_values import BlockId, MemberRef, MenuOption
from bot.slack.page_below import (
    PAGE_ACTIONS_BLOCK,
    PAGE_CALLBACK_ID,
    PERSON_ROLE_BLOCK,
)
from bot.slack.page_values import PageTrail, PersonVerb
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.pages import full_title_blocks, list_back_buttons, list_texts
from collab.model import PersonId
from collab.pages import PersonPage, RoleOfPerson

MAX_ROWS = 30
MAX_DERIVED = 20


def person_page_view(renderer: Renderer, page: PersonPage, trail: PageTrail) -> View:
    """Return the page of a person as a modal."""
    title = _name(renderer, page)
    shown = [*full_title_blocks(title), *_page_blocks(renderer, page)]
    buttons = list_back_buttons(renderer, trail)
    if buttons:
        shown += [{"type": "divider"}, blocks.actions_block("page_ways", *buttons)]
    return blocks.modal_view(
        PAGE_CALLBACK_ID,
        title,
        shown,
        close=renderer.render_label("close"),
        private_metadata=trail.encode(),
    )


def person_page_message(renderer: Renderer, page: PersonPage) -> Message:
    """Return the page of a person as a message."""
    title = blocks.header_block(_name(renderer, page))
    shown = [title, *_page_blocks(renderer, page)]
    fallback = "\n".join(list_texts(shown))
    return {"text": blocks.truncate(fallback, blocks.MAX_MESSAGE_TEXT), "blocks": shown}


def _page_blocks(renderer: Renderer, page: PersonPage) -> list[Block]:
    state = renderer.render(
        "pages/person",
        person=page.person,
        is_self=page.person.id == page.reader_id,
        shows_address=page.shows_address,
    )
    return [
        blocks.context_block(state.paragraphs[0]),
        *_action_blocks(renderer, page),
        {"type": "divider"},
        *_role_blocks(renderer, page),
    ]


def _action_blocks(renderer: Renderer, page: PersonPage) -> list[Block]:
    if page.person.id == page.reader_id or page.able.external:
        return []
    names = ["events"]
    if page.able.invites and page.person.active:
        names.insert(0, "invite")
    if any(each.is_removable for each in page.roles):
        names.append("offboard")
    buttons = [_verb_button(renderer, page, name) for name in names]
    block_id = BlockId(PAGE_ACTIONS_BLOCK, page.person.id)
    return [blocks.actions_block(block_id.encode(), *buttons)]


def _verb_button(renderer: Renderer, page: PersonPage, name: str) -> Block:
    label = renderer.render_label(f"verb.{name}")
    long_label = renderer.render_label(
        "page.act.long", act=label, what=_name(renderer, page)
    )
    value = PersonVerb(name, page.person.id).encode()
    style = "primary" if name == "invite" else None
    return blocks.button(f"act_person:{name}", label, value, long_label, style)


def _role_blocks(renderer: Renderer, page: PersonPage) -> list[Block]:
    """Return the roles that the person was given, and in short what follows of them."""
    direct, derived = page.direct_roles, page.derived_roles
    text = renderer.render(
        "pages/person_roles",
        roles=direct[:MAX_ROWS],
        total=len(page.roles),
        more=max(0, len(direct) - MAX_ROWS),
        derived=derived[:MAX_DERIVED],
        more_derived=max(0, len(derived) - MAX_DERIVED),
        resources=[each.resource for each in page.roles],
    )
    heading, *lines = text.paragraphs
    rows = [
        blocks.list_row(line, *_row_control(renderer, page, role))
        for line, role in zip(lines, direct[:MAX_ROWS], strict=False)
    ]
    rest = blocks.paragraph_blocks(lines[len(rows) :])
    return [*blocks.section_blocks(heading), *rows, *rest]


def _row_control(
    renderer: Renderer, page: PersonPage, role: RoleOfPerson
) -> tuple[Block, str]:
    """Return the menu of a role, and the id of its block."""
    resource_id, person_id = role.resource.id, page.person.id
    options = [
        (renderer.render_label(label), MenuOption(route, value).encode())
        for label, route, value in _list_row_actions(person_id, role)
    ]
    menu = blocks.overflow_menu(f"person_role:{resource_id}", options)
    block_id = BlockId(PERSON_ROLE_BLOCK, f"{person_id} {resource_id}")
    return menu, block_id.encode()


def _list_row_actions(
    person_id: PersonId, role: RoleOfPerson
) -> Sequence[tuple[str, str, str]]:
    """Return the label, the route and the value of each action on a role."""
    resource_id = role.resource.id
    member = MemberRef(resource_id, person_id).encode()
    actions = [("open_page", "open_page", str(resource_id))]
    if role.is_changeable:
        actions.append(("role_ask", "role_ask", member))
    if role.is_removable:
        removal = PersonVerb("remove", person_id, resource_id).encode()
        actions.append(("remove_ask", "act_person", removal))
    return [*actions, ("why_ask", "why_ask", member)]


def _name(renderer: Renderer, page: PersonPage) -> str:
    person = page.person
    name = person.title or person.email or renderer.render_label("somebody")
    return escape_plain(name) or renderer.render_label("somebody")
