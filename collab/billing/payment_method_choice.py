"""The payment method that is chosen or created when billing is accepted."""

from __future__ import annotations

from dataclasses import dataclass

from collab import errors
from collab.billing.payment_methods import (
    NO_DETAILS,
    build_details_event,
    resolve_payment_method,
    validate_details,
)
from collab.context import Context
from collab.events import Event, MemberJoined, ResourceCreated
from collab.model import BillingDetails, InvitationId, Resource, ResourceId
from collab.resource_names import find_free_slug, validate_name
from collab.resource_rules import needs_founder


@dataclass(frozen=True, slots=True)
class NewPaymentMethod:
    """A payment method to create when an offer is accepted."""

    title: str
    details: BillingDetails = NO_DETAILS


PaymentMethodChoice = str | NewPaymentMethod | None


def choose_payment_method(
    context: Context,
    choice: PaymentMethodChoice,
    about: Resource,
    invitation_id: InvitationId,
) -> tuple[list[Event], ResourceId]:
    """Return the events that create a new payment method, if any, and its id."""
    if choice is None:
        raise errors.ChooseMethod(about.title)
    if isinstance(choice, NewPaymentMethod):
        return create_payment_method(context, choice, None, invitation_id)
    return [], resolve_payment_method(context, choice).id


def create_payment_method(
    context: Context,
    new: NewPaymentMethod,
    within: Resource | None,
    invitation_id: InvitationId,
) -> tuple[list[Event], ResourceId]:
    """Create a payment method held by the actor, or by their company (BIL-01).

    It is part of the acceptance of an invitation.
    """
    kind, title, details = (
        context.roles.payment_method_type,
        validate_name(new.title),
        validate_details(new.details),
    )
    if within and within.kind not in kind.container_types:
        raise errors.DoesNotStandIn(
            kind.name, within.kind, within.title, kind.container_types
        )
    method, inside = ResourceId(context.new_id("R")), within.id if within else None
    made: list[Event] = [
        ResourceCreated(
            kind.name,
            method,
            find_free_slug(context, title, kind.name),
            title,
            inside,
            invitation_id,
        )
    ]
    if within is None or needs_founder(context, kind, within):
        made.append(
            MemberJoined(method, context.actor.id, kind.founder_role, None, None)
        )
    return [
        *made,
        *([build_details_event(method, details)] if details != NO_DETAILS else []),
    ], method
