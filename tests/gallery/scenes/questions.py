"""Questions that change nothing: what if, and who could on a past day."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from collab import past_access
from tests.gallery.hands import Hands


def what_if(hands: Hands) -> None:
    """Commands are tried out: what they would change, and what would refuse them."""
    hands.says(
        "ada",
        "create company Pixel",
        "create payment Office in pixel",
        "create app Shop in pixel",
        "create project Website in pixel",
        "create app Blog in website",
        "pay shop with office",
    )
    hands.joins("bo", "admin", "pixel")
    hands.joins("devi", "developer", "shop", "blog")
    hands.says("bo", "invite @carl admin pixel")
    hands.says(
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
    hands.closes("ada")
    hands.says("devi", "what if remove @bo from pixel", "what if leave shop")


def looked_back(hands: Hands) -> None:
    """Who could do what on a past day, and why."""
    hands.says("ada", "create company Pixel", "create app Shop in pixel")
    hands.joins("bo", "admin", "pixel")
    now = hands.playground.clock.now()
    day, to_come = ((now + timedelta(days=n)).date().isoformat() for n in (0, 9))
    hands.travels(days=3)
    hands.says("ada", "remove @bo pixel")
    hands.presses("ada", "remove", "general")
    hands.says(
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
        hands.says("ada", f"who shop code at {day}")
