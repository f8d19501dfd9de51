"""Fields: every control shows its value, and the value is read back as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.playground.blockkit import view_errors
from bot.playground.elements import initial_state
from bot.rendering import renderer_for_language
from bot.slack.forms.fields import Control, Field, read_fields
from bot.slack.forms.rejections import FIELDS_BY_INPUT
from bot.slack.view_state import read_field_values
from bot.slack.views import View
from bot.slack.views.fields import form_view
from collab import errors

WORDS = renderer_for_language("en")
OPTIONS = [("One", "1", "The first"), ("Two", "2"), ("Three", "3")]
INITIAL = {
    Control.TEXT: "Shop",
    Control.LONG_TEXT: "Sells things\nand more",
    Control.SELECT: "2",
    Control.MULTI_SELECT: "1,3",
    Control.RADIO_BUTTONS: "3",
    Control.CHECKBOXES: "1,2",
    Control.PERSON: "UCARL",
    Control.PEOPLE: "UCARL,UDEVI",
    Control.CHANNEL: "C0ACME",
    Control.DATE: "2027-01-31",
    Control.RESOURCE: "1",
    Control.RESOURCES: "1,2,3",
}
# Inputs of commands without a form, and the value of a setting, whose field is the
# setting itself.
WITHOUT_FIELDS = {"", "amount", "setting", "value"}


def build_field(control: Control, initial: str = "") -> Field:
    options = OPTIONS
    if control in {Control.RESOURCE, Control.RESOURCES}:
        chosen = initial.split(",")
        options = [option for option in OPTIONS if option[1] in chosen]
    return Field("note", control, "field.note", initial, options, limit=100)


def build_form(field: Field) -> View:
    return form_view(WORDS, "request", [field], submit="save")


def read(view: View) -> dict[str, str]:
    """Return what is read from a form that is submitted as it was opened."""
    state = {"state": {"values": initial_state(view["blocks"])}}
    return read_fields(read_field_values(state))


@pytest.mark.parametrize("control", Control)
def test_a_field_shows_its_value_which_is_read_back(control: Control) -> None:
    empty = build_form(build_field(control))
    filled = build_form(build_field(control, INITIAL[control]))
    assert view_errors(empty) == view_errors(filled) == []
    assert read(empty) == {}
    assert read(filled) == {"note": INITIAL[control]}


@pytest.mark.parametrize("control", Control)
def test_what_a_field_depends_on_changes_its_block_but_not_its_name(
    control: Control,
) -> None:
    field = build_field(control, INITIAL[control])
    other = replace(field, depends_on="app " + "x" * 300, updates_form=True)
    view = build_form(other)
    assert view_errors(view) == []
    assert view["blocks"][0]["block_id"] != field.block_id
    assert view["blocks"][0]["dispatch_action"] is True
    assert read(view) == {"note": INITIAL[control]}


def test_a_text_is_cut_to_what_its_field_takes() -> None:
    view = build_form(build_field(Control.TEXT, "x" * 200))
    assert view_errors(view) == []
    assert len(read(view)["note"]) == 100


def list_subclasses(base: type[errors.Rejected]) -> list[type[errors.Rejected]]:
    return [
        each
        for child in base.__subclasses__()
        for each in (child, *list_subclasses(child))
    ]


def test_the_input_that_a_rejection_names_has_its_fields() -> None:
    inputs = {rejected.field for rejected in list_subclasses(errors.Rejected)}
    assert inputs - WITHOUT_FIELDS == FIELDS_BY_INPUT.keys()
