"""Notifications and personal digests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering import Renderer
from bot.slack.views.notifications import (
    build_digest_entry,
    notification_message,
    personal_digest_message,
)
from collab import events
from collab.handovers.facts import HandoverFacts
from collab.memberships.returns import ChangedRole, ReturnView
from collab.model import Person, PersonId, Resource, ResourceId
from collab.notifications.digests import MAX_PERSONAL_DIGEST_ITEMS
from collab.notifications.messages import (
    CHANNEL_DIGEST,
    MEMBERS,
    PERSONAL_DIGEST,
    PROFILE,
    REFRESH,
    REFRESH_OLDER,
    SIGN_IN,
)
from collab.notifications.routing import NOTIFICATION_ROUTES
from collab.open_items import OpenItem
from tests.support.view_builders import (
    ACME,
    ADA,
    CARL,
    CREW,
    MONDAY,
    RENDERER,
    SAMPLE_EVENTS,
    STRANGER,
    build_event_line,
    build_invitation_view,
    build_membership_view,
    build_notification_context,
    build_request_view,
    build_succession_view,
    check_message,
    in_both_languages,
    message_text,
    typed_texts,
)

FOR_PEOPLE_ALONE = {
    "invitation_claimed",
    "invitation_declined",
    "person_matched",
    "request_declined",
    "resource_switched",
}
HANDOVER_MESSAGES = {
    "handover_agreed",
    "handover_done",
    "handover_failed",
    "handover_reopened",
    "handed_over",
    "taken_back",
}


def build_subject(message: str, person: Person) -> OpenItem:
    """Return the open item that a message is about."""
    subjects: dict[str, OpenItem] = {
        "request": build_request_view(person=person),
        "succession": build_succession_view(person=person),
    }
    for name, subject in subjects.items():
        if message.startswith(name):
            return subject
    if message == "member_ends_soon":
        return build_membership_view(person)
    invitation = build_invitation_view(person=person)
    if message not in HANDOVER_MESSAGES:
        return invitation
    facts = HandoverFacts([invitation.resource], [], "owner")
    purpose = replace(invitation.invitation, purpose="handover", starts=MONDAY)
    return replace(invitation, invitation=purpose, handover=facts)


@in_both_languages
@pytest.mark.rule("EVT-05")
def test_every_notification_renders_for_everybody_and_no_channel_shows_an_address(
    renderer: Renderer,
) -> None:
    for kind, rows in NOTIFICATION_ROUTES.items():
        for message in {m for _, m in rows} - {
            PROFILE,
            MEMBERS,
            REFRESH,
            REFRESH_OLDER,
            SIGN_IN,
            CHANNEL_DIGEST,
            PERSONAL_DIGEST,
        }:
            happened = replace(
                build_event_line(SAMPLE_EVENTS[kind], STRANGER), team=CREW
            )
            subject = build_subject(message, STRANGER)
            for viewer in (ADA, CARL, STRANGER):
                check_message(
                    notification_message(
                        renderer,
                        message,
                        build_notification_context(happened, subject, viewer),
                    )
                )
            if message not in FOR_PEOPLE_ALONE:
                channel_message = check_message(
                    notification_message(
                        renderer,
                        message,
                        build_notification_context(happened, subject, None),
                    )
                )
                assert "@example.com" not in channel_message["text"] + message_text(
                    channel_message
                )


@pytest.mark.rule("MEM-07")
@pytest.mark.parametrize(
    "kind", [events.MemberLeft, events.MemberRemoved, events.MemberEnded]
)
def test_end_of_a_membership_is_worded_for_its_reader_with_the_security_note(
    kind: type[events.Event],
) -> None:
    messages: dict[type[events.Event], str] = {
        events.MemberLeft: "member_left",
        events.MemberRemoved: "member_removed",
    }
    message = messages.get(kind, "member_ended")

    shop = replace(ACME, id=ResourceId("R3"), kind="app", title="Shop")

    def render_for(viewer: Person | None, *rotate: Resource) -> str:
        return message_text(
            check_message(
                notification_message(
                    RENDERER,
                    message,
                    build_notification_context(
                        build_event_line(SAMPLE_EVENTS[kind]), None, viewer, *rotate
                    ),
                )
            )
        )

    assert render_for(CARL).startswith(("You", "<@UADA> removed you"))
    assert "<@UCARL>" in render_for(ADA)
    assert all(
        "deploy keys of Shop and Acme" in render_for(viewer, shop, ACME)
        for viewer in (ADA, None)
    )
    assert all(
        "No service passwords or deploy keys need" in render_for(viewer)
        for viewer in (ADA, None)
    )
    assert "that you knew will be rotated" in render_for(CARL, shop)
    assert "local copies, delete them" in render_for(CARL)


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("RES-03")
def test_notification_of_a_move_contains_the_security_note() -> None:
    shop = replace(ACME, id=ResourceId("R3"), kind="app", title="Shop")
    loss = events.ResourceMoved(
        ResourceId("R1"),
        ResourceId("R3"),
        ResourceId("R2"),
        (PersonId("P2"),),
        rotate=(ResourceId("R3"),),
        lost_code=("R3 P2",),
    )

    def render_for(
        viewer: Person | None, event: events.Event, *rotate: Resource
    ) -> str:
        return message_text(
            check_message(
                notification_message(
                    RENDERER,
                    "resource_moved",
                    build_notification_context(
                        build_event_line(event), None, viewer, *rotate
                    ),
                )
            )
        )

    assert "that you knew will be rotated" in render_for(CARL, loss, shop)
    for viewer in (ADA, None):
        text = render_for(viewer, loss, shop)
        assert "deploy keys of Shop" in text
        assert "/collab keys" in text
        assert "deploy keys" not in render_for(
            viewer, replace(loss, rotate=(), lost_code=())
        )


@pytest.mark.parametrize("event", [events.ResourceDisabled, events.ResourceEnabled])
def test_a_switch_by_the_operator_names_who_did_it(
    event: type[events.ResourceDisabled | events.ResourceEnabled],
) -> None:
    context = build_notification_context(build_event_line(event(ACME.id)), None, CARL)
    text = message_text(
        check_message(notification_message(RENDERER, "resource_switched", context))
    )
    assert "The people who run Collab" in text
    assert ("disabled" in text) == (event is events.ResourceDisabled)


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize(
    ("problem", "target", "advice"),
    [
        ("not_in_channel", "channel:C1", "open <#C1> and type `/invite @Collab`"),
        (
            "channel_not_found",
            "channel:C1",
            "it's private and I'm not in it",
        ),
        ("is_archived", "channel:C1", "link another one"),
        ("users_not_found", "person:P2", "They aren't in this workspace"),
        ("user_disabled", "person:P2", "deactivated"),
        ("something_new", "person:P2", "something∗new".replace("∗", "_")),
    ],
)
def test_failed_delivery_contains_advice(
    problem: str, target: str, advice: str
) -> None:
    payload = {"problem": problem, "target": target, "message": "member_joined"}

    happened = build_notification_context(
        build_event_line(SAMPLE_EVENTS[events.MemberJoined]), None, ADA
    )
    message = check_message(
        notification_message(RENDERER, "undeliverable", happened, payload)
    )

    assert advice in message_text(message)


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize(
    "problem", ["channel_not_found", "user_deactivated", "user_disabled"]
)
@pytest.mark.parametrize("recipient", ["reader", "active", "inactive", "elsewhere"])
def test_reason_of_a_failed_delivery_fits_its_recipient_and_reader(
    problem: str, recipient: str
) -> None:
    person = {
        "reader": ADA,
        "active": CARL,
        "inactive": replace(CARL, active=False),
        "elsewhere": replace(CARL, team="T2"),
    }[recipient]
    payload = {
        "problem": problem,
        "target": f"person:{person.id}",
        "message": "member_joined",
    }
    happened = replace(
        build_notification_context(
            build_event_line(SAMPLE_EVENTS[events.MemberJoined], ADA), None, ADA
        ),
        recipient=person,
    )

    text = message_text(
        check_message(
            notification_message(RENDERER, "undeliverable", happened, payload)
        )
    )

    is_deactivation = problem != "channel_not_found"
    assert ("deactivated" in text) == (is_deactivation or recipient == "inactive")
    assert ("another workspace" in text) == (
        recipient == "elsewhere" and not is_deactivation
    )
    assert ("let me message them" in text) == (
        not is_deactivation and recipient in {"active", "elsewhere"}
    )
    assert ("A message to you" in text) == (recipient == "reader")
    assert ("again, so" in text) == (
        is_deactivation and recipient in {"active", "elsewhere"}
    )


@given(names=st.lists(typed_texts, min_size=1, max_size=3))
@settings(deadline=None, max_examples=8)
def test_personal_digest_keeps_slacks_limits_and_the_text_of_each_notification(
    names: list[str],
) -> None:
    resources = [
        replace(ACME, id=ResourceId(f"R{n}"), title=names[n % len(names)][:80] or "x")
        for n in range(100)
    ]
    left = replace(
        SAMPLE_EVENTS[events.MemberLeft], rotate=tuple(r.id for r in resources)
    )
    items = []
    for number in range(MAX_PERSONAL_DIGEST_ITEMS):
        happened = build_event_line(
            left,
            replace(CARL, user=None, title=names[number % len(names)]),
            resources[number],
        )
        items.append(
            build_digest_entry(
                MONDAY,
                notification_message(
                    RENDERER,
                    "member_left",
                    build_notification_context(happened, None, ADA, *resources),
                ),
            )
        )
    message = check_message(personal_digest_message(RENDERER, items))
    assert f"Your digest: {MAX_PERSONAL_DIGEST_ITEMS} updates." in message_text(message)
    assert message_text(message).count("left *") == MAX_PERSONAL_DIGEST_ITEMS
    for piece in ("<!channel>", "<@channel"):
        assert piece not in message_text(message)


@in_both_languages
@pytest.mark.rule("MEM-09")
def test_a_return_lists_what_changed_and_what_is_left(renderer: Renderer) -> None:
    changed = [
        ChangedRole(ACME, "owner", "owner", ADA, "owner"),
        ChangedRole(ACME, "owner", None, ADA, "owner"),
        ChangedRole(ACME, "admin", "accountant"),
        ChangedRole(ACME, "admin", None),
    ]
    for found in (
        ReturnView([(ACME, "admin")], changed),
        ReturnView([(ACME, "admin")] * 30, changed * 8),
    ):
        for is_late in (True, False):
            event = events.PersonReturned(CARL.id, MONDAY, is_late=is_late)
            context = replace(
                build_notification_context(build_event_line(event, CARL), None, CARL),
                found_on_return=found,
            )
            message = check_message(
                notification_message(renderer, "person_returned", context)
            )
            assert message_text(message).count("\u2022") in {5, 42}
