"""A typed card number is stored nowhere: not in database, backup, log or traffic."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.slots import SAMPLE_VALUES, Slot
from bot.slack.commands.verb import COMMAND, Verb
from tests.support.app_harness import AppHarness, run_app

CARD_NUMBER = "4111 1111 1111 1111"
CARD_NUMBER_FORMS = (
    CARD_NUMBER,
    "4111-1111-1111-1111",
    "4111111111111111",
    "4111\u00a01111\u00a01111\u00a01111",
)
FORM_VALUES = {
    "decline": {"note": CARD_NUMBER},
    "refuse": {"note": CARD_NUMBER},
    "delete": {"name": CARD_NUMBER},
    "billing": {
        "address": CARD_NUMBER,
        "email": f"{CARD_NUMBER}@example.com",
        "reference": CARD_NUMBER,
    },
    "invite": {
        "role": "admin",
        "whom_mail": f"{CARD_NUMBER}@example.com",
        "note": CARD_NUMBER,
    },
    "accept": {
        "name": CARD_NUMBER,
        "address": CARD_NUMBER,
        "email": CARD_NUMBER,
        "reference": CARD_NUMBER,
    },
}


def iterate_lines(verb: Verb) -> Iterator[str]:
    """Yield the verb's command with a card number in place of each argument."""
    samples = {**SAMPLE_VALUES, **verb.samples}
    arguments = [samples[slot] for slot in verb.required_slots]
    for index in range(len(arguments) + 1):
        for number in CARD_NUMBER_FORMS[:2]:
            words = [*arguments[:index], f'"{number}"', *arguments[index + 1 :]]
            yield " ".join([COMMAND, verb.name, *words])
    if Slot.NOTE in verb.optional_slots:
        yield f'{COMMAND} {verb.name} {" ".join(arguments)} note "{CARD_NUMBER}"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def harness(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[AppHarness]:
    caplog.set_level(logging.DEBUG, "collab")
    with run_app(sqlite_url) as harness:
        yield harness


@pytest.mark.rule("BIL-01")
def test_a_card_number_is_stored_nowhere(
    harness: AppHarness, caplog: pytest.LogCaptureFixture, folder: Path
) -> None:
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.run_command("ada", "/collab create payment Card")
    for verb in VERB_BY_NAME.values():
        for line in iterate_lines(verb):
            answer = (
                harness.playground.get_user("ada").type_text(line, channel="general")
                or {}
            )
            assert not has_card_number(str(answer)), line
    harness.run_command("ada", f"/collab {CARD_NUMBER_FORMS[2]}")
    harness.run_command("ada", f"/collab help {CARD_NUMBER_FORMS[3]}")
    for name, values in FORM_VALUES.items():
        open_form(harness, name)
        user = harness.carl if name in {"decline", "accept"} else harness.ada
        errors = user.submit_view(values)["errors"]
        assert {block_id.partition(" ")[0] for block_id in errors} == {
            field for field, value in values.items() if CARD_NUMBER in value
        }, name
        assert not has_card_number(str(errors))
        user.close_view()
    harness.drain_outbox()

    database_path = folder / "collab.sqlite3"
    copy = folder / "copy.sqlite3"
    traffic = harness.playground.state.traffic._path
    with (
        closing(sqlite3.connect(database_path)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    assert traffic
    for path in (database_path, folder / "collab.sqlite3-wal", copy, traffic):
        assert not path.exists() or not has_card_number(
            path.read_bytes().decode("latin-1")
        ), path.name
    assert not has_card_number(caplog.text)


def has_card_number(text: str) -> bool:
    """Return whether the text has the number in any form, or a clear part of it."""
    return (
        any(number in text for number in CARD_NUMBER_FORMS)
        or "1111 1111" in text
        or "1111-1111" in text
    )


def open_form(harness: AppHarness, name: str) -> None:
    """Open a form as a user would."""
    if name == "decline":
        harness.run_command("ada", "/collab invite @carl admin acme")
        harness.press_button("carl", harness.latest_message("carl"), "decline")
    elif name == "edit":
        harness.run_command("ada", "/collab invitations sent")
        harness.press_button("ada", harness.latest_message("ada", "general"), "edit")
    elif name == "refuse":
        harness.run_command("ada", "/collab invite @bo developer shop")
        harness.press_button("bo", harness.latest_message("bo"), "accept")
        harness.run_command("bo", "/collab request manager shop")
        harness.press_button("ada", harness.latest_message("ada"), "refuse")
    elif name == "delete":
        harness.run_command("ada", "/collab delete acme")
        harness.press_button("ada", harness.latest_message("ada", "general"), "delete")
    elif name == "billing":
        harness.run_command("ada", "/collab billing card")
        harness.press_button("ada", harness.latest_message("ada", "general"), "billing")
    elif name == "invite":
        harness.run_command("ada", "/collab invite @carl shop")
    elif name == "accept":
        harness.run_command("ada", "/collab transfer billing shop @carl")
        harness.press_button(
            "ada", harness.latest_message("ada", "general"), "transfer"
        )
        harness.press_button("carl", harness.latest_message("carl"), "accept")
    harness.wait_for_view("carl" if name in {"decline", "accept"} else "ada")
