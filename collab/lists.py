"""Questions that change nothing: who is in, what waits, what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collab import access
from collab.answers import answers_for
from collab.channels import linked_resource
from collab.offers import Invitation
from collab.people import Account, Address, Caller, Person, is_foreign, recognise
from collab.resources import Resource, find
from collab.subjects import OpenInvitation, Subject, open_invitation, open_invitations
from collab.text import comparable
from collab.waiting import invitations_for, open_questions, questions_for

if TYPE_CHECKING:
    from collab.access import Held
    from collab.case import Case

PAGE = 20


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with the role they hold; `removable` when the asker may remove them.

    `through` is where the role comes from when it was not given here, without its names when the asker may not view it.
    A `guest` is one of the workspace; who `is_foreign` is of another one.
    """

    person: Person
    role: str
    until: datetime | None
    removable: bool
    through: Resource | None = None
    guest: bool = False
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class MemberList:
    """The people of a resource and then those who are asked to be, a page of them; `next_page` is where to go on.

    `total` are all who hold a role there. Addresses are shown to whoever may grant a role there alone (MEM-13).
    """

    resource: Resource
    members: Sequence[Member]
    pending: Sequence[OpenInvitation]
    total: int
    next_page: int | None
    shows_addresses: bool = False


@dataclass(frozen=True, slots=True)
class InvitationList:
    """Invitations that wait for the asker, or a page of those that they sent; `next_page` is where to go on."""

    invitations: Sequence[OpenInvitation]
    sent: bool
    next_page: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that needs the asker's answer, and what they hold."""

    waiting: Sequence[Subject]
    holds: Sequence[tuple[Resource, str]]


@dataclass(frozen=True, slots=True)
class ListMembers:
    """Who is in, and who is asked to be; `page` counts from 0."""

    by: Caller
    what: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class ListInvitations:
    """What waits for me, or what I sent; with `what` or `who` only what fits."""

    by: Caller
    sent: bool = False
    what: str | None = None
    who: Account | Address | None = None
    page: int = 0


@dataclass(frozen=True, slots=True)
class ShowOverview:
    """What waits for me and what I hold."""

    by: Caller


@dataclass(frozen=True, slots=True)
class ShowInvitation:
    """One invitation that concerns the asker."""

    by: Caller
    invitation: str


@dataclass(frozen=True, slots=True)
class ShowLinked:
    """The resource that a channel hears of."""

    by: Caller
    channel: str


def list_members(ask: ListMembers, case: Case) -> MemberList:
    """Everybody who is in, by role and then by name, and then those who are asked to be (MEM-13)."""
    resource, start = find(case, ask.what), ask.page * PAGE
    everybody = _highest(case, resource)
    shown = _page(case, resource, everybody, start)
    removable = access.removable(case, case.actor.id, resource)
    given = {m.person: m for m in case.facts.members_among(resource.id, [p.id for p, _ in shown], case.at)}
    members = [
        Member(
            person,
            held.role,
            given[person.id].until if held.direct else None,
            held.role in removable and person.id != case.actor.id,
            None if held.direct else _from(case, held),
            person.guest,
            is_foreign(case, person),
        )
        for person, held in shown
    ]
    room, skip = PAGE - len(shown), max(0, start - len(everybody))
    pending = case.facts.page_of_pending(resource.id, case.at, skip, room + 1)
    more = ask.page + 1 if len(everybody) > start + PAGE or len(pending) > room else None
    waiting = open_invitations(pending[:room], case)
    may_grant = bool(access.grantable(case, case.actor.id, resource))
    return MemberList(resource, members, waiting, len(everybody), more, may_grant)


def _highest(case: Case, resource: Resource) -> dict[str, Held]:
    """Everybody who holds a role there, with the one that was given, or else the highest that follows from others."""
    found: dict[str, Held] = {}
    for held in access.everybody(case, resource):
        if held.person not in found or held.direct:
            found[held.person] = held
    return found


def _page(case: Case, resource: Resource, everybody: Mapping[str, Held], start: int) -> list[tuple[Person, Held]]:
    """A page of them, by the table's order of roles and then by name; no more names are read than that takes."""
    shown: list[tuple[Person, Held]] = []
    for role in case.kinds[resource.kind].roles:
        alike = [held for held in everybody.values() if held.role == role.name]
        if start < len(alike) and len(shown) < PAGE:
            people = case.facts.people([held.person for held in alike])
            named = [(people[held.person], held) for held in alike]
            named.sort(key=lambda each: (comparable(each[0].title or each[0].email or ""), each[0].id))
            shown += named[start : start + PAGE - len(shown)]
        start = max(0, start - len(alike))
    return shown


def _from(case: Case, held: Held) -> Resource | None:
    found = case.facts.resource(held.path[0].resource)
    return access.as_known(case, found) if found else None


def list_invitations(ask: ListInvitations, case: Case) -> InvitationList:
    """What waits for the asker; or, as `sent`, what they sent, or what waits on a resource for somebody."""
    found: Sequence[Invitation]
    if ask.who is not None:
        person = recognise(case, ask.who)[0].id
        found = [i for i in case.facts.pending_on(find(case, ask.what or "").id) if i.person == person]
    elif ask.sent:
        found = case.facts.sent_by(case.actor.id, PAGE + 1, ask.page * PAGE)
    else:
        found = invitations_for(case)
    more = ask.page + 1 if ask.sent and len(found) > PAGE else None
    shown = open_invitations(found[:PAGE] if ask.sent else found, case)
    fitting = [i for i in shown if ask.what is None or ask.who or any(_fits(r, ask.what) for r in i.resources)]
    return InvitationList(fitting, ask.sent, more)


def show_overview(ask: ShowOverview, case: Case) -> Overview:  # noqa: ARG001 - every question has this form
    """What waits for the asker and what they hold."""
    mine = case.facts.memberships_of(case.actor.id, case.at)
    holds = [(r, m.role) for m in mine if (r := case.facts.resource(m.resource)) and not r.gone]
    return Overview(open_questions(questions_for(case), case), holds)


def show_invitation(ask: ShowInvitation, case: Case) -> OpenInvitation | None:
    """An invitation to those whom it concerns: invited, inviter, or whoever may view the resource."""
    found = case.facts.invitation(ask.invitation)
    if found is None:
        return None
    shown = open_invitation(case.facts, found, case)
    concerned = case.actor.id == found.inviter or answers_for(case, case.actor.id, found)
    return shown if concerned or access.may(case, case.actor.id, "view", shown.resource) else None


def show_linked(ask: ShowLinked, case: Case) -> Resource:
    """The one resource that the channel hears of and the asker may view."""
    return linked_resource(case, ask.channel)


def _fits(resource: Resource, what: str) -> bool:
    return comparable(what) in (resource.id.casefold(), resource.slug, comparable(resource.title))
