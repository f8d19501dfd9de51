"""Due work: what time does by itself, one row a kind, and when an item that failed is tried again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collab import access_requests, people
from collab.context import Context
from collab.events import Event, InvitationExpired, InvitationRevoked, MemberEnded
from collab.invitations import expiry as invitation_expiry
from collab.memberships import expiry as membership_expiry
from collab.model import LONGEST_PAUSE, ItemKey
from collab.notifications import channel_digests, personal
from collab.repositories import Repositories

FIRST_PAUSE = timedelta(minutes=1)
EVERY_ITEM = ""  # stands for all items of a kind, when none of them can be read


@dataclass(frozen=True, slots=True)
class DueWorkType:
    """One kind of due work: how due items are loaded, what identifies one, and the events that they cause."""

    load: Callable[[Repositories, datetime, int], Sequence[Any]]
    item_id: Callable[[Any], str]
    decide: Callable[[Context, Sequence[Any]], list[Event]]


DUE_WORK_TYPES: Mapping[str, DueWorkType] = {
    "invitation": DueWorkType(
        lambda repositories, at, most: repositories.invitations.list_due_invitations(
            at, most
        ),
        lambda i: i.id,
        invitation_expiry.expire_or_remind_all,
    ),
    "membership": DueWorkType(
        lambda repositories, at, most: repositories.memberships.list_due_memberships(
            at, most
        ),
        lambda m: f"{m.resource} {m.person}",
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
        lambda r: r.id,
        lambda _case, due: [access_requests.expire_request(request) for request in due],
    ),
    "channel digest": DueWorkType(
        lambda repositories, at, most: repositories.digests.list_due_channel_digests(
            at, most
        ),
        lambda g: f"{g.channel} {g.resource}",
        lambda _case, due: channel_digests.build_digest_events(due),
    ),
    "personal digest": DueWorkType(
        lambda repositories, at, most: (
            repositories.digests.list_due_personal_digest_items(at, most)
        ),
        lambda k: k.person,
        lambda _case, due: list(personal.build_personal_digests(due)),
    ),
}


def load_due_items(
    repositories: Repositories,
    at: datetime,
    most: int,
    paused: Collection[ItemKey],
    only: Collection[ItemKey] | None = None,
) -> dict[str, list[Any]]:
    """Load the due items of every kind but those that are paused; with `only`, no others than these."""
    names = (
        DUE_WORK_TYPES
        if only is None
        else [name for name in DUE_WORK_TYPES if any(kind == name for kind, _ in only)]
    )
    loaded = {
        name: load_due_items_of_kind(repositories, name, at, most, paused)
        for name in names
    }
    if only is None:
        return loaded
    return {
        name: [i for i in found if (name, DUE_WORK_TYPES[name].item_id(i)) in only]
        for name, found in loaded.items()
    }


def load_due_items_of_kind(
    repositories: Repositories,
    name: str,
    at: datetime,
    most: int,
    paused: Collection[ItemKey],
) -> list[Any]:
    """Load the due items of one kind but those that are paused."""
    if (name, EVERY_ITEM) in paused:
        return []
    kind = DUE_WORK_TYPES[name]
    # As many more as are paused, so that these cannot fill every batch.
    found = kind.load(repositories, at, most + len(paused))
    return [item for item in found if (name, kind.item_id(item)) not in paused]


def list_item_keys(items: Mapping[str, Sequence[Any]]) -> list[ItemKey]:
    """Return the keys of loaded items, each once."""
    return list(
        dict.fromkeys(
            (name, DUE_WORK_TYPES[name].item_id(item))
            for name, found in items.items()
            for item in found
        )
    )


def decide_due(context: Context, items: Mapping[str, Sequence[Any]]) -> list[Event]:
    """Return the events that all these items cause."""
    happened = [
        event
        for name, found in items.items()
        for event in DUE_WORK_TYPES[name].decide(context, found)
    ]
    return _drop_duplicate_endings(happened)


def get_retry_pause(attempts: int) -> timedelta:
    """Return how long an item waits after it failed so many times: twice as long each time, up to the longest."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(pause, LONGEST_PAUSE)


def _drop_duplicate_endings(events: Sequence[Event]) -> list[Event]:
    """Drop the second end of one invitation or membership: two items that end together may each end a third."""
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
    """Return the id of the invitation, or the ids of the membership, that an event ends."""
    if isinstance(event, InvitationExpired | InvitationRevoked):
        return (event.invitation,)
    if isinstance(event, MemberEnded):
        return event.resource, event.person
    return None
