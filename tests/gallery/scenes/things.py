"""Things: made, shaped, explained, shared with teams, deleted; what holds in the workspace; help."""

from __future__ import annotations

from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.resources import CreateResource
from tests.gallery.scene_actions import SceneActions

MANY = 24
TOO_MANY = MAX_RESOURCES_IN_OFFER + 1
WAIT_SECONDS = 10


def shaped(actions: SceneActions) -> None:
    """Things of every kind are made, renamed, described, moved, paid for, disabled and deleted."""
    actions.run_commands(
        "ada",
        "create project Website in acme",
        "create app Shop in website",
        "create app Blog in acme",
    )
    actions.run_commands(
        "ada",
        "create database Orders in website",
        "create payment Card in acme",
        "create team Crew",
    )
    actions.add_member("devi", "developer", "shop")
    actions.run_commands(
        "ada",
        "pay shop with card",
        "pay shop with card",
        "show shop",
        "pay shop with nothing",
    )
    actions.run_commands(
        "ada",
        'describe shop "Sells things"',
        "describe shop nothing",
        'rename blog to "News & Blog"',
    )
    actions.add_member("bo", "admin", "acme")
    actions.run_commands("ada", "move blog to website")
    actions.press_button("ada", "move", "general")
    actions.run_commands(
        "ada", "move blog to nothing", "show blog", "show website", "show card"
    )
    actions.run_commands("ada", "disable website")
    actions.run_commands("bo", "create app Wiki in website")
    actions.press_button("ada", "disable", "general")
    actions.press_button("ada", "disable", "general")
    actions.run_commands(
        "ada", "show website", "why @devi shop code", "enable website", "mine", ""
    )
    actions.run_commands(
        "ada",
        "why @devi shop code",
        "why @ada shop code",
        "why @carl shop code",
        "who shop code",
    )
    actions.run_commands("ada", "who shop pay", "delete shop", "delete website")
    older = actions.find_message_with("ada", "delete", "general")
    actions.run_commands("ada", "delete website")
    actions.press_to_open(
        "ada", "delete", within=actions.find_message_with("ada", "delete", "general")
    )
    actions.submit_modal("ada", name="Nonsense")
    actions.submit_modal("ada", name="Website")
    actions.close_modals("ada")
    actions.press_button("ada", "delete", within=older)
    actions.run_commands("ada", "delete blog")
    actions.press_button("ada", "delete", "general")
    actions.run_commands("ada", "show acme", "events acme")


def shared(actions: SceneActions) -> None:
    """A team holds a role, and its limited members what is assigned to them."""
    actions.run_commands("ada", "create app Shop in acme", "create team Crew")
    actions.add_member("devi", "limited", "crew")
    actions.add_member("bo", "unlimited", "crew")
    actions.add_member("carl", "admin", "shop")
    actions.add_member("carl", "limited", "crew")
    actions.run_commands(
        "ada", "share shop with crew as developer", "share shop with crew as manager"
    )
    actions.run_commands("ada", "assign @devi to shop in crew", "why @devi shop code")
    actions.run_commands("ada", "unassign @devi from shop in crew")
    actions.press_button("ada", "unassign", "general")
    actions.run_commands("ada", "unshare shop from crew")
    actions.press_button("ada", "unshare", "general")
    actions.run_commands(
        "carl",
        "create team Bench",
        "share shop with crew as developer",
        "invitations sent",
    )
    actions.press_button("bo", "accept")
    actions.run_commands("carl", "unshare shop from crew")
    actions.press_button("carl", "unshare", "general")
    actions.run_commands("carl", "share shop with crew as developer")
    actions.press_to_open("bo", "decline")
    actions.submit_modal("bo")
    actions.run_commands(
        "carl",
        "share shop with bench as manager",
        "invite @sam developer shop",
        "unshare shop from bench",
    )
    actions.press_button("carl", "unshare", "general")


def full(actions: SceneActions) -> None:
    """Home with more than fits on a page, and lists that go on."""
    actions.run_commands(
        "ada", *(f"create app Part {number} in acme" for number in range(1, MANY))
    )
    home = actions.open_home("ada")
    actions.press_button("ada", "home_page", within=home)
    actions.take_home_picture("ada")
    actions.run_commands("ada", "mine")
    actions.press_button("ada", "mine_page", "general")
    actions.press_button("ada", "mine_page", "general")
    actions.run_commands("ada", "show acme", "events acme", "delete acme")
    actions.press_button("ada", "events_page", "general")
    page = actions.open_page("ada", "acme")
    actions.press_to_open("ada", "act:members", within=page)
    actions.close_modals("ada")
    ada, now = actions.caller_of("ada"), actions.playground.clock.now()
    for number in range(MANY, TOO_MANY + 1):
        actions.harness.app.bus.execute(
            CreateResource(ada, "app", f"Part {number}", "acme"), now
        )
    parts = " ".join(f"part-{number}" for number in range(1, TOO_MANY + 1))
    actions.run_commands("ada", f"invite @carl developer {parts}")


def asked(actions: SceneActions) -> None:
    """Help, the settings of the workspace, and what else there is to do."""
    actions.run_commands("ada", "help")
    actions.press_to_open("ada", "help_all", "general")
    actions.close_modals("ada")
    actions.run_commands("sam", "help")
    actions.run_commands(
        "ada",
        "help invite",
        "settings",
        "settings lifetime 14d",
        "settings lifetime 14d",
    )
    actions.run_commands(
        "ada",
        "settings quiet-hours off",
        "settings reminders off",
        "settings lifetime nothing",
        "settings",
    )
    actions.run_commands("bo", "settings")
    actions.press_to_open("ada", "settings_open", within=actions.open_home("ada"))
    actions.press_in_modal_to_open("ada", "settings_open")
    actions.submit_modal("ada", reminders="400d")
    actions.submit_modal("ada", reminders="", companies="admins")
    actions.close_modals("ada")
    actions.run_commands("bo", "create company Mine")
    actions.press_to_open("ada", "more_open", within=actions.open_home("ada"))
    actions.close_modals("ada")
    actions.run_commands("ada", "delete acme")
    actions.press_button("ada", "delete", "general")
    actions.open_home("ada")


def welcomed(actions: SceneActions) -> None:
    """Collab is added to channels, and offers to link them."""
    for who, channel in (("ada", "general"), ("bo", "finance")):
        _add_app(actions, who, channel)
    offer = actions.find_message_with("ada", "link_here", "general")
    acme = actions.resource_id_of("acme")
    actions.get_user("ada").choose_option(offer, "link_here", acme)
    actions.take_new_pictures()
    actions.press_button("bo", "not_now", "finance")


def _add_app(actions: SceneActions, who: str, channel: str) -> None:
    """Add Collab to a channel and wait for its offer."""
    user = actions.get_user(who)
    user.type_text("/invite @collab", channel=channel)
    actions.playground.wait_until(
        lambda: "channel_offer" in str(user.list_messages(channel)), WAIT_SECONDS
    )
    actions.take_new_pictures()
