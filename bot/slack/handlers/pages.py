"""Pages of resources and people: opening them, going back, and what is done on them."""

from __future__ import annotations

from datetime import datetime

from bot.slack.button_values import VerbChoice
from bot.slack.commands.catalog import VERB_BY_NAME, offered_page_verbs
from bot.slack.commands.slots import Slot
from bot.slack.handlers.access_requests import open_request_form
from bot.slack.handlers.forms import fill_chosen_resource, show_verb
from bot.slack.lookups import get_account_or_address, get_resource_or_linked
from bot.slack.page_below import ShownPage
from bot.slack.page_values import PEOPLE_PREFIX, PageTrail, PeopleScope, PersonVerb
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message, View
from bot.slack.views.pages import (
    PageOffers,
    gone_page_view,
    resource_page_message,
    resource_page_view,
)
from bot.slack.views.people_pages import people_page_view
from bot.slack.views.person_pages import person_page_message, person_page_view
from collab import errors
from collab.model import Account, Address, Caller, PersonId
from collab.pages import ResourcePage, ShowPersonPage, ShowResourcePage
from collab.people_with_access import ListPeopleWithAccess

PERSON_ID_PREFIX = "P"
REQUEST_VERB = "request"  # for a known resource its form has the roles above one's own


def show_page(services: Services, request: CommandRequest) -> Message:
    """Show the page of a person, or else of a resource."""
    who = request.get(Slot.PERSON)
    if who is not None:
        return _build_person_message(services, request.caller, request.at, who)
    resource_ref = get_resource_or_linked(services, request)
    return _build_resource_message(services, request.caller, request.at, resource_ref)


def open_page(services: Services, request: ActionRequest) -> None:
    """Open the page of a resource or a person, in place of the page that led to it."""
    trail = request.page.trail if request.page else PageTrail(())
    _show_page(services, request, trail.follow(request.value))


def go_back(services: Services, request: ActionRequest) -> None:
    """Show the page from which this one was opened; where that is gone, the one before."""
    trail = PageTrail.decode(request.value)
    request.show_view(rebuild_page(services, request.caller, request.at, trail))


def show_people(services: Services, request: ActionRequest) -> None:
    """Show the people of what the caller manages, all or some of them."""
    trail = request.page.trail if request.page else PageTrail(())
    scope = PeopleScope.decode(request.value)
    _show_page(services, request, trail.replace_last(scope.encode()))


def act_on_resource(services: Services, request: ActionRequest) -> Message | None:
    """Show the form or the answer of a verb that was chosen on a page, above it."""
    choice = VerbChoice.decode(request.value)
    if choice.verb == REQUEST_VERB and choice.resource_id:
        open_request_form(services, request, choice.resource_id)
        answer = None
    else:
        slots = fill_chosen_resource(services, request, choice)
        answer = show_verb(services, request, choice.verb, slots, request.open_view)
    if request.page and request.is_selection:
        # A select keeps what was chosen until its page is shown anew.
        _show_page(services, request, request.page.trail)
    elif request.page_below and request.is_selection:
        replace_page_message(services, request.caller, request.at, request.page_below)
    return answer


def act_on_person(services: Services, request: ActionRequest) -> Message | None:
    """Show the form or the answer of a verb for a person, above their page."""
    choice = PersonVerb.decode(request.value)
    verb = VERB_BY_NAME.get(choice.verb)
    with services.read_workspace(request.caller) as repositories:
        person = repositories.people.get_person(choice.person_id)
    if person is None or verb is None:
        return services.build_reply("outdated_control")
    who = get_account_or_address(person)
    slots: dict[Slot, object] = {}
    for slot in (Slot.PEOPLE, Slot.PERSON, Slot.SUBJECT):
        if verb.accepts_slot(slot):
            slots[slot] = (who,) if slot is Slot.PEOPLE else who
    if choice.resource_id:
        slots[Slot.RESOURCE] = choice.resource_id
    return show_verb(services, request, choice.verb, slots, request.open_view)


def rebuild_page(
    services: Services, caller: Caller, at: datetime, trail: PageTrail
) -> View:
    """Return a page as it is now; where its subject is gone, the page before it."""
    while trail.ids:
        try:
            return _build_view(services, caller, at, trail)
        except errors.UnknownResource:
            trail = PageTrail(trail.ids[:-1])
    return gone_page_view(services.renderer)


def replace_page_message(
    services: Services, caller: Caller, at: datetime, page: ShownPage
) -> None:
    """Enqueue the update of the message that a page is in; raises Rejected."""
    subject_id = page.trail.subject_id
    if subject_id.startswith(PERSON_ID_PREFIX):
        message = _build_person_message(services, caller, at, PersonId(subject_id))
    else:
        message = _build_resource_message(services, caller, at, subject_id)
    services.enqueue_response(
        caller, page.address, {**message, "replace_original": True}
    )


def _build_person_message(
    services: Services, caller: Caller, at: datetime, who: Account | Address | PersonId
) -> Message:
    page = services.bus.query(ShowPersonPage(caller, who), at)
    return person_page_message(services.renderer, page)


def _build_resource_message(
    services: Services, caller: Caller, at: datetime, resource_ref: str
) -> Message:
    page = services.bus.query(ShowResourcePage(caller, resource_ref), at)
    offers = _build_offers(services, caller, page)
    return resource_page_message(services.renderer, page, offers)


def _build_offers(services: Services, caller: Caller, page: ResourcePage) -> PageOffers:
    """Return what the caller may do on a resource."""
    verbs = offered_page_verbs(page, services.bus.roles)
    if not services.bus.plans:
        verbs.pop("plan", None)
    resource_type = services.bus.roles[page.resource.kind]
    return PageOffers(verbs, resource_type.is_paid, caller.idempotency_key or "")


def _show_page(services: Services, request: ActionRequest, trail: PageTrail) -> None:
    request.show_view(_build_view(services, request.caller, request.at, trail))


def _build_view(
    services: Services, caller: Caller, at: datetime, trail: PageTrail
) -> View:
    subject_id = trail.subject_id
    if subject_id.startswith(PEOPLE_PREFIX):
        scope = PeopleScope.decode(subject_id)
        people = services.bus.query(
            ListPeopleWithAccess(caller, scope.place, scope.only_outsiders, scope.page),
            at,
        )
        return people_page_view(services.renderer, people, scope, trail)
    if subject_id.startswith(PERSON_ID_PREFIX):
        query = ShowPersonPage(caller, PersonId(subject_id))
        return person_page_view(services.renderer, services.bus.query(query, at), trail)
    page = services.bus.query(ShowResourcePage(caller, subject_id), at)
    offers = _build_offers(services, caller, page)
    return resource_page_view(services.renderer, page, offers, trail)


ROUTES = (
    CommandRoute("show", show_page),
    ActionRoute("open_page", open_page),
    ActionRoute("page_back", go_back),
    ActionRoute("people_open", show_people),
    ActionRoute("people_show", show_people),
    ActionRoute("act", act_on_resource, "wrong.title"),
    ActionRoute("act_person", act_on_person, "wrong.title"),
)
