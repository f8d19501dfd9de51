"""What could not be delivered: shown, and sent again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.requests import ActionRequest, Services, parse_page
from bot.slack.views import Message, blocks
from bot.slack.views.failed_deliveries import failed_deliveries_message
from collab.bus import Outcome
from collab.context import Context
from collab.notifications.failed import (
    MAX_SHOWN,
    FailedDelivery,
    ListFailedDeliveries,
    RetryDelivery,
    list_newest_failures,
)


def show_failed_deliveries(desk: Services, click: ActionRequest) -> Message:
    """All that could not be delivered to somebody, or that they answer for."""
    return failed_deliveries_message(
        desk.renderer, desk.bus.query(ListFailedDeliveries(click.caller), click.at)
    )


def retry_delivery(desk: Services, click: ActionRequest) -> Message:
    """One of it is sent again; what is left stands below."""
    outcome = desk.execute(
        RetryDelivery(click.caller, parse_page(click.value)),
        click.at,
        _read_remaining_failures,
    )
    return blocks.prepend_text(
        desk.render_reply("sent_again"),
        failed_deliveries_message(desk.renderer, outcome.view),
    )


def _read_remaining_failures(
    case: Context, _outcome: Outcome
) -> Sequence[FailedDelivery]:
    return list_newest_failures(case, MAX_SHOWN)
