"""Where a form shows a rejection: under the field that it is about, or on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.slack.button_values import BlockId
from bot.slack.commands.errors import ParseError
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import Verb
from bot.slack.forms.layout import email_field
from bot.slack.forms.values import PERSON_SLOTS
from bot.slack.requests import (
    FieldError,
    Services,
    ViewSubmission,
    build_field_error,
)
from collab import errors

PERSON_FIELDS = (Slot.PERSON, Slot.PEOPLE)
FIELDS_BY_REJECTION: Mapping[type[errors.Rejected], Sequence[str]] = {
    errors.BadName: (Slot.NAME,),
    errors.TooLong: (Slot.NOTE, Slot.TEXT),
    errors.BadDuration: (Slot.DURATION,),
    errors.EndsLater: (Slot.DURATION,),
    errors.BadAddress: PERSON_FIELDS,
    errors.NotAPerson: PERSON_FIELDS,
    errors.ToYourself: PERSON_FIELDS,
    errors.NotAMember: PERSON_FIELDS,
    errors.AlreadyAssigned: PERSON_FIELDS,
    errors.NotAssigned: PERSON_FIELDS,
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


def find_field_error(
    services: Services,
    submission: ViewSubmission,
    verb: Verb,
    values: Mapping[str, str],
    rejected: errors.Rejected,
) -> FieldError | None:
    """Return the error under the field that a rejection is about.

    None if it is about no field.
    """
    for field in _list_fields(verb, values, rejected):
        if field not in values:
            continue
        if isinstance(rejected, errors.UnknownResource) and verb.form.gone_key:
            text = services.renderer.render_label(verb.form.gone_key)
            return FieldError(find_block_id(submission, field), text)
        return build_error_at(services, submission, field, rejected)
    return None


def build_error_at(
    services: Services,
    submission: ViewSubmission,
    field: str,
    rejected: errors.Rejected | ParseError,
) -> FieldError:
    """Return the error that shows a rejection under a field."""
    block_id = find_block_id(submission, field)
    return build_field_error(services, block_id, rejected, submission.caller)


def find_block_id(submission: ViewSubmission, field: str) -> str:
    """Return the id of a field's block.

    Of the first block if the form has no such field.
    """
    return find_own_block_id(submission, field) or next(iter(submission.values), field)


def find_own_block_id(submission: ViewSubmission, field: str) -> str | None:
    """Return the id of a field's block, or None."""
    for block_id in submission.values:
        if BlockId.decode(block_id).name == field:
            return block_id
    return None


def _list_fields(
    verb: Verb, values: Mapping[str, str], rejected: errors.Rejected
) -> list[str]:
    """Return the fields that a rejection may be about, the best first."""
    if isinstance(rejected, errors.UnknownResource):
        slots = verb.resource_slots
        fields: list[str] = [
            slot.value
            for slot in slots
            if rejected.typed in values.get(slot.value, "").split(",")
        ]
    elif type(rejected) in verb.form.field_by_rejection:
        fields = [verb.form.field_by_rejection[type(rejected)]]
    else:
        fields = [
            field
            for field in FIELDS_BY_REJECTION.get(type(rejected), ())
            if field in verb.slots
        ]
    default_slot = verb.form.default_error_slot
    if default_slot:
        fields.append(default_slot.value)
        if default_slot in PERSON_SLOTS:
            fields.append(email_field(default_slot))
    return fields
