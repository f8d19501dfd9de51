"""Billing as cards: offers before they are made, payment methods, invoices, and the windows that ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rendering import Renderer
from bot.slack.button_values import (
    BillingTransferOffer,
    BlockId,
    OwnershipTransferOffer,
    ResourcePage,
)
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.invitations import page_button
from bot.slack.views.resources import MAX_LISTED, confirmation_controls
from collab.billing.invoices import InvoiceList
from collab.billing.payment_methods import (
    ADDRESS_LIMIT,
    EMAIL_LIMIT,
    NO_DETAILS,
    REFERENCE_LIMIT,
    BillingView,
)
from collab.billing.transfers import BillingTransferImpact
from collab.limits import NAME_LIMIT
from collab.model import BillingDetails, Person, Resource
from collab.open_items import InvitationView

MAX_METHODS = 100


def billing_transfer_message(
    renderer: Renderer,
    loss: BillingTransferImpact,
    person: Person,
    me: str,
    *,
    payer_leaves: bool,
) -> Message:
    """What an offer of billing would change, with the red button that makes it."""
    shown = loss.losing[:MAX_LISTED]
    said = renderer.render(
        "replies/transfer_preview",
        loss=loss,
        losing=shown,
        person=person,
        me=me,
        goes=payer_leaves,
    )
    resource_ids = tuple(resource.id for resource in loss.resources)
    value = BillingTransferOffer(person.id, resource_ids, payer_leaves).encode()
    return blocks.build_message(
        said, confirmation_controls(renderer, "transfer", loss.resources[0], value)
    )


@dataclass(frozen=True, slots=True)
class OwnershipOffer:
    """What an offer of ownership would change: the role that changes hands, and who has it now.

    `owner` is its direct owner, where that is not who offers; `lower` the role that they get then.
    """

    resource: Resource
    person: Person
    role: str
    former_owner_role: str
    is_mine: bool
    current_owner: Person | None


def ownership_transfer_message(renderer: Renderer, offer: OwnershipOffer) -> Message:
    """Show what an offer of ownership would change, with the red button that makes it."""
    resource, person = offer.resource, offer.person
    said = renderer.render(
        "replies/ownership_preview",
        resource=resource,
        person=person,
        role=offer.role,
        stays_as=offer.former_owner_role if offer.is_mine else None,
        lower=offer.former_owner_role,
        owner=offer.current_owner,
    )
    return blocks.build_message(
        said,
        confirmation_controls(
            renderer,
            "transfer",
            resource,
            OwnershipTransferOffer(person.id, resource.id).encode(),
        ),
    )


def accept_billing_view(
    renderer: Renderer, card: InvitationView, methods: Sequence[Resource]
) -> View:
    """The window that asks with what to pay: one of the reader's methods, or a new one."""
    choices = [(f"{m.title} ({m.slug})", m.id) for m in methods[:MAX_METHODS]]
    chosen = (
        blocks.static_select(
            "method", renderer.render_label("method"), choices, choices[0][1]
        )
        if choices
        else None
    )
    asked = (
        [
            blocks.input_block(
                "method", renderer.render_label("method"), chosen, optional=True
            )
        ]
        if chosen
        else []
    )
    new = _new_method_fields(renderer, "method.new" if choices else "method.first")
    return _acceptance_view(renderer, "accept_billing", card, [*asked, *new])


def accept_ownership_view(renderer: Renderer, card: InvitationView) -> View:
    """The window that lets a new owner bring a payment method along."""
    return _acceptance_view(
        renderer, "accept_ownership", card, _new_method_fields(renderer, "method.first")
    )


def payment_method_message(renderer: Renderer, found: BillingView) -> Message:
    """A payment method, with the way to change what it says."""
    said = renderer.render(
        "replies/billing", found=found, shown=found.pays_for[:MAX_LISTED]
    )
    long = renderer.render_label("billing.long", what=found.resource.slug)
    edit = blocks.button(
        "billing", renderer.render_label("billing"), found.resource.id, long
    )
    return blocks.build_message(
        said, *([blocks.actions_block("billing", edit)] if found.may_edit else [])
    )


def payment_method_view(
    renderer: Renderer, resource: Resource, details: BillingDetails
) -> View:
    """The window that changes what a payment method says of itself."""
    said = renderer.render("modals/billing", resource=resource)
    return blocks.modal_view(
        "billing",
        renderer.render_label("billing.title"),
        [
            *blocks.paragraph_blocks(said.paragraphs),
            *_billing_detail_fields(renderer, details),
        ],
        submit=renderer.render_label("save"),
        close=renderer.render_label("cancel"),
        private_metadata=resource.id,
    )


def invoices_message(renderer: Renderer, found: InvoiceList, page: int) -> Message:
    """A page of invoices, each with the button that sends its file."""
    said = renderer.render("replies/invoices", list=found, page=page)
    heading, *lines = said.paragraphs
    rows = [
        blocks.list_row(
            line,
            _send_invoice_button(renderer, invoice.id, invoice.number),
            BlockId("invoice", invoice.id).encode(),
        )
        for line, invoice in zip(lines, found.invoices, strict=True)
    ]
    turn: list[Block] = []
    if found.next_page is not None:
        turn = [
            page_button(
                renderer,
                "invoices_page",
                "next",
                ResourcePage(found.resource.id, found.next_page).encode(),
            )
        ]
    elif page:
        turn = [
            page_button(
                renderer,
                "invoices_page",
                "first",
                ResourcePage(found.resource.id).encode(),
            )
        ]
    text = blocks.truncate(said.text, blocks.MAX_MESSAGE_TEXT)
    return {"text": text, "blocks": [*blocks.section_blocks(heading), *rows, *turn]}


def _send_invoice_button(renderer: Renderer, invoice: str, number: str) -> Block:
    return blocks.button(
        "invoice",
        renderer.render_label("invoice"),
        invoice,
        renderer.render_label("invoice.long", what=number),
    )


def _acceptance_view(
    renderer: Renderer, name: str, card: InvitationView, asked: Sequence[Block]
) -> View:
    said = renderer.render(f"modals/{name}", card=card)
    return blocks.modal_view(
        name,
        renderer.render_label(f"{name}.title"),
        [*blocks.paragraph_blocks(said.paragraphs), *asked],
        submit=renderer.render_label("accept"),
        close=renderer.render_label("cancel"),
        private_metadata=card.invitation.id,
    )


def _new_method_fields(renderer: Renderer, name: str) -> list[Block]:
    title = blocks.text_input("title", NAME_LIMIT)
    return [
        blocks.input_block(
            "title",
            renderer.render_label(name),
            title,
            hint=renderer.render_label(f"{name}.hint"),
            optional=True,
        ),
        *_billing_detail_fields(renderer, NO_DETAILS),
    ]


def _billing_detail_fields(renderer: Renderer, details: BillingDetails) -> list[Block]:
    fields = (
        (
            "address",
            blocks.text_input(
                "address", ADDRESS_LIMIT, initial=details.address or "", multiline=True
            ),
            "",
        ),
        (
            "email",
            blocks.text_input("email", EMAIL_LIMIT, initial=details.email or ""),
            "",
        ),
        (
            "reference",
            blocks.text_input(
                "reference", REFERENCE_LIMIT, initial=details.reference or ""
            ),
            renderer.render_label("billing.reference.hint"),
        ),
    )
    return [
        blocks.input_block(
            name,
            renderer.render_label(f"billing.{name}"),
            element,
            hint=hint,
            optional=True,
        )
        for name, element, hint in fields
    ]
