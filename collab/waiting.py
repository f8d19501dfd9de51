"""What needs the asker's answer: invitations, access requests, successions, and memberships that end soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from collab import access
from collab.membership import Membership
from collab.offers import Invitation
from collab.people import NOBODY, is_foreign
from collab.policy import WARNINGS
from collab.requests import Request
from collab.resources import Resource
from collab.subjects import (
    OpenTerm,
    Subject,
    open_invitation,
    open_request,
    open_succession,
)
from collab.successions import Succession, electors

if TYPE_CHECKING:
    from collab.case import Case

Question = Invitation | Request | Succession | Membership
MOST_ENDING = 500


def questions_for(case: Case) -> list[Question]:
    """Everything that needs the asker's answer: invitations first, then what others ask of them."""
    found: list[Question] = [*invitations_for(case)]
    if is_foreign(case, case.actor):  # they use what they were given, and decide nothing (PER-02)
        return found
    asked, ending = _requests(case), _ending(case)
    grants = access.granting(case, case.actor.id) if asked or ending else {}
    found += [request for request in asked if request.role in grants.get(request.resource, ())]
    found += _successions(case)
    return found + [membership for membership in ending if membership.role in grants.get(membership.resource, ())]


def open_questions(found: Sequence[Question], case: Case) -> list[Subject]:
    """The questions with everything that words about them need, looked up in one go."""
    invitations = [each for each in found if isinstance(each, Invitation)]
    others = [each for each in found if not isinstance(each, Invitation)]
    named = {person for i in invitations for person in (i.person, i.inviter, i.answered_by) if person}
    case.facts.people(named | {each.person for each in others})
    places = {place for i in invitations for place in (*i.resources, i.team) if place}
    case.facts.resources(places | {each.resource for each in others})
    return [_opened(each, case) for each in found]


def invitations_for(case: Case) -> list[Invitation]:
    """The invitations that the asker, or a team that they answer for, can answer."""
    invitees = [case.actor.id, *_teams(case)]
    found = [i for invitee in invitees for i in case.facts.pending_for(invitee) if case.at < i.expires]
    return sorted(found, key=lambda i: (i.sent, i.id))


def _opened(question: Question, case: Case) -> Subject:
    facts = case.facts
    if isinstance(question, Invitation):
        return open_invitation(facts, question, case)
    if isinstance(question, Request):
        return open_request(facts, question, case)
    if isinstance(question, Succession):
        return open_succession(facts, question)
    resource = facts.resource(question.resource) or Resource(question.resource, "", "", "")
    return OpenTerm(resource, facts.person(question.person) or NOBODY, question)


def _teams(case: Case) -> list[str]:
    """The groups that the asker is in and may edit."""
    given = case.facts.memberships_of(case.actor.id, case.at)
    groups = [r for m in given if (r := case.facts.resource(m.resource)) and case.kinds[r.kind].is_group]
    return [group.id for group in groups if access.may(case, case.actor.id, "edit", group)]


def _requests(case: Case) -> list[Request]:
    """The open requests of others."""
    return [r for r in case.facts.open_requests() if case.at < r.expires and r.person != case.actor.id]


def _ending(case: Case) -> list[Membership]:
    """The memberships of other active people that end so soon that people are warned of it (MEM-10)."""
    soon = case.at + WARNINGS[0]
    due = case.facts.due_memberships(soon, MOST_ENDING)
    ending = [m for m in due if m.until and case.at < m.until <= soon and m.person != case.actor.id]
    people: Mapping[str, object] = {}
    if ending:
        people = {p.id: p for p in case.facts.people({m.person for m in ending}).values() if p.active}
    return [membership for membership in ending if membership.person in people]


def _successions(case: Case) -> list[Succession]:
    """The open successions in which the asker has not chosen yet, and may (MEM-09)."""
    waiting = [s for s in case.facts.successions() if case.actor.id not in s.support]
    if case.actor.admin or not waiting:
        return waiting
    reached = access.reach_of(case, case.actor.id).resources
    mine = [(s, reached[s.resource]) for s in waiting if s.resource in reached]
    return [s for s, resource in mine if case.actor.id in electors(case, resource, s.person)]
