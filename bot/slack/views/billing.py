"""Build the views of billing: transfers, payment methods and invoices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.rendering import Renderer
from bot.slack.button_values import BlockId, ResourcePage
from bot.slack.commands.slots import Slot
from bot.slack.forms.fields import Control, Field
from bot.slack.transfer_values import BillingTransferOffer, OwnershipTransferOffer
from bot.slack.views import Message, View, blocks
from bot.slack.views.controls import (
    confirmation_controls,
    labelled_button,
    pagination_blocks,
    preview_message,
)
from bot.slack.views.fields import form_view
from bot.slack.views.resources import MAX_LISTED
from collab.billing.invoices import InvoiceList
from collab.billing.ownership_offers import OwnershipOffer
from collab.billing.payment_methods import (
    ADDRESS_LIMIT,
    EMAIL_LIMIT,
    NO_DETAILS,
    REFERENCE_LIMIT,
    BillingView,
)
from collab.billing.transfers import BillingTransferImpact
from collab.invitations.rules import HANDOVER
from collab.limits import NAME_LIMIT
from collab.model import BillingDetails, Person, PersonId, Resource
from collab.open_items import InvitationView

MAX_METHODS = 100


def billing_transfer_message(
    renderer: Renderer,
    impact: BillingTransferImpact,
    person: Person,
    viewer_id: PersonId,
    *,
    payer_leaves: bool,
    is_renewed: bool = False,
) -> Message:
    """Return what an offer of billing would change, with the button that sends it."""
    text = renderer.render(
        "replies/transfer_preview",
        loss=impact,
        losing=impact.losing[:MAX_LISTED],
        person=person,
        me=viewer_id,
        goes=payer_leaves,
    )
    resource_ids = tuple(resource.id for resource in impact.resources)
    target = BillingTransferOffer(person.id, resource_ids, payer_leaves).encode()
    resource = impact.resources[0]
    controls = confirmation_controls(
        renderer, "transfer", resource, target, impact, style="primary"
    )
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def ownership_transfer_message(
    renderer: Renderer, offer: OwnershipOffer, *, is_renewed: bool = False
) -> Message:
    """Return what an offer of ownership would change, with the button that sends it."""
    resource, person = offer.resource, offer.person
    text = renderer.render(
        "replies/ownership_preview",
        resource=resource,
        person=person,
        role=offer.role,
        abilities=offer.abilities,
        stays_as=offer.former_owner_role if offer.is_mine else None,
        lower=offer.former_owner_role,
        owner=offer.current_owner,
    )
    target = OwnershipTransferOffer(person.id, resource.id).encode()
    controls = confirmation_controls(
        renderer, "transfer", resource, target, offer, style="primary"
    )
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def accept_billing_view(
    renderer: Renderer, card: InvitationView, methods: Sequence[Resource]
) -> View:
    """Return the form that accepts to pay, with an own payment method or a new one."""
    if not methods:
        fields = _new_method_fields("method.first")
        return _acceptance_view(renderer, "accept_billing", card, fields)
    options = [(f"{m.title} ({m.slug})", m.id) for m in methods[:MAX_METHODS]]
    method = Field(
        "method",
        Control.SELECT,
        "method",
        methods[0].id,
        options,
        is_optional=True,
    )
    fields = [method, *_new_method_fields("method.new")]
    return _acceptance_view(renderer, "accept_billing", card, fields)


def accept_ownership_view(renderer: Renderer, card: InvitationView) -> View:
    """Return the form that accepts ownership, with a new payment method if needed."""
    fields = _new_method_fields("method.first")
    return _acceptance_view(renderer, "accept_ownership", card, fields)


def payment_method_message(renderer: Renderer, billing: BillingView) -> Message:
    """Return a payment method, with the button that edits its details."""
    resource = billing.resource
    text = renderer.render(
        "replies/billing", billing=billing, shown=billing.pays_for[:MAX_LISTED]
    )
    if not billing.may_edit:
        return blocks.build_message(text)
    edit = labelled_button(renderer, "billing", resource.id, what=resource.slug)
    return blocks.build_message(text, blocks.actions_block("billing", edit))


def payment_method_view(
    renderer: Renderer, resource: Resource, details: BillingDetails
) -> View:
    """Return the form that edits the details of a payment method."""
    return form_view(
        renderer,
        "billing",
        [
            renderer.render("modals/billing", resource=resource),
            *_billing_detail_fields(details),
        ],
        submit="save",
        private_metadata=resource.id,
    )


def invoices_message(
    renderer: Renderer, invoice_list: InvoiceList, page: int
) -> Message:
    """Return a page of invoices, each with the button that sends its file."""
    text = renderer.render("replies/invoices", list=invoice_list, page=page)
    heading, *lines = text.paragraphs
    rows = []
    for line, invoice in zip(lines, invoice_list.invoices, strict=True):
        send = labelled_button(renderer, "invoice", invoice.id, what=invoice.number)
        block_id = BlockId("invoice", invoice.id).encode()
        rows.append(blocks.list_row(line, send, block_id))
    current = ResourcePage(invoice_list.resource.id, page)
    pagination = pagination_blocks(
        renderer, "invoices_page", current, invoice_list.next_page
    )
    return {
        "text": blocks.truncate(text.text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [*blocks.section_blocks(heading), *rows, *pagination],
    }


def _acceptance_view(
    renderer: Renderer, name: str, card: InvitationView, fields: Sequence[Field]
) -> View:
    is_handover = card.invitation.purpose == HANDOVER
    return form_view(
        renderer,
        name,
        [renderer.render(f"modals/{name}", card=card), *fields],
        title="accept_handover.title" if is_handover else f"{name}.title",
        submit="accept",
        private_metadata=card.invitation.id,
    )


def _new_method_fields(label_key: str) -> list[Field]:
    name = Field(
        Slot.NAME,
        Control.TEXT,
        label_key,
        hint_key=f"{label_key}.hint",
        limit=NAME_LIMIT,
        is_optional=True,
    )
    return [name, *_billing_detail_fields(NO_DETAILS)]


def _billing_detail_fields(details: BillingDetails) -> list[Field]:
    address = _detail_field("address", details.address, ADDRESS_LIMIT)
    reference = _detail_field("reference", details.reference, REFERENCE_LIMIT)
    return [
        replace(address, control=Control.LONG_TEXT),
        _detail_field("email", details.email, EMAIL_LIMIT),
        replace(reference, hint_key="billing.reference.hint"),
    ]


def _detail_field(name: str, value: str | None, limit: int) -> Field:
    return Field(
        name,
        Control.TEXT,
        f"billing.{name}",
        value or "",
        limit=limit,
        is_optional=True,
    )
