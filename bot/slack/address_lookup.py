"""Look up which e-mail addresses nobody in a workspace has, before an invitation."""

from __future__ import annotations

import re
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from bot.slack.client import SlackClient
from bot.slack.commands.slots import Slot
from bot.slack.commands.verbs.memberships import INVITE
from bot.slack.errors import MethodPaused, SlackCallFailed
from bot.slack.forms.layout import email_field
from bot.slack.payloads import Body, read_field
from collab.deadline import RESERVE_SECONDS, limit_to_deadline
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.model import WorkspaceId
from collab.people import normalize_email

LOOKUP_SECONDS = 1.0  # Slack waits three seconds for an answer
VALID_SECONDS = 60.0
MAX_CACHED = 1_000  # addresses
MAX_THREADS = 4
EMAIL_ADDRESS = re.compile(r"[^\s<>|:,;\"“”]+@[^\s<>|:,;\"“”]+\.[^\s<>|:,;\"“”]+")
INVITE_COMMAND = re.compile(r"\binvite\b", re.IGNORECASE)


class AddressLookup:
    """Look addresses up and cache those that nobody has, for all threads of a process.

    Call `fetch_absent` outside any transaction. An address that Slack does not answer
    for in time does not count as absent.
    """

    def __init__(self, slack: SlackClient) -> None:
        self._slack = slack
        self._executor = ThreadPoolExecutor(MAX_THREADS, "addresses")
        self._absent_since: dict[tuple[str, str], float] = {}

    def fetch_absent(self, workspace: WorkspaceId, emails: tuple[str, ...]) -> None:
        """Look addresses up for `is_absent`."""
        if len(self._absent_since) >= MAX_CACHED:
            self._absent_since.clear()
        email_by_lookup = {
            self._executor.submit(self._has_account, workspace, email): email
            for email in emails
        }
        wait_seconds = limit_to_deadline(LOOKUP_SECONDS, reserve=RESERVE_SECONDS)
        done, late = wait(email_by_lookup, wait_seconds)
        for lookup in late:
            lookup.cancel()
        for lookup in done:
            self._store_lookup(workspace, email_by_lookup[lookup], lookup)

    def is_absent(self, workspace: WorkspaceId, email: str) -> bool:
        """Return whether Slack said not long ago that nobody has the address."""
        absent_since = self._absent_since.get((workspace, normalize_email(email)))
        if absent_since is None:
            return False
        return time.monotonic() < absent_since + VALID_SECONDS

    def _has_account(self, workspace: WorkspaceId, email: str) -> bool:
        """Return False only where Slack says that nobody has the address."""
        try:
            self._slack.call_method(workspace, "users.lookupByEmail", email=email)
        except SlackCallFailed as failure:
            return failure.code != "users_not_found"
        except MethodPaused:
            pass
        return True

    def _store_lookup(
        self, workspace: WorkspaceId, email: str, lookup: Future[bool]
    ) -> None:
        key = workspace, normalize_email(email)
        if lookup.exception() is None and not lookup.result():
            self._absent_since[key] = time.monotonic()
        else:
            self._absent_since.pop(key, None)


def addresses_to_look_up(body: Body) -> tuple[str, ...]:
    """Return the addresses that a payload is about to invite, each once."""
    addresses = dict.fromkeys(EMAIL_ADDRESS.findall(_invitation_text(body)))
    return tuple(addresses)[:MAX_RESOURCES_IN_OFFER]


def _invitation_text(body: Body) -> str:
    """Return the text of an invite command, or of the invite form's address field."""
    if "command" in body:
        text = str(body.get("text") or "")
        return text if INVITE_COMMAND.search(text) else ""
    if body.get("type") != "view_submission":
        return ""
    if read_field(body, "view", "callback_id") != "form":
        return ""
    if read_field(body, "view", "private_metadata") != INVITE.name:
        return ""
    field = email_field(Slot.PEOPLE)
    values = read_field(body, "view", "state", "values")
    return str(read_field(values, f"{field} {INVITE.name}", field, "value") or "")
