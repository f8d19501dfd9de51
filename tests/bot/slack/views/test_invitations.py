"""Messages and forms of invitations: their controls in each state, and Slack's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import view_errors
from bot.rendering import Renderer
from bot.slack.views import invitations
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS, live_message
from bot.slack.views.notifications import notification_message
from collab.model import Resource, ResourceId
from tests.support.view_builders import (
    ACME,
    ADA,
    CARL,
    MONDAY,
    RENDERER,
    WEEK,
    build_invitation_view,
    build_notification_context,
    check_message,
    in_both_languages,
    list_controls,
    message_text,
    typed_texts,
)

INVITATION_MESSAGES = [
    name for name in LIVE_MESSAGE_CONTROLS if name.startswith("invitation")
]


@in_both_languages
@given(
    title=typed_texts,
    note=typed_texts,
    name=typed_texts,
    lasts=st.sampled_from([None, timedelta(days=30), timedelta(hours=30)]),
)
@settings(deadline=None, max_examples=15)
def test_invitation_views_keep_slacks_limits_for_any_text(
    renderer: Renderer, title: str, note: str, name: str, lasts: timedelta | None
) -> None:
    card = build_invitation_view(
        person=replace(CARL, user=None, title=name),
        resource=replace(ACME, title=title),
        note=note,
        lasts=lasts,
    )

    things = (card.resource,) * 12
    to_a_team = replace(
        card, team=replace(ACME, kind="team", title=title), resources=things
    )
    for copy in INVITATION_MESSAGES:
        for state in (
            "pending",
            "accepted",
            "declined",
            "revoked",
            "superseded",
            "expired",
        ):
            for each in (card, to_a_team):
                then = replace(
                    each,
                    invitation=replace(each.invitation, state=state, answered=MONDAY),
                    current_role="admin",
                    current_resources=each.resources,
                )
                for viewer in (CARL, None):
                    check_message(live_message(renderer, copy, then, viewer, MONDAY))
    assert view_errors(invitations.decline_invitation_view(renderer, card)) == []
    assert (
        view_errors(
            invitations.edit_invitation_view(renderer, card, ["owner", "admin"])
        )
        == []
    )


@pytest.mark.rule("INV-11")
@pytest.mark.parametrize("name", INVITATION_MESSAGES)
@pytest.mark.parametrize("state", ["accepted", "declined", "revoked", "superseded"])
def test_answered_invitation_has_no_buttons(name: str, state: str) -> None:
    ended = build_invitation_view(state=state, answered=MONDAY + timedelta(days=1))
    assert (
        list_controls(
            live_message(RENDERER, name, ended, CARL, MONDAY + timedelta(days=2))
        )
        == []
    )


SHOP = Resource(ResourceId("R2"), "app", "shop", "Shop")


@pytest.mark.rule("INV-11")
@pytest.mark.parametrize(
    ("name", "resources", "labels"),
    [
        ("invitation", (ACME,), ["Open Acme", "Members"]),
        ("invitation_reminder", (ACME,), ["Open Acme", "Members"]),
        ("invitation", (ACME, SHOP), ["Open Acme", "Open Shop"]),
        ("invitation_sent", (ACME,), []),
        ("invitation", (), []),
    ],
)
def test_the_invited_person_opens_what_they_accepted(
    name: str, resources: tuple[Resource, ...], labels: list[str]
) -> None:
    accepted = replace(
        build_invitation_view(state="accepted", answered=MONDAY),
        current_role="admin" if resources else "",
        current_resources=resources,
    )

    message = check_message(live_message(RENDERER, name, accepted, CARL, MONDAY))

    assert [each["text"]["text"] for each in list_controls(message)] == labels
    is_told = "You're an admin of *Acme*" in message_text(message)
    assert is_told == bool(labels)
    older = live_message(RENDERER, name, accepted, CARL, MONDAY, is_older=True)
    assert list_controls(older) == []


def test_invitation_names_inviter_resource_role_duration_and_capabilities() -> None:
    message = check_message(
        notification_message(
            RENDERER,
            "invitation",
            build_notification_context(
                None,
                build_invitation_view(note="Hello *Carl*", lasts=timedelta(days=30)),
                CARL,
            ),
        )
    )

    text = message_text(message)
    for part in (
        "<@UADA>",
        "*Acme*",
        "*admin*",
        "30 days",
        "<!date^",
        "> Hello ∗Carl∗",
        "read invoices",
    ):
        assert part in text
    labels = {
        c["action_id"]: c.get("accessibility_label", "") for c in list_controls(message)
    }
    assert labels == {
        "accept": "Accept the invitation to acme",
        "decline": "Decline the invitation to acme",
        "more": "",
    }


@pytest.mark.rule("INV-11")
def test_answered_invitation_says_who_answered_and_when() -> None:
    answered = build_invitation_view(state="accepted", answered=MONDAY)

    assert "You accepted this invitation (<!date^" in message_text(
        live_message(RENDERER, "invitation", answered, CARL, MONDAY)
    )
    assert "<@UCARL> accepted (<!date^" in message_text(
        live_message(RENDERER, "invitation_sent", answered, ADA, MONDAY)
    )


@pytest.mark.rule("INV-08")
def test_invitation_past_its_expiry_has_no_answer_but_can_be_resent() -> None:
    later = MONDAY + WEEK

    card = build_invitation_view()
    expired = live_message(RENDERER, "invitation", card, CARL, later)
    assert [c["action_id"] for c in list_controls(expired)] == ["ask_again"]
    asked = replace(card, has_asked_again=True)
    expired = live_message(RENDERER, "invitation", asked, CARL, later)
    assert list_controls(expired) == []
    again = live_message(
        RENDERER, "invitation_expired", build_invitation_view(), ADA, later
    )
    assert [c["action_id"] for c in list_controls(again)] == ["resend"]


@pytest.mark.rule("INV-10")
def test_muted_invitation_does_not_offer_mute() -> None:
    message = live_message(
        RENDERER, "invitation_reminder", build_invitation_view(muted=True), CARL, MONDAY
    )

    menu = next(c for c in list_controls(message) if c["action_id"] == "more")
    assert [o["value"] for o in menu["options"]] == ["snooze I1", "about I1"]
    assert "Reminders are muted." in message_text(message)


@pytest.mark.parametrize(
    ("purpose", "names"), [("join", "revoke resend edit"), ("pay", "revoke resend")]
)
def test_only_an_invitation_to_join_offers_edit(purpose: str, names: str) -> None:
    shown = live_message(
        RENDERER, "invitation_sent", build_invitation_view(purpose=purpose), ADA, MONDAY
    )
    assert [c["action_id"] for c in list_controls(shown)] == names.split()
    assert (
        list_controls(shown)[0]["accessibility_label"]
        == "Withdraw the invitation of Carl to acme"
    )


@pytest.mark.rule("HND-04")
def test_who_sent_a_hand_over_that_was_agreed_on_calls_it_off() -> None:
    card = build_invitation_view()
    agreed = replace(
        card, invitation=replace(card.invitation, agreed=MONDAY, starts=MONDAY + WEEK)
    )
    (row,) = invitations.manage_controls(RENDERER, agreed, "agreed")
    (button,) = row["elements"]
    assert button["text"]["text"] == "Call off"
    assert button["confirm"]["confirm"]["text"] == "Call off"
    ((label, value),) = invitations.invitation_options(
        RENDERER, ["revoke"], card.invitation.id, is_agreed=True
    )
    assert (label, value) == ("Call off", "revoke_ask I1")
