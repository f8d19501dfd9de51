"""Channels as Slack knows them: whether Collab and a person are in one, and whether another company is in it too."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bot.error_log import log_error
from bot.slack.client import SlackClient
from bot.slack.errors import MethodPaused, SlackCallFailed
from collab.deadline import RESERVE_SECONDS, limit_to_deadline
from collab.model import Caller

log = logging.getLogger("collab.slack")

LOOKUP_SECONDS = 1.5  # seconds to wait for Slack, which gives an answer three
VALID_SECONDS = 10.0  # seconds
MAX_CACHED = 1_000
MEMBERS_PAGE_SIZE = 1_000  # members; the most that Slack gives at once
INVISIBLE_CHANNEL_CODES = frozenset(
    {"channel_not_found", "missing_scope", "no_permission"}
)
ChannelKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What Slack says of a channel; `title` is None where Collab may not see it."""

    title: str | None = None
    has_app: bool = False
    has_person: bool = False
    is_shared: bool = False


class ChannelLookup:
    """Looks channels up for the people who want to link them; for all threads of a process.

    Call `fetch` outside any transaction; `find` takes what was fetched just before, and fetches where nothing was. Of
    a person's own channel, in which they typed a command, the members are not asked for.
    """

    def __init__(self, slack: SlackClient) -> None:
        self._slack = slack
        self._executor = ThreadPoolExecutor(2, "channels")
        self._cached_states: dict[ChannelKey, tuple[float, ChannelState | None]] = {}

    def find_state(
        self, by: Caller, channel: str, *, is_own: bool = False
    ) -> ChannelState | None:
        """Return a channel's state as of a few seconds ago; None when Slack doesn't tell in time."""
        known = self._cached_states.pop(_channel_key(by, channel), None)
        if known and time.monotonic() < known[0] + VALID_SECONDS:
            return known[1]
        return self._look_up_in_time(by, channel, is_own=is_own)

    def prefetch_state(self, by: Caller, channel: str, *, is_own: bool = False) -> None:
        """Look a channel up for `find`."""
        if len(self._cached_states) >= MAX_CACHED:
            self._cached_states.clear()
        self._cached_states[_channel_key(by, channel)] = (
            time.monotonic(),
            self._look_up_in_time(by, channel, is_own=is_own),
        )

    def _look_up_in_time(
        self, by: Caller, channel: str, *, is_own: bool
    ) -> ChannelState | None:
        looked_up = self._executor.submit(self._look_up, by, channel, is_own=is_own)
        try:
            return looked_up.result(
                limit_to_deadline(LOOKUP_SECONDS, reserve=RESERVE_SECONDS)
            )
        except TimeoutError:
            looked_up.cancel()
        except (SlackCallFailed, MethodPaused):
            pass  # the caller says that Slack didn't answer
        except Exception as error:  # noqa: BLE001 - whatever Slack answers, the person gets an answer that fits
            log_error(log, "looking a channel up", error)
        return None

    def _look_up(self, by: Caller, channel: str, *, is_own: bool) -> ChannelState:
        try:
            found = self._slack.call_method(
                by.workspace, "conversations.info", channel=channel
            )["channel"]
        except SlackCallFailed as trouble:
            if trouble.code in INVISIBLE_CHANNEL_CODES:
                return ChannelState()
            raise
        has_app = bool(found.get("is_member")) and not found.get("is_archived")
        is_shared = any(
            found.get(name) for name in ("is_ext_shared", "is_pending_ext_shared")
        )
        has_person = is_own or (
            has_app
            and by.account is not None
            and self._has_member(by, channel, by.account.user)
        )
        return ChannelState(
            str(found.get("name") or "") or None, has_app, has_person, is_shared
        )

    def _has_member(self, by: Caller, channel: str, user: str) -> bool:
        """Return whether somebody is in a channel, asking for its members page by page."""
        end, cursor = time.monotonic() + LOOKUP_SECONDS, ""
        while time.monotonic() < end:
            more = {"cursor": cursor} if cursor else {}
            told = self._slack.call_method(
                by.workspace,
                "conversations.members",
                channel=channel,
                limit=MEMBERS_PAGE_SIZE,
                **more,
            )
            if user in told["members"]:
                return True
            cursor = (told.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return False
        raise SlackCallFailed("timeout")


def channel_to_look_up(body: Mapping[str, Any]) -> str | None:
    """Return the channel that a payload is about to link, if it is about to link one."""
    if "command" in body:
        is_link = re.match(
            r"\W*(\w+\W+){0,2}link\b", str(body.get("text") or ""), re.IGNORECASE
        )
        return str(body.get("channel_id") or "") if is_link else None
    for action in body.get("actions") or ():
        if action.get("action_id") == "link_shared":
            return str(action.get("value") or "").partition(" ")[0]
    view = body.get("view") or {}
    if body.get("type") != "view_submission" or view.get("callback_id") not in {
        "link",
        "link_shared",
    }:
        return None
    if view["callback_id"] == "link_shared":
        return str(view.get("private_metadata") or "").partition(" ")[0]
    fields = ((view.get("state") or {}).get("values") or {}).get("channel") or {}
    return str((fields.get("channel") or {}).get("selected_conversation") or "")


def _channel_key(by: Caller, channel: str) -> ChannelKey:
    return by.workspace, by.account.user if by.account else "", channel
