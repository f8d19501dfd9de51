"""E-mail addresses as Slack knows them: whether anybody in the workspace has one, asked before an invitation."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from bot.slack.client import SlackClient
from bot.slack.errors import MethodPaused, SlackCallFailed
from collab.deadline import RESERVE_SECONDS, limit_to_deadline
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.people import normalize_email

LOOKUP_SECONDS = 1.0  # seconds to wait for Slack, which gives an answer three
VALID_SECONDS = 60.0  # seconds
MAX_CACHED = 1_000
MAX_THREADS = 4
EMAIL_ADDRESS = re.compile(r"[^\s<>|:,;\"“”]+@[^\s<>|:,;\"“”]+\.[^\s<>|:,;\"“”]+")


class AddressLookup:
    """Looks up which addresses nobody in a workspace has; for all threads of a process.

    Call `fetch` outside any transaction. What Slack doesn't answer in time is not known to be absent.
    """

    def __init__(self, slack: SlackClient) -> None:
        self._slack = slack
        self._executor = ThreadPoolExecutor(MAX_THREADS, "addresses")
        self._absent_addresses: dict[tuple[str, str], float] = {}

    def fetch_absent(self, workspace: str, emails: tuple[str, ...]) -> None:
        """Look addresses up for `is_absent`."""
        if len(self._absent_addresses) >= MAX_CACHED:
            self._absent_addresses.clear()
        asked = {
            self._executor.submit(self._has_account, workspace, email): email
            for email in emails
        }
        done, late = wait(
            asked, limit_to_deadline(LOOKUP_SECONDS, reserve=RESERVE_SECONDS)
        )
        for lookup in late:
            lookup.cancel()
        for lookup in done:
            self._store_lookup(workspace, asked[lookup], lookup)

    def is_absent(self, workspace: str, email: str) -> bool:
        """Return whether Slack said a moment ago that nobody in the workspace has that address."""
        at = self._absent_addresses.get((workspace, normalize_email(email)))
        return at is not None and time.monotonic() < at + VALID_SECONDS

    def _has_account(self, workspace: str, email: str) -> bool:
        """Return False only where Slack says that nobody has the address."""
        try:
            self._slack.call_method(workspace, "users.lookupByEmail", email=email)
        except SlackCallFailed as trouble:
            return trouble.code != "users_not_found"
        except MethodPaused:
            pass
        return True

    def _store_lookup(self, workspace: str, email: str, lookup: Future[bool]) -> None:
        key = workspace, normalize_email(email)
        if lookup.exception() is None and not lookup.result():
            self._absent_addresses[key] = time.monotonic()
        else:
            self._absent_addresses.pop(key, None)


def addresses_to_look_up(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses that a payload is about to invite, each once."""
    return tuple(dict.fromkeys(EMAIL_ADDRESS.findall(_invitation_text(body))))[
        :MAX_RESOURCES_IN_OFFER
    ]


def _invitation_text(body: Mapping[str, Any]) -> str:
    """Return the typed line of an invitation, or what its window has in the field for addresses."""
    if "command" in body:
        text = str(body.get("text") or "")
        return text if re.search(r"\binvite\b", text, re.IGNORECASE) else ""
    view = body.get("view") or {}
    if body.get("type") != "view_submission" or view.get("callback_id") != "invite":
        return ""
    fields = ((view.get("state") or {}).get("values") or {}).get("emails") or {}
    return str((fields.get("emails") or {}).get("value") or "")
