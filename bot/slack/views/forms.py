"""A form for any verb, made from the table: a field for each thing that it needs or may take."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.rendering import RenderedText, Renderer, capitalize_first
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import EXPORT_FORMATS, PURPOSES, Slot
from bot.slack.commands.verb import Verb
from bot.slack.forms.values import (
    ADDRESSABLE_SLOTS,
    CHANNEL_FIELD,
    email_field,
    is_required,
    uses_channel,
)
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.invite_form import render_role_capabilities, resource_option
from bot.slack.views.pickers import nothing_option
from collab.audit_log import list_event_sources
from collab.billing.payment_methods import EMAIL_LIMIT
from collab.channels import EVENT_GROUPS
from collab.limits import MAX_RESOURCES_IN_OFFER, NAME_LIMIT, NOTE_LIMIT, SETTINGS
from collab.model import Resource
from collab.notifications.channel_digests import FREQUENCIES, VALID_HOURS
from collab.roles import CAPABILITIES, ResourceType, RoleModel

MAX_DURATION_TEXT, MAX_VALUE_TEXT, MAX_BLOCK_ID, MAX_OPTIONS = 40, 200, 255, 100
MULTI_VALUE_SLOTS = frozenset({Slot.RESOURCES, Slot.RESOURCES_TO_KEEP})
DEPENDENT_SLOTS = frozenset(
    {Slot.ROLE, Slot.CAPABILITY, Slot.TEXT}
)  # what stands there follows from the thing


@dataclass(frozen=True, slots=True)
class VerbForm:
    """A verb with what is filled in by now, by field; `things` are those that are named, and `plans` all there are."""

    verb: Verb
    role_model: RoleModel
    values: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    plans: Collection[str] = ()

    def get(self, slot: Slot) -> str:
        """What stands in the field of a slot."""
        return self.values.get(slot.value, "")

    def block_id(self, name: str, of: str = "") -> str:
        """A field's own id, from which its verb can be told, and what it depends on."""
        return " ".join(filter(None, (name, self.verb.name, of)))[:MAX_BLOCK_ID]

    @property
    def resource_type(self) -> ResourceType | None:
        """The kind of what it is about, once that is chosen."""
        about = self.resources.get(self.get(Slot.RESOURCE))
        return self.role_model.get(about.kind) if about else None


def verb_form_view(
    renderer: Renderer, form: VerbForm, wrong: RenderedText | None = None
) -> View:
    """The window that asks for what a verb needs; with a word on top when it was refused as a whole."""
    name = f"verb.{form.verb.name}"
    top = (
        [*blocks.paragraph_blocks(wrong.paragraphs), {"type": "divider"}]
        if wrong
        else []
    )
    about = blocks.paragraph_blocks(
        renderer.render("modals/form", verb=form.verb).paragraphs
    )
    asked = [
        block
        for slot in _ordered_slots(form)
        for block in FIELD_BUILDERS[slot](renderer, form, slot)
    ]
    if uses_channel(form.verb):
        asked = [_channel_field(renderer, form), *asked]
    return blocks.modal_view(
        "form",
        renderer.render_label(name),
        [*top, *about, *asked],
        submit=renderer.render_label("continue")
        if form.verb.has_preview
        else renderer.render_label(form.verb.submit_key or name),
        close=renderer.render_label("cancel"),
        private_metadata=form.verb.name,
    )


def command_answer_view(renderer: Renderer, verb: Verb | None, answer: Message) -> View:
    """The window after it was sent in: what a line would have been answered."""
    title = renderer.render_label(f"verb.{verb.name}" if verb else "shown.title")
    return blocks.modal_view(
        "shown", title, answer["blocks"], close=renderer.render_label("close")
    )


def _ordered_slots(form: VerbForm) -> list[Slot]:
    """What is needed first, and what follows from a choice behind it; nothing of where a thing is that stands alone."""
    made = form.role_model.get(form.get(Slot.RESOURCE_TYPE))
    alone = {Slot.OTHER_RESOURCE} if made and not made.container_types else set()
    needs = sorted(form.verb.required_slots, key=lambda slot: slot in DEPENDENT_SLOTS)
    return [slot for slot in (*needs, *form.verb.optional_slots) if slot not in alone]


def _field_label(renderer: Renderer, form: VerbForm, slot: Slot) -> str:
    return renderer.render_label(form.verb.label_keys.get(slot, f"field.{slot.value}"))


def _slot_input(
    renderer: Renderer,
    form: VerbForm,
    slot: Slot,
    element: Block,
    *,
    hint: str = "",
    of: str = "",
) -> Block:
    label, optional = (
        _field_label(renderer, form, slot),
        not is_required(form.verb, slot),
    )
    return blocks.input_block(
        form.block_id(slot.value, of), label, element, hint=hint, optional=optional
    )


def _field_hint(renderer: Renderer, form: VerbForm, slot: Slot) -> str:
    usual = f"field.{slot.value}.hint" if slot in SLOTS_WITH_HINT else ""
    key = form.verb.hint_keys.get(slot, usual)
    return renderer.render_label(key) if key else ""


def _person_fields(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """Somebody of the workspace, or an address; which of the two is said is seen when it is sent in."""
    chosen = blocks.users_select(
        slot.value, renderer.render_label("field.person.choose"), form.get(slot)
    )
    label = _field_label(renderer, form, slot)
    both = slot in ADDRESSABLE_SLOTS
    optional = both or slot not in form.verb.required_slots
    found = [
        blocks.input_block(form.block_id(slot.value), label, chosen, optional=optional)
    ]
    if both:
        name = email_field(slot)
        typed = blocks.text_input(
            name, EMAIL_LIMIT, initial=form.values.get(name, "")[:EMAIL_LIMIT]
        )
        found.append(
            blocks.input_block(
                form.block_id(name),
                renderer.render_label("field.mail"),
                typed,
                optional=True,
            )
        )
    return found


def _resource_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """What is asked for while somebody types; a choice on which other fields depend is told at once."""
    said = form.get(slot)
    chosen = [
        resource_option(renderer, form.resources[key])
        for key in said.split(",")
        if key in form.resources
    ]
    if said == NOTHING_WORD and slot is form.verb.clearable_slot:
        chosen = [nothing_option(renderer, form.verb)]
    action, placeholder = (
        f"find:{form.verb.name} {slot.value}",
        renderer.render_label("field.thing.choose"),
    )
    if slot in MULTI_VALUE_SLOTS:
        most = MAX_RESOURCES_IN_OFFER if slot is Slot.RESOURCES else MAX_OPTIONS
        element = blocks.multi_external_select(action, placeholder, chosen[:most], most)
    else:
        element = blocks.single_external_select(
            action, placeholder, chosen[0] if chosen else None
        )
    made = _slot_input(
        renderer, form, slot, element, hint=_field_hint(renderer, form, slot)
    )
    decides = slot is Slot.RESOURCE and any(
        form.verb.accepts_slot(other) for other in DEPENDENT_SLOTS
    )
    return [{**made, "dispatch_action": True} if decides else made]


def _plan_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    options = [
        *[(name, name) for name in form.plans][: MAX_OPTIONS - 1],
        (renderer.render_label("field.plan.none"), NOTHING_WORD),
    ]
    return [
        _slot_input(renderer, form, slot, _slot_select(renderer, form, slot, options))
    ]


def _text_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    most = TEXT_LIMITS[slot]
    element = blocks.text_input(
        slot.value, most, initial=form.get(slot)[:most], multiline=most == NOTE_LIMIT
    )
    # Slack keeps what stands in a field of the same name; what another thing says has a field of its own.
    of = form.get(Slot.RESOURCE) if slot in DEPENDENT_SLOTS else ""
    return [
        _slot_input(
            renderer, form, slot, element, hint=_field_hint(renderer, form, slot), of=of
        )
    ]


def _select_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """One of a closed list."""
    return [
        _slot_input(
            renderer,
            form,
            slot,
            _slot_select(renderer, form, slot, OPTION_BUILDERS[slot](renderer, form)),
        )
    ]


def _resource_type_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """The same, told at once, since some kinds stand in nothing."""
    action = f"find:{form.verb.name} {slot.value}"
    element = blocks.static_select(
        action,
        renderer.render_label("field.choose"),
        OPTION_BUILDERS[slot](renderer, form),
        form.get(slot),
    )
    return [{**_slot_input(renderer, form, slot, element), "dispatch_action": True}]


def _role_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """The same, named by the kind of the thing, so that a role which it does not have does not stay."""
    of = form.resource_type.name if form.resource_type else ""
    return [
        _slot_input(
            renderer,
            form,
            slot,
            _slot_select(renderer, form, slot, OPTION_BUILDERS[slot](renderer, form)),
            of=of,
        )
    ]


def _multi_select_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    """Several of a closed list."""
    chosen = form.get(slot).split(",")
    element = blocks.multi_static_select(
        slot.value,
        renderer.render_label("field.choose"),
        OPTION_BUILDERS[slot](renderer, form),
        chosen,
    )
    return [
        _slot_input(
            renderer, form, slot, element, hint=_field_hint(renderer, form, slot)
        )
    ]


def _checkbox_field(renderer: Renderer, form: VerbForm, slot: Slot) -> list[Block]:
    element = blocks.checkbox(
        slot.value,
        renderer.render_label(f"field.{slot.value}.box"),
        slot.value,
        checked=bool(form.get(slot)),
    )
    return [_slot_input(renderer, form, slot, element)]


def _channel_field(renderer: Renderer, form: VerbForm) -> Block:
    here = form.values.get(CHANNEL_FIELD, "")
    element = blocks.channel_select(
        CHANNEL_FIELD, renderer.render_label("field.channel.choose"), here
    )
    return blocks.input_block(
        form.block_id(CHANNEL_FIELD), renderer.render_label("field.channel"), element
    )


def _slot_select(
    renderer: Renderer, form: VerbForm, slot: Slot, options: Sequence[tuple[str, ...]]
) -> Block:
    return blocks.static_select(
        slot.value, renderer.render_label("field.choose"), options, form.get(slot)
    )


def _role_options(renderer: Renderer, form: VerbForm) -> list[tuple[str, ...]]:
    """The roles that can be given there; whoever changes one may also go down to one that only follows from others."""
    roles = (
        [form.resource_type]
        if form.resource_type
        else [form.role_model[name] for name in form.role_model]
    )
    found = [
        role
        for kind in roles
        for role in (
            kind.roles
            if form.verb.accepts_slot(Slot.RESOURCES_TO_KEEP)
            else kind.assignable_roles
        )
    ]
    if form.resource_type is None:
        return [(name, name) for name in dict.fromkeys(role.name for role in found)]
    return [
        (
            role.name,
            role.name,
            render_role_capabilities(renderer, role.abilities, form.resource_type.name),
        )
        for role in found
    ]


def _capability_options(renderer: Renderer, form: VerbForm) -> list[tuple[str, ...]]:
    kind = form.resource_type
    known = (
        {name for role in kind.roles for name in role.capabilities}
        if kind
        else set(CAPABILITIES)
    )
    names = [name for name in CAPABILITIES if name in known]
    about = kind.name if kind else ""
    return [
        (
            name,
            name,
            renderer.render("modals/ability", "plain", can_do=name, kind=about).text,
        )
        for name in names
    ]


OPTION_BUILDERS: Mapping[
    Slot, Callable[[Renderer, VerbForm], Sequence[tuple[str, ...]]]
] = {
    Slot.RESOURCE_TYPE: lambda renderer, form: [
        (capitalize_first(renderer.type_name(name)), name) for name in form.role_model
    ],
    Slot.ROLE: _role_options,
    Slot.CAPABILITY: _capability_options,
    Slot.PURPOSE: lambda renderer, _: [
        (renderer.render_label(f"field.purpose.{name}"), name) for name in PURPOSES
    ],
    Slot.SETTING: lambda renderer, _: [
        (renderer.render_label(f"field.setting.{name}"), name) for name in SETTINGS
    ],
    Slot.VERB: lambda renderer, _: [
        (renderer.render_label(f"verb.{name}"), name) for name in VERB_BY_NAME
    ],
    Slot.EXPORT: lambda renderer, _: [
        (renderer.render_label(f"field.export.{name}"), name) for name in EXPORT_FORMATS
    ],
    Slot.GROUPS: lambda renderer, _: [
        (renderer.render_label(f"group.{name}"), name) for name in EVENT_GROUPS
    ],
    Slot.RHYTHM: lambda renderer, _: [
        (renderer.render_label(f"rhythm.{name}"), name) for name in FREQUENCIES
    ],
    Slot.HOUR: lambda _words, _form: [
        (f"{hour:02d}:00", str(hour)) for hour in VALID_HOURS
    ],
    Slot.EVENT_NAMES: lambda _, form: [
        (name, name)
        for name in dict.fromkeys((*list_event_sources(), *form.role_model))
    ],
}
TEXT_LIMITS: Mapping[Slot, int] = {
    Slot.NAME: NAME_LIMIT,
    Slot.TEXT: NOTE_LIMIT,
    Slot.NOTE: NOTE_LIMIT,
    Slot.DURATION: MAX_DURATION_TEXT,
    Slot.SINCE: MAX_DURATION_TEXT,
    Slot.VALUE: MAX_VALUE_TEXT,
}
SLOTS_WITH_HINT = frozenset(
    {Slot.TEXT, Slot.DURATION, Slot.SINCE, Slot.VALUE, Slot.GROUPS}
)
FIELD_BUILDERS: Mapping[Slot, Callable[[Renderer, VerbForm, Slot], list[Block]]] = {
    **dict.fromkeys(
        (Slot.PERSON, Slot.PEOPLE, Slot.ACTOR, Slot.SUBJECT), _person_fields
    ),
    **dict.fromkeys(
        (
            Slot.RESOURCE,
            Slot.RESOURCES,
            Slot.OTHER_RESOURCE,
            Slot.TEAM,
            Slot.RESOURCES_TO_KEEP,
        ),
        _resource_field,
    ),
    **dict.fromkeys(TEXT_LIMITS, _text_field),
    **dict.fromkeys(
        (
            Slot.PURPOSE,
            Slot.SETTING,
            Slot.VERB,
            Slot.EXPORT,
            Slot.CAPABILITY,
            Slot.RHYTHM,
            Slot.HOUR,
        ),
        _select_field,
    ),
    Slot.PLAN: _plan_field,
    Slot.ROLE: _role_field,
    Slot.RESOURCE_TYPE: _resource_type_field,
    **dict.fromkeys((Slot.GROUPS, Slot.EVENT_NAMES), _multi_select_field),
    **dict.fromkeys((Slot.LEAVING, Slot.SENT, Slot.ROTATED), _checkbox_field),
}
