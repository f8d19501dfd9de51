"""Members: roles given, changed, ended, undone, for a limited time; channels that hear of it."""

from __future__ import annotations

from collab import errors
from tests.gallery.scene_actions import SceneActions


def company(actions: SceneActions) -> None:
    """Pixel with two apps and its people; #acme gets its updates."""
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    actions.run_commands("ada", "link pixel", channel="acme")
    actions.add_member("bo", "admin", "pixel")
    actions.add_member("devi", "developer", "shop", "blog", more="for 30d")


def ended(actions: SceneActions) -> None:
    """A person is promoted, lowered, removed, brought back and goes by themselves."""
    company(actions)
    actions.run_commands(
        "ada", "role @devi admin pixel", "members shop", "members pixel"
    )
    actions.open_from_menu(
        "ada", f"role_ask {actions.resource_id_of('pixel')}", "general"
    )
    actions.select_value("ada", "role", "collaborator")
    actions.close_modals("ada")
    actions.run_commands("ada", "role @devi collaborator pixel keep shop blog")
    actions.press_button("ada", "role_change", "general")
    actions.open_from_menu(
        "ada", f"role_ask {actions.resource_id_of('shop')}", "general"
    )
    actions.select_value("ada", "role", "manager")
    actions.submit_modal("ada")
    actions.close_modals("ada")
    actions.choose_from_menu(
        "ada", f"why_ask {actions.resource_id_of('shop')}", "general"
    )
    actions.run_commands("bo", "remove @devi shop")
    actions.press_button("bo", "remove", "general")
    actions.run_commands("bo", "keys")
    actions.press_button("bo", "undo", "general")
    actions.run_commands("bo", "undo", "keys", "remove @devi shop")
    actions.press_button("bo", "remove", "general")
    actions.run_commands("bo", "keys rotated shop", "keys rotated shop")
    actions.run_commands("bo", "invite @carl admin pixel", "leave pixel")
    actions.press_button("bo", "leave", "general")
    actions.press_button("bo", "undo", "general")
    actions.run_commands("bo", "leave pixel")
    actions.press_button("bo", "cancel", "general")
    actions.add_member("carl", "admin", "shop")
    actions.run_commands("carl", "invite @sam developer shop", "leave shop")
    actions.press_button("carl", "leave", "general")
    actions.run_commands(
        "ada", "events pixel", "events pixel since 7d export", "events export jsonl"
    )
    actions.run_commands("carl", "events")
    actions.run_commands("ada", "leave pixel", "events pixel only channel by @bo")


def limited(actions: SceneActions) -> None:
    """A time draws to its end, is extended, and ends."""
    company(actions)
    actions.advance_time(days=24)
    actions.press_button("ada", "extend")
    actions.run_commands("ada", "extend @devi blog for 60d")
    actions.run_commands("ada", "extend @devi blog for 1d", "extend @bo pixel")
    actions.advance_time(days=62)
    actions.open_home("devi")


def lapsed(actions: SceneActions) -> None:
    """Accounts are deactivated; one returns in time, the other too late."""
    company(actions)
    actions.playground.deactivate_account("bo")
    actions.playground.deactivate_account("devi")
    actions.advance_time(days=2)
    actions.playground.reactivate_account("devi")
    actions.advance_time(days=29)
    actions.playground.reactivate_account("bo")
    actions.take_new_pictures()


def asked_for(actions: SceneActions) -> None:
    """Roles are asked for, granted, declined, and left unanswered."""
    company(actions)
    page = actions.open_page("devi", "shop")
    actions.press_to_open("devi", "act:request", within=page)
    actions.submit_modal("devi", role="manager", note="I configure it daily")
    actions.close_modals("devi")
    actions.run_commands(
        "devi",
        "withdraw shop",
        "withdraw shop",
        "request manager shop",
        "request admin shop",
    )
    actions.press_button("ada", "grant")
    actions.run_commands("devi", 'request admin blog note "For the relaunch"')
    actions.press_to_open("bo", "refuse")
    actions.submit_modal("bo", note="Next year, gladly")
    actions.run_commands("devi", "request manager blog")
    actions.advance_time(days=8)
    actions.run_commands("devi", "request manager blog")
    actions.run_commands("ada", "role @devi manager blog")
    actions.run_commands("devi", "request admin blog")
    actions.run_commands("ada", "delete blog")
    actions.press_button("ada", "delete", "general")


def followed(actions: SceneActions) -> None:
    """The last owner's account is deactivated, and a successor is chosen."""
    actions.run_commands(
        "ada", "create company Pixel", "create app Shop in pixel", "create company Beta"
    )
    for who in ("bo", "carl", "devi"):
        actions.add_member(who, "admin", "pixel")
    actions.add_member("bo", "owner", "pixel")
    actions.add_member("carl", "admin", "beta")
    actions.run_commands("ada", "leave pixel")
    actions.press_button("ada", "leave", "general")
    actions.run_commands("devi", "successor @carl pixel")
    actions.playground.deactivate_account("bo")
    actions.take_new_pictures()
    actions.run_commands("carl", "successor @devi pixel")
    actions.press_to_open("devi", "choose")
    actions.submit_modal("devi", who="UCARL")
    actions.run_commands("ada", "successor @carl pixel")
    actions.playground.set_admin("ada", is_admin=False)
    actions.playground.deactivate_account("ada")
    actions.take_new_pictures()
    actions.press_to_open("carl", "choose")
    actions.submit_modal("carl", who="UCARL")
    actions.advance_time(days=2)
    actions.playground.reactivate_account("bo")
    actions.take_new_pictures()


def together(actions: SceneActions) -> None:
    """What happened comes once a day: to a channel with a daily digest, and to a person with one."""
    company(actions)
    actions.run_commands("ada", "link pixel daily at 9", channel="acme")
    actions.run_commands("ada", "settings notices digest")
    actions.run_commands("bo", "leave pixel")
    actions.press_button("bo", "leave", "general")
    actions.advance_time(days=1)


def channels_linked(actions: SceneActions) -> None:
    """Channels are linked, renamed, left and archived; what cannot be delivered is shown to who can mend it."""
    company(actions)
    actions.run_commands("ada", "create payment Card in pixel")
    actions.press_to_open("ada", "channels_open", within=actions.open_home("ada"))
    actions.close_modals("ada")
    actions.run_commands("ada", "link shop")
    actions.run_commands("ada", "link shop", channel="finance")
    actions.get_user("ada").type_text("/invite @Collab", channel="general")
    actions.run_commands("ada", "link shop joins leaves", "link blog")
    actions.run_commands("ada", "unlink shop")
    actions.press_button("ada", "unlink", "general")
    actions.run_commands("ada", "link acme", channel="acme")
    actions.run_commands("ada", "unlink acme", channel="acme")
    actions.press_button("ada", "unlink", "acme")
    actions.playground.rename_channel("acme", "acme-news")
    actions.take_new_pictures()
    actions.run_commands("ada", "invite @carl accountant pixel")
    actions.press_button("carl", "accept")
    actions.playground.archive_channel("acme-news")
    actions.run_commands("ada", "role @carl collaborator pixel", "remove @carl pixel")
    actions.press_button("ada", "remove", "general")
    actions.run_commands("ada", "link pixel", "unlink acme")
    actions.playground.remove_app("general")
    actions.playground.faults.error("chat.postMessage", "channel_not_found")
    actions.run_commands("ada", "invite @bo accountant pixel")
    actions.get_user("ada").type_text("/invite @Collab", channel="finance")
    actions.playground.faults.error("chat.postMessage", "not_in_channel")
    actions.run_commands("ada", "link pixel", channel="finance")
    undelivered = actions.find_message_with("ada", "lost_again")
    actions.playground.faults.error("chat.postMessage", "not_in_channel")
    actions.press_to_open("ada", "lost_again", within=actions.open_home("ada"))
    actions.close_modals("ada")
    actions.press_button("ada", "lost_again")
    actions.press_button("ada", "lost_again", within=undelivered)
    actions.playground.delete_channel("finance")
    actions.take_new_pictures()
    actions.get_user("ada").type_text("/invite @Collab", channel="partners")
    actions.run_commands("ada", "link pixel", channel="partners")
    actions.press_button("ada", "link_shared", "partners")
    actions.playground.faults.error("conversations.info", "internal_error")
    actions.run_commands("ada", "link acme", channel="partners")
    for why in (
        errors.NotAChannel(),
        errors.PersonNotInChannel("partners"),
        errors.PersonNotInChannel(None),
    ):
        actions.post_text(
            "ada", actions.services().render_rejection(why, actions.caller_of("ada"))
        )


def offboarded(actions: SceneActions) -> None:
    """All of somebody's access ends at once, and comes back."""
    company(actions)
    actions.run_commands("ada", "create company Beta", "create app Wiki in beta")
    actions.run_commands("ada", "create team Crew", "create payment Card")
    actions.run_commands("devi", "create app Solo", "create project Site")
    actions.run_commands("carl", "create app Tool")
    actions.add_member("devi", "admin", "beta")
    actions.add_member("devi", "unlimited", "crew")
    actions.run_commands("devi", "invite @ada administrator site")
    actions.press_button("ada", "accept")
    actions.run_commands("ada", "invite @devi admin pixel", "invite @carl admin pixel")
    actions.run_commands(
        "ada", "offboard @sam", "what if offboard @devi", "offboard @devi"
    )
    actions.press_button("ada", "offboard", "general")
    actions.run_commands("ada", "keys", "events pixel only keys,member")
    actions.press_button("ada", "undo", "general")
    actions.run_commands("ada", "offboard @devi")
    actions.press_button("ada", "offboard", "general")
    actions.advance_time(days=8)
    actions.run_commands("ada", "keys")
    actions.run_commands("carl", "invite @devi developer tool")
    actions.press_button("devi", "accept")
    actions.run_commands("ada", "offboard @devi")
    actions.run_commands("sam", "me")
    actions.press_button("sam", "erase", "general")


def keys_passed_on(actions: SceneActions) -> None:
    """Who pays ends somebody's access; who works with the code rotates the keys."""
    actions.run_commands("devi", "create payment Purse")
    actions.run_commands("bo", "create app Lab", "invite @devi admin lab")
    actions.press_button("devi", "accept")
    actions.run_commands("devi", "pay lab with purse", "leave lab")
    actions.press_button("devi", "leave", "general")
    actions.run_commands("bo", "invite @carl developer lab")
    actions.press_button("carl", "accept")
    actions.run_commands("devi", "offboard @carl")
    actions.press_button("devi", "offboard", "general")
    actions.run_commands("bo", "keys", "events lab")
