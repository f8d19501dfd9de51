"""Invitations: sent, shown, answered, put off, changed, taken back, run out."""

from __future__ import annotations

from collab.invitations.asking_again import AskForInvitationAgain
from collab.invitations.commands import InviteToResource
from tests.gallery.pictures import controls
from tests.gallery.scene_actions import SceneActions


def begun(actions: SceneActions) -> None:
    """A person takes the first steps at Home, and another one is invited."""
    home = actions.open_home("devi")
    actions.press_to_open("devi", "create_open", within=home)
    actions.close_modals("devi")
    actions.run_commands("devi", "create company Pixel")
    actions.open_home("devi")
    actions.run_commands("devi", "create app Shop in pixel", "invite @carl admin pixel")
    actions.open_home("carl")
    actions.open_home("devi")
    actions.run_commands("devi", "link pixel", channel="acme")
    actions.press_button("carl", "accept")
    actions.run_commands("carl", "leave pixel")
    actions.press_button("carl", "leave", "general")
    actions.open_home("devi")


def answered(actions: SceneActions) -> None:
    """A person is invited, looks around and says yes; another person says no."""
    actions.open_home("carl")
    actions.run_commands("carl", "", "mine", "invitations", "invitations sent")
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    actions.run_commands(
        "ada",
        "link pixel joins leaves removals roles billing invitations",
        channel="acme",
    )
    actions.run_commands(
        "ada",
        'invite @carl admin pixel for 30d note "Welcome aboard. The launch is in spring."',
    )
    actions.open_home("carl")
    actions.open_home("ada")
    actions.choose_from_menu("carl", "about")
    actions.press_button("carl", "accept")
    actions.take_home_picture("carl")
    actions.run_commands("ada", "invite @devi developer shop blog")
    actions.press_to_open("devi", "decline")
    actions.submit_modal(
        "devi", note="My actions are full until spring. Ask me again then."
    )
    actions.run_commands("ada", "invite @devi developer shop")
    actions.run_commands("ada", "invite @bo accountant pixel", "invitations sent")
    actions.run_commands("bo", "accept pixel")
    actions.run_commands("ada", "invite @sam developer shop")
    actions.run_commands("sam", 'decline note "Not this year"')
    actions.run_commands(
        "ada", "invite @sam developer shop", "members pixel", "members shop"
    )
    actions.take_home_picture("ada")


def put_off(actions: SceneActions) -> None:
    """Reminders come, are put off and muted, and in the end the invitation runs out and is sent again."""
    actions.run_commands("ada", "create company Pixel")
    actions.run_commands("ada", "link pixel invitations", channel="acme")
    for what in ("acme", "pixel"):
        actions.run_commands("ada", f"invite @carl admin {what}")
    actions.run_commands("carl", "invitations")
    actions.choose_from_menu("carl", "snooze", "general")
    actions.choose_from_menu("carl", "mute", "general")
    actions.run_commands("carl", "")
    actions.run_commands("ada", 'invite @devi admin acme note "No hurry"')
    actions.advance_time(days=3)
    actions.choose_from_menu("devi", "snooze")
    actions.advance_time(days=9)
    actions.run_commands("ada", "invitations sent")
    actions.open_home("ada")
    expired = next(
        control["value"]
        for control in controls(actions.find_message_with("carl", "ask_again"))
        if control["action_id"] == "ask_again"
    )
    actions.press_button("carl", "ask_again")
    asked = AskForInvitationAgain(actions.caller_of("carl"), expired)
    actions.post_command_rejection("carl", asked)
    actions.press_button("ada", "resend")


def changed(actions: SceneActions) -> None:
    """Invitations are edited, replaced, sent again and taken back, by their sender and by others."""
    actions.run_commands("ada", "create company Pixel", "create app Shop in pixel")
    actions.run_commands("ada", "link pixel invitations", channel="acme")
    actions.add_member("bo", "admin", "pixel")
    actions.run_commands("ada", "invite @carl developer shop for 30d")
    actions.press_to_open("ada", "edit", "general")
    actions.select_value("ada", "edit_lasts", "date")
    actions.submit_modal("ada", role="manager")
    actions.submit_modal("ada", role="manager", lasts_day="2027-01-31")
    actions.run_commands("ada", "invite @devi developer shop for 9999w")
    actions.run_commands("ada", "resend @carl shop", "invite @carl admin shop")
    actions.run_commands("bo", "invite @carl developer shop")
    actions.run_commands("bo", "revoke @carl shop")
    actions.press_button("bo", "revoke", "general")
    actions.run_commands("ada", "invite @devi developer shop")
    actions.run_commands("bo", "revoke @devi shop")
    actions.press_button("bo", "revoke", "general")
    actions.run_commands("ada", "invite @devi developer shop")
    actions.run_commands("devi", "accept")
    actions.run_commands("ada", "create team Crew", "invite @eve limited crew")
    actions.open_by_command("ada", "invite @eve @sam manager shop")
    guest = actions.caller_of("sam").account
    assert guest
    power = InviteToResource(
        actions.caller_of("ada"), guest, "manager", "shop", asks_first=True
    )
    actions.post_command_rejection("ada", power)
    actions.submit_modal("ada")
    actions.close_modals("ada")
    actions.run_commands("ada", "invite client@studio.example.com developer shop")


def revoked(actions: SceneActions) -> None:
    """Invitations end because of what became of their sender, of the invited person or of the thing."""
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    actions.run_commands("ada", "link pixel invitations", channel="acme")
    actions.add_member("bo", "admin", "pixel")
    actions.add_member("devi", "developer", "blog")
    actions.run_commands("bo", "invite @carl manager shop")
    actions.run_commands("ada", "role @bo collaborator pixel keep shop")
    actions.press_button("ada", "role_change", "general")
    actions.run_commands(
        "ada", "invite @carl developer blog", "invite @devi manager shop"
    )
    actions.run_commands("ada", "remove @devi pixel")
    actions.press_button("ada", "cancel", "general")
    actions.run_commands("ada", "delete blog")
    actions.press_button("ada", "delete", "general")
    actions.run_commands("ada", "invite @carl developer shop")
    actions.playground.deactivate_account("carl")
    actions.take_new_pictures()


def several(actions: SceneActions) -> None:
    """The window: what it asks, what it says under its fields, and what became of each who was invited."""
    actions.get_user("bo").use_shortcut("invite")
    actions.take_new_pictures()
    actions.open_home("eve")
    actions.open_by_command("bo", "invite")
    actions.close_modals("bo")
    actions.run_commands(
        "ada",
        "create app Shop in acme",
        "create app Blog in acme",
        "create project Site in acme",
    )
    actions.open_by_command("ada", "invite")
    actions.select_resources("ada", "find:invite whats", "shop")
    actions.submit_modal("ada", role="admin")
    actions.submit_modal("ada", role="admin", whom_mail="a@b.example, carl@")
    actions.submit_modal("ada", role="admin", whom_mail="", whom=["UADA"])
    actions.submit_modal(
        "ada", role="admin", whom=["UCARL"], note="4111 1111 1111 1111"
    )
    actions.select_resources("ada", "find:invite whats", "acme", "shop")
    actions.select_resources("ada", "find:invite whats", "shop", "blog")
    actions.submit_modal(
        "ada",
        role="developer",
        whom=["UCARL", "UADA"],
        whom_mail="client@studio.example",
        note="Welcome",
        **{"find:invite lasts": "30d"},
    )
    actions.close_modals("ada")
    actions.run_commands(
        "ada", "invite @carl, nobody@, new@studio.example.com and @bo accountant acme"
    )
    actions.run_commands("carl", "invitations")
    actions.press_button("carl", "accept", "general")
