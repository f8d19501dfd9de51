"""Names and addresses in the headers of mails, however hostile they are."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from bot.delivery.email import MailFailed
from bot.delivery.mails import format_recipient
from collab.model import NOBODY
from collab.text import clean_owner_name

NINA = replace(NOBODY, email="nina@client.example")


def send_over_the_wire(name: str, email: str = "nina@client.example") -> EmailMessage:
    """Return a mail to a person, as a mail server reads it."""
    message = EmailMessage(SMTP)
    person = replace(NINA, title=clean_owner_name(name), email=email)
    message["To"] = format_recipient(person)
    message["Subject"] = "Hello"
    message.set_content("Hello\n")
    read = message_from_bytes(message.as_bytes(), _class=EmailMessage, policy=SMTP)
    assert isinstance(read, EmailMessage)
    return read


@pytest.mark.rule("EVT-07")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nina Roth", "Nina Roth"),
        ("Roth, Nina", "Roth, Nina"),
        ('Nina "Nino" Roth', 'Nina "Nino" Roth'),
        ("Nina\r\nBcc: eve@evil.example", ""),
        ("Nina\r\nBcc: eve", "Nina Bcc: eve"),
        ("Nina\nX-Header: 1", "Nina X-Header: 1"),
        ("Nina\u2028Bcc: eve", "Nina Bcc: eve"),
        ("=?utf-8?q?ada=40acme?=", "= ?utf-8?q?ada=40acme?="),
        ("ada@acme.example", ""),
        ("Ada <ada@acme.example>", ""),
        ("see https://evil.example", ""),
        ("\u202egro.live", "gro.live"),
        ("ni\u200bna", "nina"),
        ("نينا", "نينا"),
        ("x" * 500, "x" * 80),
        ("\\", "\\"),
        ("(comment)", "comment"),
        ("\u200b", ""),
    ],
)
def test_a_name_is_nothing_but_a_name(name: str, shown: str) -> None:
    mail = send_over_the_wire(name)

    (recipient,) = mail["To"].addresses
    assert (recipient.addr_spec, recipient.display_name) == (NINA.email, shown)
    assert sorted(name.casefold() for name in mail) == [
        "content-transfer-encoding",
        "content-type",
        "mime-version",
        "subject",
        "to",
    ]


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize("email", ["nina@bücher.example", "nina@xn--bcher-kva.example"])
def test_an_international_domain_is_written_as_dns_does(email: str) -> None:
    (recipient,) = send_over_the_wire("Nina", email)["To"].addresses

    assert recipient.addr_spec == "nina@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "email",
    ["nina@client.example\r\nBcc: eve@evil.example", "nina", "@", "a b@c.example"],
)
def test_an_address_that_fits_no_header_is_given_up(email: str) -> None:
    with pytest.raises(MailFailed) as failed:
        format_recipient(replace(NINA, email=email))

    assert failed.value.code == "address_unusable"
