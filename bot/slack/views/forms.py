"""The form of any verb, made from its row: a field for each slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.rendering import RenderedText, Renderer
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import Verb
from bot.slack.forms.layout import CHANNEL_FIELD, email_field
from bot.slack.forms.values import ADDRESSABLE_SLOTS, is_required, uses_channel
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.form_options import VerbForm, build_options
from bot.slack.views.pickers import nothing_option, resource_option
from collab.billing.payment_methods import EMAIL_LIMIT
from collab.limits import MAX_RESOURCES_IN_OFFER, NAME_LIMIT, NOTE_LIMIT

MAX_DURATION_TEXT, MAX_VALUE_TEXT, MAX_OPTIONS = 40, 200, 100
MAX_EMAILS_TEXT = 3000
MULTI_VALUE_SLOTS = frozenset({Slot.RESOURCES, Slot.RESOURCES_TO_KEEP})
# Slots whose options or initial value depend on the chosen resource.
DEPENDENT_SLOTS = frozenset({Slot.ROLE, Slot.CAPABILITY, Slot.TEXT})
SLOTS_WITH_HINT = frozenset(
    {Slot.TEXT, Slot.DURATION, Slot.SINCE, Slot.VALUE, Slot.HOUR}
)
TEXT_LIMITS: Mapping[Slot, int] = {
    Slot.NAME: NAME_LIMIT,
    Slot.TEXT: NOTE_LIMIT,
    Slot.NOTE: NOTE_LIMIT,
    Slot.DURATION: MAX_DURATION_TEXT,
    Slot.SINCE: MAX_DURATION_TEXT,
    Slot.VALUE: MAX_VALUE_TEXT,
}


def verb_form_view(
    renderer: Renderer, form: VerbForm, rejection: RenderedText | None = None
) -> View:
    """Return the form; a rejection that is about no field is shown on top."""
    layout = form.verb.form
    title = renderer.render_label(layout.title_key or f"verb.{form.verb.name}")
    if form.roles is not None and not form.roles and not form.resources:
        return _nothing_assignable_view(renderer, title)
    shown: list[Block] = []
    if rejection:
        shown += [*blocks.paragraph_blocks(rejection.paragraphs), {"type": "divider"}]
    if layout.has_summary:
        summary = renderer.render("modals/form", verb=form.verb)
        shown += blocks.paragraph_blocks(summary.paragraphs)
    return blocks.modal_view(
        "form",
        title,
        [*shown, *_field_blocks(renderer, form)],
        submit=_submit_label(renderer, form.verb),
        close=renderer.render_label("cancel"),
        private_metadata=f"{form.verb.name} {form.metadata}".rstrip(),
    )


def command_answer_view(
    renderer: Renderer, verb: Verb | None, answer: Message, *, has_changes: bool = True
) -> View:
    """Return the answer in place of a submitted form, as a line has it."""
    key = f"verb.{verb.name}" if verb else "shown.title"
    if verb and verb.form.has_outcome_title:
        key = "done.title" if has_changes else "wrong.title"
    return blocks.modal_view(
        "shown",
        renderer.render_label(key),
        answer["blocks"],
        close=renderer.render_label("close"),
    )


def _nothing_assignable_view(renderer: Renderer, title: str) -> View:
    text = renderer.render("modals/invite_nothing")
    return blocks.modal_view(
        "invite_nothing",
        title,
        blocks.paragraph_blocks(text.paragraphs),
        close=renderer.render_label("close"),
    )


def _submit_label(renderer: Renderer, verb: Verb) -> str:
    if verb.has_preview:
        return renderer.render_label("continue")
    return renderer.render_label(verb.form.submit_key or f"verb.{verb.name}")


def _field_blocks(renderer: Renderer, form: VerbForm) -> list[Block]:
    required, optional = _ordered_slots(form)
    channel = [_channel_field(renderer, form)] if uses_channel(form.verb) else []
    return [
        *_slot_blocks(renderer, form, required),
        *channel,
        *_slot_blocks(renderer, form, optional),
    ]


def _slot_blocks(renderer: Renderer, form: VerbForm, slots: list[Slot]) -> list[Block]:
    return [
        block for slot in slots for block in FIELD_BUILDERS[slot](renderer, form, slot)
    ]


def _ordered_slots(form: VerbForm) -> tuple[list[Slot], list[Slot]]:
    """Return the required slots, dependent ones last, and the optional ones.

    A new resource of a type that has no container has no field for it.
    """
    new_type = form.role_model.get(form.get(Slot.RESOURCE_TYPE))
    without = {Slot.OTHER_RESOURCE} if new_type and not new_type.container_types else ()
    required = sorted(
        form.verb.required_slots, key=lambda slot: slot in DEPENDENT_SLOTS
    )
    return (
        [slot for slot in required if slot not in without],
        [slot for slot in form.verb.optional_slots if slot not in without],
    )


def _placeholder(renderer: Renderer, form: VerbForm, slot: Slot, usual_key: str) -> str:
    return renderer.render_label(form.verb.form.placeholder_keys.get(slot, usual_key))


def _input(
    renderer: Renderer,
    form: VerbForm,
    name: str,
    element: Block,
    *,
    is_optional: bool,
    of: str = "",
    usual_key: str = "",
) -> Block:
    """Return the block of a field, with its label and hint.

    `of` is what its options depend on.
    """
    layout = form.verb.form
    label = renderer.render_label(
        layout.label_keys.get(name, usual_key or f"field.{name}")
    )
    usual_hint = f"field.{name}.hint" if name in SLOTS_WITH_HINT else ""
    hint_key = layout.hint_keys.get(name, usual_hint)
    return blocks.input_block(
        form.block_id(name, of),
        label,
        element,
        hint=renderer.render_label(hint_key, tz=form.tz) if hint_key else "",
        optional=is_optional,
    )


def _slot_input(
    renderer: Renderer, form: VerbForm, slot: Slot, element: Block, *, of: str = ""
) -> Block:
    is_optional = not is_required(form.verb, slot)
    return _input(renderer, form, slot.value, element, is_optional=is_optional, of=of)


def _person_fields(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """Return a field for people and, where an address will do, one for addresses."""
    if slot is form.verb.form.multi_people_slot:
        return _people_fields(renderer, form, slot)
    placeholder = _placeholder(renderer, form, slot, "field.person.choose")
    select = blocks.users_select(slot.value, placeholder, form.get(slot))
    if slot not in ADDRESSABLE_SLOTS:
        return [_slot_input(renderer, form, slot, select)]
    return [
        _input(renderer, form, slot.value, select, is_optional=True),
        _email_input(renderer, form, slot, EMAIL_LIMIT),
    ]


def _people_fields(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    placeholder = _placeholder(renderer, form, slot, "field.person.choose")
    select = blocks.multi_users_select(slot.value, placeholder, form.get_list(slot))
    return [
        _input(renderer, form, slot.value, select, is_optional=True),
        _email_input(renderer, form, slot, MAX_EMAILS_TEXT),
    ]


def _email_input(
    renderer: Renderer, form: VerbForm, slot: Slot, max_length: int
) -> Block:
    name = email_field(slot)
    initial = blocks.truncate(form.values.get(name, ""), max_length)
    element = blocks.text_input(name, max_length, initial=initial)
    return _input(
        renderer, form, name, element, is_optional=True, usual_key="field.mail"
    )


def _resource_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """Return a select whose options are found while somebody types.

    If other fields depend on it, the form is updated as soon as something is chosen.
    """
    chosen = [
        resource_option(renderer, form.resources[resource_id])
        for resource_id in form.get_list(slot)
        if resource_id in form.resources
    ]
    if slot is form.verb.clearable_slot and form.get(slot) == NOTHING_WORD:
        chosen = [nothing_option(renderer, form.verb)]
    action_id = f"find:{form.verb.name} {slot.value}"
    placeholder = _placeholder(renderer, form, slot, "field.thing.choose")
    if slot in MULTI_VALUE_SLOTS:
        limit = MAX_RESOURCES_IN_OFFER if slot is Slot.RESOURCES else MAX_OPTIONS
        element = blocks.multi_external_select(
            action_id, placeholder, chosen[:limit], limit
        )
    else:
        element = blocks.single_external_select(
            action_id, placeholder, chosen[0] if chosen else None
        )
    block = _slot_input(renderer, form, slot, element)
    is_subject = slot in {Slot.RESOURCE, Slot.RESOURCES}
    if is_subject and not DEPENDENT_SLOTS.isdisjoint(form.verb.slots):
        block["dispatch_action"] = True
    return [block]


def _plan_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    options = [
        *build_options(renderer, form, slot)[: MAX_OPTIONS - 1],
        (renderer.render_label("field.plan.none"), NOTHING_WORD),
    ]
    placeholder = renderer.render_label("field.choose")
    element = blocks.static_select(slot.value, placeholder, options, form.get(slot))
    return [_slot_input(renderer, form, slot, element)]


def _text_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    limit = TEXT_LIMITS[slot]
    initial = form.get(slot)[:limit]
    element = blocks.text_input(
        slot.value, limit, initial=initial, multiline=limit == NOTE_LIMIT
    )
    # Slack keeps the state of a block whose block_id is unchanged: another resource's
    # text needs another id.
    of = form.get(Slot.RESOURCE) if slot in DEPENDENT_SLOTS else ""
    return [_slot_input(renderer, form, slot, element, of=of)]


def _select_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    return [_slot_input(renderer, form, slot, _static_select(renderer, form, slot))]


def _resource_type_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """Return a select of types.

    The form is updated at once, since some types have no container.
    """
    action_id = f"find:{form.verb.name} {slot.value}"
    element = {**_static_select(renderer, form, slot), "action_id": action_id}
    block = _slot_input(renderer, form, slot, element)
    return [{**block, "dispatch_action": True}]


def _role_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """Return a select of roles, or a paragraph if there is none to choose.

    Slack keeps the state of a block whose block_id is unchanged: the id names the type
    or the roles, so that a role which is no longer among the options does not stay
    chosen.
    """
    if form.roles is not None and not form.roles:
        text = renderer.render("modals/no_common_role")
        return blocks.paragraph_blocks(text.paragraphs)[:1]
    of = form.resource_type.name if form.resource_type else ""
    if form.roles is not None:
        of = ",".join(form.roles)
    element = _static_select(renderer, form, slot)
    return [_slot_input(renderer, form, slot, element, of=of)]


def _static_select(renderer: Renderer, form: VerbForm, slot: Slot) -> Block:
    placeholder = _placeholder(renderer, form, slot, "field.choose")
    options = build_options(renderer, form, slot)
    return blocks.static_select(slot.value, placeholder, options, form.get(slot))


def _multi_select_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    element = blocks.multi_static_select(
        slot.value,
        _placeholder(renderer, form, slot, "field.choose"),
        build_options(renderer, form, slot),
        form.get_list(slot),
    )
    return [_slot_input(renderer, form, slot, element)]


def _checkboxes_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    options = build_options(renderer, form, slot)
    element = blocks.checkboxes(slot.value, options, form.get_list(slot))
    return [_slot_input(renderer, form, slot, element)]


def _radio_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    options = build_options(renderer, form, slot)
    element = blocks.radio_buttons(slot.value, options, form.get(slot))
    return [_slot_input(renderer, form, slot, element)]


def _flag_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    label = renderer.render_label(f"field.{slot.value}.box")
    chosen = [slot.value] if form.get(slot) else []
    element = blocks.checkboxes(slot.value, [(label, slot.value)], chosen)
    return [_slot_input(renderer, form, slot, element)]


def _channel_field(renderer: Renderer, form: VerbForm) -> Block:
    element = blocks.channel_select(
        CHANNEL_FIELD,
        renderer.render_label("field.channel.choose"),
        form.values.get(CHANNEL_FIELD, ""),
    )
    return _input(renderer, form, CHANNEL_FIELD, element, is_optional=False)


FieldBuilder = Callable[[Renderer, VerbForm, Slot], list[Block]]
FIELD_BUILDERS: Mapping[Slot, FieldBuilder] = {
    Slot.PERSON: _person_fields,
    Slot.PEOPLE: _person_fields,
    Slot.ACTOR: _person_fields,
    Slot.SUBJECT: _person_fields,
    Slot.RESOURCE: _resource_field,
    Slot.RESOURCES: _resource_field,
    Slot.OTHER_RESOURCE: _resource_field,
    Slot.TEAM: _resource_field,
    Slot.RESOURCES_TO_KEEP: _resource_field,
    **dict.fromkeys(TEXT_LIMITS, _text_field),
    Slot.PURPOSE: _select_field,
    Slot.SETTING: _select_field,
    Slot.VERB: _select_field,
    Slot.EXPORT: _select_field,
    Slot.CAPABILITY: _select_field,
    Slot.HOUR: _select_field,
    Slot.PLAN: _plan_field,
    Slot.ROLE: _role_field,
    Slot.RESOURCE_TYPE: _resource_type_field,
    Slot.GROUPS: _checkboxes_field,
    Slot.RHYTHM: _radio_field,
    Slot.EVENT_NAMES: _multi_select_field,
    Slot.LEAVING: _flag_field,
    Slot.SENT: _flag_field,
    Slot.ROTATED: _flag_field,
}
