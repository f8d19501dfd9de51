"""Build the notifications of people and channels about events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from bot.rendering import Audience, RenderedText, Renderer
from bot.slack.views import Message, blocks
from bot.slack.views.claims import CLAIMED, claim_message
from bot.slack.views.controls import labelled_button
from bot.slack.views.digests import channel_digest_message
from bot.slack.views.event_log import ALL_EVENTS_QUERY
from bot.slack.views.failed_deliveries import recipient_fields, retry_button
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS, live_message
from bot.slack.views.person_matches import MATCHED, match_message
from bot.slack.views.resources import MAX_LISTED
from collab.event_log import EventLine
from collab.memberships.offboarding_queries import OffboardingStatement
from collab.memberships.returns import ReturnView
from collab.model import DeliveryId, NotificationTopic, Person, Resource
from collab.notifications.messages import CHANNEL_DIGEST, DELIVERY_FAILED
from collab.open_items import InvitationView, OpenItem
from collab.person_matches import MatchView

NO_TOPIC = NotificationTopic(None, None)


@dataclass(frozen=True, slots=True)
class NotificationContext:
    """What the text of a notification depends on, read from one snapshot.

    Without a viewer, the notification is for a channel. `stale_resources` are those
    whose keys are to be rotated, `digest_lines` the first events of a channel digest.
    `containers` are those of a created or moved resource, by the event's field, as far as
    the reader may see them. `recipient` is the one of a failed delivery, `undone_by` who
    undid the departure that the notification is about, `found_on_return` what a
    reader finds whose account is active again, `statement` what an offboarding ended, `match` what a
    reader may join with their account, `claimant` who asks for an invitation.
    `topic` is what it is about, `resources` are those of all events that are told of
    together; `is_older`: the reader has a newer message about the topic, `is_reply`: this
    one is in the thread of the newest. `reminder_count` is how often an invited person
    was reminded.
    """

    at: datetime
    viewer: Person | None
    subject: OpenItem | None
    line: EventLine | None
    stale_resources: tuple[Resource, ...] = ()
    digest_lines: tuple[EventLine, ...] = ()
    containers: Mapping[str, Resource] = field(default_factory=dict)
    recipient: Person | None = None
    undone_by: Person | None = None
    found_on_return: ReturnView = field(default_factory=ReturnView)
    statement: OffboardingStatement | None = None
    match: MatchView | None = None
    claimant: Person | None = None
    topic: NotificationTopic = NO_TOPIC
    resources: tuple[Resource, ...] = ()
    is_older: bool = False
    is_reply: bool = False
    reminder_count: int = 0


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """A notification of a digest: when it happened, and its text."""

    at: datetime
    words: Markup


def build_digest_entry(at: datetime, message: Message) -> DigestEntry:
    """Return a notification's message as an item of a digest."""
    return DigestEntry(at, Markup(message["text"]))  # noqa: S704 - a template made it


def notification_message(
    renderer: Renderer,
    message: str,
    context: NotificationContext,
    payload: Mapping[str, Any] | None = None,
) -> Message:
    """Return the notification `message` for the context's viewer, or for a channel.

    `payload` is the content of a failed delivery. Raise LookupError when the context
    contains no event and the message is about one.
    """
    line = context.line
    if message == DELIVERY_FAILED:
        return _undeliverable_message(renderer, context, payload or {})
    if message in LIVE_MESSAGE_CONTROLS and context.subject:
        at = line.recorded.at if line else context.at
        return live_message(
            renderer,
            message,
            context.subject,
            context.viewer,
            at,
            is_older=context.is_older,
            is_reply=context.is_reply,
            reminder_count=context.reminder_count,
        )
    if line is None:
        raise LookupError(message)
    if message == CHANNEL_DIGEST:
        return channel_digest_message(renderer, line, context.digest_lines)
    return _event_message(renderer, message, context, line)


def _event_message(
    renderer: Renderer, message: str, context: NotificationContext, line: EventLine
) -> Message:
    if message == MATCHED and context.match:
        return match_message(renderer, context.match)
    card = context.subject
    if context.claimant and message == CLAIMED and isinstance(card, InvitationView):
        return claim_message(renderer, card, context.claimant, context.at)
    audience: Audience = "person" if context.viewer else "channel"
    return blocks.build_message(
        render_event_text(renderer, message, context, line, audience)
    )


def render_event_text(
    renderer: Renderer,
    message: str,
    context: NotificationContext,
    line: EventLine,
    audience: Audience,
) -> RenderedText:
    """Return the text of a notification about an event."""
    subject = context.subject
    return renderer.render(
        f"notices/{message}",
        audience,
        line=line,
        actor=line.actor,
        person=line.person,
        resource=line.resource,
        resources=context.resources or (line.resource,),
        event=line.recorded.event,
        card=subject if isinstance(subject, InvitationView) else None,
        subject=subject,
        viewer=context.viewer,
        rotate=context.stale_resources,
        undone_by=context.undone_by,
        found=context.found_on_return,
        statement=context.statement,
        most=MAX_LISTED,
        team=line.team,
        before=context.containers.get("before"),
        parent=context.containers.get("parent"),
    )


def personal_digest_message(
    renderer: Renderer, items: Sequence[DigestEntry]
) -> Message:
    """Return a person's digest; long items are truncated, a button lists all events."""
    text = renderer.render("notices/own_digest", items=items)
    heading, *lines = text.paragraphs
    all_events = labelled_button(
        renderer, "events_page", ALL_EVENTS_QUERY, label="home.events"
    )
    rows = [blocks.list_row(line) for line in lines]
    return {
        "text": blocks.truncate(text.text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [
            *blocks.section_blocks(heading),
            *rows,
            blocks.actions_block("digest", all_events),
        ],
    }


def _undeliverable_message(
    renderer: Renderer, context: NotificationContext, payload: Mapping[str, Any]
) -> Message:
    """Return what could not be delivered, with the button that sends it again."""
    source: Any = context.line or context.subject
    viewer = context.viewer
    recipient = context.recipient or (source.person if source else None)
    is_reader = bool(recipient and viewer and recipient.id == viewer.id)
    text = renderer.render(
        "notices/undeliverable",
        resource=source.resource if source else None,
        problem=str(payload.get("problem") or ""),
        target=str(payload.get("target") or ""),
        message=str(payload.get("message") or ""),
        **recipient_fields(recipient, _workspace_of(context), is_reader=is_reader),
    )
    # Deliveries that were queued by an older version have no number.
    delivery_id = payload.get("delivery")
    if not delivery_id:
        return blocks.build_message(text)
    retry = retry_button(renderer, DeliveryId(int(delivery_id)))
    return blocks.build_message(text, blocks.actions_block("lost", retry))


def _workspace_of(context: NotificationContext) -> str:
    if context.line:
        return context.line.recorded.workspace
    if context.viewer is None:
        return ""
    return context.viewer.team or ""
