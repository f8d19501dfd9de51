"""Build any form from its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.rendering import RenderedText, Renderer
from bot.slack.forms.fields import Control, Field
from bot.slack.views import Block, View, blocks

# A text, a field, or a block that is neither, such as a button.
FormPart = RenderedText | Field | Block


def form_view(
    renderer: Renderer,
    name: str,
    parts: Sequence[FormPart],
    *,
    submit: str,
    title: str = "",
    private_metadata: str = "",
) -> View:
    """Return a form as a modal; `name` is that of the route that reads it.

    `title` and `submit` are labels; the title is `name.title` by default.
    """
    return blocks.modal_view(
        name,
        renderer.render_label(title or f"{name}.title"),
        [block for part in parts for block in _part_blocks(renderer, part)],
        submit=renderer.render_label(submit),
        close=renderer.render_label("cancel"),
        private_metadata=private_metadata,
    )


def _part_blocks(renderer: Renderer, part: FormPart) -> Sequence[Block]:
    if isinstance(part, RenderedText):
        return blocks.paragraph_blocks(part.paragraphs)
    return [field_block(renderer, part) if isinstance(part, Field) else part]


def field_block(renderer: Renderer, field: Field) -> Block:
    """Return the block of a field: its control with a label and a hint."""
    label = renderer.render_label(field.label_key or f"field.{field.name}")
    hint = ""
    if field.hint_key:
        hint = renderer.render_label(field.hint_key, **field.hint_values)
    element = ELEMENT_BUILDERS[field.control](
        field, field.action_id or field.name, field.placeholder or label
    )
    block = blocks.input_block(
        field.block_id, label, element, hint=hint, optional=field.is_optional
    )
    return {**block, "dispatch_action": True} if field.updates_form else block


def _text(field: Field, action_id: str, _placeholder: str) -> Block:
    return blocks.text_input(
        action_id,
        field.limit,
        initial=blocks.truncate(field.initial, field.limit),
        multiline=field.control is Control.LONG_TEXT,
        placeholder=field.placeholder,
    )


def _select(field: Field, action_id: str, placeholder: str) -> Block:
    return blocks.static_select(action_id, placeholder, field.options, field.initial)


def _multi_select(field: Field, action_id: str, placeholder: str) -> Block:
    return blocks.multi_static_select(
        action_id, placeholder, field.options, field.initial_values
    )


def _radio_buttons(field: Field, action_id: str, _placeholder: str) -> Block:
    return blocks.radio_buttons(action_id, field.options, field.initial)


def _checkboxes(field: Field, action_id: str, _placeholder: str) -> Block:
    return blocks.checkboxes(action_id, field.options, field.initial_values)


def _person(field: Field, action_id: str, placeholder: str) -> Block:
    return blocks.users_select(action_id, placeholder, field.initial)


def _people(field: Field, action_id: str, placeholder: str) -> Block:
    return blocks.multi_users_select(action_id, placeholder, field.initial_values)


def _channel(field: Field, action_id: str, placeholder: str) -> Block:
    return blocks.channel_select(action_id, placeholder, field.initial)


def _date(field: Field, action_id: str, placeholder: str) -> Block:
    return blocks.date_picker(action_id, placeholder, field.initial)


def _resource(field: Field, action_id: str, placeholder: str) -> Block:
    chosen = blocks.option(*field.options[0]) if field.options else None
    return blocks.single_external_select(action_id, placeholder, chosen)


def _resources(field: Field, action_id: str, placeholder: str) -> Block:
    chosen = [blocks.option(*each) for each in field.options[: field.limit]]
    return blocks.multi_external_select(action_id, placeholder, chosen, field.limit)


ElementBuilder = Callable[[Field, str, str], Block]
ELEMENT_BUILDERS: Mapping[Control, ElementBuilder] = {
    Control.TEXT: _text,
    Control.LONG_TEXT: _text,
    Control.SELECT: _select,
    Control.MULTI_SELECT: _multi_select,
    Control.RADIO_BUTTONS: _radio_buttons,
    Control.CHECKBOXES: _checkboxes,
    Control.PERSON: _person,
    Control.PEOPLE: _people,
    Control.CHANNEL: _channel,
    Control.DATE: _date,
    Control.RESOURCE: _resource,
    Control.RESOURCES: _resources,
}
