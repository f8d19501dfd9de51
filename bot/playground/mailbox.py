"""The mailboxes of people who have no Slack account."""

from dataclasses import dataclass
from email.message import EmailMessage
from threading import Lock

from bot.playground.event_stream import EventStream


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox of somebody who has no Slack account."""

    name: str
    address: str


SEED_MAILBOXES = (
    Mailbox("Nina", "nina@client.example"),
    Mailbox("Otto", "otto@books.example"),
)
UNKNOWN_DOMAIN = "nowhere.example"  # nobody there has a mailbox
BUSY_DOMAIN = "busy.example"  # its server takes no mails for now


class UnknownMailbox(Exception):
    """Nobody has the address."""


class MailboxBusy(Exception):
    """The mailbox takes no mails for now."""


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail as a mail program shows it."""

    number: int
    sender: str
    recipient: str
    subject: str
    date: str
    message_id: str
    thread_id: str  # the id of the first mail of its thread
    text: str
    html: str
    unsubscribe_url: str = ""
    recipient_name: str = ""


class Mailboxes:
    """Take every mail, and keep them by address."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream
        self._lock = Lock()
        self._mails: list[ReceivedMail] = []

    def send(self, message: EmailMessage) -> None:
        """Put a mail into the mailbox of its recipient; raises UnknownMailbox or
        MailboxBusy.
        """
        with self._lock:
            mail = _read_mail(len(self._mails) + 1, message)
            if mail.recipient.endswith(f"@{UNKNOWN_DOMAIN}"):
                raise UnknownMailbox(mail.recipient)
            if mail.recipient.endswith(f"@{BUSY_DOMAIN}"):
                raise MailboxBusy(mail.recipient)
            self._mails.append(mail)
        self._stream.publish({"type": "mail", "recipient": mail.recipient})

    def list_mailboxes(self) -> list[tuple[Mailbox, list[ReceivedMail]]]:
        """Return each mailbox with its mails: those of the seed, then all others."""
        mails = self.list_mails()
        known = {box.address for box in SEED_MAILBOXES}
        others = dict.fromkeys(m.recipient for m in mails if m.recipient not in known)
        boxes = [*SEED_MAILBOXES, *(Mailbox(address, address) for address in others)]
        return [
            (box, [mail for mail in mails if mail.recipient == box.address])
            for box in boxes
        ]

    def list_mails(self, address: str | None = None) -> list[ReceivedMail]:
        """Return the mails to an address or to all, oldest first."""
        with self._lock:
            mails = list(self._mails)
        return [mail for mail in mails if address in {None, mail.recipient}]


def _read_mail(number: int, message: EmailMessage) -> ReceivedMail:
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    message_id = str(message["Message-ID"] or "")
    return ReceivedMail(
        number=number,
        sender=str(message["From"]),
        recipient=message["To"].addresses[0].addr_spec.casefold(),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        message_id=message_id,
        thread_id=str(message["References"] or message_id),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        unsubscribe_url=str(message["List-Unsubscribe"] or "").strip("<>"),
        recipient_name=message["To"].addresses[0].display_name,
    )
