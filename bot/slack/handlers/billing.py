"""Billing: offers to pay and to own, payment methods, invoices, plans."""

from __future__ import annotations

from dataclasses import replace

from bot.slack.commands.catalog import Slot
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    EventDetails,
    Services,
    ViewSubmission,
    build_field_error,
    drop_duplicate_people,
    get_resource_or_linked,
    get_resources_or_linked,
    parse_page,
    read_first_event,
    read_invitation,
    read_sent_invitation,
    split_pair,
)
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
from collab.billing.invoices import Invoice, InvoiceList, ListInvoices, ShowInvoice
from collab.billing.payment_methods import (
    BillingDetails,
    BillingView,
    ChangeBillingDetails,
    ListPaymentMethods,
    ShowBilling,
    show_billing,
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
from collab.notifications.routing import format_person_target
from collab.open_items import InvitationView
from collab.people import NOBODY, Account, Address, Person, RegisterPerson
from collab.resources import Resource

INVOICE_MESSAGE = "invoice"
PAYER_STAYS, PAYER_LEAVES, OWNERSHIP = "stays", "goes", "owns"
DETAIL_FIELDS = ("address", "email", "reference")


def preview_transfer(desk: Services, asked: CommandRequest) -> Message:
    """Show what an offer of billing or ownership would change."""
    whom = drop_duplicate_people(desk, asked.caller, asked.get(Slot.PEOPLE))
    if len(whom) > 1 or not isinstance(whom[0], Account | Address):
        raise asked.line.missing_word_error(Slot.PEOPLE)
    person = _get_or_register_person(desk, asked, whom[0])
    what = get_resources_or_linked(desk, asked)
    if asked.get(Slot.PURPOSE) == "ownership":
        return _preview_ownership_transfer(desk, asked, person, " ".join(what))
    goes = asked.get(Slot.LEAVING) is not None
    desk.bus.dry_run(
        TransferBilling(asked.caller, person.id, what, leaves=goes), asked.at
    )
    loss: BillingTransferImpact = desk.bus.query(
        PreviewBillingTransfer(asked.caller, what), asked.at
    )
    me = desk.find_person(asked.caller) or NOBODY
    return billing_transfer_message(
        desk.renderer, loss, person, me.id, payer_leaves=goes
    )


def confirm_transfer(desk: Services, click: ActionRequest) -> Message | None:
    """Transfer pressed: the offer is made."""
    how, rest = split_pair(click.value)
    person, things = split_pair(rest)
    act: TransferBilling | TransferOwnership = TransferBilling(
        click.caller, person, tuple(things.split(",")), leaves=how == PAYER_LEAVES
    )
    if how == OWNERSHIP:
        act = TransferOwnership(click.caller, person, things)
    outcome = desk.execute(act, click.at, read_sent_invitation)
    if outcome.is_repeated:
        return None
    return desk.build_reply(
        "offered",
        card=outcome.view,
        replaced=outcome.get_first_event(events.InvitationSuperseded) is not None,
    )


def open_acceptance_form(
    desk: Services, click: ActionRequest, card: InvitationView
) -> None:
    """Accept pressed on an offer that asks for more than a yes."""
    if card.invitation.purpose == PAY:
        methods: list[Resource] = desk.bus.query(
            ListPaymentMethods(click.caller), click.at
        )
        click.open_view(accept_billing_view(desk.renderer, card, methods))
    else:
        click.open_view(accept_ownership_view(desk.renderer, card))


def submit_billing_acceptance(desk: Services, sent: ViewSubmission) -> View:
    """The window sent in, with a payment method chosen or named."""
    return _accept_with_payment_method(
        desk, sent, _parse_new_payment_method(sent) or sent.values.get("method") or None
    )


def submit_ownership_acceptance(desk: Services, sent: ViewSubmission) -> View:
    """The window sent in, with a new payment method or without."""
    return _accept_with_payment_method(desk, sent, _parse_new_payment_method(sent))


def show_payment_method(desk: Services, asked: CommandRequest) -> Message:
    """What a payment method says of itself."""
    return payment_method_message(
        desk.renderer,
        desk.bus.query(
            ShowBilling(asked.caller, get_resource_or_linked(desk, asked)), asked.at
        ),
    )


def open_payment_method_form(desk: Services, click: ActionRequest) -> None:
    """Edit pressed: a window with what it says now."""
    found: BillingView = desk.bus.query(
        ShowBilling(click.caller, click.value), click.at
    )
    if not found.may_edit:
        raise errors.MayNotEdit(found.resource.title)
    click.open_view(payment_method_view(desk.renderer, found.resource, found.details))


def submit_payment_method_form(desk: Services, sent: ViewSubmission) -> View:
    """The window sent in."""
    try:
        outcome = desk.execute(
            ChangeBillingDetails(
                sent.caller, sent.private_metadata, _parse_billing_details(sent)
            ),
            sent.at,
            _read_payment_method(sent),
        )
    except errors.BadAddress as bad:
        raise build_field_error(desk, "email", bad, sent.caller) from bad
    found: BillingView = outcome.view
    return result_view(
        desk.renderer,
        desk.render_reply("billing", found=found, shown=found.pays_for[:1]),
    )


def list_invoices(desk: Services, asked: CommandRequest) -> Message:
    """The invoices of a payment method."""
    return _build_invoices_message(desk, asked, get_resource_or_linked(desk, asked), 0)


def show_invoices_page(desk: Services, click: ActionRequest) -> Message:
    """Another page of them."""
    what, page = split_pair(click.value)
    return _build_invoices_message(desk, click, what, parse_page(page))


def send_invoice_file(desk: Services, click: ActionRequest) -> Message:
    """Send me the PDF pressed: the courier brings it."""
    found: Invoice = desk.bus.query(ShowInvoice(click.caller, click.value), click.at)
    me, account = desk.find_person(click.caller), click.caller.account
    if me and account:
        payload = {"invoice": found.id, "team": account.team, "user": account.user}
        desk.outbox.enqueue_message(
            click.caller.workspace,
            format_person_target(me.id),
            INVOICE_MESSAGE,
            payload,
        )
    return {
        **desk.build_reply("invoice_sent", invoice=found),
        "replace_original": False,
    }


def show_or_change_plan(desk: Services, asked: CommandRequest) -> Message:
    """How a company stands, or another plan."""
    what = get_resource_or_linked(desk, asked)
    if Slot.OTHER_RESOURCE not in asked.line.slots:
        return desk.build_reply(
            "plan", found=desk.bus.query(ShowPlan(asked.caller, what), asked.at)
        )
    wanted: str | None = asked.get(Slot.OTHER_RESOURCE)
    act = ChangePlan(asked.caller, what, wanted.casefold() if wanted else None)
    seen: EventDetails | None = desk.execute(
        act, asked.at, read_first_event(events.PlanChanged)
    ).view
    if seen is None:
        return desk.build_reply("unchanged")
    return desk.build_reply("plan_set", resource=seen.resource, plan=seen.event.plan)


def _read_payment_method(sent: ViewSubmission) -> ReadAfter:
    return lambda case, _outcome: show_billing(
        ShowBilling(sent.caller, sent.private_metadata), case
    )


def _get_or_register_person(
    desk: Services, asked: CommandRequest, who: Account | Address
) -> Person:
    """The person behind a mention or an address; buttons carry ids alone, so they become known first."""
    desk.bus.execute(
        RegisterPerson(replace(asked.caller, idempotency_key=None), who), asked.at
    )
    with desk.read_workspace(asked.caller) as facts:
        found = (
            facts.find_person_by_email(who.email)
            if isinstance(who, Address)
            else facts.find_person_by_account(who)
        )
    return found or NOBODY


def _preview_ownership_transfer(
    desk: Services, asked: CommandRequest, person: Person, what: str
) -> Message:
    happens = desk.bus.dry_run(
        TransferOwnership(asked.caller, person.id, what), asked.at
    )
    sent = next(
        e
        for e in happens
        if isinstance(e, events.InvitationSent | events.InvitationResent)
    )
    with desk.read_workspace(asked.caller) as facts:
        resource = facts.get_resource(sent.resource) or Resource(
            sent.resource, "", "", ""
        )
    kind, me = desk.bus.roles[resource.kind], desk.find_person(asked.caller)
    with desk.read_workspace(asked.caller) as facts:
        members = facts.list_members(resource.id, asked.at)
        holding = [m.person for m in members if m.role == kind.highest_role]
        is_mine = me is not None and me.id in holding
        owner = facts.get_person(holding[0]) if holding and not is_mine else None
    lower = kind.stays_as or kind.highest_role
    return ownership_transfer_message(
        desk.renderer,
        OwnershipOffer(resource, person, kind.highest_role, lower, is_mine, owner),
    )


def _accept_with_payment_method(
    desk: Services, sent: ViewSubmission, choice: str | NewPaymentMethod | None
) -> View:
    try:
        outcome = desk.execute(
            AcceptInvitation(sent.caller, sent.private_metadata, choice),
            sent.at,
            read_invitation(sent.private_metadata),
        )
    except (errors.ChooseMethod, errors.BadName) as bad:
        raise build_field_error(desk, "title", bad, sent.caller) from bad
    except errors.BadAddress as bad:
        raise build_field_error(desk, "email", bad, sent.caller) from bad
    return result_view(desk.renderer, desk.render_reply("accepted", card=outcome.view))


def _parse_new_payment_method(sent: ViewSubmission) -> NewPaymentMethod | None:
    """A new payment method, when anything of one was entered."""
    title, details = sent.values.get("title", "").strip(), _parse_billing_details(sent)
    return (
        NewPaymentMethod(title, details)
        if title or details != BillingDetails()
        else None
    )


def _parse_billing_details(sent: ViewSubmission) -> BillingDetails:
    return BillingDetails(
        *(sent.values.get(name, "").strip() or None for name in DETAIL_FIELDS)
    )


def _build_invoices_message(
    desk: Services, asked: CommandRequest | ActionRequest, what: str, page: int
) -> Message:
    found: InvoiceList = desk.bus.query(
        ListInvoices(asked.caller, what, page), asked.at
    )
    return invoices_message(desk.renderer, found, page)
