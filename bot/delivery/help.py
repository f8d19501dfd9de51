"""Answer people who write to Collab or mention it: the everyday commands and buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.delivery.profiles import fetch_user, get_or_fetch_person
from bot.delivery.services import DeliveryServices
from bot.slack.errors import FailureKind, SlackCallFailed
from bot.slack.handlers.mentions import HELP_MESSAGE
from bot.slack.identity import is_automated
from bot.slack.views import Message
from bot.slack.views.help import build_home_url, help_message
from collab.home import ShowOfferedActions
from collab.model import Account, Caller, Delivery, Person, WorkspaceId
from collab.notifications.sent_messages import MessageThread

PAUSE_SECONDS = 10  # a person gets one answer in this time
DIRECT_MESSAGE_PREFIX = "D"


def send_help(
    services: DeliveryServices, delivery: Delivery
) -> Sequence[MessageThread]:
    """Answer a message of a person, unless they got an answer a moment ago.

    The message that was answered last is stored, so an event that Slack sends again
    is not answered again. Deliveries to one person are sent one after the other.
    """
    payload = delivery.payload or {}
    workspace, ts = delivery.workspace, str(payload["ts"])
    answered_ts = services.store.find_thread_address(
        workspace, delivery.target, HELP_MESSAGE
    )
    if answered_ts and float(ts) < float(answered_ts) + PAUSE_SECONDS:
        return ()
    account = Account(workspace, payload["user"])
    person = get_or_fetch_person(services, workspace, account)
    if person is None or person.bot or _is_thread_of_app(services, workspace, payload):
        return ()
    message = _build_help(services, workspace, account, person, payload["app"])
    _post_answer(services, workspace, payload, message)
    return (MessageThread(workspace, delivery.target, HELP_MESSAGE, ts),)


def _is_thread_of_app(
    services: DeliveryServices, workspace: WorkspaceId, payload: dict[str, Any]
) -> bool:
    """Return whether a message is in a thread that another app started."""
    parent = payload["parent"]
    if parent is None or parent == payload["user"]:
        return False
    with services.read_context(workspace) as context:
        installed = context.repositories.get_workspace()
    if installed and parent == installed.bot:
        return False
    return is_automated(fetch_user(services, workspace, parent))


def _build_help(
    services: DeliveryServices,
    workspace: WorkspaceId,
    account: Account,
    person: Person,
    app_id: str,
) -> Message:
    caller = Caller(workspace, account, "event")
    actions = services.bus.query(ShowOfferedActions(caller), services.now())
    renderer = services.renderer_for(workspace, person)
    return help_message(renderer, actions, build_home_url(workspace, app_id))


def _post_answer(
    services: DeliveryServices,
    workspace: WorkspaceId,
    payload: dict[str, Any],
    message: Message,
) -> None:
    """Answer where the person wrote; in a channel, only they see it."""
    channel, user = payload["channel"], payload["user"]
    thread = {"thread_ts": payload["thread_ts"]} if payload["thread_ts"] else {}
    if channel.startswith(DIRECT_MESSAGE_PREFIX):
        services.post_message(workspace, channel, message, **thread)
        return
    try:
        services.post_ephemeral(workspace, channel, user, message, **thread)
    except SlackCallFailed as error:
        if error.kind is FailureKind.TRANSIENT:
            raise
        services.post_message(workspace, user, message)
