"""Channel updates, changes of linked channels, and the uninstallation of the app."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from collab.events import ChannelUnlinked, DigestSent, WorkspaceUninstalled
from tests.support.app_harness import AppHarness


def list_unlink_reasons(harness: AppHarness) -> list[str]:
    exported = harness.app.database.event_log.export_events(harness.workspace)
    return [
        record.event.why
        for record in exported
        if isinstance(record.event, ChannelUnlinked)
    ]


def has_notification(harness: AppHarness, text: str) -> bool:
    """Return whether Ada, who linked the channel, got a message with this text."""
    harness.drain_outbox()
    return any(
        text in message["text"] for message in harness.ada.list_direct_messages()
    )


@pytest.mark.rule("EVT-06")
def test_an_archived_channel_is_unlinked_with_the_next_message_and_its_linker_notified(
    harness: AppHarness,
) -> None:
    harness.playground.archive_channel("acme")
    harness.run_command("ada", "/collab invite @carl admin acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")

    assert has_notification(
        harness, "<#C0ACME> was archived, so I stopped posting updates"
    )
    assert not has_notification(harness, "I couldn't post")
    assert list_unlink_reasons(harness) == ["archived"]
    assert (
        "was archived, so updates stopped there"
        in harness.run_command("ada", "/collab events acme only channel")["text"]
    )


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize(
    "has_event", [True, False], ids=["by an event", "by the next message"]
)
@pytest.mark.parametrize("channel", ["acme", "finance"])
def test_a_deleted_channel_is_unlinked_with_one_notification(
    harness: AppHarness, channel: str, has_event: bool
) -> None:
    harness.run_command("ada", "/invite @Collab", channel)
    harness.run_command("ada", "/collab link acme invitations", channel)
    channel_id = harness.playground.state.workspace.get_channel(channel).id
    if has_event:
        harness.playground.delete_channel(channel)
    else:
        del harness.playground.state.workspace.channels[channel_id]
    for number in range(8):
        harness.run_command(
            "ada", f"/collab invite guest{number}@client.example admin acme"
        )
    harness.drain_outbox()
    notifications = [
        message["text"]
        for message in harness.ada.list_direct_messages()
        if channel_id in message["text"]
    ]
    assert len(notifications) == 1
    assert (
        f"<#{channel_id}> was deleted, so I stopped posting updates about *Acme* there"
        in notifications[0]
    )
    assert list_unlink_reasons(harness) == ["deleted"]


@pytest.mark.rule("EVT-04")
def test_a_renamed_channel_stays_linked(harness: AppHarness) -> None:
    harness.playground.rename_channel("acme", "acme-news")
    assert has_notification(harness, "is now called <#C0ACME>")
    harness.run_command("ada", "/collab invite @carl admin acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    assert "joined *Acme*" in harness.latest_message("bo", "acme-news")["text"]


@pytest.mark.rule("EVT-04")
def test_a_channel_without_the_app_is_unlinked_until_it_is_linked_again(
    harness: AppHarness,
) -> None:
    harness.playground.remove_app("acme")
    assert has_notification(harness, "I'm no longer in <#C0ACME>")
    assert list_unlink_reasons(harness) == ["left"]

    harness.run_command("ada", "/invite @Collab", "acme")
    assert "Linked." in harness.run_command("ada", "/collab link acme", "acme")["text"]
    harness.run_command("ada", "/collab invite @carl admin acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    assert "joined *Acme*" in harness.latest_message("bo", "acme")["text"]


@pytest.mark.parametrize(
    "event_types",
    [
        ("tokens_revoked", "app_uninstalled"),
        ("app_uninstalled", "tokens_revoked"),
        ("tokens_revoked",),
    ],
)
def test_an_uninstalled_app_sends_and_expires_nothing(
    harness: AppHarness, event_types: tuple[str, ...]
) -> None:
    harness.run_command("ada", "/collab invite @carl admin acme")
    calls = len(harness.playground.traffic_entries)
    harness.playground.uninstall_app(event_types=event_types)
    harness.advance_time(days=8)

    exported = [
        record.event
        for record in harness.app.database.event_log.export_events(harness.workspace)
    ]
    assert isinstance(exported[-1], WorkspaceUninstalled)
    assert exported.count(WorkspaceUninstalled()) == 1
    sent = [
        entry
        for entry in harness.playground.traffic_entries[calls:]
        if "chat.postMessage" in entry["summary"]
    ]
    assert sent == []


def list_updates(
    harness: AppHarness, channel: str = "acme"
) -> list[tuple[str, str | None]]:
    """Return the first line of the app's messages, with the text they reply to."""
    harness.drain_outbox()
    visible = [
        message
        for message in harness.ada.list_messages(channel)
        if not message["ephemeral"]
    ]
    texts = {message["ts"]: message["text"] for message in visible}
    return [
        (message["text"].partition("\n")[0], texts.get(message["thread_ts"]))
        for message in visible
        if message["user"] == harness.playground.bot_user_id
    ]


def list_broadcast_flags(harness: AppHarness) -> list[bool]:
    """Return whether each sent reply is also shown in the channel."""
    calls = [
        entry["body"]["args"]
        for entry in harness.playground.traffic_entries
        if "chat.postMessage" in entry["summary"]
    ]
    return [args["reply_broadcast"] for args in calls if "thread_ts" in args]


@pytest.mark.rule("EVT-04")
def test_updates_of_invitations_and_memberships_are_thread_replies(
    harness: AppHarness,
) -> None:
    harness.run_command(
        "ada", "/collab link joins leaves removals roles invitations", "acme"
    )
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.run_command("ada", "/collab invite @carl developer shop")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    harness.run_command("ada", "/collab role @carl manager shop")
    harness.run_command("ada", "/collab remove @carl shop")
    harness.press_button("ada", harness.latest_message("ada", "general"), "remove")

    assert list_updates(harness)[-5] == ("Ada created the app *Shop* in *Acme*.", None)
    updates = list_updates(harness)[-4:]
    joined_text = updates[1][0]
    assert [parent and parent.partition("\n")[0] for _, parent in updates] == [
        None,
        None,
        joined_text,
        joined_text,
    ]
    assert "invited" in updates[0][0]
    assert "joined" in joined_text
    assert list_broadcast_flags(harness)[-2:] == [False, True]

    harness.press_button("ada", harness.latest_message("ada", "general"), "undo")
    assert "undid the removal" in list_updates(harness)[-1][0]
    assert list_broadcast_flags(harness)[-1] is True


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("decline", "Carl declined"),
        ("revoke", "was withdrawn by Ada"),
        ("expire", "expired"),
    ],
)
def test_the_end_of_an_invitation_updates_its_message_without_the_reason(
    harness: AppHarness, answer: str, text: str
) -> None:
    harness.run_command("ada", "/collab link invitations", "acme")
    harness.run_command("ada", "/collab invite @carl admin acme")
    if answer == "decline":
        harness.run_command("carl", '/collab decline acme note "None of your business"')
    elif answer == "revoke":
        harness.confirm_command("ada", "/collab revoke @carl acme", "revoke")
    else:
        harness.advance_time(days=8)
    assert "Ada invited" in list_updates(harness)[-1][0]
    assert text in harness.latest_message("ada", "acme")["text"]
    assert "None of your business" not in str(harness.ada.list_messages("acme"))


@pytest.mark.rule("EVT-04")
def test_an_update_starts_a_new_thread_if_the_first_message_is_missing(
    harness: AppHarness,
) -> None:
    harness.confirm_command("ada", "/collab unlink", "unlink", "acme")
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.run_command("ada", "/collab invite @carl developer shop")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    harness.run_command("ada", "/collab link acme", "acme")
    harness.run_command("ada", "/collab role @carl manager shop")
    harness.confirm_command("ada", "/collab role @carl developer shop", "role_change")
    first, second = list_updates(harness)[-2:]
    assert (first[1], (second[1] or "").partition("\n")[0]) == (None, first[0])

    deleted = next(
        message
        for message in harness.ada.list_messages("acme")
        if message["text"].startswith(first[0])
    )
    harness.app.slack_client.call_method(
        harness.workspace, "chat.delete", channel="C0ACME", ts=deleted["ts"]
    )
    harness.run_command("ada", "/collab role @carl manager shop")
    harness.confirm_command("ada", "/collab role @carl developer shop", "role_change")
    third, fourth = list_updates(harness)[-2:]
    assert (third[1], (fourth[1] or "").partition("\n")[0]) == (None, third[0])


@pytest.mark.rule("EVT-04")
def test_a_daily_channel_digest_is_sent(each_harness: AppHarness) -> None:
    harness = each_harness
    answer = harness.run_command("ada", "/collab link acme daily at 9", "acme")["text"]
    assert "as a daily digest at 09:00 in <@UADA>'s time zone" in answer
    assert "as a daily digest at 09:00" in harness.latest_message("bo", "acme")["text"]
    count = len(list_updates(harness))
    for name in ("carl", "devi"):
        harness.run_command("ada", f"/collab invite @{name} admin acme")
        harness.press_button(name, harness.latest_message(name), "accept")
    assert len(list_updates(harness)) == count

    harness.advance_time(days=2)

    assert len(list_updates(harness)) == count + 1
    digest_text = harness.latest_message("bo", "acme")["text"]
    assert digest_text.startswith("*Acme*: 2 updates.")
    assert "Carl joined as an admin." in digest_text
    assert "Devi joined as an admin." in digest_text
    [digest] = [
        record
        for record in harness.app.database.event_log.export_events(harness.workspace)
        if isinstance(record.event, DigestSent)
    ]
    assert digest.at.astimezone(ZoneInfo(harness.ada.account.tz)).hour == 9


@pytest.mark.rule("EVT-04")
def test_a_long_channel_digest_is_cut_and_leads_to_all_events(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab link acme weekly", "acme")
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.run_command("ada", "/collab invite @carl developer shop")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    for number in range(45):
        if number % 2:
            harness.confirm_command(
                "ada", "/collab role @carl developer shop", "role_change"
            )
        else:
            harness.run_command("ada", "/collab role @carl manager shop")
    harness.advance_time(days=8)

    digest = harness.latest_message("bo", "acme")
    assert "47 updates" in digest["text"]
    assert "And 7 more. See everything with `/collab events acme`." in str(
        digest["blocks"]
    )
    harness.press_button("ada", digest, "events_page")
    answer = harness.latest_message("ada", "acme")
    assert "manager" in answer["text"]
    assert harness.latest_message("bo", "acme")["ts"] == digest["ts"]


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize("kind", ["project", "app", "database", "payment"])
def test_a_creator_is_not_announced_as_joined(harness: AppHarness, kind: str) -> None:
    harness.run_command(
        "ada",
        "/collab link acme joins leaves removals roles billing invitations",
        "acme",
    )
    harness.run_command("ada", f"/collab create {kind} Fresh in acme")
    assert not any("joined" in text for text, _ in list_updates(harness))
    assert (
        "created *Fresh*"
        in (harness.run_command("ada", "/collab events fresh")["text"])
    )
