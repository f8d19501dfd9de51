"""Newcomers: what language somebody speaks whose profile was not read yet, asked of Slack while they wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.slack import Resting, Slack, SlackTrouble
from collab.people import Account

PATIENCE = 0.7  # seconds; Slack gives an answer three


class Newcomers:
    """Asks Slack beside the answer, which waits only so long."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._hands = ThreadPoolExecutor(2, "newcomers")

    def locale(self, workspace: str, account: Account) -> str | None:
        """The locale that somebody chose in Slack; nothing when Slack does not say so in time."""
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
