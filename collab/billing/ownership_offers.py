"""What an offer of ownership would change, before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab.billing.transfers import TransferOwnership
from collab.command import Query
from collab.context import Context
from collab.events import InvitationResent, InvitationSent
from collab.model import NOBODY, Person, PersonId, Resource


@dataclass(frozen=True, slots=True)
class OwnershipOffer:
    """What an offer of ownership would change.

    `current_owner` is the direct owner where another person sends the offer;
    `former_owner_role` is the role that the owner has afterwards. `abilities` are the
    capabilities and grants of `role`.
    """

    resource: Resource
    person: Person
    role: str
    former_owner_role: str
    is_mine: bool
    current_owner: Person | None
    abilities: Sequence[str]


@dataclass(frozen=True, slots=True)
class PreviewOwnershipTransfer(Query[OwnershipOffer]):
    """What would change if a person accepted the ownership of a resource?"""

    is_allowed_from_outside: ClassVar[bool] = TransferOwnership.is_allowed_from_outside

    person_id: PersonId
    what: str

    def answer(self, context: Context) -> OwnershipOffer:
        """Return what would change; raises Rejected as TransferOwnership does."""
        command = TransferOwnership(self.by, self.person_id, self.what)
        resource_id = next(
            event.resource
            for event in command.decide(context)
            if isinstance(event, InvitationSent | InvitationResent)
        )
        resource = context.resources.get_resource(resource_id)
        if resource is None:
            resource = Resource(resource_id, "", "", "")
        resource_type = context.roles[resource.kind]
        role = resource_type.highest_role
        members = context.memberships.list_members(resource.id, context.at)
        owner_ids = [member.person for member in members if member.role == role]
        is_mine = context.actor.id in owner_ids
        owner = None
        if owner_ids and not is_mine:
            owner = context.people.get_person(owner_ids[0])
        return OwnershipOffer(
            resource=resource,
            person=context.people.get_person(self.person_id) or NOBODY,
            role=role,
            former_owner_role=resource_type.stays_as or role,
            is_mine=is_mine,
            current_owner=owner,
            abilities=resource_type.roles[0].capabilities_and_grants,
        )
