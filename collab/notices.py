"""Who hears of what: the table event → audience → message.

A notice goes to a target (`person:ID` or `channel:ID`) in the order of its target. The message is the name of its
words, or one of two errands of the courier: `profile` (read what the chat platform says of a person) and `refresh`
(bring the copies of an invitation up to date).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from collab import access, events
from collab.case import Case
from collab.events import Event, Recorded

PROFILE = "profile"
REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one audience hears about one event; `answerable` hears of it when it cannot be delivered."""

    target: str
    message: str
    seq: int
    invitation: str | None = None
    answerable: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice, or another errand, on its way: claimed by one courier under a lease, after so many attempts."""

    id: int
    workspace: str
    target: str
    message: str
    seq: int | None
    invitation: str | None
    answerable: str | None
    payload: dict[str, Any] | None
    attempts: int
    lease: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A message about an invitation that was sent and is to be kept up to date, by channel and ts or by a URL."""

    workspace: str
    invitation: str
    target: str
    message: str
    channel: str | None = None
    ts: str | None = None
    response_url: str | None = None


Target = tuple[str, str | None]
Audience = Callable[[Any, Recorded, Case], Iterator[Target]]


def person_target(person: str) -> str:
    """The target that is a person."""
    return f"person:{person}"


def channel_target(channel: str) -> str:
    """The target that is a channel."""
    return f"channel:{channel}"


def itself(event: Any, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The person that the event is about, and nobody to answer for it."""
    yield person_target(event.person), None


def invited(event: Any, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The invited person; the inviter answers for it."""
    yield person_target(event.person), event.inviter


def inviter(event: Any, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """Who sent the invitation."""
    yield person_target(event.inviter), None


def inviter_unless_actor(event: Any, recorded: Recorded, _case: Case) -> Iterator[Target]:
    """Who sent the invitation, when somebody or something else acted."""
    if recorded.actor != event.inviter:
        yield person_target(event.inviter), None


def granters_of_lost(event: events.InvitationRevoked, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """When an inviter's right ended: those who may grant the role now (INV-09)."""
    resource = case.facts.resource(event.resource)
    if event.why == "right_lost" and resource:
        for person in access.granters(case, event.role, resource):
            yield person_target(person), None


def concerned(event: Any, recorded: Recorded, case: Case) -> Iterator[Target]:
    """Of an end: the holders of the highest role, who did it, and the person concerned (MEM-07).

    What another end took along is told with that one.
    """
    resource = case.facts.resource(event.resource)
    if resource is None or getattr(event, "within", None):
        return
    highest = access.holders(case, case.kinds[resource.kind].highest, resource)
    for person in dict.fromkeys([*highest, recorded.actor, event.person]):
        if person:
            yield person_target(person), None


def placed(event: events.MemberJoined, recorded: Recorded, _case: Case) -> Iterator[Target]:
    """Somebody to whom another one gave a role without asking: a role change, not an answer (MEM-03)."""
    if event.invitation is None and recorded.actor != event.person:
        yield person_target(event.person), None


def bereft(event: events.ResourceDeleted, recorded: Recorded, _case: Case) -> Iterator[Target]:
    """Everybody who lost something by a deletion, but who did it."""
    for person in event.people:
        if person != recorded.actor:
            yield person_target(person), None


def payers(event: events.PayerChanged, recorded: Recorded, case: Case) -> Iterator[Target]:
    """Who holds the highest role on what was paid for, on what paid before, and on what pays now; but who did it."""
    for place in (event.resource, event.before, event.payer):
        resource = case.facts.resource(place) if place else None
        for person in access.holders(case, case.kinds[resource.kind].highest, resource) if resource else ():
            if person != recorded.actor:
                yield person_target(person), None


def channels(group: str) -> Audience:
    """The channels that are linked to the resource with that group; who linked them answers for it."""

    def linked(event: Any, _recorded: Recorded, case: Case) -> Iterator[Target]:
        if getattr(event, "within", None):
            return
        resource = case.facts.resource(event.resource)
        for place in (resource, *access.containers(case, resource)) if resource else ():
            for link in case.facts.links(place.id):
                if group in link.groups:
                    yield channel_target(link.channel), link.person

    return linked


def channel_itself(event: Any, recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The channel that was linked or unlinked; who did it answers for it."""
    yield channel_target(event.channel), recorded.actor


NOTICES: dict[type[Event], tuple[tuple[Audience, str], ...]] = {
    events.PersonRecognised: ((itself, PROFILE),),
    events.InvitationSent: (
        (invited, "invitation"),
        (inviter, "invitation_sent"),
        (channels("invitations"), "invitation_open"),
    ),
    events.InvitationResent: (
        (invited, "invitation"),
        (inviter, REFRESH),
        (channels("invitations"), REFRESH),
    ),
    events.InvitationEdited: ((invited, REFRESH), (inviter, REFRESH), (channels("invitations"), REFRESH)),
    events.InvitationReminded: ((invited, "invitation_reminder"),),
    events.InvitationSnoozed: ((itself, REFRESH),),
    events.InvitationMuted: ((itself, REFRESH),),
    events.InvitationAccepted: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter, "invitation_accepted"),
        (channels("invitations"), REFRESH),
    ),
    events.InvitationDeclined: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter, "invitation_declined"),
        (channels("invitations"), REFRESH),
    ),
    events.InvitationRevoked: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter_unless_actor, "invitation_revoked"),
        (granters_of_lost, "invitation_lost"),
        (channels("invitations"), REFRESH),
    ),
    events.InvitationExpired: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter, "invitation_expired"),
        (channels("invitations"), REFRESH),
    ),
    events.InvitationSuperseded: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter_unless_actor, "invitation_superseded"),
        (channels("invitations"), REFRESH),
    ),
    events.MemberJoined: ((placed, "member_joined"), (channels("joins"), "member_joined")),
    events.MemberRoleChanged: ((itself, "member_role_changed"), (channels("roles"), "member_role_changed")),
    events.MemberLeft: ((concerned, "member_left"), (channels("leaves"), "member_left")),
    events.MemberRemoved: ((concerned, "member_removed"), (channels("removals"), "member_removed")),
    events.MemberEnded: ((concerned, "member_ended"), (channels("leaves"), "member_ended")),
    events.ResourceDeleted: ((bereft, "resource_deleted"),),
    events.PayerChanged: ((payers, "payer_changed"), (channels("billing"), "payer_changed")),
    events.ChannelLinked: ((channel_itself, "channel_linked"),),
    events.ChannelUnlinked: ((channel_itself, "channel_unlinked"),),
}


def notices_of(recorded: Recorded, case: Case) -> Iterator[Notice]:
    """Every notice that an event gives rise to, each audience once a message."""
    event = recorded.event
    invitation = getattr(event, "invitation", None)
    for audience, message in NOTICES.get(type(event), ()):
        for target, answerable in dict(audience(event, recorded, case)).items():
            yield Notice(target, message, recorded.seq, invitation, answerable)
