"""Who hears of what: the table event → audience → message.

A notice goes to a target (`person:ID` or `channel:ID`) in the order of its target. The message is the name of its
words, or one of four errands of the courier: `profile` (read what the chat platform says of a person), `members` (read
what it says of everybody in the workspace), `refresh` (bring the messages about an open question up to date) and `home`
(bring what a person sees at home up to date). The last has a target of its own, `home:ID`: it waits behind no message.

A channel that hears of things together gets no notice of each: what it is to hear is held until then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from collab import authorization, events
from collab.context import Context
from collab.events import Event, RecordedEvent
from collab.invitations.rules import JOIN, PAY
from collab.model import IMMEDIATE, ChannelLink, Notification, QueuedForChannel
from collab.notifications import channel_digests

PROFILE = "profile"
MEMBERS = "members"
REFRESH = "refresh"
HOME = "home"
CHANNEL_DIGEST, PERSONAL_DIGEST = "digest", "own_digest"


@dataclass(frozen=True, slots=True)
class ThreadStart:
    """The message, by its ts, under which a target hears what else happens about something."""

    workspace: str
    target: str
    about: str
    ts: str


ROLE_ASSIGNED_EVENTS = (events.MemberJoined, events.MemberRoleChanged)
Recipient = tuple[str | ChannelLink, str | None]
Audience = Callable[[Any, RecordedEvent, Context], Iterator[Recipient]]


def format_person_target(person: str) -> str:
    """The target that is a person."""
    return f"person:{person}"


def parse_person_id(target: str) -> str | None:
    """The person that a target is, if it is one."""
    kind, _, name = target.partition(":")
    return name if kind == "person" else None


def format_home_target(person: str) -> str:
    """The target that is what a person sees at home."""
    return f"{HOME}:{person}"


def format_channel_target(channel: str) -> str:
    """The target that is a channel."""
    return f"channel:{channel}"


def affected_person(
    event: Any, _recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """The person that the event is about, and nobody to answer for it."""
    yield format_person_target(event.person), None


def whole_workspace(
    _event: Any, recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """The workspace, and nobody to answer for it."""
    yield f"workspace:{recorded.workspace}", None


def person_without_profile(
    event: Any, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """The person that the event is about, unless the same act read their profile."""
    person = context.people.get_person(event.person)
    if person is None or not person.profiled:
        yield format_person_target(event.person), None


def invited_people(
    event: Any, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """The invited person, or those of the invited team who were asked; the inviter answers for it."""
    invitation = context.invitations.get_invitation(event.invitation)
    for person in (
        invitation.asked if invitation and invitation.team else (event.person,)
    ):
        yield format_person_target(person), event.inviter


def question_recipients(
    event: Any, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Those who were asked when a request or a succession began."""
    request = getattr(event, "request", None)
    found = (
        context.access_requests.get_access_request(request)
        if request
        else context.successions.get_succession(event.succession)
    )
    for person in found.asked if found else ():
        yield format_person_target(person), None


def other_question_recipients(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """The same but who acted."""
    mine = format_person_target(recorded.actor or "")
    yield from (
        (target, answerable)
        for target, answerable in question_recipients(event, recorded, context)
        if target != mine
    )


def users_who_may_assign(
    event: Any, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Those who may grant the role of a membership for a limited time, but the member (MEM-10)."""
    resource = context.resources.get_resource(event.resource)
    role = event.before if isinstance(event, events.MemberRoleChanged) else event.role
    if resource and _was_limited(event):
        for person in authorization.list_users_who_may_assign(context, role, resource):
            if person != event.person:
                yield format_person_target(person), None


def _was_limited(event: Any) -> bool:
    """Whether the membership ends, or would have ended, by time."""
    if isinstance(event, events.MemberEnded | events.MemberExtended):
        return True
    return (
        event.before_until
        if isinstance(event, events.MemberRoleChanged)
        else event.until
    ) is not None


def only_while_active(audience: Audience) -> Audience:
    """The same, as long as the person that the event is about is active: what is suspended needs nobody."""

    def hearing(
        event: Any, recorded: RecordedEvent, context: Context
    ) -> Iterator[Recipient]:
        person = context.people.get_person(event.person)
        if person and person.active:
            yield from audience(event, recorded, context)

    return hearing


def channel_linker(
    event: Any, _recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """Who linked a channel, when it was not they who ended that."""
    if event.linked_by and getattr(event, "why", "") != "asked":
        yield format_person_target(event.linked_by), None


def channels_of_deleted(
    event: events.ResourceDeleted, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """The channels that heard of what is gone: at once where that ends their link."""
    links = find_links_by_channel(context, event.resource, "removals")
    for channel in event.channels:
        yield links.get(channel, format_channel_target(channel)), None


def holders_of_shared(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """The holders of the highest role on what a team shares, and on the team, but who did it."""
    for place in (event.resource, event.team):
        resource = context.resources.get_resource(place)
        for person in (
            authorization.list_users_with_role(
                context, context.roles[resource.kind].highest_role, resource
            )
            if resource
            else ()
        ):
            if person != recorded.actor:
                yield format_person_target(person), None


def requester_unless_withdrawn(
    event: events.RequestEnded, _recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """The asker, unless they took the request back themselves."""
    if event.why != "withdrawn":
        yield format_person_target(event.person), None


def member_unless_requested(
    event: Any, _recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """The person that the event is about, unless they hear of it as the answer to their request."""
    if event.request is None:
        yield format_person_target(event.person), None


def invitation_sender(
    event: Any, _recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """Who sent the invitation."""
    yield format_person_target(event.inviter), None


def sender_unless_actor(
    event: Any, recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """Who sent the invitation, when somebody or something else acted."""
    if recorded.actor != event.inviter:
        yield format_person_target(event.inviter), None


def sender_unless_transferred(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Who sent the invitation, when no event of its own tells them that billing changed hands."""
    invitation = context.invitations.get_invitation(event.invitation)
    if invitation is None or invitation.purpose != PAY:
        yield from invitation_sender(event, recorded, context)


def invited_to_take_over(
    event: events.InvitationRevoked, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Who was offered billing or ownership, when the offer died by itself (BIL-05)."""
    invitation = context.invitations.get_invitation(event.invitation)
    if (
        invitation
        and invitation.purpose != JOIN
        and event.why not in {"asked", "unreachable"}
    ):
        yield from invited_people(event, recorded, context)


def invoice_readers(
    event: events.InvoiceAdded, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Everybody who was given a role with which invoices can be read; of several at once they hear at the first.

    Where nobody was given the highest role, those hear who hold it by what the thing stands in.
    """
    before = context.events.get_event(recorded.seq - 1)
    if before and before.at == recorded.at and getattr(before.event, "invoice", None):
        return
    resource = context.resources.get_resource(event.resource)
    if resource is None:
        return
    highest, members = (
        context.roles[resource.kind].highest_role,
        context.memberships.list_members(event.resource, context.at),
    )
    standing_in = (
        ()
        if any(m.role == highest for m in members)
        else authorization.list_users_with_role(context, highest, resource)
    )
    for person in (*(m.person for m in members), *standing_in):
        if authorization.check(context, person, "invoices", resource):
            yield format_person_target(person), None


def transfer_parties(
    event: events.BillingTransferred, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Who had the billing and who has it, and all who hold what paid and what pays."""
    yield format_person_target(event.inviter), None
    yield format_person_target(event.person), None
    for place in (*event.before, event.payer):
        method = context.resources.get_resource(place)
        for person in (
            authorization.list_users_with_role(
                context, context.roles[method.kind].highest_role, method
            )
            if method
            else ()
        ):
            yield format_person_target(person), None


def payment_parties_unless_transferred(
    event: events.PayerChanged, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Those whom a change of what pays concerns, where it did not change hands by an offer."""
    if event.invitation is None:
        yield from payment_parties(event, recorded, context)


def channels_of_payer_change(
    event: events.PayerChanged, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """The channels that hear of it, but those that hear of an offer by which it changed hands."""
    by = (
        context.invitations.get_invitation(event.invitation)
        if event.invitation
        else None
    )
    told = find_links_by_channel(context, by.resource, "billing") if by else {}
    for channel, link in find_links_by_channel(
        context, event.resource, "billing"
    ).items():
        if channel not in told:
            yield link, link.person


def highest_role_holders(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """The holders of the highest role on a thing, but who did it."""
    resource = context.resources.get_resource(event.resource)
    for person in (
        authorization.list_users_with_role(
            context, context.roles[resource.kind].highest_role, resource
        )
        if resource
        else ()
    ):
        if person != recorded.actor:
            yield format_person_target(person), None


def assigners_of_lost_role(
    event: events.InvitationRevoked, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """When an inviter's right ended: those who may grant the role now (INV-09)."""
    resource = context.resources.get_resource(event.resource)
    if event.why == "right_lost" and resource:
        for person in authorization.list_users_who_may_assign(
            context, event.role, resource
        ):
            yield format_person_target(person), None


def people_affected_by_end(
    event: Any, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Of an end: the holders of the highest role, who did it, and the person concerned (MEM-07).

    What another end took along is told with that one.
    """
    resource = context.resources.get_resource(event.resource)
    if resource is None or getattr(event, "within", None):
        return
    highest = authorization.list_users_with_role(
        context, context.roles[resource.kind].highest_role, resource
    )
    for person in dict.fromkeys([*highest, recorded.actor, event.person]):
        if person:
            yield format_person_target(person), None


def directly_assigned_member(
    event: events.MemberJoined, recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """Somebody to whom another one gave a role without asking: a role change, not an answer (MEM-03)."""
    if (
        not (event.invitation or event.request or event.within)
        and recorded.actor != event.person
    ):
        yield format_person_target(event.person), None


def people_losing_access(
    event: events.ResourceDeleted, recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """Everybody who lost something by a deletion, but who did it."""
    for person in event.people:
        if person != recorded.actor:
            yield format_person_target(person), None


def people_affected_by_move(
    event: events.ResourceMoved, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Whoever lost a role by a move, and those who may create things in the old or the new place, but the actor."""
    people = list(event.people)
    for place in (event.before, event.parent):
        resource = context.resources.get_resource(place) if place else None
        if resource:
            creating = [
                role.name
                for role in context.roles[resource.kind].roles
                if "create" in role.capabilities
            ]
            people += [
                person
                for role in creating
                for person in authorization.list_users_with_role(
                    context, role, resource
                )
            ]
    for person in dict.fromkeys(people):
        if person != recorded.actor:
            yield format_person_target(person), None


def channels_of_move(
    event: events.ResourceMoved, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """The channels linked to what was moved, to its old place, or to its new one; each once."""
    links = (
        find_links_by_channel(context, event.before, "removals") if event.before else {}
    )
    for link in (
        find_links_by_channel(context, event.resource, "joins") | links
    ).values():
        yield link, link.person


def payment_parties(
    event: events.PayerChanged, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Who holds the highest role on what was paid for, on what paid before, and on what pays now; but who did it."""
    for place in (event.resource, event.before, event.payer):
        resource = context.resources.get_resource(place) if place else None
        for person in (
            authorization.list_users_with_role(
                context, context.roles[resource.kind].highest_role, resource
            )
            if resource
            else ()
        ):
            if person != recorded.actor:
                yield format_person_target(person), None


def linked_channels(group: str) -> Audience:
    """The channels that are linked to the resource with that group; who linked them answers for it."""

    def linked(
        event: Any, _recorded: RecordedEvent, context: Context
    ) -> Iterator[Recipient]:
        if not getattr(event, "within", None) and not _belongs_to_transfer(
            event, context
        ):
            yield from (
                (link, link.person)
                for link in find_links_by_channel(
                    context, event.resource, group
                ).values()
            )

    return linked


def _belongs_to_transfer(event: Any, context: Context) -> bool:
    """Whether a role changed because billing or ownership changed hands, which is told in one sentence of its own."""
    invitation = (
        getattr(event, "invitation", None)
        if isinstance(event, ROLE_ASSIGNED_EVENTS)
        else None
    )
    found = context.invitations.get_invitation(invitation) if invitation else None
    return found is not None and found.purpose != JOIN


def find_links_by_channel(
    context: Context, what: str, group: str
) -> dict[str, ChannelLink]:
    """How each channel hears of a resource with that group: by the link to it, or to the nearest that it stands in."""
    resource = context.resources.get_resource(what)
    found: dict[str, ChannelLink] = {}
    for place in (
        (resource, *authorization.iterate_containers(context, resource))
        if resource
        else ()
    ):
        for link in context.channels.list_channel_links(place.id):
            if group in link.groups:
                found.setdefault(link.channel, link)
    return found


def changed_channel(
    event: Any, recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """The channel that was linked or unlinked; who did it answers for it. One that is closed hears nothing."""
    if getattr(event, "why", "asked") == "asked":
        yield format_channel_target(event.channel), recorded.actor


def digest_channel(
    event: events.ChannelDigested, _recorded: RecordedEvent, _case: Context
) -> Iterator[Recipient]:
    """The channel that is told together; who linked it answers for it."""
    yield format_channel_target(event.channel), event.linked_by


NOTIFICATION_ROUTES: dict[type[Event], tuple[tuple[Audience, str], ...]] = {
    events.WorkspaceInstalled: ((whole_workspace, MEMBERS),),
    events.PersonRecognised: ((person_without_profile, PROFILE),),
    events.InvitationSent: (
        (invited_people, "invitation"),
        (invitation_sender, "invitation_sent"),
        (linked_channels("invitations"), "invitation_open"),
    ),
    events.InvitationResent: (
        (invited_people, "invitation"),
        (invitation_sender, REFRESH),
        (linked_channels("invitations"), REFRESH),
    ),
    events.InvitationEdited: (
        (invited_people, REFRESH),
        (invitation_sender, REFRESH),
        (linked_channels("invitations"), REFRESH),
    ),
    events.InvitationReminded: ((invited_people, "invitation_reminder"),),
    events.InvitationSnoozed: ((affected_person, REFRESH),),
    events.InvitationMuted: ((affected_person, REFRESH),),
    events.InvitationAccepted: (
        (invited_people, REFRESH),
        (invitation_sender, REFRESH),
        (sender_unless_transferred, "invitation_accepted"),
        (linked_channels("invitations"), REFRESH),
        (linked_channels("invitations"), "invitation_settled"),
    ),
    events.InvitationDeclined: (
        (invited_people, REFRESH),
        (invitation_sender, REFRESH),
        (invitation_sender, "invitation_declined"),
        (linked_channels("invitations"), REFRESH),
        (linked_channels("invitations"), "invitation_settled"),
    ),
    events.InvitationRevoked: (
        (invited_people, REFRESH),
        (invitation_sender, REFRESH),
        (sender_unless_actor, "invitation_revoked"),
        (invited_to_take_over, "offer_died"),
        (assigners_of_lost_role, "invitation_lost"),
        (linked_channels("invitations"), REFRESH),
        (linked_channels("invitations"), "invitation_settled"),
    ),
    events.InvitationExpired: (
        (invited_people, REFRESH),
        (invitation_sender, REFRESH),
        (invitation_sender, "invitation_expired"),
        (linked_channels("invitations"), REFRESH),
        (linked_channels("invitations"), "invitation_settled"),
    ),
    events.InvitationSuperseded: (
        (invited_people, REFRESH),
        (invitation_sender, REFRESH),
        (sender_unless_actor, "invitation_superseded"),
        (linked_channels("invitations"), REFRESH),
        (linked_channels("invitations"), "invitation_settled"),
    ),
    events.MemberJoined: (
        (directly_assigned_member, "member_joined"),
        (linked_channels("joins"), "member_joined"),
    ),
    events.MemberRoleChanged: (
        (member_unless_requested, "member_role_changed"),
        (linked_channels("roles"), "member_role_changed"),
        (users_who_may_assign, REFRESH),
    ),
    events.MemberLeft: (
        (people_affected_by_end, "member_left"),
        (linked_channels("leaves"), "member_left"),
        (users_who_may_assign, REFRESH),
    ),
    events.MemberRemoved: (
        (people_affected_by_end, "member_removed"),
        (linked_channels("removals"), "member_removed"),
        (users_who_may_assign, REFRESH),
    ),
    events.MemberEnded: (
        (people_affected_by_end, "member_ended"),
        (linked_channels("leaves"), "member_ended"),
        (users_who_may_assign, REFRESH),
    ),
    events.MemberRestored: (
        (people_affected_by_end, "member_restored"),
        (linked_channels("joins"), "member_restored"),
    ),
    events.MemberWarned: (
        (only_while_active(affected_person), "member_warned"),
        (only_while_active(users_who_may_assign), "member_ends_soon"),
    ),
    events.MemberExtended: (
        (affected_person, "member_extended"),
        (users_who_may_assign, REFRESH),
    ),
    events.ResourceDeleted: (
        (people_losing_access, "resource_deleted"),
        (channels_of_deleted, "resource_deleted"),
    ),
    events.ResourceMoved: (
        (people_affected_by_move, "resource_moved"),
        (channels_of_move, "resource_moved"),
    ),
    events.PayerChanged: (
        (payment_parties_unless_transferred, "payer_changed"),
        (channels_of_payer_change, "payer_changed"),
    ),
    events.BillingTransferred: (
        (transfer_parties, "billing_transferred"),
        (linked_channels("billing"), "billing_transferred"),
    ),
    events.OwnershipTransferred: ((linked_channels("roles"), "ownership_transferred"),),
    events.BillingDetailed: ((highest_role_holders, "billing_detailed"),),
    events.ResourceRetired: ((highest_role_holders, "resource_retired"),),
    events.InvoiceAdded: ((invoice_readers, "invoice_added"),),
    events.PlanChanged: ((highest_role_holders, "plan_changed"),),
    events.ChannelLinked: ((changed_channel, "channel_linked"),),
    events.ChannelUnlinked: (
        (changed_channel, "channel_unlinked"),
        (channel_linker, "channel_closed"),
    ),
    events.ChannelRenamed: ((channel_linker, "channel_renamed"),),
    events.ChannelDigested: ((digest_channel, CHANNEL_DIGEST),),
    events.InvitationReopened: (
        (invited_people, REFRESH),
        (invitation_sender, REFRESH),
        (linked_channels("invitations"), REFRESH),
        (linked_channels("invitations"), "invitation_settled"),
    ),
    events.RequestSent: ((question_recipients, "request"),),
    events.RequestGranted: (
        (question_recipients, REFRESH),
        (affected_person, "request_granted"),
    ),
    events.RequestDeclined: (
        (question_recipients, REFRESH),
        (affected_person, "request_declined"),
    ),
    events.RequestEnded: (
        (question_recipients, REFRESH),
        (requester_unless_withdrawn, "request_ended"),
    ),
    events.SuccessionOpened: ((question_recipients, "succession"),),
    events.SuccessionSupported: (
        (question_recipients, REFRESH),
        (other_question_recipients, "succession_supported"),
    ),
    events.SuccessionSettled: ((question_recipients, REFRESH),),
    events.SuccessionClosed: ((question_recipients, REFRESH),),
    events.TeamShared: ((holders_of_shared, "team_shared"),),
    events.TeamUnshared: ((holders_of_shared, "team_unshared"),),
    events.TeamAssigned: ((affected_person, "team_assigned"),),
    events.TeamUnassigned: ((affected_person, "team_unassigned"),),
    events.PersonDigested: ((only_while_active(affected_person), PERSONAL_DIGEST),),
}


# What begins a thread in a channel. All else about the same invitation or membership replies to it.
THREAD_STARTING_EVENTS = (events.InvitationSent, events.MemberJoined)
# A reply that the channel sees too: a thread is read by those who follow it, and who goes concerns everybody there.
# Who is restored was told to be gone, so that is told as loudly.
BROADCAST_REPLY_EVENTS = (
    events.MemberLeft,
    events.MemberRemoved,
    events.MemberEnded,
    events.MemberRestored,
)


def build_notifications(
    recorded: RecordedEvent, context: Context
) -> Iterator[Notification | QueuedForChannel]:
    """Every notice that an event gives rise to, each audience once a message; held where a channel hears of it later.

    What was sent before is brought up to date at once everywhere.
    """
    about = get_subject_id(recorded.event)
    for audience, message in NOTIFICATION_ROUTES.get(type(recorded.event), ()):
        for target, answerable in dict(
            audience(recorded.event, recorded, context)
        ).items():
            if isinstance(target, str):
                yield Notification(target, message, recorded.seq, about, answerable)
            elif target.rhythm == IMMEDIATE or message == REFRESH:
                yield Notification(
                    format_channel_target(target.channel),
                    message,
                    recorded.seq,
                    about,
                    answerable,
                )
            else:
                yield QueuedForChannel(
                    target,
                    recorded.seq,
                    channel_digests.get_digest_time(context, target),
                )


def get_thread_key(event: Any) -> str | None:
    """What a message to a channel belongs to: an invitation, or a membership, by the resource and the person."""
    if event.name.startswith("member."):
        return f"{event.resource} {event.person}"
    return str(event.invitation) if event.name.startswith("invitation.") else None


def build_home_refreshes(
    notices: Iterable[Notification], actor: str, seq: int
) -> Iterator[Notification]:
    """What everybody sees at home whom an act concerns: those who hear of it, and who did it; once each."""
    told = (notice.target.partition(":") for notice in notices)
    people = [
        *(name for kind, _, name in told if kind == "person"),
        *([actor] if actor else []),
    ]
    for person in dict.fromkeys(people):
        yield Notification(format_home_target(person), HOME, seq)


def get_subject_id(event: Any) -> str | None:
    """The open question that an event is about; of a membership that ends by time, the resource and the person."""
    named = (
        getattr(event, name, None) for name in ("invitation", "request", "succession")
    )
    found: str | None = next(filter(None, named), None)
    if found:
        return found
    return (
        f"{event.resource} {event.person}" if event.name.startswith("member.") else None
    )
