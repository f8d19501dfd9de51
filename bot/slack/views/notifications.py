"""Notices as cards: what a person or a channel hears of an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from bot.rendering import Audience, Renderer
from bot.slack.views import Message, blocks
from bot.slack.views.audit_log import ALL_EVENTS_QUERY
from bot.slack.views.digests import channel_digest_message
from bot.slack.views.failed_deliveries import recipient_facts, retry_button
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS, live_message
from collab.audit_log import EventLine
from collab.model import Person, Resource
from collab.notifications.routing import CHANNEL_DIGEST
from collab.open_items import InvitationView, OpenItem

UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class NotificationContext:
    """What the words of a delivery are about, read at one moment; `rotate` are the things whose keys are to be new.

    `together` are the first of the facts that a digest tells. `places` are the old and the new place of what was moved,
    by the event's field, as far as the reader may know them. `recipient` is whom a failed message was for.
    """

    at: datetime
    viewer: Person | None
    subject: OpenItem | None
    line: EventLine | None
    stale_resources: tuple[Resource, ...] = ()
    digest_lines: tuple[EventLine, ...] = ()
    move_endpoints: Mapping[str, Resource] = field(default_factory=dict)
    recipient: Person | None = None


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One notice of a digest: when it happened, and the words of its own message."""

    at: datetime
    words: Markup


def build_digest_item(at: datetime, message: Message) -> DigestItem:
    """A notice as it stands in a digest."""
    return DigestItem(at, Markup(message["text"]))  # noqa: S704 - a template made it


def notification_message(
    renderer: Renderer,
    message: str,
    scene: NotificationContext,
    payload: Mapping[str, Any] | None = None,
) -> Message:
    """The message of that name, for a person, or for a channel when there is no viewer."""
    line = scene.line
    if message == UNDELIVERABLE:
        return _undeliverable_message(renderer, scene, payload or {})
    if message in LIVE_MESSAGE_CONTROLS and scene.subject:
        at = line.recorded.at if line else scene.at
        return live_message(renderer, message, scene.subject, scene.viewer, at)
    if line is None:
        raise LookupError(message)
    if message == CHANNEL_DIGEST:
        return channel_digest_message(renderer, line, scene.digest_lines)
    audience: Audience = "person" if scene.viewer else "channel"
    card = scene.subject if isinstance(scene.subject, InvitationView) else None
    repositories = {
        "actor": line.actor,
        "person": line.person,
        "resource": line.resource,
        "event": line.recorded.event,
    }
    told = {
        "card": card,
        "subject": scene.subject,
        "viewer": scene.viewer,
        "rotate": scene.stale_resources,
        "team": line.team,
    }
    told |= {
        "before": scene.move_endpoints.get("before"),
        "parent": scene.move_endpoints.get("parent"),
    }
    return blocks.build_message(
        renderer.render(
            f"notices/{message}", audience, line=line, **repositories, **told
        )
    )


def personal_digest_message(renderer: Renderer, told: Sequence[DigestItem]) -> Message:
    """What was kept for somebody, in one message; what is too long here stands whole in the list of all events."""
    said = renderer.render("notices/own_digest", told=told)
    heading, *rows = said.paragraphs
    more = blocks.button(
        "events_page",
        renderer.render_label("home.events"),
        ALL_EVENTS_QUERY,
        renderer.render_label("home.events.long"),
    )
    shown = [
        *blocks.section_blocks(heading),
        *(blocks.list_row(row) for row in rows),
        blocks.actions_block("digest", more),
    ]
    return {
        "text": blocks.truncate(said.text, blocks.MAX_MESSAGE_TEXT),
        "blocks": shown,
    }


def _undeliverable_message(
    renderer: Renderer, scene: NotificationContext, payload: Mapping[str, Any]
) -> Message:
    found: Any = scene.line or scene.subject
    resource, recipient = (
        (found and found.resource) or None,
        scene.recipient or (found and found.person) or None,
    )
    told: dict[str, Any] = {
        name: str(payload.get(name) or "") for name in ("problem", "target", "message")
    }
    is_reader = bool(recipient and scene.viewer and recipient.id == scene.viewer.id)
    workspace = (
        scene.line.recorded.workspace
        if scene.line
        else str((scene.viewer and scene.viewer.team) or "")
    )
    whose = recipient_facts(recipient, workspace, is_reader=is_reader)
    said = renderer.render("notices/undeliverable", resource=resource, **told, **whose)
    number = payload.get(
        "delivery"
    )  # what was written before it carried its number has no way to send it again
    return blocks.build_message(
        said,
        *(
            [blocks.actions_block("lost", retry_button(renderer, int(number)))]
            if number
            else []
        ),
    )
