"""Home: opened, and turned to another page; what it shows is published by the courier."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.identity import account_named
from bot.listeners.road import Click, Desk, page_of
from collab.home import FIRST
from collab.people import Account, Caller, Meet, Person


def opened(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """The Home tab opened: whoever opens it is known from then on, and it begins at its first pages."""
    if event.get("tab") != "home":
        return
    person = _met(desk, by, at, account_named(by.workspace, event.get("user")))
    if person:
        desk.outbox.show_home(by.workspace, person.id, FIRST)


def press_page(desk: Desk, click: Click) -> None:
    """Another page of one of its lists."""
    me = desk.me(click.by)
    pages = [page_of(page) for page in click.value.split()[: len(FIRST)]]
    if me and len(pages) == len(FIRST):
        desk.outbox.show_home(click.by.workspace, me.id, pages)


def refresh(desk: Desk, by: Caller) -> None:
    """What somebody sees at home is brought up to date where it is."""
    me = desk.me(by)
    if me:
        desk.outbox.show_home(by.workspace, me.id)


def _met(desk: Desk, by: Caller, at: datetime, account: Account) -> Person | None:
    with desk.facts(by) as facts:
        known = facts.person_by_account(account)
    if known is None:
        desk.collab.perform(Meet(by, account), at)
        with desk.facts(by) as facts:
            known = facts.person_by_account(account)
    return known
