"""Transfers: offers of billing and of ownership, and accepting them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.slack.button_values import ShownPreview
from bot.slack.commands.slots import Slot
from bot.slack.handlers.billing import parse_billing_details
from bot.slack.handlers.invitations import build_offered_reply
from bot.slack.lookups import (
    drop_duplicate_people,
    get_resources_or_linked,
    make_invitation_reader,
    read_sent_invitation,
)
from bot.slack.requests import ActionRequest, CommandRequest, Services, ViewSubmission
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.transfer_values import (
    BillingTransferOffer,
    OwnershipTransferOffer,
    decode_transfer_offer,
)
from bot.slack.views import Message, View
from bot.slack.views.billing import (
    accept_billing_view,
    accept_ownership_view,
    billing_transfer_message,
    ownership_transfer_message,
)
from bot.slack.views.resources import result_view
from collab import errors
from collab.billing.ownership_offers import PreviewOwnershipTransfer
from collab.billing.payment_method_choice import NewPaymentMethod, PaymentMethodChoice
from collab.billing.payment_methods import ListPaymentMethods
from collab.billing.transfers import (
    PreviewBillingTransfer,
    TransferBilling,
    TransferOwnership,
)
from collab.confirmation import ConfirmedPreview
from collab.invitations.answers import AcceptInvitation
from collab.invitations.rules import OWN
from collab.model import NOBODY, Account, Address, BillingDetails, Caller, Person
from collab.open_items import InvitationView
from collab.people import RegisterPerson

OWNERSHIP_PURPOSE = "ownership"


def preview_transfer(services: Services, request: CommandRequest) -> Message:
    """Show what an offer of billing or ownership would change."""
    people = drop_duplicate_people(services, request.caller, request.get(Slot.PEOPLE))
    if len(people) > 1 or not isinstance(people[0], Account | Address):
        raise request.line.missing_word_error(Slot.PEOPLE)
    person = get_or_register_person(services, request, people[0])
    resource_refs = get_resources_or_linked(services, request)
    if request.get(Slot.PURPOSE) == OWNERSHIP_PURPOSE:
        query = PreviewOwnershipTransfer(
            request.caller, person.id, " ".join(resource_refs)
        )
        offer = services.bus.query(query, request.at)
        return ownership_transfer_message(services.renderer, offer)
    return _preview_billing_transfer(services, request, person, resource_refs)


def confirm_transfer(services: Services, request: ActionRequest) -> Message | None:
    """Send the offer as it was previewed."""
    shown = ShownPreview.decode(request.value)
    offer = decode_transfer_offer(shown.target)
    command = _build_transfer(request.caller, offer)
    confirmed = ConfirmedPreview(_build_preview(request.caller, offer), shown.digest)
    try:
        outcome = services.execute(command, request.at, read_sent_invitation, confirmed)
    except errors.PreviewChanged as changed:
        return _build_renewed_preview(services, request, offer, changed.preview)
    if outcome.is_repeated:
        return None
    return build_offered_reply(services, "offered", outcome)


def open_acceptance_form(
    services: Services, request: ActionRequest, view: InvitationView
) -> None:
    """Open a modal for the payment method that accepting an offer takes."""
    if view.invitation.purpose == OWN:
        request.open_view(accept_ownership_view(services.renderer, view))
        return
    methods = services.bus.query(ListPaymentMethods(request.caller), request.at)
    request.open_view(accept_billing_view(services.renderer, view, methods))


def submit_billing_acceptance(services: Services, submission: ViewSubmission) -> View:
    """Accept an offer of billing with a new or an existing payment method."""
    choice: PaymentMethodChoice = _parse_new_payment_method(submission)
    if choice is None:
        choice = submission.fields.get("method")
    return _accept(services, submission, choice)


def submit_ownership_acceptance(services: Services, submission: ViewSubmission) -> View:
    """Accept an offer of ownership, with a new payment method or none."""
    return _accept(services, submission, _parse_new_payment_method(submission))


def _preview_billing_transfer(
    services: Services,
    request: CommandRequest,
    person: Person,
    resource_refs: tuple[str, ...],
) -> Message:
    payer_leaves = request.get(Slot.LEAVING) is not None
    command = TransferBilling(
        request.caller, person.id, resource_refs, leaves=payer_leaves
    )
    services.bus.dry_run(command, request.at)
    query = PreviewBillingTransfer(request.caller, resource_refs)
    impact = services.bus.query(query, request.at)
    return billing_transfer_message(
        services.renderer,
        impact,
        person,
        services.get_person_id(request.caller),
        payer_leaves=payer_leaves,
    )


def _build_transfer(
    caller: Caller, offer: BillingTransferOffer | OwnershipTransferOffer
) -> TransferBilling | TransferOwnership:
    if isinstance(offer, OwnershipTransferOffer):
        return TransferOwnership(caller, offer.person_id, offer.resource_id)
    return TransferBilling(
        caller, offer.person_id, offer.resource_ids, leaves=offer.payer_leaves
    )


def _build_preview(
    caller: Caller, offer: BillingTransferOffer | OwnershipTransferOffer
) -> PreviewBillingTransfer | PreviewOwnershipTransfer:
    if isinstance(offer, OwnershipTransferOffer):
        return PreviewOwnershipTransfer(caller, offer.person_id, offer.resource_id)
    return PreviewBillingTransfer(caller, offer.resource_ids)


def _build_renewed_preview(
    services: Services,
    request: ActionRequest,
    offer: BillingTransferOffer | OwnershipTransferOffer,
    preview: Any,
) -> Message:
    if isinstance(offer, OwnershipTransferOffer):
        return ownership_transfer_message(services.renderer, preview, is_renewed=True)
    with services.read_workspace(request.caller) as repositories:
        person = repositories.people.get_person(offer.person_id) or NOBODY
    return billing_transfer_message(
        services.renderer,
        preview,
        person,
        services.get_person_id(request.caller),
        payer_leaves=offer.payer_leaves,
        is_renewed=True,
    )


def get_or_register_person(
    services: Services, request: CommandRequest, person_ref: Account | Address
) -> Person:
    """Return a person, registered if unknown: the button of a preview carries an id."""
    caller = replace(request.caller, idempotency_key=None)
    services.bus.execute(RegisterPerson(caller, person_ref), request.at)
    with services.read_workspace(request.caller) as repositories:
        if isinstance(person_ref, Address):
            person = repositories.people.find_person_by_email(person_ref.email)
        else:
            person = repositories.people.find_person_by_account(person_ref)
    return person or NOBODY


def _accept(
    services: Services, submission: ViewSubmission, choice: PaymentMethodChoice
) -> View:
    invitation_id = submission.invitation_id
    command = AcceptInvitation(submission.caller, invitation_id, choice)
    read_invitation = make_invitation_reader(invitation_id)
    outcome = services.execute(command, submission.at, read_invitation)
    reply = services.render_reply("accepted", card=outcome.view, at=submission.at)
    return result_view(services.renderer, "modal.invitation", reply)


def _parse_new_payment_method(submission: ViewSubmission) -> NewPaymentMethod | None:
    """Return a new payment method if any of its fields was filled in."""
    title = submission.fields.get(Slot.NAME, "").strip()
    details = parse_billing_details(submission)
    if not title and details == BillingDetails():
        return None
    return NewPaymentMethod(title, details)


ROUTES = (
    CommandRoute("transfer", preview_transfer),
    ActionRoute("transfer", confirm_transfer, "verb.transfer"),
    SubmissionRoute("accept_billing", submit_billing_acceptance),
    SubmissionRoute("accept_ownership", submit_ownership_acceptance),
)
