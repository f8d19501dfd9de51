"""Access: the caller's roles, a resource, who has a capability, and why."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.button_values import CapabilityPage, ListPage, MemberRef
from bot.slack.commands.slots import Slot
from bot.slack.lookups import get_account_or_address, get_resource_or_linked
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message
from bot.slack.views.access import (
    access_explanation_message,
    own_roles_message,
    users_with_capability_message,
)
from collab import errors
from collab.access_queries import (
    ExplainAccess,
    ListMyResources,
    ListUsersWithCapability,
    RolePath,
)
from collab.home import ShowOfferedActions

BASIC_CAPABILITY = "view"


def show_own_roles(services: Services, request: CommandRequest) -> Message:
    """Show the resources on which the caller has a role."""
    return _build_own_roles_message(services, request)


def show_own_roles_page(services: Services, request: ActionRequest) -> Message:
    """Show another page of the caller's roles."""
    page = ListPage.decode(request.value).page
    return _build_own_roles_message(services, request, page)


def show_users_with_capability(services: Services, request: CommandRequest) -> Message:
    """Show who has a capability on a resource."""
    resource_ref = get_resource_or_linked(services, request)
    query = ListUsersWithCapability(
        request.caller,
        resource_ref,
        request.get(Slot.CAPABILITY),
        day=request.get(Slot.DAY),
    )
    return _build_users_message(services, request, query)


def show_users_with_capability_page(
    services: Services, request: ActionRequest
) -> Message:
    """Show another page of those who have a capability."""
    page = CapabilityPage.decode(request.value)
    query = ListUsersWithCapability(
        request.caller, page.resource_id, page.capability, page.page, page.day
    )
    return _build_users_message(services, request, query)


def explain_access(services: Services, request: CommandRequest) -> Message:
    """Show every path by which a person has a capability, or that there is none."""
    resource_ref = get_resource_or_linked(services, request)
    query = ExplainAccess(
        request.caller,
        request.get(Slot.PERSON),
        resource_ref,
        request.get(Slot.CAPABILITY),
        request.get(Slot.DAY),
    )
    return _build_explanation_message(services, request, query)


def explain_member_access(services: Services, request: ActionRequest) -> Message:
    """Show why a member chosen in a list may view the resource, beside the list."""
    member = MemberRef.decode(request.value)
    with services.read_workspace(request.caller) as repositories:
        person = repositories.people.get_person(member.person_id)
    if person is None:
        raise errors.UnknownResource(member.resource_id)
    query = ExplainAccess(
        request.caller,
        get_account_or_address(person),
        member.resource_id,
        BASIC_CAPABILITY,
    )
    message = _build_explanation_message(services, request, query)
    return {**message, "replace_original": False}


def _build_own_roles_message(
    services: Services, request: CommandRequest | ActionRequest, page: int = 0
) -> Message:
    roles = services.bus.query(ListMyResources(request.caller, page), request.at)
    actions = services.bus.query(ShowOfferedActions(request.caller), request.at)
    return own_roles_message(services.renderer, roles, page, actions)


def _build_users_message(
    services: Services,
    request: CommandRequest | ActionRequest,
    query: ListUsersWithCapability,
) -> Message:
    users = services.bus.query(query, request.at)
    return users_with_capability_message(services.renderer, users, query.page)


def _build_explanation_message(
    services: Services, request: CommandRequest | ActionRequest, query: ExplainAccess
) -> Message:
    """Return the paths of a capability; without any, the person's roles there."""
    explanation = services.bus.query(query, request.at)
    role_paths: Sequence[RolePath] = ()
    if not explanation.paths:
        roles_query = ExplainAccess(
            request.caller,
            query.who,
            explanation.resource.id,
            BASIC_CAPABILITY,
            query.day,
        )
        role_paths = services.bus.query(roles_query, request.at).paths
    return access_explanation_message(
        services.renderer,
        explanation,
        role_paths,
        services.get_person_id(request.caller),
        is_closed=explanation.is_suspended,
    )


ROUTES = (
    CommandRoute("mine", show_own_roles),
    CommandRoute("who", show_users_with_capability),
    CommandRoute("why", explain_access),
    ActionRoute("why_ask", explain_member_access, "verb.why"),
    ActionRoute("mine_page", show_own_roles_page, "verb.mine"),
    ActionRoute("who_page", show_users_with_capability_page, "verb.who"),
)
