"""Linking a channel as cards: the window that links one, and the channels that hear of things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import (
    BlockId,
    ChannelsPage,
    LinkedChannelRef,
    MenuOption,
    ResourceScope,
    SharedChannelLink,
)
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.controls import pagination_blocks
from bot.slack.views.invite_form import resource_option
from collab.channels import (
    DEFAULT_EVENT_GROUPS,
    EVENT_GROUPS,
    ChannelLinkList,
    ChannelLinkView,
    LinkChannel,
)
from collab.model import DEFAULT_HOUR, IMMEDIATE, Resource
from collab.notifications.channel_digests import FREQUENCIES, VALID_HOURS

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


def link_form_view(renderer: Renderer, draft: ChannelLinkDraft) -> View:
    """The window that links a channel, with what is known filled in."""
    return blocks.modal_view(
        "link",
        renderer.render_label("link.title"),
        [
            _resource_field(renderer, draft),
            _channel_field(renderer, draft),
            _groups_field(renderer, draft),
            *_schedule_fields(renderer, draft),
        ],
        submit=renderer.render_label("link.submit"),
        close=renderer.render_label("cancel"),
        private_metadata=draft.return_to,
    )


def shared_channel_message(
    renderer: Renderer, resource: Resource, act: LinkChannel
) -> Message:
    """The question whether a channel that another company is in too may hear of a resource."""
    long = renderer.render_label("link_shared.long", what=resource.slug)
    go = blocks.button(
        "link_shared",
        renderer.render_label("link_shared"),
        _shared_link(resource, act).encode(),
        long,
    )
    stay = blocks.button(
        "cancel",
        renderer.render_label("cancel"),
        resource.id,
        renderer.render_label("cancel.long"),
    )
    return blocks.build_message(
        _render_shared_warning(renderer, resource, act),
        blocks.actions_block("link", go, stay),
    )


def shared_channel_view(
    renderer: Renderer, resource: Resource, act: LinkChannel, back: str
) -> View:
    """The same question in place of the window that was sent in."""
    return blocks.modal_view(
        "link_shared",
        renderer.render_label("link_shared.title"),
        blocks.paragraph_blocks(
            _render_shared_warning(renderer, resource, act).paragraphs
        ),
        submit=renderer.render_label("link_shared"),
        close=renderer.render_label("cancel"),
        private_metadata=_shared_link(resource, act, back).encode(),
    )


def _render_shared_warning(
    renderer: Renderer, resource: Resource, act: LinkChannel
) -> RenderedText:
    return renderer.render(
        "replies/link_shared", channel=act.channel, resource=resource
    )


def _shared_link(
    resource: Resource, act: LinkChannel, return_to: str = ""
) -> SharedChannelLink:
    return SharedChannelLink(
        act.channel,
        resource.id,
        act.rhythm,
        str(act.hour),
        ",".join(act.groups),
        return_to,
    )


def channel_linked_view(renderer: Renderer, said: RenderedText) -> View:
    """The window after it was sent in: what the channel hears of now."""
    return blocks.modal_view(
        "done",
        renderer.render_label("done.title"),
        blocks.paragraph_blocks(said.paragraphs),
        close=renderer.render_label("close"),
    )


def linked_channels_view(
    renderer: Renderer,
    found: ChannelLinkList,
    page: int,
    said: RenderedText | None = None,
) -> View:
    """The channels that hear of something, each with what can be done about it, and the way to link one more.

    `said` is what was done just now.
    """
    scope = ResourceScope(found.resource.id if found.resource else None)
    done = (
        [*blocks.paragraph_blocks(said.paragraphs[:1]), {"type": "divider"}]
        if said
        else []
    )
    rows = [_channel_row(renderer, each, scope) for each in found.links]
    begin = blocks.button(
        "link_open",
        renderer.render_label("link_open"),
        scope.encode(),
        renderer.render_label("link_open.long"),
    )
    start = blocks.paragraph_blocks(
        renderer.render("modals/channels", list=found).paragraphs
    )
    shown = [
        *done,
        *start,
        *rows,
        *pagination_blocks(
            renderer,
            "channels_page",
            ChannelsPage(page, scope.resource_id),
            found.next_page,
        ),
        blocks.actions_block("link", begin),
    ]
    return blocks.modal_view(
        "channels",
        renderer.render_label("channels.title"),
        shown,
        close=renderer.render_label("close"),
    )


def _channel_row(
    renderer: Renderer, each: ChannelLinkView, scope: ResourceScope
) -> Block:
    about = f"{each.resource.id} {each.link.channel}"
    linked = LinkedChannelRef(each.resource.id, each.link.channel, scope)
    options = [
        (renderer.render_label(name), MenuOption(name, linked.encode()).encode())
        for name in ("link_edit", "unlink")
    ]
    said = renderer.render(
        "modals/channel", resource=each.resource, link=each.link, person=each.person
    )
    return blocks.list_row(
        said.paragraphs[0],
        blocks.overflow_menu(f"linked:{about}", options),
        BlockId("linked", about).encode(),
    )


def _resource_field(renderer: Renderer, draft: ChannelLinkDraft) -> Block:
    initial = (
        {"initial_option": resource_option(renderer, draft.resource)}
        if draft.resource
        else {}
    )
    element = {
        "type": "external_select",
        "action_id": "link_what",
        "placeholder": blocks.plain_text(
            renderer.render_label("link.what.choose"), 150
        ),
        "min_query_length": 0,
        **initial,
    }
    return blocks.input_block(
        "what",
        renderer.render_label("link.what"),
        element,
        hint=renderer.render_label("link.what.hint"),
    )


def _channel_field(renderer: Renderer, draft: ChannelLinkDraft) -> Block:
    initial = {"initial_conversation": draft.channel} if draft.channel else {}
    element = {
        "type": "conversations_select",
        "action_id": "channel",
        "placeholder": blocks.plain_text(
            renderer.render_label("link.channel.choose"), 150
        ),
        "filter": CONVERSATION_FILTER,
        **initial,
    }
    return blocks.input_block(
        "channel",
        renderer.render_label("link.channel"),
        element,
        hint=renderer.render_label("link.channel.hint"),
    )


def _groups_field(renderer: Renderer, draft: ChannelLinkDraft) -> Block:
    options = [
        blocks.option(
            renderer.render_label(f"group.{name}"),
            name,
            renderer.render_label(f"group.{name}.about"),
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
    return blocks.input_block("groups", renderer.render_label("link.groups"), element)


def _schedule_fields(renderer: Renderer, draft: ChannelLinkDraft) -> list[Block]:
    rhythms = [
        blocks.option(renderer.render_label(f"rhythm.{name}"), name)
        for name in FREQUENCIES
    ]
    element = {"type": "radio_buttons", "action_id": "rhythm", "options": rhythms}
    chosen = {"initial_option": rhythms[FREQUENCIES.index(draft.rhythm)]}
    hours = [(f"{hour:02d}:00", str(hour)) for hour in VALID_HOURS]
    label, hint = (
        renderer.render_label("link.hour"),
        renderer.render_label("link.hour.hint", tz=draft.tz),
    )
    return [
        blocks.input_block(
            "rhythm", renderer.render_label("link.rhythm"), element | chosen
        ),
        blocks.input_block(
            "hour",
            label,
            blocks.static_select("hour", label, hours, str(draft.hour)),
            hint=hint,
        ),
    ]
