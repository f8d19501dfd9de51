"""Channels that go away and come under other names, and an app that is taken out, through the real app."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from collab.events import ChannelDigested, ChannelUnlinked, WorkspaceUninstalled
from tests.support.app_harness import Stage


def unlinked(stage: Stage) -> list[str]:
    exported = stage.house.database.journal.export(stage.workspace)
    return [r.event.why for r in exported if isinstance(r.event, ChannelUnlinked)]


def heard(stage: Stage, part: str) -> bool:
    """Whether Ada, who linked the channel, was told of it."""
    stage.settle()
    return any(part in m["text"] for m in stage.ada.direct_messages())


@pytest.mark.rule("EVT-06")
def test_an_archived_channel_is_found_out_with_the_next_word_and_who_linked_it_is_told(stage: Stage) -> None:
    stage.playground.archive("acme")
    stage.says("ada", "/collab invite @carl admin acme")
    stage.presses("carl", stage.last("carl"), "accept")

    assert heard(stage, "<#C0ACME> was archived, so it no longer hears of *Acme*")
    assert not heard(stage, "I could not tell")
    assert unlinked(stage) == ["archived"]
    assert "was archived and hears of it no more" in stage.says("ada", "/collab events acme only channel")["text"]


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize("is_told", [True, False], ids=["by an event", "by the next word"])
@pytest.mark.parametrize("channel", ["acme", "finance"])
def test_a_deleted_channel_ends_its_link_and_is_told_of_once(stage: Stage, channel: str, is_told: bool) -> None:
    stage.says("ada", "/invite @Collab", channel)
    stage.says("ada", "/collab link acme invitations", channel)
    before = stage.playground.site.world.channel(channel).id
    if is_told:
        stage.playground.delete_channel(channel)
    else:
        del stage.playground.site.world.channels[before]
    for n in range(8):
        stage.says("ada", f"/collab invite guest{n}@client.example admin acme")
    stage.settle()
    told = [m["text"] for m in stage.ada.direct_messages() if before in m["text"]]
    assert len(told) == 1
    assert f"<#{before}> was deleted, so I stopped posting updates about *Acme* there" in told[0]
    assert unlinked(stage) == ["deleted"]


@pytest.mark.rule("EVT-04")
def test_a_renamed_channel_goes_on_hearing(stage: Stage) -> None:
    stage.playground.rename("acme", "acme-news")
    assert heard(stage, "is now called <#C0ACME>")
    stage.says("ada", "/collab invite @carl admin acme")
    stage.presses("carl", stage.last("carl"), "accept")
    assert "joined *Acme*" in stage.last("bo", "acme-news")["text"]


@pytest.mark.rule("EVT-04")
def test_a_channel_that_the_app_was_taken_out_of_hears_nothing_until_it_is_linked_again(stage: Stage) -> None:
    stage.playground.removes_app("acme")
    assert heard(stage, "Collab is no longer in <#C0ACME>")
    assert unlinked(stage) == ["left"]

    stage.says("ada", "/invite @Collab", "acme")
    assert "Linked." in stage.says("ada", "/collab link acme", "acme")["text"]
    stage.says("ada", "/collab invite @carl admin acme")
    stage.presses("carl", stage.last("carl"), "accept")
    assert "joined *Acme*" in stage.last("bo", "acme")["text"]


@pytest.mark.parametrize(
    "last", [("tokens_revoked", "app_uninstalled"), ("app_uninstalled", "tokens_revoked"), ("tokens_revoked",)]
)
def test_an_app_that_is_taken_out_says_and_decides_nothing_more(stage: Stage, last: tuple[str, ...]) -> None:
    stage.says("ada", "/collab invite @carl admin acme")
    calls = len(stage.playground.traffic)
    stage.playground.uninstall(tell=last)
    stage.travels(days=8)

    exported = [r.event for r in stage.house.database.journal.export(stage.workspace)]
    assert isinstance(exported[-1], WorkspaceUninstalled)
    assert exported.count(WorkspaceUninstalled()) == 1
    sent = [e for e in stage.playground.traffic[calls:] if "chat.postMessage" in e["summary"]]
    assert sent == []


def replies(stage: Stage, channel: str = "acme") -> list[tuple[str, str | None]]:
    """The app's messages in a channel, each with the start of the message that it replies to."""
    stage.settle()
    seen = [m for m in stage.ada.messages(channel) if not m["ephemeral"]]
    texts = {m["ts"]: m["text"] for m in seen}
    return [
        (m["text"].partition("\n")[0], texts.get(m["thread_ts"]))
        for m in seen
        if m["user"] == stage.playground.bot_user_id
    ]


def broadcasts(stage: Stage) -> list[bool]:
    """Whether each reply that was sent is to be seen in the channel too."""
    calls = [e["body"]["args"] for e in stage.playground.traffic if "chat.postMessage" in e["summary"]]
    return [args["reply_broadcast"] for args in calls if "thread_ts" in args]


@pytest.mark.rule("EVT-04")
def test_what_becomes_of_an_invitation_and_of_a_membership_replies_to_how_it_began(stage: Stage) -> None:
    stage.says("ada", "/collab link joins leaves removals roles invitations", "acme")
    stage.says("ada", "/collab create app Shop in acme")
    stage.says("ada", "/collab invite @carl developer shop")
    stage.presses("carl", stage.last("carl"), "accept")
    stage.says("ada", "/collab role @carl manager shop")
    stage.says("ada", "/collab remove @carl shop")
    stage.presses("ada", stage.last("ada", "general"), "remove")

    told = replies(stage)[-5:]
    invited, joined = told[0][0], told[2][0]
    assert [parent and parent.partition("\n")[0] for _, parent in told] == [None, invited, None, joined, joined]
    assert "invited" in invited
    assert told[1][0] == "*Shop*: <@UCARL> accepted the invitation."
    assert "joined" in joined
    assert broadcasts(stage)[-3:] == [False, False, True]

    stage.presses("ada", stage.last("ada", "general"), "undo")
    assert "undid the removal" in replies(stage)[-1][0]
    assert broadcasts(stage)[-1] is True


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize(
    ("answer", "words"),
    [("decline", "declined the invitation"), ("revoke", "took back the invitation"), ("expire", "expired")],
)
def test_every_end_of_an_invitation_is_told_under_it_without_a_reason(stage: Stage, answer: str, words: str) -> None:
    stage.says("ada", "/collab link invitations", "acme")
    stage.says("ada", "/collab invite @carl admin acme")
    if answer == "decline":
        stage.says("carl", '/collab decline acme note "None of your business"')
    elif answer == "revoke":
        stage.says("ada", "/collab revoke @carl acme")
    else:
        stage.travels(days=8)
    told, parent = replies(stage)[-1]
    assert words in told
    assert parent
    assert "invited" in parent
    assert "None of your business" not in str(stage.ada.messages("acme"))


@pytest.mark.rule("EVT-04")
def test_a_reply_stands_for_itself_when_how_it_began_was_told_to_nobody_or_is_gone(stage: Stage) -> None:
    stage.says("ada", "/collab unlink", "acme")
    stage.says("ada", "/collab create app Shop in acme")
    stage.says("ada", "/collab invite @carl developer shop")
    stage.presses("carl", stage.last("carl"), "accept")
    stage.says("ada", "/collab link acme", "acme")
    stage.says("ada", "/collab role @carl manager shop")
    stage.says("ada", "/collab role @carl developer shop")
    first, second = replies(stage)[-2:]
    assert (first[1], (second[1] or "").partition("\n")[0]) == (None, first[0])

    gone = next(m for m in stage.ada.messages("acme") if m["text"].startswith(first[0]))
    stage.house.slack.call(stage.workspace, "chat.delete", channel="C0ACME", ts=gone["ts"])
    stage.says("ada", "/collab role @carl manager shop")
    stage.says("ada", "/collab role @carl developer shop")
    third, fourth = replies(stage)[-2:]
    assert (third[1], (fourth[1] or "").partition("\n")[0]) == (None, third[0])


@pytest.mark.rule("EVT-04")
def test_a_channel_hears_once_a_day_of_what_happened(everywhere: Stage) -> None:
    stage = everywhere
    said = stage.says("ada", "/collab link acme daily at 9", "acme")["text"]
    assert "together, every day at 09:00 in the time zone of <@UADA>" in said
    assert "together, every day at 09:00" in stage.last("bo", "acme")["text"]
    before = len(replies(stage))
    for name in ("carl", "devi"):
        stage.says("ada", f"/collab invite @{name} admin acme")
        stage.presses(name, stage.last(name), "accept")
    assert len(replies(stage)) == before

    stage.travels(days=2)

    assert len(replies(stage)) == before + 1
    told = stage.last("bo", "acme")["text"]
    assert told.startswith("*Acme*: 2 things happened.")
    assert "<@UCARL> joined as an admin." in told
    assert "<@UDEVI> joined as an admin." in told
    [digest] = [r for r in stage.house.database.journal.export(stage.workspace) if isinstance(r.event, ChannelDigested)]
    assert digest.at.astimezone(ZoneInfo(stage.ada.account.tz)).hour == 9


@pytest.mark.rule("EVT-04")
def test_a_long_digest_says_that_there_is_more_and_leads_to_all_of_it(stage: Stage) -> None:
    stage.says("ada", "/collab link acme weekly", "acme")
    stage.says("ada", "/collab create app Shop in acme")
    stage.says("ada", "/collab invite @carl developer shop")
    stage.presses("carl", stage.last("carl"), "accept")
    for n in range(45):
        stage.says("ada", f"/collab role @carl {'developer' if n % 2 else 'manager'} shop")
    stage.travels(days=8)

    digest = stage.last("bo", "acme")
    assert "46 things happened" in digest["text"]
    assert "6 more happened. `/collab events acme` lists everything." in str(digest["blocks"])
    stage.presses("ada", digest, "events_page")
    answer = stage.last("ada", "acme")
    assert "manager" in answer["text"]
    assert stage.last("bo", "acme")["ts"] == digest["ts"]


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize("kind", ["project", "app", "database", "payment"])
def test_a_channel_is_never_told_that_somebody_joined_what_they_created(stage: Stage, kind: str) -> None:
    stage.says("ada", "/collab link acme joins leaves removals roles billing invitations", "acme")
    stage.says("ada", f"/collab create {kind} Fresh in acme")
    assert not any("joined" in text for text, _ in replies(stage))
    assert "created *Fresh*" in stage.says("ada", "/collab show fresh")["text"]
