"""Read the profiles of new callers from Slack, and answer in their language."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from bot.error_log import log_error
from bot.slack.client import SlackClient
from bot.slack.company_names import CompanyNames
from bot.slack.errors import MethodPaused, SlackCallFailed
from bot.slack.identity import build_profile_command
from collab.bus import Bus
from collab.deadline import RESERVE_SECONDS, limit_to_deadline
from collab.errors import Rejected
from collab.model import Account, Caller, WorkspaceId
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")

LOOKUP_SECONDS = 1.5  # Slack waits three seconds for an answer
SLOW_LOOKUP_SECONDS = 0.3  # within SLOW_PERIOD_SECONDS after a lookup that was too slow
SLOW_PERIOD_SECONDS = 10.0
MAX_THREADS = 4
COMPANY_SECONDS = 0.5  # for the name of another company, which is no necessity
VALID_SECONDS = 60.0  # a change of language in Slack takes effect after it at most
MAX_CACHED = 10_000  # locales


class ProfileReader:
    """Read the profiles of new callers, for all threads of a process.

    Call it outside any transaction.
    """

    def __init__(
        self, bus: Bus, slack: SlackClient, now: Callable[[], datetime]
    ) -> None:
        self._bus = bus
        self._slack = slack
        self._now = now
        self._executor = ThreadPoolExecutor(MAX_THREADS, "profiles")
        self._cached_locales: dict[tuple[str, Account], tuple[float, str | None]] = {}
        self._slow_until = 0.0
        self._companies = CompanyNames(slack)

    def find_locale(self, caller: Caller) -> str | None:
        """Return the caller's locale; None when Slack does not answer in time.

        The profile of a new caller is read from Slack, and saved even when it arrives
        too late for this answer.
        """
        if caller.account is None:
            return None
        cached = self._cached_locales.get((caller.workspace, caller.account))
        if cached:
            cached_at, locale = cached
            if time.monotonic() < cached_at + VALID_SECONDS:
                return locale
        return self._read_locale(caller.workspace, caller.account)

    def _read_locale(self, workspace: WorkspaceId, account: Account) -> str | None:
        with self._bus.read(workspace) as repositories:
            is_installed = repositories.get_workspace() is not None
            person = repositories.people.find_person_by_account(account)
        if not is_installed:
            return None
        if person is None or not person.profiled:
            return self._fetch_in_time(workspace, account)
        if len(self._cached_locales) >= MAX_CACHED:
            self._cached_locales.clear()
        self._cached_locales[workspace, account] = (time.monotonic(), person.locale)
        return person.locale

    def _fetch_in_time(self, workspace: WorkspaceId, account: Account) -> str | None:
        is_slow = time.monotonic() < self._slow_until
        max_seconds = SLOW_LOOKUP_SECONDS if is_slow else LOOKUP_SECONDS
        lookup = self._executor.submit(self._fetch_profile, workspace, account)
        try:
            return lookup.result(
                limit_to_deadline(max_seconds, reserve=RESERVE_SECONDS)
            )
        except TimeoutError:
            lookup.cancel()
            self._slow_until = time.monotonic() + SLOW_PERIOD_SECONDS
            return None

    def _fetch_profile(self, workspace: WorkspaceId, account: Account) -> str | None:
        """Read a profile from Slack, save it, and return its locale."""
        try:
            answer = self._slack.call_method(
                workspace, "users.info", user=account.user, include_locale=True
            )
            user, locale = answer["user"], answer["user"].get("locale")
        except (SlackCallFailed, MethodPaused, LookupError, TypeError, AttributeError):
            return None  # the outbox worker repeats the lookup and reports the failure
        self._save_profile(workspace, user)
        return locale if isinstance(locale, str) else None

    def _save_profile(self, workspace: WorkspaceId, user: dict[str, Any]) -> None:
        try:
            caller = Caller(workspace, None, "slack")
            company = self._companies.find_company(workspace, user, COMPANY_SECONDS)
            command = build_profile_command(caller, user, company)
            self._bus.execute(command, self._now())
        except (Rejected, Unavailable):
            return  # the outbox worker reads the profile again
        except Exception as error:  # noqa: BLE001 - the person is answered without it
            log_error(log, "a profile", error)
