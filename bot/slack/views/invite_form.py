"""Inviting as cards: the window with its choices, and what became of each who was invited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rendering import RenderedText, Renderer, normalize_text
from bot.slack.views import Block, Message, OptionsResponse, View, blocks
from collab.limits import MAX_RESOURCES_IN_OFFER, NOTE_LIMIT
from collab.resource_pickers import ResourceOption
from collab.resources import Resource

MAX_BLOCK_ID, MAX_EMAILS_TEXT, MAX_DURATION_TEXT = 255, 3000, 20
MAX_RESULTS_TEXT = (
    40 * blocks.MAX_TEXT
)  # characters for all answers, so that they stay within a message's blocks


@dataclass(frozen=True, slots=True)
class InvitationDraft:
    """What is known of an invitation before it is sent: accounts, addresses, things, a role, a length, a note."""

    people: Sequence[str] = ()
    emails: str = ""
    resources: Sequence[Resource] = ()
    role: str = ""
    duration: str = ""
    note: str = ""


def invite_form_view(
    words: Renderer, draft: InvitationDraft, roles: Mapping[str, Sequence[str]]
) -> View:
    """The window with what is known filled in; `roles` are those to choose from, with what each lets one do."""
    if not roles and not draft.resources:
        said = words.render("modals/invite_nothing")
        shown = blocks.paragraph_blocks(said.paragraphs)
        return blocks.modal_view(
            "invite_nothing",
            words.render_label("invite.title"),
            shown,
            close=words.render_label("close"),
        )
    return blocks.modal_view(
        "invite",
        words.render_label("invite.title"),
        [
            *_people_fields(words, draft),
            _resources_field(words, draft),
            _role_field(words, draft, roles),
            *_optional_fields(words, draft),
        ],
        submit=words.render_label("invite.submit"),
        close=words.render_label("cancel"),
    )


def resource_options(
    words: Renderer, found: Sequence[ResourceOption]
) -> OptionsResponse:
    """Offer what was found by its outermost container, unless every heading would only repeat its single option."""
    if found and all(
        each.outermost and each.outermost.id == each.resource.id for each in found
    ):
        return {"options": [resource_option(words, each.resource) for each in found]}
    groups = resource_option_groups(words, found)
    return {"option_groups": groups} if groups else {"options": []}


def resource_option_groups(
    words: Renderer, found: Sequence[ResourceOption]
) -> list[Block]:
    """Group what was found by what it stands in at last."""
    groups: dict[str, tuple[str, list[Block]]] = {}
    for each in found:
        outer = each.outermost
        label = (
            (normalize_text(outer.title) or outer.slug)
            if outer
            else words.render_label("invite.alone")
        )
        groups.setdefault(outer.id if outer else "", (label, []))[1].append(
            resource_option(words, each.resource)
        )
    return [
        {"label": blocks.plain_text(label, blocks.MAX_LABEL), "options": options}
        for label, options in groups.values()
    ]


def invitation_results_message(
    words: Renderer, answers: Sequence[RenderedText]
) -> Message:
    """One answer for each of several people who were invited at once (INV-12)."""
    heading = words.render("replies/invited_each", many=len(answers))
    return {
        "text": blocks.truncate(
            "\n".join([heading.text, *(answer.text for answer in answers)]),
            blocks.MAX_MESSAGE_TEXT,
        ),
        "blocks": _result_blocks(heading, answers),
    }


def invitation_results_view(
    words: Renderer, answers: Sequence[RenderedText], *, has_changes: bool
) -> View:
    """The window after it was sent in: what became of each; whether any of it `changed` something is its title."""
    shown = blocks.paragraph_blocks(answers[0].paragraphs)
    if len(answers) > 1:
        shown = _result_blocks(
            words.render("replies/invited_each", many=len(answers)), answers
        )
    title = words.render_label("done.title" if has_changes else "wrong.title")
    return blocks.modal_view("done", title, shown, close=words.render_label("close"))


def _result_blocks(
    heading: RenderedText, answers: Sequence[RenderedText]
) -> list[Block]:
    room = MAX_RESULTS_TEXT // len(answers)
    parts = [
        blocks.truncate(part, room)
        for answer in answers
        for part in answer.paragraphs[:1]
    ]
    return [
        *blocks.paragraph_blocks(heading.paragraphs),
        *blocks.section_blocks("\n".join(f"• {part}" for part in parts)),
    ]


def _people_fields(words: Renderer, draft: InvitationDraft) -> list[Block]:
    people = blocks.multi_users_select(
        "people", words.render_label("invite.people.choose"), draft.people
    )
    emails = blocks.text_input(
        "emails",
        MAX_EMAILS_TEXT,
        initial=blocks.truncate(draft.emails, MAX_EMAILS_TEXT),
    )
    hint = words.render_label("invite.emails.hint")
    return [
        blocks.input_block(
            "people", words.render_label("invite.people"), people, optional=True
        ),
        blocks.input_block(
            "emails",
            words.render_label("invite.emails"),
            emails,
            hint=hint,
            optional=True,
        ),
    ]


def _resources_field(words: Renderer, draft: InvitationDraft) -> Block:
    chosen = [
        resource_option(words, resource)
        for resource in draft.resources[:MAX_RESOURCES_IN_OFFER]
    ]
    element = blocks.multi_external_select(
        "invite_what",
        words.render_label("invite.what.choose"),
        chosen,
        MAX_RESOURCES_IN_OFFER,
    )
    hint = words.render_label("invite.what.hint")
    return {
        **blocks.input_block(
            "what", words.render_label("invite.what"), element, hint=hint
        ),
        "dispatch_action": True,
    }


def _role_field(
    words: Renderer, draft: InvitationDraft, roles: Mapping[str, Sequence[str]]
) -> Block:
    """The choice of a role, named by its options, so that a choice which they do not have any more does not stay."""
    if not roles:
        return blocks.paragraph_blocks(
            words.render("modals/no_common_role").paragraphs
        )[0]
    kinds = {resource.kind for resource in draft.resources}
    kind = next(iter(kinds)) if len(kinds) == 1 else ""
    options = [
        (role, role, render_role_capabilities(words, can, kind))
        for role, can in roles.items()
    ]
    element = blocks.static_select(
        "role", words.render_label("invite.role.choose"), options, draft.role
    )
    return blocks.input_block(
        f"role {','.join(roles)}"[:MAX_BLOCK_ID],
        words.render_label("invite.role"),
        element,
    )


def render_role_capabilities(words: Renderer, can: Sequence[str], kind: str) -> str:
    """What a role lets one do, in one line."""
    return (
        words.render("modals/role_allows", "plain", can=can, kind=kind).text
        if can
        else ""
    )


def _optional_fields(words: Renderer, draft: InvitationDraft) -> list[Block]:
    lasts = blocks.text_input("lasts", MAX_DURATION_TEXT, initial=draft.duration)
    note = blocks.text_input("note", NOTE_LIMIT, initial=draft.note, multiline=True)
    hint = words.render_label("edit.lasts.hint")
    return [
        blocks.input_block(
            "lasts", words.render_label("edit.lasts"), lasts, hint=hint, optional=True
        ),
        blocks.input_block(
            "note",
            words.render_label("invite.note"),
            note,
            hint=words.render_label("invite.note.hint"),
            optional=True,
        ),
    ]


def resource_option(words: Renderer, resource: Resource) -> Block:
    """A thing as a choice."""
    about = words.render_label(
        "invite.thing", kind=words.type_name(resource.kind), slug=resource.slug
    )
    return blocks.option(
        normalize_text(resource.title) or resource.slug, resource.id, about
    )
