"""Billing as cards: offers before they are made, payment methods, invoices, and the windows that ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import Block, Message, View, blocks
from bot.cards.invitations import page_button
from bot.cards.resources import LISTED, ending_controls
from bot.words import Words
from collab.billing import ADDRESS_LIMIT, EMAIL_LIMIT, NO_DETAILS, REFERENCE_LIMIT, Billing, Details
from collab.invoices import InvoiceList
from collab.people import Person
from collab.policy import NAME_LIMIT
from collab.resources import Resource
from collab.subjects import OpenInvitation
from collab.transfers import Loss

METHODS = 100


def transfer_message(words: Words, loss: Loss, person: Person, me: str, *, goes: bool) -> Message:
    """What an offer of billing would change, with the red button that makes it."""
    shown = loss.losing[:LISTED]
    said = words.say("replies/transfer_preview", loss=loss, losing=shown, person=person, me=me, goes=goes)
    things = ",".join(resource.id for resource in loss.resources)
    value = f"{'goes' if goes else 'stays'} {person.id} {things}"
    return blocks.message(said, ending_controls(words, "transfer", loss.resources[0], value))


@dataclass(frozen=True, slots=True)
class HandOver:
    """What an offer of ownership would change: the role that changes hands, and who has it now.

    `owner` is its direct owner, where that is not who offers; `lower` the role that they get then.
    """

    resource: Resource
    person: Person
    role: str
    lower: str
    is_mine: bool
    owner: Person | None


def ownership_message(words: Words, offer: HandOver) -> Message:
    """Show what an offer of ownership would change, with the red button that makes it."""
    resource, person = offer.resource, offer.person
    said = words.say(
        "replies/ownership_preview",
        resource=resource,
        person=person,
        role=offer.role,
        stays_as=offer.lower if offer.is_mine else None,
        lower=offer.lower,
        owner=offer.owner,
    )
    return blocks.message(said, ending_controls(words, "transfer", resource, f"owns {person.id} {resource.id}"))


def accept_billing_view(words: Words, card: OpenInvitation, methods: Sequence[Resource]) -> View:
    """The window that asks with what to pay: one of the reader's methods, or a new one."""
    choices = [(f"{m.title} ({m.slug})", m.id) for m in methods[:METHODS]]
    chosen = blocks.select("method", words.label("method"), choices, choices[0][1]) if choices else None
    asked = [blocks.field("method", words.label("method"), chosen, optional=True)] if chosen else []
    new = _new_method(words, "method.new" if choices else "method.first")
    return _accepting(words, "accept_billing", card, [*asked, *new])


def accept_ownership_view(words: Words, card: OpenInvitation) -> View:
    """The window that lets a new owner bring a payment method along."""
    return _accepting(words, "accept_ownership", card, _new_method(words, "method.first"))


def billing_message(words: Words, found: Billing) -> Message:
    """A payment method, with the way to change what it says."""
    said = words.say("replies/billing", found=found, shown=found.pays_for[:LISTED])
    long = words.label("billing.long", what=found.resource.slug)
    edit = blocks.button("billing", words.label("billing"), found.resource.id, long)
    return blocks.message(said, *([blocks.actions("billing", edit)] if found.may_edit else []))


def billing_view(words: Words, resource: Resource, details: Details) -> View:
    """The window that changes what a payment method says of itself."""
    said = words.say("modals/billing", resource=resource)
    return blocks.modal(
        "billing",
        words.label("billing.title"),
        [*blocks.paragraphs(said.paragraphs), *_details(words, details)],
        submit=words.label("save"),
        close=words.label("cancel"),
        about=resource.id,
    )


def invoices_message(words: Words, found: InvoiceList, page: int) -> Message:
    """A page of invoices, each with the button that sends its file."""
    said = words.say("replies/invoices", list=found, page=page)
    heading, *lines = said.paragraphs
    rows = [
        blocks.row(line, _send(words, invoice.id, invoice.number), f"invoice {invoice.id}")
        for line, invoice in zip(lines, found.invoices, strict=True)
    ]
    turn: list[Block] = []
    if found.next_page is not None:
        turn = [page_button(words, "invoices_page", "next", f"{found.resource.id} {found.next_page}")]
    elif page:
        turn = [page_button(words, "invoices_page", "first", f"{found.resource.id} 0")]
    text = blocks.cut(said.text, blocks.TOP)
    return {"text": text, "blocks": [*blocks.section(heading), *rows, *turn]}


def _send(words: Words, invoice: str, number: str) -> Block:
    return blocks.button("invoice", words.label("invoice"), invoice, words.label("invoice.long", what=number))


def _accepting(words: Words, name: str, card: OpenInvitation, asked: Sequence[Block]) -> View:
    said = words.say(f"modals/{name}", card=card)
    return blocks.modal(
        name,
        words.label(f"{name}.title"),
        [*blocks.paragraphs(said.paragraphs), *asked],
        submit=words.label("accept"),
        close=words.label("cancel"),
        about=card.invitation.id,
    )


def _new_method(words: Words, name: str) -> list[Block]:
    title = blocks.text_input("title", NAME_LIMIT)
    return [
        blocks.field("title", words.label(name), title, hint=words.label(f"{name}.hint"), optional=True),
        *_details(words, NO_DETAILS),
    ]


def _details(words: Words, details: Details) -> list[Block]:
    fields = (
        ("address", blocks.text_input("address", ADDRESS_LIMIT, initial=details.address or "", lines=True), ""),
        ("email", blocks.text_input("email", EMAIL_LIMIT, initial=details.email or ""), ""),
        (
            "reference",
            blocks.text_input("reference", REFERENCE_LIMIT, initial=details.reference or ""),
            words.label("billing.reference.hint"),
        ),
    )
    return [
        blocks.field(name, words.label(f"billing.{name}"), element, hint=hint, optional=True)
        for name, element, hint in fields
    ]
