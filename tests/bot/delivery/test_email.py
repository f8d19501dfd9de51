"""Mails handed to a real mail server, and what its refusals mean."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from bot.delivery import email as email_delivery
from bot.delivery.email import MailFailed, SmtpMailer
from bot.setting_parsers import SmtpServer
from bot.slack.errors import FailureKind
from tests.support.mail_sink import MailSink, make_server, run_mail_sink

GONE = FailureKind.RECIPIENT_GONE
LATER = FailureKind.TRANSIENT
OURS = FailureKind.OPERATOR_ERROR


@pytest.fixture
def running() -> Iterator[tuple[MailSink, SmtpServer]]:
    with run_mail_sink() as sink_and_server:
        yield sink_and_server


def build_message() -> EmailMessage:
    message = EmailMessage(SMTP)
    message["From"] = "Collab <collab@acme.example>"
    message["To"] = "nina@client.example"
    message["Subject"] = "Grüße"
    message.set_content("Guten Tag\n")
    return message


def failure_of(server: SmtpServer) -> tuple[str, FailureKind]:
    with pytest.raises(MailFailed) as failed:
        SmtpMailer(server).send(build_message())
    return failed.value.code, failed.value.kind


def test_a_mail_arrives_as_it_was_written(
    running: tuple[MailSink, SmtpServer],
) -> None:
    sink, server = running

    SmtpMailer(server).send(build_message())

    (mail,) = sink.mails
    assert (mail["Subject"], mail.get_content()) == ("Grüße", "Guten Tag\r\n")


@pytest.mark.rule("OUT-05")
def test_reports_come_back_to_an_address_of_their_own(
    running: tuple[MailSink, SmtpServer],
) -> None:
    sink, server = running
    mailer = SmtpMailer(server)

    mailer.send(build_message(), "bounces+7-0-abc@acme.example")
    mailer.send(build_message())

    assert sink.senders == ["bounces+7-0-abc@acme.example", "collab@acme.example"]
    assert [mail["From"] for mail in sink.mails] == ["Collab <collab@acme.example>"] * 2


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"rcpt_reply": "550 5.1.1 no such mailbox"}, ("mailbox_refused", GONE)),
        ({"rcpt_reply": "550 unknown user"}, ("mailbox_refused", GONE)),
        ({"rcpt_reply": "550 5.7.1 you are on a list"}, ("mail_refused", GONE)),
        ({"rcpt_reply": "552 5.2.2 mailbox full"}, ("mailbox_full", GONE)),
        ({"rcpt_reply": "552 mailbox full"}, ("mailbox_full", GONE)),
        ({"rcpt_reply": "452 4.2.2 mailbox full"}, ("mail_delayed", LATER)),
        ({"rcpt_reply": "554 no"}, ("mail_refused", GONE)),
        ({"rcpt_reply": "451 greylisted"}, ("mail_delayed", LATER)),
        ({"data_reply": "554 looks like spam"}, ("mail_refused", GONE)),
        ({"data_reply": "550 5.1.1 no such mailbox"}, ("mailbox_refused", GONE)),
        ({"data_reply": "552 over quota"}, ("mailbox_full", GONE)),
        ({"data_reply": "452 the disk is full"}, ("mail_delayed", LATER)),
        ({"dies_after_data": True}, ("mail_unreachable", LATER)),
    ],
)
def test_a_refusal_says_whether_to_try_again(
    running: tuple[MailSink, SmtpServer],
    answers: dict[str, object],
    expected: tuple[str, FailureKind],
) -> None:
    sink, server = running
    for name, answer in answers.items():
        setattr(sink, name, answer)

    assert failure_of(server) == expected


def test_a_server_that_is_too_slow_is_left(
    running: tuple[MailSink, SmtpServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    sink, server = running
    sink.seconds = 5.0
    monkeypatch.setattr(email_delivery, "SEND_SECONDS", 0.3)

    assert failure_of(server) == ("mail_unreachable", LATER)


def test_nothing_is_said_to_a_server_without_encryption(
    running: tuple[MailSink, SmtpServer],
) -> None:
    sink, server = running

    needing = replace(server, needs_encryption=True)

    assert failure_of(needing) == ("mail_not_encrypted", OURS)
    assert not sink.mails


def test_a_server_that_knows_no_login_is_the_operators_to_mend(
    running: tuple[MailSink, SmtpServer],
) -> None:
    _, server = running

    code, kind = failure_of(replace(server, user="collab", password="wrong"))

    assert (code, kind) == ("mail_not_encrypted", OURS)


def test_a_server_that_does_not_answer_is_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    assert failure_of(make_server(port)) == ("mail_unreachable", LATER)


def test_a_check_sends_nothing(running: tuple[MailSink, SmtpServer]) -> None:
    sink, server = running

    SmtpMailer(server).check()

    assert not sink.mails
    with pytest.raises(MailFailed, match="mail_not_encrypted"):
        SmtpMailer(replace(server, needs_encryption=True)).check()
