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
from collab.erasure import ErasePerson
from collab.events import RequestGranted
from collab.invitations.commands import EditInvitation
from collab.mail_delivery import AllowMail
from collab.model import Account, Caller, ChannelId, Frequency, InvoiceId, PersonId
from collab.operators import SwitchResource, SwitchWorkspace
from collab.people import UninstallWorkspace
from collab.resources import CreateResource
from tests.gallery.pictures import controls
from tests.gallery.scene_actions import SceneActions

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


def typed(actions: SceneActions) -> None:
    """One line after the other that is refused."""
    actions.run_commands(
        "ada",
        "create app Shop in acme",
        "create app Blog in acme",
        "create project Site in acme",
    )
    actions.run_commands("ada", "create payment Card in acme", "create team Crew")
    actions.add_member("bo", "admin", "acme")
    actions.add_member("devi", "developer", "shop")
    actions.add_member("devi", "limited", "crew")
    actions.get_user("ada").type_text("/invite @Collab", channel="general")
    for who, line in TYPED:
        actions.run_commands(who, line)
    actions.run_commands("ada", "create app Page in site", "disable site")
    actions.press_button("ada", "disable", "general")
    actions.run_commands(
        "ada", "rename site Other", "pay page card", "invite @carl developer page"
    )
    actions.run_commands("ada", "unlink", channel="finance")


def overtaken(actions: SceneActions) -> None:
    """What was possible a moment ago, or is not yet."""
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    actions.add_member("bo", "admin", "pixel", more="for 30d")
    actions.add_member("devi", "developer", "shop", more="for 30d")
    sooner = actions.playground.clock.now() + timedelta(days=5)
    actions.run_commands("ada", f"extend @devi shop until {sooner:%Y-%m-%d}")
    actions.run_commands("ada", "remove @devi shop")
    actions.press_button("ada", "remove", "general")
    actions.run_commands("ada", "undo", "undo", "remove @devi shop")
    actions.press_button("ada", "remove", "general")
    actions.advance_time(minutes=11)
    actions.run_commands("ada", "undo", "invite @carl developer shop")
    actions.run_commands("carl", "decline")
    actions.run_commands(
        "ada",
        "invite @carl developer shop",
        "settings daily-invitations 1",
        "invite @carl developer blog",
    )
    actions.run_commands("ada", "settings daily-invitations nothing")


def late(actions: SceneActions) -> None:
    """Buttons that a person presses after something else has happened."""
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    actions.add_member("bo", "admin", "pixel")
    actions.add_member("devi", "developer", "shop")
    actions.run_commands("ada", "invite @carl developer shop")
    actions.run_commands("devi", "request manager shop")
    accept, grant = (
        actions.find_message_with("carl", "accept"),
        actions.find_message_with("bo", "grant"),
    )
    with actions.delivery_failures("chat.update"):
        actions.run_commands("carl", "accept shop")
        actions.press_button("carl", "accept", within=accept)
        actions.press_button("ada", "grant")
        actions.press_button("bo", "grant", within=grant)
    actions.run_commands("ada", "invite @sam developer shop")
    actions.skip_time(days=8)
    actions.press_button("sam", "accept")


def not_theirs(actions: SceneActions) -> None:
    """Buttons of those who lost the right to press them."""
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create payment Card",
        "create team Crew",
    )
    actions.add_member("bo", "admin", "pixel")
    actions.add_member("bo", "unlimited", "crew")
    actions.add_member("bo", "accountant", "card")
    actions.add_member("devi", "developer", "shop")
    actions.add_member("carl", "admin", "shop")
    actions.add_member("carl", "limited", "crew")
    actions.run_commands("carl", "share shop with crew as developer")
    offered = actions.find_message_with("bo", "accept")
    actions.run_commands("ada", "invite @sam developer shop")
    actions.run_commands("bo", "members shop")
    list_message = actions.get_last_message("bo", "general")
    actions.run_commands("devi", "request manager shop")
    request_message = actions.find_message_with("bo", "refuse")
    actions.run_commands("devi", "revoke @sam shop")
    with actions.delivery_failures("chat.update"):
        actions.run_commands("ada", "remove @bo crew")
        actions.press_button("ada", "remove", "general")
        actions.press_button("bo", "accept", within=offered)
        actions.run_commands("ada", "remove @bo pixel")
        actions.press_button("ada", "remove", "general")
        actions.choose_from_menu("bo", "edit", within=list_message)
        actions.press_button("bo", "refuse", within=request_message)
    eve = replace(
        actions.caller_of("eve"),
        account=Account(
            actions.get_user("eve").account.team_id, actions.get_user("eve").id
        ),
    )
    actions.post_command_rejection("eve", CreateResource(eve, "company", "Evecorp"))


def nobody_left(actions: SceneActions) -> None:
    """Accounts that are deactivated, guests and people of other workspaces, where a person is to follow or to grant."""
    actions.run_commands("ada", "create company Pixel", "create app Shop in pixel")
    actions.add_member("bo", "owner", "pixel")
    actions.add_member("carl", "admin", "pixel")
    actions.add_member("devi", "developer", "shop")
    actions.add_member("sam", "developer", "shop")
    actions.add_member("bo", "admin", "acme", more="for 2d")
    actions.run_commands("bo", "create company Beta", "create payment Purse")
    actions.add_member("ada", "accountant", "purse", by="bo")
    actions.run_commands("bo", "invite @carl admin acme")
    waiting = actions.find_message_with("carl", "accept")
    actions.skip_time(days=3)
    actions.press_button("carl", "accept", within=waiting)
    actions.run_commands("carl", "remove @ada pixel")
    actions.run_commands("ada", "leave pixel")
    actions.press_button("ada", "leave", "general")
    actions.playground.deactivate_account("bo")
    actions.take_new_pictures()
    actions.run_commands("devi", "successor @carl pixel")
    actions.run_commands("carl", "successor @eve pixel")
    actions.open_by_command("carl", "successor @sam pixel")
    actions.open_by_command("carl", "invite shop developer")
    actions.submit_modal("carl", whom=["UBO"])
    actions.run_commands("ada", "successor @sam beta", "request holder purse")


def unheard(actions: SceneActions) -> None:
    """What goes wrong between the app and Slack, or in the app's own house."""
    actions.run_commands("ada", "create app Shop in acme")
    actions.playground.faults.error("views.open", "expired_trigger_id")
    actions.run_commands("ada", "invite")
    actions.playground.wait_until(
        lambda: actions.harness.app.database.outbox.seconds_until_next() is None
    )
    actions.take_new_pictures()
    old = [
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "approve", "value": "1", "text": STALE}
            ],
        }
    ]
    message = messages.post_message(
        actions.state,
        "DADA",
        actions.state.workspace.bot_user_id,
        "From an older form of the app",
        old,
    )
    actions.press_button(
        "ada", "approve", within={"channel": message.channel_id, "ts": message.ts}
    )
    locale = actions.state.workspace.get_account("ada").locale
    new = SlackAccount(
        "UNEW", "new", "New Here", "new@acme.example.com", "T0ACME0HQ", locale=locale
    )
    actions.state.workspace.add_account(new, ["C0GENERAL"])
    actions.playground.faults.error("users.info", "missing_scope", times=None)
    actions.run_commands("new", "create company Mine")
    actions.playground.faults.clear()
    locked = sqlite3.connect(
        actions.harness.app.database.engine.url.database or "", timeout=5
    )
    locked.execute("BEGIN EXCLUSIVE")
    try:
        actions.get_user("ada").type_text("/collab create app Blog in acme")
    finally:
        locked.close()
    actions.take_new_pictures()
    user = {
        "id": "UDEVI",
        "team_id": actions.harness.workspace,
        "name": "devi",
        "deleted": True,
        "profile": {},
    }
    actions.playground.send_event({"type": "user_change", "user": user, "cache_ts": 0})
    actions.run_commands("devi", "mine")


def mailed_too_often(actions: SceneActions) -> None:
    """One address gets no more than three emails a day."""
    actions.run_commands("ada", "invite nina@client.example admin acme")
    for _ in range(3):
        actions.run_commands("ada", "resend nina@client.example acme")


def undelivered(actions: SceneActions) -> None:
    """A mailbox does not exist: the card says so, and the address is changed."""
    actions.run_commands(
        "ada", "invite nina@nowhere.example otto@busy.example admin acme"
    )
    actions.run_commands("ada", "invitations sent", "resend nina@nowhere.example acme")
    actions.run_commands("ada", "settings")
    actions.press_to_open("ada", "readdress")
    actions.submit_modal("ada", email="Nina Roth <nina@client.example>")
    actions.run_commands("ada", "invitations sent")
    actions.press_button("ada", "mail_allow", "general")
    # The button is gone once mails are allowed.
    actions.post_command_rejection(
        "ada", AllowMail(actions.caller_of("ada"), PersonId("P1"))
    )


def beyond(actions: SceneActions) -> None:
    """What no road through Slack leads to: the core refuses it all the same, and its words are as good."""
    actions.run_commands("ada", "create app Shop in acme")
    ada = actions.caller_of("ada")
    actions.post_command_rejection("ada", ErasePerson(ada))
    # The line's own reader knows kinds, capabilities, groups, rhythms and hours, and the windows offer none but those.
    actions.post_command_rejection("ada", CreateResource(ada, "spaceship", "Shop"))
    actions.post_command_rejection(
        "ada", LinkChannel(ada, ChannelId("C0ACME"), "acme", ("rockets",))
    )
    actions.post_command_rejection(
        "ada", LinkChannel(ada, ChannelId("C0ACME"), "acme", rhythm="hourly")
    )
    actions.post_command_rejection(
        "ada",
        LinkChannel(ada, ChannelId("C0ACME"), "acme", rhythm=Frequency.DAILY, hour=24),
    )
    actions.post_query_rejection("ada", ListUsersWithCapability(ada, "shop", "fly"))
    # An offer to pay or to own has no button to edit it.
    actions.run_commands("ada", "transfer billing shop @carl")
    actions.press_button("ada", "transfer", "general")
    actions.run_commands("ada", "invitations sent")
    revoke = next(
        c["value"]
        for c in controls(actions.find_message_with("ada", "revoke", "general"))
        if c["action_id"] == "revoke"
    )
    actions.post_command_rejection("ada", EditInvitation(ada, revoke, "admin"))
    # Invoices stay for ever, so that every button leads to one.
    actions.post_query_rejection("ada", ShowInvoice(ada, InvoiceId("V0")))
    # Who grants presses in a message that is brought up to date by itself.
    actions.run_commands("bo", "request developer shop")
    actions.add_member("devi", "developer", "shop")
    actions.run_commands("devi", "request manager shop")
    grant = next(
        c["value"]
        for c in controls(actions.find_message_with("ada", "grant"))
        if c["action_id"] == "grant"
    )
    granted = actions.harness.app.bus.execute(
        ApproveRequest(ada, grant),
        actions.playground.clock.now(),
        read_first_event(RequestGranted),
    )
    actions.post_text("ada", render_event(actions.services(), "granted", granted))
    # A mistake of the app's own is none that a scene could make.
    actions.post_text(
        "ada", actions.services().renderer.render("refusals/broken", id="D0E5")
    )
    # Who invites is asked in a modal instead.
    power = actions.services().renderer.render(
        "refusals/power_for_outsider", role="admin", title="Acme"
    )
    actions.post_text("ada", power)
    # The database fails in the middle of an answer, or of a commit.
    actions.post_text("ada", actions.services().renderer.render("refusals/not_shown"))
    actions.post_text(
        "ada", actions.services().renderer.render("refusals/unsure", id="D0E6")
    )
    # The operator stops a resource, and then the workspace.
    bus, at = actions.harness.app.bus, actions.playground.clock.now()
    operator = Caller(ada.workspace, None, "cli")
    for is_enabled in (False, True):
        bus.execute(SwitchResource(operator, "acme", is_enabled), at)
        actions.harness.drain_outbox()
        actions.take_new_pictures()
    bus.execute(SwitchWorkspace(operator, is_enabled=False), at)
    actions.run_commands("ada", "mine")
    bus.execute(SwitchWorkspace(operator, is_enabled=True), at)
    # Slack delivers nothing for a workspace that took the app out; what was on its way then is answered so.
    actions.harness.app.bus.execute(
        UninstallWorkspace(ada), actions.playground.clock.now()
    )
    actions.run_commands("ada", "mine")
