"""Inviting as cards: the window with its choices, and what became of each who was invited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rendering import RenderedText, Renderer, normalize_text
from bot.slack.views import Block, Message, OptionsResponse, View, blocks
from collab.limits import MAX_RESOURCES_IN_OFFER, NOTE_LIMIT
from collab.model import Resource
from collab.resource_pickers import ResourceOption

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
    renderer: Renderer, draft: InvitationDraft, roles: Mapping[str, Sequence[str]]
) -> View:
    """The window with what is known filled in; `roles` are those to choose from, with what each lets one do."""
    if not roles and not draft.resources:
        said = renderer.render("modals/invite_nothing")
        shown = blocks.paragraph_blocks(said.paragraphs)
        return blocks.modal_view(
            "invite_nothing",
            renderer.render_label("invite.title"),
            shown,
            close=renderer.render_label("close"),
        )
    return blocks.modal_view(
        "invite",
        renderer.render_label("invite.title"),
        [
            *_people_fields(renderer, draft),
            _resources_field(renderer, draft),
            _role_field(renderer, draft, roles),
            *_optional_fields(renderer, draft),
        ],
        submit=renderer.render_label("invite.submit"),
        close=renderer.render_label("cancel"),
    )


def resource_options(
    renderer: Renderer, found: Sequence[ResourceOption]
) -> OptionsResponse:
    """Offer what was found by its outermost container, unless every heading would only repeat its single option."""
    if found and all(
        each.outermost and each.outermost.id == each.resource.id for each in found
    ):
        return {"options": [resource_option(renderer, each.resource) for each in found]}
    groups = resource_option_groups(renderer, found)
    return {"option_groups": groups} if groups else {"options": []}


def resource_option_groups(
    renderer: Renderer, found: Sequence[ResourceOption]
) -> list[Block]:
    """Group what was found by what it stands in at last."""
    groups: dict[str, tuple[str, list[Block]]] = {}
    for each in found:
        outer = each.outermost
        label = (
            (normalize_text(outer.title) or outer.slug)
            if outer
            else renderer.render_label("invite.alone")
        )
        groups.setdefault(outer.id if outer else "", (label, []))[1].append(
            resource_option(renderer, each.resource)
        )
    return [
        {"label": blocks.plain_text(label, blocks.MAX_LABEL), "options": options}
        for label, options in groups.values()
    ]


def invitation_results_message(
    renderer: Renderer, answers: Sequence[RenderedText]
) -> Message:
    """One answer for each of several people who were invited at once (INV-12)."""
    heading = renderer.render("replies/invited_each", many=len(answers))
    return {
        "text": blocks.truncate(
            "\n".join([heading.text, *(answer.text for answer in answers)]),
            blocks.MAX_MESSAGE_TEXT,
        ),
        "blocks": _result_blocks(heading, answers),
    }


def invitation_results_view(
    renderer: Renderer, answers: Sequence[RenderedText], *, has_changes: bool
) -> View:
    """The window after it was sent in: what became of each; whether any of it `changed` something is its title."""
    shown = blocks.paragraph_blocks(answers[0].paragraphs)
    if len(answers) > 1:
        shown = _result_blocks(
            renderer.render("replies/invited_each", many=len(answers)), answers
        )
    title = renderer.render_label("done.title" if has_changes else "wrong.title")
    return blocks.modal_view("done", title, shown, close=renderer.render_label("close"))


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


def _people_fields(renderer: Renderer, draft: InvitationDraft) -> list[Block]:
    people = blocks.multi_users_select(
        "people", renderer.render_label("invite.people.choose"), draft.people
    )
    emails = blocks.text_input(
        "emails",
        MAX_EMAILS_TEXT,
        initial=blocks.truncate(draft.emails, MAX_EMAILS_TEXT),
    )
    hint = renderer.render_label("invite.emails.hint")
    return [
        blocks.input_block(
            "people", renderer.render_label("invite.people"), people, optional=True
        ),
        blocks.input_block(
            "emails",
            renderer.render_label("invite.emails"),
            emails,
            hint=hint,
            optional=True,
        ),
    ]


def _resources_field(renderer: Renderer, draft: InvitationDraft) -> Block:
    chosen = [
        resource_option(renderer, resource)
        for resource in draft.resources[:MAX_RESOURCES_IN_OFFER]
    ]
    element = blocks.multi_external_select(
        "invite_what",
        renderer.render_label("invite.what.choose"),
        chosen,
        MAX_RESOURCES_IN_OFFER,
    )
    hint = renderer.render_label("invite.what.hint")
    return {
        **blocks.input_block(
            "what", renderer.render_label("invite.what"), element, hint=hint
        ),
        "dispatch_action": True,
    }


def _role_field(
    renderer: Renderer, draft: InvitationDraft, roles: Mapping[str, Sequence[str]]
) -> Block:
    """The choice of a role, named by its options, so that a choice which they do not have any more does not stay."""
    if not roles:
        return blocks.paragraph_blocks(
            renderer.render("modals/no_common_role").paragraphs
        )[0]
    kinds = {resource.kind for resource in draft.resources}
    kind = next(iter(kinds)) if len(kinds) == 1 else ""
    options = [
        (role, role, render_role_capabilities(renderer, can, kind))
        for role, can in roles.items()
    ]
    element = blocks.static_select(
        "role", renderer.render_label("invite.role.choose"), options, draft.role
    )
    return blocks.input_block(
        f"role {','.join(roles)}"[:MAX_BLOCK_ID],
        renderer.render_label("invite.role"),
        element,
    )


def render_role_capabilities(renderer: Renderer, can: Sequence[str], kind: str) -> str:
    """What a role lets one do, in one line."""
    return (
        renderer.render("modals/role_allows", "plain", can=can, kind=kind).text
        if can
        else ""
    )


def _optional_fields(renderer: Renderer, draft: InvitationDraft) -> list[Block]:
    lasts = blocks.text_input("lasts", MAX_DURATION_TEXT, initial=draft.duration)
    note = blocks.text_input("note", NOTE_LIMIT, initial=draft.note, multiline=True)
    hint = renderer.render_label("edit.lasts.hint")
    return [
        blocks.input_block(
            "lasts",
            renderer.render_label("edit.lasts"),
            lasts,
            hint=hint,
            optional=True,
        ),
        blocks.input_block(
            "note",
            renderer.render_label("invite.note"),
            note,
            hint=renderer.render_label("invite.note.hint"),
            optional=True,
        ),
    ]


def resource_option(renderer: Renderer, resource: Resource) -> Block:
    """A thing as a choice."""
    about = renderer.render_label(
        "invite.thing", kind=renderer.type_name(resource.kind), slug=resource.slug
    )
    return blocks.option(
        normalize_text(resource.title) or resource.slug, resource.id, about
    )
