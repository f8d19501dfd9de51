"""Texts from Slack and from users are cleaned and limited."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt import BoltRequest

from collab.events import InvitationSent, PersonProfiled
from tests.support.app_harness import AppHarness


def find_latest_event(harness: AppHarness, event_type: type) -> Any:
    return [
        record.event
        for record in harness.app.database.event_log.export_events(harness.workspace)
        if isinstance(record.event, event_type)
    ][-1]


def send_user_change(harness: AppHarness, user_name: str, **fields: Any) -> None:
    """Send the app a changed profile."""
    user = {
        "id": harness.playground.get_user(user_name).id,
        "team_id": harness.workspace,
        "profile": {"display_name": user_name},
    }
    harness.playground.send_event({"type": "user_change", "user": user | fields})
    harness.drain_outbox()


@pytest.mark.rule("PER-01")
def test_a_profile_is_stored_without_invalid_characters(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    send_user_change(
        harness,
        "devi",
        profile={"display_name": "Zoe \ud83d\x00\u202e"},
        tz="Europe/Lisbon\x00",
    )

    profile = find_latest_event(harness, PersonProfiled)
    assert (profile.title, profile.tz) == ("Zoe \ufffd", "Europe/Lisbon")


def test_a_command_that_is_too_long_is_rejected(
    harness: AppHarness,
) -> None:
    answer = harness.run_command("ada", "/collab members " + "x " * 2_500)

    assert "4000" in answer["text"]
    assert "characters" in answer["text"]


def test_a_text_that_is_too_long_is_rejected_at_its_field(harness: AppHarness) -> None:
    def submit_text(text: str) -> dict[str, Any]:
        state = {
            "values": {"text": {"text": {"type": "plain_text_input", "value": text}}}
        }
        view = {
            "id": "V1",
            "hash": "1",
            "callback_id": "form",
            "type": "modal",
            "private_metadata": "",
            "state": state,
        }
        user = {"id": harness.ada.id, "team_id": harness.workspace}
        body = {
            "type": "view_submission",
            "team": {"id": harness.workspace},
            "user": user,
            "view": view,
        }
        return dict(
            json.loads(
                harness.app.bolt_app.dispatch(
                    BoltRequest(mode="socket_mode", body=body)
                ).body
            )
        )

    assert "3001 characters" in submit_text("x" * 3_001)["errors"]["text"]
    assert "errors" not in submit_text("x" * 3_000)


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
def test_a_day_ends_in_the_time_zone_of_the_sender(
    harness: AppHarness, tz: str, end: datetime
) -> None:
    send_user_change(harness, "ada", tz=tz, is_admin=True)

    answer = harness.run_command(
        "ada", "/collab invite @carl admin acme until 2026-12-04"
    )

    assert find_latest_event(harness, InvitationSent).until == end
    assert "end of Dec 4, 2026" in answer["text"]
