"""Resources to choose from: those that the actor may view or names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import accessible_resources
from collab.command import Query
from collab.context import Context
from collab.model import Resource, ResourceId
from collab.resource_lookup import resolve_resources
from collab.text import normalize_for_comparison

MAX_OPTIONS = 100


@dataclass(frozen=True, slots=True)
class ResourceOption:
    """A resource and its outermost container.

    The latter is the resource itself if it can contain others and has no container;
    None for one that neither has nor can be a container.
    """

    resource: Resource
    outermost: Resource | None


@dataclass(frozen=True, slots=True)
class ListVisibleResources(Query[Sequence[ResourceOption]]):
    """List the resources of some types that the actor may view.

    `typed` restricts them to those with that text in their name or slug.
    """

    is_allowed_from_outside: ClassVar[bool] = True

    kinds: tuple[str, ...]
    typed: str = ""

    def answer(self, context: Context) -> Sequence[ResourceOption]:
        """Return at most a hundred, contents after their containers."""
        return list_resource_options(
            context, self.typed, lambda resource: resource.kind in self.kinds
        )


@dataclass(frozen=True, slots=True)
class ResolveNamedResources(Query[Sequence[Resource]]):
    """Look up the resources that some words mean: one, or one for each word."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: tuple[str, ...]

    def answer(self, context: Context) -> Sequence[Resource]:
        """Return the resources, read as in every command."""
        return resolve_resources(context, self.what)


def list_resource_options(
    context: Context, typed: str, is_wanted: Callable[[Resource], bool]
) -> list[ResourceOption]:
    """Return at most a hundred wanted and visible resources that match a typed text."""
    visible = {
        resource.id: resource
        for resource in accessible_resources.list_visible_resources(
            context, context.actor.id
        )
    }
    matching = [
        resource
        for resource in visible.values()
        if is_wanted(resource) and matches_typed_text(resource, typed)
    ]
    return [
        ResourceOption(resource, find_outermost_container(context, visible, resource))
        for resource in matching[:MAX_OPTIONS]
    ]


def matches_typed_text(resource: Resource, typed: str) -> bool:
    """Return whether the name or the slug of a resource contains a typed text."""
    text = normalize_for_comparison(typed)
    return text in normalize_for_comparison(resource.title) or text in resource.slug


def find_outermost_container(
    context: Context, visible: Mapping[ResourceId, Resource], resource: Resource
) -> Resource | None:
    """Return the outermost visible container of a resource; see ResourceOption."""
    outermost = resource
    visited_ids: set[ResourceId] = set()
    # In damaged data containers can form a cycle: each is visited once.
    while outermost.id not in visited_ids:
        visited_ids.add(outermost.id)
        if outermost.parent:
            outermost = visible.get(outermost.parent, outermost)
    return outermost if context.roles.can_have_contents(outermost.kind) else None
