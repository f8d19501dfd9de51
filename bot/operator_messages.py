"""Sentences for the operator: what is wrong, and what to do."""

from __future__ import annotations

from pathlib import Path

from bot.slack.errors import REFUSED_TOKEN_CODES
from collab.file_store import MAX_FILE_BYTES, FileStoreError

DATABASE_PROBLEM_TEXTS = {
    "malformed_url": "DATABASE_URL names no database that Collab knows; it takes sqlite:///FILE or postgresql://…",
    "unreachable": "The database {place} cannot be reached: see that it runs and that DATABASE_URL is right",
    "busy": "The database {place} is busy or locked by another program: stop that program or try again",
    "read_only": "The database {place} cannot be written to: give Collab's user the right to write",
    "full": "The database {place} is full: make room on its disk",
    "disk": (
        "The disk of the database {place} fails, or does not do what SQLite needs, as on many network shares: "
        "see the system's log, or put the file on a local disk"
    ),
    "newer": "The database {place} was written by a newer Collab: install that version, or another DATABASE_URL",
    "old": "The database {place} has an older schema: run `collab db upgrade`",
    "broken": "The database {place} does not answer as it should: see its own log",
}

FILE_PROBLEM_TEXTS = {
    "not_pdf": "It is no PDF: one starts with %PDF- and has %%EOF at its end. Save it as PDF again",
    "too_big": "It is larger than {most} MB: save it smaller",
    "missing": "It is not in COLLAB_FILES, {place}: put that folder back from your backup",
    "damaged": "It is damaged in COLLAB_FILES, {place}: put that folder back from your backup",
    "no_folder": "COLLAB_FILES, {place}, is no folder and none can be made there: name another",
    "read_only": "COLLAB_FILES, {place}, cannot be written to: give Collab's user the right to write",
    "full": "COLLAB_FILES, {place}, is full: make room on its disk",
    "broken": "COLLAB_FILES, {place}, does not answer as it should: see that its disk is well",
}

TOKEN_PROBLEM_CODES = REFUSED_TOKEN_CODES | {"not_allowed_token_type", "invalid_token"}
CONNECTION_PROBLEM_CODES = frozenset({"unreachable", "timeout", "bad_answer"})


def describe_database_problem(reason: str, masked_url: str) -> str:
    """Return the sentence for a reason of `storage.database.DatabaseUnusable`."""
    text = DATABASE_PROBLEM_TEXTS.get(reason, DATABASE_PROBLEM_TEXTS["broken"])
    return text.format(place=masked_url)


def describe_file_problem(error: FileStoreError, folder: Path) -> str:
    """Return the sentence for a file, or for the folder of files."""
    text = FILE_PROBLEM_TEXTS.get(error.reason, FILE_PROBLEM_TEXTS["broken"])
    return text.format(place=folder, most=MAX_FILE_BYTES // 1024**2)


def describe_slack_problem(code: str, setting_name: str, api_url: str) -> str:
    """Return the sentence for an error code of Slack's with a token."""
    if code in TOKEN_PROBLEM_CODES:
        return (
            f"Slack refuses {setting_name} ({code}): copy the token again from your app's page at"
            " https://api.slack.com/apps"
        )
    if code in CONNECTION_PROBLEM_CODES:
        return f"Slack cannot be reached at {api_url} ({code}): see that this machine may connect there"
    return f"Slack answers {code} at {api_url}: `collab check` looks closer"
