"""Sentences for the operator: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.slack.errors import REFUSED_TOKEN_CODES
from collab.backups import Verification
from collab.file_store import MAX_FILE_BYTES, FileStoreError

DATABASE_SILENT = "the database isn't answering"  # of the probe
DATABASE_PROBLEM_TEXTS = {
    "malformed_url": "DATABASE_URL isn't a database URL that Collab supports: use sqlite:///FILE or postgresql://…",
    "unreachable": "Can't reach the database {place}: check that it's running and that DATABASE_URL is right",
    "busy": "The database {place} is busy or locked by another program: stop that program, or try again",
    "read_only": "Can't write to the database {place}: give Collab's user write permission",
    "full": "The database {place} is full: free up space on its disk",
    "disk": (
        "The disk of the database {place} is failing, or doesn't support SQLite, like many network shares: "
        "check the system log, or move the file to a local disk"
    ),
    "newer": "The database {place} belongs to a newer version of Collab: install that version, or change DATABASE_URL",
    "old": "The database {place} has an older schema: run `collab db upgrade`",
    "broken": "The database {place} isn't responding properly: check its log",
}

BACKUP_PROBLEM_TEXTS = {
    "not_a_backup": "This isn't a backup of Collab",
    "damaged": "The backup is damaged ({detail}): use another one",
    "other_schema": (
        "The backup is of another version of Collab (schema {detail}): "
        "restore it with that version, and then upgrade"
    ),
    "unwritable": "Can't write the backup ({detail}): check the folder and the space on its disk",
    "not_empty": "There's something in this database: restore into an empty one, see DATABASE_URL",
    "missing_file": "An invoice's PDF is missing from COLLAB_FILES ({detail}): restore that file first",
}

FILE_PROBLEM_TEXTS = {
    "not_pdf": "This isn't a complete PDF, from %PDF- to %%EOF. Save it as a PDF again",
    "too_big": "This is larger than {most} MB: save a smaller version",
    "missing": "The file is missing from COLLAB_FILES, {place}: restore that folder from your backup",
    "damaged": "The file in COLLAB_FILES, {place}, is damaged: restore that folder from your backup",
    "no_folder": "COLLAB_FILES, {place}, isn't a folder and can't be created: choose another one",
    "read_only": "Can't write to COLLAB_FILES, {place}: give Collab's user write permission",
    "full": "COLLAB_FILES, {place}, is full: free up space on its disk",
    "broken": "COLLAB_FILES, {place}, isn't responding properly: check its disk",
}

DATABASE_FILE_PROBLEM_TEXTS = {
    "missing": (
        "The file is missing from the database: run `collab files migrate` if it's still in a folder,"
        " or restore the database from your backup"
    ),
    "damaged": "The file in the database is damaged: restore the database from your backup",
}

TOKEN_PROBLEM_CODES = REFUSED_TOKEN_CODES | {"not_allowed_token_type", "invalid_token"}
CONNECTION_PROBLEM_CODES = frozenset({"unreachable", "timeout", "bad_answer"})


def describe_database_problem(reason: str, masked_url: str) -> str:
    """Return the sentence for a reason of `storage.database.DatabaseUnusable`."""
    text = DATABASE_PROBLEM_TEXTS.get(reason, DATABASE_PROBLEM_TEXTS["broken"])
    return text.format(place=masked_url)


def describe_file_problem(error: FileStoreError, folder: Path | None) -> str:
    """Return the sentence for a file, or for the folder of files.

    Without a folder the files are in the database.
    """
    texts = FILE_PROBLEM_TEXTS
    if folder is None:
        texts = texts | DATABASE_FILE_PROBLEM_TEXTS
    text = texts.get(error.reason, texts["broken"])
    return text.format(place=folder, most=MAX_FILE_BYTES // 1024**2)


def describe_slack_problem(code: str, setting_name: str, api_url: str) -> str:
    """Return the sentence for an error code of Slack's with a token."""
    if code in TOKEN_PROBLEM_CODES:
        return (
            f"Slack rejected {setting_name} ({code}): copy the token again from your app's page at"
            " https://api.slack.com/apps"
        )
    if code in CONNECTION_PROBLEM_CODES:
        return f"Can't reach Slack at {api_url} ({code}): check that this machine can connect to it"
    return f"Slack answered {code} at {api_url}: run `collab check` to find out more"


def describe_unreadable_tokens(workspace: str) -> str:
    """Return the sentence for tokens that no secret decrypts."""
    return (
        f"The tokens of workspace {workspace} can't be decrypted: put the secret that encrypted them back into"
        " COLLAB_SECRET, or install Collab there again"
    )


def describe_stalled_loops(names: Sequence[str]) -> str:
    """Return the words of the probe for loops that do not move."""
    return f"stuck: {', '.join(names)}"


def describe_unready_database(reason: str) -> str:
    """Return the words of the probe for a database that cannot be worked with."""
    return f"the database isn't usable: {reason}"


def describe_backup_problem(reason: str, detail: str) -> str:
    """Return the sentence for a backup that cannot be written or restored."""
    return BACKUP_PROBLEM_TEXTS[reason].format(detail=detail)


def describe_unrestored_file(reason: str) -> str:
    """Return the sentence for a PDF that cannot be saved while a backup is restored."""
    return f"A PDF of an invoice can't be saved ({reason}), so nothing is restored: check COLLAB_FILES"


def describe_differences(verification: Verification) -> str:
    """Return the sentence for a database that is not what its events say."""
    problems = [
        f"{workspace_id}: {len(numbers)} events are missing, unreadable or unexpected, the first is {numbers[0]}"
        for workspace_id, numbers in verification.wrong_events.items()
    ]
    problems += [
        f"the table {table} isn't what the events say"
        for table in verification.differing_tables
    ]
    return f"Something other than Collab changed the database: {'; '.join(problems)}. Restore a backup"
