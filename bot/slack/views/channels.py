"""Build the views of linked channels, and the question about a shared one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import (
    BlockId,
    ChannelsPage,
    LinkedChannelRef,
    MenuOption,
    ResourceScope,
    SharedChannelLink,
    ShownPreview,
)
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.controls import (
    add_changed_line,
    confirmation_controls,
    labelled_button,
    pagination_blocks,
    preview_message,
)
from collab.channels import ChannelLinkList, ChannelLinkView, LinkChannel
from collab.confirmation import compute_digest
from collab.model import Resource


def shared_channel_message(
    renderer: Renderer,
    resource: Resource,
    command: LinkChannel,
    companies: Sequence[str] = (),
) -> Message:
    """Return the question whether to link a channel that another company shares.

    `companies` are the names of the companies in it, if all are known.
    """
    value = _shared_link(resource, command).encode()
    link = labelled_button(renderer, "link_shared", value, what=resource.slug)
    cancel = labelled_button(renderer, "cancel", resource.id)
    text = _render_shared_warning(renderer, resource, command, companies)
    return blocks.build_message(text, blocks.actions_block("link", link, cancel))


def shared_channel_view(
    renderer: Renderer,
    resource: Resource,
    command: LinkChannel,
    return_to: str,
    companies: Sequence[str] = (),
) -> View:
    """Return the same question in place of the submitted form.

    `return_to` is the encoded scope of the list of channels to show afterwards, or
    empty.
    """
    text = _render_shared_warning(renderer, resource, command, companies)
    return blocks.modal_view(
        "link_shared",
        renderer.render_label("link_shared.title"),
        blocks.paragraph_blocks(text.paragraphs),
        submit=renderer.render_label("link_shared"),
        close=renderer.render_label("cancel"),
        private_metadata=_shared_link(resource, command, return_to).encode(),
    )


def join_offer_message(
    renderer: Renderer, channel_title: str, resource: Resource, command: LinkChannel
) -> Message:
    """Return that the app is not in a channel, with the button that adds it there."""
    text = renderer.render("replies/join_offer", title=channel_title)
    value = _shared_link(resource, command).encode()
    join = labelled_button(
        renderer, "link_join", value, style="primary", what=resource.slug
    )
    cancel = labelled_button(renderer, "cancel", resource.id)
    return blocks.build_message(text, blocks.actions_block("link", join, cancel))


def join_offer_view(
    renderer: Renderer,
    channel_title: str,
    resource: Resource,
    command: LinkChannel,
    return_to: str,
) -> View:
    """Return the same offer in place of the submitted form."""
    text = renderer.render("replies/join_offer", title=channel_title)
    return blocks.modal_view(
        "link_join",
        renderer.render_label("link_join.title"),
        blocks.paragraph_blocks(text.paragraphs),
        submit=renderer.render_label("link_join.submit"),
        close=renderer.render_label("cancel"),
        private_metadata=_shared_link(resource, command, return_to).encode(),
    )


def linked_channels_view(
    renderer: Renderer,
    links: ChannelLinkList,
    page: int,
    result: RenderedText | None = None,
) -> View:
    """Return a page of the linked channels, with the controls to change them.

    `result` is what was just done.
    """
    scope = ResourceScope(links.resource.id if links.resource else None)
    shown: list[Block] = []
    if result:
        shown += [*blocks.paragraph_blocks(result.paragraphs[:1]), {"type": "divider"}]
    text = renderer.render("modals/channels", list=links)
    current = ChannelsPage(page, scope.resource_id)
    link = labelled_button(renderer, "link_open", scope.encode())
    shown += [
        *blocks.paragraph_blocks(text.paragraphs),
        *(_channel_row(renderer, each, scope) for each in links.links),
        *pagination_blocks(renderer, "channels_page", current, links.next_page),
        blocks.actions_block("link", link),
    ]
    return blocks.modal_view(
        "channels",
        renderer.render_label("channels.title"),
        shown,
        close=renderer.render_label("close"),
    )


def unlink_preview_message(
    renderer: Renderer, link_view: ChannelLinkView, *, is_renewed: bool = False
) -> Message:
    """Return which updates a channel would no longer get, with the button to confirm."""
    resource, link = link_view.resource, link_view.link
    text = renderer.render("replies/unlink_preview", resource=resource, link=link)
    target = LinkedChannelRef(resource.id, link.channel).encode()
    controls = confirmation_controls(renderer, "unlink", resource, target, link_view)
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def unlink_preview_view(
    renderer: Renderer,
    link_view: ChannelLinkView,
    scope: ResourceScope,
    *,
    is_renewed: bool = False,
) -> View:
    """Return the same in place of the list of channels, which Cancel shows again."""
    resource, link = link_view.resource, link_view.link
    text = renderer.render("replies/unlink_preview", resource=resource, link=link)
    if is_renewed:
        text = add_changed_line(renderer, text)
    target = LinkedChannelRef(resource.id, link.channel, scope).encode()
    value = ShownPreview(compute_digest(link_view), target).encode()
    unlink = labelled_button(
        renderer,
        "unlink_listed",
        value,
        label="unlink",
        style="danger",
        what=resource.slug,
    )
    back = ChannelsPage(0, scope.resource_id).encode()
    cancel = labelled_button(renderer, "channels_page", back, label="cancel")
    return blocks.modal_view(
        "channels",
        renderer.render_label("channels.title"),
        [
            *blocks.paragraph_blocks(text.paragraphs),
            blocks.actions_block("ending", unlink, cancel),
        ],
        close=renderer.render_label("close"),
    )


def _channel_row(
    renderer: Renderer, link_view: ChannelLinkView, scope: ResourceScope
) -> Block:
    resource, link = link_view.resource, link_view.link
    key = f"{resource.id} {link.channel}"
    value = LinkedChannelRef(resource.id, link.channel, scope).encode()
    options = [
        (renderer.render_label(name), MenuOption(name, value).encode())
        for name in ("link_edit", "unlink_ask")
    ]
    text = renderer.render(
        "modals/channel", resource=resource, link=link, person=link_view.person
    )
    menu = blocks.overflow_menu(f"linked:{key}", options)
    return blocks.list_row(text.paragraphs[0], menu, BlockId("linked", key).encode())


def _render_shared_warning(
    renderer: Renderer,
    resource: Resource,
    command: LinkChannel,
    companies: Sequence[str],
) -> RenderedText:
    return renderer.render(
        "replies/link_shared",
        channel=command.channel,
        resource=resource,
        companies=companies,
    )


def _shared_link(
    resource: Resource, command: LinkChannel, return_to: str = ""
) -> SharedChannelLink:
    return SharedChannelLink(
        command.channel,
        resource.id,
        command.rhythm,
        hour=str(command.hour),
        groups=",".join(command.groups),
        return_to=return_to,
    )
