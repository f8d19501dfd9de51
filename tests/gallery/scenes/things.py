"""Things: made, shaped, explained, shared with teams, deleted; what holds in the workspace; help."""

from __future__ import annotations

from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.resources import CreateResource
from tests.gallery.hands import Hands

MANY = 24
TOO_MANY = MAX_RESOURCES_IN_OFFER + 1


def shaped(hands: Hands) -> None:
    """Things of every kind are made, renamed, described, moved, paid for, disabled and deleted."""
    hands.says(
        "ada",
        "create project Website in acme",
        "create app Shop in website",
        "create app Blog in acme",
    )
    hands.says(
        "ada",
        "create database Orders in website",
        "create payment Card in acme",
        "create team Crew",
    )
    hands.joins("devi", "developer", "shop")
    hands.says(
        "ada",
        "pay shop with card",
        "pay shop with card",
        "show shop",
        "pay shop with nothing",
    )
    hands.says(
        "ada",
        'describe shop "Sells things"',
        "describe shop nothing",
        'rename blog to "News & Blog"',
    )
    hands.joins("bo", "admin", "acme")
    hands.says("ada", "move blog to website")
    hands.presses("ada", "move", "general")
    hands.says("ada", "move blog to nothing", "show blog", "show website", "show card")
    hands.says("ada", "disable website")
    hands.says("bo", "create app Wiki in website")
    hands.presses("ada", "disable", "general")
    hands.presses("ada", "disable", "general")
    hands.says(
        "ada", "show website", "why @devi shop code", "enable website", "mine", ""
    )
    hands.says(
        "ada",
        "why @devi shop code",
        "why @ada shop code",
        "why @carl shop code",
        "who shop code",
    )
    hands.says("ada", "who shop pay", "delete shop", "delete website")
    older = hands.asked("ada", "delete", "general")
    hands.says("ada", "delete website")
    hands.opens("ada", "delete", within=hands.asked("ada", "delete", "general"))
    hands.submits("ada", name="Nonsense")
    hands.submits("ada", name="Website")
    hands.closes("ada")
    hands.presses("ada", "delete", within=older)
    hands.says("ada", "delete blog")
    hands.presses("ada", "delete", "general")
    hands.says("ada", "show acme", "events acme")


def shared(hands: Hands) -> None:
    """A team holds a role, and its limited members what is assigned to them."""
    hands.says("ada", "create app Shop in acme", "create team Crew")
    hands.joins("devi", "limited", "crew")
    hands.joins("bo", "unlimited", "crew")
    hands.joins("carl", "admin", "shop")
    hands.joins("carl", "limited", "crew")
    hands.says(
        "ada", "share shop with crew as developer", "share shop with crew as manager"
    )
    hands.says("ada", "assign @devi to shop in crew", "why @devi shop code")
    hands.says("ada", "unassign @devi from shop in crew", "unshare shop from crew")
    hands.says(
        "carl",
        "create team Bench",
        "share shop with crew as developer",
        "invitations sent",
    )
    hands.presses("bo", "accept")
    hands.says("carl", "unshare shop from crew", "share shop with crew as developer")
    hands.opens("bo", "decline")
    hands.submits("bo")
    hands.says(
        "carl",
        "share shop with bench as manager",
        "invite @sam developer shop",
        "unshare shop from bench",
    )


def full(hands: Hands) -> None:
    """Home with more than fits on a page, and lists that go on."""
    hands.says(
        "ada", *(f"create app Part {number} in acme" for number in range(1, MANY))
    )
    home = hands.home("ada")
    hands.presses("ada", "home_page", within=home)
    hands.sees_home("ada")
    hands.says("ada", "mine")
    hands.presses("ada", "mine_page", "general")
    hands.presses("ada", "mine_page", "general")
    hands.says("ada", "show acme", "events acme", "delete acme")
    hands.presses("ada", "events_page", "general")
    hands.chooses("ada", f"show_ask {hands.id('acme')}", within=hands.home("ada"))
    hands.closes("ada")
    hands.chooses("ada", f"members_ask {hands.id('acme')}", within=hands.home("ada"))
    hands.closes("ada")
    ada, now = hands.caller("ada"), hands.playground.clock.now()
    for number in range(MANY, TOO_MANY + 1):
        hands.stage.app.bus.execute(
            CreateResource(ada, "app", f"Part {number}", "acme"), now
        )
    parts = " ".join(f"part-{number}" for number in range(1, TOO_MANY + 1))
    hands.says("ada", f"invite @carl developer {parts}")


def asked(hands: Hands) -> None:
    """Help, the settings of the workspace, and what else there is to do."""
    hands.says(
        "ada",
        "help",
        "help invite",
        "settings",
        "settings lifetime 14d",
        "settings lifetime 14d",
    )
    hands.says(
        "ada",
        "settings quiet-hours off",
        "settings reminders off",
        "settings lifetime nothing",
        "settings",
    )
    hands.says("bo", "settings")
    hands.opens("ada", "settings_open", within=hands.home("ada"))
    hands.opens("ada", "settings_open", within=hands.person("ada").top_view)
    hands.submits("ada", lifetime="400d")
    hands.submits("ada", lifetime="", companies="admins")
    hands.closes("ada")
    hands.says("bo", "create company Mine")
    hands.opens("ada", "more_open", within=hands.home("ada"))
    hands.closes("ada")
    hands.says("ada", "delete acme")
    hands.presses("ada", "delete", "general")
    hands.home("ada")
