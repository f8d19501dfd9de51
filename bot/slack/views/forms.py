"""The form of any verb, made from its row: a field for each slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.rendering import RenderedText, Renderer
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import Verb
from bot.slack.forms.fields import Control, Field
from bot.slack.forms.layout import CHANNEL_FIELD, email_field
from bot.slack.forms.terms import build_term_fields
from bot.slack.forms.values import ADDRESSABLE_SLOTS, is_required, uses_channel
from bot.slack.views import Message, View, blocks
from bot.slack.views.controls import answer_view
from bot.slack.views.fields import FormPart, form_view
from bot.slack.views.form_options import VerbForm, build_options
from bot.slack.views.pickers import nothing_choice, resource_choice
from collab.billing.payment_methods import EMAIL_LIMIT
from collab.durations import parse_date
from collab.limits import MAX_RESOURCES_IN_OFFER, NAME_LIMIT, NOTE_LIMIT
from collab.model import ResourceId

MAX_LINE_TEXT, MAX_OPTIONS = 200, 100
MAX_EMAILS_TEXT = 3000
MULTI_VALUE_SLOTS = frozenset({Slot.RESOURCES, Slot.RESOURCES_TO_KEEP})
# Slots whose options or initial value depend on the chosen resource.
DEPENDENT_SLOTS = frozenset(
    {Slot.ROLE, Slot.ROLE_TO_KEEP, Slot.CAPABILITY, Slot.NAME, Slot.TEXT}
)
SLOTS_WITH_HINT = frozenset({Slot.TEXT, Slot.HOUR, Slot.LINE})
FieldBuilder = Callable[[Renderer, VerbForm, Slot], list[FormPart]]
TEXT_LIMITS: Mapping[Slot, int] = {
    Slot.NAME: NAME_LIMIT,
    Slot.TEXT: NOTE_LIMIT,
    Slot.NOTE: NOTE_LIMIT,
    Slot.LINE: MAX_LINE_TEXT,
}


def verb_form_view(
    renderer: Renderer, form: VerbForm, rejection: RenderedText | None = None
) -> View:
    """Return the form; a rejection that is about no field is shown on top."""
    layout = form.verb.form
    title_key = layout.title_key or f"verb.{form.verb.name}"
    if form.roles is not None and not form.roles and not form.resources:
        return _nothing_assignable_view(renderer, renderer.render_label(title_key))
    parts: list[FormPart] = []
    if rejection:
        parts += [rejection, {"type": "divider"}]
    if layout.has_summary:
        parts.append(renderer.render("modals/form", verb=form.verb))
    return form_view(
        renderer,
        "form",
        [*parts, *_list_parts(renderer, form)],
        title=title_key,
        submit=_submit_key(form.verb),
        private_metadata=f"{form.verb.name} {form.metadata}".rstrip(),
    )


def command_answer_view(
    renderer: Renderer, verb: Verb | None, answer: Message, *, has_changes: bool = True
) -> View:
    """Return the answer in place of a submitted form, as a line has it."""
    key = f"verb.{verb.name}" if verb else "wrong.title"
    if verb and verb.form.outcome_title_key:
        key = verb.form.outcome_title_key if has_changes else "wrong.title"
    return answer_view(renderer, renderer.render_label(key), answer["blocks"])


def _nothing_assignable_view(renderer: Renderer, title: str) -> View:
    text = renderer.render("modals/invite_nothing")
    return blocks.modal_view(
        "invite_nothing",
        title,
        blocks.paragraph_blocks(text.paragraphs),
        close=renderer.render_label("close"),
    )


def _submit_key(verb: Verb) -> str:
    if verb.has_preview:
        return "continue"
    return verb.form.submit_key or f"verb.{verb.name}"


def _list_parts(renderer: Renderer, form: VerbForm) -> list[FormPart]:
    required, optional = _ordered_slots(form)
    channel = [_channel_field(renderer, form)] if uses_channel(form.verb) else []
    return [
        *_slot_parts(renderer, form, required),
        *channel,
        *_slot_parts(renderer, form, optional),
    ]


def _slot_parts(
    renderer: Renderer, form: VerbForm, slots: list[Slot]
) -> list[FormPart]:
    return [
        part for slot in slots for part in FIELD_BUILDERS[slot](renderer, form, slot)
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


def _placeholder(
    renderer: Renderer, form: VerbForm, name: str, usual_key: str = "field.choose"
) -> str:
    return renderer.render_label(form.verb.form.placeholder_keys.get(name, usual_key))


def _field(
    form: VerbForm, name: str, control: Control, usual_key: str = "", of: str = ""
) -> Field:
    """Return a field with its value, and the label and hint of the verb's layout.

    `of` is what it depends on.
    """
    layout = form.verb.form
    usual_hint = f"field.{name}.hint" if name in SLOTS_WITH_HINT else ""
    return Field(
        name,
        control,
        layout.label_keys.get(name, usual_key),
        form.values.get(name, ""),
        hint_key=layout.hint_keys.get(name, usual_hint),
        hint_values={"tz": form.tz},
        depends_on=f"{form.verb.name} {of}".rstrip(),
        is_optional=name in set(Slot) and not is_required(form.verb, Slot(name)),
    )


def _person_fields(renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
    """Return a field for people and, where an address will do, one for addresses."""
    is_multi = slot is form.verb.form.multi_people_slot
    is_addressable = is_multi or slot in ADDRESSABLE_SLOTS
    people = _field(form, slot, Control.PEOPLE if is_multi else Control.PERSON)
    people = replace(
        people,
        hint_key=people.hint_key or "people.no_bots",
        placeholder=_placeholder(renderer, form, slot, "field.person.choose"),
    )
    if not is_addressable:
        return [people]
    emails = _field(form, email_field(slot), Control.TEXT, "field.mail")
    # Either field will do, so neither of them is required by itself.
    usual_hint = "field.mail.hint" if is_required(form.verb, slot) else ""
    limit = MAX_EMAILS_TEXT if is_multi else EMAIL_LIMIT
    return [
        replace(people, is_optional=True),
        replace(
            emails,
            hint_key=emails.hint_key or usual_hint,
            is_optional=True,
            limit=limit,
        ),
    ]


def _resource_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
    """Return a select whose options are loaded while the user types.

    If other fields depend on it, the form is updated as soon as something is chosen.
    """
    chosen = [
        resource_choice(renderer, form.resources[resource_id])
        for resource_id in map(ResourceId, form.get_list(slot))
        if resource_id in form.resources
    ]
    if slot is form.verb.clearable_slot and form.get(slot) == NOTHING_WORD:
        chosen = [nothing_choice(renderer, form.verb)]
    is_subject = slot in {Slot.RESOURCE, Slot.RESOURCES}
    control = Control.RESOURCES if slot in MULTI_VALUE_SLOTS else Control.RESOURCE
    return [
        replace(
            _field(form, slot, control),
            options=chosen,
            limit=MAX_RESOURCES_IN_OFFER if slot is Slot.RESOURCES else MAX_OPTIONS,
            placeholder=_placeholder(renderer, form, slot, "field.thing.choose"),
            action_id=_find_action_id(form, slot),
            updates_form=is_subject and not DEPENDENT_SLOTS.isdisjoint(form.verb.slots),
        )
    ]


def _find_action_id(form: VerbForm, slot: Slot) -> str:
    """Return the action id of a field that finds its options, or updates the form."""
    return f"find:{form.verb.name} {slot.value}"


def _text_field(_renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
    limit = TEXT_LIMITS[slot]
    # Another resource has another text.
    of = form.get(Slot.RESOURCE) if slot in DEPENDENT_SLOTS else ""
    control = Control.LONG_TEXT if limit == NOTE_LIMIT else Control.TEXT
    return [replace(_field(form, slot, control, of=of), limit=limit)]


def _term_fields(renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
    """Return a select of lengths, and a date picker once a day is to be picked."""
    field = replace(
        _field(form, slot, Control.SELECT),
        placeholder=_placeholder(renderer, form, slot, "term.choose"),
        action_id=_find_action_id(form, slot),
    )
    return [
        *build_term_fields(
            renderer, field, form.values, may_be_endless=form.verb.form.may_be_endless
        )
    ]


def _date_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
    day = parse_date(form.get(slot))
    return [
        replace(
            _field(form, slot, Control.DATE),
            initial=day.isoformat() if day else "",
            placeholder=_placeholder(renderer, form, slot),
        )
    ]


def _role_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
    """Return a select of roles, or a paragraph if there is none to choose.

    It depends on the type or the roles, so that a role which is no longer among the
    options does not stay chosen.
    """
    if form.roles is not None and not form.roles:
        return [*blocks.section_blocks(renderer.render_label("field.no_common_role"))]
    if _lacks_subject(form):
        label = renderer.render_label("field.role.later")
        return [*blocks.paragraph_blocks([f"{blocks.SMALL_PRINT_PREFIX}{label}"])]
    of = form.resource_type.name if form.resource_type else ""
    if form.roles is not None:
        of = ",".join(form.roles)
    return [_option_field(renderer, form, slot, Control.SELECT, of)]


def _role_to_keep_field(
    renderer: Renderer, form: VerbForm, slot: Slot
) -> list[FormPart]:
    """Return a select of the roles below the highest one, and of none; at first the
    usual one of a direct owner.
    """
    kinds = sorted({each.kind for each in form.resources.values()})
    field = _option_field(renderer, form, slot, Control.SELECT, ",".join(kinds))
    return [replace(field, initial=field.initial or form.usual_role)]


def _lacks_subject(form: VerbForm) -> bool:
    """Return whether nothing is chosen yet that has roles, and no role either."""
    return not (form.resources or form.get(Slot.ROLE))


def _resource_type_field(
    renderer: Renderer, form: VerbForm, slot: Slot
) -> list[FormPart]:
    """Return a select of types, which updates the form: some have no container."""
    field = _option_field(renderer, form, slot, Control.SELECT)
    return [replace(field, action_id=_find_action_id(form, slot), updates_form=True)]


def _plan_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
    field = _option_field(renderer, form, slot, Control.SELECT)
    no_plan = (renderer.render_label("field.plan.none"), NOTHING_WORD)
    return [replace(field, options=[*field.options[: MAX_OPTIONS - 1], no_plan])]


def _flag_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
    label = renderer.render_label(f"field.{slot.value}.box")
    initial = slot.value if form.get(slot) else ""
    field = _field(form, slot, Control.CHECKBOXES)
    return [replace(field, options=[(label, slot.value)], initial=initial)]


def _channel_field(renderer: Renderer, form: VerbForm) -> Field:
    placeholder = renderer.render_label("field.channel.choose")
    field = _field(form, CHANNEL_FIELD, Control.CHANNEL)
    return replace(field, placeholder=placeholder)


def _option_field(
    renderer: Renderer, form: VerbForm, slot: Slot, control: Control, of: str = ""
) -> Field:
    """Return a field with a closed list of options."""
    return replace(
        _field(form, slot, control, of=of),
        options=build_options(renderer, form, slot),
        placeholder=_placeholder(renderer, form, slot),
    )


def _options(control: Control) -> FieldBuilder:
    """Return a builder of fields with a closed list of options."""

    def build(renderer: Renderer, form: VerbForm, slot: Slot) -> list[FormPart]:
        return [_option_field(renderer, form, slot, control)]

    return build


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
    Slot.DURATION: _term_fields,
    Slot.SINCE: _date_field,
    Slot.DAY: _date_field,
    Slot.PURPOSE: _options(Control.SELECT),
    Slot.VERB: _options(Control.SELECT),
    Slot.EXPORT: _options(Control.SELECT),
    Slot.CAPABILITY: _options(Control.SELECT),
    Slot.HOUR: _options(Control.SELECT),
    Slot.PLAN: _plan_field,
    Slot.ROLE: _role_field,
    Slot.ROLE_TO_KEEP: _role_to_keep_field,
    Slot.RESOURCE_TYPE: _resource_type_field,
    Slot.GROUPS: _options(Control.CHECKBOXES),
    Slot.RHYTHM: _options(Control.RADIO_BUTTONS),
    Slot.EVENT_NAMES: _options(Control.MULTI_SELECT),
    Slot.LEAVING: _flag_field,
    Slot.SENT: _flag_field,
    Slot.ROTATED: _flag_field,
}
