"""The record and the dead letters, as the command line shows them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import IO, Any

from bot.config import USAGE_EXIT_CODE, FatalError
from collab.audit_log import EventLine
from collab.events import RecordedEvent, encode_event, get_event_name
from collab.model import Delivery

BYTE_ORDER_MARK = (
    "\ufeff"  # without it some spreadsheets take UTF-8 for the machine's own encoding
)
# A cell begins at a separator of whatever spreadsheet opens the file, in some countries a semicolon.
_FORMULA = re.compile(r"(^|[;|\t\r\n])(?=[\s\"']*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One event in an export; `data` is JSON."""

    workspace: str
    seq: int
    at: str
    actor: str | None
    door: str
    name: str
    data: str


def choose_workspace(known: Sequence[str], wanted: str | None) -> str:
    """The one workspace that is meant; raises Stopped."""
    if wanted in known or (wanted is None and len(known) == 1):
        return wanted or known[0]
    if not known:
        raise FatalError("This database holds no workspace yet: `collab run` makes one")
    problem = (
        "Several workspaces are here"
        if wanted is None
        else f"There is no workspace {wanted}"
    )
    raise FatalError(
        f"{problem}: say --workspace with one of {', '.join(known)}", USAGE_EXIT_CODE
    )


@dataclass(frozen=True, slots=True)
class NamedExportLine(ExportLine):
    """The same with names beside the ids: by whom, about whom, on what."""

    by: str
    about: str
    on: str


def write_events(recorded: Iterable[RecordedEvent], form: str, output: IO[str]) -> None:
    """Write events as JSON lines or as CSV."""
    _write_lines(ExportLine, (_export_line(r) for r in recorded), form, output)


def write_lines(lines: Iterable[EventLine], form: str, output: IO[str]) -> None:
    """The same with names, for people."""
    _write_lines(NamedExportLine, (_named_line(line) for line in lines), form, output)


def _write_lines(
    kind: type[ExportLine], lines: Iterable[ExportLine], form: str, output: IO[str]
) -> None:
    names = [f.name for f in fields(kind)]
    if form == "csv":
        output.write(BYTE_ORDER_MARK)
        writer = csv.writer(output)
        writer.writerow(names)
        writer.writerows(
            map(_escape_cell, astuple(_without_separators(line))) for line in lines
        )
        return
    for line in lines:
        told = dict(zip(names, astuple(line), strict=True))
        output.write(
            json.dumps(told | {"data": json.loads(line.data)}, ensure_ascii=False)
            + "\n"
        )


def _without_separators(line: ExportLine) -> ExportLine:
    """Write separators within a line's JSON as escapes: the same data, whatever splits the cells."""
    return replace(line, data=line.data.replace(";", "\\u003b").replace("|", "\\u007c"))


def _escape_cell(value: str | int | None) -> str | int | None:
    """Return a cell that no spreadsheet takes for a formula, whatever separates its cells: people type names."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def print_deliveries(failed: Sequence[Delivery]) -> None:
    """Show what was given up as a table."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    if not failed:
        Console().print("Nothing was given up.")
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
    for d in failed:
        table.add_row(
            str(d.id),
            d.workspace,
            d.target,
            d.message,
            str(d.attempts),
            d.problem or "",
        )
    Console().print(table)


def _named_line(line: EventLine) -> NamedExportLine:
    resource = line.resource or line.team
    about = (line.person.title or line.person.email or "") if line.person else ""
    named: dict[str, Any] = {
        "by": line.actor.title,
        "about": about,
        "on": resource.title if resource else "",
    }
    return NamedExportLine(**asdict(_export_line(line.recorded)), **named)


def _export_line(r: RecordedEvent) -> ExportLine:
    return ExportLine(
        r.workspace,
        r.seq,
        r.at.isoformat(),
        r.actor,
        r.origin,
        get_event_name(r.event),
        encode_event(r.event),
    )
