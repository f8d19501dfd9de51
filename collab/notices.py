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
from datetime import datetime
from typing import Any

from collab import access, digests, events
from collab.case import Case
from collab.channels import Link
from collab.events import Event, Recorded
from collab.offers import JOIN, PAY

PROFILE = "profile"
MEMBERS = "members"
REFRESH = "refresh"
HOME = "home"
DIGEST, OWN_DIGEST = "digest", "own_digest"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one audience hears about one event; `answerable` hears of it when it cannot be delivered.

    `about` is the question whose messages are kept up to date: an invitation, a request, a succession, or a membership.
    """

    target: str
    message: str
    seq: int
    about: str | None = None
    answerable: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """An event that a channel hears of later, with all else that it hears of a resource by then."""

    link: Link
    seq: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice, or another errand, on its way: claimed by one courier under a lease, after so many attempts.

    Its payload is None where it has none; `is_damaged` when what is stored there cannot be read.
    """

    id: int
    workspace: str
    target: str
    message: str
    seq: int | None
    about: str | None
    answerable: str | None
    payload: dict[str, Any] | None
    attempts: int
    lease: str
    problem: str | None = None
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """A message about a question that was sent and is to be kept up to date, by channel and ts or by a URL."""

    workspace: str
    about: str
    target: str
    message: str
    channel: str | None = None
    ts: str | None = None
    response_url: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadStart:
    """The message, by its ts, under which a target hears what else happens about something."""

    workspace: str
    target: str
    about: str
    ts: str


ROLES_TAKEN = (events.MemberJoined, events.MemberRoleChanged)
Target = tuple[str | Link, str | None]
Audience = Callable[[Any, Recorded, Case], Iterator[Target]]


def person_target(person: str) -> str:
    """The target that is a person."""
    return f"person:{person}"


def person_of(target: str) -> str | None:
    """The person that a target is, if it is one."""
    kind, _, name = target.partition(":")
    return name if kind == "person" else None


def home_target(person: str) -> str:
    """The target that is what a person sees at home."""
    return f"{HOME}:{person}"


def channel_target(channel: str) -> str:
    """The target that is a channel."""
    return f"channel:{channel}"


def itself(event: Any, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The person that the event is about, and nobody to answer for it."""
    yield person_target(event.person), None


def workspace_itself(_event: Any, recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The workspace, and nobody to answer for it."""
    yield f"workspace:{recorded.workspace}", None


def without_profile(event: Any, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """The person that the event is about, unless the same act read their profile."""
    person = case.facts.person(event.person)
    if person is None or not person.profiled:
        yield person_target(event.person), None


def invited(event: Any, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """The invited person, or those of the invited team who were asked; the inviter answers for it."""
    invitation = case.facts.invitation(event.invitation)
    for person in invitation.asked if invitation and invitation.team else (event.person,):
        yield person_target(person), event.inviter


def asked(event: Any, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """Those who were asked when a request or a succession began."""
    request = getattr(event, "request", None)
    found = case.facts.request(request) if request else case.facts.succession_by_id(event.succession)
    for person in found.asked if found else ():
        yield person_target(person), None


def others_asked(event: Any, recorded: Recorded, case: Case) -> Iterator[Target]:
    """The same but who acted."""
    mine = person_target(recorded.actor or "")
    yield from ((target, answerable) for target, answerable in asked(event, recorded, case) if target != mine)


def granting(event: Any, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """Those who may grant the role of a membership for a limited time, but the member (MEM-10)."""
    resource = case.facts.resource(event.resource)
    role = event.before if isinstance(event, events.MemberRoleChanged) else event.role
    if resource and _was_limited(event):
        for person in access.granters(case, role, resource):
            if person != event.person:
                yield person_target(person), None


def _was_limited(event: Any) -> bool:
    """Whether the membership ends, or would have ended, by time."""
    if isinstance(event, events.MemberEnded | events.MemberExtended):
        return True
    return (event.before_until if isinstance(event, events.MemberRoleChanged) else event.until) is not None


def while_active(audience: Audience) -> Audience:
    """The same, as long as the person that the event is about is active: what is suspended needs nobody."""

    def hearing(event: Any, recorded: Recorded, case: Case) -> Iterator[Target]:
        person = case.facts.person(event.person)
        if person and person.active:
            yield from audience(event, recorded, case)

    return hearing


def linker(event: Any, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """Who linked a channel, when it was not they who ended that."""
    if event.linked_by and getattr(event, "why", "") != "asked":
        yield person_target(event.linked_by), None


def told_of(event: events.ResourceDeleted, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """The channels that heard of what is gone: at once where that ends their link."""
    links = links_to(case, event.resource, "removals")
    for channel in event.channels:
        yield links.get(channel, channel_target(channel)), None


def sharing(event: Any, recorded: Recorded, case: Case) -> Iterator[Target]:
    """The holders of the highest role on what a team shares, and on the team, but who did it."""
    for place in (event.resource, event.team):
        resource = case.facts.resource(place)
        for person in access.holders(case, case.kinds[resource.kind].highest, resource) if resource else ():
            if person != recorded.actor:
                yield person_target(person), None


def unless_withdrawn(event: events.RequestEnded, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The asker, unless they took the request back themselves."""
    if event.why != "withdrawn":
        yield person_target(event.person), None


def unless_asked_for(event: Any, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The person that the event is about, unless they hear of it as the answer to their request."""
    if event.request is None:
        yield person_target(event.person), None


def inviter(event: Any, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """Who sent the invitation."""
    yield person_target(event.inviter), None


def inviter_unless_actor(event: Any, recorded: Recorded, _case: Case) -> Iterator[Target]:
    """Who sent the invitation, when somebody or something else acted."""
    if recorded.actor != event.inviter:
        yield person_target(event.inviter), None


def inviter_unless_handed_over(event: Any, recorded: Recorded, case: Case) -> Iterator[Target]:
    """Who sent the invitation, when no event of its own tells them that billing changed hands."""
    invitation = case.facts.invitation(event.invitation)
    if invitation is None or invitation.purpose != PAY:
        yield from inviter(event, recorded, case)


def invited_to_take_over(event: events.InvitationRevoked, recorded: Recorded, case: Case) -> Iterator[Target]:
    """Who was offered billing or ownership, when the offer died by itself (BIL-05)."""
    invitation = case.facts.invitation(event.invitation)
    if invitation and invitation.purpose != JOIN and event.why not in {"asked", "unreachable"}:
        yield from invited(event, recorded, case)


def reading(event: events.InvoiceAdded, recorded: Recorded, case: Case) -> Iterator[Target]:
    """Everybody who was given a role with which invoices can be read; of several at once they hear at the first.

    Where nobody was given the highest role, those hear who hold it by what the thing stands in.
    """
    before = case.facts.event(recorded.seq - 1)
    if before and before.at == recorded.at and getattr(before.event, "invoice", None):
        return
    resource = case.facts.resource(event.resource)
    if resource is None:
        return
    highest, members = case.kinds[resource.kind].highest, case.facts.members(event.resource, case.at)
    standing_in = () if any(m.role == highest for m in members) else access.holders(case, highest, resource)
    for person in (*(m.person for m in members), *standing_in):
        if access.may(case, person, "invoices", resource):
            yield person_target(person), None


def both_sides(event: events.BillingTransferred, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """Who had the billing and who has it, and all who hold what paid and what pays."""
    yield person_target(event.inviter), None
    yield person_target(event.person), None
    for place in (*event.before, event.payer):
        method = case.facts.resource(place)
        for person in access.holders(case, case.kinds[method.kind].highest, method) if method else ():
            yield person_target(person), None


def payers_by_hand(event: events.PayerChanged, recorded: Recorded, case: Case) -> Iterator[Target]:
    """Those whom a change of what pays concerns, where it did not change hands by an offer."""
    if event.invitation is None:
        yield from payers(event, recorded, case)


def hearing_of_payer(event: events.PayerChanged, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """The channels that hear of it, but those that hear of an offer by which it changed hands."""
    by = case.facts.invitation(event.invitation) if event.invitation else None
    told = links_to(case, by.resource, "billing") if by else {}
    for channel, link in links_to(case, event.resource, "billing").items():
        if channel not in told:
            yield link, link.person


def holders_told(event: Any, recorded: Recorded, case: Case) -> Iterator[Target]:
    """The holders of the highest role on a thing, but who did it."""
    resource = case.facts.resource(event.resource)
    for person in access.holders(case, case.kinds[resource.kind].highest, resource) if resource else ():
        if person != recorded.actor:
            yield person_target(person), None


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
    if not (event.invitation or event.request or event.within) and recorded.actor != event.person:
        yield person_target(event.person), None


def bereft(event: events.ResourceDeleted, recorded: Recorded, _case: Case) -> Iterator[Target]:
    """Everybody who lost something by a deletion, but who did it."""
    for person in event.people:
        if person != recorded.actor:
            yield person_target(person), None


def concerned_by_move(event: events.ResourceMoved, recorded: Recorded, case: Case) -> Iterator[Target]:
    """Whoever lost a role by a move, and those who may create things in the old or the new place, but the actor."""
    people = list(event.people)
    for place in (event.before, event.parent):
        resource = case.facts.resource(place) if place else None
        if resource:
            creating = [role.name for role in case.kinds[resource.kind].roles if "create" in role.can]
            people += [person for role in creating for person in access.holders(case, role, resource)]
    for person in dict.fromkeys(people):
        if person != recorded.actor:
            yield person_target(person), None


def channels_of_move(event: events.ResourceMoved, _recorded: Recorded, case: Case) -> Iterator[Target]:
    """The channels linked to what was moved, to its old place, or to its new one; each once."""
    links = links_to(case, event.before, "removals") if event.before else {}
    for link in (links_to(case, event.resource, "joins") | links).values():
        yield link, link.person


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
        if not getattr(event, "within", None) and not _belongs_to_transfer(event, case):
            yield from ((link, link.person) for link in links_to(case, event.resource, group).values())

    return linked


def _belongs_to_transfer(event: Any, case: Case) -> bool:
    """Whether a role changed because billing or ownership changed hands, which is told in one sentence of its own."""
    invitation = getattr(event, "invitation", None) if isinstance(event, ROLES_TAKEN) else None
    found = case.facts.invitation(invitation) if invitation else None
    return found is not None and found.purpose != JOIN


def links_to(case: Case, what: str, group: str) -> dict[str, Link]:
    """How each channel hears of a resource with that group: by the link to it, or to the nearest that it stands in."""
    resource = case.facts.resource(what)
    found: dict[str, Link] = {}
    for place in (resource, *access.containers(case, resource)) if resource else ():
        for link in case.facts.links(place.id):
            if group in link.groups:
                found.setdefault(link.channel, link)
    return found


def channel_itself(event: Any, recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The channel that was linked or unlinked; who did it answers for it. One that is closed hears nothing."""
    if getattr(event, "why", "asked") == "asked":
        yield channel_target(event.channel), recorded.actor


def gathering(event: events.ChannelDigested, _recorded: Recorded, _case: Case) -> Iterator[Target]:
    """The channel that is told together; who linked it answers for it."""
    yield channel_target(event.channel), event.linked_by


NOTICES: dict[type[Event], tuple[tuple[Audience, str], ...]] = {
    events.WorkspaceInstalled: ((workspace_itself, MEMBERS),),
    events.PersonRecognised: ((without_profile, PROFILE),),
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
        (inviter_unless_handed_over, "invitation_accepted"),
        (channels("invitations"), REFRESH),
        (channels("invitations"), "invitation_settled"),
    ),
    events.InvitationDeclined: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter, "invitation_declined"),
        (channels("invitations"), REFRESH),
        (channels("invitations"), "invitation_settled"),
    ),
    events.InvitationRevoked: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter_unless_actor, "invitation_revoked"),
        (invited_to_take_over, "offer_died"),
        (granters_of_lost, "invitation_lost"),
        (channels("invitations"), REFRESH),
        (channels("invitations"), "invitation_settled"),
    ),
    events.InvitationExpired: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter, "invitation_expired"),
        (channels("invitations"), REFRESH),
        (channels("invitations"), "invitation_settled"),
    ),
    events.InvitationSuperseded: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (inviter_unless_actor, "invitation_superseded"),
        (channels("invitations"), REFRESH),
        (channels("invitations"), "invitation_settled"),
    ),
    events.MemberJoined: ((placed, "member_joined"), (channels("joins"), "member_joined")),
    events.MemberRoleChanged: (
        (unless_asked_for, "member_role_changed"),
        (channels("roles"), "member_role_changed"),
        (granting, REFRESH),
    ),
    events.MemberLeft: ((concerned, "member_left"), (channels("leaves"), "member_left"), (granting, REFRESH)),
    events.MemberRemoved: (
        (concerned, "member_removed"),
        (channels("removals"), "member_removed"),
        (granting, REFRESH),
    ),
    events.MemberEnded: ((concerned, "member_ended"), (channels("leaves"), "member_ended"), (granting, REFRESH)),
    events.MemberRestored: ((concerned, "member_restored"), (channels("joins"), "member_restored")),
    events.MemberWarned: ((while_active(itself), "member_warned"), (while_active(granting), "member_ends_soon")),
    events.MemberExtended: ((itself, "member_extended"), (granting, REFRESH)),
    events.ResourceDeleted: ((bereft, "resource_deleted"), (told_of, "resource_deleted")),
    events.ResourceMoved: ((concerned_by_move, "resource_moved"), (channels_of_move, "resource_moved")),
    events.PayerChanged: ((payers_by_hand, "payer_changed"), (hearing_of_payer, "payer_changed")),
    events.BillingTransferred: ((both_sides, "billing_transferred"), (channels("billing"), "billing_transferred")),
    events.OwnershipTransferred: ((channels("roles"), "ownership_transferred"),),
    events.BillingDetailed: ((holders_told, "billing_detailed"),),
    events.ResourceRetired: ((holders_told, "resource_retired"),),
    events.InvoiceAdded: ((reading, "invoice_added"),),
    events.PlanChanged: ((holders_told, "plan_changed"),),
    events.ChannelLinked: ((channel_itself, "channel_linked"),),
    events.ChannelUnlinked: ((channel_itself, "channel_unlinked"), (linker, "channel_closed")),
    events.ChannelRenamed: ((linker, "channel_renamed"),),
    events.ChannelDigested: ((gathering, DIGEST),),
    events.InvitationReopened: (
        (invited, REFRESH),
        (inviter, REFRESH),
        (channels("invitations"), REFRESH),
        (channels("invitations"), "invitation_settled"),
    ),
    events.RequestSent: ((asked, "request"),),
    events.RequestGranted: ((asked, REFRESH), (itself, "request_granted")),
    events.RequestDeclined: ((asked, REFRESH), (itself, "request_declined")),
    events.RequestEnded: ((asked, REFRESH), (unless_withdrawn, "request_ended")),
    events.SuccessionOpened: ((asked, "succession"),),
    events.SuccessionSupported: ((asked, REFRESH), (others_asked, "succession_supported")),
    events.SuccessionSettled: ((asked, REFRESH),),
    events.SuccessionClosed: ((asked, REFRESH),),
    events.TeamShared: ((sharing, "team_shared"),),
    events.TeamUnshared: ((sharing, "team_unshared"),),
    events.TeamAssigned: ((itself, "team_assigned"),),
    events.TeamUnassigned: ((itself, "team_unassigned"),),
    events.PersonDigested: ((while_active(itself), OWN_DIGEST),),
}


# What begins a thread in a channel. All else about the same invitation or membership replies to it.
STARTS = (events.InvitationSent, events.MemberJoined)
# A reply that the channel sees too: a thread is read by those who follow it, and who goes concerns everybody there.
# Who is restored was told to be gone, so that is told as loudly.
ENDS = (events.MemberLeft, events.MemberRemoved, events.MemberEnded, events.MemberRestored)


def notices_of(recorded: Recorded, case: Case) -> Iterator[Notice | Held]:
    """Every notice that an event gives rise to, each audience once a message; held where a channel hears of it later.

    What was sent before is brought up to date at once everywhere.
    """
    about = about_of(recorded.event)
    for audience, message in NOTICES.get(type(recorded.event), ()):
        for target, answerable in dict(audience(recorded.event, recorded, case)).items():
            if isinstance(target, str):
                yield Notice(target, message, recorded.seq, about, answerable)
            elif target.rhythm == digests.EACH or message == REFRESH:
                yield Notice(channel_target(target.channel), message, recorded.seq, about, answerable)
            else:
                yield Held(target, recorded.seq, digests.due_at(case, target))


def thread_of(event: Any) -> str | None:
    """What a message to a channel belongs to: an invitation, or a membership, by the resource and the person."""
    if event.name.startswith("member."):
        return f"{event.resource} {event.person}"
    return str(event.invitation) if event.name.startswith("invitation.") else None


def homes_of(notices: Iterable[Notice], actor: str, seq: int) -> Iterator[Notice]:
    """What everybody sees at home whom an act concerns: those who hear of it, and who did it; once each."""
    told = (notice.target.partition(":") for notice in notices)
    people = [*(name for kind, _, name in told if kind == "person"), *([actor] if actor else [])]
    for person in dict.fromkeys(people):
        yield Notice(home_target(person), HOME, seq)


def about_of(event: Any) -> str | None:
    """The open question that an event is about; of a membership that ends by time, the resource and the person."""
    named = (getattr(event, name, None) for name in ("invitation", "request", "succession"))
    found: str | None = next(filter(None, named), None)
    if found:
        return found
    return f"{event.resource} {event.person}" if event.name.startswith("member.") else None
