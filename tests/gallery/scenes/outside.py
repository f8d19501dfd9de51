"""People outside Slack: their mails, and the pages behind the links."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from bot.playground.user_actions import add_account
from bot.playground.workspace import SlackAccount
from bot.web.rate_limit import MAX_REQUESTS
from collab.billing.invoices import AddInvoices, NewInvoice
from collab.model import Caller, PersonId
from collab.person_matches import JoinRecords, RejectMatch
from tests.gallery.outside import OpenedPage
from tests.gallery.pictures import controls
from tests.gallery.scene_actions import SceneActions

NINA = "nina@client.example"
OTTO = "otto@books.example"
PAYMENT_METHOD = {
    "label": "Client Ltd",
    "address": "Street 1",
    "email": "bills@client.example",
}


def invited(actions: SceneActions) -> None:
    """Nina looks at an invitation, puts off its reminders and accepts it."""
    outside = actions.outside
    actions.run_commands(
        "ada",
        "create company Pixel",
        f'invite {NINA} admin pixel for 30d note "Welcome aboard. The launch is in spring."',
    )
    first = outside.get_link(NINA)
    page = outside.open_link(first)
    outside.press(OpenedPage(first, ""), "accept")
    outside.press(page, "mute")
    actions.run_commands("ada", f"resend {NINA} pixel")
    outside.open_link(first)
    outside.open_link(f"{first[:-1]}_")
    outside.answer(NINA)
    actions.take_new_pictures()


def not_accepted(actions: SceneActions) -> None:
    """Invitations are declined, withdrawn and expire."""
    outside = actions.outside
    actions.run_commands("ada", "create company Pixel", f"invite {NINA} owner pixel")
    outside.answer(NINA, "decline", reason="Not this year.")
    actions.run_commands("ada", f"invite {OTTO} admin pixel", f"revoke {OTTO} pixel")
    actions.press_button("ada", "revoke", "general")
    outside.open_link(outside.get_link(OTTO))
    actions.run_commands("ada", f'invite {OTTO} accountant pixel note "No hurry"')
    actions.advance_time(days=4)
    outside.open_link(outside.get_link(OTTO))
    actions.advance_time(days=4)
    outside.open_link(outside.get_link(OTTO))
    for _ in range(MAX_REQUESTS):
        outside.open_link(outside.get_link(OTTO))


def billed(actions: SceneActions) -> None:
    """Nina takes over the bills of an app, with a payment method that she adds."""
    outside = actions.outside
    actions.run_commands(
        "ada", "create company Pixel", "create app Shop in pixel", "create payment Card"
    )
    actions.run_commands("ada", "pay shop with card", f"transfer billing shop {NINA}")
    actions.press_button("ada", "transfer", "general")
    page = outside.open_link(outside.get_link(NINA))
    outside.press(page, "accept", slug="blog", **PAYMENT_METHOD)
    outside.answer(NINA, slug="shop", **PAYMENT_METHOD)
    actions.take_new_pictures()
    actions.run_commands("ada", "create app Blog in pixel")
    actions.run_commands("ada", f"transfer billing blog {NINA}")
    actions.press_button("ada", "transfer", "general")
    actions.run_commands("ada", "pay blog with card", "delete shop")
    actions.press_button("ada", "delete", "general")


def handed_over(actions: SceneActions) -> None:
    """A project is handed over to Nina on a day, who owns it then."""
    outside = actions.outside
    day = (actions.playground.clock.now() + timedelta(days=3)).date()
    actions.run_commands("ada", "create project Website", "create app Shop in website")
    actions.run_commands("ada", f"handover website to {NINA} keep member on {day}")
    actions.press_button("ada", "handover", "general")
    outside.answer(NINA, slug="website")
    actions.advance_time(days=4)


def at_my_page(actions: SceneActions) -> None:
    """Nina signs in, sees what she has, removes somebody, leaves, and signs out."""
    outside = actions.outside
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create payment Main card in pixel",
        f"invite {NINA} owner pixel",
    )
    invitation = outside.get_link(NINA)
    outside.sign_in(NINA)
    link = outside.get_link(NINA)
    outside.press(outside.open_link(link), "enter")
    outside.press(outside.open_link(invitation), "accept")
    add_invoice(actions, "main-card")
    actions.add_member("carl", "developer", "shop")
    home = outside.open_my_page()
    outside.open_my_page(f"/resources/{actions.resource_id_of('main-card')}")
    shop = f"/resources/{actions.resource_id_of('shop')}"
    removal = re.findall(rf"/me({shop}/remove/\w+)", outside.open_my_page(shop).html)
    page = outside.open_my_page(removal[0])
    outside.press(page, "remove", value="0" * 16)
    outside.press(page, "remove", value=find_value(page.html))
    pixel = f"/resources/{actions.resource_id_of('pixel')}"
    page = outside.open_my_page(f"{pixel}/leave")
    outside.press(page, "leave", value=find_value(page.html))
    outside.open_my_page(f"{pixel}/leave")
    outside.open_my_page("/about")
    outside.press(home, "sign_out")


def erased(actions: SceneActions) -> None:
    """Nina has everything erased that is stored about her."""
    outside = actions.outside
    actions.run_commands("ada", "create company Pixel", f"invite {NINA} admin pixel")
    outside.sign_in(NINA)
    outside.press(outside.open_my_page("/about/erase"), "erase")


def joining_slack(actions: SceneActions) -> None:
    """Nina has accepted by mail, and joins the workspace."""
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        f"invite {NINA} owner pixel",
    )
    actions.outside.answer(NINA)
    actions.run_commands("ada", f"invite {NINA} developer shop")
    locale = actions.state.workspace.get_account("ada").locale
    nina = SlackAccount("UNINA", "nina", "Nina", NINA, "T0ACME0HQ", locale=locale)
    add_account(actions.state, nina, ("general",))

    def is_asked() -> bool:
        actions.harness.drain_outbox()
        return bool(actions.get_user("nina").list_direct_messages())

    actions.playground.wait_until(is_asked)
    actions.take_new_pictures()
    question = actions.find_message_with("nina", "match_join")
    actions.press_button("nina", "match_join")
    actions.press_button("nina", "match_separate")
    other_id = next(
        each["value"]
        for each in controls(question["blocks"])
        if each["action_id"] == "match_reject"
    )
    other = PersonId(other_id)
    actions.harness.app.bus.execute(
        RejectMatch(actions.caller_of("nina"), other), actions.playground.clock.now()
    )
    actions.post_text("nina", actions.services().render_reply("match_rejected"))
    actions.post_command_rejection(
        "nina", JoinRecords(actions.caller_of("nina"), other)
    )


def signing_in_with_slack(actions: SceneActions) -> None:
    """People prove their Slack accounts on the pages; not every account fits."""
    outside = actions.outside
    actions.run_commands("ada", "create company Pixel", f"invite {NINA} admin pixel")
    team = "T0ACME0HQ"
    nina = SlackAccount("UNINA", "nina", "Nina", NINA, team)
    nobody = SlackAccount("UNONE", "none", "No Address", "", team)
    for account in (nina, nobody):
        actions.state.workspace.add_account(account, ["C0GENERAL"])
    page = outside.open_link(outside.get_link(NINA))
    refused = outside.sign_in_with_slack(page, "UCARL")
    outside.press_as_shown(refused)
    actions.take_new_pictures()
    actions.press_button("ada", "claim_dismiss")
    outside.sign_in_with_slack(page, "UNONE")
    accounts = actions.state.workspace.accounts.values()
    stranger = next(each for each in accounts if each.team_id != team)
    outside.sign_in_with_slack(page, stranger.id)
    outside.return_from_slack(page, "")
    outside.open_my_page("/slack?state=other")
    outside.press_as_shown(outside.sign_in_with_slack(page, "UDEVI"))
    actions.take_new_pictures()
    actions.press_button("ada", "claim_grant")


def add_invoice(actions: SceneActions, method: str) -> None:
    """Add an invoice, as the operator does."""
    day = actions.playground.clock.now().date()
    invoice = NewInvoice(method, "2026-11", day, Decimal(119), "EUR", "0f" * 32, 12)
    caller = Caller(actions.harness.workspace, None, "cli")
    command = AddInvoices(caller, (invoice,))
    actions.harness.app.bus.execute(command, actions.playground.clock.now())


def find_value(html: str) -> str:
    """Return the value that the form of a page carries."""
    return str(re.findall('name="value" value="([^"]+)"', html)[0])


def owning(actions: SceneActions) -> None:
    """Nina owns a company and hears what becomes of it; Otto hears what becomes of his access."""
    outside = actions.outside
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create company Acme Two",
        "create app Shop in pixel",
        "create app Blog in pixel",
        f"invite {NINA} owner pixel",
        f"invite {OTTO} developer shop for 9d",
        f"invite {OTTO} developer blog",
    )
    outside.answer(NINA)
    for position in (-2, -1):
        page = outside.open_link(outside.get_link(OTTO, position))
        outside.press(page, "accept")
    actions.run_commands("ada", f"role {OTTO} manager shop")
    actions.advance_time(days=3)
    actions.run_commands("ada", f"extend {OTTO} shop 3d")
    actions.advance_time(days=12)
    actions.add_member("devi", "developer", "shop")
    actions.run_commands("devi", "request manager shop")
    actions.run_commands("ada", "move blog acme-two")
    actions.press_button("ada", "move", "general")
    actions.run_commands("ada", f"remove {OTTO} blog")
    actions.press_button("ada", "remove", "general")
    actions.press_button("ada", "undo", "general")
