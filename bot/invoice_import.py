"""Invoices from the operator's side: each row is looked at, then all are added in one act, or none (BIL-07)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from io import StringIO
from pathlib import Path

from bot.config import FatalError
from bot.currencies import parse_amount
from bot.operator_messages import describe_file_problem
from bot.rendering import Renderer, normalize_text
from collab.billing.invoices import AddInvoices, NewInvoice
from collab.bus import Bus
from collab.card_numbers import holds_card_number
from collab.durations import parse_date
from collab.errors import CardNumber, DoesNotPay, Rejected, UnknownResource
from collab.events import InvoiceAdded
from collab.file_store import MAX_FILE_BYTES, FileStore, FileStoreError
from collab.model import Caller
from collab.text import clean_text, clean_text_line

CSV_COLUMNS = ("method", "number", "date", "amount", "currency", "file")
MASKED_NUMBER = "••••"
OK_TEXT = "ok"
EXAMPLE_DAY = "2026-10-31"

_ISO_DAY = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
)  # in a file of numbers no other form is sure

ROW_PROBLEM_TEXTS = {
    "empty": "The {what} is empty: fill it in",
    "stray": "It has more cells than the first row: put quotes around what holds a comma",
    "day": f"The date is none: write it as {EXAMPLE_DAY}",
    "no_file": "There is no file {what}: its path starts in the folder of the CSV file",
    "unreadable": "The file {what} cannot be read ({why}): give it to whoever runs this",
    "no_method": "No payment method has that short name or id: `/collab mine` lists yours in Slack",
    "twice": "Row {what} has the same number for the same payment method: leave one out",
}
FILE_PROBLEM_TEXTS = {
    "unreadable": "{file} cannot be read ({why}): choose another file",
    "not_text": "{file} is not UTF-8 text: save it as CSV in UTF-8",
    "not_csv": "{file} is not CSV: a quote is left open or stands in the middle of a cell",
    "columns": "{file}: the first row must name each of {columns} once, with commas between them; not so: {what}",
    "empty": "{file} has no row with an invoice: write one under the first row",
}


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice as it was given; `place` counts from 1, and `stray` when there is more than belongs to it."""

    row_number: int
    method: str
    number: str
    day: str
    amount: str
    currency: str
    file: Path
    has_extra_cells: bool = False


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row, and what is wrong with it, if anything is."""

    row: InvoiceRow
    problem: str | None = None


class RowError(Exception):
    """A row cannot be added; says what is wrong and what to do."""

    def __init__(self, problem: str, **told: object) -> None:
        super().__init__(ROW_PROBLEM_TEXTS[problem].format(**told))


class InvoiceImporter:
    """Puts invoices into the archives of one workspace."""

    def __init__(
        self,
        collab: Bus,
        files: FileStore,
        renderer: Renderer,
        workspace: str,
        now: Callable[[], datetime],
    ) -> None:
        self._bus = collab
        self._files = files
        self._renderer = renderer
        self._by = Caller(workspace, None, "cli")
        self._now = now

    def check_rows(self, rows: Iterable[InvoiceRow]) -> list[RowResult]:
        """What is wrong with each row, by the same rules that add it; nothing is changed."""
        seen: dict[tuple[str, str], int] = {}
        return [RowResult(row, self._find_problem(row, seen)) for row in rows]

    def add_rows(self, rows: Iterable[InvoiceRow]) -> list[InvoiceAdded]:
        """Keep the files, then add all rows in one act; raises Stopped with none added."""
        act = AddInvoices(self._by, tuple(self._save_file(row) for row in rows))
        try:
            outcome = self._bus.execute(act, self._now())
        except Rejected as rejected:
            raise FatalError(
                f"Nothing was added: {self._describe_rejection(rejected)}"
            ) from None
        return [r.event for r in outcome.recorded if isinstance(r.event, InvoiceAdded)]

    def _find_problem(
        self, row: InvoiceRow, seen: dict[tuple[str, str], int]
    ) -> str | None:
        try:
            self._check_row(row, seen)
        except (UnknownResource, DoesNotPay):
            return ROW_PROBLEM_TEXTS["no_method"]
        except Rejected as rejected:
            return self._describe_rejection(rejected)
        except FileStoreError as trouble:
            return describe_file_problem(trouble, self._files.folder)
        except RowError as wrong:
            return str(wrong)
        return None

    def _check_row(self, row: InvoiceRow, seen: dict[tuple[str, str], int]) -> None:
        check_cells(row)
        content = read_content(row.file)
        act = AddInvoices(
            self._by,
            (_new_invoice(row, self._files.compute_digest(content), len(content)),),
        )
        for event in self._bus.dry_run(act, self._now()):
            if isinstance(event, InvoiceAdded):
                first = seen.setdefault((event.resource, event.number), row.row_number)
                if first != row.row_number:
                    raise RowError("twice", what=first)

    def _save_file(self, row: InvoiceRow) -> NewInvoice:
        """The row, once its file is kept; a file without an invoice does no harm."""
        try:
            content = read_content(row.file)
            return _new_invoice(row, self._files.save(content), len(content))
        except RowError as wrong:
            raise FatalError(f"Nothing was added: {wrong}") from None
        except FileStoreError as trouble:
            raise FatalError(
                f"Nothing was added: {describe_file_problem(trouble, self._files.folder)}"
            ) from None

    def _describe_rejection(self, rejected: Rejected) -> str:
        told = {f.name: getattr(rejected, f.name) for f in fields(rejected)}
        return self._renderer.render(
            f"refusals/{rejected.name}", "plain", **told
        ).text.removesuffix(".")


def import_one_invoice(clerk: InvoiceImporter, row: InvoiceRow) -> InvoiceAdded:
    """Add one invoice; raises Stopped."""
    [found] = clerk.check_rows([row])
    if found.problem:
        raise FatalError(f"Nothing was added: {found.problem}")
    [added] = clerk.add_rows([row])
    return added


def import_all_invoices(clerk: InvoiceImporter, rows: Sequence[InvoiceRow]) -> int:
    """Add the invoices of a file and report on each row; raises Stopped with none added; answers how many were."""
    found = clerk.check_rows(with_progress_bar(rows, "Checking"))
    wrong = sum(each.problem is not None for each in found)
    if not wrong:
        added = clerk.add_rows(with_progress_bar(rows, "Keeping"))
    print_results(found)
    if wrong:
        raise FatalError(
            f"Nothing was added: {wrong} of {len(found)} rows cannot be; mend them and import the file again"
        )
    return len(added)


def parse_day(typed: str) -> date:
    """A date such as 2026-10-31; raises Wrong."""
    day = parse_date(typed) if _ISO_DAY.fullmatch(typed) else None
    if day is None:
        raise RowError("day")
    return day


def check_cells(row: InvoiceRow) -> None:
    """What can be told from the cells alone; raises Wrong, or refuses what looks like a card number."""
    cells = {
        "number": row.number,
        "date": row.day,
        "amount": row.amount,
        "currency": row.currency,
    }
    if any(holds_card_number(cell) for cell in cells.values()):
        raise CardNumber
    if row.has_extra_cells:
        raise RowError("stray")
    for what, cell in {"method": row.method, **cells, "file": row.file.name}.items():
        if not cell.strip():
            raise RowError("empty", what=what)
    parse_day(row.day)


def read_content(path: Path) -> bytes:
    """What a file holds, but no more than tells that it is too big; raises Wrong."""
    try:
        if not path.is_file():
            raise RowError("no_file", what=normalize_text(str(path)))
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as problem:
        raise RowError(
            "unreadable", what=normalize_text(str(path)), why=problem.strerror
        ) from None


def read_rows(path: Path) -> list[InvoiceRow]:
    """The rows of a CSV file, numbered as a spreadsheet numbers them; raises Stopped where it is none."""
    header, *below = _read_cells(path) or [[]]
    names = [cell.strip().lower() for cell in header]
    missing = [name for name in CSV_COLUMNS if names.count(name) != 1]
    if missing:
        raise _stop_with(
            "columns", path, columns=",".join(CSV_COLUMNS), what=", ".join(missing)
        )
    filled = [
        (place, cells)
        for place, cells in enumerate(below, 2)
        if any(cell.strip() for cell in cells)
    ]
    if not filled:
        raise _stop_with("empty", path)
    return [
        _row_from_cells(place, names, cells, path.parent) for place, cells in filled
    ]


def _read_cells(path: Path) -> list[list[str]]:
    try:
        text = clean_text(path.read_bytes().decode("utf-8-sig"))
        return list(csv.reader(StringIO(text, newline=""), strict=True))
    except OSError as problem:
        raise _stop_with("unreadable", path, why=problem.strerror) from None
    except UnicodeDecodeError:
        raise _stop_with("not_text", path) from None
    except csv.Error:
        raise _stop_with("not_csv", path) from None


def _row_from_cells(
    place: int, names: Sequence[str], cells: Sequence[str], folder: Path
) -> InvoiceRow:
    there = dict.fromkeys(CSV_COLUMNS, "") | dict(
        zip(names, (cell.strip() for cell in cells), strict=False)
    )
    stray = any(cell.strip() for cell in cells[len(names) :])
    method, number, day, amount, currency, file = (there[name] for name in CSV_COLUMNS)
    return InvoiceRow(
        place,
        method,
        number,
        day,
        amount,
        currency,
        _resolve_path(folder / file) if file else Path(),
        stray,
    )


def _resolve_path(path: Path) -> Path:
    """Return the file of that name, or the one whose name is the same when what cannot be seen in it is left out."""
    try:
        if path.exists() or not path.parent.is_dir():
            return path
        alike = [
            each
            for each in path.parent.iterdir()
            if clean_text_line(each.name) == clean_text_line(path.name)
        ]
    except (OSError, ValueError):
        return path
    return alike[0] if len(alike) == 1 else path


def _stop_with(problem: str, path: Path, **told: object) -> FatalError:
    return FatalError(FILE_PROBLEM_TEXTS[problem].format(file=path, **told))


def _new_invoice(row: InvoiceRow, file: str, size: int) -> NewInvoice:
    return NewInvoice(
        method=row.method,
        number=row.number,
        day=parse_day(row.day),
        amount=parse_amount(row.amount, row.currency),
        currency=row.currency.strip().upper(),
        file=file,
        size=size,
    )


def with_progress_bar(rows: Sequence[InvoiceRow], label: str) -> Iterator[InvoiceRow]:
    """The rows one by one, with a progress bar where somebody looks on."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import track  # noqa: PLC0415

    console = Console(stderr=True)
    return iter(
        track(
            rows,
            label,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
    )


def print_results(found: Iterable[RowResult]) -> None:
    """Show each row and what is wrong with it, as a table."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    table = Table("Row", "Number", "Result", box=None, pad_edge=False)
    for each in found:
        number = (
            MASKED_NUMBER
            if holds_card_number(each.row.number)
            else normalize_text(each.row.number)
        )
        table.add_row(str(each.row.row_number), number, each.problem or OK_TEXT)
    Console(markup=False, emoji=False, highlight=False).print(table)
