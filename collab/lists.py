"""Questions that change nothing: who is in, what waits, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collab import access
from collab.answers import answers_for
from collab.channels import linked_resource
from collab.offers import Invitation
from collab.people import NOBODY, Account, Address, Caller, Person, recognise
from collab.resources import Resource, find
from collab.subjects import OpenInvitation, open_invitation

if TYPE_CHECKING:
    from collab.access import Held
    from collab.case import Case

PAGE = 20


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with the role they hold; `removable` when the asker may remove them.

    `through` is where the role comes from when it was not given here.
    """

    person: Person
    role: str
    until: datetime | None
    removable: bool
    through: Resource | None = None


@dataclass(frozen=True, slots=True)
class MemberList:
    """The people of a resource and then those who are asked to be, a page of them; `next_page` is where to go on."""

    resource: Resource
    members: Sequence[Member]
    pending: Sequence[OpenInvitation]
    total: int
    next_page: int | None


@dataclass(frozen=True, slots=True)
class InvitationList:
    """Invitations that wait for the asker, or a page of those that they sent; `next_page` is where to go on."""

    invitations: Sequence[OpenInvitation]
    sent: bool
    next_page: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """What waits for the asker and what they hold."""

    waiting: Sequence[OpenInvitation]
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
    """Whoever may view a resource sees its people and whom it waits for."""
    resource = find(case, ask.what)
    everybody = _by_person(case, resource)
    waiting = [i for i in case.facts.pending_on(resource.id) if case.at < i.expires]
    first, last = ask.page * PAGE, (ask.page + 1) * PAGE
    removable = access.removable(case, case.actor.id, resource)
    until = {m.person: m.until for m in case.facts.members(resource.id, case.at)}
    members = [
        Member(
            case.facts.person(held.person) or NOBODY,
            held.role,
            until.get(held.person),
            held.role in removable and held.person != case.actor.id,
            _from(case, held),
        )
        for held in everybody[first:last]
    ]
    pending = waiting[max(0, first - len(everybody)) : max(0, last - len(everybody))]
    more = ask.page + 1 if len(everybody) + len(waiting) > last else None
    return MemberList(resource, members, [open_invitation(case.facts, i, case) for i in pending], len(everybody), more)


def _by_person(case: Case, resource: Resource) -> list[Held]:
    """Everybody once: by the role that they were given here, else by the highest that follows from others."""
    found: dict[str, Held] = {}
    for held in access.everybody(case, resource):
        if held.person not in found or (held.direct and not found[held.person].direct):
            found[held.person] = held
    return list(found.values())


def _from(case: Case, held: Held) -> Resource | None:
    return None if held.direct else case.facts.resource(held.path[0].resource)


def list_invitations(ask: ListInvitations, case: Case) -> InvitationList:
    """What waits for the asker; or, as `sent`, what they sent, or what waits on a resource for somebody."""
    found: Sequence[Invitation]
    if ask.who is not None:
        person = recognise(case, ask.who)[0].id
        found = [i for i in case.facts.pending_on(find(case, ask.what or "").id) if i.person == person]
    elif ask.sent:
        found = case.facts.sent_by(case.actor.id, PAGE + 1, ask.page * PAGE)
    else:
        found = waiting_for(case)
    more = ask.page + 1 if ask.sent and len(found) > PAGE else None
    shown = [open_invitation(case.facts, i, case) for i in (found[:PAGE] if ask.sent else found)]
    fitting = [i for i in shown if ask.what is None or ask.who or any(_fits(r, ask.what) for r in i.resources)]
    return InvitationList(fitting, ask.sent, more)


def show_overview(ask: ShowOverview, case: Case) -> Overview:  # noqa: ARG001 - every question has this form
    """What waits for the asker and what they hold."""
    waiting = waiting_for(case)
    mine = case.facts.memberships_of(case.actor.id, case.at)
    holds = [(r, m.role) for m in mine if (r := case.facts.resource(m.resource)) and not r.gone]
    return Overview([open_invitation(case.facts, i, case) for i in waiting], holds)


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


def waiting_for(case: Case) -> list[Invitation]:
    """What waits for the asker's own answer, and for that of the teams that they answer for."""
    mine = [case.actor.id, *_teams(case)]
    found = [i for invitee in mine for i in case.facts.pending_for(invitee) if case.at < i.expires]
    return sorted(found, key=lambda i: (i.sent, i.id))


def _teams(case: Case) -> list[str]:
    """The groups that the asker is in and may edit."""
    given = case.facts.memberships_of(case.actor.id, case.at)
    groups = [r for m in given if (r := case.facts.resource(m.resource)) and case.kinds[r.kind].is_group]
    return [group.id for group in groups if access.may(case, case.actor.id, "edit", group)]


def _fits(resource: Resource, what: str) -> bool:
    return what.casefold() in (resource.id.casefold(), resource.slug, resource.title.casefold())
