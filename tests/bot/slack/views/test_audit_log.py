"""Lists of events."""

from __future__ import annotations

from dataclasses import replace

from bot.rendering import Renderer
from bot.slack.views.audit_log import events_message
from collab import events
from collab.audit_log import EventList
from collab.model import NOBODY
from tests.support.view_builders import (
    ACME,
    ADA,
    MONDAY,
    SAMPLE_EVENTS,
    WEEK,
    build_event_line,
    check_message,
    in_both_languages,
    message_text,
)


@in_both_languages
def test_every_event_has_a_text(renderer: Renderer) -> None:
    samples = [*SAMPLE_EVENTS.values()]
    samples += [
        events.WorkspaceInstalled("Acme HQ", "UBOT"),
        events.PersonRecognised("P2", "T1", "UCARL", None),
        events.PersonProfiled(
            "P2", "T1", "Carl", None, "UTC", None, False, False, True
        ),
        events.PersonMerged("P2", "P1"),
        events.ResourceCreated("company", "R1", "acme", "Acme"),
        events.ResourceRenamed("R1", "Acme", "Acme Ltd"),
        *(
            events.ResourceDescribed("R1", description, None)
            for description in ("Sells things", None)
        ),
        *(
            events.ResourceMoved("R1", *places)
            for places in ((None, "R2"), ("R2", None), ("R2", "R3"))
        ),
        events.ResourceDisabled("R1"),
        events.ResourceEnabled("R1"),
        *(
            events.PayerChanged("R1", *payers)
            for payers in ((None, "R2"), ("R2", None))
        ),
        *(
            events.TeamShared("R4", "R1", "developer", before)
            for before in (None, "manager")
        ),
        replace(SAMPLE_EVENTS[events.InvitationSent], person=None, team="R4"),
        replace(SAMPLE_EVENTS[events.InvitationSent], purpose="pay"),
        replace(SAMPLE_EVENTS[events.InvitationSent], purpose="own"),
        events.PlanChanged("R1", None, "studio"),
        events.InvitationEdited(
            "I1",
            "R1",
            "P2",
            "P1",
            "owner",
            None,
            MONDAY,
            "admin",
            WEEK,
            None,
            MONDAY,
            MONDAY,
        ),
        events.InvitationDeferred("I1", "R1", "P2", MONDAY),
        events.InvitationSnoozed("I1", "R1", "P2", MONDAY, MONDAY),
        events.InvitationMuted("I1", "R1", "P2", MONDAY),
        events.KeysRotated("R1"),
        events.SuccessionClosed("S1", "R1", "held"),
        *(
            events.ChannelUnlinked("C1", "R1", why, "P1")
            for why in ("archived", "left")
        ),
        events.MemberExtended("R1", "P2", "admin", None, MONDAY, None),
        events.MemberEnded("R1", "P2", "admin", "lapsed"),
        *(
            events.RequestEnded("Q1", "R1", "P2", "admin", why)
            for why in ("asker", "gone", "held", "withdrawn")
        ),
        *(
            events.WorkspaceSet("lifetime", value, None, "{}")
            for value in ("14d", None)
        ),
        events.WorkspaceUninstalled(),
        events.PersonSet("P2", "notices", "digest", "direct"),
        events.DigestSent("person:P2", item_count=1, last_seq=7),
        events.NoticeRetried(7, "channel:C1", "member_left"),
        *(
            events.InvitationRevoked("I1", "R1", "P2", "P1", "admin", why)
            for why in ("asked", "deleted", "removed", "shared", "twin", "unreachable")
        ),
    ]
    assert {type(e) for e in samples} == set(events.EVENTS.values())
    for start in range(0, len(samples), 20):
        lines = [
            build_event_line(e, actor=NOBODY if n % 2 else ADA)
            for n, e in enumerate(samples[start : start + 20])
        ]
        message = check_message(
            events_message(
                renderer, EventList(ACME, lines, 7), is_older_page=False, next_value="x"
            )
        )
        assert "secret" not in message_text(message)
