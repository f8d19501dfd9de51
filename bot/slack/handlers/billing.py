"""Billing: payment methods, invoices and plans."""

from __future__ import annotations

from typing import Any

from bot.slack.button_values import ResourcePage
from bot.slack.commands.slots import Slot
from bot.slack.event_details import read_first_event
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import ActionRequest, CommandRequest, Services, ViewSubmission
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View
from bot.slack.views.billing import (
    invoices_message,
    payment_method_message,
    payment_method_view,
)
from bot.slack.views.resources import result_view
from collab import errors, events
from collab.billing.invoices import ListInvoices, ShowInvoice
from collab.billing.payment_methods import (
    BillingView,
    ChangeBillingDetails,
    ShowBilling,
)
from collab.billing.plans import ChangePlan, ShowPlan
from collab.bus import Outcome, ReadAfter
from collab.context import Context
from collab.model import BillingDetails, InvoiceId
from collab.notifications.targets import format_person_target

INVOICE_MESSAGE = "invoice"
DETAIL_FIELDS = ("address", "email", "reference")

_read_plan_change = read_first_event(events.PlanChanged)


def show_payment_method(services: Services, request: CommandRequest) -> Message:
    """Show a payment method."""
    query = ShowBilling(request.caller, get_resource_or_linked(services, request))
    billing = services.bus.query(query, request.at)
    return payment_method_message(services.renderer, billing)


def open_payment_method_form(services: Services, request: ActionRequest) -> None:
    """Open a modal with the billing details of a payment method."""
    query = ShowBilling(request.caller, request.value)
    billing = services.bus.query(query, request.at)
    if not billing.may_edit:
        raise errors.MayNotEdit(billing.resource.title)
    request.open_view(
        payment_method_view(services.renderer, billing.resource, billing.details)
    )


def submit_payment_method_form(services: Services, submission: ViewSubmission) -> View:
    """Change the billing details of a payment method."""
    command = ChangeBillingDetails(
        submission.caller,
        submission.private_metadata,
        parse_billing_details(submission),
    )
    read_billing = _make_billing_reader(submission)
    outcome = services.execute(command, submission.at, read_billing)
    billing = outcome.view
    reply = services.render_reply(
        "billing", billing=billing, shown=billing.pays_for[:1]
    )
    return result_view(services.renderer, "billing.title", reply)


def list_invoices(services: Services, request: CommandRequest) -> Message:
    """Show the invoices of a payment method."""
    query = ListInvoices(request.caller, get_resource_or_linked(services, request))
    return _build_invoices_message(services, request, query)


def show_invoices_page(services: Services, request: ActionRequest) -> Message:
    """Show another page of invoices."""
    page = ResourcePage.decode(request.value)
    query = ListInvoices(request.caller, page.resource_id, page.page)
    return _build_invoices_message(services, request, query)


def send_invoice_file(services: Services, request: ActionRequest) -> Message:
    """Send an invoice's file as a direct message, through the outbox."""
    query = ShowInvoice(request.caller, InvoiceId(request.value))
    invoice = services.bus.query(query, request.at)
    person, account = services.find_person(request.caller), request.caller.account
    if person and account:
        services.outbox.enqueue_message(
            request.caller.workspace,
            format_person_target(person.id),
            INVOICE_MESSAGE,
            {"invoice": invoice.id, "team": account.team, "user": account.user},
        )
    reply = services.build_reply("invoice_sent", invoice=invoice)
    return {**reply, "replace_original": False}


def show_or_change_plan(services: Services, request: CommandRequest) -> Message:
    """Show how a company uses its plan, or change the plan."""
    resource_ref = get_resource_or_linked(services, request)
    if Slot.PLAN not in request.line.slots:
        usage = services.bus.query(ShowPlan(request.caller, resource_ref), request.at)
        return services.build_reply("plan", usage=usage)
    plan: str | None = request.get(Slot.PLAN)
    command = ChangePlan(
        request.caller, resource_ref, plan.casefold() if plan else None
    )
    details = services.execute(command, request.at, _read_plan_change).view
    if details is None:
        return services.build_reply("unchanged")
    return services.build_reply(
        "plan_set", resource=details.resource, plan=details.event.plan
    )


def parse_billing_details(submission: ViewSubmission) -> BillingDetails:
    """Return the billing details of a form; None for each empty field."""
    values = [submission.fields.get(name, "").strip() for name in DETAIL_FIELDS]
    return BillingDetails(*(value or None for value in values))


def _make_billing_reader(submission: ViewSubmission) -> ReadAfter[BillingView]:
    def read(context: Context, _outcome: Outcome[Any]) -> BillingView:
        query = ShowBilling(submission.caller, submission.private_metadata)
        return query.answer(context)

    return read


def _build_invoices_message(
    services: Services, request: CommandRequest | ActionRequest, query: ListInvoices
) -> Message:
    invoices = services.bus.query(query, request.at)
    return invoices_message(services.renderer, invoices, query.page)


ROUTES = (
    CommandRoute("billing", show_payment_method),
    CommandRoute("invoices", list_invoices),
    CommandRoute("plan", show_or_change_plan),
    ActionRoute("billing", open_payment_method_form),
    ActionRoute("invoice", send_invoice_file, "verb.invoices"),
    ActionRoute("invoices_page", show_invoices_page, "verb.invoices"),
    SubmissionRoute("billing", submit_payment_method_form),
)
