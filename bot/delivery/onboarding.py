"""Send the first steps, and the offer to link a channel that Collab was added to."""

from __future__ import annotations

from collections.abc import Sequence

from bot.delivery.profiles import get_or_fetch_person
from bot.delivery.services import DeliveryServices
from bot.slack.errors import FailureKind, SlackCallFailed
from bot.slack.handlers.onboarding import CHANNEL_OFFER_MESSAGE, WELCOME_MESSAGE
from bot.slack.views import Message
from bot.slack.views.help import build_home_url
from bot.slack.views.onboarding import channel_offer_message, welcome_message
from collab.channels import ListLinkableResources
from collab.home import ShowOfferedActions
from collab.model import Account, Caller, ChannelId, Delivery
from collab.notifications.sent_messages import MessageThread


def send_welcome(
    services: DeliveryServices, delivery: Delivery
) -> Sequence[MessageThread]:
    """Send the first steps to an admin, once in a workspace where nothing exists."""
    payload, workspace = delivery.payload or {}, delivery.workspace
    was_sent = services.store.find_thread_address(
        workspace, delivery.target, WELCOME_MESSAGE
    )
    if was_sent:
        return ()
    account = Account(workspace, payload["user"])
    person = get_or_fetch_person(services, workspace, account)
    with services.read_context(workspace) as context:
        is_empty = context.resources.is_empty()
    if person is None or not (person.admin and person.active and is_empty):
        return ()
    renderer = services.renderer_for(workspace, person)
    message = welcome_message(renderer, build_home_url(workspace, payload["app"]))
    sent = services.post_message(workspace, account.user, message)
    return (
        MessageThread(workspace, delivery.target, WELCOME_MESSAGE, str(sent["ts"])),
    )


def send_channel_offer(
    services: DeliveryServices, delivery: Delivery
) -> Sequence[MessageThread]:
    """Offer to link a channel, seen only by the person who has added Collab to it.

    The event that was answered last is stored, so that it is not answered again.
    """
    payload, workspace = delivery.payload or {}, delivery.workspace
    answered = services.store.find_thread_address(
        workspace, delivery.target, CHANNEL_OFFER_MESSAGE
    )
    event_ts = payload["event_ts"]
    if answered is not None and event_ts <= answered:
        return ()
    message = _build_channel_offer(services, delivery, ChannelId(payload["channel"]))
    if message is None:
        return ()
    try:
        services.post_ephemeral(workspace, payload["channel"], payload["user"], message)
    except SlackCallFailed as error:
        if error.kind is FailureKind.TRANSIENT:
            raise
        return ()  # one of them has left the channel already
    return (MessageThread(workspace, delivery.target, CHANNEL_OFFER_MESSAGE, event_ts),)


def _build_channel_offer(
    services: DeliveryServices, delivery: Delivery, channel_id: ChannelId
) -> Message | None:
    """Return the offer; None for people from outside and where it is of no use."""
    workspace = delivery.workspace
    account = Account(workspace, (delivery.payload or {})["user"])
    person = get_or_fetch_person(services, workspace, account)
    if person is None or person.bot or not person.active:
        return None
    with services.read_context(workspace) as context:
        if context.channels.list_links_of_channel(channel_id):
            return None
    caller, at = Caller(workspace, account, "event"), services.now()
    actions = services.bus.query(ShowOfferedActions(caller), at)
    if actions.external:
        return None
    linkable = services.bus.query(ListLinkableResources(caller), at)
    if not linkable and not actions.creates:
        return None
    renderer = services.renderer_for(workspace, person)
    return channel_offer_message(renderer, channel_id, has_linkable=bool(linkable))
