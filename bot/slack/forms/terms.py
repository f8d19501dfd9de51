"""The length of a membership in a form: some lengths to choose from, or a day."""

from __future__ import annotations

from collections.abc import Mapping

from bot.rendering import Renderer
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.forms.fields import Control, Field, FieldInvalid
from collab.durations import parse_date, parse_duration
from collab.limits import format_duration

DAY_CHOICE = "date"  # the option that asks for a day
USUAL_LENGTHS = ("30d", "90d")
UNIT_LABELS = {"d": "term.days", "h": "term.hours"}


def day_field_name(field: str) -> str:
    """Return the field for a day beside the one for a length."""
    return f"{field}_day"


def build_term_fields(
    renderer: Renderer,
    field: Field,
    values: Mapping[str, str],
    *,
    may_be_endless: bool,
) -> list[Field]:
    """Return the select of a length and, once a day is to be picked, its date picker.

    `field` is the select without options; a present value that is no usual length is
    one more option.
    """
    value = values.get(field.name, "")
    day = parse_date(values.get(day_field_name(field.name), "") or value)
    if day:
        value = DAY_CHOICE
    duration = parse_duration(value)
    if duration:
        value = format_duration(duration)
    lengths = list(USUAL_LENGTHS)
    if value and value not in (*lengths, DAY_CHOICE, NOTHING_WORD):
        lengths.insert(0, value)
    options = [(length_label(renderer, each), each) for each in lengths]
    if may_be_endless:
        options.insert(0, (renderer.render_label("term.endless"), NOTHING_WORD))
    options.append((renderer.render_label("term.date"), DAY_CHOICE))
    select = Field(
        field.name,
        Control.SELECT,
        field.label_key,
        value,
        options,
        hint_key=field.hint_key,
        placeholder=field.placeholder,
        is_optional=field.is_optional,
        depends_on=field.depends_on,
        action_id=field.action_id,
        updates_form=True,
    )
    if value != DAY_CHOICE:
        return [select]
    picker = Field(
        day_field_name(field.name),
        Control.DATE,
        "term.day",
        day.isoformat() if day else "",
        hint_key="term.day.hint",
        depends_on=field.depends_on,
    )
    return [select, picker]


def read_term(values: Mapping[str, str], field: str) -> str:
    """Return the chosen length or day as one types it; empty for none.

    Raises FieldInvalid if a day is to be picked and is not.
    """
    typed = values.get(field, "").strip()
    if typed == NOTHING_WORD:
        return ""
    if typed != DAY_CHOICE:
        return typed
    day = values.get(day_field_name(field), "")
    if not day:
        raise FieldInvalid(field, "term.day.needed")
    return day


def length_label(renderer: Renderer, length: str) -> str:
    """Return the label of a length; one of minutes is shown as it was typed."""
    number, unit = length[:-1], length[-1:]
    if length == "1d":
        return renderer.render_label("term.one_day")
    if unit not in UNIT_LABELS or not number.isdecimal():
        return length
    return renderer.render_label(UNIT_LABELS[unit], n=number)
