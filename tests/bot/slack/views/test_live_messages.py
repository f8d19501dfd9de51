"""Messages about open items that are updated when the item changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import view_errors
from bot.rendering import Renderer
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views import access_requests, memberships, successions
from bot.slack.views.live_messages import live_message
from collab.open_items import OpenItem
from tests.support.view_builders import (
    ACME,
    ADA,
    CARL,
    MONDAY,
    RENDERER,
    WEEK,
    build_membership_view,
    build_request_view,
    build_succession_view,
    check_message,
    in_both_languages,
    list_controls,
    typed_texts,
)


@in_both_languages
@given(
    title=typed_texts,
    note=typed_texts,
    name=typed_texts,
    many=st.sampled_from([0, 1, 45]),
)
@settings(deadline=None, max_examples=15)
def test_messages_about_open_items_keep_slacks_limits_for_any_text(
    renderer: Renderer, title: str, note: str, name: str, many: int
) -> None:
    person, thing = replace(CARL, user=None, title=name), replace(ACME, title=title)

    for viewer in (ADA, None):
        for state in (
            "pending",
            "granted",
            "declined",
            "withdrawn",
            "left",
            "unseen",
            "time",
        ):
            check_message(
                live_message(
                    renderer,
                    "request",
                    build_request_view(state, person, thing, note),
                    viewer,
                    MONDAY,
                )
            )
        for state in ("pending", "settled", "closed"):
            check_message(
                live_message(
                    renderer,
                    "succession",
                    build_succession_view(state, person, thing, many),
                    viewer,
                    MONDAY,
                )
            )
        for term in (
            build_membership_view(person, thing),
            build_membership_view(person, thing, None),
            replace(build_membership_view(person, thing), membership=None),
        ):
            check_message(
                live_message(renderer, "member_ends_soon", term, viewer, MONDAY)
            )
    removed = renderer.render("replies/removed", person=person, resource=thing)
    check_message(memberships.undoable_message(renderer, removed, 2**62))
    assert (
        view_errors(
            access_requests.deny_request_view(
                renderer, build_request_view(person=person, resource=thing)
            )
        )
        == []
    )
    for alone in (True, False):
        card = build_succession_view(person=person, resource=thing)
        assert (
            view_errors(successions.successor_view(renderer, card, decides_alone=alone))
            == []
        )


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize(
    ("name", "open_one", "ended", "labels"),
    [
        (
            "request",
            build_request_view(),
            build_request_view("granted"),
            ["Approve", "Decline"],
        ),
        (
            "request",
            build_request_view(),
            build_request_view("ended"),
            ["Approve", "Decline"],
        ),
        (
            "succession",
            build_succession_view(),
            build_succession_view("settled"),
            ["Choose"],
        ),
        (
            "succession",
            build_succession_view(),
            build_succession_view("closed"),
            ["Choose"],
        ),
        (
            "member_ends_soon",
            build_membership_view(),
            replace(build_membership_view(), membership=None),
            ["Extend"],
        ),
        (
            "member_ends_soon",
            build_membership_view(),
            build_membership_view(until=None),
            ["Extend"],
        ),
        (
            "member_ends_soon",
            build_membership_view(),
            build_membership_view(until=MONDAY + 5 * WEEK),
            ["Extend"],
        ),
    ],
)
def test_open_item_has_buttons_until_it_is_answered(
    name: str, open_one: OpenItem, ended: OpenItem, labels: list[str]
) -> None:
    buttons = list_controls(live_message(RENDERER, name, open_one, ADA, MONDAY))
    assert [c["text"]["text"] for c in buttons] == labels
    assert all(c["accessibility_label"] for c in buttons)
    assert {c["action_id"] for c in buttons} <= set(ACTION_HANDLERS)
    assert list_controls(live_message(RENDERER, name, ended, ADA, MONDAY)) == []
