"""Queries about invitations: those that the actor can answer, sent, or may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import authorization
from collab.command import Query
from collab.context import Context
from collab.invitations.answers import may_answer
from collab.invitations.mail_progress import add_mail_progress
from collab.model import (
    Account,
    Address,
    Invitation,
    InvitationId,
    InviteeId,
    Resource,
    ResourceId,
)
from collab.open_items import (
    InvitationView,
    build_invitation_view,
    build_invitation_views,
)
from collab.people import list_named_people
from collab.resource_lookup import resolve_resource
from collab.text import normalize_for_comparison

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class InvitationList:
    """Invitations that the actor can answer or call off, or, if `sent`, a page of those
    that they sent.

    `next_page` is None on the last page.
    """

    invitations: Sequence[InvitationView]
    sent: bool
    next_page: int | None = None


@dataclass(frozen=True, slots=True)
class ListInvitations(Query[InvitationList]):
    """List the invitations that the actor can answer, or sent, or the pending ones of
    `who` on `what`.

    Without `who`, `what` selects the invitations to a resource by id, slug or name.
    """

    is_allowed_from_outside: ClassVar[bool] = True

    sent: bool = False
    what: str | None = None
    who: Account | Address | None = None
    page: int = 0

    def answer(self, context: Context) -> InvitationList:
        """Return the invitations, oldest first; those that the actor sent by page,
        newest first.
        """
        if self.who is not None:
            pending = _list_pending_of_person(context, self.who, self.what or "")
            return InvitationList(build_invitation_views(pending, context), self.sent)
        if not self.sent:
            views = build_invitation_views(list_pending_invitations(context), context)
            return InvitationList(_select_by_name(views, self.what), sent=False)
        sent = context.invitations.list_invitations_sent_by(
            context.actor.id, PAGE_SIZE + 1, self.page * PAGE_SIZE
        )
        views = add_mail_progress(
            context, build_invitation_views(sent[:PAGE_SIZE], context)
        )
        return InvitationList(
            _select_by_name(views, self.what),
            sent=True,
            next_page=self.page + 1 if len(sent) > PAGE_SIZE else None,
        )


@dataclass(frozen=True, slots=True)
class ShowInvitation(Query[InvitationView | None]):
    """Show one invitation."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: InvitationId

    def answer(self, context: Context) -> InvitationView | None:
        """Return an invitation to its inviter, to who may answer it and to who may view
        its resource; else None.
        """
        invitation = context.invitations.get_invitation(self.invitation)
        if invitation is None:
            return None
        view = build_invitation_view(context.repositories, invitation, context)
        actor_id = context.actor.id
        if (
            actor_id == invitation.inviter
            or may_answer(context, actor_id, invitation)
            or authorization.check(context, actor_id, "view", view.resource)
        ):
            return view
        return None


def list_pending_invitations(context: Context) -> list[Invitation]:
    """Return the pending invitations that the actor can answer, for themselves or for a
    team, oldest first; then the handovers that they agreed to, until their day.
    """
    invitees: list[InviteeId] = [context.actor.id, *_list_managed_team_ids(context)]
    pending = [
        invitation
        for invitee in invitees
        for invitation in context.invitations.list_pending_invitations_for(invitee)
        if context.at < invitation.expires
    ]
    return sorted(
        pending, key=lambda each: (each.agreed is not None, each.sent, each.id)
    )


def _list_managed_team_ids(context: Context) -> list[ResourceId]:
    """Return the teams that the actor is a member of and may edit."""
    memberships = context.memberships.list_memberships_of(context.actor.id, context.at)
    team_ids: list[ResourceId] = []
    for membership in memberships:
        resource = context.resources.get_resource(membership.resource)
        if resource is None or not context.roles[resource.kind].is_group:
            continue
        if authorization.check(context, context.actor.id, "edit", resource):
            team_ids.append(resource.id)
    return team_ids


def _list_pending_of_person(
    context: Context, who: Account | Address, what: str
) -> list[Invitation]:
    """Return a person's pending invitations to a resource."""
    named_ids = {each.id for each in list_named_people(context, who)}
    resource = resolve_resource(context, what)
    pending = context.invitations.list_pending_invitations_on(resource.id)
    return [invitation for invitation in pending if invitation.person in named_ids]


def _select_by_name(
    views: Sequence[InvitationView], what: str | None
) -> Sequence[InvitationView]:
    """Return the invitations to a resource of that id, slug or name; all of them where
    `what` is None.
    """
    if what is None:
        return views
    name = normalize_for_comparison(what)
    return [
        view
        for view in views
        if any(_has_name(resource, name) for resource in view.resources)
    ]


def _has_name(resource: Resource, name: str) -> bool:
    return name in (
        resource.id.casefold(),
        resource.slug,
        normalize_for_comparison(resource.title),
    )
