"""Linking channels: by a line, or in a window; and the channels that hear of things, to change and to unlink them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.cards import Choices, Message, View
from bot.cards.inviting import thing_choices
from bot.cards.linking import Draft, channels_view, link_view, linked_view, shared_message, shared_view
from bot.channels import ChannelState
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
    CHANNEL_ID,
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
from collab.resources import Resource

FIELDS: Mapping[type[refusals.Refused], str] = {
    refusals.MayNotEdit: "what",
    refusals.AlreadyLinked: "what",
    refusals.UnknownGroup: "groups",
    refusals.UnknownRhythm: "rhythm",
    refusals.BadHour: "hour",
    refusals.NotAChannel: "channel",
    refusals.AppNotInChannel: "channel",
    refusals.PersonNotInChannel: "channel",
    refusals.ChannelNotChecked: "channel",
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
    act = LinkChannel(asked.by, asked.channel, what, *how)
    if resource := _shared_resource(desk, act, asked.at, check_channel(desk, act, is_own=True)):
        return shared_message(desk.words, resource, act)
    return desk.tell("linked", **_linked(desk, act, asked.at))


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


def press_shared(desk: Desk, click: Click) -> Message:
    """Link pressed although another company is in the channel."""
    channel, what, *how = [*click.value.split(" "), "", "", "", ""][:5]
    act = LinkChannel(click.by, channel, what, *_how(how[2], how[0], how[1]))
    check_channel(desk, act)
    return desk.tell("linked", **_linked(desk, act, click.at))


def search(desk: Desk, search: Search) -> Choices:
    """The things that fit what was typed."""
    return thing_choices(desk.words, desk.collab.ask(ListLinkable(search.by, search.typed), search.at))


def submit(desk: Desk, sent: Submission) -> View:
    """The window sent in: the same act as the line."""
    filled = sent.values
    for field in ("what", "channel", "groups"):
        if not filled.get(field):
            raise WrongField(field, desk.words.label(f"link.{field}.none"))
    how = _how(filled["groups"], filled.get("rhythm", EACH), filled.get("hour", ""))
    act = LinkChannel(sent.by, filled["channel"], filled["what"], *how)
    try:
        if resource := _shared_resource(desk, act, sent.at, check_channel(desk, act)):
            return shared_view(desk.words, resource, act, sent.about)
        linked = _linked(desk, act, sent.at)
    except refusals.UnknownResource as gone:
        raise WrongField("what", desk.words.label("link.what.gone")) from gone
    except tuple(FIELDS) as refused:
        raise wrong(desk, FIELDS[type(refused)], refused, sent.by) from refused
    return _linked_view(desk, sent, linked, sent.about)


def submit_shared(desk: Desk, sent: Submission) -> View:
    """The question about another company answered with yes, in a window."""
    channel, what, rhythm, hour, groups, back = [*sent.about.split(" "), *[""] * 6][:6]
    act = LinkChannel(sent.by, channel, what, *_how(groups, rhythm, hour))
    check_channel(desk, act)
    return _linked_view(desk, sent, _linked(desk, act, sent.at), back)


def _how(groups: str, rhythm: str, hour: str) -> tuple[tuple[str, ...], str, int]:
    """What a channel is told and when, from the values of a window or a button."""
    return tuple(several(groups)), rhythm or EACH, page_of(hour, HOUR)


def check_channel(desk: Desk, act: LinkChannel, *, is_own: bool = False) -> ChannelState | None:
    """Return a channel as Slack says it is now; refuse one that Collab or the person is not in (EVT-04)."""
    if not CHANNEL_ID.fullmatch(act.channel):
        raise refusals.NotAChannel
    if desk.channels is None:
        return None
    state = desk.channels.find(act.by, act.channel, is_own=is_own)
    if state is None:
        raise refusals.ChannelNotChecked
    if not state.has_app:
        raise refusals.AppNotInChannel(state.title)
    if not state.has_person:
        raise refusals.PersonNotInChannel(state.title)
    return state


def _shared_resource(desk: Desk, act: LinkChannel, at: datetime, state: ChannelState | None) -> Resource | None:
    """Return the resource that another company would hear of too, once it is linked to a channel that they share."""
    if state is None or not state.is_shared:
        return None
    linked = next(e for e in desk.collab.preview(act, at) if isinstance(e, events.ChannelLinked))
    with desk.facts(act.by) as facts:
        is_linked = any(each.channel == act.channel for each in facts.links(linked.resource))
        return None if is_linked else facts.resource(linked.resource)


def _linked_view(desk: Desk, sent: Submission, linked: dict[str, object], back: str) -> View:
    said = desk.say("linked", **linked)
    if back:
        return _channels(desk, sent.by, sent.at, "" if back == "home" else back, said=said)
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
