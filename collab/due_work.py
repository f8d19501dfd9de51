"""Due work: one row for each type, and when an item that failed is tried again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collab import access_requests, people
from collab.context import Context
from collab.due_failures import LONGEST_PAUSE, ItemKey
from collab.events import Event, InvitationExpired, InvitationRevoked, MemberEnded
from collab.handovers import completion as handovers
from collab.invitations import due_invitations
from collab.memberships import expiry as membership_expiry
from collab.notifications import digests
from collab.repositories import Repositories

FIRST_PAUSE = timedelta(minutes=1)
EVERY_ITEM = ""  # in an item key: all items of a type, when none can be loaded


@dataclass(frozen=True, slots=True)
class DueWorkType:
    """One type of due work.

    `load` returns at most so many due items, `item_id` identifies one within its type,
    `decide` returns the events that they cause. `is_decided_alone`: an item is decided
    on what all others have changed, so it has a transaction of its own.
    """

    load: Callable[[Repositories, datetime, int], Sequence[Any]]
    item_id: Callable[[Any], str]
    decide: Callable[[Context, Sequence[Any]], list[Event]]
    is_decided_alone: bool = False


DUE_WORK_TYPES: Mapping[str, DueWorkType] = {
    "invitation": DueWorkType(
        lambda repositories, at, most: repositories.invitations.list_due_invitations(
            at, most
        ),
        lambda invitation: invitation.id,
        due_invitations.expire_or_remind_all,
    ),
    "handover": DueWorkType(
        lambda repositories, at, most: repositories.invitations.list_due_handovers(
            at, most
        ),
        lambda invitation: invitation.id,
        handovers.complete_due_handovers,
        is_decided_alone=True,
    ),
    "membership": DueWorkType(
        lambda repositories, at, most: repositories.memberships.list_due_memberships(
            at, most
        ),
        lambda membership: f"{membership.resource} {membership.person}",
        lambda context, due: [
            event
            for m in due
            for event in membership_expiry.warn_or_end_membership(context, m)
        ],
    ),
    "suspended person": DueWorkType(
        lambda repositories, at, most: repositories.people.list_lapsing_person_ids(
            at, most
        ),
        str,
        lambda context, due: [
            event
            for person in due
            for event in people.end_lapsed_memberships(context, person)
        ],
    ),
    "access request": DueWorkType(
        lambda repositories, at, most: repositories.access_requests.list_due_requests(
            at, most
        ),
        lambda request: request.id,
        lambda _context, due: [
            access_requests.expire_request(request) for request in due
        ],
    ),
    "digest": DueWorkType(
        lambda repositories, at, most: repositories.digests.list_due_digests(at, most),
        lambda digest: f"{digest.recipient} {digest.resource_id or ''}".strip(),
        digests.build_digest_events,
    ),
}


def load_due_items(
    repositories: Repositories,
    at: datetime,
    most: int,
    paused: Collection[ItemKey],
    only: Collection[ItemKey] | None = None,
) -> dict[str, list[Any]]:
    """Load the due items by type, without paused ones; with `only`, these alone."""
    names = (
        DUE_WORK_TYPES
        if only is None
        else [name for name in DUE_WORK_TYPES if any(kind == name for kind, _ in only)]
    )
    loaded = {
        name: load_due_items_of_kind(repositories, name, at, most, paused)
        for name in names
    }
    if only is not None:
        loaded = {
            name: [item for item in items if _get_item_key(name, item) in only]
            for name, items in loaded.items()
        }
    return _postpone_lone_items(loaded)


def _postpone_lone_items(loaded: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return what is decided together now: what needs no transaction of its own, else
    the first item that does.
    """
    together = {
        name: items
        for name, items in loaded.items()
        if not DUE_WORK_TYPES[name].is_decided_alone
    }
    if any(together.values()):
        return together
    for name, items in loaded.items():
        if items and DUE_WORK_TYPES[name].is_decided_alone:
            return {name: items[:1]}
    return together


def load_due_items_of_kind(
    repositories: Repositories,
    name: str,
    at: datetime,
    most: int,
    paused: Collection[ItemKey],
) -> list[Any]:
    """Load the due items of one type, without paused ones."""
    if (name, EVERY_ITEM) in paused:
        return []
    # As many more as are paused, so that these cannot fill every batch.
    items = DUE_WORK_TYPES[name].load(repositories, at, most + len(paused))
    return [item for item in items if _get_item_key(name, item) not in paused]


def _get_item_key(name: str, item: Any) -> ItemKey:
    return name, DUE_WORK_TYPES[name].item_id(item)


def list_item_keys(items: Mapping[str, Sequence[Any]]) -> list[ItemKey]:
    """Return the keys of loaded items, each once."""
    return list(
        dict.fromkeys(
            _get_item_key(name, item)
            for name, items_of_type in items.items()
            for item in items_of_type
        )
    )


def decide_due(context: Context, items: Mapping[str, Sequence[Any]]) -> list[Event]:
    """Return the events that all these items cause."""
    events = [
        event
        for name, items_of_type in items.items()
        for event in DUE_WORK_TYPES[name].decide(context, items_of_type)
    ]
    return _drop_duplicate_endings(events)


def get_retry_pause(attempts: int) -> timedelta:
    """Return the pause after failed attempts: doubled each time, up to a limit."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(pause, LONGEST_PAUSE)


def _drop_duplicate_endings(events: Sequence[Event]) -> list[Event]:
    """Drop the second end of one invitation or membership.

    Two items that end together may each end a third one.
    """
    ended: set[tuple[str, ...]] = set()
    first: list[Event] = []
    for event in events:
        ending = _identify_ending(event)
        if ending and ending in ended:
            continue
        first.append(event)
        if ending:
            ended.add(ending)
    return first


def _identify_ending(event: Event) -> tuple[str, ...] | None:
    """Return the id of the invitation or membership that an event ends."""
    if isinstance(event, InvitationExpired | InvitationRevoked):
        return (event.invitation,)
    if isinstance(event, MemberEnded):
        return event.resource, event.person
    return None
