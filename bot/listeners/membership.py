"""Members: who is in, removing, leaving."""

from __future__ import annotations

from bot.cards import Message
from bot.cards.membership import Allowed, leave_message, members_message, remove_message
from bot.cards.questions import undo_message
from bot.listeners.endings import ending
from bot.listeners.road import About, Click, Command, Desk, page_of, seeing_first, two, what_of
from bot.verbs import Slot
from collab import access, events
from collab.kinds import Kind
from collab.lists import ListMembers, Member, MemberList
from collab.membership import Leave, Remove
from collab.people import NOBODY


def members(desk: Desk, asked: Command) -> Message:
    """Who is in and who is invited."""
    return members_list(desk, asked, what_of(desk, asked), 0)


def press_page(desk: Desk, click: Click) -> Message:
    """Another page of members."""
    what, page = two(click.value)
    return members_list(desk, click, what, page_of(page))


def press_members_ask(desk: Desk, click: Click) -> Message:
    """Members chosen for a thing."""
    return members_list(desk, click, click.value, 0)


def remove(desk: Desk, asked: Command) -> Message:
    """Show what a removal would end."""
    act = Remove(asked.by, asked.get(Slot.WHO), what_of(desk, asked))
    return remove_message(desk.words, ending(desk, asked, desk.collab.preview(act, asked.at)))


def leave(desk: Desk, asked: Command) -> Message:
    """Show what a leave would end."""
    return _ask_leave(desk, asked, what_of(desk, asked))


def press_remove_ask(desk: Desk, click: Click) -> Message:
    """Remove… chosen in a list."""
    what, person = two(click.value)
    happens = desk.collab.preview(Remove(click.by, person, what), click.at)
    return remove_message(desk.words, ending(desk, click, happens))


def press_leave_ask(desk: Desk, click: Click) -> Message:
    """Leave… chosen in a list."""
    return _ask_leave(desk, click, click.value)


def press_remove(desk: Desk, click: Click) -> Message | None:
    """Remove pressed."""
    what, person = two(click.value)
    outcome = desk.perform(Remove(click.by, person, what), click.at, seeing_first(events.MemberRemoved))
    seen: About | None = outcome.seen
    if outcome.repeated or seen is None:
        return None
    said = desk.say("removed", person=seen.person, resource=seen.resource)
    return undo_message(desk.words, said, outcome.recorded[0].seq)


def press_leave(desk: Desk, click: Click) -> Message | None:
    """Leave pressed."""
    outcome = desk.perform(Leave(click.by, click.value), click.at, seeing_first(events.MemberLeft))
    seen: About | None = outcome.seen
    if outcome.repeated or seen is None:
        return None
    said = desk.say("left", resource=seen.resource)
    return undo_message(desk.words, said, outcome.recorded[0].seq)


def press_cancel(desk: Desk, _click: Click) -> Message:
    """Cancel pressed."""
    return desk.tell("cancelled")


def members_list(desk: Desk, asked: Command | Click, what: str, page: int) -> Message:
    """A page of the people of a resource."""
    found: MemberList = desk.collab.ask(ListMembers(asked.by, what, page), asked.at)
    me = desk.me(asked.by) or NOBODY
    return members_message(desk.words, found, me.id, _allowed(desk, asked, found, me.id), page)


def _allowed(desk: Desk, asked: Command | Click, found: MemberList, me: str) -> Allowed:
    """What the list offers; what it comes to is decided anew at the press."""
    with desk.facts(asked.by) as facts:
        case = desk.collab.case(facts, asked.at)
        grants = access.grantable(case, me, found.resource)
        removes = access.removable(case, me, found.resource)
    kind = desk.collab.kinds[found.resource.kind]
    mine = (c.invitation for c in found.pending if c.inviter.id == me or c.invitation.role in grants)
    people = (m.person.id for m in found.members if _may_change(kind, m, grants, removes))
    return Allowed(frozenset(invitation.id for invitation in mine), frozenset(people), grants)


def _may_change(kind: Kind, member: Member, grants: tuple[str, ...], removes: tuple[str, ...]) -> bool:
    """Whether there is a higher role to grant, or a lower one to go down to; a role from elsewhere is changed there."""
    now = kind.role(member.role)
    if now is None or (member.through and not now.only_implied):
        return False
    rank = kind.rank(member.role)
    higher = any(kind.rank(role) < rank for role in grants) and member.role != kind.highest
    below = (role for role in kind.roles[rank + 1 :] if role.only_implied or role.name in grants)
    return higher or (member.role in removes and any(True for _ in below))


def _ask_leave(desk: Desk, asked: Command | Click, what: str) -> Message:
    return leave_message(desk.words, ending(desk, asked, desk.collab.preview(Leave(asked.by, what), asked.at)))
