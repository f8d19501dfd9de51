"""Linking a channel as cards: the window that links one, and the channels that hear of things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rendering import RenderedText, Renderer
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.invitations import page_button
from bot.slack.views.invite_form import resource_option
from collab.channels import (
    DEFAULT_EVENT_GROUPS,
    EVENT_GROUPS,
    ChannelLinkList,
    ChannelLinkView,
    LinkChannel,
)
from collab.notifications.channel_digests import (
    DEFAULT_HOUR,
    FREQUENCIES,
    IMMEDIATE,
    VALID_HOURS,
)
from collab.resources import Resource

CONVERSATION_FILTER = {"include": ["public", "private"], "exclude_bot_users": True}


@dataclass(frozen=True, slots=True)
class ChannelLinkDraft:
    """What is known of a link before it is made; `tz` is the time zone of who makes it.

    `back` names what the window of channels shows that comes back after it, if one does: a thing, or home.
    """

    resource: Resource | None = None
    channel: str = ""
    groups: Sequence[str] = DEFAULT_EVENT_GROUPS
    rhythm: str = IMMEDIATE
    hour: int = DEFAULT_HOUR
    tz: str = "UTC"
    return_to: str = ""


def link_form_view(words: Renderer, draft: ChannelLinkDraft) -> View:
    """The window that links a channel, with what is known filled in."""
    return blocks.modal_view(
        "link",
        words.render_label("link.title"),
        [
            _resource_field(words, draft),
            _channel_field(words, draft),
            _groups_field(words, draft),
            *_schedule_fields(words, draft),
        ],
        submit=words.render_label("link.submit"),
        close=words.render_label("cancel"),
        private_metadata=draft.return_to,
    )


def shared_channel_message(
    words: Renderer, resource: Resource, act: LinkChannel
) -> Message:
    """The question whether a channel that another company is in too may hear of a resource."""
    long = words.render_label("link_shared.long", what=resource.slug)
    go = blocks.button(
        "link_shared",
        words.render_label("link_shared"),
        _encode_link(resource, act),
        long,
    )
    stay = blocks.button(
        "cancel",
        words.render_label("cancel"),
        resource.id,
        words.render_label("cancel.long"),
    )
    return blocks.build_message(
        _render_shared_warning(words, resource, act),
        blocks.actions_block("link", go, stay),
    )


def shared_channel_view(
    words: Renderer, resource: Resource, act: LinkChannel, back: str
) -> View:
    """The same question in place of the window that was sent in."""
    return blocks.modal_view(
        "link_shared",
        words.render_label("link_shared.title"),
        blocks.paragraph_blocks(
            _render_shared_warning(words, resource, act).paragraphs
        ),
        submit=words.render_label("link_shared"),
        close=words.render_label("cancel"),
        private_metadata=f"{_encode_link(resource, act)} {back}",
    )


def _render_shared_warning(
    words: Renderer, resource: Resource, act: LinkChannel
) -> RenderedText:
    return words.render("replies/link_shared", channel=act.channel, resource=resource)


def _encode_link(resource: Resource, act: LinkChannel) -> str:
    """What was chosen, as ids and words without spaces."""
    return f"{act.channel} {resource.id} {act.rhythm} {act.hour} {','.join(act.groups)}"


def channel_linked_view(words: Renderer, said: RenderedText) -> View:
    """The window after it was sent in: what the channel hears of now."""
    return blocks.modal_view(
        "done",
        words.render_label("done.title"),
        blocks.paragraph_blocks(said.paragraphs),
        close=words.render_label("close"),
    )


def linked_channels_view(
    words: Renderer, found: ChannelLinkList, page: int, said: RenderedText | None = None
) -> View:
    """The channels that hear of something, each with what can be done about it, and the way to link one more.

    `said` is what was done just now.
    """
    back = found.resource.id if found.resource else "home"
    done = (
        [*blocks.paragraph_blocks(said.paragraphs[:1]), {"type": "divider"}]
        if said
        else []
    )
    rows = [_channel_row(words, each, back) for each in found.links]
    begin = blocks.button(
        "link_open",
        words.render_label("link_open"),
        back,
        words.render_label("link_open.long"),
    )
    start = blocks.paragraph_blocks(
        words.render("modals/channels", list=found).paragraphs
    )
    shown = [
        *done,
        *start,
        *rows,
        *_pagination_blocks(words, found, page),
        blocks.actions_block("link", begin),
    ]
    return blocks.modal_view(
        "channels",
        words.render_label("channels.title"),
        shown,
        close=words.render_label("close"),
    )


def _channel_row(words: Renderer, each: ChannelLinkView, back: str) -> Block:
    about = f"{each.resource.id} {each.link.channel}"
    options = [
        (words.render_label(name), f"{name} {about} {back}")
        for name in ("link_edit", "unlink")
    ]
    said = words.render(
        "modals/channel", resource=each.resource, link=each.link, person=each.person
    )
    return blocks.list_row(
        said.paragraphs[0],
        blocks.overflow_menu(f"linked:{about}", options),
        f"linked {about}",
    )


def _pagination_blocks(
    words: Renderer, found: ChannelLinkList, page: int
) -> list[Block]:
    if found.next_page is None and not page:
        return []
    what = found.resource.id if found.resource else ""
    label, goes = (
        ("next", found.next_page) if found.next_page is not None else ("first", 0)
    )
    return [page_button(words, "channels_page", label, f"{goes} {what}".rstrip())]


def _resource_field(words: Renderer, draft: ChannelLinkDraft) -> Block:
    initial = (
        {"initial_option": resource_option(words, draft.resource)}
        if draft.resource
        else {}
    )
    element = {
        "type": "external_select",
        "action_id": "link_what",
        "placeholder": blocks.plain_text(words.render_label("link.what.choose"), 150),
        "min_query_length": 0,
        **initial,
    }
    return blocks.input_block(
        "what",
        words.render_label("link.what"),
        element,
        hint=words.render_label("link.what.hint"),
    )


def _channel_field(words: Renderer, draft: ChannelLinkDraft) -> Block:
    initial = {"initial_conversation": draft.channel} if draft.channel else {}
    element = {
        "type": "conversations_select",
        "action_id": "channel",
        "placeholder": blocks.plain_text(
            words.render_label("link.channel.choose"), 150
        ),
        "filter": CONVERSATION_FILTER,
        **initial,
    }
    return blocks.input_block(
        "channel",
        words.render_label("link.channel"),
        element,
        hint=words.render_label("link.channel.hint"),
    )


def _groups_field(words: Renderer, draft: ChannelLinkDraft) -> Block:
    options = [
        blocks.option(
            words.render_label(f"group.{name}"),
            name,
            words.render_label(f"group.{name}.about"),
        )
        for name in EVENT_GROUPS
    ]
    chosen = [option for option in options if option["value"] in draft.groups]
    element = {
        "type": "checkboxes",
        "action_id": "groups",
        "options": options,
        "initial_options": chosen,
    }
    return blocks.input_block("groups", words.render_label("link.groups"), element)


def _schedule_fields(words: Renderer, draft: ChannelLinkDraft) -> list[Block]:
    rhythms = [
        blocks.option(words.render_label(f"rhythm.{name}"), name)
        for name in FREQUENCIES
    ]
    element = {"type": "radio_buttons", "action_id": "rhythm", "options": rhythms}
    chosen = {"initial_option": rhythms[FREQUENCIES.index(draft.rhythm)]}
    hours = [(f"{hour:02d}:00", str(hour)) for hour in VALID_HOURS]
    label, hint = (
        words.render_label("link.hour"),
        words.render_label("link.hour.hint", tz=draft.tz),
    )
    return [
        blocks.input_block(
            "rhythm", words.render_label("link.rhythm"), element | chosen
        ),
        blocks.input_block(
            "hour",
            label,
            blocks.static_select("hour", label, hours, str(draft.hour)),
            hint=hint,
        ),
    ]
