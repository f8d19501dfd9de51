"""What the courier does for each delivery: read the facts, close the transaction, then speak to Slack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from io import StringIO
from typing import Any, Protocol

from bot.cards import Message
from bot.cards.copies import COPIES, copy_message
from bot.cards.digests import TOGETHER
from bot.cards.home import home_view
from bot.cards.notices import Scene, Told, notice_message, own_digest_message, told
from bot.deferred import DEFERRED, REPLY, DeferredRequest
from bot.export import write_lines
from bot.identity import is_member, profile_from
from bot.listeners import ACTIONS
from bot.listeners.billing import INVOICE
from bot.listeners.record import EXPORT, question_from
from bot.slack import TOKEN_REFUSED, Resting, Slack, SlackTrouble, Sort
from bot.words import Words
from collab import access
from collab.case import Case
from collab.channels import CloseChannel
from collab.events import Event, PersonDigested, ResourceMoved
from collab.files import Files
from collab.home import FIRST, Home, ShowHome
from collab.invoices import Invoice, ShowInvoice
from collab.notices import (
    DIGEST,
    ENDS,
    HOME,
    MEMBERS,
    OWN_DIGEST,
    PROFILE,
    REFRESH,
    STARTS,
    Copy,
    Delivery,
    ThreadStart,
    about_of,
    person_of,
    thread_of,
)
from collab.people import Account, Caller, Person
from collab.record import MOST, EventList, event_line
from collab.refusals import CardNumber, Refused
from collab.resources import Resource
from collab.service import Collab
from collab.subjects import subject
from collab.telling import told_in

POST = "chat.postMessage"
# The method that a delivery is sent by; every message that is not here is posted.
METHODS = {
    PROFILE: "users.info",
    REFRESH: "chat.update",
    REPLY: "response_url",
    HOME: "views.publish",
    EXPORT: "files",
    INVOICE: "files",
    DEFERRED: "users.info",
}
# Why a channel gets nothing more, by what Slack answers: not every end of a channel is told to the app.
CLOSED = {"is_archived": "archived", "channel_is_archived": "archived", "channel_not_found": "deleted"}
# What Slack answers of a person it cannot or will not reach; of a deactivated account it names no better reason.
UNREACHABLE = frozenset({"channel_not_found", "user_not_found", "users_not_found", "user_not_visible"})
REMINDER = "invitation_reminder"
# The first words about an open question: once it is settled the refresh that follows would only erase them.
FIRST_WORDS = frozenset(
    {"invitation", REMINDER, "invitation_sent", "invitation_open", "request", "succession", "member_ends_soon"}
)
PLAIN = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}
# The message that a thread began with is there no more.
PARENT_GONE = frozenset({"cannot_reply_to_message", "thread_not_found", "message_not_found"})
MEMBERS_PAGE = 200  # as many as Slack recommends
MOST_TRIES = 8  # for the profile that a request waits for: more than half an hour
NOBODY_THERE = frozenset({"users_not_found", "user_not_found", "user_not_visible"})


class Copies(Protocol):
    """The messages about open questions that are kept up to date, and where in their Home people are."""

    def copies(self, workspace: str, about: str, target: str) -> list[Copy]:
        """The messages that a target was sent about something."""

    def forget_copy(self, copy: Copy) -> None:
        """A message is gone."""

    def thread(self, workspace: str, target: str, about: str) -> str | None:
        """The ts of the message under which a target hears what else happens about something."""

    def home_pages(self, workspace: str, person: str) -> list[int]:
        """The pages at which a person's Home is; none when it was never opened."""

    def post(self, workspace: str, target: str, message: str, payload: dict[str, Any]) -> None:
        """Put another errand into the outbox."""


class Errands:
    """Runs deliveries; each gives what is to be remembered of it, or nothing, or raises SlackTrouble or Resting."""

    def __init__(
        self,
        collab: Collab,
        copies: Copies,
        words: Words,
        slack: Slack,
        now: Callable[[], datetime],
        files: Files,
        deferred: Callable[[DeferredRequest], None],
    ) -> None:
        self._collab = collab
        self._copies = copies
        self._words = words
        self._slack = slack
        self._now = now
        self._files = files
        self._handle_deferred = deferred

    def run(self, delivery: Delivery) -> Sequence[Copy | ThreadStart]:
        """Do what the delivery asks for."""
        if delivery.is_damaged:
            raise ValueError("unreadable payload")
        errands = {PROFILE: self._profile, REFRESH: self._refresh, REPLY: self._reply, HOME: self._home}
        errands |= {EXPORT: self._export, INVOICE: self._invoice, OWN_DIGEST: self._own_digest}
        errands |= {DEFERRED: self._deferred, MEMBERS: self._members}
        try:
            errand = errands.get(delivery.message)
            if errand is None:
                return self._notice(delivery)
            errand(delivery)
        except SlackTrouble as trouble:
            if self._close_channel(delivery, trouble.code):
                return ()
            if trouble.code in UNREACHABLE and self._is_deactivated(delivery):
                raise SlackTrouble("user_deactivated") from trouble
            raise
        return ()

    def _is_deactivated(self, delivery: Delivery) -> bool:
        """Return whether a delivery is for a person whose account is deactivated."""
        whom = person_of(delivery.target)
        with self._case(delivery.workspace) as case:
            person = case.facts.person(whom) if whom else None
        return person is not None and not person.active

    def _notice(self, delivery: Delivery) -> Sequence[Copy | ThreadStart]:
        scene = self._scene(delivery)
        if _is_over(delivery, scene):
            return ()
        if delivery.message == REMINDER and scene.viewer and not scene.viewer.user:
            # That the invitation itself reached nobody was told already.
            return ()
        words = self._words_for(delivery.workspace, scene.viewer)
        message = notice_message(words, delivery.message, scene, delivery.payload)
        place = {"channel": _channel(delivery, scene.viewer)}
        thread = self._thread(delivery, scene)
        sent = self._post(delivery.workspace, place | _replying(thread, scene), message)
        copied = [_copy(delivery, sent)] if delivery.message in COPIES else []
        return [*copied, *_begun(thread, sent)]

    def _thread(self, delivery: Delivery, scene: Scene) -> ThreadStart | None:
        """The thread of a channel that a message belongs to; without a ts when it begins it."""
        event = scene.line.recorded.event if scene.line and not scene.viewer else None
        about = thread_of(event) if event else None
        if event is None or about is None:
            return None
        begins = isinstance(event, STARTS)
        ts = None if begins else self._copies.thread(delivery.workspace, delivery.target, about)
        return ThreadStart(delivery.workspace, delivery.target, about, ts or "")

    def _post(self, workspace: str, place: dict[str, Any], message: Message) -> dict[str, Any]:
        """Post a message; a reply to what is there no more stands for itself."""
        try:
            return self._slack.call(workspace, "chat.postMessage", **place, **message, **PLAIN)
        except SlackTrouble as trouble:
            if "thread_ts" not in place or trouble.code not in PARENT_GONE:
                raise
        return self._slack.call(workspace, "chat.postMessage", channel=place["channel"], **message, **PLAIN)

    def _own_digest(self, delivery: Delivery) -> None:
        """What was kept for somebody, each in the words of its own notice."""
        scene = self._scene(delivery)
        event = scene.line.recorded.event if scene.line else None
        kept = [self._kept(delivery, *each) for each in told_in(event)] if isinstance(event, PersonDigested) else []
        shown = [each for each in kept if each]
        if shown:
            message = own_digest_message(self._words_for(delivery.workspace, scene.viewer), shown)
            channel = _channel(delivery, scene.viewer)
            self._slack.call(delivery.workspace, "chat.postMessage", channel=channel, **message, **PLAIN)

    def _kept(self, delivery: Delivery, seq: int, message: str) -> Told | None:
        one = replace(delivery, seq=seq, message=message, about=self._about(delivery.workspace, seq))
        scene = self._scene(one)
        if scene.line is None or _is_over(one, scene):
            return None
        return told(
            scene.line.recorded.at, notice_message(self._words_for(delivery.workspace, scene.viewer), message, scene)
        )

    def _about(self, workspace: str, seq: int) -> str | None:
        with self._case(workspace) as case:
            recorded = case.facts.event(seq)
        return about_of(recorded.event) if recorded else None

    def _refresh(self, delivery: Delivery) -> None:
        copies = self._copies.copies(delivery.workspace, delivery.about or "", delivery.target)
        scene = self._scene(delivery) if copies else None
        if scene is None or scene.subject is None:
            return
        words, troubles = self._words_for(delivery.workspace, scene.viewer), []
        for copy in copies:
            message = copy_message(words, copy.message, scene.subject, scene.viewer, scene.at)
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
        person = self._whose(delivery)
        if person is None:
            return
        try:
            user = self._user(delivery.workspace, person)
        except SlackTrouble as trouble:
            if trouble.code in NOBODY_THERE:
                return
            raise
        self._keep_profile(delivery.workspace, user)

    def _keep_profile(self, workspace: str, user: dict[str, Any]) -> None:
        self._collab.perform(profile_from(Caller(workspace, None, "slack"), user), self._now())

    def _members(self, delivery: Delivery) -> None:
        """Keep the profiles of one page of the workspace's members, and have the next page read."""
        cursor = (delivery.payload or {}).get("cursor")
        asked = {"limit": MEMBERS_PAGE, "include_locale": True, **({"cursor": cursor} if cursor else {})}
        page = self._slack.call(delivery.workspace, "users.list", **asked)
        for user in page["members"]:
            if is_member(delivery.workspace, user):
                with suppress(CardNumber):
                    self._keep_profile(delivery.workspace, user)
        following = (page.get("response_metadata") or {}).get("next_cursor")
        if following:
            self._copies.post(delivery.workspace, delivery.target, MEMBERS, {"cursor": following})

    def _whose(self, delivery: Delivery) -> Person | None:
        """Whom a delivery is about."""
        with self._case(delivery.workspace) as case:
            return case.facts.person(delivery.target.partition(":")[2])

    def _user(self, workspace: str, person: Person) -> dict[str, Any]:
        account = person.user
        if account is None:
            account = self._slack.call(workspace, "users.lookupByEmail", email=person.email)["user"]["id"]
        return self._user_of(workspace, account)

    def _user_of(self, workspace: str, account: str) -> dict[str, Any]:
        user: dict[str, Any] = self._slack.call(workspace, "users.info", user=account, include_locale=True)["user"]
        return user

    def _reply(self, delivery: Delivery) -> None:
        """Answer a request at its response URL; its sender's direct message takes what can't be said there."""
        payload = delivery.payload or {}
        url, user, body = payload.get("url"), payload.get("user"), payload["body"]
        try:
            if url is not None:
                self._slack.respond(delivery.workspace, url, body)
                return
        except SlackTrouble as trouble:
            if trouble.sort is not Sort.GONE or not user:
                raise
        message = {"text": body["text"], "blocks": body["blocks"], **PLAIN}
        self._slack.call(delivery.workspace, "chat.postMessage", channel=user, **message)

    def _deferred(self, delivery: Delivery) -> None:
        """Read the profile that a request waits for, then handle the request, with or without that profile."""
        request = DeferredRequest.read(delivery.workspace, delivery.payload or {})
        account = request.by.account
        with self._case(delivery.workspace) as case:
            person = case.facts.person_by_account(account) if account else None
        if account and not (person and person.profiled):
            try:
                self._keep_profile(delivery.workspace, self._user_of(delivery.workspace, account.user))
            except SlackTrouble as trouble:
                if trouble.sort is Sort.TRANSIENT and delivery.attempts < MOST_TRIES:
                    raise
        self._handle_deferred(request)

    def _home(self, delivery: Delivery) -> None:
        """What somebody sees at home, made as things are now and published in one call."""
        now, person = self._now(), self._whose(delivery)
        if person and not person.profiled:  # somebody's very first Home is in their language too
            with suppress(SlackTrouble, Resting, Refused):
                self._profile(delivery)
            person = self._whose(delivery)
        if person is None or not person.team or not person.user:
            return
        first, second, third = self._copies.home_pages(delivery.workspace, person.id) or FIRST
        by = Caller(delivery.workspace, Account(person.team, person.user), HOME)
        try:
            found: Home = self._collab.ask(ShowHome(by, (first, second, third)), now)
        except Refused:  # the account was deactivated, or the app was taken out
            return
        view = home_view(self._words_for(delivery.workspace, person), found, now, ACTIONS)
        self._slack.call(delivery.workspace, "views.publish", user_id=person.user, view=view)

    def _export(self, delivery: Delivery) -> None:
        """A file with the events that somebody asked for, made as they may see them now."""
        payload = delivery.payload or {}
        by = Caller(delivery.workspace, Account(payload["team"], payload["user"]), "command")
        question = replace(question_from(by, payload["question"]), most=MOST)
        try:
            found: EventList = self._collab.ask(question, self._now())
        except Refused:  # what they asked about is theirs to see no more
            return
        content = StringIO(newline="")
        write_lines(found.lines, payload["form"], content)
        said = self._words_of(by).say("notices/export", "plain", list=found)
        name = f"events-{found.resource.slug if found.resource else 'all'}.{payload['form']}"
        self._slack.upload(
            delivery.workspace, payload["user"], name, name, content.getvalue().encode(), said.paragraphs[0]
        )

    def _invoice(self, delivery: Delivery) -> None:
        """The PDF of an invoice, to whoever asked for it and may still read it."""
        payload = delivery.payload or {}
        by = Caller(delivery.workspace, Account(payload["team"], payload["user"]), "button")
        try:
            found: Invoice = self._collab.ask(ShowInvoice(by, payload["invoice"]), self._now())
        except Refused:  # it is theirs to read no more
            return
        content = self._files.get(found.file)
        said = self._words_of(by).say("notices/invoice", "plain", invoice=found)
        name = f"{_plain(found.number)}.pdf"
        self._slack.upload(delivery.workspace, payload["user"], name, name, content, said.paragraphs[0])

    def _words_for(self, workspace: str, viewer: Person | None) -> Words:
        """The words in the language of who reads them; a channel has readers of all languages, so English."""
        words = self._words.of(viewer.locale if viewer else None)
        return words.without_commands() if viewer and viewer.team not in {None, workspace} else words

    def _words_of(self, by: Caller) -> Words:
        with self._case(by.workspace) as case:
            return self._words_for(by.workspace, case.facts.person_by_account(by.account) if by.account else None)

    def _close_channel(self, delivery: Delivery, code: str) -> bool:
        """End the links of a channel that is gone; return whether it is.

        Who linked it is told of that once, so that no delivery to it needs to be given up and complained of.
        """
        kind, _, channel = delivery.target.partition(":")
        if kind != "channel" or code not in CLOSED:
            return False
        by = Caller(delivery.workspace, None, "slack")
        self._collab.perform(CloseChannel(by, channel, CLOSED[code]), self._now())
        return True

    def _scene(self, delivery: Delivery) -> Scene:
        with self._case(delivery.workspace) as case:
            facts = case.facts
            kind, _, name = delivery.target.partition(":")
            viewer = facts.person(name) if kind == "person" else None
            recorded = facts.event(delivery.seq) if delivery.seq else None
            lost = getattr(recorded.event, "rotate", ()) if recorded else ()
            addressee = person_of(str((delivery.payload or {}).get("target") or ""))
            seqs = facts.digested(delivery.seq, TOGETHER) if delivery.message == DIGEST and delivery.seq else ()
            return Scene(
                case.at,
                viewer,
                subject(case, delivery.about) if delivery.about else None,
                event_line(facts, recorded) if recorded else None,
                tuple(found for place in lost if (found := facts.resource(place))),
                tuple(event_line(facts, told) for seq in seqs if (told := facts.event(seq))),
                _places(case, recorded.event, viewer, name) if recorded else {},
                facts.person(addressee) if addressee else None,
            )

    @contextmanager
    def _case(self, workspace: str) -> Iterator[Case]:
        with self._collab.look(workspace) as facts:
            yield self._collab.case(facts, self._now())


def _places(case: Case, event: Event, viewer: Person | None, channel: str) -> dict[str, Resource]:
    """The old and the new place of what was moved: those that a person may view, or that a channel is linked to."""
    if not isinstance(event, ResourceMoved):
        return {}
    named = {"before": event.before, "parent": event.parent}
    found = {name: r for name, place in named.items() if place and (r := case.facts.resource(place))}
    if viewer:
        return {name: r for name, r in found.items() if access.may(case, viewer.id, "view", r)}
    linked = {link.resource for link in case.facts.links_of_channel(channel)}
    return {n: r for n, r in found.items() if linked & {r.id, *(c.id for c in access.containers(case, r))}}


def _is_over(delivery: Delivery, scene: Scene) -> bool:
    """Whether these are the first words about a question that was answered meanwhile."""
    return delivery.message in FIRST_WORDS and (scene.subject is None or not scene.subject.waits)


def _plain(number: str) -> str:
    """An invoice's number as a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", number).strip("-.") or "invoice"


def _channel(delivery: Delivery, viewer: Person | None) -> str:
    """Where a notice is posted; Slack opens the direct message when it is given a person's account."""
    kind, _, name = delivery.target.partition(":")
    channel = name if kind == "channel" else viewer and viewer.user
    if not channel:
        raise SlackTrouble("no_account")
    return channel


def _replying(thread: ThreadStart | None, scene: Scene) -> dict[str, Any]:
    if thread is None or not thread.ts:
        return {}
    ends = scene.line is not None and isinstance(scene.line.recorded.event, ENDS)
    return {"thread_ts": thread.ts, "reply_broadcast": ends}


def _begun(thread: ThreadStart | None, sent: dict[str, Any]) -> list[ThreadStart]:
    """The thread that a message began: as the first of it, or in place of one that is there no more."""
    replied = (sent.get("message") or {}).get("thread_ts")
    return [replace(thread, ts=str(sent["ts"]))] if thread and not replied else []


def _copy(delivery: Delivery, sent: dict[str, Any]) -> Copy:
    return Copy(
        delivery.workspace,
        delivery.about or "",
        delivery.target,
        delivery.message,
        str(sent["channel"]),
        str(sent["ts"]),
    )
