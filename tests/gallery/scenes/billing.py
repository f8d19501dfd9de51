"""Billing: offered, taken over, shown, invoiced, limited by plans."""

from __future__ import annotations

from functools import partial

from bot.currencies import parse_amount
from tests.gallery.invoices import add_invoice, invoice_commands
from tests.gallery.scene_actions import SceneActions


def handed_over(actions: SceneActions) -> None:
    """Who built an app offers who uses it to pay for it."""
    actions.run_commands("devi", "create app Shop", "transfer billing shop @carl")
    actions.press_button("devi", "transfer", "general")
    actions.run_commands("devi", "transfer billing shop @carl leaving")
    actions.press_button("devi", "transfer", "general")
    actions.press_to_open("carl", "accept")
    actions.submit_modal("carl")
    actions.submit_modal("carl", name="Office", email="nonsense")
    actions.submit_modal(
        "carl",
        name="Office",
        address="Street 1",
        email="bills@client.example",
        reference="PO-7",
    )
    actions.close_modals("carl")
    actions.run_commands(
        "carl",
        "show shop",
        "billing office",
        "create payment Purse",
        "pay shop with purse",
    )
    actions.run_commands("carl", "transfer billing shop @ada")
    actions.press_button("carl", "transfer", "general")
    actions.run_commands("carl", "pay shop with office")
    actions.run_commands("carl", "transfer billing shop @ada")
    actions.press_button("carl", "transfer", "general")
    actions.run_commands("ada", "create payment Card")
    actions.press_to_open("ada", "accept")
    actions.submit_modal("ada", method=actions.resource_id_of("card"))


def owned(actions: SceneActions) -> None:
    """A project and a company change actions."""
    actions.run_commands("ada", "create project Website in acme", "create app Shop")
    actions.run_commands("ada", "transfer ownership website @carl")
    actions.press_button("ada", "transfer", "general")
    actions.press_button("carl", "accept")
    actions.run_commands("ada", "transfer ownership shop @devi")
    actions.press_button("ada", "transfer", "general")
    actions.run_commands("ada", "delete shop")
    actions.press_button("ada", "delete", "general")
    actions.run_commands("ada", "transfer ownership acme @carl")
    actions.press_button("ada", "transfer", "general")
    actions.press_to_open("carl", "accept")
    actions.submit_modal(
        "carl", name="Client Ltd", address="Street 1", email="bills@client.example"
    )
    actions.close_modals("carl")
    actions.run_commands("carl", "members acme", "show client-ltd")


def kept(actions: SceneActions) -> None:
    """A payment method's details, its invoices, and its end."""
    actions.run_commands(
        "ada",
        "create payment Card",
        "create app Shop",
        "pay shop with card",
        "billing card",
    )
    actions.add_member("bo", "accountant", "card")
    actions.add_member("carl", "holder", "card")
    actions.press_to_open("ada", "billing", "general")
    actions.submit_modal("ada", email="nonsense")
    actions.submit_modal(
        "ada",
        address="Street 1\n12345 Town",
        email="bills@acme.example",
        reference="PO-7",
    )
    actions.close_modals("ada")
    actions.run_commands("bo", "invoices card")
    add_invoice(actions, "card", "2026-1", "119.00")
    add_invoice(actions, "card", "2026-2", "-5.00")
    actions.run_commands("bo", "invoices card", "billing card")
    actions.press_button("bo", "invoice", "general")
    actions.run_commands("ada", "pay shop with nothing", "delete card")
    actions.press_button("ada", "delete", "general")
    actions.run_commands("bo", "billing card", "invoices card")
    listed = actions.get_last_message("bo", "general")
    actions.run_commands("ada", "remove @bo card")
    actions.press_button("ada", "remove", "general")
    actions.press_button("bo", "invoice", within=listed)
    actions.run_commands("ada", "pay shop with card")
    actions.post_command_rejection(
        "ada", invoice_commands(actions).add("card", "2026-1", "1.00")
    )
    for amount, currency in (("1,00", "EUR"), ("1.5", "JPY"), ("1.00", "Gold")):
        actions.post_rejection("ada", partial(parse_amount, amount, currency))


def planned(actions: SceneActions) -> None:
    """A company's plan, and what goes beyond it."""
    actions.run_commands(
        "ada",
        "create company Pixel",
        "plan pixel",
        "plan pixel to gold",
        "plan pixel to small",
    )
    actions.run_commands(
        "ada", "plan pixel", "invite @bo owner pixel", "plan pixel to studio"
    )
    actions.add_member("bo", "owner", "pixel")
    actions.run_commands(
        "bo", "plan pixel to small", "plan pixel nothing", "plan pixel to studio"
    )
    actions.run_commands("ada", "create app Shop in pixel", "plan shop")
