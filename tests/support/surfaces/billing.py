"""Generate payment methods, invoices and transfers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.rendering import Renderer
from bot.slack.views import billing
from collab.billing.invoices import InvoiceList
from collab.billing.ownership_offers import OwnershipOffer
from collab.billing.payment_methods import BillingView
from collab.billing.transfers import BillingTransferImpact
from collab.model import BillingDetails, Invoice
from collab.roles import CAPABILITIES
from tests.support.generators import SampleGenerator
from tests.support.modal_generators import MAX_PAGE_ROWS, SurfaceIterator
from tests.support.surfaces.samples import (
    MAX_INVITATIONS,
    VIEWER_ID,
    limit_to_one_offer,
)


def generate_transfer_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    losing = [
        (p, samples.make_resources(2))
        for p in samples.make_people(min(many, MAX_INVITATIONS))
    ]
    loss = BillingTransferImpact(
        samples.make_resources(limit_to_one_offer(many)),
        samples.make_resources(min(many, MAX_PAGE_ROWS), "payment"),
        losing,
        "developer",
    )
    for goes in (True, False):
        yield billing.billing_transfer_message(
            renderer,
            loss,
            samples.make_person(),
            VIEWER_ID,
            payer_leaves=goes,
        )


def generate_ownership_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for is_mine, owner in ((True, None), (False, None), (False, samples.make_person())):
        offer = OwnershipOffer(
            samples.make_resource("project"),
            samples.make_person(),
            "owner",
            "administrator",
            is_mine,
            owner,
            CAPABILITIES,
        )
        yield billing.ownership_transfer_message(renderer, offer)


def generate_accept_billing_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    card = samples.make_invitation(
        resource_count=limit_to_one_offer(many), purpose="pay"
    )
    yield billing.accept_billing_view(
        renderer, card, samples.make_resources(many, "payment")
    )


def generate_accept_ownership_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield billing.accept_ownership_view(
        renderer, samples.make_invitation(purpose="own")
    )


def _make_billing_details(samples: SampleGenerator) -> BillingDetails:
    return BillingDetails(samples.make_note(), "bills@example.com", samples.make_name())


def generate_billing_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    view = BillingView(
        samples.make_resource("payment"),
        _make_billing_details(samples),
        tuple(samples.make_resources(many)),
        many,
        True,
    )
    yield billing.payment_method_message(renderer, view)
    yield billing.payment_method_message(
        renderer, replace(view, details=BillingDetails(), may_edit=False)
    )


def generate_billing_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield billing.payment_method_view(
        renderer, samples.make_resource("payment"), _make_billing_details(samples)
    )


def generate_invoice_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    shown = [
        replace(samples.build_instance(Invoice), id=f"V{n}", number=samples.make_name())
        for n in range(min(many, MAX_PAGE_ROWS))
    ]
    yield billing.invoices_message(
        renderer,
        InvoiceList(
            samples.make_resource("payment"),
            shown,
            [(2026, "EUR", Decimal("119.00"))],
            1,
        ),
        0,
    )
