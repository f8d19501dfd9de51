"""Where a form shows what is wrong: under the field that it is about.

A rejection names the input that it is about; here are the fields of that input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.slack.button_values import BlockId
from bot.slack.commands.errors import MissingWord, ParseError
from bot.slack.commands.slots import Slot
from bot.slack.forms.fields import FieldInvalid
from bot.slack.forms.layout import CHANNEL_FIELD, FormLayout, email_field
from bot.slack.forms.values import FieldRejected
from bot.slack.requests import (
    FieldError,
    Services,
    ViewSubmission,
)
from bot.slack.views import View
from collab import errors

MARKUP_CHARACTERS = str.maketrans("", "", "*`")
USUAL_LAYOUT = FormLayout()
EMAIL = "email"
PERSON_FIELDS = (
    Slot.PERSON,
    email_field(Slot.PERSON),
    Slot.PEOPLE,
    email_field(Slot.PEOPLE),
)
FIELDS_BY_INPUT: Mapping[str, Sequence[str]] = {
    "name": (Slot.NAME,),
    "confirmation": (Slot.NAME,),
    "text": (Slot.NOTE, Slot.TEXT),
    "duration": (Slot.DURATION,),
    "person": PERSON_FIELDS,
    "address": (*PERSON_FIELDS, EMAIL),
    "role": (Slot.ROLE, Slot.ROLE_TO_KEEP),
    "kept_resources": (Slot.RESOURCES_TO_KEEP,),
    "resource": (Slot.RESOURCE, Slot.RESOURCES),
    "resource_type": (Slot.RESOURCE_TYPE,),
    "other_resource": (Slot.OTHER_RESOURCE,),
    "capability": (Slot.CAPABILITY,),
    "day": (Slot.DAY,),
    "plan": (Slot.PLAN,),
    "team": (Slot.TEAM,),
    "event_names": (Slot.EVENT_NAMES,),
    "groups": (Slot.GROUPS,),
    "frequency": (Slot.RHYTHM,),
    "hour": (Slot.HOUR,),
    "channel": (CHANNEL_FIELD,),
}


def show_errors_at_fields(
    handler: Callable[[Services, ViewSubmission], View | None],
) -> Callable[[Services, ViewSubmission], View | None]:
    """Return a handler that raises FieldError for what is wrong with one field."""

    def handle(services: Services, submission: ViewSubmission) -> View | None:
        try:
            return handler(services, submission)
        except FieldInvalid as invalid:
            block_id = find_block_id(submission, invalid.field)
            text = services.renderer.render_label(invalid.label_key)
            raise FieldError(block_id, text) from invalid
        except FieldRejected as error:
            raise _build_error_at(
                services, submission, error.field, error.rejected
            ) from error
        except MissingWord as missing:
            block_id = find_block_id(submission, missing.slot)
            text = services.renderer.render_label("field.needed")
            raise FieldError(block_id, text) from missing
        except errors.Rejected as rejected:
            field_error = find_field_error(services, submission, rejected)
            raise (field_error or rejected) from rejected

    return handle


def find_field_error(
    services: Services,
    submission: ViewSubmission,
    rejected: errors.Rejected,
    layout: FormLayout = USUAL_LAYOUT,
) -> FieldError | None:
    """Return the error under the field that a rejection is about.

    None if it is about no field, or comes after something was changed. A field with a
    value is preferred.
    """
    if services.progress.has_changed or isinstance(rejected, errors.ProfileUnread):
        return None
    names = [BlockId.decode(block_id).name for block_id in submission.values]
    fields = [
        field
        for field in _list_fields(submission.fields, rejected, layout)
        if field in names
    ]
    if not fields:
        return None
    field = next((each for each in fields if each in submission.fields), fields[0])
    if isinstance(rejected, errors.UnknownResource) and layout.gone_key:
        text = services.renderer.render_label(layout.gone_key)
        return FieldError(find_block_id(submission, field), text)
    return _build_error_at(services, submission, field, rejected)


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


def _build_error_at(
    services: Services,
    submission: ViewSubmission,
    field: str,
    rejected: errors.Rejected | ParseError,
) -> FieldError:
    """Return a rejection as the error of a field, where Slack reads no markup."""
    block_id = find_block_id(submission, field)
    if isinstance(rejected, errors.BadSetting):
        rejected = replace(rejected, example="")  # it is of a typed line
    text = services.render_rejection(rejected, submission.caller, "plain").text
    return FieldError(block_id, text.translate(MARKUP_CHARACTERS))


def _list_fields(
    values: Mapping[str, str], rejected: errors.Rejected, layout: FormLayout
) -> list[str]:
    """Return the fields that a rejection may be about, the best first."""
    fields: list[str] = list(FIELDS_BY_INPUT.get(rejected.field, ()))
    if isinstance(rejected, errors.UnknownResource):
        fields = [
            field
            for field, value in values.items()
            if rejected.typed in value.split(",")
        ]
    if isinstance(rejected, errors.BadSetting):
        fields = [rejected.setting]
    if layout.default_error_slot:
        slot = layout.default_error_slot
        fields += [slot, email_field(slot)]
    return fields
