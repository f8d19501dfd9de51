"""Commands that create, change, disable and enable resources."""

from __future__ import annotations

from dataclasses import dataclass

from collab import errors
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    MemberJoined,
    ResourceCreated,
    ResourceDescribed,
    ResourceDisabled,
    ResourceEnabled,
    ResourceRenamed,
)
from collab.model import ResourceId
from collab.resource_lookup import resolve_resource, resolve_with_capability
from collab.resource_names import find_free_slug, validate_description, validate_name
from collab.resource_rules import (
    check_full_member,
    check_may_create_reserved,
    check_may_place,
    needs_founder,
)


@dataclass(frozen=True, slots=True)
class CreateResource(Command):
    """Create a resource; its creator gets the founder's role.

    `within` names the container, if any.
    """

    kind: str
    title: str
    within: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Require `create` on the container, or else a full member (RES-01)."""
        kind = context.roles.get(self.kind)
        if kind is None:
            raise errors.UnknownKind(self.kind, tuple(context.roles))
        parent = resolve_resource(context, self.within) if self.within else None
        if parent:
            check_may_place(context, kind.name, parent)
        else:
            check_full_member(context)
        check_may_create_reserved(context, kind)
        title = validate_name(self.title)
        resource_id = ResourceId(context.new_id("R"))
        slug = find_free_slug(context, title, kind.name)
        parent_id = parent.id if parent else None
        created = ResourceCreated(kind.name, resource_id, slug, title, parent_id)
        if parent and not needs_founder(context, kind, parent):
            return [created]
        actor_id = context.actor.id
        return [
            created,
            MemberJoined(resource_id, actor_id, kind.founder_role, None, None),
        ]


@dataclass(frozen=True, slots=True)
class RenameResource(Command):
    """Change the name of a resource; its slug stays."""

    what: str
    title: str

    def decide(self, context: Context) -> list[Event]:
        """Require `edit` (RES-03)."""
        resource = resolve_with_capability(context, self.what, "edit")
        title = validate_name(self.title)
        if title == resource.title:
            return []
        return [ResourceRenamed(resource.id, title, resource.title)]


@dataclass(frozen=True, slots=True)
class DescribeResource(Command):
    """Change the description of a resource; an empty one removes it."""

    what: str
    description: str

    def decide(self, context: Context) -> list[Event]:
        """Require `edit` (RES-03)."""
        resource = resolve_with_capability(context, self.what, "edit")
        description = validate_description(self.description)
        if description == resource.about:
            return []
        return [ResourceDescribed(resource.id, description, resource.about)]


@dataclass(frozen=True, slots=True)
class DisableResource(Command):
    """Disable a resource with its contents: most capabilities end (ROL-04)."""

    what: str

    def decide(self, context: Context) -> list[Event]:
        """Require `disable`."""
        resource = resolve_with_capability(context, self.what, "disable")
        return [] if resource.disabled else [ResourceDisabled(resource.id)]


@dataclass(frozen=True, slots=True)
class EnableResource(Command):
    """Enable a disabled resource."""

    what: str

    def decide(self, context: Context) -> list[Event]:
        """Require `disable`."""
        resource = resolve_with_capability(context, self.what, "disable")
        return [ResourceEnabled(resource.id)] if resource.disabled else []
