"""Billing: offered, taken over, shown, invoiced, limited by plans."""

from __future__ import annotations

from functools import partial

from bot.currencies import parse_amount
from tests.gallery.hands import Hands
from tests.gallery.office import clerk, invoices


def handed_over(hands: Hands) -> None:
    """Who built an app offers who uses it to pay for it."""
    hands.says("devi", "create app Shop", "transfer billing shop @carl")
    hands.presses("devi", "transfer", "general")
    hands.says("devi", "transfer billing shop @carl leaving")
    hands.presses("devi", "transfer", "general")
    hands.opens("carl", "accept")
    hands.submits("carl")
    hands.submits("carl", name="Office", email="nonsense")
    hands.submits(
        "carl",
        name="Office",
        address="Street 1",
        email="bills@client.example",
        reference="PO-7",
    )
    hands.closes("carl")
    hands.says(
        "carl",
        "show shop",
        "billing office",
        "create payment Purse",
        "pay shop with purse",
    )
    hands.says("carl", "transfer billing shop @ada")
    hands.presses("carl", "transfer", "general")
    hands.says("carl", "pay shop with office")
    hands.says("carl", "transfer billing shop @ada")
    hands.presses("carl", "transfer", "general")
    hands.says("ada", "create payment Card")
    hands.opens("ada", "accept")
    hands.submits("ada", method=hands.id("card"))


def owned(hands: Hands) -> None:
    """A project and a company change hands."""
    hands.says("ada", "create project Website in acme", "create app Shop")
    hands.says("ada", "transfer ownership website @carl")
    hands.presses("ada", "transfer", "general")
    hands.presses("carl", "accept")
    hands.says("ada", "transfer ownership shop @devi")
    hands.presses("ada", "transfer", "general")
    hands.says("ada", "delete shop")
    hands.presses("ada", "delete", "general")
    hands.says("ada", "transfer ownership acme @carl")
    hands.presses("ada", "transfer", "general")
    hands.opens("carl", "accept")
    hands.submits(
        "carl", name="Client Ltd", address="Street 1", email="bills@client.example"
    )
    hands.closes("carl")
    hands.says("carl", "members acme", "show client-ltd")


def kept(hands: Hands) -> None:
    """A payment method's details, its invoices, and its end."""
    hands.says(
        "ada",
        "create payment Card",
        "create app Shop",
        "pay shop with card",
        "billing card",
    )
    hands.joins("bo", "accountant", "card")
    hands.joins("carl", "holder", "card")
    hands.opens("ada", "billing", "general")
    hands.submits("ada", email="nonsense")
    hands.submits(
        "ada",
        address="Street 1\n12345 Town",
        email="bills@acme.example",
        reference="PO-7",
    )
    hands.closes("ada")
    hands.says("bo", "invoices card")
    invoices(hands, "card", "2026-1", "119.00")
    invoices(hands, "card", "2026-2", "-5.00")
    hands.says("bo", "invoices card", "billing card")
    hands.presses("bo", "invoice", "general")
    hands.says("ada", "pay shop with nothing", "delete card")
    hands.presses("ada", "delete", "general")
    hands.says("bo", "billing card", "invoices card")
    listed = hands.last("bo", "general")
    hands.says("ada", "remove @bo card")
    hands.presses("ada", "remove", "general")
    hands.presses("bo", "invoice", within=listed)
    hands.says("ada", "pay shop with card")
    hands.refused("ada", clerk(hands).act("card", "2026-1", "1.00"))
    for amount, currency in (("1,00", "EUR"), ("1.5", "JPY"), ("1.00", "Gold")):
        hands.fails("ada", partial(parse_amount, amount, currency))


def planned(hands: Hands) -> None:
    """A company's plan, and what goes beyond it."""
    hands.says(
        "ada",
        "create company Pixel",
        "plan pixel",
        "plan pixel to gold",
        "plan pixel to small",
    )
    hands.says("ada", "plan pixel", "invite @bo owner pixel", "plan pixel to studio")
    hands.joins("bo", "owner", "pixel")
    hands.says(
        "bo", "plan pixel to small", "plan pixel nothing", "plan pixel to studio"
    )
    hands.says("ada", "create app Shop in pixel", "plan shop")
