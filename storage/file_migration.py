"""Copies invoices' PDFs from a folder into the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from collab.file_store import FileStoreError
from storage.file_table import PdfTable
from storage.files import PdfFolder


@dataclass
class FileMigrationResult:
    """What became of the files: counts, and those that were left out with the reason."""

    copied: int = 0
    present: int = 0
    deleted: int = 0
    unusable: list[tuple[Path, str]] = field(default_factory=list)


def copy_files(
    folder: PdfFolder, table: PdfTable, *, deletes: bool = False
) -> FileMigrationResult:
    """Copy each PDF that the database lacks; the content must have the hash of its name.

    With `deletes` a file is deleted once the database gives it back unchanged. What
    was copied before an interruption is not copied again.
    """
    result = FileMigrationResult()
    digests = table.list_digests()
    for path in folder.list_paths():
        try:
            content = folder.load(path.stem)
            if path.stem in digests:
                result.present += 1
            else:
                table.save(content)
                result.copied += 1
            if deletes and table.load(path.stem) == content:
                path.unlink()
                result.deleted += 1
        except FileStoreError as error:
            result.unusable.append((path, error.reason))
    return result
