"""Payloads of every kind as the playground sends them, recorded while people use the app."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bot.playground.fake_user import FakeUser
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
SENT = {
    "command",
    "event",
    "block_actions",
    "view_submission",
    "block_suggestion",
    "shortcut",
}


def record(playground: Playground) -> list[Recorded]:
    """Let people use the app; gives what was sent to it. Acme has to be there, and Ada to be its owner."""
    before = len(playground.traffic_entries)
    ada, carl, devi = (playground.get_user(name) for name in ("ada", "carl", "devi"))
    for line in LINES:
        ada.type_text(f"/collab {line}", channel="acme")
    carl.press_button(_message(carl, "accept"), "accept")
    devi.press_button(_message(devi, "decline"), "decline")
    _view(devi).submit_view({"note": "Not this year"})
    _at_home(ada)
    _change_people(playground)
    sent = [
        e
        for e in playground.traffic_entries[before:]
        if e["direction"] == "out" and e["kind"] in SENT
    ]
    return [
        Recorded(entry["kind"], _unmasked(entry["body"], playground.url))
        for entry in sent
    ]


def _at_home(ada: FakeUser) -> None:
    ada.close_view()
    ada.open_home()
    home = _until(lambda: ada.home_view)
    ada.press_button(home, "more_open")
    _view(ada).close_view()
    ada.press_button(home, "create_open")
    view = _until(lambda: ada.top_view)
    _view(ada).fill_view({"name": "Blog"})
    ada.search_options(view, "find:create there", "ac")
    ada.choose_option(view, "find:create kind", "app")
    ada.submit_view()
    ada.close_view()
    ada.use_shortcut("invite")
    view = _until(lambda: ada.top_view)
    ada.search_options(view, "find:invite whats", "sh")
    ada.close_view()


def _change_people(playground: Playground) -> None:
    playground.change_account("carl", tz="Asia/Tokyo")
    playground.deactivate_account("devi")
    playground.reactivate_account("devi")
    playground.set_admin("bo")
    playground.add_user("zoe")
    playground.rename_channel("partners", "clients")
    playground.archive_channel("clients")


def _message(person: FakeUser, button: str) -> Json:
    """The message with a button, once it is there."""

    def find() -> Json | None:
        return next(
            (
                m
                for m in reversed(person.list_direct_messages())
                if f'"{button}' in str(m["blocks"]).replace("'", '"')
            ),
            None,
        )

    found: Json = _until(find)
    return found


def _view(person: FakeUser) -> FakeUser:
    _until(lambda: person.top_view)
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
