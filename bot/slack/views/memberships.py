"""Members as cards: who is in, what ends when somebody goes, and another role."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.rendering import Renderer, normalize_text
from bot.slack.button_values import (
    BlockId,
    ExpiringMember,
    MemberRef,
    MenuOption,
    ResourcePage,
)
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.invitations import list_sender_actions, page_button
from bot.slack.views.invite_form import render_role_capabilities
from bot.slack.views.resources import MAX_INVITATIONS, MAX_LISTED, confirmation_controls
from collab.invitations.rules import PENDING
from collab.memberships.queries import MemberList, MemberRow
from collab.memberships.role_change import NO_IMPACT, RoleChangeImpact
from collab.model import Person, Resource
from collab.open_items import InvitationView

MENU_LABELS = {"extend": "extend_ask"}
MAX_REMAINING = 50


@dataclass(frozen=True, slots=True)
class RemainingRole:
    """What somebody still reaches: the role, and through what when it was not given there."""

    resource: Resource
    role: str
    through: Resource | None


@dataclass(frozen=True, slots=True)
class RemovalPreview:
    """What a removal or a leave would end, what it would not, and who hears of it.

    `role` is the one on the resource itself, `loses` what nothing else lets them do there, `ends` every role that goes.
    """

    person: Person
    resource: Resource
    role: str
    loses: Sequence[str]
    ends: Sequence[tuple[Resource, str]]
    remains: Sequence[RemainingRole]
    revoked: Sequence[InvitationView]
    highest: str


@dataclass(frozen=True, slots=True)
class RoleChangeDraft:
    """Another role for somebody: the one held now, those to choose from, the one chosen, and what that would take.

    `role` is empty before one is chosen. `allows` says what each role lets one do.
    """

    current_role: str
    choices: Sequence[str]
    selected_role: str = ""
    role_loss: RoleChangeImpact = NO_IMPACT
    revoked_count: int = 0
    kept_resource_ids: Collection[str] = ()
    capabilities_by_role: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberListActions:
    """What the reader of a list may do with those in it: manage these invitations, change these roles, grant those."""

    invitation_ids: frozenset[str] = frozenset()
    person_ids: frozenset[str] = frozenset()
    assignable_roles: tuple[str, ...] = ()


def members_message(
    renderer: Renderer,
    found: MemberList,
    me: str,
    allowed: MemberListActions,
    page: int,
) -> Message:
    """The people of a resource with a menu each, and those who are invited."""
    said = renderer.render("replies/members", list=found, me=me)
    heading, *lines = said.paragraphs
    menus: list[tuple[str, Block | None]] = [
        *(
            (m.person.id, _member_menu(renderer, found.resource, m, me, allowed))
            for m in found.members
        ),
        *(
            (c.invitation.id, _invitation_menu(renderer, c, allowed))
            for c in found.pending
        ),
    ]
    rows = [
        blocks.list_row(
            line,
            menu,
            BlockId("members", MemberRef(found.resource.id, key).encode()).encode(),
        )
        for line, (key, menu) in zip(lines, menus, strict=True)
    ]
    return {
        "text": blocks.truncate(said.text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [
            *blocks.section_blocks(heading),
            *rows,
            *_pagination_blocks(renderer, found, page),
        ],
    }


def removal_preview_message(renderer: Renderer, ending: RemovalPreview) -> Message:
    """What a removal would end, with the red button that does it."""
    return _removal_preview(
        renderer,
        "remove",
        ending,
        MemberRef(ending.resource.id, ending.person.id).encode(),
    )


def leave_preview_message(renderer: Renderer, ending: RemovalPreview) -> Message:
    """What a leave would end, with the red button that does it."""
    return _removal_preview(renderer, "leave", ending, ending.resource.id)


def role_change_view(
    renderer: Renderer, person: Person, resource: Resource, change: RoleChangeDraft
) -> View:
    """The window that gives somebody another role, with what the chosen one would take and what of it may be kept."""
    said = renderer.render(
        "modals/role", person=person, resource=resource, role=change.current_role
    )
    member = MemberRef(resource.id, person.id)
    label = renderer.render_label("role.role")
    options = [
        (
            name,
            name,
            render_role_capabilities(
                renderer, change.capabilities_by_role.get(name, ()), resource.kind
            ),
        )
        for name in change.choices
    ]
    choice = blocks.static_select(
        "role",
        renderer.render_label("invite.role.choose"),
        options,
        change.selected_role,
    )
    chosen = blocks.input_block(
        BlockId("role", member.encode()).encode(), label, choice
    )
    return blocks.modal_view(
        "role",
        renderer.render_label("role.title"),
        [
            *blocks.paragraph_blocks(said.paragraphs),
            {**chosen, "dispatch_action": True},
            *(
                _role_loss_blocks(renderer, person, resource, change)
                if change.selected_role
                else ()
            ),
        ],
        submit=renderer.render_label("save"),
        close=renderer.render_label("cancel"),
        private_metadata=member.encode(),
    )


def _role_loss_blocks(
    renderer: Renderer, person: Person, resource: Resource, change: RoleChangeDraft
) -> list[Block]:
    """What the chosen role would take, and the choice of what stays; its name changes with the role."""
    keepable, goes = change.role_loss.keepable, change.role_loss.goes
    more = max(0, len(goes) - MAX_LISTED)
    before, after = (
        change.capabilities_by_role.get(role, ())
        for role in (change.current_role, change.selected_role)
    )
    repositories: dict[str, Any] = {
        "keepable": len(keepable),
        "goes": goes[:MAX_LISTED],
        "more": more,
        "stays": change.role_loss.stays[:MAX_LISTED],
        "gains": [name for name in after if name not in before],
        "loses": [name for name in before if name not in after],
        "kind": resource.kind,
    }
    said = renderer.render(
        "modals/role_loses",
        person=person,
        role=change.selected_role,
        taken_back=change.revoked_count,
        **repositories,
    )
    if not keepable:
        return blocks.paragraph_blocks(said.paragraphs)
    options = [
        _kept_resource_option(renderer, thing, role)
        for thing, role in keepable[:MAX_LISTED]
    ]
    label = renderer.render_label("role.keep")
    element = blocks.multi_static_select(
        "keep",
        renderer.render_label("role.keep.choose"),
        options,
        change.kept_resource_ids,
    )
    hint = renderer.render_label("role.keep.hint")
    keep = blocks.input_block(
        BlockId("keep", change.selected_role).encode(),
        label,
        element,
        hint=hint,
        optional=True,
    )
    return [*blocks.paragraph_blocks(said.paragraphs), keep]


def _kept_resource_option(
    renderer: Renderer, thing: Resource, role: str
) -> tuple[str, ...]:
    about = renderer.render_label(
        "role.keep.thing",
        role=role,
        kind=renderer.type_name(thing.kind),
        slug=thing.slug,
    )
    return normalize_text(thing.title) or thing.slug, thing.id, about


def _removal_preview(
    renderer: Renderer, name: str, ending: RemovalPreview, value: str
) -> Message:
    shown: dict[str, Any] = {
        "endings": ending.ends[:MAX_LISTED],
        "remains": ending.remains[:MAX_REMAINING],
        "revoked": ending.revoked[:MAX_INVITATIONS],
    }
    said = renderer.render(
        f"replies/{name}_preview", ending=ending, highest=ending.highest, **shown
    )
    return blocks.build_message(
        said, confirmation_controls(renderer, name, ending.resource, value)
    )


def _member_menu(
    renderer: Renderer,
    resource: Resource,
    member: MemberRow,
    me: str,
    allowed: MemberListActions,
) -> Block:
    about = MemberRef(resource.id, member.person.id).encode()
    expiring = ExpiringMember(resource.id, member.person.id, member.until)
    mine = member.person.id == me
    options = [
        ("leave_ask", resource.id, mine and member.through is None),
        ("remove_ask", about, member.is_removable and not mine),
        ("role_ask", about, member.person.id in allowed.person_ids and not mine),
        (
            "extend",
            expiring.encode(),
            member.until is not None
            and member.role in allowed.assignable_roles
            and not mine,
        ),
        ("why_ask", about, True),
    ]
    fitting = [
        (
            renderer.render_label(MENU_LABELS.get(name, name)),
            MenuOption(name, value).encode(),
        )
        for name, value, fits in options
        if fits
    ]
    return blocks.overflow_menu(f"person:{member.person.id}", fitting)


def _invitation_menu(
    renderer: Renderer, card: InvitationView, allowed: MemberListActions
) -> Block | None:
    if card.invitation.id not in allowed.invitation_ids:
        return None
    options = [
        (renderer.render_label(name), MenuOption(name, card.invitation.id).encode())
        for name in list_sender_actions(card, PENDING)
    ]
    return blocks.overflow_menu(f"person:{card.invitation.id}", options)


def _pagination_blocks(renderer: Renderer, found: MemberList, page: int) -> list[Block]:
    if found.next_page is not None:
        return [
            page_button(
                renderer,
                "members_page",
                "next",
                ResourcePage(found.resource.id, found.next_page).encode(),
            )
        ]
    return (
        [
            page_button(
                renderer,
                "members_page",
                "first",
                ResourcePage(found.resource.id).encode(),
            )
        ]
        if page
        else []
    )
