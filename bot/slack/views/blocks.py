"""Build Block Kit within Slack's limits; longer text is split, never lost.

Source of the limits: https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from bot.rendering import RenderedText
from bot.slack.views import Block, Message, View

# Characters.
MAX_TEXT = 3000
MAX_LABEL = 75
MAX_TITLE = 24
MAX_HEADER = 150
MAX_PLACEHOLDER = 150
MAX_INPUT_LABEL = 2000
MAX_HINT = 2000
MAX_MESSAGE_TEXT = 3900
MAX_DIALOG_TITLE = 100
MAX_DIALOG_TEXT = 300
MAX_DIALOG_BUTTON = 30
MAX_FIELD = 2000
# Blocks.
MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_FIELDS = 10  # of a section

SMALL_PRINT_PREFIX = "-# "

# A mention, a date and an entity are never cut in two.
_UNBREAKABLE_PIECES = re.compile(r"<[^>]{0,900}>|&[a-z]+;|\s|[^\s<&]{1,200}|[<&]")


def build_message(text: RenderedText, *more: Block) -> Message:
    """Return a message of a rendered text and more blocks."""
    max_paragraph_blocks = MAX_MESSAGE_BLOCKS - len(more)
    return {
        "text": truncate(text.text, MAX_MESSAGE_TEXT),
        "blocks": [*fit_paragraphs(text.paragraphs, max_paragraph_blocks), *more],
    }


def prepend_text(text: RenderedText, message: Message) -> Message:
    """Return a message with a rendered text before it."""
    shown = [*paragraph_blocks(text.paragraphs), *message["blocks"]]
    return {
        "text": truncate(f"{text.text}\n{message['text']}", MAX_MESSAGE_TEXT),
        "blocks": shown[:MAX_MESSAGE_BLOCKS],
    }


def paragraph_blocks(paragraphs: Sequence[str]) -> list[Block]:
    """Return the blocks of paragraphs; small print becomes context blocks."""
    return [block for each in paragraphs for block in _paragraph_to_blocks(each)]


def fit_paragraphs(paragraphs: Sequence[str], max_blocks: int) -> list[Block]:
    """Return paragraphs in at most `max_blocks` blocks, merged where there are more."""
    blocks = paragraph_blocks(paragraphs)
    if len(blocks) <= max_blocks:
        return blocks
    return paragraph_blocks(list(merge_paragraphs(paragraphs)))[:max_blocks]


def merge_paragraphs(paragraphs: Sequence[str]) -> Iterator[str]:
    """Yield paragraphs joined up to what one block holds; small print stays apart."""
    merged = ""
    for paragraph in paragraphs:
        if not merged:
            merged = paragraph
        elif _may_merge(merged, paragraph):
            merged = f"{merged}\n{paragraph}"
        else:
            yield merged
            merged = paragraph
    yield merged


def _may_merge(text: str, paragraph: str) -> bool:
    if text.startswith(SMALL_PRINT_PREFIX) or paragraph.startswith(SMALL_PRINT_PREFIX):
        return False
    return len(text) + len("\n") + len(paragraph) <= MAX_TEXT


def section_blocks(text: str, accessory: Block | None = None) -> list[Block]:
    """Return text in as many sections as it needs, with a control in the first."""
    blocks: list[Block] = [
        {"type": "section", "text": mrkdwn_text(piece)}
        for piece in split_text(text, MAX_TEXT)
    ]
    if accessory:
        blocks[0]["accessory"] = accessory
    return blocks


def list_row(
    text: str, accessory: Block | None = None, block_id: str | None = None
) -> Block:
    """Return one row of a list as one section, truncated where it is too long."""
    section = section_blocks(truncate(text, MAX_TEXT), accessory)[0]
    return {**section, **_without_empty(block_id=block_id)}


def header_block(text: str) -> Block:
    """Return a heading."""
    return {"type": "header", "text": plain_text(text, MAX_HEADER)}


def context_block(text: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [mrkdwn_text(truncate(text, MAX_TEXT))]}


def fields_section(texts: Sequence[str]) -> Block:
    """Return a section of short texts, two in a row."""
    fields = [mrkdwn_text(truncate(text, MAX_FIELD)) for text in texts[:MAX_FIELDS]]
    return {"type": "section", "fields": fields}


def actions_block(block_id: str, *elements: Block) -> Block:
    """Return a row of controls."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(
    action_id: str,
    label: str,
    value: str,
    accessibility_label: str,
    style: str | None = None,
) -> Block:
    """Return a button; a screen reader reads the accessibility label."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(label, MAX_LABEL),
        "value": value,
        "accessibility_label": truncate(accessibility_label, MAX_LABEL),
        **_without_empty(style=style),
    }


def confirm_dialog(title: str, text: str, confirm: str, deny: str) -> Block:
    """Return what Slack asks before it sends a press that ends something."""
    return {
        "title": plain_text(title, MAX_DIALOG_TITLE),
        "text": mrkdwn_text(truncate(text, MAX_DIALOG_TEXT)),
        "confirm": plain_text(confirm, MAX_DIALOG_BUTTON),
        "deny": plain_text(deny, MAX_DIALOG_BUTTON),
        "style": "danger",
    }


def overflow_menu(action_id: str, options: Sequence[tuple[str, str]]) -> Block:
    """Return an overflow menu of labels and values."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [option(label, value) for label, value in options],
    }


def option(label: str, value: str, description: str = "") -> Block:
    """Return an option of a menu, with a line that describes it or without."""
    described = plain_text(description, MAX_LABEL) if description else None
    return {
        "text": plain_text(label, MAX_LABEL),
        "value": value,
        **_without_empty(description=described),
    }


def static_select(
    action_id: str,
    placeholder: str,
    options: Sequence[tuple[str, ...]],
    selected_value: str,
) -> Block:
    """Return a select of labels, values and descriptions.

    The option of the selected value is preset when it is among them.
    """
    select_options = [option(*each) for each in options]
    return {
        "type": "static_select",
        "action_id": action_id,
        "options": select_options,
        "placeholder": plain_text(placeholder, MAX_PLACEHOLDER),
        **_initial_option(select_options, selected_value),
    }


def grouped_select(
    action_id: str,
    placeholder: str,
    groups: Sequence[tuple[str, Sequence[tuple[str, ...]]]],
) -> Block:
    """Return a select of labels, values and descriptions, in groups with headings."""
    option_groups = [
        {
            "label": plain_text(heading, MAX_LABEL),
            "options": [option(*each) for each in options],
        }
        for heading, options in groups
    ]
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, MAX_PLACEHOLDER),
        "option_groups": option_groups,
    }


def multi_static_select(
    action_id: str,
    placeholder: str,
    options: Sequence[tuple[str, ...]],
    selected_values: Collection[str],
) -> Block:
    """Return a select of several options, with those of the selected values preset."""
    select = static_select(action_id, placeholder, options, "")
    initial = [each for each in select["options"] if each["value"] in selected_values]
    return {
        **select,
        "type": "multi_static_select",
        **_without_empty(initial_options=initial),
    }


def checkboxes(
    action_id: str, options: Sequence[tuple[str, ...]], selected: Collection[str]
) -> Block:
    """Return checkboxes of (label, value, description), some of them checked."""
    choices = [option(*each) for each in options]
    initial = [each for each in choices if each["value"] in selected]
    return {
        "type": "checkboxes",
        "action_id": action_id,
        "options": choices,
        **_without_empty(initial_options=initial or None),
    }


def channel_select(action_id: str, placeholder: str, selected_channel_id: str) -> Block:
    """Return a select of public and private channels."""
    return {
        "type": "conversations_select",
        "action_id": action_id,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        "placeholder": plain_text(placeholder, MAX_PLACEHOLDER),
        **_without_empty(initial_conversation=selected_channel_id),
    }


def users_select(action_id: str, placeholder: str, selected_user_id: str = "") -> Block:
    """Return a select of the workspace's users."""
    return {
        "type": "users_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, MAX_PLACEHOLDER),
        **_without_empty(initial_user=selected_user_id),
    }


def radio_buttons(
    action_id: str, options: Sequence[tuple[str, ...]], selected_value: str
) -> Block:
    """Return radio buttons of labels, values and descriptions."""
    radio_options = [option(*each) for each in options]
    return {
        "type": "radio_buttons",
        "action_id": action_id,
        "options": radio_options,
        **_initial_option(radio_options, selected_value),
    }


def multi_users_select(
    action_id: str, placeholder: str, selected_user_ids: Sequence[str]
) -> Block:
    """Return a select of several of the workspace's users."""
    return {
        **users_select(action_id, placeholder),
        "type": "multi_users_select",
        **_without_empty(initial_users=list(selected_user_ids)),
    }


def multi_external_select(
    action_id: str, placeholder: str, selected_options: Sequence[Block], max_items: int
) -> Block:
    """Return a select of up to `max_items` options that are loaded while typing."""
    return {
        "type": "multi_external_select",
        **_external_select_fields(action_id, placeholder),
        "max_selected_items": max_items,
        **_without_empty(initial_options=list(selected_options)),
    }


def single_external_select(
    action_id: str, placeholder: str, selected_option: Block | None
) -> Block:
    """Return a select of one option of those that are loaded while typing."""
    return {
        "type": "external_select",
        **_external_select_fields(action_id, placeholder),
        **_without_empty(initial_option=selected_option),
    }


def date_picker(action_id: str, placeholder: str, selected_date: str = "") -> Block:
    """Return a date picker; a date is written as 2027-01-31."""
    return {
        "type": "datepicker",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, MAX_PLACEHOLDER),
        **_without_empty(initial_date=selected_date),
    }


def text_input(
    action_id: str,
    max_length: int,
    *,
    initial: str = "",
    multiline: bool = False,
    placeholder: str = "",
) -> Block:
    """Return a field for text of at most `max_length` characters."""
    hint = plain_text(placeholder, MAX_PLACEHOLDER) if placeholder else None
    return {
        "type": "plain_text_input",
        "action_id": action_id,
        "multiline": multiline,
        "max_length": max_length,
        **_without_empty(initial_value=initial, placeholder=hint),
    }


def input_block(
    block_id: str, label: str, element: Block, *, hint: str = "", optional: bool = False
) -> Block:
    """Return a labelled input of a modal."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, MAX_INPUT_LABEL),
        "element": element,
        "optional": optional,
        **_without_empty(hint=plain_text(hint, MAX_HINT) if hint else None),
    }


def modal_view(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    close: str,
    submit: str = "",
    private_metadata: str = "",
) -> View:
    """Return a modal; Slack sends `private_metadata` back with its submission."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title, MAX_TITLE),
        "close": plain_text(close, MAX_TITLE),
        **_without_empty(submit=plain_text(submit, MAX_TITLE) if submit else None),
        "private_metadata": private_metadata,
        "blocks": list(blocks),
    }


def mrkdwn_text(text: str) -> Block:
    """Return text in Slack's markup; Slack makes no links of what looks like one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str, max_length: int) -> Block:
    """Return text without markup, truncated to `max_length` characters."""
    return {"type": "plain_text", "text": truncate(text, max_length), "emoji": False}


def truncate(text: str, max_length: int) -> str:
    """Return a text, or its start and an ellipsis when it is too long."""
    if len(text) <= max_length:
        return text
    return next(split_text(text, max_length - 1)) + "…"


def split_text(text: str, max_length: int) -> Iterator[str]:
    """Yield a text in pieces of at most `max_length`, cut between words if possible."""
    while len(text) > max_length:
        end = _find_split_position(text, max_length)
        yield text[:end].rstrip() or text[:end]
        text = text[end:].lstrip()
    yield text or " "


def _find_split_position(text: str, max_length: int) -> int:
    """Return the end of the last space, or else of the last unbreakable piece."""
    last_piece_end = last_space_end = 0
    for piece in _UNBREAKABLE_PIECES.finditer(text):
        if piece.end() > max_length:
            break
        last_piece_end = piece.end()
        if piece[0].isspace():
            last_space_end = piece.end()
    return last_space_end or last_piece_end or max_length


def _paragraph_to_blocks(paragraph: str) -> list[Block]:
    if not paragraph.startswith(SMALL_PRINT_PREFIX):
        return section_blocks(paragraph)
    pieces = split_text(paragraph.removeprefix(SMALL_PRINT_PREFIX), MAX_TEXT)
    return [{"type": "context", "elements": [mrkdwn_text(piece)]} for piece in pieces]


def _external_select_fields(action_id: str, placeholder: str) -> Block:
    return {
        "action_id": action_id,
        "placeholder": plain_text(placeholder, MAX_PLACEHOLDER),
        "min_query_length": 0,
    }


def _initial_option(options: Sequence[Block], selected_value: str) -> Block:
    for each in options:
        if each["value"] == selected_value:
            return {"initial_option": each}
    return {}


def _without_empty(**fields: Any) -> Block:
    """Return the fields that have a value; Slack rejects empty ones."""
    return {name: value for name, value in fields.items() if value}
