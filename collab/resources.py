"""Resources: passive things of a kind, each with a name for people and a slug that is unique in the workspace."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from itertools import count
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.card_numbers import holds_card_number
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
from collab.people import Caller, check_profile, is_foreign
from collab.text import (
    clean_text,
    clean_text_line,
    is_visible,
    normalize_for_comparison,
)
from collab.what_if import build_enabled_context, hypothetical_context

if TYPE_CHECKING:
    from collab.authorization import EffectiveRole
    from collab.context import Context
    from collab.memberships.commands import Membership
    from collab.roles import ResourceType

SURROUNDING_CHARACTERS = (
    ".,;:!?()[]{}*_~`'\"“”„«»‘’‹› "  # what may stand around a name and not belong to it
)
NO_RESOURCE_WORD = "nothing"  # the word that stands for no thing at all
UNCHANGED = "as it is"


@dataclass(frozen=True, slots=True)
class Resource:
    """A passive thing of a kind; it may stand in another one, and something may pay for it."""

    id: str
    kind: str
    slug: str
    title: str
    parent: str | None = None
    payer: str | None = None
    about: str | None = None
    disabled: bool = False
    gone: bool = False
    retired: bool = False
    paid_since: datetime | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class CreateResource:
    """Make a resource that stands in nothing, or in another one; its creator holds the role that the table names."""

    by: Caller
    kind: str
    title: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class RenameResource:
    """Give a resource another name; its slug stays."""

    by: Caller
    what: str
    title: str


@dataclass(frozen=True, slots=True)
class DescribeResource:
    """Say in a few words what a resource is."""

    by: Caller
    what: str
    description: str


@dataclass(frozen=True, slots=True)
class MoveResource:
    """Let a resource stand in another one, or, without one, in nothing."""

    by: Caller
    what: str
    to: str | None


@dataclass(frozen=True, slots=True)
class DisableResource:
    """Let a resource and everything in it answer every capability with no."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class EnableResource:
    """End that."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class DeleteResource:
    """Delete a resource with everything in it; one with things inside asks for its name typed."""

    by: Caller
    what: str
    typed: str | None = None


def create_resource(act: CreateResource, case: Context) -> list[Event]:
    """Any full member may create what stands in nothing; inside a resource, whoever may create there (RES-01)."""
    kind = case.roles.get(act.kind)
    if kind is None:
        raise errors.UnknownKind(act.kind, tuple(case.roles))
    parent = resolve_resource(case, act.within) if act.within else None
    if parent:
        check_may_place(case, kind.name, parent)
    else:
        _check_full_member(case)
    check_may_create_reserved(case, kind)
    title, resource = validate_name(act.title), case.new_id("R")
    slug = find_free_slug(case, title, kind.name)
    made: list[Event] = [
        ResourceCreated(kind.name, resource, slug, title, parent.id if parent else None)
    ]
    if parent is None or needs_founder(case, kind, parent):
        made.append(
            MemberJoined(resource, case.actor.id, kind.founder_role, None, None)
        )
    return made


def needs_founder(case: Context, kind: ResourceType, parent: Resource) -> bool:
    """Return whether something new inside the parent needs somebody who holds the founder's role directly."""
    role = kind.find_role(kind.founder_role)
    return bool(
        role
        and role.min_holders
        and not case.roles.guarantees_role(parent.kind, kind.name, role.name)
    )


def rename_resource(act: RenameResource, case: Context) -> list[Event]:
    """Whoever may edit it may give it another name (RES-03)."""
    resource, title = (
        resolve_with_capability(case, act.what, "edit"),
        validate_name(act.title),
    )
    return (
        []
        if title == resource.title
        else [ResourceRenamed(resource.id, title, resource.title)]
    )


def describe_resource(act: DescribeResource, case: Context) -> list[Event]:
    """Whoever may edit it may describe it (RES-03)."""
    resource, about = (
        resolve_with_capability(case, act.what, "edit"),
        validate_description(act.description),
    )
    return (
        []
        if about == resource.about
        else [ResourceDescribed(resource.id, about, resource.about)]
    )


def revoke_unauthorized_by_change(
    case: Context, *changed: Resource, added_memberships: Sequence[Membership] = ()
) -> list[InvitationRevoked]:
    """The invitations that only a right upheld which came by what some things stood in, or by what paid for them.
    Memberships in `held` count as if they were there.
    """
    waiting = {
        invitation.id: invitation
        for resource in changed
        for outer in (resource, *list_descendants(case, resource))
        for touched in (outer, *case.repositories.list_resources_paid_by(outer.id))
        for invitation in case.repositories.list_pending_invitations_on(touched.id)
    }
    return revoke_unauthorized(
        hypothetical_context(
            case, resources=changed, added_memberships=added_memberships
        ),
        waiting.values(),
    )


def disable_resource(act: DisableResource, case: Context) -> list[Event]:
    """What is disabled, and everything in it, answers every capability with no (ROL-04)."""
    resource = resolve_with_capability(case, act.what, "disable")
    return [] if resource.disabled else [ResourceDisabled(resource.id)]


def enable_resource(act: EnableResource, case: Context) -> list[Event]:
    """Whoever may disable may enable again."""
    resource = resolve_with_capability(case, act.what, "disable")
    return [ResourceEnabled(resource.id)] if resource.disabled else []


def delete_resource(act: DeleteResource, case: Context) -> list[Event]:
    """Everything in it goes with it; with things inside, its name must be typed (RES-04)."""
    resource = resolve_with_capability(case, act.what, "delete")
    if resource.retired:
        raise errors.Retired(resource.title)
    inner = [r for r in list_descendants(case, resource) if not r.retired]
    if inner and normalize_for_comparison(act.typed or "") != normalize_for_comparison(
        resource.title
    ):
        raise errors.TypeItsName(resource.title, len(inner))
    doomed = [*inner[::-1], resource]
    kept = {r.id for r in doomed if case.repositories.count_invoices(r.id)}
    going = {r.id for r in doomed}
    unpaid = [
        p
        for r in doomed
        for p in case.repositories.list_resources_paid_by(r.id)
        if p.id not in going
    ]
    for paid in unpaid:
        check_payer_may_change(case, paid)
        check_controlled(case, paid, payer=None)
    waiting = {
        i.id: i
        for r in doomed
        for i in (
            *case.repositories.list_pending_invitations_on(r.id),
            *case.repositories.list_pending_invitations_for(r.id),
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
            for lost in _revoke_unauthorized_by_deletion(case, doomed, unpaid)
            if lost.invitation not in waiting
        ),
        *keep_invoice_readers(case, resource, going - kept),
        *(_build_inner_end_event(r, retire=r.id in kept) for r in doomed[:-1]),
        ResourceRetired(resource.id, resource.title, resource.parent)
        if resource.id in kept
        else _build_deleted_event(case, resource, doomed),
    ]


def keep_invoice_readers(
    case: Context, deleted: Resource, going: Collection[str]
) -> Iterator[MemberJoined]:
    """Give a role of their own to those who can read the invoices of what is retired by a role on what is deleted.

    What was retired before counts too (RES-04, BIL-07).
    """
    for resource in list_descendants(case, deleted):
        if resource.id in going:
            continue
        reading = [
            h
            for h in authorization.list_users_with(case, resource)
            if _may_read_invoices(case, resource, h)
        ]
        staying = {h.person for h in reading if h.path[0].resource not in going}
        for held in {
            h.person: h for h in reversed(reading) if h.person not in staying
        }.values():
            source = case.repositories.get_memberships_by_resource(
                held.person, [held.path[0].resource], case.at
            )[held.path[0].resource]
            yield MemberJoined(
                resource.id,
                held.person,
                held.role,
                source.until,
                None,
                due=get_next_expiry_notice(source.until, case.at),
                within=deleted.id,
            )


def _may_read_invoices(case: Context, resource: Resource, held: EffectiveRole) -> bool:
    role = case.roles[resource.kind].find_role(held.role)
    return role is not None and "invoices" in role.capabilities


def _build_inner_end_event(resource: Resource, *, retire: bool) -> Event:
    """A payment method with invoices is retired, not deleted (RES-04)."""
    return (ResourceRetired if retire else ResourceDeleted)(
        resource.id, resource.title, parent=resource.parent
    )


def _revoke_unauthorized_by_deletion(
    case: Context, doomed: Sequence[Resource], unpaid: Sequence[Resource]
) -> list[InvitationRevoked]:
    """The invitations to what stays that only a right by what goes upheld: by a payment, or by a group's role."""
    groups = [r for r in doomed if case.roles[r.kind].is_group]
    members = dict.fromkeys(
        m.person
        for group in groups
        for m in case.repositories.list_members(group.id, case.at)
    )
    later = hypothetical_context(
        case,
        resources=[
            *(replace(r, gone=True) for r in groups),
            *(replace(paid, payer=None) for paid in unpaid),
        ],
    )
    waiting = [
        i
        for person in members
        for i in case.repositories.list_pending_invitations_by(person)
    ]
    waiting += [
        i
        for paid in unpaid
        for i in case.repositories.list_pending_invitations_on(paid.id)
    ]
    return revoke_unauthorized(later, {i.id: i for i in waiting}.values())


def _build_deleted_event(
    case: Context, resource: Resource, doomed: Sequence[Resource]
) -> Event:
    """The end of what was named: everybody who loses something by it hears, and the channels that heard of it."""
    people = tuple(
        authorization.list_users_within(case, resource, {r.id for r in doomed})
    )
    links = [
        link.channel
        for r in doomed
        for link in case.repositories.list_channel_links(r.id)
    ]
    outer = [
        i
        for c in authorization.iterate_containers(case, resource)
        for i in case.repositories.list_channel_links(c.id)
    ]
    channels = dict.fromkeys(
        [*links, *(link.channel for link in outer if "removals" in link.groups)]
    )
    return ResourceDeleted(
        resource.id, resource.title, people, resource.parent, tuple(channels)
    )


def list_descendants(case: Context, resource: Resource) -> Sequence[Resource]:
    """What stands in a resource, and in that, and so on; the outer before the inner."""
    return case.repositories.list_descendants(resource.id)


def resolve_with_capability(case: Context, what: str, capability: str) -> Resource:
    """The resource that words mean, when the actor has the capability on it."""
    resource = resolve_resource(case, what)
    check_capability(case, resource, capability)
    return resource


def check_capability(case: Context, resource: Resource, capability: str) -> None:
    """Refuse when the actor lacks the capability."""
    if not authorization.check(case, case.actor.id, capability, resource):
        later, open_again = build_enabled_context(case, resource)
        is_closed = authorization.is_disabled(case, resource)
        if is_closed and authorization.check(
            later, case.actor.id, capability, open_again
        ):
            raise errors.MayNot(
                capability,
                resource.title,
                disabled=True,
                enables=authorization.find_slug_to_enable(case, resource),
            )
        raise errors.MayNot(capability, resource.title, is_closed=is_closed)


def check_enabled(case: Context, resource: Resource, capability: str) -> None:
    """Refuse what must not happen to something disabled, though its capability still counts there (ROL-04)."""
    if authorization.is_disabled(case, resource):
        raise errors.MayNot(
            capability,
            resource.title,
            disabled=True,
            enables=authorization.find_slug_to_enable(case, resource),
        )


def check_payer_may_change(case: Context, resource: Resource) -> None:
    """Refuse another payer, or none, while the resource is disabled (ROL-04)."""
    if authorization.is_disabled(case, resource):
        known = authorization.redact_resource(case, resource)
        raise errors.PayerStays(known.title)


def check_controlled(
    case: Context,
    resource: Resource,
    *,
    parent: str | None = UNCHANGED,
    payer: str | None = UNCHANGED,
) -> None:
    """Refuse what would leave an app uncontrolled; what is named is as it will be, the rest is as it is."""
    if not is_controlled(case, resource, parent=parent, payer=payer):
        raise build_last_holder_rejection(
            case, resource, case.roles[resource.kind].highest_role
        )


def build_last_holder_rejection(
    case: Context, resource: Resource, role: str
) -> errors.LastHolder:
    """Return the refusal to take the last one away who must hold a role, with what the actor can do first."""
    known = case.roles[resource.kind].find_role(role)
    only_one = bool(known and known.max_holders)
    way = ""
    if authorization.is_disabled(case, resource):
        way = (
            "enable"
            if authorization.find_slug_to_enable(case, resource) == resource.slug
            else ""
        )
    elif only_one and may_transfer_ownership(case, case.actor.id, resource, role):
        way = "transfer"
    elif role in authorization.list_assignable_roles(case, case.actor.id, resource):
        way = "invite"
    return errors.LastHolder(role, resource.title, resource.slug, only_one, way)


def is_controlled(
    case: Context,
    resource: Resource,
    *,
    parent: str | None = UNCHANGED,
    payer: str | None = UNCHANGED,
    members: Sequence[Membership] | None = None,
) -> bool:
    """Whether an app stands in something, or is paid for, or somebody holds its highest role for good."""
    kind = case.roles[resource.kind]
    stands = resource.parent if parent is UNCHANGED else parent
    paid = resource.payer if payer is UNCHANGED else payer
    if not kind.must_stay_controlled or stands or paid:
        return True
    staying = (
        case.repositories.list_members(resource.id, case.at)
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


def may_create_at_top_level(case: Context) -> bool:
    """Whether the actor may create what stands in nothing, as far as is known, and what a workspace may reserve."""
    is_full = not case.actor.guest and not is_foreign(case, case.actor)
    return is_full and (case.actor.admin or not case.policy.reserved)


def check_may_create_reserved(case: Context, kind: ResourceType) -> None:
    """Refuse to create what the workspace leaves to those who look after it (RES-01)."""
    if kind.is_reservable and case.policy.reserved and not case.actor.admin:
        check_profile(case)
        raise errors.Reserved(kind.name)


def _check_full_member(case: Context) -> None:
    check_profile(case)
    if case.actor.guest:
        raise errors.GuestActor


def check_may_place(case: Context, kind: str, parent: Resource) -> None:
    check_capability(case, parent, "create")
    if parent.kind not in case.roles[kind].container_types:
        raise errors.DoesNotStandIn(
            kind, parent.kind, parent.title, case.roles[kind].container_types
        )
    if not authorization.may_create(case, case.actor.id, kind, parent):
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


def find_free_slug(case: Context, title: str, kind: str) -> str:
    """Return a slug that nobody has; a taken one gets a number, so that nobody learns of what they may not view.

    What a line reads as a kind, or as nothing, is no slug either; its numbers begin with 1.
    """
    wanted, reserved = make_slug(title, kind), _list_reserved_slugs(case)
    taken = (
        case.repositories.list_slugs_starting_with(wanted[: SLUG_LIMIT - 8]) | reserved
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


def _list_reserved_slugs(case: Context) -> frozenset[str]:
    """Return the words that mean a kind, or nothing, wherever a thing is named."""
    words = (word for name in case.roles for word in (name, *case.roles[name].words))
    return frozenset(
        {NO_RESOURCE_WORD, *(make_slug(word, NO_RESOURCE_WORD) for word in words)}
    )


def resolve_resource(case: Context, typed: str) -> Resource:
    """The resource that an id, a slug or a name means to the actor; what they may not view is unknown to them."""
    typed = clean_text_line(typed)
    found = case.repositories.find_resource_by_id_or_slug(typed)
    if (
        found
        and not found.gone
        and authorization.check(case, case.actor.id, "view", found)
    ):
        return found
    visible = authorization.list_visible_resources(case, case.actor.id)
    named = _find_by_name(typed, visible)
    if named:
        return named
    bare = typed.strip(SURROUNDING_CHARACTERS)
    if bare and bare != typed:
        return resolve_resource(case, bare)
    near = get_close_matches(typed.lower(), [r.slug for r in visible], n=1, cutoff=0.5)
    raise errors.UnknownResource(typed[:NAME_LIMIT], near[0] if near else None)


def _find_by_name(typed: str, visible: Sequence[Resource]) -> Resource | None:
    """Return the one thing of that name, or, of several whose names compare as one, the one that is spelt so."""
    wanted = normalize_for_comparison(typed)
    alike = [r for r in visible if normalize_for_comparison(r.title) == wanted]
    exact = [r for r in alike if r.title == typed]
    return next((found[0] for found in (exact, alike) if len(found) == 1), None)


def find_namesake(case: Context, resource: str) -> Resource | None:
    """Return another thing of the same name in the same place that the actor may view."""
    visible = authorization.list_visible_resources(case, case.actor.id)
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


def resolve_resources(case: Context, typed: str | tuple[str, ...]) -> list[Resource]:
    """The resource, or the several, that some words mean: all of them as one name where they are one."""
    words = (typed,) if isinstance(typed, str) else typed
    try:
        return [resolve_resource(case, " ".join(words))]
    except errors.UnknownResource:
        if len(words) == 1:
            raise
    distinct = tuple({normalize_for_comparison(word): word for word in words}.values())
    found = {
        resource.id: resource
        for resource in (
            resolve_resource(case, word)
            for word in distinct[: MAX_RESOURCES_IN_OFFER + 1]
        )
    }
    if len(found) > MAX_RESOURCES_IN_OFFER:
        raise errors.TooManyTogether(len(distinct), MAX_RESOURCES_IN_OFFER)
    found |= {
        resource.id: resource
        for resource in (
            resolve_resource(case, word)
            for word in distinct[MAX_RESOURCES_IN_OFFER + 1 :]
        )
    }
    return list(found.values())
