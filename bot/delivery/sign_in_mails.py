"""Mail links to sign in to My page."""

from __future__ import annotations

from contextlib import suppress

from bot.delivery.mails import MailWriter
from bot.delivery.notification_context import read_notification_context
from bot.delivery.services import DeliveryServices
from bot.sign_in_links import RequestedLink
from collab import errors
from collab.model import Caller, Delivery
from collab.sign_ins import LINK_LIFETIME, RequestSignIn


def request_sign_in(services: DeliveryServices, delivery: Delivery) -> None:
    """Request a link for an address that somebody typed on the page."""
    caller = Caller(delivery.workspace, None, "web")
    command = RequestSignIn(caller, (delivery.payload or {})["email"])
    with suppress(errors.Rejected):  # the app was removed from the workspace
        services.bus.execute(command, services.now())


def send_sign_in_link(services: DeliveryServices, delivery: Delivery) -> None:
    """Mail a link to who has the address, unless it would be too old by now."""
    context = read_notification_context(services, delivery)
    mail, viewer, line = services.mail, context.viewer, context.line
    if mail is None or viewer is None or line is None or viewer.user:
        return
    if viewer.mail_stopped:  # gets nothing more (OUT-05)
        return
    recorded = line.recorded
    if not viewer.email or services.now() >= recorded.at + LINK_LIFETIME:
        return
    link = RequestedLink(delivery.workspace, viewer.id, recorded.seq)
    writer = MailWriter(services, mail, delivery, viewer)
    writer.send_link("mail/sign_in", mail.sign_in_links.create_url(link))
