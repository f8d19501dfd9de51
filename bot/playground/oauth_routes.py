"""The addresses of OAuth v2: the page, and the calls that are about tokens themselves.

Their arguments are secrets, and are not recorded.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request

from bot.playground import installations, web_api
from bot.playground.app_tokens import AppToken
from bot.playground.call_routing import choose_workspace
from bot.playground.errors import SlackError
from bot.playground.oauth import AUTHORIZE_PATH, OAuth
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json


def add_routes(flask: Flask, state: PlaygroundState, oauth: OAuth) -> None:
    """Add the page and the calls to the application."""
    flask.add_url_rule(AUTHORIZE_PATH, "install", lambda: oauth.show_page(request))
    flask.add_url_rule(
        AUTHORIZE_PATH,
        "allow",
        lambda: oauth.receive_answer(request),
        methods=["POST"],
    )
    calls: dict[str, Callable[[], Json]] = {
        "oauth.v2.access": lambda: oauth.exchange(_read_client_arguments()),
        "auth.revoke": lambda: _revoke(state),
        "apps.uninstall": lambda: _uninstall(state, oauth),
    }
    for name, run in calls.items():
        flask.add_url_rule(
            f"/api/{name}", name, _bind(state, name, run), methods=["GET", "POST"]
        )


def _bind(
    state: PlaygroundState, name: str, run: Callable[[], Json]
) -> Callable[[], Any]:
    def answer() -> Response:
        try:
            body = {"ok": True, **run()}
        except SlackError as refusal:
            body = refusal.response_body
        outcome = "ok" if body["ok"] else body["error"]
        state.traffic.add_entry("in", "call", f"{name} → {outcome}")
        return jsonify(body)

    return lambda: web_api.apply_fault(state, name, request, answer)


def _read_client_arguments() -> Json:
    """Return the arguments; Slack takes the app's id and secret by Basic too."""
    _, args = web_api.parse_arguments(request)
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        args |= {"client_id": basic.username, "client_secret": basic.password}
    return args


def _read_token(state: PlaygroundState) -> tuple[AppToken, Json]:
    name, args = web_api.parse_arguments(request)
    if not name:
        raise SlackError("not_authed")
    return state.tokens.get_working(name), args


def _revoke(state: PlaygroundState) -> Json:
    """auth.revoke"""
    token, args = _read_token(state)
    if str(args.get("test")).lower() in {"true", "1"}:
        return {"revoked": False}
    owner = choose_workspace(state.peers, token, "auth.revoke", "", args)
    installations.revoke_token(owner, token)
    return {"revoked": True}


def _uninstall(state: PlaygroundState, oauth: OAuth) -> Json:
    """apps.uninstall"""
    token, args = _read_token(state)
    oauth.require_client(args)
    owner = choose_workspace(state.peers, token, "apps.uninstall", "", args)
    installations.uninstall_app(owner)
    return {}
