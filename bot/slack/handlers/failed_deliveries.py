"""Failed deliveries: listing them and retrying one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.slack.button_values import parse_page
from bot.slack.requests import ActionRequest, Services
from bot.slack.routing import ActionRoute
from bot.slack.views import Message
from bot.slack.views.failed_deliveries import (
    failed_deliveries_message,
    sent_again_message,
    settled_failure_message,
)
from collab.bus import Outcome
from collab.context import Context
from collab.model import DeliveryId
from collab.notifications.failed import (
    MAX_SHOWN,
    FailedDelivery,
    ListFailedDeliveries,
    RetryDelivery,
    list_newest_failures,
)


def show_failed_deliveries(services: Services, request: ActionRequest) -> Message:
    """Show the deliveries that failed, to the caller or for what they administer."""
    return failed_deliveries_message(
        services.renderer,
        services.bus.query(ListFailedDeliveries(request.caller), request.at),
    )


def retry_delivery(services: Services, request: ActionRequest) -> Message:
    """Retry a delivery, and show the others that failed.

    A notification about the failure is replaced, so that its button is pressed once.
    """
    delivery_id = DeliveryId(parse_page(request.value))
    failures = services.bus.query(ListFailedDeliveries(request.caller), request.at)
    outcome = services.execute(
        RetryDelivery(request.caller, delivery_id),
        request.at,
        _read_remaining_failures,
    )
    is_notification = request.response_url is not None and not request.is_ephemeral
    for failure in failures:
        if is_notification and failure.delivery.id == delivery_id:
            return settled_failure_message(services.renderer, failure)
    return sent_again_message(services.renderer, outcome.view)


def _read_remaining_failures(
    context: Context, _outcome: Outcome[Any]
) -> Sequence[FailedDelivery]:
    return list_newest_failures(context, MAX_SHOWN)


ROUTES = (
    ActionRoute("lost_open", show_failed_deliveries, "lost_open"),
    ActionRoute("lost_again", retry_delivery, "lost_open"),
)
