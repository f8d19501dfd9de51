"""Audiences of people: which people a message about an event goes to.

An audience is called with an event, its record and a context in which the event has
happened, and yields recipients. The events of one audience have the fields that it
reads; routing.py says which events these are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from collab import authorization, events
from collab.context import Context
from collab.events import RecordedEvent
from collab.invitations.rules import HANDOVER, TAKE_BACK
from collab.memberships.returns import build_return_view
from collab.model import NOBODY, PersonId, Resource, ResourceId
from collab.notifications.recipients import (
    Audience,
    Recipient,
    people_recipients,
    person_recipient,
)
from collab.notifications.targets import (
    format_event_subject,
    format_person_target,
    format_workspace_target,
)

# People


def affected_person(
    event: Any, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the person that the event is about."""
    yield person_recipient(event.person)


def returned_person(
    event: events.PersonReturned, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the person who returns, if they have a role or lost one meanwhile."""
    view = build_return_view(context, event)
    if view.kept or view.changed:
        yield person_recipient(event.person)


def only_while_active(audience: Audience) -> Audience:
    """Return an audience that is empty while the person of the event is deactivated."""

    def audience_while_active(
        event: Any, recorded: RecordedEvent, context: Context
    ) -> Iterator[Recipient]:
        person = context.people.get_person(event.person)
        if person and person.active:
            yield from audience(event, recorded, context)

    return audience_while_active


def person_without_profile(
    event: events.PersonRecognised, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the person, unless their profile was read by the same command."""
    person = context.people.get_person(event.person)
    if person is None or not person.profiled:
        yield person_recipient(event.person)


def digest_person(
    event: events.DigestSent, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the person of the digest, if it is for one and not discarded."""
    if event.person and not event.is_discarded:
        yield Recipient(event.recipient)


def whole_workspace(
    _event: events.WorkspaceInstalled, recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the workspace itself."""
    yield Recipient(format_workspace_target(recorded.workspace))


def assigners_of_lost_role(
    event: events.InvitationRevoked, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who may assign the role, if the sender may not any more (INV-09); not the
    invited person, who has a message of their own.
    """
    resource = context.resources.get_resource(event.resource)
    if event.why == "right_lost" and resource:
        assigners = authorization.list_users_who_may_assign(
            context, event.role, resource
        )
        yield from people_recipients(each for each in assigners if each != event.person)


# Access requests and successions


def question_recipients(
    event: Any, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield everybody who got the access request or the succession."""
    request_id = getattr(event, "request", None)
    question = (
        context.access_requests.get_access_request(request_id)
        if request_id
        else context.successions.get_succession(event.succession)
    )
    if question:
        yield from people_recipients(question.asked)


def other_question_recipients(
    event: events.SuccessionSupported, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield everybody who got the succession but the actor."""
    actor = format_person_target(recorded.actor or NOBODY.id)
    for recipient in question_recipients(event, recorded, context):
        if recipient.target != actor:
            yield recipient


def requester_unless_withdrawn(
    event: events.RequestEnded, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the requester, unless they withdrew the request."""
    if event.why != "withdrawn":
        yield person_recipient(event.person)


# Memberships


def directly_assigned_member(
    event: events.MemberJoined, recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the member if another person assigned the role directly (MEM-03)."""
    if event.invitation or event.request or event.is_part_of_larger_change:
        return
    if recorded.actor != event.person:
        yield person_recipient(event.person)


def member_unless_requested(
    event: events.MemberRoleChanged, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the member, unless the change answers their own request, or they are a side
    of a handover, of which both have a message.

    A deactivated member is told on their return.
    """
    if event.request is not None or not _is_active(context, event.person):
        return
    if not _is_side_of_handover(context, event):
        yield person_recipient(event.person)


def _is_side_of_handover(context: Context, event: events.MemberRoleChanged) -> bool:
    if event.invitation is None:
        return False
    invitation = context.invitations.get_invitation(event.invitation)
    if invitation is None or invitation.purpose not in {HANDOVER, TAKE_BACK}:
        return False
    return event.person in {invitation.person, invitation.inviter}


def users_who_may_assign(
    event: Any, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who may assign the role of a limited membership, but the member (MEM-10)."""
    resource = context.resources.get_resource(event.resource)
    if resource is None or not _was_limited(event):
        return
    role = event.before if isinstance(event, events.MemberRoleChanged) else event.role
    for person_id in authorization.list_users_who_may_assign(context, role, resource):
        if person_id != event.person:
            yield person_recipient(person_id)


def _was_limited(event: Any) -> bool:
    """Return whether the membership had an end."""
    if isinstance(event, events.MemberEnded | events.MemberExtended):
        return True
    if isinstance(event, events.MemberRoleChanged):
        return event.before_until is not None
    return event.until is not None


def people_affected_by_end(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who has the highest role, the actor and the member (MEM-07).

    A deactivated member is told on their return.
    """
    resource = context.resources.get_resource(event.resource)
    if resource is None or event.is_part_of_larger_change:
        return
    person_ids = [*_list_highest_role_holders(context, resource)]
    parties = [recorded.actor] if recorded.actor else []
    has_lapsed = getattr(event, "why", None) == "lapsed"
    if not has_lapsed and _is_active(context, event.person):
        parties.append(event.person)
    if getattr(event, "offboarding", None):
        # Both have one message about the whole offboarding.
        person_ids = [each for each in person_ids if each not in parties]
    else:
        person_ids += parties
    yield from people_recipients(dict.fromkeys(person_ids))


def others_affected_by_end(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who is affected by an end that is undone, but the actor."""
    actor = format_person_target(recorded.actor or NOBODY.id)
    for recipient in people_affected_by_end(event, recorded, context):
        if recipient.target != actor:
            yield recipient


def offboarded_person(
    event: events.PersonReinstated, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield who has the message about the offboarding that is undone (OFF-03)."""
    subject_id = format_event_subject(event.offboarded)
    yield replace(person_recipient(event.person), subject_id=subject_id)


def key_owner_unless_actor(
    event: events.KeysAssigned, recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield who is to rotate the keys, unless they assigned that themselves."""
    if recorded.actor != event.person:
        yield person_recipient(event.person)


def _is_active(context: Context, person_id: PersonId) -> bool:
    person = context.people.get_person(person_id)
    return person is not None and person.active


def people_of_undone(
    event: events.MemberRestored, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who has the message about the departure that is undone (MEM-11)."""
    for recipient in people_affected_by_end(event, recorded, context):
        yield replace(recipient, subject_id=format_event_subject(event.undone))


# Resources and teams


def highest_role_holders(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who has the highest role on the resource, but the actor."""
    yield from highest_role_holders_of(context, [event.resource], recorded.actor)


def holders_of_shared(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who has the highest role on the resource or the team, but the actor."""
    resource_ids = [event.resource, event.team]
    yield from highest_role_holders_of(context, resource_ids, recorded.actor)


def people_losing_access(
    event: events.ResourceDeleted, recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield everybody who lost a role by the deletion, but the actor."""
    yield from people_recipients(event.people, recorded.actor)


def people_of_switched_by_operator(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield everybody with a role on a resource that the operator switched."""
    resource = context.resources.get_resource(event.resource)
    if recorded.actor is None and resource:
        roles = authorization.list_users_with(context, resource)
        person_ids = dict.fromkeys(role.person for role in roles)
        yield from people_recipients(person_ids, None)


def people_affected_by_move(
    event: events.ResourceMoved, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who lost a role and who may create in either container, but the actor."""
    person_ids = list(event.people)
    for resource in _get_resources(context, [event.before, event.parent]):
        for role in context.roles[resource.kind].roles:
            if "create" in role.capabilities:
                person_ids += authorization.list_users_with_role(
                    context, role.name, resource
                )
    yield from people_recipients(dict.fromkeys(person_ids), recorded.actor)


# Billing


def invoice_readers(
    event: events.InvoiceAdded, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the members who may read invoices; only for the first of several invoices.

    If no member has the highest role, those who inherit it are included.
    """
    if _follows_another_invoice(recorded, context):
        return
    resource = context.resources.get_resource(event.resource)
    if resource is None:
        return
    members = context.memberships.list_members(event.resource, context.at)
    person_ids = [member.person for member in members]
    highest_role = context.roles[resource.kind].highest_role
    if all(member.role != highest_role for member in members):
        person_ids += _list_highest_role_holders(context, resource)
    for person_id in person_ids:
        if authorization.check(context, person_id, "invoices", resource):
            yield person_recipient(person_id)


def _follows_another_invoice(recorded: RecordedEvent, context: Context) -> bool:
    previous = context.events.get_event(recorded.seq - 1)
    if previous is None or previous.at != recorded.at:
        return False
    return isinstance(previous.event, events.InvoiceAdded)


def transfer_parties(
    event: events.BillingTransferred, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield both parties, and who has the highest role on what paid or pays."""
    yield person_recipient(event.inviter)
    yield person_recipient(event.person)
    yield from highest_role_holders_of(context, [*event.before, event.payer])


def payment_parties_unless_transferred(
    event: events.PayerChanged, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who has the highest role on the resource or on what paid or pays.

    The actor is left out. A transfer is an event of its own.
    """
    if event.invitation is None:
        resource_ids = [event.resource, event.before, event.payer]
        yield from highest_role_holders_of(context, resource_ids, recorded.actor)


# Helpers


def _get_resources(
    context: Context, resource_ids: Iterable[ResourceId | None]
) -> Iterator[Resource]:
    for resource_id in resource_ids:
        resource = context.resources.get_resource(resource_id) if resource_id else None
        if resource:
            yield resource


def _list_highest_role_holders(context: Context, resource: Resource) -> list[PersonId]:
    highest_role = context.roles[resource.kind].highest_role
    return list(authorization.list_users_with_role(context, highest_role, resource))


def highest_role_holders_of(
    context: Context,
    resource_ids: Iterable[ResourceId | None],
    actor_id: PersonId | None = None,
) -> Iterator[Recipient]:
    """Yield who has the highest role on any of the resources, but the actor."""
    for resource in _get_resources(context, resource_ids):
        yield from people_recipients(
            _list_highest_role_holders(context, resource), actor_id
        )
