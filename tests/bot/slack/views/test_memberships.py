"""Previews of what a removal ends, and the menus of the list of members."""

from __future__ import annotations

from dataclasses import replace

from bot.slack.views import memberships
from collab.memberships.member_actions import MemberListActions
from collab.memberships.queries import MemberList, MemberRow
from collab.model import ResourceId
from collab.removal_impact import RemainingRole
from tests.support.view_builders import (
    ACME,
    ADA,
    CARL,
    RENDERER,
    build_removal_preview,
    check_message,
    list_controls,
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


def test_who_has_access_by_another_role_has_a_menu_that_leads_to_it() -> None:
    shop = replace(ACME, id=ResourceId("R3"), kind="app", slug="shop", title="Shop")
    row = MemberRow(CARL, "admin", None, is_removable=False, through=ACME)
    members = MemberList(shop, [row], [], 1, None)
    message = memberships.members_message(
        RENDERER, members, ADA.id, MemberListActions(), 0
    )
    (menu,) = list_controls(check_message(message))
    labels = [option["text"]["text"] for option in menu["options"]]
    assert labels == ["Why?", "All their access", "Open Acme"]
    assert menu["options"][-1]["value"] == f"open_page {ACME.id}"
    assert "via *Acme*" in message_text(message)
