"""Verbs about payment methods, invoices, plans and transfers."""

from __future__ import annotations

from bot.slack.commands.resource_filters import (
    ResourceFilter,
    has_plans,
    is_paid,
    is_payment_method,
    is_transferable,
)
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup, Verb
from bot.slack.forms.layout import FormLayout, ResourceSource
from collab.billing import invoices, payment_methods, plans, transfers
from collab.handovers import offers

SHOP_SAMPLE = {Slot.RESOURCE: "shop"}
CARD_SAMPLE = {Slot.RESOURCE: "card"}
BILLING_VERBS: tuple[Verb, ...] = (
    Verb(
        "transfer",
        required_slots=(Slot.PURPOSE, Slot.PEOPLE, Slot.RESOURCES),
        optional_slots=(Slot.LEAVING,),
        usage="transfer billing APP… WHO [leaving] | transfer ownership WHAT WHO",
        summary="invite someone to take over billing or ownership; `leaving` ends your own access",
        example="transfer billing shop @carl",
        request_type=transfers.TransferBilling,
        menu_group=MenuGroup.BILLING,
        applies_to={Slot.RESOURCES: ResourceFilter(is_transferable, ("delete",))},
        samples={Slot.PURPOSE: "billing", Slot.RESOURCES: "shop"},
        has_preview=True,
        form=FormLayout(hint_keys={Slot.PEOPLE: "people.others"}),
    ),
    Verb(
        "handover",
        required_slots=(Slot.RESOURCES, Slot.PEOPLE),
        optional_slots=(Slot.ROLE_TO_KEEP, Slot.DAY),
        usage="handover WHAT… WHO [keep ROLE | keep nothing] [on DATE]",
        summary="hand over ownership and billing together, now or on a later day",
        example="handover website to @carl keep member on 2027-01-31",
        request_type=offers.HandOver,
        menu_group=MenuGroup.BILLING,
        applies_to={Slot.RESOURCES: ResourceFilter(is_transferable, ("delete",))},
        samples={Slot.RESOURCES: "website", Slot.DAY: "on 2027-01-31"},
        has_preview=True,
        form=FormLayout(
            label_keys={Slot.DAY: "handover.day"},
            hint_keys={
                Slot.PEOPLE: "people.others",
                Slot.DAY: "handover.day.hint",
            },
            placeholder_keys={Slot.DAY: "handover.day.choose"},
            resource_source=ResourceSource.TRANSFERABLE,
        ),
    ),
    Verb(
        "pay",
        required_slots=(Slot.RESOURCE, Slot.OTHER_RESOURCE),
        usage="pay APP METHOD",
        summary="choose what pays for an app or a database; `nothing` removes it",
        example="pay shop with card",
        request_type=payment_methods.SetPaymentMethod,
        menu_group=MenuGroup.BILLING,
        applies_to={
            Slot.RESOURCE: ResourceFilter(is_paid, ("delete",)),
            Slot.OTHER_RESOURCE: ResourceFilter(is_payment_method, ("pay",)),
        },
        lead="with",
        samples={**SHOP_SAMPLE, Slot.OTHER_RESOURCE: "with card"},
        clearable_slot=Slot.OTHER_RESOURCE,
        form=FormLayout(label_keys={Slot.OTHER_RESOURCE: "field.there.pays"}),
    ),
    Verb(
        "billing",
        required_slots=(Slot.RESOURCE,),
        usage="billing METHOD",
        summary="show and change the billing details of a payment method",
        example="billing card",
        request_type=payment_methods.ShowBilling,
        menu_group=MenuGroup.BILLING,
        applies_to={Slot.RESOURCE: ResourceFilter(is_payment_method, ("invoices",))},
        samples=CARD_SAMPLE,
        form=FormLayout(
            submit_key="verb.show", label_keys={Slot.RESOURCE: "field.there.pays"}
        ),
    ),
    Verb(
        "invoices",
        required_slots=(Slot.RESOURCE,),
        usage="invoices METHOD",
        summary="list the invoices of a payment method, with their PDFs",
        example="invoices card",
        request_type=invoices.ListInvoices,
        menu_group=MenuGroup.BILLING,
        applies_to={Slot.RESOURCE: ResourceFilter(is_payment_method, ("invoices",))},
        samples=CARD_SAMPLE,
        form=FormLayout(
            submit_key="verb.show", label_keys={Slot.RESOURCE: "field.there.pays"}
        ),
    ),
    Verb(
        "plan",
        required_slots=(Slot.RESOURCE,),
        optional_slots=(Slot.PLAN,),
        usage="plan COMPANY [NAME]",
        summary="show or change a company's plan; `nothing` removes it",
        example="plan acme",
        request_type=plans.ChangePlan,
        menu_group=MenuGroup.BILLING,
        applies_to={Slot.RESOURCE: ResourceFilter(has_plans)},
        lead="to",
        clearable_slot=Slot.PLAN,
        form=FormLayout(
            submit_key="continue", label_keys={Slot.RESOURCE: "field.what.company"}
        ),
    ),
)
