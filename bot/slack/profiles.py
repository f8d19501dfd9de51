"""Profiles: read from Slack while somebody waits for an answer, kept, and asked in which language to answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from bot.error_log import log_error
from bot.slack.client import SlackClient
from bot.slack.errors import MethodPaused, SlackCallFailed
from bot.slack.identity import build_profile_command
from collab.bus import Bus
from collab.deadline import RESERVE_SECONDS, limit_to_deadline
from collab.errors import Rejected
from collab.model import Account, Caller
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")

LOOKUP_SECONDS = 1.5  # seconds to wait for Slack, which gives an answer three
SLOW_LOOKUP_SECONDS = 0.3  # seconds, shortly after Slack took longer than that
SLOW_PERIOD_SECONDS = 10.0  # seconds
MAX_THREADS = 4
VALID_SECONDS = (
    60.0  # seconds; so long after a change in Slack the language may be the one before
)
MAX_CACHED = 10_000  # people whose language is remembered


class ProfileReader:
    """Reads the profiles of callers who are new; for all threads of a process. Call it outside any transaction."""

    def __init__(
        self, collab: Bus, slack: SlackClient, now: Callable[[], datetime]
    ) -> None:
        self._bus = collab
        self._slack = slack
        self._now = now
        self._executor = ThreadPoolExecutor(MAX_THREADS, "profiles")
        self._cached_locales: dict[tuple[str, Account], tuple[float, str | None]] = {}
        self._slow_until = 0.0

    def find_locale(self, by: Caller) -> str | None:
        """Return the caller's locale, after reading the profile of a new caller; None when Slack doesn't tell in time.

        The profile is kept even when it comes too late for this answer.
        """
        if by.account is None:
            return None
        known = self._cached_locales.get((by.workspace, by.account))
        return (
            known[1]
            if known and time.monotonic() < known[0] + VALID_SECONDS
            else self._read_locale(by.workspace, by.account)
        )

    def _read_locale(self, workspace: str, account: Account) -> str | None:
        with self._bus.read(workspace) as repositories:
            is_installed, person = (
                repositories.get_workspace() is not None,
                repositories.people.find_person_by_account(account),
            )
        if not is_installed:
            return None
        if person is None or not person.profiled:
            return self._fetch_in_time(workspace, account)
        if len(self._cached_locales) >= MAX_CACHED:
            self._cached_locales.clear()
        self._cached_locales[workspace, account] = (time.monotonic(), person.locale)
        return person.locale

    def _fetch_in_time(self, workspace: str, account: Account) -> str | None:
        patience = (
            SLOW_LOOKUP_SECONDS
            if time.monotonic() < self._slow_until
            else LOOKUP_SECONDS
        )
        fetched = self._executor.submit(self._fetch_profile, workspace, account)
        try:
            return fetched.result(limit_to_deadline(patience, reserve=RESERVE_SECONDS))
        except TimeoutError:
            fetched.cancel()
            self._slow_until = time.monotonic() + SLOW_PERIOD_SECONDS
            return None

    def _fetch_profile(self, workspace: str, account: Account) -> str | None:
        """Ask Slack for a profile, keep it, and return its locale."""
        try:
            told = self._slack.call_method(
                workspace, "users.info", user=account.user, include_locale=True
            )
            user, locale = told["user"], told["user"].get("locale")
        except (SlackCallFailed, MethodPaused, LookupError, TypeError, AttributeError):
            return None  # the courier asks again, and says what is wrong
        self._save_profile(workspace, user)
        return locale if isinstance(locale, str) else None

    def _save_profile(self, workspace: str, user: dict[str, Any]) -> None:
        try:
            self._bus.execute(
                build_profile_command(Caller(workspace, None, "slack"), user),
                self._now(),
            )
        except (Rejected, Unavailable):
            return  # the courier reads the profile again
        except Exception as error:  # noqa: BLE001 - whatever Slack says, the person is answered without it
            log_error(log, "a profile", error)
