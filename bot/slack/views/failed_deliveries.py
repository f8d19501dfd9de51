"""Build the list of failed deliveries, each with its recipient, reason and Retry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from bot.rendering import Renderer
from bot.slack.button_values import BlockId
from bot.slack.views import Block, Message, blocks
from collab.model import DeliveryId, Person
from collab.notifications.failed import FailedDelivery


def failed_delivery_rows(
    renderer: Renderer, failures: Sequence[FailedDelivery]
) -> list[Block]:
    """Return a row with a button for each failed delivery.

    A screen reader tells the buttons apart by their numbers.
    """
    total = str(len(failures))
    rows = []
    for number, failure in enumerate(failures, 1):
        long_label = renderer.render_label(
            "lost_again.which", which=str(number), many=total
        )
        delivery_id = failure.delivery.id
        rows.append(
            blocks.list_row(
                _render_failed_delivery(renderer, failure),
                _retry_button(renderer, delivery_id, long_label),
                BlockId("lost", str(delivery_id)).encode(),
            )
        )
    return rows


def failed_deliveries_message(
    renderer: Renderer, failures: Sequence[FailedDelivery], *, is_rest: bool = False
) -> Message:
    """Return all failed deliveries of the reader, or, if `is_rest`, all others."""
    heading = renderer.render("replies/lost", many=len(failures), is_rest=is_rest)
    lines = [_render_failed_delivery(renderer, each) for each in failures]
    text = "\n".join([heading.text, *lines])
    return {
        "text": blocks.truncate(text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [
            *blocks.paragraph_blocks(heading.paragraphs),
            *failed_delivery_rows(renderer, failures),
        ],
    }


def sent_again_message(renderer: Renderer, rest: Sequence[FailedDelivery]) -> Message:
    """Return that a delivery is sent again, with the others that failed, if any."""
    text = renderer.render("replies/sent_again", lost=None)
    if not rest:
        return blocks.build_message(text)
    return blocks.prepend_text(
        text, failed_deliveries_message(renderer, rest, is_rest=True)
    )


def settled_failure_message(renderer: Renderer, failure: FailedDelivery) -> Message:
    """Return what takes the place of the notification of a failed delivery that is sent
    again.
    """
    lost = renderer.render("home/lost", lost=failure)
    text = renderer.render("replies/sent_again", lost=Markup(lost.text))  # noqa: S704 - a template made it
    return {**blocks.build_message(text), "replace_original": True}


def recipient_fields(
    recipient: Person | None, workspace: str, *, is_reader: bool
) -> dict[str, Any]:
    """Return the fields by which templates name the recipient of a failed message."""
    is_elsewhere = recipient is not None and recipient.team not in {None, workspace}
    return {"recipient": recipient, "is_elsewhere": is_elsewhere, "mine": is_reader}


def retry_button(renderer: Renderer, delivery_id: DeliveryId) -> Block:
    """Return the button that sends a delivery again, where it is the only one."""
    long_label = renderer.render_label("lost_again.long")
    return _retry_button(renderer, delivery_id, long_label)


def _render_failed_delivery(renderer: Renderer, failure: FailedDelivery) -> str:
    """Return what was not delivered, and the advice of the notification about it."""
    delivery = failure.delivery
    notification = renderer.render(
        "notices/undeliverable",
        resource=None,
        problem=delivery.problem or "",
        target=delivery.target,
        message=delivery.message,
        **recipient_fields(
            failure.recipient, delivery.workspace, is_reader=failure.mine
        ),
    )
    advice = notification.paragraphs[1:]
    return "\n".join([renderer.render("home/lost", lost=failure).text, *advice])


def _retry_button(
    renderer: Renderer, delivery_id: DeliveryId, long_label: str
) -> Block:
    label = renderer.render_label("resend")
    return blocks.button("lost_again", label, str(delivery_id), long_label)
