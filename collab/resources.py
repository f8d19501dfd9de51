"""Resources: passive things of a kind, each with a name for people and a slug that is unique in the workspace."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import count
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import Event, MemberJoined, ResourceCreated
from collab.policy import NAME_LIMIT, SLUG_LIMIT

if TYPE_CHECKING:
    from collab.case import Case
    from collab.people import Caller

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}


@dataclass(frozen=True, slots=True)
class Resource:
    """A passive thing of a kind."""

    id: str
    kind: str
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Create:
    """Make a resource that stands in nothing; its creator holds the role that the table names."""

    by: Caller
    kind: str
    title: str


def create(act: Create, case: Case) -> list[Event]:
    """Any full member of the workspace may create what stands in nothing (RES-01)."""
    kind = case.kinds.get(act.kind)
    if kind is None:
        raise refusals.UnknownKind(act.kind, tuple(case.kinds))
    if not case.actor.profiled:
        raise refusals.ProfileUnread
    if case.actor.guest:
        raise refusals.GuestActor
    title = checked_name(act.title)
    resource = case.new_id("R")
    return [
        ResourceCreated(kind.name, resource, free_slug(case, title, kind.name), title),
        MemberJoined(resource, case.actor.id, kind.founder, None, None),
    ]


def checked_name(typed: str) -> str:
    """The name without invisible characters and doubled spaces; refused when nothing, or too much, is left."""
    seen = "".join(
        " " if c.isspace() else c
        for c in unicodedata.normalize("NFC", typed)
        if c.isspace() or c in _JOINERS or unicodedata.category(c) not in _INVISIBLE
    )
    name = " ".join(seen.split())
    if not name or len(name) > NAME_LIMIT:
        raise refusals.BadName(typed[: NAME_LIMIT * 2], NAME_LIMIT)
    return name


def slug_of(title: str, otherwise: str) -> str:
    """A name as a slug: a–z, 0–9 and '-', 2 to 40 characters; `otherwise` when nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_LIMIT].strip("-")
    return slug if len(slug) >= 2 else otherwise  # noqa: PLR2004 - the least length of a slug


def free_slug(case: Case, title: str, kind: str) -> str:
    """A slug that nobody has; a taken one gets a number, so that nobody learns of what they may not view."""
    wanted = slug_of(title, kind)
    taken = case.facts.slugs_like(wanted[: SLUG_LIMIT - 8])
    numbered = (f"{wanted[: SLUG_LIMIT - 8].rstrip('-')}-{n}" for n in count(2))
    return wanted if wanted not in taken else next(slug for slug in numbered if slug not in taken)


def find(case: Case, typed: str) -> Resource:
    """The resource that an id, a slug or a name means to the actor; what they may not view is unknown to them."""
    found = case.facts.resource_called(typed)
    if found and access.may(case, case.actor.id, "view", found):
        return found
    visible = access.visible(case, case.actor.id)
    named = [r for r in visible if r.title.casefold() == typed.casefold()]
    if len(named) == 1:
        return named[0]
    near = get_close_matches(typed.lower(), [r.slug for r in visible], n=1, cutoff=0.5)
    raise refusals.UnknownResource(typed[:NAME_LIMIT], near[0] if near else None)
