"""The options of a form's fields with a closed list, by slot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.rendering import Renderer, capitalize_first
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import EXPORT_FORMATS, PURPOSES, Slot
from bot.slack.commands.verb import Verb
from bot.slack.forms.fields import Options
from bot.slack.views.pickers import render_role_capabilities
from collab.channels import EVENT_GROUPS
from collab.handovers.scope import list_lower_roles
from collab.model import Frequency, Resource, ResourceId
from collab.notifications.digests import VALID_HOURS
from collab.role_model import ResourceType, Role, RoleModel
from collab.roles import CAPABILITIES

# `resource` creates, renames, moves and deletes.
EVENT_SOURCES = (
    "invitation",
    "member",
    "request",
    "succession",
    "resource",
    "team",
    "ownership",
    "handover",
    "billing",
    "plan",
    "invoice",
    "channel",
    "keys",
    "person",
    "workspace",
)


@dataclass(frozen=True, slots=True)
class VerbForm:
    """A verb with the values of its form.

    `values` are by field, `resources` by id, and are those that the values name.
    `roles` are the assignable roles with their capabilities, where only those are
    offered. `usual_role` is the one in which the reader stays after a handover. `tz`
    is the reader's time zone; `metadata` comes back when the form is submitted.
    """

    verb: Verb
    role_model: RoleModel
    values: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[ResourceId, Resource] = field(default_factory=dict)
    plans: Collection[str] = ()
    roles: Mapping[str, Sequence[str]] | None = None
    usual_role: str = ""
    tz: str = "UTC"
    metadata: str = ""

    def get(self, slot: Slot) -> str:
        """Return the value of a slot's field, or an empty text."""
        return self.values.get(slot.value, "")

    def get_list(self, slot: Slot) -> list[str]:
        """Return the values of a slot's field that takes several."""
        return [value for value in self.get(slot).split(",") if value]

    @property
    def resource(self) -> Resource | None:
        """Return the chosen resource, once it is chosen."""
        return self.resources.get(ResourceId(self.get(Slot.RESOURCE)))

    @property
    def resource_type(self) -> ResourceType | None:
        """Return the type of the chosen resource, once it is chosen."""
        resource = self.resource
        return self.role_model.get(resource.kind) if resource else None


def build_options(renderer: Renderer, form: VerbForm, slot: Slot) -> Options:
    """Return the options of a slot: labels, values and, with some, descriptions."""
    return OPTION_BUILDERS[slot](renderer, form)


def _role_options(renderer: Renderer, form: VerbForm) -> Options:
    if form.roles is not None:
        return _assignable_role_options(renderer, form, form.roles)
    if form.resource_type is None:
        names = [
            role.name
            for name in form.role_model
            for role in _roles_of_type(form, form.role_model[name])
        ]
        return [(renderer.role_name(name), name) for name in dict.fromkeys(names)]
    type_name = form.resource_type.name
    return [
        (
            renderer.role_name(role.name),
            role.name,
            render_role_capabilities(renderer, role.capabilities_and_grants, type_name),
        )
        for role in _roles_of_type(form, form.resource_type)
    ]


def _roles_of_type(form: VerbForm, resource_type: ResourceType) -> Sequence[Role]:
    """Return the roles to choose from.

    A member whose role changes may also go down to a derived one.
    """
    if form.verb.accepts_slot(Slot.RESOURCES_TO_KEEP):
        return form.role_model.list_roles_to_change_to(resource_type.name)
    return resource_type.assignable_roles


def _assignable_role_options(
    renderer: Renderer, form: VerbForm, roles: Mapping[str, Sequence[str]]
) -> Options:
    type_names = {resource.kind for resource in form.resources.values()}
    type_name = type_names.pop() if len(type_names) == 1 else ""
    return [
        (
            renderer.role_name(role),
            role,
            render_role_capabilities(renderer, capabilities, type_name),
        )
        for role, capabilities in roles.items()
    ]


def _role_to_keep_options(renderer: Renderer, form: VerbForm) -> Options:
    """Return the roles in which a former owner can stay, and none."""
    type_names = {each.kind for each in form.resources.values()} or {
        name for name in form.role_model if form.role_model[name].stays_as
    }
    names = [
        role.name
        for name in form.role_model
        if name in type_names
        for role in list_lower_roles(form.role_model[name])
    ]
    roles = [(renderer.role_name(name), name) for name in dict.fromkeys(names)]
    return [*roles, (renderer.render_label("field.keeps.none"), NOTHING_WORD)]


def _capability_options(renderer: Renderer, form: VerbForm) -> Options:
    resource_type = form.resource_type
    type_name, names = "", list(CAPABILITIES)
    if resource_type:
        type_name = resource_type.name
        roles = resource_type.roles
        known = {name for role in roles for name in role.capabilities}
        names = [name for name in CAPABILITIES if name in known]
    return [
        (
            renderer.render(
                "modals/capability", "plain", can_do=name, kind=type_name
            ).text,
            name,
        )
        for name in names
    ]


def _resource_type_options(renderer: Renderer, form: VerbForm) -> Options:
    return [
        (capitalize_first(renderer.type_name(name)), name) for name in form.role_model
    ]


def _group_options(renderer: Renderer, _form: VerbForm) -> Options:
    return [
        (
            renderer.render_label(f"group.{name}"),
            name,
            renderer.render_label(f"group.{name}.about"),
        )
        for name in EVENT_GROUPS
    ]


def _hour_options(_renderer: Renderer, _form: VerbForm) -> Options:
    return [(f"{hour:02d}:00", str(hour)) for hour in VALID_HOURS]


def _plan_options(_renderer: Renderer, form: VerbForm) -> Options:
    return [(capitalize_first(name), name) for name in form.plans]


def _labels(
    prefix: str, names: Collection[str]
) -> Callable[[Renderer, VerbForm], Options]:
    """Return a builder of options whose labels are `prefix` and their value."""

    def build(renderer: Renderer, _form: VerbForm) -> Options:
        return [(renderer.render_label(f"{prefix}.{name}"), name) for name in names]

    return build


OPTION_BUILDERS: Mapping[Slot, Callable[[Renderer, VerbForm], Options]] = {
    Slot.RESOURCE_TYPE: _resource_type_options,
    Slot.ROLE: _role_options,
    Slot.ROLE_TO_KEEP: _role_to_keep_options,
    Slot.CAPABILITY: _capability_options,
    Slot.PLAN: _plan_options,
    Slot.PURPOSE: _labels("field.purpose", PURPOSES),
    Slot.VERB: _labels("verb", VERB_BY_NAME),
    Slot.EXPORT: _labels("field.export", EXPORT_FORMATS),
    Slot.GROUPS: _group_options,
    Slot.RHYTHM: _labels("rhythm", tuple(Frequency)),
    Slot.HOUR: _hour_options,
    Slot.EVENT_NAMES: _labels("source", EVENT_SOURCES),
}
