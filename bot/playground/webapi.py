"""Slack's Web API: who may call what, with which arguments; and the faults that strike a call."""

import json
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Request, Response

from bot.playground import faces, files, methods, modals
from bot.playground.errors import SlackError
from bot.playground.faults import Fault
from bot.playground.site import Site
from bot.playground.world import Json, View

log = logging.getLogger("playground")
Run = Callable[[Site, Json], Json]
AIMS = ("channel", "channel_id", "user", "user_id", "users", "filename")  # what a call is about, for the inspector
STRUCTURES = ("blocks", "view", "attachments", "metadata", "files")


@dataclass(frozen=True)
class Method:
    """A method: what it does, the arguments and the scopes that it needs, and whose token."""

    run: Run
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    app_token: bool = False


def auth_test(site: Site, _args: Json) -> Json:
    """auth.test"""
    world = site.world
    who = {"user": world.people[world.bot_user_id].name, "user_id": world.bot_user_id, "bot_id": world.bot_id}
    url = f"https://{world.domain}.slack.com/"
    grid = {"enterprise_id": world.organisation} if world.organisation else {}
    return {
        "url": url,
        "team": world.team_name,
        "team_id": world.team_id,
        **grid,
        **who,
        "is_enterprise_install": False,
    }


def connections_open(site: Site, _args: Json) -> Json:
    """apps.connections.open"""
    address = site.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={site.sockets.ticket()}&app_id={site.world.app_id}"}


def views_open(site: Site, args: Json) -> Json:
    """views.open"""
    modals.checked(site, args["view"], "modal")
    trigger = site.use_trigger(args["trigger_id"])
    return _view(site, modals.open_modal(site, trigger.person, args["view"]))


def views_push(site: Site, args: Json) -> Json:
    """views.push: only with a trigger from a modal that is still open"""
    modals.checked(site, args["view"], "modal")
    trigger = site.use_trigger(args["trigger_id"])
    if trigger.view_id is None or site.world.view(trigger.view_id) is None:
        raise SlackError("not_found")
    return _view(site, modals.push_modal(site, trigger.person, args["view"]))


def views_update(site: Site, args: Json) -> Json:
    """views.update, by view_id or external_id"""
    external = args.get("external_id")
    if not args.get("view_id") and not external:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: view_id"])
    view = modals.by_external_id(site, external) if external else site.world.view(str(args["view_id"]))
    if view is None or view.body["type"] == "home":
        raise SlackError("not_found")
    return _view(site, modals.update_view(site, view, args["view"], args.get("hash")))


def views_publish(site: Site, args: Json) -> Json:
    """views.publish"""
    if not site.manifest.home_enabled:
        raise SlackError("not_enabled")
    person = site.world.people.get(str(args["user_id"]))
    if person is None or person.is_bot or person.deleted:
        raise SlackError("invalid_arguments", messages=["[ERROR] user not found [json-pointer:/user_id]"])
    return _view(site, modals.publish_home(site, person.id, args["view"], args.get("hash")))


def _view(site: Site, view: View) -> Json:
    return {"view": faces.view(site.world, view)}


WRITE = ("chat:write",)
METHODS: dict[str, Method] = {
    "auth.test": Method(auth_test),
    "apps.connections.open": Method(connections_open, app_token=True),
    "chat.postMessage": Method(methods.post_message, ("channel",), WRITE),
    "chat.postEphemeral": Method(methods.post_ephemeral, ("channel", "user"), WRITE),
    "chat.update": Method(methods.update_message, ("channel", "ts"), WRITE),
    "chat.delete": Method(methods.delete_message, ("channel", "ts"), WRITE),
    "conversations.open": Method(methods.open_conversation, (), ("im:write", "mpim:write")),
    "conversations.info": Method(
        methods.conversation_info, ("channel",), ("channels:read", "groups:read", "im:read", "mpim:read")
    ),
    "conversations.members": Method(
        methods.conversation_members, ("channel",), ("channels:read", "groups:read", "im:read", "mpim:read")
    ),
    "files.getUploadURLExternal": Method(files.upload_url, ("filename", "length"), ("files:write",)),
    "files.completeUploadExternal": Method(files.complete, ("files",), ("files:write",)),
    "users.info": Method(methods.user_info, ("user",), ("users:read",)),
    "users.list": Method(methods.list_users, (), ("users:read",)),
    "users.lookupByEmail": Method(methods.lookup_by_email, ("email",), ("users:read.email",)),
    "views.open": Method(views_open, ("trigger_id", "view")),
    "views.push": Method(views_push, ("trigger_id", "view")),
    "views.update": Method(views_update, ("view",)),
    "views.publish": Method(views_publish, ("user_id", "view")),
    "team.info": Method(methods.team_info, (), ("team:read",)),
}


def handle(site: Site, name: str, request: Request) -> Response:
    """Answer one call, or let a fault strike it."""
    try:
        token, args = arguments(request)
    except SlackError as refusal:
        return _json(refusal.answer)
    # The SDK adds the team's id to every call; it is no argument of the methods.
    if args.get("team_id") == site.world.team_id:
        del args["team_id"]
    site.traffic.call(name, args)
    return struck(site, name, request, lambda: _answered(site, name, token, args))


def _answered(site: Site, name: str, token: str, args: Json) -> Response:
    try:
        method = _allowed(site, name, token)
        _complete(method, args)
        answer = {"ok": True, **method.run(site, args)}
    except SlackError as refusal:
        answer = refusal.answer
    site.traffic.add("in", "call", _summary(name, args, answer), {"args": args, "answer": answer})
    response = _json(answer)
    response.headers["X-OAuth-Scopes"] = ",".join(sorted(site.manifest.scopes))
    return response


def _summary(name: str, args: Json, answer: Json) -> str:
    aim = next((args[name] for name in AIMS if args.get(name)), "")
    outcome = "ok" if answer["ok"] else answer["error"]
    return f"{name} {aim}".rstrip() + f" → {outcome}"


def arguments(request: Request) -> tuple[str, Json]:
    """The token and the arguments of a call, from JSON, a form or nothing; structures decoded."""
    args: Json = dict(request.args)
    if request.mimetype == "application/json":
        args |= _decoded(request.get_data(as_text=True) or "{}")
    else:
        args |= request.form.to_dict()
    for name in STRUCTURES:
        if isinstance(args.get(name), str):
            args[name] = _structure(name, args[name])
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = str(args.pop("token", "") or "")
    return (bearer.strip() if scheme.lower() == "bearer" else token), args


def _decoded(text: str) -> Json:
    try:
        data = json.loads(text)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(data, dict):
        raise SlackError("json_not_object")
    return data


def _structure(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise SlackError("invalid_blocks_format" if name == "blocks" else "invalid_arguments") from None


def _allowed(site: Site, name: str, token: str) -> Method:
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    method = METHODS[name]
    if not token:
        raise SlackError("not_authed")
    if token not in {site.bot_token, site.app_token}:
        raise SlackError("invalid_auth")
    if token == site.bot_token and not site.installed:
        raise SlackError("account_inactive")
    if (token == site.app_token) != method.app_token:
        raise SlackError("not_allowed_token_type")
    if method.scopes and not site.manifest.scopes.intersection(method.scopes):
        provided = ",".join(sorted(site.manifest.scopes))
        raise SlackError("missing_scope", needed=",".join(method.scopes), provided=provided)
    return method


def _complete(method: Method, args: Json) -> None:
    absent = [name for name in method.required if args.get(name) in (None, "")] if args else list(method.required)
    if absent:
        words = [f"[ERROR] missing required field: {name}" for name in absent]
        raise SlackError("invalid_arguments", messages=words)


# Faults


def struck(site: Site, name: str, request: Request, run: Callable[[], Response]) -> Response:
    """What `run` answers, or what a fault makes of it."""
    fault = site.faults.take(name)
    if fault is None:
        return run()
    site.traffic.add("in", "fault", f"{name}: {fault.kind}")
    if fault.kind == "timeout_after":
        run()
    return _consequence(site, fault, request)


def _consequence(site: Site, fault: Fault, request: Request) -> Response:
    if fault.kind == "rate_limit":
        response = _json({"ok": False, "error": "ratelimited"}, 429)
        response.headers["Retry-After"] = str(fault.retry_after)
        return response
    if fault.kind == "server_error":
        return Response("Slack is having trouble", fault.status, mimetype="text/plain")
    if fault.kind == "error":
        return _json({"ok": False, "error": fault.code})
    if fault.kind in {"timeout_before", "timeout_after"}:
        site.stopping.wait(fault.seconds)
    with suppress(OSError, KeyError):
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _json(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, mimetype="application/json")
