"""Invitations: sent, shown, answered, put off, changed, taken back, run out."""

from __future__ import annotations

from tests.gallery.hands import Hands


def answered(hands: Hands) -> None:
    """Somebody is invited, looks around and says yes; another one says no."""
    hands.home("carl")
    hands.says("carl", "", "mine", "invitations", "invitations sent")
    hands.says(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    hands.says(
        "ada",
        "link pixel joins leaves removals roles billing invitations",
        channel="acme",
    )
    hands.says(
        "ada",
        'invite @carl admin pixel for 30d note "Welcome aboard. The launch is in spring."',
    )
    hands.home("carl")
    hands.home("ada")
    hands.chooses("carl", "about")
    hands.presses("carl", "accept")
    hands.sees_home("carl")
    hands.says("ada", "invite @devi developer shop blog")
    hands.opens("devi", "decline")
    hands.submits("devi", note="My hands are full until spring. Ask me again then.")
    hands.says("ada", "invite @devi developer shop")
    hands.says("ada", "invite @bo accountant pixel", "invitations sent")
    hands.says("bo", "accept pixel")
    hands.says("ada", "invite @sam developer shop")
    hands.says("sam", 'decline note "Not this year"')
    hands.says("ada", "invite @sam developer shop", "members pixel", "members shop")
    hands.sees_home("ada")


def put_off(hands: Hands) -> None:
    """Reminders come, are put off and muted, and in the end the invitation runs out and is sent again."""
    hands.says("ada", "create company Pixel")
    hands.says("ada", "link pixel invitations", channel="acme")
    for what in ("acme", "pixel"):
        hands.says("ada", f"invite @carl admin {what}")
    hands.says("carl", "invitations")
    hands.chooses("carl", "snooze", "general")
    hands.chooses("carl", "mute", "general")
    hands.says("carl", "")
    hands.says("ada", 'invite @devi admin acme note "No hurry"')
    hands.travels(days=3)
    hands.chooses("devi", "snooze")
    hands.travels(days=9)
    hands.says("ada", "invitations sent")
    hands.home("ada")
    hands.presses("ada", "resend")


def changed(hands: Hands) -> None:
    """Invitations are edited, replaced, sent again and taken back, by their sender and by others."""
    hands.says("ada", "create company Pixel", "create app Shop in pixel")
    hands.says("ada", "link pixel invitations", channel="acme")
    hands.joins("bo", "admin", "pixel")
    hands.says("ada", "invite @carl developer shop for 30d")
    hands.opens("ada", "edit")
    hands.submits("ada", role="manager", lasts="a while")
    hands.submits("ada", role="manager", lasts="9999w")
    hands.submits("ada", role="manager", lasts="2027-01-31")
    hands.says("ada", "resend @carl shop", "invite @carl admin shop")
    hands.says("bo", "invite @carl developer shop")
    hands.says("bo", "revoke @carl shop")
    hands.says("ada", "invite @devi developer shop")
    hands.says("bo", "revoke @devi shop")
    hands.says("ada", "invite @devi developer shop")
    hands.says("devi", "accept")
    hands.says("ada", "create team Crew", "invite @eve limited crew")
    hands.says("ada", "invite client@studio.example.com developer shop")


def revoked(hands: Hands) -> None:
    """Invitations end because of what became of their sender, of the invited person or of the thing."""
    hands.says(
        "ada",
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    )
    hands.says("ada", "link pixel invitations", channel="acme")
    hands.joins("bo", "admin", "pixel")
    hands.joins("devi", "developer", "blog")
    hands.says("bo", "invite @carl manager shop")
    hands.says("ada", "role @bo collaborator pixel keep shop")
    hands.says("ada", "invite @carl developer blog", "invite @devi manager shop")
    hands.says("ada", "remove @devi pixel")
    hands.presses("ada", "cancel", "general")
    hands.says("ada", "delete blog")
    hands.presses("ada", "delete", "general")
    hands.says("ada", "invite @carl developer shop")
    hands.playground.deactivate_account("carl")
    hands.looks()


def several(hands: Hands) -> None:
    """The window: what it asks, what it says under its fields, and what became of each who was invited."""
    hands.person("bo").use_shortcut("invite")
    hands.looks()
    hands.home("eve")
    hands.asks("bo", "invite")
    hands.closes("bo")
    hands.says(
        "ada",
        "create app Shop in acme",
        "create app Blog in acme",
        "create project Site in acme",
    )
    hands.asks("ada", "invite")
    hands.picks("ada", "find:invite whats", "shop")
    hands.submits("ada", role="admin")
    hands.submits("ada", role="admin", whom_mail="a@b.example, carl@")
    hands.submits("ada", role="admin", whom_mail="", whom=["UCARL"], lasts="soon")
    hands.submits("ada", role="admin", whom=["UADA"], lasts="")
    hands.submits("ada", role="admin", whom=["UCARL"], note="4111 1111 1111 1111")
    hands.picks("ada", "find:invite whats", "acme", "shop")
    hands.picks("ada", "find:invite whats", "shop", "blog")
    hands.submits(
        "ada",
        role="developer",
        whom=["UCARL", "UADA"],
        whom_mail="client@studio.example",
        lasts="30d",
        note="Welcome",
    )
    hands.closes("ada")
    hands.says(
        "ada", "invite @carl, nobody@, new@studio.example.com and @bo accountant acme"
    )
    hands.says("carl", "invitations")
    hands.presses("carl", "accept", "general")
