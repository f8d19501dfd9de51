"""Filters of resources by what the role model says of their type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collab.role_model import ResourceType, RoleModel

TypePredicate = Callable[[RoleModel, ResourceType], bool]


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """Which resources a slot accepts, and for whom the verb is offered on them.

    `capabilities` are capabilities, or "grants" or "removes"; the reader needs one of
    them, if any are named. With `is_offered` false the slot never makes the verb be
    offered for a resource.
    """

    accepts_type: TypePredicate
    capabilities: tuple[str, ...] = ()
    is_offered: bool = True


def is_any(_roles: RoleModel, _type: ResourceType) -> bool:
    """Accept every type."""
    return True


def has_capability(capability: str) -> TypePredicate:
    """Return a predicate for the types on which some role has a capability."""

    def has_it(_roles: RoleModel, resource_type: ResourceType) -> bool:
        return any(capability in role.capabilities for role in resource_type.roles)

    return has_it


def is_contained(_roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether a resource of the type can be in a container."""
    return bool(resource_type.container_types)


def is_container(roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether a resource of the type can contain others."""
    return roles.can_have_contents(resource_type.name)


def can_hold_migrated(roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether a resource that can be migrated can be in one of the type."""
    can_migrate = has_capability("migrate")
    return any(
        can_migrate(roles, roles[name])
        and resource_type.name in roles[name].container_types
        for name in roles
    )


def is_paid(_roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether a payment method pays for resources of the type."""
    return resource_type.is_paid


def is_payment_method(_roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether the type is a payment method."""
    return resource_type.is_payment_method


def has_plans(_roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether resources of the type have a plan."""
    return resource_type.has_plans


def is_group(_roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether the type is a group of people, such as a team."""
    return resource_type.is_group


def can_be_shared(roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether a team can have a role on resources of the type."""
    return roles.accepts_groups(resource_type.name)


def can_be_assigned(roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether resources of the type can be assigned to members of a team."""
    return roles.has_relation("assigned", resource_type.name)


def is_transferable(_roles: RoleModel, resource_type: ResourceType) -> bool:
    """Return whether payment or ownership can be transferred."""
    return bool(resource_type.stays_as)
