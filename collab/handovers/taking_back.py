"""Taking a handover back, by both sides within days (HND-04)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from collab import authorization, errors
from collab.command import Command
from collab.context import Context
from collab.event_repository import EventFilter
from collab.events import (
    Event,
    HandoverDone,
    HandoverTakenBack,
    InvitationAccepted,
    InvitationRevoked,
    MemberEnded,
    MemberExtended,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    MemberRoleChanged,
    PayerChanged,
    PersonMerged,
    PersonProfiled,
    PersonSeparated,
    RecordedEvent,
    RequestEnded,
    ResourceDeleted,
    ResourceMoved,
    ResourceRetired,
)
from collab.handovers.completion import check_enabled
from collab.handovers.scope import list_code_losses
from collab.invitations.offers import (
    Offer,
    check_may_invite_person,
    check_not_recently_declined,
    send_or_resend,
)
from collab.invitations.rules import (
    HANDOVER,
    TAKE_BACK,
    build_revoked_event,
    get_event_fields,
    list_resources_of_invitation,
    revoke_unauthorized,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.reopening import reopen_ended
from collab.memberships.undo import MAX_EVENTS
from collab.merged_records import (
    get_last_membership_change_seq,
    has_merged_roles,
    resolve_recorded_person,
    was_role_of_separated,
)
from collab.model import (
    Invitation,
    InvitationId,
    Membership,
    PersonId,
    Resource,
    ResourceId,
    Term,
)
from collab.what_if import hypothetical_context

TAKE_BACK_PERIOD = timedelta(days=7)
MAX_HANDOVERS = 50  # of one resource, among which the one to take back is looked for

OVERTAKEN_ERRORS = (errors.NotAsHandedOver, errors.NothingToTakeBack)
# After each of these, what was handed over may not be as it was then.
OVERTAKING_EVENTS = (
    MemberEnded,
    MemberExtended,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    MemberRoleChanged,
    PayerChanged,
    PersonMerged,
    PersonProfiled,
    PersonSeparated,
    ResourceDeleted,
    ResourceMoved,
    ResourceRetired,
)

MembershipEvent = MemberJoined | MemberRoleChanged | MemberLeft
RestoringEvent = MemberLeft | MemberRoleChanged | MemberRestored


@dataclass(frozen=True, slots=True)
class OfferTakeBack(Command):
    """Ask the other side of a handover to take it back together."""

    is_allowed_from_outside: ClassVar[bool] = True

    handover: InvitationId

    def decide(self, context: Context) -> list[Event]:
        """Send the offer if all could be restored now (HND-04)."""
        handover = context.invitations.get_invitation(self.handover)
        if handover is None or handover.purpose != HANDOVER:
            raise errors.NothingToTakeBack
        other_id = _get_other_side(handover, context.actor.id)
        done = _get_done(context, handover)
        # Nothing is offered that could not be done.
        _build_restoration(context, handover, done, handover.id)
        other = context.people.get_person(other_id)
        if other is None:
            raise errors.NothingToTakeBack
        check_may_invite_person(context, other)
        _check_not_offered(context, handover, other_id)
        check_not_recently_declined(
            context,
            list_resources_of_invitation(context, handover)[0],
            other_id,
            purpose=TAKE_BACK,
        )
        offer = Offer(
            tuple(list_resources_of_invitation(context, handover)),
            role="",
            term=Term(until=done.at + TAKE_BACK_PERIOD),
            person=other,
            tz=other.tz,
            purpose=TAKE_BACK,
        )
        return send_or_resend(context, offer)


def accept_take_back(context: Context, invitation: Invitation) -> list[Event]:
    """Restore all that the last handover between both sides changed, or nothing.

    An offer that something has overtaken ends, as it cannot be accepted any more.
    """
    try:
        handover, done = _find_handover(context, invitation)
        restored = _build_restoration(context, handover, done, invitation.id)
    except OVERTAKEN_ERRORS:
        return [build_revoked_event(invitation, "changed")]
    fields = {**get_event_fields(invitation), "person": context.actor.id}
    return [InvitationAccepted(**fields), *restored]  # type: ignore[arg-type]


def close_overtaken_offers(
    context: Context, events: Sequence[Event]
) -> list[InvitationRevoked]:
    """Close the requests to take back that recorded events have made impossible (HND-04)."""
    if not any(isinstance(event, OVERTAKING_EVENTS) for event in events):
        return []
    if not context.invitations.has_pending_take_backs():
        return []
    return [
        build_revoked_event(invitation, "changed")
        for invitation in context.invitations.list_pending_invitations()
        if invitation.purpose == TAKE_BACK and _is_overtaken(context, invitation)
    ]


def _is_overtaken(context: Context, invitation: Invitation) -> bool:
    """Return whether what a request asks for cannot be restored any more."""
    other = context.people.get_person(invitation.person) if invitation.person else None
    if other is None:
        return True
    as_other = replace(context, actor=other)
    try:
        handover, done = _find_handover(as_other, invitation)
        _build_restoration(as_other, handover, done, invitation.id)
    except OVERTAKEN_ERRORS:
        return True
    except errors.Rejected:
        return (
            False  # a disabled resource can be enabled again, and time ends by itself
        )
    return False


def _get_other_side(handover: Invitation, person_id: PersonId) -> PersonId:
    sides = {handover.inviter: handover.person, handover.person: handover.inviter}
    other_id = sides.get(person_id)
    if other_id is None:
        raise errors.NothingToTakeBack
    return other_id


def _get_done(context: Context, handover: Invitation) -> RecordedEvent:
    """Return the record of a handover; rejected unless it can still be taken back."""
    for recorded in _list_done(context, handover.resource):
        if _get_handover_id(recorded) != handover.id:
            continue
        if handover.state != "accepted":
            raise errors.NothingToTakeBack
        if context.at >= recorded.at + TAKE_BACK_PERIOD:
            raise errors.TooLateToTakeBack(recorded.at)
        return recorded
    raise errors.NothingToTakeBack


def _find_handover(
    context: Context, invitation: Invitation
) -> tuple[Invitation, RecordedEvent]:
    """Return the last handover of the same resources between the same two people."""
    sides = {invitation.inviter, invitation.person}
    for recorded in _list_done(context, invitation.resource):
        handover = context.invitations.get_invitation(_get_handover_id(recorded))
        if handover is None or {handover.inviter, handover.person} != sides:
            continue
        if set(handover.resources) == set(invitation.resources):
            return handover, _get_done(context, handover)
    raise errors.NothingToTakeBack


def _list_done(context: Context, resource_id: ResourceId) -> Sequence[RecordedEvent]:
    """Return the records of handovers of a resource, newest first."""
    return context.events.list_events_on(
        (resource_id,), EventFilter(names=(HandoverDone.name,)), None, MAX_HANDOVERS
    )


def _get_handover_id(recorded: RecordedEvent) -> InvitationId:
    event = recorded.event
    return event.invitation if isinstance(event, HandoverDone) else InvitationId("")


def _check_not_offered(
    context: Context, handover: Invitation, other_id: PersonId
) -> None:
    """Reject an offer where the other side has made the same one."""
    open_offer = context.invitations.find_pending_invitation(
        handover.resource, context.actor.id, TAKE_BACK
    )
    is_open = open_offer is not None and context.at < open_offer.expires
    if open_offer and is_open and open_offer.inviter == other_id:
        raise errors.TakeBackOffered(other_id)


def _build_restoration(
    context: Context,
    handover: Invitation,
    done: RecordedEvent,
    invitation_id: InvitationId,
) -> list[Event]:
    """Return what restores everything as it was; rejected if something has changed."""
    resources = list_resources_of_invitation(context, handover)
    _check_unchanged(context, resources, done)
    caused = list(_list_caused(context, handover, done))
    memberships = [
        _invert_membership_change(context, each, each.event, invitation_id)
        for each in reversed(caused)
        if isinstance(each.event, MembershipEvent)
    ]
    payers = [
        _invert_payer_change(context, handover, each.event, invitation_id)
        for each in caused
        if isinstance(each.event, PayerChanged)
    ]
    later = _build_later_context(context, memberships, payers)
    new_owner_id = handover.person or PersonId("")
    taken_back = HandoverTakenBack(
        invitation=invitation_id,
        handover=handover.id,
        resource=handover.resource,
        also=handover.also,
        person=context.actor.id,
        inviter=_get_other_side(handover, context.actor.id),
        new_owner=new_owner_id,
        former_owner=handover.inviter,
        rotate=list_code_losses(context, later, new_owner_id, resources),
        known=done.event.rotate if isinstance(done.event, HandoverDone) else (),
        methods=tuple(
            dict.fromkeys(m for e in payers for m in (e.payer, e.before) if m)
        ),
    )
    revoked = _revoke_unauthorized(context, later, new_owner_id, payers)
    reopened = reopen_ended(context, later, caused)
    return [taken_back, *memberships, *payers, *revoked, *reopened]


def _check_unchanged(
    context: Context, resources: Sequence[Resource], done: RecordedEvent
) -> None:
    """Reject resources that are gone, disabled, or were moved since the handover."""
    for resource in resources:
        if resource.gone:
            raise errors.NotAsHandedOver(resource.title)
    check_enabled(context, resources)
    ids = [each.id for each in resources]
    moved = EventFilter(names=(ResourceMoved.name,), since=done.at)
    for recorded in context.events.list_events_on(ids, moved, None, 1):
        if recorded.seq > done.seq:
            raise errors.NotAsHandedOver(resources[0].title)


def _list_caused(
    context: Context, handover: Invitation, done: RecordedEvent
) -> Iterator[RecordedEvent]:
    """Yield what the same transaction recorded because of the handover."""
    for later in context.events.list_events_from(done.seq + 1, MAX_EVENTS):
        if (later.at, later.actor) != (done.at, done.actor):
            return
        event = later.event
        if isinstance(event, HandoverDone):
            return
        by = getattr(event, "handover", None) or getattr(event, "invitation", None)
        is_ended_item = isinstance(event, InvitationRevoked | RequestEnded)
        if by == handover.id or is_ended_item:
            yield resolve_recorded_person(context, later)


def _invert_membership_change(
    context: Context,
    recorded: RecordedEvent,
    event: MembershipEvent,
    invitation_id: InvitationId,
) -> RestoringEvent:
    """Return the event that restores a membership; rejected if it changed since, or its
    time is over.
    """
    resource = _get_unchanged(context, recorded, event)
    before_until = event.before_until if isinstance(event, MemberRoleChanged) else None
    if isinstance(event, MemberLeft):
        before_until = event.until
    if before_until is not None and before_until <= context.at:
        raise errors.NotAsHandedOver(resource.title)
    if isinstance(event, MemberJoined):
        return MemberLeft(
            resource.id,
            event.person,
            event.role,
            since=recorded.at,
            handover=invitation_id,
        )
    due = get_next_expiry_notice(before_until, context.at)
    if isinstance(event, MemberRoleChanged):
        return MemberRoleChanged(
            resource=resource.id,
            person=event.person,
            role=event.before,
            until=before_until,
            before=event.role,
            before_until=event.until,
            due=due,
            invitation=invitation_id,
        )
    return MemberRestored(
        resource=resource.id,
        person=event.person,
        role=event.role,
        since=event.since or context.at,
        until=before_until,
        due=due,
        undone=recorded.seq,
        within=event.within,
        assigned=event.assigned,
        handover=invitation_id,
    )


def _get_unchanged(
    context: Context, recorded: RecordedEvent, event: MembershipEvent
) -> Resource:
    """Return the resource of a membership that has not changed since an event, of a
    person who is active.
    """
    resource = context.resources.get_resource(event.resource)
    person = context.people.get_person(event.person)
    place = event.person, event.resource
    last_seq = get_last_membership_change_seq(context, *place)
    title = resource.title if resource else ""
    if resource is None or resource.gone or last_seq != recorded.seq:
        raise errors.NotAsHandedOver(title)
    # A role that came with another record, or went with it, is not as it was (OUT-04).
    has_merged = has_merged_roles(context, *place, recorded)
    if has_merged or was_role_of_separated(context, *place, recorded):
        raise errors.NotAsHandedOver(title)
    if person is None or not person.active:
        raise errors.NotAsHandedOver(title)
    return resource


def _invert_payer_change(
    context: Context,
    handover: Invitation,
    event: PayerChanged,
    invitation_id: InvitationId,
) -> PayerChanged:
    """Return the event that restores a payer, if the former owner may still pay by it."""
    resource = context.resources.get_resource(event.resource)
    method = context.resources.get_resource(event.before) if event.before else None
    if resource is None or resource.payer != event.payer:
        raise errors.NotAsHandedOver(resource.title if resource else "")
    if method is None or method.retired or method.gone:
        raise errors.NotAsHandedOver(resource.title)
    if not authorization.check(context, handover.inviter, "pay", method):
        raise errors.NotAsHandedOver(resource.title)
    return PayerChanged(resource.id, event.before, event.payer, invitation_id)


def _build_later_context(
    context: Context,
    memberships: Sequence[RestoringEvent],
    payers: Sequence[PayerChanged],
) -> Context:
    """Return the context as it will be after all is restored."""
    paid = context.resources.get_resources([each.resource for each in payers])
    return hypothetical_context(
        context,
        resources=[replace(paid[each.resource], payer=each.payer) for each in payers],
        ended_memberships=[(each.person, each.resource) for each in memberships],
        added_memberships=[
            Membership(each.resource, each.person, each.role, context.at, each.until)
            for each in memberships
            if not isinstance(each, MemberLeft)
        ],
    )


def _revoke_unauthorized(
    context: Context,
    later: Context,
    new_owner_id: PersonId,
    payers: Sequence[PayerChanged],
) -> list[InvitationRevoked]:
    """Revoke the invitations that only the handover allowed (INV-09)."""
    pending = list(context.invitations.list_pending_invitations_by(new_owner_id))
    for change in payers:
        pending += context.invitations.list_pending_invitations_on(change.resource)
    others = {each.id: each for each in pending if each.purpose != TAKE_BACK}
    return revoke_unauthorized(later, others.values())
