"""Any text of 4,000 characters is decided on quickly, and what databases cannot keep is gone before it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from collab.billing import Detail, Details
from collab.choosing import ListVisible, ShowNamed
from collab.explain import Show
from collab.invitations import Invite
from collab.people import Address
from collab.preferences import Set
from collab.refusals import Refused
from collab.resources import Create, Describe, Rename
from storage.database import Database
from tests.support.builders import World

SHAPES = (
    "a", "a ", "1234 ", "4111 1111 1111 1111 ", "a@", "a.", "@a.b", "xn--",
    "é\u0301\u0316", "\u200d", "👩‍", "“", "*_", "-",
    "１２ ",
    "\u0085", "ﷺ", "1-", "0d,", "sh op ",
)  # fmt: skip
ASKED: dict[str, Callable[[World, str], Any]] = {
    "name": lambda w, text: Create(w.by("ada"), "app", text, "acme"),
    "new name": lambda w, text: Rename(w.by("ada"), "acme", text),
    "thing": lambda w, text: Show(w.by("ada"), text),
    "things": lambda w, text: ShowNamed(w.by("ada"), tuple(text.split())),
    "search": lambda w, text: ListVisible(w.by("ada"), ("app",), text),
    "description": lambda w, text: Describe(w.by("ada"), "acme", text),
    "note": lambda w, text: Invite(w.by("ada"), w.account("carl"), "admin", "acme", note=text),
    "address": lambda w, text: Invite(w.by("ada"), Address(text), "admin", "acme"),
    "setting": lambda w, text: Set(w.by("ada"), "reminders", text),
    "details": lambda w, text: Detail(w.by("ada"), "card", Details(text, text, text)),
}


@pytest.mark.parametrize("field", ASKED)
def test_a_text_of_4000_characters_is_decided_on_quickly(acme: World, field: str) -> None:
    acme.make("payment", "Card", "acme")
    acme.knows("ada", admin=True)
    slow = {}
    for shape in SHAPES:
        asked = ASKED[field](acme, (shape * 4_000)[:4_000])
        started = time.thread_time()
        with suppress(Refused):
            (acme.collab.ask if field in {"thing", "things", "search"} else acme.collab.perform)(asked, acme.at)
        if (spent := time.thread_time() - started) > 0.05:
            slow[shape] = spent

    assert slow == {}


@pytest.mark.rule("EVT-07")
def test_nul_and_half_characters_are_kept_as_what_can_be_kept(database: Database) -> None:
    world = World(database)
    world.company("Ac\x00me \ud83d")
    typed = "Hi\x00 there\ud83d\r\nand \udc00more\u2028too"

    world.do(Describe(world.by("ada"), "acme", typed))
    invitation = world.invite("carl", note=typed)

    kept = "Hi there\ufffd\nand \ufffdmore\ntoo"
    assert (world.thing("acme").title, world.thing("acme").about) == ("Acme \ufffd", kept)
    assert world.invitation(invitation).note == kept
