"""Roles: giving somebody who is in another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.cards import Message, View, blocks
from bot.cards.membership import Change, role_view
from bot.cards.resources import LISTED, done_view
from bot.listeners.road import (
    About,
    Click,
    Command,
    Desk,
    Submission,
    WrongField,
    about_event,
    of_kind,
    several,
    two,
    what_of,
    wrong,
)
from bot.verbs import Slot
from bot.words import Said
from collab import access, events, refusals
from collab.case import Case
from collab.keeping import Losing, ShowLosing, held_inside
from collab.membership import ChangeRole
from collab.people import Person
from collab.resources import Resource
from collab.service import Outcome


def role(desk: Desk, asked: Command) -> Message:
    """Give somebody another role, at once (MEM-03)."""
    keep = asked.get(Slot.KEEP) or ()
    act = ChangeRole(asked.by, asked.get(Slot.WHO), asked.get(Slot.ROLE), what_of(desk, asked), keep)
    return blocks.message(_changed(desk, desk.perform(act, asked.at, _see_change)))


def press_role_ask(desk: Desk, click: Click) -> None:
    """Change role… chosen in a list: a window with what the rules allow."""
    what, person = two(click.value)
    click.open_view(_window(desk, click, what, person, ""))


def press_role(desk: Desk, click: Click) -> None:
    """Another role chosen in the window: it shows what that would take."""
    what, person = two(two(click.origin)[1])
    click.update_view(_window(desk, click, what, person, click.value))


def submit_role(desk: Desk, sent: Submission) -> View:
    """The window sent in; it says what came of it."""
    what, person = two(sent.about)
    role, field, keep = _filled(sent)
    if not role:
        chosen = next((name for name in sent.values if two(name)[0] == "role"), "role")
        raise WrongField(chosen, desk.words.label("field.needed"))
    act = ChangeRole(sent.by, person, role, what, keep)
    try:
        outcome = desk.perform(act, sent.at, _see_change)
    except refusals.NothingFollows as nothing:
        if field:
            raise wrong(desk, field, nothing, sent.by) from nothing
        raise
    return done_view(desk.words, _changed(desk, outcome))


def _filled(sent: Submission) -> tuple[str, str, tuple[str, ...]]:
    """The role that was chosen; the field of what is kept, where there is one, and what was chosen there."""
    role = next((value for field, value in sent.values.items() if two(field)[0] == "role"), "")
    kept = {field: value for field, value in sent.values.items() if two(field)[0] == "keep"}
    return role, next(iter(kept), ""), tuple(several(",".join(kept.values())))


def _window(desk: Desk, click: Click, what: str, person: str, role: str) -> View:
    with desk.facts(click.by) as facts:
        found, resource = facts.person(person), facts.resource(what)
    if found is None or resource is None:
        raise refusals.UnknownResource(what)
    choices = list(_choices(desk, click, found, resource))
    now, kind = _now(desk, click, found, resource), desk.collab.kinds[resource.kind]
    allows = {name: known.abilities for name in (now, *choices) if (known := kind.role(name))}
    change = Change(now, choices, allows=allows)
    if role in choices:
        losing = _losing(desk, click, found, resource, role)
        taken_back = _taken_back(desk, click, ChangeRole(click.by, found.id, role, resource.id))
        change = replace(change, role=role, losing=losing, taken_back=taken_back)
    return role_view(desk.words, found, resource, change)


def _losing(desk: Desk, click: Click, person: Person, resource: Resource, role: str) -> Losing:
    losing: Losing = desk.collab.ask(ShowLosing(click.by, person.id, role, resource.id), click.at)
    return losing


def _taken_back(desk: Desk, click: Click, act: ChangeRole) -> int:
    """How many invitations the change would take back, when nothing is kept."""
    try:
        return len(of_kind(desk.collab.preview(act, click.at), events.InvitationRevoked))
    except refusals.NothingFollows:
        return 0


def _choices(desk: Desk, click: Click, person: Person, resource: Resource) -> Iterator[str]:
    """Every role that the rules let the presser give this person now; the refusal when there is none.

    A role that follows only from what they keep is among them, when there is something to keep.
    """
    refused: refusals.Refused | None = None
    found = False
    for each in desk.collab.kinds[resource.kind].roles:
        try:
            desk.collab.preview(ChangeRole(click.by, person.id, each.name, resource.id), click.at)
        except refusals.AlreadyHolds:
            continue
        except refusals.Refused as said:
            refused = said
            follows = isinstance(said, refusals.NothingFollows)
            if not (follows and _losing(desk, click, person, resource, each.name).keepable):
                continue
        found = True
        yield each.name
    if not found:
        raise refused or refusals.NotAMember(person.id, resource.title)


def _now(desk: Desk, click: Click, person: Person, resource: Resource) -> str:
    with desk.facts(click.by) as facts:
        case = desk.collab.case(facts, click.at)
        held = sorted(access.roles(case, person.id, resource), key=lambda h: not h.direct)
        return held[0].role


def _see_change(case: Case, outcome: Outcome) -> tuple[About, list[tuple[Resource, str]]]:
    """Look at the change, and after a lower role at what the person still holds directly inside (MEM-02)."""
    change = outcome.first(events.MemberRoleChanged) or outcome.first(events.MemberJoined)
    resource, before = case.facts.resource(change.resource), getattr(change, "before", None)
    if resource is None or before is None:
        return about_event(case, change), []
    rank = case.kinds[resource.kind].rank
    is_lower = rank(change.role) > rank(before)
    return about_event(case, change), held_inside(case, change.person, resource, case.actor.id) if is_lower else []


def _changed(desk: Desk, outcome: Outcome) -> Said:
    happened = [recorded.event for recorded in outcome.recorded]
    seen, kept = outcome.seen
    change, resource, person = seen.event, seen.resource, seen.person
    kind = desk.collab.kinds.get(resource.kind)
    given = kind and kind.role(change.role)
    return desk.say(
        "role_changed",
        person=person,
        resource=resource,
        role=change.role,
        before=getattr(change, "before", None),
        can_do=given.abilities if given else (),
        kept=kept[:LISTED],
        more=max(0, len(kept) - LISTED),
        taken_back=len(of_kind(happened, events.InvitationRevoked)),
    )
