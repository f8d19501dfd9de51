"""Exports of the event log have no spreadsheet formulas, whatever separates the cells (EVT-03)."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.event_export import BYTE_ORDER_MARK, write_lines
from collab.event_log import EventLine
from collab.events import RecordedEvent, ResourceDescribed
from collab.model import NOBODY, PersonId, ResourceId, WorkspaceId

FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
SEPARATORS = [",", ";", "\t", "|"]
PIECES = [
    "x",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\uff1d1",
    ";",
    "\t",
    "\n",
    "\r",
    "|",
    ",",
    '"',
    "'",
    " ",
    "HYPERLINK",
]


def export_event(name: str, form: str = "csv") -> str:
    """The export of one event by a person with that name, who typed it as a description as well."""
    event = ResourceDescribed(resource=ResourceId("R1"), about=name, before=None)
    recorded = RecordedEvent(
        WorkspaceId("T1"),
        7,
        datetime(2026, 11, 30, tzinfo=UTC),
        PersonId("P1"),
        "command",
        event,
    )
    line = EventLine(
        recorded, replace(NOBODY, id=PersonId("P1"), title=name), None, None, None
    )
    output = StringIO(newline="")
    write_lines([line], form, output)
    return output.getvalue()


@pytest.mark.rule("EVT-03")
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@example("x;=1+1")
@example('x;"=1+1')
@example("\t=1+1")
def test_no_name_becomes_a_formula(name: str) -> None:
    text = export_event(name).removeprefix(BYTE_ORDER_MARK)
    for separator in SEPARATORS:
        for row in csv.reader(StringIO(text, newline=""), delimiter=separator):
            assert not [
                cell for cell in row if cell.lstrip(' "').startswith(FORMULA_STARTS)
            ], separator


@pytest.mark.rule("EVT-03")
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_event_data_is_exported_unchanged(name: str) -> None:
    [_, row] = csv.reader(
        StringIO(export_event(name).removeprefix(BYTE_ORDER_MARK), newline="")
    )
    assert json.loads(row[6])["about"] == name
    assert json.loads(export_event(name, "jsonl"))["by"] == name


def test_csv_begins_with_a_byte_order_mark_and_json_lines_do_not() -> None:
    assert export_event("Müller").encode().startswith(b"\xef\xbb\xbfworkspace,")
    assert export_event("Müller", "jsonl").startswith("{")
