"""`collab check mail`: send a test, and say what the mail server said and can do."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from bot.bootstrap import utc_now
from bot.config import Config
from bot.delivery.email import MailFailed, SmtpMailer, TimedSmtp
from bot.doctor import MAIL_PROBLEMS, CheckResult
from collab.text import is_email_address

MAX_GREETING = 100
MEGABYTE = 1_000_000
TEXT = """\
This is a test of Collab's email. If you can read it, emails from Collab arrive here.
"""
# What the problems of a mailbox mean for a test.
MAILBOX_PROBLEMS = {
    "mailbox_refused": "there's no such mailbox",
    "mailbox_full": "the mailbox is full",
    "mail_refused": "the mail server refuses the email",
    "mail_sender_refused": "the mail server refuses the sender; check COLLAB_MAIL_FROM",
    "address_unusable": "the mail server can't take this address",
}


def run_mail_check(config: Config, address: str) -> Iterator[CheckResult]:
    """Connect, send a test to an address, and say how mails come to be trusted."""
    if config.smtp_server is None:
        yield CheckResult(False, "mail: SMTP_URL isn't set")
        return
    if not is_email_address(address):
        yield CheckResult(False, f"mail: {address} isn't an email address")
        return
    mailer = SmtpMailer(config.smtp_server)
    try:
        mailer.check()
        with mailer.open_connection() as connection:
            yield from _describe_server(config, connection)
        mailer.send(_build_test(config, address), config.bounce_address or "")
    except MailFailed as failed:
        problems = MAIL_PROBLEMS | MAILBOX_PROBLEMS
        yield CheckResult(False, f"test: {problems.get(failed.code, failed.code)}")
    except (OSError, smtplib.SMTPException) as error:
        yield CheckResult(False, f"test: the connection ended ({type(error).__name__})")
    else:
        yield CheckResult(True, f"test: accepted for {address}; see whether it arrives")
    yield from _describe_trust(config)


def _describe_server(config: Config, connection: TimedSmtp) -> Iterator[CheckResult]:
    connection.ehlo_or_helo_if_needed()
    greeting = connection.greeting.decode("utf-8", "replace").splitlines()
    first = greeting[0][:MAX_GREETING] if greeting else "nothing"
    yield CheckResult(True, f"greeting: {first}")
    if isinstance(connection.sock, ssl.SSLSocket):
        yield CheckResult(True, f"encryption: {connection.sock.version()}")
    else:
        yield CheckResult(None, "encryption: none, as the server is on this machine")
    server = config.smtp_server
    if server and server.user is not None:
        yield CheckResult(True, f"login: as {server.user}")
    else:
        yield CheckResult(None, "login: none")
    yield CheckResult(True, f"size: {_describe_size(connection)}")
    for feature, purpose in (
        ("8bitmime", "text with accents as it is"),
        ("smtputf8", "addresses with accents before the @"),
    ):
        is_known = connection.has_extn(feature)
        line = f"{feature.upper()}: {'yes' if is_known else 'no'} ({purpose})"
        yield CheckResult(True if is_known else None, line)


def _describe_size(connection: TimedSmtp) -> str:
    """Return the size of the largest mail that a server takes."""
    limit = connection.esmtp_features.get("size", "")
    if not limit.isdecimal() or int(limit) == 0:
        return "no limit named"
    return f"up to {int(limit) / MEGABYTE:.0f} MB"


def _describe_trust(config: Config) -> Iterator[CheckResult]:
    domain = config.sender_address.rpartition("@")[2]
    if config.bounce_address:
        yield CheckResult(True, f"bounces: come back to {config.bounce_address}")
    else:
        line = "bounces: only refusals at once are seen; set COLLAB_BOUNCE_ADDRESS"
        yield CheckResult(None, line)
    for line in (
        f"SPF: a TXT record of {domain} that begins with v=spf1 names the servers that may send for it",
        f"DKIM: the mail server signs emails; its key is a TXT record below _domainkey.{domain}",
        f"DMARC: a TXT record of _dmarc.{domain} says what others do with emails that neither proves",
    ):
        yield CheckResult(None, line)


def _build_test(config: Config, address: str) -> EmailMessage:
    local, _, domain = address.rpartition("@")
    message = EmailMessage(SMTP)
    message["From"] = Address("Collab", addr_spec=config.sender_address)
    message["To"] = Address(addr_spec=f"{local}@{domain.encode('idna').decode()}")
    message["Subject"] = "Test of Collab's email"
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = make_msgid(domain=config.sender_address.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(TEXT)
    return message
