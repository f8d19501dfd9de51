"""Slack's Web API: who may call what, with which arguments; and the faults that strike a call."""

import json
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Request, Response

from bot.playground import files, methods, modals, serializers
from bot.playground.errors import SlackError
from bot.playground.fault_injection import Fault
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json, View

log = logging.getLogger("playground")
MethodFunction = Callable[[PlaygroundState, Json], Json]
SUBJECT_ARGUMENTS = (
    "channel",
    "channel_id",
    "user",
    "user_id",
    "users",
    "filename",
)  # what a call is about, for the inspector
JSON_ARGUMENTS = ("blocks", "view", "attachments", "metadata", "files")


@dataclass(frozen=True)
class WebApiMethod:
    """A method: what it does, the arguments and the scopes that it needs, and whose token."""

    run: MethodFunction
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    app_token: bool = False


def auth_test(site: PlaygroundState, _args: Json) -> Json:
    """auth.test"""
    world = site.workspace
    who = {
        "user": world.accounts[world.bot_user_id].name,
        "user_id": world.bot_user_id,
        "bot_id": world.bot_id,
    }
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


def connections_open(site: PlaygroundState, _args: Json) -> Json:
    """apps.connections.open"""
    address = site.base_url.replace("http://", "ws://", 1)
    return {
        "url": f"{address}/link/?ticket={site.sockets.issue_ticket()}&app_id={site.workspace.app_id}"
    }


def views_open(site: PlaygroundState, args: Json) -> Json:
    """views.open"""
    modals.validate_view(site, args["view"], "modal")
    trigger = site.use_trigger(args["trigger_id"])
    return _view_body(site, modals.open_modal(site, trigger.user_id, args["view"]))


def views_push(site: PlaygroundState, args: Json) -> Json:
    """views.push: only with a trigger from a modal that is still open"""
    modals.validate_view(site, args["view"], "modal")
    trigger = site.use_trigger(args["trigger_id"])
    if trigger.view_id is None or site.workspace.find_view(trigger.view_id) is None:
        raise SlackError("not_found")
    return _view_body(site, modals.push_modal(site, trigger.user_id, args["view"]))


def views_update(site: PlaygroundState, args: Json) -> Json:
    """views.update, by view_id or external_id"""
    external = args.get("external_id")
    if not args.get("view_id") and not external:
        raise SlackError(
            "invalid_arguments", messages=["[ERROR] missing required field: view_id"]
        )
    view = (
        modals.find_by_external_id(site, external)
        if external
        else site.workspace.find_view(str(args["view_id"]))
    )
    if view is None or view.body["type"] == "home":
        raise SlackError("not_found")
    return _view_body(
        site, modals.update_view(site, view, args["view"], args.get("hash"))
    )


def views_publish(site: PlaygroundState, args: Json) -> Json:
    """views.publish"""
    if not site.manifest.home_enabled:
        raise SlackError("not_enabled")
    person = site.workspace.accounts.get(str(args["user_id"]))
    if person is None or person.is_bot or person.deleted:
        raise SlackError(
            "invalid_arguments",
            messages=["[ERROR] user not found [json-pointer:/user_id]"],
        )
    return _view_body(
        site, modals.publish_home(site, person.id, args["view"], args.get("hash"))
    )


def _view_body(site: PlaygroundState, view: View) -> Json:
    return {"view": serializers.serialize_view(site.workspace, view)}


WRITE_SCOPES = ("chat:write",)
METHODS: dict[str, WebApiMethod] = {
    "auth.test": WebApiMethod(auth_test),
    "apps.connections.open": WebApiMethod(connections_open, app_token=True),
    "chat.postMessage": WebApiMethod(methods.post_message, ("channel",), WRITE_SCOPES),
    "chat.postEphemeral": WebApiMethod(
        methods.post_ephemeral, ("channel", "user"), WRITE_SCOPES
    ),
    "chat.update": WebApiMethod(
        methods.update_message, ("channel", "ts"), WRITE_SCOPES
    ),
    "chat.delete": WebApiMethod(
        methods.delete_message, ("channel", "ts"), WRITE_SCOPES
    ),
    "conversations.open": WebApiMethod(
        methods.open_conversation, (), ("im:write", "mpim:write")
    ),
    "conversations.info": WebApiMethod(
        methods.conversation_info,
        ("channel",),
        ("channels:read", "groups:read", "im:read", "mpim:read"),
    ),
    "conversations.members": WebApiMethod(
        methods.conversation_members,
        ("channel",),
        ("channels:read", "groups:read", "im:read", "mpim:read"),
    ),
    "files.getUploadURLExternal": WebApiMethod(
        files.create_upload_url, ("filename", "length"), ("files:write",)
    ),
    "files.completeUploadExternal": WebApiMethod(
        files.complete_uploads, ("files",), ("files:write",)
    ),
    "users.info": WebApiMethod(methods.user_info, ("user",), ("users:read",)),
    "users.list": WebApiMethod(methods.list_users, (), ("users:read",)),
    "users.lookupByEmail": WebApiMethod(
        methods.lookup_by_email, ("email",), ("users:read.email",)
    ),
    "views.open": WebApiMethod(views_open, ("trigger_id", "view")),
    "views.push": WebApiMethod(views_push, ("trigger_id", "view")),
    "views.update": WebApiMethod(views_update, ("view",)),
    "views.publish": WebApiMethod(views_publish, ("user_id", "view")),
    "team.info": WebApiMethod(methods.team_info, (), ("team:read",)),
}


def handle_call(site: PlaygroundState, name: str, request: Request) -> Response:
    """Answer one call, or let a fault strike it."""
    try:
        token, args = parse_arguments(request)
    except SlackError as refusal:
        return _json_response(refusal.response_body)
    # The SDK adds the team's id to every call; it is no argument of the methods.
    if args.get("team_id") == site.workspace.team_id:
        del args["team_id"]
    site.traffic.record_call(name, args)
    return apply_fault(
        site, name, request, lambda: _answer_call(site, name, token, args)
    )


def _answer_call(site: PlaygroundState, name: str, token: str, args: Json) -> Response:
    try:
        method = _authorize_call(site, name, token)
        _require_arguments(method, args)
        answer = {"ok": True, **method.run(site, args)}
    except SlackError as refusal:
        answer = refusal.response_body
    site.traffic.add_entry(
        "in",
        "call",
        _summarize_call(name, args, answer),
        {"args": args, "answer": answer},
    )
    response = _json_response(answer)
    response.headers["X-OAuth-Scopes"] = ",".join(sorted(site.manifest.scopes))
    return response


def _summarize_call(name: str, args: Json, answer: Json) -> str:
    aim = next((args[name] for name in SUBJECT_ARGUMENTS if args.get(name)), "")
    outcome = "ok" if answer["ok"] else answer["error"]
    return f"{name} {aim}".rstrip() + f" → {outcome}"


def parse_arguments(request: Request) -> tuple[str, Json]:
    """The token and the arguments of a call, from JSON, a form or nothing; structures decoded."""
    args: Json = dict(request.args)
    if request.mimetype == "application/json":
        args |= _decode_object(request.get_data(as_text=True) or "{}")
    else:
        args |= request.form.to_dict()
    for name in JSON_ARGUMENTS:
        if isinstance(args.get(name), str):
            args[name] = _decode_argument(name, args[name])
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = str(args.pop("token", "") or "")
    return (bearer.strip() if scheme.lower() == "bearer" else token), args


def _decode_object(text: str) -> Json:
    try:
        data = json.loads(text)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(data, dict):
        raise SlackError("json_not_object")
    return data


def _decode_argument(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise SlackError(
            "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
        ) from None


def _authorize_call(site: PlaygroundState, name: str, token: str) -> WebApiMethod:
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    method = METHODS[name]
    if not token:
        raise SlackError("not_authed")
    if token not in {site.bot_token, site.app_token}:
        raise SlackError("invalid_auth")
    if token == site.bot_token and not site.is_installed:
        raise SlackError("account_inactive")
    if (token == site.app_token) != method.app_token:
        raise SlackError("not_allowed_token_type")
    if method.scopes and not site.manifest.scopes.intersection(method.scopes):
        provided = ",".join(sorted(site.manifest.scopes))
        raise SlackError(
            "missing_scope", needed=",".join(method.scopes), provided=provided
        )
    return method


def _require_arguments(method: WebApiMethod, args: Json) -> None:
    absent = (
        [name for name in method.required if args.get(name) in (None, "")]
        if args
        else list(method.required)
    )
    if absent:
        renderer = [f"[ERROR] missing required field: {name}" for name in absent]
        raise SlackError("invalid_arguments", messages=renderer)


# Faults


def apply_fault(
    site: PlaygroundState, name: str, request: Request, run: Callable[[], Response]
) -> Response:
    """What `run` answers, or what a fault makes of it."""
    fault = site.faults.take_matching(name)
    if fault is None:
        return run()
    site.traffic.add_entry("in", "fault", f"{name}: {fault.kind}")
    if fault.kind == "timeout_after":
        run()
    return _fault_response(site, fault, request)


def _fault_response(site: PlaygroundState, fault: Fault, request: Request) -> Response:
    if fault.kind == "rate_limit":
        response = _json_response({"ok": False, "error": "ratelimited"}, 429)
        response.headers["Retry-After"] = str(fault.retry_after)
        return response
    if fault.kind == "server_error":
        return Response("Slack is having trouble", fault.status, mimetype="text/plain")
    if fault.kind == "error":
        return _json_response({"ok": False, "error": fault.code})
    if fault.kind in {"timeout_before", "timeout_after"}:
        site.stop_event.wait(fault.seconds)
    with suppress(OSError, KeyError):
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _json_response(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, mimetype="application/json")
