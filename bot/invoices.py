"""Invoices from the operator's side: each row is looked at, then all are added in one act, or none (BIL-07)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from io import StringIO
from pathlib import Path

from bot.compose import file_words
from bot.currencies import parse_amount
from bot.settings import Stopped
from bot.words import Words, tidy
from collab.card_numbers import holds_card_number
from collab.events import InvoiceAdded
from collab.files import MOST_BYTES, Files, FileTrouble
from collab.invoices import AddInvoices, NewInvoice
from collab.lengths import read_day
from collab.people import Caller
from collab.refusals import CardNumber, DoesNotPay, Refused, UnknownResource
from collab.service import Collab
from collab.text import clean, clean_line

COLUMNS = ("method", "number", "date", "amount", "currency", "file")
HIDDEN = "••••"
FINE = "ok"
EXAMPLE = "2026-10-31"

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # in a file of numbers no other form is sure

ROW_WORDS = {
    "empty": "The {what} is empty: fill it in",
    "stray": "It has more cells than the first row: put quotes around what holds a comma",
    "day": f"The date is none: write it as {EXAMPLE}",
    "no_file": "There is no file {what}: its path starts in the folder of the CSV file",
    "unreadable": "The file {what} cannot be read ({why}): give it to whoever runs this",
    "no_method": "No payment method has that short name or id: `/collab mine` lists yours in Slack",
    "twice": "Row {what} has the same number for the same payment method: leave one out",
}
FILE_WORDS = {
    "unreadable": "{file} cannot be read ({why}): choose another file",
    "not_text": "{file} is not UTF-8 text: save it as CSV in UTF-8",
    "not_csv": "{file} is not CSV: a quote is left open or stands in the middle of a cell",
    "columns": "{file}: the first row must name each of {columns} once, with commas between them; not so: {what}",
    "empty": "{file} has no row with an invoice: write one under the first row",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice as it was given; `place` counts from 1, and `stray` when there is more than belongs to it."""

    place: int
    method: str
    number: str
    day: str
    amount: str
    currency: str
    file: Path
    stray: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A row, and what is wrong with it, if anything is."""

    row: Row
    wrong: str | None = None


class Wrong(Exception):
    """A row cannot be added; says what is wrong and what to do."""

    def __init__(self, problem: str, **told: object) -> None:
        super().__init__(ROW_WORDS[problem].format(**told))


class Clerk:
    """Puts invoices into the archives of one workspace."""

    def __init__(self, collab: Collab, files: Files, words: Words, workspace: str, now: Callable[[], datetime]) -> None:
        self._collab = collab
        self._files = files
        self._words = words
        self._by = Caller(workspace, None, "cli")
        self._now = now

    def look(self, rows: Iterable[Row]) -> list[Finding]:
        """What is wrong with each row, by the same rules that add it; nothing is changed."""
        seen: dict[tuple[str, str], int] = {}
        return [Finding(row, self._wrong(row, seen)) for row in rows]

    def add(self, rows: Iterable[Row]) -> list[InvoiceAdded]:
        """Keep the files, then add all rows in one act; raises Stopped with none added."""
        act = AddInvoices(self._by, tuple(self._kept(row) for row in rows))
        try:
            outcome = self._collab.perform(act, self._now())
        except Refused as refused:
            raise Stopped(f"Nothing was added: {self._said(refused)}") from None
        return [r.event for r in outcome.recorded if isinstance(r.event, InvoiceAdded)]

    def _wrong(self, row: Row, seen: dict[tuple[str, str], int]) -> str | None:
        try:
            self._check(row, seen)
        except (UnknownResource, DoesNotPay):
            return ROW_WORDS["no_method"]
        except Refused as refused:
            return self._said(refused)
        except FileTrouble as trouble:
            return file_words(trouble, self._files.folder)
        except Wrong as wrong:
            return str(wrong)
        return None

    def _check(self, row: Row, seen: dict[tuple[str, str], int]) -> None:
        check_cells(row)
        content = content_of(row.file)
        act = AddInvoices(self._by, (_new(row, self._files.name(content), len(content)),))
        for event in self._collab.preview(act, self._now()):
            if isinstance(event, InvoiceAdded):
                first = seen.setdefault((event.resource, event.number), row.place)
                if first != row.place:
                    raise Wrong("twice", what=first)

    def _kept(self, row: Row) -> NewInvoice:
        """The row, once its file is kept; a file without an invoice does no harm."""
        try:
            content = content_of(row.file)
            return _new(row, self._files.put(content), len(content))
        except Wrong as wrong:
            raise Stopped(f"Nothing was added: {wrong}") from None
        except FileTrouble as trouble:
            raise Stopped(f"Nothing was added: {file_words(trouble, self._files.folder)}") from None

    def _said(self, refused: Refused) -> str:
        told = {f.name: getattr(refused, f.name) for f in fields(refused)}
        return self._words.say(f"refusals/{refused.name}", "plain", **told).text.removesuffix(".")


def add_one(clerk: Clerk, row: Row) -> InvoiceAdded:
    """Add one invoice; raises Stopped."""
    [found] = clerk.look([row])
    if found.wrong:
        raise Stopped(f"Nothing was added: {found.wrong}")
    [added] = clerk.add([row])
    return added


def add_all(clerk: Clerk, rows: Sequence[Row]) -> int:
    """Add the invoices of a file and report on each row; raises Stopped with none added; answers how many were."""
    found = clerk.look(followed(rows, "Checking"))
    wrong = sum(each.wrong is not None for each in found)
    if not wrong:
        added = clerk.add(followed(rows, "Keeping"))
    print_findings(found)
    if wrong:
        raise Stopped(f"Nothing was added: {wrong} of {len(found)} rows cannot be; mend them and import the file again")
    return len(added)


def day_of(typed: str) -> date:
    """A date such as 2026-10-31; raises Wrong."""
    day = read_day(typed) if _ISO_DAY.fullmatch(typed) else None
    if day is None:
        raise Wrong("day")
    return day


def check_cells(row: Row) -> None:
    """What can be told from the cells alone; raises Wrong, or refuses what looks like a card number."""
    cells = {"number": row.number, "date": row.day, "amount": row.amount, "currency": row.currency}
    if any(holds_card_number(cell) for cell in cells.values()):
        raise CardNumber
    if row.stray:
        raise Wrong("stray")
    for what, cell in {"method": row.method, **cells, "file": row.file.name}.items():
        if not cell.strip():
            raise Wrong("empty", what=what)
    day_of(row.day)


def content_of(path: Path) -> bytes:
    """What a file holds, but no more than tells that it is too big; raises Wrong."""
    try:
        if not path.is_file():
            raise Wrong("no_file", what=tidy(str(path)))
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as problem:
        raise Wrong("unreadable", what=tidy(str(path)), why=problem.strerror) from None


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file, numbered as a spreadsheet numbers them; raises Stopped where it is none."""
    header, *below = _cells(path) or [[]]
    names = [cell.strip().lower() for cell in header]
    missing = [name for name in COLUMNS if names.count(name) != 1]
    if missing:
        raise _stopped("columns", path, columns=",".join(COLUMNS), what=", ".join(missing))
    filled = [(place, cells) for place, cells in enumerate(below, 2) if any(cell.strip() for cell in cells)]
    if not filled:
        raise _stopped("empty", path)
    return [_row(place, names, cells, path.parent) for place, cells in filled]


def _cells(path: Path) -> list[list[str]]:
    try:
        text = clean(path.read_bytes().decode("utf-8-sig"))
        return list(csv.reader(StringIO(text, newline=""), strict=True))
    except OSError as problem:
        raise _stopped("unreadable", path, why=problem.strerror) from None
    except UnicodeDecodeError:
        raise _stopped("not_text", path) from None
    except csv.Error:
        raise _stopped("not_csv", path) from None


def _row(place: int, names: Sequence[str], cells: Sequence[str], folder: Path) -> Row:
    there = dict.fromkeys(COLUMNS, "") | dict(zip(names, (cell.strip() for cell in cells), strict=False))
    stray = any(cell.strip() for cell in cells[len(names) :])
    method, number, day, amount, currency, file = (there[name] for name in COLUMNS)
    return Row(place, method, number, day, amount, currency, _path_of(folder / file) if file else Path(), stray)


def _path_of(path: Path) -> Path:
    """Return the file of that name, or the one whose name is the same when what cannot be seen in it is left out."""
    try:
        if path.exists() or not path.parent.is_dir():
            return path
        alike = [each for each in path.parent.iterdir() if clean_line(each.name) == clean_line(path.name)]
    except (OSError, ValueError):
        return path
    return alike[0] if len(alike) == 1 else path


def _stopped(problem: str, path: Path, **told: object) -> Stopped:
    return Stopped(FILE_WORDS[problem].format(file=path, **told))


def _new(row: Row, file: str, size: int) -> NewInvoice:
    return NewInvoice(
        method=row.method,
        number=row.number,
        day=day_of(row.day),
        amount=parse_amount(row.amount, row.currency),
        currency=row.currency.strip().upper(),
        file=file,
        size=size,
    )


def followed(rows: Sequence[Row], label: str) -> Iterator[Row]:
    """The rows one by one, with a progress bar where somebody looks on."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import track  # noqa: PLC0415

    console = Console(stderr=True)
    return iter(track(rows, label, console=console, transient=True, disable=not console.is_terminal))


def print_findings(found: Iterable[Finding]) -> None:
    """Show each row and what is wrong with it, as a table."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    table = Table("Row", "Number", "Result", box=None, pad_edge=False)
    for each in found:
        number = HIDDEN if holds_card_number(each.row.number) else tidy(each.row.number)
        table.add_row(str(each.row.place), number, each.wrong or FINE)
    Console(markup=False, emoji=False, highlight=False).print(table)
