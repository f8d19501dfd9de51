"""Names of the companies that share a channel or have people here, from team.info."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.slack.client import SlackClient, call_api
from bot.slack.errors import RateLimited, SlackCallFailed
from bot.slack.identity import is_member, is_slack_id
from collab.model import WorkspaceId
from collab.text import clean_text

VALID_SECONDS = 24 * 60 * 60.0  # a company seldom changes its name
RETRY_SECONDS = 60 * 60.0  # after an answer without a name, as without team:read
MAX_CACHED = 1_000  # companies
MAX_THREADS = 2
MAX_NAME_LENGTH = 80  # characters


class CompanyNames:
    """Looks up the names of other companies, and remembers them for a day."""

    def __init__(self, slack: SlackClient) -> None:
        self._slack = slack
        self._executor = ThreadPoolExecutor(MAX_THREADS, "companies")
        # Until when a name is valid, and the name.
        self._cached: dict[tuple[str, str], tuple[float, str]] = {}

    def find_names(
        self, workspace: WorkspaceId, team_ids: Iterable[str], seconds: float
    ) -> tuple[str, ...]:
        """Return the name of each team within some seconds; none if one is unknown."""
        end = time.monotonic() + seconds
        lookups = [
            self._executor.submit(self._find_name, workspace, team_id)
            for team_id in team_ids
        ]
        names: list[str] = []
        for lookup in lookups:
            try:
                names.append(lookup.result(max(0.0, end - time.monotonic())))
            except TimeoutError:
                lookup.cancel()
                names.append("")
        return tuple(names) if all(names) else ()

    def find_company(
        self, workspace: WorkspaceId, user: dict[str, Any], seconds: float
    ) -> str | None:
        """Return the name of the other workspace that an account is of, if any."""
        team = user.get("team_id")
        if not is_slack_id(team) or is_member(workspace, user):
            return None
        names = self.find_names(workspace, [team], seconds)
        return names[0] if names else None

    def _find_name(self, workspace: WorkspaceId, team_id: str) -> str:
        """Return a team's name; empty if Slack does not tell it this workspace."""
        valid_until, name = self._cached.get((workspace, team_id), (0.0, ""))
        if time.monotonic() < valid_until:
            return name
        if len(self._cached) >= MAX_CACHED:
            self._cached.clear()
        name = self._fetch_name(workspace, team_id)
        seconds = VALID_SECONDS if name else RETRY_SECONDS
        self._cached[workspace, team_id] = (time.monotonic() + seconds, name)
        return name

    def _fetch_name(self, workspace: WorkspaceId, team_id: str) -> str:
        """Call Slack; the scope is optional, so that its absence is nothing to log."""
        try:
            client = self._slack.get_client(workspace)
            answer = call_api(client, "team.info", team=team_id)
        except (SlackCallFailed, RateLimited):
            return ""
        team = answer.get("team")
        name = team.get("name") if isinstance(team, dict) else None
        return clean_text(str(name or "")).strip()[:MAX_NAME_LENGTH]
