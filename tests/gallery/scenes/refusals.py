"""Refusals: each provoked by a line, a press or a window; the few that no road leads to are said why."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

from bot.playground import messages
from bot.playground.workspace import SlackAccount
from bot.slack.event_details import read_first_event, render_event
from collab.access_queries import ListUsersWithCapability
from collab.access_requests import ApproveRequest
from collab.billing.invoices import ShowInvoice
from collab.channels import LinkChannel
from collab.events import RequestGranted
from collab.invitations.commands import EditInvitation
from collab.model import Account, ChannelId, Frequency, InvoiceId
from collab.people import UninstallWorkspace
from collab.resources import CreateResource
from tests.gallery.album import controls
from tests.gallery.hands import Hands

LONG = "x" * 501
STALE = {"type": "plain_text", "text": "Approve"}

# What is typed wrong, or asks for what the rules do not give: who types which line.
TYPED = (
    ("ada", "create company " + "x" * 81),
    ("ada", f'describe shop "{LONG}"'),
    ("ada", "create payment 4111 1111 1111 1111"),
    ("ada", "create spaceship Shop"),
    ("ada", "create company Beta in acme"),
    ("ada", "create"),
    ("ada", "remove carl acme"),
    ("ada", "link acme daily at 25"),
    ("ada", "invte @carl admin acme"),
    ("ada", "rockets"),
    ("ada", "invite @nobody admin acme"),
    ("ada", "invite <!subteam^S01|@designers> admin acme"),
    (
        "ada",
        "invite "
        + " ".join(f"guest{number}@client.example" for number in range(51))
        + " admin acme",
    ),
    ("ada", "show #general"),
    ("ada", "invite @carl boss acme"),
    ("ada", "invite @carl accountant shop"),
    ("ada", "invite @carl admin developer shop"),
    ("ada", "invite @carl admin acme for 9999w"),
    ("ada", "invite @carl admin acme until 2020-01-31"),
    ("ada", "invite @carl admin acme for 3 moons"),
    ("ada", "invite @carl admin acme until tomorrow"),
    ("ada", "invite @carl admin acme shop"),
    ("ada", "invite @ada admin acme"),
    ("ada", "invite @bo admin acme"),
    ("ada", "invite @collab admin acme"),
    ("ada", "members"),
    ("ada", "members acne"),
    ("ada", "members nothing-like-that"),
    ("ada", "mine all"),
    ("ada", "move big shop small site"),
    ("ada", "create project Other in site"),
    ("ada", "move shop to card"),
    ("ada", "pay acme with card"),
    ("ada", "pay shop with acme"),
    ("ada", "who shop fly"),
    ("ada", "why @carl shop"),
    ("ada", "events only rockets"),
    ("ada", "link acme joins rockets"),
    ("ada", "unlink shop"),
    ("ada", "link acme"),
    ("ada", "link acme"),
    ("ada", "settings colour red"),
    ("ada", "settings lifetime"),
    ("ada", "settings lifetime 400d"),
    ("ada", "settings reminders 99d"),
    ("ada", "settings quiet-hours maybe"),
    ("ada", "settings daily-invitations 0"),
    ("bo", "settings lifetime 14d"),
    ("ada", "plan acme to gold"),
    ("ada", "plan shop"),
    ("ada", "share acme with crew as admin"),
    ("ada", "share shop with crew as developer"),
    ("ada", "share shop with crew as developer"),
    ("ada", "unshare blog from crew"),
    ("ada", "unassign @devi from shop in crew"),
    ("ada", "assign @devi to shop in crew"),
    ("ada", "assign @devi to shop in crew"),
    ("ada", "extend @bo acme"),
    ("ada", "extend @ada acme"),
    ("ada", "role @ada admin acme"),
    ("ada", "role @bo collaborator acme"),
    ("ada", "remove @ada acme"),
    ("ada", "remove @carl acme"),
    ("ada", "leave acme"),
    ("ada", "leave site"),
    ("bo", "leave shop"),
    ("bo", "remove @ada acme"),
    ("bo", "transfer ownership acme @carl"),
    ("bo", "create payment Till in acme"),
    ("ada", "remove @bo shop"),
    ("ada", "transfer ownership crew @carl"),
    ("ada", "transfer ownership shop @carl"),
    ("devi", "transfer billing shop @carl"),
    ("devi", "rename shop Boutique"),
    ("devi", "link shop"),
    ("devi", "invite @carl developer shop"),
    ("bo", "invite @carl owner acme"),
    ("ada", "successor @bo acme"),
    ("ada", "undo"),
    ("ada", "keys rotated shop"),
    ("ada", "accept"),
    ("ada", "revoke @carl acme"),
    ("sam", "create company Mine"),
)


def typed(hands: Hands) -> None:
    """One line after the other that is refused."""
    hands.says(
        "ada",
        "create app Shop in acme",
        "create app Blog in acme",
        "create project Site in acme",
    )
    hands.says("ada", "create payment Card in acme", "create team Crew")
    hands.joins("bo", "admin", "acme")
    hands.joins("devi", "developer", "shop")
    hands.joins("devi", "limited", "crew")
    hands.person("ada").type_text("/invite @Collab", channel="general")
    for who, line in TYPED:
        hands.says(who, line)
    hands.says("ada", "create app Page in site", "disable site")
    hands.presses("ada", "disable", "general")
    hands.says(
        "ada", "rename site Other", "pay page card", "invite @carl developer page"
    )
    hands.says("ada", "unlink", channel="finance")


def overtaken(hands: Hands) -> None:
    """What was possible a moment ago, or is not yet."""
    hands.says(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    hands.joins("bo", "admin", "pixel", more="for 30d")
    hands.joins("devi", "developer", "shop", more="for 30d")
    sooner = hands.playground.clock.now() + timedelta(days=5)
    hands.says("ada", f"extend @devi shop until {sooner:%Y-%m-%d}")
    hands.says("ada", "remove @devi shop")
    hands.presses("ada", "remove", "general")
    hands.says("ada", "undo", "undo", "remove @devi shop")
    hands.presses("ada", "remove", "general")
    hands.travels(minutes=11)
    hands.says("ada", "undo", "invite @carl developer shop")
    hands.says("carl", "decline")
    hands.says(
        "ada",
        "invite @carl developer shop",
        "settings daily-invitations 1",
        "invite @carl developer blog",
    )
    hands.says("ada", "settings daily-invitations nothing")


def late(hands: Hands) -> None:
    """Buttons that somebody presses after something else has happened."""
    hands.says(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    hands.joins("bo", "admin", "pixel")
    hands.joins("devi", "developer", "shop")
    hands.says("ada", "invite @carl developer shop")
    hands.says("devi", "request manager shop")
    accept, grant = hands.asked("carl", "accept"), hands.asked("bo", "grant")
    with hands.holding_back("chat.update"):
        hands.says("carl", "accept shop")
        hands.presses("carl", "accept", within=accept)
        hands.presses("ada", "grant")
        hands.presses("bo", "grant", within=grant)
    hands.says("ada", "invite @sam developer shop")
    hands.sleeps(days=8)
    hands.presses("sam", "accept")


def not_theirs(hands: Hands) -> None:
    """Buttons of those who lost the right to press them."""
    hands.says(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create payment Card",
        "create team Crew",
    )
    hands.joins("bo", "admin", "pixel")
    hands.joins("bo", "unlimited", "crew")
    hands.joins("bo", "accountant", "card")
    hands.joins("devi", "developer", "shop")
    hands.joins("carl", "admin", "shop")
    hands.joins("carl", "limited", "crew")
    hands.says("carl", "share shop with crew as developer")
    offered = hands.asked("bo", "accept")
    hands.says("ada", "invite @sam developer shop")
    hands.says("bo", "members shop")
    list_message = hands.last("bo", "general")
    hands.says("devi", "request manager shop")
    request_message = hands.asked("bo", "refuse")
    hands.says("devi", "revoke @sam shop")
    with hands.holding_back("chat.update"):
        hands.says("ada", "remove @bo crew")
        hands.presses("ada", "remove", "general")
        hands.presses("bo", "accept", within=offered)
        hands.says("ada", "remove @bo pixel")
        hands.presses("ada", "remove", "general")
        hands.chooses("bo", "edit", within=list_message)
        hands.presses("bo", "refuse", within=request_message)
    eve = replace(
        hands.caller("eve"),
        account=Account(hands.person("eve").account.team_id, hands.person("eve").id),
    )
    hands.refused("eve", CreateResource(eve, "company", "Evecorp"))


def nobody_left(hands: Hands) -> None:
    """Accounts that are deactivated, guests and people of other workspaces, where somebody is to follow or to grant."""
    hands.says("ada", "create company Pixel", "create app Shop in pixel")
    hands.joins("bo", "owner", "pixel")
    hands.joins("carl", "admin", "pixel")
    hands.joins("devi", "developer", "shop")
    hands.joins("sam", "developer", "shop")
    hands.joins("bo", "admin", "acme", more="for 2d")
    hands.says("bo", "create company Beta", "create payment Purse")
    hands.joins("ada", "accountant", "purse", by="bo")
    hands.says("bo", "invite @carl admin acme")
    waiting = hands.asked("carl", "accept")
    hands.sleeps(days=3)
    hands.presses("carl", "accept", within=waiting)
    hands.says("carl", "remove @ada pixel")
    hands.says("ada", "leave pixel")
    hands.presses("ada", "leave", "general")
    hands.playground.deactivate_account("bo")
    hands.looks()
    hands.says("devi", "successor @carl pixel")
    hands.says("carl", "successor @eve pixel", "successor @sam pixel")
    hands.asks("carl", "invite shop developer")
    hands.submits("carl", whom=["UBO"])
    hands.says("ada", "successor @sam beta", "request holder purse")


def unheard(hands: Hands) -> None:
    """What goes wrong between the app and Slack, or in the app's own house."""
    hands.says("ada", "create app Shop in acme")
    hands.playground.faults.error("views.open", "expired_trigger_id")
    hands.says("ada", "invite")
    hands.playground.wait_until(
        lambda: hands.stage.app.database.outbox.seconds_until_next() is None
    )
    hands.looks()
    old = [
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "approve", "value": "1", "text": STALE}
            ],
        }
    ]
    message = messages.post_message(
        hands.site,
        "DADA",
        hands.site.workspace.bot_user_id,
        "From an older form of the app",
        old,
    )
    hands.presses(
        "ada", "approve", within={"channel": message.channel_id, "ts": message.ts}
    )
    locale = hands.site.workspace.get_account("ada").locale
    new = SlackAccount(
        "UNEW", "new", "New Here", "new@acme.example.com", "T0ACME0HQ", locale=locale
    )
    hands.site.workspace.add_account(new, ["C0GENERAL"])
    hands.playground.faults.error("users.info", "missing_scope", times=None)
    hands.says("new", "create company Mine")
    hands.playground.faults.clear()
    locked = sqlite3.connect(
        hands.stage.app.database.engine.url.database or "", timeout=5
    )
    locked.execute("BEGIN EXCLUSIVE")
    try:
        hands.person("ada").type_text("/collab create app Blog in acme")
    finally:
        locked.close()
    hands.looks()
    user = {
        "id": "UDEVI",
        "team_id": hands.stage.workspace,
        "name": "devi",
        "deleted": True,
        "profile": {},
    }
    hands.playground.send_event({"type": "user_change", "user": user, "cache_ts": 0})
    hands.says("devi", "mine")


def beyond(hands: Hands) -> None:
    """What no road through Slack leads to: the core refuses it all the same, and its words are as good."""
    hands.says("ada", "create app Shop in acme")
    ada = hands.caller("ada")
    # The line's own reader knows kinds, capabilities, groups, rhythms and hours, and the windows offer none but those.
    hands.refused("ada", CreateResource(ada, "spaceship", "Shop"))
    hands.refused("ada", LinkChannel(ada, ChannelId("C0ACME"), "acme", ("rockets",)))
    hands.refused("ada", LinkChannel(ada, ChannelId("C0ACME"), "acme", rhythm="hourly"))
    hands.refused(
        "ada",
        LinkChannel(ada, ChannelId("C0ACME"), "acme", rhythm=Frequency.DAILY, hour=24),
    )
    hands.asked_in_vain("ada", ListUsersWithCapability(ada, "shop", "fly"))
    # An offer to pay or to own has no button to edit it.
    hands.says("ada", "transfer billing shop @carl")
    hands.presses("ada", "transfer", "general")
    revoke = next(
        c["value"]
        for c in controls(hands.asked("ada", "revoke"))
        if c["action_id"] == "revoke"
    )
    hands.refused("ada", EditInvitation(ada, revoke, "admin"))
    # Invoices stay for ever, so that every button leads to one.
    hands.asked_in_vain("ada", ShowInvoice(ada, InvoiceId("V0")))
    # Who grants presses in a message that is brought up to date by itself.
    hands.says("bo", "request developer shop")
    hands.joins("devi", "developer", "shop")
    hands.says("devi", "request manager shop")
    grant = next(
        c["value"]
        for c in controls(hands.asked("ada", "grant"))
        if c["action_id"] == "grant"
    )
    granted = hands.stage.app.bus.execute(
        ApproveRequest(ada, grant),
        hands.playground.clock.now(),
        read_first_event(RequestGranted),
    )
    hands.posts("ada", render_event(hands.services(), "granted", granted))
    # A mistake of the app's own is none that a scene could make.
    hands.posts("ada", hands.services().renderer.render("refusals/broken", id="D0E5"))
    # The database fails in the middle of an answer, or of a commit.
    hands.posts("ada", hands.services().renderer.render("refusals/not_shown"))
    hands.posts("ada", hands.services().renderer.render("refusals/unsure", id="D0E6"))
    # Slack delivers nothing for a workspace that took the app out; what was on its way then is answered so.
    hands.stage.app.bus.execute(UninstallWorkspace(ada), hands.playground.clock.now())
    hands.says("ada", "mine")
