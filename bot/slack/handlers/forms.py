"""Forms: any verb without a typed word; what is sent in becomes the line that would have been typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.rendering import RenderedText
from bot.slack.commands.applicability import (
    offered_verbs,
    resource_slots_of,
    resource_types_for,
)
from bot.slack.commands.catalog import VERB_BY_NAME, ParsedCommand, Slot, Verb
from bot.slack.commands.errors import MissingWord
from bot.slack.forms import values as form_values
from bot.slack.forms.values import CHANNEL_FIELD, ValueMissing, uses_channel
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    OptionsRequest,
    Services,
    ViewSubmission,
    build_field_error,
    find_linked_resource,
    list_pending_invitations,
    split_pair,
)
from bot.slack.views import Message, OptionsResponse, View
from bot.slack.views.forms import VerbForm, command_answer_view, verb_form_view
from bot.slack.views.invite_form import resource_options
from bot.slack.views.pickers import field_options, verb_menu_view
from collab import errors
from collab.access_queries import ResourceDetail, ShowResource
from collab.bus import ALLOWED_FROM_OUTSIDE, QUERY_HANDLERS
from collab.card_numbers import holds_card_number
from collab.home import OfferedActions, ShowOfferedActions
from collab.resource_pickers import (
    ListVisibleResources,
    ResolveNamedResources,
    ResourceOption,
    matches_typed_text,
)
from collab.resources import Resource

CommandHandlers = Mapping[str, Callable[[Services, CommandRequest], Message | None]]

CREATE_VERB = "create"
# Verbs about what one may not see yet: it is chosen among what waits for one's answer.
ANSWER_VERBS = frozenset({"accept", "decline"})
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
    errors.UnknownPlan: (Slot.OTHER_RESOURCE,),
    errors.PlanExceeded: (Slot.OTHER_RESOURCE,),
    errors.AlreadyShared: (Slot.TEAM,),
    errors.NotSharedWith: (Slot.TEAM,),
    errors.BadSetting: (Slot.VALUE,),
    errors.UnknownSetting: (Slot.SETTING,),
    errors.UnknownEvent: (Slot.EVENT_NAMES,),
}


def execute_line_or_open_form(
    commands: CommandHandlers, desk: Services, asked: CommandRequest
) -> Message | None:
    """A line: done; or, where it lacks something, the form with what it says."""
    lacks = asked.line.missing_word
    if not lacks or asked.line.verb.has_own_form:
        try:
            return commands[asked.line.verb.name](desk, asked)
        except MissingWord as missing:
            lacks = missing
    _open_form(desk, asked, lacks)
    return None


def open_verb_menu(desk: Services, click: ActionRequest) -> None:
    """Anything else: a window with every verb, or with those that fit a thing."""
    able: OfferedActions = desk.bus.query(ShowOfferedActions(click.caller), click.at)
    if click.value in {"", "home"}:
        click.show_view(
            verb_menu_view(
                desk.renderer,
                None,
                [name for name in VERB_BY_NAME if _may_use_verb(name, able)],
            )
        )
        return
    found: ResourceDetail = desk.bus.query(
        ShowResource(click.caller, click.value), click.at
    )
    verbs = [
        name
        for name in offered_verbs(found, desk.bus.roles)
        if _may_use_verb(name, able)
    ]
    click.show_view(verb_menu_view(desk.renderer, found.resource, verbs))


def _may_use_verb(verb: str, able: OfferedActions) -> bool:
    """Say whether a verb may be offered to somebody (PER-02, RES-01)."""
    if able.external:
        return VERB_BY_NAME[verb].request_type in ALLOWED_FROM_OUTSIDE
    return able.creates or verb != CREATE_VERB


def open_create_form(desk: Services, click: ActionRequest) -> None:
    """Create pressed."""
    click.open_view(_build_form_view(desk, click, VERB_BY_NAME[CREATE_VERB], {}))


def open_payment_method_form(desk: Services, click: ActionRequest) -> None:
    """Add payment method pressed on a company's page: the form to create one there."""
    told = {
        Slot.RESOURCE_TYPE.value: desk.bus.roles.payment_method_type.name,
        Slot.OTHER_RESOURCE.value: click.value,
    }
    click.show_view(_build_form_view(desk, click, VERB_BY_NAME[CREATE_VERB], told))


def execute_verb_or_open_form(
    commands: CommandHandlers, desk: Services, click: ActionRequest
) -> Message | None:
    """A verb was chosen: done at once when there is nothing to ask and nothing to change, else its form."""
    name, what = split_pair(click.value)
    verb = VERB_BY_NAME.get(name)
    if verb is None:
        return desk.build_reply("stale")
    line = ParsedCommand(verb, _fill_chosen_resource(desk, click, verb, what), {})
    asked = CommandRequest(click.caller, click.at, "", line, click.update_view)
    asks = [slot for slot in form_values.list_slots(verb) if slot not in line.slots]
    answer = None
    if verb.has_own_form:
        answer = commands[name](
            desk,
            replace(
                asked,
                line=replace(
                    line, missing_word=line.missing_word_error(verb.required_slots[0])
                ),
            ),
        )
    elif not asks and (verb.request_type in QUERY_HANDLERS or verb.has_preview):
        answer = commands[name](desk, asked)
    else:
        click.update_view(
            _build_form_view(desk, click, verb, form_values.to_form_values(line))
        )
    if answer:
        click.update_view(command_answer_view(desk.renderer, verb, answer))
    return None


def update_form(desk: Services, click: ActionRequest) -> None:
    """A thing was chosen: what else there is to choose follows it."""
    verb = VERB_BY_NAME.get(split_pair(click.origin)[1])
    if verb:
        # A card number that stands in a field goes nowhere from there; sending the window in refuses it.
        kept = {
            name: value
            for name, value in _get_values_by_field(click.values).items()
            if not holds_card_number(value)
        }
        click.update_view(_build_form_view(desk, click, verb, kept))


def find_field_options(desk: Services, asked: OptionsRequest) -> OptionsResponse:
    """The things that fit what was typed, of the kinds that fit the field."""
    name, slot = split_pair(asked.field_key)
    if name not in VERB_BY_NAME or slot not in resource_slots_of(name):
        return {"options": []}
    if name in ANSWER_VERBS:
        return resource_options(desk.renderer, _list_pending_resources(desk, asked))
    kinds = resource_types_for(name, Slot(slot), desk.bus.roles)
    found = desk.bus.query(
        ListVisibleResources(asked.caller, kinds, asked.typed), asked.at
    )
    return field_options(desk.renderer, VERB_BY_NAME[name], Slot(slot), found)


def submit_form(
    commands: CommandHandlers, desk: Services, sent: ViewSubmission
) -> View:
    """The window sent in: the same listener as for a typed line, whose answer takes its place."""
    verb, values = (
        VERB_BY_NAME.get(sent.private_metadata),
        _get_values_by_field(sent.values),
    )
    if verb is None:
        return command_answer_view(desk.renderer, None, desk.build_reply("stale"))
    try:
        slots = form_values.read_form_values(verb, values, sent.caller.workspace)
    except ValueMissing as unfilled:
        raise FieldError(
            _find_block_id(sent, unfilled.field),
            desk.renderer.render_label(unfilled.label),
        ) from unfilled
    opened: list[View] = []
    asked = CommandRequest(
        sent.caller,
        sent.at,
        values.get(CHANNEL_FIELD, ""),
        ParsedCommand(verb, slots, {}),
        opened.append,
    )
    try:
        answer = commands[verb.name](desk, asked)
    except MissingWord as missing:
        raise FieldError(
            _find_block_id(sent, missing.slot),
            desk.renderer.render_label("field.needed"),
        ) from missing
    except errors.ProfileUnread:
        raise  # it is done later
    except errors.Rejected as refused:
        return _build_rejection_view(desk, sent, verb, values, refused)
    return command_answer_view(desk.renderer, verb, answer) if answer else opened[-1]


def _open_form(desk: Services, asked: CommandRequest, lacks: MissingWord) -> None:
    """The form with what a line said; words that name nothing refuse the line, as they would a whole one."""
    line = asked.line
    told = form_values.to_form_values(line)
    try:
        told |= {
            slot.value: ",".join(
                r.id for r in _resolve_resources(desk, asked, line.get(slot))
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
            find_linked_resource(desk, asked)
            if slot in line.verb.required_slots and slot.value not in told
            else None
        )
        told |= {slot.value: linked} if linked else {}
    asked.open_view(_build_form_view(desk, asked, line.verb, told))


def _build_form_view(
    desk: Services,
    asked: CommandRequest | ActionRequest | ViewSubmission,
    verb: Verb,
    told: Mapping[str, str],
) -> View:
    return verb_form_view(desk.renderer, _build_form(desk, asked, verb, told))


def _build_form(
    desk: Services,
    asked: CommandRequest | ActionRequest | ViewSubmission,
    verb: Verb,
    told: Mapping[str, str],
) -> VerbForm:
    things: dict[str, Resource] = {}
    for slot in resource_slots_of(verb.name):
        for key in filter(None, told.get(slot.value, "").split(",")):
            try:
                things |= {
                    found.id: found for found in _resolve_resources(desk, asked, key)
                }
            except errors.UnknownResource:
                continue  # it went meanwhile, or may no longer be seen: it is chosen again
    about = things.get(told.get(Slot.RESOURCE.value, ""))
    if verb.accepts_slot(Slot.TEXT) and about and about.about:
        told = {
            Slot.TEXT.value: about.about,
            **told,
        }  # what it says now is changed, not written anew
    return VerbForm(verb, desk.bus.roles, told, things, tuple(desk.bus.plans))


def _resolve_resources(
    desk: Services,
    asked: CommandRequest | ActionRequest | ViewSubmission,
    said: str | tuple[str, ...],
) -> list[Resource]:
    words = (said,) if isinstance(said, str) else said
    found: list[Resource] = desk.bus.query(
        ResolveNamedResources(asked.caller, words), asked.at
    )
    return found


def _list_named_resource_slots(line: ParsedCommand) -> list[Slot]:
    """The slots in which a line named things."""
    return [slot for slot in resource_slots_of(line.verb.name) if line.get(slot)]


def _fill_chosen_resource(
    desk: Services, click: ActionRequest, verb: Verb, what: str
) -> dict[Slot, str | tuple[str, ...]]:
    """The thing that a verb was chosen for, in its slot."""
    if not what:
        return {}
    found: ResourceDetail = desk.bus.query(ShowResource(click.caller, what), click.at)
    slot = offered_verbs(found, desk.bus.roles).get(verb.name)
    if slot is None:
        return {}
    return {slot: (found.resource.id,) if slot is Slot.RESOURCES else found.resource.id}


def _list_pending_resources(
    desk: Services, asked: OptionsRequest
) -> list[ResourceOption]:
    things = {
        r.id: r
        for card in list_pending_invitations(desk, asked.caller, asked.at)
        for r in card.resources
        if matches_typed_text(r, asked.typed)
    }
    return [ResourceOption(resource, None) for resource in things.values()]


def _get_values_by_field(values: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, by field, without the verb that stands in the ids of blocks."""
    return {split_pair(block)[0]: value for block, value in values.items() if value}


def _find_block_id(sent: ViewSubmission, field: str) -> str:
    """The block of a field, or the first where it stands in none."""
    return next(
        (block for block in sent.values if split_pair(block)[0] == field),
        next(iter(sent.values), field),
    )


def _build_rejection_view(
    desk: Services,
    sent: ViewSubmission,
    verb: Verb,
    values: Mapping[str, str],
    refused: errors.Rejected,
) -> View:
    """What is refused is said at its field; what is about none of them above all, with everything filled in still."""
    slot = next(
        (
            slot
            for slot in _find_slots_of_rejection(refused, values)
            if slot.value in values and verb.accepts_slot(slot)
        ),
        None,
    )
    if slot:
        raise build_field_error(
            desk, _find_block_id(sent, slot.value), refused, sent.caller
        )
    said: RenderedText = desk.render_rejection(refused, sent.caller)
    return verb_form_view(desk.renderer, _build_form(desk, sent, verb, values), said)


def _find_slots_of_rejection(
    refused: errors.Rejected, values: Mapping[str, str]
) -> tuple[Slot, ...]:
    if isinstance(refused, errors.UnknownResource):
        return tuple(
            Slot(name)
            for name, value in values.items()
            if refused.typed in value.split(",") and name in set(Slot)
        )
    return SLOTS_BY_REJECTION.get(type(refused), ())
