"""Facts about payment methods, what they pay for, their invoices, and plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.events.base import Event
from collab.model import InvitationId, InvoiceId, PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class PayerChanged(Event):
    """Something else, or nothing, pays for a resource from now on.

    `invitation` is the accepted offer; `BillingTransferred` then notifies both sides.
    """

    name: ClassVar[str] = "billing.changed"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "payer", "before")
    resource: ResourceId
    payer: ResourceId | None
    before: ResourceId | None
    invitation: InvitationId | None = None


@dataclass(frozen=True, slots=True)
class BillingTransferred(Event):
    """The billing of some things changed hands by consent: who had it, who has it, and what paid and pays.

    The old payment method pays through that day (UTC), the new one from the next.
    """

    name: ClassVar[str] = "billing.transferred"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    resource: ResourceId
    also: tuple[ResourceId, ...]
    person: PersonId
    inviter: PersonId
    invitation: InvitationId
    payer: ResourceId
    before: tuple[ResourceId, ...]


@dataclass(frozen=True, slots=True)
class OwnershipTransferred(Event):
    """A resource has another owner by consent; who was it stays in another role."""

    name: ClassVar[str] = "ownership.transferred"
    resource: ResourceId
    person: PersonId
    inviter: PersonId
    invitation: InvitationId
    role: str
    stays_as: str


@dataclass(frozen=True, slots=True)
class BillingDetailed(Event):
    """The billing address, e-mail and outside reference of a payment method are these from now on."""

    name: ClassVar[str] = "billing.detailed"
    resource: ResourceId
    address: str | None
    email: str | None
    reference: str | None
    before_address: str | None = None
    before_email: str | None = None
    before_reference: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceRetired(Event):
    """A payment method pays for nothing more; its invoices stay readable."""

    name: ClassVar[str] = "resource.retired"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "parent")
    resource: ResourceId
    title: str
    parent: ResourceId | None = None


@dataclass(frozen=True, slots=True)
class InvoiceAdded(Event):
    """An invoice was added to a payment method; `file` is the hash of its PDF."""

    name: ClassVar[str] = "invoice.added"
    resource: ResourceId
    invoice: InvoiceId
    number: str
    day: str
    amount: str
    currency: str
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class PlanChanged(Event):
    """A company is on another plan, or on none."""

    name: ClassVar[str] = "plan.changed"
    resource: ResourceId
    plan: str | None
    before: str | None
