"""What there is to choose: the verbs, with their groups, and what a field of a form finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.cards import Block, Choices, View, blocks
from bot.cards.inviting import thing_choices, thing_groups
from bot.names import NOTHING
from bot.verbs import VERBS, Slot, Verb
from bot.words import Words
from collab.choosing import Placed
from collab.resources import Resource

CHOICES: Mapping[str, tuple[str, ...]] = {
    "people": ("invite", "members", "role", "extend", "remove", "leave", "request", "withdraw", "successor"),
    "answers": ("invitations", "accept", "decline", "resend", "revoke", "undo"),
    "things": ("create", "show", "mine", "rename", "describe", "move", "migrate", "disable", "enable", "delete"),
    "teams": ("share", "unshare", "assign", "unassign"),
    "billing": ("transfer", "pay", "billing", "invoices", "plan"),
    "record": ("who", "why", "events", "keys"),
    "channels": ("link", "unlink"),
    "workspace": ("settings", "help"),
}


def choice_view(words: Words, resource: Resource | None, verbs: Collection[str]) -> View:
    """The window that asks what to do: anything at all, or with one thing."""
    said = words.say("modals/choose_verb", resource=resource)
    value = f" {resource.id}" if resource else ""
    groups = [
        (
            words.label(f"verbs.{group}"),
            [
                (words.label(f"verb.{name}"), f"form {name}{value}", _summary(words, name))
                for name in names
                if name in verbs
            ],
        )
        for group, names in CHOICES.items()
    ]
    element = blocks.grouped_select("verbs", words.label("verbs.choose"), [g for g in groups if g[1]])
    shown = [*blocks.paragraphs(said.paragraphs), blocks.actions("verbs", element)]
    return blocks.modal("verbs", words.label("verbs.title"), shown, close=words.label("close"))


def nothing_option(words: Words, verb: Verb) -> Block:
    """That nothing is meant, as a choice."""
    return blocks.option(words.label(f"field.nothing.{verb.name}"), NOTHING)


def found_choices(words: Words, verb: Verb, slot: Slot, found: Sequence[Placed]) -> Choices:
    """What was looked for in a field, and behind it that nothing is meant, where that can be said."""
    if slot is not verb.empty:
        return thing_choices(words, found)
    nothing = {
        "label": blocks.plain(words.label("field.nothing"), blocks.SHORT),
        "options": [nothing_option(words, verb)],
    }
    return {"option_groups": [*thing_groups(words, found), nothing]}


def _summary(words: Words, name: str) -> str:
    return words.say("modals/verb_line", "plain", verb=VERBS[name]).text
