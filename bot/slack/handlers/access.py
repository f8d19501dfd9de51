"""Access: what I hold, what a thing is, who can, and why."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.button_values import CapabilityPage, ListPage, MemberRef
from bot.slack.commands.slots import Slot
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
)
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message
from bot.slack.views.access import (
    access_explanation_message,
    own_roles_message,
    users_with_capability_message,
)
from bot.slack.views.resources import resource_message
from collab import authorization, errors
from collab.access_queries import (
    AccessExplanation,
    ExplainAccess,
    ListMyResources,
    ListUsersWithCapability,
    ResourceDetail,
    ResourceRoleList,
    RolePath,
    ShowResource,
    UsersWithCapability,
)
from collab.home import OfferedActions, ShowOfferedActions
from collab.model import NOBODY, Account, Address, Person

BASIC_CAPABILITY = "view"


def show_own_roles(services: Services, asked: CommandRequest) -> Message:
    """What the caller holds."""
    return _build_own_roles_message(services, asked, 0)


def show_own_roles_page(services: Services, request: ActionRequest) -> Message:
    """Another page of it."""
    return _build_own_roles_message(
        services, request, ListPage.decode(request.value).page
    )


def show_resource(services: Services, asked: CommandRequest) -> Message:
    """One resource."""
    return _build_resource_message(
        services, asked, get_resource_or_linked(services, asked)
    )


def show_chosen_resource(services: Services, request: ActionRequest) -> Message:
    """Show chosen for a thing."""
    return _build_resource_message(services, request, request.value)


def _build_resource_message(
    services: Services, asked: CommandRequest | ActionRequest, what: str
) -> Message:
    found: ResourceDetail = services.bus.query(
        ShowResource(asked.caller, what), asked.at
    )
    return resource_message(
        services.renderer,
        found,
        is_paid_type=services.bus.roles[found.resource.kind].is_paid,
    )


def show_users_with_capability(services: Services, asked: CommandRequest) -> Message:
    """Everybody who can."""
    return _build_users_message(
        services,
        asked,
        get_resource_or_linked(services, asked),
        asked.get(Slot.CAPABILITY),
        0,
    )


def show_users_with_capability_page(
    services: Services, request: ActionRequest
) -> Message:
    """Another page of them."""
    page = CapabilityPage.decode(request.value)
    return _build_users_message(
        services, request, page.resource_id, page.capability, page.page
    )


def explain_access(services: Services, asked: CommandRequest) -> Message:
    """Every path by which somebody can, or that there is none."""
    return _build_explanation_message(
        services,
        asked,
        asked.get(Slot.PERSON),
        get_resource_or_linked(services, asked),
        asked.get(Slot.CAPABILITY),
    )


def explain_member_access(services: Services, request: ActionRequest) -> Message:
    """Why? chosen in a list: answered beside it."""
    member = MemberRef.decode(request.value)
    with services.read_workspace(request.caller) as repositories:
        found = repositories.people.get_person(member.person_id)
    if found is None:
        raise errors.UnknownResource(member.resource_id)
    return {
        **_build_explanation_message(
            services,
            request,
            _get_account_or_address(found),
            member.resource_id,
            BASIC_CAPABILITY,
        ),
        "replace_original": False,
    }


def _build_own_roles_message(
    services: Services, asked: CommandRequest | ActionRequest, page: int
) -> Message:
    found: ResourceRoleList = services.bus.query(
        ListMyResources(asked.caller, page), asked.at
    )
    able: OfferedActions = services.bus.query(
        ShowOfferedActions(asked.caller), asked.at
    )
    return own_roles_message(services.renderer, found, page, able)


def _build_users_message(
    services: Services,
    asked: CommandRequest | ActionRequest,
    what: str,
    capability: str,
    page: int,
) -> Message:
    found: UsersWithCapability = services.bus.query(
        ListUsersWithCapability(asked.caller, what, capability, page), asked.at
    )
    return users_with_capability_message(services.renderer, found, page)


def _build_explanation_message(
    services: Services,
    asked: CommandRequest | ActionRequest,
    person: Account | Address,
    what: str,
    capability: str,
) -> Message:
    found: AccessExplanation = services.bus.query(
        ExplainAccess(asked.caller, person, what, capability), asked.at
    )
    held: Sequence[RolePath] = ()
    if not found.paths:
        held = services.bus.query(
            ExplainAccess(asked.caller, person, found.resource.id, BASIC_CAPABILITY),
            asked.at,
        ).paths
    me = services.find_person(asked.caller) or NOBODY
    closed = (
        found.disabled and capability not in authorization.CAPABILITIES_WHEN_DISABLED
    )
    return access_explanation_message(
        services.renderer, found, held, me.id, is_closed=closed
    )


def _get_account_or_address(person: Person) -> Account | Address:
    if person.team and person.user:
        return Account(person.team, person.user)
    return Address(person.email or "")


ROUTES = (
    CommandRoute("mine", show_own_roles),
    CommandRoute("show", show_resource),
    CommandRoute("who", show_users_with_capability),
    CommandRoute("why", explain_access),
    ActionRoute("why_ask", explain_member_access),
    ActionRoute("show_ask", show_chosen_resource),
    ActionRoute("mine_page", show_own_roles_page),
    ActionRoute("who_page", show_users_with_capability_page),
)
