"""Lists of events."""

from __future__ import annotations

from dataclasses import replace

from bot.rendering import Renderer
from bot.slack.views.event_log import events_message
from collab import events
from collab.event_log import EventList
from collab.model import (
    NOBODY,
    AccessRequestId,
    ChannelId,
    DeliveryId,
    InvitationId,
    SuccessionId,
)
from tests.support.view_builders import (
    ACME,
    ADA,
    CARL,
    CREW,
    MONDAY,
    RENDERER,
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
        events.PersonRecognised(CARL.id, "T1", "UCARL", None),
        events.PersonProfiled(
            CARL.id, "T1", "Carl", None, "UTC", None, False, False, True
        ),
        events.PersonMerged(CARL.id, ADA.id),
        events.ResourceCreated("company", ACME.id, "acme", "Acme"),
        events.ResourceRenamed(ACME.id, "Acme", "Acme Ltd"),
        *(
            events.ResourceDescribed(ACME.id, description, None)
            for description in ("Sells things", None)
        ),
        *(
            events.ResourceMoved(ACME.id, *places)
            for places in ((None, "R2"), ("R2", None), ("R2", "R3"))
        ),
        events.ResourceDisabled(ACME.id),
        events.ResourceEnabled(ACME.id),
        *(
            events.PayerChanged(ACME.id, *payers)
            for payers in ((None, "R2"), ("R2", None))
        ),
        *(
            events.TeamShared(CREW.id, ACME.id, "developer", before)
            for before in (None, "manager")
        ),
        replace(SAMPLE_EVENTS[events.InvitationSent], person=None, team="R4"),
        replace(SAMPLE_EVENTS[events.InvitationSent], purpose="pay"),
        replace(SAMPLE_EVENTS[events.InvitationSent], purpose="own"),
        events.PlanChanged(ACME.id, None, "studio"),
        events.InvitationEdited(
            InvitationId("I1"),
            ACME.id,
            CARL.id,
            ADA.id,
            "owner",
            None,
            MONDAY,
            "admin",
            WEEK,
            None,
            MONDAY,
            MONDAY,
        ),
        events.InvitationDeferred(InvitationId("I1"), ACME.id, CARL.id, MONDAY),
        events.InvitationSnoozed(InvitationId("I1"), ACME.id, CARL.id, MONDAY, MONDAY),
        events.InvitationMuted(InvitationId("I1"), ACME.id, CARL.id, MONDAY),
        events.KeysRotated(ACME.id),
        events.SuccessionClosed(SuccessionId("S1"), ACME.id, "held"),
        *(
            events.ChannelUnlinked(ChannelId("C1"), ACME.id, why, ADA.id)
            for why in ("archived", "left")
        ),
        events.MemberExtended(ACME.id, CARL.id, "admin", None, MONDAY, None),
        events.MemberEnded(ACME.id, CARL.id, "admin", "lapsed"),
        *(
            events.RequestEnded(AccessRequestId("Q1"), ACME.id, CARL.id, "admin", why)
            for why in ("asker", "gone", "held", "withdrawn")
        ),
        *(
            events.WorkspaceSet("lifetime", value, None, "{}")
            for value in ("14d", None)
        ),
        events.WorkspaceUninstalled(),
        events.WorkspaceDisabled(),
        events.WorkspaceEnabled(),
        events.PersonSet(CARL.id, "notices", "digest", "direct"),
        events.DigestSent("person:P2", item_count=1, last_seq=7),
        events.NoticeRetried(DeliveryId(7), "channel:C1", "member_left"),
        *(
            events.InvitationRevoked(
                InvitationId("I1"), ACME.id, CARL.id, ADA.id, "admin", why
            )
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


@in_both_languages
def test_a_line_names_what_it_is_about_once(renderer: Renderer) -> None:
    for kind in SAMPLE_EVENTS:
        sample = SAMPLE_EVENTS[kind]
        if hasattr(sample, "title"):
            sample = replace(sample, title=ACME.title)
        line = build_event_line(sample, CARL, ACME)
        text = renderer.render("home/recent", lines=[line]).text
        assert text.count(f"*{ACME.title}*") <= 1, text


def test_a_new_name_stands_beside_the_one_before_alone() -> None:
    renamed = events.ResourceRenamed(ACME.id, title=ACME.title, before="Pixel")
    line = build_event_line(renamed, CARL, ACME)
    text = RENDERER.render("home/recent", lines=[line]).text
    assert f"renamed *Pixel* to *{ACME.title}*" in text
    assert text.count(ACME.title) == 1
