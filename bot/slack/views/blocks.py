"""The pieces of Block Kit that the cards use, within Slack's limits: longer text is split, never lost."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from bot.rendering import RenderedText
from bot.slack.views import Block, Message, View

(
    MAX_TEXT,
    MAX_LABEL,
    MAX_TITLE,
    MAX_MESSAGE_TEXT,
    MAX_MESSAGE_BLOCKS,
    MAX_HEADER,
    MAX_VIEW_BLOCKS,
) = 3000, 75, 24, 3900, 50, 150, 100
SMALL_PRINT_PREFIX = "-# "

# A mention, a date and an entity are never cut in two.
_UNBREAKABLE_PIECES = re.compile(r"<[^>]{0,900}>|&[a-z]+;|\s|[^\s<&]{1,200}|[<&]")


def build_message(said: RenderedText, *more: Block) -> Message:
    """A message: what was said, then more blocks."""
    return {
        "text": truncate(said.text, MAX_MESSAGE_TEXT),
        "blocks": [
            *fit_paragraphs(said.paragraphs, MAX_MESSAGE_BLOCKS - len(more)),
            *more,
        ],
    }


def prepend_text(first: RenderedText, then: Message) -> Message:
    """A message with a word on top of it, in its text too."""
    return {
        "text": truncate(f"{first.text}\n{then['text']}", MAX_MESSAGE_TEXT),
        "blocks": [*paragraph_blocks(first.paragraphs), *then["blocks"]][
            :MAX_MESSAGE_BLOCKS
        ],
    }


def paragraph_blocks(parts: Sequence[str]) -> list[Block]:
    """A block for each paragraph; small print stands in the lighter form."""
    return [block for part in parts for block in _paragraph_to_blocks(part)]


def fit_paragraphs(parts: Sequence[str], room: int) -> list[Block]:
    """The paragraphs in at most so many blocks: closer together when they would be more."""
    blocks = paragraph_blocks(parts)
    return (
        blocks
        if len(blocks) <= room
        else paragraph_blocks(list(merge_paragraphs(parts)))[:room]
    )


def merge_paragraphs(parts: Sequence[str]) -> Iterator[str]:
    """Paragraphs put together, as many as one block holds; small print stays by itself."""
    together = ""
    for part in parts:
        joined = f"{together}\n{part}" if together else part
        if together and (
            len(joined) > MAX_TEXT
            or any(p.startswith(SMALL_PRINT_PREFIX) for p in (together, part))
        ):
            yield together
            joined = part
        together = joined
    yield together


def section_blocks(text: str, accessory: Block | None = None) -> list[Block]:
    """Text, in as many sections as it needs, with a control beside the first."""
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
    """One row of a list, in one section; what does not fit stands whole in the message that the row is about."""
    named = {"block_id": block_id} if block_id else {}
    return {**section_blocks(truncate(text, MAX_TEXT), accessory)[0], **named}


def header_block(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain_text(text, MAX_HEADER)}


def actions_block(block_id: str, *elements: Block) -> Block:
    """A row of controls."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(
    action_id: str, label: str, value: str, long: str, style: str | None = None
) -> Block:
    """A button; `long` is what a screen reader says."""
    styled = {"style": style} if style else {}
    named = {
        "action_id": action_id,
        "text": plain_text(label, MAX_LABEL),
        "value": value,
    }
    return {
        "type": "button",
        **named,
        "accessibility_label": truncate(long, MAX_LABEL),
        **styled,
    }


def overflow_menu(action_id: str, options: Sequence[tuple[str, str]]) -> Block:
    """A small menu of labels and values."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [option(*each) for each in options],
    }


def option(label: str, value: str, about: str = "") -> Block:
    """One choice of a menu, with a line about it or without."""
    described = {"description": plain_text(about, MAX_LABEL)} if about else {}
    return {"text": plain_text(label, MAX_LABEL), "value": value, **described}


def static_select(
    action_id: str, placeholder: str, options: Sequence[tuple[str, ...]], chosen: str
) -> Block:
    """A select of labels, values and lines about them, with the chosen option in place when it is among them."""
    choices = [option(*each) for each in options]
    initial = [{"initial_option": c} for c in choices if c["value"] == chosen]
    element = {"type": "static_select", "action_id": action_id, "options": choices}
    return {
        **element,
        "placeholder": plain_text(placeholder, 150),
        **(initial[0] if initial else {}),
    }


def grouped_select(
    action_id: str,
    placeholder: str,
    groups: Sequence[tuple[str, Sequence[tuple[str, ...]]]],
) -> Block:
    """A select of labels, values and lines about them, under the headings of their groups."""
    shown = [
        {
            "label": plain_text(heading, MAX_LABEL),
            "options": [option(*each) for each in options],
        }
        for heading, options in groups
    ]
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, 150),
        "option_groups": shown,
    }


def multi_static_select(
    action_id: str,
    placeholder: str,
    options: Sequence[tuple[str, ...]],
    chosen: Collection[str],
) -> Block:
    """A choice of several options, some of them chosen."""
    element = static_select(action_id, placeholder, options, "")
    initial = [each for each in element["options"] if each["value"] in chosen]
    return {
        **element,
        "type": "multi_static_select",
        **({"initial_options": initial} if initial else {}),
    }


def checkbox(action_id: str, label: str, value: str, *, checked: bool) -> Block:
    """One box to check."""
    box = [option(label, value)]
    return {
        "type": "checkboxes",
        "action_id": action_id,
        "options": box,
        **({"initial_options": box} if checked else {}),
    }


def channel_select(action_id: str, placeholder: str, chosen: str) -> Block:
    """A choice among the channels, public and private."""
    initial = {"initial_conversation": chosen} if chosen else {}
    element = {
        "type": "conversations_select",
        "action_id": action_id,
        "filter": {"include": ["public", "private"]},
    }
    return {**element, "placeholder": plain_text(placeholder, 150), **initial}


def users_select(action_id: str, placeholder: str, chosen: str = "") -> Block:
    """A choice among the people of the workspace, one of them chosen or none."""
    initial = {"initial_user": chosen} if chosen else {}
    return {
        "type": "users_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, 150),
        **initial,
    }


def radio_buttons(
    action_id: str, options: Sequence[tuple[str, ...]], chosen: str
) -> Block:
    """A choice of one among few labels, values and lines about them, all of them in sight."""
    choices = [option(*each) for each in options]
    initial = [{"initial_option": c} for c in choices if c["value"] == chosen]
    return {
        "type": "radio_buttons",
        "action_id": action_id,
        "options": choices,
        **(initial[0] if initial else {}),
    }


def multi_users_select(
    action_id: str, placeholder: str, chosen: Sequence[str]
) -> Block:
    """A choice of several people of the workspace, some of them chosen."""
    initial = {"initial_users": list(chosen)} if chosen else {}
    return {
        **users_select(action_id, placeholder),
        "type": "multi_users_select",
        **initial,
    }


def multi_external_select(
    action_id: str, placeholder: str, chosen: Sequence[Block], most: int
) -> Block:
    """A choice of up to so many options that are asked for while somebody types, some of them chosen."""
    initial = {"initial_options": list(chosen)} if chosen else {}
    limits = {"max_selected_items": most}
    return {
        "type": "multi_external_select",
        **_external_select_fields(action_id, placeholder),
        **limits,
        **initial,
    }


def single_external_select(
    action_id: str, placeholder: str, chosen: Block | None
) -> Block:
    """A choice of one option of those that are asked for while somebody types."""
    initial = {"initial_option": chosen} if chosen else {}
    return {
        "type": "external_select",
        **_external_select_fields(action_id, placeholder),
        **initial,
    }


def date_picker(action_id: str, placeholder: str) -> Block:
    """A choice of a day."""
    return {
        "type": "datepicker",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, 150),
    }


def text_input(
    action_id: str,
    most: int,
    *,
    initial: str = "",
    multiline: bool = False,
    placeholder: str = "",
) -> Block:
    """A field for text of at most so many characters."""
    filled: Block = {"initial_value": initial} if initial else {}
    filled |= {"placeholder": plain_text(placeholder, 150)} if placeholder else {}
    return {
        "type": "plain_text_input",
        "action_id": action_id,
        "multiline": multiline,
        "max_length": most,
        **filled,
    }


def input_block(
    block_id: str, label: str, element: Block, *, hint: str = "", optional: bool = False
) -> Block:
    """A labelled input of a modal."""
    hinted = {"hint": plain_text(hint, 2000)} if hint else {}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 2000),
        "element": element,
        "optional": optional,
        **hinted,
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
    """A modal; `about` comes back with what is sent in."""
    submission = {"submit": plain_text(submit, MAX_TITLE)} if submit else {}
    named = {
        "callback_id": callback_id,
        "title": plain_text(title, MAX_TITLE),
        "close": plain_text(close, MAX_TITLE),
    }
    return {
        "type": "modal",
        **named,
        **submission,
        "private_metadata": private_metadata,
        "blocks": list(blocks),
    }


def mrkdwn_text(text: str) -> Block:
    """Text in Slack's markup, without links being made of what looks like one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str, most: int) -> Block:
    """Text without markup."""
    return {"type": "plain_text", "text": truncate(text, most), "emoji": False}


def truncate(text: str, most: int) -> str:
    """The text, or its start when it is too long."""
    if len(text) <= most:
        return text
    return next(split_text(text, most - 1)) + "…"


def split_text(text: str, most: int) -> Iterator[str]:
    """The text in pieces of at most so many characters, cut between words where it can be."""
    while len(text) > most:
        end = _find_split_position(text, most)
        yield text[:end].rstrip() or text[:end]
        text = text[end:].lstrip()
    yield text or " "


def _external_select_fields(action_id: str, placeholder: str) -> Block:
    return {
        "action_id": action_id,
        "placeholder": plain_text(placeholder, 150),
        "min_query_length": 0,
    }


def _find_split_position(text: str, most: int) -> int:
    whole = space = 0
    for piece in _UNBREAKABLE_PIECES.finditer(text):
        if piece.end() > most:
            break
        whole = piece.end()
        space = whole if piece[0].isspace() else space
    return space or whole or most


def _paragraph_to_blocks(part: str) -> list[Block]:
    if not part.startswith(SMALL_PRINT_PREFIX):
        return section_blocks(part)
    pieces = split_text(part.removeprefix(SMALL_PRINT_PREFIX), MAX_TEXT)
    return [{"type": "context", "elements": [mrkdwn_text(piece)]} for piece in pieces]
