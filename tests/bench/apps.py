"""The apps that are measured, in process: the real one, and an empty Bolt app with one listener."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot.app_identity import AppIdentity, build_authorize
from bot.delivery.waking_outbox import WakingOutbox
from bot.playground.delivery import FORM_TYPE, signature_headers
from bot.priority_gate import PriorityGate
from bot.rendering import renderer_for_language
from bot.slack.app import build_bolt_app
from bot.slack.client import SlackClient, build_web_client
from bot.slack.profiles import ProfileReader
from storage.database import Database
from tests.bench.company import ACME, ADA, AT, BOT, TEAM, core

TOKEN, SECRET = "xoxb-bench-0123456789", "0123456789abcdef"
IDENTITY = AppIdentity(TEAM, "Acme HQ", None, BOT, "BCOLLAB")
NOWHERE = "http://127.0.0.1:9/api/"
HELP, INVITE = "help invite", "invite <@UB{0:07}|somebody> admin acme"


def empty_app(secret: str = SECRET) -> App:
    """Bolt with one listener that says one word."""
    authorize: Callable[..., Any] = build_authorize(IDENTITY, TOKEN)
    client = WebClient(base_url=NOWHERE)
    app = App(
        client=client,
        authorize=authorize,
        signing_secret=secret,
        process_before_response=True,
    )
    app.command("/collab")(lambda ack: ack("ok"))
    return app


@contextmanager
def real_app(url: str) -> Iterator[App]:
    """Everything registered, on a database."""
    database = Database.open(url)
    client = build_web_client(TOKEN, NOWHERE)
    outbox = WakingOutbox(database.outbox, lambda: None)
    try:
        yield build_bolt_app(
            core(database),
            outbox,
            renderer_for_language("en"),
            priority_gate=PriorityGate(),
            get_locale=ProfileReader(
                core(database), SlackClient(client), lambda: AT
            ).find_locale,
            now=lambda: AT,
            authorize=build_authorize(IDENTITY, TOKEN),
            client=client,
            signing_secret=SECRET,
            socket=False,
        )
    finally:
        database.close()


def command(text: str, trigger: int, team: str = TEAM) -> str:
    """The body of a command that Ada types."""
    return urlencode(
        {
            "token": "playground-verification-token",
            "team_id": team,
            "team_domain": "acme-hq",
            "channel_id": ACME,
            "channel_name": "acme",
            "user_id": ADA,
            "user_name": "ada",
            "command": "/collab",
            "text": text,
            "api_app_id": "ACOLLAB",
            "is_enterprise_install": "false",
            "response_url": f"{NOWHERE}response/{trigger}",
            "trigger_id": f"{trigger}.1.bench",
        }
    )


def headers(body: str, secret: str = SECRET) -> dict[str, str]:
    """The headers with which Slack signs a body."""
    return {"Content-Type": FORM_TYPE, **signature_headers(secret, body.encode())}


def asking(app: App, text: str, times: int) -> Callable[[], Any]:
    """A work that types the next of so many commands, written and signed before; `{0}` in the text is its number."""
    bodies = (command(text.format(turn), turn) for turn in range(1, times + 1))
    turns = iter([(body, headers(body)) for body in bodies])

    def ask() -> None:
        body, signed = next(turns)
        answer = app.dispatch(BoltRequest(body=body, headers={**signed}))
        assert answer.status == 200, answer.status

    return ask


def answered(app: App, text: str) -> dict[str, Any]:
    """What the app says to one command."""
    body = command(text, 0)
    answer: dict[str, Any] = json.loads(
        app.dispatch(BoltRequest(body=body, headers={**headers(body)})).body
    )
    return answer
