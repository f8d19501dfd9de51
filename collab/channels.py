"""Channels: who hears of what. A channel is linked to a resource with a choice of groups of events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.card_numbers import mask_card_numbers
from collab.choosing import Placed, placed
from collab.digests import EACH, HOUR, HOURS, RHYTHMS
from collab.events import ChannelLinked, ChannelRenamed, ChannelUnlinked, Event
from collab.people import NOBODY, Caller, Person
from collab.resources import Resource, find

if TYPE_CHECKING:
    from collab.case import Case

GROUPS = ("joins", "leaves", "removals", "roles", "billing", "invitations")
BY_DEFAULT = ("joins", "leaves", "removals", "roles", "billing")
PAGE = 20
NAMED = 5
CHANNEL_ID = re.compile("[CG][A-Z0-9]{1,30}")  # what else one can type in is a direct message


@dataclass(frozen=True, slots=True)
class Link:
    """A channel hears of a resource; `person` linked it and hears when it cannot be reached.

    By its rhythm it hears of each thing at once, or of all together at an hour of that person's day.
    """

    channel: str
    resource: str
    groups: tuple[str, ...]
    person: str
    rhythm: str = EACH
    hour: int = HOUR


@dataclass(frozen=True, slots=True)
class LinkChannel:
    """Let a channel hear of a resource: these groups of events, or the usual ones; at once, or daily or weekly."""

    by: Caller
    channel: str
    what: str
    groups: tuple[str, ...] = ()
    rhythm: str = EACH
    hour: int = HOUR


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
class ListLinkable:
    """Of what may I let channels hear? With `typed`, only what has it in its name or its short name."""

    by: Caller
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ShowLinks:
    """Which channels hear of what I may edit? Of one thing alone, or of everything; a page of them."""

    by: Caller
    what: str | None = None
    page: int = 0


@dataclass(frozen=True, slots=True)
class ShowLink:
    """How does a channel hear of a thing, if it does?"""

    by: Caller
    what: str
    channel: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A channel, what it hears of, and who linked it."""

    link: Link
    resource: Resource
    person: Person


@dataclass(frozen=True, slots=True)
class LinkList:
    """Channels that hear of things; without a resource, of everything that the asker may edit."""

    resource: Resource | None
    links: Sequence[Linked]
    next_page: int | None


def link(act: LinkChannel, case: Case) -> list[Event]:
    """Whoever may edit a resource may let a channel hear of it (EVT-04)."""
    if not CHANNEL_ID.fullmatch(act.channel):
        raise refusals.NotAChannel
    resource = find(case, act.what)
    _check_edit(case, resource)
    for group in act.groups:
        if group not in GROUPS:
            raise refusals.UnknownGroup(group, GROUPS)
    if act.rhythm not in RHYTHMS:
        raise refusals.UnknownRhythm(act.rhythm, RHYTHMS)
    if act.hour not in HOURS:
        raise refusals.BadHour(act.hour)
    groups = tuple(g for g in GROUPS if g in (act.groups or BY_DEFAULT))
    hour = HOUR if act.rhythm == EACH else act.hour
    now = next((i for i in case.facts.links(resource.id) if i.channel == act.channel), None)
    if now and (now.groups, now.rhythm, now.hour) == (groups, act.rhythm, hour):
        raise refusals.AlreadyLinked(resource.title)
    return [ChannelLinked(act.channel, resource.id, groups, act.rhythm, hour)]


def unlink(act: UnlinkChannel, case: Case) -> list[Event]:
    """Whoever may edit a resource may let a channel hear of it no more (EVT-04)."""
    resource = find(case, act.what) if act.what else _only_linked(case, act.channel)
    _check_edit(case, resource)
    if all(i.channel != act.channel for i in case.facts.links(resource.id)):
        raise refusals.NotLinked(resource.title)
    return [ChannelUnlinked(act.channel, resource.id)]


def close(act: CloseChannel, case: Case) -> list[Event]:
    """End the links of a channel that was archived or deleted, or that the app is in no more; who linked it is told."""
    links = case.facts.links_of_channel(act.channel)
    return [ChannelUnlinked(i.channel, i.resource, act.why, i.person) for i in links]


def rename(act: RenameChannel, case: Case) -> list[Event]:
    """Who linked a channel hears of its new name."""
    links = case.facts.links_of_channel(act.channel)
    return [ChannelRenamed(i.channel, i.resource, mask_card_numbers(act.title), i.person) for i in links]


def list_linkable(ask: ListLinkable, case: Case) -> Sequence[Placed]:
    """What the asker may let channels hear of, at most a hundred, what stands in others after them (EVT-04)."""
    able = access.able(case, case.actor.id, "edit")
    return placed(case, ask.typed, lambda resource: resource.id in able)


def show_links(ask: ShowLinks, case: Case) -> LinkList:
    """The channels that hear of what the asker may edit, by name of the thing (EVT-04)."""
    resource = find(case, ask.what) if ask.what else None
    if resource:
        _check_edit(case, resource)
    able = {resource.id} if resource else access.able(case, case.actor.id, "edit")
    found = [i for i in case.facts.every_link() if i.resource in able]
    start = ask.page * PAGE
    rows = [_linked(case, i) for i in found[start : start + PAGE]]
    return LinkList(resource, rows, ask.page + 1 if len(found) > start + PAGE else None)


def show_link(ask: ShowLink, case: Case) -> Linked | None:
    """One of them."""
    resource = find(case, ask.what)
    _check_edit(case, resource)
    found = next((i for i in case.facts.links(resource.id) if i.channel == ask.channel), None)
    return _linked(case, found) if found else None


def _linked(case: Case, found: Link) -> Linked:
    resource = case.facts.resource(found.resource)
    if resource is None:
        raise refusals.UnknownResource(found.resource)
    return Linked(found, resource, case.facts.person(found.person) or NOBODY)


def linked_resource(case: Case, channel: str | None) -> Resource:
    """The one resource that a channel hears of and the actor may view."""
    seen = _linked_resources(case, channel)
    if len(seen) != 1:
        raise refusals.ChannelNotLinked
    return seen[0]


def _only_linked(case: Case, channel: str) -> Resource:
    """Return what to unlink where nothing was named: the one thing that the channel is linked to.

    Refuse where there are several, and name those that the actor may unlink.
    """
    seen = _linked_resources(case, channel)
    if len(seen) == 1:
        return seen[0]
    able = sorted((r for r in seen if access.may(case, case.actor.id, "edit", r)), key=lambda r: (r.title, r.slug))
    titles = tuple(r.title for r in able[:NAMED])
    raise refusals.ChannelNotLinked(titles, len(able) - len(titles), able[0].slug if able else "", bool(seen))


def _linked_resources(case: Case, channel: str | None) -> list[Resource]:
    """Return what a channel hears of and the actor may view."""
    links = case.facts.links_of_channel(channel) if channel else ()
    found = [r for i in links if (r := case.facts.resource(i.resource))]
    return [r for r in found if access.may(case, case.actor.id, "view", r)]


def _check_edit(case: Case, resource: Resource) -> None:
    if not access.may(case, case.actor.id, "edit", resource):
        raise refusals.MayNotEdit(resource.title)
