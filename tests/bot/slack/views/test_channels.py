"""The cards of channels keep Slack's limits whatever things are called, and lose nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import block_errors, view_errors
from bot.rendering import renderer_for_language
from bot.slack.commands.verbs.workspace import LINK
from bot.slack.routes import ACTION_HANDLERS, SUBMISSION_HANDLERS
from bot.slack.views.channels import (
    linked_channels_view,
)
from bot.slack.views.digests import MAX_EVENT_LINES, channel_digest_message
from bot.slack.views.form_options import VerbForm
from bot.slack.views.forms import verb_form_view
from collab import events
from collab.channels import EVENT_GROUPS, ChannelLinkList, ChannelLinkView
from collab.event_log import EventLine
from collab.events import RecordedEvent
from collab.model import (
    NOBODY,
    ChannelId,
    ChannelLink,
    Frequency,
    PersonId,
    Resource,
    ResourceId,
    WorkspaceId,
)
from collab.notifications.digests import VALID_HOURS
from collab.roles import ROLE_MODEL

WORDS = renderer_for_language("en")
EMPTY_FORM = VerbForm(LINK, ROLE_MODEL)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADA = replace(NOBODY, id=PersonId("P1"), team="T1", user="UADA", title="Ada")
ACME = Resource(ResourceId("R" + "0" * 28), "company", "acme", "Acme")
LONG = [
    "&" * 500,
    "<!channel>" * 50,
    "*" * 500,
    "a" * 500,
    "ß" * 500,
    "\u202e" * 40 + "x",
    "> x\n" * 120,
]
typed = st.one_of(st.sampled_from(LONG), st.text(min_size=1, max_size=500))


def linked(
    number: int, resource: Resource = ACME, groups: tuple[str, ...] = EVENT_GROUPS
) -> ChannelLinkView:
    return ChannelLinkView(
        ChannelLink(
            ChannelId(f"C{number:09}"),
            resource.id,
            groups,
            PersonId("P1"),
            list(Frequency)[number % 3],
            number % 24,
        ),
        resource,
        ADA,
    )


def happened(number: int, resource: Resource = ACME) -> EventLine:
    event = events.MemberJoined(resource.id, PersonId("P1"), "admin", None, None)
    return EventLine(
        RecordedEvent(
            WorkspaceId("T1"), number, MONDAY, PersonId("P1"), "command", event
        ),
        ADA,
        ADA,
        resource,
    )


def digest_line(many: int, resource: Resource | None = ACME) -> EventLine:
    event = events.DigestSent("channel:C1", many, 99, ACME.id, PersonId("P1"))
    return EventLine(
        RecordedEvent(WorkspaceId("T1"), 9, MONDAY, None, "time", event),
        NOBODY,
        None,
        resource,
    )


def written(blocks: list[dict[str, Any]]) -> str:
    return "\n".join(b["text"]["text"] for b in blocks if "text" in b)


def controls(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        e
        for b in blocks
        for e in (*b.get("elements", ()), b.get("accessory", {}))
        if "action_id" in e
    ]


@given(title=typed)
@settings(max_examples=25)
def test_the_window_and_its_choices_keep_the_limits_whatever_a_thing_is_called(
    title: str,
) -> None:
    resource = replace(ACME, title=title)
    for rhythm in Frequency:
        for channel in ("", "C000000001"):
            values = {
                "what": resource.id,
                "channel": channel,
                "groups": EVENT_GROUPS[0],
                "rhythm": rhythm,
                "hour": "23",
            }
            form = replace(
                EMPTY_FORM,
                values=values,
                resources={resource.id: resource},
                tz="America/Argentina/Buenos_Aires",
                metadata=resource.id,
            )
            assert view_errors(verb_form_view(WORDS, form)) == []


@given(title=typed)
@settings(max_examples=25)
def test_the_channels_keep_the_limits_and_name_every_one(title: str) -> None:
    resource = replace(ACME, title=title)
    rows = [linked(n, resource) for n in range(20)]
    for shown in (
        ChannelLinkList(None, rows, 1),
        ChannelLinkList(resource, rows, None),
        ChannelLinkList(None, [], None),
    ):
        for page in (0, 3):
            view = linked_channels_view(
                WORDS,
                shown,
                page,
                WORDS.render(
                    "replies/unlinked",
                    resource=resource,
                    event=digest_line(1).recorded.event,
                ),
            )
            assert view_errors(view) == []
            assert all(
                f"<#C{n:09}> gets updates about" in written(view["blocks"])
                for n in range(len(shown.links))
            )
            assert "<!channel>" not in written(view["blocks"])


def test_an_empty_list_says_how_to_begin_and_all_that_can_be_pressed_leads_somewhere() -> (
    None
):
    bare = linked_channels_view(WORDS, ChannelLinkList(None, [], None), 0)
    assert "You haven't linked a channel yet." in written(bare["blocks"])
    assert "No channel is linked to *Acme* yet." in written(
        linked_channels_view(WORDS, ChannelLinkList(ACME, [], None), 0)["blocks"]
    )
    full = linked_channels_view(WORDS, ChannelLinkList(None, [linked(1)], 1), 0)
    found = [c for view in (bare, full) for c in controls(view["blocks"])]
    names = {c["action_id"] for c in found if c["type"] == "button"}
    names |= {o["value"].partition(" ")[0] for c in found for o in c.get("options", ())}
    assert names == {"link_open", "link_edit", "unlink_ask", "channels_page"}
    assert names <= set(ACTION_HANDLERS)
    assert all(c["accessibility_label"] for c in found if c["type"] == "button")
    window = verb_form_view(WORDS, EMPTY_FORM)
    assert window["callback_id"] in SUBMISSION_HANDLERS
    assert "find:link what" in {b["element"]["action_id"] for b in window["blocks"]}


def test_every_group_is_explained_and_every_hour_offered() -> None:
    fields = {
        b["block_id"].partition(" ")[0]: b["element"]
        for b in verb_form_view(WORDS, EMPTY_FORM)["blocks"]
    }
    assert [o["value"] for o in fields["groups"]["options"]] == list(EVENT_GROUPS)
    assert all(o["description"]["text"] for o in fields["groups"]["options"])
    assert [int(o["value"]) for o in fields["hour"]["options"]] == list(VALID_HOURS)
    assert [o["value"] for o in fields["rhythm"]["options"]] == list(Frequency)


@pytest.mark.rule("EVT-07")
@given(
    title=typed, many=st.sampled_from([1, 2, MAX_EVENT_LINES, MAX_EVENT_LINES + 1, 500])
)
@settings(max_examples=25)
def test_a_digest_keeps_the_limits_and_leads_to_what_it_leaves_out(
    title: str, many: int
) -> None:
    resource = replace(ACME, title=title)
    lines = [
        happened(n, replace(resource, id=ResourceId(f"R{n}")))
        for n in range(min(many, MAX_EVENT_LINES))
    ]
    message = channel_digest_message(WORDS, digest_line(many, resource), lines)
    assert block_errors(message["blocks"]) == []
    assert f"{many} update" in message["text"]
    assert "<!channel>" not in message["text"] + written(message["blocks"])
    buttons = [c["action_id"] for c in controls(message["blocks"])]
    assert buttons == (["events_page"] if many > MAX_EVENT_LINES else [])
    assert (f"{many - MAX_EVENT_LINES} more." in written(message["blocks"])) is (
        many > MAX_EVENT_LINES
    )


def test_a_digest_of_what_is_gone_still_tells_what_happened() -> None:
    message = channel_digest_message(WORDS, digest_line(1, None), [happened(1)])
    assert "joined as an admin" in message["text"]


def test_what_a_channel_hears_of_is_said_in_the_readers_language() -> None:
    shown = linked(1, groups=("joins", "billing"))
    facts: dict[str, Any] = {"link": shown.link, "resource": ACME, "person": ADA}
    assert ": joins and billing (" in WORDS.render("modals/channel", **facts).text
    assert (
        ": Beitritte und Abrechnung ("
        in renderer_for_language("de").render("modals/channel", **facts).text
    )
