"""Hand mails to a mail server, and name why one was not accepted."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from threading import BoundedSemaphore
from typing import Protocol

from bot.bounce_addresses import BounceAddresses, find_bounce_addresses
from bot.config import Config
from bot.invitation_links import InvitationLinks
from bot.metrics import get_recorder
from bot.setting_parsers import SmtpServer
from bot.sign_in_links import SignInLinks
from bot.slack.errors import FailureKind, MethodPaused

# For everything until the server has accepted a mail, within the lease of a delivery.
SEND_SECONDS = 25.0
MAX_MAILS_AT_ONCE = 2  # of the threads that deliver
PLACE_SECONDS = 0.2  # to wait for one of these
BUSY_SECONDS = 1.0  # until a mail that found no place is tried again
FIRST_PERMANENT_REPLY = 500
STORAGE_EXCEEDED = 552
ENHANCED_STATUS = re.compile(rb"5\.\d{1,3}\.\d{1,3}\b")
# No such mailbox, no such domain, a malformed address, moved, a domain that takes no
# mail, a mailbox that was closed.
NO_MAILBOX_DETAILS = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
FULL_DETAIL = "2.2"
# What replies to a recipient mean without an enhanced status code (RFC 5321, 4.2.3).
STATUS_BY_REPLY = {550: "5.1.1", 551: "5.1.6", 552: "5.2.2", 553: "5.1.3"}


class MailFailed(Exception):
    """Report a mail that was not accepted; `code` is a word of ours for the reason."""

    def __init__(self, code: str, kind: FailureKind) -> None:
        super().__init__(code)
        self.code = code
        self.kind = kind


class Mailer(Protocol):
    """What takes mails."""

    def send(self, message: EmailMessage, bounce_to: str = "") -> None:
        """Send a mail to the one address in its header; raises MailFailed.

        Mail servers report to `bounce_to`, or else to the sender.
        """


@dataclass(frozen=True, slots=True)
class MailService:
    """What deliveries by mail use; `sender` is the address that mails come from,
    `bounces` makes those that reports are sent to.
    """

    mailer: Mailer
    links: InvitationLinks
    sign_in_links: SignInLinks
    sender: str
    bounces: BounceAddresses | None = None


class LimitedMailer:
    """Lets another mailer send a few mails at once, so that a slow mail server leaves
    threads for what goes to Slack.
    """

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._places = BoundedSemaphore(MAX_MAILS_AT_ONCE)

    def send(self, message: EmailMessage, bounce_to: str = "") -> None:
        """Send a mail; raises MailFailed, or MethodPaused while all places are taken."""
        if not self._places.acquire(timeout=PLACE_SECONDS):
            raise MethodPaused(BUSY_SECONDS)
        outcome = "failed"
        try:
            self._mailer.send(message, bounce_to)
            outcome = "sent"
        finally:
            get_recorder().count_mail(outcome)
            self._places.release()


class SmtpMailer:
    """Sends each mail by a connection of its own."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    def send(self, message: EmailMessage, bounce_to: str = "") -> None:
        """Send a mail; raises MailFailed."""
        try:
            with self.open_connection() as connection:
                _send_message(connection, message, bounce_to)
        except (OSError, smtplib.SMTPException) as error:
            raise _failure_from_error(error) from error
        except ValueError as error:  # the address cannot be in a header
            raise MailFailed("address_unusable", FailureKind.RECIPIENT_GONE) from error

    def check(self) -> None:
        """Connect and log in without sending a mail; raises MailFailed."""
        try:
            with self.open_connection() as connection:
                connection.noop()
        except (OSError, smtplib.SMTPException) as error:
            raise _failure_from_error(error) from error

    @contextmanager
    def open_connection(self) -> Iterator[TimedSmtp]:
        """Open a connection, encrypted and logged in as the settings say."""
        connection = self._connect()
        try:
            self._authenticate(connection)
            yield connection
        finally:
            _close(connection)

    def _connect(self) -> TimedSmtp:
        host, port = self._server.host, self._server.port
        if self._server.starts_encrypted:
            return _TimedSmtpSsl(
                host, port, timeout=SEND_SECONDS, context=ssl.create_default_context()
            )
        return TimedSmtp(host, port, timeout=SEND_SECONDS)

    def _authenticate(self, connection: TimedSmtp) -> None:
        server = self._server
        if server.needs_encryption and not server.starts_encrypted:
            connection.starttls(context=ssl.create_default_context())
        if server.user is not None:
            connection.login(server.user, server.password or "")


def _close(connection: smtplib.SMTP) -> None:
    """End a connection; the mail was accepted before or not, whatever is said now."""
    with suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()


def _send_message(
    connection: smtplib.SMTP, message: EmailMessage, bounce_to: str
) -> None:
    try:
        connection.send_message(message, from_addr=bounce_to or None)
    except smtplib.SMTPNotSupportedError as error:  # letters that it cannot transport
        raise MailFailed("address_unusable", FailureKind.RECIPIENT_GONE) from error


class TimedSmtp(smtplib.SMTP):
    """Waits no longer than SEND_SECONDS for all replies of a server together.

    `greeting` is the first of them.
    """

    greeting: bytes = b""
    _end: float | None = None

    def getreply(self) -> tuple[int, bytes]:
        """Return the next reply, as smtplib does; raises TimeoutError."""
        if self._end is None:
            self._end = time.monotonic() + SEND_SECONDS
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        if self.sock is not None:
            self.sock.settimeout(remaining)
        reply = super().getreply()
        self.greeting = self.greeting or reply[1]
        return reply


class _TimedSmtpSsl(TimedSmtp, smtplib.SMTP_SSL):
    pass


def _failure_from_error(error: OSError | smtplib.SMTPException) -> MailFailed:
    """Return what an error of smtplib means for the mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = list(error.recipients.values())
        return _failure_of_recipient(*(replies[0] if replies else (0, b"")))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _failure_of_operator(error.smtp_code, "mail_login_refused")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _failure_of_operator(error.smtp_code, "mail_sender_refused")
    if isinstance(error, smtplib.SMTPDataError):
        return _failure_of_mail(error.smtp_code, _as_bytes(error.smtp_error))
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLCertVerificationError):
        return MailFailed("mail_not_encrypted", FailureKind.OPERATOR_ERROR)
    return MailFailed("mail_unreachable", FailureKind.TRANSIENT)


def _failure_of_recipient(code: int, text: bytes) -> MailFailed:
    """Return a failure that is the mailbox's: for good, or for now."""
    if code < FIRST_PERMANENT_REPLY:
        return MailFailed("mail_delayed", FailureKind.TRANSIENT)
    problem = get_problem(_read_status(text) or STATUS_BY_REPLY.get(code, ""))
    return MailFailed(problem, FailureKind.RECIPIENT_GONE)


def _failure_of_mail(code: int, text: bytes) -> MailFailed:
    """Return a failure after the whole mail: a server that knows the mailbox by then
    may still say that there is none.
    """
    if code < FIRST_PERMANENT_REPLY:
        return MailFailed("mail_delayed", FailureKind.TRANSIENT)
    default = STATUS_BY_REPLY[STORAGE_EXCEEDED] if code == STORAGE_EXCEEDED else ""
    problem = get_problem(_read_status(text) or default)
    return MailFailed(problem, FailureKind.RECIPIENT_GONE)


def get_problem(status: str) -> str:
    """Return what an enhanced status code (RFC 3463) says of a mailbox."""
    _, _, detail = status.partition(".")
    if detail in NO_MAILBOX_DETAILS:
        return "mailbox_refused"
    return "mailbox_full" if detail == FULL_DETAIL else "mail_refused"


def _read_status(text: bytes) -> str:
    """Return the enhanced status code at the beginning of a reply, or nothing."""
    match = ENHANCED_STATUS.match(text)
    return match[0].decode() if match else ""


def _as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("ascii", "replace")


def _failure_of_operator(code: int, refused: str) -> MailFailed:
    """Return a failure that whoever runs Collab has to mend, unless it is for now."""
    if code >= FIRST_PERMANENT_REPLY:
        return MailFailed(refused, FailureKind.OPERATOR_ERROR)
    return MailFailed("mail_delayed", FailureKind.TRANSIENT)


def build_mail_service(
    config: Config, links: InvitationLinks | None, mailer: Mailer | None
) -> MailService | None:
    """Return what sends mails, by the mail server unless a mailer is given; None unless
    it is set up.
    """
    if mailer is None and config.smtp_server:
        mailer = SmtpMailer(config.smtp_server)
    if mailer is None or links is None:
        return None
    return MailService(
        LimitedMailer(mailer),
        links,
        SignInLinks(links.base_url, config.link_secrets),
        config.sender_address,
        find_bounce_addresses(config.bounce_address, config.link_secrets),
    )
