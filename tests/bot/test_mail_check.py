"""`collab check mail`: what it says of a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.config import Config
from bot.mail_check import run_mail_check
from bot.setting_parsers import SmtpServer
from tests.support.mail_sink import MailSink, make_server, run_mail_sink

NINA = "nina@client.example"


@pytest.fixture
def running() -> Iterator[tuple[MailSink, SmtpServer]]:
    with run_mail_sink() as sink_and_server:
        yield sink_and_server


def build_config(server: SmtpServer | None) -> Config:
    """Return the settings of a workspace that sends mails."""
    return Config(
        bot_token="xoxb-1-test",
        app_token="xapp-1-test",
        smtp_server=server,
        base_url="https://collab.acme.example",
        link_secrets=("s" * 40,),
    )


def results(config: Config, address: str = NINA) -> dict[str, tuple[bool | None, str]]:
    """Return each result by its name."""
    return {
        name: (is_ok, text)
        for is_ok, line in run_mail_check(config, address)
        for name, _, text in [line.partition(": ")]
    }


def test_a_test_is_sent_and_the_server_described(
    running: tuple[MailSink, SmtpServer],
) -> None:
    sink, server = running

    found = results(build_config(server))

    (mail,) = sink.mails
    assert mail["To"] == NINA
    assert mail["Auto-Submitted"] == "auto-generated"
    assert found["test"] == (True, f"accepted for {NINA}; see whether it arrives")
    assert found["greeting"][1]
    assert found["size"] == (True, "up to 34 MB")
    assert found["8BITMIME"][0] is True
    assert found["SMTPUTF8"][0] is True
    assert found["encryption"][0] is found["login"][0] is None
    assert found["bounces"][0] is None
    assert "v=spf1" in found["SPF"][1]
    assert "_domainkey.collab.acme.example" in found["DKIM"][1]
    assert "_dmarc.collab.acme.example" in found["DMARC"][1]


def test_the_test_has_the_address_of_bounces(
    running: tuple[MailSink, SmtpServer],
) -> None:
    sink, server = running
    config = replace(build_config(server), bounce_address="bounces@acme.example")

    assert results(config)["bounces"][0] is True
    assert sink.senders == ["bounces@acme.example"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("550 5.1.1 unknown", "there's no such mailbox"),
        ("552 5.2.2 full", "the mailbox is full"),
        ("550 5.7.1 no", "the mail server refuses the email"),
        ("451 later", "takes no mails for now"),
    ],
)
def test_a_refusal_is_explained(
    running: tuple[MailSink, SmtpServer], reply: str, said: str
) -> None:
    sink, server = running
    sink.rcpt_reply = reply

    assert results(build_config(server))["test"] == (False, said)


@pytest.mark.parametrize(
    ("server", "address", "name"),
    [
        (None, NINA, "mail"),
        (make_server(9), "nina", "mail"),
        (make_server(9), NINA, "test"),
    ],
)
def test_what_cannot_be_tried_is_said(
    server: SmtpServer | None, address: str, name: str
) -> None:
    assert results(build_config(server), address)[name][0] is False
