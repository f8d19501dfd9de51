"""Queries of a person who is about to answer, edit or withdraw an invitation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab import authorization, errors
from collab.command import Query
from collab.context import Context
from collab.invitations.answers import may_answer
from collab.invitations.commands import RevokeInvitation
from collab.invitations.queries import ShowInvitation
from collab.invitations.rules import (
    OWN,
    PAY,
    check_invitation_open,
    check_invitation_pending,
)
from collab.model import InvitationId
from collab.open_items import InvitationView, get_open_item
from collab.role_model import RoleModel


@dataclass(frozen=True, slots=True)
class EditableInvitation:
    """A pending invitation, and the roles that it may be changed to."""

    invitation: InvitationView
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowAnswerableInvitation(Query[InvitationView]):
    """An open invitation that the caller may answer, or decline until its day."""

    is_allowed_from_outside: ClassVar[bool] = ShowInvitation.is_allowed_from_outside

    invitation_id: InvitationId

    def answer(self, context: Context) -> InvitationView:
        """Return the invitation; raises Rejected if it is over or not the caller's."""
        view = _get_invitation(self, context)
        if not context.actor.id or not may_answer(
            context, context.actor.id, view.invitation
        ):
            raise errors.NotYours
        check_invitation_open(context, view.invitation)
        return view


@dataclass(frozen=True, slots=True)
class ShowReceivedInvitation(Query[InvitationView]):
    """An invitation of the caller in any state; an accepted one with what they have now."""

    is_allowed_from_outside: ClassVar[bool] = ShowInvitation.is_allowed_from_outside

    invitation_id: InvitationId

    def answer(self, context: Context) -> InvitationView:
        """Return the invitation; raises Rejected if there is none or another's."""
        view = get_open_item(context, self.invitation_id)
        if not isinstance(view, InvitationView):
            raise errors.UnknownInvitation
        actor_id = context.actor.id
        if not actor_id or not may_answer(context, actor_id, view.invitation):
            raise errors.NotYours
        return view


@dataclass(frozen=True, slots=True)
class ShowEditableInvitation(Query[EditableInvitation]):
    """A pending invitation with the roles that caller and inviter may assign."""

    is_allowed_from_outside: ClassVar[bool] = ShowInvitation.is_allowed_from_outside

    invitation_id: InvitationId

    def answer(self, context: Context) -> EditableInvitation:
        """Return the invitation; raises Rejected if it is over or no role is left."""
        view = _get_invitation(self, context)
        check_invitation_pending(context, view.invitation)
        assignable = [
            authorization.list_assignable_roles(context, person_id, resource)
            for person_id in (context.actor.id, view.inviter.id)
            for resource in view.resources
        ]
        roles = tuple(
            role for role in assignable[0] if all(role in each for each in assignable)
        )
        if not roles:
            raise errors.MayNotManage
        return EditableInvitation(view, roles)


@dataclass(frozen=True, slots=True)
class PreviewRevocation(Query[InvitationView]):
    """Which invitation would be withdrawn?"""

    invitation_id: InvitationId

    def answer(self, context: Context) -> InvitationView:
        """Return the invitation; raises Rejected as RevokeInvitation does."""
        RevokeInvitation(self.by, self.invitation_id).decide(context)
        return _get_invitation(self, context)


def requires_details(roles: RoleModel, view: InvitationView) -> bool:
    """Return whether accepting takes more than a yes: a payment method, or the choice
    of none.
    """
    if view.invitation.purpose == PAY or view.invitation.pays:
        return True
    return view.invitation.purpose == OWN and roles[view.resource.kind].has_plans


def _get_invitation(
    query: ShowAnswerableInvitation | ShowEditableInvitation | PreviewRevocation,
    context: Context,
) -> InvitationView:
    view = ShowInvitation(query.by, query.invitation_id).answer(context)
    if view is None:
        raise errors.UnknownInvitation
    return view
