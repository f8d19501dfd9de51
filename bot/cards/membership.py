"""Members as cards: who is in, what ends when somebody goes, and another role."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cards import Block, Message, View, blocks
from bot.cards.invitations import manageable, page_button
from bot.cards.inviting import role_allows
from bot.cards.resources import ASKED, LISTED, ending_controls
from bot.words import Words, tidy
from collab.keeping import NOTHING, Losing
from collab.lists import Member, MemberList
from collab.offers import PENDING
from collab.people import Person
from collab.resources import Resource
from collab.subjects import OpenInvitation

LABELS = {"extend": "extend_ask"}
REMAINING = 50


@dataclass(frozen=True, slots=True)
class Remaining:
    """What somebody still reaches: the role, and through what when it was not given there."""

    resource: Resource
    role: str
    through: Resource | None


@dataclass(frozen=True, slots=True)
class Ending:
    """What a removal or a leave would end, what it would not, and who hears of it.

    `role` is the one on the resource itself, `loses` what nothing else lets them do there, `ends` every role that goes.
    """

    person: Person
    resource: Resource
    role: str
    loses: Sequence[str]
    ends: Sequence[tuple[Resource, str]]
    remains: Sequence[Remaining]
    revoked: Sequence[OpenInvitation]
    highest: str


@dataclass(frozen=True, slots=True)
class Change:
    """Another role for somebody: the one held now, those to choose from, the one chosen, and what that would take.

    `role` is empty before one is chosen. `allows` says what each role lets one do.
    """

    now: str
    choices: Sequence[str]
    role: str = ""
    losing: Losing = NOTHING
    taken_back: int = 0
    kept: Collection[str] = ()
    allows: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the reader of a list may do with those in it: manage these invitations, change these roles, grant those."""

    invitations: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    grants: tuple[str, ...] = ()


def members_message(words: Words, found: MemberList, me: str, allowed: Allowed, page: int) -> Message:
    """The people of a resource with a menu each, and those who are invited."""
    said = words.say("replies/members", list=found, me=me)
    heading, *lines = said.paragraphs
    menus: list[tuple[str, Block | None]] = [
        *((m.person.id, _menu(words, found.resource, m, me, allowed)) for m in found.members),
        *((c.invitation.id, _pending_menu(words, c, allowed)) for c in found.pending),
    ]
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
    return _preview(words, "remove", ending, f"{ending.resource.id} {ending.person.id}")


def leave_message(words: Words, ending: Ending) -> Message:
    """What a leave would end, with the red button that does it."""
    return _preview(words, "leave", ending, ending.resource.id)


def role_view(words: Words, person: Person, resource: Resource, change: Change) -> View:
    """The window that gives somebody another role, with what the chosen one would take and what of it may be kept."""
    said = words.say("modals/role", person=person, resource=resource, role=change.now)
    label = words.label("role.role")
    options = [(name, name, role_allows(words, change.allows.get(name, ()), resource.kind)) for name in change.choices]
    choice = blocks.select("role", words.label("invite.role.choose"), options, change.role)
    chosen = blocks.field(f"role {resource.id} {person.id}", label, choice)
    return blocks.modal(
        "role",
        words.label("role.title"),
        [
            *blocks.paragraphs(said.paragraphs),
            {**chosen, "dispatch_action": True},
            *(_lost(words, person, resource, change) if change.role else ()),
        ],
        submit=words.label("save"),
        close=words.label("cancel"),
        about=f"{resource.id} {person.id}",
    )


def _lost(words: Words, person: Person, resource: Resource, change: Change) -> list[Block]:
    """What the chosen role would take, and the choice of what stays; its name changes with the role."""
    keepable, goes = change.losing.keepable, change.losing.goes
    more = max(0, len(goes) - LISTED)
    before, after = (change.allows.get(role, ()) for role in (change.now, change.role))
    facts: dict[str, Any] = {
        "keepable": len(keepable),
        "goes": goes[:LISTED],
        "more": more,
        "stays": change.losing.stays[:LISTED],
        "gains": [name for name in after if name not in before],
        "loses": [name for name in before if name not in after],
        "kind": resource.kind,
    }
    said = words.say("modals/role_loses", person=person, role=change.role, taken_back=change.taken_back, **facts)
    if not keepable:
        return blocks.paragraphs(said.paragraphs)
    options = [_kept(words, thing, role) for thing, role in keepable[:LISTED]]
    label = words.label("role.keep")
    element = blocks.multi_select("keep", words.label("role.keep.choose"), options, change.kept)
    hint = words.label("role.keep.hint")
    keep = blocks.field(f"keep {change.role}", label, element, hint=hint, optional=True)
    return [*blocks.paragraphs(said.paragraphs), keep]


def _kept(words: Words, thing: Resource, role: str) -> tuple[str, ...]:
    about = words.label("role.keep.thing", role=role, kind=words.kind(thing.kind), slug=thing.slug)
    return tidy(thing.title) or thing.slug, thing.id, about


def _preview(words: Words, name: str, ending: Ending, value: str) -> Message:
    shown: dict[str, Any] = {
        "endings": ending.ends[:LISTED],
        "remains": ending.remains[:REMAINING],
        "revoked": ending.revoked[:ASKED],
    }
    said = words.say(f"replies/{name}_preview", ending=ending, highest=ending.highest, **shown)
    return blocks.message(said, ending_controls(words, name, ending.resource, value))


def _menu(words: Words, resource: Resource, member: Member, me: str, allowed: Allowed) -> Block:
    about = f"{resource.id} {member.person.id}"
    mine = member.person.id == me
    options = [
        ("leave_ask", resource.id, mine and member.through is None),
        ("remove_ask", about, member.removable and not mine),
        ("role_ask", about, member.person.id in allowed.people and not mine),
        (
            "extend",
            f"{about} {member.until.isoformat()}" if member.until else about,
            member.until is not None and member.role in allowed.grants and not mine,
        ),
        ("why_ask", about, True),
    ]
    fitting = [(words.label(LABELS.get(name, name)), f"{name} {value}") for name, value, fits in options if fits]
    return blocks.overflow(f"person:{member.person.id}", fitting)


def _pending_menu(words: Words, card: OpenInvitation, allowed: Allowed) -> Block | None:
    if card.invitation.id not in allowed.invitations:
        return None
    options = [(words.label(name), f"{name} {card.invitation.id}") for name in manageable(card, PENDING)]
    return blocks.overflow(f"person:{card.invitation.id}", options)


def _pages(words: Words, found: MemberList, page: int) -> list[Block]:
    if found.next_page is not None:
        return [page_button(words, "members_page", "next", f"{found.resource.id} {found.next_page}")]
    return [page_button(words, "members_page", "first", f"{found.resource.id} 0")] if page else []
