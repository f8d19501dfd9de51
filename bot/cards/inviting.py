"""Inviting as cards: the window with its choices, and what became of each who was invited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards import Block, Choices, Message, View, blocks
from bot.words import Said, Words, tidy
from collab.choosing import Placed
from collab.policy import NOTE_LIMIT, TOGETHER_LIMIT
from collab.resources import Resource

ID, EMAILS, LASTS = 255, 3000, 20
ROOM = 40 * blocks.TEXT  # characters for all answers, so that they stay within a message's blocks


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of an invitation before it is sent: accounts, addresses, things, a role, a length, a note."""

    people: Sequence[str] = ()
    emails: str = ""
    what: Sequence[Resource] = ()
    role: str = ""
    lasts: str = ""
    note: str = ""


def invite_view(words: Words, draft: Draft, roles: Mapping[str, Sequence[str]]) -> View:
    """The window with what is known filled in; `roles` are those to choose from, with what each lets one do."""
    if not roles and not draft.what:
        said = words.say("modals/invite_nothing")
        shown = blocks.paragraphs(said.paragraphs)
        return blocks.modal("invite_nothing", words.label("invite.title"), shown, close=words.label("close"))
    return blocks.modal(
        "invite",
        words.label("invite.title"),
        [*_who(words, draft), _what(words, draft), _role(words, draft, roles), *_more(words, draft)],
        submit=words.label("invite.submit"),
        close=words.label("cancel"),
    )


def thing_choices(words: Words, found: Sequence[Placed]) -> Choices:
    """Offer what was found by its outermost container, unless every heading would only repeat its single option."""
    if found and all(each.outermost and each.outermost.id == each.resource.id for each in found):
        return {"options": [thing_option(words, each.resource) for each in found]}
    groups = thing_groups(words, found)
    return {"option_groups": groups} if groups else {"options": []}


def thing_groups(words: Words, found: Sequence[Placed]) -> list[Block]:
    """Group what was found by what it stands in at last."""
    groups: dict[str, tuple[str, list[Block]]] = {}
    for each in found:
        outer = each.outermost
        label = (tidy(outer.title) or outer.slug) if outer else words.label("invite.alone")
        groups.setdefault(outer.id if outer else "", (label, []))[1].append(thing_option(words, each.resource))
    return [{"label": blocks.plain(label, blocks.SHORT), "options": options} for label, options in groups.values()]


def invited_message(words: Words, answers: Sequence[Said]) -> Message:
    """One answer for each of several people who were invited at once (INV-12)."""
    heading = words.say("replies/invited_each", many=len(answers))
    return {
        "text": blocks.cut("\n".join([heading.text, *(answer.text for answer in answers)]), blocks.TOP),
        "blocks": _each(heading, answers),
    }


def invited_view(words: Words, answers: Sequence[Said], *, changed: bool) -> View:
    """The window after it was sent in: what became of each; whether any of it `changed` something is its title."""
    shown = blocks.paragraphs(answers[0].paragraphs)
    if len(answers) > 1:
        shown = _each(words.say("replies/invited_each", many=len(answers)), answers)
    title = words.label("done.title" if changed else "wrong.title")
    return blocks.modal("done", title, shown, close=words.label("close"))


def _each(heading: Said, answers: Sequence[Said]) -> list[Block]:
    room = ROOM // len(answers)
    parts = [blocks.cut(part, room) for answer in answers for part in answer.paragraphs[:1]]
    return [*blocks.paragraphs(heading.paragraphs), *blocks.section("\n".join(f"• {part}" for part in parts))]


def _who(words: Words, draft: Draft) -> list[Block]:
    people = blocks.multi_users_select("people", words.label("invite.people.choose"), draft.people)
    emails = blocks.text_input("emails", EMAILS, initial=blocks.cut(draft.emails, EMAILS))
    hint = words.label("invite.emails.hint")
    return [
        blocks.field("people", words.label("invite.people"), people, optional=True),
        blocks.field("emails", words.label("invite.emails"), emails, hint=hint, optional=True),
    ]


def _what(words: Words, draft: Draft) -> Block:
    chosen = [thing_option(words, resource) for resource in draft.what[:TOGETHER_LIMIT]]
    element = blocks.external_select("invite_what", words.label("invite.what.choose"), chosen, TOGETHER_LIMIT)
    hint = words.label("invite.what.hint")
    return {**blocks.field("what", words.label("invite.what"), element, hint=hint), "dispatch_action": True}


def _role(words: Words, draft: Draft, roles: Mapping[str, Sequence[str]]) -> Block:
    """The choice of a role, named by its options, so that a choice which they do not have any more does not stay."""
    if not roles:
        return blocks.paragraphs(words.say("modals/no_common_role").paragraphs)[0]
    kinds = {resource.kind for resource in draft.what}
    kind = next(iter(kinds)) if len(kinds) == 1 else ""
    options = [(role, role, role_allows(words, can, kind)) for role, can in roles.items()]
    element = blocks.select("role", words.label("invite.role.choose"), options, draft.role)
    return blocks.field(f"role {','.join(roles)}"[:ID], words.label("invite.role"), element)


def role_allows(words: Words, can: Sequence[str], kind: str) -> str:
    """What a role lets one do, in one line."""
    return words.say("modals/role_allows", "plain", can=can, kind=kind).text if can else ""


def _more(words: Words, draft: Draft) -> list[Block]:
    lasts = blocks.text_input("lasts", LASTS, initial=draft.lasts)
    note = blocks.text_input("note", NOTE_LIMIT, initial=draft.note, lines=True)
    hint = words.label("edit.lasts.hint")
    return [
        blocks.field("lasts", words.label("edit.lasts"), lasts, hint=hint, optional=True),
        blocks.field("note", words.label("invite.note"), note, hint=words.label("invite.note.hint"), optional=True),
    ]


def thing_option(words: Words, resource: Resource) -> Block:
    """A thing as a choice."""
    about = words.label("invite.thing", kind=words.kind(resource.kind), slug=resource.slug)
    return blocks.option(tidy(resource.title) or resource.slug, resource.id, about)
