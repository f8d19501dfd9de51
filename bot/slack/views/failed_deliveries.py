"""What could not be delivered as cards: to whom, about what, why, and the way to send it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.rendering import Renderer
from bot.slack.views import Block, Message, blocks
from collab.model import Person
from collab.notifications.failed import FailedDelivery


def failed_delivery_rows(
    renderer: Renderer, found: Sequence[FailedDelivery]
) -> list[Block]:
    """One row for each, with its button; a screen reader tells the buttons apart by their places."""
    many = str(len(found))
    longer = [
        renderer.render_label("lost_again.which", which=str(which), many=many)
        for which, _ in enumerate(found, 1)
    ]
    return [
        blocks.list_row(
            _render_failed_delivery(renderer, each),
            _labelled_retry_button(renderer, each.delivery.id, long),
            f"lost {each.delivery.id}",
        )
        for each, long in zip(found, longer, strict=True)
    ]


def failed_deliveries_message(
    renderer: Renderer, found: Sequence[FailedDelivery]
) -> Message:
    """All that could not be delivered."""
    heading = renderer.render("replies/lost", many=len(found))
    text = blocks.truncate(
        "\n".join(
            [heading.text, *(_render_failed_delivery(renderer, each) for each in found)]
        ),
        blocks.MAX_MESSAGE_TEXT,
    )
    return {
        "text": text,
        "blocks": [
            *blocks.paragraph_blocks(heading.paragraphs),
            *failed_delivery_rows(renderer, found),
        ],
    }


def _render_failed_delivery(renderer: Renderer, lost: FailedDelivery) -> str:
    """What did not arrive, and how to mend it, in the words of the notice that told of it first."""
    delivery = lost.delivery
    why: dict[str, Any] = {
        "problem": delivery.problem or "",
        "target": delivery.target,
        "message": delivery.message,
    }
    whose = recipient_facts(lost.recipient, delivery.workspace, is_reader=lost.mine)
    mend = renderer.render(
        "notices/undeliverable", resource=None, **why, **whose
    ).paragraphs[1:]
    return "\n".join([renderer.render("home/lost", lost=lost).text, *mend])


def recipient_facts(
    recipient: Person | None, workspace: str, *, is_reader: bool
) -> dict[str, Any]:
    """Return what the words about a failed message say of whom it goes to; it is `mine` when that is the reader."""
    is_elsewhere = recipient is not None and recipient.team not in {None, workspace}
    return {"recipient": recipient, "is_elsewhere": is_elsewhere, "mine": is_reader}


def retry_button(renderer: Renderer, delivery: int) -> Block:
    """The button that sends a delivery again, where it is the only one."""
    return _labelled_retry_button(
        renderer, delivery, renderer.render_label("lost_again.long")
    )


def _labelled_retry_button(renderer: Renderer, delivery: int, long: str) -> Block:
    return blocks.button(
        "lost_again", renderer.render_label("resend"), str(delivery), long
    )
