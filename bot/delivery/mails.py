"""Send notifications by mail to people who have no account of Slack."""

from __future__ import annotations

from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.bounce_addresses import SentMail
from bot.delivery.email import MailFailed, MailService
from bot.delivery.services import DeliveryServices
from bot.invitation_links import STOP_PATH
from bot.markup import IN_MAIL, to_header_text, to_html, to_plain_text
from bot.rendering import RenderedText, Renderer
from bot.slack.errors import FailureKind
from bot.slack.views.gathered import group_contexts
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS, render_live_text
from bot.slack.views.notifications import (
    DigestEntry,
    NotificationContext,
    render_event_text,
)
from collab.events import InvitationSent
from collab.invitations.links import Sending
from collab.mail_delivery import RecordMailFailure
from collab.model import Caller, Delivery, Person, WorkspaceId
from collab.notifications.messages import (
    MAILED_MESSAGES,
    QUESTIONS_OF_PLATFORM,
    SIGN_IN,
)
from collab.notifications.sent_messages import SentRecord
from collab.notifications.targets import is_mail_target, parse_person_id
from collab.open_items import InvitationView

REMINDER = "invitation_reminder"
BUTTONS = {SIGN_IN: "mail.sign_in"}  # by message; other links open an invitation
# Of mails that invited people get.
INVITATION_TEMPLATES = {
    "invitation": "mail/invitation",
    REMINDER: "mail/reminder",
    "invitation_expired": "mail/expired",
}
SMALL_PRINT = "-# "
SIGNATURE_MARK = "-- \n"  # mail programs show what follows as small print


def goes_by_mail(
    services: DeliveryServices, delivery: Delivery, person: Person | None
) -> bool:
    """Return whether a delivery is a mail: the person chose that, or has no account."""
    if is_mail_target(delivery.target):
        return bool(services.mail and person and person.email)
    return is_reached_by_mail(services, person)


def is_reached_by_mail(services: DeliveryServices, person: Person | None) -> bool:
    """Return whether a person has no account of Slack, but an address."""
    return bool(services.mail and person and person.email and not person.user)


def send_mails(
    services: DeliveryServices,
    delivery: Delivery,
    contexts: Sequence[NotificationContext],
) -> Sequence[SentRecord]:
    """Send a notification by mail; return what is to be stored.

    Each invitation has a mail of its own, as it has a link of its own. What nobody
    outside Slack gets by mail is not sent at all, and nothing to an address that gets
    no more mails (OUT-05). An invitation that is refused for good is recorded, and its
    sender notified by that.
    """
    mail, viewer = services.mail, contexts[0].viewer
    if mail is None or viewer is None or delivery.message not in MAILED_MESSAGES:
        return ()
    if is_mail_stopped(delivery, viewer):
        return ()
    writer = MailWriter(services, mail, delivery, viewer)
    template = INVITATION_TEMPLATES.get(delivery.message)
    if template is None or not _is_invited(contexts[0]):
        writer.send_notice(contexts)
        return ()
    records = list[SentRecord]()
    for context in contexts:
        try:
            records += writer.send_invitation(context, template)
        except MailFailed as failed:
            if failed.kind is not FailureKind.RECIPIENT_GONE:
                raise
            record_mail_failure(services, delivery, failed, context.subject)
    return records


def is_mail_stopped(delivery: Delivery, person: Person) -> bool:
    """Return whether an address gets no more mails (OUT-05).

    Raises MailFailed if its owner has an account, where they get the message instead.
    """
    if person.mail_stopped and is_mail_target(delivery.target):
        raise MailFailed("mailbox_refused", FailureKind.RECIPIENT_GONE)
    return bool(person.mail_stopped)


def send_digest_by_mail(
    services: DeliveryServices,
    delivery: Delivery,
    notices: Sequence[tuple[str, NotificationContext]],
) -> None:
    """Send a person's digest of notifications, each with the name of its message."""
    mail, viewer = services.mail, notices[0][1].viewer
    if mail is None or viewer is None or is_mail_stopped(delivery, viewer):
        return
    writer = MailWriter(services, mail, delivery, viewer)
    renderer = writer.choose_renderer_for_reader()
    entries = [
        DigestEntry(context.line.recorded.at, Markup(text.text))  # noqa: S704 - a template made it
        for name, context in notices
        if name in MAILED_MESSAGES
        and context.line
        and (text := render_notice(renderer, name, context))
    ]
    if entries:
        text = renderer.render("notices/own_digest", "mail", items=entries)
        writer.send_texts(renderer, [text])


def render_notice(
    renderer: Renderer, name: str, context: NotificationContext
) -> RenderedText | None:
    """Return the text of a notification in a mail; None if there is nothing to say."""
    if name in LIVE_MESSAGE_CONTROLS and context.subject:
        return render_live_text(
            renderer, name, context.subject, context.viewer, context.at, "mail"
        )
    if context.line is None:
        return None
    return render_event_text(renderer, name, context, context.line, "mail")


def _is_invited(context: NotificationContext) -> bool:
    """Return whether a notification is about an invitation that its reader got."""
    card, viewer = context.subject, context.viewer
    if not isinstance(card, InvitationView) or viewer is None:
        return False
    return viewer.id == card.invitation.person


def record_mail_failure(
    services: DeliveryServices,
    delivery: Delivery,
    failed: MailFailed,
    subject: object = None,
) -> None:
    """Record that a person's mailbox refused a mail for good."""
    person_id = parse_person_id(delivery.target)
    if person_id is None or failed.kind is not FailureKind.RECIPIENT_GONE:
        return
    invitation_id = None
    if isinstance(subject, InvitationView):
        invitation_id = subject.invitation.id
    command = RecordMailFailure(
        Caller(delivery.workspace, None, "mail"),
        person_id,
        failed.code,
        invitation_id,
    )
    services.bus.execute(command, services.now())


class MailWriter:
    """Writes and sends the mails of one delivery."""

    def __init__(
        self,
        services: DeliveryServices,
        mail: MailService,
        delivery: Delivery,
        viewer: Person,
    ) -> None:
        self._services = services
        self._mail = mail
        self._delivery = delivery
        self._viewer = viewer

    def send_invitation(
        self, context: NotificationContext, template: str
    ) -> Sequence[SentRecord]:
        """Send a mail about an invitation, with a link that ends the earlier ones."""
        card, line = context.subject, context.line
        if not isinstance(card, InvitationView) or line is None:
            return ()
        workspace, invitation_id = self._delivery.workspace, card.invitation.id
        sending = Sending(workspace, invitation_id, self._viewer.id, line.recorded.seq)
        url, link = self._mail.links.create_link(sending)
        renderer = self._choose_renderer(card.inviter.locale)
        text = renderer.render(
            template, "mail", card=card, workspace=self._read_workspace_title()
        )
        message = self._build_message(renderer, text, url)
        thread_id = self._make_message_id(invitation_id)
        if isinstance(line.recorded.event, InvitationSent):
            message["Message-ID"] = thread_id
        else:
            message["Message-ID"] = self._make_message_id(
                invitation_id, str(sending.seq)
            )
            message["In-Reply-To"] = message["References"] = thread_id
        if self._delivery.message == REMINDER:
            message["List-Unsubscribe"] = f"<{url}{STOP_PATH}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        self._send(message, self._find_position(context))
        return (link,)

    def send_notice(self, contexts: Sequence[NotificationContext]) -> None:
        """Send what happened, in one mail."""
        name = self._delivery.message
        renderer = self.choose_renderer_for_reader()
        texts = [
            text
            for context in group_contexts(name, contexts)
            if (text := render_notice(renderer, name, context))
        ]
        if texts:
            self.send_texts(renderer, texts)

    def send_texts(self, renderer: Renderer, texts: Sequence[RenderedText]) -> None:
        """Send texts in one mail, with what all of these mails end with."""
        name = self._delivery.message
        workspace = self._read_workspace_title()
        footers = ["mail/footer"]
        if name in QUESTIONS_OF_PLATFORM:
            footers.insert(0, "mail/question")
        small_print = [
            renderer.render(each, "mail", workspace=workspace) for each in footers
        ]
        paragraphs = [
            part for text in (*texts, *small_print) for part in text.paragraphs
        ]
        # Of a text without a line of its own for lock screens, the first line.
        subject = texts[0].text.partition("\n")[0]
        text = RenderedText(subject, tuple(paragraphs))
        message = self._build_message(renderer, text, None)
        message["Message-ID"] = self._make_message_id(
            name, str(self._delivery.seq or "")
        )
        self._send(message)

    def send_link(self, template: str, url: str) -> None:
        """Send a link that the person asked for."""
        renderer = self._choose_renderer(None)
        text = renderer.render(template, "mail", workspace=self._read_workspace_title())
        message = self._build_message(renderer, text, url)
        message["Message-ID"] = self._make_message_id(
            self._delivery.message, str(self._delivery.seq or "")
        )
        self._send(message)

    def choose_renderer_for_reader(self) -> Renderer:
        """Return the renderer for what the person hears of what they have."""
        return self._choose_renderer(self._read_locale_of_inviter())

    def _choose_renderer(self, locale_of_other: str | None) -> Renderer:
        """Return the renderer for the person, or as long as theirs is unknown, for the
        language of who invited them.
        """
        locale = self._viewer.locale or locale_of_other
        return self._services.renderer.for_locale(locale).without_commands()

    def _read_locale_of_inviter(self) -> str | None:
        """Return the locale of who invited the person last."""
        if self._viewer.locale:
            return None
        with self._services.read_context(self._delivery.workspace) as context:
            invitations = context.invitations.list_invitations_to(self._viewer.id, 1)
            inviter = (
                context.people.get_person(invitations[0].inviter)
                if invitations
                else None
            )
        return inviter.locale if inviter else None

    def _read_workspace_title(self) -> str:
        with self._services.read_context(self._delivery.workspace) as context:
            workspace = context.repositories.get_workspace()
        return workspace.title if workspace else ""

    def _build_message(
        self, renderer: Renderer, text: RenderedText, url: str | None
    ) -> EmailMessage:
        """Return a mail with its addresses; raises MailFailed."""
        message = EmailMessage(SMTP)
        message["From"] = Address("Collab", addr_spec=self._mail.sender)
        message["To"] = format_recipient(self._viewer)
        message["Subject"] = to_header_text(text.text)
        message["Date"] = self._services.now()
        # No answer by a machine to what a machine wrote.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        set_content(message, renderer, text, url, BUTTONS.get(self._delivery.message))
        return message

    def _send(self, message: EmailMessage, position: int = 0) -> None:
        """Send a mail about the topic at a position; raises MailFailed."""
        sent = SentMail(self._delivery.id, position)
        bounces = self._mail.bounces
        self._mail.mailer.send(message, bounces.create(sent) if bounces else "")

    def _find_position(self, context: NotificationContext) -> int:
        """Return which topic of the delivery a context is about."""
        topics = self._delivery.topics
        return topics.index(context.topic) if context.topic in topics else 0

    def _make_message_id(self, *parts: str) -> str:
        """Return the same id for the same parts, so that a mail sent again is the same."""
        return make_message_id(
            self._mail, self._delivery.workspace, self._viewer.id, *parts
        )


def set_content(
    message: EmailMessage,
    renderer: Renderer,
    text: RenderedText,
    url: str | None,
    button: str | None = None,
) -> None:
    """Give a mail its content, as text and as HTML; `button` is the name of a label."""
    main = [each for each in text.paragraphs if not each.startswith(SMALL_PRINT)]
    small_print = [each for each in text.paragraphs if each.startswith(SMALL_PRINT)]
    plain_parts = [*map(to_plain_text, main), *([url] if url else [])]
    plain_parts.append(SIGNATURE_MARK + "\n\n".join(map(to_plain_text, small_print)))
    message.set_content("\n\n".join(plain_parts) + "\n")
    html = renderer.render_document(
        "mail/layout",
        language=renderer.language,
        subject=message["Subject"],
        paragraphs=[to_html(each, IN_MAIL) for each in main],
        small_print=[to_html(each, IN_MAIL) for each in small_print],
        url=Markup(url) if url else "",  # noqa: S704 - our own address and a token
        button=renderer.render_label(button or "mail.open"),
    )
    message.add_alternative(html, subtype="html")


def make_message_id(mail: MailService, workspace: WorkspaceId, *parts: str) -> str:
    """Return a Message-ID that is made of nothing but its parts."""
    digest = sha256(" ".join((workspace, *parts)).encode()).hexdigest()[:40]
    return f"<{digest}@{urlsplit(mail.links.base_url).hostname}>"


def format_recipient(person: Person) -> Address:
    """Return a person's name and address, an international domain in the spelling of
    DNS.

    Raises MailFailed for an address that cannot be written in a header.
    """
    local, _, domain = (person.email or "").rpartition("@")
    name = to_header_text(person.title)
    try:
        return Address(name, addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError) as error:
        raise MailFailed("address_unusable", FailureKind.RECIPIENT_GONE) from error
