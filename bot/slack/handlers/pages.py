"""Pages: opening them, going back, and what is done on them."""

from __future__ import annotations

from datetime import datetime

from bot.slack.button_values import PageTrail, VerbChoice
from bot.slack.commands.catalog import offered_page_verbs
from bot.slack.handlers.access_requests import open_request_form
from bot.slack.handlers.forms import show_verb
from bot.slack.requests import ActionRequest, Services
from bot.slack.routing import ActionRoute
from bot.slack.views import Message, View
from bot.slack.views.pages import PageOffers, gone_page_view, resource_page_view
from collab import errors
from collab.model import Caller
from collab.pages import ResourcePage, ShowResourcePage

REQUEST_VERB = "request"  # for a known resource its form has the roles above one's own


def open_page(services: Services, request: ActionRequest) -> None:
    """Open the page of a resource, in place of the page that led to it."""
    trail = request.page.trail if request.page else PageTrail(())
    _show_page(services, request, trail.follow(request.value))


def go_back(services: Services, request: ActionRequest) -> None:
    """Show the page from which this one was opened."""
    _show_page(services, request, PageTrail.decode(request.value))


def act_on_page(services: Services, request: ActionRequest) -> Message | None:
    """Show the form or the answer of a verb that was chosen on a page, above it."""
    choice = VerbChoice.decode(request.value)
    if choice.verb == REQUEST_VERB and choice.resource_id:
        open_request_form(services, request, choice.resource_id)
        answer = None
    else:
        answer = show_verb(services, request, choice, request.open_view)
    if request.page and request.is_selection:
        # A select keeps what was chosen until its page is shown anew.
        _show_page(services, request, request.page.trail)
    return answer


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


def build_offers(services: Services, caller: Caller, page: ResourcePage) -> PageOffers:
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
    page = services.bus.query(ShowResourcePage(caller, trail.subject_id), at)
    offers = build_offers(services, caller, page)
    return resource_page_view(services.renderer, page, offers, trail)


ROUTES = (
    ActionRoute("open_page", open_page),
    ActionRoute("page_back", go_back),
    ActionRoute("act", act_on_page),
)
