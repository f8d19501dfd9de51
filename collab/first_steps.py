"""The first steps of a person who begins: a company, an invitation, a linked channel."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from collab import authorization
from collab.context import Context
from collab.model import Resource, ResourceId
from collab.role_origins import list_role_origins

MAX_RESOURCES = 5  # who may view more has begun


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Which of the first steps are done; `company` is the one that was created."""

    company: Resource | None = None
    has_invited: bool = False
    has_linked: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every step is done."""
        return bool(self.company and self.has_invited and self.has_linked)


def find_first_steps(
    context: Context, company: Resource, visible_ids: Collection[ResourceId]
) -> FirstSteps | None:
    """Return the steps of the owner of one company; None when all are done.

    `visible_ids` is all that the actor may view. An invitation is sent when a second
    person has access, or is invited.
    """
    links = context.channels.list_all_channel_links()
    steps = FirstSteps(
        company,
        has_invited=_has_others(context, company),
        has_linked=any(link.resource in visible_ids for link in links),
    )
    return None if steps.is_complete else steps


def _has_others(context: Context, resource: Resource) -> bool:
    if context.invitations.list_pending_invitations_on(resource.id):
        return True
    origins = list_role_origins(context, resource)
    counts = authorization.count_users_by_role(context, resource, origins)
    return sum(count.direct + count.derived for count in counts.values()) > 1
