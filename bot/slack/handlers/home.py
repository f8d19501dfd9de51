"""Home: opened, and turned to another page; what it shows is published by the courier."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.button_values import HomePages
from bot.slack.identity import account_from_user
from bot.slack.requests import ActionRequest, Services
from bot.slack.routing import ActionRoute, EventRoute
from collab.home import FIRST_PAGES
from collab.model import Account, Caller, Person
from collab.people import RegisterPerson


def open_home(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """The Home tab opened: whoever opens it is known from then on, and it begins at its first pages."""
    if event.get("tab") != "home":
        return
    person = _get_or_register_person(
        services, by, at, account_from_user(by.workspace, event.get("user"))
    )
    if person:
        services.outbox.enqueue_home_update(by.workspace, person.id, FIRST_PAGES)


def show_home_page(services: Services, request: ActionRequest) -> None:
    """Another page of one of its lists."""
    me = services.find_person(request.caller)
    pages = HomePages.decode(request.value).pages[: len(FIRST_PAGES)]
    if me and len(pages) == len(FIRST_PAGES):
        services.outbox.enqueue_home_update(request.caller.workspace, me.id, pages)


def refresh_home_of_caller(services: Services, by: Caller) -> None:
    """What somebody sees at home is brought up to date where it is."""
    me = services.find_person(by)
    if me:
        services.outbox.enqueue_home_update(by.workspace, me.id)


def _get_or_register_person(
    services: Services, by: Caller, at: datetime, account: Account
) -> Person | None:
    with services.read_workspace(by) as repositories:
        known = repositories.people.find_person_by_account(account)
    if known is None:
        services.bus.execute(RegisterPerson(by, account), at)
        with services.read_workspace(by) as repositories:
            known = repositories.people.find_person_by_account(account)
    return known


ROUTES = (
    ActionRoute("home_page", show_home_page),
    EventRoute("app_home_opened", open_home),
)
