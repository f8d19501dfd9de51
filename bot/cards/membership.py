"""Members as cards: who is in, and what ends when somebody goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import Block, Message, blocks
from bot.cards.invitations import page_button
from bot.words import Words
from collab.lists import Member, MemberList, OpenInvitation
from collab.people import Person
from collab.resources import Resource


@dataclass(frozen=True, slots=True)
class Ending:
    """What a removal or a leave would end: whose role, what it let them do, and which invitations fall with it."""

    person: Person
    resource: Resource
    role: str
    loses: Sequence[str]
    revoked: Sequence[OpenInvitation]


def members_message(words: Words, found: MemberList, me: str, manageable: frozenset[str], page: int) -> Message:
    """The people of a resource with a menu each, and those who are invited."""
    said = words.say("replies/members", list=found, me=me)
    heading, *lines = said.paragraphs
    menus = [(m.person.id, _menu(words, found.resource, m, me)) for m in found.members]
    menus += [(c.invitation.id, _pending_menu(words, c, manageable)) for c in found.pending]
    rows = [
        blocks.row(line, menu, f"members {found.resource.id} {key}")
        for line, (key, menu) in zip(lines, menus, strict=True)
    ]
    return {
        "text": blocks.cut(said.text, blocks.TOP),
        "blocks": [*blocks.section(heading), *rows, *_pages(words, found, page)],
    }


def remove_message(words: Words, ending: Ending) -> Message:
    """What a removal would end, with the red button that does it."""
    value = f"{ending.resource.id} {ending.person.id}"
    return _preview(words, "remove", ending, value)


def leave_message(words: Words, ending: Ending) -> Message:
    """What a leave would end, with the red button that does it."""
    return _preview(words, "leave", ending, ending.resource.id)


def _preview(words: Words, name: str, ending: Ending, value: str) -> Message:
    said = words.say(
        f"replies/{name}_preview",
        person=ending.person,
        resource=ending.resource,
        role=ending.role,
        loses=ending.loses,
        revoked=ending.revoked,
    )
    long = words.label(f"{name}.long", what=ending.resource.slug)
    go = blocks.button(name, words.label(name), value, long, "danger")
    stay = blocks.button("cancel", words.label("cancel"), value, words.label("cancel.long"))
    return blocks.message(said, blocks.actions("ending", go, stay))


def _menu(words: Words, resource: Resource, member: Member, me: str) -> Block | None:
    if member.person.id == me:
        return blocks.overflow("person", [(words.label("leave_ask"), f"leave_ask {resource.id}")])
    if member.removable:
        value = f"remove_ask {resource.id} {member.person.id}"
        return blocks.overflow("person", [(words.label("remove_ask"), value)])
    return None


def _pending_menu(words: Words, card: OpenInvitation, manageable: frozenset[str]) -> Block | None:
    if card.invitation.id not in manageable:
        return None
    names = ("resend", "edit", "revoke")
    return blocks.overflow("person", [(words.label(name), f"{name} {card.invitation.id}") for name in names])


def _pages(words: Words, found: MemberList, page: int) -> list[Block]:
    if found.next_page is not None:
        return [page_button(words, "members_page", "next", f"{found.resource.id} {found.next_page}")]
    return [page_button(words, "members_page", "first", f"{found.resource.id} 0")] if page else []
