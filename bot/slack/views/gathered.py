"""Build the message about several events: what differs in the resource alone is one sentence."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.rendering import Renderer
from bot.slack.views import Block, Message, blocks
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS
from bot.slack.views.notifications import NotificationContext, notification_message
from bot.slack.views.primary_button import keep_first_primary
from collab.model import Resource
from collab.open_items import ExpiringMembershipView

PAYMENT = "payment"
# The fields of events about memberships that their texts depend on, but the resource.
FIELDS_IN_TEXTS = ("role", "before", "until", "why", "invitation", "request")


def gathered_message(
    renderer: Renderer,
    message: str,
    contexts: Sequence[NotificationContext],
    payload: Mapping[str, Any] | None = None,
) -> Message:
    """Return the notification `message` about one event or about several."""
    messages = [
        notification_message(renderer, message, group, payload)
        for group in group_contexts(message, contexts)
    ]
    return messages[0] if len(messages) == 1 else _join_messages(messages)


def _join_messages(messages: Sequence[Message]) -> Message:
    """Return several messages as one; small print that they share stands once, last."""
    shown: list[Block] = []
    for block in (block for message in messages for block in message["blocks"]):
        if block["type"] == "context" and block in shown:
            shown.remove(block)
        shown.append(block)
    if len(shown) > blocks.MAX_MESSAGE_BLOCKS:
        shown = [block for block in shown if block["type"] != "context"]
    text = "\n".join(message["text"] for message in messages)
    return {
        "text": blocks.truncate(text, blocks.MAX_MESSAGE_TEXT),
        "blocks": keep_first_primary(shown[: blocks.MAX_MESSAGE_BLOCKS]),
    }


def group_contexts(
    message: str, contexts: Sequence[NotificationContext]
) -> list[NotificationContext]:
    """Return one context for each group that differs in the resource alone."""
    groups: dict[Hashable, list[NotificationContext]] = {}
    for context in contexts:
        groups.setdefault(_get_group_key(message, context), []).append(context)
    return [_merge_contexts(group) for group in groups.values()]


def _get_group_key(message: str, context: NotificationContext) -> Hashable:
    """Return what members of a group have in common; the topic for one that stays alone."""
    subject, line = context.subject, context.line
    if message in LIVE_MESSAGE_CONTROLS:
        if isinstance(subject, ExpiringMembershipView):
            membership = subject.membership
            term = (membership.role, membership.until) if membership else None
            return subject.person.id, term, context.is_older
        return context.topic
    if line is None or not line.recorded.event.name.startswith("member."):
        return context.topic
    event = line.recorded.event
    return (
        event.name,
        line.actor.id,
        line.person and line.person.id,
        line.resource and line.resource.kind == PAYMENT,
        context.undone_by and context.undone_by.id,
        *(getattr(event, name, None) for name in FIELDS_IN_TEXTS),
    )


def _merge_contexts(group: Sequence[NotificationContext]) -> NotificationContext:
    first = group[0]
    if len(group) == 1:
        return first
    subject = first.subject
    if isinstance(subject, ExpiringMembershipView):
        others = [
            context.subject.resource
            for context in group[1:]
            if isinstance(context.subject, ExpiringMembershipView)
        ]
        subject = replace(subject, others=tuple(others))
    resources = [context.line.resource for context in group if context.line]
    stale = {each.id: each for context in group for each in context.stale_resources}
    return replace(
        first,
        subject=subject,
        resources=tuple(filter(None, resources)),
        stale_resources=tuple(sorted(stale.values(), key=_get_title)),
    )


def _get_title(resource: Resource) -> str:
    return resource.title
