"""What the courier does for each delivery: read the facts, close the transaction, then speak to Slack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.cards import Message
from bot.cards.invitations import COPIES, copy_message
from bot.cards.notices import notice_message
from bot.listeners.people import profile_from
from bot.slack import TOKEN_REFUSED, Slack, SlackTrouble, Sort
from bot.words import Words
from collab.case import Case
from collab.invitations import PENDING
from collab.lists import EventLine, OpenInvitation, event_line, open_invitation
from collab.notices import PROFILE, REFRESH, Copy, Delivery
from collab.people import Caller, Person
from collab.service import Collab

REPLY = "reply"
REMINDER = "invitation_reminder"
# The first words about an invitation: once it is settled the refresh that follows would only erase them.
FIRST_WORDS = frozenset({"invitation", REMINDER, "invitation_sent", "invitation_open"})
PLAIN = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}
NOBODY_THERE = frozenset({"users_not_found", "user_not_found", "user_not_visible"})


class Copies(Protocol):
    """The messages about invitations that are kept up to date."""

    def copies(self, workspace: str, invitation: str, target: str) -> list[Copy]:
        """The messages about an invitation that a target was sent."""

    def forget_copy(self, copy: Copy) -> None:
        """A message is gone."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the words of a delivery are about, read at one moment."""

    at: datetime
    viewer: Person | None
    card: OpenInvitation | None
    line: EventLine | None


class Errands:
    """Runs deliveries; each gives the copy to remember, or nothing, or raises SlackTrouble or Resting."""

    def __init__(self, collab: Collab, copies: Copies, words: Words, slack: Slack, now: Callable[[], datetime]) -> None:
        self._collab = collab
        self._copies = copies
        self._words = words
        self._slack = slack
        self._now = now

    def run(self, delivery: Delivery) -> Copy | None:
        """Do what the delivery asks for."""
        errands = {PROFILE: self._profile, REFRESH: self._refresh, REPLY: self._reply}
        return errands.get(delivery.message, self._notice)(delivery)

    def _notice(self, delivery: Delivery) -> Copy | None:
        scene = self._scene(delivery)
        if delivery.message in FIRST_WORDS and (scene.card is None or scene.card.invitation.state != PENDING):
            return None
        if delivery.message == REMINDER and scene.viewer and not scene.viewer.user:
            # That the invitation itself reached nobody was told already.
            return None
        message = notice_message(self._words, delivery.message, scene.line, scene.card, scene.viewer, delivery.payload)
        channel = _channel(delivery, scene.viewer)
        sent = self._slack.call(delivery.workspace, "chat.postMessage", channel=channel, **message, **PLAIN)
        return _copy(delivery, sent) if delivery.message in COPIES else None

    def _refresh(self, delivery: Delivery) -> None:
        invitation = delivery.invitation or ""
        copies = self._copies.copies(delivery.workspace, invitation, delivery.target)
        scene = self._scene(delivery)
        if scene.card is None:
            return
        troubles = []
        for copy in copies:
            message = copy_message(self._words, copy.message, scene.card, scene.viewer, scene.at)
            try:
                self._update(copy, message)
            except SlackTrouble as trouble:
                troubles.append(trouble)
        if troubles:
            raise troubles[0]

    def _update(self, copy: Copy, message: Message) -> None:
        """Bring one message up to date; one that is gone for good is forgotten."""
        try:
            if copy.response_url:
                self._slack.respond(copy.workspace, copy.response_url, {"replace_original": True, **message})
            else:
                place = {"channel": copy.channel, "ts": copy.ts, "parse": "none"}
                self._slack.call(copy.workspace, "chat.update", **place, **message)
        except SlackTrouble as trouble:
            if trouble.sort is not Sort.GONE or trouble.code in TOKEN_REFUSED:
                raise
            self._copies.forget_copy(copy)

    def _profile(self, delivery: Delivery) -> None:
        with self._case(delivery.workspace) as case:
            person = case.facts.person(delivery.target.partition(":")[2])
        if person is None:
            return
        try:
            user = self._user(delivery.workspace, person)
        except SlackTrouble as trouble:
            if trouble.code in NOBODY_THERE:
                return
            raise
        by = Caller(delivery.workspace, None, "slack")
        self._collab.perform(profile_from(by, user), self._now())

    def _user(self, workspace: str, person: Person) -> dict[str, Any]:
        account = person.user
        if account is None:
            account = self._slack.call(workspace, "users.lookupByEmail", email=person.email)["user"]["id"]
        user: dict[str, Any] = self._slack.call(workspace, "users.info", user=account, include_locale=True)["user"]
        return user

    def _reply(self, delivery: Delivery) -> None:
        payload = delivery.payload or {}
        self._slack.respond(delivery.workspace, payload["url"], payload["body"])

    def _scene(self, delivery: Delivery) -> Scene:
        with self._case(delivery.workspace) as case:
            facts = case.facts
            kind, _, name = delivery.target.partition(":")
            viewer = facts.person(name) if kind == "person" else None
            found = facts.invitation(delivery.invitation) if delivery.invitation else None
            recorded = facts.event(delivery.seq) if delivery.seq else None
            return Scene(
                case.at,
                viewer,
                open_invitation(facts, found, case) if found else None,
                event_line(facts, recorded) if recorded else None,
            )

    @contextmanager
    def _case(self, workspace: str) -> Iterator[Case]:
        with self._collab.look(workspace) as facts:
            yield self._collab.case(facts, self._now())


def _channel(delivery: Delivery, viewer: Person | None) -> str:
    """Where a notice is posted; Slack opens the direct message when it is given a person's account."""
    kind, _, name = delivery.target.partition(":")
    channel = name if kind == "channel" else viewer and viewer.user
    if not channel:
        raise SlackTrouble("no_account")
    return channel


def _copy(delivery: Delivery, sent: dict[str, Any]) -> Copy:
    return Copy(
        delivery.workspace,
        delivery.invitation or "",
        delivery.target,
        delivery.message,
        str(sent["channel"]),
        str(sent["ts"]),
    )
