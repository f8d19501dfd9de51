"""Audiences of channels: which channels a message about an event goes to.

A channel gets messages about a resource by a link to the resource or to a container of
it. See audiences.py for how an audience is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from collab import authorization, events
from collab.context import Context
from collab.events import RecordedEvent
from collab.invitations.rules import JOIN
from collab.model import ChannelLink, Frequency, ResourceId
from collab.notifications.recipients import (
    Audience,
    Recipient,
    linked_channel_recipient,
    person_recipient,
)
from collab.notifications.targets import format_channel_target, format_event_subject


def linked_channels(group: str) -> Audience:
    """Return the audience of the channels that are linked with a group of events.

    The person who linked a channel is notified if it cannot be reached.
    """

    def channels_with_group(
        event: Any, recorded: RecordedEvent, context: Context
    ) -> Iterator[Recipient]:
        if event.is_part_of_larger_change or _belongs_to_transfer(event, context):
            return
        if isinstance(event, events.MemberJoined) and _is_founder(
            event, recorded, context
        ):
            return
        links = find_links_by_channel(context, event.resource, group)
        yield from map(linked_channel_recipient, links.values())

    return channels_with_group


def only_in_digests(audience: Audience) -> Audience:
    """Return an audience without the channels that get messages at once."""

    def channels_with_digests(
        event: Any, recorded: RecordedEvent, context: Context
    ) -> Iterator[Recipient]:
        for recipient in audience(event, recorded, context):
            if recipient.link and recipient.link.rhythm != Frequency.IMMEDIATE:
                yield recipient

    return channels_with_digests


def _belongs_to_transfer(event: Any, context: Context) -> bool:
    """Return whether a role changed by a transfer, which is an event of its own."""
    if not isinstance(event, events.MemberJoined | events.MemberRoleChanged):
        return False
    if not event.invitation:
        return False
    invitation = context.invitations.get_invitation(event.invitation)
    return invitation is not None and invitation.purpose != JOIN


def _is_founder(
    event: events.MemberJoined, recorded: RecordedEvent, context: Context
) -> bool:
    """Return whether a member joined by creating the resource, which is notified."""
    previous = context.events.get_event(recorded.seq - 1)
    return (
        previous is not None
        and isinstance(previous.event, events.ResourceCreated)
        and previous.event.resource == event.resource
    )


def channels_of_handover(
    event: Any, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the channels that are linked for roles or for billing, each once."""
    links = {
        **find_links_by_channel(context, event.resource, "billing"),
        **find_links_by_channel(context, event.resource, "roles"),
    }
    yield from map(linked_channel_recipient, links.values())


def channels_of_undone(
    event: events.MemberRestored, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the channels that have the message about the departure that is undone."""
    if event.is_part_of_larger_change:
        return
    subject_id = format_event_subject(event.undone)
    links = {
        **find_links_by_channel(context, event.resource, "leaves"),
        **find_links_by_channel(context, event.resource, "removals"),
    }
    for link in links.values():
        yield replace(linked_channel_recipient(link), subject_id=subject_id)


def channels_of_deleted(
    event: events.ResourceDeleted, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the channels that were linked to the resource or to a container of it.

    A channel whose link ended with the resource gets the message at once.
    """
    links = find_links_by_channel(context, event.resource, "removals")
    for channel_id in event.channels:
        yield Recipient(format_channel_target(channel_id), link=links.get(channel_id))


def channels_of_move(
    event: events.ResourceMoved, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the channels of the resource, its old and its new containers, each once."""
    links = find_links_by_channel(context, event.resource, "joins")
    if event.before:
        links |= find_links_by_channel(context, event.before, "removals")
    yield from map(linked_channel_recipient, links.values())


def channels_of_payer_change(
    event: events.PayerChanged, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the channels of the resource, except those that get the transfer."""
    links = find_links_by_channel(context, event.resource, "billing")
    transfer = None
    if event.invitation:
        transfer = context.invitations.get_invitation(event.invitation)
    notified: Mapping[str, ChannelLink] = {}
    if transfer:
        notified = find_links_by_channel(context, transfer.resource, "billing")
    for channel_id, link in links.items():
        if channel_id not in notified:
            yield linked_channel_recipient(link)


def changed_channel(
    event: Any, recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the linked or unlinked channel, unless it was closed."""
    if getattr(event, "why", "asked") == "asked":
        yield Recipient(format_channel_target(event.channel), recorded.actor)


def channel_linker(
    event: Any, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield who linked the channel, unless a person unlinked it."""
    if event.linked_by and getattr(event, "why", "") != "asked":
        yield person_recipient(event.linked_by)


def digest_channel(
    event: events.DigestSent, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the channel of the digest, if it is for one."""
    if event.channel:
        yield Recipient(event.recipient, event.escalate_to)


def find_links_by_channel(
    context: Context, resource_id: ResourceId, group: str
) -> dict[str, ChannelLink]:
    """Return, by channel, the link with a group to a resource or its nearest container."""
    resource = context.resources.get_resource(resource_id)
    if resource is None:
        return {}
    links: dict[str, ChannelLink] = {}
    for linked in (resource, *authorization.iterate_containers(context, resource)):
        for link in context.channels.list_channel_links(linked.id):
            if group in link.groups:
                links.setdefault(link.channel, link)
    return links
