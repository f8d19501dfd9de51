"""Roles: giving somebody who is in another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.cards import Message, View, blocks
from bot.cards.membership import role_view
from bot.cards.resources import done_view
from bot.listeners.road import Click, Command, Desk, Submission, of_kind, two, what_of
from bot.verbs import Slot
from bot.words import Said
from collab import access, events, refusals
from collab.membership import ChangeRole
from collab.people import NOBODY, Person
from collab.resources import Resource
from collab.service import Outcome


def role(desk: Desk, asked: Command) -> Message:
    """Give somebody another role, at once (MEM-03)."""
    keep = asked.get(Slot.KEEP) or ()
    act = ChangeRole(asked.by, asked.get(Slot.WHO), asked.get(Slot.ROLE), what_of(desk, asked), keep)
    return blocks.message(_changed(desk, asked, desk.collab.perform(act, asked.at), keep))


def press_role_ask(desk: Desk, click: Click) -> None:
    """Change role… chosen in a list: a window with what the rules allow."""
    what, person = two(click.value)
    with desk.facts(click.by) as facts:
        found, resource = facts.person(person), facts.resource(what)
    if found is None or resource is None:
        raise refusals.UnknownResource(what)
    choices = list(_choices(desk, click, found, resource))
    click.open_view(role_view(desk.words, found, resource, _now(desk, click, found, resource), choices))


def submit_role(desk: Desk, sent: Submission) -> View:
    """The window sent in; it says what came of it."""
    what, person = two(sent.about)
    act = ChangeRole(sent.by, person, sent.values.get("role", ""), what)
    return done_view(desk.words, _changed(desk, sent, desk.collab.perform(act, sent.at)))


def _choices(desk: Desk, click: Click, person: Person, resource: Resource) -> Iterator[str]:
    """Every role that the rules let the presser give this person now; the refusal when there is none."""
    refused: refusals.Refused | None = None
    found = False
    for each in desk.collab.kinds[resource.kind].roles:
        try:
            desk.collab.preview(ChangeRole(click.by, person.id, each.name, resource.id), click.at)
        except refusals.AlreadyHolds:
            continue
        except refusals.Refused as said:
            refused = said
        else:
            found = True
            yield each.name
    if not found:
        raise refused or refusals.NotAMember(person.id, resource.title)


def _now(desk: Desk, click: Click, person: Person, resource: Resource) -> str:
    with desk.facts(click.by) as facts:
        case = desk.collab.case(facts, click.at)
        held = sorted(access.roles(case, person.id, resource), key=lambda h: not h.direct)
        return held[0].role


def _changed(desk: Desk, asked: Command | Submission, outcome: Outcome, keep: Sequence[str] = ()) -> Said:
    happened = [recorded.event for recorded in outcome.recorded]
    change: Any = outcome.first(events.MemberRoleChanged) or outcome.first(events.MemberJoined)
    with desk.facts(asked.by) as facts:
        resource = facts.resource(change.resource) or Resource(change.resource, "", "", "")
        person = facts.person(change.person) or NOBODY
        case = desk.collab.case(facts, asked.at)
        inside = [found for what in keep if (found := facts.resource_called(what))]
        kept = [(inner, held.role) for inner in inside if (held := access.held(case, person.id, inner))]
    kind = desk.collab.kinds.get(resource.kind)
    given = kind and kind.role(change.role)
    return desk.say(
        "role_changed",
        person=person,
        resource=resource,
        role=change.role,
        before=getattr(change, "before", None),
        can_do=given.can if given else (),
        kept=kept,
        taken_back=len(of_kind(happened, events.InvitationRevoked)),
    )
