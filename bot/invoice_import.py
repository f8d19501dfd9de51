"""Import invoices for the operator: check each row, then add all or none (BIL-07)."""

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
from collab.model import Caller, WorkspaceId
from collab.text import clean_text, clean_text_line

CSV_COLUMNS = ("method", "number", "date", "amount", "currency", "file")
MASKED_NUMBER = "••••"
OK_TEXT = "ok"
EXAMPLE_DAY = "2026-10-31"

# In a file of numbers no other form of a date is unambiguous.
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

ROW_PROBLEM_TEXTS = {
    "empty": "The {what} is empty: fill it in",
    "stray": "There are more cells than in the first row: put quotes around text that contains a comma",
    "day": f"The date isn't valid: write it like {EXAMPLE_DAY}",
    "no_file": "There's no file {what}: paths are relative to the folder of the CSV file",
    "unreadable": "The file {what} can't be read ({why}): give the user who runs this permission to read it",
    "no_method": "There's no payment method with that short name or ID: `/collab mine` lists yours in Slack",
    "twice": "Row {what} has the same number for the same payment method: remove one of them",
}
FILE_PROBLEM_TEXTS = {
    "unreadable": "Can't read {file} ({why}): choose another file",
    "not_text": "{file} isn't UTF-8 text: save it as CSV in UTF-8",
    "not_csv": "{file} isn't valid CSV: there's an unclosed quote, or one in the middle of a cell",
    "columns": "{file}: the first row must have each of these columns once: {columns}. Problem with: {what}",
    "empty": "{file} has no invoices: add rows below the first one",
}


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice as it was typed; `row_number` counts from 1."""

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
    """The result of checking a row: what is wrong with it, or None."""

    row: InvoiceRow
    problem: str | None = None


class RowError(Exception):
    """A row cannot be added; the message says what is wrong and what to do."""

    def __init__(self, problem: str, **values: object) -> None:
        super().__init__(ROW_PROBLEM_TEXTS[problem].format(**values))


class InvoiceImporter:
    """Adds invoices to the archives of one workspace."""

    def __init__(
        self,
        bus: Bus,
        files: FileStore,
        renderer: Renderer,
        workspace: WorkspaceId,
        now: Callable[[], datetime],
    ) -> None:
        self._bus = bus
        self._files = files
        self._renderer = renderer
        self._by = Caller(workspace, None, "cli")
        self._now = now

    def check_rows(self, rows: Iterable[InvoiceRow]) -> list[RowResult]:
        """Check each row by the rules that adding applies; change nothing."""
        first_rows: dict[tuple[str, str], int] = {}
        return [RowResult(row, self._find_problem(row, first_rows)) for row in rows]

    def add_rows(self, rows: Iterable[InvoiceRow]) -> list[InvoiceAdded]:
        """Store the files, then add all rows in one command.

        Raises FatalError; then no row was added.
        """
        command = AddInvoices(self._by, tuple(self._save_file(row) for row in rows))
        try:
            outcome = self._bus.execute(command, self._now())
        except Rejected as rejected:
            raise FatalError(
                f"Nothing was added: {self._describe_rejection(rejected)}"
            ) from None
        events = (recorded.event for recorded in outcome.recorded)
        return [event for event in events if isinstance(event, InvoiceAdded)]

    def _find_problem(
        self, row: InvoiceRow, first_rows: dict[tuple[str, str], int]
    ) -> str | None:
        try:
            self._check_row(row, first_rows)
        except (UnknownResource, DoesNotPay):
            return ROW_PROBLEM_TEXTS["no_method"]
        except Rejected as rejected:
            return self._describe_rejection(rejected)
        except FileStoreError as error:
            return describe_file_problem(error, self._files.folder)
        except RowError as error:
            return str(error)
        return None

    def _check_row(
        self, row: InvoiceRow, first_rows: dict[tuple[str, str], int]
    ) -> None:
        check_cells(row)
        content = read_content(row.file)
        digest = self._files.compute_digest(content)
        command = AddInvoices(self._by, (_new_invoice(row, digest, len(content)),))
        for event in self._bus.dry_run(command, self._now()):
            if not isinstance(event, InvoiceAdded):
                continue
            key = (event.resource, event.number)
            first_row = first_rows.setdefault(key, row.row_number)
            if first_row != row.row_number:
                raise RowError("twice", what=first_row)

    def _save_file(self, row: InvoiceRow) -> NewInvoice:
        """Store the file of a row; one without an invoice does no harm."""
        try:
            content = read_content(row.file)
            return _new_invoice(row, self._files.save(content), len(content))
        except RowError as error:
            raise FatalError(f"Nothing was added: {error}") from None
        except FileStoreError as error:
            problem = describe_file_problem(error, self._files.folder)
            raise FatalError(f"Nothing was added: {problem}") from None

    def _describe_rejection(self, rejected: Rejected) -> str:
        values = {each.name: getattr(rejected, each.name) for each in fields(rejected)}
        text = self._renderer.render(f"refusals/{rejected.name}", "plain", **values)
        return text.text.removesuffix(".")


def import_one_invoice(importer: InvoiceImporter, row: InvoiceRow) -> InvoiceAdded:
    """Check and add one invoice; raises FatalError."""
    [result] = importer.check_rows([row])
    if result.problem:
        raise FatalError(f"Nothing was added: {result.problem}")
    [added] = importer.add_rows([row])
    return added


def import_all_invoices(importer: InvoiceImporter, rows: Sequence[InvoiceRow]) -> int:
    """Add the invoices of a file, print a line for each row, and return their number.

    Raises FatalError; then no row was added.
    """
    results = importer.check_rows(with_progress_bar(rows, "Checking"))
    wrong_count = sum(result.problem is not None for result in results)
    if wrong_count:
        print_results(results)
        raise FatalError(
            f"Nothing was added: {wrong_count} of {len(results)} rows can't be imported;"
            " fix them and import the file again"
        )
    added = importer.add_rows(with_progress_bar(rows, "Storing"))
    print_results(results)
    return len(added)


def parse_day(typed: str) -> date:
    """Return a date such as 2026-10-31; raises RowError."""
    day = parse_date(typed) if _ISO_DAY.fullmatch(typed) else None
    if day is None:
        raise RowError("day")
    return day


def check_cells(row: InvoiceRow) -> None:
    """Check the cells of a row alone; raises RowError, or CardNumber."""
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
    for name, cell in {"method": row.method, **cells, "file": row.file.name}.items():
        if not cell.strip():
            raise RowError("empty", what=name)
    parse_day(row.day)


def read_content(path: Path) -> bytes:
    """Return the content of a file up to one byte too many; raises RowError."""
    try:
        if not path.is_file():
            raise RowError("no_file", what=normalize_text(str(path)))
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise RowError(
            "unreadable", what=normalize_text(str(path)), why=error.strerror
        ) from None


def read_rows(path: Path) -> list[InvoiceRow]:
    """Return the rows of a CSV file, numbered from 2; raises FatalError."""
    header, *lines = _read_cells(path) or [[]]
    names = [cell.strip().lower() for cell in header]
    missing = [name for name in CSV_COLUMNS if names.count(name) != 1]
    if missing:
        raise _file_error(
            "columns", path, columns=",".join(CSV_COLUMNS), what=", ".join(missing)
        )
    rows = [
        _row_from_cells(row_number, names, cells, path.parent)
        for row_number, cells in enumerate(lines, 2)
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise _file_error("empty", path)
    return rows


def _read_cells(path: Path) -> list[list[str]]:
    try:
        text = clean_text(path.read_bytes().decode("utf-8-sig"))
        return list(csv.reader(StringIO(text, newline=""), strict=True))
    except OSError as error:
        raise _file_error("unreadable", path, why=error.strerror) from None
    except UnicodeDecodeError:
        raise _file_error("not_text", path) from None
    except csv.Error:
        raise _file_error("not_csv", path) from None


def _row_from_cells(
    row_number: int, names: Sequence[str], cells: Sequence[str], folder: Path
) -> InvoiceRow:
    values = dict.fromkeys(CSV_COLUMNS, "")
    values |= zip(names, (cell.strip() for cell in cells), strict=False)
    file = values["file"]
    return InvoiceRow(
        row_number=row_number,
        method=values["method"],
        number=values["number"],
        day=values["date"],
        amount=values["amount"],
        currency=values["currency"],
        file=_resolve_path(folder / file) if file else Path(),
        has_extra_cells=any(cell.strip() for cell in cells[len(names) :]),
    )


def _resolve_path(path: Path) -> Path:
    """Return a file, or the only one whose name differs in invisible characters."""
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


def _file_error(problem: str, path: Path, **values: object) -> FatalError:
    return FatalError(FILE_PROBLEM_TEXTS[problem].format(file=path, **values))


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
    """Iterate over rows, with a progress bar if stderr is a terminal."""
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


def print_results(results: Iterable[RowResult]) -> None:
    """Print each row and what is wrong with it, as a table."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    table = Table("Row", "Number", "Result", box=None, pad_edge=False)
    for result in results:
        number = normalize_text(result.row.number)
        if holds_card_number(result.row.number):
            number = MASKED_NUMBER
        row_number = str(result.row.row_number)
        table.add_row(row_number, number, result.problem or OK_TEXT)
    Console(markup=False, emoji=False, highlight=False).print(table)
