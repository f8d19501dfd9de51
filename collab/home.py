"""What a person sees at home: what waits for them, what they hold, what they sent, and what happened last.

Also what needs their hand: what could not be delivered, and keys to rotate; and how to begin where there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from collab import access, requests, undelivered
from collab.keys import ShowKeys, show_keys
from collab.offers import Invitation
from collab.people import Caller, Person, is_foreign
from collab.record import EventLine, ListEvents, list_events
from collab.requests import Request
from collab.resources import Resource, may_found
from collab.subjects import OpenInvitation, OpenRequest, Subject
from collab.undelivered import Undelivered
from collab.waiting import open_questions, questions_for

if TYPE_CHECKING:
    from collab.access import Held
    from collab.case import Case

T = TypeVar("T")

ROWS = 20
RECENT = 5
LOST = 3
HELPERS = 5
FIRST = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Holding:
    """A thing with the highest role held on it; `outer` is the outermost thing that it stands in and one may view.

    `rises` when there is a higher role to be given; `invites` when one may bring others in.
    """

    resource: Resource
    role: str
    direct: bool
    outer: Resource
    rises: bool = False
    invites: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """How somebody with nothing begins: whether anything exists here, whether they may found, and whom they may ask."""

    empty: bool = False
    founds: bool = True
    helpers: Sequence[Person] = ()


@dataclass(frozen=True, slots=True)
class Abilities:
    """What may be offered to somebody: to create something, and to invite.

    Somebody `external` is of another workspace: they use what they were given, by buttons, since they have no commands.
    """

    creates: bool = True
    invites: bool = True
    external: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """Everything at home; of each list one page, of those of which there is `more` another one follows.

    What was sent are the asker's own open requests, and then their invitations. `pages` are the pages of what waits,
    what is held and what was sent, each counted from 0. Of what is `lost`, because it could not be delivered, the
    newest few stand here, and `loses` when there is more; `stale` things wait for new keys. Where there is nothing,
    `start` says how to begin.
    """

    waiting: Sequence[Subject] = ()
    waits: int = 0
    holding: Sequence[Holding] = ()
    holds: int = 0
    sent: Sequence[OpenInvitation | OpenRequest] = ()
    lines: Sequence[EventLine] = ()
    pages: tuple[int, int, int] = FIRST
    more: tuple[bool, bool, bool] = (False, False, False)
    lost: Sequence[Undelivered] = ()
    loses: bool = False
    stale: int = 0
    start: Start = Start()
    able: Abilities = Abilities()

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing yet: nothing waits, nothing is held, nothing was sent."""
        return not (self.waits or self.holds or self.sent)


@dataclass(frozen=True, slots=True)
class ShowHome:
    """What do I see at home? `pages` are those of its three lists; one behind the last shows the last."""

    by: Caller
    pages: tuple[int, int, int] = FIRST


@dataclass(frozen=True, slots=True)
class ShowAbilities:
    """What may be offered to me?"""

    by: Caller


def show_abilities(_ask: ShowAbilities, case: Case) -> Abilities:
    """Say what may be offered to the asker; somebody who was never met is not known to be a guest."""
    if is_foreign(case, case.actor):
        return Abilities(creates=False, invites=False, external=True)
    if not case.actor.guest:
        return Abilities()
    reached = access.reach_of(case, case.actor.id).resources
    roles = [
        role
        for place, held in access.holdings(case, case.actor.id).items()
        if place in reached
        for each in held
        if (role := case.kinds[reached[place].kind].role(each.role))
    ]
    return Abilities(any("create" in role.can for role in roles), any(role.grants for role in roles))


def show_home(ask: ShowHome, case: Case) -> Home:
    """What concerns the asker, in a few queries however much it is."""
    able = show_abilities(ShowAbilities(ask.by), case)
    waiting, holding = questions_for(case), _holding(case, able)
    pages = (_page(ask.pages[0], len(waiting)), _page(ask.pages[1], len(holding)), ask.pages[2])
    sent = _sent(case, pages[2])
    if pages[2] and not sent:
        pages = (*pages[:2], 0)
        sent = _sent(case, 0)
    shown = _on(pages[0], waiting)
    cards = open_questions([*shown, *sent[:ROWS]], case)
    lost = undelivered.newest(case, LOST + 1)
    found = Home(
        cards[: len(shown)],
        len(waiting),
        _on(pages[1], holding),
        len(holding),
        [card for card in cards[len(shown) :] if isinstance(card, OpenInvitation | OpenRequest)],
        list_events(ListEvents(ask.by, most=RECENT), case).lines,
        pages,
        (_more(pages[0], len(waiting)), _more(pages[1], len(holding)), len(sent) > ROWS),
        lost[:LOST],
        len(lost) > LOST,
        len(show_keys(ShowKeys(ask.by), case).found) if holding else 0,
        able=able,
    )
    return replace(found, start=_start(case)) if found.is_bare else found


def _start(case: Case) -> Start:
    helpers = [p for p in case.facts.people(case.facts.admins()[:HELPERS]).values() if p.id != case.actor.id]
    return Start(case.facts.is_empty(), may_found(case), helpers)


def _holding(case: Case, able: Abilities) -> list[Holding]:
    """Everything that the asker may view, grouped by the outermost of it."""
    held = access.holdings(case, case.actor.id)
    seen = access.visible(case, case.actor.id, held)
    by_id = {r.id: r for r in seen}
    reached = access.reach_of(case, case.actor.id).resources
    found = [_held(case, r, held[r.id], _outer(reached, by_id, r), reached) for r in seen]
    return [replace(each, rises=False, invites=False) for each in found] if able.external else found


def _held(
    case: Case, resource: Resource, roles: Sequence[Held], outer: Resource, reached: Mapping[str, Resource]
) -> Holding:
    kind = case.kinds[resource.kind]
    best = min(roles, key=lambda h: (kind.rank(h.role), not h.direct))
    rises = any(kind.rank(role.name) < kind.rank(best.role) for role in kind.given)
    grants = any(role.grants for role in kind.roles if any(h.role == role.name for h in roles))
    return Holding(resource, best.role, best.direct, outer, rises, grants and not _rests(reached, resource))


def _rests(reached: Mapping[str, Resource], resource: Resource | None) -> bool:
    """Whether it, or what it stands in, is disabled."""
    while resource and not resource.disabled:
        resource = reached.get(resource.parent or "")
    return resource is not None


def _outer(reached: Mapping[str, Resource], seen: Mapping[str, Resource], resource: Resource) -> Resource:
    """The outermost thing in sight that a resource stands in; else the resource itself."""
    outer, place = resource, reached.get(resource.parent or "")
    while place:
        outer = seen.get(place.id, outer)
        place = reached.get(place.parent or "")
    return outer


def _sent(case: Case, page: int) -> Sequence[Invitation | Request]:
    """A page of what the asker sent, and one more where there is one: their open requests before their invitations."""
    asked, start = requests.sent_by(case), page * ROWS
    shown = asked[start : start + ROWS + 1]
    skip = max(0, start - len(asked))
    return [*shown, *case.facts.sent_by(case.actor.id, ROWS + 1 - len(shown), skip)]


def _on(page: int, rows: Sequence[T]) -> Sequence[T]:
    return rows[page * ROWS : (page + 1) * ROWS]


def _page(page: int, total: int) -> int:
    return min(page, max(0, total - 1) // ROWS)


def _more(page: int, total: int) -> bool:
    return (page + 1) * ROWS < total
