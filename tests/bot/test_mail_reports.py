"""What mail servers report, and everything else that comes to the address of bounces."""

from __future__ import annotations

import random
from email.message import EmailMessage

import pytest

from bot.bounce_addresses import BounceAddresses, SentMail
from bot.mail_reports import MailReport, read_report
from collab.mail_delivery import COMPLAINED, DELAYED
from collab.model import DeliveryId

SECRETS = ("s" * 32,)
ADDRESSES = BounceAddresses("bounces@acme.example", SECRETS)
MAIL = SentMail(DeliveryId(4711), 2)
TO = ADDRESSES.create(MAIL)
BOUNCE = """\
Return-Path: <>
From: MAILER-DAEMON@mx.client.example
To: {to}
Auto-Submitted: auto-replied
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.client.example
Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000

Final-Recipient: rfc822; nina@client.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 unknown

--B
Content-Type: text/rfc822-headers

From: Collab <collab@acme.example>
To: nina@client.example

--B--
"""
COMPLAINT = """\
From: abuse@mail.example
To: abuse@acme.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

This is an email abuse report.

--B
Content-Type: message/feedback-report

Feedback-Type: {type}
User-Agent: Example/1.0
Version: 1
Original-Mail-From: <{to}>

--B
Content-Type: message/rfc822

From: Collab <collab@acme.example>
Subject: Ada invited you

Hello
--B--
"""


def bounce(action: str = "failed", status: str = "5.1.1", to: str = TO) -> bytes:
    return BOUNCE.format(action=action, status=status, to=to).encode()


@pytest.mark.rule("OUT-05")
@pytest.mark.parametrize(
    ("action", "status", "problem"),
    [
        ("failed", "5.1.1", "mailbox_refused"),
        ("Failed", "5.1.10", "mailbox_refused"),
        ("failed", "5.2.1 (disabled)", "mailbox_refused"),
        ("failed", "5.2.2", "mailbox_full"),
        ("failed", "5.7.1", "mail_refused"),
        ("failed", "5.1.8", "mail_refused"),  # our own address is what is wrong
        ("failed", "4.4.7", "mail_refused"),
        ("delayed", "4.4.1", DELAYED),
    ],
)
def test_a_bounce_says_what_became_of_a_mail(
    action: str, status: str, problem: str
) -> None:
    assert read_report(bounce(action, status), ADDRESSES) == MailReport(MAIL, problem)


@pytest.mark.rule("OUT-05")
def test_a_complaint_is_read() -> None:
    content = COMPLAINT.format(type="abuse", to=TO).encode()

    assert read_report(content, ADDRESSES) == MailReport(MAIL, COMPLAINED)
    not_spam = COMPLAINT.format(type="not-spam", to=TO).encode()
    assert read_report(not_spam, ADDRESSES) is None


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("delivered", "2.0.0"),
        ("relayed", "2.0.0"),
        ("expanded", "2.0.0"),
        ("failed", ""),
        ("failed", "none"),
        ("", "5.1.1"),
    ],
)
def test_what_is_no_failure_is_ignored(action: str, status: str) -> None:
    assert read_report(bounce(action, status), ADDRESSES) is None


@pytest.mark.rule("OUT-05")
@pytest.mark.parametrize(
    "to",
    [
        "bounces@acme.example",
        "bounces+4711-2-aaaaaaaaaaaaaaaa@acme.example",
        TO.replace("4711-2", "4712-2"),
        TO.replace("4711-2", "4711-1"),
        BounceAddresses("bounces@acme.example", ("x" * 32,)).create(MAIL),
    ],
)
def test_a_forged_address_is_ignored(to: str) -> None:
    assert read_report(bounce(to=to), ADDRESSES) is None
    assert read_report(bounce(to="x@acme.example"), ADDRESSES, to) is None


def test_the_recipient_may_come_from_the_mail_server_and_in_capitals() -> None:
    content = bounce(to="undisclosed")

    assert read_report(content, ADDRESSES, TO.upper()) is not None


def test_older_secrets_are_read_and_the_first_signs() -> None:
    both = BounceAddresses("bounces@acme.example", ("n" * 32, *SECRETS))

    assert both.find(TO) == MAIL
    assert both.create(MAIL) != TO
    assert len(TO.partition("@")[0]) <= 64


def answer(**headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = "nina@client.example"
    message["To"] = TO
    message["Subject"] = "Re: Ada invited you"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("I'm away until Monday. Status: 5.1.1 Action: failed")
    return message.as_bytes()


@pytest.mark.parametrize(
    "content",
    [
        answer(Auto_Submitted="auto-replied"),
        answer(Precedence="bulk"),
        answer(X_Autoreply="yes"),
        answer(),
        b"",
        b"\x00\xff\xfe",
        BOUNCE.partition("--B")[0].format(to=TO).encode(),
        BOUNCE.replace("message/delivery-status", "text/plain")
        .format(action="failed", status="5.1.1", to=TO)
        .encode(),
        BOUNCE.replace("delivery-status", "disposition-notification")
        .format(action="failed", status="5.1.1", to=TO)
        .encode(),
        b"Content-Type: multipart/report; boundary=B\n\n" + b"--B\n" * 5_000,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (n, n)
            for n in range(3_000)
        ),
    ],
)
def test_what_is_no_report_is_ignored(content: bytes) -> None:
    assert read_report(content, ADDRESSES, TO) is None


def test_damaged_reports_raise_nothing() -> None:
    source = random.Random(7)
    whole = bounce()
    for _ in range(500):
        damaged = bytearray(whole)
        for _ in range(source.randrange(1, 20)):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        read_report(bytes(damaged[: source.randrange(len(damaged))]), ADDRESSES, TO)
