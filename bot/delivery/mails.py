"""Send notifications by mail to people who have no account of Slack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.delivery.email import MailFailed, MailService
from bot.delivery.services import DeliveryServices
from bot.markup import IN_MAIL, to_header_text, to_html, to_plain_text
from bot.rendering import RenderedText, Renderer
from bot.slack.errors import FailureKind
from bot.slack.views.notifications import NotificationContext
from collab.events import InvitationSent
from collab.invitations.links import Sending
from collab.model import Delivery, Person
from collab.notifications.sent_messages import SentRecord
from collab.open_items import InvitationView

INVITATION_TEMPLATES = {"invitation": "mail/invitation"}
SMALL_PRINT = "-# "


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail before it is a message: its text, and the link of its button, if any."""

    text: RenderedText
    url: str | None = None


def is_reached_by_mail(services: DeliveryServices, person: Person | None) -> bool:
    """Return whether a person has no account of Slack, but an address."""
    return bool(services.mail and person and person.email and not person.user)


def send_mails(
    services: DeliveryServices,
    delivery: Delivery,
    contexts: Sequence[NotificationContext],
) -> Sequence[SentRecord]:
    """Send a mail for each topic of a notification; return what is to be stored.

    What nobody outside Slack gets by mail is not sent at all.
    """
    template = INVITATION_TEMPLATES.get(delivery.message)
    if template is None or services.mail is None:
        return ()
    records = list[SentRecord]()
    for context in contexts:
        records += _send_invitation(
            services, services.mail, delivery, context, template
        )
    return records


def _send_invitation(
    services: DeliveryServices,
    mail: MailService,
    delivery: Delivery,
    context: NotificationContext,
    template: str,
) -> Sequence[SentRecord]:
    """Send a mail about an invitation, with a link that ends the earlier ones."""
    card, line, viewer = context.subject, context.line, context.viewer
    if not isinstance(card, InvitationView) or line is None or viewer is None:
        return ()
    sending = Sending(
        delivery.workspace, card.invitation.id, viewer.id, line.recorded.seq
    )
    url, link = mail.links.create_link(sending)
    renderer = services.renderer.for_locale(viewer.locale or card.inviter.locale)
    with services.read_context(delivery.workspace) as reading:
        workspace = reading.repositories.get_workspace()
    text = renderer.render(
        template, "mail", card=card, workspace=workspace.title if workspace else ""
    )
    is_first = isinstance(line.recorded.event, InvitationSent)
    message = build_mail(renderer, text, url, services.now())
    _address_mail(message, mail, viewer.email or "")
    parts = (delivery.workspace, card.invitation.id, viewer.id)
    thread_id = _make_message_id(mail, *parts)
    if is_first:
        message["Message-ID"] = thread_id
    else:
        message["Message-ID"] = _make_message_id(mail, *parts, str(sending.seq))
        message["In-Reply-To"] = message["References"] = thread_id
    mail.mailer.send(message)
    return (link,)


def build_mail(
    renderer: Renderer, text: RenderedText, url: str | None, at: datetime
) -> EmailMessage:
    """Return a mail as text and as HTML, without its addresses."""
    subject = to_header_text(text.text)
    main = [each for each in text.paragraphs if not each.startswith(SMALL_PRINT)]
    small_print = [each for each in text.paragraphs if each.startswith(SMALL_PRINT)]
    plain_parts = [*map(to_plain_text, main), *([url] if url else [])]
    plain_parts += ["-- \n" + "\n\n".join(map(to_plain_text, small_print))]
    message = EmailMessage(SMTP)
    message["Subject"] = subject
    message["Date"] = at
    # No answer by a machine to what a machine wrote.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content("\n\n".join(plain_parts) + "\n")
    html = renderer.render_document(
        "mail/layout",
        language=renderer.language,
        subject=subject,
        paragraphs=[to_html(each, IN_MAIL) for each in main],
        small_print=[to_html(each, IN_MAIL) for each in small_print],
        url=Markup(url) if url else "",  # noqa: S704 - our own address and a token
        button=renderer.render_label("mail.open"),
    )
    message.add_alternative(html, subtype="html")
    return message


def _address_mail(message: EmailMessage, mail: MailService, recipient: str) -> None:
    """Add the addresses; raises MailFailed for one that cannot be written in a header."""
    message["From"] = Address("Collab", addr_spec=mail.sender)
    try:
        message["To"] = Address(addr_spec=_encode_domain(recipient))
    except (ValueError, IndexError) as error:
        raise MailFailed("address_unusable", FailureKind.RECIPIENT_GONE) from error


def _encode_domain(address: str) -> str:
    """Return an address with an international domain in the spelling of DNS."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode()}"


def _make_message_id(mail: MailService, *parts: str) -> str:
    """Return the same id for the same parts, so that a mail sent again is the same."""
    digest = sha256(" ".join(parts).encode()).hexdigest()[:40]
    return f"<{digest}@{urlsplit(mail.links.base_url).hostname}>"
