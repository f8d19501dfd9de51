"""Payloads of every kind as the playground sends them, recorded while people use the app."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bot.playground.driver import Person
from bot.playground.server import Playground
from tests.fuzz.mutations import Json, Recorded

PATIENCE = 15.0
LINES = (
    "",
    "help invite",
    "create app Shop in acme",
    "create team Crew",
    "create payment Card in acme",
    "create project Website in acme",
    "invite @carl admin acme",
    'invite @devi developer shop for 30d note "Hello"',
    "invite lena@client.example.com developer shop",
    "members acme",
    "mine",
    "show shop",
    "events acme since 7d",
    "who shop code",
    "why @carl shop code",
    "invitations sent",
    "link shop daily at 9",
    "pay shop card",
    "share shop crew manager",
    "settings",
    "invite",
    "remove @carl acme",
    "delete website",
)
SENT = {"command", "event", "block_actions", "view_submission", "block_suggestion", "shortcut"}


def record(playground: Playground) -> list[Recorded]:
    """Let people use the app; gives what was sent to it. Acme has to be there, and Ada to be its owner."""
    before = len(playground.traffic)
    ada, carl, devi = (playground.person(name) for name in ("ada", "carl", "devi"))
    for line in LINES:
        ada.types(f"/collab {line}", channel="acme")
    carl.presses(_message(carl, "accept"), "accept")
    devi.presses(_message(devi, "decline"), "decline")
    _view(devi).submits({"reason": "Not this year"})
    _at_home(ada)
    _change_people(playground)
    sent = [e for e in playground.traffic[before:] if e["direction"] == "out" and e["kind"] in SENT]
    return [Recorded(entry["kind"], _unmasked(entry["body"], playground.url)) for entry in sent]


def _at_home(ada: Person) -> None:
    ada.closes()
    ada.opens_home()
    home = _until(lambda: ada.home)
    ada.presses(home, "more_open")
    _view(ada).closes()
    ada.presses(home, "create_open")
    view = _until(lambda: ada.view)
    _view(ada).fills({"name": "Blog"})
    ada.searches(view, "find:create there", "ac")
    ada.chooses(view, "find:create kind", "app")
    ada.submits()
    ada.closes()
    ada.uses("invite")
    view = _until(lambda: ada.view)
    ada.searches(view, "invite_what", "sh")
    ada.closes()


def _change_people(playground: Playground) -> None:
    playground.change_person("carl", tz="Asia/Tokyo")
    playground.deactivate("devi")
    playground.returns("devi")
    playground.makes_admin("bo")
    playground.add_person("zoe")
    playground.rename("partners", "clients")
    playground.archive("clients")


def _message(person: Person, button: str) -> Json:
    """The message with a button, once it is there."""

    def find() -> Json | None:
        return next(
            (m for m in reversed(person.direct_messages()) if f'"{button}' in str(m["blocks"]).replace("'", '"')), None
        )

    found: Json = _until(find)
    return found


def _view(person: Person) -> Person:
    _until(lambda: person.view)
    return person


def _until(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.02)
    raise TimeoutError


def _unmasked(body: Any, url: str) -> Any:
    """The inspector's copy with something in place of the dots of addresses."""
    if isinstance(body, dict):
        return {key: _unmasked(value, url) for key, value in body.items()}
    if isinstance(body, list):
        return [_unmasked(value, url) for value in body]
    return body.replace("••••", "fuzz") if isinstance(body, str) else body
