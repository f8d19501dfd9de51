"""The Bolt app: one listener for each type of payload, nothing from the environment."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize, CallableAuthorize
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient

from bot.priority_gate import PriorityGate
from bot.rendering import Renderer
from bot.slack.address_lookup import AddressLookup
from bot.slack.channel_lookup import ChannelLookup
from bot.slack.dispatcher import Dispatcher
from bot.slack.modal_calls import ModalQueue
from bot.slack.payloads import replace_half_characters_in
from bot.slack.requests import Installations, Outbox, Services
from bot.slack.routes import COMMAND_HANDLERS, SLACK_EVENT_HANDLERS
from bot.slack.views import Message
from collab.bus import Bus
from collab.model import Caller, WorkspaceId

log = logging.getLogger("collab.slack")
# Slack stops sending events to an app that does not answer most of them with 200.
ACKNOWLEDGED_TYPES = ("event_callback", "view_closed")
_ANY_NAME = re.compile("")
_BOLT_VARIABLES = (
    "SLACK_BOT_TOKEN",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_SIGNING_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)


def build_bolt_app(
    collab: Bus,
    outbox: Outbox,
    renderer: Renderer,
    *,
    priority_gate: PriorityGate,
    get_locale: Callable[[Caller], str | None],
    now: Callable[[], datetime],
    authorize: Callable[..., AuthorizeResult | None],
    client: WebClient,
    signing_secret: str | None,
    socket: bool,
    channels: ChannelLookup | None = None,
    addresses: AddressLookup | None = None,
    installations: Installations | None = None,
    respond: Callable[[WorkspaceId, str, Message], object] | None = None,
) -> App:
    """Return the app for Socket Mode or for signed HTTP."""
    services = Services(
        collab,
        outbox,
        renderer,
        COMMAND_HANDLERS,
        channel_lookup=channels,
        address_lookup=addresses,
        installations=installations,
    )
    dispatcher = Dispatcher(
        services, now, ModalQueue(), priority_gate, get_locale, respond
    )
    with _without_variables(_BOLT_VARIABLES):
        app = _create_bolt_app(authorize, client, signing_secret, socket=socket)
    app.use(_replace_half_characters)
    app.command(_ANY_NAME)(dispatcher.handle_command)
    app.block_action(_ANY_NAME)(dispatcher.handle_action)
    app.block_suggestion(_ANY_NAME)(dispatcher.handle_options)
    app.view_submission(_ANY_NAME)(dispatcher.handle_submission)
    app.shortcut(_ANY_NAME)(dispatcher.handle_shortcut)
    app.event(_pattern_of(SLACK_EVENT_HANDLERS))(dispatcher.handle_event)
    app.error(_respond_to_unhandled)
    return app


def _pattern_of(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"^{name}$" for name in names))


def _create_bolt_app(
    authorize: Callable[..., AuthorizeResult | None],
    client: WebClient,
    secret: str | None,
    *,
    socket: bool,
) -> App:
    # Bolt logs whole payloads at lower levels; the dispatcher logs what is needed.
    quiet = logging.getLogger("collab.bolt")
    quiet.setLevel(logging.CRITICAL)
    bare = copy(client)
    bare.token = None
    return App(
        name="bolt",  # Bolt silences the logger of this name, so it must not be ours
        logger=quiet,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        client=bare,
        authorize=_LenientAuthorize(authorize, quiet),
        signing_secret=secret or "",
        request_verification_enabled=not socket,
        ssl_check_enabled=not socket,
        url_verification_enabled=not socket,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )


def _replace_half_characters(
    request: BoltRequest, next_: Callable[[], BoltResponse]
) -> BoltResponse:
    """Make every text of the payload one that can be stored and sent again."""
    request.body = replace_half_characters_in(request.body)
    return next_()


class _LenientAuthorize(Authorize):
    """Let an unknown workspace pass without a token: the core rejects it."""

    def __init__(
        self, authorize: Callable[..., AuthorizeResult | None], logger: logging.Logger
    ) -> None:
        self._authorize = CallableAuthorize(logger=logger, func=authorize)  # type: ignore[arg-type]

    def __call__(self, **request: Any) -> AuthorizeResult:
        result = self._authorize(**request)
        return result or AuthorizeResult(
            enterprise_id=request.get("enterprise_id"), team_id=request.get("team_id")
        )


def _respond_to_unhandled(error: Exception) -> BoltResponse:
    """Answer a payload without a listener, or of an unknown form; log nothing of it."""
    if (
        isinstance(error, BoltUnhandledRequestError)
        and error.request.body.get("type") in ACKNOWLEDGED_TYPES
    ):
        return BoltResponse(status=200, body="")
    status = 404 if isinstance(error, BoltUnhandledRequestError) else 400
    log.warning("payload answered with %s: %s", status, type(error).__name__)
    return BoltResponse(status=status, body="")


@contextmanager
def _without_variables(names: tuple[str, ...]) -> Iterator[None]:
    """Hide variables that override Bolt's arguments or start its OAuth flow."""
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
