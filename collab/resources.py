"""Resources: passive things of a kind, each with a name for people and a slug that is unique in the workspace."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import count

from collab import accessible_resources, authorization, errors
from collab.card_numbers import holds_card_number
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    InvitationRevoked,
    MemberJoined,
    PayerChanged,
    ResourceCreated,
    ResourceDeleted,
    ResourceDescribed,
    ResourceDisabled,
    ResourceEnabled,
    ResourceRenamed,
    ResourceRetired,
)
from collab.invitations.rules import (
    build_revoked_event,
    may_transfer_ownership,
    revoke_unauthorized,
)
from collab.limits import (
    MAX_RESOURCES_IN_OFFER,
    NAME_LIMIT,
    NOTE_LIMIT,
    SLUG_LIMIT,
    get_next_expiry_notice,
)
from collab.model import EffectiveRole, Membership, Resource
from collab.people import check_profile, is_foreign
from collab.roles import ResourceType
from collab.text import (
    clean_text,
    clean_text_line,
    is_visible,
    normalize_for_comparison,
)
from collab.what_if import build_enabled_context, hypothetical_context

SURROUNDING_CHARACTERS = (
    ".,;:!?()[]{}*_~`'\"“”„«»‘’‹› "  # what may stand around a name and not belong to it
)
NO_RESOURCE_WORD = "nothing"  # the word that stands for no thing at all
UNCHANGED = "as it is"


@dataclass(frozen=True, slots=True)
class CreateResource(Command):
    """Make a resource that stands in nothing, or in another one; its creator holds the role that the table names."""

    kind: str
    title: str
    within: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Any full member may create what stands in nothing; inside a resource, whoever may create there (RES-01)."""
        kind = context.roles.get(self.kind)
        if kind is None:
            raise errors.UnknownKind(self.kind, tuple(context.roles))
        parent = resolve_resource(context, self.within) if self.within else None
        if parent:
            check_may_place(context, kind.name, parent)
        else:
            _check_full_member(context)
        check_may_create_reserved(context, kind)
        title, resource = validate_name(self.title), context.new_id("R")
        slug = find_free_slug(context, title, kind.name)
        made: list[Event] = [
            ResourceCreated(
                kind.name, resource, slug, title, parent.id if parent else None
            )
        ]
        if parent is None or needs_founder(context, kind, parent):
            made.append(
                MemberJoined(resource, context.actor.id, kind.founder_role, None, None)
            )
        return made


@dataclass(frozen=True, slots=True)
class RenameResource(Command):
    """Give a resource another name; its slug stays."""

    what: str
    title: str

    def decide(self, context: Context) -> list[Event]:
        """Whoever may edit it may give it another name (RES-03)."""
        resource, title = (
            resolve_with_capability(context, self.what, "edit"),
            validate_name(self.title),
        )
        return (
            []
            if title == resource.title
            else [ResourceRenamed(resource.id, title, resource.title)]
        )


@dataclass(frozen=True, slots=True)
class DescribeResource(Command):
    """Say in a few words what a resource is."""

    what: str
    description: str

    def decide(self, context: Context) -> list[Event]:
        """Whoever may edit it may describe it (RES-03)."""
        resource, about = (
            resolve_with_capability(context, self.what, "edit"),
            validate_description(self.description),
        )
        return (
            []
            if about == resource.about
            else [ResourceDescribed(resource.id, about, resource.about)]
        )


@dataclass(frozen=True, slots=True)
class DisableResource(Command):
    """Let a resource and everything in it answer every capability with no."""

    what: str

    def decide(self, context: Context) -> list[Event]:
        """What is disabled, and everything in it, answers every capability with no (ROL-04)."""
        resource = resolve_with_capability(context, self.what, "disable")
        return [] if resource.disabled else [ResourceDisabled(resource.id)]


@dataclass(frozen=True, slots=True)
class EnableResource(Command):
    """End that."""

    what: str

    def decide(self, context: Context) -> list[Event]:
        """Whoever may disable may enable again."""
        resource = resolve_with_capability(context, self.what, "disable")
        return [ResourceEnabled(resource.id)] if resource.disabled else []


@dataclass(frozen=True, slots=True)
class DeleteResource(Command):
    """Delete a resource with everything in it; one with things inside asks for its name typed."""

    what: str
    typed: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Everything in it goes with it; with things inside, its name must be typed (RES-04)."""
        resource = resolve_with_capability(context, self.what, "delete")
        if resource.retired:
            raise errors.Retired(resource.title)
        inner = [r for r in list_descendants(context, resource) if not r.retired]
        if inner and normalize_for_comparison(
            self.typed or ""
        ) != normalize_for_comparison(resource.title):
            raise errors.TypeItsName(resource.title, len(inner))
        doomed = [*inner[::-1], resource]
        kept = {r.id for r in doomed if context.billing.count_invoices(r.id)}
        going = {r.id for r in doomed}
        unpaid = [
            p
            for r in doomed
            for p in context.resources.list_resources_paid_by(r.id)
            if p.id not in going
        ]
        for paid in unpaid:
            check_payer_may_change(context, paid)
            check_controlled(context, paid, payer=None)
        waiting = {
            i.id: i
            for r in doomed
            for i in (
                *context.invitations.list_pending_invitations_on(r.id),
                *context.invitations.list_pending_invitations_for(r.id),
            )
        }
        return [
            *(PayerChanged(paid.id, None, paid.payer) for paid in unpaid),
            *(
                build_revoked_event(invitation, "deleted")
                for invitation in waiting.values()
            ),
            *(
                lost
                for lost in _revoke_unauthorized_by_deletion(context, doomed, unpaid)
                if lost.invitation not in waiting
            ),
            *keep_invoice_readers(context, resource, going - kept),
            *(_build_inner_end_event(r, retire=r.id in kept) for r in doomed[:-1]),
            ResourceRetired(resource.id, resource.title, resource.parent)
            if resource.id in kept
            else _build_deleted_event(context, resource, doomed),
        ]


def needs_founder(context: Context, kind: ResourceType, parent: Resource) -> bool:
    """Return whether something new inside the parent needs somebody who holds the founder's role directly."""
    role = kind.find_role(kind.founder_role)
    return bool(
        role
        and role.min_holders
        and not context.roles.guarantees_role(parent.kind, kind.name, role.name)
    )


def revoke_unauthorized_by_change(
    context: Context, *changed: Resource, added_memberships: Sequence[Membership] = ()
) -> list[InvitationRevoked]:
    """The invitations that only a right upheld which came by what some things stood in, or by what paid for them.
    Memberships in `held` count as if they were there.
    """
    waiting = {
        invitation.id: invitation
        for resource in changed
        for outer in (resource, *list_descendants(context, resource))
        for touched in (outer, *context.resources.list_resources_paid_by(outer.id))
        for invitation in context.invitations.list_pending_invitations_on(touched.id)
    }
    return revoke_unauthorized(
        hypothetical_context(
            context, resources=changed, added_memberships=added_memberships
        ),
        waiting.values(),
    )


def keep_invoice_readers(
    context: Context, deleted: Resource, going: Collection[str]
) -> Iterator[MemberJoined]:
    """Give a role of their own to those who can read the invoices of what is retired by a role on what is deleted.

    What was retired before counts too (RES-04, BIL-07).
    """
    for resource in list_descendants(context, deleted):
        if resource.id in going:
            continue
        reading = [
            h
            for h in authorization.list_users_with(context, resource)
            if _may_read_invoices(context, resource, h)
        ]
        staying = {h.person for h in reading if h.path[0].resource not in going}
        for held in {
            h.person: h for h in reversed(reading) if h.person not in staying
        }.values():
            source = context.graph.get_memberships_by_resource(
                held.person, [held.path[0].resource], context.at
            )[held.path[0].resource]
            yield MemberJoined(
                resource.id,
                held.person,
                held.role,
                source.until,
                None,
                due=get_next_expiry_notice(source.until, context.at),
                within=deleted.id,
            )


def _may_read_invoices(
    context: Context, resource: Resource, held: EffectiveRole
) -> bool:
    role = context.roles[resource.kind].find_role(held.role)
    return role is not None and "invoices" in role.capabilities


def _build_inner_end_event(resource: Resource, *, retire: bool) -> Event:
    """A payment method with invoices is retired, not deleted (RES-04)."""
    return (ResourceRetired if retire else ResourceDeleted)(
        resource.id, resource.title, parent=resource.parent
    )


def _revoke_unauthorized_by_deletion(
    context: Context, doomed: Sequence[Resource], unpaid: Sequence[Resource]
) -> list[InvitationRevoked]:
    """The invitations to what stays that only a right by what goes upheld: by a payment, or by a group's role."""
    groups = [r for r in doomed if context.roles[r.kind].is_group]
    members = dict.fromkeys(
        m.person
        for group in groups
        for m in context.memberships.list_members(group.id, context.at)
    )
    later = hypothetical_context(
        context,
        resources=[
            *(replace(r, gone=True) for r in groups),
            *(replace(paid, payer=None) for paid in unpaid),
        ],
    )
    waiting = [
        i
        for person in members
        for i in context.invitations.list_pending_invitations_by(person)
    ]
    waiting += [
        i
        for paid in unpaid
        for i in context.invitations.list_pending_invitations_on(paid.id)
    ]
    return revoke_unauthorized(later, {i.id: i for i in waiting}.values())


def _build_deleted_event(
    context: Context, resource: Resource, doomed: Sequence[Resource]
) -> Event:
    """The end of what was named: everybody who loses something by it hears, and the channels that heard of it."""
    people = tuple(
        authorization.list_users_within(context, resource, {r.id for r in doomed})
    )
    links = [
        link.channel
        for r in doomed
        for link in context.channels.list_channel_links(r.id)
    ]
    outer = [
        i
        for c in authorization.iterate_containers(context, resource)
        for i in context.channels.list_channel_links(c.id)
    ]
    channels = dict.fromkeys(
        [*links, *(link.channel for link in outer if "removals" in link.groups)]
    )
    return ResourceDeleted(
        resource.id, resource.title, people, resource.parent, tuple(channels)
    )


def list_descendants(context: Context, resource: Resource) -> Sequence[Resource]:
    """What stands in a resource, and in that, and so on; the outer before the inner."""
    return context.resources.list_descendants(resource.id)


def resolve_with_capability(context: Context, what: str, capability: str) -> Resource:
    """The resource that words mean, when the actor has the capability on it."""
    resource = resolve_resource(context, what)
    check_capability(context, resource, capability)
    return resource


def check_capability(context: Context, resource: Resource, capability: str) -> None:
    """Refuse when the actor lacks the capability."""
    if not authorization.check(context, context.actor.id, capability, resource):
        later, open_again = build_enabled_context(context, resource)
        is_closed = authorization.is_disabled(context, resource)
        if is_closed and authorization.check(
            later, context.actor.id, capability, open_again
        ):
            raise errors.MayNot(
                capability,
                resource.title,
                disabled=True,
                enables=authorization.find_slug_to_enable(context, resource),
            )
        raise errors.MayNot(capability, resource.title, is_closed=is_closed)


def check_enabled(context: Context, resource: Resource, capability: str) -> None:
    """Refuse what must not happen to something disabled, though its capability still counts there (ROL-04)."""
    if authorization.is_disabled(context, resource):
        raise errors.MayNot(
            capability,
            resource.title,
            disabled=True,
            enables=authorization.find_slug_to_enable(context, resource),
        )


def check_payer_may_change(context: Context, resource: Resource) -> None:
    """Refuse another payer, or none, while the resource is disabled (ROL-04)."""
    if authorization.is_disabled(context, resource):
        known = authorization.redact_resource(context, resource)
        raise errors.PayerStays(known.title)


def check_controlled(
    context: Context,
    resource: Resource,
    *,
    parent: str | None = UNCHANGED,
    payer: str | None = UNCHANGED,
) -> None:
    """Refuse what would leave an app uncontrolled; what is named is as it will be, the rest is as it is."""
    if not is_controlled(context, resource, parent=parent, payer=payer):
        raise build_last_holder_rejection(
            context, resource, context.roles[resource.kind].highest_role
        )


def build_last_holder_rejection(
    context: Context, resource: Resource, role: str
) -> errors.LastHolder:
    """Return the refusal to take the last one away who must hold a role, with what the actor can do first."""
    known = context.roles[resource.kind].find_role(role)
    only_one = bool(known and known.max_holders)
    way = ""
    if authorization.is_disabled(context, resource):
        way = (
            "enable"
            if authorization.find_slug_to_enable(context, resource) == resource.slug
            else ""
        )
    elif only_one and may_transfer_ownership(context, context.actor.id, resource, role):
        way = "transfer"
    elif role in authorization.list_assignable_roles(
        context, context.actor.id, resource
    ):
        way = "invite"
    return errors.LastHolder(role, resource.title, resource.slug, only_one, way)


def is_controlled(
    context: Context,
    resource: Resource,
    *,
    parent: str | None = UNCHANGED,
    payer: str | None = UNCHANGED,
    members: Sequence[Membership] | None = None,
) -> bool:
    """Whether an app stands in something, or is paid for, or somebody holds its highest role for good."""
    kind = context.roles[resource.kind]
    stands = resource.parent if parent is UNCHANGED else parent
    paid = resource.payer if payer is UNCHANGED else payer
    if not kind.must_stay_controlled or stands or paid:
        return True
    staying = (
        context.memberships.list_members(resource.id, context.at)
        if members is None
        else members
    )
    return any(m.role == kind.highest_role and m.until is None for m in staying)


def validate_description(typed: str) -> str | None:
    """A description of at most 500 characters; nothing when it is empty."""
    about = clean_text(typed).strip()
    if len(about) > NOTE_LIMIT:
        raise errors.TooLong("description", len(about), NOTE_LIMIT)
    return about or None


def may_create_at_top_level(context: Context) -> bool:
    """Whether the actor may create what stands in nothing, as far as is known, and what a workspace may reserve."""
    is_full = not context.actor.guest and not is_foreign(context, context.actor)
    return is_full and (context.actor.admin or not context.policy.reserved)


def check_may_create_reserved(context: Context, kind: ResourceType) -> None:
    """Refuse to create what the workspace leaves to those who look after it (RES-01)."""
    if kind.is_reservable and context.policy.reserved and not context.actor.admin:
        check_profile(context)
        raise errors.Reserved(kind.name)


def _check_full_member(context: Context) -> None:
    check_profile(context)
    if context.actor.guest:
        raise errors.GuestActor


def check_may_place(context: Context, kind: str, parent: Resource) -> None:
    check_capability(context, parent, "create")
    if parent.kind not in context.roles[kind].container_types:
        raise errors.DoesNotStandIn(
            kind, parent.kind, parent.title, context.roles[kind].container_types
        )
    if not authorization.may_create(context, context.actor.id, kind, parent):
        raise errors.MayNotCreate(kind, parent.title)


def validate_name(typed: str) -> str:
    """The name without invisible characters and doubled spaces; refused when nothing, or too much, is left."""
    name = clean_text_line(typed)
    if not is_visible(name) or len(name) > NAME_LIMIT:
        raise errors.BadName(name[: NAME_LIMIT * 2], len(name), NAME_LIMIT)
    return name


def make_slug(title: str, otherwise: str) -> str:
    """A name as a slug: a–z, 0–9 and '-', 2 to 40 characters; `otherwise` when nothing of it may be kept."""
    plain = (
        unicodedata.normalize("NFKD", title.replace("ß", "ss"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_LIMIT].strip("-")
    is_card = any(
        map(holds_card_number, (slug, _trim_slug(slug)))
    )  # "4111.1111.1111.1111" becomes one (BIL-01)
    return slug if len(slug) >= 2 and not is_card else otherwise  # noqa: PLR2004 - the least length of a slug


def find_free_slug(context: Context, title: str, kind: str) -> str:
    """Return a slug that nobody has; a taken one gets a number, so that nobody learns of what they may not view.

    What a line reads as a kind, or as nothing, is no slug either; its numbers begin with 1.
    """
    wanted, reserved = make_slug(title, kind), _list_reserved_slugs(context)
    taken = (
        context.resources.list_slugs_starting_with(wanted[: SLUG_LIMIT - 8]) | reserved
    )
    if wanted not in taken:
        return wanted
    numbered = (
        f"{_trim_slug(wanted)}-{n}" for n in count(1 if wanted in reserved else 2)
    )
    return next(
        slug for slug in numbered if slug not in taken and not holds_card_number(slug)
    )


def _trim_slug(slug: str) -> str:
    """Return as much of a slug as leaves room for a number."""
    return slug[: SLUG_LIMIT - 8].rstrip("-")


def _list_reserved_slugs(context: Context) -> frozenset[str]:
    """Return the words that mean a kind, or nothing, wherever a thing is named."""
    renderer = (
        word for name in context.roles for word in (name, *context.roles[name].words)
    )
    return frozenset(
        {NO_RESOURCE_WORD, *(make_slug(word, NO_RESOURCE_WORD) for word in renderer)}
    )


def resolve_resource(context: Context, typed: str) -> Resource:
    """The resource that an id, a slug or a name means to the actor; what they may not view is unknown to them."""
    typed = clean_text_line(typed)
    found = context.resources.find_resource_by_id_or_slug(typed)
    if (
        found
        and not found.gone
        and authorization.check(context, context.actor.id, "view", found)
    ):
        return found
    visible = accessible_resources.list_visible_resources(context, context.actor.id)
    named = _find_by_name(typed, visible)
    if named:
        return named
    bare = typed.strip(SURROUNDING_CHARACTERS)
    if bare and bare != typed:
        return resolve_resource(context, bare)
    near = get_close_matches(typed.lower(), [r.slug for r in visible], n=1, cutoff=0.5)
    raise errors.UnknownResource(typed[:NAME_LIMIT], near[0] if near else None)


def _find_by_name(typed: str, visible: Sequence[Resource]) -> Resource | None:
    """Return the one thing of that name, or, of several whose names compare as one, the one that is spelt so."""
    wanted = normalize_for_comparison(typed)
    alike = [r for r in visible if normalize_for_comparison(r.title) == wanted]
    exact = [r for r in alike if r.title == typed]
    return next((found[0] for found in (exact, alike) if len(found) == 1), None)


def find_namesake(context: Context, resource: str) -> Resource | None:
    """Return another thing of the same name in the same place that the actor may view."""
    visible = accessible_resources.list_visible_resources(context, context.actor.id)
    this = next((r for r in visible if r.id == resource), None)
    if this is None:
        return None
    beside = (r for r in visible if r.parent == this.parent and r.id != resource)
    return next(
        (
            r
            for r in beside
            if normalize_for_comparison(r.title) == normalize_for_comparison(this.title)
        ),
        None,
    )


def resolve_resources(context: Context, typed: str | tuple[str, ...]) -> list[Resource]:
    """The resource, or the several, that some words mean: all of them as one name where they are one."""
    renderer = (typed,) if isinstance(typed, str) else typed
    try:
        return [resolve_resource(context, " ".join(renderer))]
    except errors.UnknownResource:
        if len(renderer) == 1:
            raise
    distinct = tuple(
        {normalize_for_comparison(word): word for word in renderer}.values()
    )
    found = {
        resource.id: resource
        for resource in (
            resolve_resource(context, word)
            for word in distinct[: MAX_RESOURCES_IN_OFFER + 1]
        )
    }
    if len(found) > MAX_RESOURCES_IN_OFFER:
        raise errors.TooManyTogether(len(distinct), MAX_RESOURCES_IN_OFFER)
    found |= {
        resource.id: resource
        for resource in (
            resolve_resource(context, word)
            for word in distinct[MAX_RESOURCES_IN_OFFER + 1 :]
        )
    }
    return list(found.values())
