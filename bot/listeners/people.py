"""People: what the chat platform says of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.identity import account_named, profile_from
from bot.listeners.road import Desk
from collab.people import Caller, ReadProfile


def profile_changed(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """Keep a changed profile of somebody who is known, by their account or by their address.

    The address of an account of another workspace makes nobody known: it is not verified here.
    """
    act = profile_from(by, event.get("user"))
    if _known(desk, act):
        desk.collab.perform(act, at)


def _known(desk: Desk, act: ReadProfile) -> bool:
    with desk.facts(act.by) as facts:
        by_address = facts.person_by_address(act.email) if act.email and not act.stranger else None
        return bool(facts.person_by_account(account_named(act.by.workspace, act.account.user)) or by_address)
