"""The list of what is pending for a person."""

from __future__ import annotations

from bot.slack.views.pending import pending_items_message
from tests.support.view_builders import RENDERER, build_invitation_view, list_controls


def test_pages_of_pending_items_are_complete_and_disjoint() -> None:
    cards = [build_invitation_view(n) for n in range(45)]

    pages = [pending_items_message(RENDERER, cards, page) for page in range(3)]

    accepted = [
        c["value"]
        for page in pages
        for c in list_controls(page)
        if c["action_id"] == "accept"
    ]
    assert accepted == [f"I{n}" for n in range(45)]
    turns = [
        [
            c["value"]
            for c in list_controls(page)
            if c["action_id"] == "invitations_page"
        ]
        for page in pages
    ]
    assert turns == [["waiting 1"], ["waiting 2"], ["waiting 0"]]
