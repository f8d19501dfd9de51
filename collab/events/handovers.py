"""Events of handovers.

`resource` is the first of the resources of the offer, `also` are the others. `person`
is who was offered, `inviter` who offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.events.base import Event
from collab.model import InvitationId, PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class HandoverAgreed(Event):
    """The invited person said yes to a handover on a later day.

    `payer` is the payment method that pays from then on.
    """

    name: ClassVar[str] = "handover.agreed"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId
    inviter: PersonId
    starts: datetime
    payer: ResourceId | None
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class HandoverDone(Event):
    """Ownership and billing changed hands as it was offered; what changed follows.

    `role` is what the inviter stays as, if anything. `pays` are the ids of the resources
    that `payer` pays for in place of `before`. `rotate` are those whose code the inviter
    can no longer reach. `is_scheduled`: the yes was given before.
    """

    name: ClassVar[str] = "handover.done"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId
    inviter: PersonId
    role: str
    payer: ResourceId | None
    before: tuple[ResourceId, ...] = ()
    pays: tuple[ResourceId, ...] = ()
    rotate: tuple[ResourceId, ...] = ()
    also: tuple[ResourceId, ...] = ()
    is_scheduled: bool = False


@dataclass(frozen=True, slots=True)
class HandoverFailed(Event):
    """An agreed handover was not allowed any more on its day; nothing changed.

    `why` is the name of the rejection, `title` of what it is about, or empty.
    """

    name: ClassVar[str] = "handover.failed"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId
    inviter: PersonId
    why: str
    title: str = ""
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class HandoverTakenBack(Event):
    """Both sides took a handover back; what is restored follows.

    `handover` is the id of its invitation. `new_owner` is who had taken over, and can no
    longer reach the code of the resources in `rotate`; `former_owner` can again reach
    that of those in `known`. `methods` are the payment methods that paid and pay.
    """

    name: ClassVar[str] = "handover.taken_back"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    handover: InvitationId
    resource: ResourceId
    person: PersonId
    inviter: PersonId
    new_owner: PersonId
    former_owner: PersonId
    rotate: tuple[ResourceId, ...] = ()
    known: tuple[ResourceId, ...] = ()
    methods: tuple[ResourceId, ...] = ()
    also: tuple[ResourceId, ...] = ()
