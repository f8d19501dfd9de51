"""Billing: offers to pay and to own, payment methods, invoices, plans."""

from __future__ import annotations

from dataclasses import replace

from bot.cards import Message, View
from bot.cards.billing import (
    HandOver,
    accept_billing_view,
    accept_ownership_view,
    billing_message,
    billing_view,
    invoices_message,
    ownership_message,
    transfer_message,
)
from bot.cards.resources import done_view
from bot.listeners.road import (
    About,
    Click,
    Command,
    Desk,
    Submission,
    each_once,
    page_of,
    seeing,
    seeing_first,
    seeing_sent,
    two,
    what_of,
    whats_of,
    wrong,
)
from bot.verbs import Slot
from collab import events, refusals
from collab.answers import Accept
from collab.billing import Billing, Detail, Details, ListMethods, ShowBilling, show_billing
from collab.invoices import Invoice, InvoiceList, ListInvoices, ShowInvoice
from collab.notices import person_target
from collab.offers import PAY
from collab.people import NOBODY, Account, Address, Meet, Person
from collab.plans import Plan, ShowPlan
from collab.resources import Resource
from collab.service import Seeing
from collab.subjects import OpenInvitation
from collab.transfers import Loss, NewMethod, ShowLoss, TransferBilling, TransferOwnership

INVOICE = "invoice"
STAYS, GOES, OWNS = "stays", "goes", "owns"
FIELDS = ("address", "email", "reference")


def transfer(desk: Desk, asked: Command) -> Message:
    """Show what an offer of billing or ownership would change."""
    whom = each_once(desk, asked.by, asked.get(Slot.WHOM))
    if len(whom) > 1 or not isinstance(whom[0], Account | Address):
        raise asked.line.missing(Slot.WHOM)
    person = _met(desk, asked, whom[0])
    what = whats_of(desk, asked)
    if asked.get(Slot.PURPOSE) == "ownership":
        return _ask_ownership(desk, asked, person, " ".join(what))
    goes = asked.get(Slot.LEAVING) is not None
    desk.collab.preview(TransferBilling(asked.by, person.id, what, goes=goes), asked.at)
    loss: Loss = desk.collab.ask(ShowLoss(asked.by, what), asked.at)
    me = desk.me(asked.by) or NOBODY
    return transfer_message(desk.words, loss, person, me.id, goes=goes)


def press_transfer(desk: Desk, click: Click) -> Message | None:
    """Transfer pressed: the offer is made."""
    how, rest = two(click.value)
    person, things = two(rest)
    act: TransferBilling | TransferOwnership = TransferBilling(
        click.by, person, tuple(things.split(",")), goes=how == GOES
    )
    if how == OWNS:
        act = TransferOwnership(click.by, person, things)
    outcome = desk.perform(act, click.at, seeing_sent)
    if outcome.repeated:
        return None
    return desk.tell("offered", card=outcome.seen, replaced=outcome.first(events.InvitationSuperseded) is not None)


def open_acceptance(desk: Desk, click: Click, card: OpenInvitation) -> None:
    """Accept pressed on an offer that asks for more than a yes."""
    if card.invitation.purpose == PAY:
        methods: list[Resource] = desk.collab.ask(ListMethods(click.by), click.at)
        click.open_view(accept_billing_view(desk.words, card, methods))
    else:
        click.open_view(accept_ownership_view(desk.words, card))


def submit_accept_billing(desk: Desk, sent: Submission) -> View:
    """The window sent in, with a payment method chosen or named."""
    return _accepted(desk, sent, _new(sent) or sent.values.get("method") or None)


def submit_accept_ownership(desk: Desk, sent: Submission) -> View:
    """The window sent in, with a new payment method or without."""
    return _accepted(desk, sent, _new(sent))


def billing(desk: Desk, asked: Command) -> Message:
    """What a payment method says of itself."""
    return billing_message(desk.words, desk.collab.ask(ShowBilling(asked.by, what_of(desk, asked)), asked.at))


def press_billing(desk: Desk, click: Click) -> None:
    """Edit pressed: a window with what it says now."""
    found: Billing = desk.collab.ask(ShowBilling(click.by, click.value), click.at)
    if not found.may_edit:
        raise refusals.MayNotEdit(found.resource.title)
    click.open_view(billing_view(desk.words, found.resource, found.details))


def submit_billing(desk: Desk, sent: Submission) -> View:
    """The window sent in."""
    try:
        outcome = desk.perform(Detail(sent.by, sent.about, _details(sent)), sent.at, _seeing_billing(sent))
    except refusals.BadAddress as bad:
        raise wrong(desk, "email", bad, sent.by) from bad
    found: Billing = outcome.seen
    return done_view(desk.words, desk.say("billing", found=found, shown=found.pays_for[:1]))


def invoices(desk: Desk, asked: Command) -> Message:
    """The invoices of a payment method."""
    return _invoices_page(desk, asked, what_of(desk, asked), 0)


def press_invoices_page(desk: Desk, click: Click) -> Message:
    """Another page of them."""
    what, page = two(click.value)
    return _invoices_page(desk, click, what, page_of(page))


def press_invoice(desk: Desk, click: Click) -> Message:
    """Send me the PDF pressed: the courier brings it."""
    found: Invoice = desk.collab.ask(ShowInvoice(click.by, click.value), click.at)
    me, account = desk.me(click.by), click.by.account
    if me and account:
        payload = {"invoice": found.id, "team": account.team, "user": account.user}
        desk.outbox.post(click.by.workspace, person_target(me.id), INVOICE, payload)
    return {**desk.tell("invoice_sent", invoice=found), "replace_original": False}


def plan(desk: Desk, asked: Command) -> Message:
    """How a company stands, or another plan."""
    what = what_of(desk, asked)
    if Slot.THERE not in asked.line.slots:
        return desk.tell("plan", found=desk.collab.ask(ShowPlan(asked.by, what), asked.at))
    wanted: str | None = asked.get(Slot.THERE)
    act = Plan(asked.by, what, wanted.casefold() if wanted else None)
    seen: About | None = desk.perform(act, asked.at, seeing_first(events.PlanChanged)).seen
    if seen is None:
        return desk.tell("unchanged")
    return desk.tell("plan_set", resource=seen.resource, plan=seen.event.plan)


def _seeing_billing(sent: Submission) -> Seeing:
    return lambda case, _outcome: show_billing(ShowBilling(sent.by, sent.about), case)


def _met(desk: Desk, asked: Command, who: Account | Address) -> Person:
    """The person behind a mention or an address; buttons carry ids alone, so they become known first."""
    desk.collab.perform(Meet(replace(asked.by, delivery=None), who), asked.at)
    with desk.facts(asked.by) as facts:
        found = facts.person_by_address(who.email) if isinstance(who, Address) else facts.person_by_account(who)
    return found or NOBODY


def _ask_ownership(desk: Desk, asked: Command, person: Person, what: str) -> Message:
    happens = desk.collab.preview(TransferOwnership(asked.by, person.id, what), asked.at)
    sent = next(e for e in happens if isinstance(e, events.InvitationSent | events.InvitationResent))
    with desk.facts(asked.by) as facts:
        resource = facts.resource(sent.resource) or Resource(sent.resource, "", "", "")
    kind, me = desk.collab.kinds[resource.kind], desk.me(asked.by)
    with desk.facts(asked.by) as facts:
        members = facts.members(resource.id, asked.at)
        holding = [m.person for m in members if m.role == kind.highest]
        is_mine = me is not None and me.id in holding
        owner = facts.person(holding[0]) if holding and not is_mine else None
    lower = kind.stays_as or kind.highest
    return ownership_message(desk.words, HandOver(resource, person, kind.highest, lower, is_mine, owner))


def _accepted(desk: Desk, sent: Submission, choice: str | NewMethod | None) -> View:
    try:
        outcome = desk.perform(Accept(sent.by, sent.about, choice), sent.at, seeing(sent.about))
    except (refusals.ChooseMethod, refusals.BadName) as bad:
        raise wrong(desk, "title", bad, sent.by) from bad
    except refusals.BadAddress as bad:
        raise wrong(desk, "email", bad, sent.by) from bad
    return done_view(desk.words, desk.say("accepted", card=outcome.seen))


def _new(sent: Submission) -> NewMethod | None:
    """A new payment method, when anything of one was entered."""
    title, details = sent.values.get("title", "").strip(), _details(sent)
    return NewMethod(title, details) if title or details != Details() else None


def _details(sent: Submission) -> Details:
    return Details(*(sent.values.get(name, "").strip() or None for name in FIELDS))


def _invoices_page(desk: Desk, asked: Command | Click, what: str, page: int) -> Message:
    found: InvoiceList = desk.collab.ask(ListInvoices(asked.by, what, page), asked.at)
    return invoices_message(desk.words, found, page)
