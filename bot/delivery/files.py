"""Send files: an export of the event log, or the PDF of an invoice."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from typing import Any

from bot.delivery.services import DeliveryServices
from bot.event_export import write_lines
from bot.slack.event_query_values import decode_event_query
from collab.billing.invoices import ShowInvoice
from collab.errors import Rejected
from collab.event_log import MAX_EVENTS
from collab.model import Account, Caller, Delivery


def send_export(services: DeliveryServices, delivery: Delivery) -> None:
    """Send the events that a person asked for, those that they may see now."""
    payload = delivery.payload or {}
    caller = _caller_of(delivery, payload, "command")
    query = decode_event_query(caller, payload["question"])
    try:
        events = services.bus.query(replace(query, limit=MAX_EVENTS), services.now())
    except Rejected:  # the person may not see them any more
        return
    content = StringIO(newline="")
    write_lines(events.lines, payload["form"], content)
    slug = events.resource.slug if events.resource else "all"
    text = services.renderer_for_caller(caller).render(
        "notices/export", "plain", list=events
    )
    _upload_file(
        services,
        delivery,
        name=f"events-{slug}.{payload['form']}",
        content=content.getvalue().encode(),
        comment=text.paragraphs[0],
    )


def send_invoice(services: DeliveryServices, delivery: Delivery) -> None:
    """Send the PDF of an invoice to the person who asked for it."""
    payload = delivery.payload or {}
    caller = _caller_of(delivery, payload, "button")
    query = ShowInvoice(caller, payload["invoice"])
    try:
        invoice = services.bus.query(query, services.now())
    except Rejected:  # the person may not read it any more
        return
    content = services.files.load(invoice.file)
    text = services.renderer_for_caller(caller).render(
        "notices/invoice", "plain", invoice=invoice
    )
    _upload_file(
        services,
        delivery,
        name=f"{_as_file_name(invoice.number)}.pdf",
        content=content,
        comment=text.paragraphs[0],
    )


def _caller_of(delivery: Delivery, payload: dict[str, Any], origin: str) -> Caller:
    account = Account(payload["team"], payload["user"])
    return Caller(delivery.workspace, account, origin)


def _upload_file(
    services: DeliveryServices,
    delivery: Delivery,
    *,
    name: str,
    content: bytes,
    comment: str,
) -> None:
    user_id = (delivery.payload or {})["user"]
    services.slack.upload_file(
        delivery.workspace, user_id, name, name, content, comment
    )


def _as_file_name(number: str) -> str:
    """Return an invoice's number with the characters that file names may have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", number).strip("-.") or "invoice"
