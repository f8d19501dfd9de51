"""Build the objects that views show, and check what the views return."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st

from bot.playground.blockkit import block_errors
from bot.rendering import renderer_for_language
from bot.slack.views import Message, blocks
from bot.slack.views.notifications import NotificationContext
from collab import events
from collab.event_log import EventLine
from collab.events import RecordedEvent
from collab.memberships.offboarding_queries import OffboardingStatement
from collab.model import (
    NOBODY,
    AccessRequest,
    AccessRequestId,
    ChannelId,
    Invitation,
    InvitationId,
    InvoiceId,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
    Succession,
    SuccessionId,
    WorkspaceId,
)
from collab.open_items import (
    AccessRequestView,
    ExpiringMembershipView,
    InvitationView,
    OpenItem,
    SuccessionView,
)
from collab.person_matches import MatchView
from collab.removal_impact import RemainingRole, RemovalPreview

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
HOSTILE_TEXTS = [
    "&" * 500,
    "<!channel>" * 50,
    "*" * 500,
    ":smile:" * 70,
    "a" * 500,
    "> x\n" * 120,
    "\u202e" * 40 + "x",
    "ß" * 500,
]
RENDERER = renderer_for_language("en")


in_both_languages = pytest.mark.parametrize(
    "renderer", [RENDERER, RENDERER.for_locale("de-DE")], ids=["English", "German"]
)
ADA = replace(
    NOBODY,
    id=PersonId("P1"),
    team="T1",
    user="UADA",
    title="Ada",
    email="ada@example.com",
)
CARL = replace(
    NOBODY,
    id=PersonId("P2"),
    team="T1",
    user="UCARL",
    title="Carl",
    email="carl@example.com",
)
STRANGER = replace(NOBODY, id=PersonId("P3"), email="stranger@example.com")
ACME = Resource(ResourceId("R1"), "company", "acme", "Acme")
CREW = Resource(ResourceId("R4"), "team", "crew", "Crew")
INVITATION_ID = InvitationId("I1")
REQUEST_ID = AccessRequestId("Q1")
SUCCESSION_ID = SuccessionId("S1")
CHANNEL_ID = ChannelId("C1")
CAPABILITIES_OF_ADMIN = ("view", "edit", "delete", "create", "pay", "invoices")


typed_texts = st.one_of(
    st.sampled_from(HOSTILE_TEXTS), st.text(min_size=1, max_size=500)
)


def build_invitation(number: int = 1, **changes: Any) -> Invitation:
    """Return an invitation of Carl to Acme, with some fields changed."""
    fields: dict[str, Any] = {
        "id": f"I{number}",
        "resource": "R1",
        "person": "P2",
        "inviter": "P1",
        "role": "admin",
        "also": (),
        "team": None,
        "asked": (),
        "purpose": "join",
        "lasts": None,
        "until": None,
        "note": None,
        "state": "pending",
        "sent": MONDAY,
        "expires": MONDAY + WEEK,
        "due": MONDAY + WEEK,
        "marks": 0,
        "snoozed": None,
        "muted": False,
        "answered": None,
        "answered_by": None,
    }
    return Invitation(**{**fields, **changes})


def build_invitation_view(
    number: int = 1, person: Person = CARL, resource: Resource = ACME, **changes: Any
) -> InvitationView:
    """Return an invitation with what its messages need."""
    return InvitationView(
        build_invitation(number, **changes),
        resource,
        (resource,),
        person,
        None,
        ADA,
        CAPABILITIES_OF_ADMIN,
    )


def build_request_view(
    state: str = "pending",
    person: Person = CARL,
    resource: Resource = ACME,
    note: str | None = None,
) -> AccessRequestView:
    """Return Carl's access request for Acme."""
    answer = (None, None) if state == "pending" else (MONDAY, "P1")
    request = AccessRequest(
        REQUEST_ID,
        resource.id,
        person.id,
        "admin",
        note,
        (PersonId("P1"),),
        state,
        MONDAY,
        MONDAY + WEEK,
        *answer,
    )
    return AccessRequestView(
        request,
        resource,
        person,
        CAPABILITIES_OF_ADMIN,
        ADA if state in {"granted", "declined"} else None,
    )


def build_succession_view(
    state: str = "pending",
    person: Person = CARL,
    resource: Resource = ACME,
    support: int = 1,
) -> SuccessionView:
    """Return the succession of Carl's role in Acme."""
    succession = Succession(
        SUCCESSION_ID,
        resource.id,
        person.id,
        "owner",
        (PersonId("P1"),),
        state,
        PersonId("P1") if state == "settled" else None,
    )
    return SuccessionView(
        succession,
        resource,
        person,
        [(ADA, person)] * support,
        ADA if state == "settled" else None,
    )


def build_membership_view(
    person: Person = CARL,
    resource: Resource = ACME,
    until: datetime | None = MONDAY + WEEK,
) -> ExpiringMembershipView:
    """Return Carl's expiring membership of Acme."""
    return ExpiringMembershipView(
        resource, person, Membership(resource.id, person.id, "admin", MONDAY, until)
    )


def build_notification_context(
    event_line: EventLine | None,
    subject: OpenItem | None,
    viewer: Person | None,
    *stale_resources: Resource,
) -> NotificationContext:
    """Return the context of a notification."""
    statement = OffboardingStatement(
        CARL, ADA, MONDAY, [(ACME, "admin")], [(ACME, ADA)], MONDAY + WEEK
    )
    match = MatchView(NOBODY, [(ACME, "admin")], 2) if viewer else None
    return NotificationContext(
        MONDAY,
        viewer,
        subject,
        event_line,
        stale_resources,
        statement=statement,
        match=match,
        claimant=CARL if viewer else None,
    )


def build_event_line(
    event: events.Event,
    person: Person | None = CARL,
    resource: Resource = ACME,
    actor: Person = ADA,
) -> EventLine:
    """Return an event with what its text needs."""
    return EventLine(
        RecordedEvent(WorkspaceId("T1"), 1, MONDAY, actor.id or None, "command", event),
        actor,
        person,
        resource,
    )


def build_removal_preview(
    person: Person = CARL,
    resource: Resource = ACME,
    revoked: list[InvitationView] | None = None,
    many: int = 45,
) -> RemovalPreview:
    """Return the preview of a removal from Acme."""
    remains = [RemainingRole(resource, "admin", resource)] * many
    ends = [(resource, "admin")] * many
    return RemovalPreview(
        person,
        resource,
        "admin",
        CAPABILITIES_OF_ADMIN,
        ends,
        remains,
        revoked or [],
        "owner",
    )


def check_message(message: Message) -> Message:
    """Assert that a message keeps Slack's limits, and return it."""
    assert block_errors(message["blocks"]) == []
    assert message["text"]
    assert len(message["text"]) <= blocks.MAX_MESSAGE_TEXT
    return message


def list_controls(message: Message) -> list[dict[str, Any]]:
    """Return the controls of a message."""
    rows = [
        [*b.get("elements", []), *([b["accessory"]] if "accessory" in b else [])]
        for b in message["blocks"]
    ]
    return [e for elements in rows for e in elements if "action_id" in e]


def message_text(message: Message) -> str:
    """Return the texts of a message, small print last."""
    texts = [b.get("text", {}).get("text", "") for b in message["blocks"]]
    small = [
        e.get("text", "")
        for b in message["blocks"]
        if b["type"] == "context"
        for e in b["elements"]
    ]
    return "\n".join([*texts, *small])


SAMPLE_EVENTS: dict[type[events.Event], Any] = {
    events.InvitationSent: events.InvitationSent(
        INVITATION_ID,
        ACME.id,
        CARL.id,
        ADA.id,
        "admin",
        WEEK,
        None,
        "note",
        MONDAY,
        MONDAY,
    ),
    events.InvitationResent: events.InvitationResent(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, MONDAY, MONDAY
    ),
    events.InvitationReminded: events.InvitationReminded(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, 1, MONDAY
    ),
    events.InvitationAccepted: events.InvitationAccepted(
        INVITATION_ID, ACME.id, CARL.id, ADA.id
    ),
    events.InvitationDeclined: events.InvitationDeclined(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, "a secret reason"
    ),
    events.InvitationRevoked: events.InvitationRevoked(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, "admin", "right_lost"
    ),
    events.InvitationExpired: events.InvitationExpired(
        INVITATION_ID, ACME.id, CARL.id, ADA.id
    ),
    events.InvitationAskedAgain: events.InvitationAskedAgain(
        INVITATION_ID, ACME.id, CARL.id, ADA.id
    ),
    events.InvitationUndelivered: events.InvitationUndelivered(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, "mailbox_refused"
    ),
    events.InvitationSuperseded: events.InvitationSuperseded(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, InvitationId("I2")
    ),
    events.InvitationReopened: events.InvitationReopened(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, MONDAY
    ),
    events.HandoverAgreed: events.HandoverAgreed(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, MONDAY + WEEK, None
    ),
    events.HandoverDone: events.HandoverDone(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, "admin", ResourceId("R2")
    ),
    events.HandoverFailed: events.HandoverFailed(
        INVITATION_ID, ACME.id, CARL.id, ADA.id, "is_disabled", "Acme"
    ),
    events.HandoverTakenBack: events.HandoverTakenBack(
        INVITATION_ID,
        InvitationId("I2"),
        ACME.id,
        CARL.id,
        ADA.id,
        CARL.id,
        ADA.id,
    ),
    events.MemberJoined: events.MemberJoined(
        ACME.id, CARL.id, "admin", MONDAY, INVITATION_ID
    ),
    events.MemberRoleChanged: events.MemberRoleChanged(
        ACME.id, CARL.id, "owner", None, "admin", None
    ),
    events.MemberLeft: events.MemberLeft(ACME.id, CARL.id, "admin"),
    events.MemberRemoved: events.MemberRemoved(ACME.id, CARL.id, "admin"),
    events.MemberEnded: events.MemberEnded(ACME.id, CARL.id, "admin"),
    events.MemberRestored: events.MemberRestored(
        ACME.id, CARL.id, "admin", MONDAY, MONDAY + WEEK, MONDAY, 7
    ),
    events.MemberWarned: events.MemberWarned(
        ACME.id, CARL.id, "admin", MONDAY + WEEK, MONDAY
    ),
    events.MemberExtended: events.MemberExtended(
        ACME.id, CARL.id, "admin", MONDAY + WEEK, MONDAY, MONDAY
    ),
    events.ResourceMoved: events.ResourceMoved(
        ACME.id, ResourceId("R3"), ResourceId("R2"), (ADA.id,)
    ),
    events.PersonOffboarded: events.PersonOffboarded(CARL.id, "O1"),
    events.PersonReinstated: events.PersonReinstated(CARL.id, 7),
    events.KeysAssigned: events.KeysAssigned(ACME.id, CARL.id, MONDAY + WEEK),
    events.MailStopped: events.MailStopped(CARL.id, "bounced"),
    events.MailAllowed: events.MailAllowed(CARL.id),
    events.PersonMerged: events.PersonMerged(PersonId("P2"), CARL.id),
    events.InvitationClaimed: events.InvitationClaimed(
        INVITATION_ID, ACME.id, STRANGER.id, ADA.id, CARL.id
    ),
    events.PersonMatched: events.PersonMatched(CARL.id, STRANGER.id),
    events.PersonMatchRejected: events.PersonMatchRejected(CARL.id, STRANGER.id),
    events.PersonSeparated: events.PersonSeparated(STRANGER.id, CARL.id, "{}"),
    events.SignInRequested: events.SignInRequested(CARL.id),
    events.PersonErased: events.PersonErased(CARL.id, (PersonId("P2"),)),
    events.PersonVerified: events.PersonVerified(CARL.id),
    events.PersonSignedOut: events.PersonSignedOut(CARL.id),
    events.PersonReturned: events.PersonReturned(PersonId("P2"), MONDAY, is_late=False),
    events.ResourceCreated: events.ResourceCreated(
        "app", ACME.id, "shop", "Shop", ResourceId("R3")
    ),
    events.OwnershipTransferred: events.OwnershipTransferred(
        ACME.id, CARL.id, ADA.id, INVITATION_ID, "owner", "admin"
    ),
    events.ResourceDisabled: events.ResourceDisabled(ACME.id),
    events.ResourceEnabled: events.ResourceEnabled(ACME.id),
    events.ResourceDeleted: events.ResourceDeleted(ACME.id, "Acme"),
    events.PayerChanged: events.PayerChanged(
        ACME.id, ResourceId("R2"), ResourceId("R3")
    ),
    events.BillingTransferred: events.BillingTransferred(
        ACME.id,
        (ResourceId("R5"),),
        CARL.id,
        ADA.id,
        INVITATION_ID,
        ResourceId("R2"),
        (ResourceId("R3"),),
    ),
    events.BillingDetailed: events.BillingDetailed(
        ResourceId("R2"), "Street 1", "bills@example.com", "PO-7"
    ),
    events.ResourceRetired: events.ResourceRetired(ResourceId("R2"), "Card"),
    events.InvoiceAdded: events.InvoiceAdded(
        ResourceId("R2"),
        InvoiceId("V1"),
        "2026-1",
        "2026-11-01",
        "119.00",
        "EUR",
        "f" * 64,
        1000,
    ),
    events.PlanChanged: events.PlanChanged(ACME.id, "studio", None),
    events.ChannelLinked: events.ChannelLinked(
        CHANNEL_ID, ACME.id, ("joins", "leaves")
    ),
    events.ChannelUnlinked: events.ChannelUnlinked(CHANNEL_ID, ACME.id),
    events.ChannelRenamed: events.ChannelRenamed(CHANNEL_ID, ACME.id, "news", ADA.id),
    events.DigestSent: events.DigestSent("channel:C1", 3, 99, ACME.id, ADA.id),
    events.RequestSent: events.RequestSent(
        REQUEST_ID, ACME.id, CARL.id, "admin", "please", MONDAY + WEEK, (ADA.id,)
    ),
    events.RequestGranted: events.RequestGranted(REQUEST_ID, ACME.id, CARL.id, "admin"),
    events.RequestDeclined: events.RequestDeclined(
        REQUEST_ID, ACME.id, CARL.id, "admin", "a secret reason"
    ),
    events.RequestReopened: events.RequestReopened(
        REQUEST_ID, ACME.id, CARL.id, "admin"
    ),
    events.RequestEnded: events.RequestEnded(
        REQUEST_ID, ACME.id, CARL.id, "admin", "time"
    ),
    events.SuccessionOpened: events.SuccessionOpened(
        SUCCESSION_ID, ACME.id, CARL.id, "owner", (ADA.id,)
    ),
    events.SuccessionSupported: events.SuccessionSupported(
        SUCCESSION_ID, ACME.id, CARL.id, ADA.id
    ),
    events.SuccessionSettled: events.SuccessionSettled(
        SUCCESSION_ID, ACME.id, CARL.id, "owner"
    ),
    events.TeamShared: events.TeamShared(CREW.id, ACME.id, "developer", None),
    events.TeamUnshared: events.TeamUnshared(CREW.id, ACME.id, "developer"),
    events.TeamAssigned: events.TeamAssigned(CREW.id, ACME.id, CARL.id),
    events.TeamUnassigned: events.TeamUnassigned(CREW.id, ACME.id, CARL.id),
}
