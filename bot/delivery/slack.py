"""Deliver to Slack: a table of the kinds of delivery, and what all share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.delivery.email import MailFailed
from bot.delivery.files import send_export, send_invoice
from bot.delivery.help import send_help
from bot.delivery.home import publish_home
from bot.delivery.live_messages import refresh_live_messages, refresh_older_messages
from bot.delivery.mails import record_mail_failure
from bot.delivery.notifications import send_notification, send_personal_digest
from bot.delivery.onboarding import send_channel_offer, send_welcome
from bot.delivery.profiles import (
    handle_deferred_request,
    sync_member_profiles,
    sync_profile,
)
from bot.delivery.replies import send_reply
from bot.delivery.services import DeliveryServices
from bot.delivery.sign_in_mails import request_sign_in, send_sign_in_link
from bot.sign_in_links import SIGN_IN_REQUEST
from bot.slack.deferred_requests import DEFERRED, REPLY
from bot.slack.errors import SlackCallFailed
from bot.slack.handlers.billing import INVOICE_MESSAGE
from bot.slack.handlers.event_log import EXPORT_MESSAGE
from bot.slack.handlers.mentions import HELP_MESSAGE
from bot.slack.handlers.onboarding import CHANNEL_OFFER_MESSAGE, WELCOME_MESSAGE
from collab.channels import CloseChannel
from collab.model import Caller, Delivery
from collab.notifications.messages import (
    HOME,
    MEMBERS,
    PERSONAL_DIGEST,
    PROFILE,
    REFRESH,
    REFRESH_OLDER,
    SIGN_IN,
)
from collab.notifications.sent_messages import SentRecord
from collab.notifications.targets import parse_channel_id, parse_person_id

POST_METHOD = "chat.postMessage"
# Why a channel gets nothing more, by Slack's error code: not every end of a channel
# reaches the app as an event.
CLOSED_CHANNEL_REASONS = {
    "is_archived": "archived",
    "channel_is_archived": "archived",
    "channel_not_found": "deleted",
}
# Slack's answers for a person who cannot be reached; it has no more exact code for a
# deactivated account.
UNREACHABLE_CODES = frozenset(
    {"channel_not_found", "user_not_found", "users_not_found", "user_not_visible"}
)

DeliveryHandler = Callable[[DeliveryServices, Delivery], Sequence[SentRecord] | None]


class DeliveryKind(NamedTuple):
    """A kind of delivery; it is retried at once after an outage of `method`."""

    handler: DeliveryHandler
    method: str = POST_METHOD


# By message; each message that is not here is a notification.
DELIVERY_KINDS = {
    PROFILE: DeliveryKind(sync_profile, "users.info"),
    MEMBERS: DeliveryKind(sync_member_profiles),
    REFRESH: DeliveryKind(refresh_live_messages, "chat.update"),
    REFRESH_OLDER: DeliveryKind(refresh_older_messages, "chat.update"),
    REPLY: DeliveryKind(send_reply, "response_url"),
    HELP_MESSAGE: DeliveryKind(send_help),
    WELCOME_MESSAGE: DeliveryKind(send_welcome),
    CHANNEL_OFFER_MESSAGE: DeliveryKind(send_channel_offer),
    HOME: DeliveryKind(publish_home, "views.publish"),
    EXPORT_MESSAGE: DeliveryKind(send_export, "files"),
    INVOICE_MESSAGE: DeliveryKind(send_invoice, "files"),
    PERSONAL_DIGEST: DeliveryKind(send_personal_digest),
    SIGN_IN_REQUEST: DeliveryKind(request_sign_in, "mail"),
    SIGN_IN: DeliveryKind(send_sign_in_link, "mail"),
    DEFERRED: DeliveryKind(handle_deferred_request, "users.info"),
}
NOTIFICATION = DeliveryKind(send_notification)
METHOD_BY_MESSAGE = {
    message: kind.method
    for message, kind in DELIVERY_KINDS.items()
    if kind.method != POST_METHOD
}


class SlackDeliveries:
    """Sends deliveries to Slack."""

    def __init__(self, services: DeliveryServices) -> None:
        self._services = services

    def run(self, delivery: Delivery) -> Sequence[SentRecord]:
        """Send a delivery; return what is to be stored when it is settled.

        Raises SlackCallFailed, MethodPaused or MailFailed.
        """
        if delivery.is_damaged:
            raise ValueError("unreadable payload")
        kind = DELIVERY_KINDS.get(delivery.message, NOTIFICATION)
        try:
            return kind.handler(self._services, delivery) or ()
        except MailFailed as failed:
            record_mail_failure(self._services, delivery, failed)
            raise
        except SlackCallFailed as error:
            if self._unlink_closed_channel(delivery, error.code):
                return ()
            if error.code in UNREACHABLE_CODES and self._is_deactivated(delivery):
                raise SlackCallFailed("user_deactivated") from error
            raise

    def _unlink_closed_channel(self, delivery: Delivery, code: str) -> bool:
        """End the links of a channel that is archived or deleted; return whether it is.

        The person who linked it gets one notification, not one for each failed delivery.
        """
        channel_id = parse_channel_id(delivery.target)
        if channel_id is None or code not in CLOSED_CHANNEL_REASONS:
            return False
        caller = Caller(delivery.workspace, None, "slack")
        command = CloseChannel(caller, channel_id, CLOSED_CHANNEL_REASONS[code])
        self._services.bus.execute(command, self._services.now())
        return True

    def _is_deactivated(self, delivery: Delivery) -> bool:
        """Return whether a delivery is for a person whose account is deactivated."""
        person_id = parse_person_id(delivery.target)
        if person_id is None:
            return False
        with self._services.read_context(delivery.workspace) as context:
            person = context.people.get_person(person_id)
        return person is not None and not person.active
