"""Invoices that an operator adds: all or none, with a result for each row and no card numbers."""

from __future__ import annotations

import os
import pty
import subprocess
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from collab.billing.invoices import ListInvoices
from collab.events import InvoiceAdded
from collab.file_store import MAX_FILE_BYTES
from collab.model import Invoice
from collab.resource_deletion import DeleteResource
from collab.resources import CreateResource
from storage.files import PdfFolder
from tests.support.builders import Scenario
from tests.support.tty import (
    COLLAB_COMMAND,
    CompletedCommand,
    build_environment,
    run_as_program,
    run_in_process,
)

HEADER = "method,number,date,amount,currency,file"
CARD = "4111 1111 1111 1111"


class Office:
    """A folder with two PDFs in it, and a workspace in which Ada holds the payment method Card."""

    def __init__(self, folder: Path, world: Scenario, url: str) -> None:
        self.folder = folder
        self.world = world
        self.env = build_environment(DATABASE_URL=url, COLLAB_FILES="kept")
        self.world.execute(CreateResource(world.caller_for("ada"), "payment", "Card"))
        self.pdf("october.pdf")
        self.pdf("november.pdf")

    def pdf(self, name: str, words: str = "") -> bytes:
        content = f"%PDF-1.7\n{words or name}\n%%EOF\n".encode()
        (self.folder / name).write_bytes(content)
        return content

    def csv(self, *rows: str, header: str = HEADER) -> None:
        (self.folder / "invoices.csv").write_text(
            "\n".join([header, *rows, ""]), encoding="utf-8"
        )

    def imports(self, *rows: str, header: str = HEADER) -> CompletedCommand:
        self.csv(*rows, header=header)
        return run_in_process(
            self.folder, self.env, "invoices", "import", "invoices.csv"
        )

    def adds(self, *words: str, **options: str) -> CompletedCommand:
        usual = {
            "number": "2026-1",
            "date": "2026-10-31",
            "amount": "119.00",
            "currency": "EUR",
        }
        named = [
            part
            for name, value in (usual | options).items()
            for part in (f"--{name}", value)
        ]
        return run_in_process(
            self.folder,
            self.env,
            "invoices",
            "add",
            *(words or ("card", "october.pdf")),
            *named,
        )

    @property
    def archive(self) -> list[Invoice]:
        return list(
            self.world.bus.query(
                ListInvoices(self.world.caller_for("ada"), "card"), self.world.at
            ).invoices
        )

    @property
    def numbers(self) -> set[str]:
        return {invoice.number for invoice in self.archive}

    @property
    def kept(self) -> PdfFolder:
        return PdfFolder(self.folder / "kept")


@pytest.fixture
def office(tmp_path: Path, acme: Scenario, sqlite_url: str) -> Office:
    return Office(tmp_path, acme, sqlite_url)


def report_line(done: CompletedCommand) -> str:
    """Return the report on one line."""
    return " ".join(done.stdout.split())


# One


@pytest.mark.rule("BIL-07")
def test_invoice_is_added_with_its_pdf(office: Office) -> None:
    content = office.pdf("october.pdf", "two hundred")
    done = office.adds(amount="200", currency="eur")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Added invoice 2026-1 of 2026-10-31 for 200.00 EUR.\n"
    [invoice] = office.archive
    assert (invoice.number, invoice.day) == ("2026-1", date(2026, 10, 31))
    assert (invoice.amount, invoice.currency) == (Decimal("200.00"), "EUR")
    assert (invoice.file, invoice.size) == (sha256(content).hexdigest(), len(content))
    assert office.kept.load(invoice.file) == content


def test_operator_is_the_actor(office: Office) -> None:
    office.adds()
    last = office.world.list_recorded_events()[-1]
    assert isinstance(last.event, InvoiceAdded)
    assert (last.origin, last.actor) == ("cli", None)


def test_payment_method_may_be_given_by_id(office: Office) -> None:
    method = office.world.newest_resource_id
    assert office.adds(method, "october.pdf").returncode == 0
    assert office.numbers == {"2026-1"}


def test_credit_note_and_currency_without_decimals(office: Office) -> None:
    assert office.adds(number="1", amount="-5.00").returncode == 0
    assert office.adds(number="2", amount="11900", currency="JPY").returncode == 0
    assert {str(invoice.amount) for invoice in office.archive} == {"-5.00", "11900"}


@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"amount": "119,00"},
            "“119,00” isn't an amount in EUR, which has 2 decimals. Use digits and a decimal",
        ),
        ({"amount": "119.001"}, "“119.001” isn't an amount in EUR"),
        (
            {"amount": "1.5", "currency": "JPY"},
            "isn't an amount in JPY, which has no decimals",
        ),
        ({"amount": "1.12345", "currency": "KWD"}, "decimal point, such as 119.000"),
        (
            {"currency": "EURO"},
            "“EURO” isn't a currency I know. Use a three-letter code",
        ),
        ({"number": "x" * 41}, "The number has 41 characters; the limit is 40"),
        ({"number": " "}, "The number is empty: fill it in"),
        ({"number": CARD}, "This looks like a card number, and I don't store those"),
        ({"number": "no4111111111111111"}, "This looks like a card number"),
        ({"amount": "x4111111111111111"}, "This looks like a card number"),
    ],
)
def test_rejection_is_one_line_and_exits_with_1(
    office: Office, options: dict[str, str], words: str
) -> None:
    done = office.adds(**options)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("collab: Nothing was added: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "4111" not in done.stderr
    assert office.archive == []
    assert not office.kept.folder.exists()


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (("card",), {}),
        (("card", "nowhere.pdf"), {}),
        (("card", "."), {}),
        (("card", "october.pdf"), {"date": "31.10.2026"}),
        (("card", "october.pdf"), {"date": "20261031"}),
        (("card", "october.pdf"), {"date": "2026-02-29"}),
        (("card", "october.pdf"), {"colour": "red"}),
        (("card", "october.pdf"), {"workspace": "T404"}),
    ],
)
def test_wrong_usage_exits_with_2(
    office: Office, words: tuple[str, ...], options: dict[str, str]
) -> None:
    done = office.adds(*words, **options)
    assert done.returncode == 2, done.stderr
    assert office.archive == []


@pytest.mark.parametrize("method", ["kard", "acme"])
def test_unknown_payment_method_is_rejected(office: Office, method: str) -> None:
    done = office.adds(method, "october.pdf")
    assert done.returncode == 1
    assert "There's no payment method with that short name or ID" in done.stderr


def test_deleted_payment_method_is_rejected(office: Office) -> None:
    office.world.execute(DeleteResource(office.world.caller_for("ada"), "card", "Card"))
    assert "There's no payment method with that short name" in office.adds().stderr


@pytest.mark.rule("BIL-07")
def test_number_is_unique_in_an_archive(office: Office) -> None:
    office.world.execute(
        CreateResource(office.world.caller_for("ada"), "payment", "Other")
    )
    assert office.adds().returncode == 0
    done = office.adds(number=" 2026-1 ")
    assert done.returncode == 1
    assert "Card already has an invoice with the number 2026-1" in done.stderr
    assert office.adds("other", "october.pdf").returncode == 0
    assert len(office.archive) == 1


@pytest.mark.rule("BIL-07")
def test_other_or_oversized_files_are_rejected(office: Office) -> None:
    (office.folder / "notes.pdf").write_bytes(b"hello")
    assert "This isn't a complete PDF" in office.adds("card", "notes.pdf").stderr
    (office.folder / "big.pdf").write_bytes(
        b"%PDF-1.7\n" + b" " * MAX_FILE_BYTES + b"%%EOF\n"
    )
    done = office.adds("card", "big.pdf")
    assert done.returncode == 1
    assert "This is larger than 10 MB" in done.stderr
    assert office.archive == []


def test_unusable_files_folder_is_one_line(office: Office) -> None:
    (office.folder / "kept").write_text("no folder")
    done = office.adds()
    assert done.returncode == 1
    assert done.stderr == (
        "collab: Nothing was added: COLLAB_FILES, kept, isn't a folder and can't be created: choose another one\n"
    )
    assert office.archive == []


def test_missing_database_or_workspace_is_one_line(
    tmp_path: Path, sqlite_url: str
) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\ncard,1,2026-10-31,1.00,EUR,a.pdf\n")
    for env, words in (
        (
            build_environment(DATABASE_URL="sqlite:///none.sqlite3"),
            "There's no database none.sqlite3",
        ),
        (
            build_environment(DATABASE_URL=sqlite_url),
            "There's no workspace in this database yet",
        ),
    ):
        done = run_in_process(tmp_path, env, "invoices", "import", "a.csv")
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert words in done.stderr


# Many


@pytest.mark.rule("BIL-07")
def test_all_invoices_of_a_file_are_added_and_listed(office: Office) -> None:
    done = office.imports(
        "card,1,2026-10-31,119.00,EUR,october.pdf",
        'CARD, 2 ,2026-11-30,"80",EUR,november.pdf',
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert report_line(done) == "Row Number Result 2 1 ok 3 2 ok Added 2 invoices."
    assert office.numbers == {"1", "2"}
    assert {path.stem for path in office.kept.folder.iterdir()} == {
        invoice.file for invoice in office.archive
    }


def test_two_invoices_may_share_a_pdf(office: Office) -> None:
    done = office.imports("card,1,2026-10-31,119.00,EUR,october.pdf")
    assert done.stdout.endswith("Added 1 invoice.\n")
    office.imports("card,2,2026-10-31,119.00,EUR,october.pdf")
    assert len({invoice.file for invoice in office.archive}) == 1


def test_column_order_blank_rows_and_other_columns_do_not_matter(
    office: Office,
) -> None:
    header = "\ufeffFile, Number,note,method,Amount,currency,date"
    done = office.imports(
        "october.pdf,7,paid,card,1.00,EUR,2026-10-31", "", ",,,,,,", header=header
    )
    assert done.returncode == 0, done.stderr
    assert office.numbers == {"7"}


def test_paths_are_relative_to_the_file(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    office.csv("card,1,2026-10-31,119.00,EUR,sub/a.pdf")
    (office.folder / "sub").mkdir()
    office.pdf("sub/a.pdf")
    env = office.env | {"COLLAB_FILES": str(office.kept.folder)}
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = run_in_process(
        elsewhere, env, "invoices", "import", str(office.folder / "invoices.csv")
    )
    assert done.returncode == 0, done.stderr
    assert list(elsewhere.iterdir()) == []


WRONG = [
    (
        "kard,9,2026-10-31,1.00,EUR,october.pdf",
        "9 There's no payment method with that short name or ID",
    ),
    (
        "acme,9,2026-10-31,1.00,EUR,october.pdf",
        "9 There's no payment method with that short name or ID",
    ),
    (
        "card,old,2026-10-31,1.00,EUR,october.pdf",
        "old Card already has an invoice with the number old",
    ),
    (
        "card,1,2026-10-31,1.00,EUR,november.pdf",
        "1 Row 2 has the same number for the same payment method",
    ),
    (
        "Card, 1 ,2026-10-31,1.00,EUR,november.pdf",
        "1 Row 2 has the same number for the same payment method",
    ),
    (
        "card,9,31.10.2026,1.00,EUR,october.pdf",
        "9 The date isn't valid: write it like 2026-10-31",
    ),
    ("card,9,2026-13-31,1.00,EUR,october.pdf", "9 The date isn't valid"),
    ("card,9,2026-10-31,1.001,EUR,october.pdf", "9 “1.001” isn't an amount in EUR"),
    ('card,9,2026-10-31,"1,00",EUR,october.pdf', "9 “1,00” isn't an amount in EUR"),
    ("card,9,2026-10-31,1.00,EURO,october.pdf", "9 “EURO” isn't a currency I know"),
    ("card,9,2026-10-31,1.00,EUR,nowhere.pdf", "9 There's no file nowhere.pdf"),
    ("card,9,2026-10-31,1.00,EUR,kept", "9 There's no file kept"),
    ("card,9,2026-10-31,1.00,EUR," + "x" * 300, "9 The file xxx"),
    ("card,9,2026-10-31,1.00,EUR,notes.pdf", "9 This isn't a complete PDF"),
    ("card,9,2026-10-31,1.00,EUR,big.pdf", "9 This is larger than 10 MB"),
    ("card,,2026-10-31,1.00,EUR,october.pdf", "The number is empty: fill it in"),
    (",9,2026-10-31,1.00,EUR,october.pdf", "9 The method is empty"),
    ("card,9,2026-10-31", "9 The amount is empty"),
    ("card,9,2026-10-31,1.00,EUR,", "9 The file is empty"),
    (
        "card,9,2026-10-31,1,00,EUR,october.pdf",
        "9 There are more cells than in the first row",
    ),
    (
        f"card,{CARD},2026-10-31,1.00,EUR,october.pdf",
        "•••• This looks like a card number",
    ),
    (f"{CARD},9,2026-10-31,1.00,EUR,october.pdf", "9 This looks like a card number"),
    (f"card,9,{CARD},1.00,EUR,october.pdf", "9 This looks like a card number"),
    (
        "card,[red]9[/red],2026-10-31,1,EUR,notes.pdf",
        "[red]9[/red] This isn't a complete PDF",
    ),
]


@pytest.mark.rule("BIL-07")
def test_each_wrong_row_is_listed_with_advice(office: Office) -> None:
    office.adds(number="old")
    (office.folder / "notes.pdf").write_bytes(b"hello")
    (office.folder / "big.pdf").write_bytes(
        b"%PDF-1.7\n" + b" " * MAX_FILE_BYTES + b"%%EOF\n"
    )
    done = office.imports(
        "card,1,2026-10-31,119.00,EUR,october.pdf", *(row for row, _ in WRONG)
    )
    assert done.returncode == 1
    report = report_line(done)
    assert "2 1 ok" in report
    for place, (_, words) in enumerate(WRONG, 3):
        assert f" {place} {words}" in report
    assert (
        f"Nothing was added: {len(WRONG)} of {len(WRONG) + 1} rows can't be imported"
        in done.stderr
    )
    assert office.numbers == {"old"}
    assert "4111" not in done.stdout + done.stderr


@pytest.mark.rule("BIL-07")
def test_one_wrong_row_rejects_all(office: Office) -> None:
    rows = (
        "card,1,2026-10-31,119.00,EUR,october.pdf",
        "card,2,2026-10-31,119.001,EUR,november.pdf",
    )
    done = office.imports(*rows)
    assert done.returncode == 1
    assert (
        done.stderr
        == "collab: Nothing was added: 1 of 2 rows can't be imported; fix them and import the file again\n"
    )
    assert office.archive == []
    assert office.imports(rows[0], rows[1].replace("119.001", "119.00")).returncode == 0
    assert office.numbers == {"1", "2"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"",
            "invoices.csv: the first row must have each of these columns once: method,number,date,amount,currency,file",
        ),
        (b"method,number,date,amount\n", "Problem with: currency, file"),
        (
            HEADER.replace(",", ";").encode() + b"\n",
            "Problem with: method, number",
        ),
        (HEADER.encode() + b",number\n", "Problem with: number"),
        (HEADER.encode() + b"\n\n,,,,,\n", "invoices.csv has no invoices"),
        (
            HEADER.encode() + b"\ncard,Gr\xfc\xdfe,2026-10-31,1.00,EUR,october.pdf\n",
            "isn't UTF-8 text",
        ),
        (HEADER.encode("utf-16"), "isn't UTF-8 text"),
        (
            HEADER.encode() + b'\ncard,"1,2026-10-31,1.00,EUR,october.pdf\n',
            "isn't valid CSV",
        ),
    ],
)
def test_invalid_csv_is_one_line_and_exits_with_1(
    office: Office, content: bytes, words: str
) -> None:
    (office.folder / "invoices.csv").write_bytes(content)
    done = run_in_process(
        office.folder, office.env, "invoices", "import", "invoices.csv"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert office.archive == []


def test_missing_file_is_wrong_usage(office: Office) -> None:
    assert (
        run_in_process(
            office.folder, office.env, "invoices", "import", "nowhere.csv"
        ).returncode
        == 2
    )
    assert (
        run_in_process(office.folder, office.env, "invoices", "import", ".").returncode
        == 2
    )


def test_files_folder_that_becomes_full(office: Office) -> None:
    (office.folder / "kept").write_text("no folder")
    done = office.imports("card,1,2026-10-31,119.00,EUR,october.pdf")
    assert done.returncode == 1
    assert "Nothing was added: COLLAB_FILES, kept, isn't a folder" in done.stderr
    assert office.archive == []


@pytest.mark.rule("BIL-01")
def test_no_card_number_is_stored(office: Office) -> None:
    office.adds(number="one")
    for place in range(5):
        cells = ["card", "9", "2026-10-31", "1.00", "EUR", "october.pdf"]
        cells[place] = CARD
        assert office.imports(",".join(cells)).returncode == 1
    office.adds(number=CARD.replace(" ", "-"))
    office.world.database.close()
    for path in [*office.folder.glob("collab.sqlite3*"), *office.kept.folder.iterdir()]:
        content = path.read_bytes().replace(b" ", b"").replace(b"-", b"")
        assert CARD.replace(" ", "").encode() not in content, path


def test_a_thousand_invoices_are_one_command(office: Office) -> None:
    done = office.imports(
        *(f"card,{n},2026-10-31,1.00,EUR,october.pdf" for n in range(1000))
    )
    assert done.stdout.endswith("Added 1000 invoices.\n")
    added = [
        r
        for r in office.world.list_recorded_events()
        if isinstance(r.event, InvoiceAdded)
    ]
    assert len(added) == 1000
    assert len({r.at for r in added}) == 1


# As a program


@pytest.mark.slow
def test_installed_program_behaves_alike(office: Office) -> None:
    office.csv(
        "card,1,2026-10-31,119.00,EUR,october.pdf",
        "card,2,2026-10-31,119.00,EUR,october.txt",
    )
    done = run_as_program(
        office.folder, office.env, "invoices", "import", "invoices.csv"
    )
    assert done.returncode == 1
    assert "There's no file october.txt" in done.stdout
    office.csv("card,1,2026-10-31,119.00,EUR,october.pdf")
    done = run_as_program(
        office.folder, office.env, "invoices", "import", "invoices.csv"
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_terminal_shows_progress(office: Office) -> None:
    office.csv("card,1,2026-10-31,119.00,EUR,october.pdf")
    ours, theirs = pty.openpty()
    words = [*COLLAB_COMMAND, "invoices", "import", "invoices.csv"]
    env = office.env | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        words, cwd=office.folder, env=env, stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        shown = read_all(ours)
    assert running.returncode == 0
    assert "Checking" in shown
    assert "100%" in shown
    assert "Added 1 invoice." in shown


def read_all(terminal: int) -> str:
    """What a program showed on a terminal, to its end."""
    parts = []
    try:
        while part := os.read(terminal, 4096):
            parts.append(part)
    except OSError:  # the other side is gone
        pass
    os.close(terminal)
    return b"".join(parts).decode()


@pytest.mark.rule("BIL-07")
def test_invisible_characters_are_ignored(
    office: Office,
) -> None:
    office.pdf("rechnung-u\u0308ber.pdf")
    header = "\ufeff" + HEADER.replace("number", "num\u200bber")

    row = "\u200ecard\u200b,\u20602026-1\u00ad,2026-10-31\ufeff,119.00\u00a0,EUR\u200b,rechnung-über.pdf"

    done = office.imports(row, header=header)

    assert done.returncode == 0, report_line(done)
    assert office.numbers == {"2026-1"}
