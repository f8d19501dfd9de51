"""Messages about several events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering import Renderer
from bot.slack.views.gathered import gathered_message
from bot.slack.views.notifications import NotificationContext
from collab import events
from collab.model import NotificationTopic, Person, PersonId, Resource, ResourceId
from collab.notifications.gathering import GATHERED_MESSAGES, MAX_TOPICS, UPDATES
from collab.notifications.routing import NOTIFICATION_ROUTES
from tests.bot.slack.views.test_notifications import build_subject
from tests.support.view_builders import (
    ACME,
    ADA,
    CARL,
    MONDAY,
    RENDERER,
    SAMPLE_EVENTS,
    STRANGER,
    WEEK,
    build_event_line,
    build_invitation_view,
    build_membership_view,
    build_notification_context,
    check_message,
    in_both_languages,
    list_controls,
    message_text,
    typed_texts,
)

SHOP, BLOG, ORDERS = (
    Resource(ResourceId(f"A{number}"), "app", name.lower(), name)
    for number, name in enumerate(("Shop", "Blog", "Orders"))
)


def build_end(
    resource: Resource, person: Person = CARL, viewer: Person | None = ADA
) -> NotificationContext:
    """Return that somebody's developer access has ended."""
    ended = events.MemberEnded(
        resource.id, person.id, "developer", rotate=(resource.id,)
    )
    line = build_event_line(ended, person, resource)
    context = build_notification_context(line, None, viewer, resource)
    return replace(context, topic=NotificationTopic(1, f"{resource.id} {person.id}"))


def build_warning(
    resource: Resource, person: Person = CARL, *, is_older: bool = False
) -> NotificationContext:
    """Return that somebody's admin access ends in a week."""
    subject = build_membership_view(person, resource)
    context = build_notification_context(None, subject, ADA)
    topic = NotificationTopic(1, f"{resource.id} {person.id}")
    return replace(context, topic=topic, is_older=is_older)


@pytest.mark.rule("EVT-06")
def test_what_differs_in_the_resource_alone_is_one_sentence() -> None:
    message = gathered_message(
        RENDERER, "member_ended", [build_end(each) for each in (SHOP, BLOG, ORDERS)]
    )
    text = message_text(check_message(message))
    assert "developer access to *Shop*, *Blog* and *Orders* has ended" in text
    assert text.count("has ended") == 1
    assert "deploy keys of Blog, Orders and Shop" in text


@pytest.mark.rule("EVT-06")
def test_each_person_has_a_sentence_and_small_print_that_they_share_stands_once() -> (
    None
):
    ends = [build_end(SHOP), build_end(SHOP, STRANGER)]
    message = check_message(gathered_message(RENDERER, "member_ended", ends))
    assert message_text(message).count("has ended") == 2
    assert [block["type"] for block in message["blocks"]] == [
        "section",
        "section",
        "context",
    ]


@pytest.mark.rule("MEM-10")
def test_one_button_extends_what_ends_together() -> None:
    later = build_warning(ORDERS)
    assert later.subject is not None
    later = replace(
        later, subject=build_membership_view(CARL, ORDERS, MONDAY + 9 * WEEK)
    )
    warnings = [build_warning(SHOP), build_warning(BLOG), later]
    message = check_message(gathered_message(RENDERER, "member_ends_soon", warnings))
    [button] = list_controls(message)
    assert button["text"]["text"] == "Extend all"
    assert button["value"].split()[:2] == ["A0,A1", "P2"]
    assert "access to *Shop* and *Blog* ends" in message_text(message)


@pytest.mark.rule("INV-11")
def test_of_a_message_that_a_newer_one_repeats_in_part_the_rest_keeps_its_button() -> (
    None
):
    warnings = [build_warning(SHOP, is_older=True), build_warning(BLOG)]
    message = check_message(gathered_message(RENDERER, "member_ends_soon", warnings))
    [button] = list_controls(message)
    assert button["text"]["text"] == "Extend"
    assert button["value"].split()[0] == "A1"


@in_both_languages
@given(title=typed_texts, is_same=st.booleans())
@settings(deadline=timedelta(seconds=20), max_examples=5)
def test_gathered_messages_keep_slacks_limits_for_any_text(
    renderer: Renderer, title: str, is_same: bool
) -> None:
    for kind, rows in NOTIFICATION_ROUTES.items():
        names = {name for _, name in rows} & (GATHERED_MESSAGES - UPDATES)
        # Of the messages with controls, those about invitations have each their own.
        for message in names - {
            "invitation_reminder",
            "invitation_expired",
            "succession",
        }:
            for viewer in (ADA, None):
                contexts = []
                for number in range(MAX_TOPICS):
                    thing = replace(ACME, id=ResourceId(f"R{number}"), title=title)
                    person = (
                        CARL if is_same else replace(STRANGER, title=f"{title}{number}")
                    )
                    line = build_event_line(SAMPLE_EVENTS[kind], person, thing)
                    context = build_notification_context(
                        line, build_subject(message, person), viewer, thing
                    )
                    if message == "member_ends_soon":
                        subject = build_membership_view(person, thing)
                        context = replace(context, subject=subject)
                    topic = NotificationTopic(number, f"I{number}")
                    contexts.append(replace(context, topic=topic))
                check_message(gathered_message(renderer, message, contexts))


def test_a_message_of_many_has_one_primary_button_and_less_small_print() -> None:
    warnings = [
        build_warning(
            replace(SHOP, id=ResourceId(f"A{number}")),
            replace(CARL, id=PersonId(f"P{number}")),
        )
        for number in range(MAX_TOPICS)
    ]
    message = check_message(gathered_message(RENDERER, "member_ends_soon", warnings))
    buttons = list_controls(message)
    assert len(buttons) == MAX_TOPICS
    assert [button.get("style") for button in buttons].count("primary") == 1


@in_both_languages
@pytest.mark.rule("INV-11")
@pytest.mark.parametrize("message", ["invitation_reminder", "invitation_expired"])
def test_each_of_many_invitations_keeps_its_buttons(
    renderer: Renderer, message: str
) -> None:
    at = MONDAY if message == "invitation_reminder" else MONDAY + 5 * WEEK
    contexts = []
    for number in range(MAX_TOPICS):
        card = build_invitation_view(number, note="Please. " * 60)
        context = build_notification_context(None, card, CARL)
        topic = NotificationTopic(number, card.invitation.id)
        contexts.append(replace(context, at=at, topic=topic))
    gathered = check_message(gathered_message(renderer, message, contexts))
    rows = [block for block in gathered["blocks"] if block["type"] == "actions"]
    assert len(rows) == MAX_TOPICS
