"""Billing: offers to pay and to own, payment methods, invoices, plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.slack.button_values import (
    BillingTransferOffer,
    OwnershipTransferOffer,
    ResourcePage,
    decode_transfer_offer,
)
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, read_first_event
from bot.slack.lookups import (
    drop_duplicate_people,
    get_resource_or_linked,
    get_resources_or_linked,
    make_invitation_reader,
    read_sent_invitation,
)
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
    build_field_error,
)
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View
from bot.slack.views.billing import (
    OwnershipOffer,
    accept_billing_view,
    accept_ownership_view,
    billing_transfer_message,
    invoices_message,
    ownership_transfer_message,
    payment_method_message,
    payment_method_view,
)
from bot.slack.views.resources import result_view
from collab import errors, events
from collab.billing.invoices import InvoiceList, ListInvoices, ShowInvoice
from collab.billing.payment_methods import (
    BillingView,
    ChangeBillingDetails,
    ListPaymentMethods,
    ShowBilling,
)
from collab.billing.plans import ChangePlan, ShowPlan
from collab.billing.transfers import (
    BillingTransferImpact,
    NewPaymentMethod,
    PreviewBillingTransfer,
    TransferBilling,
    TransferOwnership,
)
from collab.bus import ReadAfter
from collab.invitations.answers import AcceptInvitation
from collab.invitations.rules import PAY
from collab.model import (
    NOBODY,
    Account,
    Address,
    BillingDetails,
    Caller,
    Invoice,
    Person,
    Resource,
)
from collab.notifications.targets import format_person_target
from collab.open_items import InvitationView
from collab.people import RegisterPerson

INVOICE_MESSAGE = "invoice"
DETAIL_FIELDS = ("address", "email", "reference")


def preview_transfer(services: Services, asked: CommandRequest) -> Message:
    """Show what an offer of billing or ownership would change."""
    whom = drop_duplicate_people(services, asked.caller, asked.get(Slot.PEOPLE))
    if len(whom) > 1 or not isinstance(whom[0], Account | Address):
        raise asked.line.missing_word_error(Slot.PEOPLE)
    person = _get_or_register_person(services, asked, whom[0])
    what = get_resources_or_linked(services, asked)
    if asked.get(Slot.PURPOSE) == "ownership":
        return _preview_ownership_transfer(services, asked, person, " ".join(what))
    goes = asked.get(Slot.LEAVING) is not None
    services.bus.dry_run(
        TransferBilling(asked.caller, person.id, what, leaves=goes), asked.at
    )
    loss: BillingTransferImpact = services.bus.query(
        PreviewBillingTransfer(asked.caller, what), asked.at
    )
    me = services.find_person(asked.caller) or NOBODY
    return billing_transfer_message(
        services.renderer, loss, person, me.id, payer_leaves=goes
    )


def confirm_transfer(services: Services, request: ActionRequest) -> Message | None:
    """Transfer pressed: the offer is made."""
    command = _build_transfer(request.caller, decode_transfer_offer(request.value))
    outcome = services.execute(command, request.at, read_sent_invitation)
    if outcome.is_repeated:
        return None
    return services.build_reply(
        "offered",
        card=outcome.view,
        replaced=outcome.find_event(events.InvitationSuperseded) is not None,
    )


def _build_transfer(
    caller: Caller, offer: BillingTransferOffer | OwnershipTransferOffer
) -> TransferBilling | TransferOwnership:
    if isinstance(offer, OwnershipTransferOffer):
        return TransferOwnership(caller, offer.person_id, offer.resource_id)
    return TransferBilling(
        caller, offer.person_id, offer.resource_ids, leaves=offer.payer_leaves
    )


def open_acceptance_form(
    services: Services, request: ActionRequest, card: InvitationView
) -> None:
    """Accept pressed on an offer that asks for more than a yes."""
    if card.invitation.purpose == PAY:
        methods: list[Resource] = services.bus.query(
            ListPaymentMethods(request.caller), request.at
        )
        request.open_view(accept_billing_view(services.renderer, card, methods))
    else:
        request.open_view(accept_ownership_view(services.renderer, card))


def submit_billing_acceptance(services: Services, submission: ViewSubmission) -> View:
    """The window sent in, with a payment method chosen or named."""
    return _accept_with_payment_method(
        services,
        submission,
        _parse_new_payment_method(submission)
        or submission.values.get("method")
        or None,
    )


def submit_ownership_acceptance(services: Services, submission: ViewSubmission) -> View:
    """The window sent in, with a new payment method or without."""
    return _accept_with_payment_method(
        services, submission, _parse_new_payment_method(submission)
    )


def show_payment_method(services: Services, asked: CommandRequest) -> Message:
    """What a payment method says of itself."""
    return payment_method_message(
        services.renderer,
        services.bus.query(
            ShowBilling(asked.caller, get_resource_or_linked(services, asked)), asked.at
        ),
    )


def open_payment_method_form(services: Services, request: ActionRequest) -> None:
    """Edit pressed: a window with what it says now."""
    found: BillingView = services.bus.query(
        ShowBilling(request.caller, request.value), request.at
    )
    if not found.may_edit:
        raise errors.MayNotEdit(found.resource.title)
    request.open_view(
        payment_method_view(services.renderer, found.resource, found.details)
    )


def submit_payment_method_form(services: Services, submission: ViewSubmission) -> View:
    """The window sent in."""
    try:
        outcome = services.execute(
            ChangeBillingDetails(
                submission.caller,
                submission.private_metadata,
                _parse_billing_details(submission),
            ),
            submission.at,
            _read_payment_method(submission),
        )
    except errors.BadAddress as bad:
        raise build_field_error(services, "email", bad, submission.caller) from bad
    found: BillingView = outcome.view
    return result_view(
        services.renderer,
        services.render_reply("billing", billing=found, shown=found.pays_for[:1]),
    )


def list_invoices(services: Services, asked: CommandRequest) -> Message:
    """The invoices of a payment method."""
    return _build_invoices_message(
        services, asked, get_resource_or_linked(services, asked), 0
    )


def show_invoices_page(services: Services, request: ActionRequest) -> Message:
    """Another page of them."""
    page = ResourcePage.decode(request.value)
    return _build_invoices_message(services, request, page.resource_id, page.page)


def send_invoice_file(services: Services, request: ActionRequest) -> Message:
    """Send me the PDF pressed: the courier brings it."""
    found: Invoice = services.bus.query(
        ShowInvoice(request.caller, request.value), request.at
    )
    me, account = services.find_person(request.caller), request.caller.account
    if me and account:
        payload = {"invoice": found.id, "team": account.team, "user": account.user}
        services.outbox.enqueue_message(
            request.caller.workspace,
            format_person_target(me.id),
            INVOICE_MESSAGE,
            payload,
        )
    return {
        **services.build_reply("invoice_sent", invoice=found),
        "replace_original": False,
    }


def show_or_change_plan(services: Services, asked: CommandRequest) -> Message:
    """How a company stands, or another plan."""
    what = get_resource_or_linked(services, asked)
    if Slot.PLAN not in asked.line.slots:
        return services.build_reply(
            "plan", usage=services.bus.query(ShowPlan(asked.caller, what), asked.at)
        )
    wanted: str | None = asked.get(Slot.PLAN)
    act = ChangePlan(asked.caller, what, wanted.casefold() if wanted else None)
    seen: EventDetails | None = services.execute(
        act, asked.at, read_first_event(events.PlanChanged)
    ).view
    if seen is None:
        return services.build_reply("unchanged")
    return services.build_reply(
        "plan_set", resource=seen.resource, plan=seen.event.plan
    )


def _read_payment_method(submission: ViewSubmission) -> ReadAfter[Any]:
    return lambda context, _outcome: ShowBilling(
        submission.caller, submission.private_metadata
    ).answer(context)


def _get_or_register_person(
    services: Services, asked: CommandRequest, who: Account | Address
) -> Person:
    """The person behind a mention or an address; buttons carry ids alone, so they become known first."""
    services.bus.execute(
        RegisterPerson(replace(asked.caller, idempotency_key=None), who), asked.at
    )
    with services.read_workspace(asked.caller) as repositories:
        found = (
            repositories.people.find_person_by_email(who.email)
            if isinstance(who, Address)
            else repositories.people.find_person_by_account(who)
        )
    return found or NOBODY


def _preview_ownership_transfer(
    services: Services, asked: CommandRequest, person: Person, what: str
) -> Message:
    happens = services.bus.dry_run(
        TransferOwnership(asked.caller, person.id, what), asked.at
    )
    submission = next(
        e
        for e in happens
        if isinstance(e, events.InvitationSent | events.InvitationResent)
    )
    with services.read_workspace(asked.caller) as repositories:
        resource = repositories.resources.get_resource(submission.resource) or Resource(
            submission.resource, "", "", ""
        )
    kind, me = services.bus.roles[resource.kind], services.find_person(asked.caller)
    with services.read_workspace(asked.caller) as repositories:
        members = repositories.memberships.list_members(resource.id, asked.at)
        holding = [m.person for m in members if m.role == kind.highest_role]
        is_mine = me is not None and me.id in holding
        owner = (
            repositories.people.get_person(holding[0])
            if holding and not is_mine
            else None
        )
    lower = kind.stays_as or kind.highest_role
    return ownership_transfer_message(
        services.renderer,
        OwnershipOffer(resource, person, kind.highest_role, lower, is_mine, owner),
    )


def _accept_with_payment_method(
    services: Services,
    submission: ViewSubmission,
    choice: str | NewPaymentMethod | None,
) -> View:
    try:
        outcome = services.execute(
            AcceptInvitation(submission.caller, submission.private_metadata, choice),
            submission.at,
            make_invitation_reader(submission.private_metadata),
        )
    except (errors.ChooseMethod, errors.BadName) as bad:
        raise build_field_error(services, "title", bad, submission.caller) from bad
    except errors.BadAddress as bad:
        raise build_field_error(services, "email", bad, submission.caller) from bad
    return result_view(
        services.renderer, services.render_reply("accepted", card=outcome.view)
    )


def _parse_new_payment_method(submission: ViewSubmission) -> NewPaymentMethod | None:
    """A new payment method, when anything of one was entered."""
    title, details = (
        submission.values.get("title", "").strip(),
        _parse_billing_details(submission),
    )
    return (
        NewPaymentMethod(title, details)
        if title or details != BillingDetails()
        else None
    )


def _parse_billing_details(submission: ViewSubmission) -> BillingDetails:
    return BillingDetails(
        *(submission.values.get(name, "").strip() or None for name in DETAIL_FIELDS)
    )


def _build_invoices_message(
    services: Services, asked: CommandRequest | ActionRequest, what: str, page: int
) -> Message:
    found: InvoiceList = services.bus.query(
        ListInvoices(asked.caller, what, page), asked.at
    )
    return invoices_message(services.renderer, found, page)


ROUTES = (
    CommandRoute("transfer", preview_transfer),
    CommandRoute("billing", show_payment_method),
    CommandRoute("invoices", list_invoices),
    CommandRoute("plan", show_or_change_plan),
    ActionRoute("transfer", confirm_transfer),
    ActionRoute("billing", open_payment_method_form),
    ActionRoute("invoice", send_invoice_file),
    ActionRoute("invoices_page", show_invoices_page),
    SubmissionRoute("accept_billing", submit_billing_acceptance),
    SubmissionRoute("accept_ownership", submit_ownership_acceptance),
    SubmissionRoute("billing", submit_payment_method_form),
)
