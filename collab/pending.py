"""What needs the asker's answer: invitations, access requests, successions, and memberships that end soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from collab import authorization
from collab.access_requests import AccessRequest
from collab.invitations.rules import Invitation
from collab.limits import EXPIRY_WARNINGS
from collab.memberships.commands import Membership
from collab.open_items import (
    ExpiringMembershipView,
    OpenItem,
    build_invitation_view,
    build_request_view,
    build_succession_view,
)
from collab.people import NOBODY, is_foreign
from collab.resources import Resource
from collab.successions import Succession, list_electors

if TYPE_CHECKING:
    from collab.context import Context

PendingItem = Invitation | AccessRequest | Succession | Membership
MAX_EXPIRING = 500


def list_pending_items(case: Context) -> list[PendingItem]:
    """Everything that needs the asker's answer: invitations first, then what others ask of them."""
    found: list[PendingItem] = [*list_pending_invitations(case)]
    if is_foreign(
        case, case.actor
    ):  # they use what they were given, and decide nothing (PER-02)
        return found
    asked, ending = _list_open_requests(case), _list_expiring_memberships(case)
    grants = (
        authorization.list_assignable_roles_by_resource(case, case.actor.id)
        if asked or ending
        else {}
    )
    found += [
        request for request in asked if request.role in grants.get(request.resource, ())
    ]
    found += _list_open_successions(case)
    return found + [
        membership
        for membership in ending
        if membership.role in grants.get(membership.resource, ())
    ]


def build_open_items(found: Sequence[PendingItem], case: Context) -> list[OpenItem]:
    """The questions with everything that words about them need, looked up in one go."""
    invitations = [each for each in found if isinstance(each, Invitation)]
    others = [each for each in found if not isinstance(each, Invitation)]
    named = {
        person
        for i in invitations
        for person in (i.person, i.inviter, i.answered_by)
        if person
    }
    case.repositories.get_people(named | {each.person for each in others})
    places = {place for i in invitations for place in (*i.resources, i.team) if place}
    case.repositories.get_resources(places | {each.resource for each in others})
    return [_build_open_item(each, case) for each in found]


def list_pending_invitations(case: Context) -> list[Invitation]:
    """The invitations that the asker, or a team that they answer for, can answer."""
    invitees = [case.actor.id, *_list_managed_teams(case)]
    found = [
        i
        for invitee in invitees
        for i in case.repositories.list_pending_invitations_for(invitee)
        if case.at < i.expires
    ]
    return sorted(found, key=lambda i: (i.sent, i.id))


def _build_open_item(question: PendingItem, case: Context) -> OpenItem:
    facts = case.repositories
    if isinstance(question, Invitation):
        return build_invitation_view(facts, question, case)
    if isinstance(question, AccessRequest):
        return build_request_view(facts, question, case)
    if isinstance(question, Succession):
        return build_succession_view(facts, question)
    resource = facts.get_resource(question.resource) or Resource(
        question.resource, "", "", ""
    )
    return ExpiringMembershipView(
        resource, facts.get_person(question.person) or NOBODY, question
    )


def _list_managed_teams(case: Context) -> list[str]:
    """The groups that the asker is in and may edit."""
    given = case.repositories.list_memberships_of(case.actor.id, case.at)
    groups = [
        r
        for m in given
        if (r := case.repositories.get_resource(m.resource))
        and case.roles[r.kind].is_group
    ]
    return [
        group.id
        for group in groups
        if authorization.check(case, case.actor.id, "edit", group)
    ]


def _list_open_requests(case: Context) -> list[AccessRequest]:
    """The open requests of others."""
    return [
        r
        for r in case.repositories.list_open_requests()
        if case.at < r.expires and r.person != case.actor.id
    ]


def _list_expiring_memberships(case: Context) -> list[Membership]:
    """The memberships of other active people that end so soon that people are warned of it (MEM-10)."""
    soon = case.at + EXPIRY_WARNINGS[0]
    due = case.repositories.list_due_memberships(soon, MAX_EXPIRING)
    ending = [
        m
        for m in due
        if m.until and case.at < m.until <= soon and m.person != case.actor.id
    ]
    people: Mapping[str, object] = {}
    if ending:
        people = {
            p.id: p
            for p in case.repositories.get_people({m.person for m in ending}).values()
            if p.active
        }
    return [membership for membership in ending if membership.person in people]


def _list_open_successions(case: Context) -> list[Succession]:
    """The open successions in which the asker has not chosen yet, and may (MEM-09)."""
    waiting = [
        s
        for s in case.repositories.list_open_successions()
        if case.actor.id not in s.support
    ]
    if case.actor.admin or not waiting:
        return waiting
    reached = authorization.load_access_graph(case, case.actor.id).resources
    mine = [(s, reached[s.resource]) for s in waiting if s.resource in reached]
    return [
        s
        for s, resource in mine
        if case.actor.id in list_electors(case, resource, s.person)
    ]
