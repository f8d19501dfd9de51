"""What somebody may choose from: the things that they may see, and those that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import accessible_resources
from collab.command import Query
from collab.context import Context
from collab.model import Resource
from collab.resource_lookup import resolve_resources
from collab.text import normalize_for_comparison

MAX_OPTIONS = 100


@dataclass(frozen=True, slots=True)
class ResourceOption:
    """A thing and what it stands in at last, or the thing itself when others can stand in it."""

    resource: Resource
    outermost: Resource | None


@dataclass(frozen=True, slots=True)
class ListVisibleResources(Query[Sequence[ResourceOption]]):
    """What may I view of these kinds? With `typed`, only what has it in its name or its short name."""

    is_allowed_from_outside: ClassVar[bool] = True

    kinds: tuple[str, ...]
    typed: str = ""

    def answer(self, context: Context) -> Sequence[ResourceOption]:
        """What the asker may view, at most a hundred, what stands in others after them."""
        return list_resource_options(
            context, self.typed, lambda resource: resource.kind in self.kinds
        )


@dataclass(frozen=True, slots=True)
class ResolveNamedResources(Query[Sequence[Resource]]):
    """What do these words name: one thing, or each of them one?"""

    is_allowed_from_outside: ClassVar[bool] = True

    what: tuple[str, ...]

    def answer(self, context: Context) -> Sequence[Resource]:
        """The things that some words name, as every action reads them."""
        return resolve_resources(context, self.what)


def list_resource_options(
    context: Context, typed: str, wanted: Callable[[Resource], bool]
) -> list[ResourceOption]:
    """What the asker may view, is wanted, and has in its name what was typed; at most a hundred."""
    seen = {
        resource.id: resource
        for resource in accessible_resources.list_visible_resources(
            context, context.actor.id
        )
    }
    fitting = [r for r in seen.values() if wanted(r) and matches_typed_text(r, typed)]
    return [
        ResourceOption(r, find_outermost_container(context, seen, r))
        for r in fitting[:MAX_OPTIONS]
    ]


def matches_typed_text(resource: Resource, typed: str) -> bool:
    """Whether what was typed stands in the name or the short name."""
    looked_for = normalize_for_comparison(typed)
    return (
        looked_for in normalize_for_comparison(resource.title)
        or looked_for in resource.slug
    )


def find_outermost_container(
    context: Context, seen: Mapping[str, Resource], resource: Resource
) -> Resource | None:
    """The last of what it stands in, as far as the asker may see; nothing for what stands alone."""
    outer = resource
    while found := seen.get(outer.parent or ""):
        outer = found
    return outer if context.roles.can_have_contents(outer.kind) else None
