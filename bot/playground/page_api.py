"""The page's endpoints: what it shows, what its person does, and what it hears."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request, send_file, send_from_directory

from bot.playground import serializers, user_actions
from bot.playground.clock import OffsetClock
from bot.playground.elements import iterate_controls
from bot.playground.errors import InvalidAnswer, NoAnswer, NotAllowed
from bot.playground.fault_injection import FAULT_KINDS
from bot.playground.state import PlaygroundState
from bot.playground.tutorial import CLOCK_MOVED_SUMMARY
from bot.playground.webapi import METHODS
from bot.playground.workspace import Json, Message, SlackAccount

log = logging.getLogger("playground")
PAGE_DIR = Path(__file__).parent / "page"
MAX_TRAFFIC_ENTRIES = 200  # entries of traffic in one answer


class TimeControl(Protocol):
    """Who moves the time of the app and of the playground."""

    clock: OffsetClock
    can_travel: bool

    def travel_to(self, moment: datetime) -> None:
        """Move on to that moment."""

    def next_due_at(self) -> datetime | None:
        """When the app next has something to do."""

    def next_due_payload(self) -> Json:
        """Return what that is and when, for the page."""


def create_blueprint(site: PlaygroundState, traveller: TimeControl) -> Blueprint:
    """The routes of the page."""
    routes = Blueprint("ui", "playground")
    routes.add_url_rule("/", "index", lambda: _send_asset("index.html"))
    routes.add_url_rule("/page/<path:name>", "asset", _send_asset)
    reads: dict[str, Callable[[PlaygroundState, TimeControl], Any]] = {
        "state": _get_state,
        "messages": _get_messages,
        "traffic": _get_traffic,
        "faults": _get_faults,
        "stream": _get_stream,
        "file": _get_file,
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
    }
    for name, read in reads.items():
        routes.add_url_rule(
            f"/ui/{name}", f"get_{name}", _bind_read(site, traveller, read)
        )
    for name, write in writes.items():
        routes.add_url_rule(
            f"/ui/{name}",
            f"post_{name}",
            _bind_write(site, traveller, write),
            methods=["POST"],
        )
    return routes


def _bind_read(
    site: PlaygroundState,
    traveller: TimeControl,
    read: Callable[[PlaygroundState, TimeControl], Any],
) -> Callable[[], Any]:
    return lambda: _run_safely(lambda: read(site, traveller))


def _bind_write(
    site: PlaygroundState,
    traveller: TimeControl,
    write: Callable[[PlaygroundState, TimeControl, Json], Any],
) -> Callable[[], Any]:
    def view() -> Any:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return _error_response("The body must be a JSON object.", 400)
        return _run_safely(lambda: write(site, traveller, body))

    return view


def _run_safely(work: Callable[[], Any]) -> Any:
    try:
        told = work()
    except NotAllowed as problem:
        return _error_response(str(problem), 403)
    except KeyError as problem:
        return _error_response(
            f"Not there: {problem.args[0] if problem.args else problem}", 404
        )
    except InvalidAnswer as problem:
        return _error_response(f"The app's answer was refused: {problem.reason}", 422)
    except NoAnswer as problem:
        return _error_response(f"The app did not answer ({problem.reason}).", 424)
    except (ValueError, TypeError) as problem:
        return _error_response(str(problem), 400)
    return told if isinstance(told, Response) else jsonify(told)


def _error_response(renderer: str, status: int) -> Any:
    return jsonify({"error": renderer}), status


def _send_asset(name: str) -> Any:
    return send_from_directory(PAGE_DIR, name, max_age=0)


def _require_user(site: PlaygroundState, who: Any) -> SlackAccount:
    person = site.workspace.accounts.get(str(who))
    if person is None or person.is_bot:
        raise KeyError(f"nobody has the id {who}")
    return person


# Reading


def _get_state(site: PlaygroundState, traveller: TimeControl) -> Json:
    coming = traveller.next_due_payload()  # asks the app's database: not under the lock
    with site.workspace.lock:
        return {
            **_build_visible_state(site),
            "can_travel": traveller.can_travel,
            **coming,
        }


def _build_visible_state(site: PlaygroundState) -> Json:
    world, manifest = site.workspace, site.manifest
    me, now = _require_user(site, request.args.get("as")), site.clock.now()
    people = [
        serializers.serialize_page_user(world, person, now)
        for person in world.accounts.values()
    ]
    commands, shortcuts = (
        (manifest.commands, manifest.shortcuts) if site.is_installed else ((), ())
    )
    app = {"name": manifest.name, "bot_id": world.bot_id, "user_id": world.bot_user_id}
    return {
        "version": site.stream.version,
        "team": {"id": world.team_id, "name": world.team_name, "domain": world.domain},
        "me": serializers.serialize_page_user(world, me, now),
        "users": [*people, serializers.serialize_page_slackbot(world)],
        "channels": site.list_page_channels(me.id),
        "channel_names": serializers.list_page_channel_names(world, me),
        "commands": [
            {n: v for n, v in asdict(c).items() if n != "should_escape"}
            for c in commands
        ],
        "shortcuts": [
            {n: v for n, v in asdict(s).items() if n != "type"} for s in shortcuts
        ],
        "app": {
            **app,
            "description": manifest.description,
            "home_enabled": manifest.home_enabled,
            "is_read_only": not manifest.accepts_messages,
        },
        "now": site.clock.epoch_seconds(),
        "home": site.find_home_view(me.id),
        "views": site.list_open_views(me.id),
        "connected": site.is_connected,
        "tries": site.tutorial.list_steps(),
    }


def _get_messages(site: PlaygroundState, _: TimeControl) -> Json:
    me = _require_user(site, request.args.get("as"))
    channel = site.workspace.get_channel(request.args.get("channel", ""))
    if me.id not in channel.members:
        raise NotAllowed(f"{me.real_name} is not in this channel.")
    with site.workspace.lock:
        messages = [
            serializers.serialize_page_message(message)
            for message in site.workspace.list_visible_messages(channel.id, me.id)
        ]
        return {"version": site.stream.version, "messages": messages}


def _get_file(site: PlaygroundState, _: TimeControl) -> Response:
    file = site.workspace.get_visible_file(
        request.args.get("id", ""), _require_user(site, request.args.get("as")).id
    )
    # Never shown in place: what an app sends must not act as a page of this address.
    return send_file(
        BytesIO(file.content or b""),
        serializers.guess_mimetype(file),
        as_attachment=True,
        download_name=file.name,
        max_age=0,
    )


def _get_traffic(site: PlaygroundState, _: TimeControl) -> Json:
    return {
        "traffic": site.traffic.list_entries(int(request.args.get("after", 0)))[
            -MAX_TRAFFIC_ENTRIES:
        ]
    }


def _get_faults(site: PlaygroundState, _: TimeControl) -> Json:
    methods = [*METHODS, "response_url", "upload_url"]
    return {
        "faults": site.faults.list_active(),
        "kinds": FAULT_KINDS,
        "methods": methods,
        "connected": site.is_connected,
    }


def _get_stream(site: PlaygroundState, _: TimeControl) -> Response:
    lines = site.stream.subscribe(_require_user(site, request.args.get("as")).id)
    return Response(
        lines, mimetype="text/event-stream", headers={"Cache-Control": "no-store"}
    )


# Doing


def _post_text(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    try:
        user_actions.type_text(
            site, _require_user(site, body["as"]), body["channel"], str(body["text"])
        )
    except NoAnswer as problem:
        log.info(
            "a command failed: %s", problem
        )  # the person reads Slack's own word in the channel
    return {"ok": True}


def _post_action(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(site, body["as"])
    where = user_actions.find_surface(site, me, body["container"])
    user_actions.perform_action(
        site, me, where, body["action_id"], body.get("value"), body.get("block_id")
    )
    return {"ok": True}


def _post_option_search(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(site, body["as"])
    where = user_actions.find_surface(site, me, body["container"])
    return user_actions.load_options(
        site,
        me,
        where,
        body["action_id"],
        str(body.get("query", "")),
        body.get("block_id"),
    )


def _post_submission(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(site, body["as"])
    told = user_actions.submit_view(
        site, me, body["view_id"], _drop_removed_fields(site, me, body)
    )
    if told and told.get("response_action") == "errors":
        return {"errors": told["errors"]}
    return _list_open_views(site, me)


def _drop_removed_fields(site: PlaygroundState, me: SlackAccount, body: Json) -> Json:
    """Leave out the fields that an update took away before the page heard of it."""
    known = {
        (block["block_id"], element["action_id"])
        for block, element in iterate_controls(
            user_actions.find_surface(site, me, body).blocks
        )
    }
    return {
        block_id: {
            action_id: value
            for action_id, value in inside.items()
            if (block_id, action_id) in known
        }
        for block_id, inside in (body.get("values") or {}).items()
    }


def _post_close(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    me = _require_user(site, body["as"])
    user_actions.close_view(site, me, body["view_id"], bool(body.get("all")))
    return _list_open_views(site, me)


def _list_open_views(site: PlaygroundState, me: SlackAccount) -> Json:
    with site.workspace.lock:
        return {"version": site.stream.version, "views": site.list_open_views(me.id)}


def _post_home_opened(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    user_actions.open_home(site, _require_user(site, body["as"]))
    return {"ok": True}


def _post_shortcut(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    user_actions.use_shortcut(
        site, _require_user(site, body["as"]), body["callback_id"]
    )
    return {"ok": True}


def _post_read_mark(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    site.workspace.mark_read(
        site.workspace.get_channel(body["channel"]).id,
        _require_user(site, body["as"]).id,
    )
    return {"ok": True}


def _post_account_change(site: PlaygroundState, _: TimeControl, body: Json) -> Json:
    user_actions.change_account(
        site, _require_user(site, body["person"]).id, {"deleted": bool(body["deleted"])}
    )
    return {"ok": True}


def _post_clock_move(site: PlaygroundState, traveller: TimeControl, body: Json) -> Any:
    if not traveller.can_travel:
        return _conflict_response("This app's time cannot be moved.")
    moment = (
        traveller.next_due_at()
        if body.get("next")
        else _shift_now(site, body["seconds"])
    )
    if moment is None:
        return _conflict_response("Nothing is due.")
    before = site.workspace.new_ts()
    traveller.travel_to(max(moment, site.clock.now()))
    if body.get("next"):
        site.tutorial.mark_done(CLOCK_MOVED_SUMMARY)
    submission = [
        _describe_sent_message(site, message)
        for message in site.workspace.list_app_messages_since(before)
    ]
    return {
        "now": site.clock.epoch_seconds(),
        **traveller.next_due_payload(),
        "sent": submission,
    }


def _describe_sent_message(site: PlaygroundState, message: Message) -> Json:
    channel = site.workspace.channels[message.channel_id]
    person = site.workspace.accounts.get(channel.user_id or "")
    return {
        "to": person.real_name if person else f"#{channel.name}",
        "text": message.text,
    }


def _shift_now(site: PlaygroundState, seconds: Any) -> datetime:
    return site.clock.now() + timedelta(seconds=float(seconds))


def _conflict_response(renderer: str) -> Response:
    response = jsonify({"error": renderer})
    response.status_code = 409
    return response


def _post_faults(site: PlaygroundState, traveller: TimeControl, body: Json) -> Json:
    kind = body.get("kind")
    if body.get("clear"):
        site.faults.clear()
    elif kind == "drop_sockets":
        site.faults.drop_sockets()
    elif kind == "refresh_sockets":
        site.faults.refresh_sockets()
    else:
        details = {
            name: body[name]
            for name in ("seconds", "status", "retry_after", "code")
            if name in body
        }
        site.faults.add(
            str(kind), body.get("method", "*"), body.get("times", 1), **details
        )
    return _get_faults(site, traveller)
