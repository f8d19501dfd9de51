"""The doors: a payload is read, its listener asked, and the answer put where Slack looks for it.

One road for whatever goes wrong: refusals and misread lines become words, anything else a word with an id that the log
has too. The log gets the kind of the mistake and where it arose, never a body, a name or a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial, wraps
from typing import Any, TypeVar

from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient

from bot import grammar
from bot.addresses import addresses_to_look_up
from bot.cards import Choices, Message, View, blocks
from bot.cards.forms import answer_view
from bot.channels import channel_to_look_up
from bot.deferred import DeferredRequest
from bot.identity import MalformedId, is_id, read_caller, read_event_caller, read_id, read_trigger
from bot.listeners import ACTIONS, EVENTS, SEARCHES, SHORTCUTS, VIEWS, again, home, typed
from bot.listeners.road import Click, Command, Desk, Search, Submission, WrongField, two
from bot.misread import Misread
from bot.rush import Rush
from bot.slack import Resting, SlackTrouble, Sort, call, codes
from bot.trouble import log_defect
from bot.words import Said
from collab.card_numbers import holds_card_number
from collab.deadline import request_deadline
from collab.people import Caller
from collab.refusals import CardNumber, ProfileUnread, Refused, TooLong
from collab.service import Unavailable
from collab.text import clean, clean_all

log = logging.getLogger("collab.slack")

CHANGED = codes("not_found hash_conflict")  # the window was closed, or changed meanwhile
TOO_LATE = codes("expired_trigger_id trigger_expired exchanged_trigger_id trigger_exchanged")

COMMAND_LIMIT, FIELD_LIMIT = 4_000, 3_000  # characters of one text: more is answered before anything reads it
Body = Mapping[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Wrong:
    """It did not happen: the words for the person, and whether trying the same again could help."""

    said: Said
    passing: bool = False


@dataclass(frozen=True, slots=True)
class WindowCall:
    """A method of the Web API that shows a view, and where; raises SlackTrouble."""

    client: WebClient
    method: str
    place: Mapping[str, str]

    def __call__(self, view: View) -> None:
        """Show a view there."""
        call(self.client, self.method, **self.place, view=view)


def spoken(
    door: Callable[[Doors, Body, BoltContext], BoltResponse],
) -> Callable[[Doors, Body, BoltContext], BoltResponse]:
    """The same door, where all is said in the language of whoever stands before it."""

    @wraps(door)
    def answers(doors: Doors, body: Body, context: BoltContext) -> BoltResponse:
        with request_deadline(), ExitStack() as turn:
            # This may ask Slack, so it is done before anybody's turn is taken.
            by = read_caller(body, context, "", "")
            speaking = doors.speaking(by)
            channel = channel_to_look_up(body)
            if channel and is_id(channel) and doors.desk.channels:
                doors.desk.channels.fetch(by, channel, is_own="command" in body)
            emails = addresses_to_look_up(body)
            if emails and doors.desk.addresses:
                doors.desk.addresses.fetch(by.workspace, emails)
            try:
                turn.enter_context(doors.rush.answering())
            except Unavailable as busy:
                speaking = replace(speaking, busy=busy)
            return door(speaking, body, context)

    return answers


def unspoken(
    door: Callable[[Doors, Body, BoltContext], BoltResponse],
) -> Callable[[Doors, Body, BoltContext], BoltResponse]:
    """The same door, where nothing is said to anybody."""

    @wraps(door)
    def answers(doors: Doors, body: Body, context: BoltContext) -> BoltResponse:
        with request_deadline():
            return door(replace(doors, desk=doors.desk.speaking(None)), body, context)

    return answers


@dataclass(frozen=True, slots=True)
class Doors:
    """One method for each kind of payload; `windows` opens modals beside the answer, within Slack's 3 seconds.

    `changes` gives open ones other content: in one thread, so that the last choice is what they show in the end.
    `tongue` gives the locale of whoever is to be answered. `respond` posts to a response URL where the outbox cannot
    be written to. `busy` is why nothing is tried: the request's deadline passed before its turn came.
    """

    desk: Desk
    now: Callable[[], datetime]
    windows: ThreadPoolExecutor
    changes: ThreadPoolExecutor
    rush: Rush
    tongue: Callable[[Caller], str | None]
    respond: Callable[[str, str, Message], object] | None = None
    busy: Unavailable | None = None

    @spoken
    def command(self, body: Body, context: BoltContext) -> BoltResponse:
        """A typed line; the answer goes in the same HTTP response, unless a window opens in its place."""
        trigger = read_trigger(body.get("trigger_id"))
        by = read_caller(body, context, "command", f"command:{trigger}")
        opens = WindowCall(context.client, "views.open", {"trigger_id": trigger})
        channel = read_id(body["channel_id"]) if "channel_id" in body else ""
        url, text = _reply_url(body, context), str(body.get("text") or "")
        opening = partial(self._open, opens, by, url)
        later = DeferredRequest(by, "command", text, channel, url)
        result = self._guarded(by, partial(self._typed, by, text, channel, opening), later)
        message = blocks.message(result.said) if isinstance(result, Wrong) else result
        return answered({"response_type": "ephemeral", **message} if message else {})

    @spoken
    def action(self, body: Body, context: BoltContext) -> BoltResponse:
        """A pressed button or a chosen option; Slack ignores the answer's body, so words go through the outbox."""
        route, value = _pressed(body["actions"][0])
        click = self._click(body, context, value)
        url = click.response_url
        later = DeferredRequest(click.by, "action", route, value, url, click.origin, click.ephemeral)
        result = self._guarded(click.by, partial(ACTIONS.get(route, _stale), self.desk, click), later)
        if body.get("view"):
            self._show(body["view"], context.client, click, result)
            return answered({})
        message = self._reply(click, result)
        post = partial(self._post, click.by, click.response_url)
        posted = self._guarded(click.by, partial(post, message)) if message else None
        if message and isinstance(posted, Wrong):
            return self._post_past_the_outbox(click, message, posted)
        return answered({})

    @spoken
    def shortcut(self, body: Body, context: BoltContext) -> BoltResponse:
        """A shortcut; a global one stands in no conversation, so whatever there is to say is said in a window."""
        trigger = read_trigger(body.get("trigger_id"))
        by = read_caller(body, context, "shortcut", f"shortcut:{trigger}")
        opens = WindowCall(context.client, "views.open", {"trigger_id": trigger})
        opening = partial(self._open, opens, by, None)
        opened = SHORTCUTS.get(str(body["callback_id"]), _stale_shortcut)
        result = self._guarded(by, partial(opened, self.desk, by, self.now()))
        opening(self._wrong_view(result.said) if isinstance(result, Wrong) else result)
        return answered({})

    @spoken
    def suggestion(self, body: Body, context: BoltContext) -> BoltResponse:
        """Letters typed into a field that asks for its choices; they go in the same HTTP response."""
        route, _, about = str(body["action_id"]).partition(":")
        value = clean(str(body.get("value") or "")[:FIELD_LIMIT])
        search = Search(read_caller(body, context, "modal", ""), self.now(), value, about)
        result = self._guarded(search.by, partial(SEARCHES.get(route, _nothing), self.desk, search))
        return answered(_nothing(self.desk, search) if isinstance(result, Wrong) else result)

    @spoken
    def view(self, body: Body, context: BoltContext) -> BoltResponse:
        """A modal that was sent in; what is wrong with one field is said under it."""
        view = body["view"]
        by = read_caller(body, context, "modal", f"view:{read_id(view.get('id'))}:{view.get('hash', '')}")
        malformed = [block for block, element in _elements(view).items() if not all(map(is_id, _ids(element)))]
        if malformed:
            words = self.desk.words.label("field.bad_choice")
            return answered({"response_action": "errors", "errors": dict.fromkeys(malformed, words)})
        too_long = {block: length for block, each in _elements(view).items() if (length := _length(each)) > FIELD_LIMIT}
        if too_long:
            return answered({"response_action": "errors", "errors": self._refuse_lengths(too_long)})
        sent = Submission(by, self.now(), str(view.get("private_metadata", "")), _values(view))
        cards = [block for block, value in sent.values.items() if holds_card_number(value)]
        if cards:
            words = self.desk.words.say("refusals/card_number", "plain").text
            return answered({"response_action": "errors", "errors": dict.fromkeys(cards, words)})
        name = str(view["callback_id"])
        later = DeferredRequest(by, "view", name, sent.about, values=sent.values)
        try:
            result = self._guarded(by, partial(VIEWS.get(name, _stale_view), self.desk, sent), later)
        except WrongField as wrong:
            return answered({"response_action": "errors", "errors": {wrong.block_id: wrong.words}})
        update = self._wrong_view(result.said) if isinstance(result, Wrong) else result
        return answered({"response_action": "update", "view": update} if update else {})

    @unspoken
    def event(self, body: Body, context: BoltContext) -> BoltResponse:
        """Something happened in the workspace; Slack sends it again when it could not be kept."""
        event = clean_all(body["event"], COMMAND_LIMIT)
        by = read_event_caller(body, context)
        with self.rush.answering():
            result = self._guarded(by, partial(EVENTS[event["type"]], self.desk, by, self.now(), event))
        return BoltResponse(status=503) if isinstance(result, Wrong) and result.passing else answered({})

    def speaking(self, by: Caller) -> Doors:
        """The same doors in the language that the caller has chosen in Slack; as they are while it cannot be read."""
        try:
            speaking = self.desk.speaking(self.tongue(by))
        except Unavailable:
            speaking = self.desk.speaking(None)
        # People of other workspaces have no commands, so nothing tells them to type one.
        is_external = by.account is not None and by.account.team != by.workspace
        return replace(self, desk=speaking.without_commands() if is_external else speaking)

    def _refuse_lengths(self, lengths: Mapping[str, int]) -> dict[str, str]:
        say = partial(self.desk.words.say, "refusals/too_long", "plain", what="text", limit=FIELD_LIMIT)
        return {block: say(length=length).text for block, length in lengths.items()}

    def _typed(self, by: Caller, text: str, channel: str, opening: Callable[[View], None]) -> Message | None:
        if len(text) > COMMAND_LIMIT:
            raise TooLong("command", len(text), COMMAND_LIMIT)
        if holds_card_number(text):
            raise CardNumber
        line = grammar.parse(text, by.workspace, self.desk.collab.kinds)
        asked = Command(by, self.now(), channel, line, opening)
        return typed(self.desk, asked)

    def _click(self, body: Body, context: BoltContext, value: str) -> Click:
        trigger = read_trigger(body.get("trigger_id"))
        by = read_caller(body, context, "button", f"action:{trigger}")
        url = _reply_url(body, context)
        ephemeral = bool((body.get("container") or {}).get("is_ephemeral"))
        origin = str(body["actions"][0].get("block_id", ""))
        view = body.get("view") or {}
        within = _stands_in(body) == "modal"
        method = "views.push" if within else "views.open"
        opening = partial(self._open, WindowCall(context.client, method, {"trigger_id": trigger}), by, url)
        updating = partial(self._update, WindowCall(context.client, "views.update", {"view_id": _view_id(view)}))
        showing = updating if within else opening
        return Click(by, self.now(), value, origin, ephemeral, url, opening, updating, showing, _values(view))

    def _reply(self, click: Click, result: Said | Message | Wrong | None) -> Message | None:
        """What is posted to the click's own address, if anything: a kept copy is brought up to date by itself."""
        said = result.said if isinstance(result, Wrong) else result if isinstance(result, Said) else None
        if said is None:
            return _addressed(click, result) if isinstance(result, dict) else None
        if isinstance(result, Said) and not click.ephemeral:
            return None
        shown = self._guarded(click.by, partial(again, self.desk, click))
        return _addressed(click, blocks.stacked(said, shown) if isinstance(shown, dict) else blocks.message(said))

    def _show(self, place: Body, client: WebClient, click: Click, result: Said | Message | Wrong | None) -> None:
        """Words for a press in Home or in a window, neither of which has an address of its own, stand in a window.

        In a window they take the place of what was there, unless that is to stay.
        """
        stays = isinstance(result, Wrong) or (isinstance(result, dict) and not result.get("replace_original", True))
        shown = self._shown(result)
        if shown and place.get("type") == "modal" and not stays:
            self._open(WindowCall(client, "views.update", {"view_id": _view_id(place)}), click.by, None, shown)
        elif shown:
            click.open_view(shown)
        if isinstance(result, Wrong):
            self._guarded(click.by, partial(home.refresh, self.desk, click.by))

    def _shown(self, result: Said | Message | Wrong | None) -> View | None:
        if result is None:
            return None
        if isinstance(result, Wrong):
            return self._wrong_view(result.said)
        shown = blocks.paragraphs(result.paragraphs) if isinstance(result, Said) else result["blocks"]
        label = self.desk.words.label
        return blocks.modal("shown", label("shown.title"), shown, close=label("close"))

    def _post(self, by: Caller, url: str | None, message: Message) -> None:
        if url:
            key = (by.delivery or "").partition(":")[2]
            self.desk.outbox.post(by.workspace, f"reply:{key}", "reply", {"url": url, "body": message})

    def _post_past_the_outbox(self, click: Click, message: Message, failed: Wrong) -> BoltResponse:
        """Answer a press at once, when what it is to be told cannot be kept."""
        if self.respond is None or not click.response_url:
            return BoltResponse(status=503) if failed.passing else answered({})
        self.windows.submit(self._respond_now, self.respond, click, message)
        return answered({})

    def _respond_now(self, respond: Callable[[str, str, Message], object], click: Click, message: Message) -> None:
        try:
            respond(click.by.workspace, click.response_url or "", message)
        except (SlackTrouble, Resting) as trouble:
            log_defect(log, "response_url", trouble)

    def _open(self, opens: WindowCall, by: Caller, url: str | None, view: View) -> None:
        self.windows.submit(self._open_now, opens, by, url, view)

    def _open_now(self, opens: WindowCall, by: Caller, url: str | None, view: View) -> None:
        try:
            opens(view)
        except SlackTrouble as trouble:
            _log_window_trouble(opens.method, trouble)
            message = blocks.message(self.desk.words.say("refusals/window_failed"))
            body = {"response_type": "ephemeral", "replace_original": False, **message}
            self._guarded(by, partial(self._post, by, url, body))

    def _update(self, updates: WindowCall, view: View) -> None:
        self.changes.submit(self._update_now, updates, view)

    def _update_now(self, updates: WindowCall, view: View) -> None:
        try:
            updates(view)
        except SlackTrouble as trouble:
            # The window stays as it was, or was closed meanwhile; sending it in is decided by the core all the same.
            _log_window_trouble(updates.method, trouble)

    def _guarded(self, by: Caller, run: Callable[[], Result], later: DeferredRequest | None = None) -> Result | Wrong:
        """The one door through which nothing falls; what needs a profile that isn't known yet is done `later`."""
        try:
            self._check_turn()
            return self._refusing(by, run, later)
        except (WrongField, MalformedId):
            raise
        except Unavailable as unavailable:
            found = log_defect(log, f"storage ({unavailable.reason})", unavailable)
            return self._failed("unsure" if unavailable.is_unsure else "unavailable", found, passing=True)
        except Exception as mistake:  # noqa: BLE001 - the one door: whatever it is, the person gets a word and the log an id
            found = log_defect(log, by.door, mistake)
            return self._failed("broken", found, passing=False)

    def _check_turn(self) -> None:
        if self.busy:
            raise self.busy

    def _failed(self, name: str, found: str, *, passing: bool) -> Wrong:
        """Say that nothing was changed only when that is so."""
        if self.desk.progress.has_changed:
            return Wrong(self.desk.words.say("refusals/not_shown"))
        return Wrong(self.desk.words.say(f"refusals/{name}", id=found), passing=passing)

    def _refusing(self, by: Caller, run: Callable[[], Result], later: DeferredRequest | None) -> Result | Wrong:
        try:
            return run()
        except ProfileUnread as unread:
            return Wrong(later.keep(self.desk) if later else self.desk.refused(unread, by))
        except (Refused, Misread) as refused:
            if self.desk.progress.has_changed:
                return Wrong(self.desk.words.say("refusals/not_shown"))
            return Wrong(self.desk.refused(refused, by))

    def _wrong_view(self, said: Said) -> View:
        words = self.desk.words
        shown = blocks.paragraphs(said.paragraphs)
        return blocks.modal("wrong", words.label("wrong.title"), shown, close=words.label("close"))


def answered(body: dict[str, Any]) -> BoltResponse:
    """The answer with a body, or the empty acknowledgement."""
    return BoltResponse(status=200, body=body or "")


def _reply_url(body: Body, context: BoltContext) -> str | None:
    """Return where an answer may be posted later; a workspace without the app has nothing that it could be kept in."""
    url = body.get("response_url")
    return url if context.bot_token and isinstance(url, str) else None


def _pressed(action: Body) -> tuple[str, str]:
    """The route and the value of a control: the option of a menu without a route of its own names both."""
    route, chosen = str(action["action_id"]).partition(":")[0], action.get("selected_option")
    if chosen and route not in ACTIONS:
        return two(str(chosen["value"]))
    return route, str((chosen or action).get("value") or "")


def _stands_in(body: Body) -> str:
    """Whether a control stands in a `modal` or in a `home`; in neither when it stands in a message."""
    return str((body.get("view") or {}).get("type") or "")


def _stale(desk: Desk, _click: Click) -> Message:
    return {**desk.tell("stale"), "replace_original": False}


def _stale_view(desk: Desk, _sent: Submission) -> View:
    return answer_view(desk.words, None, desk.tell("stale"))


def _stale_shortcut(desk: Desk, _by: Caller, _at: datetime) -> View:
    return answer_view(desk.words, None, desk.tell("stale"))


def _log_window_trouble(method: str, trouble: SlackTrouble) -> None:
    if trouble.code in CHANGED:
        log.info("%s: %s", method, trouble.code)
    elif trouble.code in TOO_LATE or trouble.sort is Sort.TRANSIENT:
        log.warning("%s: %s", method, trouble.code)
    else:
        log_defect(log, f"{method} ({trouble.code})", trouble)


def _nothing(_desk: Desk, _search: Search) -> Choices:
    return {"options": []}


def _addressed(click: Click, message: Message) -> Message:
    replaces = message.get("replace_original", click.ephemeral)
    return {**message, "replace_original": replaces, **({} if replaces else {"response_type": "ephemeral"})}


def _values(view: Body) -> dict[str, str]:
    """What was filled in, by block; of several choices, their values with commas."""
    return {block: _value(element) for block, element in _elements(view).items()}


def _view_id(view: Body) -> str:
    return read_id(view["id"]) if "id" in view else ""


def _elements(view: Body) -> dict[str, Body]:
    state = (view.get("state") or {}).get("values") or {}
    return {block: next(iter(elements.values()), {}) for block, elements in state.items()}


def _ids(element: Body) -> list[Any]:
    """Return the ids that were chosen in a field for users or channels."""
    one = element.get("selected_user") or element.get("selected_conversation") or element.get("selected_channel")
    many = element.get("selected_users") or element.get("selected_conversations") or ()
    return [*many, *([one] if one else [])]


def _length(element: Body) -> int:
    """Return how many characters were typed into a field."""
    typed = element.get("value")
    return len(typed) if isinstance(typed, str) else 0


def _value(element: Body) -> str:
    many = _ids(element) or [str(each["value"]) for each in element.get("selected_options") or ()]
    if many:
        return ",".join(map(read_id, many) if _ids(element) else many)
    chosen = (element.get("selected_option") or {}).get("value")
    return clean(str(element.get("value") or "")[:FIELD_LIMIT]) or str(chosen or element.get("selected_date") or "")
