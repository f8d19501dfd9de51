"""E-mail addresses as Slack knows them: whether anybody in the workspace has one, asked before an invitation."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from bot.slack import Resting, Slack, SlackTrouble
from collab.deadline import RESERVE_SECONDS, shorten
from collab.people import same_address
from collab.policy import TOGETHER_LIMIT

PATIENCE = 1.0  # seconds to wait for Slack, which gives an answer three
VALID_FOR = 60.0  # seconds
MOST_KEPT = 1_000
WORKERS = 4
ADDRESS = re.compile(r"[^\s<>|:,;\"“”]+@[^\s<>|:,;\"“”]+\.[^\s<>|:,;\"“”]+")


class AddressLookup:
    """Looks up which addresses nobody in a workspace has; for all threads of a process.

    Call `fetch` outside any transaction. What Slack doesn't answer in time is not known to be absent.
    """

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._workers = ThreadPoolExecutor(WORKERS, "addresses")
        self._absent: dict[tuple[str, str], float] = {}

    def fetch(self, workspace: str, emails: tuple[str, ...]) -> None:
        """Look addresses up for `is_absent`."""
        if len(self._absent) >= MOST_KEPT:
            self._absent.clear()
        asked = {self._workers.submit(self._has_account, workspace, email): email for email in emails}
        done, late = wait(asked, shorten(PATIENCE, reserve=RESERVE_SECONDS))
        for lookup in late:
            lookup.cancel()
        for lookup in done:
            self._keep(workspace, asked[lookup], lookup)

    def is_absent(self, workspace: str, email: str) -> bool:
        """Return whether Slack said a moment ago that nobody in the workspace has that address."""
        at = self._absent.get((workspace, same_address(email)))
        return at is not None and time.monotonic() < at + VALID_FOR

    def _has_account(self, workspace: str, email: str) -> bool:
        """Return False only where Slack says that nobody has the address."""
        try:
            self._slack.call(workspace, "users.lookupByEmail", email=email)
        except SlackTrouble as trouble:
            return trouble.code != "users_not_found"
        except Resting:
            pass
        return True

    def _keep(self, workspace: str, email: str, lookup: Future[bool]) -> None:
        key = workspace, same_address(email)
        if lookup.exception() is None and not lookup.result():
            self._absent[key] = time.monotonic()
        else:
            self._absent.pop(key, None)


def addresses_to_look_up(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses that a payload is about to invite, each once."""
    return tuple(dict.fromkeys(ADDRESS.findall(_text_of(body))))[:TOGETHER_LIMIT]


def _text_of(body: Mapping[str, Any]) -> str:
    """Return the typed line of an invitation, or what its window has in the field for addresses."""
    if "command" in body:
        text = str(body.get("text") or "")
        return text if re.search(r"\binvite\b", text, re.IGNORECASE) else ""
    view = body.get("view") or {}
    if body.get("type") != "view_submission" or view.get("callback_id") != "invite":
        return ""
    fields = ((view.get("state") or {}).get("values") or {}).get("emails") or {}
    return str((fields.get("emails") or {}).get("value") or "")
