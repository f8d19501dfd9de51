"""Rejections about payment methods, invoices, plans and transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.errors.base import Conflict, Malformed, NotAllowed, Unknown


@dataclass(unsafe_hash=True)
class CardNumber(Malformed):
    """A text looks like the number of a payment card, which is never stored."""


@dataclass(unsafe_hash=True)
class BadAmount(Malformed):
    """The text is not an amount.

    `digits` are the decimals of the currency, None if unknown.
    """

    field: ClassVar[str] = "amount"
    typed: str
    currency: str
    digits: int | None


@dataclass(unsafe_hash=True)
class UnknownInvoice(Unknown):
    """There is no such invoice, or the caller may not view it."""


@dataclass(unsafe_hash=True)
class KnownInvoice(Conflict):
    """The payment method has an invoice with this number already."""

    number: str
    title: str


@dataclass(unsafe_hash=True)
class Retired(Conflict):
    """The payment method is retired and pays for nothing more."""

    title: str


@dataclass(unsafe_hash=True)
class ChooseMethod(Conflict):
    """The caller must choose which payment method pays, or name a new one."""

    field: ClassVar[str] = "name"
    title: str


@dataclass(unsafe_hash=True)
class NoBilling(NotAllowed):
    """The caller may not handle the billing of the resource."""

    title: str


@dataclass(unsafe_hash=True)
class NotOwner(NotAllowed):
    """Only a person with this role may transfer the resource.

    `parent_kind` is the kind of its container if its owners may transfer it too, else
    empty.
    """

    role: str
    title: str
    parent_kind: str = ""


@dataclass(unsafe_hash=True)
class NotHandedOver(Malformed):
    """Resources of this kind cannot be transferred."""

    title: str
    kind: str
    role: str
    slug: str


@dataclass(unsafe_hash=True)
class HasNoPlans(Malformed):
    """Resources of this kind have no plans."""

    title: str
    kind: str


@dataclass(unsafe_hash=True)
class UnknownPlan(Unknown):
    """There is no such plan."""

    field: ClassVar[str] = "plan"
    typed: str
    plans: tuple[str, ...]


@dataclass(unsafe_hash=True)
class BeyondPlan(Conflict):
    """More people would have the role than the plan allows; `now` have it."""

    title: str
    plan: str
    role: str
    limit: int
    now: int


@dataclass(unsafe_hash=True)
class PlanExceeded(Conflict):
    """The company uses more than the new plan allows: role, people, limit of each."""

    field: ClassVar[str] = "plan"
    title: str
    plan: str
    exceeds: tuple[tuple[str, int, int], ...]
