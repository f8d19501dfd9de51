"""A person's Home: what needs them, their resources, what they sent, and recent events.

What needs them are questions to answer, messages that could not be delivered, and keys
to rotate. New people see how to begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import ClassVar, TypeVar

from collab import access_requests, accessible_resources
from collab.access_graph import EffectiveRole, ReachableGraph
from collab.command import Query
from collab.context import Context
from collab.event_log import EventLine
from collab.first_steps import MAX_RESOURCES, FirstSteps, find_first_steps
from collab.invitations.mail_progress import add_mail_progress
from collab.key_rotation import ListStaleKeys
from collab.model import AccessRequest, Caller, Invitation, Person, Resource, ResourceId
from collab.notifications import failed as failed_deliveries
from collab.notifications.failed import FailedDelivery
from collab.open_items import AccessRequestView, InvitationView, OpenItem
from collab.pending import build_open_items, list_pending_items, split_agreed
from collab.people import is_foreign
from collab.recent_events import list_recent_events
from collab.resource_rules import may_create_at_top_level
from collab.role_derivation import iterate_containers
from collab.role_model import Role

Row = TypeVar("Row")

PAGE_SIZE = 20
RECENT_EVENT_COUNT = 3
MAX_SHOWN_FAILURES = 3
MAX_HELPERS = 5
FIRST_PAGES = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class HomeResource:
    """A resource with the actor's highest role on it.

    `outer` is the outermost container that they may view, `via` the resource of the
    membership from which a derived role follows. `invites`: the actor may invite
    others, `links`: they may link channels.
    """

    resource: Resource
    role: str
    direct: bool
    outer: Resource
    invites: bool = False
    links: bool = False
    via: Resource | None = None


@dataclass(frozen=True, slots=True)
class GettingStarted:
    """How to begin: whether nothing exists, whether the actor may create a company, and
    who can help.
    """

    empty: bool = False
    founds: bool = True
    helpers: Sequence[Person] = ()


@dataclass(frozen=True, slots=True)
class OfferedActions:
    """What may be offered to a person: to create something, to invite, to link channels.

    `external`: they are of another workspace and have buttons, but no commands.
    `admin`: they are an admin of the Slack workspace.
    """

    creates: bool = True
    invites: bool = True
    links: bool = True
    external: bool = False
    admin: bool = False


NOTHING_OFFERED = OfferedActions(
    creates=False, invites=False, links=False, external=True
)


@dataclass(frozen=True, slots=True)
class KeysToRotate:
    """The resources whose keys the actor is to rotate.

    Those that nobody in particular is to rotate count too. `due` is the first day by
    which the actor is to have done it.
    """

    resources: Sequence[Resource] = ()
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class HomeView:
    """Everything at Home, one page of each list.

    `pages` counts the pages of the pending items, the resources and what was sent,
    from 0; `more` tells of which there is a next one. `pending_count` and
    `resource_count` count all pages, `resource_counts` the resources by kind,
    `unanswered_count` everything sent that has no answer. `sent` are the actor's open
    requests, then their invitations. `agreed` are the handovers that they agreed to and
    can call off until their day. `failures` are the newest messages that could not
    be delivered. `start` is filled when the lists are empty, `steps` until a person who
    may create a company has taken the first steps.
    """

    pending_items: Sequence[OpenItem] = ()
    pending_count: int = 0
    resources: Sequence[HomeResource] = ()
    resource_count: int = 0
    sent: Sequence[InvitationView | AccessRequestView] = ()
    lines: Sequence[EventLine] = ()
    pages: tuple[int, int, int] = FIRST_PAGES
    more: tuple[bool, bool, bool] = (False, False, False)
    failures: Sequence[FailedDelivery] = ()
    has_more_failures: bool = False
    keys: KeysToRotate = KeysToRotate()
    resource_counts: Mapping[str, int] = field(default_factory=dict)
    unanswered_count: int = 0
    start: GettingStarted = GettingStarted()
    steps: FirstSteps | None = None
    actions: OfferedActions = OfferedActions()
    agreed: Sequence[InvitationView] = ()

    @property
    def is_bare(self) -> bool:
        """Whether nothing is pending, no role is assigned and nothing was sent."""
        is_anything_open = self.pending_count or self.agreed or self.sent
        return not (is_anything_open or self.resource_count)

    @property
    def needs_count(self) -> int:
        """How many rows need the actor, on all pages; keys to rotate are one."""
        return self.pending_count + len(self.failures) + bool(self.keys.resources)


@dataclass(frozen=True, slots=True)
class ShowHome(Query[HomeView]):
    """Show the actor's Home; a page behind the last one shows the last."""

    is_allowed_from_outside: ClassVar[bool] = True

    pages: tuple[int, int, int] = FIRST_PAGES

    def answer(self, context: Context) -> HomeView:
        """Return what concerns the actor, read by a few statements however much it is."""
        self._read_ahead(context)
        actions = ShowOfferedActions(self.by).answer(context)
        pending, agreed = split_agreed(list_pending_items(context))
        agreed = agreed[:PAGE_SIZE]
        resources = _list_home_resources(context, actions)
        actions = _narrow_actions(actions, resources)
        pending_page = _clamp_page(self.pages[0], len(pending))
        resource_page = _clamp_page(self.pages[1], len(resources))
        sent_page, sent = _find_sent_page(context, self.pages[2])
        pending_shown = _slice_page(pending_page, pending)
        shown = [*pending_shown, *agreed, *sent[:PAGE_SIZE]]
        items = iter(build_open_items(shown, context))
        failures = failed_deliveries.list_newest_failures(
            context, MAX_SHOWN_FAILURES + 1
        )
        home = HomeView(
            pending_items=list(islice(items, len(pending_shown))),
            pending_count=len(pending),
            resources=_slice_page(resource_page, resources),
            resource_count=len(resources),
            agreed=_select_invitations(islice(items, len(agreed))),
            sent=_add_mail_progress(context, _select_sent(items)),
            lines=list_recent_events(self.by, context, RECENT_EVENT_COUNT),
            pages=(pending_page, resource_page, sent_page),
            more=(
                _has_next_page(pending_page, len(pending)),
                _has_next_page(resource_page, len(resources)),
                len(sent) > PAGE_SIZE,
            ),
            failures=failures[:MAX_SHOWN_FAILURES],
            has_more_failures=len(failures) > MAX_SHOWN_FAILURES,
            keys=_find_keys_to_rotate(self.by, context)
            if resources
            else KeysToRotate(),
            resource_counts=Counter(row.resource.kind for row in resources),
            unanswered_count=_count_unanswered(context),
            actions=actions,
        )
        if home.is_bare:
            start = _build_getting_started(context)
            steps = FirstSteps() if start.founds else None
            return replace(home, start=start, steps=steps)
        return replace(home, steps=_find_steps_of_owner(context, resources))

    def _read_ahead(self, context: Context) -> None:
        """Read with two statements most of what Home shows."""
        accessible_resources.load_reachable_graph(context, context.actor.id)
        context.repositories.read_together(
            (
                lambda: list_pending_items(context),
                lambda: _list_sent_page(context, self.pages[2]),
                lambda: _count_pending_invitations(context),
                lambda: failed_deliveries.list_newest_failures(
                    context, MAX_SHOWN_FAILURES + 1
                ),
                lambda: ListStaleKeys(self.by).answer(context),
                lambda: list_recent_events(self.by, context, RECENT_EVENT_COUNT),
            )
        )


@dataclass(frozen=True, slots=True)
class ShowOfferedActions(Query[OfferedActions]):
    """Show what may be offered to the actor."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> OfferedActions:
        """Return everything for a member, and for a guest what their roles allow."""
        if is_foreign(context, context.actor):
            return NOTHING_OFFERED
        if not context.actor.guest:
            return OfferedActions(admin=context.actor.admin)
        reachable = accessible_resources.load_reachable_graph(
            context, context.actor.id
        ).resources
        roles_by_resource = accessible_resources.list_effective_roles_by_resource(
            context, context.actor.id
        )
        roles: list[Role] = []
        for resource_id, effective_roles in roles_by_resource.items():
            resource = reachable.get(resource_id)
            if resource is None:
                continue
            kind = context.roles[resource.kind]
            known_roles = map(kind.find_role, (e.role for e in effective_roles))
            roles += filter(None, known_roles)
        return OfferedActions(
            creates=any("create" in role.capabilities for role in roles),
            invites=any(role.grants for role in roles),
            links=any("edit" in role.capabilities for role in roles),
        )


def _narrow_actions(
    actions: OfferedActions, resources: Sequence[HomeResource]
) -> OfferedActions:
    """Return what may be offered to whoever has these resources."""
    return replace(
        actions,
        invites=actions.invites and any(row.invites for row in resources),
        links=actions.links and any(row.links for row in resources),
    )


def _find_steps_of_owner(
    context: Context, resources: Sequence[HomeResource]
) -> FirstSteps | None:
    """Return the open first steps of who owns one company and has little more."""
    if len(resources) > MAX_RESOURCES:
        return None
    owned = [row.resource for row in resources if _is_owned_company(context, row)]
    if len(owned) != 1:
        return None
    visible_ids = {row.resource.id for row in resources}
    return find_first_steps(context, owned[0], visible_ids)


def _is_owned_company(context: Context, row: HomeResource) -> bool:
    kind = context.roles[row.resource.kind]
    return kind.is_reservable and row.direct and row.role == kind.highest_role


def _find_keys_to_rotate(by: Caller, context: Context) -> KeysToRotate:
    """Return the keys that others are not to rotate."""
    stale = ListStaleKeys(by).answer(context)
    mine: list[Resource] = []
    due_times: list[datetime] = []
    for resource, _ in stale.found:
        owner = stale.owners.get(resource.id)
        if owner and owner.person.id != context.actor.id:
            continue
        mine.append(resource)
        if owner:
            due_times.append(owner.due)
    return KeysToRotate(mine, min(due_times, default=None))


def _count_unanswered(context: Context) -> int:
    """Return how many requests and invitations of the actor have no answer."""
    requests = access_requests.list_sent_requests(context)
    return len(requests) + _count_pending_invitations(context)


def _count_pending_invitations(context: Context) -> int:
    return context.invitations.count_pending_invitations_by(
        context.actor.id, context.at
    )


def _build_getting_started(context: Context) -> GettingStarted:
    admin_ids = context.people.list_admin_ids()[:MAX_HELPERS]
    admins = context.people.get_people(admin_ids).values()
    return GettingStarted(
        empty=context.resources.is_empty(),
        founds=may_create_at_top_level(context),
        helpers=[admin for admin in admins if admin.id != context.actor.id],
    )


def _list_home_resources(
    context: Context, actions: OfferedActions
) -> list[HomeResource]:
    """Return every resource that the actor may view, grouped by the outermost
    container.
    """
    actor_id = context.actor.id
    roles = accessible_resources.list_effective_roles_by_resource(context, actor_id)
    visible = accessible_resources.list_visible_resources(context, actor_id, roles)
    visible_ids = frozenset(resource.id for resource in visible)
    graph = accessible_resources.load_reachable_graph(context, actor_id)
    rows = [
        _build_home_resource(context, resource, roles[resource.id], graph, visible_ids)
        for resource in visible
    ]
    if actions.external:
        return [replace(row, invites=False, links=False) for row in rows]
    return rows


def _build_home_resource(
    context: Context,
    resource: Resource,
    roles: Sequence[EffectiveRole],
    graph: ReachableGraph,
    visible_ids: frozenset[ResourceId],
) -> HomeResource:
    kind = context.roles[resource.kind]
    best = min(roles, key=lambda e: (kind.get_rank(e.role), not e.is_direct))
    role_names = {effective.role for effective in roles}
    known_roles = [role for role in kind.roles if role.name in role_names]
    containers = list(iterate_containers(graph, resource))
    is_disabled = any(r.disabled for r in (resource, *containers))
    visible_containers = [r for r in containers if r.id in visible_ids]
    return HomeResource(
        resource=resource,
        role=best.role,
        direct=best.is_direct,
        outer=visible_containers[-1] if visible_containers else resource,
        invites=any(role.grants for role in known_roles) and not is_disabled,
        links=any("edit" in role.capabilities for role in known_roles),
        via=None if best.is_direct else graph.get_resource(best.path[0].resource),
    )


def _find_sent_page(
    context: Context, page: int
) -> tuple[int, Sequence[Invitation | AccessRequest]]:
    """Return a page of what was sent, and its number; the first one behind the last."""
    sent = _list_sent_page(context, page)
    if page and not sent:
        return 0, _list_sent_page(context, 0)
    return page, sent


def _select_invitations(items: Iterable[OpenItem]) -> list[InvitationView]:
    return [item for item in items if isinstance(item, InvitationView)]


def _select_sent(
    items: Iterable[OpenItem],
) -> list[InvitationView | AccessRequestView]:
    return [
        item for item in items if isinstance(item, InvitationView | AccessRequestView)
    ]


def _add_mail_progress(
    context: Context, sent: Sequence[InvitationView | AccessRequestView]
) -> list[InvitationView | AccessRequestView]:
    """Return what the actor sent, invitations with what became of their mails."""
    invitations = iter(add_mail_progress(context, _select_invitations(sent)))
    return [
        next(invitations) if isinstance(item, InvitationView) else item for item in sent
    ]


def _list_sent_page(
    context: Context, page: int
) -> Sequence[Invitation | AccessRequest]:
    """Return a page of the actor's open requests and then their invitations, and one
    more if there is one.
    """
    requests = access_requests.list_sent_requests(context)
    start = page * PAGE_SIZE
    shown = requests[start : start + PAGE_SIZE + 1]
    invitations = context.invitations.list_invitations_sent_by(
        context.actor.id,
        PAGE_SIZE + 1 - len(shown),
        max(0, start - len(requests)),
    )
    return [*shown, *invitations]


def _slice_page(page: int, rows: Sequence[Row]) -> Sequence[Row]:
    return rows[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]


def _clamp_page(page: int, total: int) -> int:
    return min(page, max(0, total - 1) // PAGE_SIZE)


def _has_next_page(page: int, total: int) -> bool:
    return (page + 1) * PAGE_SIZE < total
