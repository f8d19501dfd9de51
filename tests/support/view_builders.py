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
from collab.audit_log import EventLine
from collab.events import RecordedEvent
from collab.impact import RemainingRole, RemovalPreview
from collab.model import (
    NOBODY,
    AccessRequest,
    Invitation,
    Membership,
    Person,
    Resource,
    Succession,
)
from collab.open_items import (
    AccessRequestView,
    ExpiringMembershipView,
    InvitationView,
    OpenItem,
    SuccessionView,
)

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
    NOBODY, id="P1", team="T1", user="UADA", title="Ada", email="ada@example.com"
)
CARL = replace(
    NOBODY, id="P2", team="T1", user="UCARL", title="Carl", email="carl@example.com"
)
STRANGER = replace(NOBODY, id="P3", email="stranger@example.com")
ACME = Resource("R1", "company", "acme", "Acme")
CREW = Resource("R4", "team", "crew", "Crew")
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
        "Q1",
        resource.id,
        person.id,
        "admin",
        note,
        ("P1",),
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
        "S1",
        resource.id,
        person.id,
        "owner",
        ("P1",),
        state,
        "P1" if state == "settled" else None,
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
    return NotificationContext(MONDAY, viewer, subject, event_line, stale_resources)


def build_event_line(
    event: events.Event,
    person: Person | None = CARL,
    resource: Resource = ACME,
    actor: Person = ADA,
) -> EventLine:
    """Return an event with what its text needs."""
    return EventLine(
        RecordedEvent("T1", 1, MONDAY, actor.id or None, "command", event),
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
        "I1", "R1", "P2", "P1", "admin", WEEK, None, "note", MONDAY, MONDAY
    ),
    events.InvitationResent: events.InvitationResent(
        "I1", "R1", "P2", "P1", MONDAY, MONDAY
    ),
    events.InvitationReminded: events.InvitationReminded(
        "I1", "R1", "P2", "P1", 1, MONDAY
    ),
    events.InvitationAccepted: events.InvitationAccepted("I1", "R1", "P2", "P1"),
    events.InvitationDeclined: events.InvitationDeclined(
        "I1", "R1", "P2", "P1", "a secret reason"
    ),
    events.InvitationRevoked: events.InvitationRevoked(
        "I1", "R1", "P2", "P1", "admin", "right_lost"
    ),
    events.InvitationExpired: events.InvitationExpired("I1", "R1", "P2", "P1"),
    events.InvitationSuperseded: events.InvitationSuperseded(
        "I1", "R1", "P2", "P1", "I2"
    ),
    events.InvitationReopened: events.InvitationReopened(
        "I1", "R1", "P2", "P1", MONDAY
    ),
    events.MemberJoined: events.MemberJoined("R1", "P2", "admin", MONDAY, "I1"),
    events.MemberRoleChanged: events.MemberRoleChanged(
        "R1", "P2", "owner", None, "admin", None
    ),
    events.MemberLeft: events.MemberLeft("R1", "P2", "admin"),
    events.MemberRemoved: events.MemberRemoved("R1", "P2", "admin"),
    events.MemberEnded: events.MemberEnded("R1", "P2", "admin"),
    events.MemberRestored: events.MemberRestored(
        "R1", "P2", "admin", MONDAY, MONDAY + WEEK, MONDAY, 7
    ),
    events.MemberWarned: events.MemberWarned(
        "R1", "P2", "admin", MONDAY + WEEK, MONDAY
    ),
    events.MemberExtended: events.MemberExtended(
        "R1", "P2", "admin", MONDAY + WEEK, MONDAY, MONDAY
    ),
    events.ResourceCreated: events.ResourceCreated("app", "R1", "shop", "Shop", "R3"),
    events.ResourceMoved: events.ResourceMoved("R1", "R3", "R2", ("P1",)),
    events.OwnershipTransferred: events.OwnershipTransferred(
        "R1", "P2", "P1", "I1", "owner", "admin"
    ),
    events.ResourceDeleted: events.ResourceDeleted("R1", "Acme"),
    events.PayerChanged: events.PayerChanged("R1", "R2", "R3"),
    events.BillingTransferred: events.BillingTransferred(
        "R1", ("R5",), "P2", "P1", "I1", "R2", ("R3",)
    ),
    events.BillingDetailed: events.BillingDetailed(
        "R2", "Street 1", "bills@example.com", "PO-7"
    ),
    events.ResourceRetired: events.ResourceRetired("R2", "Card"),
    events.InvoiceAdded: events.InvoiceAdded(
        "R2", "V1", "2026-1", "2026-11-01", "119.00", "EUR", "f" * 64, 1000
    ),
    events.PlanChanged: events.PlanChanged("R1", "studio", None),
    events.ChannelLinked: events.ChannelLinked("C1", "R1", ("joins", "leaves")),
    events.ChannelUnlinked: events.ChannelUnlinked("C1", "R1"),
    events.ChannelRenamed: events.ChannelRenamed("C1", "R1", "news", "P1"),
    events.DigestSent: events.DigestSent("channel:C1", 3, 99, "R1", "P1"),
    events.RequestSent: events.RequestSent(
        "Q1", "R1", "P2", "admin", "please", MONDAY + WEEK, ("P1",)
    ),
    events.RequestGranted: events.RequestGranted("Q1", "R1", "P2", "admin"),
    events.RequestDeclined: events.RequestDeclined(
        "Q1", "R1", "P2", "admin", "a secret reason"
    ),
    events.RequestEnded: events.RequestEnded("Q1", "R1", "P2", "admin", "time"),
    events.SuccessionOpened: events.SuccessionOpened(
        "S1", "R1", "P2", "owner", ("P1",)
    ),
    events.SuccessionSupported: events.SuccessionSupported("S1", "R1", "P2", "P1"),
    events.SuccessionSettled: events.SuccessionSettled("S1", "R1", "P2", "owner"),
    events.TeamShared: events.TeamShared("R4", "R1", "developer", None),
    events.TeamUnshared: events.TeamUnshared("R4", "R1", "developer"),
    events.TeamAssigned: events.TeamAssigned("R4", "R1", "P2"),
    events.TeamUnassigned: events.TeamUnassigned("R4", "R1", "P2"),
}
