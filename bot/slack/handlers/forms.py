"""Handlers of forms: any verb without a typed line.

A submitted form becomes the line with the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.slack.button_values import BlockId, VerbChoice
from bot.slack.commands.catalog import (
    VERB_BY_NAME,
    list_usable_verbs,
    offered_verbs,
)
from bot.slack.commands.errors import MissingWord
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import ParsedCommand, Verb
from bot.slack.commands.verbs.resources import CREATE
from bot.slack.forms.building import build_form, build_form_view, resolve_resources
from bot.slack.forms.fields import FieldInvalid
from bot.slack.forms.layout import CHANNEL_FIELD, ResourceSource
from bot.slack.forms.rejections import find_field_error, find_own_block_id
from bot.slack.forms.values import (
    read_form_values,
    to_form_values,
    uses_channel,
)
from bot.slack.lookups import find_linked_resource, list_pending_invitations
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    OptionsRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, OptionsRoute, SubmissionRoute
from bot.slack.views import Message, OptionsResponse, View
from bot.slack.views.forms import command_answer_view, verb_form_view
from bot.slack.views.pickers import field_options, verb_menu_view
from collab import errors
from collab.access_queries import ShowResource
from collab.assignable_roles import ListAssignableResources
from collab.card_numbers import holds_card_number
from collab.channels import ListLinkableResources
from collab.command import Query
from collab.handovers.choices import ListTransferableResources
from collab.home import ShowOfferedActions
from collab.model import ChannelId
from collab.resource_pickers import (
    ListVisibleResources,
    ResourceOption,
    matches_typed_text,
)

DIRECT_MESSAGE_PREFIX = "D"


def execute_line_or_open_form(
    services: Services, request: CommandRequest
) -> Message | None:
    """Execute a line, or open the form with its values if it lacks something."""
    missing_word = request.line.missing_word
    if not missing_word or request.line.verb.opens_form:
        try:
            return _execute(services, request)
        except MissingWord as error:
            missing_word = error
    _open_form(services, request, missing_word)
    return None


def open_verb_menu(services: Services, request: ActionRequest) -> None:
    """Open the menu of all verbs; those for one resource are on its page."""
    actions = services.bus.query(ShowOfferedActions(request.caller), request.at)
    names = [verb.name for verb in list_usable_verbs(actions)]
    request.show_view(verb_menu_view(services.renderer, names))


def open_create_form(services: Services, request: ActionRequest) -> None:
    """Open the form that creates a resource."""
    view = build_form_view(services, request.caller, request.at, CREATE, {})
    request.open_view(view)


def open_payment_method_form(services: Services, request: ActionRequest) -> None:
    """Open the form that creates a payment method, from a company's page."""
    values = {
        Slot.RESOURCE_TYPE.value: services.bus.roles.payment_method_type.name,
        Slot.OTHER_RESOURCE.value: request.value,
    }
    view = build_form_view(services, request.caller, request.at, CREATE, values)
    request.open_view(view)


def execute_chosen_verb(services: Services, request: ActionRequest) -> Message | None:
    """Execute a verb that was chosen in a menu, in place of the menu."""
    choice = VerbChoice.decode(request.value)
    slots = fill_chosen_resource(services, request, choice)
    return show_verb(services, request, choice.verb, slots, request.update_view)


def show_verb(
    services: Services,
    request: ActionRequest,
    verb_name: str,
    slots: Mapping[Slot, object],
    show: Callable[[View], None],
) -> Message | None:
    """Execute a verb if it needs no values and changes nothing yet, and show its answer.

    Else show its form.
    """
    verb = VERB_BY_NAME.get(verb_name)
    if verb is None:
        return services.build_reply("outdated_control")
    line = ParsedCommand(verb, slots, {})
    command = CommandRequest(request.caller, request.at, ChannelId(""), line, show)
    is_query = issubclass(verb.request_type, Query)
    # What narrows a question down is not asked about one resource.
    needed = verb.required_slots if is_query and slots else verb.slots
    is_complete = verb.has_own_forms or (
        all(slot in slots for slot in needed) and not uses_channel(verb)
    )
    changes_nothing = verb.has_own_forms or is_query or verb.has_preview
    answer = None
    if verb.opens_form:
        missing_word = line.missing_word_error(verb.required_slots[0])
        line = replace(line, missing_word=missing_word)
        answer = _execute(services, replace(command, line=line))
    elif is_complete and changes_nothing:
        answer = _execute(services, command)
    else:
        values = to_form_values(line)
        show(build_form_view(services, request.caller, request.at, verb, values))
    if answer:
        show(_build_answer_view(services, verb, answer))
    return None


def fill_chosen_resource(
    services: Services, request: ActionRequest, choice: VerbChoice
) -> dict[Slot, object]:
    """Return the resource that a verb was chosen for, in its slot."""
    if not choice.resource_id:
        return {}
    query = ShowResource(request.caller, choice.resource_id)
    detail = services.bus.query(query, request.at)
    slot = offered_verbs(detail, services.bus.roles).get(choice.verb)
    if slot is None:
        return {}
    resource_id = detail.resource.id
    return {slot: (resource_id,) if slot is Slot.RESOURCES else resource_id}


def update_form(services: Services, request: ActionRequest) -> None:
    """Update a form after something was chosen on which other fields depend."""
    verb = _find_verb_with_form(BlockId.decode(request.origin).key)
    if verb is None:
        return
    # A card number in a field is not sent back; it is rejected when the form is
    # submitted.
    values = {
        field: value
        for field, value in request.fields.items()
        if not holds_card_number(value)
    }
    request.update_view(
        build_form_view(services, request.caller, request.at, verb, values)
    )


def find_field_options(services: Services, request: OptionsRequest) -> OptionsResponse:
    """Return the resources that a field offers for what was typed."""
    field_key = BlockId.decode(request.field_key)
    verb = VERB_BY_NAME.get(field_key.name)
    if verb is None or field_key.key not in verb.resource_slots:
        return {"options": []}
    slot = Slot(field_key.key)
    options = _find_resource_options(services, request, verb, slot)
    return field_options(services.renderer, verb, slot, options)


def submit_form(services: Services, submission: ViewSubmission) -> View:
    """Execute the line with the values of a form; return its answer as a view."""
    metadata = BlockId.decode(submission.private_metadata)
    verb = _find_verb_with_form(metadata.name)
    if verb is None:
        return _build_answer_view(
            services, None, services.build_reply("outdated_control")
        )
    values = submission.fields
    opened: list[View] = []
    request = CommandRequest(
        submission.caller,
        submission.at,
        ChannelId(values.get(CHANNEL_FIELD, "")),
        ParsedCommand(verb, _read_slots(submission, verb), {}),
        opened.append,
        form_metadata=metadata.key,
    )
    try:
        answer = _execute(services, request)
    except errors.ProfileUnread:
        raise  # the request is deferred until the profile is read
    except errors.Rejected as rejected:
        error = find_field_error(services, submission, rejected, verb.form)
        if error:
            raise error from rejected
        form = build_form(
            services, submission.caller, submission.at, verb, values, metadata.key
        )
        shown = services.render_rejection(rejected, submission.caller)
        return verb_form_view(services.renderer, form, shown)
    return _build_answer_view(services, verb, answer) if answer else opened[-1]


def _find_verb_with_form(name: str) -> Verb | None:
    """Return the verb of a form that is made from its slots."""
    verb = VERB_BY_NAME.get(name)
    return None if verb is None or verb.has_own_forms else verb


def _execute(services: Services, request: CommandRequest) -> Message | None:
    return services.command_handlers[request.line.verb.name](services, request)


def _build_answer_view(services: Services, verb: Verb | None, answer: Message) -> View:
    return command_answer_view(
        services.renderer, verb, answer, has_changes=services.progress.has_changed
    )


def _find_resource_options(
    services: Services, request: OptionsRequest, verb: Verb, slot: Slot
) -> list[ResourceOption]:
    caller, typed, at = request.caller, request.typed, request.at
    match verb.form.resource_source:
        case ResourceSource.PENDING:
            return _list_pending_resources(services, request)
        case ResourceSource.ASSIGNABLE:
            options = services.bus.query(ListAssignableResources(caller, typed), at)
        case ResourceSource.LINKABLE:
            options = services.bus.query(ListLinkableResources(caller, typed), at)
        case ResourceSource.TRANSFERABLE:
            options = services.bus.query(ListTransferableResources(caller, typed), at)
        case ResourceSource.VISIBLE:
            types = verb.list_resource_types(slot, services.bus.roles)
            options = services.bus.query(ListVisibleResources(caller, types, typed), at)
    return list(options)


def _list_pending_resources(
    services: Services, request: OptionsRequest
) -> list[ResourceOption]:
    """Return the resources of the caller's pending invitations, each once."""
    resources = {
        resource.id: resource
        for card in list_pending_invitations(services, request.caller, request.at)
        for resource in card.resources
        if matches_typed_text(resource, request.typed)
    }
    return [ResourceOption(resource, None) for resource in resources.values()]


def _read_slots(submission: ViewSubmission, verb: Verb) -> dict[Slot, object]:
    try:
        return read_form_values(verb, submission.fields, submission.caller.workspace)
    except FieldInvalid as invalid:
        if invalid.field != Slot.ROLE or find_own_block_id(submission, Slot.ROLE):
            raise
        slot = Slot.RESOURCES if verb.accepts_slot(Slot.RESOURCES) else Slot.RESOURCE
        # There is no role to choose for these resources, or no resource yet.
        is_chosen = slot in submission.fields
        key = "field.no_common_role" if is_chosen else "field.needed"
        raise FieldInvalid(slot, key) from invalid


def _open_form(
    services: Services, request: CommandRequest, missing_word: MissingWord
) -> None:
    """Open the form with the values of a line.

    A name that means no resource rejects the line, as it would a complete one.
    """
    line = request.line
    values = to_form_values(line)
    for slot in line.verb.resource_slots:
        names = line.get(slot)
        if not names:
            continue
        names = (names,) if isinstance(names, str) else names
        try:
            resources = resolve_resources(services, request.caller, request.at, names)
        except errors.UnknownResource as unknown:
            lacks_person = missing_word.slot in {Slot.PERSON, Slot.PEOPLE}
            raise (missing_word if lacks_person else unknown) from unknown
        values[slot.value] = ",".join(resource.id for resource in resources)
    if uses_channel(line.verb) and not request.channel.startswith(
        DIRECT_MESSAGE_PREFIX
    ):
        values[CHANNEL_FIELD] = request.channel
    for slot in (Slot.RESOURCE, Slot.RESOURCES):
        if slot in line.verb.required_slots and slot.value not in values:
            linked_id = find_linked_resource(services, request)
            if linked_id:
                values[slot.value] = linked_id
    request.open_view(
        build_form_view(services, request.caller, request.at, line.verb, values)
    )


ROUTES = (
    ActionRoute("create_open", open_create_form),
    ActionRoute("payment_open", open_payment_method_form),
    ActionRoute("more_open", open_verb_menu),
    ActionRoute("form", execute_chosen_verb, "wrong.title"),
    ActionRoute("find", update_form),
    SubmissionRoute("form", submit_form),
    OptionsRoute("find", find_field_options),
)
