"""Build the previews of what ends a share, an assignment or a higher role."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.button_values import RoleChangeTarget, TeamShareTarget
from bot.slack.views import Message
from bot.slack.views.controls import confirmation_controls, preview_message
from bot.slack.views.resources import MAX_INVITATIONS, MAX_LISTED, MAX_PEOPLE_LOSING
from collab.access_loss import AccessLossPreview
from collab.impact import RoleShift
from collab.model import PersonId, ResourceId
from collab.role_model import ResourceType, RoleModel


def team_preview_message(
    renderer: Renderer,
    preview: AccessLossPreview,
    viewer_id: PersonId,
    *,
    is_renewed: bool = False,
) -> Message:
    """Return who loses access when a team's role ends, or a member's assignment in it,
    with the button that ends it.
    """
    action_id = "unassign" if preview.person.id else "unshare"
    losing = _list_own_losses_first(preview)
    text = renderer.render(
        f"replies/{action_id}_preview",
        preview=preview,
        me=viewer_id,
        losing=losing[:MAX_PEOPLE_LOSING],
        revoked=preview.changes.revoked[:MAX_INVITATIONS],
    )
    target = TeamShareTarget(
        preview.resource.id,
        preview.team.id if preview.team else ResourceId(""),
        preview.person.id or None,
    )
    controls = confirmation_controls(
        renderer, action_id, preview.resource, target.encode(), preview
    )
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def role_preview_message(
    renderer: Renderer,
    preview: AccessLossPreview,
    viewer_id: PersonId,
    roles: RoleModel,
    *,
    is_renewed: bool = False,
) -> Message:
    """Return what another role gives and takes, with the button that gives it."""
    resource, person = preview.resource, preview.person
    resource_type = roles[resource.kind]
    before = _list_abilities(resource_type, preview.before)
    after = _list_abilities(resource_type, preview.role)
    losing = [
        shift
        for shift in preview.changes.losing
        if (shift.resource.id, shift.person.id) != (resource.id, person.id)
    ]
    text = renderer.render(
        "replies/role_preview",
        preview=preview,
        me=viewer_id,
        gains=[name for name in after if name not in before],
        loses=[name for name in before if name not in after],
        losing=losing[:MAX_PEOPLE_LOSING],
        losing_count=len(losing),
        kept=preview.kept[:MAX_LISTED],
        revoked=preview.changes.revoked[:MAX_INVITATIONS],
    )
    target = RoleChangeTarget(
        resource.id, person.id, preview.role or "", tuple(preview.keep)
    )
    controls = confirmation_controls(
        renderer, "role_change", resource, target.encode(), preview
    )
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def _list_abilities(resource_type: ResourceType, name: str | None) -> tuple[str, ...]:
    """Return what a role allows, and which roles its holders may give."""
    role = resource_type.find_role(name) if name else None
    return role.capabilities_and_grants if role else ()


def _list_own_losses_first(preview: AccessLossPreview) -> list[RoleShift]:
    """Return the losses, those on the resource itself first."""
    return sorted(
        preview.changes.losing,
        key=lambda shift: shift.resource.id != preview.resource.id,
    )
