"""Resources as cards: one of them, and what a deletion takes along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards import Block, Message, View, blocks
from bot.words import Said, Words
from collab.explain import Detail
from collab.people import Person
from collab.policy import NAME_LIMIT
from collab.resources import Resource
from collab.subjects import OpenInvitation

LISTED = 100  # lines of a list; what there is more of is counted
INSIDE = 20  # of what stands in a thing; `/collab mine` goes on
ASKED, LOSING, UNPAID = 40, 20, 50


@dataclass(frozen=True, slots=True)
class Loss:
    """Somebody who loses roles: some of them, and how many more."""

    person: Person
    roles: Sequence[tuple[Resource, str]]
    more: int


@dataclass(frozen=True, slots=True)
class Deleting:
    """What a deletion would take along: things inside, roles, payments, and invitations.

    What has invoices `retires` in its place; `kept` are the things inside that do.
    """

    resource: Resource
    inside: Sequence[Resource]
    losing: Sequence[Loss]
    unpaid: Sequence[Resource]
    revoked: Sequence[OpenInvitation]
    retires: bool = False
    kept: Sequence[Resource] = ()


@dataclass(frozen=True, slots=True)
class Disabling:
    """What disabling would stop: a thing, what stands in it, and how many people do something there."""

    resource: Resource
    inside: Sequence[Resource]
    people: int


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's highest role on a resource before and after a move; nothing where they hold none."""

    person: Person
    resource: Resource
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Moving:
    """What a move would change: the place, who gains and loses access, what is no longer paid for, and invitations."""

    resource: Resource
    before: Resource | None
    parent: Resource | None
    gaining: Sequence[Shift]
    losing: Sequence[Shift]
    unpaid: Sequence[Resource]
    revoked: Sequence[OpenInvitation]


def show_message(words: Words, found: Detail, *, paid: bool) -> Message:
    """One resource; `paid` when things like it are paid for."""
    listed: dict[str, Any] = {"inside": found.inside[:INSIDE], "shared": found.shared[:INSIDE]}
    said = words.say("replies/show", found=found, paid=paid, **listed)
    return blocks.message(said, _controls(words, found))


def _controls(words: Words, found: Detail) -> Block:
    """The way to all that one can do with a thing, and to the channels that hear of it for who may change it."""
    buttons = [more_button(words, found.resource)]
    if found.lacks_payment:
        long = words.label("payment_open.long", what=found.resource.slug)
        buttons.append(blocks.button("payment_open", words.label("payment_open"), found.resource.id, long))
    if "edit" in found.can:
        label, long = words.label("channels_open"), words.label("channels_open.long")
        buttons.append(blocks.button("channels_open", label, found.resource.id, long))
    return blocks.actions("controls", *buttons)


def more_button(words: Words, resource: Resource) -> Block:
    """The button behind which stands all that one can do with a thing."""
    long = words.label("more_here.long", what=resource.slug)
    return blocks.button("more_open", words.label("more_here"), resource.id, long)


def delete_message(words: Words, deleting: Deleting, me: str) -> Message:
    """What a deletion would end, with the red button that does it."""
    most = {"inside": LISTED, "losing": LOSING, "unpaid": UNPAID, "revoked": ASKED, "kept": LOSING}
    shown: dict[str, Any] = {name: getattr(deleting, name)[:listed] for name, listed in most.items()}
    said = words.say("replies/delete_preview", deleting=deleting, me=me, **shown)
    return blocks.message(said, ending_controls(words, "delete", deleting.resource, deleting.resource.id))


def disable_message(words: Words, disabling: Disabling) -> Message:
    """What disabling would stop, with the red button that does it."""
    said = words.say("replies/disable_preview", disabling=disabling, inside=disabling.inside[:LISTED])
    return blocks.message(said, ending_controls(words, "disable", disabling.resource, disabling.resource.id))


def move_message(words: Words, moving: Moving, me: str) -> Message:
    """What a move would change, with the button that does it."""
    most = {"gaining": LOSING, "losing": LOSING, "unpaid": UNPAID, "revoked": ASKED}
    shown: dict[str, Any] = {name: getattr(moving, name)[:listed] for name, listed in most.items()}
    said = words.say("replies/move_preview", moving=moving, me=me, **shown)
    value = f"{moving.resource.id} {moving.parent.id if moving.parent else ''}".strip()
    return blocks.message(said, ending_controls(words, "move", moving.resource, value))


def delete_view(words: Words, resource: Resource, inside: int) -> View:
    """The window that asks for the name of what has things inside."""
    said = words.say("modals/delete", resource=resource, inside=inside)
    name = blocks.field("name", words.label("delete.name"), blocks.text_input("name", NAME_LIMIT))
    return blocks.modal(
        "delete",
        words.label("delete.title"),
        [*blocks.paragraphs(said.paragraphs), name],
        submit=words.label("delete"),
        close=words.label("cancel"),
        about=resource.id,
    )


def done_view(words: Words, said: Said) -> View:
    """The window after it was sent in: what happened; those beneath it show what is no longer so, and close with it."""
    shown = blocks.modal(
        "done", words.label("done.title"), blocks.paragraphs(said.paragraphs), close=words.label("close")
    )
    return {**shown, "clear_on_close": True}


def ending_controls(words: Words, name: str, resource: Resource, value: str) -> Block:
    """The red button that carries the verb, beside Cancel."""
    go = blocks.button(name, words.label(name), value, words.label(f"{name}.long", what=resource.slug), "danger")
    stay = blocks.button("cancel", words.label("cancel"), value, words.label("cancel.long"))
    return blocks.actions("ending", go, stay)
