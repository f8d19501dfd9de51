"""Home: opened, and turned to another page; what it shows is published by the courier."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.identity import account_from_user
from bot.slack.requests import ActionRequest, Services, parse_page
from collab.home import FIRST_PAGES
from collab.people import Account, Caller, Person, RegisterPerson


def open_home(desk: Services, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """The Home tab opened: whoever opens it is known from then on, and it begins at its first pages."""
    if event.get("tab") != "home":
        return
    person = _get_or_register_person(
        desk, by, at, account_from_user(by.workspace, event.get("user"))
    )
    if person:
        desk.outbox.enqueue_home_update(by.workspace, person.id, FIRST_PAGES)


def show_home_page(desk: Services, click: ActionRequest) -> None:
    """Another page of one of its lists."""
    me = desk.find_person(click.caller)
    pages = [parse_page(page) for page in click.value.split()[: len(FIRST_PAGES)]]
    if me and len(pages) == len(FIRST_PAGES):
        desk.outbox.enqueue_home_update(click.caller.workspace, me.id, pages)


def refresh_home_of_caller(desk: Services, by: Caller) -> None:
    """What somebody sees at home is brought up to date where it is."""
    me = desk.find_person(by)
    if me:
        desk.outbox.enqueue_home_update(by.workspace, me.id)


def _get_or_register_person(
    desk: Services, by: Caller, at: datetime, account: Account
) -> Person | None:
    with desk.read_workspace(by) as facts:
        known = facts.find_person_by_account(account)
    if known is None:
        desk.bus.execute(RegisterPerson(by, account), at)
        with desk.read_workspace(by) as facts:
            known = facts.find_person_by_account(account)
    return known
