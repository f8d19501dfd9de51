"""What the courier does for each delivery: read the facts, close the transaction, then speak to Slack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from io import StringIO
from typing import Any, Protocol

from bot.audit_export import write_lines
from bot.rendering import Renderer
from bot.slack.client import SlackClient
from bot.slack.deferred_requests import DEFERRED, REPLY, DeferredRequest
from bot.slack.errors import (
    REFUSED_TOKEN_CODES,
    FailureKind,
    MethodPaused,
    SlackCallFailed,
)
from bot.slack.handlers.audit_log import EXPORT_MESSAGE, decode_event_query
from bot.slack.handlers.billing import INVOICE_MESSAGE
from bot.slack.identity import build_profile_command, is_member
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views import Message
from bot.slack.views.digests import MAX_EVENT_LINES
from bot.slack.views.home import home_view
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS, live_message
from bot.slack.views.notifications import (
    DigestItem,
    NotificationContext,
    build_digest_item,
    notification_message,
    personal_digest_message,
)
from collab import authorization
from collab.audit_log import MAX_EVENTS, EventList, build_event_line
from collab.billing.invoices import ShowInvoice
from collab.bus import Bus
from collab.channels import CloseChannel
from collab.context import Context
from collab.errors import CardNumber, Rejected
from collab.events import Event, PersonDigested, ResourceMoved
from collab.file_store import FileStore
from collab.home import FIRST_PAGES, HomeView, ShowHome
from collab.model import (
    Account,
    Caller,
    Delivery,
    Invoice,
    LiveMessage,
    Person,
    Resource,
)
from collab.notifications.personal import list_digest_entries
from collab.notifications.routing import (
    BROADCAST_REPLY_EVENTS,
    CHANNEL_DIGEST,
    HOME,
    MEMBERS,
    PERSONAL_DIGEST,
    PROFILE,
    REFRESH,
    THREAD_STARTING_EVENTS,
    ThreadStart,
    get_subject_id,
    get_thread_key,
    parse_person_id,
)
from collab.open_items import get_open_item

POST_METHOD = "chat.postMessage"
# The method that a delivery is sent by; every message that is not here is posted.
METHOD_BY_MESSAGE = {
    PROFILE: "users.info",
    REFRESH: "chat.update",
    REPLY: "response_url",
    HOME: "views.publish",
    EXPORT_MESSAGE: "files",
    INVOICE_MESSAGE: "files",
    DEFERRED: "users.info",
}
# Why a channel gets nothing more, by what Slack answers: not every end of a channel is told to the app.
CLOSED_CHANNEL_REASONS = {
    "is_archived": "archived",
    "channel_is_archived": "archived",
    "channel_not_found": "deleted",
}
# What Slack answers of a person it cannot or will not reach; of a deactivated account it names no better reason.
UNREACHABLE_CODES = frozenset(
    {"channel_not_found", "user_not_found", "users_not_found", "user_not_visible"}
)
REMINDER_MESSAGE = "invitation_reminder"
# The first words about an open question: once it is settled the refresh that follows would only erase them.
FIRST_MESSAGES = frozenset(
    {
        "invitation",
        REMINDER_MESSAGE,
        "invitation_sent",
        "invitation_open",
        "request",
        "succession",
        "member_ends_soon",
    }
)
PLAIN_MESSAGE_OPTIONS = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}
# The message that a thread began with is there no more.
PARENT_DELETED_CODES = frozenset(
    {"cannot_reply_to_message", "thread_not_found", "message_not_found"}
)
MEMBERS_PAGE_SIZE = 200  # as many as Slack recommends
MAX_PROFILE_ATTEMPTS = (
    8  # for the profile that a request waits for: more than half an hour
)
UNKNOWN_USER_CODES = frozenset(
    {"users_not_found", "user_not_found", "user_not_visible"}
)


class LiveMessages(Protocol):
    """The messages about open questions that are kept up to date, and where in their Home people are."""

    def list_copies(self, workspace: str, about: str, target: str) -> list[LiveMessage]:
        """The messages that a target was sent about something."""

    def delete_copy(self, copy: LiveMessage) -> None:
        """A message is gone."""

    def find_thread_ts(self, workspace: str, target: str, about: str) -> str | None:
        """The ts of the message under which a target hears what else happens about something."""

    def get_home_pages(self, workspace: str, person: str) -> list[int]:
        """The pages at which a person's Home is; none when it was never opened."""

    def enqueue_message(
        self, workspace: str, target: str, message: str, payload: dict[str, Any]
    ) -> None:
        """Put another errand into the outbox."""


class SlackDeliveries:
    """Runs deliveries; each gives what is to be remembered of it, or nothing, or raises SlackTrouble or Resting."""

    def __init__(
        self,
        collab: Bus,
        copies: LiveMessages,
        renderer: Renderer,
        slack: SlackClient,
        now: Callable[[], datetime],
        files: FileStore,
        deferred: Callable[[DeferredRequest], None],
    ) -> None:
        self._bus = collab
        self._live_messages = copies
        self._renderer = renderer
        self._slack = slack
        self._now = now
        self._files = files
        self._handle_deferred = deferred

    def run(self, delivery: Delivery) -> Sequence[LiveMessage | ThreadStart]:
        """Do what the delivery asks for."""
        if delivery.is_damaged:
            raise ValueError("unreadable payload")
        deliveries = {
            PROFILE: self._sync_profile,
            REFRESH: self._refresh_messages,
            REPLY: self._send_reply,
            HOME: self._publish_home,
        }
        deliveries |= {
            EXPORT_MESSAGE: self._send_export,
            INVOICE_MESSAGE: self._send_invoice,
            PERSONAL_DIGEST: self._send_personal_digest,
        }
        deliveries |= {DEFERRED: self._run_deferred, MEMBERS: self._sync_members}
        try:
            errand = deliveries.get(delivery.message)
            if errand is None:
                return self._send_notification(delivery)
            errand(delivery)
        except SlackCallFailed as trouble:
            if self._unlink_closed_channel(delivery, trouble.code):
                return ()
            if trouble.code in UNREACHABLE_CODES and self._is_deactivated(delivery):
                raise SlackCallFailed("user_deactivated") from trouble
            raise
        return ()

    def _is_deactivated(self, delivery: Delivery) -> bool:
        """Return whether a delivery is for a person whose account is deactivated."""
        whom = parse_person_id(delivery.target)
        with self._read_context(delivery.workspace) as context:
            person = context.people.get_person(whom) if whom else None
        return person is not None and not person.active

    def _send_notification(
        self, delivery: Delivery
    ) -> Sequence[LiveMessage | ThreadStart]:
        scene = self._read_scene(delivery)
        if _is_already_answered(delivery, scene):
            return ()
        if (
            delivery.message == REMINDER_MESSAGE
            and scene.viewer
            and not scene.viewer.user
        ):
            # That the invitation itself reached nobody was told already.
            return ()
        renderer = self._renderer_for(delivery.workspace, scene.viewer)
        message = notification_message(
            renderer, delivery.message, scene, delivery.payload
        )
        place = {"channel": _target_channel(delivery, scene.viewer)}
        thread = self._find_thread(delivery, scene)
        submission = self._post_message(
            delivery.workspace, place | _thread_options(thread, scene), message
        )
        copied = (
            [_copy_of_message(delivery, submission)]
            if delivery.message in LIVE_MESSAGE_CONTROLS
            else []
        )
        return [*copied, *_started_thread(thread, submission)]

    def _find_thread(
        self, delivery: Delivery, scene: NotificationContext
    ) -> ThreadStart | None:
        """The thread of a channel that a message belongs to; without a ts when it begins it."""
        event = scene.line.recorded.event if scene.line and not scene.viewer else None
        about = get_thread_key(event) if event else None
        if event is None or about is None:
            return None
        begins = isinstance(event, THREAD_STARTING_EVENTS)
        ts = (
            None
            if begins
            else self._live_messages.find_thread_ts(
                delivery.workspace, delivery.target, about
            )
        )
        return ThreadStart(delivery.workspace, delivery.target, about, ts or "")

    def _post_message(
        self, workspace: str, place: dict[str, Any], message: Message
    ) -> dict[str, Any]:
        """Post a message; a reply to what is there no more stands for itself."""
        try:
            return self._slack.call_method(
                workspace,
                "chat.postMessage",
                **place,
                **message,
                **PLAIN_MESSAGE_OPTIONS,
            )
        except SlackCallFailed as trouble:
            if "thread_ts" not in place or trouble.code not in PARENT_DELETED_CODES:
                raise
        return self._slack.call_method(
            workspace,
            "chat.postMessage",
            channel=place["channel"],
            **message,
            **PLAIN_MESSAGE_OPTIONS,
        )

    def _send_personal_digest(self, delivery: Delivery) -> None:
        """What was kept for somebody, each in the words of its own notice."""
        scene = self._read_scene(delivery)
        event = scene.line.recorded.event if scene.line else None
        kept = (
            [self._digest_entry(delivery, *each) for each in list_digest_entries(event)]
            if isinstance(event, PersonDigested)
            else []
        )
        shown = [each for each in kept if each]
        if shown:
            message = personal_digest_message(
                self._renderer_for(delivery.workspace, scene.viewer), shown
            )
            channel = _target_channel(delivery, scene.viewer)
            self._slack.call_method(
                delivery.workspace,
                "chat.postMessage",
                channel=channel,
                **message,
                **PLAIN_MESSAGE_OPTIONS,
            )

    def _digest_entry(
        self, delivery: Delivery, seq: int, message: str
    ) -> DigestItem | None:
        one = replace(
            delivery,
            seq=seq,
            message=message,
            about=self._read_subject(delivery.workspace, seq),
        )
        scene = self._read_scene(one)
        if scene.line is None or _is_already_answered(one, scene):
            return None
        return build_digest_item(
            scene.line.recorded.at,
            notification_message(
                self._renderer_for(delivery.workspace, scene.viewer), message, scene
            ),
        )

    def _read_subject(self, workspace: str, seq: int) -> str | None:
        with self._read_context(workspace) as context:
            recorded = context.events.get_event(seq)
        return get_subject_id(recorded.event) if recorded else None

    def _refresh_messages(self, delivery: Delivery) -> None:
        copies = self._live_messages.list_copies(
            delivery.workspace, delivery.about or "", delivery.target
        )
        scene = self._read_scene(delivery) if copies else None
        if scene is None or scene.subject is None:
            return
        renderer, troubles = self._renderer_for(delivery.workspace, scene.viewer), []
        for copy in copies:
            message = live_message(
                renderer, copy.message, scene.subject, scene.viewer, scene.at
            )
            try:
                self._update_message(copy, message)
            except SlackCallFailed as trouble:
                troubles.append(trouble)
        if troubles:
            raise troubles[0]

    def _update_message(self, copy: LiveMessage, message: Message) -> None:
        """Bring one message up to date; one that is gone for good is forgotten."""
        try:
            if copy.response_url:
                self._slack.post_response(
                    copy.workspace,
                    copy.response_url,
                    {"replace_original": True, **message},
                )
            else:
                place = {"channel": copy.channel, "ts": copy.ts, "parse": "none"}
                self._slack.call_method(
                    copy.workspace, "chat.update", **place, **message
                )
        except SlackCallFailed as trouble:
            if (
                trouble.kind is not FailureKind.RECIPIENT_GONE
                or trouble.code in REFUSED_TOKEN_CODES
            ):
                raise
            self._live_messages.delete_copy(copy)

    def _sync_profile(self, delivery: Delivery) -> None:
        person = self._person_of_delivery(delivery)
        if person is None:
            return
        try:
            user = self._open_user(delivery.workspace, person)
        except SlackCallFailed as trouble:
            if trouble.code in UNKNOWN_USER_CODES:
                return
            raise
        self._save_profile(delivery.workspace, user)

    def _save_profile(self, workspace: str, user: dict[str, Any]) -> None:
        self._bus.execute(
            build_profile_command(Caller(workspace, None, "slack"), user), self._now()
        )

    def _sync_members(self, delivery: Delivery) -> None:
        """Keep the profiles of one page of the workspace's members, and have the next page read."""
        cursor = (delivery.payload or {}).get("cursor")
        asked = {
            "limit": MEMBERS_PAGE_SIZE,
            "include_locale": True,
            **({"cursor": cursor} if cursor else {}),
        }
        page = self._slack.call_method(delivery.workspace, "users.list", **asked)
        for user in page["members"]:
            if is_member(delivery.workspace, user):
                with suppress(CardNumber):
                    self._save_profile(delivery.workspace, user)
        following = (page.get("response_metadata") or {}).get("next_cursor")
        if following:
            self._live_messages.enqueue_message(
                delivery.workspace, delivery.target, MEMBERS, {"cursor": following}
            )

    def _person_of_delivery(self, delivery: Delivery) -> Person | None:
        """Whom a delivery is about."""
        with self._read_context(delivery.workspace) as context:
            return context.people.get_person(delivery.target.partition(":")[2])

    def _open_user(self, workspace: str, person: Person) -> dict[str, Any]:
        account = person.user
        if account is None:
            account = self._slack.call_method(
                workspace, "users.lookupByEmail", email=person.email
            )["user"]["id"]
        return self._fetch_user(workspace, account)

    def _fetch_user(self, workspace: str, account: str) -> dict[str, Any]:
        user: dict[str, Any] = self._slack.call_method(
            workspace, "users.info", user=account, include_locale=True
        )["user"]
        return user

    def _send_reply(self, delivery: Delivery) -> None:
        """Answer a request at its response URL; its sender's direct message takes what can't be said there."""
        payload = delivery.payload or {}
        url, user, body = payload.get("url"), payload.get("user"), payload["body"]
        try:
            if url is not None:
                self._slack.post_response(delivery.workspace, url, body)
                return
        except SlackCallFailed as trouble:
            if trouble.kind is not FailureKind.RECIPIENT_GONE or not user:
                raise
        message = {
            "text": body["text"],
            "blocks": body["blocks"],
            **PLAIN_MESSAGE_OPTIONS,
        }
        self._slack.call_method(
            delivery.workspace, "chat.postMessage", channel=user, **message
        )

    def _run_deferred(self, delivery: Delivery) -> None:
        """Read the profile that a request waits for, then handle the request, with or without that profile."""
        request = DeferredRequest.from_payload(
            delivery.workspace, delivery.payload or {}
        )
        account = request.by.account
        with self._read_context(delivery.workspace) as context:
            person = context.people.find_person_by_account(account) if account else None
        if account and not (person and person.profiled):
            try:
                self._save_profile(
                    delivery.workspace,
                    self._fetch_user(delivery.workspace, account.user),
                )
            except SlackCallFailed as trouble:
                if (
                    trouble.kind is FailureKind.TRANSIENT
                    and delivery.attempts < MAX_PROFILE_ATTEMPTS
                ):
                    raise
        self._handle_deferred(request)

    def _publish_home(self, delivery: Delivery) -> None:
        """What somebody sees at home, made as things are now and published in one call."""
        now, person = self._now(), self._person_of_delivery(delivery)
        if (
            person and not person.profiled
        ):  # somebody's very first Home is in their language too
            with suppress(SlackCallFailed, MethodPaused, Rejected):
                self._sync_profile(delivery)
            person = self._person_of_delivery(delivery)
        if person is None or not person.team or not person.user:
            return
        first, second, third = (
            self._live_messages.get_home_pages(delivery.workspace, person.id)
            or FIRST_PAGES
        )
        by = Caller(delivery.workspace, Account(person.team, person.user), HOME)
        try:
            found: HomeView = self._bus.query(ShowHome(by, (first, second, third)), now)
        except Rejected:  # the account was deactivated, or the app was taken out
            return
        view = home_view(
            self._renderer_for(delivery.workspace, person), found, now, ACTION_HANDLERS
        )
        self._slack.call_method(
            delivery.workspace, "views.publish", user_id=person.user, view=view
        )

    def _send_export(self, delivery: Delivery) -> None:
        """A file with the events that somebody asked for, made as they may see them now."""
        payload = delivery.payload or {}
        by = Caller(
            delivery.workspace, Account(payload["team"], payload["user"]), "command"
        )
        question = replace(
            decode_event_query(by, payload["question"]), limit=MAX_EVENTS
        )
        try:
            found: EventList = self._bus.query(question, self._now())
        except Rejected:  # what they asked about is theirs to see no more
            return
        content = StringIO(newline="")
        write_lines(found.lines, payload["form"], content)
        said = self._renderer_for_caller(by).render(
            "notices/export", "plain", list=found
        )
        name = f"events-{found.resource.slug if found.resource else 'all'}.{payload['form']}"
        self._slack.upload_file(
            delivery.workspace,
            payload["user"],
            name,
            name,
            content.getvalue().encode(),
            said.paragraphs[0],
        )

    def _send_invoice(self, delivery: Delivery) -> None:
        """The PDF of an invoice, to whoever asked for it and may still read it."""
        payload = delivery.payload or {}
        by = Caller(
            delivery.workspace, Account(payload["team"], payload["user"]), "button"
        )
        try:
            found: Invoice = self._bus.query(
                ShowInvoice(by, payload["invoice"]), self._now()
            )
        except Rejected:  # it is theirs to read no more
            return
        content = self._files.load(found.file)
        said = self._renderer_for_caller(by).render(
            "notices/invoice", "plain", invoice=found
        )
        name = f"{_as_file_name(found.number)}.pdf"
        self._slack.upload_file(
            delivery.workspace, payload["user"], name, name, content, said.paragraphs[0]
        )

    def _renderer_for(self, workspace: str, viewer: Person | None) -> Renderer:
        """The words in the language of who reads them; a channel has readers of all languages, so English."""
        renderer = self._renderer.for_locale(viewer.locale if viewer else None)
        return (
            renderer.without_commands()
            if viewer and viewer.team not in {None, workspace}
            else renderer
        )

    def _renderer_for_caller(self, by: Caller) -> Renderer:
        with self._read_context(by.workspace) as context:
            return self._renderer_for(
                by.workspace,
                context.people.find_person_by_account(by.account)
                if by.account
                else None,
            )

    def _unlink_closed_channel(self, delivery: Delivery, code: str) -> bool:
        """End the links of a channel that is gone; return whether it is.

        Who linked it is told of that once, so that no delivery to it needs to be given up and complained of.
        """
        kind, _, channel = delivery.target.partition(":")
        if kind != "channel" or code not in CLOSED_CHANNEL_REASONS:
            return False
        by = Caller(delivery.workspace, None, "slack")
        self._bus.execute(
            CloseChannel(by, channel, CLOSED_CHANNEL_REASONS[code]), self._now()
        )
        return True

    def _read_scene(self, delivery: Delivery) -> NotificationContext:
        with self._read_context(delivery.workspace) as context:
            repositories = context.repositories
            kind, _, name = delivery.target.partition(":")
            viewer = repositories.people.get_person(name) if kind == "person" else None
            recorded = (
                repositories.events.get_event(delivery.seq) if delivery.seq else None
            )
            lost = getattr(recorded.event, "rotate", ()) if recorded else ()
            addressee = parse_person_id(
                str((delivery.payload or {}).get("target") or "")
            )
            seqs = (
                repositories.digests.list_channel_digest_event_seqs(
                    delivery.seq, MAX_EVENT_LINES
                )
                if delivery.message == CHANNEL_DIGEST and delivery.seq
                else ()
            )
            return NotificationContext(
                context.at,
                viewer,
                get_open_item(context, delivery.about) if delivery.about else None,
                build_event_line(repositories, recorded) if recorded else None,
                tuple(
                    found
                    for place in lost
                    if (found := repositories.resources.get_resource(place))
                ),
                tuple(
                    build_event_line(repositories, told)
                    for seq in seqs
                    if (told := repositories.events.get_event(seq))
                ),
                _visible_locations(context, recorded.event, viewer, name)
                if recorded
                else {},
                repositories.people.get_person(addressee) if addressee else None,
            )

    @contextmanager
    def _read_context(self, workspace: str) -> Iterator[Context]:
        with self._bus.read(workspace) as repositories:
            yield self._bus.context(repositories, self._now())


def _visible_locations(
    context: Context, event: Event, viewer: Person | None, channel: str
) -> dict[str, Resource]:
    """The old and the new place of what was moved: those that a person may view, or that a channel is linked to."""
    if not isinstance(event, ResourceMoved):
        return {}
    named = {"before": event.before, "parent": event.parent}
    found = {
        name: r
        for name, place in named.items()
        if place and (r := context.resources.get_resource(place))
    }
    if viewer:
        return {
            name: r
            for name, r in found.items()
            if authorization.check(context, viewer.id, "view", r)
        }
    linked = {link.resource for link in context.channels.list_links_of_channel(channel)}
    return {
        n: r
        for n, r in found.items()
        if linked
        & {r.id, *(c.id for c in authorization.iterate_containers(context, r))}
    }


def _is_already_answered(delivery: Delivery, scene: NotificationContext) -> bool:
    """Whether these are the first words about a question that was answered meanwhile."""
    return delivery.message in FIRST_MESSAGES and (
        scene.subject is None or not scene.subject.waits
    )


def _as_file_name(number: str) -> str:
    """An invoice's number as a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", number).strip("-.") or "invoice"


def _target_channel(delivery: Delivery, viewer: Person | None) -> str:
    """Where a notice is posted; Slack opens the direct message when it is given a person's account."""
    kind, _, name = delivery.target.partition(":")
    channel = name if kind == "channel" else viewer and viewer.user
    if not channel:
        raise SlackCallFailed("no_account")
    return channel


def _thread_options(
    thread: ThreadStart | None, scene: NotificationContext
) -> dict[str, Any]:
    if thread is None or not thread.ts:
        return {}
    ends = scene.line is not None and isinstance(
        scene.line.recorded.event, BROADCAST_REPLY_EVENTS
    )
    return {"thread_ts": thread.ts, "reply_broadcast": ends}


def _started_thread(
    thread: ThreadStart | None, submission: dict[str, Any]
) -> list[ThreadStart]:
    """The thread that a message began: as the first of it, or in place of one that is there no more."""
    replied = (submission.get("message") or {}).get("thread_ts")
    return [replace(thread, ts=str(submission["ts"]))] if thread and not replied else []


def _copy_of_message(delivery: Delivery, submission: dict[str, Any]) -> LiveMessage:
    return LiveMessage(
        delivery.workspace,
        delivery.about or "",
        delivery.target,
        delivery.message,
        str(submission["channel"]),
        str(submission["ts"]),
    )
