"""Mailboxes of people outside Slack, as the page shows them."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP

import pytest
import requests

from bot.playground.mailbox import UnknownMailbox
from bot.playground.server import Playground


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground() as playground:
        yield playground


def build_mail(recipient: str) -> EmailMessage:
    message = EmailMessage(SMTP)
    message["From"] = "Collab <collab@acme.example>"
    message["To"] = recipient
    message["Subject"] = "Grüße"
    message["Message-ID"] = "<1@acme.example>"
    message.set_content("text")
    message.add_alternative("<html><head></head><p>html</p></html>", subtype="html")
    return message


def test_a_mail_is_in_the_mailbox_of_its_recipient(playground: Playground) -> None:
    playground.mailboxes.send(build_mail("Nina@client.example"))
    playground.mailboxes.send(build_mail("new@elsewhere.example"))

    boxes = requests.get(f"{playground.url}/ui/mails", timeout=10).json()["mailboxes"]

    counts = {box["address"]: len(box["mails"]) for box in boxes}
    assert counts == {
        "nina@client.example": 1,
        "otto@books.example": 0,
        "new@elsewhere.example": 1,
    }
    (mail,) = boxes[0]["mails"]
    assert (mail["subject"], mail["text"].strip()) == ("Grüße", "text")
    assert "<p>html</p>" in mail["html"]


def test_an_address_of_nobody_is_refused(playground: Playground) -> None:
    with pytest.raises(UnknownMailbox):
        playground.mailboxes.send(build_mail("nobody@nowhere.example"))
    assert playground.mailboxes.list_mails() == []
