"""Channels: who hears of what. A channel is linked to a resource with a choice of groups of events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.card_numbers import mask_card_numbers
from collab.events import ChannelLinked, ChannelRenamed, ChannelUnlinked, Event
from collab.notifications.channel_digests import (
    DEFAULT_HOUR,
    FREQUENCIES,
    IMMEDIATE,
    VALID_HOURS,
)
from collab.people import NOBODY, Caller, Person
from collab.resource_pickers import ResourceOption, list_resource_options
from collab.resources import Resource, resolve_resource

if TYPE_CHECKING:
    from collab.context import Context

EVENT_GROUPS = ("joins", "leaves", "removals", "roles", "billing", "invitations")
DEFAULT_EVENT_GROUPS = ("joins", "leaves", "removals", "roles", "billing")
PAGE_SIZE = 20
MAX_NAMED_RESOURCES = 5
CHANNEL_ID = re.compile(
    "[CG][A-Z0-9]{1,30}"
)  # what else one can type in is a direct message


@dataclass(frozen=True, slots=True)
class ChannelLink:
    """A channel hears of a resource; `person` linked it and hears when it cannot be reached.

    By its rhythm it hears of each thing at once, or of all together at an hour of that person's day.
    """

    channel: str
    resource: str
    groups: tuple[str, ...]
    person: str
    rhythm: str = IMMEDIATE
    hour: int = DEFAULT_HOUR


@dataclass(frozen=True, slots=True)
class LinkChannel:
    """Let a channel hear of a resource: these groups of events, or the usual ones; at once, or daily or weekly."""

    by: Caller
    channel: str
    what: str
    groups: tuple[str, ...] = ()
    rhythm: str = IMMEDIATE
    hour: int = DEFAULT_HOUR


@dataclass(frozen=True, slots=True)
class UnlinkChannel:
    """Let a channel hear of a resource no more."""

    by: Caller
    channel: str
    what: str | None = None


@dataclass(frozen=True, slots=True)
class CloseChannel:
    """A channel was archived or deleted, or the app left it (`why`: archived, deleted, left)."""

    by: Caller
    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class RenameChannel:
    """A channel has another name."""

    by: Caller
    channel: str
    title: str


@dataclass(frozen=True, slots=True)
class ListLinkableResources:
    """Of what may I let channels hear? With `typed`, only what has it in its name or its short name."""

    by: Caller
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ListChannelLinks:
    """Which channels hear of what I may edit? Of one thing alone, or of everything; a page of them."""

    by: Caller
    what: str | None = None
    page: int = 0


@dataclass(frozen=True, slots=True)
class ShowChannelLink:
    """How does a channel hear of a thing, if it does?"""

    by: Caller
    what: str
    channel: str


@dataclass(frozen=True, slots=True)
class ChannelLinkView:
    """A channel, what it hears of, and who linked it."""

    link: ChannelLink
    resource: Resource
    person: Person


@dataclass(frozen=True, slots=True)
class ChannelLinkList:
    """Channels that hear of things; without a resource, of everything that the asker may edit."""

    resource: Resource | None
    links: Sequence[ChannelLinkView]
    next_page: int | None


def link_channel(act: LinkChannel, case: Context) -> list[Event]:
    """Whoever may edit a resource may let a channel hear of it (EVT-04)."""
    if not CHANNEL_ID.fullmatch(act.channel):
        raise errors.NotAChannel
    resource = resolve_resource(case, act.what)
    _check_may_edit(case, resource)
    for group in act.groups:
        if group not in EVENT_GROUPS:
            raise errors.UnknownGroup(group, EVENT_GROUPS)
    if act.rhythm not in FREQUENCIES:
        raise errors.UnknownRhythm(act.rhythm, FREQUENCIES)
    if act.hour not in VALID_HOURS:
        raise errors.BadHour(act.hour)
    groups = tuple(g for g in EVENT_GROUPS if g in (act.groups or DEFAULT_EVENT_GROUPS))
    hour = DEFAULT_HOUR if act.rhythm == IMMEDIATE else act.hour
    now = next(
        (
            i
            for i in case.repositories.list_channel_links(resource.id)
            if i.channel == act.channel
        ),
        None,
    )
    if now and (now.groups, now.rhythm, now.hour) == (groups, act.rhythm, hour):
        raise errors.AlreadyLinked(resource.title)
    return [ChannelLinked(act.channel, resource.id, groups, act.rhythm, hour)]


def unlink_channel(act: UnlinkChannel, case: Context) -> list[Event]:
    """Whoever may edit a resource may let a channel hear of it no more (EVT-04)."""
    resource = (
        resolve_resource(case, act.what)
        if act.what
        else _get_only_linked_resource(case, act.channel)
    )
    _check_may_edit(case, resource)
    if all(
        i.channel != act.channel
        for i in case.repositories.list_channel_links(resource.id)
    ):
        raise errors.NotLinked(resource.title)
    return [ChannelUnlinked(act.channel, resource.id)]


def close_channel(act: CloseChannel, case: Context) -> list[Event]:
    """End the links of a channel that was archived or deleted, or that the app is in no more; who linked it is told."""
    links = case.repositories.list_links_of_channel(act.channel)
    return [ChannelUnlinked(i.channel, i.resource, act.why, i.person) for i in links]


def rename_channel(act: RenameChannel, case: Context) -> list[Event]:
    """Who linked a channel hears of its new name."""
    links = case.repositories.list_links_of_channel(act.channel)
    return [
        ChannelRenamed(i.channel, i.resource, mask_card_numbers(act.title), i.person)
        for i in links
    ]


def list_linkable_resources(
    ask: ListLinkableResources, case: Context
) -> Sequence[ResourceOption]:
    """What the asker may let channels hear of, at most a hundred, what stands in others after them (EVT-04)."""
    able = authorization.list_resource_ids_with_capability(case, case.actor.id, "edit")
    return list_resource_options(case, ask.typed, lambda resource: resource.id in able)


def list_channel_links(ask: ListChannelLinks, case: Context) -> ChannelLinkList:
    """The channels that hear of what the asker may edit, by name of the thing (EVT-04)."""
    resource = resolve_resource(case, ask.what) if ask.what else None
    if resource:
        _check_may_edit(case, resource)
    able = (
        {resource.id}
        if resource
        else authorization.list_resource_ids_with_capability(
            case, case.actor.id, "edit"
        )
    )
    found = [
        i for i in case.repositories.list_all_channel_links() if i.resource in able
    ]
    start = ask.page * PAGE_SIZE
    rows = [_build_link_view(case, i) for i in found[start : start + PAGE_SIZE]]
    return ChannelLinkList(
        resource, rows, ask.page + 1 if len(found) > start + PAGE_SIZE else None
    )


def show_channel_link(ask: ShowChannelLink, case: Context) -> ChannelLinkView | None:
    """One of them."""
    resource = resolve_resource(case, ask.what)
    _check_may_edit(case, resource)
    found = next(
        (
            i
            for i in case.repositories.list_channel_links(resource.id)
            if i.channel == ask.channel
        ),
        None,
    )
    return _build_link_view(case, found) if found else None


def _build_link_view(case: Context, found: ChannelLink) -> ChannelLinkView:
    resource = case.repositories.get_resource(found.resource)
    if resource is None:
        raise errors.UnknownResource(found.resource)
    return ChannelLinkView(
        found, resource, case.repositories.get_person(found.person) or NOBODY
    )


def get_linked_resource(case: Context, channel: str | None) -> Resource:
    """The one resource that a channel hears of and the actor may view."""
    seen = _list_linked_resources(case, channel)
    if len(seen) != 1:
        raise errors.ChannelNotLinked
    return seen[0]


def _get_only_linked_resource(case: Context, channel: str) -> Resource:
    """Return what to unlink where nothing was named: the one thing that the channel is linked to.

    Refuse where there are several, and name those that the actor may unlink.
    """
    seen = _list_linked_resources(case, channel)
    if len(seen) == 1:
        return seen[0]
    able = sorted(
        (r for r in seen if authorization.check(case, case.actor.id, "edit", r)),
        key=lambda r: (r.title, r.slug),
    )
    titles = tuple(r.title for r in able[:MAX_NAMED_RESOURCES])
    raise errors.ChannelNotLinked(
        titles, len(able) - len(titles), able[0].slug if able else "", bool(seen)
    )


def _list_linked_resources(case: Context, channel: str | None) -> list[Resource]:
    """Return what a channel hears of and the actor may view."""
    links = case.repositories.list_links_of_channel(channel) if channel else ()
    found = [r for i in links if (r := case.repositories.get_resource(i.resource))]
    return [r for r in found if authorization.check(case, case.actor.id, "view", r)]


def _check_may_edit(case: Context, resource: Resource) -> None:
    if not authorization.check(case, case.actor.id, "edit", resource):
        raise errors.MayNotEdit(resource.title)
