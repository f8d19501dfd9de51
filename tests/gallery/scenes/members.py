"""Members: roles given, changed, ended, undone, for a limited time; channels that hear of it."""

from __future__ import annotations

from collab import errors
from tests.gallery.hands import Hands


def company(hands: Hands) -> None:
    """Pixel with two apps and its people; #acme hears of it."""
    hands.says(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    hands.says("ada", "link pixel", channel="acme")
    hands.joins("bo", "admin", "pixel")
    hands.joins("devi", "developer", "shop", "blog", more="for 30d")


def ended(hands: Hands) -> None:
    """Somebody is promoted, lowered, removed, brought back and goes by themselves."""
    company(hands)
    hands.says("ada", "role @devi admin pixel", "members shop", "members pixel")
    hands.opens_option("ada", f"role_ask {hands.id('pixel')}", "general")
    hands.selects("ada", "role", "collaborator")
    hands.closes("ada")
    hands.says("ada", "role @devi collaborator pixel keep shop blog")
    hands.opens_option("ada", f"role_ask {hands.id('shop')}", "general")
    hands.selects("ada", "role", "manager")
    hands.submits("ada")
    hands.closes("ada")
    hands.chooses("ada", f"why_ask {hands.id('shop')}", "general")
    hands.says("bo", "remove @devi shop")
    hands.presses("bo", "remove", "general")
    hands.says("bo", "keys")
    hands.presses("bo", "undo", "general")
    hands.says("bo", "undo", "keys", "remove @devi shop")
    hands.presses("bo", "remove", "general")
    hands.says("bo", "keys rotated shop", "keys rotated shop")
    hands.says("bo", "invite @carl admin pixel", "leave pixel")
    hands.presses("bo", "leave", "general")
    hands.presses("bo", "undo", "general")
    hands.says("bo", "leave pixel")
    hands.presses("bo", "cancel", "general")
    hands.joins("carl", "admin", "shop")
    hands.says("carl", "invite @sam developer shop", "leave shop")
    hands.presses("carl", "leave", "general")
    hands.says(
        "ada", "events pixel", "events pixel since 7d export", "events export jsonl"
    )
    hands.says("carl", "events")
    hands.says("ada", "leave pixel", "events pixel only channel by @bo")


def limited(hands: Hands) -> None:
    """A time draws to its end, is extended, and ends."""
    company(hands)
    hands.travels(days=24)
    hands.presses("ada", "extend")
    hands.says("ada", "extend @devi blog for 60d")
    hands.says("ada", "extend @devi blog for 1d", "extend @bo pixel")
    hands.travels(days=62)
    hands.home("devi")


def lapsed(hands: Hands) -> None:
    """Accounts are deactivated; one returns in time, the other too late."""
    company(hands)
    hands.playground.deactivate_account("bo")
    hands.playground.deactivate_account("devi")
    hands.travels(days=2)
    hands.playground.reactivate_account("devi")
    hands.travels(days=29)
    hands.playground.reactivate_account("bo")
    hands.looks()


def asked_for(hands: Hands) -> None:
    """Roles are asked for, granted, declined, and left unanswered."""
    company(hands)
    hands.home("devi")
    hands.opens_option(
        "devi", f"request_ask {hands.id('shop')}", within=hands.person("devi").home_view
    )
    hands.submits("devi", role="manager", note="I configure it daily")
    hands.closes("devi")
    hands.says(
        "devi",
        "withdraw shop",
        "withdraw shop",
        "request manager shop",
        "request admin shop",
    )
    hands.presses("ada", "grant")
    hands.says("devi", 'request admin blog note "For the relaunch"')
    hands.opens("bo", "refuse")
    hands.submits("bo", note="Next year, gladly")
    hands.says("devi", "request manager blog")
    hands.travels(days=8)
    hands.says("devi", "request manager blog")
    hands.says("ada", "role @devi manager blog")
    hands.says("devi", "request admin blog")
    hands.says("ada", "delete blog")
    hands.presses("ada", "delete", "general")


def followed(hands: Hands) -> None:
    """The last owner's account is deactivated, and somebody follows."""
    hands.says(
        "ada", "create company Pixel", "create app Shop in pixel", "create company Beta"
    )
    for who in ("bo", "carl", "devi"):
        hands.joins(who, "admin", "pixel")
    hands.joins("bo", "owner", "pixel")
    hands.joins("carl", "admin", "beta")
    hands.says("ada", "leave pixel")
    hands.presses("ada", "leave", "general")
    hands.says("devi", "successor @carl pixel")
    hands.playground.deactivate_account("bo")
    hands.looks()
    hands.says("carl", "successor @devi pixel")
    hands.opens("devi", "choose")
    hands.submits("devi", who="UCARL")
    hands.says("ada", "successor @carl pixel")
    hands.playground.set_admin("ada", is_admin=False)
    hands.playground.deactivate_account("ada")
    hands.looks()
    hands.opens("carl", "choose")
    hands.submits("carl", who="UCARL")
    hands.travels(days=2)
    hands.playground.reactivate_account("bo")
    hands.looks()


def together(hands: Hands) -> None:
    """What happened comes once a day: to a channel that hears of it so, and to somebody who wants it so."""
    company(hands)
    hands.says("ada", "link pixel daily at 9", channel="acme")
    hands.says("ada", "settings notices digest")
    hands.says("bo", "leave pixel")
    hands.presses("bo", "leave", "general")
    hands.travels(days=1)


def channels_linked(hands: Hands) -> None:
    """Channels are linked, renamed, left and archived; what cannot be delivered is shown to who can mend it."""
    company(hands)
    hands.says("ada", "create payment Card in pixel")
    hands.opens("ada", "channels_open", within=hands.home("ada"))
    hands.closes("ada")
    hands.says("ada", "link shop")
    hands.says("ada", "link shop", channel="finance")
    hands.person("ada").type_text("/invite @Collab", channel="general")
    hands.says("ada", "link shop joins leaves", "link blog")
    hands.says("ada", "unlink shop")
    hands.says("ada", "link acme", channel="acme")
    hands.says("ada", "unlink acme", channel="acme")
    hands.playground.rename_channel("acme", "acme-news")
    hands.looks()
    hands.says("ada", "invite @carl accountant pixel")
    hands.presses("carl", "accept")
    hands.playground.archive_channel("acme-news")
    hands.says("ada", "role @carl collaborator pixel", "remove @carl pixel")
    hands.presses("ada", "remove", "general")
    hands.says("ada", "link pixel", "unlink acme")
    hands.playground.remove_app("general")
    hands.says("ada", "invite nobody@nowhere.example accountant pixel")
    hands.person("ada").type_text("/invite @Collab", channel="finance")
    hands.playground.faults.error("chat.postMessage", "not_in_channel")
    hands.says("ada", "link pixel", channel="finance")
    undelivered = hands.asked("ada", "lost_again")
    hands.playground.faults.error("chat.postMessage", "not_in_channel")
    hands.opens("ada", "lost_again", within=hands.home("ada"))
    hands.closes("ada")
    hands.presses("ada", "lost_again")
    hands.presses("ada", "lost_again", within=undelivered)
    hands.playground.delete_channel("finance")
    hands.looks()
    hands.person("ada").type_text("/invite @Collab", channel="partners")
    hands.says("ada", "link pixel", channel="partners")
    hands.presses("ada", "link_shared", "partners")
    hands.playground.faults.error("conversations.info", "internal_error")
    hands.says("ada", "link acme", channel="partners")
    for why in (
        errors.NotAChannel(),
        errors.PersonNotInChannel("partners"),
        errors.PersonNotInChannel(None),
    ):
        hands.posts("ada", hands.services().render_rejection(why, hands.caller("ada")))
