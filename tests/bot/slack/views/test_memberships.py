"""Previews of what a removal ends."""

from __future__ import annotations

from dataclasses import replace

from bot.slack.views import memberships
from collab.model import ResourceId
from collab.removal_impact import RemainingRole
from tests.support.view_builders import (
    ACME,
    RENDERER,
    build_removal_preview,
    check_message,
    message_text,
)


def test_removal_preview_names_ending_and_remaining_roles() -> None:
    shop = replace(ACME, id=ResourceId("R3"), kind="app", slug="shop", title="Shop")
    preview = replace(
        build_removal_preview(many=0),
        ends=[(ACME, "admin"), (shop, "admin")],
        remains=[
            RemainingRole(shop, "payer", replace(ACME, kind="payment", title="Card"))
        ],
    )

    text = message_text(
        check_message(memberships.removal_preview_message(RENDERER, preview))
    )

    assert "• admin of *Acme*\n• admin of *Shop*" in text
    assert (
        "still have access through other roles:\n• *Shop* as a payer, through *Card*"
        in text
    )
