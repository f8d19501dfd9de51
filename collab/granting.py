"""What somebody may bring others into: the questions behind a choice of things and roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import access
from collab.choosing import Placed, placed
from collab.people import Caller
from collab.resources import Resource, find_all

if TYPE_CHECKING:
    from collab.case import Case


@dataclass(frozen=True, slots=True)
class Together:
    """Several things with the roles that the asker may grant on all of them at once, the highest first.

    With each role stands what it lets one do; nothing when there are no things, and the roles are all that may be
    granted anywhere.
    """

    resources: Sequence[Resource]
    roles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ListGrantable:
    """On what may I grant roles? With `typed`, only what has it in its name or its short name."""

    by: Caller
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ShowGrantable:
    """Which roles may I grant on all of these; or, without any, at all?"""

    by: Caller
    what: tuple[str, ...]


def list_grantable(ask: ListGrantable, case: Case) -> Sequence[Placed]:
    """What the asker may bring others into now, at most a hundred, what stands in others after them (ROL-05)."""
    allowed = access.granting(case, case.actor.id)
    return placed(case, ask.typed, lambda resource: resource.id in allowed)


def show_grantable(ask: ShowGrantable, case: Case) -> Together:
    """The roles that are open on each of some things, as the table of the first has them (ROL-05, INV-01)."""
    if not ask.what:
        return Together((), _anywhere(case))
    resources = find_all(case, ask.what)
    each = [access.grantable(case, case.actor.id, resource) for resource in resources]
    together = len(resources) == 1 or all(case.kinds[r.kind].offered_together for r in resources)
    kind = case.kinds[resources[0].kind]
    open_ = [role for role in kind.given if together and all(role.name in grants for grants in each)]
    return Together(resources, {role.name: role.abilities for role in open_})


def _anywhere(case: Case) -> dict[str, tuple[str, ...]]:
    granted = {role for roles in access.granting(case, case.actor.id).values() for role in roles}
    return {role: () for role in case.kinds.role_names if role in granted}
