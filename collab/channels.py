"""Channels that are linked to resources, to get messages about groups of events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import accessible_resources, authorization, errors
from collab.card_numbers import mask_card_numbers
from collab.command import Command, Query
from collab.context import Context
from collab.events import ChannelLinked, ChannelRenamed, ChannelUnlinked, Event
from collab.model import (
    DEFAULT_HOUR,
    NOBODY,
    ChannelId,
    ChannelLink,
    Frequency,
    Person,
    Resource,
)
from collab.notifications.digests import VALID_HOURS
from collab.resource_lookup import resolve_resource
from collab.resource_pickers import ResourceOption, list_resource_options

EVENT_GROUPS = ("joins", "leaves", "removals", "roles", "billing", "invitations")
DEFAULT_EVENT_GROUPS = ("joins", "leaves", "removals", "roles", "billing")
PAGE_SIZE = 20
MAX_NAMED_RESOURCES = 5
CHANNEL_ID = re.compile(
    "[CG][A-Z0-9]{1,30}"
)  # what else one can type in is a direct message


@dataclass(frozen=True, slots=True)
class LinkChannel(Command):
    """Link a channel to a resource, at once, daily or weekly.

    Without groups of events, the default groups.
    """

    channel: ChannelId
    what: str
    groups: tuple[str, ...] = ()
    rhythm: str = Frequency.IMMEDIATE
    hour: int = DEFAULT_HOUR

    def decide(self, context: Context) -> list[Event]:
        """Reject an actor who may not edit the resource, or an unknown choice (EVT-04)."""
        if not CHANNEL_ID.fullmatch(self.channel):
            raise errors.NotAChannel
        resource = resolve_resource(context, self.what)
        _check_may_edit(context, resource)
        for group in self.groups:
            if group not in EVENT_GROUPS:
                raise errors.UnknownGroup(group, EVENT_GROUPS)
        if self.rhythm not in tuple(Frequency):
            raise errors.UnknownRhythm(self.rhythm, tuple(Frequency))
        if self.hour not in VALID_HOURS:
            raise errors.BadHour(self.hour)
        groups = tuple(
            g for g in EVENT_GROUPS if g in (self.groups or DEFAULT_EVENT_GROUPS)
        )
        hour = DEFAULT_HOUR if self.rhythm == Frequency.IMMEDIATE else self.hour
        now = next(
            (
                i
                for i in context.channels.list_channel_links(resource.id)
                if i.channel == self.channel
            ),
            None,
        )
        if now and (now.groups, now.rhythm, now.hour) == (groups, self.rhythm, hour):
            raise errors.AlreadyLinked(resource.title)
        return [ChannelLinked(self.channel, resource.id, groups, self.rhythm, hour)]


@dataclass(frozen=True, slots=True)
class UnlinkChannel(Command):
    """Unlink a channel from a resource, or from the only one that it is linked to."""

    channel: ChannelId
    what: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Reject an actor who may not edit the resource (EVT-04)."""
        resource = (
            resolve_resource(context, self.what)
            if self.what
            else _get_only_linked_resource(context, self.channel)
        )
        _check_may_edit(context, resource)
        if all(
            i.channel != self.channel
            for i in context.channels.list_channel_links(resource.id)
        ):
            raise errors.NotLinked(resource.title)
        return [ChannelUnlinked(self.channel, resource.id)]


@dataclass(frozen=True, slots=True)
class CloseChannel(Command):
    """Unlink a channel that was archived or deleted, or left by the app (`why`)."""

    channel: ChannelId
    why: str

    def decide(self, context: Context) -> list[Event]:
        """End all links of the channel; who linked it is notified."""
        links = context.channels.list_links_of_channel(self.channel)
        return [
            ChannelUnlinked(i.channel, i.resource, self.why, i.person) for i in links
        ]


@dataclass(frozen=True, slots=True)
class RenameChannel(Command):
    """Record the new name of a channel."""

    masks_card_numbers: ClassVar[bool] = True

    channel: ChannelId
    title: str

    def decide(self, context: Context) -> list[Event]:
        """Notify who linked the channel."""
        links = context.channels.list_links_of_channel(self.channel)
        return [
            ChannelRenamed(
                i.channel, i.resource, mask_card_numbers(self.title), i.person
            )
            for i in links
        ]


@dataclass(frozen=True, slots=True)
class ListLinkableResources(Query[Sequence[ResourceOption]]):
    """List the resources that the actor may link channels to, filtered by name."""

    typed: str = ""

    def answer(self, context: Context) -> Sequence[ResourceOption]:
        """Return at most a hundred, those inside of others last (EVT-04)."""
        able = accessible_resources.list_resource_ids_with_capability(
            context, context.actor.id, "edit"
        )
        return list_resource_options(
            context, self.typed, lambda resource: resource.id in able
        )


@dataclass(frozen=True, slots=True)
class ChannelLinkList:
    """A page of links; without a resource, of all that the actor may edit."""

    resource: Resource | None
    links: Sequence[ChannelLinkView]
    next_page: int | None


@dataclass(frozen=True, slots=True)
class ListChannelLinks(Query[ChannelLinkList]):
    """List the links of a resource, or of all that the actor may edit, by page."""

    what: str | None = None
    page: int = 0

    def answer(self, context: Context) -> ChannelLinkList:
        """Return the links by the name of the resource (EVT-04)."""
        resource = resolve_resource(context, self.what) if self.what else None
        if resource:
            _check_may_edit(context, resource)
        able = (
            {resource.id}
            if resource
            else accessible_resources.list_resource_ids_with_capability(
                context, context.actor.id, "edit"
            )
        )
        found = [
            i for i in context.channels.list_all_channel_links() if i.resource in able
        ]
        start = self.page * PAGE_SIZE
        rows = [_build_link_view(context, i) for i in found[start : start + PAGE_SIZE]]
        return ChannelLinkList(
            resource, rows, self.page + 1 if len(found) > start + PAGE_SIZE else None
        )


@dataclass(frozen=True, slots=True)
class ChannelLinkView:
    """A link with its resource and the person who made it."""

    link: ChannelLink
    resource: Resource
    person: Person


@dataclass(frozen=True, slots=True)
class ShowChannelLink(Query[ChannelLinkView | None]):
    """Show the link of a channel to a resource; None if there is none."""

    what: str
    channel: ChannelId

    def answer(self, context: Context) -> ChannelLinkView | None:
        """Reject an actor who may not edit the resource."""
        resource = resolve_resource(context, self.what)
        _check_may_edit(context, resource)
        found = next(
            (
                i
                for i in context.channels.list_channel_links(resource.id)
                if i.channel == self.channel
            ),
            None,
        )
        return _build_link_view(context, found) if found else None


@dataclass(frozen=True, slots=True)
class PreviewUnlink(Query[ChannelLinkView]):
    """Which link would end if a channel were unlinked?"""

    channel: ChannelId
    what: str | None = None

    def answer(self, context: Context) -> ChannelLinkView:
        """Return the link; raises Rejected as UnlinkChannel does."""
        command = UnlinkChannel(self.by, self.channel, self.what)
        for event in command.decide(context):
            assert isinstance(event, ChannelUnlinked)  # noqa: S101 - for the type checker
            for link in context.channels.list_channel_links(event.resource):
                if link.channel == self.channel:
                    return _build_link_view(context, link)
        raise errors.NotLinked("")


@dataclass(frozen=True, slots=True)
class ShowLinkedResource(Query[Resource]):
    """Show the resource that a channel gets updates about."""

    channel: ChannelId

    def answer(self, context: Context) -> Resource:
        """Return the only resource of the channel that the actor may view."""
        return get_linked_resource(context, self.channel)


def _build_link_view(context: Context, found: ChannelLink) -> ChannelLinkView:
    resource = context.resources.get_resource(found.resource)
    if resource is None:
        raise errors.UnknownResource(found.resource)
    return ChannelLinkView(
        found, resource, context.people.get_person(found.person) or NOBODY
    )


def get_linked_resource(context: Context, channel: ChannelId | None) -> Resource:
    """Return the only resource of a channel that the actor may view."""
    seen = _list_linked_resources(context, channel)
    if len(seen) != 1:
        raise errors.ChannelNotLinked
    return seen[0]


def _get_only_linked_resource(context: Context, channel: ChannelId) -> Resource:
    """Return what to unlink where nothing was named.

    The one thing that the channel is linked to.

    Refuse where there are several, and name those that the actor may unlink.
    """
    seen = _list_linked_resources(context, channel)
    if len(seen) == 1:
        return seen[0]
    able = sorted(
        (r for r in seen if authorization.check(context, context.actor.id, "edit", r)),
        key=lambda r: (r.title, r.slug),
    )
    titles = tuple(r.title for r in able[:MAX_NAMED_RESOURCES])
    raise errors.ChannelNotLinked(
        titles, len(able) - len(titles), able[0].slug if able else "", bool(seen)
    )


def _list_linked_resources(
    context: Context, channel: ChannelId | None
) -> list[Resource]:
    """Return the resources that a channel gets updates about and the actor may view."""
    links = context.channels.list_links_of_channel(channel) if channel else ()
    found = [r for i in links if (r := context.resources.get_resource(i.resource))]
    return [
        r for r in found if authorization.check(context, context.actor.id, "view", r)
    ]


def _check_may_edit(context: Context, resource: Resource) -> None:
    if not authorization.check(context, context.actor.id, "edit", resource):
        raise errors.MayNotEdit(resource.title)
