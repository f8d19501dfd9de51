"""Read what the words of a notification are about, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.delivery.services import DeliveryServices
from bot.slack.views.digests import MAX_EVENT_LINES
from bot.slack.views.notifications import NotificationContext
from collab import authorization
from collab.context import Context
from collab.event_log import EventLine, build_event_line, hide_line_addresses
from collab.events import (
    Event,
    InvitationClaimed,
    InvitationReminded,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    PersonMatched,
    PersonOffboarded,
    PersonReinstated,
    PersonReturned,
    RecordedEvent,
    ResourceCreated,
    ResourceMoved,
)
from collab.memberships.offboarding_queries import OffboardingStatement, read_statement
from collab.memberships.returns import ReturnView, build_return_view
from collab.model import (
    ChannelId,
    Delivery,
    NotificationTopic,
    Person,
    Resource,
    ResourceId,
)
from collab.notifications.messages import CHANNEL_DIGEST
from collab.notifications.targets import parse_person_id
from collab.open_items import InvitationView, OpenItem, get_open_item
from collab.person_matches import MatchView, build_match_view


def read_notification_context(
    services: DeliveryServices, delivery: Delivery
) -> NotificationContext:
    """Return the current state of the first topic of a delivery."""
    return read_topic_contexts(services, delivery, delivery.topics[:1])[0]


def read_topic_contexts(
    services: DeliveryServices,
    delivery: Delivery,
    topics: Sequence[NotificationTopic],
) -> list[NotificationContext]:
    """Return the current state of each topic of a delivery, from one snapshot."""
    with services.read_context(delivery.workspace) as context:
        return [_read_topic_context(context, delivery, topic) for topic in topics]


def _read_topic_context(
    context: Context, delivery: Delivery, topic: NotificationTopic
) -> NotificationContext:
    viewer_id = parse_person_id(delivery.target)
    viewer = context.people.get_person(viewer_id) if viewer_id else None
    recorded = context.events.get_event(topic.seq) if topic.seq else None
    subject = get_open_item(context, topic.subject_id) if topic.subject_id else None
    return NotificationContext(
        at=context.at,
        viewer=viewer,
        subject=subject,
        line=_read_line_for(context, recorded, viewer),
        stale_resources=_list_stale_resources(context, recorded),
        digest_lines=_list_digest_lines(context, delivery),
        containers=_list_visible_containers(context, recorded, viewer, delivery.target),
        recipient=_read_recipient(context, delivery),
        undone_by=_find_undoer(context, recorded),
        found_on_return=_find_on_return(context, recorded),
        statement=_read_statement(context, recorded),
        match=_read_match(context, recorded),
        claimant=_read_claimant(context, recorded),
        reminder_count=_count_reminders(context, subject),
        topic=topic,
    )


def _read_line(context: Context, recorded: RecordedEvent | None) -> EventLine | None:
    return build_event_line(context.repositories, recorded) if recorded else None


def _read_line_for(
    context: Context, recorded: RecordedEvent | None, viewer: Person | None
) -> EventLine | None:
    """Return an event's line as a person may read it (MEM-13)."""
    line = _read_line(context, recorded)
    if line is None or viewer is None:
        return line
    return hide_line_addresses(replace(context, actor=viewer), line)


def _read_statement(
    context: Context, recorded: RecordedEvent | None
) -> OffboardingStatement | None:
    if recorded and isinstance(recorded.event, PersonOffboarded):
        return read_statement(context, recorded, recorded.event.person)
    return None


def _count_reminders(context: Context, subject: OpenItem | None) -> int:
    """Return how often a person was reminded of an invitation since it was sent."""
    if not isinstance(subject, InvitationView):
        return 0
    invitation = subject.invitation
    if not invitation.person or not invitation.marks:
        return 0
    reminded = context.events.list_events_about(
        invitation.person, [InvitationReminded], invitation.sent
    )
    return sum(getattr(r.event, "invitation", "") == invitation.id for r in reminded)


def _read_claimant(context: Context, recorded: RecordedEvent | None) -> Person | None:
    """Return who asks for an invitation to somebody else."""
    if recorded is None or not isinstance(recorded.event, InvitationClaimed):
        return None
    return context.people.get_person(recorded.event.claimant)


def _read_match(context: Context, recorded: RecordedEvent | None) -> MatchView | None:
    """Return what would be joined with the reader's account."""
    if recorded is None or not isinstance(recorded.event, PersonMatched):
        return None
    other = context.people.get_person(recorded.event.other)
    return build_match_view(context, other) if other else None


def _list_stale_resources(
    context: Context, recorded: RecordedEvent | None
) -> tuple[Resource, ...]:
    """Return the resources whose keys are still to be rotated after an event, by name."""
    event: Any = recorded.event if recorded else None
    resource_ids: tuple[ResourceId, ...] = getattr(event, "rotate", ())
    if not resource_ids:
        return ()
    if isinstance(event, ResourceMoved):
        losses = frozenset(event.list_code_losses())
    else:
        losses = frozenset((each, event.person) for each in resource_ids)
    stale = context.key_rotation.list_stale_keys(resource_ids)
    resources = (
        context.resources.get_resource(resource_id)
        for resource_id in resource_ids
        if any(
            (resource_id, key.person) in losses for key in stale.get(resource_id, ())
        )
    )
    found = [resource for resource in resources if resource]
    return tuple(sorted(found, key=lambda resource: resource.title))


def _find_on_return(context: Context, recorded: RecordedEvent | None) -> ReturnView:
    if recorded is None or not isinstance(recorded.event, PersonReturned):
        return ReturnView()
    return build_return_view(context, recorded.event)


def _is_reinstated(context: Context, offboarded: RecordedEvent) -> bool:
    """Return whether the actor of an offboarding undid it for its person."""
    names = (PersonReinstated.name,)
    actor_id, before_seq = offboarded.actor, None
    if actor_id is None:
        return False
    while last := context.events.find_last_event_by(actor_id, names, before_seq):
        if last.seq < offboarded.seq:
            return False
        if getattr(last.event, "offboarded", None) == offboarded.seq:
            return True
        before_seq = last.seq
    return False


def _find_undoer(context: Context, recorded: RecordedEvent | None) -> Person | None:
    """Return who undid the departure or the offboarding that an event is."""
    if recorded and recorded.actor and isinstance(recorded.event, PersonOffboarded):
        is_undone = _is_reinstated(context, recorded)
        return context.people.get_person(recorded.actor) if is_undone else None
    if recorded is None or not isinstance(recorded.event, MemberLeft | MemberRemoved):
        return None
    seq = context.events.get_last_membership_change_seq(
        recorded.event.resource, recorded.event.person
    )
    last = context.events.get_event(seq) if seq and seq != recorded.seq else None
    if last is None or not isinstance(last.event, MemberRestored):
        return None
    if last.event.undone != recorded.seq or last.actor is None:
        return None
    return context.people.get_person(last.actor)


def _list_digest_lines(context: Context, delivery: Delivery) -> tuple[EventLine, ...]:
    """Return the first events of a channel's digest."""
    if delivery.message != CHANNEL_DIGEST or not delivery.seq:
        return ()
    items = context.digests.list_digest_items(delivery.seq, MAX_EVENT_LINES)
    lines = (_read_line(context, context.events.get_event(item.seq)) for item in items)
    return tuple(line for line in lines if line)


def _read_recipient(context: Context, delivery: Delivery) -> Person | None:
    """Return the recipient of the failed delivery that this one reports."""
    target = str((delivery.payload or {}).get("target") or "")
    person_id = parse_person_id(target)
    return context.people.get_person(person_id) if person_id else None


def _list_visible_containers(
    context: Context,
    recorded: RecordedEvent | None,
    viewer: Person | None,
    target: str,
) -> dict[str, Resource]:
    """Return the containers of a created or moved resource, by the event's field.

    Only what the viewer may view is in it, or what a channel is linked to.
    """
    event: Event | None = recorded.event if recorded else None
    if not isinstance(event, ResourceCreated | ResourceMoved):
        return {}
    channel_id = ChannelId(target.partition(":")[2])
    containers = dict[str, Resource]()
    for name in ("before", "parent"):
        resource_id: ResourceId | None = getattr(event, name, None)
        if not resource_id:
            continue
        resource = context.resources.get_resource(resource_id)
        if resource is None:
            continue
        if viewer:
            is_visible = authorization.check(context, viewer.id, "view", resource)
        else:
            is_visible = _is_linked(context, channel_id, resource)
        if is_visible:
            containers[name] = resource
    return containers


def _is_linked(context: Context, channel_id: ChannelId, resource: Resource) -> bool:
    """Return whether a channel is linked to a resource or to one of its containers."""
    links = context.channels.list_links_of_channel(channel_id)
    linked_ids = {link.resource for link in links}
    containers = authorization.iterate_containers(context, resource)
    return resource.id in linked_ids or any(
        each.id in linked_ids for each in containers
    )
