"""Mail servers that refuse some, are full, or end in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from bot import demo
from bot.delivery.email import SmtpMailer
from tests.support.app_harness import AppHarness, run_app
from tests.support.mail_sink import MailSink, run_mail_sink

GUESTS = ("nina@client.example", "otto@client.example", "mia@client.example")


@pytest.fixture
def office(sqlite_url: str) -> Iterator[tuple[AppHarness, MailSink]]:
    """Return the app, which sends by a real mail server."""
    with (
        run_mail_sink() as (sink, server),
        patch.object(demo, "DemoMailer", lambda _mailboxes: SmtpMailer(server)),
        run_app(sqlite_url, bounce_address="bounces@acme.example") as harness,
    ):
        yield harness, sink


def sent_lines(harness: AppHarness) -> dict[str, str]:
    """Return the lines of Ada's list of what she sent, by address."""
    text = harness.run_command("ada", "/collab invitations sent")["text"]
    return {
        guest: next(line for line in text.splitlines() if line.startswith(guest))
        for guest in GUESTS
    }


@pytest.mark.rule("OUT-05")
def test_a_server_that_refuses_some_recipients_gets_the_others(
    office: tuple[AppHarness, MailSink],
) -> None:
    harness, sink = office
    sink.replies_by_recipient = {
        GUESTS[0]: "550 5.1.1 unknown",
        GUESTS[1]: "452 4.2.2 full",
    }

    harness.run_command("ada", f"/collab invite {' '.join(GUESTS)} admin acme")

    assert [mail["To"] for mail in sink.mails] == [GUESTS[2]]
    lines = sent_lines(harness)
    assert "Not delivered: no such mailbox" in lines[GUESTS[0]]
    assert "email delayed, next try" in lines[GUESTS[1]]
    assert lines[GUESTS[2]].endswith("emailed")
    assert len(set(sink.senders)) == 1
    assert sink.senders[0].startswith("bounces+")


@pytest.mark.rule("OUT-02")
def test_a_server_that_ends_after_data_gets_the_same_mail_again(
    office: tuple[AppHarness, MailSink],
) -> None:
    harness, sink = office
    sink.dies_after_data = True
    harness.run_command("ada", f"/collab invite {GUESTS[0]} admin acme")
    sink.dies_after_data = False
    harness.playground.wait_until(lambda: len(sink.mails) > 1)

    first, second = sink.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert str(first.get_body(("plain",))) == str(second.get_body(("plain",)))
    assert sink.senders[0] == sink.senders[1]
