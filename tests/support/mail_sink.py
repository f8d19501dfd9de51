"""A real mail server on this machine, which answers as a test wants."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from aiosmtpd.controller import Controller

from bot.setting_parsers import SmtpServer


@dataclass
class MailSink:
    """Keeps mails; `rcpt_reply` and `data_reply` are what it says in place of 250."""

    rcpt_reply: str = ""
    replies_by_recipient: dict[str, str] = field(default_factory=dict)
    data_reply: str = ""
    seconds: float = 0.0  # before it answers to RCPT
    mails: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)  # of the envelopes
    dies_after_data: bool = False

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient."""
        await asyncio.sleep(self.seconds)
        reply = self.replies_by_recipient.get(address, self.rcpt_reply)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail."""
        if self.data_reply:
            return self.data_reply
        message = message_from_bytes(envelope.content, _class=EmailMessage, policy=SMTP)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.senders.append(envelope.mail_from)
        if self.dies_after_data:
            server.transport.abort()
        return "250 OK"


@contextmanager
def run_mail_sink() -> Iterator[tuple[MailSink, SmtpServer]]:
    """Run a mail server on a free port."""
    sink = MailSink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield sink, make_server(port)
    finally:
        controller.stop()


def make_server(port: int, **changes: Any) -> SmtpServer:
    """Return the settings of a mail server on this machine."""
    usual: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "user": None,
        "password": None,
        "starts_encrypted": False,
        "needs_encryption": False,
    }
    return SmtpServer(**(usual | changes))
