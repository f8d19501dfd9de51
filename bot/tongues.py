"""Tongues: the language that somebody reads, by their profile; Slack is asked while that was not read yet."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bot.slack import Resting, Slack, SlackTrouble
from collab.people import Account, Caller
from collab.service import Collab

PATIENCE = 0.7  # seconds to wait for Slack, which gives an answer three
KEPT = 60.0  # seconds; so long after a change in Slack the language may be the one before
MOST = 10_000  # people whose language is remembered


class Tongues:
    """Knows in which language to answer whom; for all threads of a process."""

    def __init__(self, collab: Collab, slack: Slack) -> None:
        self._collab = collab
        self._slack = slack
        self._hands = ThreadPoolExecutor(2, "tongues")
        self._known: dict[tuple[str, Account], tuple[float, str | None]] = {}

    def locale(self, by: Caller) -> str | None:
        """The locale that the caller has chosen in Slack; nothing when it cannot be told in time."""
        if by.account is None:
            return None
        known = self._known.get((by.workspace, by.account))
        return known[1] if known and time.monotonic() < known[0] + KEPT else self._read(by.workspace, by.account)

    def _read(self, workspace: str, account: Account) -> str | None:
        with self._collab.look(workspace) as facts:
            person = facts.person_by_account(account)
        if person is None or not person.profiled:
            return self._asked(workspace, account)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[workspace, account] = (time.monotonic(), person.locale)
        return person.locale

    def _asked(self, workspace: str, account: Account) -> str | None:
        asked = self._hands.submit(self._ask, workspace, account)
        try:
            return asked.result(PATIENCE)
        except TimeoutError:
            asked.cancel()
            return None

    def _ask(self, workspace: str, account: Account) -> str | None:
        try:
            told = self._slack.call(workspace, "users.info", user=account.user, include_locale=True)
            locale = told["user"].get("locale")
        except (SlackTrouble, Resting, LookupError, TypeError, AttributeError):
            return None  # the courier asks again, and says what is wrong
        return locale if isinstance(locale, str) else None
