"""Publish a person's Home."""

from __future__ import annotations

from contextlib import suppress

from bot.delivery.profiles import get_target_person, sync_profile
from bot.delivery.services import DeliveryServices
from bot.slack.errors import MethodPaused, SlackCallFailed
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views.home import home_view
from collab.errors import Rejected
from collab.home import FIRST_PAGES, ShowHome
from collab.model import Account, Caller, Delivery, Person
from collab.notifications.messages import HOME


def publish_home(services: DeliveryServices, delivery: Delivery) -> None:
    """Publish the current Home of a person."""
    person = _get_person_with_profile(services, delivery)
    if person is None or not person.team or not person.user:
        return
    pages = services.store.get_home_pages(delivery.workspace, person.id) or FIRST_PAGES
    first, second, third = pages
    caller = Caller(delivery.workspace, Account(person.team, person.user), HOME)
    now = services.now()
    try:
        home = services.bus.query(ShowHome(caller, (first, second, third)), now)
    except Rejected:  # the account was deactivated, or the app was uninstalled
        return
    renderer = services.renderer_for(delivery.workspace, person)
    services.slack.call_method(
        delivery.workspace,
        "views.publish",
        user_id=person.user,
        view=home_view(renderer, home, now, ACTION_HANDLERS),
    )


def _get_person_with_profile(
    services: DeliveryServices, delivery: Delivery
) -> Person | None:
    """Return the person, after reading their profile if it is unknown.

    So the very first Home is in the person's language, too.
    """
    person = get_target_person(services, delivery)
    if person is None or person.profiled or not person.user:
        return person
    with suppress(SlackCallFailed, MethodPaused, Rejected):
        sync_profile(services, delivery)
    return get_target_person(services, delivery)
