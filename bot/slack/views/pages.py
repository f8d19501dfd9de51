"""Build the page of a resource: what it is, who is in it, and what can be done there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rendering import (
    RenderedText,
    Renderer,
    escape_markup,
    escape_plain,
    ids_with_duplicate_names,
)
from bot.slack.button_values import BlockId, VerbChoice
from bot.slack.commands.slots import Slot
from bot.slack.page_below import PAGE_ACTIONS_BLOCK, PAGE_CALLBACK_ID
from bot.slack.page_values import PageTrail
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.controls import labelled_button
from bot.slack.views.pickers import verb_option_groups
from collab.model import Resource
from collab.pages import ResourcePage

MAX_BUTTONS = 4
MAX_PEOPLE = 10
MAX_ROWS = 10  # of a list; the rest is in a select
MAX_OPTIONS = 100
MAX_CHANNELS = 5
MAX_TRANSFERS = 2
MAX_CONTAINERS = 3
# The verbs that have a button of their own, the most useful first.
BUTTON_VERBS = (
    "enable",
    "invite",
    "create",
    "pay",
    "invoices",
    "link",
    "rename",
    "billing",
    "request",
    "events",
    "leave",
)
PRIMARY_VERBS = frozenset({"enable", "invite"})
VERBS_WITH_OWN_PLACE = frozenset({"members"})


@dataclass(frozen=True, slots=True)
class PageOffers:
    """What a page offers: the verbs, each with the slot that takes the resource.

    `key` tells the controls of one rendering from those of the next, so that a select
    does not keep what was chosen in it.
    """

    verbs: Mapping[str, Slot]
    is_paid_type: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class _PageText:
    """The texts of a page that stand in several blocks."""

    state: RenderedText
    facts: RenderedText
    people: RenderedText


def resource_page_view(
    renderer: Renderer, page: ResourcePage, offers: PageOffers, trail: PageTrail
) -> View:
    """Return the page of a resource as a modal."""
    text, title = _render_page(renderer, page, offers), _title(page.resource)
    navigation = _navigation_blocks(renderer, page, trail)
    shown = _page_blocks(renderer, page, offers, text)
    return blocks.modal_view(
        PAGE_CALLBACK_ID,
        title,
        [*full_title_blocks(title), *shown, *navigation],
        close=renderer.render_label("close"),
        private_metadata=trail.encode(),
    )


def resource_page_message(
    renderer: Renderer, page: ResourcePage, offers: PageOffers
) -> Message:
    """Return the page of a resource as a message."""
    text = _render_page(renderer, page, offers)
    shown = [
        blocks.header_block(_title(page.resource)),
        *_page_blocks(renderer, page, offers, text),
        *_navigation_blocks(renderer, page, PageTrail(())),
    ]
    title = escape_markup(page.resource.title)
    fallback = "\n".join([title, *list_texts(shown)])
    return {"text": blocks.truncate(fallback, blocks.MAX_MESSAGE_TEXT), "blocks": shown}


def full_title_blocks(title: str) -> list[Block]:
    """Return the title of a page, where the modal's own title has only its start."""
    if len(title) <= blocks.MAX_TITLE:
        return []
    return [blocks.header_block(title)]


def gone_page_view(renderer: Renderer) -> View:
    """Return what stands in place of a page whose subject cannot be seen any more."""
    text = renderer.render("pages/gone")
    return blocks.modal_view(
        PAGE_CALLBACK_ID,
        renderer.render_label("page.gone"),
        blocks.paragraph_blocks(text.paragraphs),
        close=renderer.render_label("close"),
    )


def _render_page(
    renderer: Renderer, page: ResourcePage, offers: PageOffers
) -> _PageText:
    detail, members = page.detail, page.members.members
    is_trial = offers.is_paid_type and detail.payer is None
    channels = [link.channel for link in page.open.links]
    shown = members.members[:MAX_PEOPLE]
    return _PageText(
        state=renderer.render(
            "pages/state",
            resource=page.resource,
            containers=page.containers,
            disabled=detail.disabled,
            trial=is_trial,
        ),
        facts=renderer.render(
            "pages/facts",
            detail=detail,
            trial=is_trial,
            channels=channels[:MAX_CHANNELS],
            more_channels=len(channels[MAX_CHANNELS:]),
            stale_since=page.open.stale_since,
            transfers=page.open.transfers[:MAX_TRANSFERS],
        ),
        people=renderer.render(
            "pages/people",
            people=shown,
            total=members.total,
            invited=len(page.open.invitations),
            more=members.total - len(shown),
            me=page.members.reader_id,
        ),
    )


def _page_blocks(
    renderer: Renderer, page: ResourcePage, offers: PageOffers, text: _PageText
) -> list[Block]:
    shown = [blocks.context_block(text.state.paragraphs[0])]
    if page.resource.about:
        description = renderer.render("pages/about", about=page.resource.about)
        shown += blocks.paragraph_blocks(description.paragraphs)
    shown += _action_blocks(renderer, page, offers)
    shown.append(blocks.fields_section(text.facts.paragraphs))
    shown += _people_blocks(renderer, page, text.people)
    return [*shown, *_list_blocks(renderer, page)]


def _action_blocks(
    renderer: Renderer, page: ResourcePage, offers: PageOffers
) -> list[Block]:
    """Return the row of the most used actions, with all others in one select."""
    resource = page.resource
    more_buttons: list[Block] = []
    if page.open.links:
        more_buttons.append(labelled_button(renderer, "channels_open", resource.id))
    if page.detail.lacks_payment:
        more_buttons.append(
            labelled_button(renderer, "payment_open", resource.id, what=resource.slug)
        )
    names = _list_button_verbs(page, offers)[: MAX_BUTTONS - len(more_buttons)]
    buttons = [
        _verb_button(renderer, name, resource, is_primary=index == 0)
        for index, name in enumerate(names)
    ] + more_buttons
    others = offers.verbs.keys() - {*names, *VERBS_WITH_OWN_PLACE}
    groups = verb_option_groups(
        renderer, others, lambda verb: VerbChoice(verb, resource.id).encode()
    )
    if groups:
        placeholder = renderer.render_label("more_open")
        buttons.append(blocks.grouped_select("act:more", placeholder, groups))
    if not buttons:
        return []
    block_id = BlockId(PAGE_ACTIONS_BLOCK, f"{resource.id} {offers.key}")
    return [blocks.actions_block(block_id.encode(), *buttons)]


def _list_button_verbs(page: ResourcePage, offers: PageOffers) -> list[str]:
    """Return the most used of the offered verbs."""
    useless = set()
    if page.detail.payer:
        useless.add("pay")
    if page.open.links:
        useless.add("link")  # it is in the list of channels
    names = [
        name
        for name in BUTTON_VERBS
        if offers.verbs.get(name, Slot.OTHER_RESOURCE) is not Slot.OTHER_RESOURCE
        or (name == "create" and name in offers.verbs)
    ]
    return [name for name in names if name not in useless]


def _verb_button(
    renderer: Renderer, name: str, resource: Resource, *, is_primary: bool
) -> Block:
    label = renderer.render_label(f"verb.{name}")
    long_label = renderer.render_label(
        "page.act.long", act=label, what=_title(resource)
    )
    return blocks.button(
        f"act:{name}",
        label,
        VerbChoice(name, resource.id).encode(),
        long_label,
        "primary" if is_primary and name in PRIMARY_VERBS else None,
    )


def _people_blocks(
    renderer: Renderer, page: ResourcePage, text: RenderedText
) -> list[Block]:
    heading, *lines = text.paragraphs
    value = VerbChoice("members", page.resource.id).encode()
    label = renderer.render_label("members_ask")
    long_label = renderer.render_label(
        "page.act.long", act=label, what=_title(page.resource)
    )
    members = blocks.button("act:members", label, value, long_label)
    return [
        {"type": "divider"},
        *blocks.section_blocks(heading, members),
        *(blocks.fit_paragraphs(lines, 1) if lines else ()),
    ]


def _list_blocks(renderer: Renderer, page: ResourcePage) -> list[Block]:
    """Return what is in the resource, what a team has access to, what a method pays."""
    detail = page.detail
    return [
        *_rows(renderer, page, "page.inside", [(each, "") for each in detail.inside]),
        *_rows(renderer, page, "page.shared", detail.shared),
        *_rows(renderer, page, "page.pays", [(each, "") for each in page.pays_for]),
    ]


def _rows(
    renderer: Renderer,
    page: ResourcePage,
    label: str,
    rows: Sequence[tuple[Resource, str]],
) -> list[Block]:
    """Return a list of resources, each with the button that opens its page."""
    if not rows:
        return []
    namesakes = ids_with_duplicate_names(resource for resource, _ in rows)
    heading = renderer.render("pages/heading", label=label, many=len(rows))
    shown: list[Block] = [
        {"type": "divider"},
        *blocks.section_blocks(heading.paragraphs[0]),
    ]
    for resource, role in rows[:MAX_ROWS]:
        text = renderer.render(
            "pages/row",
            resource=resource,
            role=role,
            inside=page.content_counts.get(resource.id, 0),
            namesakes=namesakes,
        )
        block_id = BlockId(label, resource.id).encode()
        button = open_page_button(renderer, resource)
        shown.append(blocks.list_row(text.paragraphs[0], button, block_id))
    rest = rows[MAX_ROWS : MAX_ROWS + MAX_OPTIONS]
    return [*shown, *_select_of_rest(renderer, label, [each for each, _ in rest])]


def _select_of_rest(
    renderer: Renderer, label: str, resources: Sequence[Resource]
) -> list[Block]:
    if not resources:
        return []
    options = [(_title(each), each.id, each.slug) for each in resources]
    placeholder = renderer.render_label("page.more", many=str(len(options)))
    select = blocks.static_select("open_page", placeholder, options, "")
    return [blocks.actions_block(BlockId(label, "more").encode(), select)]


def open_page_button(renderer: Renderer, resource: Resource) -> Block:
    """Return the button that opens the page of a resource."""
    return labelled_button(renderer, "open_page", resource.id, what=_title(resource))


def list_back_buttons(renderer: Renderer, trail: PageTrail) -> list[Block]:
    """Return the button that leads to the page before, if there is one."""
    if trail.previous is None:
        return []
    return [labelled_button(renderer, "page_back", trail.previous.encode())]


def _navigation_blocks(
    renderer: Renderer, page: ResourcePage, trail: PageTrail
) -> list[Block]:
    """Return the way back, and to what contains the resource."""
    buttons = list_back_buttons(renderer, trail)
    for container in page.containers[-MAX_CONTAINERS:]:
        title = _title(container)
        long_label = renderer.render_label("open_page.long", what=title)
        buttons.append(
            blocks.button(f"open_page:{container.id}", title, container.id, long_label)
        )
    if not buttons:
        return []
    return [{"type": "divider"}, blocks.actions_block("page_ways", *buttons)]


def list_texts(shown: Sequence[Block]) -> list[str]:
    """Return the texts of blocks, without headings and controls."""
    texts: list[str] = []
    for block in shown:
        if block["type"] == "context":
            texts += [each["text"] for each in block["elements"]]
        elif "fields" in block:
            # A field has its label above its value.
            texts += [each["text"].replace("\n", " · ") for each in block["fields"]]
        elif block["type"] == "section":
            texts.append(block["text"]["text"])
    return texts


def _title(resource: Resource) -> str:
    return escape_plain(resource.title) or resource.slug
