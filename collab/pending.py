"""What needs the asker's answer: invitations, access requests, successions, and memberships that end soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collab import authorization
from collab.context import Context
from collab.limits import EXPIRY_WARNINGS
from collab.model import (
    NOBODY,
    AccessRequest,
    Invitation,
    Membership,
    Resource,
    Succession,
)
from collab.open_items import (
    ExpiringMembershipView,
    OpenItem,
    build_invitation_view,
    build_request_view,
    build_succession_view,
)
from collab.people import is_foreign
from collab.successions import list_electors

PendingItem = Invitation | AccessRequest | Succession | Membership
MAX_EXPIRING = 500


def list_pending_items(context: Context) -> list[PendingItem]:
    """Everything that needs the asker's answer: invitations first, then what others ask of them."""
    found: list[PendingItem] = [*list_pending_invitations(context)]
    if is_foreign(
        context, context.actor
    ):  # they use what they were given, and decide nothing (PER-02)
        return found
    asked, ending = _list_open_requests(context), _list_expiring_memberships(context)
    grants = (
        authorization.list_assignable_roles_by_resource(context, context.actor.id)
        if asked or ending
        else {}
    )
    found += [
        request for request in asked if request.role in grants.get(request.resource, ())
    ]
    found += _list_open_successions(context)
    return found + [
        membership
        for membership in ending
        if membership.role in grants.get(membership.resource, ())
    ]


def build_open_items(found: Sequence[PendingItem], context: Context) -> list[OpenItem]:
    """The questions with everything that words about them need, looked up in one go."""
    invitations = [each for each in found if isinstance(each, Invitation)]
    others = [each for each in found if not isinstance(each, Invitation)]
    named = {
        person
        for i in invitations
        for person in (i.person, i.inviter, i.answered_by)
        if person
    }
    context.people.get_people(named | {each.person for each in others})
    places = {place for i in invitations for place in (*i.resources, i.team) if place}
    context.resources.get_resources(places | {each.resource for each in others})
    return [_build_open_item(each, context) for each in found]


def list_pending_invitations(context: Context) -> list[Invitation]:
    """The invitations that the asker, or a team that they answer for, can answer."""
    invitees = [context.actor.id, *_list_managed_teams(context)]
    found = [
        i
        for invitee in invitees
        for i in context.invitations.list_pending_invitations_for(invitee)
        if context.at < i.expires
    ]
    return sorted(found, key=lambda i: (i.sent, i.id))


def _build_open_item(question: PendingItem, context: Context) -> OpenItem:
    repositories = context.repositories
    if isinstance(question, Invitation):
        return build_invitation_view(repositories, question, context)
    if isinstance(question, AccessRequest):
        return build_request_view(repositories, question, context)
    if isinstance(question, Succession):
        return build_succession_view(repositories, question)
    resource = repositories.resources.get_resource(question.resource) or Resource(
        question.resource, "", "", ""
    )
    return ExpiringMembershipView(
        resource, repositories.people.get_person(question.person) or NOBODY, question
    )


def _list_managed_teams(context: Context) -> list[str]:
    """The groups that the asker is in and may edit."""
    given = context.memberships.list_memberships_of(context.actor.id, context.at)
    groups = [
        r
        for m in given
        if (r := context.resources.get_resource(m.resource))
        and context.roles[r.kind].is_group
    ]
    return [
        group.id
        for group in groups
        if authorization.check(context, context.actor.id, "edit", group)
    ]


def _list_open_requests(context: Context) -> list[AccessRequest]:
    """The open requests of others."""
    return [
        r
        for r in context.access_requests.list_open_requests()
        if context.at < r.expires and r.person != context.actor.id
    ]


def _list_expiring_memberships(context: Context) -> list[Membership]:
    """The memberships of other active people that end so soon that people are warned of it (MEM-10)."""
    soon = context.at + EXPIRY_WARNINGS[0]
    due = context.memberships.list_due_memberships(soon, MAX_EXPIRING)
    ending = [
        m
        for m in due
        if m.until and context.at < m.until <= soon and m.person != context.actor.id
    ]
    people: Mapping[str, object] = {}
    if ending:
        people = {
            p.id: p
            for p in context.people.get_people({m.person for m in ending}).values()
            if p.active
        }
    return [membership for membership in ending if membership.person in people]


def _list_open_successions(context: Context) -> list[Succession]:
    """The open successions in which the asker has not chosen yet, and may (MEM-09)."""
    waiting = [
        s
        for s in context.successions.list_open_successions()
        if context.actor.id not in s.support
    ]
    if context.actor.admin or not waiting:
        return waiting
    reached = authorization.load_reachable_graph(context, context.actor.id).resources
    mine = [(s, reached[s.resource]) for s in waiting if s.resource in reached]
    return [
        s
        for s, resource in mine
        if context.actor.id in list_electors(context, resource, s.person)
    ]
