"""Build the views of memberships: lists, previews of a removal, and role changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.rendering import Audience, RenderedText, Renderer, escape_plain, normalize_text
from bot.slack.button_values import (
    BlockId,
    ExpiringMember,
    MemberRef,
    MenuOption,
    ResourcePage,
    RoleFormMetadata,
    ShownPreview,
)
from bot.slack.commands.slots import Slot
from bot.slack.forms.fields import Control, Field
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.controls import (
    add_changed_line,
    confirmation_controls,
    labelled_button,
    pagination_blocks,
    preview_message,
)
from bot.slack.views.fields import FormPart, form_view
from bot.slack.views.invitations import invitation_options, list_sender_actions
from bot.slack.views.pickers import render_role_capabilities
from bot.slack.views.resources import MAX_INVITATIONS, MAX_LISTED
from collab.invitations.rules import AGREED, PENDING
from collab.memberships.member_actions import MemberListActions
from collab.memberships.queries import MemberList, MemberRow
from collab.memberships.role_change import NO_IMPACT, RoleChangeImpact
from collab.model import Person, PersonId, Resource, ResourceId
from collab.open_items import ExpiringMembershipView, InvitationView
from collab.removal_impact import RemovalPreview

ENDING_SOON = "soon"
MENU_LABELS = {"extend": "extend_ask", "open_page": "page.all_access"}
MAX_REMAINING = 50


@dataclass(frozen=True, slots=True)
class RoleChangeDraft:
    """A form that changes a person's role: the choices, and what the selected one ends.

    `selected_role` is empty before one is selected. `digest` is that of what is shown;
    `is_renewed`: what was saved has changed since it was shown. `list_url` leads to the
    list from which the form was opened, if it can be updated.
    """

    current_role: str
    choices: Sequence[str]
    selected_role: str = ""
    role_loss: RoleChangeImpact = NO_IMPACT
    revoked_count: int = 0
    kept_resource_ids: Collection[ResourceId] = ()
    capabilities_by_role: Mapping[str, Sequence[str]] = field(default_factory=dict)
    digest: str = ""
    is_renewed: bool = False
    list_url: str = ""


def members_message(
    renderer: Renderer,
    member_list: MemberList,
    viewer_id: PersonId,
    allowed: MemberListActions,
    page: int,
) -> Message:
    """Return a page of the members of a resource and its invitees, with their menus."""
    resource = member_list.resource
    text = renderer.render("replies/members", list=member_list, me=viewer_id)
    heading, *lines = text.paragraphs
    menus: list[tuple[str, Block | None]] = []
    for member in member_list.members:
        menu = _member_menu(renderer, resource, member, viewer_id, allowed)
        menus.append((member.person.id, menu))
    for card in member_list.pending:
        invitation_menu = _invitation_menu(renderer, card, allowed)
        menus.append((card.invitation.id, invitation_menu))
    roles = [
        *(each.role for each in member_list.members),
        *("" for _ in member_list.pending),
    ]
    rows: list[Block] = []
    role_above: str | None = None
    for line, (row_id, shown_menu), role in zip(lines, menus, roles, strict=True):
        if role != role_above:
            rows += _role_heading(renderer, role)
            role_above = role
        block_id = BlockId("members", f"{resource.id} {row_id}").encode()
        rows.append(blocks.list_row(line, shown_menu, block_id))
    current = ResourcePage(resource.id, page)
    pagination = pagination_blocks(
        renderer, "members_page", current, member_list.next_page
    )
    return {
        "text": blocks.truncate(text.text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [*blocks.section_blocks(heading), *rows, *pagination],
    }


def _role_heading(renderer: Renderer, role: str) -> list[Block]:
    """Return the heading of those with one role; without one, of those invited."""
    heading = renderer.render("replies/members_role", role=role)
    return blocks.section_blocks(heading.paragraphs[0])


def extend_controls(
    renderer: Renderer,
    card: ExpiringMembershipView,
    state: str = ENDING_SOON,
    origin: str = "term",
) -> list[Block]:
    """Return the button that extends memberships that end soon, else nothing."""
    if state != ENDING_SOON:
        return []
    resource_id, person_id = card.resource.id, card.person.id
    expires_at = card.membership.until if card.membership else None
    others = tuple(resource.id for resource in card.others)
    value = ExpiringMember(resource_id, person_id, expires_at, others).encode()
    label = "extend.all" if others else "extend"
    extend = labelled_button(renderer, "extend", value, label=label, style="primary")
    block_id = BlockId(origin, MemberRef(resource_id, person_id).encode()).encode()
    return [blocks.actions_block(block_id, extend)]


def undoable_message(renderer: Renderer, text: RenderedText, seq: int) -> Message:
    """Return what was done, with the button that undoes the event `seq`."""
    undo = labelled_button(renderer, "undo", str(seq))
    return blocks.build_message(text, blocks.actions_block("undo", undo))


def removal_preview_message(
    renderer: Renderer, preview: RemovalPreview, *, is_renewed: bool = False
) -> Message:
    """Return what a removal would end, with the button that confirms it."""
    target = MemberRef(preview.resource.id, preview.person.id).encode()
    return _ending_message(renderer, "remove", preview, target, is_renewed=is_renewed)


def leave_preview_message(
    renderer: Renderer, preview: RemovalPreview, *, is_renewed: bool = False
) -> Message:
    """Return what leaving would end, with the button that confirms it."""
    target = preview.resource.id
    return _ending_message(renderer, "leave", preview, target, is_renewed=is_renewed)


def role_change_view(
    renderer: Renderer, person: Person, resource: Resource, draft: RoleChangeDraft
) -> View:
    """Return the form that changes a person's role.

    Once a role is selected, the form shows what it ends and what can be kept of it.
    """
    options = [
        (
            renderer.role_name(role),
            role,
            render_role_capabilities(
                renderer, draft.capabilities_by_role.get(role, ()), resource.kind
            ),
        )
        for role in draft.choices
    ]
    value = MemberRef(resource.id, person.id).encode()
    role = Field(
        Slot.ROLE,
        Control.SELECT,
        "role.role",
        draft.selected_role,
        options,
        placeholder=renderer.render_label("invite.role.choose"),
        depends_on=value,
        updates_form=True,
    )
    text = renderer.render(
        "modals/role", person=person, resource=resource, role=draft.current_role
    )
    if draft.is_renewed:
        text = add_changed_line(renderer, text)
    parts: list[FormPart] = [text, role]
    if draft.selected_role:
        parts += _role_loss_parts(renderer, person, resource, draft)
    return form_view(
        renderer,
        "role",
        parts,
        submit="save",
        private_metadata=RoleFormMetadata(
            ShownPreview(draft.digest, value), draft.list_url
        ).encode(),
    )


def _role_loss_parts(
    renderer: Renderer, person: Person, resource: Resource, draft: RoleChangeDraft
) -> list[FormPart]:
    """Return what the selected role ends, and the select of what is kept."""
    impact = draft.role_loss
    before = draft.capabilities_by_role.get(draft.current_role, ())
    after = draft.capabilities_by_role.get(draft.selected_role, ())
    text = renderer.render(
        "modals/role_loses",
        person=person,
        role=draft.selected_role,
        taken_back=draft.revoked_count,
        keepable=len(impact.keepable),
        goes=impact.goes[:MAX_LISTED],
        more=max(0, len(impact.goes) - MAX_LISTED),
        stays=impact.stays[:MAX_LISTED],
        gains=[name for name in after if name not in before],
        loses=[name for name in before if name not in after],
        kind=resource.kind,
    )
    if impact.keepable:
        return [text, _kept_resources_field(renderer, draft)]
    return [text]


def _kept_resources_field(renderer: Renderer, draft: RoleChangeDraft) -> Field:
    """Return the select of resources on which the person keeps a role."""
    options = [
        _kept_resource_option(renderer, resource, role)
        for resource, role in draft.role_loss.keepable[:MAX_LISTED]
    ]
    return Field(
        Slot.RESOURCES_TO_KEEP,
        Control.MULTI_SELECT,
        "role.keep",
        ",".join(draft.kept_resource_ids),
        options,
        hint_key="role.keep.hint",
        placeholder=renderer.render_label("role.keep.choose"),
        is_optional=True,
        depends_on=draft.selected_role,
    )


def _kept_resource_option(
    renderer: Renderer, resource: Resource, role: str
) -> tuple[str, ...]:
    description = renderer.render_label(
        "role.keep.thing",
        role=renderer.role_name(role),
        kind=renderer.type_name(resource.kind),
        slug=resource.slug,
    )
    return normalize_text(resource.title) or resource.slug, resource.id, description


def _ending_message(
    renderer: Renderer,
    action_id: str,
    preview: RemovalPreview,
    target: str,
    *,
    is_renewed: bool,
) -> Message:
    text = render_ending(renderer, action_id, preview)
    controls = confirmation_controls(
        renderer, action_id, preview.resource, target, preview
    )
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def render_ending(
    renderer: Renderer,
    action_id: str,
    preview: RemovalPreview,
    audience: Audience = "person",
) -> RenderedText:
    """Return what leaving or a removal would end; `action_id` is one of the two."""
    return renderer.render(
        f"replies/{action_id}_preview",
        audience,
        ending=preview,
        highest=preview.highest,
        endings=preview.ends[:MAX_LISTED],
        remains=preview.remains[:MAX_REMAINING],
        revoked=preview.revoked[:MAX_INVITATIONS],
    )


def _member_menu(
    renderer: Renderer,
    resource: Resource,
    member: MemberRow,
    viewer_id: PersonId,
    allowed: MemberListActions,
) -> Block:
    values = _member_action_values(resource, member, viewer_id, allowed)
    options = [
        (
            renderer.render_label(MENU_LABELS.get(name, name)),
            MenuOption(name, value).encode(),
        )
        for name, value in values.items()
    ]
    if member.through and member.through.title:
        title = escape_plain(member.through.title)
        label = renderer.render_label("next.open", what=title)
        options.append((label, MenuOption("open_page", member.through.id).encode()))
    return blocks.overflow_menu(f"person:{member.person.id}", options)


def _member_action_values(
    resource: Resource,
    member: MemberRow,
    viewer_id: PersonId,
    allowed: MemberListActions,
) -> dict[str, str]:
    """Return the actions that the viewer has on a member, with their values."""
    value = MemberRef(resource.id, member.person.id).encode()
    if member.person.id == viewer_id:
        leave = {"leave_ask": resource.id} if member.through is None else {}
        return {**leave, "why_ask": value, "open_page": member.person.id}
    values = {}
    if member.is_removable:
        values["remove_ask"] = value
    if member.person.id in allowed.person_ids:
        values["role_ask"] = value
    may_extend = member.until and member.through is None
    if may_extend and member.role in allowed.assignable_roles:
        expiring = ExpiringMember(resource.id, member.person.id, member.until)
        values["extend"] = expiring.encode()
    return {**values, "why_ask": value, "open_page": member.person.id}


def _invitation_menu(
    renderer: Renderer, card: InvitationView, allowed: MemberListActions
) -> Block | None:
    invitation_id = card.invitation.id
    if invitation_id not in allowed.invitation_ids:
        return None
    state = AGREED if card.invitation.agreed else PENDING
    actions = list_sender_actions(card, state)
    options = invitation_options(
        renderer, actions, invitation_id, is_agreed=state == AGREED
    )
    return blocks.overflow_menu(f"person:{invitation_id}", options)
