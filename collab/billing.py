"""Billing: what pays for what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collab import refusals
from collab.events import Event, PayerChanged
from collab.resources import able, check_controlled, unupheld_by

if TYPE_CHECKING:
    from collab.case import Case
    from collab.people import Caller


@dataclass(frozen=True, slots=True)
class Pay:
    """Let a payment method pay for an app or a database; without one, let it be a trial again."""

    by: Caller
    what: str
    method: str | None


def pay(act: Pay, case: Case) -> list[Event]:
    """Whoever may take care of the method's billing and may delete the app attaches or detaches it (BIL-02, RES-02)."""
    resource = able(case, act.what, "delete")
    if not case.kinds[resource.kind].is_paid:
        raise refusals.NotPaidFor(resource.title, resource.kind)
    method = able(case, act.method, "pay") if act.method else None
    if method and not case.kinds[method.kind].pays:
        raise refusals.DoesNotPay(method.title, method.kind)
    before, now = resource.payer, method.id if method else None
    if before == now:
        return []
    if before:
        able(case, before, "pay")
    check_controlled(case, resource, payer=now)
    return [PayerChanged(resource.id, now, before), *unupheld_by(case, replace(resource, payer=now))]
