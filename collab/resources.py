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

from collab import access, refusals
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
from collab.offers import may_hand_over, revoked, unupheld
from collab.people import Caller, check_profile, is_foreign
from collab.policy import NAME_LIMIT, NOTE_LIMIT, SLUG_LIMIT, TOGETHER_LIMIT, speaks_up
from collab.supposing import enabled, supposing
from collab.text import clean, clean_line, comparable, is_visible

if TYPE_CHECKING:
    from collab.access import Held
    from collab.case import Case
    from collab.kinds import Kind
    from collab.membership import Membership

EDGES = ".,;:!?()[]{}*_~`'\"“”„«»‘’‹› "  # what may stand around a name and not belong to it
NOTHING = "nothing"  # the word that stands for no thing at all
KEPT = "as it is"


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
class Create:
    """Make a resource that stands in nothing, or in another one; its creator holds the role that the table names."""

    by: Caller
    kind: str
    title: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a resource another name; its slug stays."""

    by: Caller
    what: str
    title: str


@dataclass(frozen=True, slots=True)
class Describe:
    """Say in a few words what a resource is."""

    by: Caller
    what: str
    about: str


@dataclass(frozen=True, slots=True)
class Move:
    """Let a resource stand in another one, or, without one, in nothing."""

    by: Caller
    what: str
    to: str | None


@dataclass(frozen=True, slots=True)
class Disable:
    """Let a resource and everything in it answer every capability with no."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class Enable:
    """End that."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a resource with everything in it; one with things inside asks for its name typed."""

    by: Caller
    what: str
    typed: str | None = None


def create(act: Create, case: Case) -> list[Event]:
    """Any full member may create what stands in nothing; inside a resource, whoever may create there (RES-01)."""
    kind = case.kinds.get(act.kind)
    if kind is None:
        raise refusals.UnknownKind(act.kind, tuple(case.kinds))
    parent = find(case, act.within) if act.within else None
    if parent:
        check_place(case, kind.name, parent)
    else:
        _check_full_member(case)
    check_reserved(case, kind)
    title, resource = checked_name(act.title), case.new_id("R")
    slug = free_slug(case, title, kind.name)
    made: list[Event] = [ResourceCreated(kind.name, resource, slug, title, parent.id if parent else None)]
    if parent is None or needs_founder(case, kind, parent):
        made.append(MemberJoined(resource, case.actor.id, kind.founder, None, None))
    return made


def needs_founder(case: Case, kind: Kind, parent: Resource) -> bool:
    """Return whether something new inside the parent needs somebody who holds the founder's role directly."""
    role = kind.role(kind.founder)
    return bool(role and role.at_least and not case.kinds.supplies(parent.kind, kind.name, role.name))


def rename(act: Rename, case: Case) -> list[Event]:
    """Whoever may edit it may give it another name (RES-03)."""
    resource, title = able(case, act.what, "edit"), checked_name(act.title)
    return [] if title == resource.title else [ResourceRenamed(resource.id, title, resource.title)]


def describe(act: Describe, case: Case) -> list[Event]:
    """Whoever may edit it may describe it (RES-03)."""
    resource, about = able(case, act.what, "edit"), checked_about(act.about)
    return [] if about == resource.about else [ResourceDescribed(resource.id, about, resource.about)]


def unupheld_by(case: Case, *changed: Resource, held: Sequence[Membership] = ()) -> list[InvitationRevoked]:
    """The invitations that only a right upheld which came by what some things stood in, or by what paid for them.
    Memberships in `held` count as if they were there.
    """
    waiting = {
        invitation.id: invitation
        for resource in changed
        for outer in (resource, *everything_inside(case, resource))
        for touched in (outer, *case.facts.paid_by(outer.id))
        for invitation in case.facts.pending_on(touched.id)
    }
    return unupheld(supposing(case, resources=changed, held=held), waiting.values())


def disable(act: Disable, case: Case) -> list[Event]:
    """What is disabled, and everything in it, answers every capability with no (ROL-04)."""
    resource = able(case, act.what, "disable")
    return [] if resource.disabled else [ResourceDisabled(resource.id)]


def enable(act: Enable, case: Case) -> list[Event]:
    """Whoever may disable may enable again."""
    resource = able(case, act.what, "disable")
    return [ResourceEnabled(resource.id)] if resource.disabled else []


def delete(act: Delete, case: Case) -> list[Event]:
    """Everything in it goes with it; with things inside, its name must be typed (RES-04)."""
    resource = able(case, act.what, "delete")
    if resource.retired:
        raise refusals.Retired(resource.title)
    inner = [r for r in everything_inside(case, resource) if not r.retired]
    if inner and comparable(act.typed or "") != comparable(resource.title):
        raise refusals.TypeItsName(resource.title, len(inner))
    doomed = [*inner[::-1], resource]
    kept = {r.id for r in doomed if case.facts.count_invoices(r.id)}
    going = {r.id for r in doomed}
    unpaid = [p for r in doomed for p in case.facts.paid_by(r.id) if p.id not in going]
    for paid in unpaid:
        check_payer_may_change(case, paid)
        check_controlled(case, paid, payer=None)
    waiting = {i.id: i for r in doomed for i in (*case.facts.pending_on(r.id), *case.facts.pending_for(r.id))}
    return [
        *(PayerChanged(paid.id, None, paid.payer) for paid in unpaid),
        *(revoked(invitation, "deleted") for invitation in waiting.values()),
        *(lost for lost in _losing_right(case, doomed, unpaid) if lost.invitation not in waiting),
        *keep_readers(case, resource, going - kept),
        *(_end_of_inner(r, retire=r.id in kept) for r in doomed[:-1]),
        ResourceRetired(resource.id, resource.title, resource.parent)
        if resource.id in kept
        else _end_of(case, resource, doomed),
    ]


def keep_readers(case: Case, deleted: Resource, going: Collection[str]) -> Iterator[MemberJoined]:
    """Give a role of their own to those who can read the invoices of what is retired by a role on what is deleted.

    What was retired before counts too (RES-04, BIL-07).
    """
    for resource in everything_inside(case, deleted):
        if resource.id in going:
            continue
        reading = [h for h in access.everybody(case, resource) if _reads_invoices(case, resource, h)]
        staying = {h.person for h in reading if h.path[0].resource not in going}
        for held in {h.person: h for h in reversed(reading) if h.person not in staying}.values():
            source = case.facts.held(held.person, [held.path[0].resource], case.at)[held.path[0].resource]
            yield MemberJoined(
                resource.id,
                held.person,
                held.role,
                source.until,
                None,
                due=speaks_up(source.until, case.at),
                within=deleted.id,
            )


def _reads_invoices(case: Case, resource: Resource, held: Held) -> bool:
    role = case.kinds[resource.kind].role(held.role)
    return role is not None and "invoices" in role.can


def _end_of_inner(resource: Resource, *, retire: bool) -> Event:
    """A payment method with invoices is retired, not deleted (RES-04)."""
    return (ResourceRetired if retire else ResourceDeleted)(resource.id, resource.title, parent=resource.parent)


def _losing_right(case: Case, doomed: Sequence[Resource], unpaid: Sequence[Resource]) -> list[InvitationRevoked]:
    """The invitations to what stays that only a right by what goes upheld: by a payment, or by a group's role."""
    groups = [r for r in doomed if case.kinds[r.kind].is_group]
    members = dict.fromkeys(m.person for group in groups for m in case.facts.members(group.id, case.at))
    later = supposing(
        case, resources=[*(replace(r, gone=True) for r in groups), *(replace(paid, payer=None) for paid in unpaid)]
    )
    waiting = [i for person in members for i in case.facts.pending_by(person)]
    waiting += [i for paid in unpaid for i in case.facts.pending_on(paid.id)]
    return unupheld(later, {i.id: i for i in waiting}.values())


def _end_of(case: Case, resource: Resource, doomed: Sequence[Resource]) -> Event:
    """The end of what was named: everybody who loses something by it hears, and the channels that heard of it."""
    people = tuple(access.everybody_within(case, resource, {r.id for r in doomed}))
    links = [link.channel for r in doomed for link in case.facts.links(r.id)]
    outer = [i for c in access.containers(case, resource) for i in case.facts.links(c.id)]
    channels = dict.fromkeys([*links, *(link.channel for link in outer if "removals" in link.groups)])
    return ResourceDeleted(resource.id, resource.title, people, resource.parent, tuple(channels))


def everything_inside(case: Case, resource: Resource) -> Sequence[Resource]:
    """What stands in a resource, and in that, and so on; the outer before the inner."""
    return case.facts.everything_inside(resource.id)


def able(case: Case, what: str, capability: str) -> Resource:
    """The resource that words mean, when the actor has the capability on it."""
    resource = find(case, what)
    check_able(case, resource, capability)
    return resource


def check_able(case: Case, resource: Resource, capability: str) -> None:
    """Refuse when the actor lacks the capability."""
    if not access.may(case, case.actor.id, capability, resource):
        later, open_again = enabled(case, resource)
        is_closed = access.disabled(case, resource)
        if is_closed and access.may(later, case.actor.id, capability, open_again):
            raise refusals.MayNot(capability, resource.title, disabled=True, enables=access.enabling(case, resource))
        raise refusals.MayNot(capability, resource.title, is_closed=is_closed)


def check_enabled(case: Case, resource: Resource, capability: str) -> None:
    """Refuse what must not happen to something disabled, though its capability still counts there (ROL-04)."""
    if access.disabled(case, resource):
        raise refusals.MayNot(capability, resource.title, disabled=True, enables=access.enabling(case, resource))


def check_payer_may_change(case: Case, resource: Resource) -> None:
    """Refuse another payer, or none, while the resource is disabled (ROL-04)."""
    if access.disabled(case, resource):
        known = access.as_known(case, resource)
        raise refusals.PayerStays(known.title)


def check_controlled(
    case: Case,
    resource: Resource,
    *,
    parent: str | None = KEPT,
    payer: str | None = KEPT,
) -> None:
    """Refuse what would leave an app uncontrolled; what is named is as it will be, the rest is as it is."""
    if not is_controlled(case, resource, parent=parent, payer=payer):
        raise last_holder(case, resource, case.kinds[resource.kind].highest)


def last_holder(case: Case, resource: Resource, role: str) -> refusals.LastHolder:
    """Return the refusal to take the last one away who must hold a role, with what the actor can do first."""
    known = case.kinds[resource.kind].role(role)
    only_one = bool(known and known.at_most)
    way = ""
    if access.disabled(case, resource):
        way = "enable" if access.enabling(case, resource) == resource.slug else ""
    elif only_one and may_hand_over(case, case.actor.id, resource, role):
        way = "transfer"
    elif role in access.grantable(case, case.actor.id, resource):
        way = "invite"
    return refusals.LastHolder(role, resource.title, resource.slug, only_one, way)


def is_controlled(
    case: Case,
    resource: Resource,
    *,
    parent: str | None = KEPT,
    payer: str | None = KEPT,
    members: Sequence[Membership] | None = None,
) -> bool:
    """Whether an app stands in something, or is paid for, or somebody holds its highest role for good."""
    kind = case.kinds[resource.kind]
    stands = resource.parent if parent is KEPT else parent
    paid = resource.payer if payer is KEPT else payer
    if not kind.stays_controlled or stands or paid:
        return True
    staying = case.facts.members(resource.id, case.at) if members is None else members
    return any(m.role == kind.highest and m.until is None for m in staying)


def checked_about(typed: str) -> str | None:
    """A description of at most 500 characters; nothing when it is empty."""
    about = clean(typed).strip()
    if len(about) > NOTE_LIMIT:
        raise refusals.TooLong("description", len(about), NOTE_LIMIT)
    return about or None


def may_found(case: Case) -> bool:
    """Whether the actor may create what stands in nothing, as far as is known, and what a workspace may reserve."""
    is_full = not case.actor.guest and not is_foreign(case, case.actor)
    return is_full and (case.actor.admin or not case.policy.reserved)


def check_reserved(case: Case, kind: Kind) -> None:
    """Refuse to create what the workspace leaves to those who look after it (RES-01)."""
    if kind.reservable and case.policy.reserved and not case.actor.admin:
        check_profile(case)
        raise refusals.Reserved(kind.name)


def _check_full_member(case: Case) -> None:
    check_profile(case)
    if case.actor.guest:
        raise refusals.GuestActor


def check_place(case: Case, kind: str, parent: Resource) -> None:
    check_able(case, parent, "create")
    if parent.kind not in case.kinds[kind].stands_in:
        raise refusals.DoesNotStandIn(kind, parent.kind, parent.title, case.kinds[kind].stands_in)
    if not access.may_create(case, case.actor.id, kind, parent):
        raise refusals.MayNotCreate(kind, parent.title)


def checked_name(typed: str) -> str:
    """The name without invisible characters and doubled spaces; refused when nothing, or too much, is left."""
    name = clean_line(typed)
    if not is_visible(name) or len(name) > NAME_LIMIT:
        raise refusals.BadName(name[: NAME_LIMIT * 2], len(name), NAME_LIMIT)
    return name


def slug_of(title: str, otherwise: str) -> str:
    """A name as a slug: a–z, 0–9 and '-', 2 to 40 characters; `otherwise` when nothing of it may be kept."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_LIMIT].strip("-")
    is_card = any(map(holds_card_number, (slug, _stem(slug))))  # "4111.1111.1111.1111" becomes one (BIL-01)
    return slug if len(slug) >= 2 and not is_card else otherwise  # noqa: PLR2004 - the least length of a slug


def free_slug(case: Case, title: str, kind: str) -> str:
    """Return a slug that nobody has; a taken one gets a number, so that nobody learns of what they may not view.

    What a line reads as a kind, or as nothing, is no slug either; its numbers begin with 1.
    """
    wanted, reserved = slug_of(title, kind), _reserved_slugs(case)
    taken = case.facts.slugs_like(wanted[: SLUG_LIMIT - 8]) | reserved
    if wanted not in taken:
        return wanted
    numbered = (f"{_stem(wanted)}-{n}" for n in count(1 if wanted in reserved else 2))
    return next(slug for slug in numbered if slug not in taken and not holds_card_number(slug))


def _stem(slug: str) -> str:
    """Return as much of a slug as leaves room for a number."""
    return slug[: SLUG_LIMIT - 8].rstrip("-")


def _reserved_slugs(case: Case) -> frozenset[str]:
    """Return the words that mean a kind, or nothing, wherever a thing is named."""
    words = (word for name in case.kinds for word in (name, *case.kinds[name].words))
    return frozenset({NOTHING, *(slug_of(word, NOTHING) for word in words)})


def find(case: Case, typed: str) -> Resource:
    """The resource that an id, a slug or a name means to the actor; what they may not view is unknown to them."""
    typed = clean_line(typed)
    found = case.facts.resource_called(typed)
    if found and not found.gone and access.may(case, case.actor.id, "view", found):
        return found
    visible = access.visible(case, case.actor.id)
    named = _named(typed, visible)
    if named:
        return named
    bare = typed.strip(EDGES)
    if bare and bare != typed:
        return find(case, bare)
    near = get_close_matches(typed.lower(), [r.slug for r in visible], n=1, cutoff=0.5)
    raise refusals.UnknownResource(typed[:NAME_LIMIT], near[0] if near else None)


def _named(typed: str, visible: Sequence[Resource]) -> Resource | None:
    """Return the one thing of that name, or, of several whose names compare as one, the one that is spelt so."""
    wanted = comparable(typed)
    alike = [r for r in visible if comparable(r.title) == wanted]
    exact = [r for r in alike if r.title == typed]
    return next((found[0] for found in (exact, alike) if len(found) == 1), None)


def find_namesake(case: Case, resource: str) -> Resource | None:
    """Return another thing of the same name in the same place that the actor may view."""
    visible = access.visible(case, case.actor.id)
    this = next((r for r in visible if r.id == resource), None)
    if this is None:
        return None
    beside = (r for r in visible if r.parent == this.parent and r.id != resource)
    return next((r for r in beside if comparable(r.title) == comparable(this.title)), None)


def find_all(case: Case, typed: str | tuple[str, ...]) -> list[Resource]:
    """The resource, or the several, that some words mean: all of them as one name where they are one."""
    words = (typed,) if isinstance(typed, str) else typed
    try:
        return [find(case, " ".join(words))]
    except refusals.UnknownResource:
        if len(words) == 1:
            raise
    distinct = tuple({comparable(word): word for word in words}.values())
    found = {resource.id: resource for resource in (find(case, word) for word in distinct[: TOGETHER_LIMIT + 1])}
    if len(found) > TOGETHER_LIMIT:
        raise refusals.TooManyTogether(len(distinct), TOGETHER_LIMIT)
    found |= {resource.id: resource for resource in (find(case, word) for word in distinct[TOGETHER_LIMIT + 1 :])}
    return list(found.values())
