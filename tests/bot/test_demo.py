"""The demo on the playground's clock: due work runs in its order during time travel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.demo import build_demo, build_demo_settings, create_sample_data
from bot.demo_history import HISTORY_LENGTH, DemoHistory, build_invoice_pdf
from bot.playground.server import Playground
from bot.slack.socket_mode import open_connection
from collab.events import (
    InvitationExpired,
    InvitationReminded,
    InvitationSent,
    RecordedEvent,
)
from collab.mail_delivery import RecordMailFailure
from collab.model import Caller, WorkspaceId
from tests.support.app_harness import new_traffic_path
from tests.support.replay import assert_replay_gives_state

pytestmark = pytest.mark.slow  # starts the program


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[Playground, Any]]:
    with Playground(traffic_path=new_traffic_path()) as playground:
        settings = build_demo_settings(playground, tmp_path)
        app, identity = build_demo(settings, playground)
        connection = open_connection(app.bolt_app, settings, app.slack_client.client)
        app.start()
        create_sample_data(app, identity, playground)
        yield playground, app
        connection.close()
        app.stop()


def list_events(app: Any, playground: Playground, *kinds: type) -> list[RecordedEvent]:
    return [
        r
        for r in app.database.event_log.export_events(playground.team_id)
        if isinstance(r.event, kinds)
    ]


def test_sample_data_is_a_company_with_a_linked_channel(
    demo: tuple[Playground, Any],
) -> None:
    playground, _ = demo
    ada = playground.get_user("ada")
    assert len(ada.list_messages("acme")) == 1
    assert "Acme" in str(ada.type_text("/collab members acme"))


@pytest.mark.rule("INV-10")
def test_time_travel_sends_reminders_in_the_morning_and_expires(
    demo: tuple[Playground, Any],
) -> None:
    playground, app = demo
    ada, devi = playground.get_user("ada"), playground.get_user("devi")
    ada.type_text("/collab invite @devi admin acme", "acme")
    playground.wait_until(devi.list_direct_messages, 10)
    playground.travel_to(playground.clock.now() + timedelta(days=15))
    recorded_events = list_events(
        app, playground, InvitationReminded, InvitationExpired
    )
    assert [r.event.name for r in recorded_events] == [
        "invitation.reminded",
        "invitation.reminded",
        "invitation.expired",
    ]
    for reminded in recorded_events[:2]:
        local = reminded.at.astimezone(ZoneInfo("Asia/Kolkata"))
        assert local.weekday() < 5
        assert 9 <= local.hour < 18
    # What has expired is not answered any more, but can be asked for.
    assert [
        element["action_id"]
        for message in devi.list_direct_messages()
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ] == ["ask_again"]
    assert any(
        block["type"] == "actions" for block in ada.list_direct_messages()[-1]["blocks"]
    )


@pytest.mark.rule("OUT-05")
def test_the_clock_announces_no_reminder_to_an_address_that_gets_no_mail(
    demo: tuple[Playground, Any],
) -> None:
    playground, app = demo
    playground.get_user("ada").type_text(
        "/collab invite nina@client.example admin acme"
    )
    sent = list_events(app, playground, InvitationSent)[-1].event
    assert isinstance(sent, InvitationSent)
    assert sent.person
    assert (
        playground.next_due_payload()["next_words"] == "reminder to nina@client.example"
    )
    by = Caller(WorkspaceId(playground.team_id), None, "mail")
    problem = RecordMailFailure(by, sent.person, "mailbox_refused")
    app.bus.execute(problem, playground.clock.now())
    assert playground.next_due_payload()["next_words"] is None


def test_time_travel_ends_when_nothing_is_due(demo: tuple[Playground, Any]) -> None:
    playground, _ = demo
    target = playground.clock.now() + timedelta(days=400)
    playground.travel_to(target)
    assert target <= playground.clock.now() < target + timedelta(minutes=1)
    assert playground.next_due_at() is None


def test_history_is_complete_and_leaves_the_clock_at_the_present(
    tmp_path: Path,
) -> None:
    with Playground(traffic_path=new_traffic_path()) as playground:
        config = build_demo_settings(playground, tmp_path)
        present = playground.clock.now()
        playground.clock.set_now(present - HISTORY_LENGTH)
        app, identity = build_demo(config, playground)
        connection = open_connection(app.bolt_app, config, app.slack_client.client)
        app.start()
        try:
            create_sample_data(app, identity, playground)
            DemoHistory(app, playground, identity.workspace_id).play()

            ada = playground.get_user("ada")
            assert abs(playground.clock.now() - present) < timedelta(minutes=2)
            texts = [message["text"] for message in ada.list_messages("acme")]
            assert any("removed Sam" in text for text in texts)
            direct = [message["text"] for message in ada.list_direct_messages()]
            assert "requested manager access" in direct[-1]
            assert not any("couldn't reach" in text for text in direct)
            assert "119.00" in str(ada.type_text("/collab invoices acme-card"))
            assert "agency" in str(ada.type_text("/collab plan acme"))
            assert "Storefront" in str(ada.type_text("/collab keys"))
            first_due = playground.next_due_at()
            assert first_due
            assert first_due > present + timedelta(days=4)
            assert_replay_gives_state(app.database)
        finally:
            connection.close()
            app.stop()


def test_sample_invoice_is_a_pdf_file_with_right_offsets() -> None:
    content = build_invoice_pdf("2026-11", date(2026, 11, 30))

    assert content.startswith(b"%PDF-")
    table = int(content.split(b"startxref\n")[1].split()[0])
    assert content[table:].startswith(b"xref\n")
    for number, entry in enumerate(content[table:].splitlines()[3:8], 1):
        assert content[int(entry.split()[0]) :].startswith(b"%d 0 obj" % number)
