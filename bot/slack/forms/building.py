"""Build the form of a verb: find its resources and the roles to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import Verb
from bot.slack.forms.layout import ResourceSource
from bot.slack.requests import Services
from bot.slack.views import View
from bot.slack.views.form_options import VerbForm
from bot.slack.views.forms import verb_form_view
from collab import errors
from collab.assignable_roles import ListCommonRoles
from collab.handovers.choices import ShowUsualRoleToKeep
from collab.model import Caller, Resource, ResourceId
from collab.resource_pickers import ResolveNamedResources


def build_form_view(
    services: Services,
    caller: Caller,
    at: datetime,
    verb: Verb,
    values: Mapping[str, str],
    metadata: str = "",
) -> View:
    """Return the form of a verb with some values by field.

    `metadata` comes back when it is submitted.
    """
    form = build_form(services, caller, at, verb, values, metadata)
    return verb_form_view(services.renderer, form)


def build_form(
    services: Services,
    caller: Caller,
    at: datetime,
    verb: Verb,
    values: Mapping[str, str],
    metadata: str = "",
) -> VerbForm:
    """Return a verb with the values of its form, and all that its fields show."""
    resources: dict[ResourceId, Resource] = {}
    values = dict(values)
    for slot in verb.resource_slots:
        value = values.get(slot.value, "")
        if value in {"", NOTHING_WORD}:
            continue
        resolved = _find_resources(services, caller, at, value.split(","))
        values[slot.value] = ",".join(resource.id for resource in resolved)
        resources |= {resource.id: resource for resource in resolved}
    subject = resources.get(ResourceId(values.get(Slot.RESOURCE.value, "")))
    if verb.accepts_slot(Slot.TEXT) and subject and subject.about:
        # The present description is edited, not written anew.
        values = {Slot.TEXT.value: subject.about, **values}
    if verb.accepts_slot(Slot.NAME) and subject:
        values = {Slot.NAME.value: subject.title, **values}
    roles = None
    if verb.form.resource_source is ResourceSource.ASSIGNABLE:
        # No "Loading…" comes first: with 1,000 members and 100 apps this takes 12 ms,
        # and 95 ms with all of them filled in, against the three seconds that Slack
        # gives.
        roles = services.bus.query(ListCommonRoles(caller, tuple(resources)), at).roles
    usual_role = ""
    if verb.accepts_slot(Slot.ROLE_TO_KEEP) and resources:
        query = ShowUsualRoleToKeep(caller, tuple(resources))
        usual_role = services.bus.query(query, at)
    person = services.find_person(caller) if verb.accepts_slot(Slot.HOUR) else None
    return VerbForm(
        verb,
        services.bus.roles,
        values,
        resources,
        plans=tuple(services.bus.plans),
        roles=roles,
        usual_role=usual_role,
        tz=person.tz if person else "UTC",
        metadata=metadata,
    )


def resolve_resources(
    services: Services, caller: Caller, at: datetime, names: tuple[str, ...]
) -> Sequence[Resource]:
    """Return the resources that some names or ids mean; raise UnknownResource."""
    return services.bus.query(ResolveNamedResources(caller, names), at)


def _find_resources(
    services: Services, caller: Caller, at: datetime, names: Sequence[str]
) -> list[Resource]:
    """Return the named resources, without those that are no longer visible."""
    resources: list[Resource] = []
    for name in names:
        try:
            resources += resolve_resources(services, caller, at, (name,))
        except errors.UnknownResource:
            continue
    return resources
