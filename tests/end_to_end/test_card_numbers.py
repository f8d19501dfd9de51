"""A card number that somebody types anywhere is kept nowhere: not in the database, its copy, the log or the traffic."""

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

CARD = "4111 1111 1111 1111"
WRITTEN = (
    CARD,
    "4111-1111-1111-1111",
    "4111111111111111",
    "4111\u00a01111\u00a01111\u00a01111",
)
WINDOWS = {
    "decline": {"reason": CARD},
    "edit": {"role": "admin", "lasts": CARD},
    "refuse": {"reason": CARD},
    "delete": {"name": CARD},
    "billing": {"address": CARD, "email": f"{CARD}@example.com", "reference": CARD},
    "invite": {
        "role": "admin",
        "whom_mail": f"{CARD}@example.com",
        "lasts": CARD,
        "note": CARD,
    },
    "accept": {"title": CARD, "address": CARD, "email": CARD, "reference": CARD},
}


def lines(verb: Verb) -> Iterator[str]:
    """The verb with a card number in place of each word in turn, and behind them all."""
    samples = {**SAMPLE_VALUES, **verb.samples}
    said = [samples[slot] for slot in verb.required_slots]
    for place in range(len(said) + 1):
        for written in WRITTEN[:2]:
            words = [*said[:place], f'"{written}"', *said[place + 1 :]]
            yield " ".join([COMMAND, verb.name, *words])
    if Slot.NOTE in verb.optional_slots:
        yield f'{COMMAND} {verb.name} {" ".join(said)} note "{CARD}"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def stage(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[AppHarness]:
    caplog.set_level(logging.DEBUG, "collab")
    with run_app(sqlite_url) as stage:
        yield stage


@pytest.mark.rule("BIL-01")
def test_a_card_number_reaches_nothing_that_is_kept(
    stage: AppHarness, caplog: pytest.LogCaptureFixture, folder: Path
) -> None:
    stage.run_command("ada", "/collab create app Shop in acme")
    stage.run_command("ada", "/collab create payment Card")
    for verb in VERB_BY_NAME.values():
        for line in lines(verb):
            answer = (
                stage.playground.get_user("ada").type_text(line, channel="general")
                or {}
            )
            assert not holds(str(answer)), line
    stage.run_command("ada", f"/collab {WRITTEN[2]}")
    stage.run_command("ada", f"/collab help {WRITTEN[3]}")
    for name, values in WINDOWS.items():
        opens(stage, name)
        person = stage.carl if name in {"decline", "accept"} else stage.ada
        errors = person.submit_view(values)["errors"]
        assert {block_id.partition(" ")[0] for block_id in errors} == {
            field for field, value in values.items() if CARD in value
        }, name
        assert not holds(str(errors))
        person.close_view()
    stage.drain_outbox()

    kept = folder / "collab.sqlite3"
    copy = folder / "copy.sqlite3"
    traffic = stage.playground.state.traffic._path
    with (
        closing(sqlite3.connect(kept)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    assert traffic
    for path in (kept, folder / "collab.sqlite3-wal", copy, traffic):
        assert not path.exists() or not holds(path.read_bytes().decode("latin-1")), (
            path.name
        )
    assert not holds(caplog.text)


def holds(text: str) -> bool:
    """Whether any writing of the number, or what is unmistakably a part of one, stands in a text."""
    return (
        any(written in text for written in WRITTEN)
        or "1111 1111" in text
        or "1111-1111" in text
    )


def opens(stage: AppHarness, name: str) -> None:
    """Open a window as a person would."""
    if name == "decline":
        stage.run_command("ada", "/collab invite @carl admin acme")
        stage.press_button("carl", stage.latest_message("carl"), "decline")
    elif name == "edit":
        stage.run_command("ada", "/collab invitations sent")
        stage.press_button("ada", stage.latest_message("ada", "general"), "edit")
    elif name == "refuse":
        stage.run_command("ada", "/collab invite @bo developer shop")
        stage.press_button("bo", stage.latest_message("bo"), "accept")
        stage.run_command("bo", "/collab request manager shop")
        stage.press_button("ada", stage.latest_message("ada"), "refuse")
    elif name == "delete":
        stage.run_command("ada", "/collab delete acme")
        stage.press_button("ada", stage.latest_message("ada", "general"), "delete")
    elif name == "billing":
        stage.run_command("ada", "/collab billing card")
        stage.press_button("ada", stage.latest_message("ada", "general"), "billing")
    elif name == "invite":
        stage.run_command("ada", "/collab invite @carl shop")
    elif name == "accept":
        stage.run_command("ada", "/collab transfer billing shop @carl")
        stage.press_button("ada", stage.latest_message("ada", "general"), "transfer")
        stage.press_button("carl", stage.latest_message("carl"), "accept")
    stage.wait_for_view("carl" if name in {"decline", "accept"} else "ada")
