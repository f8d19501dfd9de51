"""Find the resources that typed words mean, and check capabilities on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from collab import accessible_resources, authorization, errors
from collab.context import Context
from collab.limits import MAX_RESOURCES_IN_OFFER, NAME_LIMIT
from collab.model import PersonId, Resource, ResourceId
from collab.text import clean_text_line, normalize_for_comparison
from collab.what_if import build_enabled_context

# May surround a name in a sentence without being part of it.
SURROUNDING_CHARACTERS = ".,;:!?()[]{}*_~`'\"“”„«»‘’‹› "


def resolve_resource(
    context: Context,
    typed: str,
    *,
    people: Collection[PersonId] = (),
    with_contents: bool = False,
) -> Resource:
    """Return the resource that an id, a slug or a name means to the actor.

    What decides on the roles of the actor and of `people` there is read along with it;
    `with_contents` also what decides on those that follow from roles on its contents.
    Raises UnknownResource, also for what the actor may not view.
    """
    typed = clean_text_line(typed)
    resource = context.graph.find_resource(
        typed,
        (context.actor.id, *people),
        context.at,
        context.roles.types_with_roles_from_contents if with_contents else (),
    )
    if (
        resource
        and not resource.gone
        and authorization.check(context, context.actor.id, "view", resource)
    ):
        return resource
    visible = accessible_resources.list_visible_resources(context, context.actor.id)
    named = _find_by_name(typed, visible)
    if named:
        return named
    bare = typed.strip(SURROUNDING_CHARACTERS)
    if bare and bare != typed:
        return resolve_resource(
            context, bare, people=people, with_contents=with_contents
        )
    slugs = [each.slug for each in visible]
    similar = get_close_matches(typed.lower(), slugs, n=1, cutoff=0.5)
    raise errors.UnknownResource(typed[:NAME_LIMIT], similar[0] if similar else None)


def resolve_resources(context: Context, typed: str | tuple[str, ...]) -> list[Resource]:
    """Return the resources that some words mean: one if together they are its name.

    Raises UnknownResource for a word that means none, TooManyTogether for too many.
    """
    words = (typed,) if isinstance(typed, str) else typed
    try:
        return [resolve_resource(context, " ".join(words))]
    except errors.UnknownResource:
        if len(words) == 1:
            raise
    distinct = list({normalize_for_comparison(word): word for word in words}.values())
    # One more than the limit tells that it is exceeded: the rest is then not read.
    first = MAX_RESOURCES_IN_OFFER + 1
    resources = _resolve_each(context, distinct[:first])
    if len(resources) > MAX_RESOURCES_IN_OFFER:
        raise errors.TooManyTogether(len(distinct), MAX_RESOURCES_IN_OFFER)
    resources |= _resolve_each(context, distinct[first:])
    return list(resources.values())


def resolve_with_capability(context: Context, typed: str, capability: str) -> Resource:
    """Return the resource that words mean; raises MayNot without a capability."""
    resource = resolve_resource(context, typed)
    check_capability(context, resource, capability)
    return resource


def check_capability(context: Context, resource: Resource, capability: str) -> None:
    """Reject an actor who lacks the capability."""
    if authorization.check(context, context.actor.id, capability, resource):
        return
    is_closed = authorization.is_disabled(context, resource)
    later, enabled = build_enabled_context(context, resource)
    if is_closed and authorization.check(later, context.actor.id, capability, enabled):
        raise _build_disabled_rejection(context, resource, capability)
    raise errors.MayNot(capability, resource.title, is_closed=is_closed)


def check_enabled(context: Context, resource: Resource, capability: str) -> None:
    """Reject an act on a disabled resource although its capability remains (ROL-04)."""
    if authorization.is_disabled(context, resource):
        raise _build_disabled_rejection(context, resource, capability)


def find_namesake(context: Context, resource_id: ResourceId) -> Resource | None:
    """Return another visible resource with the same name in the same container."""
    visible = accessible_resources.list_visible_resources(context, context.actor.id)
    this = next((each for each in visible if each.id == resource_id), None)
    if this is None:
        return None
    name = normalize_for_comparison(this.title)
    for each in visible:
        is_beside = each.parent == this.parent and each.id != resource_id
        if is_beside and normalize_for_comparison(each.title) == name:
            return each
    return None


def _resolve_each(context: Context, words: Iterable[str]) -> dict[ResourceId, Resource]:
    """Return the resources that single words mean, by id."""
    resources = [resolve_resource(context, word) for word in words]
    return {resource.id: resource for resource in resources}


def _find_by_name(typed: str, visible: Sequence[Resource]) -> Resource | None:
    """Return the one resource of a name; of several similar names the exact one."""
    name = normalize_for_comparison(typed)
    similar = [each for each in visible if normalize_for_comparison(each.title) == name]
    exact = [each for each in similar if each.title == typed]
    if len(exact) == 1:
        return exact[0]
    return similar[0] if len(similar) == 1 else None


def _build_disabled_rejection(
    context: Context, resource: Resource, capability: str
) -> errors.MayNot:
    return errors.MayNot(
        capability,
        resource.title,
        disabled=True,
        enables=authorization.find_slug_to_enable(context, resource),
    )
