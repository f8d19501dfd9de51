"""What the form of a handover offers: the resources, and the role to stay in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collab import accessible_resources
from collab.command import Query
from collab.context import Context
from collab.handovers.scope import is_direct_owner
from collab.invitations.rules import may_transfer_ownership
from collab.model import Resource
from collab.resource_lookup import resolve_resources
from collab.resource_pickers import ResourceOption, list_resource_options
from collab.what_if import build_enabled_context


@dataclass(frozen=True, slots=True)
class ListTransferableResources(Query[Sequence[ResourceOption]]):
    """List the resources that the actor may hand over, filtered by name."""

    typed: str = ""

    def answer(self, context: Context) -> Sequence[ResourceOption]:
        """Return at most a hundred; what goes along with its container is not among
        them (HND-01).
        """
        roles = accessible_resources.list_effective_roles_by_resource(
            context, context.actor.id
        )

        def may_hand_over(resource: Resource) -> bool:
            resource_type = context.roles[resource.kind]
            role = resource_type.highest_role
            if resource_type.stays_as is None:
                return False
            if all(each.role != role for each in roles.get(resource.id, ())):
                return False
            enabled, same = build_enabled_context(context, resource)
            return may_transfer_ownership(enabled, context.actor.id, same, role)

        return list_resource_options(context, self.typed, may_hand_over)


@dataclass(frozen=True, slots=True)
class ShowUsualRoleToKeep(Query[str]):
    """Show in which role the actor usually stays after a handover."""

    what: tuple[str, ...]

    def answer(self, context: Context) -> str:
        """Return the role that the role model names; empty for somebody who is no direct
        owner, and keeps what they have otherwise.
        """
        resources = resolve_resources(context, self.what)
        actor_id = context.actor.id
        if not any(is_direct_owner(context, each, actor_id) for each in resources):
            return ""
        return context.roles[resources[0].kind].stays_as or ""
