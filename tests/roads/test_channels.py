"""Channels that go away and come under other names, and an app that is taken out, through the real app."""

from __future__ import annotations

import pytest
from stage import Stage

from collab.events import ChannelUnlinked, WorkspaceUninstalled


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
    assert unlinked(stage) == ["archived"]
    assert "was archived and hears of it no more" in stage.says("ada", "/collab events acme only channel")["text"]


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
