"""Look up whether somebody in a workspace has the addresses that a request names."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

from bot.slack.button_values import BlockId
from bot.slack.client import SlackClient
from bot.slack.commands.catalog import VERB_BY_NAME, find_verb
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import Verb
from bot.slack.errors import MethodPaused, SlackCallFailed
from bot.slack.payloads import Body, read_field, read_object, read_text
from collab.deadline import RESERVE_SECONDS, limit_to_deadline
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.model import WorkspaceId
from collab.people import normalize_email

LOOKUP_SECONDS = 1.0  # Slack waits three seconds for an answer
VALID_SECONDS = 60.0
MAX_CACHED = 1_000  # addresses
MAX_THREADS = 4
EMAIL_ADDRESS = re.compile(r"[^\s<>|:,;\"“”]+@[^\s<>|:,;\"“”]+\.[^\s<>|:,;\"“”]+")
CONFIRMED_FORM = "invite_outsiders"


class AddressLookup:
    """Look addresses up and cache Slack's answers, for all threads of a process.

    Call `fetch_accounts` outside any transaction.
    """

    def __init__(self, slack: SlackClient) -> None:
        self._slack = slack
        self._executor = ThreadPoolExecutor(MAX_THREADS, "addresses")
        # Whether somebody has the address, and when Slack said so.
        self._answers: dict[tuple[str, str], tuple[bool, float]] = {}

    def fetch_accounts(self, workspace: WorkspaceId, emails: tuple[str, ...]) -> None:
        """Look addresses up for `has_account`."""
        if len(self._answers) >= MAX_CACHED:
            self._answers.clear()
        email_by_lookup = {
            self._executor.submit(self._look_up, workspace, email): email
            for email in emails
        }
        wait_seconds = limit_to_deadline(LOOKUP_SECONDS, reserve=RESERVE_SECONDS)
        done, late = wait(email_by_lookup, wait_seconds)
        for lookup in late:
            lookup.cancel()
        for lookup in done:
            self._store_answer(workspace, email_by_lookup[lookup], lookup)

    def has_account(self, workspace: WorkspaceId, email: str) -> bool | None:
        """Return what Slack said not long ago; None if it said nothing in time."""
        answer = self._answers.get((workspace, normalize_email(email)))
        if answer is None:
            return None
        has_account, answered_at = answer
        is_valid = time.monotonic() < answered_at + VALID_SECONDS
        return has_account if is_valid else None

    def _look_up(self, workspace: WorkspaceId, email: str) -> bool | None:
        try:
            self._slack.call_method(workspace, "users.lookupByEmail", email=email)
        except SlackCallFailed as failure:
            return False if failure.code == "users_not_found" else None
        except MethodPaused:
            return None
        return True

    def _store_answer(
        self, workspace: WorkspaceId, email: str, lookup: Future[bool | None]
    ) -> None:
        key = workspace, normalize_email(email)
        has_account = None if lookup.exception() else lookup.result()
        if has_account is None:
            self._answers.pop(key, None)
        else:
            self._answers[key] = has_account, time.monotonic()


def addresses_to_look_up(body: Body) -> tuple[str, ...]:
    """Return the addresses of people that a command or a form names, each once."""
    addresses = dict.fromkeys(
        address for text in _list_texts(body) for address in EMAIL_ADDRESS.findall(text)
    )
    return tuple(addresses)[:MAX_RESOURCES_IN_OFFER]


def _list_texts(body: Body) -> Iterator[str]:
    """Yield the text of a command, or what was typed into a form, of a verb that takes
    people.
    """
    if "command" in body:
        text = str(body.get("text") or "")
        if any(_takes_people(find_verb(word)) for word in text.split()):
            yield text
        return
    if body.get("type") != "view_submission":
        return
    metadata = str(read_field(body, "view", "private_metadata") or "")
    callback_id = read_field(body, "view", "callback_id")
    if callback_id == CONFIRMED_FORM:
        yield metadata
    verb = VERB_BY_NAME.get(BlockId.decode(metadata).name)
    if callback_id == "form" and _takes_people(verb):
        for block in read_object(read_field(body, "view", "state", "values")).values():
            for element in read_object(block).values():
                yield read_text(read_object(element).get("value")) or ""


def _takes_people(verb: Verb | None) -> bool:
    return verb is not None and not {Slot.PERSON, Slot.PEOPLE}.isdisjoint(verb.slots)
