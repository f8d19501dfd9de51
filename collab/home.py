"""What a person sees at home: what waits for them, what they hold, what they sent, and what happened last.

Also what needs their hand: what could not be delivered, and keys to rotate; and how to begin where there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

from collab import access_requests, accessible_resources
from collab.audit_log import EventLine, ListEvents
from collab.command import Query
from collab.context import Context
from collab.key_rotation import ListStaleKeys
from collab.model import AccessRequest, EffectiveRole, Invitation, Person, Resource
from collab.notifications import failed as failed_deliveries
from collab.notifications.failed import FailedDelivery
from collab.open_items import AccessRequestView, InvitationView, OpenItem
from collab.pending import build_open_items, list_pending_items
from collab.people import is_foreign
from collab.resource_rules import may_create_at_top_level

Row = TypeVar("Row")

PAGE_SIZE = 20
RECENT_EVENT_COUNT = 5
MAX_SHOWN_FAILURES = 3
MAX_HELPERS = 5
FIRST_PAGES = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class HomeResource:
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
class GettingStarted:
    """How somebody with nothing begins: whether anything exists here, whether they may found, and whom they may ask."""

    empty: bool = False
    founds: bool = True
    helpers: Sequence[Person] = ()


@dataclass(frozen=True, slots=True)
class OfferedActions:
    """What may be offered to somebody: to create something, and to invite.

    Somebody `external` is of another workspace: they use what they were given, by buttons, since they have no commands.
    """

    creates: bool = True
    invites: bool = True
    external: bool = False


@dataclass(frozen=True, slots=True)
class HomeView:
    """Everything at home; of each list one page, of those of which there is `more` another one follows.

    What was sent are the asker's own open requests, and then their invitations. `pages` are the pages of what waits,
    what is held and what was sent, each counted from 0. Of what is `lost`, because it could not be delivered, the
    newest few stand here, and `loses` when there is more; `stale` things wait for new keys. Where there is nothing,
    `start` says how to begin.
    """

    waiting: Sequence[OpenItem] = ()
    waits: int = 0
    holding: Sequence[HomeResource] = ()
    holds: int = 0
    sent: Sequence[InvitationView | AccessRequestView] = ()
    lines: Sequence[EventLine] = ()
    pages: tuple[int, int, int] = FIRST_PAGES
    more: tuple[bool, bool, bool] = (False, False, False)
    lost: Sequence[FailedDelivery] = ()
    loses: bool = False
    stale: int = 0
    start: GettingStarted = GettingStarted()
    able: OfferedActions = OfferedActions()

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing yet: nothing waits, nothing is held, nothing was sent."""
        return not (self.waits or self.holds or self.sent)


@dataclass(frozen=True, slots=True)
class ShowHome(Query[HomeView]):
    """What do I see at home? `pages` are those of its three lists; one behind the last shows the last."""

    is_allowed_from_outside: ClassVar[bool] = True

    pages: tuple[int, int, int] = FIRST_PAGES

    def answer(self, context: Context) -> HomeView:
        """What concerns the asker, in a few queries however much it is."""
        able = ShowOfferedActions(self.by).answer(context)
        waiting, holding = (
            list_pending_items(context),
            _list_home_resources(context, able),
        )
        pages = (
            _clamp_page(self.pages[0], len(waiting)),
            _clamp_page(self.pages[1], len(holding)),
            self.pages[2],
        )
        submission = _list_sent_page(context, pages[2])
        if pages[2] and not submission:
            pages = (*pages[:2], 0)
            submission = _list_sent_page(context, 0)
        shown = _slice_page(pages[0], waiting)
        cards = build_open_items([*shown, *submission[:PAGE_SIZE]], context)
        lost = failed_deliveries.list_newest_failures(context, MAX_SHOWN_FAILURES + 1)
        found = HomeView(
            cards[: len(shown)],
            len(waiting),
            _slice_page(pages[1], holding),
            len(holding),
            [
                card
                for card in cards[len(shown) :]
                if isinstance(card, InvitationView | AccessRequestView)
            ],
            ListEvents(self.by, limit=RECENT_EVENT_COUNT).answer(context).lines,
            pages,
            (
                _has_next_page(pages[0], len(waiting)),
                _has_next_page(pages[1], len(holding)),
                len(submission) > PAGE_SIZE,
            ),
            lost[:MAX_SHOWN_FAILURES],
            len(lost) > MAX_SHOWN_FAILURES,
            len(ListStaleKeys(self.by).answer(context).found) if holding else 0,
            able=able,
        )
        return (
            replace(found, start=_build_getting_started(context))
            if found.is_bare
            else found
        )


@dataclass(frozen=True, slots=True)
class ShowOfferedActions(Query[OfferedActions]):
    """What may be offered to me?"""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> OfferedActions:
        """Say what may be offered to the asker; somebody who was never met is not known to be a guest."""
        if is_foreign(context, context.actor):
            return OfferedActions(creates=False, invites=False, external=True)
        if not context.actor.guest:
            return OfferedActions()
        reached = accessible_resources.load_reachable_graph(
            context, context.actor.id
        ).resources
        roles = [
            role
            for place, held in accessible_resources.list_effective_roles_by_resource(
                context, context.actor.id
            ).items()
            if place in reached
            for each in held
            if (role := context.roles[reached[place].kind].find_role(each.role))
        ]
        return OfferedActions(
            any("create" in role.capabilities for role in roles),
            any(role.grants for role in roles),
        )


def _build_getting_started(context: Context) -> GettingStarted:
    helpers = [
        p
        for p in context.people.get_people(
            context.people.list_admin_ids()[:MAX_HELPERS]
        ).values()
        if p.id != context.actor.id
    ]
    return GettingStarted(
        context.resources.is_empty(), may_create_at_top_level(context), helpers
    )


def _list_home_resources(context: Context, able: OfferedActions) -> list[HomeResource]:
    """Everything that the asker may view, grouped by the outermost of it."""
    held = accessible_resources.list_effective_roles_by_resource(
        context, context.actor.id
    )
    seen = accessible_resources.list_visible_resources(context, context.actor.id, held)
    by_id = {r.id: r for r in seen}
    reached = accessible_resources.load_reachable_graph(
        context, context.actor.id
    ).resources
    found = [
        _build_home_resource(
            context, r, held[r.id], _find_outermost_visible(reached, by_id, r), reached
        )
        for r in seen
    ]
    return (
        [replace(each, rises=False, invites=False) for each in found]
        if able.external
        else found
    )


def _build_home_resource(
    context: Context,
    resource: Resource,
    roles: Sequence[EffectiveRole],
    outer: Resource,
    reached: Mapping[str, Resource],
) -> HomeResource:
    kind = context.roles[resource.kind]
    best = min(roles, key=lambda h: (kind.get_rank(h.role), not h.is_direct))
    rises = any(
        kind.get_rank(role.name) < kind.get_rank(best.role)
        for role in kind.assignable_roles
    )
    grants = any(
        role.grants for role in kind.roles if any(h.role == role.name for h in roles)
    )
    return HomeResource(
        resource,
        best.role,
        best.is_direct,
        outer,
        rises,
        grants and not _is_disabled(reached, resource),
    )


def _is_disabled(reached: Mapping[str, Resource], resource: Resource | None) -> bool:
    """Whether it, or what it stands in, is disabled."""
    while resource and not resource.disabled:
        resource = reached.get(resource.parent or "")
    return resource is not None


def _find_outermost_visible(
    reached: Mapping[str, Resource], seen: Mapping[str, Resource], resource: Resource
) -> Resource:
    """The outermost thing in sight that a resource stands in; else the resource itself."""
    outer, place = resource, reached.get(resource.parent or "")
    while place:
        outer = seen.get(place.id, outer)
        place = reached.get(place.parent or "")
    return outer


def _list_sent_page(
    context: Context, page: int
) -> Sequence[Invitation | AccessRequest]:
    """A page of what the asker sent, and one more where there is one: their open requests before their invitations."""
    asked, start = access_requests.list_sent_requests(context), page * PAGE_SIZE
    shown = asked[start : start + PAGE_SIZE + 1]
    skip = max(0, start - len(asked))
    return [
        *shown,
        *context.invitations.list_invitations_sent_by(
            context.actor.id, PAGE_SIZE + 1 - len(shown), skip
        ),
    ]


def _slice_page(page: int, rows: Sequence[Row]) -> Sequence[Row]:
    return rows[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]


def _clamp_page(page: int, total: int) -> int:
    return min(page, max(0, total - 1) // PAGE_SIZE)


def _has_next_page(page: int, total: int) -> bool:
    return (page + 1) * PAGE_SIZE < total
