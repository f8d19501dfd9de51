"""Questions that change nothing: what if."""

from __future__ import annotations

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
