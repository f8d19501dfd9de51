"""Forms: any verb without a typed word; what is sent in becomes the line that would have been typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.rendering import RenderedText
from bot.slack.button_values import BlockId, ResourceScope, VerbChoice
from bot.slack.commands.catalog import VERB_BY_NAME, offered_verbs
from bot.slack.commands.errors import MissingWord
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import ParsedCommand, Verb
from bot.slack.commands.verbs.resources import CREATE
from bot.slack.forms import values as form_values
from bot.slack.forms.values import CHANNEL_FIELD, ValueMissing, uses_channel
from bot.slack.lookups import find_linked_resource, list_pending_invitations
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    OptionsRequest,
    Services,
    ViewSubmission,
    build_field_error,
)
from bot.slack.routing import ActionRoute, OptionsRoute, SubmissionRoute
from bot.slack.views import Message, OptionsResponse, View
from bot.slack.views.forms import VerbForm, command_answer_view, verb_form_view
from bot.slack.views.invite_form import resource_options
from bot.slack.views.pickers import field_options, verb_menu_view
from collab import errors
from collab.access_queries import ResourceDetail, ShowResource
from collab.card_numbers import holds_card_number
from collab.command import Query
from collab.home import OfferedActions, ShowOfferedActions
from collab.model import Resource
from collab.resource_pickers import (
    ListVisibleResources,
    ResolveNamedResources,
    ResourceOption,
    matches_typed_text,
)

PERSON_SLOTS = (Slot.PERSON, Slot.PEOPLE)
SLOTS_BY_REJECTION: Mapping[type[errors.Rejected], tuple[Slot, ...]] = {
    errors.BadName: (Slot.NAME,),
    errors.TooLong: (Slot.NOTE, Slot.TEXT),
    errors.BadDuration: (Slot.DURATION,),
    errors.EndsLater: (Slot.DURATION,),
    errors.BadAddress: PERSON_SLOTS,
    errors.NotAPerson: PERSON_SLOTS,
    errors.ToYourself: PERSON_SLOTS,
    errors.NotAMember: PERSON_SLOTS,
    errors.AlreadyAssigned: PERSON_SLOTS,
    errors.NotAssigned: PERSON_SLOTS,
    errors.UnknownRole: (Slot.ROLE,),
    errors.MayNotGrant: (Slot.ROLE,),
    errors.AlreadyHolds: (Slot.ROLE,),
    errors.UnknownKind: (Slot.RESOURCE_TYPE,),
    errors.UnknownCapability: (Slot.CAPABILITY,),
    errors.DoesNotStandIn: (Slot.OTHER_RESOURCE,),
    errors.DoesNotPay: (Slot.OTHER_RESOURCE,),
    errors.UnknownPlan: (Slot.PLAN,),
    errors.PlanExceeded: (Slot.PLAN,),
    errors.AlreadyShared: (Slot.TEAM,),
    errors.NotSharedWith: (Slot.TEAM,),
    errors.BadSetting: (Slot.VALUE,),
    errors.UnknownSetting: (Slot.SETTING,),
    errors.UnknownEvent: (Slot.EVENT_NAMES,),
}


def execute_line_or_open_form(
    services: Services, asked: CommandRequest
) -> Message | None:
    """A line: done; or, where it lacks something, the form with what it says."""
    lacks = asked.line.missing_word
    if not lacks or asked.line.verb.has_own_form:
        try:
            return services.command_handlers[asked.line.verb.name](services, asked)
        except MissingWord as missing:
            lacks = missing
    _open_form(services, asked, lacks)
    return None


def open_verb_menu(services: Services, request: ActionRequest) -> None:
    """Anything else: a window with every verb, or with those that fit a thing."""
    able: OfferedActions = services.bus.query(
        ShowOfferedActions(request.caller), request.at
    )
    resource_id = ResourceScope.decode(request.value).resource_id
    if resource_id is None:
        request.show_view(
            verb_menu_view(
                services.renderer,
                None,
                [name for name in VERB_BY_NAME if _may_use_verb(name, able)],
            )
        )
        return
    found: ResourceDetail = services.bus.query(
        ShowResource(request.caller, resource_id), request.at
    )
    verbs = [
        name
        for name in offered_verbs(found, services.bus.roles)
        if _may_use_verb(name, able)
    ]
    request.show_view(verb_menu_view(services.renderer, found.resource, verbs))


def _may_use_verb(verb: str, able: OfferedActions) -> bool:
    """Say whether a verb may be offered to somebody (PER-02, RES-01)."""
    if able.external:
        return VERB_BY_NAME[verb].request_type.is_allowed_from_outside
    return able.creates or verb != CREATE.name


def open_create_form(services: Services, request: ActionRequest) -> None:
    """Create pressed."""
    request.open_view(_build_form_view(services, request, CREATE, {}))


def open_payment_method_form(services: Services, request: ActionRequest) -> None:
    """Add payment method pressed on a company's page: the form to create one there."""
    told = {
        Slot.RESOURCE_TYPE.value: services.bus.roles.payment_method_type.name,
        Slot.OTHER_RESOURCE.value: request.value,
    }
    request.show_view(_build_form_view(services, request, CREATE, told))


def execute_verb_or_open_form(
    services: Services, request: ActionRequest
) -> Message | None:
    """A verb was chosen: done at once when there is nothing to ask and nothing to change, else its form."""
    choice = VerbChoice.decode(request.value)
    verb = VERB_BY_NAME.get(choice.verb)
    if verb is None:
        return services.build_reply("stale")
    line = ParsedCommand(
        verb, _fill_chosen_resource(services, request, verb, choice.resource_id), {}
    )
    asked = CommandRequest(request.caller, request.at, "", line, request.update_view)
    asks = [slot for slot in verb.slots if slot not in line.slots]
    answer = None
    if verb.has_own_form:
        answer = services.command_handlers[verb.name](
            services,
            replace(
                asked,
                line=replace(
                    line, missing_word=line.missing_word_error(verb.required_slots[0])
                ),
            ),
        )
    elif not asks and (issubclass(verb.request_type, Query) or verb.has_preview):
        answer = services.command_handlers[verb.name](services, asked)
    else:
        request.update_view(
            _build_form_view(services, request, verb, form_values.to_form_values(line))
        )
    if answer:
        request.update_view(command_answer_view(services.renderer, verb, answer))
    return None


def update_form(services: Services, request: ActionRequest) -> None:
    """A thing was chosen: what else there is to choose follows it."""
    verb = VERB_BY_NAME.get(BlockId.decode(request.origin).key)
    if verb:
        # A card number that stands in a field goes nowhere from there; sending the window in refuses it.
        kept = {
            name: value
            for name, value in _get_values_by_field(request.values).items()
            if not holds_card_number(value)
        }
        request.update_view(_build_form_view(services, request, verb, kept))


def find_field_options(services: Services, asked: OptionsRequest) -> OptionsResponse:
    """The things that fit what was typed, of the kinds that fit the field."""
    field_key = BlockId.decode(asked.field_key)
    name, slot = field_key.name, field_key.key
    verb = VERB_BY_NAME.get(name)
    if verb is None or slot not in verb.resource_slots:
        return {"options": []}
    if verb.is_answer:
        return resource_options(
            services.renderer, _list_pending_resources(services, asked)
        )
    roles = verb.list_resource_types(Slot(slot), services.bus.roles)
    found = services.bus.query(
        ListVisibleResources(asked.caller, roles, asked.typed), asked.at
    )
    return field_options(services.renderer, verb, Slot(slot), found)


def submit_form(services: Services, submission: ViewSubmission) -> View:
    """The window sent in: the same listener as for a typed line, whose answer takes its place."""
    verb, values = (
        VERB_BY_NAME.get(submission.private_metadata),
        _get_values_by_field(submission.values),
    )
    if verb is None:
        return command_answer_view(
            services.renderer, None, services.build_reply("stale")
        )
    try:
        slots = form_values.read_form_values(verb, values, submission.caller.workspace)
    except ValueMissing as unfilled:
        raise FieldError(
            _find_block_id(submission, unfilled.field),
            services.renderer.render_label(unfilled.label),
        ) from unfilled
    opened: list[View] = []
    asked = CommandRequest(
        submission.caller,
        submission.at,
        values.get(CHANNEL_FIELD, ""),
        ParsedCommand(verb, slots, {}),
        opened.append,
    )
    try:
        answer = services.command_handlers[verb.name](services, asked)
    except MissingWord as missing:
        raise FieldError(
            _find_block_id(submission, missing.slot),
            services.renderer.render_label("field.needed"),
        ) from missing
    except errors.ProfileUnread:
        raise  # it is done later
    except errors.Rejected as rejected:
        return _build_rejection_view(services, submission, verb, values, rejected)
    return (
        command_answer_view(services.renderer, verb, answer) if answer else opened[-1]
    )


def _open_form(services: Services, asked: CommandRequest, lacks: MissingWord) -> None:
    """The form with what a line said; words that name nothing refuse the line, as they would a whole one."""
    line = asked.line
    told = form_values.to_form_values(line)
    try:
        told |= {
            slot.value: ",".join(
                r.id for r in _resolve_resources(services, asked, line.get(slot))
            )
            for slot in _list_named_resource_slots(line)
        }
    except errors.UnknownResource as unknown:
        raise (
            lacks if lacks.slot in {Slot.PERSON, Slot.PEOPLE} else unknown
        ) from unknown
    if uses_channel(line.verb) and not asked.channel.startswith("D"):
        told[CHANNEL_FIELD] = asked.channel
    for slot in (Slot.RESOURCE, Slot.RESOURCES):
        linked = (
            find_linked_resource(services, asked)
            if slot in line.verb.required_slots and slot.value not in told
            else None
        )
        told |= {slot.value: linked} if linked else {}
    asked.open_view(_build_form_view(services, asked, line.verb, told))


def _build_form_view(
    services: Services,
    asked: CommandRequest | ActionRequest | ViewSubmission,
    verb: Verb,
    told: Mapping[str, str],
) -> View:
    return verb_form_view(services.renderer, _build_form(services, asked, verb, told))


def _build_form(
    services: Services,
    asked: CommandRequest | ActionRequest | ViewSubmission,
    verb: Verb,
    told: Mapping[str, str],
) -> VerbForm:
    things: dict[str, Resource] = {}
    for slot in verb.resource_slots:
        for key in filter(None, told.get(slot.value, "").split(",")):
            try:
                things |= {
                    found.id: found
                    for found in _resolve_resources(services, asked, key)
                }
            except errors.UnknownResource:
                continue  # it went meanwhile, or may no longer be seen: it is chosen again
    about = things.get(told.get(Slot.RESOURCE.value, ""))
    if verb.accepts_slot(Slot.TEXT) and about and about.about:
        told = {
            Slot.TEXT.value: about.about,
            **told,
        }  # what it says now is changed, not written anew
    return VerbForm(verb, services.bus.roles, told, things, tuple(services.bus.plans))


def _resolve_resources(
    services: Services,
    asked: CommandRequest | ActionRequest | ViewSubmission,
    said: str | tuple[str, ...],
) -> Sequence[Resource]:
    renderer = (said,) if isinstance(said, str) else said
    return services.bus.query(ResolveNamedResources(asked.caller, renderer), asked.at)


def _list_named_resource_slots(line: ParsedCommand) -> list[Slot]:
    """The slots in which a line named things."""
    return [slot for slot in line.verb.resource_slots if line.get(slot)]


def _fill_chosen_resource(
    services: Services, request: ActionRequest, verb: Verb, what: str | None
) -> dict[Slot, str | tuple[str, ...]]:
    """The thing that a verb was chosen for, in its slot."""
    if not what:
        return {}
    found: ResourceDetail = services.bus.query(
        ShowResource(request.caller, what), request.at
    )
    slot = offered_verbs(found, services.bus.roles).get(verb.name)
    if slot is None:
        return {}
    return {slot: (found.resource.id,) if slot is Slot.RESOURCES else found.resource.id}


def _list_pending_resources(
    services: Services, asked: OptionsRequest
) -> list[ResourceOption]:
    things = {
        r.id: r
        for card in list_pending_invitations(services, asked.caller, asked.at)
        for r in card.resources
        if matches_typed_text(r, asked.typed)
    }
    return [ResourceOption(resource, None) for resource in things.values()]


def _get_values_by_field(values: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, by field, without the verb that stands in the ids of blocks."""
    return {
        BlockId.decode(block).name: value for block, value in values.items() if value
    }


def _find_block_id(submission: ViewSubmission, field: str) -> str:
    """The block of a field, or the first where it stands in none."""
    return next(
        (block for block in submission.values if BlockId.decode(block).name == field),
        next(iter(submission.values), field),
    )


def _build_rejection_view(
    services: Services,
    submission: ViewSubmission,
    verb: Verb,
    values: Mapping[str, str],
    rejected: errors.Rejected,
) -> View:
    """What is refused is said at its field; what is about none of them above all, with everything filled in still."""
    slot = next(
        (
            slot
            for slot in _find_slots_of_rejection(rejected, values)
            if slot.value in values and verb.accepts_slot(slot)
        ),
        None,
    )
    if slot:
        raise build_field_error(
            services,
            _find_block_id(submission, slot.value),
            rejected,
            submission.caller,
        )
    said: RenderedText = services.render_rejection(rejected, submission.caller)
    return verb_form_view(
        services.renderer, _build_form(services, submission, verb, values), said
    )


def _find_slots_of_rejection(
    rejected: errors.Rejected, values: Mapping[str, str]
) -> tuple[Slot, ...]:
    if isinstance(rejected, errors.UnknownResource):
        return tuple(
            Slot(name)
            for name, value in values.items()
            if rejected.typed in value.split(",") and name in set(Slot)
        )
    return SLOTS_BY_REJECTION.get(type(rejected), ())


ROUTES = (
    ActionRoute("create_open", open_create_form),
    ActionRoute("payment_open", open_payment_method_form),
    ActionRoute("more_open", open_verb_menu),
    ActionRoute("form", execute_verb_or_open_form),
    ActionRoute("find", update_form),
    SubmissionRoute("form", submit_form),
    OptionsRoute("find", find_field_options),
)
