"""Channels that go away and come under other names, and an app that is taken out, through the real app."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from collab.events import ChannelDigested, ChannelUnlinked, WorkspaceUninstalled
from tests.support.app_harness import AppHarness


def unlinked(stage: AppHarness) -> list[str]:
    exported = stage.app.database.event_log.export_events(stage.workspace)
    return [r.event.why for r in exported if isinstance(r.event, ChannelUnlinked)]


def heard(stage: AppHarness, part: str) -> bool:
    """Whether Ada, who linked the channel, was told of it."""
    stage.drain_outbox()
    return any(part in m["text"] for m in stage.ada.list_direct_messages())


@pytest.mark.rule("EVT-06")
def test_an_archived_channel_is_found_out_with_the_next_word_and_who_linked_it_is_told(
    stage: AppHarness,
) -> None:
    stage.playground.archive_channel("acme")
    stage.run_command("ada", "/collab invite @carl admin acme")
    stage.press_button("carl", stage.latest_message("carl"), "accept")

    assert heard(stage, "<#C0ACME> was archived, so it no longer hears of *Acme*")
    assert not heard(stage, "I could not tell")
    assert unlinked(stage) == ["archived"]
    assert (
        "was archived and hears of it no more"
        in stage.run_command("ada", "/collab events acme only channel")["text"]
    )


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize(
    "is_told", [True, False], ids=["by an event", "by the next word"]
)
@pytest.mark.parametrize("channel", ["acme", "finance"])
def test_a_deleted_channel_ends_its_link_and_is_told_of_once(
    stage: AppHarness, channel: str, is_told: bool
) -> None:
    stage.run_command("ada", "/invite @Collab", channel)
    stage.run_command("ada", "/collab link acme invitations", channel)
    before = stage.playground.state.workspace.get_channel(channel).id
    if is_told:
        stage.playground.delete_channel(channel)
    else:
        del stage.playground.state.workspace.channels[before]
    for n in range(8):
        stage.run_command("ada", f"/collab invite guest{n}@client.example admin acme")
    stage.drain_outbox()
    told = [m["text"] for m in stage.ada.list_direct_messages() if before in m["text"]]
    assert len(told) == 1
    assert (
        f"<#{before}> was deleted, so I stopped posting updates about *Acme* there"
        in told[0]
    )
    assert unlinked(stage) == ["deleted"]


@pytest.mark.rule("EVT-04")
def test_a_renamed_channel_goes_on_hearing(stage: AppHarness) -> None:
    stage.playground.rename_channel("acme", "acme-news")
    assert heard(stage, "is now called <#C0ACME>")
    stage.run_command("ada", "/collab invite @carl admin acme")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    assert "joined *Acme*" in stage.latest_message("bo", "acme-news")["text"]


@pytest.mark.rule("EVT-04")
def test_a_channel_that_the_app_was_taken_out_of_hears_nothing_until_it_is_linked_again(
    stage: AppHarness,
) -> None:
    stage.playground.remove_app("acme")
    assert heard(stage, "Collab is no longer in <#C0ACME>")
    assert unlinked(stage) == ["left"]

    stage.run_command("ada", "/invite @Collab", "acme")
    assert "Linked." in stage.run_command("ada", "/collab link acme", "acme")["text"]
    stage.run_command("ada", "/collab invite @carl admin acme")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    assert "joined *Acme*" in stage.latest_message("bo", "acme")["text"]


@pytest.mark.parametrize(
    "last",
    [
        ("tokens_revoked", "app_uninstalled"),
        ("app_uninstalled", "tokens_revoked"),
        ("tokens_revoked",),
    ],
)
def test_an_app_that_is_taken_out_says_and_decides_nothing_more(
    stage: AppHarness, last: tuple[str, ...]
) -> None:
    stage.run_command("ada", "/collab invite @carl admin acme")
    calls = len(stage.playground.traffic_entries)
    stage.playground.uninstall_app(event_types=last)
    stage.advance_time(days=8)

    exported = [
        r.event for r in stage.app.database.event_log.export_events(stage.workspace)
    ]
    assert isinstance(exported[-1], WorkspaceUninstalled)
    assert exported.count(WorkspaceUninstalled()) == 1
    sent = [
        e
        for e in stage.playground.traffic_entries[calls:]
        if "chat.postMessage" in e["summary"]
    ]
    assert sent == []


def replies(stage: AppHarness, channel: str = "acme") -> list[tuple[str, str | None]]:
    """The app's messages in a channel, each with the start of the message that it replies to."""
    stage.drain_outbox()
    seen = [m for m in stage.ada.list_messages(channel) if not m["ephemeral"]]
    texts = {m["ts"]: m["text"] for m in seen}
    return [
        (m["text"].partition("\n")[0], texts.get(m["thread_ts"]))
        for m in seen
        if m["user"] == stage.playground.bot_user_id
    ]


def broadcasts(stage: AppHarness) -> list[bool]:
    """Whether each reply that was sent is to be seen in the channel too."""
    calls = [
        e["body"]["args"]
        for e in stage.playground.traffic_entries
        if "chat.postMessage" in e["summary"]
    ]
    return [args["reply_broadcast"] for args in calls if "thread_ts" in args]


@pytest.mark.rule("EVT-04")
def test_what_becomes_of_an_invitation_and_of_a_membership_replies_to_how_it_began(
    stage: AppHarness,
) -> None:
    stage.run_command(
        "ada", "/collab link joins leaves removals roles invitations", "acme"
    )
    stage.run_command("ada", "/collab create app Shop in acme")
    stage.run_command("ada", "/collab invite @carl developer shop")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    stage.run_command("ada", "/collab role @carl manager shop")
    stage.run_command("ada", "/collab remove @carl shop")
    stage.press_button("ada", stage.latest_message("ada", "general"), "remove")

    told = replies(stage)[-5:]
    invited, joined = told[0][0], told[2][0]
    assert [parent and parent.partition("\n")[0] for _, parent in told] == [
        None,
        invited,
        None,
        joined,
        joined,
    ]
    assert "invited" in invited
    assert told[1][0] == "*Shop*: <@UCARL> accepted the invitation."
    assert "joined" in joined
    assert broadcasts(stage)[-3:] == [False, False, True]

    stage.press_button("ada", stage.latest_message("ada", "general"), "undo")
    assert "undid the removal" in replies(stage)[-1][0]
    assert broadcasts(stage)[-1] is True


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("decline", "declined the invitation"),
        ("revoke", "took back the invitation"),
        ("expire", "expired"),
    ],
)
def test_every_end_of_an_invitation_is_told_under_it_without_a_reason(
    stage: AppHarness, answer: str, words: str
) -> None:
    stage.run_command("ada", "/collab link invitations", "acme")
    stage.run_command("ada", "/collab invite @carl admin acme")
    if answer == "decline":
        stage.run_command("carl", '/collab decline acme note "None of your business"')
    elif answer == "revoke":
        stage.run_command("ada", "/collab revoke @carl acme")
    else:
        stage.advance_time(days=8)
    told, parent = replies(stage)[-1]
    assert words in told
    assert parent
    assert "invited" in parent
    assert "None of your business" not in str(stage.ada.list_messages("acme"))


@pytest.mark.rule("EVT-04")
def test_a_reply_stands_for_itself_when_how_it_began_was_told_to_nobody_or_is_gone(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab unlink", "acme")
    stage.run_command("ada", "/collab create app Shop in acme")
    stage.run_command("ada", "/collab invite @carl developer shop")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    stage.run_command("ada", "/collab link acme", "acme")
    stage.run_command("ada", "/collab role @carl manager shop")
    stage.run_command("ada", "/collab role @carl developer shop")
    first, second = replies(stage)[-2:]
    assert (first[1], (second[1] or "").partition("\n")[0]) == (None, first[0])

    gone = next(
        m for m in stage.ada.list_messages("acme") if m["text"].startswith(first[0])
    )
    stage.app.slack_client.call_method(
        stage.workspace, "chat.delete", channel="C0ACME", ts=gone["ts"]
    )
    stage.run_command("ada", "/collab role @carl manager shop")
    stage.run_command("ada", "/collab role @carl developer shop")
    third, fourth = replies(stage)[-2:]
    assert (third[1], (fourth[1] or "").partition("\n")[0]) == (None, third[0])


@pytest.mark.rule("EVT-04")
def test_a_channel_hears_once_a_day_of_what_happened(everywhere: AppHarness) -> None:
    stage = everywhere
    said = stage.run_command("ada", "/collab link acme daily at 9", "acme")["text"]
    assert "together, every day at 09:00 in the time zone of <@UADA>" in said
    assert "together, every day at 09:00" in stage.latest_message("bo", "acme")["text"]
    before = len(replies(stage))
    for name in ("carl", "devi"):
        stage.run_command("ada", f"/collab invite @{name} admin acme")
        stage.press_button(name, stage.latest_message(name), "accept")
    assert len(replies(stage)) == before

    stage.advance_time(days=2)

    assert len(replies(stage)) == before + 1
    told = stage.latest_message("bo", "acme")["text"]
    assert told.startswith("*Acme*: 2 things happened.")
    assert "<@UCARL> joined as an admin." in told
    assert "<@UDEVI> joined as an admin." in told
    [digest] = [
        r
        for r in stage.app.database.event_log.export_events(stage.workspace)
        if isinstance(r.event, ChannelDigested)
    ]
    assert digest.at.astimezone(ZoneInfo(stage.ada.account.tz)).hour == 9


@pytest.mark.rule("EVT-04")
def test_a_long_digest_says_that_there_is_more_and_leads_to_all_of_it(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab link acme weekly", "acme")
    stage.run_command("ada", "/collab create app Shop in acme")
    stage.run_command("ada", "/collab invite @carl developer shop")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    for n in range(45):
        stage.run_command(
            "ada", f"/collab role @carl {'developer' if n % 2 else 'manager'} shop"
        )
    stage.advance_time(days=8)

    digest = stage.latest_message("bo", "acme")
    assert "46 things happened" in digest["text"]
    assert "6 more happened. `/collab events acme` lists everything." in str(
        digest["blocks"]
    )
    stage.press_button("ada", digest, "events_page")
    answer = stage.latest_message("ada", "acme")
    assert "manager" in answer["text"]
    assert stage.latest_message("bo", "acme")["ts"] == digest["ts"]


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize("kind", ["project", "app", "database", "payment"])
def test_a_channel_is_never_told_that_somebody_joined_what_they_created(
    stage: AppHarness, kind: str
) -> None:
    stage.run_command(
        "ada",
        "/collab link acme joins leaves removals roles billing invitations",
        "acme",
    )
    stage.run_command("ada", f"/collab create {kind} Fresh in acme")
    assert not any("joined" in text for text, _ in replies(stage))
    assert "created *Fresh*" in stage.run_command("ada", "/collab show fresh")["text"]
