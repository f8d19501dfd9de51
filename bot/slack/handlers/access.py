"""Access: what I hold, what a thing is, who can, and why."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.commands.catalog import Slot
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    get_resource_or_linked,
    parse_page,
    split_pair,
)
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
from collab.people import NOBODY, Account, Address, Person

BASIC_CAPABILITY = "view"


def show_own_roles(desk: Services, asked: CommandRequest) -> Message:
    """What the caller holds."""
    return _build_own_roles_message(desk, asked, 0)


def show_own_roles_page(desk: Services, click: ActionRequest) -> Message:
    """Another page of it."""
    return _build_own_roles_message(desk, click, parse_page(split_pair(click.value)[1]))


def show_resource(desk: Services, asked: CommandRequest) -> Message:
    """One resource."""
    return _build_resource_message(desk, asked, get_resource_or_linked(desk, asked))


def show_chosen_resource(desk: Services, click: ActionRequest) -> Message:
    """Show chosen for a thing."""
    return _build_resource_message(desk, click, click.value)


def _build_resource_message(
    desk: Services, asked: CommandRequest | ActionRequest, what: str
) -> Message:
    found: ResourceDetail = desk.bus.query(ShowResource(asked.caller, what), asked.at)
    return resource_message(
        desk.renderer, found, is_paid_type=desk.bus.roles[found.resource.kind].is_paid
    )


def show_users_with_capability(desk: Services, asked: CommandRequest) -> Message:
    """Everybody who can."""
    return _build_users_message(
        desk, asked, get_resource_or_linked(desk, asked), asked.get(Slot.CAPABILITY), 0
    )


def show_users_with_capability_page(desk: Services, click: ActionRequest) -> Message:
    """Another page of them."""
    what, rest = split_pair(click.value)
    capability, page = split_pair(rest)
    return _build_users_message(desk, click, what, capability, parse_page(page))


def explain_access(desk: Services, asked: CommandRequest) -> Message:
    """Every path by which somebody can, or that there is none."""
    return _build_explanation_message(
        desk,
        asked,
        asked.get(Slot.PERSON),
        get_resource_or_linked(desk, asked),
        asked.get(Slot.CAPABILITY),
    )


def explain_member_access(desk: Services, click: ActionRequest) -> Message:
    """Why? chosen in a list: answered beside it."""
    what, person = split_pair(click.value)
    with desk.read_workspace(click.caller) as facts:
        found = facts.get_person(person)
    if found is None:
        raise errors.UnknownResource(what)
    return {
        **_build_explanation_message(
            desk, click, _get_account_or_address(found), what, BASIC_CAPABILITY
        ),
        "replace_original": False,
    }


def _build_own_roles_message(
    desk: Services, asked: CommandRequest | ActionRequest, page: int
) -> Message:
    found: ResourceRoleList = desk.bus.query(
        ListMyResources(asked.caller, page), asked.at
    )
    able: OfferedActions = desk.bus.query(ShowOfferedActions(asked.caller), asked.at)
    return own_roles_message(desk.renderer, found, page, able)


def _build_users_message(
    desk: Services,
    asked: CommandRequest | ActionRequest,
    what: str,
    capability: str,
    page: int,
) -> Message:
    found: UsersWithCapability = desk.bus.query(
        ListUsersWithCapability(asked.caller, what, capability, page), asked.at
    )
    return users_with_capability_message(desk.renderer, found, page)


def _build_explanation_message(
    desk: Services,
    asked: CommandRequest | ActionRequest,
    person: Account | Address,
    what: str,
    capability: str,
) -> Message:
    found: AccessExplanation = desk.bus.query(
        ExplainAccess(asked.caller, person, what, capability), asked.at
    )
    held: Sequence[RolePath] = ()
    if not found.paths:
        held = desk.bus.query(
            ExplainAccess(asked.caller, person, found.resource.id, BASIC_CAPABILITY),
            asked.at,
        ).paths
    me = desk.find_person(asked.caller) or NOBODY
    closed = (
        found.disabled and capability not in authorization.CAPABILITIES_WHEN_DISABLED
    )
    return access_explanation_message(
        desk.renderer, found, held, me.id, is_closed=closed
    )


def _get_account_or_address(person: Person) -> Account | Address:
    if person.team and person.user:
        return Account(person.team, person.user)
    return Address(person.email or "")
