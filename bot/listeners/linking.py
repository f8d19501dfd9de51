"""Linking channels: by a line, or in a window; and the channels that hear of things, to change and to unlink them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.cards import Choices, Message, View
from bot.cards.inviting import thing_choices
from bot.cards.linking import Draft, channels_view, link_view, linked_view
from bot.listeners.road import (
    About,
    Click,
    Command,
    Desk,
    Search,
    Submission,
    WrongField,
    page_of,
    seeing_first,
    several,
    two,
    what_of,
    wrong,
)
from bot.misread import MissingWord
from bot.verbs import Slot
from bot.words import Said
from collab import events, refusals
from collab.channels import (
    BY_DEFAULT,
    LinkChannel,
    Linked,
    LinkList,
    ListLinkable,
    ShowLink,
    ShowLinks,
    UnlinkChannel,
)
from collab.digests import DAILY, EACH, HOUR
from collab.explain import Show
from collab.people import Caller

FIELDS: Mapping[type[refusals.Refused], str] = {
    refusals.MayNotEdit: "what",
    refusals.AlreadyLinked: "what",
    refusals.UnknownGroup: "groups",
    refusals.UnknownRhythm: "rhythm",
    refusals.BadHour: "hour",
}
CHANNELS = ("C", "G")  # how the ids of channels start; what else one can type in is a direct message


def link(desk: Desk, asked: Command) -> Message | None:
    """Let this channel hear of a resource; a line that says nothing, or not of what, opens the window."""
    try:
        what = what_of(desk, asked)
    except MissingWord:
        what = None
    if what is None or not asked.line.slots:
        asked.open_view(_asked_window(desk, asked, what))
        return None
    rhythm, hour = asked.get(Slot.RHYTHM), asked.get(Slot.HOUR)
    usual = EACH if hour is None else DAILY
    how = (asked.get(Slot.GROUPS) or (), rhythm or usual, HOUR if hour is None else hour)
    return desk.tell("linked", **_linked(desk, LinkChannel(asked.by, asked.channel, what, *how), asked.at))


def unlink(desk: Desk, asked: Command) -> Message:
    """Let this channel hear of a resource no more."""
    act = UnlinkChannel(asked.by, asked.channel, asked.get(Slot.WHAT))
    return desk.tell("unlinked", **_unlinked(desk, act, asked.at))


def press_channels(desk: Desk, click: Click) -> None:
    """A button that opens the window of channels, of one thing when it names one."""
    click.open_view(_channels(desk, click.by, click.at, "" if click.value == "home" else click.value))


def press_page(desk: Desk, click: Click) -> None:
    """Another page of it."""
    page, what = two(click.value)
    click.update_view(_channels(desk, click.by, click.at, what, page_of(page)))


def press_link(desk: Desk, click: Click) -> None:
    """Link chosen in the window of channels: the window that links one takes its place, for the same thing."""
    what = "" if click.value == "home" else click.value
    click.update_view(_window(desk, click.by, click.at, what, Draft(back=click.value)))


def press_edit(desk: Desk, click: Click) -> None:
    """Change chosen for a channel: the window with how it hears now takes the place."""
    resource, rest = two(click.value)
    channel, back = two(rest)
    found: Linked | None = desk.collab.ask(ShowLink(click.by, resource, channel), click.at)
    if found is None:
        raise refusals.NotLinked("")
    click.update_view(_window(desk, click.by, click.at, resource, _as_it_is(found, back)))


def press_unlink(desk: Desk, click: Click) -> None:
    """Unlink chosen for a channel: what is left takes its place."""
    resource, rest = two(click.value)
    channel, back = two(rest)
    said = desk.say("unlinked", **_unlinked(desk, UnlinkChannel(click.by, channel, resource), click.at))
    click.update_view(_channels(desk, click.by, click.at, "" if back == "home" else back, said=said))


def search(desk: Desk, search: Search) -> Choices:
    """The things that fit what was typed."""
    return thing_choices(desk.words, desk.collab.ask(ListLinkable(search.by, search.typed), search.at))


def submit(desk: Desk, sent: Submission) -> View:
    """The window sent in: the same act as the line."""
    filled = sent.values
    for field in ("what", "channel", "groups"):
        if not filled.get(field):
            raise WrongField(field, desk.words.label(f"link.{field}.none"))
    how = (tuple(several(filled["groups"])), filled.get("rhythm", EACH), page_of(filled.get("hour", ""), HOUR))
    try:
        linked = _linked(desk, LinkChannel(sent.by, filled["channel"], filled["what"], *how), sent.at)
    except refusals.UnknownResource as gone:
        raise WrongField("what", desk.words.label("link.what.gone")) from gone
    except tuple(FIELDS) as refused:
        raise wrong(desk, FIELDS[type(refused)], refused, sent.by) from refused
    said = desk.say("linked", **linked)
    if sent.about:
        return _channels(desk, sent.by, sent.at, "" if sent.about == "home" else sent.about, said=said)
    return linked_view(desk.words, said)


def _linked(desk: Desk, act: LinkChannel, at: datetime) -> dict[str, object]:
    """Do it; gives what its words need."""
    seen: About = desk.perform(act, at, seeing_first(events.ChannelLinked)).seen
    return {"resource": seen.resource, "event": seen.event, "me": seen.actor}


def _unlinked(desk: Desk, act: UnlinkChannel, at: datetime) -> dict[str, object]:
    seen: About = desk.perform(act, at, seeing_first(events.ChannelUnlinked)).seen
    return {"resource": seen.resource, "event": seen.event}


def _asked_window(desk: Desk, asked: Command, what: str | None) -> View:
    """The window with what the line said, or with how this channel hears now."""
    channel = asked.channel if asked.channel.startswith(CHANNELS) else ""
    found: Linked | None = desk.collab.ask(ShowLink(asked.by, what, channel), asked.at) if what else None
    if found:
        return _window(desk, asked.by, asked.at, found.resource.id, _as_it_is(found))
    groups, rhythm, hour = (asked.get(slot) for slot in (Slot.GROUPS, Slot.RHYTHM, Slot.HOUR))
    usual = EACH if hour is None else DAILY
    draft = Draft(None, channel, groups or BY_DEFAULT, rhythm or usual, HOUR if hour is None else hour)
    return _window(desk, asked.by, asked.at, what or "", draft)


def _as_it_is(found: Linked, back: str = "") -> Draft:
    link = found.link
    return Draft(found.resource, link.channel, link.groups, link.rhythm, link.hour, back=back)


def _window(desk: Desk, by: Caller, at: datetime, what: str, draft: Draft) -> View:
    me = desk.me(by)
    resource = desk.collab.ask(Show(by, what), at).resource if what else draft.what
    return link_view(desk.words, replace(draft, what=resource, tz=me.tz if me else draft.tz))


def _channels(desk: Desk, by: Caller, at: datetime, what: str, page: int = 0, said: Said | None = None) -> View:
    found: LinkList = desk.collab.ask(ShowLinks(by, what or None, page), at)
    if not found.links and page:
        return _channels(desk, by, at, what, 0, said)
    return channels_view(desk.words, found, page, said)
