"""Profiles: read from Slack while somebody waits for an answer, kept, and asked in which language to answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from bot.identity import profile_from
from bot.slack import Resting, Slack, SlackTrouble
from bot.trouble import log_defect
from collab.deadline import RESERVE_SECONDS, shorten
from collab.people import Account, Caller
from collab.refusals import Refused
from collab.service import Collab, Unavailable

log = logging.getLogger("collab.slack")

PATIENCE = 1.5  # seconds to wait for Slack, which gives an answer three
SLOW_PATIENCE = 0.3  # seconds, shortly after Slack took longer than that
SLOW_FOR = 10.0  # seconds
WORKERS = 4
KEPT = 60.0  # seconds; so long after a change in Slack the language may be the one before
MOST = 10_000  # people whose language is remembered


class Profiles:
    """Reads the profiles of callers who are new; for all threads of a process. Call it outside any transaction."""

    def __init__(self, collab: Collab, slack: Slack, now: Callable[[], datetime]) -> None:
        self._collab = collab
        self._slack = slack
        self._now = now
        self._workers = ThreadPoolExecutor(WORKERS, "profiles")
        self._known: dict[tuple[str, Account], tuple[float, str | None]] = {}
        self._slow_until = 0.0

    def locale(self, by: Caller) -> str | None:
        """Return the caller's locale, after reading the profile of a new caller; None when Slack doesn't tell in time.

        The profile is kept even when it comes too late for this answer.
        """
        if by.account is None:
            return None
        known = self._known.get((by.workspace, by.account))
        return known[1] if known and time.monotonic() < known[0] + KEPT else self._read(by.workspace, by.account)

    def _read(self, workspace: str, account: Account) -> str | None:
        with self._collab.look(workspace) as facts:
            is_installed, person = facts.workspace() is not None, facts.person_by_account(account)
        if not is_installed:
            return None
        if person is None or not person.profiled:
            return self._fetch_in_time(workspace, account)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[workspace, account] = (time.monotonic(), person.locale)
        return person.locale

    def _fetch_in_time(self, workspace: str, account: Account) -> str | None:
        patience = SLOW_PATIENCE if time.monotonic() < self._slow_until else PATIENCE
        fetched = self._workers.submit(self._fetch, workspace, account)
        try:
            return fetched.result(shorten(patience, reserve=RESERVE_SECONDS))
        except TimeoutError:
            fetched.cancel()
            self._slow_until = time.monotonic() + SLOW_FOR
            return None

    def _fetch(self, workspace: str, account: Account) -> str | None:
        """Ask Slack for a profile, keep it, and return its locale."""
        try:
            told = self._slack.call(workspace, "users.info", user=account.user, include_locale=True)
            user, locale = told["user"], told["user"].get("locale")
        except (SlackTrouble, Resting, LookupError, TypeError, AttributeError):
            return None  # the courier asks again, and says what is wrong
        self._keep(workspace, user)
        return locale if isinstance(locale, str) else None

    def _keep(self, workspace: str, user: dict[str, Any]) -> None:
        try:
            self._collab.perform(profile_from(Caller(workspace, None, "slack"), user), self._now())
        except (Refused, Unavailable):
            return  # the courier reads the profile again
        except Exception as error:  # noqa: BLE001 - whatever Slack says, the person is answered without it
            log_defect(log, "a profile", error)
