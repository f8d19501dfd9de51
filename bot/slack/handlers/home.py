"""Home: opening it and paging its lists; it is published through the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.button_values import HomePages
from bot.slack.handlers.onboarding import enqueue_welcome
from bot.slack.identity import account_from_user
from bot.slack.requests import ActionRequest, Services
from bot.slack.routing import ActionRoute, EventRoute
from collab.home import FIRST_PAGES
from collab.model import Account, Caller, Person
from collab.people import RegisterPerson


def open_home(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """Register a person who opens the Home tab, and publish its first pages.

    An admin who opens it, or the messages, in an empty workspace gets the first steps.
    """
    account = account_from_user(by.workspace, event.get("user"))
    enqueue_welcome(services, by, account, event.get("api_app_id") or "")
    if event.get("tab") != "home":
        return
    person = _get_or_register_person(services, by, at, account)
    if person:
        services.outbox.enqueue_home_update(by.workspace, person.id, FIRST_PAGES)


def show_home_page(services: Services, request: ActionRequest) -> None:
    """Publish Home at other pages of its lists."""
    person = services.find_person(request.caller)
    pages = HomePages.decode(request.value).pages[: len(FIRST_PAGES)]
    if person and len(pages) == len(FIRST_PAGES):
        services.outbox.enqueue_home_update(request.caller.workspace, person.id, pages)


def refresh_home_of_caller(services: Services, by: Caller) -> None:
    """Publish the caller's Home again, at the pages where it is."""
    person = services.find_person(by)
    if person:
        services.outbox.enqueue_home_update(by.workspace, person.id)


def _get_or_register_person(
    services: Services, by: Caller, at: datetime, account: Account
) -> Person | None:
    person = _find_person(services, by, account)
    if person is None:
        services.bus.execute(RegisterPerson(by, account), at)
        person = _find_person(services, by, account)
    return person


def _find_person(services: Services, by: Caller, account: Account) -> Person | None:
    with services.read_workspace(by) as repositories:
        return repositories.people.find_person_by_account(account)


ROUTES = (
    ActionRoute("home_page", show_home_page),
    EventRoute("app_home_opened", open_home),
)
