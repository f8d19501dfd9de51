"""Say where it would be used what an optional scope turns on, with a button to add it."""

from __future__ import annotations

from bot.slack.requests import CommandRequest, Services
from bot.slack.views import Message, blocks
from bot.slack.views.controls import labelled_button
from collab.errors import AppNotInChannel
from collab.installations import UnreadableTokens
from collab.model import Caller, WorkspaceId
from collab.unit_of_work import Unavailable

JOIN_SCOPE, TEAM_SCOPE = "channels:join", "team:read"


def offer_company_names(services: Services, by: Caller, question: Message) -> Message:
    """Return the question about a shared channel with an offer to name the company."""
    return _add_offer(services, by, question, TEAM_SCOPE)


def offer_joining(
    services: Services, request: CommandRequest, rejected: AppNotInChannel
) -> Message:
    """Return why a channel is not linked with an offer to let Collab join channels.

    Raises the rejection itself if there is nothing to offer: in a form, for a private
    channel, or with the scope.
    """
    by = request.caller
    message = blocks.build_message(services.render_rejection(rejected, by))
    offered = _add_offer(services, by, message, JOIN_SCOPE)
    is_private = rejected.channel_title is None
    if request.is_from_form or is_private or offered is message:
        raise rejected
    return offered


def _add_offer(services: Services, by: Caller, message: Message, scope: str) -> Message:
    """Return a message with an offer to add a scope, unless it is granted.

    Where the app has one token, its operator adds scopes, and nothing is offered.
    """
    if services.installations is None or _has_scope(services, by.workspace, scope):
        return message
    text = services.render_reply("scope_offer", scope=scope)
    add = labelled_button(services.renderer, "scope_add", scope)
    add["url"] = services.installations.install_url
    offer = [
        *blocks.paragraph_blocks(text.paragraphs),
        blocks.actions_block("scope", add),
    ]
    shown = message["blocks"][: blocks.MAX_MESSAGE_BLOCKS - len(offer)]
    return {**message, "blocks": [*shown, *offer]}


def _has_scope(services: Services, workspace: WorkspaceId, scope: str) -> bool:
    """Return whether a scope is granted; where that is unknown, it counts as granted."""
    if services.installations is None:
        return True
    try:
        installation = services.installations.find(workspace)
    except (UnreadableTokens, Unavailable):
        return True
    return installation is None or scope in installation.scopes
