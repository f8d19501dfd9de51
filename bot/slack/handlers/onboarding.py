"""First steps: a welcome for who sets Collab up, and an offer to link a channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.identity import is_slack_id
from bot.slack.requests import ActionRequest, Services
from bot.slack.routing import ActionRoute, EventRoute
from bot.slack.views import Message
from collab.model import Account, Caller

# The kinds of delivery.
WELCOME_MESSAGE = "welcome"
CHANNEL_OFFER_MESSAGE = "channel_offer"


def enqueue_welcome(
    services: Services, by: Caller, account: Account, app_id: str
) -> None:
    """Enqueue the first steps for an admin of a workspace where nothing exists yet.

    Whether they are an admin may not be known yet; the delivery finds out.
    """
    with services.read_workspace(by) as repositories:
        person = repositories.people.find_person_by_account(account)
        is_admin = person is None or not person.profiled or person.admin
        if not is_admin or not repositories.resources.is_empty():
            return
    payload = {"user": account.user, "app": app_id}
    services.outbox.enqueue_message(
        by.workspace, WELCOME_MESSAGE, WELCOME_MESSAGE, payload
    )


def offer_channel_link(
    services: Services, by: Caller, _at: datetime, event: dict[str, Any]
) -> None:
    """Enqueue an offer to link a channel, for the person who has added Collab to it."""
    user, channel, inviter = (
        event.get(name) for name in ("user", "channel", "inviter")
    )
    if not (is_slack_id(user) and is_slack_id(channel) and is_slack_id(inviter)):
        return
    if user != _find_bot_user(services, by):
        return
    payload = {
        "channel": channel,
        "user": inviter,
        "event_ts": str(event.get("event_ts") or ""),
    }
    target = f"{CHANNEL_OFFER_MESSAGE}:{channel}"
    services.outbox.enqueue_message(
        by.workspace, target, CHANNEL_OFFER_MESSAGE, payload
    )


def dismiss_channel_offer(services: Services, _request: ActionRequest) -> Message:
    """Say how the channel can be linked later."""
    return services.build_reply("channel_offer_dismissed")


def _find_bot_user(services: Services, by: Caller) -> str | None:
    with services.read_workspace(by) as repositories:
        workspace = repositories.get_workspace()
    return workspace.bot if workspace else None


ROUTES = (
    EventRoute("member_joined_channel", offer_channel_link),
    ActionRoute("not_now", dismiss_channel_offer, "link.title"),
)
