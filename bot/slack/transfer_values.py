"""The value that the button of a transfer's preview sends back."""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.button_values import split_words
from collab.model import PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class BillingTransferOffer:
    """An offer to a person to pay for resources."""

    person_id: PersonId
    resource_ids: tuple[ResourceId, ...]
    payer_leaves: bool

    def encode(self) -> str:
        """Return it as a value."""
        kind = "goes" if self.payer_leaves else "stays"
        return f"{kind} {self.person_id} {','.join(self.resource_ids)}"


@dataclass(frozen=True, slots=True)
class OwnershipTransferOffer:
    """An offer to a person to own a resource."""

    person_id: PersonId
    resource_id: ResourceId

    def encode(self) -> str:
        """Return it as a value."""
        return f"owns {self.person_id} {self.resource_id}"


def decode_transfer_offer(value: str) -> BillingTransferOffer | OwnershipTransferOffer:
    """Return the offer in a value of a transfer button."""
    kind, person_id, resources = split_words(value, 3)
    if kind == "owns":
        return OwnershipTransferOffer(PersonId(person_id), ResourceId(resources))
    return BillingTransferOffer(
        PersonId(person_id),
        tuple(map(ResourceId, resources.split(","))),
        payer_leaves=kind == "goes",
    )
