"""Texts on their way in: what Slack says and what people type is cleaned and limited before anything reads it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt import BoltRequest

from collab.events import InvitationSent, PersonProfiled
from tests.support.app_harness import AppHarness


def newest(stage: AppHarness, kind: type) -> Any:
    return [
        r.event
        for r in stage.app.database.event_log.export_events(stage.workspace)
        if isinstance(r.event, kind)
    ][-1]


def hears(stage: AppHarness, who: str, **said: Any) -> None:
    """The app is told of a changed profile."""
    user = {
        "id": stage.playground.get_user(who).id,
        "team_id": stage.workspace,
        "profile": {"display_name": who},
    }
    stage.playground.send_event({"type": "user_change", "user": user | said})
    stage.drain_outbox()


@pytest.mark.rule("PER-01")
def test_a_profile_is_kept_whatever_its_words_are(everywhere: AppHarness) -> None:
    stage = everywhere

    hears(
        stage,
        "devi",
        profile={"display_name": "Zoe \ud83d\x00\u202e"},
        tz="Europe/Lisbon\x00",
    )

    told = newest(stage, PersonProfiled)
    assert (told.title, told.tz) == ("Zoe \ufffd", "Europe/Lisbon")


def test_a_command_that_is_too_long_is_answered_before_anything_reads_it(
    stage: AppHarness,
) -> None:
    answer = stage.run_command("ada", "/collab members " + "x " * 2_500)

    assert "4000" in answer["text"]
    assert "characters" in answer["text"]


def test_a_field_that_is_too_long_says_so_at_the_field(stage: AppHarness) -> None:
    def answer(typed: str) -> dict[str, Any]:
        state = {
            "values": {"text": {"text": {"type": "plain_text_input", "value": typed}}}
        }
        view = {
            "id": "V1",
            "hash": "1",
            "callback_id": "form",
            "type": "modal",
            "private_metadata": "",
            "state": state,
        }
        user = {"id": stage.ada.id, "team_id": stage.workspace}
        body = {
            "type": "view_submission",
            "team": {"id": stage.workspace},
            "user": user,
            "view": view,
        }
        return dict(
            json.loads(
                stage.app.bolt_app.dispatch(
                    BoltRequest(mode="socket_mode", body=body)
                ).body
            )
        )

    assert "3001 characters" in answer("x" * 3_001)["errors"]["text"]
    assert "errors" not in answer("x" * 3_000)


@pytest.mark.rule("INV-01")
@pytest.mark.parametrize(
    ("tz", "end"),
    [
        ("America/Los_Angeles", datetime(2026, 12, 5, 7, 59, 59, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 12, 4, 22, 59, 59, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 12, 4, 9, 59, 59, tzinfo=UTC)),
        ("Nowhere/Land", datetime(2026, 12, 4, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_ends_where_the_speaker_is(
    stage: AppHarness, tz: str, end: datetime
) -> None:
    hears(stage, "ada", tz=tz, is_admin=True)

    answer = stage.run_command(
        "ada", "/collab invite @carl admin acme until 2026-12-04"
    )

    assert newest(stage, InvitationSent).until == end
    assert "end of 2026-12-04" in answer["text"]
