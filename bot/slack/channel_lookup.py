"""Look up who is in a channel: the app, a person, and other companies."""

from __future__ import annotations

import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from bot.error_log import log_error
from bot.slack.button_values import BlockId, SharedChannelLink
from bot.slack.client import SlackClient, call_api_with_headers
from bot.slack.commands.verbs.workspace import LINK
from bot.slack.company_names import CompanyNames
from bot.slack.errors import MethodPaused, SlackCallFailed
from bot.slack.forms.layout import CHANNEL_FIELD
from bot.slack.payloads import Body, read_field
from collab.deadline import RESERVE_SECONDS, limit_to_deadline
from collab.model import Caller, WorkspaceId

log = logging.getLogger("collab.slack")

LOOKUP_SECONDS = 1.5  # Slack waits three seconds for an answer
VALID_SECONDS = 10.0
SCOPES_SECONDS = 60 * 60.0  # they change when the app is installed again
JOIN_SCOPE = "channels:join"
JOIN_ACTION = "link_join"
MAX_CACHED = 1_000  # channels
MAX_COMPANIES = 5  # that are named; more are too many for the question
MAX_THREADS = 2
MEMBERS_PAGE_SIZE = 1_000  # Slack's limit
INVISIBLE_CHANNEL_CODES = frozenset(
    {"channel_not_found", "missing_scope", "no_permission"}
)
LINK_COMMAND = re.compile(r"\W*(\w+\W+){0,2}link\b", re.IGNORECASE)
ChannelKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What Slack says of a channel; `title` is None where the app cannot see it.

    `other_team_ids` are the other companies in it, `company_names` their names, which
    are empty if Slack does not tell each of them. `can_join`: the app is not in
    the channel, but may add itself.
    """

    title: str | None = None
    has_app: bool = False
    has_person: bool = False
    is_shared: bool = False
    other_team_ids: tuple[str, ...] = ()
    company_names: tuple[str, ...] = ()
    can_join: bool = False


class ChannelLookup:
    """Look channels up before they are linked, for all threads of a process.

    Call `prefetch_state` outside any transaction; `find_state` uses what it read.
    `is_own` says that the caller typed a command in the channel, so they are in it.
    """

    def __init__(self, slack: SlackClient) -> None:
        self._slack = slack
        self._executor = ThreadPoolExecutor(MAX_THREADS, "channels")
        self._company_names = CompanyNames(slack)
        self._cached_states: dict[ChannelKey, tuple[float, ChannelState | None]] = {}
        # Until when the scopes of a workspace are valid, and the scopes.
        self._scopes: dict[str, tuple[float, list[str]]] = {}

    def find_state(
        self, caller: Caller, channel_id: str, *, is_own: bool = False
    ) -> ChannelState | None:
        """Return a channel's state, read within VALID_SECONDS or now.

        Return None when Slack does not answer in time.
        """
        cached = self._cached_states.pop(_channel_key(caller, channel_id), None)
        if cached:
            cached_at, state = cached
            if time.monotonic() < cached_at + VALID_SECONDS:
                return state
        return self._look_up_in_time(caller, channel_id, is_own=is_own)

    def prefetch_state(
        self, caller: Caller, channel_id: str, *, is_own: bool = False
    ) -> None:
        """Look a channel up for `find_state`."""
        if len(self._cached_states) >= MAX_CACHED:
            self._cached_states.clear()
        started_at = time.monotonic()
        state = self._look_up_in_time(caller, channel_id, is_own=is_own)
        self._cached_states[_channel_key(caller, channel_id)] = (started_at, state)

    def join(self, caller: Caller, channel_id: str) -> None:
        """Add the app to a public channel; `find_state` says whether it is in it then."""
        seconds = limit_to_deadline(LOOKUP_SECONDS, reserve=RESERVE_SECONDS)
        joining = self._executor.submit(
            self._slack.call_method,
            caller.workspace,
            "conversations.join",
            channel=channel_id,
        )
        with suppress(TimeoutError, SlackCallFailed, MethodPaused):
            joining.result(seconds)

    def _look_up_in_time(
        self, caller: Caller, channel_id: str, *, is_own: bool
    ) -> ChannelState | None:
        lookup = self._executor.submit(self._look_up, caller, channel_id, is_own=is_own)
        seconds = limit_to_deadline(LOOKUP_SECONDS, reserve=RESERVE_SECONDS)
        end = time.monotonic() + seconds
        try:
            state = lookup.result(seconds)
            seconds = end - time.monotonic()
            return self._add_company_names(caller.workspace, state, seconds)
        except TimeoutError:
            lookup.cancel()
        except (SlackCallFailed, MethodPaused):
            pass  # the caller says that Slack does not answer
        except Exception as error:  # noqa: BLE001 - the person gets an answer anyway
            log_error(log, "looking a channel up", error)
        return None

    def _add_company_names(
        self, workspace: WorkspaceId, state: ChannelState, seconds: float
    ) -> ChannelState:
        if not state.other_team_ids:
            return state
        names = self._company_names.find_names(workspace, state.other_team_ids, seconds)
        return replace(state, company_names=names)

    def _look_up(
        self, caller: Caller, channel_id: str, *, is_own: bool
    ) -> ChannelState:
        try:
            answer = self._slack.call_method(
                caller.workspace, "conversations.info", channel=channel_id
            )
        except SlackCallFailed as failure:
            if failure.code in INVISIBLE_CHANNEL_CODES:
                return ChannelState()
            raise
        channel = answer["channel"]
        has_app = bool(channel.get("is_member")) and not channel.get("is_archived")
        has_person = is_own
        if has_app and not is_own and caller.account:
            has_person = self._has_member(caller, channel_id, caller.account.user)
        return ChannelState(
            title=str(channel.get("name") or "") or None,
            has_app=has_app,
            has_person=has_person,
            is_shared=bool(
                channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")
            ),
            other_team_ids=_read_other_team_ids(channel, caller.workspace),
            can_join=not has_app and self._may_join(caller.workspace, channel),
        )

    def _may_join(self, workspace: WorkspaceId, channel: dict[str, Any]) -> bool:
        """Return whether the app may add itself: to a public channel, by its scopes."""
        if not channel.get("is_channel") or channel.get("is_private"):
            return False
        if channel.get("is_archived"):
            return False
        scopes = self._slack.find_scopes(workspace)
        return JOIN_SCOPE in (scopes or self._fetch_scopes(workspace))

    def _fetch_scopes(self, workspace: WorkspaceId) -> list[str]:
        """Return the scopes that the app has in a workspace, as Slack names them."""
        valid_until, scopes = self._scopes.get(workspace, (0.0, []))
        if time.monotonic() < valid_until:
            return scopes
        client = self._slack.get_client(workspace)
        headers = call_api_with_headers(client, "auth.test").headers
        names = {name.lower(): value for name, value in headers.items()}
        scopes = str(names.get("x-oauth-scopes", "")).split(",")
        self._scopes[workspace] = time.monotonic() + SCOPES_SECONDS, scopes
        return scopes

    def _has_member(self, caller: Caller, channel_id: str, user_id: str) -> bool:
        """Return whether a user is in a channel, reading its members page by page."""
        end, cursor = time.monotonic() + LOOKUP_SECONDS, ""
        while time.monotonic() < end:
            page_args = {"cursor": cursor} if cursor else {}
            answer = self._slack.call_method(
                caller.workspace,
                "conversations.members",
                channel=channel_id,
                limit=MEMBERS_PAGE_SIZE,
                **page_args,
            )
            if user_id in answer["members"]:
                return True
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return False
        raise SlackCallFailed("timeout")


def _read_other_team_ids(channel: dict[str, Any], workspace: str) -> tuple[str, ...]:
    """Return the other teams in a shared channel; none while one is only invited."""
    if not channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"):
        return ()
    team_ids = [
        channel.get("conversation_host_id"),
        *(channel.get("connected_team_ids") or ()),
        *(channel.get("shared_team_ids") or ()),
    ]
    # An organisation's own workspaces in the channel are internal.
    internal_ids = channel.get("internal_team_ids") or ()
    own = {workspace, channel.get("context_team_id"), *internal_ids}
    others = [str(each) for each in team_ids if each and each not in own]
    distinct = tuple(dict.fromkeys(others))
    return distinct if len(distinct) <= MAX_COMPANIES else ()


def channel_to_look_up(body: Body) -> str | None:
    """Return the id of the channel that a payload is about to link, if any."""
    if "command" in body:
        is_link = LINK_COMMAND.match(str(body.get("text") or ""))
        return str(body.get("channel_id") or "") if is_link else None
    if body.get("actions"):
        return _channel_of_action(body["actions"][0])
    if body.get("type") != "view_submission":
        return None
    callback_id = read_field(body, "view", "callback_id")
    metadata = str(read_field(body, "view", "private_metadata") or "")
    if callback_id in ("link_shared", JOIN_ACTION):
        return _shared_channel_id(metadata)
    if callback_id != "form" or BlockId.decode(metadata).name != LINK.name:
        return None
    values = read_field(body, "view", "state", "values")
    block_id = f"{CHANNEL_FIELD} {LINK.name}"
    field = read_field(values, block_id, CHANNEL_FIELD, "selected_conversation")
    return str(field or "")


def _channel_of_action(action: Body) -> str | None:
    if action.get("action_id") in ("link_shared", JOIN_ACTION):
        return _shared_channel_id(action.get("value"))
    if action.get("action_id") == "link_here":
        return BlockId.decode(str(action.get("block_id") or "")).key
    return None


def link_to_join(body: Body) -> SharedChannelLink | None:
    """Return the link whose channel a press or a submission adds the app to."""
    if body.get("type") == "view_submission":
        is_join = read_field(body, "view", "callback_id") == JOIN_ACTION
        metadata = read_field(body, "view", "private_metadata")
        return SharedChannelLink.decode(str(metadata or "")) if is_join else None
    actions = body.get("actions")
    if not actions or actions[0].get("action_id") != JOIN_ACTION:
        return None
    return SharedChannelLink.decode(str(actions[0].get("value") or ""))


def _shared_channel_id(value: object) -> str:
    return SharedChannelLink.decode(str(value or "")).channel_id


def _channel_key(caller: Caller, channel_id: str) -> ChannelKey:
    user_id = caller.account.user if caller.account else ""
    return caller.workspace, user_id, channel_id
