"""Build the buttons and lists that the views of several nouns share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import (
    CapabilityPage,
    ChannelsPage,
    ListPage,
    ResourcePage,
    ResourceScope,
    ShownPreview,
)
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.primary_button import keep_first_primary
from collab.confirmation import compute_digest
from collab.model import Resource

ROWS_PER_PAGE = 20
CANCEL_ACTION = "cancel"

PageValue = ListPage | ResourcePage | CapabilityPage | ChannelsPage


def labelled_button(
    renderer: Renderer,
    action_id: str,
    value: str,
    *,
    label: str = "",
    style: str | None = None,
    **fields: str,
) -> Block:
    """Return a button with the text `label`, which is its `action_id` by default.

    A screen reader reads the text `label.long`; `fields` fill the placeholders of both.
    """
    label = label or action_id
    return blocks.button(
        action_id,
        renderer.render_label(label, **fields),
        value,
        renderer.render_label(f"{label}.long", **fields),
        style,
    )


def home_button(renderer: Renderer, home_url: str) -> list[Block]:
    """Return the button that opens Home by Slack's own link; none without a link."""
    if not home_url:
        return []
    button = labelled_button(renderer, "home_link", ResourceScope().encode())
    return [{**button, "url": home_url}]


def preview_message(
    renderer: Renderer,
    text: RenderedText,
    controls: Block,
    *,
    is_renewed: bool,
) -> Message:
    """Return what an action would change, with the button that confirms it.

    `is_renewed`: what was confirmed before has changed since it was shown.
    """
    if is_renewed:
        text = add_changed_line(renderer, text)
    return blocks.build_message(text, controls)


def add_changed_line(renderer: Renderer, text: RenderedText) -> RenderedText:
    """Return a preview that says first that it has changed since it was shown."""
    changed = renderer.render("refusals/preview_changed")
    return RenderedText(
        f"{changed.text}\n\n{text.text}", (*changed.paragraphs, *text.paragraphs)
    )


def confirmation_controls(
    renderer: Renderer,
    action_id: str,
    resource: Resource,
    target: str,
    preview: Any,
    style: str = "danger",
) -> Block:
    """Return the button of an action that was previewed, beside Cancel."""
    value = ShownPreview(compute_digest(preview), target).encode()
    confirm = labelled_button(
        renderer, action_id, value, style=style, what=resource.slug
    )
    cancel = labelled_button(renderer, "cancel", target)
    return blocks.actions_block("ending", confirm, cancel)


def answer_view(renderer: Renderer, title: str, shown: Sequence[Block]) -> View:
    """Return an answer as a modal; a question is cancelled by closing the modal."""
    kept = [each for block in shown if (each := _without_cancel(block))]
    is_question = kept != list(shown)
    close = renderer.render_label(CANCEL_ACTION if is_question else "close")
    return blocks.modal_view("shown", title, kept, close=close)


def _without_cancel(block: Block) -> Block | None:
    """Return a block without its button Cancel; None if it has nothing else."""
    if block["type"] != "actions":
        return block
    kept = [e for e in block["elements"] if e["action_id"] != CANCEL_ACTION]
    return {**block, "elements": kept} if kept else None


def confirm_dialog(renderer: Renderer, label: str, effect: str) -> Block:
    """Return what Slack asks before a button's action: the red button is `label`."""
    return blocks.confirm_dialog(
        renderer.render_label(f"{label}.title"),
        effect,
        renderer.render_label(label),
        renderer.render_label("cancel"),
    )


def page_controls(
    renderer: Renderer, action_id: str, label: str, value: str, block_id: str = "pages"
) -> Block:
    """Return the button to another page; the label is `next` or `first`."""
    button = labelled_button(renderer, action_id, value, label=label)
    return blocks.actions_block(block_id, button)


def pagination_blocks(
    renderer: Renderer, action_id: str, current: PageValue, next_page: int | None
) -> list[Block]:
    """Return the button to the next page, or from the last page to the first.

    A list of one page has none.
    """
    if next_page is not None:
        value = replace(current, page=next_page).encode()
        return [page_controls(renderer, action_id, "next", value)]
    if current.page:
        value = replace(current, page=0).encode()
        return [page_controls(renderer, action_id, "first", value)]
    return []


def find_next_page(page: int, total: int) -> int | None:
    """Return the number of the next page of a list; None after the last one."""
    return page + 1 if (page + 1) * ROWS_PER_PAGE < total else None


def list_message(
    paragraphs: Sequence[str],
    row_controls: Sequence[Sequence[Block]],
    end: Sequence[Block],
) -> Message:
    """Return a heading, then a paragraph and its controls for each row.

    Only the first primary button keeps its colour.
    """
    heading, *lines = paragraphs
    rows: list[Block] = []
    for line, controls in zip(lines, row_controls, strict=True):
        rows += [blocks.list_row(line), *controls]
    return {
        "text": blocks.truncate("\n".join(paragraphs), blocks.MAX_MESSAGE_TEXT),
        "blocks": keep_first_primary([*blocks.section_blocks(heading), *rows, *end]),
    }
