"""Answer requests that were handled after their own answer."""

from __future__ import annotations

from bot.delivery.services import DeliveryServices
from bot.slack.errors import FailureKind, SlackCallFailed
from collab.model import Delivery


def send_reply(services: DeliveryServices, delivery: Delivery) -> None:
    """Answer a request at its response URL, or else in a direct message."""
    payload = delivery.payload or {}
    url, body = payload.get("url"), payload["body"]
    user_id = payload.get("user") or ""
    if url is not None:
        try:
            services.slack.post_response(delivery.workspace, url, body)
        except SlackCallFailed as error:
            if error.kind is not FailureKind.RECIPIENT_GONE or not user_id:
                raise
        else:
            return
    message = {"text": body["text"], "blocks": body["blocks"]}
    services.post_message(delivery.workspace, user_id, message)
