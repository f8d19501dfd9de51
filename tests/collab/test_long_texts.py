"""Any text of 4,000 characters is decided on quickly, and characters that databases cannot store are removed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest

from collab.access_queries import ShowResource
from collab.billing.payment_methods import ChangeBillingDetails
from collab.errors import Rejected
from collab.invitations.commands import InviteToResource
from collab.model import Address, BillingDetails
from collab.resource_pickers import ListVisibleResources, ResolveNamedResources
from collab.resources import CreateResource, DescribeResource, RenameResource
from collab.settings import ChangeSettings
from storage.database import Database
from tests.support.builders import Scenario

SHAPES = (
    "a", "a ", "1234 ", "4111 1111 1111 1111 ", "a@", "a.", "@a.b", "xn--",
    "é\u0301\u0316", "\u200d", "👩‍", "“", "*_", "-",
    "１２ ",
    "\u0085", "ﷺ", "1-", "0d,", "sh op ",
)  # fmt: skip
ASKED: dict[str, Callable[[Scenario, str], Any]] = {
    "name": lambda w, text: CreateResource(w.caller_for("ada"), "app", text, "acme"),
    "new name": lambda w, text: RenameResource(w.caller_for("ada"), "acme", text),
    "thing": lambda w, text: ShowResource(w.caller_for("ada"), text),
    "things": lambda w, text: ResolveNamedResources(
        w.caller_for("ada"), tuple(text.split())
    ),
    "search": lambda w, text: ListVisibleResources(w.caller_for("ada"), ("app",), text),
    "description": lambda w, text: DescribeResource(w.caller_for("ada"), "acme", text),
    "note": lambda w, text: InviteToResource(
        w.caller_for("ada"), w.account_of("carl"), "admin", "acme", note=text
    ),
    "address": lambda w, text: InviteToResource(
        w.caller_for("ada"), Address(text), "admin", "acme"
    ),
    "setting": lambda w, text: ChangeSettings(w.caller_for("ada"), {"reminders": text}),
    "details": lambda w, text: ChangeBillingDetails(
        w.caller_for("ada"), "card", BillingDetails(text, text, text)
    ),
}


QUERIED = {"thing", "things", "search"}
LIMIT = 0.05  # seconds for one text
TEXTS = {"details": 3}


def measure(ask: Callable[..., Any], asked: Any, at: datetime) -> float:
    """Return the seconds of this thread that an answer or a rejection takes."""
    started = time.thread_time()
    with suppress(Rejected):
        ask(asked, at)
    return time.thread_time() - started


@pytest.mark.parametrize("field", ASKED)
def test_a_text_of_4000_characters_is_decided_on_quickly(
    acme: Scenario, field: str
) -> None:
    acme.create_resource("payment", "Card", "acme")
    acme.register_people("ada", admin=True)
    slow = {}
    for shape in SHAPES:
        asked = ASKED[field](acme, (shape * 4_000)[:4_000])
        ask = acme.bus.query if field in QUERIED else acme.bus.execute
        # The least of a few: what else runs on the machine takes time from each.
        spent = min(measure(ask, asked, acme.at) for _ in range(3))
        if spent > LIMIT * TEXTS.get(field, 1):
            slow[shape] = spent

    assert slow == {}


@pytest.mark.rule("EVT-07")
def test_nul_and_half_characters_are_kept_as_what_can_be_kept(
    database: Database,
) -> None:
    world = Scenario(database)
    world.create_company("Ac\x00me \ud83d")
    typed = "Hi\x00 there\ud83d\r\nand \udc00more\u2028too"

    world.execute(DescribeResource(world.caller_for("ada"), "acme", typed))
    invitation = world.send_invitation("carl", note=typed)

    kept = "Hi there\ufffd\nand \ufffdmore\ntoo"
    assert (world.get_resource("acme").title, world.get_resource("acme").about) == (
        "Acme \ufffd",
        kept,
    )
    assert world.get_invitation(invitation).note == kept
