"""Slack's Web API: its methods, tokens, scopes and arguments, and injected faults."""

import json
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Request, Response

from bot.playground import files, modals, serializers, web_api_methods
from bot.playground.call_routing import choose_workspace
from bot.playground.errors import SlackError
from bot.playground.fault_injection import Fault
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json, View

log = logging.getLogger("playground")
MethodFunction = Callable[[PlaygroundState, Json], Json]
# The arguments that name a call's subject, for the inspector.
SUBJECT_ARGUMENTS = ("channel", "channel_id", "user", "user_id", "users", "filename")
JSON_ARGUMENTS = ("blocks", "view", "attachments", "metadata", "files")


@dataclass(frozen=True)
class WebApiMethod:
    """A method: its function, required arguments, scopes, and kind of token."""

    run: MethodFunction
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    needs_app_token: bool = False


def auth_test(state: PlaygroundState, _args: Json) -> Json:
    """auth.test"""
    workspace = state.workspace
    answer: Json = {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.team_name,
        "team_id": workspace.team_id,
        "user": workspace.accounts[workspace.bot_user_id].name,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": state.is_organisation_install,
    }
    if workspace.organisation:
        answer["enterprise_id"] = workspace.organisation
    return answer


def auth_teams_list(state: PlaygroundState, _args: Json) -> Json:
    """auth.teams.list: where the token may be used"""
    granted = [each for each in state.peers if each.is_installed]
    if not state.is_organisation_install:
        granted = [state]
    teams = [
        {"id": each.workspace.team_id, "name": each.workspace.team_name}
        for each in granted
    ]
    return {"teams": teams, "response_metadata": {"next_cursor": ""}}


def connections_open(state: PlaygroundState, _args: Json) -> Json:
    """apps.connections.open"""
    address = state.base_url.replace("http://", "ws://", 1)
    ticket, app_id = state.sockets.issue_ticket(), state.workspace.app_id
    return {"url": f"{address}/link/?ticket={ticket}&app_id={app_id}"}


def views_open(state: PlaygroundState, args: Json) -> Json:
    """views.open"""
    modals.validate_view(state, args["view"], "modal")
    trigger = state.use_trigger(args["trigger_id"])
    return _view_body(state, modals.open_modal(state, trigger.user_id, args["view"]))


def views_push(state: PlaygroundState, args: Json) -> Json:
    """views.push: only with a trigger from a modal that is still open"""
    modals.validate_view(state, args["view"], "modal")
    trigger = state.use_trigger(args["trigger_id"])
    if trigger.view_id is None or state.workspace.find_view(trigger.view_id) is None:
        raise SlackError("not_found")
    return _view_body(state, modals.push_modal(state, trigger.user_id, args["view"]))


def views_update(state: PlaygroundState, args: Json) -> Json:
    """views.update, by view_id or external_id"""
    if args.get("external_id"):
        view = modals.find_by_external_id(state, args["external_id"])
    elif args.get("view_id"):
        view = state.workspace.find_view(str(args["view_id"]))
    else:
        raise SlackError(
            "invalid_arguments", messages=["[ERROR] missing required field: view_id"]
        )
    if view is None or view.body["type"] == "home":
        raise SlackError("not_found")
    return _view_body(
        state, modals.update_view(state, view, args["view"], args.get("hash"))
    )


def views_publish(state: PlaygroundState, args: Json) -> Json:
    """views.publish"""
    if not state.manifest.home_enabled:
        raise SlackError("not_enabled")
    account = state.workspace.accounts.get(str(args["user_id"]))
    if account is None or account.is_bot or account.deleted:
        raise SlackError(
            "invalid_arguments",
            messages=["[ERROR] user not found [json-pointer:/user_id]"],
        )
    return _view_body(
        state, modals.publish_home(state, account.id, args["view"], args.get("hash"))
    )


def _view_body(state: PlaygroundState, view: View) -> Json:
    return {"view": serializers.serialize_view(state.workspace, view)}


WRITE_SCOPES = ("chat:write",)
METHODS: dict[str, WebApiMethod] = {
    "auth.teams.list": WebApiMethod(auth_teams_list),
    "auth.test": WebApiMethod(auth_test),
    "apps.connections.open": WebApiMethod(connections_open, needs_app_token=True),
    "chat.postMessage": WebApiMethod(
        web_api_methods.post_message, ("channel",), WRITE_SCOPES
    ),
    "chat.postEphemeral": WebApiMethod(
        web_api_methods.post_ephemeral, ("channel", "user"), WRITE_SCOPES
    ),
    "chat.update": WebApiMethod(
        web_api_methods.update_message, ("channel", "ts"), WRITE_SCOPES
    ),
    "chat.delete": WebApiMethod(
        web_api_methods.delete_message, ("channel", "ts"), WRITE_SCOPES
    ),
    "conversations.open": WebApiMethod(
        web_api_methods.open_conversation, (), ("im:write", "mpim:write")
    ),
    "conversations.info": WebApiMethod(
        web_api_methods.conversation_info,
        ("channel",),
        ("channels:read", "groups:read", "im:read", "mpim:read"),
    ),
    "conversations.join": WebApiMethod(
        web_api_methods.join_conversation, ("channel",), ("channels:join",)
    ),
    "conversations.members": WebApiMethod(
        web_api_methods.conversation_members,
        ("channel",),
        ("channels:read", "groups:read", "im:read", "mpim:read"),
    ),
    "files.getUploadURLExternal": WebApiMethod(
        files.create_upload_url, ("filename", "length"), ("files:write",)
    ),
    "files.completeUploadExternal": WebApiMethod(
        files.complete_uploads, ("files",), ("files:write",)
    ),
    "users.info": WebApiMethod(web_api_methods.user_info, ("user",), ("users:read",)),
    "users.list": WebApiMethod(web_api_methods.list_users, (), ("users:read",)),
    "users.lookupByEmail": WebApiMethod(
        web_api_methods.lookup_by_email, ("email",), ("users:read.email",)
    ),
    "views.open": WebApiMethod(views_open, ("trigger_id", "view")),
    "views.push": WebApiMethod(views_push, ("trigger_id", "view")),
    "views.update": WebApiMethod(views_update, ("view",)),
    "views.publish": WebApiMethod(views_publish, ("user_id", "view")),
    "team.info": WebApiMethod(web_api_methods.team_info, (), ("team:read",)),
}


def handle_call(state: PlaygroundState, name: str, request: Request) -> Response:
    """Answer one call, or apply an active fault to it."""
    try:
        token, args = parse_arguments(request)
    except SlackError as refusal:
        return _json_response(refusal.response_body)
    # The SDK adds the team's id to every call; most methods do not have it.
    team_id = str(args.pop("team_id", None) or "")
    state.traffic.record_call(name, args)
    return apply_fault(
        state, name, request, lambda: _answer_call(state, name, token, team_id, args)
    )


def _answer_call(
    state: PlaygroundState, name: str, token: str, team_id: str, args: Json
) -> Response:
    try:
        state = _find_workspace(state, name, token, team_id, args)
        method = _authorize_call(state, name, token)
        _require_arguments(method, args)
        answer = {"ok": True, **method.run(state, args)}
    except SlackError as refusal:
        answer = refusal.response_body
    state.traffic.add_entry(
        "in",
        "call",
        _summarize_call(name, args, answer),
        {"args": args, "answer": answer},
    )
    response = _json_response(answer)
    response.headers["X-OAuth-Scopes"] = ",".join(sorted(state.scopes))
    return response


def _summarize_call(name: str, args: Json, answer: Json) -> str:
    outcome = "ok" if answer["ok"] else answer["error"]
    for key in SUBJECT_ARGUMENTS:
        if args.get(key):
            return f"{name} {args[key]} → {outcome}"
    return f"{name} → {outcome}"


def parse_arguments(request: Request) -> tuple[str, Json]:
    """Return the token and the decoded arguments of a call from JSON, form or query."""
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
        is_blocks = name == "blocks"
        code = "invalid_blocks_format" if is_blocks else "invalid_arguments"
        raise SlackError(code) from None


def _find_workspace(
    state: PlaygroundState, name: str, token: str, team_id: str, args: Json
) -> PlaygroundState:
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    if not token:
        raise SlackError("not_authed")
    if token == state.app_token:
        return state
    app_token = state.tokens.get_working(token)
    return choose_workspace(state.peers, app_token, name, team_id, args)


def _authorize_call(state: PlaygroundState, name: str, token: str) -> WebApiMethod:
    method = METHODS[name]
    if (token == state.app_token) != method.needs_app_token:
        raise SlackError("not_allowed_token_type")
    if method.scopes and not state.scopes.intersection(method.scopes):
        provided = ",".join(sorted(state.scopes))
        raise SlackError(
            "missing_scope", needed=",".join(method.scopes), provided=provided
        )
    return method


def _require_arguments(method: WebApiMethod, args: Json) -> None:
    absent = [name for name in method.required if args.get(name) in (None, "")]
    if absent:
        problems = [f"[ERROR] missing required field: {name}" for name in absent]
        raise SlackError("invalid_arguments", messages=problems)


# Faults


def apply_fault(
    state: PlaygroundState, name: str, request: Request, run: Callable[[], Response]
) -> Response:
    """Return the response of `run`, or that of the fault which is active for it."""
    fault = state.faults.take_matching(name)
    if fault is None:
        return run()
    state.traffic.add_entry("in", "fault", f"{name}: {fault.kind}")
    if fault.kind == "timeout_after":
        run()
    return _fault_response(state, fault, request)


def _fault_response(state: PlaygroundState, fault: Fault, request: Request) -> Response:
    if fault.kind == "rate_limit":
        response = _json_response({"ok": False, "error": "ratelimited"}, 429)
        response.headers["Retry-After"] = str(fault.retry_after)
        return response
    if fault.kind == "server_error":
        return Response("Internal Slack error", fault.status, mimetype="text/plain")
    if fault.kind == "error":
        return _json_response({"ok": False, "error": fault.code})
    if fault.kind in {"timeout_before", "timeout_after"}:
        state.stop_event.wait(fault.seconds)
    with suppress(OSError, KeyError):
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _json_response(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, mimetype="application/json")
