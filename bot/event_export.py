"""Exports of the event log, and the command line's table of failed deliveries."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import IO

from collab.event_log import EventLine
from collab.events import RecordedEvent, encode_event, get_event_name
from collab.model import Delivery

# Without it some spreadsheets read UTF-8 as the machine's own encoding.
BYTE_ORDER_MARK = "\ufeff"
# A formula may begin at any separator that a spreadsheet splits cells at, in some
# countries a semicolon.
_FORMULA = re.compile(r"(^|[;|\t\r\n])(?=[\s\"']*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One event in an export; `data` is JSON, `origin` is where the command came from."""

    workspace: str
    seq: int
    at: str
    actor: str | None
    origin: str
    name: str
    data: str


@dataclass(frozen=True, slots=True)
class NamedExportLine(ExportLine):
    """An event with names beside its ids: of the actor, the person and the resource."""

    by: str
    about: str
    on: str


def write_events(recorded: Iterable[RecordedEvent], form: str, output: IO[str]) -> None:
    """Write events with ids only; `form` is jsonl or csv."""
    _write_lines(ExportLine, map(_export_line, recorded), form, output)


def write_lines(lines: Iterable[EventLine], form: str, output: IO[str]) -> None:
    """Write events with names, for people; `form` is jsonl or csv."""
    _write_lines(NamedExportLine, map(_named_line, lines), form, output)


def _write_lines(
    line_type: type[ExportLine],
    lines: Iterable[ExportLine],
    form: str,
    output: IO[str],
) -> None:
    if form == "csv":
        _write_csv([each.name for each in fields(line_type)], lines, output)
        return
    for line in lines:
        values = asdict(line) | {"data": json.loads(line.data)}
        output.write(json.dumps(values, ensure_ascii=False) + "\n")


def _write_csv(
    names: Sequence[str], lines: Iterable[ExportLine], output: IO[str]
) -> None:
    output.write(BYTE_ORDER_MARK)
    writer = csv.writer(output)
    writer.writerow(names)
    for line in lines:
        writer.writerow(map(_escape_cell, astuple(_without_separators(line))))


def _without_separators(line: ExportLine) -> ExportLine:
    """Escape separators in a line's JSON, so that nothing splits the cell."""
    return replace(line, data=line.data.replace(";", "\\u003b").replace("|", "\\u007c"))


def _escape_cell(value: str | int | None) -> str | int | None:
    """Return a cell that no spreadsheet runs as a formula: people type names."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def print_deliveries(failed: Sequence[Delivery]) -> None:
    """Print the deliveries that were given up, as a table."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    if not failed:
        Console().print("There are no failed messages.")
        return
    table = Table(
        "Id",
        "Workspace",
        "To",
        "Message",
        "Attempts",
        "Problem",
        box=None,
        pad_edge=False,
    )
    for delivery in failed:
        table.add_row(
            str(delivery.id),
            delivery.workspace,
            delivery.target,
            delivery.message,
            str(delivery.attempts),
            delivery.problem or "",
        )
    Console().print(table)


def _named_line(line: EventLine) -> NamedExportLine:
    resource, person = line.resource or line.team, line.person
    return NamedExportLine(
        **asdict(_export_line(line.recorded)),
        by=line.actor.title,
        about=(person.title or person.email or "") if person else "",
        on=resource.title if resource else "",
    )


def _export_line(recorded: RecordedEvent) -> ExportLine:
    return ExportLine(
        workspace=recorded.workspace,
        seq=recorded.seq,
        at=recorded.at.isoformat(),
        actor=recorded.actor,
        origin=recorded.origin,
        name=get_event_name(recorded.event),
        data=encode_event(recorded.event),
    )
