"""Build the page of everybody who has access to what its reader manages."""

from __future__ import annotations

from dataclasses import replace

from bot.rendering import Renderer, escape_plain
from bot.slack.button_values import BlockId
from bot.slack.page_below import PAGE_CALLBACK_ID
from bot.slack.page_values import PageTrail, PeopleScope
from bot.slack.views import Block, View, blocks
from bot.slack.views.controls import labelled_button
from bot.slack.views.pages import list_back_buttons
from collab.model import Person
from collab.people_with_access import PeopleWithAccess

MAX_ROLES = 3  # of one person
MAX_PLACE_OPTIONS = 98  # beside the two others


def people_page_view(
    renderer: Renderer, people: PeopleWithAccess, scope: PeopleScope, trail: PageTrail
) -> View:
    """Return the people as a modal, each with the button that opens their page."""
    place = next((each for each in people.places if each.id == scope.place), None)
    text = renderer.render(
        "pages/people_with_access",
        rows=people.rows,
        total=people.total,
        outsiders=people.outsider_count,
        place=place,
        left_out=0 if place else len(people.places) - people.listed,
        resources=[resource for row in people.rows for resource, _ in row.roles],
        most=MAX_ROLES,
        me=people.reader_id,
    )
    heading, *lines = text.paragraphs
    rows = [
        blocks.list_row(line, _open_button(renderer, row.person), f"person {number}")
        for number, (line, row) in enumerate(zip(lines, people.rows, strict=True))
    ]
    return blocks.modal_view(
        PAGE_CALLBACK_ID,
        renderer.render_label("people.title"),
        [
            _filter_block(renderer, people, scope),
            blocks.context_block(heading),
            *rows,
            *_navigation_blocks(renderer, people, scope, trail),
        ],
        close=renderer.render_label("close"),
        private_metadata=trail.encode(),
    )


def _filter_block(
    renderer: Renderer, people: PeopleWithAccess, scope: PeopleScope
) -> Block:
    """Return the select of whom to show: all, those from outside, or of one resource."""
    options = [
        (renderer.render_label(label), each.encode(), "")
        for label, each in (
            ("people.all", PeopleScope()),
            ("people.outsiders", PeopleScope(only_outsiders=True)),
        )
    ]
    options += [
        (escape_plain(each.title), PeopleScope(each.id).encode(), each.slug)
        for each in people.places[:MAX_PLACE_OPTIONS]
    ]
    placeholder = renderer.render_label("people.filter")
    select = blocks.static_select(
        "people_show:filter", placeholder, options, replace(scope, page=0).encode()
    )
    return blocks.actions_block("people_filter", select)


def _open_button(renderer: Renderer, person: Person) -> Block:
    name = person.title or person.email or renderer.render_label("somebody")
    return labelled_button(renderer, "open_page", person.id, what=escape_plain(name))


def _navigation_blocks(
    renderer: Renderer, people: PeopleWithAccess, scope: PeopleScope, trail: PageTrail
) -> list[Block]:
    buttons = list_back_buttons(renderer, trail)
    if people.next_page is not None or scope.page:
        label = "next" if people.next_page is not None else "first"
        value = replace(scope, page=people.next_page or 0).encode()
        buttons.append(
            labelled_button(renderer, f"people_show:{label}", value, label=label)
        )
    if not buttons:
        return []
    return [blocks.actions_block(BlockId("page_ways").encode(), *buttons)]
