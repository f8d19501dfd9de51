"""What ending a share or an assignment, or another role, takes from whom (RES-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import events
from collab.command import Query
from collab.context import Context
from collab.events import Event
from collab.memberships.commands import ChangeRole
from collab.memberships.role_change import list_direct_roles_inside
from collab.model import NOBODY, Person, Resource, ResourceId
from collab.rehearsal import AskWhatIf, ExpectedChanges
from collab.teams import UnassignFromMember, UnshareWithTeam

MAIN_EVENTS = (
    events.TeamUnshared,
    events.TeamUnassigned,
    events.MemberRoleChanged,
    events.MemberJoined,
)


@dataclass(frozen=True, slots=True)
class AccessLossPreview:
    """What would change, and for whom.

    `role` and `before` are those of the person, or the team's role that would end.
    `keep` are the resources inside on which the person keeps a role by the command,
    `kept` all their direct roles inside afterwards.
    """

    resource: Resource
    changes: ExpectedChanges
    team: Resource | None = None
    person: Person = NOBODY
    role: str | None = None
    before: str | None = None
    keep: Sequence[ResourceId] = ()
    kept: Sequence[tuple[Resource, str]] = ()


@dataclass(frozen=True, slots=True)
class PreviewAccessLoss(Query[AccessLossPreview]):
    """What would change if a share, an assignment or a higher role ended?"""

    is_rehearsal: ClassVar[bool] = True

    command: UnshareWithTeam | UnassignFromMember | ChangeRole

    def answer(self, context: Context) -> AccessLossPreview:
        """Compare what is before and after; raises Rejected as the command does."""
        decided = self.command.decide(context)
        main = _get_main_event(decided)
        resource = context.resources.get_resource(main.resource)
        assert resource  # noqa: S101 - it was decided about
        team_id = getattr(main, "team", None)
        person_id = getattr(main, "person", None)
        changes = AskWhatIf(self.by, self.command).answer(context)
        kept: Sequence[tuple[Resource, str]] = ()
        if isinstance(main, events.MemberRoleChanged):
            kept = list_direct_roles_inside(
                context, main.person, resource, context.actor.id
            )
        return AccessLossPreview(
            resource=resource,
            changes=changes,
            team=context.resources.get_resource(team_id) if team_id else None,
            person=(person_id and context.people.get_person(person_id)) or NOBODY,
            role=getattr(main, "role", None),
            before=getattr(main, "before", None),
            keep=[
                each.resource
                for each in decided
                if isinstance(each, events.MemberJoined) and each is not main
            ],
            kept=kept,
        )


def _get_main_event(
    decided: Sequence[Event],
) -> (
    events.TeamUnshared
    | events.TeamUnassigned
    | events.MemberRoleChanged
    | events.MemberJoined
):
    """Return the event that a command is about, before what it causes."""
    for event_type in MAIN_EVENTS:
        for event in decided:
            if isinstance(event, event_type):
                return event
    raise LookupError("no main event")
