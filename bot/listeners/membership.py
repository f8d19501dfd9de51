"""Members: who is in, removing, leaving."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Message
from bot.cards.membership import Ending, leave_message, members_message, remove_message
from bot.listeners.road import Click, Command, Desk, of_kind, page_of, two, what_of
from bot.verbs import Slot
from collab import access, events
from collab.events import Event
from collab.lists import ListMembers, MemberList, open_invitation
from collab.membership import Leave, Remove
from collab.people import NOBODY
from collab.resources import Resource


def members(desk: Desk, asked: Command) -> Message:
    """Who is in and who is invited."""
    return members_list(desk, asked, what_of(desk, asked), 0)


def press_page(desk: Desk, click: Click) -> Message:
    """Another page of members."""
    what, page = two(click.value)
    return members_list(desk, click, what, page_of(page))


def remove(desk: Desk, asked: Command) -> Message:
    """Show what a removal would end."""
    act = Remove(asked.by, asked.get(Slot.WHO), what_of(desk, asked))
    return remove_message(desk.words, _ending(desk, asked, desk.collab.preview(act, asked.at)))


def leave(desk: Desk, asked: Command) -> Message:
    """Show what a leave would end."""
    return _ask_leave(desk, asked, what_of(desk, asked))


def press_remove_ask(desk: Desk, click: Click) -> Message:
    """Remove… chosen in a list."""
    what, person = two(click.value)
    happens = desk.collab.preview(Remove(click.by, person, what), click.at)
    return remove_message(desk.words, _ending(desk, click, happens))


def press_leave_ask(desk: Desk, click: Click) -> Message:
    """Leave… chosen in a list."""
    return _ask_leave(desk, click, click.value)


def press_remove(desk: Desk, click: Click) -> Message | None:
    """Remove pressed."""
    what, person = two(click.value)
    outcome = desk.collab.perform(Remove(click.by, person, what), click.at)
    removed = outcome.first(events.MemberRemoved)
    if outcome.repeated or removed is None:
        return None
    ending = _ending(desk, click, [removed])
    return desk.tell("removed", person=ending.person, resource=ending.resource)


def press_leave(desk: Desk, click: Click) -> Message | None:
    """Leave pressed."""
    outcome = desk.collab.perform(Leave(click.by, click.value), click.at)
    left = outcome.first(events.MemberLeft)
    if outcome.repeated or left is None:
        return None
    return desk.tell("left", resource=_ending(desk, click, [left]).resource)


def press_cancel(desk: Desk, _click: Click) -> Message:
    """Cancel pressed."""
    return desk.tell("cancelled")


def members_list(desk: Desk, asked: Command | Click, what: str, page: int) -> Message:
    """A page of the people of a resource."""
    found: MemberList = desk.collab.ask(ListMembers(asked.by, what, page), asked.at)
    me = desk.me(asked.by) or NOBODY
    return members_message(desk.words, found, me.id, _manageable(desk, asked, found, me.id), page)


def _manageable(desk: Desk, asked: Command | Click, found: MemberList, me: str) -> frozenset[str]:
    with desk.facts(asked.by) as facts:
        grants = access.grantable(desk.collab.case(facts, asked.at), me, found.resource)
    mine = (c.invitation for c in found.pending if c.inviter.id == me or c.invitation.role in grants)
    return frozenset(invitation.id for invitation in mine)


def _ask_leave(desk: Desk, asked: Command | Click, what: str) -> Message:
    happens = desk.collab.preview(Leave(asked.by, what), asked.at)
    return leave_message(desk.words, _ending(desk, asked, happens))


def _ending(desk: Desk, asked: Command | Click, happens: Sequence[Event]) -> Ending:
    """What goes, with the names that words about it need."""
    end = next(e for e in happens if isinstance(e, events.MemberLeft | events.MemberRemoved))
    with desk.facts(asked.by) as facts:
        case = desk.collab.case(facts, asked.at)
        resource = facts.resource(end.resource) or Resource(end.resource, "", "", "")
        found = (facts.invitation(e.invitation) for e in of_kind(happens, events.InvitationRevoked))
        revoked = [open_invitation(facts, i, case) for i in found if i]
        person = facts.person(end.person) or NOBODY
    kind = desk.collab.kinds.get(resource.kind)
    role = kind and kind.role(end.role)
    return Ending(person, resource, end.role, role.can if role else (), revoked)
