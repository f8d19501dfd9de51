"""The page's endpoints: its state, its user's actions, and its event stream."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request, send_file, send_from_directory

from bot.playground import page_installation, serializers, user_actions
from bot.playground.clock import OffsetClock
from bot.playground.elements import iterate_controls
from bot.playground.errors import InvalidAnswer, NoAnswer, NotAllowed
from bot.playground.fault_injection import ANY_METHOD, FAULT_KINDS
from bot.playground.manifest import Shortcut, SlashCommand
from bot.playground.state import PlaygroundState
from bot.playground.tutorial import CLOCK_MOVED_SUMMARY
from bot.playground.web_api import METHODS
from bot.playground.workspace import Json, Message, SlackAccount

log = logging.getLogger("playground")
PAGE_DIR = Path(__file__).parent / "page"
FAULT_DETAILS = ("seconds", "status", "retry_after", "code")
MAX_TRAFFIC_ENTRIES = 200  # in one answer


class TimeControl(Protocol):
    """Move the time of the app and of the playground."""

    clock: OffsetClock
    can_travel: bool

    def travel_to(self, moment: datetime) -> None:
        """Move on to this moment."""

    def next_due_at(self) -> datetime | None:
        """Return when the app next has something due."""

    def next_due_payload(self) -> Json:
        """Return what is due next and when, for the page."""


def create_blueprint(state: PlaygroundState, time_control: TimeControl) -> Blueprint:
    """Return the routes of the page."""
    routes = Blueprint("ui", "playground")
    routes.add_url_rule("/", "index", lambda: _send_asset("index.html"))
    routes.add_url_rule("/page/<path:name>", "asset", _send_asset)
    reads: dict[str, Callable[[PlaygroundState, TimeControl], Any]] = {
        "state": _get_state,
        "others": _get_others,
        "messages": _get_messages,
        "traffic": _get_traffic,
        "faults": _get_faults,
        "stream": _get_stream,
        "file": _get_file,
        "mails": _get_mails,
    }
    writes: dict[str, Callable[[PlaygroundState, TimeControl, Json], Any]] = {
        "say": _post_text,
        "act": _post_action,
        "suggest": _post_option_search,
        "submit": _post_submission,
        "close": _post_close,
        "home": _post_home_opened,
        "shortcut": _post_shortcut,
        "read": _post_read_mark,
        "clock": _post_clock_move,
        "faults": _post_faults,
        "account": _post_account_change,
        "installation": lambda chosen, _, body: page_installation.change_installation(
            chosen, body
        ),
    }
    for name, read in reads.items():
        routes.add_url_rule(
            f"/ui/{name}", f"get_{name}", _bind_read(state, time_control, read)
        )
    for name, write in writes.items():
        routes.add_url_rule(
            f"/ui/{name}",
            f"post_{name}",
            _bind_write(state, time_control, write),
            methods=["POST"],
        )
    return routes


def _bind_read(
    state: PlaygroundState,
    time_control: TimeControl,
    read: Callable[[PlaygroundState, TimeControl], Any],
) -> Callable[[], Any]:
    def view() -> Any:
        chosen = state.find_peer(request.args.get("as"))
        return _run_safely(lambda: read(chosen, time_control))

    return view


def _bind_write(
    state: PlaygroundState,
    time_control: TimeControl,
    write: Callable[[PlaygroundState, TimeControl, Json], Any],
) -> Callable[[], Any]:
    def view() -> Any:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return _error_response("The body must be a JSON object.", 400)
        chosen = state.find_peer(body.get("as") or body.get("person"))
        return _run_safely(lambda: write(chosen, time_control, body))

    return view


def _run_safely(run: Callable[[], Any]) -> Any:
    try:
        body = run()
    except NotAllowed as problem:
        return _error_response(str(problem), 403)
    except KeyError as problem:
        missing = problem.args[0] if problem.args else problem
        return _error_response(f"Not found: {missing}", 404)
    except InvalidAnswer as problem:
        return _error_response(f"The app's answer was rejected: {problem.reason}", 422)
    except NoAnswer as problem:
        return _error_response(f"The app didn't answer ({problem.reason}).", 424)
    except (ValueError, TypeError) as problem:
        return _error_response(str(problem), 400)
    return body if isinstance(body, Response) else jsonify(body)


def _error_response(message: str, status: int) -> Any:
    return jsonify({"error": message}), status


def _send_asset(name: str) -> Any:
    return send_from_directory(PAGE_DIR, name, max_age=0)


def _require_user(state: PlaygroundState, user_id: Any) -> SlackAccount:
    account = state.workspace.accounts.get(str(user_id))
    if account is None or account.is_bot:
        raise KeyError(f"nobody has the id {user_id}")
    return account


# Reads


def _get_state(state: PlaygroundState, time_control: TimeControl) -> Json:
    # Reads the app's database, so it is not done under the lock.
    due_payload = time_control.next_due_payload()
    with state.workspace.lock:
        return {
            **_build_visible_state(state),
            "can_travel": time_control.can_travel,
            **due_payload,
        }


def _get_others(state: PlaygroundState, time_control: TimeControl) -> Json:
    """Return how many messages of the app each user has not read, and what is due next."""
    due_payload = time_control.next_due_payload()
    unread: dict[str, int] = {}
    for workspace in (peer.workspace for peer in state.peers):
        with workspace.lock:
            for account in workspace.list_humans():
                channel = workspace.get_direct_channel(account.id)
                unread[account.id] = workspace.count_unread(channel.id, account.id)
    return {"unread": unread, **due_payload}


def _get_mails(state: PlaygroundState, _time_control: TimeControl) -> Json:
    mailboxes = [
        {"name": box.name, "address": box.address, "mails": [asdict(m) for m in mails]}
        for box, mails in state.mailboxes.list_mailboxes()
    ]
    return {"mailboxes": mailboxes}


def _build_visible_state(state: PlaygroundState) -> Json:
    workspace, manifest = state.workspace, state.manifest
    me, now = _require_user(state, request.args.get("as")), state.clock.now()
    users = [
        serializers.serialize_page_user(workspace, account, now)
        for account in workspace.accounts.values()
    ]
    commands = manifest.commands if state.is_installed else ()
    shortcuts = manifest.shortcuts if state.is_installed else ()
    return {
        "version": state.stream.version,
        "team": {
            "id": workspace.team_id,
            "name": workspace.team_name,
            "domain": workspace.domain,
        },
        "me": serializers.serialize_page_user(workspace, me, now),
        "users": [*users, serializers.serialize_page_slackbot(workspace)],
        "channels": state.list_page_channels(me.id),
        "channel_names": serializers.list_page_channel_names(workspace, me),
        "commands": [_serialize_command(command) for command in commands],
        "shortcuts": [_serialize_shortcut(shortcut) for shortcut in shortcuts],
        "app": _serialize_app(state) | page_installation.serialize_installation(state),
        "workspaces": page_installation.serialize_workspaces(state),
        "now": state.clock.epoch_seconds(),
        "home": state.find_home_view(me.id),
        "views": state.list_open_views(me.id),
        "connected": state.is_connected,
        "tries": state.tutorial.list_steps(),
    }


def _serialize_app(state: PlaygroundState) -> Json:
    workspace, manifest = state.workspace, state.manifest
    return {
        "id": workspace.app_id,
        "name": manifest.name,
        "bot_id": workspace.bot_id,
        "user_id": workspace.bot_user_id,
        "description": manifest.description,
        "home_enabled": manifest.home_enabled,
        "is_read_only": not manifest.accepts_messages,
    }


def _serialize_command(command: SlashCommand) -> Json:
    return {
        "command": command.command,
        "description": command.description,
        "usage_hint": command.usage_hint,
    }


def _serialize_shortcut(shortcut: Shortcut) -> Json:
    return {
        "name": shortcut.name,
        "callback_id": shortcut.callback_id,
        "description": shortcut.description,
    }


def _get_messages(state: PlaygroundState, _: TimeControl) -> Json:
    me = _require_user(state, request.args.get("as"))
    channel = state.workspace.get_channel(request.args.get("channel", ""))
    if me.id not in channel.members:
        raise NotAllowed(f"{me.real_name} isn't in this channel.")
    with state.workspace.lock:
        messages = [
            serializers.serialize_page_message(message)
            for message in state.workspace.list_visible_messages(channel.id, me.id)
        ]
        return {"version": state.stream.version, "messages": messages}


def _get_file(state: PlaygroundState, _: TimeControl) -> Response:
    me = _require_user(state, request.args.get("as"))
    file = state.workspace.get_visible_file(request.args.get("id", ""), me.id)
    # As an attachment: an app's file must not run as a page of this origin.
    return send_file(
        BytesIO(file.content or b""),
        serializers.guess_mimetype(file),
        as_attachment=True,
        download_name=file.name,
        max_age=0,
    )


def _get_traffic(state: PlaygroundState, _: TimeControl) -> Json:
    entries = state.traffic.list_entries(int(request.args.get("after", 0)))
    return {"traffic": entries[-MAX_TRAFFIC_ENTRIES:]}


def _get_faults(state: PlaygroundState, _: TimeControl) -> Json:
    methods = [*METHODS, "response_url", "upload_url"]
    return {
        "faults": state.faults.list_active(),
        "kinds": FAULT_KINDS,
        "methods": methods,
        "connected": state.is_connected,
    }


def _get_stream(state: PlaygroundState, _: TimeControl) -> Response:
    me = _require_user(state, request.args.get("as"))
    lines = state.stream.subscribe(me.id)
    return Response(
        lines, mimetype="text/event-stream", headers={"Cache-Control": "no-store"}
    )


# Writes


def _post_text(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(state, body["as"])
    try:
        user_actions.type_text(state, me, body["channel"], str(body["text"]))
    except NoAnswer as problem:
        # The user sees Slack's own error in the channel.
        log.info("a command failed: %s", problem)
    return {"ok": True}


def _post_action(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(state, body["as"])
    surface = user_actions.find_surface(state, me, body["container"])
    user_actions.perform_action(
        state, me, surface, body["action_id"], body.get("value"), body.get("block_id")
    )
    return {"ok": True}


def _post_option_search(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(state, body["as"])
    surface = user_actions.find_surface(state, me, body["container"])
    return user_actions.load_options(
        state,
        me,
        surface,
        body["action_id"],
        str(body.get("query", "")),
        body.get("block_id"),
    )


def _post_submission(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(state, body["as"])
    values = _drop_removed_fields(state, me, body)
    answer = user_actions.submit_view(state, me, body["view_id"], values)
    if answer and answer.get("response_action") == "errors":
        return {"errors": answer["errors"]}
    return _list_open_views(state, me)


def _drop_removed_fields(state: PlaygroundState, me: SlackAccount, body: Json) -> Json:
    """Return the values of the fields that the view still has.

    An update may have removed fields before the page received it.
    """
    blocks = user_actions.find_surface(state, me, body).blocks
    present = {
        (block["block_id"], element["action_id"])
        for block, element in iterate_controls(blocks)
    }
    values: Json = {}
    for block_id, block_values in (body.get("values") or {}).items():
        values[block_id] = {
            action_id: value
            for action_id, value in block_values.items()
            if (block_id, action_id) in present
        }
    return values


def _post_close(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(state, body["as"])
    user_actions.close_view(state, me, body["view_id"], bool(body.get("all")))
    return _list_open_views(state, me)


def _list_open_views(state: PlaygroundState, me: SlackAccount) -> Json:
    with state.workspace.lock:
        return {"version": state.stream.version, "views": state.list_open_views(me.id)}


def _post_home_opened(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    user_actions.open_home(state, _require_user(state, body["as"]))
    return {"ok": True}


def _post_shortcut(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(state, body["as"])
    user_actions.use_shortcut(state, me, body["callback_id"])
    return {"ok": True}


def _post_read_mark(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    channel = state.workspace.get_channel(body["channel"])
    me = _require_user(state, body["as"])
    state.workspace.mark_read(channel.id, me.id, body["ts"])
    return {"ok": True}


def _post_account_change(state: PlaygroundState, _: TimeControl, body: Json) -> Json:
    account = _require_user(state, body["person"])
    user_actions.change_account(state, account.id, {"deleted": bool(body["deleted"])})
    return {"ok": True}


def _post_clock_move(
    state: PlaygroundState, time_control: TimeControl, body: Json
) -> Any:
    if not time_control.can_travel:
        return _conflict_response("You can't move this app's time.")
    if body.get("next"):
        moment = time_control.next_due_at()
    else:
        moment = state.clock.now() + timedelta(seconds=float(body["seconds"]))
    if moment is None:
        return _conflict_response("Nothing is due.")
    start_ts = state.workspace.new_ts()
    time_control.travel_to(max(moment, state.clock.now()))
    if body.get("next"):
        state.tutorial.mark_done(CLOCK_MOVED_SUMMARY)
    sent_messages = [
        _describe_sent_message(peer, message)
        for peer in state.peers
        for message in peer.workspace.list_app_messages_since(start_ts)
    ]
    return {
        "now": state.clock.epoch_seconds(),
        **time_control.next_due_payload(),
        "sent": sent_messages,
    }


def _describe_sent_message(state: PlaygroundState, message: Message) -> Json:
    channel = state.workspace.channels[message.channel_id]
    account = state.workspace.accounts.get(channel.user_id or "")
    return {
        "to": account.real_name if account else f"#{channel.name}",
        "text": message.text,
    }


def _conflict_response(message: str) -> Response:
    response = jsonify({"error": message})
    response.status_code = 409
    return response


def _post_faults(state: PlaygroundState, time_control: TimeControl, body: Json) -> Json:
    kind = body.get("kind")
    if body.get("clear"):
        state.faults.clear()
    elif kind == "drop_sockets":
        state.faults.drop_sockets()
    elif kind == "refresh_sockets":
        state.faults.refresh_sockets()
    else:
        details = {name: body[name] for name in FAULT_DETAILS if name in body}
        state.faults.add(
            str(kind), body.get("method", ANY_METHOD), body.get("times", 1), **details
        )
    return _get_faults(state, time_control)
