"""Messages to Collab: a direct message, or a mention in a channel. Both get help."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.slack.identity import is_slack_id
from bot.slack.requests import Services
from bot.slack.routing import EventRoute
from collab.model import Caller
from collab.people import PLATFORM_ACCOUNTS

HELP_MESSAGE = "help"  # the kind of delivery that answers
_TIME_STAMP = re.compile(r"\d{1,12}\.\d{1,9}")


def answer_mention(
    services: Services, by: Caller, _at: datetime, event: dict[str, Any]
) -> None:
    """Answer a person who mentions Collab in a channel."""
    _enqueue_help(services, by, event)


def answer_direct_message(
    services: Services, by: Caller, _at: datetime, event: dict[str, Any]
) -> None:
    """Answer a person who writes to Collab."""
    if event.get("channel_type") == "im":
        _enqueue_help(services, by, event)


def _enqueue_help(services: Services, by: Caller, event: dict[str, Any]) -> None:
    """Enqueue an answer to a new message of a person.

    Slack sends events about Collab's own messages, those of other apps, changes and
    deletions, too.
    """
    if event.get("bot_id") or event.get("subtype") or event.get("edited"):
        return
    user, channel, ts = (event.get(name) for name in ("user", "channel", "ts"))
    if not is_slack_id(user) or user in PLATFORM_ACCOUNTS or not is_slack_id(channel):
        return
    if not _is_time_stamp(ts):
        return
    thread_ts, parent = event.get("thread_ts"), event.get("parent_user_id")
    payload = {
        "user": user,
        "channel": channel,
        "ts": ts,
        "thread_ts": thread_ts if _is_time_stamp(thread_ts) else None,
        "parent": parent if is_slack_id(parent) else None,
        "app": event.get("api_app_id") or "",
    }
    target = f"{HELP_MESSAGE}:{user}"
    services.outbox.enqueue_message(by.workspace, target, HELP_MESSAGE, payload)


def _is_time_stamp(value: object) -> bool:
    return isinstance(value, str) and _TIME_STAMP.fullmatch(value) is not None


ROUTES = (
    EventRoute("app_mention", answer_mention),
    EventRoute("message", answer_direct_message),
)
