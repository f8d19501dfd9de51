"""The record and the dead letters, as the command line shows them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import IO

from bot.settings import USAGE, Stopped
from collab.events import Recorded, encode, event_name
from collab.notices import Delivery


@dataclass(frozen=True, slots=True)
class Line:
    """One event in an export; `data` is JSON."""

    workspace: str
    seq: int
    at: str
    actor: str | None
    door: str
    name: str
    data: str


def chosen(known: Sequence[str], wanted: str | None) -> str:
    """The one workspace that is meant; raises Stopped."""
    if wanted in known or (wanted is None and len(known) == 1):
        return wanted or known[0]
    if not known:
        raise Stopped("This database holds no workspace yet: `collab run` makes one")
    problem = "Several workspaces are here" if wanted is None else f"There is no workspace {wanted}"
    raise Stopped(f"{problem}: say --workspace with one of {', '.join(known)}", USAGE)


def write_events(recorded: Iterable[Recorded], form: str, output: IO[str]) -> None:
    """Write events as JSON lines or as CSV."""
    lines = (_line(r) for r in recorded)
    if form == "csv":
        writer = csv.writer(output)
        writer.writerow(Line.__dataclass_fields__)
        writer.writerows(astuple(line) for line in lines)
        return
    for line in lines:
        fields = dict(zip(Line.__dataclass_fields__, astuple(line), strict=True))
        output.write(json.dumps(fields | {"data": json.loads(line.data)}, ensure_ascii=False) + "\n")


def print_deliveries(failed: Sequence[Delivery]) -> None:
    """Show what was given up as a table."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    if not failed:
        Console().print("Nothing was given up.")
        return
    table = Table("Id", "Workspace", "To", "Message", "Attempts", "Problem", box=None, pad_edge=False)
    for d in failed:
        table.add_row(str(d.id), d.workspace, d.target, d.message, str(d.attempts), d.problem or "")
    Console().print(table)


def _line(r: Recorded) -> Line:
    return Line(r.workspace, r.seq, r.at.isoformat(), r.actor, r.door, event_name(r.event), encode(r.event))
