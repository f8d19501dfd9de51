"""The page's endpoints: what it shows, what its person does, and what it hears."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request, send_file, send_from_directory

from bot.playground import acts, faces
from bot.playground.clock import Clock
from bot.playground.controls import controls
from bot.playground.errors import BadAnswer, NoAnswer, NotAllowed
from bot.playground.faults import KINDS
from bot.playground.site import Site
from bot.playground.tries import CLOCK_MOVED
from bot.playground.webapi import METHODS
from bot.playground.world import Json, Message, Person

log = logging.getLogger("playground")
PAGE = Path(__file__).parent / "page"
NEWEST = 200  # entries of traffic in one answer


class Traveller(Protocol):
    """Who moves the time of the app and of the playground."""

    clock: Clock
    can_travel: bool

    def travel(self, moment: datetime) -> None:
        """Move on to that moment."""

    def due(self) -> datetime | None:
        """When the app next has something to do."""

    def next(self) -> Json:
        """Return what that is and when, for the page."""


def blueprint(site: Site, traveller: Traveller) -> Blueprint:
    """The routes of the page."""
    routes = Blueprint("ui", "playground")
    routes.add_url_rule("/", "index", lambda: _asset("index.html"))
    routes.add_url_rule("/page/<path:name>", "asset", _asset)
    reads: dict[str, Callable[[Site, Traveller], Any]] = {
        "state": _state, "messages": _messages, "traffic": _traffic, "faults": _faults, "stream": _stream,
        "file": _file,
    }  # fmt: skip
    writes: dict[str, Callable[[Site, Traveller, Json], Any]] = {
        "say": _say, "act": _act, "suggest": _suggest, "submit": _submit, "close": _close, "home": _home,
        "shortcut": _shortcut, "read": _read, "clock": _clock, "faults": _set_faults, "account": _account,
    }  # fmt: skip
    for name, read in reads.items():
        routes.add_url_rule(f"/ui/{name}", f"get_{name}", _reading(site, traveller, read))
    for name, write in writes.items():
        routes.add_url_rule(f"/ui/{name}", f"post_{name}", _writing(site, traveller, write), methods=["POST"])
    return routes


def _reading(site: Site, traveller: Traveller, read: Callable[[Site, Traveller], Any]) -> Callable[[], Any]:
    return lambda: _guarded(lambda: read(site, traveller))


def _writing(site: Site, traveller: Traveller, write: Callable[[Site, Traveller, Json], Any]) -> Callable[[], Any]:
    def view() -> Any:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return _problem("The body must be a JSON object.", 400)
        return _guarded(lambda: write(site, traveller, body))

    return view


def _guarded(work: Callable[[], Any]) -> Any:
    try:
        told = work()
    except NotAllowed as problem:
        return _problem(str(problem), 403)
    except KeyError as problem:
        return _problem(f"Not there: {problem.args[0] if problem.args else problem}", 404)
    except BadAnswer as problem:
        return _problem(f"The app's answer was refused: {problem.reason}", 422)
    except NoAnswer as problem:
        return _problem(f"The app did not answer ({problem.reason}).", 424)
    except (ValueError, TypeError) as problem:
        return _problem(str(problem), 400)
    return told if isinstance(told, Response) else jsonify(told)


def _problem(words: str, status: int) -> Any:
    return jsonify({"error": words}), status


def _asset(name: str) -> Any:
    return send_from_directory(PAGE, name, max_age=0)


def _me(site: Site, who: Any) -> Person:
    person = site.world.people.get(str(who))
    if person is None or person.is_bot:
        raise KeyError(f"nobody has the id {who}")
    return person


# Reading


def _state(site: Site, traveller: Traveller) -> Json:
    coming = traveller.next()  # asks the app's database: not under the lock
    with site.world.lock:
        return {**_seen_state(site), "can_travel": traveller.can_travel, **coming}


def _seen_state(site: Site) -> Json:
    world, manifest = site.world, site.manifest
    me, now = _me(site, request.args.get("as")), site.clock.now()
    people = [faces.ui_user(world, person, now) for person in world.people.values()]
    commands, shortcuts = (manifest.commands, manifest.shortcuts) if site.installed else ((), ())
    app = {"name": manifest.name, "bot_id": world.bot_id, "user_id": world.bot_user_id}
    return {
        "version": site.stream.version,
        "team": {"id": world.team_id, "name": world.team_name, "domain": world.domain},
        "me": faces.ui_user(world, me, now),
        "users": [*people, faces.ui_slackbot(world)],
        "channels": site.channels(me.id),
        "channel_names": faces.ui_channel_names(world, me),
        "commands": [{n: v for n, v in asdict(c).items() if n != "should_escape"} for c in commands],
        "shortcuts": [{n: v for n, v in asdict(s).items() if n != "type"} for s in shortcuts],
        "app": {
            **app,
            "description": manifest.description,
            "home_enabled": manifest.home_enabled,
            "is_read_only": not manifest.takes_messages,
        },
        "now": site.clock.epoch(),
        "home": site.home(me.id),
        "views": site.views(me.id),
        "connected": site.connected,
        "tries": site.tries.listed(),
    }


def _messages(site: Site, _: Traveller) -> Json:
    me = _me(site, request.args.get("as"))
    channel = site.world.channel(request.args.get("channel", ""))
    if me.id not in channel.members:
        raise NotAllowed(f"{me.real_name} is not in this channel.")
    with site.world.lock:
        messages = [faces.ui_message(message) for message in site.world.messages(channel.id, me.id)]
        return {"version": site.stream.version, "messages": messages}


def _file(site: Site, _: Traveller) -> Response:
    file = site.world.file(request.args.get("id", ""), _me(site, request.args.get("as")).id)
    # Never shown in place: what an app sends must not act as a page of this address.
    return send_file(
        BytesIO(file.content or b""), faces.mimetype(file), as_attachment=True, download_name=file.name, max_age=0
    )


def _traffic(site: Site, _: Traveller) -> Json:
    return {"traffic": site.traffic.entries(int(request.args.get("after", 0)))[-NEWEST:]}


def _faults(site: Site, _: Traveller) -> Json:
    methods = [*METHODS, "response_url", "upload_url"]
    return {"faults": site.faults.active(), "kinds": KINDS, "methods": methods, "connected": site.connected}


def _stream(site: Site, _: Traveller) -> Response:
    lines = site.stream.listen(_me(site, request.args.get("as")).id)
    return Response(lines, mimetype="text/event-stream", headers={"Cache-Control": "no-store"})


# Doing


def _say(site: Site, _: Traveller, body: Json) -> Json:
    try:
        acts.types(site, _me(site, body["as"]), body["channel"], str(body["text"]))
    except NoAnswer as problem:
        log.info("a command failed: %s", problem)  # the person reads Slack's own word in the channel
    return {"ok": True}


def _act(site: Site, _: Traveller, body: Json) -> Json:
    me = _me(site, body["as"])
    where = acts.surface(site, me, body["container"])
    acts.act(site, me, where, body["action_id"], body.get("value"), body.get("block_id"))
    return {"ok": True}


def _suggest(site: Site, _: Traveller, body: Json) -> Json:
    me = _me(site, body["as"])
    where = acts.surface(site, me, body["container"])
    return acts.suggest(site, me, where, body["action_id"], str(body.get("query", "")), body.get("block_id"))


def _submit(site: Site, _: Traveller, body: Json) -> Json:
    me = _me(site, body["as"])
    told = acts.submit(site, me, body["view_id"], _known_values(site, me, body))
    if told and told.get("response_action") == "errors":
        return {"errors": told["errors"]}
    return _open_views(site, me)


def _known_values(site: Site, me: Person, body: Json) -> Json:
    """Leave out the fields that an update took away before the page heard of it."""
    known = {
        (block["block_id"], element["action_id"]) for block, element in controls(acts.surface(site, me, body).blocks)
    }
    return {
        block_id: {action_id: value for action_id, value in inside.items() if (block_id, action_id) in known}
        for block_id, inside in (body.get("values") or {}).items()
    }


def _close(site: Site, _: Traveller, body: Json) -> Json:
    me = _me(site, body["as"])
    acts.close(site, me, body["view_id"], bool(body.get("all")))
    return _open_views(site, me)


def _open_views(site: Site, me: Person) -> Json:
    with site.world.lock:
        return {"version": site.stream.version, "views": site.views(me.id)}


def _home(site: Site, _: Traveller, body: Json) -> Json:
    acts.open_home(site, _me(site, body["as"]))
    return {"ok": True}


def _shortcut(site: Site, _: Traveller, body: Json) -> Json:
    acts.use_shortcut(site, _me(site, body["as"]), body["callback_id"])
    return {"ok": True}


def _read(site: Site, _: Traveller, body: Json) -> Json:
    site.world.mark_read(site.world.channel(body["channel"]).id, _me(site, body["as"]).id)
    return {"ok": True}


def _account(site: Site, _: Traveller, body: Json) -> Json:
    acts.change_person(site, _me(site, body["person"]).id, {"deleted": bool(body["deleted"])})
    return {"ok": True}


def _clock(site: Site, traveller: Traveller, body: Json) -> Any:
    if not traveller.can_travel:
        return _refused("This app's time cannot be moved.")
    moment = traveller.due() if body.get("next") else _later(site, body["seconds"])
    if moment is None:
        return _refused("Nothing is due.")
    before = site.world.ts()
    traveller.travel(max(moment, site.clock.now()))
    if body.get("next"):
        site.tries.notice(CLOCK_MOVED)
    sent = [_sent(site, message) for message in site.world.sent_since(before)]
    return {"now": site.clock.epoch(), **traveller.next(), "sent": sent}


def _sent(site: Site, message: Message) -> Json:
    channel = site.world.channels[message.channel]
    person = site.world.people.get(channel.person or "")
    return {"to": person.real_name if person else f"#{channel.name}", "text": message.text}


def _later(site: Site, seconds: Any) -> datetime:
    return site.clock.now() + timedelta(seconds=float(seconds))


def _refused(words: str) -> Response:
    response = jsonify({"error": words})
    response.status_code = 409
    return response


def _set_faults(site: Site, traveller: Traveller, body: Json) -> Json:
    kind = body.get("kind")
    if body.get("clear"):
        site.faults.clear()
    elif kind == "drop_sockets":
        site.faults.drop_sockets()
    elif kind == "refresh_sockets":
        site.faults.refresh_sockets()
    else:
        details = {name: body[name] for name in ("seconds", "status", "retry_after", "code") if name in body}
        site.faults.add(str(kind), body.get("method", "*"), body.get("times", 1), **details)
    return _faults(site, traveller)
