"""Linking a channel as cards: the window that links one, and the channels that hear of things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import Block, Message, View, blocks
from bot.cards.invitations import page_button
from bot.cards.inviting import thing_option
from bot.words import Said, Words
from collab.channels import BY_DEFAULT, GROUPS, LinkChannel, Linked, LinkList
from collab.digests import EACH, HOUR, HOURS, RHYTHMS
from collab.resources import Resource

WHERE = {"include": ["public", "private"], "exclude_bot_users": True}


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a link before it is made; `tz` is the time zone of who makes it.

    `back` names what the window of channels shows that comes back after it, if one does: a thing, or home.
    """

    what: Resource | None = None
    channel: str = ""
    groups: Sequence[str] = BY_DEFAULT
    rhythm: str = EACH
    hour: int = HOUR
    tz: str = "UTC"
    back: str = ""


def link_view(words: Words, draft: Draft) -> View:
    """The window that links a channel, with what is known filled in."""
    return blocks.modal(
        "link",
        words.label("link.title"),
        [_what(words, draft), _channel(words, draft), _groups(words, draft), *_when(words, draft)],
        submit=words.label("link.submit"),
        close=words.label("cancel"),
        about=draft.back,
    )


def shared_message(words: Words, resource: Resource, act: LinkChannel) -> Message:
    """The question whether a channel that another company is in too may hear of a resource."""
    long = words.label("link_shared.long", what=resource.slug)
    go = blocks.button("link_shared", words.label("link_shared"), _choice(resource, act), long)
    stay = blocks.button("cancel", words.label("cancel"), resource.id, words.label("cancel.long"))
    return blocks.message(_shared(words, resource, act), blocks.actions("link", go, stay))


def shared_view(words: Words, resource: Resource, act: LinkChannel, back: str) -> View:
    """The same question in place of the window that was sent in."""
    return blocks.modal(
        "link_shared",
        words.label("link_shared.title"),
        blocks.paragraphs(_shared(words, resource, act).paragraphs),
        submit=words.label("link_shared"),
        close=words.label("cancel"),
        about=f"{_choice(resource, act)} {back}",
    )


def _shared(words: Words, resource: Resource, act: LinkChannel) -> Said:
    return words.say("replies/link_shared", channel=act.channel, resource=resource)


def _choice(resource: Resource, act: LinkChannel) -> str:
    """What was chosen, as ids and words without spaces."""
    return f"{act.channel} {resource.id} {act.rhythm} {act.hour} {','.join(act.groups)}"


def linked_view(words: Words, said: Said) -> View:
    """The window after it was sent in: what the channel hears of now."""
    return blocks.modal(
        "done", words.label("done.title"), blocks.paragraphs(said.paragraphs), close=words.label("close")
    )


def channels_view(words: Words, found: LinkList, page: int, said: Said | None = None) -> View:
    """The channels that hear of something, each with what can be done about it, and the way to link one more.

    `said` is what was done just now.
    """
    back = found.resource.id if found.resource else "home"
    done = [*blocks.paragraphs(said.paragraphs[:1]), {"type": "divider"}] if said else []
    rows = [_row(words, each, back) for each in found.links]
    begin = blocks.button("link_open", words.label("link_open"), back, words.label("link_open.long"))
    start = blocks.paragraphs(words.say("modals/channels", list=found).paragraphs)
    shown = [*done, *start, *rows, *_turn(words, found, page), blocks.actions("link", begin)]
    return blocks.modal("channels", words.label("channels.title"), shown, close=words.label("close"))


def _row(words: Words, each: Linked, back: str) -> Block:
    about = f"{each.resource.id} {each.link.channel}"
    options = [(words.label(name), f"{name} {about} {back}") for name in ("link_edit", "unlink")]
    said = words.say("modals/channel", resource=each.resource, link=each.link, person=each.person)
    return blocks.row(said.paragraphs[0], blocks.overflow(f"linked:{about}", options), f"linked {about}")


def _turn(words: Words, found: LinkList, page: int) -> list[Block]:
    if found.next_page is None and not page:
        return []
    what = found.resource.id if found.resource else ""
    label, goes = ("next", found.next_page) if found.next_page is not None else ("first", 0)
    return [page_button(words, "channels_page", label, f"{goes} {what}".rstrip())]


def _what(words: Words, draft: Draft) -> Block:
    initial = {"initial_option": thing_option(words, draft.what)} if draft.what else {}
    element = {
        "type": "external_select",
        "action_id": "link_what",
        "placeholder": blocks.plain(words.label("link.what.choose"), 150),
        "min_query_length": 0,
        **initial,
    }
    return blocks.field("what", words.label("link.what"), element, hint=words.label("link.what.hint"))


def _channel(words: Words, draft: Draft) -> Block:
    initial = {"initial_conversation": draft.channel} if draft.channel else {}
    element = {
        "type": "conversations_select",
        "action_id": "channel",
        "placeholder": blocks.plain(words.label("link.channel.choose"), 150),
        "filter": WHERE,
        **initial,
    }
    return blocks.field("channel", words.label("link.channel"), element, hint=words.label("link.channel.hint"))


def _groups(words: Words, draft: Draft) -> Block:
    options = [blocks.option(words.label(f"group.{name}"), name, words.label(f"group.{name}.about")) for name in GROUPS]
    chosen = [option for option in options if option["value"] in draft.groups]
    element = {"type": "checkboxes", "action_id": "groups", "options": options, "initial_options": chosen}
    return blocks.field("groups", words.label("link.groups"), element)


def _when(words: Words, draft: Draft) -> list[Block]:
    rhythms = [blocks.option(words.label(f"rhythm.{name}"), name) for name in RHYTHMS]
    element = {"type": "radio_buttons", "action_id": "rhythm", "options": rhythms}
    chosen = {"initial_option": rhythms[RHYTHMS.index(draft.rhythm)]}
    hours = [(f"{hour:02d}:00", str(hour)) for hour in HOURS]
    label, hint = words.label("link.hour"), words.label("link.hour.hint", tz=draft.tz)
    return [
        blocks.field("rhythm", words.label("link.rhythm"), element | chosen),
        blocks.field("hour", label, blocks.select("hour", label, hours, str(draft.hour)), hint=hint),
    ]
