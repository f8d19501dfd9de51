"""Questions that change nothing: what if, and who could on a past day."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from collab import past_access
from tests.gallery.scene_actions import SceneActions


def what_if(actions: SceneActions) -> None:
    """Commands are tried out: what they would change, and what would refuse them."""
    actions.run_commands(
        "ada",
        "create company Pixel",
        "create payment Office in pixel",
        "create app Shop in pixel",
        "create project Website in pixel",
        "create app Blog in website",
        "pay shop with office",
    )
    actions.add_member("bo", "admin", "pixel")
    actions.add_member("devi", "developer", "shop", "blog")
    actions.run_commands("bo", "invite @carl admin pixel")
    actions.run_commands(
        "ada",
        "what if remove @bo from pixel",
        "what if role @bo collaborator pixel",
        "what if delete pixel",
        "what if disable website",
        "what if move blog to pixel",
        "what if pay shop with nothing",
        "what if pay blog with office",
        "what if transfer ownership website @devi",
        "what if transfer billing shop @devi",
        "what if leave pixel",
        "what if invite @carl admin pixel",
        "what if",
    )
    actions.close_modals("ada")
    actions.run_commands("devi", "what if remove @bo from pixel", "what if leave shop")


def looked_back(actions: SceneActions) -> None:
    """Who could do what on a past day, and why."""
    actions.run_commands("ada", "create company Pixel", "create app Shop in pixel")
    actions.add_member("bo", "admin", "pixel")
    now = actions.playground.clock.now()
    day, to_come = ((now + timedelta(days=n)).date().isoformat() for n in (0, 9))
    actions.advance_time(days=3)
    actions.run_commands("ada", "remove @bo pixel")
    actions.press_button("ada", "remove", "general")
    actions.run_commands(
        "ada",
        f"who shop code at {day}",
        f"why @bo shop code at {day}",
        f"why @devi shop code at {day}",
        "why @bo shop code at 2020-02-29",
        "who shop code at 2020-02-29",
        f"who shop code at {to_come}",
        "who shop code at 30.2.2026",
    )
    # A record of that length takes too long to play.
    with patch.object(past_access, "MAX_EVENTS", 1):
        actions.run_commands("ada", f"who shop code at {day}")
