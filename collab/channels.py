"""Channels: who hears of what. A channel is linked to a resource with a choice of groups of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import ChannelLinked, ChannelRenamed, ChannelUnlinked, Event
from collab.people import Caller
from collab.resources import Resource, find

if TYPE_CHECKING:
    from collab.case import Case

GROUPS = ("joins", "leaves", "removals", "roles", "billing", "invitations")
BY_DEFAULT = ("joins", "leaves", "removals", "roles", "billing")


@dataclass(frozen=True, slots=True)
class Link:
    """A channel hears of a resource; `person` linked it and hears when it cannot be reached."""

    channel: str
    resource: str
    groups: tuple[str, ...]
    person: str


@dataclass(frozen=True, slots=True)
class LinkChannel:
    """Let a channel hear of a resource: these groups of events, or the usual ones."""

    by: Caller
    channel: str
    what: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnlinkChannel:
    """Let a channel hear of a resource no more."""

    by: Caller
    channel: str
    what: str | None = None


@dataclass(frozen=True, slots=True)
class CloseChannel:
    """A channel was archived, or the app left it (`why`: archived, left)."""

    by: Caller
    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class RenameChannel:
    """A channel has another name."""

    by: Caller
    channel: str
    title: str


def link(act: LinkChannel, case: Case) -> list[Event]:
    """Whoever may edit a resource may let a channel hear of it (EVT-04)."""
    resource = find(case, act.what)
    _check_edit(case, resource)
    for group in act.groups:
        if group not in GROUPS:
            raise refusals.UnknownGroup(group, GROUPS)
    groups = tuple(g for g in GROUPS if g in (act.groups or BY_DEFAULT))
    now = next((i for i in case.facts.links(resource.id) if i.channel == act.channel), None)
    if now and now.groups == groups:
        raise refusals.AlreadyLinked(resource.title)
    return [ChannelLinked(act.channel, resource.id, groups)]


def unlink(act: UnlinkChannel, case: Case) -> list[Event]:
    """Whoever may edit a resource may let a channel hear of it no more (EVT-04)."""
    resource = find(case, act.what) if act.what else linked_resource(case, act.channel)
    _check_edit(case, resource)
    if all(i.channel != act.channel for i in case.facts.links(resource.id)):
        raise refusals.NotLinked(resource.title)
    return [ChannelUnlinked(act.channel, resource.id)]


def close(act: CloseChannel, case: Case) -> list[Event]:
    """A channel that was archived, or that the app is in no more, hears of nothing; who linked it is told."""
    links = case.facts.links_of_channel(act.channel)
    return [ChannelUnlinked(i.channel, i.resource, act.why, i.person) for i in links]


def rename(act: RenameChannel, case: Case) -> list[Event]:
    """Who linked a channel hears of its new name."""
    links = case.facts.links_of_channel(act.channel)
    return [ChannelRenamed(i.channel, i.resource, act.title, i.person) for i in links]


def linked_resource(case: Case, channel: str | None) -> Resource:
    """The one resource that a channel hears of and the actor may view."""
    links = case.facts.links_of_channel(channel) if channel else ()
    found = [r for i in links if (r := case.facts.resource(i.resource))]
    seen = [r for r in found if access.may(case, case.actor.id, "view", r)]
    if len(seen) != 1:
        raise refusals.ChannelNotLinked
    return seen[0]


def _check_edit(case: Case, resource: Resource) -> None:
    if not access.may(case, case.actor.id, "edit", resource):
        raise refusals.MayNotEdit(resource.title)
